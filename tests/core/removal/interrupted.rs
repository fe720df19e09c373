//! Removals that are interrupted at any step and repeated, and removals that run at once (design
//! 4.3).

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

/// How the stores of a host hang together.
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

/// The clients of Alice's session of this number: all sessions are at `web` and `brief`, which asks
/// for one token by subject; `monitor` takes events only, and `both` takes both.
fn clients_of(number: usize) -> &'static [&'static str] {
    match number {
        0 => &["web", "brief", "app", "both", "monitor"],
        number if number % 3 == 0 => &["web", "brief", "app", "monitor"],
        number if number % 3 == 1 => &["web", "brief", "both"],
        _ => &["web", "brief"],
    }
}

/// Alice with this many sessions.
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

/// Every notification that the end of all of these sessions leads to, except those by subject.
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

/// Whether each client was notified of each of its sessions, and `brief` of the subject. If its
/// registration could not be read, it was notified of each session.
fn all_notified(host: &TestHost, sessions: usize) -> bool {
    let told = times_told(host);
    let is_told = |client: &str, sid: Option<String>| told.contains_key(&(client.to_owned(), sid));
    let each_session = || (0..sessions).all(|number| is_told("brief", Some(session_id(number))));
    (is_told("brief", None) || each_session())
        && by_session(sessions).iter().all(|expected| told.contains_key(expected))
}

fn session_id(number: usize) -> String {
    format!("s{number:03}")
}

/// Alice's sessions, each by its name.
fn named(sessions: usize) -> RemovalRequest {
    let ids: Vec<String> = (0..sessions).map(|number| format!("s{number:03}")).collect();
    super::sessions(&ids.iter().map(|id| ("alice", id.as_str())).collect::<Vec<_>>())
}

fn alice() -> RemovalRequest {
    RemovalRequest { subject_id: Some("alice".into()), ..RemovalRequest::default() }
}

/// How often each client was told of each thing, by what the sender was given.
fn times_told(host: &TestHost) -> BTreeMap<(String, Option<String>), usize> {
    let mut times = BTreeMap::new();
    for (client, _, sid) in host.told() {
        *times.entry((client, sid)).or_default() += 1;
    }
    times
}

/// Delivers what is left in the outbox, as a worker does once the lease of the interrupted call is
/// over.
fn work_off(host: &TestHost) {
    host.now.set(host.now.get().plus(3_600_000));
    block_on(rollcall::delivery::deliver_due(host, None)).unwrap();
}

/// The steps to interrupt: all of the first ones, then some of the deliveries, which are alike.
fn steps() -> impl Iterator<Item = usize> {
    (0..40).chain((40..).step_by(29))
}

