//! A store's list request. In JavaScript the start of the page is one of three members.

use crate::optional_members::or_default;
use serde::{Deserialize, Serialize};

use crate::error::{Error, InvalidArgument, Result};
use crate::filter::Filter;
use crate::ports::{ListRequest, Order, PageStart, Position};

/// `{ filter, order, after?, before?, fromEnd?, limit }`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListRequestMembers {
    #[serde(default, deserialize_with = "or_default")]
    filter: Filter,
    order: Order,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Position>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Position>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_end: Option<bool>,
    limit: u32,
}

impl From<&ListRequest> for ListRequestMembers {
    fn from(request: &ListRequest) -> Self {
        let (mut after, mut before, mut from_end) = (None, None, None);
        match &request.from {
            PageStart::First => {}
            PageStart::After(position) => after = Some(position.clone()),
            PageStart::Before(position) => before = Some(position.clone()),
            PageStart::Last => from_end = Some(true),
        }
        ListRequestMembers {
            filter: request.filter.clone(),
            order: request.order,
            after,
            before,
            from_end,
            limit: u32::try_from(request.limit).unwrap_or(u32::MAX),
        }
    }
}

impl TryFrom<ListRequestMembers> for ListRequest {
    type Error = Error;

    fn try_from(members: ListRequestMembers) -> Result<Self> {
        let ListRequestMembers { filter, order, after, before, from_end, limit } = members;
        let from = match (after, before, from_end.unwrap_or(false)) {
            (None, None, false) => PageStart::First,
            (Some(position), None, false) => PageStart::After(position),
            (None, Some(position), false) => PageStart::Before(position),
            (None, None, true) => PageStart::Last,
            _ => {
                return Err(InvalidArgument::SeveralPageStarts.into());
            }
        };
        Ok(ListRequest { filter, order, from, limit: limit as usize })
    }
}
