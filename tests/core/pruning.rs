//! Pruning at the end of a pass: settled notifications, expired grants and devices of old sessions.

use crate::common::{NOW, TestHost, session};
use pollster::block_on;
use rollcall::coordination::{ExpiryPass, remove_expired_sessions};
use rollcall::delivery::{DeliveryPass, deliver_due};
use rollcall::error::Code;
use rollcall::event::Event;
use rollcall::grant::{Grant, GrantFilter};
use rollcall::notification::{DeliveryState, Notification, Settlement};
use rollcall::session::Session;
use rollcall::settings::{CoordinationOptions, DeliveryOptions};
use rollcall::time::{Millis, Timestamp};

const DAY: Millis = 86_400_000;
/// The most entries that a store removes in one step, and the most of a pass.
const BATCH: usize = 1_000;
const MAX_PER_PASS: usize = 10 * BATCH;

fn host() -> TestHost {
    let host = TestHost::new();
    host.client("web");
    host
}

fn deliver(host: &TestHost) -> DeliveryPass {
    block_on(deliver_due(host, None)).unwrap()
}

fn expire(host: &TestHost) -> ExpiryPass {
    block_on(remove_expired_sessions(host, &CoordinationOptions::default(), None)).unwrap()
}

/// Records a notification that is due at [`NOW`].
fn due(host: &TestHost, id: &str) {
    let (id, client_id) = (id.to_owned(), "web".to_owned());
    let subject_id = Some("alice".to_owned());
    host.stores.outbox().add(&[Notification {
        id,
        client_id,
        subject_id,
        created: NOW,
        ..Notification::default()
    }]);
}

fn delivered() -> Settlement {
    Settlement::Delivered { status: Some(200) }
}

fn failed() -> Settlement {
    Settlement::Failed { error: "refused".to_owned(), status: Some(400) }
}

/// Records a notification that was settled at this time.
fn settled(host: &TestHost, id: &str, settlement: &Settlement, when: Timestamp) {
    due(host, id);
    host.stores.outbox().settle(id, settlement, when);
}

fn entries(host: &TestHost) -> Vec<String> {
    host.outbox_entries().into_iter().map(|entry| entry.id).collect()
}

fn grant(host: &TestHost, key: &str, expires: Option<Timestamp>) {
    let stored = host.stores.grants().store(&Grant {
        key: key.to_owned(),
        grant_type: "refresh_token".to_owned(),
        subject_id: Some("alice".to_owned()),
        client_id: "web".to_owned(),
        expires,
        ..Grant::default()
    });
    stored.unwrap();
}

fn grants(host: &TestHost) -> Vec<String> {
    let filter = GrantFilter { subject_id: Some("alice".to_owned()), ..GrantFilter::default() };
    host.stores.grants().list(&filter).unwrap().into_iter().map(|grant| grant.key).collect()
}

/// A session with an address, created at this time.
fn with_device(host: &TestHost, id: &str, created: Timestamp) -> Session {
    let ip_address = Some("192.0.2.1".to_owned());
    let session = Session { created, renewed: created, ip_address, ..session("alice", id) };
    host.add(&session);
    session
}

fn has_device(host: &TestHost, session: &Session) -> bool {
    host.stores.sessions().get(&session.key).unwrap().unwrap().ip_address.is_some()
}

fn failure(host: &TestHost) -> Vec<(&'static str, Code)> {
    let events = host.events.borrow();
    let failures = events.iter().filter_map(|event| match event {
        Event::PruningFailed { at: NOW, store, code, .. } => Some((*store, *code)),
        _ => None,
    });
    failures.collect()
}

fn prunings(host: &TestHost, store: &str) -> usize {
    host.script.prunings.borrow().get(store).copied().unwrap_or(0)
}

#[test]
fn a_delivery_pass_prunes_delivered_and_failed_entries_at_their_own_ages() {
    let host = host();
    let [week, quarter] = [7 * DAY, 90 * DAY];
    settled(&host, "delivered: old", &delivered(), NOW.minus(week + 1));
    settled(&host, "delivered: kept", &delivered(), NOW.minus(week));
    settled(&host, "failed: old", &failed(), NOW.minus(quarter + 1));
    settled(&host, "failed: kept", &failed(), NOW.minus(quarter));
    let pass = deliver(&host);
    assert_eq!(pass, DeliveryPass { pruned: 2, ..DeliveryPass::default() });
    assert_eq!(entries(&host), ["delivered: kept", "failed: kept"]);
    assert_eq!(deliver(&host), DeliveryPass::default(), "nothing more");
}

