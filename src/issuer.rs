//! The issuers of a provider. The issuer of a session is the issuer of this provider that it began
//! under. It becomes the `iss` of logout tokens (OpenID Connect Back-Channel Logout 1.0, section
//! 2.4), and clients refuse a token with the issuer of an upstream provider.

use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::{InvalidArgument, Result};
use crate::ports::Host;
use crate::strings::{check_entries, check_id};

/// An issuer filter, as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerFilter {
    /// This issuer.
    Equals(String),
    /// One of these. A session without an issuer doesn't match.
    OneOf(Vec<String>),
}

impl From<String> for IssuerFilter {
    fn from(issuer: String) -> Self {
        IssuerFilter::Equals(issuer)
    }
}

impl<'de> Deserialize<'de> for IssuerFilter {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = IssuerFilter;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E>(self, issuer: &str) -> std::result::Result<IssuerFilter, E> {
                Ok(IssuerFilter::Equals(issuer.to_owned()))
            }

            fn visit_seq<A>(self, list: A) -> std::result::Result<IssuerFilter, A::Error>
            where
                A: SeqAccess<'de>,
            {
                Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(IssuerFilter::OneOf)
            }
        }

        from.deserialize_any(OneOrMore)
    }
}

/// The most issuers that a filter may list.
pub const MAX_ISSUERS: usize = 100;

/// Whether the same subject id means a different person at each issuer. With one issuer or none,
/// all sessions of a subject id belong to one person. That includes sessions stored before the host
/// declared its issuer, or under its former name.
pub(crate) fn has_several_issuers<H: Host>(host: &H) -> bool {
    host.issuers().len() > 1
}

/// The issuer to store with a session: the given one, or else the host's only one. If the host
/// declares its issuers, it must be one of them.
pub(crate) fn issuer_of_session<H: Host>(
    host: &H,
    given: Option<String>,
) -> Result<Option<String>> {
    match (given, host.issuers()) {
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only.clone())),
        (None, _) => Err(InvalidArgument::NoIssuer.into()),
        (given, _) => checked_issuer(host, given),
    }
}

/// Checks an issuer that a call names. Fails with `invalid_argument` if it is blank, or if the host
/// declares its issuers and this isn't one of them.
pub(crate) fn checked_issuer<H: Host>(host: &H, given: Option<String>) -> Result<Option<String>> {
    if let Some(issuer) = &given {
        check_id("issuer", issuer)?;
    }
    match given {
        Some(issuer) if !host.issuers().is_empty() && !host.issuers().contains(&issuer) => {
            Err(InvalidArgument::UnknownIssuer { issuer }.into())
        }
        given => Ok(given),
    }
}

/// Checks the issuers that a call names; `None` if it names none. Fails with `invalid_argument`
/// like [`checked_issuer`] and [`listed_issuers`].
pub(crate) fn checked_issuers<H: Host>(
    host: &H,
    given: Option<&IssuerFilter>,
) -> Result<Option<Vec<String>>> {
    let issuers = match given {
        None => return Ok(None),
        Some(IssuerFilter::Equals(issuer)) => vec![issuer.clone()],
        Some(IssuerFilter::OneOf(issuers)) => listed_issuers("issuer", issuers)?,
    };
    for issuer in &issuers {
        checked_issuer(host, Some(issuer.clone()))?;
    }
    Ok(Some(issuers))
}

/// The issuers that a filter lists, sorted and unique. Fails with `invalid_argument` if the list is
/// empty or longer than [`MAX_ISSUERS`], or if an entry is blank.
pub(crate) fn listed_issuers(member: &'static str, issuers: &[String]) -> Result<Vec<String>> {
    if issuers.is_empty() {
        return Err(InvalidArgument::NoIssuers { member }.into());
    }
    if issuers.len() > MAX_ISSUERS {
        return Err(InvalidArgument::TooManyIds { member, most: MAX_ISSUERS }.into());
    }
    check_entries(member, issuers)?;
    let mut issuers = issuers.to_vec();
    issuers.sort_unstable();
    issuers.dedup();
    Ok(issuers)
}
