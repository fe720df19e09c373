//! Removals that are interrupted at any step and repeated, and concurrent removals (design 4.3).

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{NOW, TestClient, TestHost, addressee, cases, client_session, pause};
use futures_util::future::join;
use pollster::block_on;
use proptest::prelude::*;
use rollcall::error::Code;
use rollcall::grant::GrantFilter;
use rollcall::notification::DeliveryState;
use rollcall::removal::{RemovalReport, RemovalRequest, remove_sessions};
use rollcall::session::{SessionChange, SessionCondition};

/// The stores of a host that differ between tests.
#[derive(Clone, Copy, Debug)]
struct Stores {
    outbox: bool,
    atomic: bool,
}

const ALL: [Stores; 3] = [
    Stores { outbox: true, atomic: true },
    Stores { outbox: true, atomic: false },
    Stores { outbox: false, atomic: false },
];

/// The clients of Alice's session with this number. All sessions have `web` and `brief`, which
/// wants a single token by subject. `monitor` accepts only events, and `both` accepts both kinds.
fn clients_of(number: usize) -> &'static [&'static str] {
    match number {
        0 => &["web", "brief", "app", "both", "monitor"],
        number if number % 3 == 0 => &["web", "brief", "app", "monitor"],
        number if number % 3 == 1 => &["web", "brief", "both"],
        _ => &["web", "brief"],
    }
}

/// Alice has this many sessions.
fn host(stores: Stores, sessions: usize) -> TestHost {
    let host =
        TestHost { with_outbox: stores.outbox, with_atomic: stores.atomic, ..TestHost::new() };
    let brief = TestClient {
        uri: Some("https://brief.example/".into()),
        by_subject: true,
        ..Default::default()
    };
    host.client("web")
        .client("app")
        .client("late")
        .register("brief", brief)
        .event_client("monitor", false)
        .event_client("both", true);
    for number in 0..sessions {
        let id = format!("s{number:03}");
        host.session("alice", &id, clients_of(number));
        host.grant("refresh_token", "alice", Some(&id), "web");
    }
    host.session("bob", "bob's", &["web"]);
    host
}

/// All notifications of these sessions, except those by subject.
fn by_session(sessions: usize) -> BTreeSet<(String, Option<String>)> {
    let mut expected = BTreeSet::new();
    for number in 0..sessions {
        for client in clients_of(number).iter().filter(|client| **client != "brief") {
            let kinds: &[&str] = match *client {
                "both" => &["both", "both: event"],
                "monitor" => &["monitor: event"],
                client => &[client],
            };
            for kind in kinds {
                expected.insert(((*kind).to_owned(), Some(session_id(number))));
            }
        }
    }
    expected
}

/// Whether each client was notified of each of its sessions, and `brief` of the subject or, if its
/// registration couldn't be read, of each session.
fn all_notified(host: &TestHost, sessions: usize) -> bool {
    let notified = times_notified(host);
    let is_notified =
        |client: &str, sid: Option<String>| notified.contains_key(&(client.to_owned(), sid));
    let each_session =
        || (0..sessions).all(|number| is_notified("brief", Some(session_id(number))));
    (is_notified("brief", None) || each_session())
        && by_session(sessions).iter().all(|expected| notified.contains_key(expected))
}

fn session_id(number: usize) -> String {
    format!("s{number:03}")
}

/// Alice's sessions, named one by one.
fn named(sessions: usize) -> RemovalRequest {
    let ids: Vec<String> = (0..sessions).map(|number| format!("s{number:03}")).collect();
    super::sessions(&ids.iter().map(|id| ("alice", id.as_str())).collect::<Vec<_>>())
}

fn alice() -> RemovalRequest {
    RemovalRequest { subject_id: Some("alice".into()), ..RemovalRequest::default() }
}

/// How often the sender notified each client of each session or subject.
fn times_notified(host: &TestHost) -> BTreeMap<(String, Option<String>), usize> {
    let mut times = BTreeMap::new();
    for (client, _, sid) in host.notified() {
        *times.entry((client, sid)).or_default() += 1;
    }
    times
}

/// Delivers the rest of the outbox, after the leases of the interrupted call have ended.
fn deliver_rest(host: &TestHost) {
    host.now.set(host.now.get().plus(3_600_000));
    block_on(rollcall::delivery::deliver_due(host, None)).unwrap();
}

