use super::*;
use crate::error::Code;

impl SessionTable {
    /// Drops the row of this session but not its index entries.
    pub(in crate::memory) fn drop_row(&mut self, key: &str) {
        let number = self.find(&key.into()).unwrap().unwrap();
        self.rows.remove(number);
    }

    fn list(&self, request: &ListRequest) -> Result<SessionPage> {
        let mut search = self.search(request)?;
        assert!(self.advance(&mut search, usize::MAX)?);
        self.page(&search, &request.from)
    }

    fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        let mut search = self.search_count(filter, up_to);
        assert!(self.advance(&mut search, usize::MAX)?);
        Ok(search.count)
    }
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(milliseconds)
}

fn session(key: &str, created: i64) -> Session {
    Session {
        key: key.into(),
        subject_id: "bob".into(),
        session_id: format!("sid {key}"),
        created: at(created),
        renewed: at(created),
        ..Session::default()
    }
}

fn client(client_id: &str, session_id: Option<&str>) -> ClientSession {
    ClientSession { client_id: client_id.into(), session_id: session_id.map(Into::into) }
}

fn table(sessions: &[Session]) -> SessionTable {
    let mut table = SessionTable::default();
    sessions.iter().for_each(|session| table.create(session).unwrap());
    table
}

fn request(order: Order, from: PageStart, limit: usize) -> ListRequest {
    ListRequest { order, from, limit, filter: Filter::default() }
}

fn keys(page: &SessionPage) -> Vec<&str> {
    page.sessions.iter().map(|session| session.key.as_str()).collect()
}

/// Removes these sessions and returns the keys that were removed.
fn remove(table: &mut SessionTable, keys: &[&str]) -> Vec<String> {
    let keys: Vec<_> = keys.iter().map(|key| SessionKey::from(*key)).collect();
    let removed = table.remove(&keys, &SessionCondition::NONE).unwrap();
    removed.iter().map(|row| row.key.as_str().to_owned()).collect()
}

fn listed(table: &SessionTable, filter: &Filter, order: Order) -> Vec<String> {
    let request = ListRequest { filter: filter.clone(), order, limit: 100, from: PageStart::First };
    let page = table.list(&request).unwrap();
    assert_eq!(table.count(filter, None).unwrap() as usize, page.sessions.len(), "{filter:?}");
    keys(&page).into_iter().map(str::to_owned).collect()
}

fn subject(subject_id: &str) -> Filter {
    Filter { subject_id: Some(TextMatch::Equals(subject_id.into())), ..Filter::default() }
}

fn of_client(client_id: &str) -> Filter {
    Filter { client_id: Some(client_id.into()), ..Filter::default() }
}

#[test]
fn a_duplicate_key_is_rejected_and_not_in_the_error() {
    let secret = "5ec7e7".repeat(10) + "abcd";
    let mut table = table(&[session(&secret, 1)]);
    let error =
        table.create(&Session { subject_id: "eve".into(), ..session(&secret, 2) }).unwrap_err();
    assert_eq!(error.code(), Code::StoreFailed);
    assert!(!format!("{error} {error:?}").contains(&secret));
    assert_eq!(table.get(&secret.as_str().into()).unwrap(), Some(session(&secret, 1)));
    assert_eq!(listed(&table, &subject("eve"), Order::Newest), Vec::<String>::new());
    assert_eq!(table.count(&Filter::default(), None).unwrap(), 1);
}

#[test]
fn keys_that_pack_alike_are_distinct() {
    // Hex, the string that it encodes, and hex in capitals.
    let table = table(&[
        session("6162", 1),
        session("ab", 2),
        session("6a", 3),
        session("6A", 4),
        session("j", 5),
    ]);
    for (key, created) in [("6162", 1), ("ab", 2), ("6a", 3), ("6A", 4), ("j", 5)] {
        let found = table.get(&key.into()).unwrap();
        assert_eq!(found.map(|session| session.created), Some(at(created)));
    }
    assert_eq!(table.get(&"6J".into()).unwrap(), None);
}

