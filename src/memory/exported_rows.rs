//! The format of exported contents: the version and the numbered rows of each table.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::grant::Grant;
use crate::notification::Notification;
use crate::session::Session;
use crate::time::Timestamp;

/// A table that can be written and read row by row.
pub(super) trait Contents: Default {
    /// A row with its number.
    type Row: Serialize + for<'de> Deserialize<'de>;

    /// The numbers of all rows, sorted.
    fn numbers(&self) -> Vec<u32>;
    /// The row with this number.
    fn numbered(&self, number: u32) -> Result<Self::Row>;
    /// Adds a row. Returns false if another row has its number or key.
    fn put(&mut self, row: Self::Row) -> Result<bool>;
}

/// The version of the format.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "u32")]
pub(super) struct Version;

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

/// Reads only the version. A later version may have other members.
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
        // The last number is never used.
        let is_number = (0.0..f64::from(u32::MAX)).contains(&number) && number.fract() == 0.0;
        is_number.then_some(Number(number as u32)).ok_or("a whole number from 0 to 4294967294")
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

/// A grant with its instants as numbers instead of `Date`s, so that it survives JSON.
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
    /// When it is due or was settled.
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
