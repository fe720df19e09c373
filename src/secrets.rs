//! Keys, cookie values, tickets and tokens never appear in errors, events or debug output.
//!
//! - No variant of [`ErrorKind`](crate::error::ErrorKind) has a field for a secret.
//! - `Debug` prints neither a [`SessionKey`] nor a [`CookieValue`].
//! - The cause of an error comes from the host. The stores of the package remove the values that
//!   database drivers add to it (`pkg-template/src/stores/driver-error-values.ts`).
//! - The key ring names a key only by its id (`pkg-template/src/key-ring.ts`).
//!
//! `tests/boundary/secrets.test.mjs` searches all output for secrets.

use std::fmt;

use crate::cookie_value::CookieValue;
use crate::session::SessionKey;

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

impl fmt::Debug for CookieValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieValue(..)")
    }
}