#[test]
fn the_host_sets_how_long_entries_are_kept() {
    let mut host = host();
    host.delivery =
        DeliveryOptions { keep_delivered: 20, keep_failed: 10, ..DeliveryOptions::default() };
    settled(&host, "delivered", &delivered(), NOW.minus(20));
    settled(&host, "failed", &failed(), NOW.minus(11));
    assert_eq!(deliver(&host).pruned, 1);
    assert_eq!(entries(&host), ["delivered"]);
    host.now.set(NOW.plus(1));
    assert_eq!(deliver(&host).pruned, 1);
}

#[test]
fn retention_starts_with_the_delivery() {
    let host = host();
    due(&host, "n1");
    host.now.set(NOW.plus(8 * DAY));
    assert_eq!(deliver(&host), DeliveryPass { delivered: 1, ..DeliveryPass::default() });
    host.now.set(NOW.plus(15 * DAY));
    assert_eq!(deliver(&host).pruned, 0);
    host.now.set(NOW.plus(15 * DAY + 1));
    assert_eq!(deliver(&host).pruned, 1);
}

#[test]
fn a_retried_entry_is_kept_from_its_new_result() {
    let host = host();
    settled(&host, "n1", &failed(), NOW.minus(90 * DAY));
    settled(&host, "n2", &failed(), NOW.minus(90 * DAY));
    assert!(host.stores.outbox().retry("n1", NOW.plus(5)));
    host.now.set(NOW.plus(1));
    assert_eq!(deliver(&host), DeliveryPass { pruned: 1, ..DeliveryPass::default() });
    assert_eq!(entries(&host), ["n1"], "it is pending");
    assert!(!host.stores.outbox().retry("n2", NOW));
    host.now.set(NOW.plus(5));
    assert_eq!(deliver(&host), DeliveryPass { delivered: 1, ..DeliveryPass::default() });
    assert_eq!(host.outbox_entries()[0].state, DeliveryState::Delivered);
}

#[test]
fn an_expiry_pass_removes_expired_grants_of_any_session() {
    let host = host();
    grant(&host, "expired", Some(NOW));
    grant(&host, "long expired", Some(NOW.minus(DAY)));
    grant(&host, "later", Some(NOW.plus(1)));
    grant(&host, "never", None);
    assert_eq!(expire(&host), ExpiryPass { grants_removed: 2, ..ExpiryPass::default() });
    assert_eq!(grants(&host), ["later", "never"]);
    assert_eq!(expire(&host), ExpiryPass::default());
}

#[test]
fn without_a_grant_store_no_grants_are_removed() {
    let mut host = host();
    host.with_grants = false;
    grant(&host, "expired", Some(NOW));
    assert_eq!(expire(&host), ExpiryPass::default());
    assert_eq!(prunings(&host, "grants"), 0);
}

#[test]
fn devices_are_cleared_only_if_the_host_sets_an_age() {
    let mut host = host();
    let old = with_device(&host, "old", NOW.minus(DAY + 1));
    let young = with_device(&host, "young", NOW.minus(DAY));
    assert_eq!(expire(&host), ExpiryPass::default());
    assert_eq!((prunings(&host, "sessions"), has_device(&host, &old)), (0, true));
    host.forget_devices_after = Some(DAY);
    assert_eq!(expire(&host), ExpiryPass { devices_forgotten: 1, ..ExpiryPass::default() });
    assert_eq!((has_device(&host, &old), has_device(&host, &young)), (false, true));
    let stored = host.stores.sessions().get(&old.key).unwrap().unwrap();
    assert_eq!(stored, Session { ip_address: None, ..old });
}