#[test]
fn a_changed_key_replaces_the_old_one_and_the_session_keeps_its_place() {
    let mut table = table(&[session("a", 1), session("b", 1), session("c", 1)]);
    let to = |key: &str| SessionChange { key: Some(key.into()), ..SessionChange::default() };
    assert!(table.update(&"a".into(), &to("z"), &SessionCondition::NONE).unwrap());
    assert_eq!(table.get(&"a".into()).unwrap(), None);
    let expected = Session { key: "z".into(), ..session("a", 1) };
    assert_eq!(table.get(&"z".into()).unwrap(), Some(expected));
    assert_eq!(listed(&table, &subject("bob"), Order::Oldest), ["z", "b", "c"]);
    assert!(
        !table.update(&"a".into(), &to("y"), &SessionCondition::NONE).unwrap(),
        "no session has the old key"
    );
    assert_eq!(remove(&mut table, &["a", "z"]), ["z"]);
    assert_eq!(table.count(&Filter::default(), None).unwrap(), 2);
}

#[test]
fn a_key_cannot_be_changed_to_that_of_another_session() {
    let mut table = table(&[session("a", 1), session("b", 1)]);
    let to_b =
        SessionChange { key: Some("b".into()), renewed: Some(at(2)), ..SessionChange::default() };
    assert_eq!(
        table.update(&"a".into(), &to_b, &SessionCondition::NONE).unwrap_err().code(),
        Code::StoreFailed
    );
    assert_eq!(table.get(&"a".into()).unwrap(), Some(session("a", 1)));
    assert!(
        table.update(&"b".into(), &to_b, &SessionCondition::NONE).unwrap(),
        "the key is the session's own"
    );
    assert!(
        !table.update(&"c".into(), &to_b, &SessionCondition::NONE).unwrap(),
        "no session has this key"
    );
}

#[test]
fn an_update_changes_what_it_names_and_moves_the_session_in_the_indexes() {
    let mut table = table(&[Session {
        expires: Some(at(50)),
        display_name: Some("Bob".into()),
        ..session("k", 10)
    }]);
    let change = SessionChange {
        subject_id: Some("eve".into()),
        renewed: Some(at(20)),
        expires: Some(Some(at(99))),
        display_name: Some(None),
        ticket: Some(Some("sealed".into())),
        ..SessionChange::default()
    };
    assert!(table.update(&"k".into(), &change, &SessionCondition::NONE).unwrap());
    let expected = Session {
        subject_id: "eve".into(),
        renewed: at(20),
        expires: Some(at(99)),
        ticket: Some("sealed".into()),
        ..session("k", 10)
    };
    assert_eq!(table.get(&"k".into()).unwrap(), Some(expected));
    assert_eq!(listed(&table, &subject("bob"), Order::Newest), Vec::<String>::new());
    assert_eq!(listed(&table, &subject("eve"), Order::Newest), ["k"]);
    let expired = |now| Filter { expired_at: Some(at(now)), ..Filter::default() };
    assert_eq!(listed(&table, &expired(98), Order::Expiry), Vec::<String>::new());
    assert_eq!(listed(&table, &expired(99), Order::Expiry), ["k"]);

    let forever = SessionChange { expires: Some(None), ..SessionChange::default() };
    assert!(table.update(&"k".into(), &forever, &SessionCondition::NONE).unwrap());
    assert_eq!(
        keys(&table.list(&request(Order::Expiry, PageStart::First, 1)).unwrap()),
        Vec::<&str>::new()
    );
}

#[test]
fn a_removed_session_is_never_created_again_by_a_late_write() {
    let mut table = table(&[session("k", 1)]);
    assert_eq!(remove(&mut table, &["k"]), ["k"]);
    let change = SessionChange { renewed: Some(at(2)), ..SessionChange::default() };
    assert!(!table.update(&"k".into(), &change, &SessionCondition::NONE).unwrap());
    assert!(!table.add_client(&"k".into(), &client("web", None), at(2)).unwrap());
    assert_eq!(table.count(&Filter::default(), None).unwrap(), 0);
}

