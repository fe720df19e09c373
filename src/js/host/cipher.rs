//! The package's key ring as the core's cipher. Tickets stay JavaScript values; the core never sees
//! their content.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use crate::error::{InvalidArgument, Result};
use crate::js::call::Call;
use crate::js::error::unexpected;
use crate::js::wire::Handle;
use crate::ticket::TicketCipher;

#[wasm_bindgen]
extern "C" {
    /// The `KeyRing` of `pkg-template/src/key-ring.ts`. `seal` and `open` are synchronous on Node
    /// and return a promise elsewhere.
    pub type KeyRing;
    #[wasm_bindgen(method, getter, catch)]
    fn current(this: &KeyRing) -> std::result::Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn seal(
        this: &KeyRing,
        key_id: &str,
        associated_data: &[u8],
        ticket: &JsValue,
    ) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn open(
        this: &KeyRing,
        key_id: &str,
        associated_data: &[u8],
        body: &str,
    ) -> std::result::Result<JsValue, JsValue>;
}

/// A key ring with the id of its current key.
pub struct JsCipher {
    ring: KeyRing,
    current: String,
}

impl JsCipher {
    pub fn new(ring: KeyRing) -> Result<Self> {
        let current = ring.current().map_err(unexpected)?;
        Ok(JsCipher { ring, current })
    }
}

impl TicketCipher for JsCipher {
    type Ticket = Handle;

    fn current(&self) -> &str {
        &self.current
    }

    async fn seal(&self, key_id: &str, associated_data: &[u8], ticket: &Handle) -> Result<String> {
        let sealed = self.ring.seal(key_id, associated_data, &ticket.0).map_err(unexpected)?;
        Call::of_package(sealed)
            .await?
            .as_string()
            .ok_or_else(|| InvalidArgument::UnsealedTicket.into())
    }

    async fn open(
        &self,
        key_id: &str,
        associated_data: &[u8],
        body: &str,
    ) -> Result<Option<Handle>> {
        let opened = self.ring.open(key_id, associated_data, body).map_err(unexpected)?;
        let opened = Call::of_package(opened).await?;
        if opened.is_undefined() {
            return Ok(None);
        }
        let ticket = Reflect::get(&opened, &"ticket".into()).map_err(unexpected)?;
        Ok(Some(Handle(ticket)))
    }
}
