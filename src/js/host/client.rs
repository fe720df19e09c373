//! A client's registration as the host returned it. It is passed to the sender unchanged.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::client::Client;
use crate::error::{Cause, Error, Result, SenderFailed};
use crate::js::error::Thrown;
use crate::js::wire::{is_absent, string};

type Member = std::result::Result<JsValue, JsValue>;

#[wasm_bindgen]
extern "C" {
    /// A registration, read with structural getters, because it may be of any class.
    #[derive(Clone)]
    pub type Registration;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn enabled(this: &Registration) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = backChannelLogoutUri)]
    fn back_channel_logout_uri(this: &Registration) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = backChannelLogoutSessionRequired)]
    fn back_channel_logout_session_required(
        this: &Registration,
    ) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = backChannelLogoutBy)]
    fn back_channel_logout_by(this: &Registration) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = coordinateLifetimeWithUserSession)]
    fn coordinate_lifetime_with_user_session(
        this: &Registration,
    ) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = securityEventUri)]
    fn security_event_uri(this: &Registration) -> std::result::Result<JsValue, JsValue>;
}

#[wasm_bindgen(raw_module = "./core/registration.js")]
extern "C" {
    /// The name of a member that resembles a known one, and the known name.
    #[wasm_bindgen(catch)]
    fn misnamed(registration: &JsValue) -> std::result::Result<Option<Array>, JsValue>;
}

/// A client's registration.
#[derive(Clone)]
pub struct JsClient(Registration);

impl JsClient {
    /// The registration; `None` if it isn't an object. Fails with `sender_failed` if the name of a
    /// member resembles a known one, because a misspelt member would count as absent.
    pub fn new(value: JsValue) -> Result<Option<Self>> {
        if !value.is_object() {
            return Ok(None);
        }
        let names = misnamed(&value)
            .map_err(|value| wrong("clientId", "readable", Some(Thrown::cause(value))))?;
        if let Some(names) = names {
            let name = |index| names.get(index).as_string().unwrap_or_default();
            return Err(SenderFailed::Misnamed { given: name(0), known: name(1) }.into());
        }
        Ok(Some(JsClient(value.unchecked_into())))
    }

    /// The object itself.
    pub fn object(&self) -> &JsValue {
        &self.0
    }
}

fn wrong(member: &'static str, wanted: &'static str, source: Option<Cause>) -> Error {
    SenderFailed::Registration { member, wanted, source }.into()
}

/// A member that may be absent.
fn optional<T>(
    name: &'static str,
    value: Member,
    wanted: &'static str,
    read: fn(&JsValue) -> Option<T>,
) -> Result<Option<T>> {
    let value = value.map_err(|value| wrong(name, "readable", Some(Thrown::cause(value))))?;
    if is_absent(&value) {
        return Ok(None);
    }
    read(&value).map(Some).ok_or_else(|| wrong(name, wanted, None))
}

fn flag(name: &'static str, value: Member) -> Result<Option<bool>> {
    optional(name, value, "true or false", JsValue::as_bool)
}

fn uri(name: &'static str, value: Member) -> Result<Option<String>> {
    optional(name, value, "a string", string)
}

impl Client for JsClient {
    fn enabled(&self) -> Result<bool> {
        Ok(flag("enabled", self.0.enabled())?.unwrap_or(true))
    }

    fn back_channel_logout_uri(&self) -> Result<Option<String>> {
        uri("backChannelLogoutUri", self.0.back_channel_logout_uri())
    }

    fn back_channel_logout_session_required(&self) -> Result<bool> {
        let name = "backChannelLogoutSessionRequired";
        Ok(flag(name, self.0.back_channel_logout_session_required())?.unwrap_or(false))
    }

    fn back_channel_logout_by_subject(&self) -> Result<bool> {
        let (name, wanted) = ("backChannelLogoutBy", "`subject` or `session`");
        let by = optional(name, self.0.back_channel_logout_by(), wanted, |value| {
            match value.as_string()?.as_str() {
                "subject" => Some(true),
                "session" => Some(false),
                _ => None,
            }
        })?;
        Ok(by.unwrap_or(false))
    }

    fn coordinate_lifetime_with_user_session(&self) -> Result<Option<bool>> {
        let name = "coordinateLifetimeWithUserSession";
        flag(name, self.0.coordinate_lifetime_with_user_session())
    }

    fn security_event_uri(&self) -> Result<Option<String>> {
        uri("securityEventUri", self.0.security_event_uri())
    }
}
