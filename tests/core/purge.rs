//! The rules of purging (design 4.3): the preview, what confirms it, and the bounded, resumable
//! removal.

use crate::common::{NOW, TestHost, at, named, session, told};
use pollster::block_on;
use rollcall::error::{Code, Error};
use rollcall::filter::{TextMatch, TimeRange};
use rollcall::memory::SessionPage;
use rollcall::purge::{CONFIRM_WITHIN, Purge, PurgeRequest, SAMPLE_SIZE, purge_sessions};
use rollcall::query::{SessionQuery, State, TextFilter};
use rollcall::removal::{RemovalReport, RemovalRequest};
use rollcall::session::Session;

fn purge(host: &TestHost, request: &PurgeRequest) -> Result<Purge<SessionPage>, Error> {
    block_on(purge_sessions(host, request, &mut |_| {}))
}

fn preview(host: &TestHost, request: &PurgeRequest) -> (u64, usize, String) {
    match purge(host, request).unwrap() {
        Purge::Preview { count, sample, confirm_token } => {
            (count, sample.sessions.len(), confirm_token)
        }
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

/// Sessions of many subjects, of which every other one is at `web`.
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
fn a_preview_counts_shows_a_sample_and_changes_nothing() {
    let host = crowded(500);
    let (count, sample, _) = preview(&host, &of_client("web"));
    assert_eq!((count, sample), (250, SAMPLE_SIZE));
    assert_eq!(host.sessions_of("user0"), ["s0000"]);
    assert!(host.sent.borrow().is_empty() && host.events.borrow().is_empty());
}

#[test]
fn a_confirmed_purge_ends_what_matches_and_tells_each_client_of_each_session() {
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
    assert!(report.notes.iter().any(|note| note.contains("consents were left")));
    assert!(host.sessions_of("user0").is_empty() && host.sessions_of("user1") == ["s0001"]);
    assert_eq!(host.told()[0], told("app", Some("user0"), Some("s0000")), "one by one, by `sid`");
    let events = format!("{:?}", host.events.borrow()[0]);
    assert!(events.contains("breach") && events.contains("carol") && !events.contains("key of"));
    assert_eq!(host.grants_of("user1").len(), 2, "the tokens of sessions that go on stay");
}

#[test]
fn it_is_bounded_per_call_and_goes_on_by_its_token() {
    let host = crowded(1_000);
    let request = PurgeRequest { limit: Some(150), ..of_client("web") };
    let (_, _, mut token) = preview(&host, &request);
    let mut removed = Vec::new();
    loop {
        let (report, next) = confirm(&host, &request, &token).unwrap();
        removed.push(report.sessions_removed);
        let Some(next) = next else { break };
        token = next;
        // Each call's token is as young as the call.
        host.now.set(host.now.get().plus(CONFIRM_WITHIN));
    }
    assert_eq!(removed, [150, 150, 150, 50]);
    assert_eq!(preview(&host, &request).0, 0);
}

#[test]
fn a_report_that_is_published_early_has_the_token_too() {
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
fn what_began_after_the_preview_goes_on() {
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
fn a_blank_string_widens_no_purge() {
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
        ("issuer", SessionQuery { issuer: blank(), ..query() }),
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
fn a_query_with_pages_is_no_filter() {
    let host = crowded(3);
    for query in [
        SessionQuery { results_token: Some("x".into()), ..SessionQuery::default() },
        SessionQuery { request_prior_results: true, ..SessionQuery::default() },
        SessionQuery { count_requested: Some(5.0), ..SessionQuery::default() },
    ] {
        let request = PurgeRequest {
            query: SessionQuery { client_id: Some("web".into()), ..query },
            ..Default::default()
        };
        assert_eq!(purge(&host, &request).unwrap_err().code(), Code::InvalidArgument);
    }
}

#[test]
fn a_token_confirms_its_own_filter_only_and_for_a_quarter_of_an_hour() {
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
    host.now.set(NOW.plus(CONFIRM_WITHIN + 1));
    assert_eq!(refused(&host, &of_client("web"), &token), Code::ConfirmTokenStale);
    host.now.set(NOW.plus(CONFIRM_WITHIN));
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
fn a_damaged_token_is_an_error() {
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
fn a_token_of_a_query_by_state_stays_good_while_time_goes_by() {
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
fn it_needs_a_store_that_counts_and_serves_the_filter() {
    let host = crowded(3);
    host.script.cannot_count.set(true);
    assert_eq!(purge(&host, &of_client("web")).unwrap_err().code(), Code::NotConfigured);
    host.script.cannot_count.set(false);
    host.script.unserved.borrow_mut().push("clientId");
    assert_eq!(purge(&host, &of_client("web")).unwrap_err().code(), Code::UnsupportedFilter);
}

#[test]
fn a_preview_refuses_what_the_purge_would_refuse() {
    let mut host = crowded(3);
    host.with_grants = false;
    let removal = RemovalRequest { revoke_tokens: Some(true), ..RemovalRequest::default() };
    let request = PurgeRequest { removal, ..of_client("web") };
    assert_eq!(purge(&host, &request).unwrap_err().code(), Code::NotConfigured);
}

#[test]
fn a_dry_run_of_a_purge_and_spared_sessions() {
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
