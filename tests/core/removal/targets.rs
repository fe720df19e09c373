//! The sessions, grants and notifications that a removal covers.

use crate::common::{TestHost, notified};
use rollcall::error::Code;
use rollcall::ports::CoveredStore;
use rollcall::removal::{NotificationCounts, RemovalReport, RemovalRequest};

use super::{only, populated, remove, revoked, session_id, subject, try_remove, types_left};

#[test]
fn a_removal_without_a_target_changes_nothing() {
    let host = populated();
    let targets = [
        RemovalRequest::default(),
        RemovalRequest { client_ids: Some(vec!["web".into()]), ..RemovalRequest::default() },
        RemovalRequest { except_session_ids: vec!["a1".into()], ..RemovalRequest::default() },
        RemovalRequest { revoke_tokens: Some(true), ..only() },
        only(),
    ];
    for request in targets {
        assert_eq!(
            try_remove(&host, &request).unwrap_err().code(),
            Code::EmptyTarget,
            "{request:?}"
        );
    }
    assert_eq!(host.script.calls.get(), 0);
}

#[test]
fn a_blank_id_or_one_with_nul_is_an_error_and_changes_nothing() {
    let host = populated();
    let blanks = [
        RemovalRequest { session_id: Some(String::new()), ..subject("alice") },
        RemovalRequest { subject_id: Some(" ".into()), ..session_id("a1") },
        RemovalRequest { session_id: Some("\t".into()), ..subject(" ") },
        RemovalRequest { dry_run: true, ..subject("\u{a0}") },
    ];
    // A store that truncates strings at NUL would end other sessions.
    let with_nul = [
        subject("alice\0x"),
        session_id("a1\0x"),
        RemovalRequest { client_ids: Some(vec!["web\0".into()]), ..subject("alice") },
        RemovalRequest { except_session_ids: vec!["a1\0".into()], ..subject("alice") },
    ];
    for request in with_nul {
        let error = try_remove(&host, &request).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{request:?}");
        assert!(error.to_string().contains("has a NUL character"), "{error}");
    }
    for request in blanks {
        let error = try_remove(&host, &request).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{request:?}");
        assert!(error.to_string().contains("Id` is blank: give it a value"), "{error}");
    }
    assert_eq!(host.script.calls.get(), 0);
}

#[test]
fn a_reason_and_an_actor_have_at_most_1_000_characters() {
    let host = populated();
    let most = "ä".repeat(1_000);
    for (request, message) in [
        (RemovalRequest { reason: Some(format!("{most}.")), ..subject("alice") }, "`reason` has"),
        (RemovalRequest { actor: Some(format!("{most}.")), ..subject("alice") }, "`actor` has"),
        (RemovalRequest { reason: Some("\0".into()), ..subject("alice") }, "`reason` has a NUL"),
    ] {
        let error = try_remove(&host, &request).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(error.to_string().starts_with(message), "{error}");
    }
    assert_eq!(host.script.calls.get(), 0);
    let longest =
        RemovalRequest { reason: Some(most.clone()), actor: Some(most), ..subject("bob") };
    assert_eq!(remove(&host, &longest).sessions_removed, 1);
}

#[test]
fn a_session_that_is_named_and_excluded_keeps_its_tokens() {
    for with_atomic in [false, true] {
        for subject_id in [None, Some("alice".to_owned())] {
            for dry_run in [true, false] {
                let host = TestHost { with_atomic, ..populated() };
                let grants = host.grants_of("alice");
                let request = RemovalRequest {
                    subject_id: subject_id.clone(),
                    except_session_ids: vec!["a1".into()],
                    dry_run,
                    ..session_id("a1")
                };
                let report = remove(&host, &request);
                assert_eq!((report.sessions_removed, revoked(&report)), (0, (0, 0, 0)));
                assert_eq!(host.grants_of("alice"), grants);
                assert!(host.sent.borrow().is_empty());
            }
        }
    }
}

