//! The rules of removing and of who is told what (design 4.3 and 4.4), one by one.

// A test says what went wrong by panicking; `clippy.toml` allows that in test functions and not in what they share.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{NOW, TestClient, TestHost, client_session, session, told};
use pollster::block_on;
use rollcall::error::{Code, Result};
use rollcall::logout::{DeliveryState, LogoutReason, Outcome};
use rollcall::removal::{MAX_DELIVERIES, RemovalReport, RemovalRequest, remove_sessions};
use rollcall::session::Session;

fn try_remove(host: &TestHost, request: &RemovalRequest) -> Result<RemovalReport> {
    block_on(remove_sessions(host, request))
}

fn remove(host: &TestHost, request: &RemovalRequest) -> RemovalReport {
    try_remove(host, request).unwrap()
}

fn subject(id: &str) -> RemovalRequest {
    RemovalRequest { subject_id: Some(id.into()), ..RemovalRequest::default() }
}

fn session_id(id: &str) -> RemovalRequest {
    RemovalRequest { session_id: Some(id.into()), ..RemovalRequest::default() }
}

/// Nothing but what is set.
fn only() -> RemovalRequest {
    RemovalRequest {
        remove_server_side_session: Some(false),
        send_backchannel_logout_notification: Some(false),
        revoke_tokens: Some(false),
        revoke_consents: Some(false),
        ..RemovalRequest::default()
    }
}

/// Alice with two sessions and bob with one, two clients, and grants of every kind for both.
fn populated() -> TestHost {
    let host = TestHost::new();
    host.client("web").client("app");
    host.session("alice", "a1", &["web", "app"]);
    host.session("alice", "a2", &["web"]);
    host.session("bob", "b1", &["web"]);
    for (subject, session) in [("alice", "a1"), ("alice", "a2"), ("bob", "b1")] {
        for grant_type in ["refresh_token", "reference_token", "authorization_code", "ciba", "custom"] {
            host.grant(grant_type, subject, Some(session), "web");
        }
        host.grant("refresh_token", subject, Some(session), "app");
    }
    for subject in ["alice", "bob"] {
        host.grant("user_consent", subject, None, "web").grant("refresh_token", subject, None, "offline");
    }
    host
}

fn types_left(host: &TestHost, subject: &str) -> Vec<String> {
    let mut types: Vec<_> = host.grants_of(subject).into_iter().map(|(grant_type, _, _)| grant_type).collect();
    types.dedup();
    types
}

// --------------------------------------------------------------------------------------------------- the target

#[test]
fn no_target_or_a_blank_one_touches_nothing() {
    let host = populated();
    let blank = |text: &str| Some(text.to_owned());
    let targets = [
        RemovalRequest::default(),
        RemovalRequest { subject_id: blank(" "), session_id: blank("\t"), ..RemovalRequest::default() },
        RemovalRequest { client_ids: Some(vec!["web".into()]), ..RemovalRequest::default() },
        RemovalRequest { except_session_ids: vec!["a1".into()], ..RemovalRequest::default() },
        RemovalRequest { revoke_tokens: Some(true), ..only() },
        only(),
    ];
    for request in targets {
        assert_eq!(try_remove(&host, &request).unwrap_err().code(), Code::EmptyTarget, "{request:?}");
    }
    assert_eq!(host.script.calls.get(), 0);
}

#[test]
fn a_blank_half_of_the_target_is_not_there() {
    let host = populated();
    let report = remove(&host, &RemovalRequest { session_id: Some(" ".into()), ..subject("alice") });
    assert_eq!(report.sessions_removed, 2);
}

#[test]
fn subject_and_session_together_mean_both() {
    let host = populated();
    let report = remove(&host, &RemovalRequest { session_id: Some("b1".into()), ..subject("alice") });
    assert_eq!(report.sessions_removed, 0);
    let report = remove(&host, &RemovalRequest { session_id: Some("a1".into()), ..subject("alice") });
    assert_eq!(report.sessions_removed, 1);
    assert_eq!((host.sessions_of("alice"), host.sessions_of("bob")), (vec!["a2".into()], vec!["b1".into()]));
}

