//! What the stores of one memory do together.

use super::*;
use crate::error::Code;
use crate::ports::{Page, SessionRow};

fn session(key: &str, subject: &str) -> Session {
    Session {
        key: key.into(),
        subject_id: subject.into(),
        session_id: format!("sid of {key}"),
        ..Session::default()
    }
}

fn grant(key: &str, subject: &str, client: &str) -> Grant {
    let (key, subject_id, client_id) = (key.into(), Some(subject.into()), client.into());
    Grant { key, grant_type: "refresh_token".into(), subject_id, client_id, ..Grant::default() }
}

fn notification(id: &str) -> Notification {
    Notification { id: id.into(), client_id: "web".into(), ..Notification::default() }
}

fn of_subject(subject: &str) -> GrantFilter {
    GrantFilter { subject_id: Some(subject.into()), ..GrantFilter::default() }
}

fn keys(keys: &[&str]) -> Vec<SessionKey> {
    keys.iter().map(|key| SessionKey::from(*key)).collect()
}

fn strings(keys: &[SessionKey]) -> Vec<&str> {
    keys.iter().map(SessionKey::as_str).collect()
}

/// A notification that is recorded if one of these sessions is removed, or if there are none.
fn planned(session_keys: &[&str], id: &str) -> PlannedNotification {
    PlannedNotification { session_keys: keys(session_keys), entry: notification(id) }
}

/// Sessions a and b of bob and c of eve, with a grant of each subject at each of two clients.
fn stores() -> MemoryStores {
    let stores = MemoryStores::new();
    for (key, subject) in [("a", "bob"), ("b", "bob"), ("c", "eve")] {
        stores.sessions().create(&session(key, subject)).unwrap();
    }
    for (key, subject, client) in
        [("1", "bob", "web"), ("2", "bob", "api"), ("3", "eve", "web"), ("4", "eve", "api")]
    {
        stores.grants().store(&grant(key, subject, client));
    }
    stores
}

fn recorded(stores: &MemoryStores) -> Vec<String> {
    stores
        .outbox()
        .list(&OutboxFilter::default(), None, None)
        .into_iter()
        .map(|delivery| delivery.id)
        .collect()
}

#[test]
fn a_removal_is_one_step_and_says_what_it_did() {
    let stores = stores();
    let of_web = GrantFilter { client_ids: vec!["web".into()], ..GrantFilter::default() };
    let plan = AtomicPlan {
        session_keys: keys(&["a", "gone", "b", "a"]),
        grants: vec![of_subject("bob"), of_web],
        notifications: vec![
            planned(&["b", "gone"], "one of its sessions"),
            planned(&["gone", "c"], "none of its sessions"),
            planned(&[], "no session at all"),
        ],
    };
    let result = stores.atomic().run(&plan).unwrap();
    assert_eq!(strings(&result.removed), ["a", "b"]);
    assert_eq!(result.recorded, ["one of its sessions", "no session at all"]);
    assert_eq!(
        result.grants,
        GrantCounts { tokens: 3, ..GrantCounts::default() },
        "grant 1 matches twice and counts once"
    );
    assert_eq!(stores.sessions().count(&Filter::default(), None).unwrap(), 1);
    assert!(stores.grants().get("4").is_some());
    assert_eq!(recorded(&stores), ["no session at all", "one of its sessions"]);
}

#[test]
fn of_two_removals_of_the_same_only_the_first_does_anything() {
    let stores = stores();
    let plan = AtomicPlan {
        session_keys: keys(&["a"]),
        grants: vec![of_subject("bob")],
        notifications: vec![planned(&["a"], "n"), planned(&[], "m")],
    };
    assert_eq!(stores.atomic().run(&plan).unwrap().recorded, ["n", "m"]);
    assert_eq!(stores.atomic().run(&plan).unwrap(), AtomicResult::default());
    assert_eq!(recorded(&stores), ["m", "n"]);
}

#[test]
fn a_plan_with_an_empty_grant_filter_changes_nothing() {
    let stores = stores();
    let plan = AtomicPlan {
        session_keys: keys(&["a"]),
        grants: vec![of_subject("bob"), GrantFilter::default()],
        notifications: vec![planned(&[], "n")],
    };
    assert_eq!(stores.atomic().run(&plan).unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(stores.sessions().count(&Filter::default(), None).unwrap(), 3);
    assert_eq!(stores.grants().count(&of_subject("bob")).unwrap().tokens, 2);
    assert!(recorded(&stores).is_empty());
}

#[test]
fn handles_of_one_memory_share_it_and_other_memories_do_not() {
    let stores = stores();
    assert!(stores.clone().sessions().get(&"a".into()).unwrap().is_some());
    assert!(MemoryStores::new().sessions().get(&"a".into()).unwrap().is_none());
}

/// Through the ports, as the core sees the stores.
#[test]
fn the_ports_do_what_the_methods_do() {
    async fn through_ports(
        sessions: &impl SessionStore,
        grants: &impl GrantStore,
        outbox: &impl LogoutOutbox,
        atomic: &impl AtomicRemoval,
    ) -> Result<()> {
        assert!(sessions.counts() && sessions.serves("displayName.contains")?);
        sessions.create(&session("d", "ann")).await?;
        let client = ClientSession { client_id: "web".into(), session_id: None };
        let (key, expires) = (SessionKey::from("d"), Timestamp::from_millis(9));
        assert!(sessions.add_client(&key, &client, expires).await?);
        let change = SessionChange { expires: Some(Some(expires)), ..SessionChange::default() };
        assert!(sessions.update(&key, &change).await?);
        let row = sessions.get(&key).await?.expect("it was created");
        assert_eq!(
            (row.key()?.as_str(), row.subject_id()?.as_str(), row.session_id()?.as_str()),
            ("d", "ann", "sid of d")
        );
        assert_eq!(
            (row.clients()?, row.expires()?, row.issuer()?, row.ticket()?),
            (vec![client], Some(expires), None, None)
        );

        let page = sessions.list(&ListRequest { limit: 2, ..ListRequest::default() }).await?;
        assert_eq!((page.len(), page.is_empty(), page.row(0)?.key()?.as_str()), (2, false, "d"));
        assert_ne!(page.position(0)?, page.position(1)?);
        assert_eq!(page.row(2).err().map(|error| error.code()), Some(Code::StoreFailed));
        assert_eq!(page.position(2).err().map(|error| error.code()), Some(Code::StoreFailed));
        assert_eq!(sessions.count(&Filter::default(), Some(3)).await?, 3);
        assert_eq!(strings(&sessions.remove(&keys(&["d"])).await?), ["d"]);

        assert_eq!(GrantStore::count(grants, &of_subject("eve")).await?.tokens, 2);
        assert_eq!(GrantStore::remove(grants, &of_subject("eve")).await?.tokens, 2);
        LogoutOutbox::add(outbox, &[notification("n")]).await?;
        LogoutOutbox::settle(outbox, "n", &Settlement::Delivered { status: None }).await?;
        let result =
            atomic.run(&AtomicPlan { session_keys: keys(&["a"]), ..AtomicPlan::default() }).await?;
        assert_eq!(strings(&result.removed), ["a"]);
        Ok(())
    }
    let stores = stores();
    let (sessions, grants, outbox, atomic) =
        (stores.sessions(), stores.grants(), stores.outbox(), stores.atomic());
    pollster::block_on(through_ports(&sessions, &grants, &outbox, &atomic)).unwrap();
    assert_eq!(stores.outbox().list(&OutboxFilter::default(), None, None)[0].attempts, 1);
}
