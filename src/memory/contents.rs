//! The contents of the stores as plain data, to be kept elsewhere and read again.
//!
//! Rows are written and read one by one. Each has its number, so that positions, row ids and the
//! order of what comes later stay the same.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use crate::error::Result;
use crate::grant::Grant;
use crate::notification::Notification;
use crate::session::Session;
use crate::time::Timestamp;

use super::grants::GrantTable;
use super::outbox::{Entry, OutboxTable, State};
use super::place::Place;
use super::sessions::SessionTable;
use super::{MemoryStores, SLICE, Tables};

/// A table that is written and read row by row.
pub(super) trait Contents: Default {
    /// A row with its number.
    type Row: Serialize + for<'de> Deserialize<'de>;

    /// The numbers of the rows, in their order.
    fn numbers(&self) -> Vec<u32>;
    /// The row with this number.
    fn numbered(&self, number: u32) -> Result<Self::Row>;
    /// Adds a row. False if its number or its key is another row's.
    fn put(&mut self, row: Self::Row) -> Result<bool>;
}

/// The form of the contents that is written.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "u32")]
struct Version;

impl Version {
    const NUMBER: u32 = 1;
}

impl From<Version> for u32 {
    fn from(_: Version) -> u32 {
        Version::NUMBER
    }
}

impl TryFrom<f64> for Version {
    type Error = &'static str;

    fn try_from(number: f64) -> std::result::Result<Self, Self::Error> {
        let is_known = number == f64::from(Self::NUMBER);
        is_known.then_some(Version).ok_or("1: this version of Rollcall reads no other contents")
    }
}

/// The version alone. The other members of a later version may have other names.
#[derive(Debug, Deserialize)]
#[serde(rename(deserialize = "open"))]
pub struct ContentsVersion {
    #[serde(rename = "version")]
    _version: Version,
}

/// The number of a row.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "u32")]
pub(super) struct Number(pub(super) u32);

impl From<Number> for u32 {
    fn from(Number(number): Number) -> u32 {
        number
    }
}

impl TryFrom<f64> for Number {
    type Error = &'static str;

    fn try_from(number: f64) -> std::result::Result<Self, Self::Error> {
        // The last one is never given to a row.
        let is_number = (0.0..f64::from(u32::MAX)).contains(&number) && number.fract() == 0.0;
        is_number.then_some(Number(number as u32)).ok_or("a whole number from 0 to 4294967294")
    }
}

/// A place as its position.
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

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionRow {
    pub number: Number,
    pub session: Session,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantRow {
    pub number: Number,
    #[serde(serialize_with = "GrantMembers::serialize")]
    pub grant: Grant,
}

/// A grant whose instants are numbers and no `Date`s, so that it survives JSON.
#[derive(Serialize)]
#[serde(remote = "Grant", rename_all = "camelCase")]
struct GrantMembers {
    key: String,
    #[serde(rename = "type")]
    grant_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    client_id: String,
    created: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumed: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    data: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NotificationRow {
    pub number: Number,
    pub notification: Notification,
    pub state: Progress,
    /// When it is due, or was settled.
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Progress {
    Pending,
    Delivered,
    Failed,
}

impl NotificationRow {
    pub fn new(number: u32, entry: &Entry) -> Self {
        let (state, at) = match entry.state {
            State::Pending { next_attempt } => (Progress::Pending, next_attempt),
            State::Delivered { at } => (Progress::Delivered, at),
            State::Failed { at } => (Progress::Failed, at),
        };
        NotificationRow {
            number: Number(number),
            notification: entry.notification.clone(),
            state,
            at,
            status: entry.status,
            error: entry.error.clone(),
        }
    }

    pub fn entry(self) -> (u32, Entry) {
        let NotificationRow { number: Number(number), notification, state, at, status, error } =
            self;
        let state = match state {
            Progress::Pending => State::Pending { next_attempt: at },
            Progress::Delivered => State::Delivered { at },
            Progress::Failed => State::Failed { at },
        };
        (number, Entry { notification, status, error, state })
    }
}

/// Room for the rows to come. The memory of a module grows by 64 KB at a time, and each time V8
/// collects garbage: among the contents, which are on its heap, that is slow. So it grows by a
/// quarter here.
#[derive(Default)]
struct Room {
    /// The size of the memory, in pages.
    #[cfg(target_arch = "wasm32")]
    pages: usize,
}

impl Room {
    fn make(&mut self) {
        #[cfg(target_arch = "wasm32")]
        {
            const PAGE: usize = 65_536;
            if std::arch::wasm32::memory_size(0) == self.pages {
                return;
            }
            let mut room: Vec<u8> = Vec::new();
            // If there is no more memory, a row will say so.
            let _ = room.try_reserve_exact(std::arch::wasm32::memory_size(0) * (PAGE / 4));
            std::hint::black_box(&room);
            self.pages = std::arch::wasm32::memory_size(0);
        }
    }
}

/// The rows of a table, as a list.
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
                let (mut table, mut room) = (T::default(), Room::default());
                while rows.next_element_seed(Put(&mut table))?.is_some() {
                    room.make();
                }
                Ok(table)
            }
        }

        /// Reads a row into a table.
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
    /// The place up to which devices were forgotten. Absent at first.
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
        let Tables { sessions, grants, outbox, .. } = &*self.0.borrow();
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
        sessions.rows.go_on_with(next.0);
        if let Some(Forgotten(place)) = devices_forgotten {
            sessions.forget_before(place).map_err(de::Error::custom)?;
        }
        let Listed(mut grant_table) = grants.rows;
        grant_table.rows.go_on_with(grants.next.0);
        let Listed(mut outbox_table) = outbox.rows;
        outbox_table.rows.go_on_with(outbox.next.0);
        let tables = Tables { sessions, grants: grant_table, outbox: outbox_table, slice: SLICE };
        Ok(MemoryStores(Rc::new(RefCell::new(tables))))
    }
}
