//! Random operations on the memory session store, compared with a simple model: a list of sessions.

use crate::common::{at, cases};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rollcall::error::Code;
use rollcall::filter::{Filter, Search, TextMatch, TimeRange};
use rollcall::memory::{MemorySessions, MemoryStores};
use rollcall::ports::{ListRequest, Order, PageStart, Position};
use rollcall::session::{
    Attributes, ClientSession, Session, SessionChange, SessionCondition, SessionKey,
};
use rollcall::strings::fold;
use rollcall::time::Timestamp;

/// Strings that break careless code: wildcards, quotes, separators, letters that change their
/// length when folded, hex in both cases and strings that look like hex.
const TEXTS: [&str; 16] = [
    "", " ", "%", "_", "\\", "'", "\0", "a.b", "Bob", "bob", "İ", "ß💥", "e\u{301}", "0af1",
    "0AF1", "0af",
];

/// Few keys, so that operations collide.
const KEYS: usize = 12;

/// An operation on the store and the model.
#[derive(Clone, Debug)]
enum Step {
    Create(Box<Session>),
    Update(SessionKey, Box<SessionChange>),
    AddClient(SessionKey, ClientSession, Timestamp),
    Remove(Vec<SessionKey>),
    Forget(Timestamp, usize),
    Count(Box<Filter>, Option<u64>),
    /// Reads all pages forwards and then backwards, with changes in between.
    Walk(Box<Filter>, Order, usize, Vec<Option<Between>>),
    /// Reads the first and the last page.
    Ends(Box<Filter>, Order, usize),
    /// Searches a page and a count in slices, with changes in between.
    Slices(Box<Filter>, Order, usize, bool, Vec<Step>),
}

/// A change between two pages.
#[derive(Clone, Debug)]
enum Between {
    Create(Box<Session>),
    Remove(SessionKey),
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![4 => select(&TEXTS[..]).prop_map(str::to_owned), 1 => any::<String>()].boxed()
}

fn key() -> impl Strategy<Value = SessionKey> {
    (0..KEYS).prop_map(|number| {
        let key = if number % 2 == 0 { format!("{number:064x}") } else { format!("{number}%") };
        key.into()
    })
}

/// Few instants, so that ties are common, plus the extremes.
fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (-2..6_i64).prop_map(at),
        1 => Just(at(1_732_430_000_000)),
        1 => select(vec![Timestamp::MIN, Timestamp::MAX]),
    ]
}

fn client() -> impl Strategy<Value = ClientSession> {
    (select(vec!["web", "api", "Bob", "%"]), option::of(text())).prop_map(
        |(client_id, session_id)| ClientSession { client_id: client_id.into(), session_id },
    )
}

fn clients() -> impl Strategy<Value = Vec<ClientSession>> {
    vec(client(), 0..4).prop_map(|mut clients| {
        clients.sort_by(|a, b| a.client_id.cmp(&b.client_id));
        clients.dedup_by(|a, b| a.client_id == b.client_id);
        clients
    })
}

