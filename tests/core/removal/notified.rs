//! The clients that are notified when sessions end, and how.

use std::collections::BTreeSet;

use crate::common::{NOW, Sent, TestClient, TestHost, client_session, notified, session};
use rollcall::notification::{DeliveryState, LogoutReason, NotificationKind, Outcome};
use rollcall::removal::{RemovalReport, RemovalRequest};
use rollcall::session::Session;

use super::{populated, remove, session_id, subject};

/// A client that wants a single token by subject.
fn by_subject(id: &str, session_required: bool) -> TestClient {
    let uri = Some(format!("https://{id}.example/logout"));
    TestClient { uri, by_subject: true, session_required, ..TestClient::default() }
}

#[test]
fn a_client_is_notified_of_each_session_of_a_subject_unless_it_wants_one_token() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..populated() };
        host.register("brief", by_subject("brief", false));
        host.register("strict", by_subject("strict", true));
        host.session("alice", "a3", &["brief", "strict"]);
        host.session("alice", "a4", &["brief=unused", "strict=own sid"]);
        let report = remove(&host, &subject("alice"));
        let alice = Some("alice");
        let expected = [
            notified("app", alice, Some("a1")),
            notified("brief", alice, None),
            notified("strict", alice, Some("a3")),
            notified("strict", alice, Some("own sid")),
            notified("web", alice, Some("a1")),
            notified("web", alice, Some("a2")),
        ];
        assert_eq!(host.notified(), expected);
        assert_eq!((report.notifications.delivered, report.deliveries.len()), (6, 6));
    }
}

#[test]
fn a_client_that_wants_one_token_is_notified_by_session_if_other_sessions_stay() {
    let a3 = RemovalRequest { session_id: Some("a3".into()), ..subject("alice") };
    let except = RemovalRequest { except_session_ids: vec!["a4".into()], ..subject("alice") };
    for request in [session_id("a3"), a3, except] {
        let host = TestHost::new();
        host.register("brief", by_subject("brief", false));
        host.session("alice", "a3", &["brief"]);
        host.session("alice", "a4", &["brief"]);
        remove(&host, &request);
        // A token with only `sub` would end the other session at the client.
        assert_eq!(host.notified(), [notified("brief", Some("alice"), Some("a3"))], "{request:?}");
    }
}

#[test]
fn two_subjects_with_the_same_session_id_are_notified_separately() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..populated() };
        for subject in ["carol", "dave"] {
            host.add(&Session {
                key: format!("key of {subject}").into(),
                clients: vec![client_session("web")],
                ..session(subject, "same")
            });
        }
        assert_eq!(remove(&host, &session_id("same")).sessions_removed, 2);
        let expected = [
            notified("web", Some("carol"), Some("same")),
            notified("web", Some("dave"), Some("same")),
        ];
        assert_eq!(host.notified(), expected);
    }
}

#[test]
fn a_client_with_its_own_sid_is_notified_by_it() {
    let host = populated();
    host.session("alice", "a9", &["web=w-sid", "app"]);
    remove(&host, &session_id("a9"));
    assert_eq!(
        host.notified(),
        [notified("app", Some("alice"), Some("a9")), notified("web", Some("alice"), Some("w-sid"))]
    );
}

#[test]
fn a_client_that_accepts_events_gets_them_with_or_instead_of_logout_tokens() {
    let host = populated();
    host.event_client("both", true).event_client("monitor", false);
    host.session("alice", "a3", &["both=own sid", "monitor"]);
    host.session("alice", "a4", &["both", "monitor"]);
    let request = RemovalRequest { dry_run: true, ..subject("alice") };
    let planned = remove(&host, &request);
    let report = remove(&host, &subject("alice"));
    let alice = Some("alice");
    let expected = [
        notified("app", alice, Some("a1")),
        notified("both", alice, Some("a4")),
        notified("both", alice, Some("own sid")),
        notified("both: event", alice, Some("a4")),
        notified("both: event", alice, Some("own sid")),
        notified("monitor: event", alice, Some("a3")),
        notified("monitor: event", alice, Some("a4")),
        notified("web", alice, Some("a1")),
        notified("web", alice, Some("a2")),
    ];
    assert_eq!(host.notified(), expected, "one per session, client and kind");
    assert_eq!((report.notifications.delivered, report.notifications.skipped), (9, 0));
    let sorted = |report: &RemovalReport| {
        let mut known: Vec<_> = report
            .deliveries
            .iter()
            .map(|delivery| {
                (
                    delivery.client_id.clone(),
                    delivery.kind == NotificationKind::SessionRevoked,
                    delivery.id.clone(),
                )
            })
            .collect();
        known.sort();
        known
    };
    assert_eq!(sorted(&planned), sorted(&report), "the dry run has the same ids");
    let ids: BTreeSet<_> = sorted(&report).into_iter().map(|(_, _, id)| id).collect();
    assert_eq!(ids.len(), 9, "all different");
    for Sent { notification, .. } in host.sent.borrow().iter() {
        let path = if notification.kind == NotificationKind::Logout { "logout" } else { "events" };
        assert_eq!(
            notification.logout_uri,
            Some(format!("https://{}.example/{path}", notification.client_id))
        );
    }
}

#[test]
fn an_event_names_the_session_like_a_logout_token() {
    let host = populated();
    host.event_client("both", true);
    host.session("alice", "a3", &["both=own sid"]);
    remove(&host, &session_id("a3"));
    let alice = Some("alice");
    assert_eq!(
        host.notified(),
        [notified("both", alice, Some("own sid")), notified("both: event", alice, Some("own sid"))]
    );
}

