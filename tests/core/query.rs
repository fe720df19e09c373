//! The rules of querying (design 4.2).

use crate::common::{NOW, TestHost, TestPage, at, client_session, named, session};
use pollster::block_on;
use rollcall::error::{Code, Result};
use rollcall::filter::{Filter, TextMatch, TimeRange};
use rollcall::query::{
    COUNT_CAP, Count, IssuerFilter, QueryOrder, QueryResult, ResultsToken, SessionCount,
    SessionQuery, State, TextFilter, Total, count_sessions, query_sessions,
};
use rollcall::session::{Session, SessionCondition};

fn try_query(host: &TestHost, query: &SessionQuery) -> Result<QueryResult<TestPage>> {
    block_on(query_sessions(host, query))
}

fn query(host: &TestHost, query: &SessionQuery) -> QueryResult<TestPage> {
    try_query(host, query).unwrap()
}

fn ids(result: &QueryResult<TestPage>) -> Vec<&str> {
    result.page.sessions[result.rows.clone()]
        .iter()
        .map(|session| session.session_id.as_str())
        .collect()
}

fn plain(text: &str) -> Option<TextFilter> {
    Some(TextFilter::Plain(text.to_owned()))
}

fn explicit(wanted: TextMatch) -> Option<TextFilter> {
    Some(TextFilter::Explicit(wanted))
}

fn issuer(issuer: &str) -> Option<IssuerFilter> {
    Some(IssuerFilter::Equals(issuer.to_owned()))
}

fn issuers(issuers: &[&str]) -> Option<IssuerFilter> {
    Some(IssuerFilter::OneOf(issuers.iter().map(|&issuer| issuer.to_owned()).collect()))
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    result.unwrap_err().code()
}

/// Sessions s1 to sN, in this order.
fn numbered(count: usize) -> TestHost {
    let host = TestHost::new();
    for number in 1..=count {
        host.session("alice", &format!("s{number}"), &[]);
    }
    host
}

/// A query for pages of this size, oldest first.
fn pages_of(size: usize) -> SessionQuery {
    SessionQuery {
        order: QueryOrder::Oldest,
        count_requested: Some(size as f64),
        ..SessionQuery::default()
    }
}

fn next(query: &SessionQuery, page: &QueryResult<TestPage>) -> SessionQuery {
    SessionQuery {
        results_token: page.results_token.clone(),
        request_prior_results: false,
        ..query.clone()
    }
}

fn prior(query: &SessionQuery, page: &QueryResult<TestPage>) -> SessionQuery {
    SessionQuery { request_prior_results: true, ..next(query, page) }
}

/// The results, has-previous, has-next and the current page.
fn shape(result: &QueryResult<TestPage>) -> (Vec<&str>, bool, bool, u32) {
    (ids(result), result.has_prev, result.has_next, result.current_page)
}

fn remove(host: &TestHost, ids: &[&str]) {
    let keys: Vec<_> = ids.iter().map(|id| session("", id).key).collect();
    host.stores.sessions().remove(&keys, &SessionCondition::NONE).unwrap();
}

#[test]
fn plain_ids_match_exactly_and_plain_names_match_in_part_ignoring_case() {
    let host = TestHost::new();
    host.add(&named(session("Alice", "A1"), "Ärger Übermut"));
    host.add(&named(session("Alice2", "A12"), "ärger"));
    host.add(&session("bob", "B1"));
    let found = |query: &SessionQuery| {
        let result = self::query(&host, query);
        let mut found: Vec<_> = ids(&result).into_iter().map(str::to_owned).collect();
        found.sort();
        found
    };
    let by = |subject: Option<TextFilter>| SessionQuery {
        subject_id: subject,
        ..SessionQuery::default()
    };
    let by_name =
        |name: Option<TextFilter>| SessionQuery { display_name: name, ..SessionQuery::default() };
    assert_eq!(found(&by(plain("Alice"))), ["A1"]);
    assert!(found(&by(plain("alice"))).is_empty(), "ids are case-sensitive");
    assert_eq!(found(&by(explicit(TextMatch::StartsWith("Ali".into())))), ["A1", "A12"]);
    assert_eq!(found(&by(explicit(TextMatch::Contains("ce2".into())))), ["A12"]);
    assert_eq!(found(&by_name(plain("ÄRGER"))), ["A1", "A12"]);
    assert_eq!(found(&by_name(plain("über"))), ["A1"]);
    assert_eq!(found(&by_name(explicit(TextMatch::Equals("ÄRGER".into())))), ["A12"]);
    assert_eq!(found(&by_name(explicit(TextMatch::StartsWith("Ärger Ü".into())))), ["A1"]);
    let session_id = plain("A12");
    assert_eq!(found(&SessionQuery { session_id, ..SessionQuery::default() }), ["A12"]);
}