#[test]
fn a_client_is_added_once_and_gets_a_new_session_id() {
    let mut table = table(&[session("k", 1)]);
    for (added, expected) in [
        (client("web", None), vec![client("web", None)]),
        (client("api", Some("x")), vec![client("web", None), client("api", Some("x"))]),
        (client("web", Some("y")), vec![client("web", Some("y")), client("api", Some("x"))]),
        (client("web", Some("z")), vec![client("web", Some("z")), client("api", Some("x"))]),
        (client("api", None), vec![client("web", Some("z")), client("api", Some("x"))]),
    ] {
        assert!(table.add_client(&"k".into(), &added, at(2)).unwrap());
        assert_eq!(table.get(&"k".into()).unwrap().unwrap().clients, expected);
    }
    assert_eq!(listed(&table, &of_client("api"), Order::Newest), ["k"]);
    assert_eq!(
        listed(&table, &of_client("bob"), Order::Newest),
        Vec::<String>::new(),
        "bob is the subject"
    );
}

#[test]
fn no_client_is_added_to_an_expired_session() {
    let expiring = Session { expires: Some(at(7)), ..session("k", 1) };
    let mut table = table(std::slice::from_ref(&expiring));
    for now in [at(7), at(8), Timestamp::MAX] {
        assert!(!table.add_client(&"k".into(), &client("web", Some("x")), now).unwrap());
    }
    assert_eq!(table.get(&"k".into()).unwrap(), Some(expiring));
    assert_eq!(listed(&table, &of_client("web"), Order::Newest), Vec::<String>::new());
    assert!(table.add_client(&"k".into(), &client("web", None), at(6)).unwrap());
    let forever = SessionChange { expires: Some(None), ..SessionChange::default() };
    assert!(table.update(&"k".into(), &forever, &SessionCondition::NONE).unwrap());
    assert!(table.add_client(&"k".into(), &client("api", None), Timestamp::MAX).unwrap());
    assert_eq!(listed(&table, &of_client("api"), Order::Newest), ["k"]);
}

#[test]
fn a_removal_returns_the_removed_keys_and_leaves_nothing() {
    let whole = |key: &str| Session {
        issuer: Some("issuer".into()),
        user_agent: Some("agent".into()),
        expires: Some(at(7)),
        clients: vec![client("web", None), client("web", None), client("api", Some("own"))],
        ..session(key, 1)
    };
    let mut table = table(&[whole("a"), whole("b"), whole("c")]);
    assert_eq!(remove(&mut table, &["b", "none", "a", "b"]), ["b", "a"]);
    assert_eq!(listed(&table, &subject("bob"), Order::Newest), ["c"]);
    assert_eq!(table.get(&"c".into()).unwrap(), Some(whole("c")));
    let change = SessionChange {
        issuer: Some(Some("another".into())),
        expires: Some(None),
        ..SessionChange::default()
    };
    assert!(table.update(&"c".into(), &change, &SessionCondition::NONE).unwrap());
    assert_eq!(remove(&mut table, &["c"]), ["c"]);
    assert_eq!((table.rows.len(), table.index.len(), table.interner.len()), (0, 0, 0));
}

#[test]
fn sessions_of_one_instant_are_sorted_by_insertion() {
    let mut table = table(&[session("a", 5), session("b", 5), session("c", 5)]);
    assert_eq!(listed(&table, &Filter::default(), Order::Oldest), ["a", "b", "c"]);
    assert_eq!(listed(&table, &Filter::default(), Order::Newest), ["c", "b", "a"]);
    remove(&mut table, &["a"]);
    table.create(&session("d", 5)).unwrap();
    assert_eq!(
        listed(&table, &Filter::default(), Order::Oldest),
        ["b", "c", "d"],
        "a number isn't reused"
    );
}

