//! The rules of purging (design 4.3): the preview, its confirmation, and the bounded, resumable
//! removal.

use crate::common::{NOW, TestHost, TestPage, at, named, notified, session};
use pollster::block_on;
use rollcall::error::{Code, Error};
use rollcall::event::Event;
use rollcall::filter::{TextMatch, TimeRange};
use rollcall::purge::{CONFIRM_TOKEN_MAX_AGE, Purge, PurgeRequest, SAMPLE_SIZE, purge_sessions};
use rollcall::query::{Count, IssuerFilter, SessionQuery, State, TextFilter, count_sessions};
use rollcall::removal::{RemovalReport, RemovalRequest};
use rollcall::session::{Session, SessionChange, SessionCondition};

fn purge(host: &TestHost, request: &PurgeRequest) -> Result<Purge<TestPage>, Error> {
    block_on(purge_sessions(host, request, &mut |_| {}))
}

fn preview(host: &TestHost, request: &PurgeRequest) -> (u64, usize, String) {
    match purge(host, request).unwrap() {
        Purge::Preview { count, shown, confirm_token, .. } => (count, shown.len(), confirm_token),
        Purge::Done(_) => panic!("not a preview"),
    }
}

fn confirm(
    host: &TestHost,
    request: &PurgeRequest,
    token: &str,
) -> Result<(RemovalReport, Option<String>), Error> {
    let request = PurgeRequest { confirm_token: Some(token.to_owned()), ..request.clone() };
    match purge(host, &request)? {
        Purge::Done(report) => {
            assert_eq!(report.more, Some(report.confirm_token.is_some()));
            let token = report.confirm_token.clone();
            Ok((report, token))
        }
        Purge::Preview { .. } => panic!("a preview"),
    }
}

fn refused(host: &TestHost, request: &PurgeRequest, token: &str) -> Code {
    let before =
        host.stores.sessions().count(&SessionQuery::default().filter(NOW).unwrap(), None).unwrap();
    let code = confirm(host, request, token).unwrap_err().code();
    assert_eq!(
        host.stores.sessions().count(&SessionQuery::default().filter(NOW).unwrap(), None).unwrap(),
        before
    );
    assert!(host.sent.borrow().is_empty());
    code
}

fn of_client(id: &str) -> PurgeRequest {
    PurgeRequest {
        query: SessionQuery { client_id: Some(id.into()), ..SessionQuery::default() },
        ..PurgeRequest::default()
    }
}

/// Sessions of many subjects. Every other one has the client `web`.
fn crowded(count: usize) -> TestHost {
    let host = TestHost::new();
    host.client("web").client("app");
    for number in 0..count {
        let (subject, id) = (format!("user{number}"), format!("s{number:04}"));
        host.session(&subject, &id, if number % 2 == 0 { &["web", "app"] } else { &["app"] });
        host.grant("refresh_token", &subject, Some(&id), "web").grant(
            "user_consent",
            &subject,
            None,
            "web",
        );
    }
    host
}

#[test]
fn a_preview_counts_and_samples_and_changes_nothing() {
    let host = crowded(500);
    let (count, sample, _) = preview(&host, &of_client("web"));
    assert_eq!((count, sample), (250, SAMPLE_SIZE));
    assert_eq!(host.sessions_of("user0"), ["s0000"]);
    assert!(host.sent.borrow().is_empty() && host.events.borrow().is_empty());
}

#[test]
fn a_confirmed_purge_ends_matching_sessions_and_notifies_each_client_of_each() {
    let host = crowded(500);
    let request = PurgeRequest {
        removal: RemovalRequest {
            reason: Some("breach".into()),
            actor: Some("carol".into()),
            ..Default::default()
        },
        ..of_client("web")
    };
    let (_, _, token) = preview(&host, &request);
    let (report, token) = confirm(&host, &request, &token).unwrap();
    assert_eq!(
        (report.sessions_removed, report.tokens_revoked, report.consents_revoked),
        (250, 250, 0)
    );
    assert_eq!((report.notifications.delivered, report.more, token), (500, Some(false), None));
    assert!(report.notes.iter().any(|note| note.contains("consents were kept")));
    assert!(host.sessions_of("user0").is_empty() && host.sessions_of("user1") == ["s0001"]);
    assert_eq!(
        host.notified()[0],
        notified("app", Some("user0"), Some("s0000")),
        "one by one, by `sid`"
    );
    let events = format!("{:?}", host.events.borrow()[0]);
    assert!(events.contains("breach") && events.contains("carol") && !events.contains("key of"));
    assert_eq!(host.grants_of("user1").len(), 2, "other sessions keep their tokens");
}

