//! The rules of the sign-in path (design 4.1 and 4.6), with the cipher that the package uses, made
//! from another library.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::common::{NOW, TestHost, client_session, session, told};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pollster::block_on;
use rollcall::error::{Code, Result};
use rollcall::event::Event;
use rollcall::notification::LogoutReason;
use rollcall::query::{SessionQuery, query_sessions};
use rollcall::session::{Attributes, Session, SessionChange, SessionKey};
use rollcall::settings::SessionLimit;
use rollcall::ticket::{NewSession, Renewal, TicketCipher, TicketStore};
use rollcall::time::Timestamp;

/// AES-256-GCM under a ring of keys. What it seals is text.
struct Ring {
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

    async fn seal(&self, key_id: &str, bound: &[u8], ticket: &String) -> Result<String> {
        let mut nonces = self.nonces.borrow_mut();
        *nonces += 1;
        let nonce = [*nonces; 12];
        let payload = Payload { msg: ticket.as_bytes(), aad: bound };
        let sealed = self.cipher(key_id).unwrap().encrypt(&Nonce::from(nonce), payload).unwrap();
        Ok(URL_SAFE_NO_PAD.encode([nonce.to_vec(), sealed].concat()))
    }

    async fn open(&self, key_id: &str, bound: &[u8], body: &str) -> Result<Option<String>> {
        let Some(cipher) = self.cipher(key_id) else { return Ok(None) };
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(body) else { return Ok(None) };
        let Some((nonce, sealed)) = bytes.split_first_chunk::<12>() else { return Ok(None) };
        let opened = cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: bound });
        Ok(opened.ok().map(|text| String::from_utf8(text).unwrap()))
    }
}

struct Path {
    host: TestHost,
    ring: Ring,
    limit: Option<SessionLimit>,
}

impl Path {
    fn new() -> Self {
        Path { host: TestHost::new(), ring: Ring::new(), limit: None }
    }

    fn tickets(&self) -> TicketStore<'_, TestHost, Ring> {
        TicketStore { host: &self.host, cipher: &self.ring, limit: self.limit }
    }

    fn store(&self, session: NewSession<String>) -> SessionKey {
        block_on(self.tickets().store(session)).unwrap()
    }

    fn renew(&self, key: &SessionKey, change: Renewal<String>) -> bool {
        block_on(self.tickets().renew(key, change)).unwrap()
    }

    /// The session with its ticket, if it is there.
    fn retrieve(&self, key: &SessionKey) -> Option<(Session, Option<String>)> {
        let found = block_on(self.tickets().retrieve(key)).unwrap();
        found.map(|(row, ticket)| ((*row).clone(), ticket))
    }

    fn row(&self, key: &SessionKey) -> Session {
        self.host.stores.sessions().get(key).unwrap().unwrap()
    }

    /// Changes the sealed ticket of a row behind the core's back.
    fn tamper(&self, key: &SessionKey, ticket: String) {
        let change = SessionChange { ticket: Some(Some(ticket)), ..SessionChange::default() };
        assert!(self.host.stores.sessions().update(key, &change).unwrap());
    }
}

fn alice() -> NewSession<String> {
    NewSession {
        subject_id: "alice".into(),
        ticket: Some("her claims".into()),
        ..NewSession::default()
    }
}

fn until(expires: Timestamp) -> NewSession<String> {
    NewSession { expires: Some(expires), ..alice() }
}

