//! The issuers of a provider: the issuer of a session, and calls that name one.

use crate::common::{NOW, TestHost, client_session, pause, session};
use crate::ticket::Path;
use futures_util::future::join;
use pollster::block_on;
use rollcall::coordination::{
    SignedOut, StartedSession, ValidationRequest, admit_session, process_logout, validate_session,
};
use rollcall::error::{Code, Error};
use rollcall::removal::{RemovalRequest, remove_sessions};
use rollcall::session::Session;
use rollcall::settings::{CoordinationOptions, LimitPolicy, SessionLimit};
use rollcall::ticket::{NewSession, Renewal};
use serde_json::Value;

const NORTH: &str = "https://north.example";
const SOUTH: &str = "https://south.example";
const UPSTREAM: &str = "https://accounts.google.com";

fn path(issuers: &[&str]) -> Path {
    let mut path = Path::new();
    path.host.issuers = issuers.iter().map(|&issuer| issuer.to_owned()).collect();
    path
}

/// Subject 1 with a session and a token at each of two issuers, and a session from before the
/// issuers were declared.
fn tenants() -> TestHost {
    let host = path(&[NORTH, SOUTH]).host;
    host.client("web");
    for (session_id, issuer) in [("n", Some(NORTH)), ("s", Some(SOUTH)), ("old", None)] {
        let clients = host.session("1", &format!("{session_id} of another"), &["web"]).clients;
        host.add(&Session {
            issuer: issuer.map(str::to_owned),
            clients,
            ..session("1", session_id)
        });
        host.grant("refresh_token", "1", Some(session_id), "web");
    }
    host
}

fn new_session(issuer: Option<&str>) -> NewSession<String> {
    NewSession {
        subject_id: "1".into(),
        issuer: issuer.map(str::to_owned),
        ..NewSession::default()
    }
}

fn stored_issuer(path: &Path, cookie: &str) -> Option<String> {
    block_on(path.tickets().retrieve(cookie)).unwrap().unwrap().0.issuer.clone()
}

/// The events so far as type, session id and issuer.
fn events(host: &TestHost) -> Vec<(String, Option<String>, Option<String>)> {
    let events = host.events.take();
    let member = |event: &Value, name| event.get(name)?.as_str().map(str::to_owned);
    let values = events.iter().map(|event| serde_json::to_value(event).unwrap());
    values
        .map(|event| {
            let [session_id, issuer] = ["sessionId", "issuer"].map(|name| member(&event, name));
            (member(&event, "type").unwrap(), session_id, issuer)
        })
        .collect()
}

fn message(error: Error) -> (Code, String) {
    (error.code(), error.to_string())
}

#[test]
fn a_session_has_the_only_issuer_of_its_host() {
    let path = path(&[NORTH]);
    let cookie = path.store(new_session(None));
    assert_eq!(stored_issuer(&path, &cookie).as_deref(), Some(NORTH));
}

#[test]
fn a_session_has_any_issuer_or_none_if_the_host_declares_none() {
    let path = path(&[]);
    for issuer in [None, Some(UPSTREAM)] {
        let cookie = path.store(new_session(issuer));
        assert_eq!(stored_issuer(&path, &cookie).as_deref(), issuer);
    }
}

#[test]
fn a_session_names_its_issuer_if_the_host_has_several() {
    let path = path(&[NORTH, SOUTH]);
    let cookie = path.store(new_session(Some(SOUTH)));
    assert_eq!(stored_issuer(&path, &cookie).as_deref(), Some(SOUTH));
    let calls = path.host.script.calls.get();
    let missing = block_on(path.tickets().store(new_session(None))).unwrap_err();
    let text = "`issuer` is missing: the host has several `issuers`, and each session must name \
                its own";
    assert_eq!(message(missing), (Code::InvalidArgument, text.into()));
    assert_eq!(path.host.script.calls.get(), calls, "nothing was stored");
}