/// The steps to interrupt: all of the first ones, and then some of the deliveries, which are
/// similar.
fn steps() -> impl Iterator<Item = usize> {
    (0..40).chain((40..).step_by(29))
}

/// Interrupts the removal at each of its steps, before and after the step's effect, and repeats it.
fn interrupt_everywhere(
    stores: Stores,
    sessions: usize,
    check: impl Fn(&TestHost, usize, bool),
) -> usize {
    let mut interruptions = 0;
    for late in [false, true] {
        for step in steps() {
            let host = host(stores, sessions);
            host.script.fail_at.set(Some(step));
            host.script.fail_late.set(late);
            let interrupted = block_on(remove_sessions(&host, &alice()));
            if host.script.calls.get() <= step {
                break;
            }
            host.script.fail_at.set(None);
            // A failed lookup or attempt is in the report of a successful call. Other failures end
            // the call.
            if let Err(error) = interrupted {
                assert_eq!(error.code(), Code::StoreFailed);
                interruptions += 1;
                block_on(remove_sessions(&host, &alice())).unwrap();
            }
            assert!(
                host.sessions_of("alice").is_empty(),
                "step {step}, late {late}: a session is left"
            );
            assert!(
                host.grants_of("alice").is_empty(),
                "step {step}, late {late}: a token is left"
            );
            assert_eq!(host.sessions_of("bob"), ["bob's"]);
            check(&host, step, late);
        }
    }
    interruptions
}

#[test]
fn repeating_an_interrupted_call_completes_it_and_notifies_all_clients() {
    for sessions in [1, 5, 205] {
        for stores in ALL.into_iter().filter(|stores| stores.outbox) {
            let interruptions = interrupt_everywhere(stores, sessions, |host, step, late| {
                deliver_rest(host);
                assert!(all_notified(host, sessions), "{stores:?}, step {step}, late {late}");
                assert!(
                    host.outbox_entries()
                        .iter()
                        .all(|entry| entry.state == DeliveryState::Delivered)
                );
            });
            assert!(interruptions >= 4, "{interruptions}");
        }
    }
}

/// Without an outbox only the call itself knows the notifications. It delivers them even if it
/// fails or is aborted. A store call may also fail after it has taken effect.
#[test]
fn without_an_outbox_an_interrupted_call_notifies_the_clients_of_ended_sessions() {
    let stores = Stores { outbox: false, atomic: false };
    let mut interruptions = [0, 0];
    for (aborts, late) in [(false, false), (false, true), (true, false)] {
        for step in steps() {
            let host = host(stores, 205);
            let script = &host.script;
            if aborts { &script.abort_at } else { &script.fail_at }.set(Some(step));
            script.fail_late.set(late);
            let interrupted = block_on(remove_sessions(&host, &alice()));
            if script.calls.get() <= step {
                break;
            }
            script.abort_at.set(None);
            script.fail_at.set(None);
            script.aborted.set(false);
            match interrupted {
                // The report has a failed lookup or attempt.
                Ok(report) if report.notifications.failed + report.notifications.pending > 0 => {
                    assert!(!aborts, "step {step}");
                    continue;
                }
                Ok(report) => assert_eq!(report.sessions_removed, 205, "step {step}"),
                Err(error) => {
                    let code = if aborts { Code::Aborted } else { Code::StoreFailed };
                    assert_eq!(error.code(), code);
                    interruptions[usize::from(aborts)] += 1;
                    block_on(remove_sessions(&host, &alice())).unwrap();
                }
            }
            let when = format!("step {step}, aborts {aborts}, late {late}");
            assert!(host.sessions_of("alice").is_empty(), "{when}");
            assert!(all_notified(&host, 205), "{when}");
        }
    }
    assert!(interruptions.iter().all(|some| *some >= 4), "{interruptions:?}");
}

