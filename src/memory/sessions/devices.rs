//! Clears the devices of old sessions.
//!
//! There is no index of sessions with a device, because nearly all sessions would be in it. Instead
//! the table remembers the place before which devices were cleared. From there it scans all
//! sessions. An index has the few sessions before it that got a device later.

use super::SessionTable;
use crate::error::Result;
use crate::memory::index::Term;
use crate::memory::place::Place;
use crate::session::{Session, SessionKey};
use crate::time::Timestamp;

impl SessionTable {
    /// Clears the address and user agent of up to `limit` sessions created before this instant.
    /// Returns the number of changed sessions.
    pub(in crate::memory) fn forget_devices(
        &mut self,
        created_before: Timestamp,
        limit: usize,
    ) -> Result<usize> {
        let end = Place::new(created_before, 0);
        let late = self.index.scan(Term::DEVICES, Place::FIRST..end, true).map(Place::number);
        let mut found: Vec<u32> = late.take(limit).collect();
        let mut forgotten = self.forgotten.max(end);
        for place in self.index.scan(Term::ALL, self.forgotten..end, true) {
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

    /// Sets the place before which devices were cleared, in a table that hasn't cleared any.
    pub(in crate::memory) fn set_forgotten_before(&mut self, place: Place) -> Result<()> {
        let mut late = Vec::new();
        for place in self.index.scan(Term::ALL, Place::FIRST..place, true) {
            if self.row(place.number())?.has_device() {
                late.push((Term::DEVICES, place));
            }
        }
        self.index.change(Vec::new(), late);
        self.forgotten = place;
        Ok(())
    }

    /// Whether this session got a device after its place was cleared.
    pub(super) fn needs_device_entry(&self, session: &Session, place: Place) -> bool {
        place < self.forgotten && (session.ip_address.is_some() || session.user_agent.is_some())
    }
}
