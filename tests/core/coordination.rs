//! The rules of coordination (design 4.5).

use std::collections::BTreeMap;

use crate::common::{NOW, TestClient, TestHost, cases, client_session, notified, session};
use futures_util::future::join;
use pollster::block_on;
use proptest::prelude::*;
use rollcall::coordination::{
    ExpiryPass, SignedOut, StartedSession, ValidationRequest, admit_session, process_logout,
    remove_expired_sessions, validate_session,
};
use rollcall::delivery::deliver_due;
use rollcall::error::Code;
use rollcall::event::Event;
use rollcall::notification::{DeliveryState, LogoutReason};
use rollcall::removal::{RemovalReport, RemovalRequest, remove_sessions};
use rollcall::session::{Session, SessionChange, SessionCondition};
use rollcall::settings::{CoordinationOptions, LimitPolicy, SessionLimit};
use rollcall::time::{Millis, Timestamp};

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;

/// Clients `yes` and `no` set whether they coordinate; `unset` uses the host's default.
fn host() -> TestHost {
    let host = TestHost::new();
    for (id, coordinates) in [("yes", Some(true)), ("no", Some(false)), ("unset", None)] {
        let uri = Some(format!("https://{id}.example/logout"));
        host.register(id, TestClient { uri, coordinates, ..TestClient::default() });
    }
    host
}

fn coordinate() -> CoordinationOptions {
    CoordinationOptions {
        coordinate_client_lifetimes_with_user_session: true,
        ..CoordinationOptions::default()
    }
}

/// A session with all three clients and grants for each, that expires at `expires`.
fn expiring(host: &TestHost, subject: &str, id: &str, expires: Option<Timestamp>) -> Session {
    let clients = vec![client_session("yes"), client_session("no"), client_session("unset")];
    let session = Session {
        clients,
        expires,
        created: NOW.minus(HOUR),
        renewed: NOW.minus(HOUR),
        ..session(subject, id)
    };
    host.add(&session);
    for client in ["yes", "no", "unset"] {
        host.grant("refresh_token", subject, Some(id), client).grant(
            "custom",
            subject,
            Some(id),
            client,
        );
    }
    host.grant("user_consent", subject, None, "yes");
    session
}

fn pass(host: &TestHost, options: &CoordinationOptions) -> ExpiryPass {
    block_on(remove_expired_sessions(host, options, None)).unwrap()
}

/// The clients that still have tokens.
fn tokens_left(host: &TestHost, subject: &str) -> Vec<String> {
    let grants = host
        .grants_of(subject)
        .into_iter()
        .filter(|(grant_type, ..)| grant_type == "refresh_token");
    grants.map(|(_, _, client)| client).collect()
}

fn clients_notified(host: &TestHost) -> Vec<String> {
    host.notified().into_iter().map(|(client, ..)| client).collect()
}

// ------------------------------------------------------------------------------------------ expiry

#[test]
fn notified_clients_and_revoked_tokens_follow_both_settings() {
    let notifying_all = |options: CoordinationOptions| CoordinationOptions {
        expired_sessions_trigger_backchannel_logout: true,
        ..options
    };
    let none = CoordinationOptions::default;
    for (options, notified, left) in [
        (none(), vec!["yes"], vec!["no", "unset"]),
        (coordinate(), vec!["unset", "yes"], vec!["no"]),
        (notifying_all(none()), vec!["no", "unset", "yes"], vec!["no", "unset"]),
        (notifying_all(coordinate()), vec!["no", "unset", "yes"], vec!["no"]),
    ] {
        let host = host();
        expiring(&host, "alice", "s1", Some(NOW));
        assert_eq!(
            pass(&host, &options),
            ExpiryPass { processed: 1, more: false, failed: 0, ..ExpiryPass::default() }
        );
        assert_eq!(clients_notified(&host), notified, "{options:?}");
        assert_eq!(tokens_left(&host, "alice"), left, "{options:?}");
        assert!(
            host.grants_of("alice").iter().any(|(kind, ..)| kind == "user_consent"),
            "consents are kept"
        );
        assert_eq!(
            host.grants_of("alice").iter().filter(|(kind, ..)| kind == "custom").count(),
            3,
            "tokens only"
        );
        let sent = host.sent.borrow();
        assert!(
            sent.iter()
                .all(|sent| sent.logout_claims().logout_reason == LogoutReason::SessionExpiration)
        );
        assert!(sent.iter().all(|sent| sent.logout_claims().sid.as_deref() == Some("s1")));
        let expired = Event::SessionExpired {
            at: NOW,
            subject_id: "alice".into(),
            session_id: "s1".into(),
            issuer: None,
        };
        assert_eq!(host.events.borrow()[0], expired);
    }
}

