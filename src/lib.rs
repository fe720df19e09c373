//! Rollcall lists who is signed in, and signs them out, everywhere: the session-management service of an OpenID Provider.
//!
//! This crate is the core: the rules, generic over ports. Only `js` knows JavaScript.

#[cfg(target_arch = "wasm32")]
mod js;