#[test]
fn percent_underscore_and_quotes_are_ordinary_characters() {
    let host = TestHost::new();
    host.add(&named(session("a%b", "1"), "100% _sure_ 'quoted'"));
    host.add(&named(session("axb", "2"), "100 percent"));
    for name in ["0%", "_s", "'q", "e_ '"] {
        let query = SessionQuery { display_name: plain(name), ..SessionQuery::default() };
        assert_eq!(ids(&self::query(&host, &query)), ["1"], "{name}");
    }
    let query = SessionQuery { subject_id: plain("a%b"), ..SessionQuery::default() };
    assert_eq!(ids(&self::query(&host, &query)), ["1"]);
}

#[test]
fn a_string_that_cannot_be_stored_matches_nothing_and_reaches_no_store() {
    let host = numbered(2);
    for query in [
        SessionQuery { subject_id: plain("alice\0x"), ..SessionQuery::default() },
        SessionQuery {
            session_id: explicit(TextMatch::StartsWith("s\0".into())),
            ..Default::default()
        },
        SessionQuery { display_name: plain("\0"), ..SessionQuery::default() },
        SessionQuery { search: Some("s1\0".into()), ..SessionQuery::default() },
        SessionQuery { client_id: Some("web\0".into()), ..SessionQuery::default() },
        SessionQuery { issuer: issuer("\0"), ..SessionQuery::default() },
        SessionQuery { issuer: issuers(&["\0", "a\0"]), ..SessionQuery::default() },
        SessionQuery { ip_address: Some("\0".into()), ..SessionQuery::default() },
    ] {
        let nothing =
            Filter { subject_id: Some(TextMatch::Equals(String::new())), ..Filter::default() };
        assert_eq!(query.filter(NOW).unwrap(), nothing, "{query:?}");
        let page = self::query(&host, &query);
        assert_eq!((ids(&page).len(), page.total.unwrap().count), (0, 0));
    }
}

#[test]
fn a_blank_string_means_no_filter() {
    let host = numbered(2);
    let blank = SessionQuery {
        subject_id: plain("  "),
        session_id: explicit(TextMatch::Equals(String::new())),
        display_name: plain("\t"),
        search: Some(" ".into()),
        client_id: Some(String::new()),
        issuer: issuer(" "),
        ip_address: Some(" ".into()),
        results_token: Some(String::new()),
        ..SessionQuery::default()
    };
    assert_eq!(ids(&query(&host, &blank)), ["s2", "s1"]);
}

#[test]
fn a_list_of_issuers_matches_each_of_them() {
    let host = TestHost::new();
    for (id, issuer) in [("1", Some("a")), ("2", Some("b")), ("3", Some("c")), ("4", None)] {
        host.add(&Session { issuer: issuer.map(str::to_owned), ..session("alice", id) });
    }
    let of = |issuer| SessionQuery { issuer, order: QueryOrder::Oldest, ..SessionQuery::default() };
    for (list, expected) in [
        (vec!["c", "a"], vec!["1", "3"]),
        (vec!["b"], vec!["2"]),
        (vec!["none", "neither"], vec![]),
        (vec!["a", "b", "c"], vec!["1", "2", "3"]),
        (vec!["b", "\0"], vec!["2"]),
    ] {
        let page = query(&host, &of(issuers(&list)));
        assert_eq!(ids(&page), expected, "{list:?}");
        assert_eq!(page.total.unwrap().count, expected.len() as u64, "{list:?}");
    }
    let filter = |issuer| of(issuer).filter(NOW).unwrap();
    let sorted = filter(issuers(&["b", "a", "b"]));
    assert_eq!((sorted.issuer, sorted.issuers), (None, Some(vec!["a".into(), "b".into()])));
    assert_eq!(filter(issuers(&["a", "a"])), filter(issuer("a")));
    // A store that only supports single issuers doesn't support lists.
    host.script.unserved.borrow_mut().push("issuers");
    assert_eq!(code(try_query(&host, &of(issuers(&["a", "b"])))), Code::UnsupportedFilter);
    assert_eq!(ids(&query(&host, &of(issuers(&["a"])))), ["1"]);
}

