//! Forgetting the devices of older sessions.
//!
//! There is no index of the sessions that have a device: it would have nearly all of them. Instead
//! the table knows how far the devices were forgotten. Behind that place it walks along all
//! sessions, and ahead of it an index has the few that got a device later.

use super::SessionTable;
use crate::error::Result;
use crate::memory::index::Term;
use crate::memory::place::Place;
use crate::session::{Session, SessionKey};
use crate::time::Timestamp;

impl SessionTable {
    /// Clears the address and the user agent of up to `limit` sessions that were created before
    /// this instant and have one of them. Returns how many.
    pub(in crate::memory) fn forget_devices(
        &mut self,
        created_before: Timestamp,
        limit: usize,
    ) -> Result<usize> {
        let end = Place::new(created_before, 0);
        let late = self.index.walk(Term::DEVICES, Place::FIRST..end, true).map(Place::number);
        let mut found: Vec<u32> = late.take(limit).collect();
        let mut forgotten = self.forgotten.max(end);
        for place in self.index.walk(Term::ALL, self.forgotten..end, true) {
            if found.len() >= limit {
                forgotten = place;
                break;
            }
            if self.row(place.number())?.has_device() {
                found.push(place.number());
            }
        }
        for number in &found {
            let key: SessionKey = self.row(*number)?.session(&self.interner)?.key;
            self.change(&key, &|session| {
                (session.ip_address, session.user_agent) = (None, None);
                true
            })?;
        }
        self.forgotten = forgotten;
        Ok(found.len())
    }

    /// Sets the place up to which devices were forgotten, in a table that has not forgotten any.
    pub(in crate::memory) fn forget_before(&mut self, place: Place) -> Result<()> {
        let mut late = Vec::new();
        for place in self.index.walk(Term::ALL, Place::FIRST..place, true) {
            if self.row(place.number())?.has_device() {
                late.push((Term::DEVICES, place));
            }
        }
        self.index.change(Vec::new(), late);
        self.forgotten = place;
        Ok(())
    }

    /// Whether this session is among those that got a device after older ones were forgotten.
    pub(super) fn needs_device_entry(&self, session: &Session, place: Place) -> bool {
        place < self.forgotten && (session.ip_address.is_some() || session.user_agent.is_some())
    }
}
