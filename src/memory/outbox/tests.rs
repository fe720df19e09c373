use super::*;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(milliseconds)
}

impl OutboxTable {
    fn list(
        &self,
        filter: &OutboxFilter,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Vec<Delivery> {
        let mut search = OutboxSearch::new(filter, after, limit);
        assert!(self.advance(&mut search, usize::MAX));
        search.found
    }
}

fn outbox(entries: &[(&str, i64, Option<i64>)]) -> OutboxTable {
    let mut outbox = OutboxTable::default();
    for (id, created, not_before) in entries {
        assert!(outbox.add(&Notification {
            id: (*id).into(),
            client_id: "web".into(),
            created: at(*created),
            not_before: not_before.map(at),
            ..Notification::default()
        }));
    }
    outbox
}

fn claim(outbox: &mut OutboxTable, now: i64, limit: usize) -> Vec<String> {
    outbox.claim(at(now), limit, 30).into_iter().map(|notification| notification.id).collect()
}

fn only(outbox: &OutboxTable) -> Delivery {
    let [delivery] = outbox.list(&OutboxFilter::default(), None, None).try_into().unwrap();
    delivery
}

fn retry_at(next_attempt: i64) -> Settlement {
    let next_attempt = at(next_attempt);
    Settlement::Pending { next_attempt, error: "timed out".into(), status: None }
}

fn failed() -> Settlement {
    Settlement::Failed { error: "refused".into(), status: Some(400) }
}

#[test]
fn the_longest_due_are_claimed_first_and_none_before_they_are_due() {
    let mut outbox = outbox(&[
        ("b", 20, None),
        ("a", 20, None),
        ("c", 10, None),
        ("d", 0, Some(40)),
        ("e", 50, None),
    ]);
    assert_eq!(claim(&mut outbox, 39, 2), ["c", "b"]);
    assert_eq!(claim(&mut outbox, 39, 10), ["a"]);
    assert_eq!(claim(&mut outbox, 40, 10), ["d"]);
}

#[test]
fn a_claim_is_leased_until_the_lease_ends() {
    let mut outbox = outbox(&[("a", 0, None)]);
    assert_eq!(claim(&mut outbox, 100, 1), ["a"]);
    assert_eq!(only(&outbox).next_attempt, Some(at(130)));
    assert!(claim(&mut outbox, 129, 1).is_empty());
    assert_eq!(claim(&mut outbox, 130, 1), ["a"]);
}

#[test]
fn a_delivered_entry_stays_delivered() {
    let mut outbox = outbox(&[("a", 0, None)]);
    outbox.settle("a", &Settlement::Delivered { status: Some(200) }, at(100));
    for late in [failed(), retry_at(50), Settlement::Delivered { status: None }] {
        outbox.settle("a", &late, at(100));
        let entry = only(&outbox);
        assert_eq!(
            (entry.state, entry.attempts, entry.status),
            (DeliveryState::Delivered, 1, Some(200))
        );
    }
    assert!(claim(&mut outbox, 1_000, 1).is_empty());
}

#[test]
fn an_id_is_recorded_once_even_if_it_is_settled() {
    let mut outbox = outbox(&[("a", 0, None)]);
    let again =
        Notification { id: "a".into(), client_id: "other".into(), ..Notification::default() };
    assert!(!outbox.add(&again));
    outbox.settle("a", &Settlement::Delivered { status: Some(204) }, at(100));
    assert!(!outbox.add(&again));
    assert_eq!(only(&outbox).client_id, "web");
    assert!(claim(&mut outbox, 1_000, 1).is_empty());
}

#[test]
fn settling_counts_the_attempt_and_records_its_result() {
    let mut outbox = outbox(&[("a", 0, None)]);
    outbox.settle("a", &retry_at(50), at(100));
    let delivery = only(&outbox);
    assert_eq!(
        (delivery.state, delivery.attempts, delivery.next_attempt),
        (DeliveryState::Pending, 1, Some(at(50)))
    );
    assert_eq!(delivery.error.as_deref(), Some("timed out"));
    assert!(outbox.claim(at(49), 1, 30).is_empty());
    assert_eq!(outbox.claim(at(50), 1, 30)[0].attempt, 1);

    outbox.settle("a", &failed(), at(100));
    let delivery = only(&outbox);
    assert_eq!(
        (delivery.state, delivery.attempts, delivery.next_attempt),
        (DeliveryState::Failed, 2, None)
    );
    assert_eq!((delivery.error.as_deref(), delivery.status), (Some("refused"), Some(400)));
    assert!(claim(&mut outbox, 1_000, 1).is_empty());

    outbox.settle("a", &Settlement::Delivered { status: Some(200) }, at(100));
    let delivery = only(&outbox);
    assert_eq!(
        (delivery.state, delivery.attempts, delivery.error),
        (DeliveryState::Delivered, 3, None)
    );
    assert_eq!(delivery.status, Some(200));

    let before = outbox.list(&OutboxFilter::default(), None, None);
    outbox.settle("unknown", &failed(), at(100));
    assert_eq!(outbox.list(&OutboxFilter::default(), None, None), before);
}

#[test]
fn only_failed_entries_can_be_retried() {
    let mut outbox = outbox(&[("a", 0, None)]);
    assert!(!outbox.retry("a", at(10)), "it is pending");
    assert!(!outbox.retry("unknown", at(10)));
    outbox.settle("a", &failed(), at(100));
    assert!(outbox.retry("a", at(10)));
    assert_eq!(
        (only(&outbox).state, only(&outbox).next_attempt),
        (DeliveryState::Pending, Some(at(10)))
    );
    assert!(claim(&mut outbox, 9, 1).is_empty());
    assert_eq!(claim(&mut outbox, 10, 1), ["a"]);
    outbox.settle("a", &Settlement::Delivered { status: None }, at(100));
    assert!(!outbox.retry("a", at(10)), "it is delivered");
}

#[test]
fn settled_entries_are_pruned_oldest_first_and_completely() {
    let ids = ["a", "b", "c", "d"];
    let mut outbox = outbox(&ids.map(|id| (id, 0, None)));
    for (number, id) in ids.into_iter().enumerate() {
        outbox.settle(id, &failed(), at(10 - number as i64));
    }
    let before = |time| SettledBefore { delivered: at(0), failed: at(time) };
    assert_eq!(outbox.prune(&before(7), 10), 0);
    assert_eq!(outbox.prune(&before(100), 1), 1);
    assert!(outbox.retry("b", at(20)));
    assert_eq!(outbox.prune(&before(100), 10), 2);
    assert_eq!(only(&outbox).id, "b");
    assert_eq!((outbox.by_id.len(), outbox.rows.len(), outbox.index.len()), (1, 1, 1));
}

#[test]
fn the_list_is_sorted_by_id_and_uses_every_member_of_the_filter() {
    let mut outbox = OutboxTable::default();
    let text = |text: &str| Some(text.to_owned());
    for (id, client, subject, session) in [
        ("3", "web", text("bob"), text("s1")),
        ("1", "web", text("bob"), None),
        ("2", "api", None, text("s1")),
    ] {
        let (id, client_id) = (id.into(), client.into());
        outbox.add(&Notification {
            id,
            client_id,
            subject_id: subject,
            session_id: session,
            ..Notification::default()
        });
    }
    outbox.settle("3", &failed(), at(100));
    let none = OutboxFilter::default();
    let list = |filter: &OutboxFilter, after, limit| -> Vec<String> {
        outbox.list(filter, after, limit).into_iter().map(|delivery| delivery.id).collect()
    };
    assert_eq!(list(&none, None, None), ["1", "2", "3"]);
    assert_eq!(list(&none, Some("1"), Some(1)), ["2"]);
    assert_eq!(list(&none, Some("2"), None), ["3"]);
    assert_eq!(list(&none, Some("1a"), None), ["2", "3"], "the id itself may have been removed");
    assert_eq!(
        list(&OutboxFilter { client_id: text("web"), ..none.clone() }, None, None),
        ["1", "3"]
    );
    assert_eq!(
        list(&OutboxFilter { subject_id: text("bob"), ..none.clone() }, Some("1"), None),
        ["3"]
    );
    assert_eq!(
        list(&OutboxFilter { session_id: text("s1"), ..none.clone() }, None, Some(1)),
        ["2"]
    );
    assert_eq!(
        list(&OutboxFilter { state: Some(DeliveryState::Pending), ..none.clone() }, None, None),
        ["1", "2"]
    );
    assert!(
        list(&OutboxFilter { state: Some(DeliveryState::Skipped), ..none.clone() }, None, None)
            .is_empty()
    );
    let both = OutboxFilter { subject_id: text("bob"), session_id: text("s1"), ..none };
    assert_eq!(list(&both, None, None), ["3"]);
}

#[test]
fn the_list_filters_by_id_and_by_issuers() {
    let mut outbox = OutboxTable::default();
    for (id, issuer) in [("1", Some("a")), ("2", None), ("3", Some("b")), ("4", Some("c"))] {
        let issuer = issuer.map(str::to_owned);
        let id = id.to_owned();
        outbox.add(&Notification { id, issuer, ..Notification::default() });
    }
    let list = |id: Option<&str>, issuers: Option<&[&str]>, after| -> Vec<String> {
        let strings = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        let filter = OutboxFilter {
            id: id.map(str::to_owned),
            issuers: issuers.map(strings),
            ..OutboxFilter::default()
        };
        outbox.list(&filter, after, None).into_iter().map(|delivery| delivery.id).collect()
    };
    assert_eq!(list(None, Some(&["c", "a"]), None), ["1", "4"]);
    assert_eq!(list(None, Some(&["c", "a"]), Some("1")), ["4"]);
    assert!(list(None, Some(&["none"]), None).is_empty());
    for after in [None, Some("1"), Some("0")] {
        assert_eq!(list(Some("2"), None, after), ["2"], "after {after:?}");
    }
    for after in ["2", "3", "9"] {
        assert!(list(Some("2"), None, Some(after)).is_empty(), "after {after}");
    }
    assert!(list(Some("20"), None, None).is_empty());
    assert!(list(Some("2"), Some(&["a"]), None).is_empty());
    assert_eq!(list(Some("3"), Some(&["a", "b"]), None), ["3"]);
}
