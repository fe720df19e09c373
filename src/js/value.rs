//! Reading the caller's objects and making objects for callbacks.
//!
//! Absent means missing, `undefined` or `null`. A name that is not known is an error: a misspelt option must not be ignored.

use js_sys::{Array, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::error::unexpected;
use super::imports::epoch_milliseconds;
use crate::error::{Error, Result};
use crate::session::Millis;

/// An object of the caller's with known members.
pub struct Fields {
    what: &'static str,
    object: JsValue,
}

impl Fields {
    /// Reads an object. Absent counts as empty. Fails with `invalid_argument` if it is no object or has an unknown member.
    pub fn read(value: &JsValue, what: &'static str, known: &[&str]) -> Result<Self> {
        let fields = Self::read_open(value, what)?;
        if let Some(object) = fields.object.dyn_ref::<Object>() {
            for name in Object::keys(object).iter().filter_map(|name| name.as_string()) {
                if !known.contains(&name.as_str()) {
                    let message = [what, " has no option `", &name, "`: it has ", &known.join(", ")].concat();
                    return Err(Error::invalid(message));
                }
            }
        }
        Ok(fields)
    }

    /// Reads an object that may have other members.
    pub fn read_open(value: &JsValue, what: &'static str) -> Result<Self> {
        if is_absent(value) {
            return Ok(Fields { what, object: JsValue::UNDEFINED });
        }
        if !value.is_object() || Array::is_array(value) {
            return Err(Error::invalid([what, " must be an object"].concat()));
        }
        Ok(Fields { what, object: value.clone() })
    }

    /// The member, unless it is absent.
    pub fn get(&self, name: &str) -> Result<Option<JsValue>> {
        Ok(self.raw(name)?.filter(|value| !value.is_null()))
    }

    /// The member, unless it is missing or `undefined`: `null` is there.
    pub fn raw(&self, name: &str) -> Result<Option<JsValue>> {
        if self.object.is_undefined() {
            return Ok(None);
        }
        let value = Reflect::get(&self.object, &JsValue::from_str(name))
            .map_err(|thrown| self.wrong(name, "readable").because(thrown))?;
        Ok((!value.is_undefined()).then_some(value))
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<String>> {
        self.get(name)?.map(|value| text(&value).ok_or_else(|| self.wrong(name, "a text"))).transpose()
    }

    /// A text that must be there.
    pub fn required_text(&self, name: &str) -> Result<String> {
        self.text(name)?.ok_or_else(|| self.wrong(name, "a text"))
    }

    /// A flag.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.get(name)?.map(|value| value.as_bool().ok_or_else(|| self.wrong(name, "true or false"))).transpose()
    }

    /// A number.
    pub fn number(&self, name: &str) -> Result<Option<f64>> {
        self.get(name)?.map(|value| value.as_f64().ok_or_else(|| self.wrong(name, "a number"))).transpose()
    }

    /// An instant.
    pub fn time(&self, name: &str) -> Result<Option<Millis>> {
        self.get(name)?.map(|value| self.as_time(name, &value)).transpose()
    }

    /// This value as an instant.
    pub fn as_time(&self, name: &str, value: &JsValue) -> Result<Millis> {
        let time = epoch_milliseconds(value).map_err(unexpected)?;
        let wanted = "a time: a Date, ISO 8601 text or epoch milliseconds";
        time.map(|time| time as Millis).ok_or_else(|| self.wrong(name, wanted))
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let list = value.dyn_ref::<Array>().and_then(|list| list.iter().map(|item| text(&item)).collect());
        list.map(Some).ok_or_else(|| self.wrong(name, "a list of texts"))
    }

    /// Texts by name.
    pub fn text_map(&self, name: &str) -> Result<Option<Vec<(String, String)>>> {
        self.get(name)?.map(|value| self.as_text_map(name, &value)).transpose()
    }

    /// This value as texts by name.
    pub fn as_text_map(&self, name: &str, value: &JsValue) -> Result<Vec<(String, String)>> {
        let object = value.dyn_ref::<Object>().filter(|_| !Array::is_array(value));
        let entries = object.and_then(|object| {
            let entry = |entry: JsValue| {
                let entry = entry.dyn_into::<Array>().ok()?;
                Some((text(&entry.get(0))?, text(&entry.get(1))?))
            };
            Object::entries(object).iter().map(entry).collect::<Option<Vec<_>>>()
        });
        entries.ok_or_else(|| self.wrong(name, "an object of texts"))
    }

    /// The error for a member of the wrong form.
    pub fn wrong(&self, name: &str, wanted: &str) -> Error {
        Error::invalid([self.what, ": `", name, "` must be ", wanted].concat())
    }
}

/// Whether a value counts as not given.
pub fn is_absent(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

/// A text, unless it is something else or not well formed: on its way in, a lone surrogate would become another text.
pub fn text(value: &JsValue) -> Option<String> {
    let text = value.as_string()?;
    let well_formed = !text.contains('\u{fffd}') || value.dyn_ref::<JsString>().is_some_and(JsString::is_valid_utf16);
    well_formed.then_some(text)
}

/// An object under construction.
pub struct Literal(Object);

impl Literal {
    pub fn new() -> Self {
        Literal(Object::new())
    }

    /// Adds a member.
    pub fn set(&self, name: &str, value: impl Into<JsValue>) {
        // A plain object of our own refuses no member.
        let _ = Reflect::set(&self.0, &JsValue::from_str(name), &value.into());
    }

    /// Adds a text if there is one.
    pub fn text(&self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.set(name, text);
        }
    }

    /// Adds an instant if there is one.
    pub fn time(&self, name: &str, time: Option<Millis>) {
        if let Some(time) = time {
            self.set(name, time as f64);
        }
    }

    pub fn done(self) -> JsValue {
        self.0.into()
    }
}

/// Texts as a JavaScript list.
pub fn list(texts: &[String]) -> Array {
    texts.iter().map(|text| JsValue::from_str(text)).collect()
}
