//! Removals that are interrupted at any step and repeated, and removals that run at once (design
//! 4.3).

use std::collections::BTreeMap;

use crate::common::{TestClient, TestHost, addressee, pause};
use futures_util::future::join;
use pollster::block_on;
use proptest::prelude::*;
use rollcall::error::Code;
use rollcall::notification::DeliveryState;
use rollcall::removal::{RemovalReport, RemovalRequest, remove_sessions};
use rollcall::session::SessionChange;

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

/// Whoever is to hear of the end of all of Alice's sessions.
const TOLD: [&str; 6] = ["web", "app", "strict", "both", "both: event", "monitor: event"];

/// Alice with this many sessions, all at `web`, some at `app`, one client that requires `sid`, one
/// that takes events only, and one that takes both.
fn host(stores: Stores, sessions: usize) -> TestHost {
    let host =
        TestHost { with_outbox: stores.outbox, with_atomic: stores.atomic, ..TestHost::new() };
    let strict = TestClient {
        uri: Some("https://strict.example/".into()),
        session_required: true,
        ..Default::default()
    };
    host.client("web")
        .client("app")
        .register("strict", strict)
        .event_client("monitor", false)
        .event_client("both", true);
    for number in 0..sessions {
        let id = format!("s{number:03}");
        let clients: &[&str] = match number {
            0 => &["web", "app", "strict", "both", "monitor"],
            number if number % 3 == 0 => &["web", "app", "monitor"],
            number if number % 3 == 1 => &["web", "both"],
            _ => &["web"],
        };
        host.session("alice", &id, clients);
        host.grant("refresh_token", "alice", Some(&id), "web");
    }
    host.session("bob", "bob's", &["web"]);
    host
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

/// Interrupts the removal at each of its steps in turn, before and after the step's effect, and
/// repeats it.
fn interrupt_everywhere(
    stores: Stores,
    sessions: usize,
    check: impl Fn(&TestHost, usize, bool),
) -> usize {
    let mut interruptions = 0;
    for late in [false, true] {
        for step in 0.. {
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
    for sessions in [1, 5, 450] {
        for stores in ALL.into_iter().filter(|stores| stores.outbox) {
            let interruptions = interrupt_everywhere(stores, sessions, |host, step, late| {
                work_off(host);
                let told = times_told(host);
                for client in TOLD {
                    let told = told.iter().any(|((told, _), _)| told == client);
                    assert!(
                        told,
                        "{stores:?}, step {step}, late {late}: `{client}` was not notified"
                    );
                }
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

#[test]
fn with_a_transaction_each_client_is_told_exactly_once_unless_the_delivery_itself_was_interrupted()
{
    for sessions in [1, 5, 450] {
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
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

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
        for client in TOLD {
            prop_assert!(told.keys().any(|(told, _)| told == client), "`{}` was not notified", client);
        }
    }

    #[test]
    fn two_removals_of_many_pages_at_once_tell_each_client_once_with_a_transaction(
        pauses in prop::collection::vec(0..6u8, 0..60),
        sessions in prop::sample::select(vec![200, 230, 401]),
    ) {
        let host = host(Stores { outbox: true, atomic: true }, sessions);
        let [one, two] = at_once(&host, [alice(), alice()], pauses);
        prop_assert_eq!(one.sessions_removed + two.sessions_removed, sessions as u64);
        let told = times_told(&host);
        prop_assert_eq!(told.len(), TOLD.len());
        prop_assert!(told.values().all(|times| *times == 1), "{:?}", told);
    }

    #[test]
    fn a_subject_and_one_of_its_sessions_at_once_miss_no_client(
        pauses in prop::collection::vec(0..6u8, 0..200),
        sessions in prop::sample::select(vec![1, 3, 230, 401]),
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
        prop_assert!(told.values().all(|times| *times == 1), "{:?}", told);
        // Whoever removed a session at `web` without a word of that very session owes the word for
        // all.
        let of_all = told.contains_key(&("web".to_owned(), None));
        prop_assert_eq!(of_all, all.sessions_removed > 0, "{:?}", told);
    }

    #[test]
    fn sessions_whose_keys_change_at_once_are_removed_and_tell_each_client_once(
        pauses in prop::collection::vec(0..4u8, 0..40),
        turns in prop::collection::vec(0..4u8, 1..6),
        stores in prop::sample::select(ALL.to_vec()),
    ) {
        let host = host(stores, turns.len());
        *host.script.pauses.borrow_mut() = pauses;
        let rotates = async {
            for (number, turns) in turns.iter().enumerate() {
                pause(*turns).await;
                let key = Some(format!("another of {number}").into());
                let change = SessionChange { key, ..SessionChange::default() };
                let former = format!("key of s{number:03}").into();
                host.stores.sessions().update(&former, &change).unwrap();
            }
        };
        let request = alice();
        let (report, ()) = block_on(join(remove_sessions(&host, &request), rotates));
        prop_assert_eq!(report.unwrap().sessions_removed, turns.len() as u64);
        prop_assert!(host.sessions_of("alice").is_empty());
        let told = times_told(&host);
        prop_assert!(told.values().all(|times| *times == 1), "{:?}", told);
        for client in TOLD {
            prop_assert!(told.keys().any(|(told, _)| told == client), "`{}` was not notified", client);
        }
    }
}
