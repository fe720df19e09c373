//! Random identifiers and pauses, from the host's secure generator.

use crate::error::{NotConfigured, Result};
use crate::hex::to_hex;

/// `N` random bytes as lower-case hex. Fails with `not_configured` if the host has no secure
/// generator.
pub fn random_hex<const N: usize>() -> Result<String> {
    Ok(to_hex(&random_bytes::<N>()?))
}

/// A random number below `bound`, or 0. Not for secrets. Fails like [`random_hex`].
pub fn random_below(bound: i64) -> Result<i64> {
    // For a pause, the bias of the remainder doesn't matter.
    Ok(i64::from(u32::from_le_bytes(random_bytes()?)).checked_rem(bound).unwrap_or(0))
}

/// `N` random bytes. Fails like [`random_hex`].
pub fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NotConfigured::RandomNumbers)?;
    Ok(bytes)
}
