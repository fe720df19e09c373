//! Random identifiers, from the host's secure generator.

use crate::error::{Code, Error, Result};

/// `N` random bytes as lower-case hex. Fails with `not_configured` where the host has no secure generator.
pub fn random_hex<const N: usize>() -> Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| {
        Error::new(
            Code::NotConfigured,
            "the host gives no secure random numbers here: call inside a request or function, not while a module loads",
        )
    })?;
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Ok(digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect())
}