/// Another call ends the last session of the subject between an interruption and the repeated call.
#[test]
fn all_clients_are_notified_if_another_call_ends_the_last_session_in_between() {
    for stores in ALL.into_iter().filter(|stores| stores.outbox) {
        for step in steps() {
            let sessions = 205;
            let host = host(stores, sessions);
            host.script.fail_at.set(Some(step));
            let interrupted = block_on(remove_sessions(&host, &alice()));
            if host.script.calls.get() <= step {
                break;
            }
            host.script.fail_at.set(None);
            let last = RemovalRequest {
                session_id: Some(format!("s{:03}", sessions - 1)),
                ..RemovalRequest::default()
            };
            block_on(remove_sessions(&host, &last)).unwrap();
            if interrupted.is_err() {
                block_on(remove_sessions(&host, &alice())).unwrap();
            }
            deliver_rest(&host);
            assert!(all_notified(&host, sessions), "{stores:?}, step {step}");
        }
    }
}

#[test]
fn with_a_transaction_each_client_is_notified_exactly_once_unless_a_delivery_was_interrupted() {
    for sessions in [1, 5, 205] {
        let stores = Stores { outbox: true, atomic: true };
        interrupt_everywhere(stores, sessions, |host, step, late| {
            // Only deliveries that the outbox didn't record are repeated.
            let unsettled: Vec<_> = host
                .outbox_entries()
                .iter()
                .filter(|entry| entry.state != DeliveryState::Delivered)
                .map(|entry| (addressee(&entry.client_id, entry.kind), entry.session_id.clone()))
                .collect();
            let before = times_notified(host);
            deliver_rest(host);
            for (notified, times) in times_notified(host) {
                let repeated = before.contains_key(&notified) && unsettled.contains(&notified);
                let expected = if repeated { 2 } else { 1 };
                assert_eq!(times, expected, "step {step}, late {late}: {notified:?}");
            }
        });
    }
}