#[test]
fn the_issuer_of_an_upstream_provider_is_rejected_everywhere() {
    let path = path(&[NORTH, SOUTH]);
    let cookie = path.store(new_session(Some(NORTH)));
    let issuer = Some(UPSTREAM.to_owned());
    let host = &path.host;
    let options = CoordinationOptions::default();
    let limit = SessionLimit { limit: 1, policy: LimitPolicy::RemoveOldest };
    let calls = host.script.calls.get();
    let renewal = Renewal { issuer: Some(issuer.clone()), ..Renewal::default() };
    let replaced = Renewal { subject_id: Some("2".into()), ..renewal.clone() };
    let subject_id = Some("1".to_owned());
    let removal = RemovalRequest {
        subject_id,
        issuer: issuer.clone().map(Into::into),
        ..RemovalRequest::default()
    };
    let validation = ValidationRequest {
        subject_id: "1".into(),
        client_id: "web".into(),
        issuer: issuer.clone(),
        ..ValidationRequest::default()
    };
    let signed_out = SignedOut {
        subject_id: "1".into(),
        session_id: "n".into(),
        issuer: issuer.clone(),
        ..SignedOut::default()
    };
    let started = StartedSession { subject_id: "1".into(), session_id: "n".into(), issuer };
    let coordinating = CoordinationOptions {
        coordinate_client_lifetimes_with_user_session: true,
        ..CoordinationOptions::default()
    };
    let refusals = [
        block_on(path.tickets().store(new_session(Some(UPSTREAM)))).unwrap_err(),
        block_on(path.tickets().renew(&cookie, renewal)).unwrap_err(),
        block_on(path.tickets().renew(&cookie, replaced)).unwrap_err(),
        block_on(remove_sessions(host, &removal)).unwrap_err(),
        block_on(validate_session(host, &coordinating, &validation)).unwrap_err(),
        block_on(process_logout(host, &options, &signed_out, &mut |_| {})).unwrap_err(),
        block_on(admit_session(host, limit, &started)).unwrap_err(),
    ];
    let text = format!("`{UPSTREAM}` is not an issuer of this host: use one of its `issuers`");
    for refusal in refusals {
        assert_eq!(message(refusal), (Code::InvalidArgument, text.clone()));
    }
    assert_eq!(host.script.calls.get(), calls + 3, "two rows and a client were read");
}

#[test]
fn a_blank_issuer_is_rejected() {
    let host = tenants();
    let removal = RemovalRequest {
        subject_id: Some("1".into()),
        issuer: Some(" ".to_owned().into()),
        ..RemovalRequest::default()
    };
    let refusal = block_on(remove_sessions(&host, &removal)).unwrap_err();
    let text = "`issuer` is blank: give it a value";
    assert_eq!(message(refusal), (Code::InvalidArgument, text.into()));
}

#[test]
fn a_removal_by_issuer_keeps_the_same_subject_of_other_issuers() {
    for with_atomic in [true, false] {
        let mut host = tenants();
        host.with_atomic = with_atomic;
        let removal = RemovalRequest {
            subject_id: Some("1".into()),
            issuer: Some(NORTH.to_owned().into()),
            ..RemovalRequest::default()
        };
        let planned =
            block_on(remove_sessions(&host, &RemovalRequest { dry_run: true, ..removal.clone() }))
                .unwrap();
        let report = block_on(remove_sessions(&host, &removal)).unwrap();
        for report in [planned, report] {
            assert_eq!((report.sessions_removed, report.tokens_revoked), (1, 1));
            assert_eq!(
                report.notes,
                [
                    "consents were kept: they belong to the subject and not to a session",
                    "tokens without a session were kept: other sessions of the subject \
                     may be active",
                ]
            );
        }
        let left = ["n of another", "old", "old of another", "s", "s of another"];
        assert_eq!(host.sessions_of("1"), left, "with atomic: {with_atomic}");
        assert_eq!(host.grants_of("1").len(), 2);
        let sent = host.sent.borrow();
        assert_eq!(
            sent.iter().map(|sent| sent.notification.issuer.as_deref()).collect::<Vec<_>>(),
            [Some(NORTH)]
        );
    }
}

