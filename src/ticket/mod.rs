//! Tickets: the sign-in path. What the provider wants back at each request, sealed before it reaches
//! the store.

mod request;
mod sealing;
mod store;

pub use request::{NewSession, Renewal};
pub use sealing::{Opened, RowOf, TicketCipher, open_ticket};
pub use store::{DEFAULT_SCHEME, RetrievedSession, TicketStore};
