//! The rules of removing and of notifying clients (design 4.3 and 4.4).

mod deliveries;
mod interrupted;
mod named;
mod notified;
mod scale;
mod targets;

use crate::common::TestHost;
use pollster::block_on;
use rollcall::error::Result;
use rollcall::removal::{NamedSession, RemovalReport, RemovalRequest, remove_sessions};

fn try_remove(host: &TestHost, request: &RemovalRequest) -> Result<RemovalReport> {
    block_on(remove_sessions(host, request))
}

fn remove(host: &TestHost, request: &RemovalRequest) -> RemovalReport {
    try_remove(host, request).unwrap()
}

/// The numbers of revoked tokens, consents and other grants.
fn revoked(report: &RemovalReport) -> (u64, u64, u64) {
    (report.tokens_revoked, report.consents_revoked, report.other_grants_revoked)
}

fn subject(id: &str) -> RemovalRequest {
    RemovalRequest { subject_id: Some(id.into()), ..RemovalRequest::default() }
}

fn session_id(id: &str) -> RemovalRequest {
    RemovalRequest { session_id: Some(id.into()), ..RemovalRequest::default() }
}

/// A removal of these sessions, as pairs of subject id and session id.
fn sessions(named: &[(&str, &str)]) -> RemovalRequest {
    let sessions = named.iter().map(|(subject_id, session_id)| NamedSession {
        subject_id: (*subject_id).into(),
        session_id: (*session_id).into(),
    });
    RemovalRequest { sessions: Some(sessions.collect()), ..RemovalRequest::default() }
}

/// A removal that does nothing unless a flag is set.
fn only() -> RemovalRequest {
    RemovalRequest {
        remove_server_side_session: Some(false),
        send_backchannel_logout_notification: Some(false),
        revoke_tokens: Some(false),
        revoke_consents: Some(false),
        ..RemovalRequest::default()
    }
}

/// Alice with two sessions and bob with one, two clients, and grants of every type for both
/// subjects.
fn populated() -> TestHost {
    let host = TestHost::new();
    host.client("web").client("app");
    host.session("alice", "a1", &["web", "app"]);
    host.session("alice", "a2", &["web"]);
    host.session("bob", "b1", &["web"]);
    for (subject, session) in [("alice", "a1"), ("alice", "a2"), ("bob", "b1")] {
        for grant_type in
            ["refresh_token", "reference_token", "authorization_code", "ciba", "custom"]
        {
            host.grant(grant_type, subject, Some(session), "web");
        }
        host.grant("refresh_token", subject, Some(session), "app");
    }
    for subject in ["alice", "bob"] {
        host.grant("user_consent", subject, None, "web").grant(
            "refresh_token",
            subject,
            None,
            "offline",
        );
    }
    host
}

fn types_left(host: &TestHost, subject: &str) -> Vec<String> {
    let mut types: Vec<_> =
        host.grants_of(subject).into_iter().map(|(grant_type, _, _)| grant_type).collect();
    types.dedup();
    types
}