#[test]
fn subject_and_session_together_mean_both() {
    let host = populated();
    let report =
        remove(&host, &RemovalRequest { session_id: Some("b1".into()), ..subject("alice") });
    assert_eq!(report.sessions_removed, 0);
    let report =
        remove(&host, &RemovalRequest { session_id: Some("a1".into()), ..subject("alice") });
    assert_eq!(report.sessions_removed, 1);
    assert_eq!(
        (host.sessions_of("alice"), host.sessions_of("bob")),
        (vec!["a2".into()], vec!["b1".into()])
    );
}

#[test]
fn empty_blank_and_too_long_lists_are_errors_and_change_nothing() {
    let host = populated();
    let requests = [
        RemovalRequest { client_ids: Some(vec![]), ..subject("alice") },
        RemovalRequest { client_ids: Some(vec!["web".into(), " ".into()]), ..subject("alice") },
        RemovalRequest { except_session_ids: vec![String::new()], ..subject("alice") },
        RemovalRequest { client_ids: Some(vec!["web".into(); 10_001]), ..subject("alice") },
        RemovalRequest { except_session_ids: vec!["a1".into(); 10_001], ..subject("alice") },
    ];
    for request in requests {
        assert_eq!(
            try_remove(&host, &request).unwrap_err().code(),
            Code::InvalidArgument,
            "{:?}",
            request.subject_id
        );
    }
    assert_eq!(host.script.calls.get(), 0);
    let most = RemovalRequest { client_ids: Some(vec!["web".into(); 10_000]), ..subject("alice") };
    assert!(try_remove(&host, &most).is_ok());
}

#[test]
fn removing_a_subject_does_not_affect_other_subjects() {
    let host = populated();
    let report = remove(&host, &subject("alice"));
    assert_eq!(report.sessions_removed, 2);
    assert_eq!(revoked(&report), (11, 1, 2));
    assert_eq!(
        report.notifications,
        NotificationCounts { delivered: 3, ..NotificationCounts::default() }
    );
    assert!(host.sessions_of("alice").is_empty() && host.grants_of("alice").is_empty());
    assert_eq!((host.sessions_of("bob").len(), host.grants_of("bob").len()), (1, 8));
    assert!(report.notes.is_empty() && !report.dry_run);
}

#[test]
fn repeating_a_removal_succeeds_with_zeros() {
    let host = populated();
    remove(&host, &subject("alice"));
    host.sent.borrow_mut().clear();
    for request in [subject("alice"), session_id("a1"), subject("unknown")] {
        let report = remove(&host, &request);
        assert_eq!(
            (report.sessions_removed, revoked(&report), report.notifications.total()),
            (0, (0, 0, 0), 0)
        );
    }
    assert!(host.sent.borrow().is_empty());
}

#[test]
fn a_session_with_unreadable_clients_is_removed_and_noted() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..populated() };
        host.script.unreadable.borrow_mut().extend(["a1".into(), "b1".into()]);
        let planned = remove(&host, &RemovalRequest { dry_run: true, ..subject("alice") });
        let report = remove(&host, &subject("alice"));
        assert_eq!((planned.sessions_removed, report.sessions_removed), (2, 2));
        assert!(host.sessions_of("alice").is_empty() && host.grants_of("alice").is_empty());
        let note = "clients were not notified of some sessions, which the store could not read";
        assert_eq!(
            (&planned.notes[..], &report.notes[..]),
            (&[note.into()][..], &[note.into()][..])
        );
        assert_eq!(report.notifications.delivered, 1, "for the readable session");
        assert_eq!(remove(&host, &session_id("b1")).sessions_removed, 1);
    }
}