#[test]
fn only_expired_sessions_end_from_the_instant_of_expiry() {
    let host = host();
    expiring(&host, "alice", "never", None);
    expiring(&host, "alice", "later", Some(NOW.plus(1)));
    expiring(&host, "alice", "now", Some(NOW));
    expiring(&host, "bob", "before", Some(NOW.minus(HOUR)));
    assert_eq!(pass(&host, &coordinate()).processed, 2);
    assert_eq!(host.sessions_of("alice"), ["later", "never"]);
    assert!(host.sessions_of("bob").is_empty());
    assert_eq!(tokens_left(&host, "alice").len(), 7, "active sessions keep their tokens");
}

#[test]
fn a_pass_is_bounded_and_starts_with_the_longest_expired() {
    let host = host();
    for number in 0..450 {
        expiring(&host, "alice", &format!("s{number:03}"), Some(NOW.plus(number - 1_000)));
    }
    let first = block_on(remove_expired_sessions(&host, &coordinate(), Some(3))).unwrap();
    assert_eq!(first, ExpiryPass { processed: 3, more: true, failed: 0, ..ExpiryPass::default() });
    assert_eq!(host.sessions_of("alice")[0], "s003");
    let rest = block_on(remove_expired_sessions(&host, &coordinate(), Some(1_000))).unwrap();
    assert_eq!(
        rest,
        ExpiryPass { processed: 447, more: false, failed: 0, ..ExpiryPass::default() }
    );
}

#[test]
fn an_unknown_client_does_not_keep_its_session() {
    let host = host();
    let mut odd = expiring(&host, "alice", "s1", Some(NOW));
    odd.clients.insert(0, client_session("unknown"));
    host.stores.sessions().remove(std::slice::from_ref(&odd.key), &SessionCondition::NONE).unwrap();
    host.add(&odd);
    assert_eq!(pass(&host, &coordinate()).processed, 1);
    assert_eq!(clients_notified(&host), ["unset", "yes"]);
}

#[test]
fn a_client_with_an_address_that_cannot_be_stored_does_not_keep_its_session() {
    for uri in ["https://yes.example/\0".to_owned(), format!("https://{}", "a".repeat(70_000))] {
        let host = host();
        let coordinates = Some(true);
        host.register("yes", TestClient { uri: Some(uri), coordinates, ..TestClient::default() });
        expiring(&host, "alice", "s1", Some(NOW));
        assert_eq!(
            pass(&host, &coordinate()),
            ExpiryPass { processed: 1, more: false, failed: 0, ..ExpiryPass::default() }
        );
        assert_eq!(tokens_left(&host, "alice"), ["no"]);
        // The notification is due without an address, like any other that can't be delivered yet.
        let entries = host.outbox_entries();
        let yes = entries.iter().find(|entry| entry.client_id == "yes").unwrap();
        let error = "sender_failed: the client's registration: `backChannelLogoutUri` must be a \
                     URL of at most 8,192 characters";
        assert_eq!((yes.state, yes.error.as_deref()), (DeliveryState::Pending, Some(error)));
    }
}

#[test]
fn a_failure_in_one_session_does_not_affect_the_others() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        for fail_late in [false, true] {
            for step in 0.. {
                let host = TestHost { with_outbox, with_atomic, ..host() };
                for number in 0..4 {
                    expiring(&host, "alice", &format!("s{number}"), Some(NOW.plus(number - 10)));
                }
                host.script.fail_at.set(Some(step));
                host.script.fail_late.set(fail_late);
                let first = block_on(remove_expired_sessions(&host, &coordinate(), None));
                if host.script.calls.get() <= step {
                    break;
                }
                host.script.fail_at.set(None);
                if let Ok(first) = first {
                    assert!(first.processed + first.failed <= 4);
                    assert!(first.failed <= 1, "step {step}: {first:?}");
                }
                pass(&host, &coordinate());
                assert!(host.sessions_of("alice").is_empty(), "step {step}");
                assert_eq!(tokens_left(&host, "alice"), ["no"; 4], "step {step}");
                if with_outbox {
                    host.now.set(NOW.plus(HOUR));
                    block_on(deliver_due(&host, None)).unwrap();
                    let mut times = BTreeMap::new();
                    for (client, _, sid) in host.notified() {
                        *times.entry((client, sid)).or_insert(0) += 1;
                    }
                    assert_eq!(times.len(), 8, "step {step}, late {fail_late}: {times:?}");
                    assert!(
                        host.outbox_entries()
                            .iter()
                            .all(|entry| entry.state == DeliveryState::Delivered)
                    );
                }
            }
        }
    }
}