#[test]
fn numbers_wrap_around_and_skip_those_in_use() {
    let mut table = table(&[session("first", 5)]);
    table.rows.continue_at(u32::MAX - 1);
    table.create(&session("last", 5)).unwrap();
    table.create(&session("round", 5)).unwrap();
    let all = listed(&table, &Filter::default(), Order::Oldest);
    assert_eq!(all, ["first", "round", "last"]);
    for key in all.into_iter().map(SessionKey::from) {
        assert_eq!(table.get(&key).unwrap().map(|session| session.key == key), Some(true));
    }
    let last = table.list(&request(Order::Oldest, PageStart::Last, 1)).unwrap();
    let behind = table
        .list(&request(Order::Oldest, PageStart::After(last.positions[0].clone()), 1))
        .unwrap();
    assert!(behind.sessions.is_empty());
}

#[test]
fn a_position_stays_valid_after_its_session_is_removed() {
    let mut table = table(&[session("a", 1), session("b", 2), session("c", 2), session("d", 3)]);
    let page = table.list(&request(Order::Oldest, PageStart::First, 3)).unwrap();
    assert_eq!(keys(&page), ["a", "b", "c"]);
    let at_b = page.positions[1].clone();
    remove(&mut table, &["b"]);
    assert_eq!(
        keys(&table.list(&request(Order::Oldest, PageStart::After(at_b.clone()), 9)).unwrap()),
        ["c", "d"]
    );
    assert_eq!(
        keys(&table.list(&request(Order::Oldest, PageStart::Before(at_b.clone()), 9)).unwrap()),
        ["a"]
    );
    assert_eq!(
        keys(&table.list(&request(Order::Newest, PageStart::After(at_b.clone()), 9)).unwrap()),
        ["a"]
    );
    assert_eq!(
        keys(&table.list(&request(Order::Newest, PageStart::Before(at_b), 1)).unwrap()),
        ["c"],
        "the nearest"
    );
}

#[test]
fn positions_of_other_stores_and_empty_pages_are_rejected() {
    let table = table(&[session("a", 1)]);
    for order in [Order::Newest, Order::Oldest, Order::Expiry] {
        for from in [PageStart::After("a".into()), PageStart::Before("1.0.0".into())] {
            assert_eq!(
                table.list(&request(order, from, 1)).unwrap_err().code(),
                Code::InvalidResultsToken
            );
        }
        assert_eq!(
            table.list(&request(order, PageStart::First, 0)).unwrap_err().code(),
            Code::InvalidArgument
        );
    }
}

#[test]
fn counting_stops_at_the_limit() {
    let table = table(&[session("a", 1), session("b", 2), session("c", 3)]);
    for filter in [Filter::default(), subject("bob"), Filter { issuer: None, ..subject("bob") }] {
        for (up_to, expected) in [(Some(0), 0), (Some(2), 2), (Some(3), 3), (Some(9), 3), (None, 3)]
        {
            assert_eq!(table.count(&filter, up_to).unwrap(), expected);
        }
    }
}

