//! The injected client lookup and sender as ports. A registration stays the object that the lookup
//! returned; the sender gets it whole.

use wasm_bindgen::prelude::*;

use super::convert::notification_members;
use super::error::unexpected;
use super::host::{CallHost, Function};
use super::imports::security_event;
use super::value::{Slot, Value, is_absent, object, read_open};
use crate::client::Client;
use crate::error::{Code, Error, Result};
use crate::notification::{NotificationKind, Outcome};
use crate::ports::{ClientLookup, LogoutSender, Message};

/// A client's registration as the host returned it.
#[derive(Clone)]
pub struct JsClient(JsValue);

impl JsClient {
    fn member(&self, name: &'static str, slot: Slot) -> Result<()> {
        read_open(&self.0, "the client's registration", &mut [(name, slot)])
            .map_err(|error| Error::new(Code::SenderFailed, error.message()))
    }

    fn flag(&self, name: &'static str) -> Result<Option<bool>> {
        let mut flag = None;
        self.member(name, Slot::Flag(&mut flag))?;
        Ok(flag)
    }

    fn text(&self, name: &'static str) -> Result<Option<String>> {
        let mut text = None;
        self.member(name, Slot::Text(&mut text))?;
        Ok(text)
    }
}

impl Client for JsClient {
    fn enabled(&self) -> Result<bool> {
        Ok(self.flag("enabled")?.unwrap_or(true))
    }

    fn back_channel_logout_uri(&self) -> Result<Option<String>> {
        self.text("backChannelLogoutUri")
    }

    fn back_channel_logout_session_required(&self) -> Result<bool> {
        Ok(self.flag("backChannelLogoutSessionRequired")?.unwrap_or(false))
    }

    fn coordinate_lifetime_with_user_session(&self) -> Result<Option<bool>> {
        self.flag("coordinateLifetimeWithUserSession")
    }

    fn security_event_uri(&self) -> Result<Option<String>> {
        self.text("securityEventUri")
    }
}

impl ClientLookup for CallHost {
    type Client = JsClient;

    async fn client(&self, client_id: &str) -> Result<Option<JsClient>> {
        let client = self.call(Function::Clients, &[client_id.into()]).await?;
        if is_absent(&client) {
            return Ok(None);
        }
        if !client.is_object() {
            return Err(
                self.wrong_shape(Function::Clients, "a client's registration or `undefined`")
            );
        }
        Ok(Some(JsClient(client)))
    }
}

impl LogoutSender<JsClient> for CallHost {
    async fn send(&self, message: &Message<'_, JsClient>) -> Result<Outcome> {
        let options = object(&[("signal", Value::Object(self.limits.signal.clone()))]);
        let outcome = self.call(Function::SendLogout, &[message_to_js(message)?, options]).await?;
        let wanted = "`{ delivered: true, status? }` or `{ delivered: false, retry, retryAfter?, status?, error }`";
        outcome_from_js(&outcome).ok_or_else(|| self.wrong_shape(Function::SendLogout, wanted))
    }
}

fn message_to_js(message: &Message<'_, JsClient>) -> Result<JsValue> {
    let claims = &message.claims;
    // The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4), ready to
    // be signed.
    let claims = [
        ("iss", Value::MaybeText(&claims.iss)),
        ("aud", Value::Text(&claims.aud)),
        ("iat", Value::Time(Some(claims.iat))),
        ("exp", Value::Time(Some(claims.exp))),
        ("jti", Value::Text(&claims.jti)),
        (
            "events",
            Value::Members(&[(
                "http://schemas.openid.net/event/backchannel-logout",
                Value::Members(&[]),
            )]),
        ),
        ("sub", Value::MaybeText(&claims.sub)),
        ("sid", Value::MaybeText(&claims.sid)),
        ("logout_reason", Value::Text(claims.logout_reason.as_str())),
    ];
    let mut members = Vec::from(notification_members(message.notification));
    members.push(("client", Value::Object(message.client.0.clone())));
    members.push(("claims", Value::Members(&claims)));
    let object = object(&members);
    match message.notification.kind {
        NotificationKind::Logout => Ok(object),
        NotificationKind::SessionRevoked => security_event(&object).map_err(unexpected),
    }
}

fn outcome_from_js(value: &JsValue) -> Option<Outcome> {
    let (mut delivered, mut retry, mut retry_after, mut status, mut error) =
        (None, None, None, None, None);
    let members = &mut [
        ("delivered", Slot::Flag(&mut delivered)),
        ("retry", Slot::Flag(&mut retry)),
        ("retryAfter", Slot::Number(&mut retry_after)),
        ("status", Slot::Number(&mut status)),
        ("error", Slot::Text(&mut error)),
    ];
    read_open(value, "the outcome", members).ok()?;
    let status = status.map(|status| status as u16);
    if delivered? {
        return Some(Outcome::Delivered { status });
    }
    let retry_after = retry_after.filter(|seconds| *seconds > 0.0);
    Some(Outcome::Failed {
        retry: retry?,
        retry_after: retry_after.map(|seconds| (seconds * 1_000.0) as i64),
        status,
        error: error?,
    })
}
