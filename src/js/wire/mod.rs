//! Values that cross the boundary. Most of the core's types are read and written directly. A
//! separate type is only needed if the shape differs in JavaScript.

mod ending;
#[cfg(feature = "services")]
mod handle;
mod list;
mod list_request;
#[cfg(feature = "services")]
mod options;
#[cfg(feature = "services")]
mod outcome;
#[cfg(feature = "services")]
mod purge;
mod read;
mod span;
mod write;

pub use ending::{EndedSessionsMembers, EndingStepMembers};
#[cfg(feature = "services")]
pub use list::List;
pub use list_request::ListRequestMembers;
pub use read::{is_absent, read};
pub use span::Span;
pub use write::write;
#[cfg(feature = "services")]
pub use {
    handle::Handle,
    options::{
        CallOptions, CoordinationMembers, Count, CountOptions, DeliverDueOptions, DeliveryMembers,
        DeliveryPageOptions, ExpiryPassOptions, HostMembers, PageLimit, StoreCapabilities,
    },
    outcome::OutcomeMembers,
    purge::PurgeMembers,
    read::string,
};