/// The rows of other subjects, sessions and clients are missing, and the search doesn't notice,
/// because it never reads them.
#[test]
fn a_search_reads_only_the_rows_of_its_index() {
    let mut sessions: Vec<Session> = (0..50).map(|n| session(&format!("bob {n}"), 2 * n)).collect();
    let eve = Session { subject_id: "eve".into(), expires: Some(at(9)), ..session("eve", 25) };
    sessions.push(Session { clients: vec![client("web", None)], ..eve });
    let mut table = table(&sessions);
    let kept = table.find(&"eve".into()).unwrap().unwrap();
    table.rows.keep_only(kept);

    let by_session =
        Filter { session_id: Some(TextMatch::Equals("sid eve".into())), ..Filter::default() };
    let of_both = Filter { client_id: Some("web".into()), ..subject("eve") };
    for filter in [subject("eve"), by_session, of_client("web"), of_both] {
        for order in [Order::Newest, Order::Oldest] {
            assert_eq!(listed(&table, &filter, order), ["eve"]);
        }
    }
    let time = |after, before| TimeRange { after: Some(at(after)), before: Some(at(before)) };
    let created = Filter { created: time(25, 26), ..Filter::default() };
    let expired = Filter { expired_at: Some(at(9)), ..Filter::default() };
    for filter in [Filter { expires: time(9, 10), ..Filter::default() }, expired] {
        assert_eq!(listed(&table, &filter, Order::Expiry), ["eve"]);
    }
    let position = |created, id| Place::new(at(created), id).position();
    let one = |order, from| ListRequest { filter: created.clone(), order, from, limit: 1 };
    for request in [
        one(Order::Newest, PageStart::Before(position(25, 0))),
        one(Order::Oldest, PageStart::After(position(24, 99))),
    ] {
        assert_eq!(
            table.list(&request).unwrap().sessions.first().map(|session| session.created),
            Some(at(25))
        );
    }
    let lost = table.list(&request(Order::Newest, PageStart::First, 1)).unwrap_err();
    assert_eq!(lost.code(), Code::StoreFailed, "a search over a missing row fails");
}

#[test]
fn strings_with_the_same_term_are_distinct() {
    let mut table = SessionTable::default();
    let keys = table.index.pair_with_same_term(Kind::Key).map(SessionKey::from);
    let subjects = table.index.pair_with_same_term(Kind::Subject);
    let clients = table.index.pair_with_same_term(Kind::Client);
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(table.get(key).unwrap(), None, "it is not mistaken for the other one");
        let subject_id = subjects[number].clone();
        let clients = vec![client(&clients[number], None)];
        table.create(&Session { subject_id, clients, ..session(key.as_str(), 1) }).unwrap();
    }
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(
            table.get(key).unwrap().map(|session| session.subject_id),
            Some(subjects[number].clone())
        );
        assert_eq!(listed(&table, &subject(&subjects[number]), Order::Newest), [key.as_str()]);
        assert_eq!(listed(&table, &of_client(&clients[number]), Order::Newest), [key.as_str()]);
    }
    let removed = table.remove(&keys[..1], &SessionCondition::NONE).unwrap();
    assert_eq!((removed.len(), &removed[0].key), (1, &keys[0]));
    assert!(table.get(&keys[0]).unwrap().is_none() && table.get(&keys[1]).unwrap().is_some());
    assert_eq!(listed(&table, &subject(&subjects[1]), Order::Oldest), [keys[1].as_str()]);
}

#[test]
fn a_client_is_added_without_packing_the_others_again() {
    let mut table = table(&[session("a", 1), session("b", 2)]);
    let before = table.interner.acquired;
    for number in 0..2_000 {
        let own = (number % 2 == 0).then_some("own");
        let added = client(&format!("client {number}"), own);
        assert!(table.add_client(&"a".into(), &added, at(2)).unwrap());
    }
    // Once per client, however many there are.
    assert_eq!(table.interner.acquired - before, 2_000);
    assert!(table.add_client(&"a".into(), &client("client 0", None), at(2)).unwrap());
    assert_eq!(table.interner.acquired - before, 2_000, "adding a known client changes nothing");
    let session = table.get(&"a".into()).unwrap().unwrap();
    assert_eq!(session.clients.len(), 2_000);
    assert_eq!(session.clients[1_998], client("client 1998", Some("own")));
    assert_eq!(session.clients[1_999], client("client 1999", None));
    assert_eq!(listed(&table, &of_client("client 1999"), Order::Oldest), ["a"]);
    assert!(table.add_client(&"a".into(), &client("client 1", Some("new")), at(2)).unwrap());
    assert_eq!(
        table.get(&"a".into()).unwrap().unwrap().clients[1],
        client("client 1", Some("new"))
    );
    assert_eq!(remove(&mut table, &["a", "b"]), ["a", "b"]);
    assert_eq!(table.interner.len(), 0);
}