fn is_hex(text: &str, bytes: usize) -> bool {
    text.len() == 2 * bytes
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[test]
fn a_sign_in_is_stored_with_a_secret_key_and_comes_back_with_its_ticket() {
    let path = Path::new();
    let key = path.store(NewSession {
        display_name: Some("Älice".into()),
        issuer: Some("https://op.example".into()),
        clients: vec![client_session("web"), client_session("web"), client_session("app=its sid")],
        ip_address: Some("192.0.2.1".into()),
        user_agent: Some("browser".into()),
        attributes: Some(Attributes(vec![("device".into(), "phone".into())])),
        ..until(NOW.plus(1))
    });
    assert!(is_hex(key.as_str(), 32));
    let (session, ticket) = path.retrieve(&key).unwrap();
    assert_eq!(ticket.as_deref(), Some("her claims"));
    assert!(is_hex(&session.session_id, 16));
    let expected = Session {
        key: key.clone(),
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
    assert_ne!(key, path.store(alice()));
}

#[test]
fn the_stored_ticket_is_sealed_with_its_key_id_in_front() {
    let path = Path::new();
    let key = path.store(alice());
    let sealed = path.row(&key).ticket.unwrap();
    assert!(sealed.starts_with("1.k1.") && !sealed.contains("claims"), "{sealed}");
    assert_ne!(sealed, path.row(&path.store(alice())).ticket.unwrap());
}

#[test]
fn bad_sign_ins_are_refused_and_leave_nothing() {
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
fn an_expired_session_is_gone_for_every_call_of_the_sign_in_path() {
    let path = Path::new();
    let key = path.store(until(NOW.plus(10)));
    path.host.now.set(NOW.plus(9));
    assert!(path.retrieve(&key).is_some());
    path.host.now.set(NOW.plus(10));
    assert!(path.retrieve(&key).is_none(), "`expires` <= now");
    assert!(!path.renew(&key, Renewal { expires: Some(None), ..Renewal::default() }));
    assert!(!block_on(path.tickets().add_client(&key, &client_session("web"))).unwrap());
    assert_eq!(path.row(&key).expires, Some(NOW.plus(10)), "and stays as it was");
}

#[test]
fn a_session_without_an_expiry_never_expires() {
    let path = Path::new();
    let key = path.store(alice());
    path.host.now.set(Timestamp::MAX);
    assert!(path.retrieve(&key).is_some());
}

#[test]
fn a_renewal_changes_what_it_names() {
    let path = Path::new();
    let key = path.store(NewSession { display_name: Some("Alice".into()), ..until(NOW.plus(100)) });
    path.host.now.set(NOW.plus(50));
    let change = Renewal {
        display_name: Some(Some("ALICE B".into())),
        expires: Some(Some(NOW.plus(150))),
        user_agent: Some(Some("other".into())),
        ..Renewal::default()
    };
    assert!(path.renew(&key, change));
    let (session, ticket) = path.retrieve(&key).unwrap();
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
    assert!(path.renew(&key, clear));
    let (session, _) = path.retrieve(&key).unwrap();
    assert_eq!(
        (session.display_name, session.display_name_folded, session.expires),
        (None, None, None)
    );

    assert!(path.renew(&key, Renewal { ticket: Some("new claims".into()), ..Renewal::default() }));
    assert_eq!(path.retrieve(&key).unwrap().1.as_deref(), Some("new claims"));
}

#[test]
fn a_renewal_never_brings_a_removed_session_back() {
    let path = Path::new();
    let key = path.store(alice());
    assert!(block_on(path.tickets().remove(&key)).unwrap());
    for change in
        [Renewal::default(), Renewal { subject_id: Some("bob".into()), ..Renewal::default() }]
    {
        assert!(!path.renew(&key, change));
    }
    assert!(path.host.stores.sessions().get(&key).unwrap().is_none());
    assert!(!block_on(path.tickets().remove(&key)).unwrap(), "removed once");
}

#[test]
fn a_client_is_recorded_once() {
    let path = Path::new();
    let key = path.store(alice());
    for client in ["web", "app", "web", "app=sid"] {
        assert!(block_on(path.tickets().add_client(&key, &client_session(client))).unwrap());
    }
    assert_eq!(path.row(&key).clients, [client_session("web"), client_session("app=sid")]);
    let unknown = "no such key".into();
    assert!(!block_on(path.tickets().add_client(&unknown, &client_session("web"))).unwrap());
    let blank = block_on(path.tickets().add_client(&key, &client_session(" ")));
    assert_eq!(blank.unwrap_err().code(), Code::InvalidArgument);
}

#[test]
fn a_client_is_recorded_in_one_call_of_the_store() {
    let path = Path::new();
    let key = path.store(until(NOW.plus(10)));
    let record = |key: &SessionKey, client: &str| {
        let before = path.host.script.calls.get();
        let recorded = block_on(path.tickets().add_client(key, &client_session(client)));
        (recorded.ok(), path.host.script.calls.get() - before)
    };
    assert_eq!(record(&key, "web"), (Some(true), 1));
    for unknown in ["", "no such key"] {
        assert_eq!(record(&unknown.into(), "web"), (Some(false), 1));
    }
    assert_eq!(record(&key, " "), (None, 0));
    path.host.now.set(NOW.plus(10));
    assert_eq!(record(&key, "app"), (Some(false), 1));
    assert_eq!(path.row(&key).clients, [client_session("web")]);
}

#[test]
fn old_keys_open_and_the_current_one_seals() {
    let mut path = Path::new();
    let key = path.store(alice());
    path.ring.keys.insert("k2", [2; 32]);
    path.ring.current = "k2";
    assert_eq!(path.retrieve(&key).unwrap().1.as_deref(), Some("her claims"));
    assert!(path.row(&path.store(alice())).ticket.unwrap().starts_with("1.k2."));
    path.ring.keys.remove("k1");
    assert!(path.retrieve(&key).is_none(), "its key left the ring");
}

#[test]
fn a_ticket_opens_in_its_own_row_only() {
    let path = Path::new();
    let named = |subject: &str, session: &str| NewSession {
        subject_id: subject.into(),
        session_id: Some(session.into()),
        ..alice()
    };
    // The lengths of the parts count too: `ab` + `c` is not `a` + `bc`.
    let keys =
        [path.store(named("ab", "c")), path.store(named("a", "bc")), path.store(named("ab", "c"))];
    for from in &keys {
        for to in &keys {
            let sealed = path.row(from).ticket.unwrap();
            let own = path.row(to).ticket.unwrap();
            path.tamper(to, sealed);
            assert_eq!(path.retrieve(to).is_some(), from == to);
            path.tamper(to, own);
        }
    }
}

#[test]
fn a_ticket_that_does_not_open_signs_out_is_told_of_and_can_still_be_listed_and_removed() {
    let path = Path::new();
    let key = path.store(alice());
    let Session { session_id, ticket, .. } = path.row(&key);
    let sealed = ticket.unwrap();
    let unreadable = Event::TicketUnreadable { at: NOW, subject_id: "alice".into(), session_id };
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
        path.tamper(&key, damaged.clone());
        assert!(path.retrieve(&key).is_none(), "{damaged}");
        assert_eq!(*path.host.events.borrow(), std::slice::from_ref(&unreadable), "{damaged}");
    }
    let listed = block_on(query_sessions(&path.host, &SessionQuery::default())).unwrap();
    assert_eq!(listed.rows.len(), 1);
    assert!(block_on(path.tickets().remove(&key)).unwrap());
}

#[test]
fn signing_in_as_somebody_else_ends_the_old_session_through_the_pipeline() {
    let path = Path::new();
    path.host.client("web");
    let key = path.store(NewSession {
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
    let bob = Renewal {
        subject_id: Some("bob".into()),
        ticket: Some("his claims".into()),
        ..Renewal::default()
    };
    assert!(path.renew(&key, bob));
    assert_eq!(path.host.told(), [told("web", Some("alice"), Some("a1"))]);
    assert_eq!(path.host.sent.borrow()[0].logout_claims().logout_reason, LogoutReason::UserLogout);
    assert_eq!(path.host.grants_of("alice").len(), 1, "the consent is the subject's");
    let (session, ticket) = path.retrieve(&key).unwrap();
    assert_eq!((session.subject_id.as_str(), ticket.as_deref()), ("bob", Some("his claims")));
    assert_ne!(session.session_id, "a1");
    assert_eq!(
        (session.created, session.expires),
        (NOW.plus(5), Some(NOW.plus(9))),
        "a new session, no longer than the old one"
    );
    assert!(session.clients.is_empty() && session.display_name.is_none());
}

#[test]
fn another_session_id_ends_the_old_session_too_and_its_namesakes_stay() {
    let path = Path::new();
    let named = || NewSession { session_id: Some("same".into()), ..alice() };
    let (key, other) = (path.store(named()), path.store(named()));
    assert!(path.renew(&key, Renewal { session_id: Some("new".into()), ..Renewal::default() }));
    assert_eq!(path.row(&key).session_id, "new");
    assert!(path.retrieve(&other).is_some());
}

#[test]
fn a_bad_change_of_subject_ends_nothing() {
    let path = Path::new();
    let key = path.store(alice());
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
            block_on(path.tickets().renew(&key, change)).unwrap_err().code(),
            Code::InvalidArgument
        );
    }
    assert_eq!(path.row(&key).subject_id, "alice");
}

#[test]
fn a_duplicate_key_is_an_error_and_keeps_the_first() {
    let path = Path::new();
    path.host.add(&session("alice", "s1"));
    let again = Session { subject_id: "bob".into(), ..session("alice", "s1") };
    let error = path.host.stores.sessions().create(&again).unwrap_err();
    assert!(!error.to_string().contains("key of"), "no key in a message: {error}");
    assert_eq!(path.host.sessions_of("alice"), ["s1"]);
}

#[test]
fn the_sign_in_path_is_told_of_and_never_with_a_key() {
    let path = Path::new();
    let key = path.store(alice());
    path.renew(&key, Renewal::default());
    let session_id = path.row(&key).session_id;
    block_on(path.tickets().remove(&key)).unwrap();
    let subject_id = || "alice".to_owned();
    let expected = [
        Event::SessionCreated { at: NOW, subject_id: subject_id(), session_id: session_id.clone() },
        Event::SessionRenewed { at: NOW, subject_id: subject_id(), session_id: session_id.clone() },
        Event::SessionRemoved {
            at: NOW,
            subject_id: subject_id(),
            session_id,
            logout_reason: LogoutReason::UserLogout,
            reason: None,
            actor: None,
        },
    ];
    let events = path.host.events.borrow();
    assert_eq!(*events, expected);
    assert!(!format!("{events:?}").contains(key.as_str()));
}
