//! Serde helpers for members that may be absent or `null`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

/// The newtype name that asks the boundary's deserializer to tell an absent member from `null`. The
/// deserializer visits a unit if the member is absent.
pub(crate) const PRESENT: &str = "Present";

/// Reads a member that may be `null`. Used with `#[serde(default)]`: an absent member gives `None`
/// and keeps the stored value, and `null` gives `Some(None)` and clears it.
pub fn present<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Present<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Present<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any value")
        }

        fn visit_unit<E>(self) -> Result<Option<T>, E> {
            Ok(None)
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(
            self,
            from: D,
        ) -> Result<Option<T>, D::Error> {
            T::deserialize(from).map(Some)
        }
    }

    from.deserialize_newtype_struct(PRESENT, Present(PhantomData))
}

/// Reads a member and treats `null` as absent.
pub fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}
