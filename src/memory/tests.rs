//! How the stores of one memory work together.

use super::*;
use crate::ending::{
    EndedSessions, EndingGrants, EndingNotices, EndingPick, EndingStep, SessionIds,
};
use crate::error::{Code, Result};
use crate::filter::{Filter, TextMatch};
use crate::grant::{Grant, GrantCounts, GrantFilter};
use crate::notification::{Notification, OutboxFilter, Settlement};
use crate::ports::{
    Admission, AtomicEnding, CoveredStore, GrantStore, ListRequest, LogoutOutbox, Order, Page,
    SessionRow, SessionStore,
};
use crate::session::{ClientSession, Session, SessionChange, SessionCondition, SessionKey};
use crate::time::Timestamp;

fn session(key: &str, subject: &str) -> Session {
    Session {
        key: key.into(),
        subject_id: subject.into(),
        session_id: format!("sid of {key}"),
        clients: vec![ClientSession { client_id: "web".into(), session_id: None }],
        ..Session::default()
    }
}

fn grant(key: &str, subject: &str, client: &str) -> Grant {
    let (key, subject_id, client_id) = (key.into(), Some(subject.into()), client.into());
    Grant { key, grant_type: "refresh_token".into(), subject_id, client_id, ..Grant::default() }
}

fn notification(id: &str) -> Notification {
    Notification { id: id.into(), client_id: "web".into(), ..Notification::default() }
}

fn of_subject(subject: &str) -> GrantFilter {
    GrantFilter { subject_id: Some(subject.into()), ..GrantFilter::default() }
}

/// A step that ends the sessions of this subject and revokes all of its grants, with one
/// notification by session for each client that takes part.
fn step(subject: &str) -> EndingStep {
    let filter =
        Filter { subject_id: Some(TextMatch::Equals(subject.into())), ..Filter::default() };
    EndingStep {
        pick: EndingPick { filter, order: Order::Oldest, limit: 10, ..EndingPick::default() },
        revoke: Some(EndingGrants { matching: vec![of_subject(subject)], of_sessions: None }),
        notify: Some(EndingNotices { others: true, returned: 10, ..EndingNotices::default() }),
        details: true,
    }
}

/// Sessions a and b of bob and session c of eve. Each subject has a grant at each of two clients.
fn stores() -> MemoryStores {
    let stores = MemoryStores::new();
    for (key, subject) in [("a", "bob"), ("b", "bob"), ("c", "eve")] {
        stores.sessions().create(&session(key, subject)).unwrap();
    }
    for (key, subject, client) in
        [("1", "bob", "web"), ("2", "bob", "api"), ("3", "eve", "web"), ("4", "eve", "api")]
    {
        stores.grants().store(&grant(key, subject, client)).unwrap();
    }
    stores
}

fn recorded(stores: &MemoryStores) -> Vec<String> {
    stores
        .outbox()
        .list(&OutboxFilter::default(), None, None)
        .into_iter()
        .map(|delivery| delivery.id)
        .collect()
}

#[test]
fn a_step_does_everything_and_reports_it() {
    let stores = stores();
    let of_web = GrantFilter { client_ids: vec!["web".into()], ..GrantFilter::default() };
    let mut step = step("bob");
    step.revoke.as_mut().unwrap().matching.push(of_web);
    let done = stores.atomic().end_sessions(&step).unwrap();
    let ids = |session: &str| SessionIds {
        subject_id: "bob".into(),
        session_id: session.into(),
        issuer: None,
    };
    assert_eq!((done.ended, done.more, done.last.as_deref()), (2, false, Some("0.1")));
    assert_eq!(done.sessions, Some(vec![ids("sid of a"), ids("sid of b")]));
    assert_eq!(
        done.grants,
        GrantCounts { tokens: 3, ..GrantCounts::default() },
        "grant 1 matches twice and counts once"
    );
    assert_eq!((done.recorded, done.notifications.len()), (2, 2));
    assert_eq!(recorded(&stores), ["session:0.0:web", "session:0.1:web"]);
    assert_eq!(stores.sessions().count(&Filter::default(), None).unwrap(), 1);
    assert!(stores.grants().get("4").is_some());
}

#[test]
fn the_same_step_again_does_nothing() {
    let stores = stores();
    assert_eq!(stores.atomic().end_sessions(&step("bob")).unwrap().ended, 2);
    let nothing = EndedSessions { sessions: Some(Vec::new()), ..EndedSessions::default() };
    assert_eq!(stores.atomic().end_sessions(&step("bob")).unwrap(), nothing);
    assert_eq!(recorded(&stores).len(), 2);
}

