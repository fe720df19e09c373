//! What happens, for the host's audit log and metrics.

use crate::time::Millis;

/// Something that happened, for the host's audit log and metrics. Never holds a session key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub name: &'static str,
    /// When.
    pub at: Millis,
    /// What else is known, by name.
    pub details: Vec<(&'static str, Detail)>,
}

/// A value of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A text.
    Text(String),
    /// A count, a status, milliseconds.
    Number(i64),
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Detail::Text(text.to_owned())
    }
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Detail::Text(text)
    }
}

impl From<i64> for Detail {
    fn from(number: i64) -> Self {
        Detail::Number(number)
    }
}

impl Event {
    /// An event with these details; those that are not known are left out.
    pub fn new<const N: usize>(
        name: &'static str,
        at: Millis,
        details: [(&'static str, Option<Detail>); N],
    ) -> Self {
        Event {
            name,
            at,
            details: details.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        }
    }
}
