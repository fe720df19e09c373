//! The filter of a query, a count or a removal, in the normalized form that every store gets.

use std::fmt;

use crc::{CRC_64_XZ, Crc, NoTable};
use serde::de::{self, Expected, IgnoredAny, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::optional_members::or_default;
use crate::session::Session;
use crate::time::{Timestamp, is_expired};

/// The normalized filter. Members are ANDed; without members it matches every session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Filter {
    /// Case-sensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<TextMatch>,
    /// Case-sensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<TextMatch>,
    /// Folded, and compared with the folded display name. A session without a name never matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<TextMatch>,
    /// Matches the subject id, the session id or the display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// A client that took part in the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The issuer, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// One of these issuers: at least two, sorted and unique. A session without an issuer never
    /// matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuers: Option<Vec<String>>,
    /// The address, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// When the session began.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "TimeRange::is_unbounded"
    )]
    pub created: TimeRange,
    /// When it was last renewed.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "TimeRange::is_unbounded"
    )]
    pub renewed: TimeRange,
    /// When it expires. A session that never expires matches no range.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "TimeRange::is_unbounded"
    )]
    pub expires: TimeRange,
    /// Sessions that are still active at this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_at: Option<Timestamp>,
    /// Sessions that have expired by this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<Timestamp>,
}

/// How a string must match. No character is special.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TextMatch {
    /// The whole string.
    Equals(String),
    /// Its beginning.
    StartsWith(String),
    /// Any part of it.
    Contains(String),
}

/// One string that is looked up in three members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Matches if it equals the subject id or the session id.
    pub id: String,
    /// Folded. Matches if the folded display name contains it.
    pub name: String,
}

/// A half-open range of time: `after` <= time < `before`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// The first instant in the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Timestamp>,
    /// The first instant after the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
}

impl<'de> Deserialize<'de> for TextMatch {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneForm;

        impl<'de> Visitor<'de> for OneForm {
            type Value = TextMatch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one of `{ equals }`, `{ startsWith }` and `{ contains }`")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextMatch, A::Error> {
                TextMatch::read(map, &self)
            }
        }

        from.deserialize_map(OneForm)
    }
}

impl TextMatch {
    /// Reads an object with a single member, whose name is the kind of match.
    pub(crate) fn read<'de, A: MapAccess<'de>>(
        mut map: A,
        wanted: &dyn Expected,
    ) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "camelCase")]
        enum Form {
            Equals,
            StartsWith,
            Contains,
        }

        let wrong = || de::Error::invalid_type(Unexpected::Map, wanted);
        let (form, text) = map.next_entry::<Form, String>()?.ok_or_else(wrong)?;
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(wrong());
        }
        Ok(match form {
            Form::Equals => TextMatch::Equals(text),
            Form::StartsWith => TextMatch::StartsWith(text),
            Form::Contains => TextMatch::Contains(text),
        })
    }

    /// Whether `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        match self {
            TextMatch::Equals(wanted) => text == wanted,
            TextMatch::StartsWith(wanted) => text.starts_with(wanted.as_str()),
            TextMatch::Contains(wanted) => text.contains(wanted.as_str()),
        }
    }

    /// The string to look for.
    pub fn text(&self) -> &str {
        match self {
            TextMatch::Equals(text) | TextMatch::StartsWith(text) | TextMatch::Contains(text) => {
                text
            }
        }
    }

    /// The same kind of match, with the string changed.
    pub fn map(self, change: impl FnOnce(&str) -> String) -> Self {
        match self {
            TextMatch::Equals(text) => TextMatch::Equals(change(&text)),
            TextMatch::StartsWith(text) => TextMatch::StartsWith(change(&text)),
            TextMatch::Contains(text) => TextMatch::Contains(change(&text)),
        }
    }
}

impl TimeRange {
    /// Whether this range restricts nothing.
    pub fn is_unbounded(&self) -> bool {
        self.after.is_none() && self.before.is_none()
    }

    /// Whether `time` is in the range. An absent time is only in an unbounded range.
    pub fn contains(&self, time: Option<Timestamp>) -> bool {
        match time {
            None => self.is_unbounded(),
            Some(time) => {
                self.after.is_none_or(|after| after <= time)
                    && self.before.is_none_or(|before| time < before)
            }
        }
    }
}

impl Filter {
    /// Limits the filter to these issuers, which must be sorted and unique. `None` means any
    /// issuer.
    pub(crate) fn with_issuers(mut self, issuers: Option<Vec<String>>) -> Self {
        let mut issuers = issuers.unwrap_or_default();
        if issuers.len() == 1 {
            self.issuer = issuers.pop();
        }
        self.issuers = Some(issuers).filter(|list| !list.is_empty());
        self
    }

