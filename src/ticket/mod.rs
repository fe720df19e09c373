//! Tickets: the sign-in path. A ticket is the provider's data about a sign-in, returned with each
//! request. It is sealed before it is stored.

mod associated_data;
mod request;
mod sealing;
mod store;

pub use request::{NewSession, Renewal};
pub use sealing::{Opened, RowOf, TicketCipher, open_ticket};
pub use store::{DEFAULT_SCHEME, RetrievedSession, TicketStore};