#[test]
fn empty_and_blank_lists_are_errors_and_touch_nothing() {
    let host = populated();
    let requests = [
        RemovalRequest { client_ids: Some(vec![]), ..subject("alice") },
        RemovalRequest { client_ids: Some(vec!["web".into(), " ".into()]), ..subject("alice") },
        RemovalRequest { except_session_ids: vec![String::new()], ..subject("alice") },
    ];
    for request in requests {
        assert_eq!(try_remove(&host, &request).unwrap_err().code(), Code::InvalidArgument, "{request:?}");
    }
    assert_eq!(host.script.calls.get(), 0);
}

// ---------------------------------------------------------------------------------------------------- the flags

#[test]
fn a_whole_subject_loses_everything_and_nobody_else_anything() {
    let host = populated();
    let report = remove(&host, &subject("alice"));
    assert_eq!(report.sessions_removed, 2);
    let grants = report.grants;
    assert_eq!((grants.tokens, grants.consents, grants.other), (11, 1, 2));
    assert_eq!((report.delivered, report.pending, report.failed, report.skipped), (2, 0, 0, 0));
    assert!(host.sessions_of("alice").is_empty() && host.grants_of("alice").is_empty());
    assert_eq!((host.sessions_of("bob").len(), host.grants_of("bob").len()), (1, 8));
    assert!(report.notes.is_empty() && !report.dry_run);
}

#[test]
fn removing_what_is_gone_succeeds_with_zeros() {
    let host = populated();
    remove(&host, &subject("alice"));
    host.sent.borrow_mut().clear();
    for request in [subject("alice"), session_id("a1"), subject("nobody")] {
        let report = remove(&host, &request);
        assert_eq!((report.sessions_removed, report.grants, report.notified()), (0, Default::default(), 0));
    }
    assert!(host.sent.borrow().is_empty());
}

#[test]
fn grants_without_any_session_go_too() {
    let host = TestHost::new();
    host.grant("refresh_token", "carol", None, "offline");
    assert_eq!(remove(&host, &subject("carol")).grants.tokens, 1);
}

#[test]
fn each_flag_does_its_part_alone() {
    let host = populated();
    let report =
        remove(&host, &RemovalRequest { revoke_tokens: Some(true), subject_id: Some("alice".into()), ..only() });
    assert_eq!((report.sessions_removed, report.grants.tokens, report.notified()), (0, 11, 0));
    assert_eq!(types_left(&host, "alice"), ["custom", "user_consent"]);
    assert_eq!(host.sessions_of("alice").len(), 2);

    let host = populated();
    let report =
        remove(&host, &RemovalRequest { revoke_consents: Some(true), subject_id: Some("alice".into()), ..only() });
    assert_eq!((report.grants.tokens, report.grants.consents, report.grants.other), (0, 1, 0));

    let host = populated();
    let send = RemovalRequest { send_backchannel_logout_notification: Some(true), ..only() };
    let report = remove(&host, &RemovalRequest { subject_id: Some("alice".into()), ..send.clone() });
    assert_eq!((report.sessions_removed, report.delivered), (0, 2));
    assert_eq!(host.sessions_of("alice").len(), 2);
    let again = remove(&host, &RemovalRequest { subject_id: Some("alice".into()), ..send });
    assert_eq!(again.delivered, 2, "a session that goes on can be told of again");

    let host = populated();
    let report = remove(
        &host,
        &RemovalRequest { remove_server_side_session: Some(true), subject_id: Some("alice".into()), ..only() },
    );
    assert_eq!((report.sessions_removed, report.grants.tokens, report.notified()), (2, 0, 0));
    assert_eq!(host.grants_of("alice").len(), 14);
}

#[test]
fn no_flag_at_all_does_nothing() {
    let host = populated();
    let report = remove(&host, &RemovalRequest { subject_id: Some("alice".into()), ..only() });
    assert_eq!(report, RemovalReport::default());
    assert_eq!(host.sessions_of("alice").len(), 2);
}

