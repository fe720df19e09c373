//! Values that cross the boundary. The core's own types are read and written as they are; a twin
//! stands here only where JavaScript's shape differs.

mod atomic;
mod handle;
mod list_request;
mod options;
mod outcome;
mod publish;
mod purge;
mod read;
mod write;

pub use atomic::AtomicResultMembers;
pub use handle::Handle;
pub use list_request::ListRequestMembers;
pub use options::{
    CallOptions, CoordinationMembers, Count, DeliverDueOptions, DeliveryMembers, ExpiryPassOptions,
    HostMembers, Span, StoreCapabilities,
};
pub use outcome::OutcomeMembers;
pub use publish::publisher;
pub use purge::PurgeMembers;
pub use read::{is_absent, read, string};
pub use write::write;