#[test]
fn a_list_of_issuers_has_1_to_100_entries_and_none_is_blank() {
    let host = numbered(2);
    let many: Vec<String> = (0..=100).map(|number| format!("issuer {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (list, message) in [
        (&[][..], "`issuer` is an empty list: name an issuer, or leave it out"),
        (&["a", " "], "`issuer` has a blank entry: every entry must be an id"),
        (&many, "`issuer` has more than 100 entries: make several calls"),
    ] {
        let query = SessionQuery { issuer: issuers(list), ..SessionQuery::default() };
        let error = try_query(&host, &query).unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), (Code::InvalidArgument, message));
    }
    let most = SessionQuery { issuer: issuers(&many[1..]), ..SessionQuery::default() };
    assert_eq!(query(&host, &most).total.unwrap().count, 0);
}

#[test]
fn search_matches_subject_id_session_id_or_name() {
    let host = TestHost::new();
    host.add(&session("needle", "1"));
    host.add(&session("other", "needle"));
    host.add(&named(session("third", "3"), "The Needle Man"));
    host.add(&session("needles", "4"));
    let result =
        query(&host, &SessionQuery { search: Some("needle".into()), ..SessionQuery::default() });
    assert_eq!(result.total.unwrap().count, 3);
    assert!(!ids(&result).contains(&"4"));
}

#[test]
fn the_other_filters_are_anded() {
    let host = TestHost::new();
    let add = |id: &str, change: fn(&mut Session)| {
        let mut session = session("alice", id);
        change(&mut session);
        host.add(&session);
    };
    add("client", |session| session.clients = vec![client_session("web"), client_session("app")]);
    add("issuer", |session| session.issuer = Some("https://op.example".into()));
    add("address", |session| session.ip_address = Some("192.0.2.1".into()));
    add("old", |session| session.created = NOW.minus(1_000));
    add("renewed", |session| session.renewed = NOW.plus(5));
    add("expired", |session| session.expires = Some(NOW));
    add("active", |session| session.expires = Some(NOW.plus(1)));
    let found = |query: SessionQuery| {
        let result = self::query(&host, &SessionQuery { subject_id: plain("alice"), ..query });
        let mut ids: Vec<_> = ids(&result).into_iter().map(str::to_owned).collect();
        ids.sort();
        ids
    };
    let all = SessionQuery::default;
    assert_eq!(found(SessionQuery { client_id: Some("app".into()), ..all() }), ["client"]);
    assert_eq!(found(SessionQuery { issuer: issuer("https://op.example"), ..all() }), ["issuer"]);
    assert_eq!(found(SessionQuery { ip_address: Some("192.0.2.1".into()), ..all() }), ["address"]);
    let until = |before| TimeRange { after: None, before: Some(before) };
    let from = |after| TimeRange { after: Some(after), before: None };
    assert_eq!(found(SessionQuery { created: until(NOW.minus(999)), ..all() }), ["old"]);
    assert!(
        found(SessionQuery { created: until(NOW.minus(1_000)), ..all() }).is_empty(),
        "`before` is exclusive"
    );
    assert_eq!(
        found(SessionQuery { renewed: from(NOW.plus(5)), ..all() }),
        ["renewed"],
        "`after` is inclusive"
    );
    assert_eq!(
        found(SessionQuery { expires: from(at(0)), ..all() }),
        ["active", "expired"],
        "none without an expiry"
    );
    assert_eq!(
        found(SessionQuery { state: State::Expired, ..all() }),
        ["expired"],
        "`expires` <= now is expired"
    );
    assert_eq!(found(SessionQuery { state: State::Active, ..all() }).len(), 6);
    assert_eq!(found(all()).len(), 7, "any is the default");
    assert!(
        found(SessionQuery { client_id: Some("app".into()), state: State::Expired, ..all() })
            .is_empty()
    );
}