#[test]
fn a_step_with_an_empty_grant_filter_changes_nothing() {
    let stores = stores();
    let mut step = step("bob");
    step.revoke.as_mut().unwrap().matching.push(GrantFilter::default());
    let error = stores.atomic().end_sessions(&step).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(stores.sessions().count(&Filter::default(), None).unwrap(), 3);
    assert_eq!(stores.grants().count(&of_subject("bob")).unwrap().tokens, 2);
    assert!(recorded(&stores).is_empty());
}

#[test]
fn handles_of_one_memory_share_it_and_other_memories_do_not() {
    let stores = stores();
    assert!(stores.clone().sessions().get(&"a".into()).unwrap().is_some());
    assert!(MemoryStores::new().sessions().get(&"a".into()).unwrap().is_none());
}

/// Uses the stores through the ports, like the core.
#[test]
fn the_ports_do_what_the_methods_do() {
    async fn through_ports(
        sessions: &impl SessionStore,
        grants: &impl GrantStore,
        outbox: &impl LogoutOutbox,
        atomic: &impl AtomicEnding,
    ) -> Result<()> {
        assert!(sessions.counts() && sessions.serves("displayName.contains")?);
        sessions.create(&session("d", "ann")).await?;
        let client = ClientSession { client_id: "web".into(), session_id: None };
        let (key, expires) = (SessionKey::from("d"), Timestamp::from_millis(9));
        assert!(sessions.add_client(&key, &client, expires).await?);
        let change = SessionChange { expires: Some(Some(expires)), ..SessionChange::default() };
        assert!(sessions.update(&key, &change, &SessionCondition::NONE).await?);
        let row = sessions.get(&key).await?.expect("the session was created");
        assert_eq!(
            (row.key()?.as_str(), row.subject_id()?.as_str(), row.session_id()?.as_str()),
            ("d", "ann", "sid of d")
        );
        assert_eq!(
            (row.clients()?, row.expires()?, row.issuer()?, row.ticket()?),
            (vec![client], Some(expires), None, None)
        );

        let page = sessions.list(&ListRequest { limit: 2, ..ListRequest::default() }).await?;
        assert_eq!((page.len(), page.is_empty(), page.row(0)?.key()?.as_str()), (2, false, "d"));
        assert_ne!(page.position(0)?, page.position(1)?);
        assert_eq!(page.row(2).err().map(|error| error.code()), Some(Code::StoreFailed));
        assert_eq!(page.position(2).err().map(|error| error.code()), Some(Code::StoreFailed));
        assert_eq!(sessions.count(&Filter::default(), Some(3)).await?, 3);
        let removed = sessions.remove(&["d".into()], &SessionCondition::NONE).await?;
        assert_eq!(removed[0].key, key);

        assert_eq!(GrantStore::count(grants, &of_subject("eve")).await?.tokens, 2);
        assert_eq!(GrantStore::remove(grants, &of_subject("eve")).await?.tokens, 2);
        LogoutOutbox::add(outbox, &[notification("n")]).await?;
        LogoutOutbox::settle(outbox, "n", &Settlement::Delivered { status: None }, Timestamp::MIN)
            .await?;
        let step = step("bob");
        assert!(atomic.covers(CoveredStore::Grants) && atomic.covers(CoveredStore::Outbox));
        assert_eq!(atomic.clients_of(&step.pick).await?, ["web"]);
        assert_eq!(atomic.end_sessions(step.clone()).await?.ended, 2);
        let admission = Admission { limit: 2, now: Timestamp::default(), issuer: None };
        assert!(atomic.admit(&session("e", "eve"), &admission).await?);
        assert!(!atomic.admit(&session("f", "eve"), &admission).await?);
        Ok(())
    }
    let stores = stores();
    let (sessions, grants, outbox, atomic) =
        (stores.sessions(), stores.grants(), stores.outbox(), stores.atomic());
    pollster::block_on(through_ports(&sessions, &grants, &outbox, &atomic)).unwrap();
    assert_eq!(stores.outbox().list(&OutboxFilter::default(), None, None)[0].attempts, 1);
}