#[test]
fn unreadable_sessions_at_both_ends_do_not_block_the_others() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..TestHost::new() };
        host.client("web");
        for number in 0..550 {
            host.session("alice", &format!("s{number:03}"), &["web"]);
        }
        let unreadable = (0..250).chain(300..550).map(|number| format!("s{number:03}"));
        host.script.unreadable.borrow_mut().extend(unreadable);
        let report = remove(&host, &subject("alice"));
        assert_eq!((report.sessions_removed, report.notifications.delivered), (550, 50));
        assert!(host.sessions_of("alice").is_empty());
    }
}

#[test]
fn a_removal_continues_while_the_registry_is_down_and_soon_stops_asking_it() {
    for (with_outbox, with_atomic) in [(true, true), (true, false), (false, false)] {
        let host = TestHost { with_outbox, with_atomic, ..TestHost::new() };
        for number in 0..100 {
            let client = format!("client{number:03}");
            host.session("alice", &format!("s{number:03}"), &[client.as_str()]);
        }
        host.registry_down.set(true);
        let report = remove(&host, &subject("alice"));
        assert_eq!(report.sessions_removed, 100);
        let lookups = host.script.lookups.get();
        assert!(if with_outbox { lookups == 3 } else { lookups < 30 }, "{lookups}");
    }
}

#[test]
fn grants_of_a_subject_without_sessions_are_revoked_too() {
    let host = TestHost::new();
    host.grant("refresh_token", "carol", None, "offline");
    assert_eq!(remove(&host, &subject("carol")).tokens_revoked, 1);
}

#[test]
fn each_flag_works_alone() {
    let host = populated();
    let report = remove(
        &host,
        &RemovalRequest { revoke_tokens: Some(true), subject_id: Some("alice".into()), ..only() },
    );
    assert_eq!(
        (report.sessions_removed, report.tokens_revoked, report.notifications.total()),
        (0, 11, 0)
    );
    assert_eq!(types_left(&host, "alice"), ["custom", "user_consent"]);
    assert_eq!(host.sessions_of("alice").len(), 2);

    let host = populated();
    let report = remove(
        &host,
        &RemovalRequest { revoke_consents: Some(true), subject_id: Some("alice".into()), ..only() },
    );
    assert_eq!(revoked(&report), (0, 1, 0));

    let host = populated();
    let send = RemovalRequest { send_backchannel_logout_notification: Some(true), ..only() };
    let report =
        remove(&host, &RemovalRequest { subject_id: Some("alice".into()), ..send.clone() });
    assert_eq!((report.sessions_removed, report.notifications.delivered), (0, 3));
    assert_eq!(host.sessions_of("alice").len(), 2);
    let again = remove(&host, &RemovalRequest { subject_id: Some("alice".into()), ..send });
    assert_eq!(
        again.notifications.delivered, 3,
        "a session that stays active can be reported again"
    );

    let host = populated();
    let report = remove(
        &host,
        &RemovalRequest {
            remove_server_side_session: Some(true),
            subject_id: Some("alice".into()),
            ..only()
        },
    );
    assert_eq!(
        (report.sessions_removed, report.tokens_revoked, report.notifications.total()),
        (2, 0, 0)
    );
    assert_eq!(host.grants_of("alice").len(), 14);
}

#[test]
fn a_removal_without_flags_does_nothing() {
    let host = populated();
    let report = remove(&host, &RemovalRequest { subject_id: Some("alice".into()), ..only() });
    assert_eq!(report, RemovalReport::default());
    assert_eq!(host.sessions_of("alice").len(), 2);
}

#[test]
fn a_call_that_names_a_session_keeps_consents_and_says_so() {
    for request in
        [session_id("a1"), RemovalRequest { session_id: Some("a1".into()), ..subject("alice") }]
    {
        let host = populated();
        let report = remove(&host, &request);
        assert_eq!(revoked(&report), (5, 0, 1));
        assert!(types_left(&host, "alice").contains(&"user_consent".to_owned()));
        assert!(report.notes.iter().any(|note| note.contains("consents")), "{:?}", report.notes);
    }
    let host = populated();
    let report =
        remove(&host, &RemovalRequest { revoke_consents: Some(false), ..session_id("a1") });
    assert!(report.notes.is_empty(), "the call didn't ask for consents");
    assert_eq!(report.other_grants_revoked, 0, "only the four token types");
}