fn session() -> BoxedStrategy<Session> {
    let ids = (key(), text(), text(), text());
    let rest = (option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let attributes = option::of(vec((text(), text()), 0..3).prop_map(Attributes));
    (ids, option::of(text()), rest, (time(), time(), option::of(time())), clients(), attributes)
        .prop_map(
            |(
                (key, scheme, subject_id, session_id),
                name,
                rest,
                (created, renewed, expires),
                clients,
                attributes,
            )| {
                Session {
                    key,
                    scheme,
                    subject_id,
                    session_id,
                    display_name_folded: name.as_deref().map(fold),
                    display_name: name,
                    issuer: rest.0,
                    created,
                    renewed,
                    expires,
                    clients,
                    ip_address: rest.1,
                    user_agent: rest.2,
                    attributes,
                    ticket: rest.3,
                }
            },
        )
        .boxed()
}

fn change() -> BoxedStrategy<SessionChange> {
    let ids = (
        option::weighted(0.2, key()),
        option::weighted(0.2, text()),
        option::weighted(0.2, text()),
        option::weighted(0.2, text()),
    );
    let name = option::of(option::of(text()));
    let texts = (
        option::of(option::of(text())),
        option::of(option::of(text())),
        option::of(option::of(text())),
    );
    let times = (option::of(time()), option::of(option::of(time())));
    (ids, name, texts, times)
        .prop_map(|((key, scheme, subject_id, session_id), name, texts, (renewed, expires))| {
            SessionChange {
                key,
                scheme,
                subject_id,
                session_id,
                display_name_folded: name.as_ref().map(|name| name.as_deref().map(fold)),
                display_name: name,
                issuer: texts.0.clone(),
                renewed,
                expires,
                ip_address: texts.1.clone(),
                user_agent: texts.1,
                attributes: texts
                    .0
                    .map(|text| text.map(|text| Attributes(vec![("name".into(), text)]))),
                ticket: texts.2,
            }
        })
        .boxed()
}

fn text_match() -> BoxedStrategy<TextMatch> {
    prop_oneof![
        3 => text().prop_map(TextMatch::Equals),
        1 => text().prop_map(TextMatch::StartsWith),
        1 => text().prop_map(TextMatch::Contains),
    ]
    .boxed()
}

fn range() -> impl Strategy<Value = TimeRange> {
    (option::weighted(0.15, time()), option::weighted(0.15, time()))
        .prop_map(|(after, before)| TimeRange { after, before })
}

fn filter() -> BoxedStrategy<Filter> {
    let search = text().prop_map(|text| Search { name: fold(&text), id: text });
    let texts = (
        option::weighted(0.2, text_match()),
        option::weighted(0.2, text_match()),
        option::weighted(0.2, text_match()),
        option::weighted(0.1, search),
    );
    let exact = (
        option::weighted(0.2, client().prop_map(|client| client.client_id)),
        option::weighted(0.05, text()),
        option::weighted(0.05, vec(text(), 2..4)),
        option::weighted(0.05, text()),
    );
    let states = (option::weighted(0.1, time()), option::weighted(0.1, time()));
    (texts, exact, (range(), range(), range()), states)
        .prop_map(
            |(
                (subject_id, session_id, name, search),
                (client_id, issuer, issuers, ip_address),
                ranges,
                (active_at, expired_at),
            )| Filter {
                subject_id,
                session_id,
                display_name: name.map(|name| name.map(fold)),
                search,
                client_id,
                issuer,
                issuers,
                ip_address,
                created: ranges.0,
                renewed: ranges.1,
                expires: ranges.2,
                active_at,
                expired_at,
            },
        )
        .boxed()
}

fn order() -> impl Strategy<Value = Order> {
    select(vec![Order::Newest, Order::Oldest, Order::Expiry])
}

fn between() -> BoxedStrategy<Between> {
    prop_oneof![
        session().prop_map(|session| Between::Create(Box::new(session))),
        key().prop_map(Between::Remove)
    ]
    .boxed()
}

/// The operations that change the store.
fn change_step() -> BoxedStrategy<Step> {
    prop_oneof![
        6 => session().prop_map(|session| Step::Create(Box::new(session))),
        2 => (key(), change()).prop_map(|(key, change)| Step::Update(key, Box::new(change))),
        2 => (key(), client(), time())
            .prop_map(|(key, client, now)| Step::AddClient(key, client, now)),
        1 => vec(key(), 0..4).prop_map(Step::Remove),
        2 => (time(), 0..6_usize).prop_map(|(before, limit)| Step::Forget(before, limit)),
    ]
    .boxed()
}

fn step() -> BoxedStrategy<Step> {
    let slices = (filter(), order(), 1..KEYS + 2, any::<bool>(), vec(change_step(), 0..8));
    prop_oneof![
        9 => change_step(),
        2 => slices.prop_map(|(filter, order, limit, from_end, steps)| {
            Step::Slices(Box::new(filter), order, limit, from_end, steps)
        }),
        2 => (filter(), option::of(0..6_u64)).prop_map(|(filter, up_to)| Step::Count(Box::new(filter), up_to)),
        2 => (filter(), order(), 1..KEYS + 2, vec(option::of(between()), 0..6))
            .prop_map(|(filter, order, limit, between)| Step::Walk(Box::new(filter), order, limit, between)),
        2 => (filter(), order(), 1..KEYS + 2).prop_map(|(filter, order, limit)| Step::Ends(Box::new(filter), order, limit)),
    ]
    .boxed()
}

/// The store and the model. The model has each session with an ascending number, in order of
/// creation.
struct Pair {
    stores: MemoryStores,
    store: MemorySessions,
    model: Vec<(u64, Session)>,
    next: u64,
}

/// The place of a row in the model's order.
type Place = (Timestamp, u64);

impl Pair {
    fn new() -> Self {
        let stores = MemoryStores::with_slices_of(1);
        Pair { store: stores.sessions(), stores, model: Vec::new(), next: 0 }
    }

    /// Replaces the store with a copy that went through JSON.
    fn reopen(&mut self) {
        let contents = serde_json::to_string(&self.stores).unwrap();
        self.stores = serde_json::from_str(&contents).unwrap();
        self.store = self.stores.sessions();
        assert_eq!(serde_json::to_string(&self.stores).unwrap(), contents);
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Create(session) => self.create(&session),
            Step::Update(key, change) => self.update(&key, *change),
            Step::AddClient(key, client, now) => {
                let done = self.store.add_client(&key, &client, now).unwrap();
                let known = self.find(&key);
                let known = known.filter(|known| known.expires.is_none_or(|end| now < end));
                assert_eq!(done, known.is_some());
                if let Some(session) = known {
                    match session
                        .clients
                        .iter_mut()
                        .find(|known| known.client_id == client.client_id)
                    {
                        Some(known) => {
                            known.session_id = client.session_id.or(known.session_id.take())
                        }
                        None => session.clients.push(client),
                    }
                }
            }
            Step::Remove(keys) => self.remove(&keys),
            Step::Forget(before, limit) => self.forget(before, limit),
            Step::Count(filter, up_to) => {
                let count = self.matching(&filter, Order::Newest).len() as u64;
                let expected = up_to.map_or(count, |up_to| count.min(up_to));
                assert_eq!(self.store.count(&filter, up_to).unwrap(), expected, "{filter:?}");
            }
            Step::Walk(filter, order, limit, between) => self.walk(&filter, order, limit, between),
            Step::Ends(filter, order, limit) => self.ends(&filter, order, limit),
            Step::Slices(filter, order, limit, from_end, steps) => {
                self.slices(*filter, order, limit, from_end, steps);
            }
        }
    }

    /// Searches a page and a count in slices of one row, with a step after each slice.
    fn slices(
        &mut self,
        filter: Filter,
        order: Order,
        limit: usize,
        from_end: bool,
        steps: Vec<Step>,
    ) {
        let from = if from_end { PageStart::Last } else { PageStart::First };
        let request = ListRequest { filter: filter.clone(), order, from, limit };
        let mut search = self.store.list_in_slices(&request).unwrap();
        let mut counting = Some(self.store.count_in_slices(&filter, None));
        let mut steps = steps.into_iter();
        let page = loop {
            if let Some(mut count) = counting.take() {
                match count.advance().unwrap() {
                    Some(count) => {
                        let expected = self.matching(&filter, Order::Oldest).len() as u64;
                        assert_eq!(count, expected, "{filter:?}");
                    }
                    None => counting = Some(count),
                }
            }
            if let Some(page) = search.advance().unwrap() {
                break page;
            }
            if let Some(step) = steps.next() {
                self.run(step);
            }
        };
        let mut expected: Vec<Session> =
            self.matching(&filter, order).into_iter().map(|(_, session)| session).collect();
        match from_end {
            true => drop(expected.drain(..expected.len().saturating_sub(limit))),
            false => expected.truncate(limit),
        }
        let sessions: Vec<Session> =
            page.sessions.iter().map(|session| (**session).clone()).collect();
        assert_eq!(sessions, expected, "{request:?}");
    }

    fn create(&mut self, session: &Session) {
        let created = self.store.create(session);
        assert_eq!(created.is_err(), self.find(&session.key).is_some());
        if created.is_ok() {
            self.model.push((self.next, session.clone()));
            self.next += 1;
        }
    }

    fn update(&mut self, key: &SessionKey, change: SessionChange) {
        let done = self.store.update(key, &change, &SessionCondition::NONE);
        let is_known = self.find(key).is_some();
        let is_taken =
            change.key.as_ref().is_some_and(|new| new != key && self.find(new).is_some());
        if is_known && is_taken {
            assert_eq!(done.unwrap_err().code(), Code::StoreFailed);
            return;
        }
        assert_eq!(done.unwrap(), is_known);
        if let Some(session) = self.find(key) {
            apply(change, session);
        }
    }

    fn remove(&mut self, keys: &[SessionKey]) {
        let mut expected = Vec::new();
        for key in keys {
            if self.find(key).is_some() {
                self.model.retain(|(_, session)| session.key != *key);
                expected.push(key.clone());
            }
        }
        let removed = self.store.remove(keys, &SessionCondition::NONE).unwrap();
        let removed: Vec<_> = removed.into_iter().map(|row| row.key).collect();
        assert_eq!(removed, expected);
    }

    /// The store decides which of the old sessions are cleared first.
    fn forget(&mut self, before: Timestamp, limit: usize) {
        let forgotten = self.store.forget_devices(before, limit).unwrap();
        let (mut expected, mut cleared) = (0, 0);
        for (_, session) in &mut self.model {
            let has_device = session.ip_address.is_some() || session.user_agent.is_some();
            if session.created >= before || !has_device {
                continue;
            }
            expected += 1;
            let stored = self.store.get(&session.key).unwrap().unwrap();
            if stored.ip_address.is_none() && stored.user_agent.is_none() {
                cleared += 1;
                (session.ip_address, session.user_agent) = (None, None);
            }
        }
        assert_eq!((forgotten, cleared), (expected.min(limit), expected.min(limit)));
    }

    fn ends(&self, filter: &Filter, order: Order, limit: usize) {
        let expected = self.matching(filter, order);
        let last = expected.len().saturating_sub(limit);
        self.page(filter, order, PageStart::First, limit, &expected[..limit.min(expected.len())]);
        self.page(filter, order, PageStart::Last, limit, &expected[last..]);
    }

    /// Reads forwards to the end and back while sessions are added and removed.
    fn walk(&mut self, filter: &Filter, order: Order, limit: usize, between: Vec<Option<Between>>) {
        let mut between = between.into_iter();
        let expected = self.matching(filter, order);
        let mut page = self.page(
            filter,
            order,
            PageStart::First,
            limit,
            &expected[..limit.min(expected.len())],
        );
        let mut last = None;
        while let Some((position, place)) = page.pop() {
            self.between(between.next().flatten());
            let expected = self.matching(filter, order);
            let behind: Vec<_> = expected
                .into_iter()
                .filter(|(at, _)| comes_first(order, place, *at))
                .take(limit)
                .collect();
            page = self.page(filter, order, PageStart::After(position.clone()), limit, &behind);
            last = Some((position, place));
        }
        while let Some((position, place)) = last {
            self.between(between.next().flatten());
            let expected = self.matching(filter, order);
            let mut ahead: Vec<_> =
                expected.into_iter().filter(|(at, _)| comes_first(order, *at, place)).collect();
            let ahead = ahead.split_off(ahead.len().saturating_sub(limit));
            last = self
                .page(filter, order, PageStart::Before(position), limit, &ahead)
                .into_iter()
                .next();
        }
    }

    fn between(&mut self, between: Option<Between>) {
        match between {
            None => {}
            Some(Between::Create(session)) => self.create(&session),
            Some(Between::Remove(key)) => self.remove(&[key]),
        }
    }

    /// Reads a page, checks it, and returns each row's position and place.
    fn page(
        &self,
        filter: &Filter,
        order: Order,
        from: PageStart,
        limit: usize,
        expected: &[(Place, Session)],
    ) -> Vec<(Position, Place)> {
        let request = ListRequest { filter: filter.clone(), order, from, limit };
        let page = self.store.list(&request).unwrap();
        let sessions: Vec<&Session> = page.sessions.iter().map(|session| &**session).collect();
        assert_eq!(
            sessions,
            expected.iter().map(|(_, session)| session).collect::<Vec<_>>(),
            "{request:?}"
        );
        assert_eq!(page.positions.len(), expected.len());
        page.positions.into_iter().zip(expected.iter().map(|(place, _)| *place)).collect()
    }

    fn find(&mut self, key: &SessionKey) -> Option<&mut Session> {
        self.model.iter_mut().map(|(_, session)| session).find(|session| session.key == *key)
    }

    /// All matching sessions in order, with their places.
    fn matching(&self, filter: &Filter, order: Order) -> Vec<(Place, Session)> {
        let place = |number: u64, session: &Session| match order {
            Order::Newest | Order::Oldest => Some((session.created, number)),
            Order::Expiry => Some((session.expires?, number)),
        };
        let matching = self.model.iter().filter(|(_, session)| filter.matches(session));
        let mut placed: Vec<_> = matching
            .filter_map(|(number, session)| Some((place(*number, session)?, session.clone())))
            .collect();
        placed.sort_by_key(|(place, _)| *place);
        if order == Order::Newest {
            placed.reverse();
        }
        placed
    }

    /// Every session is found by its key and complete; other keys find nothing.
    fn check(&mut self) {
        for number in 0..KEYS {
            for key in [format!("{number:064x}"), format!("{number}%")].map(SessionKey::from) {
                let stored = self.store.get(&key).unwrap();
                assert_eq!(stored.as_ref(), self.find(&key).map(|session| &*session));
            }
        }
        assert_eq!(self.store.count(&Filter::default(), None).unwrap(), self.model.len() as u64);
    }
}