/// Interrupts the removal at each of its steps in turn, before and after the step's effect, and
/// repeats it.
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
            // A failed look-up or attempt is in the report of a call that succeeds; every other
            // failure ends the call.
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
fn every_interruption_is_completed_by_the_same_call_and_no_client_is_missed() {
    for sessions in [1, 5, 205] {
        for stores in ALL.into_iter().filter(|stores| stores.outbox) {
            let interruptions = interrupt_everywhere(stores, sessions, |host, step, late| {
                work_off(host);
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

/// Without an outbox only the call itself knows which notifications are due: it delivers them
/// whatever fails, and also if the caller ends it. A call of the store may also fail after it took
/// effect.
#[test]
fn without_an_outbox_an_interrupted_call_notifies_the_clients_of_what_it_ended() {
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
                // The report has a look-up or an attempt that failed.
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

/// The last session of the subject ends by another call between an interruption and the repetition.
#[test]
fn no_client_is_missed_if_another_call_ends_the_last_session_in_between() {
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
            work_off(&host);
            assert!(all_notified(&host, sessions), "{stores:?}, step {step}");
        }
    }
}

#[test]
fn with_a_transaction_each_client_is_told_exactly_once_unless_the_delivery_itself_was_interrupted()
{
    for sessions in [1, 5, 205] {
        let stores = Stores { outbox: true, atomic: true };
        interrupt_everywhere(stores, sessions, |host, step, late| {
            // Only what the client got and the outbox does not know of is sent again.
            let unsettled: Vec<_> = host
                .outbox_entries()
                .iter()
                .filter(|entry| entry.state != DeliveryState::Delivered)
                .map(|entry| (addressee(&entry.client_id, entry.kind), entry.session_id.clone()))
                .collect();
            let before = times_told(host);
            work_off(host);
            for (told, times) in times_told(host) {
                let repeated = before.contains_key(&told) && unsettled.contains(&told);
                let expected = if repeated { 2 } else { 1 };
                assert_eq!(times, expected, "step {step}, late {late}: {told:?}");
            }
        });
    }
}

/// Runs two removals at once, giving way to each other in the order of `pauses`.
fn at_once(host: &TestHost, requests: [RemovalRequest; 2], pauses: Vec<u8>) -> [RemovalReport; 2] {
    *host.script.pauses.borrow_mut() = pauses;
    let [one, two] = &requests;
    let (one, two) = block_on(join(remove_sessions(host, one), remove_sessions(host, two)));
    [one.unwrap(), two.unwrap()]
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn two_removals_at_once_remove_each_session_once_and_tell_each_client_once(
        pauses in prop::collection::vec(0..4u8, 0..80),
        sessions in 1..6usize,
        stores in prop::sample::select(ALL.to_vec()),
    ) {
        let host = host(stores, sessions);
        let [one, two] = at_once(&host, [alice(), alice()], pauses);
        prop_assert_eq!(one.sessions_removed + two.sessions_removed, sessions as u64);
        prop_assert_eq!(one.tokens_revoked + two.tokens_revoked, sessions as u64);
        let told = times_told(&host);
        prop_assert!(told.values().all(|times| *times == 1), "{:?}", told);
        prop_assert!(all_notified(&host, sessions), "{:?}", told);
    }

    #[test]
    fn a_subject_and_one_of_its_sessions_at_once_miss_no_client(
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
        let told = times_told(&host);
        let by_subject = ("brief".to_owned(), None);
        let once = told.iter().all(|(told, times)| *times == 1 || *told == by_subject);
        prop_assert!(once, "{:?}", told);
        prop_assert!(by_session(sessions).iter().all(|expected| told.contains_key(expected)));
        prop_assert_eq!(told.contains_key(&by_subject), all.sessions_removed > 0, "{:?}", told);
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
        let told = times_told(&host);
        prop_assert!(added.iter().all(|added| told.get(added) == Some(&1)), "{:?}", told);
        prop_assert!(told.values().all(|times| *times == 1), "{:?}", told);
    }

    #[test]
    fn no_token_outlives_the_session_if_it_is_stored_first_and_the_session_validated_then(
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
    fn sessions_whose_keys_change_at_once_are_removed_and_tell_each_client_once(
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
                let key = Some(format!("another of {number}").into());
                let change = SessionChange { key, ..SessionChange::default() };
                let former = format!("key of s{number:03}").into();
                host.stores.sessions().update(&former, &change, &SessionCondition::NONE).unwrap();
            }
        };
        let request = if by_name { named(turns.len()) } else { alice() };
        let (report, ()) = block_on(join(remove_sessions(&host, &request), rotates));
        prop_assert_eq!(report.unwrap().sessions_removed, turns.len() as u64);
        prop_assert!(host.sessions_of("alice").is_empty());
        let told = times_told(&host);
        let by_subject = ("brief".to_owned(), None);
        let once = told.iter().all(|(told, times)| *times == 1 || *told == by_subject);
        prop_assert!(once, "{:?}", told);
        prop_assert!(all_notified(&host, turns.len()), "{:?}", told);
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn two_removals_of_several_steps_at_once_notify_each_client_once(
        pauses in prop::collection::vec(0..6u8, 0..60),
        stores in prop::sample::select(ALL.to_vec()),
    ) {
        let sessions = 1_001;
        let host = host(stores, sessions);
        let [one, two] = at_once(&host, [alice(), alice()], pauses);
        prop_assert_eq!(one.sessions_removed + two.sessions_removed, sessions as u64);
        let told = times_told(&host);
        let by_subject = ("brief".to_owned(), None);
        prop_assert!(told.iter().all(|(told, times)| *times == 1 || *told == by_subject));
        prop_assert!(all_notified(&host, sessions));
    }
}