    /// Whether this session matches. The memory store uses it, and the tests compare other stores
    /// with it.
    pub fn matches(&self, session: &Session) -> bool {
        let text = |wanted: &Option<TextMatch>, text: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.matches(text))
        };
        let equal =
            |wanted: &Option<String>, text: &Option<String>| wanted.is_none() || wanted == text;
        let folded = session.display_name_folded.as_deref();
        text(&self.subject_id, &session.subject_id)
            && text(&self.session_id, &session.session_id)
            && self
                .display_name
                .as_ref()
                .is_none_or(|wanted| folded.is_some_and(|name| wanted.matches(name)))
            && self.search.as_ref().is_none_or(|search| {
                search.id == session.subject_id
                    || search.id == session.session_id
                    || folded.is_some_and(|name| name.contains(search.name.as_str()))
            })
            && self.client_id.as_ref().is_none_or(|wanted| {
                session.clients.iter().any(|client| client.client_id == *wanted)
            })
            && equal(&self.issuer, &session.issuer)
            && self.issuers.as_ref().is_none_or(|wanted| {
                session.issuer.as_ref().is_some_and(|issuer| wanted.contains(issuer))
            })
            && equal(&self.ip_address, &session.ip_address)
            && self.created.contains(Some(session.created))
            && self.renewed.contains(Some(session.renewed))
            && self.expires.contains(session.expires)
            && self.active_at.is_none_or(|at| !is_expired(session.expires, at))
            && self.expired_at.is_none_or(|at| is_expired(session.expires, at))
    }

    /// The names of the filters in use, as a store declares them in its capabilities.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        let mut text = |wanted: &Option<TextMatch>, forms: [&'static str; 3]| {
            let [equals, starts_with, contains] = forms;
            match wanted {
                None => {}
                Some(TextMatch::Equals(_)) => names.push(equals),
                Some(TextMatch::StartsWith(_)) => names.push(starts_with),
                Some(TextMatch::Contains(_)) => names.push(contains),
            }
        };
        text(&self.subject_id, ["subjectId", "subjectId.startsWith", "subjectId.contains"]);
        text(&self.session_id, ["sessionId", "sessionId.startsWith", "sessionId.contains"]);
        text(&self.display_name, ["displayName", "displayName.startsWith", "displayName.contains"]);
        let others = [
            (self.search.is_some(), "search"),
            (self.client_id.is_some(), "clientId"),
            (self.issuer.is_some(), "issuer"),
            (self.issuers.is_some(), "issuers"),
            (self.ip_address.is_some(), "ipAddress"),
            (!self.created.is_unbounded(), "created"),
            (!self.renewed.is_unbounded(), "renewed"),
            (!self.expires.is_unbounded(), "expires"),
            (self.active_at.is_some() || self.expired_at.is_some(), "state"),
        ];
        names.extend(others.into_iter().filter(|(used, _)| *used).map(|(_, name)| name));
        names
    }

    /// A checksum that identifies this filter in results tokens, the same in every process and
    /// version. It leaves out the instants of `active_at` and `expired_at`, which change with every
    /// call.
    pub fn fingerprint(&self) -> u64 {
        let mut print = Fingerprint::default();
        print.text_match(1, &self.subject_id);
        print.text_match(2, &self.session_id);
        print.text_match(3, &self.display_name);
        print.text(4, self.search.as_ref().map(|search| search.id.as_str()));
        print.text(5, self.client_id.as_deref());
        print.text(6, self.issuer.as_deref());
        print.text(7, self.ip_address.as_deref());
        print.range(8, self.created);
        print.range(9, self.renewed);
        print.range(10, self.expires);
        if self.active_at.is_some() {
            print.part(11, b"active");
        }
        if self.expired_at.is_some() {
            print.part(11, b"expired");
        }
        for issuer in self.issuers.iter().flatten() {
            print.text(12, Some(issuer));
        }
        print.number()
    }
}

/// The bytes of a fingerprint. Each part has a tag and its length, so different filters always give
/// different bytes.
#[derive(Default)]
pub(crate) struct Fingerprint(Vec<u8>);

impl Fingerprint {
    pub fn part(&mut self, tag: u8, bytes: &[u8]) {
        self.0.push(tag);
        self.0.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// The checksum of the parts.
    pub fn number(&self) -> u64 {
        Crc::<u64, NoTable>::new(&CRC_64_XZ).checksum(&self.0)
    }

    fn text(&mut self, tag: u8, text: Option<&str>) {
        if let Some(text) = text {
            self.part(tag, text.as_bytes());
        }
    }

    fn text_match(&mut self, tag: u8, wanted: &Option<TextMatch>) {
        if let Some(wanted) = wanted {
            let form: &[u8] = match wanted {
                TextMatch::Equals(_) => b"=",
                TextMatch::StartsWith(_) => b"^",
                TextMatch::Contains(_) => b"*",
            };
            self.part(tag, form);
            self.part(tag, wanted.text().as_bytes());
        }
    }

    fn range(&mut self, tag: u8, range: TimeRange) {
        if let Some(after) = range.after {
            self.part(tag, &after.as_millis().to_le_bytes());
        }
        if let Some(before) = range.before {
            self.part(tag | 0x80, &before.as_millis().to_le_bytes());
        }
    }
}