#[test]
fn a_session_of_another_issuer_does_not_validate_a_token() {
    let host = tenants();
    let options = CoordinationOptions {
        coordinate_client_lifetimes_with_user_session: true,
        ..CoordinationOptions::default()
    };
    let is_valid = |session_id: &str, issuer: Option<&str>| {
        let request = ValidationRequest {
            subject_id: "1".into(),
            session_id: Some(session_id.into()),
            issuer: issuer.map(str::to_owned),
            client_id: "web".into(),
        };
        block_on(validate_session(&host, &options, &request)).unwrap()
    };
    assert!(is_valid("n", None));
    assert!(is_valid("n", Some(NORTH)));
    assert!(!is_valid("n", Some(SOUTH)));
}

#[test]
fn a_limit_counts_sessions_per_issuer() {
    for policy in [LimitPolicy::Deny, LimitPolicy::RemoveOldest, LimitPolicy::RemoveLeastRecent] {
        for with_atomic in [true, false] {
            let mut path = path(&[NORTH, SOUTH]);
            path.host.with_atomic = with_atomic;
            path.limit = Some(SessionLimit { limit: 1, policy });
            path.store(new_session(Some(NORTH)));
            path.store(new_session(Some(SOUTH)));
            assert_eq!(path.host.sessions_of("1").len(), 2, "{policy:?}");
            let another = block_on(path.tickets().store(new_session(Some(SOUTH))));
            assert_eq!(another.is_err(), policy == LimitPolicy::Deny);
            assert_eq!(path.host.sessions_of("1").len(), 2, "{policy:?}");
        }
    }
}

#[test]
fn no_token_is_signed_for_an_issuer_that_the_host_does_not_have() {
    let host = tenants();
    let clients = vec![client_session("web")];
    let issuer = Some(UPSTREAM.to_owned());
    host.add(&Session { issuer, clients, ..session("2", "before") });
    let removal = RemovalRequest { subject_id: Some("2".into()), ..RemovalRequest::default() };
    let report = block_on(remove_sessions(&host, &removal)).unwrap();
    assert_eq!((report.sessions_removed, report.notifications.delivered), (1, 0));
    let text = format!(
        "invalid_argument: `{UPSTREAM}` is not an issuer of this host: use one of its `issuers`"
    );
    assert_eq!(report.deliveries[0].error.as_deref(), Some(&*text));
    assert_eq!(host.sent.borrow().len(), 0);
}

/// Counting and storing must be one step. Otherwise a sign-in that starts first but is stored last
/// would be admitted too.
#[test]
fn the_limit_denies_one_of_two_concurrent_sign_ins_at_one_issuer() {
    for before in 0..6 {
        let mut path = path(&[NORTH, SOUTH]);
        path.limit = Some(SessionLimit { limit: 1, policy: LimitPolicy::Deny });
        path.store(new_session(Some(SOUTH)));
        let mut pauses = vec![0; before];
        pauses.insert(0, 20);
        *path.host.script.pauses.borrow_mut() = pauses;
        let tickets = path.tickets();
        let later = async {
            pause(1).await;
            path.host.now.set(NOW.plus(1));
            tickets.store(new_session(Some(NORTH))).await
        };
        let (one, two) = block_on(join(tickets.store(new_session(Some(NORTH))), later));
        assert_ne!(one.is_ok(), two.is_ok(), "{before}");
        assert_eq!(path.host.sessions_of("1").len(), 2, "{before}");
    }
}

#[test]
fn a_renewal_with_another_issuer_starts_another_session() {
    let path = path(&[NORTH, SOUTH]);
    path.host.client("web");
    let signed_in = NewSession { clients: vec![client_session("web")], ..new_session(Some(NORTH)) };
    let cookie = path.store(signed_in);
    let renewal = Renewal { issuer: Some(Some(SOUTH.into())), ..Renewal::default() };
    let renewed = block_on(path.tickets().renew(&cookie, renewal)).unwrap().unwrap().to_hex();
    assert_ne!(renewed, cookie);
    assert_eq!(stored_issuer(&path, &renewed).as_deref(), Some(SOUTH));
    assert_eq!(path.host.sessions_of("1").len(), 1, "the old one has ended");
    let same = Renewal { issuer: Some(Some(SOUTH.into())), ..Renewal::default() };
    let again = block_on(path.tickets().renew(&renewed, same)).unwrap().unwrap().to_hex();
    assert_eq!(again, renewed);
}