#[test]
fn an_unsupported_filter_is_an_error() {
    let host = numbered(3);
    host.script.unserved.borrow_mut().extend([
        "displayName.contains",
        "subjectId.contains",
        "state",
    ]);
    let unserved = [
        SessionQuery { display_name: plain("x"), ..SessionQuery::default() },
        SessionQuery {
            subject_id: explicit(TextMatch::Contains("x".into())),
            ..SessionQuery::default()
        },
        SessionQuery { state: State::Active, ..SessionQuery::default() },
    ];
    for query in unserved {
        assert_eq!(code(try_query(&host, &query)), Code::UnsupportedFilter);
    }
    assert_eq!(host.script.calls.get(), 0, "nothing is read");
    let served = SessionQuery { subject_id: plain("alice"), ..SessionQuery::default() };
    assert_eq!(ids(&query(&host, &served)).len(), 3);
}

#[test]
fn the_page_size_is_25_by_default_capped_at_1000_and_a_whole_number() {
    let host = numbered(1_010);
    let size = |size: Option<f64>| {
        let query = SessionQuery { count_requested: size, ..SessionQuery::default() };
        try_query(&host, &query).map(|result| result.rows.len())
    };
    assert_eq!(size(None).unwrap(), 25);
    assert_eq!(size(Some(0.0)).unwrap(), 25);
    assert_eq!(size(Some(1.0)).unwrap(), 1);
    assert_eq!(size(Some(5_000.0)).unwrap(), 1_000);
    for bad in [-1.0, 1.5, f64::NAN, f64::INFINITY] {
        assert_eq!(code(size(Some(bad))), Code::InvalidArgument, "{bad}");
    }
}

#[test]
fn newest_come_first_and_ties_are_sorted_by_insertion() {
    let host = TestHost::new();
    for id in ["1", "2", "3"] {
        host.add(&session("alice", id));
    }
    host.add(&Session { created: NOW.minus(1), ..session("alice", "older") });
    assert_eq!(ids(&query(&host, &SessionQuery::default())), ["3", "2", "1", "older"]);
    assert_eq!(ids(&query(&host, &pages_of(10))), ["older", "1", "2", "3"]);
}

#[test]
fn pages_step_forward_and_back_with_exact_flags_and_totals() {
    let host = numbered(5);
    let pages = pages_of(2);
    let first = query(&host, &pages);
    assert_eq!(shape(&first), (vec!["s1", "s2"], false, true, 1));
    assert_eq!(first.total, Some(Total { count: 5, capped: false, pages: Some(3) }));
    let second = query(&host, &next(&pages, &first));
    assert_eq!(shape(&second), (vec!["s3", "s4"], true, true, 2));
    let third = query(&host, &next(&pages, &second));
    assert_eq!(shape(&third), (vec!["s5"], true, false, 3));
    let back = query(&host, &prior(&pages, &third));
    assert_eq!(shape(&back), (vec!["s3", "s4"], true, true, 2));
    assert_eq!(shape(&query(&host, &prior(&pages, &back))), (vec!["s1", "s2"], false, true, 1));
}

#[test]
fn pages_of_one_row_are_numbered_correctly() {
    let host = numbered(3);
    let pages = pages_of(1);
    let first = query(&host, &pages);
    let second = query(&host, &next(&pages, &first));
    assert_eq!(shape(&second), (vec!["s2"], true, true, 2));
    assert_eq!(shape(&query(&host, &next(&pages, &second))), (vec!["s3"], true, false, 3));
}

#[test]
fn flags_stay_exact_if_rows_are_removed_between_pages() {
    let pages = pages_of(2);
    let host = numbered(5);
    let first = query(&host, &pages);
    remove(&host, &["s1"]);
    assert_eq!(
        shape(&query(&host, &next(&pages, &first))),
        (vec!["s3", "s4"], true, true, 2),
        "s2 still precedes the page"
    );

    let host = numbered(5);
    let first = query(&host, &pages);
    remove(&host, &["s1", "s2"]);
    assert_eq!(
        shape(&query(&host, &next(&pages, &first))),
        (vec!["s3", "s4"], false, true, 1),
        "nothing precedes the page"
    );

    let host = numbered(5);
    let first = query(&host, &pages);
    let second = query(&host, &next(&pages, &first));
    remove(&host, &["s5"]);
    let again = query(&host, &prior(&pages, &second));
    assert_eq!(shape(&again), (vec!["s1", "s2"], false, true, 1));
    assert!(!query(&host, &next(&pages, &again)).has_next, "s5 was removed");
}