#[test]
fn a_client_can_be_added_to_thousands_of_others() {
    let stores = stores();
    let sessions = stores.sessions();
    let clients = (0..20_000)
        .map(|number| ClientSession { client_id: format!("client {number}"), session_id: None });
    sessions.create(&Session { clients: clients.collect(), ..session("many", "max") }).unwrap();
    let another = ClientSession { client_id: "another".into(), session_id: None };
    let now = Timestamp::default();
    assert!(sessions.add_client(&"many".into(), &another, now).unwrap());
    let filter = Filter { client_id: Some("another".into()), ..Filter::default() };
    assert_eq!(sessions.count(&filter, None).unwrap(), 1);
}

/// The number of slices of a search, and its result. `between` runs after each slice except the
/// last.
fn count_slices<T>(mut slices: Slices<T>, mut between: impl FnMut(usize)) -> (usize, T) {
    for number in 1.. {
        if let Some(found) = slices.advance().unwrap() {
            return (number, found);
        }
        between(number);
    }
    unreachable!("a search ends")
}

/// Sessions 0 to 24 of bob, in this order. Sessions 3 and 22 have a name. Searches read ten rows
/// per slice.
fn stores_with_25_sessions() -> MemoryStores {
    let stores = MemoryStores::with_slices_of(10);
    for number in 0..25 {
        let name = [3, 22].contains(&number).then(|| "Rare".to_owned());
        let display_name_folded = name.as_deref().map(crate::strings::fold);
        let created = Timestamp::from_millis(number);
        let session = session(&format!("{number:02}"), "bob");
        let named = Session { created, display_name: name, display_name_folded, ..session };
        stores.sessions().create(&named).unwrap();
    }
    stores
}

fn rare() -> Filter {
    let rare = TextMatch::Contains("rare".into());
    Filter { display_name: Some(rare), ..Filter::default() }
}

fn page_of_rare(order: Order) -> ListRequest {
    ListRequest { filter: rare(), order, limit: 5, ..ListRequest::default() }
}

fn keys(page: &SessionPage) -> Vec<&str> {
    page.sessions.iter().map(|session| session.key.as_str()).collect()
}

#[test]
fn a_search_reads_ten_rows_in_a_slice_of_ten() {
    let stores = stores_with_25_sessions();
    let sessions = stores.sessions();
    for order in [Order::Newest, Order::Oldest] {
        let search = sessions.list_in_slices(&page_of_rare(order)).unwrap();
        let (slices, page) = count_slices(search, |_| ());
        assert_eq!((slices, page.sessions.len()), (3, 2));
    }
    assert_eq!(count_slices(sessions.count_in_slices(&rare(), None), |_| ()), (3, 2));
    let one = ListRequest { limit: 1, ..page_of_rare(Order::Oldest) };
    let found = count_slices(sessions.list_in_slices(&one).unwrap(), |_| ());
    assert_eq!(
        (found.0, keys(&found.1)),
        (1, vec!["03"]),
        "the search ends when it has found enough"
    );

    // The eleventh row is damaged. The first slice doesn't read it.
    stores.0.0.borrow_mut().sessions.drop_row("10");
    let mut search = sessions.list_in_slices(&page_of_rare(Order::Oldest)).unwrap();
    assert!(search.advance().unwrap().is_none());
    assert_eq!(search.advance().unwrap_err().code(), Code::StoreFailed);
}

#[test]
fn a_search_with_an_index_is_one_slice() {
    let stores = stores_with_25_sessions();
    stores.sessions().create(&session("eve", "eve")).unwrap();
    let filter = Filter { subject_id: Some(TextMatch::Equals("eve".into())), ..Filter::default() };
    let request = ListRequest { filter, limit: 5, ..ListRequest::default() };
    let search = stores.sessions().list_in_slices(&request).unwrap();
    assert_eq!(count_slices(search, |_| ()).0, 1);
    let all = stores.sessions().count_in_slices(&Filter::default(), None);
    assert_eq!(count_slices(all, |_| ()), (1, 26));
}