#[test]
fn sessions_end_while_the_registry_is_down_and_it_is_soon_not_asked_again() {
    let host = host();
    expiring(&host, "alice", "s1", Some(NOW));
    // The first call lists the clients. The second looks one up and fails once.
    host.script.fail_at.set(Some(1));
    assert_eq!(pass(&host, &coordinate()).processed, 1);
    assert_eq!(tokens_left(&host, "alice"), ["no"], "the second lookup succeeded");

    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..self::host() };
        for number in 0..100 {
            let client = format!("client{number:03}");
            let id = format!("s{number:03}");
            host.client(&client).grant("refresh_token", "alice", Some(&id), &client);
            let clients = vec![client_session(&client)];
            host.add(&Session { clients, expires: Some(NOW), ..session("alice", &id) });
        }
        host.registry_down.set(true);
        let pass = block_on(remove_expired_sessions(&host, &coordinate(), Some(200))).unwrap();
        assert_eq!(
            pass,
            ExpiryPass { processed: 100, more: false, failed: 0, ..ExpiryPass::default() }
        );
        assert_eq!(tokens_left(&host, "alice").len(), 100, "nothing is revoked on a guess");
        let events = host.events.borrow().clone();
        let unreadable = Event::ClientUnreadable {
            at: NOW,
            client_id: "client000".into(),
            code: Code::SenderFailed,
            error: "`sender` failed: the registry is down".into(),
        };
        let others = |event: &&Event| !matches!(event, Event::SessionExpired { .. });
        if with_outbox {
            assert_eq!(host.script.lookups.get(), 6, "three clients, twice each");
            assert_eq!(events.iter().filter(others).collect::<Vec<_>>(), [&unreadable]);
            // The attempts look the clients up again.
            host.registry_down.set(false);
            host.now.set(NOW.plus(HOUR));
            assert_eq!(block_on(deliver_due(&host, None)).unwrap().delivered, 100);
        } else {
            assert!(events.contains(&unreadable));
            assert!(host.script.lookups.get() < 30, "{}", host.script.lookups.get());
        }
    }
}

#[test]
fn a_client_whose_setting_cannot_be_read_is_notified_and_keeps_its_tokens() {
    for options in [coordinate(), CoordinationOptions::default()] {
        let host = host();
        let uri = Some("https://yes.example/logout".to_owned());
        host.register("yes", TestClient { uri, broken: true, ..TestClient::default() });
        expiring(&host, "alice", "s1", Some(NOW));
        assert_eq!(
            pass(&host, &options),
            ExpiryPass { processed: 1, more: false, failed: 0, ..ExpiryPass::default() }
        );
        assert!(clients_notified(&host).contains(&"yes".to_owned()));
        assert!(tokens_left(&host, "alice").contains(&"yes".to_owned()));
    }
}

/// Sessions with these numbers, longest expired first. `is_stuck` selects those that can't be
/// ended.
fn stuck(numbers: std::ops::Range<i64>, is_stuck: impl Fn(i64) -> bool) -> TestHost {
    let host = host();
    for number in numbers {
        let id = format!("s{number:04}");
        let clients = vec![client_session("yes")];
        let expires = Some(NOW.plus(number - 10_000));
        host.add(&Session { clients, expires, ..session("alice", &id) });
        if is_stuck(number) {
            host.script.stuck.borrow_mut().insert(id);
        }
    }
    host
}

#[test]
fn sessions_that_always_fail_do_not_block_the_others() {
    let of_30 =
        |host: &TestHost| block_on(remove_expired_sessions(host, &coordinate(), Some(30))).unwrap();
    // At both ends of the list.
    let host = stuck(0..550, |number| !(250..300).contains(&number));
    assert_eq!(
        of_30(&host),
        ExpiryPass { processed: 30, more: true, failed: 250, ..ExpiryPass::default() }
    );
    assert_eq!(
        of_30(&host),
        ExpiryPass { processed: 20, more: false, failed: 500, ..ExpiryPass::default() }
    );
    assert_eq!(host.sessions_of("alice").len(), 500);
    // So many at the start that the pass tries the other end.
    let host = stuck(0..1_050, |number| number < 1_000);
    assert_eq!(
        of_30(&host),
        ExpiryPass { processed: 30, more: true, failed: 400, ..ExpiryPass::default() }
    );
    assert_eq!(of_30(&host).processed, 20);
    let last = of_30(&host);
    assert_eq!(
        (last.processed, last.more),
        (0, false),
        "a caller that repeats the pass while there is more stops"
    );
}