#[test]
fn a_call_that_names_a_session_leaves_consents_and_says_so() {
    for request in [session_id("a1"), RemovalRequest { session_id: Some("a1".into()), ..subject("alice") }] {
        let host = populated();
        let report = remove(&host, &request);
        assert_eq!((report.grants.tokens, report.grants.consents, report.grants.other), (5, 0, 1));
        assert!(types_left(&host, "alice").contains(&"user_consent".to_owned()));
        assert!(report.notes.iter().any(|note| note.contains("consents")), "{:?}", report.notes);
    }
    let host = populated();
    let report = remove(&host, &RemovalRequest { revoke_consents: Some(false), ..session_id("a1") });
    assert!(report.notes.is_empty(), "nobody asked for consents");
    assert_eq!(report.grants.other, 0, "tokens alone are the four types");
}

#[test]
fn client_ids_limit_grants_and_notifications_and_not_the_session() {
    let host = populated();
    let report = remove(&host, &RemovalRequest { client_ids: Some(vec!["app".into()]), ..subject("alice") });
    assert_eq!((report.sessions_removed, report.grants.tokens), (2, 2));
    assert_eq!(host.told(), [told("app", Some("alice"), None)]);
    assert!(host.grants_of("alice").iter().all(|(_, _, client)| client != "app"));
    assert_eq!(host.grants_of("alice").len(), 12);
}

#[test]
fn excepted_sessions_go_on_with_their_tokens() {
    let host = populated();
    let report = remove(&host, &RemovalRequest { except_session_ids: vec!["a2".into()], ..subject("alice") });
    assert_eq!((report.sessions_removed, report.grants.tokens, report.grants.consents), (1, 5, 0));
    assert_eq!(host.sessions_of("alice"), ["a2"]);
    let of_a2 = host.grants_of("alice").into_iter().filter(|(_, session, _)| session.as_deref() == Some("a2"));
    assert_eq!(of_a2.count(), 6);
    // A token without `sid` would end the spared session at the client.
    let told_sids: Vec<_> = host.told().into_iter().map(|(_, _, sid)| sid).collect();
    assert_eq!(told_sids, [Some("a1".to_owned()), Some("a1".to_owned())]);
    assert_eq!(report.notes.len(), 2, "consents and tokens without a session were left: {:?}", report.notes);
}

#[test]
fn what_is_not_injected_is_skipped_by_default_and_an_error_when_demanded() {
    let mut host = populated();
    host.with_grants = false;
    let report = remove(&host, &session_id("a1"));
    assert_eq!(report.sessions_removed, 1);
    assert!(report.notes.iter().any(|note| note.contains("grant store")), "{:?}", report.notes);
    for request in [
        RemovalRequest { revoke_tokens: Some(true), ..subject("alice") },
        RemovalRequest { revoke_consents: Some(true), ..subject("alice") },
    ] {
        assert_eq!(try_remove(&host, &request).unwrap_err().code(), Code::NotConfigured);
    }

    type Take = fn(&mut TestHost);
    let takes: [Take; 2] =
        [|host| host.with_clients = false, |host| (host.with_sender, host.with_outbox) = (false, false)];
    for take in takes {
        let mut host = populated();
        take(&mut host);
        let send = RemovalRequest { send_backchannel_logout_notification: Some(true), ..subject("alice") };
        assert_eq!(try_remove(&host, &send).unwrap_err().code(), Code::NotConfigured);
        assert_eq!(host.sessions_of("alice").len(), 2, "nothing was changed");
        let report = remove(&host, &subject("alice"));
        assert_eq!((report.sessions_removed, report.notified()), (2, 0));
        assert!(report.notes.iter().any(|note| note.contains("no client was notified")), "{:?}", report.notes);
    }
}

#[test]
fn without_a_sender_notifications_wait_in_the_outbox() {
    let mut host = populated();
    host.with_sender = false;
    let report = remove(&host, &subject("alice"));
    assert_eq!((report.pending, host.outbox_entries().len()), (2, 2));
    assert!(report.notes.iter().any(|note| note.contains("not sent")), "{:?}", report.notes);
}

// -------------------------------------------------------------------------------------------- who is told what