#[test]
fn a_call_is_bounded_and_its_token_continues() {
    let host = crowded(1_000);
    let request = PurgeRequest { limit: Some(150), ..of_client("web") };
    let (_, _, mut token) = preview(&host, &request);
    let mut removed = Vec::new();
    loop {
        let (report, next) = confirm(&host, &request, &token).unwrap();
        removed.push(report.sessions_removed);
        let Some(next) = next else { break };
        token = next;
        // Each call issues a new token.
        host.now.set(host.now.get().plus(CONFIRM_TOKEN_MAX_AGE));
    }
    assert_eq!(removed, [150, 150, 150, 50]);
    assert_eq!(preview(&host, &request).0, 0);
}

#[test]
fn the_interim_report_has_the_token_too() {
    let mut host = crowded(10);
    host.delivery.wait = 1_000;
    host.slow.borrow_mut().extend([("web".to_owned(), 5_000), ("app".to_owned(), 5_000)]);
    let request = PurgeRequest { limit: Some(2), ..of_client("web") };
    let (_, _, token) = preview(&host, &request);
    let request = PurgeRequest { confirm_token: Some(token), ..request };
    let mut published = None;
    block_on(purge_sessions(&host, &request, &mut |report| published = Some(report.clone())))
        .unwrap();
    let published = published.unwrap();
    assert_eq!(
        (published.sessions_removed, published.notifications.pending, published.more),
        (2, 4, Some(true))
    );
    assert!(published.confirm_token.is_some());
}

#[test]
fn an_interrupted_purge_is_completed_by_the_same_call() {
    for late in [false, true] {
        for step in 0.. {
            let host = crowded(20);
            let (_, _, token) = preview(&host, &of_client("web"));
            host.script.calls.set(0);
            host.script.fail_at.set(Some(step));
            host.script.fail_late.set(late);
            let interrupted = confirm(&host, &of_client("web"), &token);
            if host.script.calls.get() <= step {
                break;
            }
            host.script.fail_at.set(None);
            if interrupted.is_err() {
                confirm(&host, &of_client("web"), &token).unwrap();
            }
            assert_eq!(preview(&host, &of_client("web")).0, 0, "step {step}");
            assert_eq!(host.grants_of("user0").len(), 1, "step {step}: the consent");
        }
    }
}

#[test]
fn a_session_that_fails_does_not_stop_the_others_and_is_reported() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..crowded(500) };
        host.script.stuck.borrow_mut().insert("s0100".into());
        let (_, _, token) = preview(&host, &of_client("web"));
        let (report, next) = confirm(&host, &of_client("web"), &token).unwrap();
        assert_eq!((report.sessions_removed, next), (249, None));
        assert_eq!(report.failed, Some(1));
        assert_eq!(host.sessions_of("user100"), ["s0100"]);
        let failed = Event::SessionRemovalFailed {
            at: NOW,
            subject_id: "user100".into(),
            session_id: "s0100".into(),
            issuer: None,
            code: Code::StoreFailed,
            error: "`store` failed: a session is stuck".into(),
        };
        assert!(host.events.borrow().contains(&failed));
        host.script.stuck.borrow_mut().clear();
        let (report, _) = confirm(&host, &of_client("web"), &token).unwrap();
        assert_eq!((report.sessions_removed, report.failed), (1, Some(0)));
    }
}

#[test]
fn sessions_that_fail_at_both_ends_do_not_block_the_others() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..crowded(600) };
        let stuck = (0..250).chain(350..600).map(|number| format!("s{number:04}"));
        host.script.stuck.borrow_mut().extend(stuck);
        let (_, _, token) = preview(&host, &of_client("app"));
        let (report, next) = confirm(&host, &of_client("app"), &token).unwrap();
        assert_eq!((report.sessions_removed, report.failed, next), (100, Some(500), None));
        assert_eq!(preview(&host, &of_client("app")).0, 500);
    }
}

