//! An injected host as the ports of the core.

mod atomic;
mod call_host;
mod cipher;
mod client;
mod ended_list;
mod functions;
mod grants;
mod outbox;
mod sender;
mod sessions;

pub use call_host::CallHost;
pub use cipher::{JsCipher, KeyRing};
pub use functions::{HostFunction, Injected};
pub use sessions::JsPage;
