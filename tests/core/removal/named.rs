//! Removals of named sessions.

use crate::common::{TestHost, cases};
use pollster::block_on;
use proptest::prelude::*;
use rollcall::error::Code;
use rollcall::query::IssuerFilter;
use rollcall::removal::{MAX_SESSIONS, NamedSession, RemovalRequest, remove_sessions};
use rollcall::session::Session;

use super::{populated, remove, revoked, sessions, subject, try_remove};

const BOTH: [(&str, &str); 2] = [("alice", "a1"), ("bob", "b1")];

#[test]
fn only_named_sessions_end_with_their_tokens() {
    for (with_atomic, with_outbox) in [(true, true), (false, true), (false, false)] {
        let host = TestHost { with_atomic, with_outbox, ..populated() };
        let report = remove(&host, &sessions(&BOTH));
        assert_eq!(report.sessions_removed, 2);
        // Consents and tokens without a session are kept.
        assert_eq!(revoked(&report), (10, 0, 2));
        assert_eq!(report.notes.len(), 1, "{:?}", report.notes);
        assert_eq!(report.notifications.delivered, 3);
        assert_eq!(host.sessions_of("alice"), ["a2"]);
        assert!(host.sessions_of("bob").is_empty());
        let left = host.grants_of("alice").into_iter().chain(host.grants_of("bob"));
        assert!(left.into_iter().all(|(_, session, _)| session.is_none_or(|id| id == "a2")));
    }
}

#[test]
fn a_dry_run_reports_the_same_and_changes_nothing() {
    for with_atomic in [true, false] {
        let host = TestHost { with_atomic, ..populated() };
        let dry_run = remove(&host, &RemovalRequest { dry_run: true, ..sessions(&BOTH) });
        assert_eq!(host.sessions_of("alice"), ["a1", "a2"]);
        let report = remove(&host, &sessions(&BOTH));
        assert_eq!(dry_run.sessions_removed, report.sessions_removed);
        assert_eq!(revoked(&dry_run), revoked(&report));
        assert_eq!(dry_run.notifications.pending, report.notifications.delivered);
    }
}

#[test]
fn tokens_that_an_interrupted_call_left_are_revoked() {
    for with_atomic in [true, false] {
        let host = TestHost { with_atomic, ..TestHost::new() };
        host.grant("refresh_token", "alice", Some("a1"), "web");
        host.grant("refresh_token", "bob", Some("a1"), "web");
        let report = remove(&host, &sessions(&[("alice", "a1"), ("alice", "a1")]));
        assert_eq!((report.sessions_removed, revoked(&report)), (0, (1, 0, 0)));
        assert_eq!(host.grants_of("bob").len(), 1);
    }
}

#[test]
fn excluded_sessions_and_those_of_other_issuers_keep_their_tokens() {
    for with_atomic in [true, false] {
        let host = TestHost { with_atomic, ..TestHost::new() };
        for (id, issuer) in [("n", Some("north")), ("s", Some("south")), ("none", None)] {
            let issuer = issuer.map(str::to_owned);
            host.add(&Session { issuer, ..crate::common::session("alice", id) });
            host.grant("refresh_token", "alice", Some(id), "web");
        }
        let all = sessions(&[("alice", "n"), ("alice", "s"), ("alice", "none"), ("alice", "x")]);
        host.grant("refresh_token", "alice", Some("x"), "web");
        let of = |issuers: &[&str]| {
            let issuers = issuers.iter().map(|&issuer| issuer.to_owned()).collect();
            RemovalRequest { issuer: Some(IssuerFilter::OneOf(issuers)), ..all.clone() }
        };
        let report = remove(&host, &of(&["north", "west"]));
        assert_eq!((report.sessions_removed, report.tokens_revoked), (1, 1));
        assert_eq!(host.sessions_of("alice"), ["none", "s"]);
        let excluded = RemovalRequest { except_session_ids: vec!["s".into()], ..all.clone() };
        let report = remove(&host, &excluded);
        assert_eq!((report.sessions_removed, report.tokens_revoked), (1, 2));
        assert_eq!(host.sessions_of("alice"), ["s"]);
    }
}

