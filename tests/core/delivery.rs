//! The rules of delivery from the outbox (design 4.4): leases, retries, concurrency limits, skipped
//! origins, and how long a removal waits.

use crate::common::{NOW, TestClient, TestHost, cases};
use futures_util::future::join;
use pollster::block_on;
use proptest::prelude::*;
use rollcall::delivery::{DeliveryPass, deliver_due};
use rollcall::error::Code;
use rollcall::event::{DeliveryAttempt, Event};
use rollcall::notification::{Delivery, DeliveryState, Notification, NotificationKind, Outcome};
use rollcall::removal::{RemovalReport, RemovalRequest, remove_and_publish};
use rollcall::settings::DeliveryOptions;

fn deliver(host: &TestHost) -> DeliveryPass {
    block_on(deliver_due(host, None)).unwrap()
}

/// Records a due notification.
fn due(host: &TestHost, id: &str, client_id: &str) {
    host.stores.outbox().add(&[Notification {
        id: id.to_owned(),
        client_id: client_id.to_owned(),
        logout_uri: Some(format!("https://{client_id}.example/logout")),
        subject_id: Some("alice".to_owned()),
        created: host.now.get(),
        ..Notification::default()
    }]);
}

fn refuses(retry: bool, retry_after: Option<i64>) -> Outcome {
    Outcome::Failed { retry, retry_after, status: Some(503), error: "HTTP 503".to_owned() }
}

fn entry(host: &TestHost, id: &str) -> Delivery {
    host.outbox_entries().into_iter().find(|entry| entry.id == id).unwrap()
}

/// A host with one notification to `web`, which answers with this failure.
fn refused(options: DeliveryOptions, outcome: Outcome) -> TestHost {
    let host = TestHost { delivery: options, ..TestHost::new() };
    host.client("web");
    host.outcomes.borrow_mut().insert("web".into(), outcome);
    due(&host, "n1", "web");
    host
}

#[test]
fn a_pass_delivers_only_due_notifications() {
    let host = TestHost::new();
    host.client("web").client("app");
    due(&host, "n1", "web");
    due(&host, "n2", "app");
    host.now.set(NOW.plus(10));
    due(&host, "n3", "web");
    host.now.set(NOW);
    let pass = deliver(&host);
    assert_eq!(
        pass,
        DeliveryPass {
            delivered: 2,
            failed: 0,
            rescheduled: 0,
            more: false,
            ..DeliveryPass::default()
        }
    );
    assert_eq!(host.notified().len(), 2);
    assert_eq!(deliver(&host), DeliveryPass::default(), "a delivered notification isn't due again");
    host.now.set(NOW.plus(10));
    assert_eq!(deliver(&host).delivered, 1);
}

#[test]
fn a_pass_needs_an_outbox_clients_and_a_sender() {
    for missing in 0..3 {
        let mut host = TestHost::new();
        (host.with_outbox, host.with_clients, host.with_sender) =
            (missing != 0, missing != 1, missing != 2);
        assert_eq!(block_on(deliver_due(&host, None)).unwrap_err().code(), Code::NotConfigured);
    }
}