/// Runs two removals concurrently, which yield as often as `pauses` says.
fn at_once(host: &TestHost, requests: [RemovalRequest; 2], pauses: Vec<u8>) -> [RemovalReport; 2] {
    *host.script.pauses.borrow_mut() = pauses;
    let [one, two] = &requests;
    let (one, two) = block_on(join(remove_sessions(host, one), remove_sessions(host, two)));
    [one.unwrap(), two.unwrap()]
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn concurrent_removals_remove_each_session_once_and_notify_each_client_once(
        pauses in prop::collection::vec(0..4u8, 0..80),
        sessions in 1..6usize,
        stores in prop::sample::select(ALL.to_vec()),
    ) {
        let host = host(stores, sessions);
        let [one, two] = at_once(&host, [alice(), alice()], pauses);
        prop_assert_eq!(one.sessions_removed + two.sessions_removed, sessions as u64);
        prop_assert_eq!(one.tokens_revoked + two.tokens_revoked, sessions as u64);
        let notified = times_notified(&host);
        prop_assert!(notified.values().all(|times| *times == 1), "{:?}", notified);
        prop_assert!(all_notified(&host, sessions), "{:?}", notified);
    }

    #[test]
    fn concurrent_removals_of_a_subject_and_its_session_notify_all_clients(
        pauses in prop::collection::vec(0..6u8, 0..200),
        sessions in prop::sample::select(vec![1, 3, 205]),
        last in any::<bool>(),
        stores in prop::sample::select(ALL.to_vec()),
    ) {
        let host = host(stores, sessions);
        let number = if last { sessions - 1 } else { 0 };
        let session_id = Some(format!("s{number:03}"));
        let one_session = RemovalRequest { session_id, ..RemovalRequest::default() };
        let [all, one] = at_once(&host, [alice(), one_session], pauses);
        prop_assert_eq!(all.sessions_removed + one.sessions_removed, sessions as u64);
        prop_assert!(host.sessions_of("alice").is_empty());
        let notified = times_notified(&host);
        let by_subject = ("brief".to_owned(), None);
        let once = notified.iter().all(|(notified, times)| *times == 1 || *notified == by_subject);
        prop_assert!(once, "{:?}", notified);
        prop_assert!(by_session(sessions).iter().all(|expected| notified.contains_key(expected)));
        prop_assert_eq!(notified.contains_key(&by_subject), all.sessions_removed > 0, "{:?}", notified);
    }

    #[test]
    fn a_client_that_was_added_is_notified_if_the_session_ends(
        pauses in prop::collection::vec(0..4u8, 0..40),
        turns in prop::collection::vec(0..8u8, 1..6),
        stores in prop::sample::select(ALL.to_vec()),
    ) {
        let host = host(stores, turns.len());
        *host.script.pauses.borrow_mut() = pauses;
        let adds = async {
            let mut added = Vec::new();
            for (number, turns) in turns.iter().enumerate() {
                pause(*turns).await;
                let key = format!("key of s{number:03}").into();
                if host.stores.sessions().add_client(&key, &client_session("late"), NOW).unwrap() {
                    added.push(("late".to_owned(), Some(format!("s{number:03}"))));
                }
            }
            added
        };
        let request = alice();
        let (report, added) = block_on(join(remove_sessions(&host, &request), adds));
        prop_assert_eq!(report.unwrap().sessions_removed, turns.len() as u64);
        let notified = times_notified(&host);
        prop_assert!(added.iter().all(|added| notified.get(added) == Some(&1)), "{:?}", notified);
        prop_assert!(notified.values().all(|times| *times == 1), "{:?}", notified);
    }

    #[test]
    fn no_token_is_left_if_it_is_stored_before_the_session_is_validated(
        pauses in prop::collection::vec(0..4u8, 0..40),
        turns in prop::collection::vec(0..6u8, 1..5),
        whole_subject in any::<bool>(),
        stores in prop::sample::select(ALL.to_vec()),
    ) {
        let host = host(stores, turns.len());
        *host.script.pauses.borrow_mut() = pauses;
        let refreshes = async {
            for (number, turns) in turns.iter().enumerate() {
                let id = format!("s{number:03}");
                pause(*turns).await;
                host.grant("reference_token", "alice", Some(&id), "web");
                pause(1).await;
                let key = format!("key of {id}").into();
                if host.stores.sessions().get(&key).unwrap().is_none() {
                    let session_id = Some(id);
                    let refused = GrantFilter { session_id, ..GrantFilter::default() };
                    host.stores.grants().remove(&refused).unwrap();
                }
            }
        };
        let except = if whole_subject { vec![] } else { vec!["another".to_owned()] };
        let request = RemovalRequest { except_session_ids: except, ..alice() };
        let (report, ()) = block_on(join(remove_sessions(&host, &request), refreshes));
        prop_assert_eq!(report.unwrap().sessions_removed, turns.len() as u64);
        prop_assert_eq!(host.grants_of("alice"), []);
    }

    #[test]
    fn sessions_rotated_during_a_removal_are_removed_and_notify_each_client_once(
        pauses in prop::collection::vec(0..4u8, 0..40),
        turns in prop::collection::vec(0..4u8, 1..6),
        stores in prop::sample::select(ALL.to_vec()),
        by_name: bool,
    ) {
        let host = host(stores, turns.len());
        *host.script.pauses.borrow_mut() = pauses;
        let rotates = async {
            for (number, turns) in turns.iter().enumerate() {
                pause(*turns).await;
                let key = Some(format!("replaces {number}").into());
                let change = SessionChange { key, ..SessionChange::default() };
                let former = format!("key of s{number:03}").into();
                host.stores.sessions().update(&former, &change, &SessionCondition::NONE).unwrap();
            }
        };
        let request = if by_name { named(turns.len()) } else { alice() };
        let (report, ()) = block_on(join(remove_sessions(&host, &request), rotates));
        prop_assert_eq!(report.unwrap().sessions_removed, turns.len() as u64);
        prop_assert!(host.sessions_of("alice").is_empty());
        let notified = times_notified(&host);
        let by_subject = ("brief".to_owned(), None);
        let once = notified.iter().all(|(notified, times)| *times == 1 || *notified == by_subject);
        prop_assert!(once, "{:?}", notified);
        prop_assert!(all_notified(&host, turns.len()), "{:?}", notified);
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn concurrent_removals_of_several_steps_notify_each_client_once(
        pauses in prop::collection::vec(0..6u8, 0..60),
        stores in prop::sample::select(ALL.to_vec()),
    ) {
        let sessions = 1_001;
        let host = host(stores, sessions);
        let [one, two] = at_once(&host, [alice(), alice()], pauses);
        prop_assert_eq!(one.sessions_removed + two.sessions_removed, sessions as u64);
        let notified = times_notified(&host);
        let by_subject = ("brief".to_owned(), None);
        prop_assert!(notified.iter().all(|(notified, times)| *times == 1 || *notified == by_subject));
        prop_assert!(all_notified(&host, sessions));
    }
}
