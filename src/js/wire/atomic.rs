//! The result of a transaction, whose counts JavaScript has beside the lists.

use serde::{Deserialize, Serialize};

use crate::grant::GrantCounts;
use crate::ports::AtomicResult;
use crate::session::SessionKey;

/// `{ removed, recorded, tokens, consents, other }`.
#[derive(Serialize, Deserialize)]
pub struct AtomicResultMembers {
    removed: Vec<SessionKey>,
    recorded: Vec<String>,
    tokens: u64,
    consents: u64,
    other: u64,
}

impl From<AtomicResultMembers> for AtomicResult {
    fn from(members: AtomicResultMembers) -> Self {
        let AtomicResultMembers { removed, recorded, tokens, consents, other } = members;
        AtomicResult { removed, recorded, grants: GrantCounts { tokens, consents, other } }
    }
}

impl From<AtomicResult> for AtomicResultMembers {
    fn from(result: AtomicResult) -> Self {
        let AtomicResult { removed, recorded, grants } = result;
        let GrantCounts { tokens, consents, other } = grants;
        AtomicResultMembers { removed, recorded, tokens, consents, other }
    }
}
