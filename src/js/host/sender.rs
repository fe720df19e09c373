//! The injected client lookup and sender as ports.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use super::call_host::CallHost;
use super::client::JsClient;
use super::functions::HostFunction;
use crate::error::Result;
use crate::js::error::unexpected;
use crate::js::wire::{OutcomeMembers, is_absent, read, write};
use crate::notification::Outcome;
use crate::ports::{ClientLookup, LogoutSender, Message};

impl ClientLookup for CallHost {
    type Client = JsClient;

    async fn client(&self, client_id: &str) -> Result<Option<JsClient>> {
        let client = self.call(HostFunction::Clients, &[client_id.into()]).await?;
        if is_absent(&client) {
            return Ok(None);
        }
        let wanted = "a client's registration or `undefined`";
        let client = JsClient::new(client)?;
        client.map(Some).ok_or_else(|| self.wrong_shape(HostFunction::Clients, wanted))
    }
}

impl LogoutSender<JsClient> for CallHost {
    async fn send(&self, message: &Message<'_, JsClient>) -> Result<Outcome> {
        let options = self.signal_option()?.unwrap_or_else(|| Object::new().into());
        let arguments = [message_to_js(message)?, options];
        let outcome = self.call(HostFunction::SendLogout, &arguments).await?;
        let read = read::<OutcomeMembers>(&outcome, "the outcome").ok();
        read.and_then(OutcomeMembers::outcome).ok_or_else(|| {
            let wanted = "`{ delivered: true, status? }` or `{ delivered: false, retry, \
                          retryAfter?, status?, error }`";
            self.wrong_shape(HostFunction::SendLogout, wanted)
        })
    }
}

/// A `LogoutMessage`: the notification plus the client and the claims.
fn message_to_js(message: &Message<'_, JsClient>) -> Result<JsValue> {
    let object = write(message.notification)?;
    let members =
        [("client", message.client.object().clone()), ("claims", write(&message.claims)?)];
    for (name, value) in members {
        Reflect::set(&object, &name.into(), &value).map_err(unexpected)?;
    }
    Ok(object)
}
