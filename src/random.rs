//! Random identifiers and pauses, from the host's secure generator.

use crate::error::{NotConfigured, Result};
use crate::hex::to_hex;

/// `N` random bytes as lower-case hex. Fails with `not_configured` where the host has no secure
/// generator.
pub fn random_hex<const N: usize>() -> Result<String> {
    Ok(to_hex(&random_bytes::<N>()?))
}

/// A random number below `bound`, or 0; not for secrets. Fails as [`random_hex`] does.
pub fn random_below(bound: i64) -> Result<i64> {
    // The bias of a remainder is of no consequence for a pause.
    Ok(i64::from(u32::from_le_bytes(random_bytes()?)).checked_rem(bound).unwrap_or(0))
}

/// `N` random bytes. Fails as [`random_hex`] does.
pub fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NotConfigured::RandomNumbers)?;
    Ok(bytes)
}
