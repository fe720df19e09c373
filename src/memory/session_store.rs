//! The session store in memory.

use std::rc::Rc;

use super::page::SessionPage;
use super::search::Slices;
use super::tables::SharedTables;
use crate::error::Result;
use crate::filter::Filter;
use crate::ports::{ListRequest, SessionStore};
use crate::session::{
    ClientSession, RemovedSession, Session, SessionChange, SessionCondition, SessionKey,
};
use crate::time::Timestamp;

/// The session store. Each session takes about 360 bytes. Filters by key, subject, session id and
/// client use an index in every order and skip all other rows. Other filters are checked row by
/// row, and so are all filters when ordering by expiry.
#[derive(Clone, Debug, Default)]
pub struct MemorySessions(pub(super) SharedTables);

impl MemorySessions {
    /// Adds a session. Fails with `store_failed` if its key exists, and leaves the stored session
    /// unchanged.
    pub fn create(&self, session: &Session) -> Result<()> {
        self.0.0.borrow_mut().sessions.create(session)
    }

    /// The session with this key, even if it has expired.
    pub fn get(&self, key: &SessionKey) -> Result<Option<Session>> {
        self.0.0.borrow().sessions.get(key)
    }

    /// Changes a session that meets the condition. Returns false if no session has this key or it
    /// doesn't meet the condition; it never creates one.
    pub fn update(
        &self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool> {
        self.0.0.borrow_mut().sessions.update(key, change, condition)
    }

    /// Adds a client, once per client id. A known client keeps its place and gets the new session
    /// id if there is one. Returns false and adds nothing if no session has this key or it has
    /// expired at `now`.
    pub fn add_client(
        &self,
        key: &SessionKey,
        client: &ClientSession,
        now: Timestamp,
    ) -> Result<bool> {
        self.0.0.borrow_mut().sessions.add_client(key, client, now)
    }

    /// One page of matching sessions. Fails with `invalid_argument` if the limit is 0 and with
    /// `invalid_results_token` if the position isn't one of this store.
    pub fn list(&self, request: &ListRequest) -> Result<SessionPage> {
        self.list_in_slices(request)?.finish()
    }

    /// The same in slices. The page is up to date when the search ends.
    pub fn list_in_slices(&self, request: &ListRequest) -> Result<Slices<SessionPage>> {
        let search = self.0.0.borrow().sessions.search(request)?;
        let from = request.from.clone();
        Ok(self.0.search(search, move |tables, search| tables.sessions.page(search, &from)))
    }

    /// The number of matching sessions. Stops counting at `up_to`.
    pub fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        self.count_in_slices(filter, up_to).finish()
    }

    /// The same in slices. The number is up to date when the search ends.
    pub fn count_in_slices(&self, filter: &Filter, up_to: Option<u64>) -> Slices<u64> {
        if *filter == Filter::default() {
            let stores = self.0.clone();
            let up_to = up_to.unwrap_or(u64::MAX);
            return Slices::new(move || Ok(Some(up_to.min(stores.0.borrow().sessions.len()))));
        }
        let search = self.0.0.borrow().sessions.search_count(filter, up_to);
        self.0.search(search, |_, search| Ok(search.count.min(search.limit)))
    }

    /// Removes the sessions with these keys that meet the condition, and returns them.
    pub fn remove(
        &self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>> {
        self.0.0.borrow_mut().sessions.remove(keys, condition)
    }

    /// Clears the address and user agent of up to `limit` sessions created before this instant.
    /// Returns the number of changed sessions.
    pub fn forget_devices(&self, created_before: Timestamp, limit: usize) -> Result<usize> {
        self.0.0.borrow_mut().sessions.forget_devices(created_before, limit)
    }
}

impl SessionStore for MemorySessions {
    type Row = Rc<Session>;
    type Page = SessionPage;

    fn serves(&self, _filter: &str) -> Result<bool> {
        Ok(true)
    }

    fn counts(&self) -> bool {
        true
    }

    async fn create(&self, session: &Session) -> Result<()> {
        self.create(session)
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<Rc<Session>>> {
        Ok(self.get(key)?.map(Rc::new))
    }

    async fn update(
        &self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool> {
        self.update(key, change, condition)
    }

    async fn add_client(
        &self,
        key: &SessionKey,
        client: &ClientSession,
        now: Timestamp,
    ) -> Result<bool> {
        self.add_client(key, client, now)
    }

    async fn list(&self, request: &ListRequest) -> Result<SessionPage> {
        self.list(request)
    }

    async fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        self.count(filter, up_to)
    }

    async fn remove(
        &self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>> {
        self.remove(keys, condition)
    }

    async fn forget_devices(&self, created_before: Timestamp, limit: usize) -> Result<u64> {
        self.forget_devices(created_before, limit).map(|count| count as u64)
    }
}