#[test]
fn an_admitted_session_names_its_issuer_if_the_host_has_several() {
    let host = tenants();
    let started = StartedSession { subject_id: "1".into(), session_id: "n".into(), issuer: None };
    let limit = SessionLimit { limit: 1, policy: LimitPolicy::RemoveOldest };
    let refusal = block_on(admit_session(&host, limit, &started)).unwrap_err();
    assert_eq!(refusal.code(), Code::InvalidArgument);
    assert_eq!(host.sessions_of("1").len(), 6, "none has ended");
}

#[test]
fn events_of_the_sign_in_path_have_the_issuer() {
    for with_atomic in [true, false] {
        let mut path = path(&[NORTH, SOUTH]);
        path.host.with_atomic = with_atomic;
        path.limit = Some(SessionLimit { limit: 1, policy: LimitPolicy::Deny });
        let session_id = Some("s1".to_owned());
        let cookie = path.store(NewSession {
            session_id: session_id.clone(),
            ticket: Some("ticket".into()),
            ..new_session(Some(SOUTH))
        });
        assert!(block_on(path.tickets().store(new_session(Some(SOUTH)))).is_err());
        block_on(path.tickets().renew(&cookie, Renewal::default())).unwrap();
        path.tamper(&cookie, "damaged".into());
        assert!(block_on(path.tickets().retrieve(&cookie)).unwrap().is_none());
        assert!(block_on(path.tickets().remove(&cookie)).unwrap());
        let issuer = Some(SOUTH.to_owned());
        let of = |name: &str, session_id: &Option<String>| {
            (name.to_owned(), session_id.clone(), issuer.clone())
        };
        let expected = [
            of("session_created", &session_id),
            of("session_denied", &None),
            of("session_renewed", &session_id),
            of("ticket_unreadable", &session_id),
            of("session_removed", &session_id),
        ];
        assert_eq!(events(&path.host), expected, "{with_atomic}");
    }
}

#[test]
fn the_event_of_a_renewal_has_the_new_issuer() {
    let path = path(&[]);
    let cookie = path.store(new_session(Some(NORTH)));
    for issuer in [Some(SOUTH.to_owned()), None] {
        let change = Renewal { issuer: Some(issuer.clone()), ..Renewal::default() };
        block_on(path.tickets().renew(&cookie, change)).unwrap();
        assert_eq!(stored_issuer(&path, &cookie), issuer);
        assert_eq!(events(&path.host).pop().unwrap().2, issuer);
    }
}

#[test]
fn events_and_reports_of_ended_sessions_have_the_issuer() {
    for (with_atomic, with_outbox) in [(true, true), (false, true), (false, false)] {
        let mut host = path(&[NORTH, SOUTH]).host;
        (host.with_atomic, host.with_outbox) = (with_atomic, with_outbox);
        host.client("web");
        let sessions = [("n", Some(NORTH)), ("old", None), ("s", Some(SOUTH))];
        for (session_id, issuer) in sessions {
            let (clients, issuer) = (vec![client_session("web")], issuer.map(str::to_owned));
            host.add(&Session { issuer, clients, ..session("1", session_id) });
        }
        let removal = RemovalRequest { subject_id: Some("1".into()), ..RemovalRequest::default() };
        let report = block_on(remove_sessions(&host, &removal)).unwrap();
        let expected = sessions.map(|(id, issuer)| (Some(id.into()), issuer.map(str::to_owned)));
        let deliveries = report.deliveries.into_iter();
        let mut reported: Vec<(Option<String>, Option<String>)> =
            deliveries.map(|delivery| (delivery.session_id, delivery.issuer)).collect();
        reported.sort();
        assert_eq!(reported, expected, "{with_atomic}, {with_outbox}");
        let events = events(&host);
        for name in ["session_removed", "notification_delivered"] {
            let about = events.iter().filter(|(event, ..)| event == name);
            let mut found: Vec<_> =
                about.map(|(_, session, issuer)| (session.clone(), issuer.clone())).collect();
            found.sort();
            assert_eq!(found, expected, "{name}, {with_atomic}, {with_outbox}");
        }
    }
}
