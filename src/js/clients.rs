//! The injected client lookup and sender as ports. A registration stays the object that the lookup returned; the sender gets
//! it whole.

use wasm_bindgen::prelude::*;

use super::convert::{claims_to_js, notification_to_js};
use super::host::CallHost;
use super::value::{Fields, Literal, is_absent};
use crate::error::{Code, Error, Result};
use crate::logout::{Client, Outcome};
use crate::ports::{ClientLookup, LogoutSender, Message};

/// A client's registration as the host returned it.
#[derive(Clone)]
pub struct JsClient(JsValue);

impl JsClient {
    fn member<T>(&self, read: impl Fn(&Fields) -> Result<T>) -> Result<T> {
        let read = Fields::read_open(&self.0, "the client's registration").and_then(|fields| read(&fields));
        read.map_err(|error| Error::new(Code::SenderFailed, error.message()))
    }
}

impl Client for JsClient {
    fn enabled(&self) -> Result<bool> {
        self.member(|fields| Ok(fields.flag("enabled")?.unwrap_or(true)))
    }

    fn back_channel_logout_uri(&self) -> Result<Option<String>> {
        self.member(|fields| fields.text("backChannelLogoutUri"))
    }

    fn back_channel_logout_session_required(&self) -> Result<bool> {
        self.member(|fields| Ok(fields.flag("backChannelLogoutSessionRequired")?.unwrap_or(false)))
    }
}

impl ClientLookup for CallHost {
    type Client = JsClient;

    async fn client(&self, client_id: &str) -> Result<Option<JsClient>> {
        let Some(callback) = &self.injected.clients else {
            return Err(Error::new(Code::NotConfigured, "no client lookup is injected: set `clients`"));
        };
        let client = callback.call(&[client_id.into()], &self.limits).await?;
        if is_absent(&client) {
            return Ok(None);
        }
        if !client.is_object() {
            return Err(callback.wrong_shape("a client's registration or `undefined`"));
        }
        Ok(Some(JsClient(client)))
    }
}

impl LogoutSender<JsClient> for CallHost {
    async fn send(&self, message: &Message<'_, JsClient>) -> Result<Outcome> {
        let Some(callback) = &self.injected.send_logout else {
            return Err(Error::new(Code::NotConfigured, "no sender is injected: set `sendLogout`"));
        };
        let object = notification_to_js(message.notification);
        object.set("client", &message.client.0);
        object.set("claims", claims_to_js(&message.claims));
        let options = Literal::new();
        if !self.limits.signal.is_undefined() {
            options.set("signal", &self.limits.signal);
        }
        let outcome = callback.call(&[object.done(), options.done()], &self.limits).await?;
        outcome_from_js(&outcome).ok_or_else(|| {
            callback.wrong_shape(
                "`{ delivered: true, status? }` or `{ delivered: false, retry, retryAfter?, status?, error }`",
            )
        })
    }
}

fn outcome_from_js(value: &JsValue) -> Option<Outcome> {
    let fields = Fields::read_open(value, "the outcome").ok()?;
    let status = fields.number("status").ok()?.map(|status| status as u16);
    if fields.flag("delivered").ok()?? {
        return Some(Outcome::Delivered { status });
    }
    let retry_after = fields.number("retryAfter").ok()?.filter(|seconds| *seconds > 0.0);
    Some(Outcome::Failed {
        retry: fields.flag("retry").ok()??,
        retry_after: retry_after.map(|seconds| (seconds * 1_000.0) as i64),
        status,
        error: fields.text("error").ok()??,
    })
}