#[test]
fn a_purge_continues_while_the_registry_is_down_and_soon_stops_asking_it() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..TestHost::new() };
        for number in 0..100 {
            let clients = vec![crate::common::client_session(&format!("client{number:03}"))];
            host.add(&Session { clients, ..session("alice", &format!("s{number:03}")) });
        }
        let query = SessionQuery {
            subject_id: Some(TextFilter::Plain("alice".into())),
            ..SessionQuery::default()
        };
        let of_alice = PurgeRequest { query, ..PurgeRequest::default() };
        let (_, _, token) = preview(&host, &of_alice);
        host.registry_down.set(true);
        let (report, next) = confirm(&host, &of_alice, &token).unwrap();
        assert_eq!((report.sessions_removed, report.failed, next), (100, Some(0), None));
        let lookups = host.script.lookups.get();
        assert!(if with_outbox { lookups == 3 } else { lookups < 30 }, "{lookups}");
    }
}

#[test]
fn without_an_outbox_an_aborted_purge_notifies_the_clients_of_ended_sessions() {
    for step in (0..20).chain((20..).step_by(37)) {
        let host = TestHost { with_outbox: false, with_atomic: false, ..crowded(500) };
        let (_, _, token) = preview(&host, &of_client("web"));
        host.script.calls.set(0);
        host.script.abort_at.set(Some(step));
        let aborted = confirm(&host, &of_client("web"), &token);
        if aborted.is_ok() {
            break;
        }
        assert_eq!(aborted.unwrap_err().code(), Code::Aborted);
        host.script.aborted.set(false);
        let left = preview(&host, &of_client("web")).0 as usize;
        assert_eq!(host.sent.borrow().len(), 2 * (250 - left), "step {step}");
    }
}

#[test]
fn a_purge_fails_if_the_store_ends_no_session() {
    let host = crowded(1_000);
    let stuck = (0..1_000).map(|number| format!("s{number:04}"));
    host.script.stuck.borrow_mut().extend(stuck);
    let (_, _, token) = preview(&host, &of_client("app"));
    let error = confirm(&host, &of_client("app"), &token).unwrap_err();
    assert_eq!(error.to_string(), "`store` failed: a session is stuck");
    let failures = host.events.borrow().len();
    assert_eq!(failures, 400, "it gave up after this many consecutive failures");
}

#[test]
fn a_session_of_a_host_with_a_fast_clock_is_previewed_and_ended() {
    let host = crowded(4);
    let clients = vec![crate::common::client_session("web")];
    host.add(&Session { created: NOW.plus(2_000), clients, ..session("fast", "fast") });
    let (count, _, token) = preview(&host, &of_client("web"));
    let (report, next) = confirm(&host, &of_client("web"), &token).unwrap();
    assert_eq!((count, report.sessions_removed, next), (3, 3, None));
    assert_eq!(preview(&host, &of_client("web")).0, 0);
}

#[test]
fn a_preview_leaves_out_excluded_sessions() {
    for with_atomic in [false, true] {
        let host = TestHost { with_atomic, ..crowded(300) };
        let except = ["s0298", "s0000", "s0298", "s0001", "unknown"].map(str::to_owned).to_vec();
        let removal = RemovalRequest { except_session_ids: except, ..Default::default() };
        let request = PurgeRequest { removal, ..of_client("web") };
        let Purge::Preview { count, sample, shown, confirm_token } =
            purge(&host, &request).unwrap()
        else {
            panic!("not a preview")
        };
        let ids: Vec<&str> =
            shown.iter().map(|row| sample.sessions[*row].session_id.as_str()).collect();
        assert_eq!((count, ids.len(), ids[0], ids[99]), (148, 100, "s0296", "s0098"));
        let (report, next) = confirm(&host, &request, &confirm_token).unwrap();
        assert_eq!((report.sessions_removed, next), (148, None));
        assert_eq!(preview(&host, &request).0, 0);
        assert_eq!(host.sessions_of("user298"), ["s0298"]);
    }
}

#[test]
fn excluded_sessions_do_not_count_as_far_more_sessions() {
    let host = crowded(60);
    let all: Vec<String> = (0..58).map(|number| format!("s{number:04}")).collect();
    let removal = RemovalRequest { except_session_ids: all, ..Default::default() };
    let request = PurgeRequest { removal, ..of_client("web") };
    let (count, _, token) = preview(&host, &request);
    assert_eq!((count, confirm(&host, &request, &token).unwrap().0.sessions_removed), (1, 1));
}

