//! The rules of the sign-in path (design 4.1 and 4.6), with the package's cipher built from another
//! library.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::common::{MAX_PARTITIONS, NOW, TestHost, cases, client_session, notified, session};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join;
use pollster::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rollcall::cookie_value::CookieValue;
use rollcall::coordination::{ValidationRequest, validate_session};
use rollcall::delivery::deliver_due;
use rollcall::error::{Code, Result};
use rollcall::event::Event;
use rollcall::notification::LogoutReason;
use rollcall::ports::ListRequest;
use rollcall::query::{SessionQuery, query_sessions};
use rollcall::removal::{RemovalRequest, remove_sessions};
use rollcall::session::{Attributes, Session, SessionChange, SessionCondition, SessionKey};
use rollcall::settings::{CoordinationOptions, SessionLimit};
use rollcall::ticket::{NewSession, Renewal, TicketCipher, TicketStore};
use rollcall::time::Timestamp;

/// A key ring with AES-256-GCM. Its tickets are strings.
pub(crate) struct Ring {
    current: &'static str,
    keys: BTreeMap<&'static str, [u8; 32]>,
    nonces: RefCell<u8>,
}

impl Ring {
    fn new() -> Self {
        Ring { current: "k1", keys: BTreeMap::from([("k1", [1; 32])]), nonces: RefCell::new(0) }
    }

    fn cipher(&self, key_id: &str) -> Option<Aes256Gcm> {
        self.keys.get(key_id).map(|key| Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)))
    }
}

impl TicketCipher for Ring {
    type Ticket = String;

    fn current(&self) -> &str {
        self.current
    }

    async fn seal(&self, key_id: &str, associated_data: &[u8], ticket: &String) -> Result<String> {
        let mut nonces = self.nonces.borrow_mut();
        *nonces += 1;
        let nonce = [*nonces; 12];
        let payload = Payload { msg: ticket.as_bytes(), aad: associated_data };
        let sealed = self.cipher(key_id).unwrap().encrypt(&Nonce::from(nonce), payload).unwrap();
        Ok(URL_SAFE_NO_PAD.encode([nonce.to_vec(), sealed].concat()))
    }

    async fn open(
        &self,
        key_id: &str,
        associated_data: &[u8],
        body: &str,
    ) -> Result<Option<String>> {
        let Some(cipher) = self.cipher(key_id) else { return Ok(None) };
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(body) else { return Ok(None) };
        let Some((nonce, sealed)) = bytes.split_first_chunk::<12>() else { return Ok(None) };
        let opened =
            cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: associated_data });
        Ok(opened.ok().map(|text| String::from_utf8(text).unwrap()))
    }
}

pub(crate) struct Path {
    pub host: TestHost,
    pub ring: Ring,
    pub limit: Option<SessionLimit>,
}

impl Path {
    pub fn new() -> Self {
        Path { host: TestHost::new(), ring: Ring::new(), limit: None }
    }

    pub fn tickets(&self) -> TicketStore<'_, TestHost, Ring> {
        TicketStore { host: &self.host, cipher: &self.ring, limit: self.limit }
    }

    /// Signs in and returns the cookie value.
    pub fn store(&self, session: NewSession<String>) -> String {
        block_on(self.tickets().store(session)).unwrap().to_hex()
    }

    fn renew(&self, cookie: &str, change: Renewal<String>) -> Option<String> {
        block_on(self.tickets().renew(cookie, change)).unwrap().map(|cookie| cookie.to_hex())
    }

    fn rotate(&self, cookie: &str) -> Option<String> {
        block_on(self.tickets().rotate(cookie)).unwrap().map(|cookie| cookie.to_hex())
    }

    fn add_client(&self, cookie: &str, client: &str) -> bool {
        block_on(self.tickets().add_client(cookie, &client_session(client))).unwrap()
    }

    fn remove(&self, cookie: &str) -> bool {
        block_on(self.tickets().remove(cookie)).unwrap()
    }

    /// The session and its ticket, if the cookie value is signed in.
    fn retrieve(&self, cookie: &str) -> Option<(Session, Option<String>)> {
        let found = block_on(self.tickets().retrieve(cookie)).unwrap();
        found.map(|(row, ticket)| ((*row).clone(), ticket))
    }

    fn find_row(&self, cookie: &str) -> Option<Session> {
        self.host.stores.sessions().get(&key_of(cookie)).unwrap()
    }

    fn row(&self, cookie: &str) -> Session {
        self.find_row(cookie).unwrap()
    }

    fn all_rows(&self) -> Vec<Session> {
        let request = ListRequest { limit: usize::MAX, ..ListRequest::default() };
        let page = self.host.stores.sessions().list(&request).unwrap();
        page.sessions.iter().map(|row| (**row).clone()).collect()
    }

    /// Changes the sealed ticket of a row directly in the store.
    pub fn tamper(&self, cookie: &str, ticket: String) {
        let change = SessionChange { ticket: Some(Some(ticket)), ..SessionChange::default() };
        assert!(
            self.host
                .stores
                .sessions()
                .update(&key_of(cookie), &change, &SessionCondition::NONE)
                .unwrap()
        );
    }

    /// Whether every call finds this cookie value not signed in, and how often the store was asked.
    fn signed_out_everywhere(&self, cookie: &str) -> (bool, usize) {
        let before = self.host.script.calls.get();
        let signed_out = self.retrieve(cookie).is_none()
            && self.renew(cookie, Renewal::default()).is_none()
            && self.renew(cookie, as_bob()).is_none()
            && self.rotate(cookie).is_none()
            && !self.add_client(cookie, "web")
            && !self.remove(cookie);
        (signed_out, self.host.script.calls.get() - before)
    }
}