#[test]
fn a_step_back_past_the_beginning_gives_a_full_first_page() {
    let pages = pages_of(2);
    for removed in [&["s1"] as &[&str], &["s2"], &["s1", "s2"]] {
        let host = numbered(5);
        let first = query(&host, &pages);
        let second = query(&host, &next(&pages, &first));
        remove(&host, removed);
        let back = query(&host, &prior(&pages, &second));
        assert_eq!(
            (back.rows.len(), back.has_prev, back.current_page),
            (2, false, 1),
            "{removed:?}"
        );
        assert!(back.has_next);
    }
}

#[test]
fn a_page_past_the_end_is_empty_keeps_its_totals_and_leads_back() {
    let host = numbered(3);
    let pages = pages_of(2);
    let first = query(&host, &pages);
    let last = query(&host, &next(&pages, &first));
    let past = query(&host, &next(&pages, &last));
    assert_eq!(shape(&past), (vec![], true, false, 2), "clamped to the last page");
    assert_eq!(past.total, Some(Total { count: 3, capped: false, pages: Some(2) }));
    let further = query(&host, &next(&pages, &past));
    assert_eq!(shape(&further), (vec![], true, false, 2));
    assert_eq!(shape(&query(&host, &prior(&pages, &further))), (vec!["s2", "s3"], true, false, 2));
    host.session("alice", "s4", &[]);
    assert_eq!(
        shape(&query(&host, &next(&pages, &further))),
        (vec!["s4"], true, false, 2),
        "new sessions are found"
    );
}

#[test]
fn a_page_before_the_start_is_empty_keeps_its_totals_and_leads_on() {
    let host = numbered(3);
    let pages = pages_of(2);
    let first = query(&host, &pages);
    let before = query(&host, &prior(&pages, &first));
    assert_eq!(shape(&before), (vec![], false, true, 1));
    assert_eq!(before.total.unwrap().count, 3);
    let further = query(&host, &prior(&pages, &before));
    assert_eq!(shape(&further), (vec![], false, true, 1));
    assert_eq!(shape(&query(&host, &next(&pages, &further))), (vec!["s1", "s2"], false, true, 1));
}

#[test]
fn an_empty_list_is_page_one_of_one() {
    let host = TestHost::new();
    let result = query(&host, &SessionQuery::default());
    assert_eq!(shape(&result), (vec![], false, false, 1));
    assert_eq!((result.results_token, result.total.unwrap().pages), (None, Some(1)));
}

#[test]
fn a_changed_page_size_is_respected() {
    let host = numbered(5);
    let first = query(&host, &pages_of(2));
    assert_eq!(
        shape(&query(&host, &next(&pages_of(3), &first))),
        (vec!["s3", "s4", "s5"], true, false, 2)
    );
}

#[test]
fn a_step_back_needs_a_token() {
    let host = numbered(5);
    let query = SessionQuery { request_prior_results: true, ..SessionQuery::default() };
    assert_eq!(code(try_query(&host, &query)), Code::InvalidArgument);
}

#[test]
fn a_token_of_another_filter_or_order_is_rejected() {
    let host = numbered(5);
    let base = SessionQuery { subject_id: plain("alice"), display_name: None, ..pages_of(2) };
    let token = query(&host, &base).results_token;
    let with_token = |query: SessionQuery| SessionQuery { results_token: token.clone(), ..query };
    let others = [
        SessionQuery { subject_id: plain("bob"), ..base.clone() },
        SessionQuery { subject_id: explicit(TextMatch::Contains("alice".into())), ..base.clone() },
        SessionQuery { subject_id: None, session_id: plain("alice"), ..base.clone() },
        SessionQuery { client_id: Some("web".into()), ..base.clone() },
        SessionQuery { issuer: issuers(&["a", "b"]), ..base.clone() },
        SessionQuery { state: State::Active, ..base.clone() },
        SessionQuery { created: TimeRange { after: Some(NOW), before: None }, ..base.clone() },
        SessionQuery { order: QueryOrder::Newest, ..base.clone() },
    ];
    for other in others {
        assert_eq!(code(try_query(&host, &with_token(other))), Code::ResultsTokenMismatch);
    }
    // The same filter in other words.
    let same = SessionQuery { display_name: plain(" "), count: Some(Count::None), ..base };
    assert_eq!(ids(&query(&host, &with_token(same))), ["s3", "s4"]);
}

