//! The associated data of AES-GCM, which binds a sealed ticket to the key, the subject and the
//! session id of its row. A ticket that is copied to another row doesn't open.

use crate::session::SessionKey;

/// Returns the associated data of a ticket. Each part has its length in front, so different rows
/// always give different bytes. `version` is that of the sealed form.
pub(super) fn associated_data(
    version: &str,
    key: &SessionKey,
    subject_id: &str,
    session_id: &str,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in ["rollcall ticket", version, key.as_str(), subject_id, session_id] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}
