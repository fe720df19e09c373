//! Who is told what when sessions end.

use std::collections::BTreeSet;

use crate::common::{NOW, Sent, TestClient, TestHost, client_session, session, told};
use rollcall::notification::{DeliveryState, LogoutReason, NotificationKind, Outcome};
use rollcall::removal::{RemovalReport, RemovalRequest};
use rollcall::session::Session;

use super::{populated, remove, session_id, subject};

#[test]
fn a_whole_subject_is_one_token_a_client_with_sub_only_unless_it_requires_sid() {
    let host = populated();
    let strict = TestClient {
        uri: Some("https://strict.example/".into()),
        session_required: true,
        ..Default::default()
    };
    host.register("strict", strict);
    host.session("alice", "a3", &["strict", "web"]);
    host.session("alice", "a4", &["strict=own sid"]);
    let report = remove(&host, &subject("alice"));
    let alice = Some("alice");
    let expected = [
        told("app", alice, None),
        told("strict", alice, Some("a3")),
        told("strict", alice, Some("own sid")),
        told("web", alice, None),
    ];
    assert_eq!(host.told(), expected);
    assert_eq!((report.notifications.delivered, report.deliveries.len()), (4, 4));
}

#[test]
fn one_session_is_told_by_the_clients_own_sid_where_it_has_one() {
    let host = populated();
    host.session("alice", "a9", &["web=w-sid", "app"]);
    remove(&host, &session_id("a9"));
    assert_eq!(
        host.told(),
        [told("app", Some("alice"), Some("a9")), told("web", Some("alice"), Some("w-sid"))]
    );
}

#[test]
fn a_client_is_told_by_events_too_or_instead_where_it_takes_them() {
    let host = populated();
    host.event_client("both", true).event_client("monitor", false);
    host.session("alice", "a3", &["both=own sid", "monitor"]);
    host.session("alice", "a4", &["both", "monitor"]);
    let request = RemovalRequest { dry_run: true, ..subject("alice") };
    let announced = remove(&host, &request);
    let report = remove(&host, &subject("alice"));
    let alice = Some("alice");
    let expected = [
        told("app", alice, None),
        told("both", alice, None),
        told("both: event", alice, None),
        told("monitor: event", alice, None),
        told("web", alice, None),
    ];
    assert_eq!(host.told(), expected, "one a client and kind, however many sessions");
    assert_eq!((report.notifications.delivered, report.notifications.skipped), (5, 0));
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
    assert_eq!(sorted(&announced), sorted(&report), "a repetition makes the same ids");
    let ids: BTreeSet<_> = sorted(&report).into_iter().map(|(_, _, id)| id).collect();
    assert_eq!(ids.len(), 5, "and each its own");
    for Sent { notification, .. } in host.sent.borrow().iter() {
        let path = if notification.kind == NotificationKind::Logout { "logout" } else { "events" };
        assert_eq!(
            notification.logout_uri,
            Some(format!("https://{}.example/{path}", notification.client_id))
        );
    }
}

#[test]
fn an_event_names_the_session_as_a_logout_token_does() {
    let host = populated();
    host.event_client("both", true);
    host.session("alice", "a3", &["both=own sid"]);
    remove(&host, &session_id("a3"));
    let alice = Some("alice");
    assert_eq!(
        host.told(),
        [told("both", alice, Some("own sid")), told("both: event", alice, Some("own sid"))]
    );
}

#[test]
fn a_client_whose_registration_could_not_be_read_is_told_every_way_it_has() {
    for (both, expected) in [(true, vec!["both", "both: event"]), (false, vec!["both: event"])] {
        let host = TestHost::new();
        host.event_client("both", both);
        host.session("alice", "a1", &["both"]);
        // Reads the page, looks up the client.
        host.script.fail_at.set(Some(1));
        let report = remove(&host, &subject("alice"));
        assert_eq!(report.notifications.delivered, 1, "one notification");
        let clients: Vec<_> = host.told().into_iter().map(|(client, _, _)| client).collect();
        assert_eq!(clients, expected);
    }
}

#[test]
fn a_client_that_takes_no_events_any_more_is_given_up() {
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
    assert_eq!(host.told(), [told("web", Some("alice"), Some("a2"))]);
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
    host.session("carol", "c1", &["nobody", "off", "silent", "blank", "web"]);
    host.session("carol", "c2", &["nobody", "off"]);
    let report = remove(&host, &subject("carol"));
    assert_eq!(
        (report.sessions_removed, report.notifications.delivered, report.notifications.skipped),
        (2, 1, 4),
        "each client once"
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
        ("nobody", "the client is not known", 0),
        ("off", "the client is disabled", 0),
        ("silent", "the client has no back-channel logout URI", 0),
        ("blank", "the client has no back-channel logout URI", 0),
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn the_claims_are_those_of_the_specification() {
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
        assert_eq!((claims.iat, claims.exp), (seconds, seconds + 120));
        assert_eq!(
            claims.sub,
            Some(format!("carol of {}", claims.aud)),
            "pairwise subjects are the client's own"
        );
        assert_eq!(claims.sid.as_deref(), Some("c1"));
        assert_eq!(claims.logout_reason, LogoutReason::Terminated);
        assert!(claims.jti.len() == 32 && claims.jti.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    assert_ne!(claims[0].jti, claims[1].jti);
}

#[test]
fn sessions_of_two_issuers_are_told_apart() {
    let host = populated();
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