#[test]
fn a_whole_subject_is_one_token_a_client_with_sub_only_unless_it_requires_sid() {
    let host = populated();
    let strict =
        TestClient { uri: Some("https://strict.example/".into()), session_required: true, ..Default::default() };
    host.register("strict", strict);
    host.session("alice", "a3", &["strict", "web"]);
    host.session("alice", "a4", &["strict=own sid"]);
    let report = remove(&host, &subject("alice"));
    let alice = Some("alice");
    let expected = [
        told("app", alice, None),
        told("strict", alice, Some("a3")),
        told("strict", alice, Some("own sid")),
        told("web", alice, None),
    ];
    assert_eq!(host.told(), expected);
    assert_eq!((report.delivered, report.deliveries.len()), (4, 4));
}

#[test]
fn one_session_is_told_by_the_clients_own_sid_where_it_has_one() {
    let host = populated();
    host.session("alice", "a9", &["web=w-sid", "app"]);
    remove(&host, &session_id("a9"));
    assert_eq!(host.told(), [told("app", Some("alice"), Some("a9")), told("web", Some("alice"), Some("w-sid"))]);
}

#[test]
fn clients_come_from_the_session_and_not_from_tokens() {
    let host = populated();
    host.client("tokens-only");
    host.grant("refresh_token", "alice", Some("a2"), "tokens-only");
    remove(&host, &session_id("a2"));
    assert_eq!(host.told(), [told("web", Some("alice"), Some("a2"))]);
}