#[test]
fn a_pass_skips_and_reports_sessions_with_unreadable_clients() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..stuck(0..550, |_| false) };
        let unreadable = (0..500).map(|number| format!("s{number:04}"));
        host.script.unreadable.borrow_mut().extend(unreadable);
        let first = block_on(remove_expired_sessions(&host, &coordinate(), Some(30))).unwrap();
        assert_eq!(
            first,
            ExpiryPass { processed: 30, more: true, failed: 500, ..ExpiryPass::default() }
        );
        let failed = Event::SessionRemovalFailed {
            at: NOW,
            subject_id: "alice".into(),
            session_id: "s0000".into(),
            issuer: None,
            code: Code::StoreFailed,
            error: "the session store returned a row whose `clients` is not a list: see \
                    `StoredSession`"
                .into(),
        };
        assert_eq!(host.events.borrow()[0], failed);
        assert_eq!(host.sent.borrow().len(), 30);
    }
}

#[test]
fn without_an_outbox_an_aborted_pass_notifies_the_clients_of_ended_sessions() {
    for step in 0.. {
        let host = TestHost { with_outbox: false, with_atomic: false, ..stuck(0..250, |_| false) };
        host.script.abort_at.set(Some(step));
        let aborted = block_on(remove_expired_sessions(&host, &coordinate(), Some(250)));
        if aborted.is_ok() {
            break;
        }
        assert_eq!(aborted.unwrap_err().code(), Code::Aborted);
        let ended = 250 - host.sessions_of("alice").len();
        assert_eq!(host.sent.borrow().len(), ended, "step {step}");
    }
}

#[test]
fn sessions_past_their_absolute_lifetime_end_too() {
    let host = TestHost { absolute_lifetime: Some(HOUR), ..host() };
    expiring(&host, "alice", "old", Some(NOW.plus(HOUR)));
    expiring(&host, "alice", "old too", None);
    host.add(&Session { created: NOW.minus(HOUR).plus(1), ..session("alice", "young") });
    let options = coordinate();
    assert_eq!(pass(&host, &options).processed, 2);
    assert_eq!(host.sessions_of("alice"), ["young"]);
    host.script.unserved.borrow_mut().push("created");
    host.now.set(NOW.plus(HOUR));
    assert_eq!(pass(&host, &options).processed, 0, "a store without that filter isn't asked");
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn concurrent_passes_end_each_session_once_and_notify_each_client_once(
        pauses in prop::collection::vec(0..5u8, 0..120),
        sessions in 1..8i64,
        with_atomic in any::<bool>(),
    ) {
        let host = TestHost { with_atomic, ..host() };
        for number in 0..sessions {
            expiring(&host, "alice", &format!("s{number}"), Some(NOW.minus(number)));
        }
        *host.script.pauses.borrow_mut() = pauses;
        let options = coordinate();
        let (one, two) = block_on(join(
            remove_expired_sessions(&host, &options, None),
            remove_expired_sessions(&host, &options, None),
        ));
        prop_assert_eq!(one.unwrap().processed + two.unwrap().processed, sessions as u64);
        let notified = host.notified();
        prop_assert_eq!(notified.len() as i64, 2 * sessions, "two clients, once per session: {:?}", notified);
    }
}

// ---------------------------------------------------------------------------------------- sign-out

fn sign_out(host: &TestHost, options: &CoordinationOptions, session: &SignedOut) -> RemovalReport {
    block_on(process_logout(host, options, session, &mut |_| {})).unwrap()
}

fn signed_out(clients: &[&str]) -> SignedOut {
    SignedOut {
        subject_id: "alice".into(),
        session_id: "s1".into(),
        issuer: Some("https://op.example".into()),
        clients: clients.iter().map(|id| client_session(id)).collect(),
        client_ids: Vec::new(),
    }
}

#[test]
fn a_sign_out_revokes_the_tokens_of_coordinating_clients_and_notifies_all() {
    for (options, left) in
        [(CoordinationOptions::default(), vec!["no", "unset"]), (coordinate(), vec!["no"])]
    {
        let host = host();
        expiring(&host, "alice", "s1", None);
        let report = sign_out(&host, &options, &signed_out(&["yes", "no", "unset"]));
        assert_eq!((report.sessions_removed, report.notifications.delivered), (0, 3));
        assert_eq!(report.tokens_revoked, 3 - left.len() as u64);
        assert_eq!(clients_notified(&host), ["no", "unset", "yes"]);
        assert_eq!(tokens_left(&host, "alice"), left);
        assert_eq!(host.sessions_of("alice"), ["s1"], "the caller removes the session");
        let sent = host.sent.borrow();
        assert!(
            sent.iter().all(|sent| sent.logout_claims().logout_reason == LogoutReason::UserLogout)
        );
    }
}