#[test]
fn a_list_of_issuers_limits_every_removal() {
    for with_atomic in [true, false] {
        let host = TestHost { with_atomic, ..TestHost::new() };
        for (id, issuer) in [("n", Some("north")), ("s", Some("south")), ("w", Some("west"))] {
            let issuer = issuer.map(str::to_owned);
            host.add(&Session { issuer, ..crate::common::session("alice", id) });
        }
        let issuers = vec!["west".to_owned(), "north".to_owned()];
        let issuer = Some(IssuerFilter::OneOf(issuers));
        assert_eq!(
            remove(&host, &RemovalRequest { issuer, ..subject("alice") }).sessions_removed,
            2
        );
        assert_eq!(host.sessions_of("alice"), ["s"]);
        for wrong in [vec![], vec!["south".to_owned(), " ".to_owned()]] {
            let issuer = Some(IssuerFilter::OneOf(wrong));
            let error = try_remove(&host, &RemovalRequest { issuer, ..subject("alice") });
            assert_eq!(error.unwrap_err().code(), Code::InvalidArgument);
        }
        assert_eq!(host.sessions_of("alice"), ["s"]);
    }
}

#[test]
fn an_invalid_list_changes_nothing() {
    let host = populated();
    let many: Vec<(&str, &str)> = (0..=MAX_SESSIONS).map(|_| ("alice", "a1")).collect();
    for (request, message) in [
        (sessions(&[]), "`sessions` is empty: name the sessions to end"),
        (sessions(&many), "`sessions` has more than 500 entries: make several calls"),
        (sessions(&[("alice", "")]), "`sessionId` is blank: give it a value"),
        (sessions(&[("\t", "a1")]), "`subjectId` is blank: give it a value"),
        (
            RemovalRequest { subject_id: Some("alice".into()), ..sessions(&BOTH) },
            "`sessions` excludes `subjectId` and `sessionId`: leave them out",
        ),
    ] {
        assert_eq!(try_remove(&host, &request).unwrap_err().to_string(), message);
    }
    assert_eq!(host.script.calls.get(), 0);
}

#[test]
fn a_call_ends_its_maximum_of_sessions() {
    for with_atomic in [true, false] {
        let host = TestHost { with_atomic, ..TestHost::new() };
        host.client("web");
        let ids: Vec<String> = (0..MAX_SESSIONS).map(|number| format!("s{number}")).collect();
        for id in &ids {
            host.session("alice", id, &["web"]);
        }
        let named: Vec<(&str, &str)> = ids.iter().map(|id| ("alice", id.as_str())).collect();
        assert_eq!(remove(&host, &sessions(&named)).sessions_removed, 500);
        assert_eq!(host.sent.borrow().len(), 500);
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn repeating_an_interrupted_call_completes_it(
        fail_at in 0..40usize,
        fail_late: bool,
        with_atomic: bool,
    ) {
        let host = TestHost { with_atomic, ..populated() };
        host.script.fail_at.set(Some(fail_at));
        host.script.fail_late.set(fail_late);
        let request = RemovalRequest {
            sessions: Some(BOTH.map(|(subject_id, session_id)| NamedSession {
                subject_id: subject_id.into(),
                session_id: session_id.into(),
            }).to_vec()),
            ..RemovalRequest::default()
        };
        let first = block_on(remove_sessions(&host, &request));
        host.script.fail_at.set(None);
        let second = block_on(remove_sessions(&host, &request)).unwrap();
        let removed = first.map_or(0, |report| report.sessions_removed) + second.sessions_removed;
        prop_assert!(removed <= 2);
        prop_assert_eq!(host.sessions_of("alice"), ["a2"]);
        prop_assert!(host.sessions_of("bob").is_empty());
        let left = host.grants_of("alice").into_iter().chain(host.grants_of("bob"));
        for (_, session, _) in left {
            prop_assert!(session.is_none_or(|id| id == "a2"));
        }
        let recorded: std::collections::BTreeSet<_> =
            host.outbox_entries().into_iter().map(|entry| (entry.client_id, entry.session_id)).collect();
        prop_assert_eq!(recorded.len(), 3);
    }
}
