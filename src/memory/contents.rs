//! The contents of the stores as plain data, for export and import.
//!
//! Rows are written and read one by one with their numbers, so that positions, row ids and the
//! order of later rows stay the same.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::MemoryStores;
use super::exported_rows::{Contents, Number, Version};
use super::grants::GrantTable;
use super::outbox::OutboxTable;
use super::place::Place;
use super::search::SLICE;
use super::sessions::SessionTable;
use super::tables::{SharedTables, Tables};

/// A place, serialized as its position.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Forgotten(Place);

impl From<Forgotten> for String {
    fn from(Forgotten(place): Forgotten) -> String {
        place.position()
    }
}

impl TryFrom<String> for Forgotten {
    type Error = &'static str;

    fn try_from(position: String) -> std::result::Result<Self, Self::Error> {
        Place::parse(&position).map(Forgotten).map_err(|_| "a position of this store")
    }
}

/// Reserves memory for the next rows. V8 collects garbage each time the memory of a module grows,
/// which is slow while the imported contents are on its heap. So this grows it by a quarter instead
/// of by 64 KB.
#[derive(Default)]
struct Headroom {
    /// The size of the memory in pages.
    #[cfg(target_arch = "wasm32")]
    pages: usize,
}

impl Headroom {
    fn reserve(&mut self) {
        #[cfg(target_arch = "wasm32")]
        {
            const PAGE: usize = 65_536;
            if std::arch::wasm32::memory_size(0) == self.pages {
                return;
            }
            let mut room: Vec<u8> = Vec::new();
            // If the allocation fails, the next row will report it.
            let _ = room.try_reserve_exact(std::arch::wasm32::memory_size(0) * (PAGE / 4));
            std::hint::black_box(&room);
            self.pages = std::arch::wasm32::memory_size(0);
        }
    }
}

/// The rows of a table as a list.
struct Listed<T>(T);

impl<T: Contents> Serialize for Listed<&T> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let numbers = self.0.numbers();
        let mut rows = to.serialize_seq(Some(numbers.len()))?;
        for number in numbers {
            rows.serialize_element(&self.0.numbered(number).map_err(ser::Error::custom)?)?;
        }
        rows.end()
    }
}

impl<'de, T: Contents> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Rows<T>(PhantomData<T>);

        impl<'de, T: Contents> Visitor<'de> for Rows<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> std::result::Result<T, A::Error> {
                let (mut table, mut room) = (T::default(), Headroom::default());
                while rows.next_element_seed(Put(&mut table))?.is_some() {
                    room.reserve();
                }
                Ok(table)
            }
        }

        /// Inserts a row into a table.
        struct Put<'a, T>(&'a mut T);

        impl<'de, T: Contents> DeserializeSeed<'de> for Put<'_, T> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(
                self,
                from: D,
            ) -> std::result::Result<(), D::Error> {
                match self.0.put(T::Row::deserialize(from)?).map_err(de::Error::custom)? {
                    true => Ok(()),
                    false => Err(de::Error::custom("a row whose number and key no other row has")),
                }
            }
        }

        from.deserialize_seq(Rows(PhantomData)).map(Listed)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SessionMembers<T> {
    /// The number of the next row.
    next: Number,
    /// The place before which devices were cleared. Absent if none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    devices_forgotten: Option<Forgotten>,
    #[serde(bound(
        deserialize = "Listed<T>: Deserialize<'de>",
        serialize = "Listed<T>: Serialize"
    ))]
    rows: Listed<T>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableMembers<T> {
    /// The number of the next row.
    next: Number,
    #[serde(bound(
        deserialize = "Listed<T>: Deserialize<'de>",
        serialize = "Listed<T>: Serialize"
    ))]
    rows: Listed<T>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContentsMembers<S, G, O> {
    version: Version,
    sessions: S,
    grants: G,
    outbox: O,
}

impl Serialize for MemoryStores {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let Tables { sessions, grants, outbox, .. } = &*self.0.0.borrow();
        let forgotten = sessions.forgotten;
        ContentsMembers {
            version: Version,
            sessions: SessionMembers {
                next: Number(sessions.rows.next()),
                devices_forgotten: (forgotten != Place::FIRST).then_some(Forgotten(forgotten)),
                rows: Listed(sessions),
            },
            grants: TableMembers { next: Number(grants.rows.next()), rows: Listed(grants) },
            outbox: TableMembers { next: Number(outbox.rows.next()), rows: Listed(outbox) },
        }
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for MemoryStores {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let ContentsMembers { sessions, grants, outbox, .. } = ContentsMembers::<
            SessionMembers<SessionTable>,
            TableMembers<GrantTable>,
            TableMembers<OutboxTable>,
        >::deserialize(from)?;
        let SessionMembers { next, devices_forgotten, rows: Listed(mut sessions) } = sessions;
        sessions.rows.continue_at(next.0);
        if let Some(Forgotten(place)) = devices_forgotten {
            sessions.set_forgotten_before(place).map_err(de::Error::custom)?;
        }
        let Listed(mut grant_table) = grants.rows;
        grant_table.rows.continue_at(grants.next.0);
        let Listed(mut outbox_table) = outbox.rows;
        outbox_table.rows.continue_at(outbox.next.0);
        let tables = Tables { sessions, grants: grant_table, outbox: outbox_table, slice: SLICE };
        Ok(MemoryStores(SharedTables::new(tables)))
    }
}