#[test]
fn a_sign_out_works_before_and_after_the_session_is_removed() {
    let host = host();
    host.add(&Session {
        clients: vec![client_session("yes=own sid"), client_session("no")],
        ..session("alice", "s1")
    });
    sign_out(&host, &coordinate(), &signed_out(&["no", "unset"]));
    let alice = Some("alice");
    let expected = [
        notified("no", alice, Some("s1")),
        notified("unset", alice, Some("s1")),
        notified("yes", alice, Some("own sid")),
    ];
    assert_eq!(host.notified(), expected, "the store's clients and the caller's, each once");
    let host = self::host();
    sign_out(&host, &coordinate(), &signed_out(&["yes=own sid"]));
    assert_eq!(host.notified(), [notified("yes", alice, Some("own sid"))]);
    assert_eq!(host.sent.borrow()[0].logout_claims().iss.as_deref(), Some("https://op.example"));
}

#[test]
fn the_clients_of_a_sign_out_may_be_plain_ids() {
    let host = host();
    let client_ids = vec!["yes".into(), "no".into(), "no".into()];
    let session = SignedOut { client_ids, ..signed_out(&["yes=own sid"]) };
    let report = sign_out(&host, &coordinate(), &session);
    let alice = Some("alice");
    let expected = [notified("no", alice, Some("s1")), notified("yes", alice, Some("own sid"))];
    assert_eq!(host.notified(), expected, "each once, by its own `sid` if it has one");
    assert_eq!(report.notifications.delivered, 2);
}

#[test]
fn a_sign_out_without_clients_does_nothing_and_without_a_session_is_an_error() {
    let host = host();
    host.grant("refresh_token", "alice", Some("s1"), "yes");
    let report = sign_out(&host, &coordinate(), &signed_out(&[]));
    assert_eq!((report.notifications.total(), report.tokens_revoked), (0, 0));
    for blank in [
        SignedOut { session_id: " ".into(), ..signed_out(&["yes"]) },
        SignedOut { subject_id: String::new(), ..signed_out(&["yes"]) },
        SignedOut { client_ids: vec![" ".into()], ..signed_out(&["yes"]) },
        signed_out(&["yes", ""]),
        signed_out(&["yes=\0"]),
        SignedOut { issuer: Some("\0".into()), ..signed_out(&["yes"]) },
    ] {
        let error =
            block_on(process_logout(&host, &coordinate(), &blank, &mut |_| {})).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{blank:?}");
    }
    assert!(host.sent.borrow().is_empty());
}

// -------------------------------------------------------------------------------------- validation

fn validate(
    host: &TestHost,
    options: &CoordinationOptions,
    session_id: Option<&str>,
    client: &str,
) -> bool {
    let request = ValidationRequest {
        subject_id: "alice".into(),
        session_id: session_id.map(Into::into),
        client_id: client.into(),
        ..ValidationRequest::default()
    };
    block_on(validate_session(host, options, &request)).unwrap()
}

fn expires(host: &TestHost, id: &str) -> Option<Timestamp> {
    host.stores.sessions().get(&format!("key of {id}").into()).unwrap().unwrap().expires
}

#[test]
fn a_client_that_does_not_coordinate_is_always_valid_and_extends_nothing() {
    let host = host();
    for (options, client) in [
        (CoordinationOptions::default(), "no"),
        (CoordinationOptions::default(), "unset"),
        (coordinate(), "no"),
    ] {
        assert!(validate(&host, &options, Some("nothing"), client));
    }
    expiring(&host, "alice", "s1", Some(NOW.plus(HOUR)));
    assert!(validate(&host, &coordinate(), Some("s1"), "no"));
    assert_eq!(expires(&host, "s1"), Some(NOW.plus(HOUR)));
}

#[test]
fn a_coordinating_client_is_valid_while_a_session_is_active() {
    let host = host();
    let options = coordinate();
    assert!(!validate(&host, &options, Some("s1"), "unset"));
    expiring(&host, "alice", "s1", Some(NOW.plus(1)));
    assert!(validate(&host, &options, Some("s1"), "unset"));
    assert!(
        validate(&host, &options, None, "unset"),
        "without a session id, any session of the subject counts"
    );
    assert!(!validate(&host, &options, Some("s2"), "unset"));
    host.now.set(NOW.plus(2 * HOUR + 1));
    assert!(!validate(&host, &options, Some("s1"), "unset"), "expired");
    host.add(&session("alice", "forever"));
    assert!(validate(&host, &options, None, "yes"), "a session without expiry never expires");
}

