//! Tickets: the sign-in path. A ticket is the provider's own data about a sign-in, which it wants
//! back at each request. It is sealed before it reaches the store.

mod request;
mod sealing;
mod store;

pub use request::{NewSession, Renewal};
pub use sealing::{Opened, RowOf, TicketCipher, open_ticket};
pub use store::{DEFAULT_SCHEME, RetrievedSession, TicketStore};