fn key_of(cookie: &str) -> SessionKey {
    CookieValue::parse(cookie).unwrap().key()
}

fn as_bob() -> Renewal<String> {
    Renewal {
        subject_id: Some("bob".into()),
        ticket: Some("his claims".into()),
        ..Renewal::default()
    }
}

fn sign_in(subject_id: &str) -> NewSession<String> {
    NewSession {
        subject_id: subject_id.into(),
        ticket: Some("her claims".into()),
        ..NewSession::default()
    }
}

fn alice() -> NewSession<String> {
    sign_in("alice")
}

fn until(expires: Timestamp) -> NewSession<String> {
    NewSession { expires: Some(expires), ..alice() }
}

fn is_hex(text: &str, bytes: usize) -> bool {
    text.len() == 2 * bytes
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[test]
fn a_cookie_value_retrieves_the_session_and_its_ticket() {
    let path = Path::new();
    let cookie = path.store(NewSession {
        display_name: Some("Älice".into()),
        issuer: Some("https://op.example".into()),
        clients: vec![client_session("web"), client_session("web"), client_session("app=its sid")],
        ip_address: Some("192.0.2.1".into()),
        user_agent: Some("browser".into()),
        attributes: Some(Attributes(vec![("device".into(), "phone".into())])),
        ..until(NOW.plus(1))
    });
    assert!(is_hex(&cookie, 32));
    let (session, ticket) = path.retrieve(&cookie).unwrap();
    assert_eq!(ticket.as_deref(), Some("her claims"));
    assert!(is_hex(&session.session_id, 16));
    let expected = Session {
        key: key_of(&cookie),
        scheme: "default".into(),
        subject_id: "alice".into(),
        session_id: session.session_id.clone(),
        display_name: Some("Älice".into()),
        display_name_folded: Some("älice".into()),
        issuer: Some("https://op.example".into()),
        created: NOW,
        renewed: NOW,
        expires: Some(NOW.plus(1)),
        clients: vec![client_session("web"), client_session("app=its sid")],
        ip_address: Some("192.0.2.1".into()),
        user_agent: Some("browser".into()),
        attributes: Some(Attributes(vec![("device".into(), "phone".into())])),
        ticket: session.ticket.clone(),
    };
    assert_eq!(session, expected);
    assert_ne!(cookie, path.store(alice()));
}

#[test]
fn the_stored_ticket_is_sealed_and_has_its_key_id() {
    let path = Path::new();
    let cookie = path.store(alice());
    let sealed = path.row(&cookie).ticket.unwrap();
    assert!(sealed.starts_with("1.k1.") && !sealed.contains("claims"), "{sealed}");
    assert_ne!(sealed, path.row(&path.store(alice())).ticket.unwrap());
}

#[test]
fn invalid_sign_ins_are_rejected_and_store_nothing() {
    let path = Path::new();
    let bad = [
        NewSession { subject_id: " ".into(), ..alice() },
        NewSession { session_id: Some("".into()), ..alice() },
        NewSession { clients: vec![client_session(" ")], ..alice() },
        until(NOW),
        until(NOW.minus(1)),
    ];
    for session in bad {
        assert_eq!(
            block_on(path.tickets().store(session)).unwrap_err().code(),
            Code::InvalidArgument
        );
    }
    assert_eq!(path.host.stores.sessions().count(&Default::default(), None).unwrap(), 0);
}

#[test]
fn no_call_of_the_sign_in_path_finds_an_expired_session() {
    let path = Path::new();
    let cookie = path.store(until(NOW.plus(10)));
    path.host.now.set(NOW.plus(9));
    assert!(path.retrieve(&cookie).is_some());
    path.host.now.set(NOW.plus(10));
    assert!(path.retrieve(&cookie).is_none(), "`expires` <= now");
    assert!(path.renew(&cookie, Renewal { expires: Some(None), ..Renewal::default() }).is_none());
    assert!(path.renew(&cookie, as_bob()).is_none());
    assert!(path.rotate(&cookie).is_none());
    assert!(!path.add_client(&cookie, "web"));
    assert_eq!(path.row(&cookie).expires, Some(NOW.plus(10)), "unchanged");
}

#[test]
fn a_session_without_an_expiry_never_expires() {
    let path = Path::new();
    let cookie = path.store(alice());
    path.host.now.set(Timestamp::MAX);
    assert!(path.retrieve(&cookie).is_some());
}

#[test]
fn a_renewal_changes_the_members_that_it_names() {
    let path = Path::new();
    let cookie =
        path.store(NewSession { display_name: Some("Alice".into()), ..until(NOW.plus(100)) });
    path.host.now.set(NOW.plus(50));
    let change = Renewal {
        display_name: Some(Some("ALICE B".into())),
        expires: Some(Some(NOW.plus(150))),
        user_agent: Some(Some("other".into())),
        ..Renewal::default()
    };
    assert_eq!(path.renew(&cookie, change).as_ref(), Some(&cookie), "the same value");
    let (session, ticket) = path.retrieve(&cookie).unwrap();
    assert_eq!(
        (session.created, session.renewed, session.expires),
        (NOW, NOW.plus(50), Some(NOW.plus(150)))
    );
    assert_eq!(session.display_name_folded.as_deref(), Some("alice b"), "found by its new name");
    assert_eq!(
        (session.user_agent.as_deref(), ticket.as_deref()),
        (Some("other"), Some("her claims"))
    );

    let clear = Renewal { display_name: Some(None), expires: Some(None), ..Renewal::default() };
    assert!(path.renew(&cookie, clear).is_some());
    let (session, _) = path.retrieve(&cookie).unwrap();
    assert_eq!(
        (session.display_name, session.display_name_folded, session.expires),
        (None, None, None)
    );

    let change = Renewal { ticket: Some("new claims".into()), ..Renewal::default() };
    assert!(path.renew(&cookie, change).is_some());
    assert_eq!(path.retrieve(&cookie).unwrap().1.as_deref(), Some("new claims"));
}

#[test]
fn a_renewal_never_re_creates_a_removed_session() {
    let path = Path::new();
    let cookie = path.store(alice());
    assert!(path.remove(&cookie));
    for change in [Renewal::default(), as_bob()] {
        assert!(path.renew(&cookie, change).is_none());
    }
    assert!(path.rotate(&cookie).is_none());
    assert!(path.all_rows().is_empty());
    assert!(!path.remove(&cookie), "removed once");
}

#[test]
fn every_renewal_seals_the_ticket_with_the_current_key() {
    let changes: [fn() -> Renewal<String>; 4] = [
        Renewal::default,
        || Renewal { expires: Some(Some(NOW.plus(10))), ..Renewal::default() },
        || Renewal { display_name: Some(Some("Alice".into())), ..Renewal::default() },
        || Renewal { ticket: Some("new".into()), ..Renewal::default() },
    ];
    for change in changes {
        let mut path = Path::new();
        let ticket = change().ticket.unwrap_or_else(|| "ticket".to_owned());
        let cookie = path.store(NewSession { ticket: Some("ticket".into()), ..alice() });
        path.ring.keys.insert("k2", [2; 32]);
        path.ring.current = "k2";
        assert_eq!(path.renew(&cookie, change()), Some(cookie.clone()));
        path.ring.keys.remove("k1");
        assert_eq!(path.retrieve(&cookie).unwrap().1, Some(ticket));
    }
}

#[test]
fn a_renewal_does_not_seal_a_ticket_again_that_has_the_current_key_or_is_absent() {
    let mut path = Path::new();
    let cookie = path.store(NewSession { ticket: Some("ticket".into()), ..alice() });
    let sealed = path.row(&cookie).ticket;
    assert!(path.renew(&cookie, Renewal::default()).is_some());
    assert_eq!(path.row(&cookie).ticket, sealed);
    let bare = path.store(NewSession { ticket: None, ..sign_in("bob") });
    path.ring.keys.insert("k2", [2; 32]);
    path.ring.current = "k2";
    assert!(path.renew(&bare, Renewal::default()).is_some());
    path.ring.keys.remove("k1");
    assert!(path.renew(&cookie, Renewal::default()).is_none(), "it doesn't open any more");
    assert_eq!(path.row(&cookie).ticket, sealed);
}

#[test]
fn sealing_again_does_not_overwrite_a_newer_ticket() {
    let mut path = Path::new();
    let cookie = path.store(NewSession { ticket: Some("old".into()), ..alice() });
    path.ring.keys.insert("k2", [2; 32]);
    path.ring.current = "k2";
    path.host.now.set(NOW.plus(1));
    // The first renewal reads and then yields, so that the second one reads and writes first.
    path.host.script.pauses.borrow_mut().extend([9, 0]);
    let tickets = path.tickets();
    let given = Renewal { ticket: Some("new".to_owned()), ..Renewal::default() };
    let (again, given) =
        block_on(join(tickets.renew(&cookie, Renewal::default()), tickets.renew(&cookie, given)));
    assert!(again.unwrap().is_some() && given.unwrap().is_some());
    assert_eq!(path.retrieve(&cookie).unwrap().1, Some("new".into()));
}

#[test]
fn a_renewal_without_an_expiry_keeps_the_span_for_validations() {
    let path = Path::new();
    let hour = 3_600_000;
    let cookie = path.store(until(NOW.plus(hour)));
    path.host.now.set(NOW.plus(hour / 2));
    let renames = || Renewal { display_name: Some(Some("Al".into())), ..Renewal::default() };
    for change in [Renewal::default(), renames()] {
        assert!(path.renew(&cookie, change).is_some());
        let row = path.row(&cookie);
        assert_eq!((row.renewed, row.expires), (NOW, Some(NOW.plus(hour))));
    }
    let request = ValidationRequest {
        subject_id: "alice".into(),
        session_id: Some(path.row(&cookie).session_id),
        client_id: "web".into(),
        ..ValidationRequest::default()
    };
    let options = CoordinationOptions {
        coordinate_client_lifetimes_with_user_session: true,
        ..CoordinationOptions::default()
    };
    assert!(block_on(validate_session(&path.host, &options, &request)).unwrap());
    assert_eq!(path.row(&cookie).expires, Some(NOW.plus(hour / 2 + hour)));
    // A new ticket changes `renewed`, so that no other call overwrites it.
    path.host.now.set(NOW.plus(hour));
    let ticket = Renewal { ticket: Some("new".into()), ..Renewal::default() };
    assert!(path.renew(&cookie, ticket).is_some());
    assert_eq!(path.row(&cookie).renewed, NOW.plus(hour / 2 + 1));
    // Without an expiry there is no span to keep.
    let endless = path.store(sign_in("bob"));
    path.host.now.set(NOW.plus(hour + 1));
    assert!(path.renew(&endless, Renewal::default()).is_some());
    assert_eq!(path.row(&endless).renewed, NOW.plus(hour + 1));
}

#[test]
fn the_absolute_lifetime_caps_the_stored_expiry_and_ends_the_session() {
    let mut path = Path::new();
    let earlier = path.store(alice());
    path.host.absolute_lifetime = Some(100);
    let last = Some(NOW.plus(100));
    let cookies = [path.store(sign_in("b")), path.store(until(NOW.plus(500)))];
    for cookie in &cookies {
        assert_eq!(path.row(cookie).expires, last);
    }
    assert_eq!(path.row(&path.store(until(NOW.plus(50)))).expires, Some(NOW.plus(50)));
    path.host.now.set(NOW.plus(10));
    for expires in [None, Some(None), Some(Some(NOW.plus(500)))] {
        for cookie in cookies.iter().chain([&earlier]) {
            assert!(path.renew(cookie, Renewal { expires, ..Renewal::default() }).is_some());
            assert_eq!(path.row(cookie).expires, last, "{expires:?}");
        }
    }
    // A row that another program stored.
    let change = SessionChange { expires: Some(None), ..SessionChange::default() };
    let sessions = path.host.stores.sessions();
    sessions.update(&key_of(&earlier), &change, &SessionCondition::NONE).unwrap();
    path.host.now.set(NOW.plus(100));
    for cookie in cookies.iter().chain([&earlier]) {
        assert!(path.retrieve(cookie).is_none());
        assert!(!path.add_client(cookie, "web"));
    }
    assert_eq!(path.row(&earlier).clients, alice().clients);
}

#[test]
fn a_client_that_is_listed_twice_at_sign_in_keeps_its_sid() {
    let path = Path::new();
    let clients = ["web", "app=1", "web=sid", "app", "app=2"].map(client_session).to_vec();
    let cookie = path.store(NewSession { clients, ..alice() });
    let expected = [client_session("web=sid"), client_session("app=2")];
    assert_eq!(path.row(&cookie).clients, expected);
}

#[test]
fn a_client_is_recorded_once() {
    let path = Path::new();
    let cookie = path.store(alice());
    for client in ["web", "app", "web", "app=sid"] {
        assert!(path.add_client(&cookie, client));
    }
    assert_eq!(path.row(&cookie).clients, [client_session("web"), client_session("app=sid")]);
    assert!(!path.add_client(&"0".repeat(64), "web"));
    let blank = block_on(path.tickets().add_client(&cookie, &client_session(" ")));
    assert_eq!(blank.unwrap_err().code(), Code::InvalidArgument);
}

#[test]
fn a_client_is_recorded_in_one_call_of_the_store() {
    let path = Path::new();
    let cookie = path.store(until(NOW.plus(10)));
    let record = |cookie: &str, client: &str| {
        let before = path.host.script.calls.get();
        let recorded = block_on(path.tickets().add_client(cookie, &client_session(client)));
        (recorded.ok(), path.host.script.calls.get() - before)
    };
    assert_eq!(record(&cookie, "web"), (Some(true), 1));
    assert_eq!(record(&"0".repeat(64), "web"), (Some(false), 1));
    for malformed in ["", "no such value"] {
        assert_eq!(record(malformed, "web"), (Some(false), 0));
        assert_eq!(record(malformed, " "), (None, 0), "a mistake of the host in any case");
    }
    assert_eq!(record(&cookie, " "), (None, 0));
    path.host.now.set(NOW.plus(10));
    assert_eq!(record(&cookie, "app"), (Some(false), 1));
    assert_eq!(path.row(&cookie).clients, [client_session("web")]);
}

#[test]
fn old_keys_open_and_the_current_one_seals() {
    let mut path = Path::new();
    let cookie = path.store(alice());
    path.ring.keys.insert("k2", [2; 32]);
    path.ring.current = "k2";
    assert_eq!(path.retrieve(&cookie).unwrap().1.as_deref(), Some("her claims"));
    assert!(path.row(&path.store(alice())).ticket.unwrap().starts_with("1.k2."));
    path.ring.keys.remove("k1");
    assert!(path.retrieve(&cookie).is_none(), "its key isn't in the ring any more");
}

#[test]
fn a_ticket_only_opens_in_its_own_row() {
    let path = Path::new();
    let named = |subject: &str, session: &str| NewSession {
        subject_id: subject.into(),
        session_id: Some(session.into()),
        ..alice()
    };
    // The lengths of the parts are bound too: `ab` + `c` isn't `a` + `bc`.
    let cookies =
        [path.store(named("ab", "c")), path.store(named("a", "bc")), path.store(named("ab", "c"))];
    for from in &cookies {
        for to in &cookies {
            let sealed = path.row(from).ticket.unwrap();
            let own = path.row(to).ticket.unwrap();
            path.tamper(to, sealed);
            assert_eq!(path.retrieve(to).is_some(), from == to);
            path.tamper(to, own);
        }
    }
}

#[test]
fn a_ticket_that_does_not_open_signs_out_raises_an_event_and_keeps_its_row() {
    let path = Path::new();
    let cookie = path.store(alice());
    let Session { session_id, ticket, .. } = path.row(&cookie);
    let sealed = ticket.unwrap();
    let unreadable =
        Event::TicketUnreadable { at: NOW, subject_id: "alice".into(), session_id, issuer: None };
    let flipped = format!(
        "{}{}",
        &sealed[..sealed.len() - 2],
        if sealed.ends_with("AA") { "BB" } else { "AA" }
    );
    for damaged in [
        flipped,
        "".into(),
        "1.k1".into(),
        "1.k9.AAAA".into(),
        sealed.replacen('1', "2", 1),
        "{}".into(),
    ] {
        path.host.events.borrow_mut().clear();
        path.tamper(&cookie, damaged.clone());
        assert!(path.retrieve(&cookie).is_none(), "{damaged}");
        assert_eq!(*path.host.events.borrow(), std::slice::from_ref(&unreadable), "{damaged}");
    }
    let listed = block_on(query_sessions(&path.host, &SessionQuery::default())).unwrap();
    assert_eq!(listed.rows.len(), 1);
    assert!(path.remove(&cookie));
}

#[test]
fn signing_in_as_another_subject_ends_the_old_session_through_the_pipeline() {
    let path = Path::new();
    path.host.client("web");
    let cookie = path.store(NewSession {
        session_id: Some("a1".into()),
        clients: vec![client_session("web")],
        ..until(NOW.plus(9))
    });
    path.host.grant("refresh_token", "alice", Some("a1"), "web").grant(
        "user_consent",
        "alice",
        None,
        "web",
    );
    path.host.now.set(NOW.plus(5));
    let former = cookie;
    let cookie = path.renew(&former, as_bob()).unwrap();
    assert!(is_hex(&cookie, 32) && cookie != former);
    assert!(path.signed_out_everywhere(&former).0, "the old value has stopped working");
    assert!(path.host.notified().is_empty(), "the sign-in doesn't wait for relying parties");
    block_on(deliver_due(&path.host, None)).unwrap();
    assert_eq!(path.host.notified(), [notified("web", Some("alice"), Some("a1"))]);
    assert_eq!(path.host.sent.borrow()[0].logout_claims().logout_reason, LogoutReason::UserLogout);
    assert_eq!(path.host.grants_of("alice").len(), 1, "the consent belongs to the subject");
    let (session, ticket) = path.retrieve(&cookie).unwrap();
    assert_eq!((session.subject_id.as_str(), ticket.as_deref()), ("bob", Some("his claims")));
    assert_ne!(session.session_id, "a1");
    assert_eq!(
        (session.created, session.expires),
        (NOW.plus(5), Some(NOW.plus(9))),
        "a new session that expires with the old one"
    );
    assert!(session.clients.is_empty() && session.display_name.is_none());
}

#[test]
fn another_session_id_ends_the_old_session_but_not_others_with_its_id() {
    let path = Path::new();
    let named = || NewSession { session_id: Some("same".into()), ..alice() };
    let (former, other) = (path.store(named()), path.store(named()));
    let change = Renewal { session_id: Some("new".into()), ..Renewal::default() };
    let cookie = path.renew(&former, change).unwrap();
    assert!(path.signed_out_everywhere(&former).0);
    assert_eq!(path.row(&cookie).session_id, "new");
    assert!(path.retrieve(&other).is_some());
}

#[test]
fn an_invalid_change_of_subject_ends_nothing() {
    let path = Path::new();
    let cookie = path.store(alice());
    for change in [
        Renewal { subject_id: Some(" ".into()), ..Renewal::default() },
        Renewal {
            subject_id: Some("bob".into()),
            session_id: Some("".into()),
            ..Renewal::default()
        },
        Renewal { subject_id: Some("bob".into()), expires: Some(Some(NOW)), ..Renewal::default() },
    ] {
        assert_eq!(
            block_on(path.tickets().renew(&cookie, change)).unwrap_err().code(),
            Code::InvalidArgument
        );
    }
    assert_eq!(path.row(&cookie).subject_id, "alice");
}

#[test]
fn a_duplicate_key_is_an_error_and_keeps_the_first_session() {
    let path = Path::new();
    path.host.add(&session("alice", "s1"));
    let again = Session { subject_id: "bob".into(), ..session("alice", "s1") };
    let error = path.host.stores.sessions().create(&again).unwrap_err();
    assert!(!error.to_string().contains("key of"), "a key in a message: {error}");
    assert_eq!(path.host.sessions_of("alice"), ["s1"]);
}

#[test]
fn the_sign_in_path_emits_events_without_keys_or_cookie_values() {
    let path = Path::new();
    let cookie = path.store(alice());
    path.renew(&cookie, Renewal::default());
    let session_id = path.row(&cookie).session_id;
    assert!(path.remove(&cookie));
    let subject_id = || "alice".to_owned();
    let expected = [
        Event::SessionCreated {
            at: NOW,
            subject_id: subject_id(),
            session_id: session_id.clone(),
            issuer: None,
        },
        Event::SessionRenewed {
            at: NOW,
            subject_id: subject_id(),
            session_id: session_id.clone(),
            issuer: None,
        },
        Event::SessionRemoved {
            at: NOW,
            subject_id: subject_id(),
            session_id,
            issuer: None,
            logout_reason: LogoutReason::UserLogout,
            reason: None,
            actor: None,
        },
    ];
    let events = path.host.events.borrow();
    assert_eq!(*events, expected);
    let events = format!("{events:?}");
    assert!(!events.contains(&cookie) && !events.contains(key_of(&cookie).as_str()));
}

#[test]
fn the_cookie_value_is_never_stored() {
    let path = Path::new();
    let cookie = path.store(alice());
    let [row] = <[Session; 1]>::try_from(path.all_rows()).unwrap();
    assert_ne!(row.key.as_str(), cookie);
    assert!(is_hex(row.key.as_str(), 32));
    assert!(!serde_json::to_string(&row).unwrap().contains(&cookie));
    assert!(path.retrieve(row.key.as_str()).is_none(), "a stolen key doesn't sign in");
    assert!(!path.remove(row.key.as_str()));
}

#[test]
fn no_call_stores_a_string_that_some_store_cannot_hold() {
    let path = Path::new();
    let cookie = path.store(alice());
    let (session, before) = (path.row(&cookie), path.host.script.calls.get());
    let nul = || "a\0b".to_owned();
    let named = || Some(nul());
    let attributes = |name: &str, value: &str| Some(Attributes(vec![(name.into(), value.into())]));
    let with = |name: &str| vec![client_session(name)];
    let new = alice;
    for session in [
        NewSession { subject_id: nul(), ..new() },
        NewSession { session_id: named(), ..new() },
        NewSession { display_name: named(), ..new() },
        NewSession { issuer: named(), ..new() },
        NewSession { scheme: named(), ..new() },
        NewSession { ip_address: named(), ..new() },
        NewSession { user_agent: named(), ..new() },
        NewSession { clients: with("we\0b"), ..new() },
        NewSession { clients: with("web=si\0d"), ..new() },
        NewSession { attributes: attributes("a\0", "b"), ..new() },
        NewSession { attributes: attributes("a", "b\0"), ..new() },
    ] {
        let error = block_on(path.tickets().store(session)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(error.to_string().contains("` has a NUL character"), "{error}");
    }
    for change in [
        Renewal { subject_id: named(), ..Renewal::default() },
        Renewal { session_id: named(), ..Renewal::default() },
        Renewal { display_name: Some(named()), ..Renewal::default() },
        Renewal { issuer: Some(named()), ..Renewal::default() },
        Renewal { scheme: named(), ..Renewal::default() },
        Renewal { ip_address: Some(named()), ..Renewal::default() },
        Renewal { user_agent: Some(named()), ..Renewal::default() },
        Renewal { attributes: Some(attributes("a", "b\0")), ..Renewal::default() },
        // Another subject. This is checked before the old session ends.
        Renewal { subject_id: Some("bob".into()), issuer: Some(named()), ..Renewal::default() },
    ] {
        let error = block_on(path.tickets().renew(&cookie, change)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
    }
    for client in ["we\0b", "web=si\0d"] {
        let added = block_on(path.tickets().add_client(&cookie, &client_session(client)));
        assert_eq!(added.unwrap_err().code(), Code::InvalidArgument);
    }
    assert_eq!(path.host.script.calls.get() - before, 9, "one read for each renewal");
    assert_eq!(path.all_rows(), [session]);
}

#[test]
fn other_strings_than_cookie_values_are_not_signed_in_and_reach_no_store() {
    let path = Path::new();
    let cookie = path.store(alice());
    let others = [
        String::new(),
        cookie.to_uppercase(),
        cookie[1..].to_owned(),
        format!("{cookie}0"),
        format!(" {cookie}"),
        format!("{cookie} "),
        format!("{cookie}\n"),
        format!("{cookie}\0"),
        format!("{}\0", &cookie[1..]),
        format!("{}٣", &cookie[1..]),
        format!("{}０", &cookie[3..]),
        "%".into(),
        "\\') or 1=1 -- ".into(),
    ];
    for other in others {
        assert_eq!(path.signed_out_everywhere(&other), (true, 0), "{other:?}");
    }
    assert!(path.retrieve(&cookie).is_some());
}

#[test]
fn a_row_whose_key_is_not_the_requested_one_is_not_signed_in() {
    let path = Path::new();
    let (alice, bob) = (path.store(alice()), path.store(sign_in("bob")));
    let key = key_of(&alice);
    let alice_session = path.row(&alice).session_id;
    let mistaken = [
        key_of(&bob),
        key.as_str().to_uppercase().into(),
        format!(" {}", key.as_str()).into(),
        format!("{} ", key.as_str()).into(),
        key.as_str()[..32].into(),
        SessionKey::default(),
    ];
    for key in mistaken {
        if path.host.stores.sessions().get(&key).unwrap().is_none() {
            path.host.add(&Session { key: key.clone(), ..path.row(&bob) });
        }
        *path.host.script.mistaken_key.borrow_mut() = Some(key.clone());
        let before = path.all_rows();
        assert!(path.retrieve(&alice).is_none(), "{}", key.as_str());
        assert!(path.renew(&alice, Renewal::default()).is_none());
        assert!(path.renew(&alice, as_bob()).is_none());
        assert!(path.rotate(&alice).is_none());
        assert_eq!(path.all_rows(), before);
    }
    // These calls read no row: they only pass the key to the store.
    path.host.events.borrow_mut().clear();
    assert!(path.add_client(&alice, "web") && path.remove(&alice));
    let removed = Event::SessionRemoved {
        at: NOW,
        subject_id: "alice".into(),
        session_id: alice_session,
        issuer: None,
        logout_reason: LogoutReason::UserLogout,
        reason: None,
        actor: None,
    };
    assert_eq!(*path.host.events.borrow(), [removed], "no event for the other session");
    *path.host.script.mistaken_key.borrow_mut() = None;
    assert!(path.find_row(&alice).is_none());
    assert!(path.row(&bob).clients.is_empty());
}

#[test]
fn a_ticket_is_opened_with_the_key_of_the_cookie_value_and_not_of_the_row() {
    let path = Path::new();
    let (alice, mallory) = (path.store(alice()), path.store(sign_in("mallory")));
    // An attacker who can write to the store copies a row to the key of their own cookie.
    let stolen = Session { key: key_of(&mallory), ..path.row(&alice) };
    path.remove(&mallory);
    path.host.add(&stolen);
    assert!(path.retrieve(&mallory).is_none());
    assert!(path.rotate(&mallory).is_none());
    assert_eq!(path.row(&mallory), stolen, "the row is kept");
}

#[test]
fn a_rotation_only_replaces_the_cookie_value() {
    let path = Path::new();
    let former = path.store(NewSession {
        display_name: Some("Alice".into()),
        clients: vec![client_session("web=its sid")],
        ..until(NOW.plus(100))
    });
    let before = path.row(&former);
    path.host.now.set(NOW.plus(50));
    let cookie = path.rotate(&former).unwrap();
    assert!(is_hex(&cookie, 32) && cookie != former);
    assert!(path.signed_out_everywhere(&former).0, "the old value has stopped working");

    let (after, ticket) = path.retrieve(&cookie).unwrap();
    assert_eq!(ticket.as_deref(), Some("her claims"));
    assert_ne!(after.ticket, before.ticket, "sealed for the new key");
    let expected = Session { key: key_of(&cookie), ticket: after.ticket.clone(), ..before };
    assert_eq!(path.all_rows(), [expected]);
    assert!(path.add_client(&cookie, "app") && path.remove(&cookie));
}

#[test]
fn a_session_without_a_ticket_is_rotated_too() {
    let path = Path::new();
    let cookie = path.rotate(&path.store(NewSession { ticket: None, ..alice() })).unwrap();
    assert_eq!(path.retrieve(&cookie).unwrap().1, None);
}

#[test]
fn a_rotation_that_fails_leaves_the_old_value_valid() {
    let path = Path::new();
    let cookie = path.store(alice());
    for call in 0..2 {
        path.host.script.fail_at.set(Some(path.host.script.calls.get() + call));
        assert_eq!(block_on(path.tickets().rotate(&cookie)).unwrap_err().code(), Code::StoreFailed);
        path.host.script.fail_at.set(None);
        assert!(path.retrieve(&cookie).is_some());
    }
}

#[test]
fn a_rotation_stays_in_the_partition_of_the_session() {
    let path = Path::new();
    path.host.partitions.set(Some(16));
    let partition_of =
        |cookie: &str| key_of(cookie).as_str().bytes().map(u32::from).sum::<u32>() % 16;
    let mut cookie = path.store(alice());
    let partition = partition_of(&cookie);
    for _ in 0..20 {
        cookie = path.rotate(&cookie).unwrap();
        assert_eq!(partition_of(&cookie), partition);
    }

    path.host.partitions.set(Some(MAX_PARTITIONS + 1));
    let error = block_on(path.tickets().rotate(&cookie)).unwrap_err();
    assert_eq!(error.code(), Code::StoreFailed);
    assert!(error.to_string().contains("sessions.sharePartition"), "{error}");
    assert!(path.retrieve(&cookie).is_some());
}

/// A call with a cookie value.
#[derive(Clone, Copy, Debug)]
enum Step {
    SignIn,
    Retrieve,
    Rotate,
    Renew,
    /// A renewal as this subject.
    RenewAs(&'static str),
    AddClient(&'static str),
    Remove,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::SignIn),
        4 => Just(Step::Retrieve),
        4 => Just(Step::Rotate),
        2 => Just(Step::Renew),
        2 => select(vec!["alice", "bob"]).prop_map(Step::RenewAs),
        2 => select(vec!["web", "app"]).prop_map(Step::AddClient),
        1 => Just(Step::Remove),
    ]
}

/// The fields of a session in the model.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    subject_id: String,
    ticket: String,
    clients: Vec<String>,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..cases(300) })]

    /// The model: sessions by their valid cookie values. Steps use all values that were ever
    /// issued, the latest most often.
    #[test]
    fn exactly_the_valid_cookie_values_work(steps in vec((step(), 0..6_usize), 1..40)) {
        let path = Path::new();
        let mut given: Vec<String> = Vec::new();
        let mut valid: BTreeMap<String, Known> = BTreeMap::new();
        for (number, (step, back)) in steps.into_iter().enumerate() {
            let claims = format!("claims {number}");
            let place = given.len().saturating_sub(back + 1);
            let Some(cookie) = given.get(place).cloned().filter(|_| !matches!(step, Step::SignIn))
            else {
                let cookie = path.store(NewSession { ticket: Some(claims.clone()), ..alice() });
                let known =
                    Known { subject_id: "alice".into(), ticket: claims, clients: Vec::new() };
                prop_assert!(valid.insert(cookie.clone(), known).is_none());
                given.push(cookie);
                continue;
            };
            let known = valid.get(&cookie).cloned();
            match step {
                Step::SignIn | Step::Retrieve => {}
                Step::Rotate => {
                    let rotated = path.rotate(&cookie);
                    prop_assert_eq!(rotated.is_some(), known.is_some());
                    if let (Some(rotated), Some(known)) = (rotated, known) {
                        valid.remove(&cookie);
                        prop_assert!(!given.contains(&rotated));
                        valid.insert(rotated.clone(), known);
                        given.push(rotated);
                    }
                }
                Step::Renew => {
                    let change =
                        Renewal { ticket: Some(claims.clone()), ..Renewal::default() };
                    prop_assert_eq!(path.renew(&cookie, change), known.map(|_| cookie.clone()));
                    if let Some(known) = valid.get_mut(&cookie) {
                        known.ticket = claims;
                    }
                }
                Step::RenewAs(subject_id) => {
                    let change = Renewal {
                        subject_id: Some(subject_id.into()),
                        ticket: Some(claims.clone()),
                        ..Renewal::default()
                    };
                    let renewed = path.renew(&cookie, change);
                    prop_assert_eq!(renewed.is_some(), known.is_some());
                    if let (Some(renewed), Some(known)) = (renewed, known) {
                        let is_same = known.subject_id == subject_id;
                        prop_assert_eq!(renewed == cookie, is_same);
                        valid.remove(&cookie);
                        let clients = if is_same { known.clients } else { Vec::new() };
                        let subject_id = subject_id.to_owned();
                        let known = Known { subject_id, ticket: claims, clients };
                        valid.insert(renewed.clone(), known);
                        if !is_same {
                            prop_assert!(!given.contains(&renewed));
                            given.push(renewed);
                        }
                    }
                }
                Step::AddClient(client) => {
                    prop_assert_eq!(path.add_client(&cookie, client), known.is_some());
                    if let Some(known) = valid.get_mut(&cookie)
                        && !known.clients.iter().any(|known| known == client)
                    {
                        known.clients.push(client.into());
                    }
                }
                Step::Remove => {
                    prop_assert_eq!(path.remove(&cookie), valid.remove(&cookie).is_some());
                }
            }
            for cookie in &given {
                let found = path.retrieve(cookie).map(|(row, ticket)| Known {
                    subject_id: row.subject_id,
                    ticket: ticket.unwrap(),
                    clients: row.clients.into_iter().map(|client| client.client_id).collect(),
                });
                prop_assert_eq!(found.as_ref(), valid.get(cookie));
            }
            prop_assert_eq!(path.all_rows().len(), valid.len());
        }
    }

    #[test]
    fn a_rotation_keeps_concurrent_changes(pauses in vec(0..5_u8, 20)) {
        // Each pair of calls starts anew, with the same pauses.
        let begin = || {
            let path = Path::new();
            let cookie = path.store(alice());
            *path.host.script.pauses.borrow_mut() = pauses.clone();
            (path, cookie)
        };

        let (path, cookie) = begin();
        let web = client_session("web");
        let (rotated, added) = block_on(join(
            path.tickets().rotate(&cookie),
            path.tickets().add_client(&cookie, &web),
        ));
        let row = path.row(&rotated.unwrap().unwrap().to_hex());
        prop_assert_eq!(row.clients.contains(&web), added.unwrap());

        let (path, cookie) = begin();
        let (rotated, removed) =
            block_on(join(path.tickets().rotate(&cookie), path.tickets().remove(&cookie)));
        let (rotated, removed) = (rotated.unwrap(), removed.unwrap());
        prop_assert_eq!(rotated.is_none(), removed, "one of the two comes first");
        prop_assert_eq!(path.all_rows().is_empty(), removed);

        let (path, cookie) = begin();
        let (one, two) =
            block_on(join(path.tickets().rotate(&cookie), path.tickets().rotate(&cookie)));
        let (one, two) = (one.unwrap(), two.unwrap());
        prop_assert!(one.is_some() != two.is_some(), "one value for one session");
        prop_assert!(path.retrieve(&one.or(two).unwrap().to_hex()).is_some());
        prop_assert!(path.retrieve(&cookie).is_none());

        let (path, cookie) = begin();
        let everything =
            RemovalRequest { subject_id: Some("alice".into()), ..RemovalRequest::default() };
        let (rotated, report) = block_on(join(
            path.tickets().rotate(&cookie),
            remove_sessions(&path.host, &everything),
        ));
        prop_assert!(rotated.is_ok());
        prop_assert_eq!(report.unwrap().sessions_removed, 1, "a rotation doesn't escape the removal");
        prop_assert!(path.all_rows().is_empty());

        let (path, cookie) = begin();
        let name = || Some(Some("Alice".to_owned()));
        let change = Renewal { display_name: name(), ..Renewal::default() };
        let (rotated, renewed) =
            block_on(join(path.tickets().rotate(&cookie), path.tickets().renew(&cookie, change)));
        let (row, ticket) = path.retrieve(&rotated.unwrap().unwrap().to_hex()).unwrap();
        prop_assert_eq!(row.display_name.is_some(), renewed.unwrap().is_some());
        prop_assert_eq!(ticket.as_deref(), Some("her claims"));

        let (path, cookie) = begin();
        let (rotated, renewed) =
            block_on(join(path.tickets().rotate(&cookie), path.tickets().renew(&cookie, as_bob())));
        let (rotated, renewed) = (rotated.unwrap(), renewed.unwrap());
        prop_assert!(rotated.is_some() != renewed.is_some(), "one session with one value");
        let valid = rotated.or(renewed).unwrap().to_hex();
        prop_assert_eq!(path.all_rows().len(), 1);
        prop_assert!(path.retrieve(&valid).is_some() && path.retrieve(&cookie).is_none());
    }
}