/// Whether `a` comes strictly before `b`.
fn comes_first(order: Order, a: Place, b: Place) -> bool {
    match order {
        Order::Newest => a > b,
        Order::Oldest | Order::Expiry => a < b,
    }
}

fn apply(change: SessionChange, session: &mut Session) {
    let old = session.clone();
    *session = Session {
        key: change.key.unwrap_or(old.key),
        scheme: change.scheme.unwrap_or(old.scheme),
        subject_id: change.subject_id.unwrap_or(old.subject_id),
        session_id: change.session_id.unwrap_or(old.session_id),
        display_name: change.display_name.unwrap_or(old.display_name),
        display_name_folded: change.display_name_folded.unwrap_or(old.display_name_folded),
        issuer: change.issuer.unwrap_or(old.issuer),
        renewed: change.renewed.unwrap_or(old.renewed),
        expires: change.expires.unwrap_or(old.expires),
        ip_address: change.ip_address.unwrap_or(old.ip_address),
        user_agent: change.user_agent.unwrap_or(old.user_agent),
        attributes: change.attributes.unwrap_or(old.attributes),
        ticket: change.ticket.unwrap_or(old.ticket),
        ..old
    };
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..cases(400) })]

    #[test]
    fn the_store_behaves_like_a_list_of_sessions(steps in vec(step(), 1..60)) {
        let mut pair = Pair::new();
        for step in steps {
            pair.run(step);
        }
        pair.check();
    }

    /// Like above, but the store goes through JSON in between. Earlier positions stay valid.
    #[test]
    fn a_store_that_went_through_json_behaves_the_same(
        before in vec(step(), 1..30),
        after in vec(step(), 1..30),
    ) {
        let mut pair = Pair::new();
        before.into_iter().for_each(|step| pair.run(step));
        let request = ListRequest { limit: 100, ..ListRequest::default() };
        let page = pair.store.list(&request).unwrap();
        pair.reopen();
        prop_assert_eq!(pair.store.list(&request).unwrap(), page);
        after.into_iter().for_each(|step| pair.run(step));
        pair.check();
    }

    /// Every limit and both directions, over sessions that match often.
    #[test]
    fn pages_of_every_size_add_up_to_the_whole_list(
        sessions in vec(session(), 1..30),
        filter in prop_oneof![Just(Filter::default()), filter()],
        order in order(),
    ) {
        let mut pair = Pair::new();
        for (number, session) in sessions.into_iter().enumerate() {
            pair.create(&Session { key: number.to_string().into(), ..session });
        }
        for limit in 1..=pair.model.len() + 1 {
            pair.walk(&filter, order, limit, Vec::new());
            pair.ends(&filter, order, limit);
        }
    }
}