#[test]
fn a_token_confirms_only_its_own_flags() {
    let host = crowded(10);
    let with = |removal: RemovalRequest| PurgeRequest { removal, ..of_client("web") };
    let tokens_only = with(RemovalRequest {
        remove_server_side_session: Some(false),
        ..RemovalRequest::default()
    });
    let (_, _, token) = preview(&host, &tokens_only);
    let ids = |id: &str| vec![id.to_owned()];
    for other in [
        RemovalRequest::default(),
        RemovalRequest { revoke_tokens: Some(false), ..tokens_only.removal.clone() },
        RemovalRequest { revoke_consents: Some(false), ..tokens_only.removal.clone() },
        RemovalRequest {
            send_backchannel_logout_notification: Some(false),
            ..tokens_only.removal.clone()
        },
        RemovalRequest { client_ids: Some(ids("app")), ..tokens_only.removal.clone() },
        RemovalRequest { except_session_ids: ids("s0000"), ..tokens_only.removal.clone() },
    ] {
        assert_eq!(refused(&host, &with(other), &token), Code::ConfirmTokenStale);
    }
    // A preview doesn't show the reason, and a dry run ends nothing.
    let reason = Some("why".to_owned());
    let dry = RemovalRequest { dry_run: true, reason, ..tokens_only.removal.clone() };
    assert!(confirm(&host, &with(dry), &token).is_ok());
    assert_eq!(confirm(&host, &tokens_only, &token).unwrap().0.tokens_revoked, 5);
}

#[test]
fn the_token_of_a_dry_run_does_not_continue_a_purge() {
    let host = crowded(10);
    let request = PurgeRequest { limit: Some(2), ..of_client("web") };
    let removal = RemovalRequest { dry_run: true, ..RemovalRequest::default() };
    let dry = PurgeRequest { removal, ..request.clone() };
    let (_, _, token) = preview(&host, &request);
    let next = confirm(&host, &dry, &token).unwrap().1.unwrap();
    assert_eq!(refused(&host, &request, &next), Code::ConfirmTokenStale);
    assert_eq!(confirm(&host, &dry, &next).unwrap().0.sessions_removed, 2);
}

#[test]
fn more_is_false_if_nothing_is_left() {
    for with_atomic in [false, true] {
        let host = TestHost { with_atomic, ..crowded(10) };
        let removal =
            RemovalRequest { except_session_ids: vec!["s0008".into()], ..Default::default() };
        let request = PurgeRequest { limit: Some(4), removal, ..of_client("web") };
        let (_, _, token) = preview(&host, &request);
        let (report, next) = confirm(&host, &request, &token).unwrap();
        assert_eq!((report.sessions_removed, next), (4, None), "only an excluded one is left");
    }
}

#[test]
fn a_dry_run_counts_the_tokens_of_one_session_id_once() {
    for (pages, with_atomic) in [(1, false), (1, true), (2, false), (2, true)] {
        let host = TestHost { with_atomic, ..crowded(1) };
        // Two rows with the same session id, on one page or on two.
        let between = if pages == 1 { 0 } else { 1_100 };
        for number in 0..between {
            host.session("other", &format!("o{number}"), &["web"]);
        }
        let stored = host.session("user0", "other row of s0000", &["web"]);
        let change = SessionChange { session_id: Some("s0000".into()), ..Default::default() };
        let sessions = host.stores.sessions();
        sessions.update(&stored.key, &change, &SessionCondition::NONE).unwrap();
        let removal = RemovalRequest { dry_run: true, ..RemovalRequest::default() };
        let dry = PurgeRequest { removal, ..of_client("web") };
        let (_, _, token) = preview(&host, &dry);
        let counted = confirm(&host, &dry, &token).unwrap().0.tokens_revoked;
        let revoked = confirm(&host, &of_client("web"), &token).unwrap().0.tokens_revoked;
        assert_eq!((counted, revoked), (1, 1), "{pages} pages");
    }
}

#[test]
fn sessions_created_after_the_preview_stay_active() {
    let host = crowded(10);
    let (_, _, token) = preview(&host, &of_client("web"));
    for number in 0..3 {
        let clients = vec![crate::common::client_session("web")];
        host.add(&Session {
            created: NOW.plus(1 + number),
            clients,
            ..session("late", &format!("late{number}"))
        });
    }
    host.now.set(NOW.plus(1_000));
    let (report, next) = confirm(&host, &of_client("web"), &token).unwrap();
    assert_eq!((report.sessions_removed, next), (5, None));
    assert_eq!(host.sessions_of("late").len(), 3);
}

#[test]
fn an_empty_filter_needs_everything_and_a_filter_must_not_have_it() {
    let host = crowded(3);
    let empty = PurgeRequest::default();
    assert_eq!(purge(&host, &empty).unwrap_err().code(), Code::EmptyTarget);
    let both = PurgeRequest { everything: true, ..of_client("web") };
    assert_eq!(purge(&host, &both).unwrap_err().code(), Code::InvalidArgument);
    let everything = PurgeRequest { everything: true, ..PurgeRequest::default() };
    let (count, _, token) = preview(&host, &everything);
    assert_eq!((count, confirm(&host, &everything, &token).unwrap().0.sessions_removed), (3, 3));
}