#[test]
fn a_client_with_an_unreadable_registration_gets_every_kind_that_it_accepts_later() {
    for (both, expected) in [(true, vec!["both", "both: event"]), (false, vec!["both: event"])] {
        let host = TestHost::new();
        host.event_client("both", both);
        host.session("alice", "a1", &["both"]);
        // The calls are clients, client lookup.
        host.script.fail_at.set(Some(1));
        let report = remove(&host, &subject("alice"));
        assert_eq!(report.notifications.delivered, 1, "one notification");
        let clients: Vec<_> = host.notified().into_iter().map(|(client, _, _)| client).collect();
        assert_eq!(clients, expected);
    }
}

#[test]
fn an_event_to_a_client_that_no_longer_accepts_events_is_given_up() {
    let host = populated();
    host.event_client("both", true);
    host.session("alice", "a3", &["both"]);
    let refuses = Outcome::Failed {
        retry: true,
        retry_after: None,
        status: Some(503),
        error: "HTTP 503".into(),
    };
    host.outcomes.borrow_mut().insert("both".into(), refuses);
    remove(&host, &session_id("a3"));
    host.outcomes.borrow_mut().clear();
    host.client("both");
    host.now.set(NOW.plus(3_600_000));
    pollster::block_on(rollcall::delivery::deliver_due(&host, None)).unwrap();
    let mut states: Vec<_> = host
        .outbox_entries()
        .into_iter()
        .map(|entry| (entry.kind == NotificationKind::Logout, entry.state))
        .collect();
    states.sort_by_key(|(logout, _)| *logout);
    assert_eq!(states, [(false, DeliveryState::Failed), (true, DeliveryState::Delivered)]);
}

#[test]
fn clients_come_from_the_session_and_not_from_tokens() {
    let host = populated();
    host.client("tokens-only");
    host.grant("refresh_token", "alice", Some("a2"), "tokens-only");
    remove(&host, &session_id("a2"));
    assert_eq!(host.notified(), [notified("web", Some("alice"), Some("a2"))]);
}

#[test]
fn unknown_disabled_and_unreachable_clients_are_skipped_with_the_reason() {
    let host = populated();
    host.register(
        "off",
        TestClient {
            uri: Some("https://off.example/".into()),
            disabled: true,
            ..Default::default()
        },
    );
    host.register("silent", TestClient::default());
    host.register("blank", TestClient { uri: Some(" ".into()), ..Default::default() });
    host.session("carol", "c1", &["unknown", "off", "silent", "blank", "web"]);
    host.session("carol", "c2", &["unknown", "off"]);
    let report = remove(&host, &subject("carol"));
    assert_eq!(
        (report.sessions_removed, report.notifications.delivered, report.notifications.skipped),
        (2, 1, 4),
        "each skipped client is listed once"
    );
    let reasons: Vec<_> = report
        .deliveries
        .iter()
        .filter(|delivery| delivery.state == DeliveryState::Skipped)
        .map(|delivery| {
            (delivery.client_id.as_str(), delivery.error.as_deref().unwrap(), delivery.attempts)
        })
        .collect();
    let expected = [
        ("blank", "the client has no back-channel logout URI", 0),
        ("off", "the client is disabled", 0),
        ("silent", "the client has no back-channel logout URI", 0),
        ("unknown", "the client is not known", 0),
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn the_claims_follow_the_specification() {
    let mut host = populated();
    host.pairwise = true;
    host.now.set(NOW.plus(999));
    host.add(&Session {
        issuer: Some("https://op.example".into()),
        clients: vec![client_session("web"), client_session("app")],
        ..session("carol", "c1")
    });
    remove(&host, &session_id("c1"));
    let sent = host.sent.borrow();
    let claims: Vec<_> = sent.iter().map(Sent::logout_claims).collect();
    let seconds = NOW.as_millis() / 1_000;
    for claims in &claims {
        assert_eq!(claims.iss.as_deref(), Some("https://op.example"), "the issuer at sign-in");
        assert_eq!(
            (claims.iat, claims.exp),
            (seconds - 5, seconds + 115),
            "backdated by 5 s for relying parties with slow clocks"
        );
        assert_eq!(
            claims.sub,
            Some(format!("carol of {}", claims.aud)),
            "the client's pairwise subject id"
        );
        assert_eq!(claims.sid.as_deref(), Some("c1"));
        assert_eq!(claims.logout_reason, LogoutReason::Terminated);
        assert!(claims.jti.len() == 32 && claims.jti.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    assert_ne!(claims[0].jti, claims[1].jti);
}

#[test]
fn sessions_of_two_issuers_are_notified_separately() {
    let host = populated();
    host.register("web", by_subject("web", false));
    for (id, issuer) in [
        ("c1", "https://one.example"),
        ("c2", "https://two.example"),
        ("c3", "https://one.example"),
    ] {
        let clients = vec![client_session("web")];
        host.add(&Session { issuer: Some(issuer.into()), clients, ..session("carol", id) });
    }
    remove(&host, &subject("carol"));
    let mut issuers: Vec<_> =
        host.sent.borrow().iter().filter_map(|sent| sent.logout_claims().iss.clone()).collect();
    issuers.sort();
    assert_eq!(issuers, ["https://one.example", "https://two.example"]);
}