#[test]
fn a_blank_id_permits_nothing() {
    let host = host();
    host.add(&session("alice", "s1"));
    let valid = ValidationRequest {
        subject_id: "alice".into(),
        session_id: Some("s1".into()),
        client_id: "yes".into(),
        ..ValidationRequest::default()
    };
    for blank in [
        ValidationRequest { session_id: Some(String::new()), ..valid.clone() },
        ValidationRequest { subject_id: " ".into(), ..valid.clone() },
        ValidationRequest { client_id: " ".into(), ..valid },
    ] {
        let error = block_on(validate_session(&host, &coordinate(), &blank)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{blank:?}");
    }
    let limit = SessionLimit { limit: 1, policy: LimitPolicy::RemoveOldest };
    for (subject_id, session_id) in [("", "s1"), ("alice", " ")] {
        let blank = StartedSession { subject_id: subject_id.into(), ..started(session_id) };
        let error = block_on(admit_session(&host, limit, &blank)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
    }
    assert_eq!(host.script.calls.get(), 0);
}

#[test]
fn active_sessions_are_extended_by_their_original_span_and_expired_ones_never() {
    let host = host();
    expiring(&host, "alice", "active", Some(NOW.plus(10 * MINUTE)));
    expiring(&host, "alice", "expired", Some(NOW.minus(MINUTE)));
    expiring(&host, "alice", "forever", None);
    assert!(validate(&host, &coordinate(), None, "yes"));
    // It was created an hour ago, so its span is seventy minutes.
    assert_eq!(expires(&host, "active"), Some(NOW.plus(70 * MINUTE)));
    assert_eq!(
        (expires(&host, "expired"), expires(&host, "forever")),
        (Some(NOW.minus(MINUTE)), None)
    );
}

#[test]
fn a_session_is_written_at_most_once_a_minute() {
    let host = host();
    expiring(&host, "alice", "s1", Some(NOW.plus(HOUR)));
    assert!(validate(&host, &coordinate(), Some("s1"), "yes"));
    let extended = expires(&host, "s1");
    let reads_and_writes = host.script.calls.get();
    host.now.set(NOW.plus(MINUTE - 1));
    assert!(validate(&host, &coordinate(), Some("s1"), "yes"));
    assert_eq!(host.script.calls.get() - reads_and_writes, 2, "one lookup and one list, no write");
    assert_eq!(expires(&host, "s1"), extended);
    host.now.set(NOW.plus(MINUTE));
    assert!(validate(&host, &coordinate(), Some("s1"), "yes"));
    assert_eq!(expires(&host, "s1"), extended.map(|time| time.plus(MINUTE)));
}

#[test]
fn nothing_is_extended_past_the_absolute_lifetime_and_a_later_expiry_is_capped() {
    let host = TestHost { absolute_lifetime: Some(2 * HOUR), ..host() };
    let options = coordinate();
    expiring(&host, "alice", "s1", Some(NOW.plus(10 * MINUTE)));
    assert!(validate(&host, &options, Some("s1"), "yes"));
    assert_eq!(expires(&host, "s1"), Some(NOW.plus(HOUR)), "two hours after it began");
    expiring(&host, "alice", "long", Some(NOW.plus(5 * HOUR)));
    assert!(validate(&host, &options, Some("long"), "yes"));
    assert_eq!(expires(&host, "long"), Some(NOW.plus(HOUR)));
    expiring(&host, "alice", "endless", None);
    assert!(validate(&host, &options, Some("endless"), "yes"));
    assert_eq!(expires(&host, "endless"), Some(NOW.plus(HOUR)));
    host.now.set(NOW.plus(HOUR));
    assert!(!validate(&host, &options, Some("long"), "yes"), "expired");
}

#[test]
fn a_session_removed_during_a_validation_is_not_valid_and_not_re_created() {
    let host = host();
    let stored = expiring(&host, "alice", "s1", Some(NOW.plus(HOUR)));
    // The validation lists, and yields before it extends.
    host.script.pauses.borrow_mut().extend([3, 0, 0]);
    let removes = async {
        crate::common::pause(1).await;
        host.stores
            .sessions()
            .remove(std::slice::from_ref(&stored.key), &SessionCondition::NONE)
            .unwrap();
    };
    let request = ValidationRequest {
        subject_id: "alice".into(),
        session_id: Some("s1".into()),
        client_id: "yes".into(),
        ..ValidationRequest::default()
    };
    let options = coordinate();
    let (valid, ()) = block_on(join(validate_session(&host, &options, &request), removes));
    assert!(!valid.unwrap());
    assert!(host.sessions_of("alice").is_empty());
}

#[test]
fn a_session_rotated_during_a_validation_is_valid_and_extended() {
    let host = host();
    let stored = expiring(&host, "alice", "s1", Some(NOW.plus(HOUR)));
    host.now.set(NOW.plus(HOUR / 2));
    // The validation lists, and yields before it extends.
    host.script.pauses.borrow_mut().extend([0, 0, 3, 0, 0]);
    let rotates = async {
        crate::common::pause(1).await;
        let change = SessionChange { key: Some("another".into()), ..SessionChange::default() };
        assert!(
            host.stores.sessions().update(&stored.key, &change, &SessionCondition::NONE).unwrap()
        );
    };
    let request = ValidationRequest {
        subject_id: "alice".into(),
        session_id: Some("s1".into()),
        client_id: "yes".into(),
        ..ValidationRequest::default()
    };
    let options = coordinate();
    let (valid, ()) = block_on(join(validate_session(&host, &options, &request), rotates));
    assert!(valid.unwrap());
    let row = host.stores.sessions().get(&"another".into()).unwrap().unwrap();
    assert_eq!(row.expires, Some(NOW.plus(HOUR / 2 + 2 * HOUR)));
}

// ------------------------------------------------------------------------------------------- limit

const POLICIES: [LimitPolicy; 3] =
    [LimitPolicy::Deny, LimitPolicy::RemoveOldest, LimitPolicy::RemoveLeastRecent];

fn started(session_id: &str) -> StartedSession {
    StartedSession { subject_id: "alice".into(), session_id: session_id.into(), issuer: None }
}

fn admit(
    host: &TestHost,
    limit: usize,
    policy: LimitPolicy,
    new: &str,
) -> rollcall::error::Result<RemovalReport> {
    block_on(admit_session(host, SessionLimit { limit, policy }, &started(new)))
}

#[test]
fn the_oldest_or_least_recent_end_through_the_removal_pipeline() {
    for (policy, left) in
        [(LimitPolicy::RemoveOldest, ["s3", "s4"]), (LimitPolicy::RemoveLeastRecent, ["s1", "s4"])]
    {
        let host = host();
        for (number, renewed) in [(1, 9), (2, 1), (3, 2), (4, 3)] {
            let clients = vec![client_session("yes")];
            let id = format!("s{number}");
            host.add(&Session {
                created: NOW.plus(number - 10),
                renewed: NOW.plus(renewed),
                clients,
                ..session("alice", &id)
            });
            host.grant("refresh_token", "alice", Some(&id), "yes");
        }
        host.add(&Session { expires: Some(NOW), ..session("alice", "expired") });
        host.add(&session("bob", "bob's"));
        let report = admit(&host, 2, policy, "s4").unwrap();
        assert_eq!(
            (report.sessions_removed, report.tokens_revoked, report.notifications.pending),
            (2, 2, 2)
        );
        assert!(host.notified().is_empty(), "the sign-in doesn't wait for relying parties");
        assert_eq!(block_on(deliver_due(&host, None)).unwrap().delivered, 2);
        assert_eq!(
            host.sessions_of("alice"),
            ["expired", left[0], left[1]],
            "expired sessions don't count"
        );
        assert_eq!(host.notified().len(), 2);
        assert_eq!(host.sessions_of("bob"), ["bob's"]);
        assert_eq!(
            admit(&host, 2, policy, "s4").unwrap(),
            RemovalReport::default(),
            "the limit isn't exceeded"
        );
    }
}

#[test]
fn a_sign_in_over_the_limit_is_denied_and_leaves_nothing() {
    let host = host();
    for id in ["s1", "s2", "s3"] {
        host.session("alice", id, &[]);
    }
    let error = admit(&host, 2, LimitPolicy::Deny, "s3").unwrap_err();
    assert_eq!(error.code(), Code::SessionLimitReached);
    assert_eq!(host.sessions_of("alice"), ["s1", "s2"]);
    let denied = Event::SessionDenied { at: NOW, subject_id: "alice".into(), issuer: None };
    assert_eq!(*host.events.borrow(), [denied]);
    assert!(admit(&host, 2, LimitPolicy::Deny, "s2").is_ok());
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn after_concurrent_sign_ins_exactly_the_limit_remains(
        pauses in prop::collection::vec(0..5u8, 0..60),
        policy in prop::sample::select(POLICIES.to_vec()),
        limit in 1..3usize,
        with_atomic in any::<bool>(),
    ) {
        let host = TestHost { with_atomic, ..host() };
        for id in ["s1", "s2"].into_iter().take(limit) {
            host.session("alice", id, &[]);
        }
        host.session("alice", "new1", &[]);
        host.session("alice", "new2", &[]);
        *host.script.pauses.borrow_mut() = pauses;
        let limit = SessionLimit { limit, policy };
        let (one, two) = block_on(join(
            admit_session(&host, limit, &started("new1")),
            admit_session(&host, limit, &started("new2")),
        ));
        prop_assert_eq!(host.sessions_of("alice").len(), limit.limit);
        prop_assert_eq!(one.is_err() && two.is_err(), policy == LimitPolicy::Deny);
    }

    #[test]
    fn a_session_rotated_meanwhile_does_not_escape_the_limit(
        pauses in prop::collection::vec(0..4u8, 0..60),
        turns in prop::collection::vec(0..8u8, 3),
        policy in prop::sample::select(vec![
            LimitPolicy::RemoveOldest,
            LimitPolicy::RemoveLeastRecent,
        ]),
    ) {
        let host = host();
        let mut keys = Vec::new();
        for id in ["s1", "s2", "s3"] {
            keys.push(host.session("alice", id, &["yes"]).key);
        }
        host.session("alice", "new", &[]);
        *host.script.pauses.borrow_mut() = pauses;
        let rotates = async {
            for (former, turns) in keys.iter().zip(turns) {
                crate::common::pause(turns).await;
                let key = Some(format!("replaces {}", former.as_str()).into());
                let change = SessionChange { key, ..SessionChange::default() };
                host.stores.sessions().update(former, &change, &SessionCondition::NONE).unwrap();
            }
        };
        let limit = SessionLimit { limit: 2, policy };
        let started = started("new");
        let admits = admit_session(&host, limit, &started);
        let (report, ()) = block_on(join(admits, rotates));
        prop_assert_eq!(report.unwrap().sessions_removed, 2);
        prop_assert_eq!(host.sessions_of("alice"), ["new", "s3"]);
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_concurrent_expiry_pass_and_removal_notify_each_client_once(
        pauses in prop::collection::vec(0..4u8, 0..60),
        with_atomic in any::<bool>(),
    ) {
        let host = TestHost { with_atomic, ..host() };
        for number in 0..3 {
            expiring(&host, "alice", &format!("s{number}"), Some(NOW.minus(HOUR)));
        }
        *host.script.pauses.borrow_mut() = pauses;
        let options = CoordinationOptions {
            expired_sessions_trigger_backchannel_logout: true,
            ..coordinate()
        };
        let request = RemovalRequest { subject_id: Some("alice".into()), ..Default::default() };
        let (pass, removal) = block_on(join(
            remove_expired_sessions(&host, &options, None),
            remove_sessions(&host, &request),
        ));
        prop_assert_eq!(pass.unwrap().processed + removal.unwrap().sessions_removed, 3);
        let notified = host.notified();
        let mut once = notified.clone();
        once.dedup();
        prop_assert_eq!(&notified, &once);
        prop_assert_eq!(notified.len(), 9, "three clients, three sessions");
    }

    #[test]
    fn a_session_that_was_renewed_is_not_ended_by_an_expiry_pass(
        pauses in prop::collection::vec(0..4u8, 0..60),
        turns in 0..10u8,
        with_atomic in any::<bool>(),
    ) {
        let host = TestHost { with_atomic, ..host() };
        let session = expiring(&host, "alice", "s1", Some(NOW));
        *host.script.pauses.borrow_mut() = pauses;
        // The renewing instance has a slower clock, by which the session is still active.
        let renews = async {
            crate::common::pause(turns).await;
            let expires = Some(Some(NOW.plus(HOUR)));
            let change = SessionChange { expires, ..SessionChange::default() };
            host.stores.sessions().update(&session.key, &change, &SessionCondition::NONE).unwrap()
        };
        let options = coordinate();
        let (pass, renewed) = block_on(join(remove_expired_sessions(&host, &options, None), renews));
        let ended = pass.unwrap().processed == 1;
        prop_assert_eq!(renewed, !ended);
        prop_assert_eq!(host.sessions_of("alice").is_empty(), ended);
    }

    #[test]
    fn a_validation_does_not_overwrite_a_shorter_expiry(
        pauses in prop::collection::vec(0..4u8, 0..20),
        turns in 0..6u8,
    ) {
        let host = host();
        let session = expiring(&host, "alice", "s1", Some(NOW.plus(HOUR)));
        host.now.set(NOW.plus(HOUR / 2));
        *host.script.pauses.borrow_mut() = pauses;
        let (now, shorter) = (host.now.get(), Some(NOW.plus(HOUR / 2 + 1)));
        let shortens = async {
            crate::common::pause(turns).await;
            let (renewed, expires) = (Some(now), Some(shorter));
            let change = SessionChange { renewed, expires, ..SessionChange::default() };
            host.stores.sessions().update(&session.key, &change, &SessionCondition::NONE).unwrap()
        };
        let options = coordinate();
        let request = ValidationRequest {
            subject_id: "alice".into(),
            session_id: Some("s1".into()),
            client_id: "yes".into(),
            ..ValidationRequest::default()
        };
        let validates = validate_session(&host, &options, &request);
        let (valid, shortened) = block_on(join(validates, shortens));
        prop_assert!(valid.unwrap() && shortened);
        let row = host.stores.sessions().get(&session.key).unwrap().unwrap();
        prop_assert_eq!(row.expires, shorter);
    }
}