#[test]
fn a_blank_string_does_not_widen_a_purge() {
    let host = crowded(3);
    let of = |query: SessionQuery| PurgeRequest { query, ..of_client("web") };
    let plain = || Some(TextFilter::Plain(String::new()));
    let query = || SessionQuery { client_id: Some("web".into()), ..SessionQuery::default() };
    let blank = || Some(" ".to_owned());
    let starts = Some(TextFilter::Explicit(TextMatch::StartsWith("\n".into())));
    for (member, query) in [
        ("subjectId", SessionQuery { subject_id: plain(), ..query() }),
        ("sessionId", SessionQuery { session_id: plain(), ..query() }),
        ("displayName", SessionQuery { display_name: starts, ..query() }),
        ("search", SessionQuery { search: blank(), ..query() }),
        ("clientId", SessionQuery { client_id: blank(), ..query() }),
        ("issuer", SessionQuery { issuer: blank().map(IssuerFilter::Equals), ..query() }),
        ("ipAddress", SessionQuery { ip_address: blank(), ..query() }),
    ] {
        let error = purge(&host, &of(query)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert_eq!(error.to_string(), format!("`{member}` is blank: give it a value"));
    }
    let nul = SessionQuery { subject_id: Some(TextFilter::Plain("a\0".into())), ..query() };
    assert_eq!(purge(&host, &of(nul)).unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(host.script.calls.get(), 0);
}

#[test]
fn a_list_of_issuers_limits_a_purge() {
    let host = TestHost::new();
    for (id, issuer) in [("1", Some("a")), ("2", Some("b")), ("3", Some("c")), ("4", None)] {
        host.add(&Session { issuer: issuer.map(str::to_owned), ..session("alice", id) });
    }
    let of = |issuers: &[&str]| {
        let issuers = issuers.iter().map(|&issuer| issuer.to_owned()).collect();
        let query =
            SessionQuery { issuer: Some(IssuerFilter::OneOf(issuers)), ..SessionQuery::default() };
        PurgeRequest { query, ..PurgeRequest::default() }
    };
    for (list, message) in [
        (&[][..], "`issuer` is an empty list: name an issuer, or leave it out"),
        (&["a", " "], "`issuer` has a blank entry: every entry must be an id"),
        (&["a", "\0"], "`issuer` has a NUL character, which some stores can't hold: leave it out"),
    ] {
        assert_eq!(purge(&host, &of(list)).unwrap_err().to_string(), message);
    }
    let (count, _, token) = preview(&host, &of(&["a", "b"]));
    assert_eq!(count, 2);
    assert_eq!(refused(&host, &of(&["a", "c"]), &token), Code::ConfirmTokenStale);
    assert_eq!(refused(&host, &of(&["a", "b", "c"]), &token), Code::ConfirmTokenStale);
    // The same list in another order.
    assert_eq!(confirm(&host, &of(&["b", "a"]), &token).unwrap().0.sessions_removed, 2);
    assert_eq!(host.sessions_of("alice"), ["3", "4"]);
}

#[test]
fn a_query_with_pages_counts_or_tickets_is_not_a_filter() {
    let host = crowded(3);
    for query in [
        SessionQuery { count: Some(Count::None), ..SessionQuery::default() },
        SessionQuery { include_ticket: true, ..SessionQuery::default() },
        SessionQuery { results_token: Some("x".into()), ..SessionQuery::default() },
        SessionQuery { request_prior_results: true, ..SessionQuery::default() },
        SessionQuery { count_requested: Some(5.0), ..SessionQuery::default() },
    ] {
        let request = PurgeRequest {
            query: SessionQuery { client_id: Some("web".into()), ..query },
            ..Default::default()
        };
        assert_eq!(purge(&host, &request).unwrap_err().code(), Code::InvalidArgument);
        let counted = block_on(count_sessions(&host, &request.query, None));
        assert_eq!(counted.unwrap_err().code(), Code::InvalidArgument);
    }
    assert_eq!(host.script.calls.get(), 0);
}

#[test]
fn a_token_confirms_only_its_own_filter_and_for_fifteen_minutes() {
    let host = crowded(10);
    let (_, _, token) = preview(&host, &of_client("web"));
    assert_eq!(refused(&host, &of_client("app"), &token), Code::ConfirmTokenStale);
    let named = PurgeRequest {
        query: SessionQuery {
            display_name: Some(TextFilter::Plain("a".into())),
            ..SessionQuery::default()
        },
        ..PurgeRequest::default()
    };
    assert_eq!(refused(&host, &named, &token), Code::ConfirmTokenStale);
    host.now.set(NOW.plus(CONFIRM_TOKEN_MAX_AGE + 1));
    assert_eq!(refused(&host, &of_client("web"), &token), Code::ConfirmTokenStale);
    host.now.set(NOW.plus(CONFIRM_TOKEN_MAX_AGE));
    assert_eq!(confirm(&host, &of_client("web"), &token).unwrap().0.sessions_removed, 5);
}

#[test]
fn a_token_does_not_confirm_ten_times_as_many() {
    for (before, after, code) in
        [(1, 9, None), (1, 10, Some(Code::ConfirmTokenStale)), (0, 9, None), (12, 119, None)]
    {
        let host = TestHost::new();
        let add = |range: std::ops::Range<usize>| {
            for number in range {
                host.session("alice", &format!("s{number}"), &["web"]);
            }
        };
        add(0..before);
        let (_, _, token) = preview(&host, &of_client("web"));
        add(before..after);
        assert_eq!(
            confirm(&host, &of_client("web"), &token).err().map(|error| error.code()),
            code,
            "{before}, {after}"
        );
    }
}

#[test]
fn a_damaged_token_is_rejected() {
    let host = crowded(10);
    let (_, _, token) = preview(&host, &of_client("web"));
    for place in 0..token.len() {
        let mut damaged = token.clone();
        let other = if &token[place..=place] == "A" { "B" } else { "A" };
        damaged.replace_range(place..=place, other);
        assert_eq!(refused(&host, &of_client("web"), &damaged), Code::InvalidArgument);
        assert_eq!(refused(&host, &of_client("web"), &token[..place]), Code::InvalidArgument);
    }
}

#[test]
fn a_token_of_a_filter_by_state_stays_valid_over_time() {
    let host = TestHost::new();
    host.add(&Session { expires: Some(NOW.plus(500)), ..named(session("alice", "s1"), "Alice") });
    let request = PurgeRequest {
        query: SessionQuery {
            state: State::Active,
            subject_id: Some(TextFilter::Explicit(TextMatch::StartsWith("al".into()))),
            created: TimeRange { after: Some(at(0)), before: None },
            ..SessionQuery::default()
        },
        ..PurgeRequest::default()
    };
    let (_, _, token) = preview(&host, &request);
    host.now.set(NOW.plus(100));
    assert_eq!(confirm(&host, &request, &token).unwrap().0.sessions_removed, 1);
}

#[test]
fn a_purge_needs_a_store_that_counts_and_supports_the_filter() {
    let host = crowded(3);
    host.script.cannot_count.set(true);
    assert_eq!(purge(&host, &of_client("web")).unwrap_err().code(), Code::NotConfigured);
    host.script.cannot_count.set(false);
    host.script.unserved.borrow_mut().push("clientId");
    assert_eq!(purge(&host, &of_client("web")).unwrap_err().code(), Code::UnsupportedFilter);
}

#[test]
fn a_preview_fails_if_the_purge_would() {
    let mut host = crowded(3);
    host.with_grants = false;
    let removal = RemovalRequest { revoke_tokens: Some(true), ..RemovalRequest::default() };
    let request = PurgeRequest { removal, ..of_client("web") };
    assert_eq!(purge(&host, &request).unwrap_err().code(), Code::NotConfigured);
}

#[test]
fn a_dry_run_of_a_purge_with_excluded_sessions() {
    let host = crowded(10);
    let removal = RemovalRequest {
        dry_run: true,
        except_session_ids: vec!["s0000".into()],
        ..RemovalRequest::default()
    };
    let mut request = PurgeRequest { removal, ..of_client("web") };
    let (_, _, token) = preview(&host, &request);
    let (report, _) = confirm(&host, &request, &token).unwrap();
    assert_eq!(
        (report.sessions_removed, report.tokens_revoked, report.notifications.pending),
        (4, 4, 8)
    );
    assert!(report.dry_run && host.sessions_of("user2") == ["s0002"]);
    request.removal.dry_run = false;
    assert_eq!(confirm(&host, &request, &token).unwrap().0.sessions_removed, 4);
    assert_eq!(host.sessions_of("user0"), ["s0000"]);
}
