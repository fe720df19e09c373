//! Rollcall lists who is signed in and signs them out everywhere: the session management service of
//! an OpenID Provider.
//!
//! This crate is the core: the rules, generic over the [`ports`] that a host injects. Only `js`,
//! the boundary, uses JavaScript: it turns injected callbacks into ports and exports the services.

mod blank_filter;
pub mod client;
pub mod cookie_value;
pub mod coordination;
pub mod delivery;
pub mod ending;
pub mod error;
pub mod event;
pub mod filter;
pub mod grant;
mod hex;
mod host_value;
mod issuer;
pub mod logout_token;
pub mod memory;
pub mod notification;
mod opaque_token;
mod optional_members;
pub mod order;
pub mod ports;
mod pruning;
pub mod purge;
pub mod query;
mod random;
pub mod removal;
mod secrets;
pub mod session;
pub mod settings;
pub mod strings;
pub mod ticket;
pub mod time;

#[cfg(target_arch = "wasm32")]
mod js;