#[test]
fn a_pass_prunes_a_bounded_number_of_batches() {
    let mut host = host();
    host.forget_devices_after = Some(0);
    for number in 0..=MAX_PER_PASS {
        settled(&host, &format!("n{number}"), &delivered(), NOW.minus(30 * DAY));
        grant(&host, &format!("g{number}"), Some(NOW));
        with_device(&host, &format!("s{number}"), NOW.minus(1));
    }
    due(&host, "due");
    let pass = deliver(&host);
    let expected =
        DeliveryPass { delivered: 1, pruned: MAX_PER_PASS as u64, ..DeliveryPass::default() };
    assert_eq!(pass, expected, "a backlog doesn't set `more`");
    assert_eq!(prunings(&host, "outbox"), MAX_PER_PASS / BATCH);
    assert_eq!(deliver(&host).pruned, 1);

    let (grants_removed, devices_forgotten) = (MAX_PER_PASS as u64, MAX_PER_PASS as u64);
    let expected =
        ExpiryPass { more: true, grants_removed, devices_forgotten, ..ExpiryPass::default() };
    assert_eq!(expire(&host), expected);
    assert_eq!((prunings(&host, "grants"), prunings(&host, "sessions")), (10, 10));
    let rest = ExpiryPass { grants_removed: 1, devices_forgotten: 1, ..ExpiryPass::default() };
    assert_eq!(expire(&host), rest);
}

#[test]
fn a_store_that_fails_to_prune_does_not_fail_the_pass_or_block_the_others() {
    let mut host = host();
    host.forget_devices_after = Some(0);
    for store in ["outbox", "grants", "sessions"] {
        host.events.borrow_mut().clear();
        host.script.unpruned.set(Some(store));
        due(&host, &format!("due: {store}"));
        settled(&host, &format!("settled: {store}"), &delivered(), NOW.minus(30 * DAY));
        grant(&host, "expired", Some(NOW));
        with_device(&host, store, NOW.minus(1));
        let (delivery, expiry) = (deliver(&host), expire(&host));
        let pruning_failed = store == "outbox";
        let pruned = u64::from(!pruning_failed) + u64::from(store == "grants");
        let expected =
            DeliveryPass { delivered: 1, pruned, pruning_failed, ..DeliveryPass::default() };
        assert_eq!(delivery, expected, "{store}");
        let expected = ExpiryPass {
            grants_removed: u64::from(store != "grants"),
            devices_forgotten: u64::from(store != "sessions"),
            pruning_failed: store != "outbox",
            ..ExpiryPass::default()
        };
        assert_eq!(expiry, expected, "{store}");
        assert_eq!(failure(&host), [(store, Code::StoreFailed)]);
    }
}

#[test]
fn a_store_that_fails_to_prune_is_asked_once_per_pass() {
    let host = host();
    host.script.unpruned.set(Some("outbox"));
    for number in 0..3 * BATCH {
        settled(&host, &number.to_string(), &delivered(), NOW.minus(30 * DAY));
    }
    assert!(deliver(&host).pruning_failed);
    assert_eq!(prunings(&host, "outbox"), 1);
    host.script.unpruned.set(None);
    assert_eq!(deliver(&host).pruned, 3 * BATCH as u64, "the next pass prunes the backlog");
}

#[test]
fn an_abort_ends_pruning() {
    let host = host();
    for number in 0..3 * BATCH {
        settled(&host, &number.to_string(), &delivered(), NOW.minus(30 * DAY));
    }
    // The claim is the first call, and the second batch is the third.
    host.script.abort_at.set(Some(2));
    let error = block_on(deliver_due(&host, None)).unwrap_err();
    assert_eq!(error.code(), Code::Aborted);
    assert_eq!((prunings(&host, "outbox"), entries(&host).len()), (2, BATCH));
    assert!(failure(&host).is_empty(), "an abort isn't a failure of the store");
}

#[test]
fn a_pass_that_fails_to_deliver_does_not_prune() {
    let host = host();
    settled(&host, "old", &delivered(), NOW.minus(30 * DAY));
    host.script.fail_at.set(Some(0));
    assert_eq!(block_on(deliver_due(&host, None)).unwrap_err().code(), Code::StoreFailed);
    assert_eq!(entries(&host), ["old"]);
}

#[test]
fn due_notifications_are_delivered_before_pruning() {
    let host = host();
    due(&host, "n1");
    settled(&host, "old", &delivered(), NOW.minus(30 * DAY));
    // The claim, the lookup, the attempt and its settlement come before the pruning.
    host.script.fail_at.set(Some(4));
    let pass = deliver(&host);
    let expected = DeliveryPass { delivered: 1, pruning_failed: true, ..DeliveryPass::default() };
    assert_eq!(pass, expected);
}
