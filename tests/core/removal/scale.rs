//! Dry runs, large removals, progress and events.

use crate::common::{NOW, TestClient, TestHost};
use rollcall::error::Code;
use rollcall::event::Event;
use rollcall::notification::LogoutReason;
use rollcall::removal::{MAX_DELIVERIES, RemovalReport, RemovalRequest};

use super::{populated, remove, revoked, session_id, subject, try_remove};

#[test]
fn a_dry_run_reports_the_same_and_changes_nothing() {
    for request in [
        subject("alice"),
        session_id("a1"),
        RemovalRequest { client_ids: Some(vec!["app".into()]), ..subject("alice") },
        RemovalRequest { except_session_ids: vec!["a1".into()], ..subject("alice") },
    ] {
        let host = populated();
        let dry = remove(&host, &RemovalRequest { dry_run: true, ..request.clone() });
        assert!(
            host.sent.borrow().is_empty()
                && host.outbox_entries().is_empty()
                && host.events.borrow().is_empty()
        );
        assert_eq!((host.sessions_of("alice").len(), host.grants_of("alice").len()), (2, 14));
        let real = remove(&host, &request);
        assert_eq!((dry.sessions_removed, revoked(&dry)), (real.sessions_removed, revoked(&real)));
        assert_eq!(
            (dry.notifications.pending, &dry.notes),
            (real.notifications.delivered, &real.notes)
        );
        let ids = |report: &RemovalReport| {
            let mut ids: Vec<_> =
                report.deliveries.iter().map(|delivery| delivery.id.clone()).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids(&dry), ids(&real));
        assert!(dry.dry_run && dry.deliveries.iter().all(|delivery| delivery.attempts == 0));
    }
    let host = populated();
    let bad = RemovalRequest { dry_run: true, ..RemovalRequest::default() };
    assert_eq!(try_remove(&host, &bad).unwrap_err().code(), Code::EmptyTarget, "the same checks");
}

/// More sessions than one step can end.
const MANY: usize = 1_050;

fn crowded() -> TestHost {
    let host = TestHost::new();
    for id in ["web", "early", "late"] {
        let uri = Some(format!("https://{id}.example/"));
        host.register(id, TestClient { uri, by_subject: true, ..Default::default() });
    }
    host.client("strict");
    for number in 0..MANY {
        let mut clients = vec!["web", "strict"];
        clients.extend((number < 3).then_some("early"));
        clients.extend((number == MANY - 1).then_some("late"));
        host.session("alice", &format!("s{number:04}"), &clients);
        host.grant("refresh_token", "alice", Some(&format!("s{number:04}")), "web");
    }
    host
}

#[test]
fn a_removal_of_many_steps_sends_one_token_by_subject_per_step_and_counts_all() {
    // A step ends 1,000 sessions as a set, or 200 by their keys.
    for (with_outbox, with_atomic, steps) in [(true, true, 2), (true, false, 6), (false, false, 6)]
    {
        let host = TestHost { with_outbox, with_atomic, ..crowded() };
        let report = remove(&host, &subject("alice"));
        assert_eq!((report.sessions_removed, report.tokens_revoked), (MANY as u64, MANY as u64));
        let count = |client: &str| {
            host.notified().iter().filter(|(notified, _, _)| notified == client).count()
        };
        assert_eq!(
            (count("web"), count("early"), count("late"), count("strict")),
            (steps, 1, 1, MANY)
        );
        let notifications = (MANY + steps + 2) as u64;
        assert_eq!(report.notifications.delivered, notifications);
        assert_eq!(
            report.deliveries.len(),
            MAX_DELIVERIES,
            "the first thousand; the counts are complete"
        );
        let progress = host.progress.borrow();
        assert!(progress.is_sorted() && progress.len() > steps, "reported step by step");
        assert_eq!(progress.last(), Some(&(MANY as u64, notifications)));
    }
}

#[test]
fn a_dry_run_over_many_pages_counts_everything_once() {
    let host = crowded();
    let report = remove(&host, &RemovalRequest { dry_run: true, ..subject("alice") });
    assert_eq!(
        (report.sessions_removed, report.tokens_revoked, report.notifications.pending),
        (MANY as u64, MANY as u64, MANY as u64 + 4)
    );
}

#[test]
fn an_aborted_call_stops_and_the_next_call_completes_it() {
    let host = crowded();
    host.script.aborted.set(true);
    assert_eq!(try_remove(&host, &subject("alice")).unwrap_err().code(), Code::Aborted);
    assert_eq!(host.sessions_of("alice").len(), MANY);
    host.script.aborted.set(false);
    assert_eq!(remove(&host, &subject("alice")).sessions_removed, MANY as u64);
}

#[test]
fn events_have_the_session_reason_and_actor_but_no_key() {
    let host = populated();
    let request = RemovalRequest {
        reason: Some("lost laptop".into()),
        actor: Some("carol".into()),
        ..session_id("a1")
    };
    remove(&host, &request);
    let events = host.events.borrow();
    let removed = Event::SessionRemoved {
        at: NOW,
        subject_id: "alice".into(),
        session_id: "a1".into(),
        issuer: None,
        logout_reason: LogoutReason::Terminated,
        reason: Some("lost laptop".into()),
        actor: Some("carol".into()),
    };
    assert_eq!(events[0], removed);
    assert!(
        matches!(events[1..], [Event::NotificationDelivered(_), Event::NotificationDelivered(_)]),
        "{events:?}"
    );
    assert!(!format!("{events:?}").contains("key of"));
}