#[test]
fn a_failed_notification_is_retried_after_a_pause_with_a_new_token() {
    let options =
        DeliveryOptions { first_retry: 1_000, max_retry: 60_000, ..DeliveryOptions::default() };
    let host = refused(options, refuses(true, None));
    assert_eq!(
        deliver(&host),
        DeliveryPass {
            delivered: 0,
            failed: 0,
            rescheduled: 1,
            more: false,
            ..DeliveryPass::default()
        }
    );
    let next = entry(&host, "n1").next_attempt.unwrap();
    assert!((NOW.plus(500)..=NOW.plus(1_000)).contains(&next));
    assert_eq!(deliver(&host), DeliveryPass::default(), "not yet");
    host.now.set(next);
    assert_eq!(deliver(&host).rescheduled, 1);
    let after = entry(&host, "n1");
    assert_eq!((after.state, after.attempts, after.status), (DeliveryState::Pending, 2, Some(503)));
    assert!(
        (next.plus(1_000)..=next.plus(2_000)).contains(&after.next_attempt.unwrap()),
        "twice the pause"
    );
    host.outcomes.borrow_mut().clear();
    host.now.set(after.next_attempt.unwrap());
    assert_eq!(deliver(&host).delivered, 1);
    let sent = host.sent.borrow();
    let tokens: std::collections::BTreeSet<_> =
        sent.iter().map(|sent| sent.logout_claims().jti.clone()).collect();
    assert_eq!(tokens.len(), 3, "each attempt has its own `jti`");
    let issued = host.now.get().minus(host.delivery.backdate).as_millis() / 1_000;
    assert_eq!(sent[2].logout_claims().iat, issued, "and its own time");
    assert_eq!(sent.iter().map(|sent| sent.notification.attempt).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn retry_after_is_respected() {
    let host = refused(DeliveryOptions::default(), refuses(true, Some(90_000)));
    deliver(&host);
    assert_eq!(entry(&host, "n1").next_attempt, Some(NOW.plus(90_000)));
}

#[test]
fn a_permanent_failure_is_given_up_at_once_and_can_be_retried() {
    let host = refused(DeliveryOptions::default(), refuses(false, None));
    assert_eq!(
        deliver(&host),
        DeliveryPass {
            delivered: 0,
            failed: 1,
            rescheduled: 0,
            more: false,
            ..DeliveryPass::default()
        }
    );
    let given_up = entry(&host, "n1");
    assert_eq!(
        (given_up.state, given_up.error.as_deref()),
        (DeliveryState::Failed, Some("HTTP 503"))
    );
    let attempt = DeliveryAttempt {
        at: NOW,
        id: "n1".into(),
        kind: NotificationKind::Logout,
        client_id: "web".into(),
        subject_id: Some("alice".into()),
        session_id: None,
        issuer: None,
        attempts: 1,
        duration: 0,
        status: Some(503),
        error: Some("HTTP 503".into()),
        next_attempt: None,
    };
    assert_eq!(*host.events.borrow(), [Event::NotificationGivenUp(attempt)]);
    host.now.set(NOW.plus(86_400_000 * 30));
    assert_eq!(deliver(&host), DeliveryPass::default());
    host.outcomes.borrow_mut().clear();
    assert!(host.stores.outbox().retry("n1", host.now.get()));
    assert_eq!(deliver(&host).delivered, 1);
    assert_eq!(entry(&host, "n1").attempts, 2);
}

#[test]
fn a_notification_that_fails_for_too_long_is_given_up() {
    let options = DeliveryOptions {
        first_retry: 1_000,
        max_retry: 1_000,
        give_up_after: 5_000,
        ..DeliveryOptions::default()
    };
    let host = refused(options, refuses(true, None));
    while let Some(next) = entry(&host, "n1").next_attempt {
        host.now.set(next);
        deliver(&host);
    }
    let given_up = entry(&host, "n1");
    assert_eq!(given_up.state, DeliveryState::Failed);
    assert!(
        (5..=11).contains(&given_up.attempts),
        "{} attempts in five seconds",
        given_up.attempts
    );
    assert!(host.now.get() <= NOW.plus(5_000));
    assert!(matches!(host.events.borrow().last(), Some(Event::NotificationGivenUp(_))));
}

#[test]
fn a_client_that_is_no_longer_known_is_given_up_with_the_reason() {
    let host = TestHost::new();
    due(&host, "n1", "removed");
    assert_eq!(deliver(&host).failed, 1);
    assert_eq!(entry(&host, "n1").error.as_deref(), Some("the client is not known"));
}

#[test]
fn after_an_interrupted_pass_a_claim_is_due_again_when_its_lease_ends() {
    for late in [false, true] {
        let host = TestHost {
            delivery: DeliveryOptions { lease_for: 30_000, ..Default::default() },
            ..TestHost::new()
        };
        host.client("web");
        due(&host, "n1", "web");
        // The calls are claim, client lookup, send, settle.
        host.script.fail_at.set(Some(3));
        host.script.fail_late.set(late);
        assert_eq!(deliver(&host), DeliveryPass { rescheduled: 1, ..DeliveryPass::default() });
        host.script.fail_at.set(None);
        assert_eq!(deliver(&host), DeliveryPass::default(), "it is still leased");
        host.now.set(NOW.plus(30_000));
        assert_eq!(deliver(&host).delivered, u64::from(!late));
    }
}

#[test]
fn a_pass_continues_after_one_failed_settlement_and_stops_after_several() {
    let host = TestHost::new();
    for number in 0..100 {
        let client = format!("client{number}");
        host.client(&client);
        due(&host, &format!("n{number:02}"), &client);
    }
    *host.script.unsettled.borrow_mut() = 10..1_000;
    assert_eq!(block_on(deliver_due(&host, None)).unwrap_err().code(), Code::StoreFailed);
    assert!(host.sent.borrow().len() <= 10 + 32, "no further attempt started");
    let host = TestHost::new();
    for number in 0..8 {
        host.client(&format!("client{number}"));
        due(&host, &format!("n{number}"), &format!("client{number}"));
    }
    host.script.pauses.borrow_mut().extend([2; 40]);
    // One claim, eight lookups and eight sends come before the first settlement.
    host.script.fail_at.set(Some(17));
    assert_eq!((deliver(&host).delivered, host.sent.borrow().len()), (7, 8));
    let delivered = host
        .outbox_entries()
        .iter()
        .filter(|entry| entry.state == DeliveryState::Delivered)
        .count();
    assert_eq!(delivered, 7, "the others are settled");
}

#[test]
fn entries_of_a_later_version_are_skipped_and_do_not_block_others() {
    let host = TestHost::new();
    host.client("web");
    for number in 0..300 {
        due(&host, &format!("n{number:03}"), "web");
    }
    host.script.unknown.borrow_mut().extend((0..200).map(|number| format!("n{number:03}")));
    let pass = block_on(deliver_due(&host, Some(100))).unwrap();
    assert_eq!((pass.delivered, pass.rescheduled), (100, 200));
    let left = entry(&host, "n000");
    assert_eq!((left.state, left.attempts), (DeliveryState::Pending, 0));
    assert_eq!(left.next_attempt, Some(NOW.plus(60_000)), "due again when its lease ends");
}

#[test]
fn an_aborted_pass_claims_nothing() {
    let host = TestHost::new();
    host.client("web");
    due(&host, "n1", "web");
    host.script.aborted.set(true);
    assert_eq!(block_on(deliver_due(&host, None)).unwrap_err().code(), Code::Aborted);
    host.script.aborted.set(false);
    assert_eq!(deliver(&host).delivered, 1);
}

#[test]
fn a_pass_is_bounded_and_reports_more() {
    let host = TestHost::new();
    host.client("web");
    for number in 0..250 {
        due(&host, &format!("n{number:03}"), "web");
    }
    let pass = block_on(deliver_due(&host, Some(100))).unwrap();
    assert_eq!((pass.delivered, pass.more), (100, true));
    let pass = block_on(deliver_due(&host, Some(1_000))).unwrap();
    assert_eq!((pass.delivered, pass.more), (150, false));
}

#[test]
fn attempts_are_capped_overall_and_per_origin_and_a_new_origin_starts_with_one() {
    for (concurrency, per_origin, origins, most) in
        [(32, 4, 2, 8), (8, 4, 4, 8), (8, 1, 20, 8), (1, 4, 3, 1)]
    {
        let options = DeliveryOptions { concurrency, per_origin, ..DeliveryOptions::default() };
        let host = TestHost { delivery: options, ..TestHost::new() };
        for number in 0..60 {
            let client = format!("client{}", number % origins);
            host.client(&client);
            due(&host, &format!("n{number:02}"), &client);
        }
        host.script.pauses.borrow_mut().extend([3; 600]);
        assert_eq!(deliver(&host).delivered, 60);
        assert_eq!(host.max_in_flight.get(), most, "{concurrency}, {per_origin}, {origins}");
    }
    let host = TestHost::new();
    host.client("web");
    host.outcomes.borrow_mut().insert("web".into(), refuses(true, None));
    for number in 0..10 {
        due(&host, &format!("n{number}"), "web");
    }
    host.script.pauses.borrow_mut().extend([3; 600]);
    deliver(&host);
    assert_eq!(
        host.max_in_flight.get(),
        1,
        "an origin that doesn't answer gets one attempt at a time"
    );
}

#[test]
fn an_origin_that_keeps_failing_is_skipped_until_its_leases_end() {
    let host = refused(DeliveryOptions::default(), refuses(true, None));
    for number in 2..=20 {
        due(&host, &format!("n{number}"), "web");
    }
    host.client("app");
    due(&host, "other", "app");
    let pass = deliver(&host);
    assert_eq!(
        pass,
        DeliveryPass {
            delivered: 1,
            failed: 0,
            rescheduled: 20,
            more: false,
            ..DeliveryPass::default()
        }
    );
    assert_eq!(host.sent.borrow().len(), 4, "three attempts at `web`, one at `app`");
    let unattempted =
        host.outbox_entries().into_iter().filter(|entry| entry.attempts == 0).collect::<Vec<_>>();
    assert_eq!(unattempted.len(), 17, "they don't count as attempts");
    assert!(unattempted.iter().all(|entry| entry.next_attempt == Some(NOW.plus(60_000))));
    // A refusal is an answer, so the origin isn't skipped.
    let host = refused(DeliveryOptions::default(), refuses(false, None));
    for number in 2..=20 {
        due(&host, &format!("n{number}"), "web");
    }
    assert_eq!(deliver(&host).failed, 20);
}

#[test]
fn dead_origins_do_not_block_the_others() {
    // The test clock moves for each attempt, also for concurrent ones, so leases are long.
    let options =
        DeliveryOptions { concurrency: 8, lease_for: 3_600_000, ..DeliveryOptions::default() };
    let host = TestHost { delivery: options, ..TestHost::new() };
    for origin in 0..40 {
        let client = format!("client{origin:02}");
        host.client(&client);
        // Most origins are dead, and the dead ones come first.
        if origin < 30 {
            host.slow.borrow_mut().insert(client.clone(), 5_000);
            host.outcomes.borrow_mut().insert(client.clone(), refuses(true, None));
        }
        for number in 0..10 {
            due(&host, &format!("n{origin:02}{number}"), &client);
        }
    }
    let pass = block_on(deliver_due(&host, Some(1_000))).unwrap();
    assert_eq!(pass.delivered, 100);
    let sent = host.sent.borrow();
    let is_alive = |sent: &crate::common::Sent| sent.notification.client_id.as_str() >= "client30";
    let last = sent.iter().rposition(is_alive).unwrap();
    let dead_before = sent[..last].iter().filter(|sent| !is_alive(sent)).count();
    assert!(
        dead_before <= 30,
        "{dead_before}: each dead origin is tried at most once before the others are served"
    );
    assert!(host.max_in_flight.get() <= 8);
}

#[test]
fn clients_with_unreadable_registrations_do_not_block_each_other() {
    let host = TestHost::new();
    let recorded = |client: &str, number: usize| Notification {
        id: format!("n{number:02}"),
        client_id: client.into(),
        subject_id: Some("alice".into()),
        created: NOW,
        ..Notification::default()
    };
    host.client("dead");
    host.outcomes.borrow_mut().insert("dead".into(), refuses(true, None));
    for number in 0..4 {
        host.stores.outbox().add(&[recorded("dead", number)]);
    }
    for number in 4..24 {
        let client = format!("client{number}");
        host.client(&client);
        host.stores.outbox().add(&[recorded(&client, number)]);
    }
    assert_eq!(deliver(&host).delivered, 20);
}

#[test]
fn a_registry_that_is_down_is_soon_not_asked_again() {
    let host = TestHost::new();
    for number in 0..200 {
        let client = format!("client{number:03}");
        host.client(&client);
        due(&host, &format!("n{number:03}"), &client);
    }
    host.registry_down.set(true);
    let pass = deliver(&host);
    assert_eq!((pass.delivered, pass.more), (0, true));
    let lookups = host.script.lookups.get();
    assert!(lookups <= 3 + 32, "{lookups}: only attempts in flight");
    host.registry_down.set(false);
    host.now.set(NOW.plus(120_000));
    assert_eq!(deliver(&host).delivered, 200);
}

#[test]
fn an_attempt_does_not_start_with_less_than_half_of_its_lease() {
    let options =
        DeliveryOptions { concurrency: 1, lease_for: 1_000, ..DeliveryOptions::default() };
    let host = TestHost { delivery: options, ..TestHost::new() };
    host.client("web");
    host.slow.borrow_mut().insert("web".into(), 300);
    for number in 0..10 {
        due(&host, &format!("n{number}"), "web");
    }
    let pass = deliver(&host);
    assert_eq!(
        (pass.delivered, pass.rescheduled),
        (2, 8),
        "at 0 and 300 ms; at 600 ms it is too late"
    );
    assert_eq!(host.sent.borrow().len(), 2);
    let mut passes = 0;
    while host.outbox_entries().iter().any(|entry| entry.state == DeliveryState::Pending) {
        host.now.set(host.now.get().plus(1_000));
        deliver(&host);
        passes += 1;
        assert!(passes < 10);
    }
    assert_eq!(host.sent.borrow().len(), 10, "each once");
}

/// Runs a removal. Returns its interim report and its final report.
fn removal(host: &TestHost) -> (Option<RemovalReport>, RemovalReport) {
    let request = RemovalRequest { subject_id: Some("alice".into()), ..RemovalRequest::default() };
    let mut published = None;
    let report = block_on(remove_and_publish(host, &request, &mut |report| {
        assert!(published.is_none(), "once");
        published = Some(report.clone());
    }));
    (published, report.unwrap())
}

#[test]
fn a_removal_waits_for_its_deliveries_and_reports_the_rest_as_pending() {
    let options = DeliveryOptions { wait: 2_000, per_origin: 1, ..DeliveryOptions::default() };
    let host = TestHost { delivery: options, ..TestHost::new() };
    let by_subject = TestClient {
        uri: Some("https://web.example/".into()),
        by_subject: true,
        ..Default::default()
    };
    host.register("web", by_subject).client("slow");
    host.slow.borrow_mut().insert("slow".into(), 1_500);
    for number in 0..5 {
        host.session("alice", &format!("s{number}"), &["web", "slow"]);
    }
    let (published, report) = removal(&host);
    let published = published.unwrap();
    assert_eq!(
        (
            published.sessions_removed,
            published.notifications.delivered,
            published.notifications.pending
        ),
        (5, 2, 4)
    );
    let in_flight = published
        .deliveries
        .iter()
        .find(|delivery| delivery.state == DeliveryState::Pending)
        .unwrap();
    assert_eq!(in_flight.attempts, 0);
    assert_eq!(
        (report.notifications.delivered, report.notifications.pending),
        (3, 3),
        "the attempt in flight completed"
    );
    let states = host.outbox_entries();
    assert_eq!(states.iter().filter(|entry| entry.state == DeliveryState::Delivered).count(), 3);
    host.slow.borrow_mut().clear();
    host.now.set(NOW.plus(120_000));
    assert_eq!(deliver(&host).delivered, 3);
    assert_eq!(host.sent.borrow().len(), 6, "each once");
}

#[test]
fn without_an_outbox_a_removal_waits_for_all_deliveries() {
    let options = DeliveryOptions { wait: 0, ..DeliveryOptions::default() };
    let host =
        TestHost { delivery: options, with_outbox: false, with_atomic: false, ..TestHost::new() };
    host.client("web");
    host.slow.borrow_mut().insert("web".into(), 5_000);
    host.session("alice", "s1", &["web"]);
    let (published, report) = removal(&host);
    assert!(published.is_none());
    assert_eq!((report.notifications.delivered, report.notifications.pending), (1, 0));
}

#[test]
fn a_removal_that_may_not_wait_leaves_all_deliveries_to_the_outbox() {
    let options = DeliveryOptions { wait: 0, ..DeliveryOptions::default() };
    let host = TestHost { delivery: options, ..TestHost::new() };
    host.client("web");
    host.session("alice", "s1", &["web"]);
    let (_, report) = removal(&host);
    assert_eq!((report.notifications.pending, host.sent.borrow().len()), (1, 0));
    assert_eq!(deliver(&host).delivered, 1, "due at once: the removal makes no attempt");
}

proptest! {
    #![proptest_config(cases(200))]

    /// Concurrent workers that yield in any order, with failing and slow origins.
    #[test]
    fn concurrent_workers_notify_each_client_once_and_lose_nothing(
        pauses in prop::collection::vec(0..5u8, 0..200),
        count in 1..60usize,
        slow in prop::collection::vec(0..4i64, 6),
        failing in prop::collection::vec(any::<bool>(), 6),
    ) {
        let host = TestHost::new();
        for origin in 0..6 {
            let client = format!("client{origin}");
            host.client(&client);
            host.slow.borrow_mut().insert(client.clone(), slow[origin] * 100);
            if failing[origin] {
                host.outcomes.borrow_mut().insert(client, refuses(true, None));
            }
        }
        for number in 0..count {
            due(&host, &format!("n{number}"), &format!("client{}", number % 6));
        }
        *host.script.pauses.borrow_mut() = pauses;
        let (one, two) = block_on(join(deliver_due(&host, None), deliver_due(&host, None)));
        let (one, two) = (one.unwrap(), two.unwrap());
        prop_assert_eq!(one.delivered + two.delivered + one.rescheduled + two.rescheduled, count as u64);
        let live = (0..count).filter(|number| !failing[number % 6]).count();
        prop_assert_eq!(one.delivered + two.delivered, live as u64);
        host.outcomes.borrow_mut().clear();
        host.now.set(host.now.get().plus(3_600_000));
        prop_assert_eq!(deliver(&host).delivered, (count - live) as u64);
        prop_assert!(host.outbox_entries().iter().all(|entry| entry.state == DeliveryState::Delivered));
    }
}
