use super::*;
use crate::session::ClientSession;

#[test]
fn the_grants_of_a_session_are_limited_to_its_participants_and_by_both_lists() {
    let ids = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
    let clients = |grants: SessionGrants| {
        let session = EndingSession {
            clients: ["web", "app"]
                .map(|id| ClientSession { client_id: id.into(), session_id: None })
                .into(),
            ..EndingSession::default()
        };
        grants.filter(&session).map(|filter| filter.client_ids)
    };
    let all = SessionGrants::default();
    assert_eq!(clients(all.clone()), Some(Vec::new()), "every client");
    let listed = SessionGrants { client_ids: ids(&["web", "tv"]), ..all.clone() };
    assert_eq!(clients(listed.clone()), ids(&["web", "tv"]));
    let none = SessionGrants { client_ids: ids(&[]), ..all.clone() };
    assert_eq!(clients(none), None);
    let participants = SessionGrants { of_participants: true, ..listed };
    assert_eq!(clients(participants.clone()), ids(&["web"]));
    let except = SessionGrants { except_client_ids: ids(&["web"]), ..participants };
    assert_eq!(clients(except), None);
    let except = SessionGrants { except_client_ids: ids(&["web"]), of_participants: true, ..all };
    assert_eq!(clients(except), ids(&["app"]));
}
