use super::*;

fn session(row_id: &str, subject_id: &str, clients: &[&str]) -> EndingSession {
    EndingSession {
        row_id: row_id.into(),
        subject_id: subject_id.into(),
        session_id: format!("sid of {row_id}"),
        issuer: None,
        clients: clients.iter().map(|id| client(id, None)).collect(),
    }
}

fn client(id: &str, sid: Option<&str>) -> ClientSession {
    ClientSession { client_id: id.into(), session_id: sid.map(str::to_owned) }
}

fn listed(client_id: &str, by: NoticeScope, kinds: &[NotificationKind]) -> ClientNotices {
    let ways = kinds.iter().map(|kind| Way { kind: *kind, logout_uri: Some("uri".into()) });
    ClientNotices { client_id: client_id.into(), by, ways: ways.collect() }
}

/// The id and `sid` of each notification, in order.
fn notification_ids(
    notices: &EndingNotices,
    sessions: &[EndingSession],
) -> Vec<(String, Option<String>)> {
    let notifications = notices.notifications(sessions).into_iter();
    notifications.map(|notification| (notification.id, notification.session_id)).collect()
}

fn expected(pairs: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    pairs.iter().map(|(id, sid)| ((*id).to_owned(), sid.map(str::to_owned))).collect()
}

#[test]
fn by_session_each_client_is_notified_of_each_session_by_its_own_sid() {
    let mut second = session("2", "alice", &["web"]);
    second.clients.push(client("app", Some("own")));
    let kinds = NotificationKind::ALL;
    let notices = EndingNotices {
        clients: vec![
            listed("web", NoticeScope::Session, &kinds),
            listed("app", NoticeScope::Session, &kinds[..1]),
        ],
        ..EndingNotices::default()
    };
    assert_eq!(
        notification_ids(&notices, &[session("1", "alice", &["web", "other"]), second]),
        expected(&[
            ("session:1:web", Some("sid of 1")),
            ("event:session:1:web", Some("sid of 1")),
            ("session:2:web", Some("sid of 2")),
            ("event:session:2:web", Some("sid of 2")),
            ("session:2:app", Some("own")),
        ])
    );
}

#[test]
fn by_subject_there_is_one_for_each_subject_and_issuer_with_the_last_row_of_the_client() {
    let by_subject = listed("web", NoticeScope::Subject, &NotificationKind::ALL[..1]);
    let notices = EndingNotices { clients: vec![by_subject], ..EndingNotices::default() };
    let other_issuer =
        EndingSession { issuer: Some("other".into()), ..session("4", "alice", &["web"]) };
    let sessions = [
        session("1", "alice", &["web"]),
        session("2", "bob", &["web"]),
        session("3", "alice", &["web"]),
        other_issuer,
        session("5", "alice", &["app"]),
    ];
    assert_eq!(
        notification_ids(&notices, &sessions),
        expected(&[("subject:2:web", None), ("subject:3:web", None), ("subject:4:web", None)])
    );
}

#[test]
fn unlisted_clients_are_notified_if_others_are_and_one_without_ways_is_not() {
    let silent =
        ClientNotices { client_id: "silent".into(), by: NoticeScope::Session, ways: Vec::new() };
    let notices = EndingNotices { clients: vec![silent], others: true, ..EndingNotices::default() };
    let sessions = [session("1", "alice", &["silent", "new"])];
    let notifications = notices.notifications(&sessions);
    assert_eq!(
        notification_ids(&notices, &sessions),
        expected(&[("session:1:new", Some("sid of 1"))])
    );
    assert_eq!(
        (notifications[0].kind, &notifications[0].logout_uri),
        (NotificationKind::Logout, &None)
    );
    let notices = EndingNotices { others: false, ..notices };
    assert!(notices.notifications(&sessions).is_empty());
}