#[test]
fn a_token_of_a_filter_by_state_stays_valid_over_time() {
    let host = numbered(5);
    let active = SessionQuery { state: State::Active, ..pages_of(2) };
    let first = query(&host, &active);
    host.now.set(NOW.plus(60_000));
    assert_eq!(ids(&query(&host, &next(&active, &first))), ["s3", "s4"]);
}

#[test]
fn a_damaged_token_is_rejected() {
    let host = numbered(5);
    let token = query(&host, &pages_of(2)).results_token.unwrap();
    let cut = token[..token.len() - 1].to_owned();
    for damaged in [cut, format!("{token}0"), "rubbish".into(), token.to_uppercase(), "=".into()] {
        let query = SessionQuery { results_token: Some(damaged.clone()), ..pages_of(2) };
        assert_eq!(code(try_query(&host, &query)), Code::InvalidResultsToken, "{damaged}");
    }
}

#[test]
fn a_token_contains_no_key() {
    let host = TestHost::new();
    let key = "5eeded5eeded5eeded5eeded5eeded5eeded5eeded5eeded5eeded5eeded5eed";
    host.add(&Session { key: key.into(), ..session("alice", "s1") });
    let token = ResultsToken::decode(&query(&host, &pages_of(1)).results_token.unwrap()).unwrap();
    for position in [token.ends.first, token.ends.last] {
        assert!(
            !position.is_empty() && position.len() < 40 && !key.contains(&position),
            "{position}"
        );
    }
}

#[test]
fn counts_are_exact_capped_or_none() {
    let host = numbered(COUNT_CAP as usize + 5);
    let total = |count: Option<Count>| query(&host, &SessionQuery { count, ..pages_of(100) }).total;
    assert_eq!(total(None), Some(Total { count: COUNT_CAP + 5, capped: false, pages: Some(101) }));
    assert_eq!(total(Some(Count::Exact)), total(None));
    assert_eq!(
        total(Some(Count::Capped)),
        Some(Total { count: COUNT_CAP, capped: true, pages: None })
    );
    assert_eq!(total(Some(Count::None)), None);
    remove(&host, &["s1", "s2", "s3", "s4", "s5"]);
    assert_eq!(
        total(Some(Count::Capped)),
        Some(Total { count: COUNT_CAP, capped: false, pages: Some(100) })
    );
}

#[test]
fn sessions_are_counted_exactly_or_up_to_a_number() {
    let host = numbered(12);
    host.session("bob", "b1", &["web"]);
    let count = |query: &SessionQuery, up_to| block_on(count_sessions(&host, query, up_to));
    let alice = SessionQuery { subject_id: plain("alice"), ..SessionQuery::default() };
    for (query, up_to, expected) in [
        (&SessionQuery::default(), None, (13, false)),
        (&alice, None, (12, false)),
        (&alice, Some(13), (12, false)),
        (&alice, Some(12), (12, false)),
        (&alice, Some(11), (11, true)),
        (&alice, Some(1), (1, true)),
        (&alice, Some(u64::MAX), (12, false)),
        // As in a query, a blank string means no filter.
        (&SessionQuery { client_id: Some(" ".into()), ..alice.clone() }, None, (12, false)),
    ] {
        let (number, capped) = expected;
        let expected = SessionCount { count: number, capped };
        assert_eq!(count(query, up_to).unwrap(), expected, "{up_to:?}");
    }
    host.script.unserved.borrow_mut().push("subjectId");
    assert_eq!(code(count(&alice, None)), Code::UnsupportedFilter);
    host.script.cannot_count.set(true);
    assert_eq!(code(count(&SessionQuery::default(), None)), Code::NotConfigured);
}

#[test]
fn without_counting_there_are_no_totals_and_asking_for_them_fails() {
    let host = numbered(3);
    host.script.cannot_count.set(true);
    assert_eq!(query(&host, &pages_of(2)).total, None);
    for count in [Count::Exact, Count::Capped] {
        let query = SessionQuery { count: Some(count), ..pages_of(2) };
        assert_eq!(code(try_query(&host, &query)), Code::NotConfigured);
    }
}

