//! The meaning of a blank string in a filter. A string is blank if it is empty or only white space.
//!
//! - In a query or a count it means no filter: a form sends the fields that its user left empty.
//! - In a purge it is an error (`invalid_argument`): an ignored string would widen the purge.
//! - A grant filter with only blank members is an error: it would match every grant.
//! - A blank entry in a list is an error in every call.
//!
//! Calls that store, end or permit something reject blank ids with [`check_id`]. The HTTP API asks
//! the core, except for an actor's issuers (`pkg-template/src/http/scope.ts`).

use crate::error::Result;
use crate::strings::{check_id, is_blank};

/// The filter of a query, or `None` if it is blank.
pub(crate) fn ignore_blank<T: AsRef<str>>(filter: &Option<T>) -> Option<&T> {
    filter.as_ref().filter(|text| !is_blank(text.as_ref()))
}

/// Checks the filters of a purge, by member. Fails with `invalid_argument` if one is blank or can't
/// be stored.
pub(crate) fn refuse_blank<'a>(
    filters: impl IntoIterator<Item = (&'static str, Option<&'a str>)>,
) -> Result<()> {
    filters
        .into_iter()
        .try_for_each(|(member, text)| text.map_or(Ok(()), |text| check_id(member, text)))
}
