//! How serde reads members that may be absent or `null`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

/// The newtype by which a deserializer learns that an absent member differs from `null`. It visits
/// a unit for an absent one.
pub(crate) const PRESENT: &str = "Present";

/// Reads a member that is there, `null` included. Beside `#[serde(default)]`, an absent member is
/// `None` and leaves the value as it is, and `null` is `Some(None)` and clears it.
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

/// Reads a member for which `null` means the same as absent.
pub fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}