#[test]
fn a_page_is_one_read_in_both_directions() {
    // Except for pages of one row, which have no neighbour to start from.
    for size in [2, 3, 4, 9] {
        let host = numbered(26);
        let pages = SessionQuery { count: Some(Count::None), ..pages_of(size) };
        let mut page = query(&host, &pages);
        let mut number = 1;
        while page.has_next {
            page = query(&host, &next(&pages, &page));
            number += 1;
            assert_eq!((page.current_page, page.has_prev), (number, true));
        }
        while page.has_prev {
            page = query(&host, &prior(&pages, &page));
            number -= 1;
            assert_eq!((page.current_page, page.has_next), (number, true));
        }
        assert_eq!(host.script.calls.get(), 2 * 26usize.div_ceil(size) - 1, "pages of {size}");
    }
}

#[test]
fn a_page_is_correct_whichever_rows_around_its_ends_were_removed() {
    for size in 1..=3 {
        // The page starts after 2 * size rows. Remove every combination of the rows around it.
        let around: Vec<String> = (1..=3 * size + 2).map(|number| format!("s{number}")).collect();
        for removed in 0u32..1 << around.len().min(8) {
            for back in [false, true] {
                let host = numbered(4 * size + 2);
                let pages = pages_of(size);
                let first = query(&host, &pages);
                let page = query(&host, &next(&pages, &first));
                let names: Vec<&str> = around
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| removed >> bit & 1 == 1)
                    .map(|(_, name)| name.as_str())
                    .collect();
                remove(&host, &names);
                let left: Vec<String> = (1..=4 * size + 2)
                    .map(|number| format!("s{number}"))
                    .filter(|name| !names.contains(&name.as_str()))
                    .collect();
                let number = |name: &str| name[1..].parse::<usize>().unwrap();
                let result =
                    query(&host, &if back { prior(&pages, &page) } else { next(&pages, &page) });
                // The token is from the page with the rows from `size` + 1 to 2 * `size`.
                let expected: Vec<&str> = if back {
                    let ahead: Vec<&str> = left
                        .iter()
                        .map(String::as_str)
                        .filter(|name| number(name) <= size)
                        .collect();
                    if ahead.len() < size {
                        left.iter().map(String::as_str).take(size).collect()
                    } else {
                        ahead
                    }
                } else {
                    left.iter()
                        .map(String::as_str)
                        .filter(|name| number(name) > 2 * size)
                        .take(size)
                        .collect()
                };
                let has =
                    |wanted: &dyn Fn(usize) -> bool| left.iter().any(|name| wanted(number(name)));
                let (low, high) = (number(expected[0]), number(expected[expected.len() - 1]));
                assert_eq!(
                    ids(&result),
                    expected,
                    "pages of {size}, without {names:?}, back: {back}"
                );
                assert_eq!(
                    result.has_prev,
                    has(&|number| number < low),
                    "pages of {size}, without {names:?}, back: {back}"
                );
                assert_eq!(
                    result.has_next,
                    has(&|number| number > high),
                    "pages of {size}, without {names:?}, back: {back}"
                );
            }
        }
    }
}

#[test]
fn a_failing_store_and_an_aborted_call_are_errors() {
    let host = numbered(3);
    for call in 0..2 {
        host.script.calls.set(0);
        host.script.fail_at.set(Some(call));
        assert_eq!(code(try_query(&host, &pages_of(2))), Code::StoreFailed);
    }
    host.script.aborted.set(true);
    assert_eq!(code(try_query(&host, &pages_of(2))), Code::Aborted);
}

#[test]
fn instants_in_seconds_are_rejected() {
    let seconds = TimeRange { after: Some(at(1_750_000_000)), before: None };
    for query in [
        SessionQuery { created: seconds, ..SessionQuery::default() },
        SessionQuery { renewed: seconds, ..SessionQuery::default() },
        SessionQuery {
            expires: TimeRange { after: None, before: Some(at(1)) },
            ..SessionQuery::default()
        },
    ] {
        let host = TestHost::new();
        assert_eq!(code(try_query(&host, &query)), Code::InvalidArgument);
    }
    let epoch = TimeRange { after: Some(at(0)), before: Some(at(100_000_000_000)) };
    let query = SessionQuery { created: epoch, ..SessionQuery::default() };
    assert!(try_query(&TestHost::new(), &query).is_ok());
}