#[test]
fn unknown_disabled_and_unreachable_clients_are_skipped_with_the_reason() {
    let host = populated();
    host.register("off", TestClient { uri: Some("https://off.example/".into()), disabled: true, ..Default::default() });
    host.register("silent", TestClient::default());
    host.register("blank", TestClient { uri: Some(" ".into()), ..Default::default() });
    host.session("carol", "c1", &["nobody", "off", "silent", "blank", "web"]);
    host.session("carol", "c2", &["nobody", "off"]);
    let report = remove(&host, &subject("carol"));
    assert_eq!((report.sessions_removed, report.delivered, report.skipped), (2, 1, 4), "each client once");
    let reasons: Vec<_> = report
        .deliveries
        .iter()
        .filter(|delivery| delivery.state == DeliveryState::Skipped)
        .map(|delivery| (delivery.client_id.as_str(), delivery.error.as_deref().unwrap(), delivery.attempts))
        .collect();
    let expected = [
        ("nobody", "the client is not known", 0),
        ("off", "the client is disabled", 0),
        ("silent", "the client has no back-channel logout URI", 0),
        ("blank", "the client has no back-channel logout URI", 0),
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn the_claims_are_those_of_the_specification() {
    let mut host = populated();
    host.pairwise = true;
    host.now.set(NOW + 999);
    host.add(&Session {
        issuer: Some("https://op.example".into()),
        clients: vec![client_session("web"), client_session("app")],
        ..session("carol", "c1")
    });
    remove(&host, &session_id("c1"));
    let sent = host.sent.borrow();
    let claims: Vec<_> = sent.iter().map(|sent| &sent.claims).collect();
    for claims in &claims {
        assert_eq!(claims.iss.as_deref(), Some("https://op.example"), "the issuer at sign-in");
        assert_eq!((claims.iat, claims.exp), (NOW / 1_000, NOW / 1_000 + 120));
        assert_eq!(claims.sub, Some(format!("carol of {}", claims.aud)), "pairwise subjects are the client's own");
        assert_eq!(claims.sid.as_deref(), Some("c1"));
        assert_eq!(claims.logout_reason, LogoutReason::Terminated);
        assert!(claims.jti.len() == 32 && claims.jti.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    assert_ne!(claims[0].jti, claims[1].jti);
}

#[test]
fn sessions_of_two_issuers_are_told_apart() {
    let host = populated();
    for (id, issuer) in [("c1", "https://one.example"), ("c2", "https://two.example"), ("c3", "https://one.example")] {
        let clients = vec![client_session("web")];
        host.add(&Session { issuer: Some(issuer.into()), clients, ..session("carol", id) });
    }
    remove(&host, &subject("carol"));
    let mut issuers: Vec<_> = host.sent.borrow().iter().filter_map(|sent| sent.claims.iss.clone()).collect();
    issuers.sort();
    assert_eq!(issuers, ["https://one.example", "https://two.example"]);
}

// ------------------------------------------------------------------------------------------------- deliveries

fn refuses(retry: bool) -> Outcome {
    Outcome::Failed { retry, retry_after: None, status: Some(500), error: "HTTP 500".into() }
}

#[test]
fn a_failed_notification_never_keeps_a_session_alive() {
    for (durable, retry, state) in [
        (true, true, DeliveryState::Pending),
        (true, false, DeliveryState::Failed),
        (false, true, DeliveryState::Failed),
        (false, false, DeliveryState::Failed),
    ] {
        let mut host = populated();
        (host.with_outbox, host.with_atomic) = (durable, durable);
        host.outcomes.borrow_mut().insert("web".into(), refuses(retry));
        let report = remove(&host, &session_id("a1"));
        assert_eq!((report.sessions_removed, report.delivered), (1, 1));
        let web = report.deliveries.iter().find(|delivery| delivery.client_id == "web").unwrap();
        assert_eq!((web.state, web.attempts, web.status), (state, 1, Some(500)));
        assert_eq!(web.error.as_deref(), Some("HTTP 500"));
        assert_eq!(web.next_attempt.is_some(), state == DeliveryState::Pending);
    }
}

#[test]
fn retry_after_is_honoured() {
    let host = populated();
    let asks = Outcome::Failed { retry: true, retry_after: Some(90_000), status: Some(429), error: "HTTP 429".into() };
    host.outcomes.borrow_mut().insert("web".into(), asks);
    let report = remove(&host, &session_id("b1"));
    assert_eq!(report.deliveries[0].next_attempt, Some(NOW + 90_000));
}

#[test]
fn a_sender_that_fails_is_a_failed_delivery_and_not_a_failed_call() {
    let host = populated();
    // Reads the page, looks up the client, removes, looks up the client again, sends.
    host.script.fail_at.set(Some(4));
    let report = remove(&host, &session_id("b1"));
    assert_eq!((report.sessions_removed, report.pending), (1, 1));
    assert!(report.deliveries[0].error.as_deref().unwrap().contains("made to fail"));
}

#[test]
fn a_lookup_that_fails_does_not_keep_the_session_alive() {
    let host = populated();
    host.script.fail_at.set(Some(1));
    let report = remove(&host, &session_id("b1"));
    assert_eq!((report.sessions_removed, report.delivered), (1, 1), "the attempt looked the client up again");
}

#[test]
fn settled_entries_tell_the_outbox_what_became_of_them() {
    let host = populated();
    host.outcomes.borrow_mut().insert("app".into(), refuses(true));
    remove(&host, &subject("alice"));
    let entries = host.outbox_entries();
    let state = |client: &str| {
        let entry = entries.iter().find(|entry| entry.client_id == client).unwrap();
        (entry.state, entry.attempts)
    };
    assert_eq!(state("web"), (DeliveryState::Delivered, 1));
    assert_eq!(state("app"), (DeliveryState::Pending, 1));
    assert!(host.stores.outbox().claim(NOW + 5_000, 10, 1_000).is_empty(), "not due yet");
    assert_eq!(host.stores.outbox().claim(NOW + 15_000, 10, 1_000).len(), 1);
}

#[test]
fn attempts_are_capped_overall_and_per_origin() {
    let host = TestHost::new();
    for number in 0..10 {
        let uri = format!("https://host{}.example/logout/{number}", number % 2);
        host.register(&format!("client{number}"), TestClient { uri: Some(uri), ..Default::default() });
    }
    let clients: Vec<_> = (0..10).map(|number| format!("client{number}")).collect();
    host.session("alice", "a1", &clients.iter().map(String::as_str).collect::<Vec<_>>());
    host.script.pauses.borrow_mut().extend([3; 100]);
    assert_eq!(remove(&host, &subject("alice")).delivered, 10);
    assert_eq!(host.most_under_way.get(), 8, "four for each of the two origins");
}

// -------------------------------------------------------------------------------------- dry run, size, progress

#[test]
fn a_dry_run_reports_the_same_and_changes_nothing() {
    for request in [
        subject("alice"),
        session_id("a1"),
        RemovalRequest { client_ids: Some(vec!["app".into()]), ..subject("alice") },
        RemovalRequest { except_session_ids: vec!["a1".into()], ..subject("alice") },
    ] {
        let host = populated();
        let dry = remove(&host, &RemovalRequest { dry_run: true, ..request.clone() });
        assert!(host.sent.borrow().is_empty() && host.outbox_entries().is_empty() && host.events.borrow().is_empty());
        assert_eq!((host.sessions_of("alice").len(), host.grants_of("alice").len()), (2, 14));
        let real = remove(&host, &request);
        assert_eq!((dry.sessions_removed, dry.grants), (real.sessions_removed, real.grants));
        assert_eq!((dry.pending, &dry.notes), (real.delivered, &real.notes));
        let whom = |report: &RemovalReport| {
            let mut whom: Vec<_> = report.deliveries.iter().map(|delivery| delivery.id.clone()).collect();
            whom.sort();
            whom
        };
        assert_eq!(whom(&dry), whom(&real));
        assert!(dry.dry_run && dry.deliveries.iter().all(|delivery| delivery.attempts == 0));
    }
    let host = populated();
    let bad = RemovalRequest { dry_run: true, ..RemovalRequest::default() };
    assert_eq!(try_remove(&host, &bad).unwrap_err().code(), Code::EmptyTarget, "the same checks");
}

/// More sessions than are read at once.
const MANY: usize = 1_050;

fn crowded() -> TestHost {
    let host = TestHost::new();
    let strict =
        TestClient { uri: Some("https://strict.example/".into()), session_required: true, ..Default::default() };
    host.client("web").client("early").client("late").register("strict", strict);
    for number in 0..MANY {
        let mut clients = vec!["web", "strict"];
        clients.extend((number < 3).then_some("early"));
        clients.extend((number == MANY - 1).then_some("late"));
        host.session("alice", &format!("s{number:04}"), &clients);
        host.grant("refresh_token", "alice", Some(&format!("s{number:04}")), "web");
    }
    host
}

#[test]
fn many_pages_are_one_token_a_client_and_complete_counts() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..crowded() };
        let report = remove(&host, &subject("alice"));
        assert_eq!((report.sessions_removed, report.grants.tokens), (MANY as u64, MANY as u64));
        let count = |client: &str| host.told().iter().filter(|(told, _, _)| told == client).count();
        assert_eq!((count("web"), count("early"), count("late"), count("strict")), (1, 1, 1, MANY));
        assert_eq!(report.delivered, MANY as u64 + 3);
        assert_eq!(report.deliveries.len(), MAX_DELIVERIES, "the first thousand; the counts are complete");
        let progress = host.progress.borrow();
        assert!(progress.is_sorted() && progress.len() > 5, "told page by page");
        assert_eq!(progress.last(), Some(&(MANY as u64, MANY as u64 + 3)));
    }
}

#[test]
fn a_dry_run_over_many_pages_counts_everything_once() {
    let host = crowded();
    let report = remove(&host, &RemovalRequest { dry_run: true, ..subject("alice") });
    assert_eq!(
        (report.sessions_removed, report.grants.tokens, report.pending),
        (MANY as u64, MANY as u64, MANY as u64 + 3)
    );
}

#[test]
fn an_aborted_call_stops_and_the_next_one_completes_it() {
    let host = crowded();
    host.script.aborted.set(true);
    assert_eq!(try_remove(&host, &subject("alice")).unwrap_err().code(), Code::Aborted);
    assert_eq!(host.sessions_of("alice").len(), MANY);
    host.script.aborted.set(false);
    assert_eq!(remove(&host, &subject("alice")).sessions_removed, MANY as u64);
}

#[test]
fn events_name_the_session_its_reason_and_actor_and_no_key() {
    let host = populated();
    let request =
        RemovalRequest { reason: Some("lost laptop".into()), actor: Some("carol".into()), ..session_id("a1") };
    remove(&host, &request);
    assert_eq!(host.event_names(), ["session_removed", "notification_delivered", "notification_delivered"]);
    let events = host.events.borrow();
    let expected = [("subjectId", "alice"), ("sessionId", "a1"), ("reason", "lost laptop"), ("actor", "carol")];
    assert_eq!(events[0].details, expected.map(|(name, value)| (name, value.to_owned())));
    assert!(events.iter().flat_map(|event| &event.details).all(|(_, value)| !value.contains("key of")));
}