#[test]
fn a_page_is_up_to_date_when_its_search_ends() {
    let stores = stores_with_25_sessions();
    let sessions = stores.sessions();
    let search = sessions.list_in_slices(&page_of_rare(Order::Oldest)).unwrap();
    let mut count = sessions.count_in_slices(&rare(), None);
    assert_eq!(count.advance().unwrap(), None);
    let named = |key: &str, created| Session {
        display_name_folded: Some("rare".into()),
        created: Timestamp::from_millis(created),
        ..session(key, "bob")
    };
    let (_, page) = count_slices(search, |slice| match slice {
        1 => {
            // Remove a session that was found, add sessions before and after the search's place,
            // and name one that was passed over.
            sessions.remove(&["03".into()], &SessionCondition::NONE).unwrap();
            sessions.create(&named("behind", 1)).unwrap();
            sessions.create(&named("ahead", 15)).unwrap();
            let name = SessionChange {
                display_name_folded: Some(Some("rare".into())),
                ..SessionChange::default()
            };
            assert!(sessions.update(&"05".into(), &name, &SessionCondition::NONE).unwrap());
        }
        _ => drop(sessions.remove(&["ahead".into()], &SessionCondition::NONE).unwrap()),
    });
    assert_eq!(keys(&page), ["behind", "05", "22"]);
    assert_eq!(count_slices(count, |_| ()).1, 3);
}

#[test]
fn a_step_ends_the_sessions_that_match_when_its_search_ends() {
    let stores = stores_with_25_sessions();
    let mut step = step("bob");
    step.pick.filter = rare();
    let clients = stores.atomic().clients_in_slices(step.pick.clone()).unwrap();
    assert_eq!(count_slices(clients, |_| ()), (3, vec!["web".to_owned()]));
    let search = stores.atomic().end_in_slices(step).unwrap();
    let (slices, done) = count_slices(search, |slice| {
        let renamed = SessionChange { display_name_folded: Some(None), ..SessionChange::default() };
        if slice == 1 {
            assert_eq!(stores.sessions().count(&Filter::default(), None).unwrap(), 25);
            let (sessions, found) = (stores.sessions(), "03".into());
            assert!(sessions.update(&found, &renamed, &SessionCondition::NONE).unwrap());
        }
    });
    assert_eq!((slices, done.ended, done.more), (3, 1, false));
    assert_eq!(recorded(&stores), ["session:m.m:web"]);
    assert!(stores.sessions().get(&"03".into()).unwrap().is_some());
}

#[test]
fn grants_are_searched_in_slices_and_listed_once() {
    let stores = MemoryStores::with_slices_of(10);
    for number in 0..25 {
        stores.grants().store(&grant(&format!("{number:02}"), "bob", "web")).unwrap();
    }
    let grants = stores.grants();
    let list = grants.list_in_slices(&of_subject("bob")).unwrap();
    let (slices, listed) = count_slices(list, |slice| {
        if slice == 1 {
            // Stored again at a later place, then removed.
            let created = Timestamp::from_millis(9);
            grants.store(&Grant { created, ..grant("00", "bob", "web") }).unwrap();
            assert_eq!(grants.remove(&of_subject("bob")).unwrap().tokens, 25);
            grants.store(&Grant { created, ..grant("00", "bob", "web") }).unwrap();
        }
    });
    assert_eq!((slices, listed.len()), (2, 1));
    for number in 1..25 {
        grants.store(&grant(&format!("{number:02}"), "bob", "web")).unwrap();
    }
    assert_eq!(count_slices(grants.count_in_slices(&of_subject("bob")).unwrap(), |_| ()).0, 3);
    let removal = grants.remove_in_slices(&of_subject("bob")).unwrap();
    let (slices, removed) = count_slices(removal, |slice| {
        assert_eq!(grants.count(&of_subject("bob")).unwrap().tokens, 25 - 10 * slice as u64);
    });
    assert_eq!((slices, removed.tokens), (3, 25));
}

#[test]
fn the_outbox_is_listed_in_slices() {
    let stores = MemoryStores::with_slices_of(10);
    let ids: Vec<String> = (0..25).map(|number| format!("{number:02}")).collect();
    let entries: Vec<Notification> = ids.iter().map(|id| notification(id)).collect();
    stores.outbox().add(&entries);
    let none = OutboxFilter { client_id: Some("other".into()), ..OutboxFilter::default() };
    let all = OutboxFilter::default();
    let list = |filter, limit| stores.outbox().list_in_slices(filter, None, limit);
    assert_eq!(count_slices(list(&none, None), |_| ()), (3, Vec::new()));
    let (slices, listed) = count_slices(list(&all, None), |_| ());
    assert_eq!((slices, listed.into_iter().map(|entry| entry.id).collect()), (3, ids));
    assert_eq!(count_slices(list(&all, Some(9)), |_| ()).0, 1);
}
