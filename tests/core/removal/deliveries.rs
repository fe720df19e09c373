//! The delivery states of notifications.

use crate::common::{NOW, TestClient, TestHost};
use rollcall::notification::{DeliveryState, Outcome};

use super::{populated, remove, session_id, subject};

fn refuses(retry: bool) -> Outcome {
    Outcome::Failed { retry, retry_after: None, status: Some(500), error: "HTTP 500".into() }
}

#[test]
fn a_failed_notification_does_not_keep_the_session() {
    for (durable, retry, state) in [
        (true, true, DeliveryState::Pending),
        (true, false, DeliveryState::Failed),
        (false, true, DeliveryState::Failed),
        (false, false, DeliveryState::Failed),
    ] {
        let mut host = populated();
        (host.with_outbox, host.with_atomic) = (durable, durable);
        host.outcomes.borrow_mut().insert("web".into(), refuses(retry));
        let report = remove(&host, &session_id("a1"));
        assert_eq!((report.sessions_removed, report.notifications.delivered), (1, 1));
        let web = report.deliveries.iter().find(|delivery| delivery.client_id == "web").unwrap();
        assert_eq!((web.state, web.attempts, web.status), (state, 1, Some(500)));
        assert_eq!(web.error.as_deref(), Some("HTTP 500"));
        assert_eq!(web.next_attempt.is_some(), state == DeliveryState::Pending);
    }
}

#[test]
fn error_messages_are_made_storable_for_the_outbox() {
    let host = populated();
    let error = format!("no\0{}", "ä".repeat(100_000));
    let refuses = Outcome::Failed { retry: true, retry_after: None, status: None, error };
    host.outcomes.borrow_mut().insert("web".into(), refuses);
    let report = remove(&host, &session_id("b1"));
    let expected = format!("no {}", "ä".repeat(997));
    assert_eq!(report.deliveries[0].error, Some(expected.clone()));
    assert_eq!(host.outbox_entries()[0].error, Some(expected));
}

#[test]
fn retry_after_is_respected() {
    let host = populated();
    let asks = Outcome::Failed {
        retry: true,
        retry_after: Some(90_000),
        status: Some(429),
        error: "HTTP 429".into(),
    };
    host.outcomes.borrow_mut().insert("web".into(), asks);
    let report = remove(&host, &session_id("b1"));
    assert_eq!(report.deliveries[0].next_attempt, Some(NOW.plus(90_000)));
}

#[test]
fn a_failing_sender_fails_the_delivery_and_not_the_call() {
    let host = populated();
    // The calls are clients, client lookup, end, revoke again, client lookup again, send.
    host.script.fail_at.set(Some(5));
    let report = remove(&host, &session_id("b1"));
    assert_eq!((report.sessions_removed, report.notifications.pending), (1, 1));
    assert!(report.deliveries[0].error.as_deref().unwrap().contains("made to fail"));
}

#[test]
fn a_failed_settlement_leaves_the_delivery_pending_and_the_removal_succeeds() {
    let host = TestHost::new();
    let clients: Vec<_> = (0..60).map(|number| format!("client{number:02}")).collect();
    for client in &clients {
        host.client(client);
    }
    let clients: Vec<_> = clients.iter().map(String::as_str).collect();
    host.session("alice", "a1", &clients);
    host.session("alice", "a2", &clients);
    *host.script.unsettled.borrow_mut() = 50..51;
    let report = remove(&host, &session_id("a1"));
    assert_eq!((report.notifications.delivered, report.notifications.pending), (59, 1));
    let pending = report.deliveries.iter().find(|one| one.state == DeliveryState::Pending).unwrap();
    assert_eq!((pending.attempts, pending.next_attempt), (0, Some(NOW.plus(60_000))));
    let error = "the outbox could not record the attempt: `store` failed: the outbox is down";
    assert_eq!(pending.error.as_deref(), Some(error));
    // If the outbox records nothing any more, the attempts stop, and the report has the rest.
    *host.script.unsettled.borrow_mut() = 80..1_000;
    let report = remove(&host, &session_id("a2"));
    assert_eq!((report.sessions_removed, report.notifications.delivered), (1, 20));
    assert_eq!(report.notifications.pending, 40);
    assert_eq!(report.deliveries.len(), 60);
    let sent = host.sent.borrow().len() - 60;
    assert!(sent < 60, "{sent}: not all were tried");
}

#[test]
fn a_failed_client_lookup_does_not_keep_the_session() {
    let host = populated();
    host.script.fail_at.set(Some(1));
    let report = remove(&host, &session_id("b1"));
    assert_eq!(
        (report.sessions_removed, report.notifications.delivered),
        (1, 1),
        "the attempt looked the client up again"
    );
}

#[test]
fn deliveries_are_settled_in_the_outbox() {
    let host = populated();
    host.outcomes.borrow_mut().insert("app".into(), refuses(true));
    remove(&host, &subject("alice"));
    let entries = host.outbox_entries();
    let state = |client: &str| {
        let entry = entries.iter().find(|entry| entry.client_id == client).unwrap();
        (entry.state, entry.attempts)
    };
    assert_eq!(state("web"), (DeliveryState::Delivered, 1));
    assert_eq!(state("app"), (DeliveryState::Pending, 1));
    assert!(host.stores.outbox().claim(NOW.plus(4_999), 10, 1_000).is_empty(), "not due yet");
    assert_eq!(host.stores.outbox().claim(NOW.plus(15_000), 10, 1_000).len(), 1);
}

#[test]
fn attempts_are_capped_overall_and_per_origin() {
    let host = TestHost::new();
    for number in 0..20 {
        let uri = format!("https://host{}.example/logout/{number}", number % 2);
        host.register(
            &format!("client{number:02}"),
            TestClient { uri: Some(uri), ..Default::default() },
        );
    }
    let clients: Vec<_> = (0..20).map(|number| format!("client{number:02}")).collect();
    host.session("alice", "a1", &clients.iter().map(String::as_str).collect::<Vec<_>>());
    host.script.pauses.borrow_mut().extend([3; 200]);
    assert_eq!(remove(&host, &subject("alice")).notifications.delivered, 20);
    assert_eq!(
        host.max_in_flight.get(),
        8,
        "four at each of the two origins, after the first answer"
    );
}