#[test]
fn client_ids_limit_grants_and_notifications_but_not_the_session() {
    let host = populated();
    let report =
        remove(&host, &RemovalRequest { client_ids: Some(vec!["app".into()]), ..subject("alice") });
    assert_eq!((report.sessions_removed, report.tokens_revoked), (2, 2));
    assert_eq!(host.notified(), [notified("app", Some("alice"), Some("a1"))]);
    assert!(host.grants_of("alice").iter().all(|(_, _, client)| client != "app"));
    assert_eq!(host.grants_of("alice").len(), 12);
}

#[test]
fn excluded_sessions_stay_active_with_their_tokens() {
    let host = populated();
    let report = remove(
        &host,
        &RemovalRequest { except_session_ids: vec!["a2".into()], ..subject("alice") },
    );
    assert_eq!(
        (report.sessions_removed, report.tokens_revoked, report.consents_revoked),
        (1, 5, 0)
    );
    assert_eq!(host.sessions_of("alice"), ["a2"]);
    let of_a2 = host
        .grants_of("alice")
        .into_iter()
        .filter(|(_, session, _)| session.as_deref() == Some("a2"));
    assert_eq!(of_a2.count(), 6);
    // A token without `sid` would end the excluded session at the client.
    let notified_sids: Vec<_> = host.notified().into_iter().map(|(_, _, sid)| sid).collect();
    assert_eq!(notified_sids, [Some("a1".to_owned()), Some("a1".to_owned())]);
    assert_eq!(
        report.notes.len(),
        2,
        "consents and tokens without a session were kept: {:?}",
        report.notes
    );
}

#[test]
fn stores_that_the_transaction_does_not_cover_are_changed_in_steps() {
    for (store, name) in [
        (CoveredStore::Sessions, "sessions"),
        (CoveredStore::Grants, "grants"),
        (CoveredStore::Outbox, "outbox"),
    ] {
        let host = TestHost { uncovered: vec![store], ..populated() };
        let report = remove(&host, &subject("alice"));
        assert_eq!((report.sessions_removed, revoked(&report)), (2, (11, 1, 2)), "{store:?}");
        assert_eq!((report.notifications.delivered, host.outbox_entries().len()), (3, 3));
        let note = format!("sessions were ended in steps: `atomic` doesn't cover `{name}`");
        assert_eq!(report.notes, [note]);
        assert!(host.grants_of("alice").is_empty());
    }
}

#[test]
fn missing_services_are_skipped_by_default_and_an_error_if_a_flag_asks_for_them() {
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

    type Change = fn(&mut TestHost);
    let changes: [Change; 2] = [
        |host| host.with_clients = false,
        |host| (host.with_sender, host.with_outbox) = (false, false),
    ];
    for change in changes {
        let mut host = populated();
        change(&mut host);
        let send =
            RemovalRequest { send_backchannel_logout_notification: Some(true), ..subject("alice") };
        assert_eq!(try_remove(&host, &send).unwrap_err().code(), Code::NotConfigured);
        assert_eq!(host.sessions_of("alice").len(), 2, "nothing was changed");
        let report = remove(&host, &subject("alice"));
        assert_eq!((report.sessions_removed, report.notifications.total()), (2, 0));
        assert!(
            report.notes.iter().any(|note| note.contains("no client was notified")),
            "{:?}",
            report.notes
        );
    }
}

#[test]
fn without_a_sender_notifications_stay_in_the_outbox() {
    let mut host = populated();
    host.with_sender = false;
    let report = remove(&host, &subject("alice"));
    assert_eq!((report.notifications.pending, host.outbox_entries().len()), (3, 3));
    assert!(report.notes.iter().any(|note| note.contains("not sent")), "{:?}", report.notes);
}
