//! How serde reads members that may be absent or `null`.

use serde::{Deserialize, Deserializer};

/// Reads a member that is there, `null` included. Beside `#[serde(default)]`, an absent member is
/// `None` and leaves the value as it is, and `null` is `Some(None)` and clears it.
pub fn present<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(from).map(Some)
}

/// Reads a member for which `null` means the same as absent.
pub fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}
