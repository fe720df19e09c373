//! Reading the caller's objects and making objects for callbacks, both driven by tables of members: code for each member of
//! each object would be a third of the module.
//!
//! Absent means missing, `undefined` or `null`. A name that is not known is an error: a misspelt option must not be ignored.

use js_sys::{Array, Date, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::unexpected;
use super::imports::epoch_milliseconds;
use crate::error::{Error, Result};
use crate::filter::{TextMatch, TimeRange};
use crate::query::TextFilter;
use crate::session::{ClientSession, Millis};

/// Where a member that is read goes. A member that is absent leaves its place as it is, unless it is required.
pub enum Slot<'a> {
    /// Nowhere: whoever uses it reads it.
    Known,
    /// Anything but `undefined`: `null` is there.
    Any(&'a mut Option<JsValue>),
    Text(&'a mut Option<String>),
    RequiredText(&'a mut String),
    /// A text that `null` clears.
    ClearableText(&'a mut Option<Option<String>>),
    Flag(&'a mut Option<bool>),
    Number(&'a mut Option<f64>),
    Time(&'a mut Option<Millis>),
    RequiredTime(&'a mut Millis),
    /// A time that `null` clears.
    ClearableTime(&'a mut Option<Option<Millis>>),
    Texts(&'a mut Option<Vec<String>>),
    /// Texts by name.
    TextMap(&'a mut Option<Vec<(String, String)>>),
    /// Texts by name that `null` clears.
    ClearableTextMap(&'a mut Option<Option<Vec<(String, String)>>>),
    Clients(&'a mut Vec<ClientSession>),
    TextFilter(&'a mut Option<TextFilter>),
    TextMatch(&'a mut Option<TextMatch>),
    Range(&'a mut TimeRange),
}

/// Members to be read, by name.
pub type Slots<'a, 'b> = &'a mut [(&'static str, Slot<'b>)];

/// Reads an object. Absent counts as empty. Fails with `invalid_argument` if it is no object, has an unknown member or one of
/// the wrong form; the places are then half filled, and not to be used.
pub fn read(value: &JsValue, what: &'static str, members: Slots) -> Result<()> {
    if let Some(object) = open(value, what)?.dyn_ref::<Object>() {
        for name in Object::keys(object) {
            let name = name.as_string().unwrap_or_default();
            if !members.iter().any(|(known, _)| *known == name) {
                let known: Vec<_> = members.iter().map(|(known, _)| *known).collect();
                let message = [what, " has no option `", &name, "`: it has ", &known.join(", ")].concat();
                return Err(Error::invalid(message));
            }
        }
    }
    read_open(value, what, members)
}

/// Reads an object that may have other members.
pub fn read_open(value: &JsValue, what: &'static str, members: Slots) -> Result<()> {
    let object = open(value, what)?;
    for (name, slot) in members {
        let member = Member { what, name, value: member(&object, what, name)? };
        member.fill(slot)?;
    }
    Ok(())
}

/// The object, or `undefined` where it is absent.
fn open(value: &JsValue, what: &'static str) -> Result<JsValue> {
    if is_absent(value) {
        return Ok(JsValue::UNDEFINED);
    }
    if !value.is_object() || Array::is_array(value) {
        return Err(Error::invalid([what, " must be an object"].concat()));
    }
    Ok(value.clone())
}

fn member(object: &JsValue, what: &str, name: &str) -> Result<JsValue> {
    if object.is_undefined() {
        return Ok(JsValue::UNDEFINED);
    }
    Reflect::get(object, &JsValue::from_str(name)).map_err(|thrown| wrong(what, name, "readable").because(thrown))
}

/// The error for a member of the wrong form.
pub fn wrong(what: &str, name: &str, wanted: &str) -> Error {
    Error::invalid([what, ": `", name, "` must be ", wanted].concat())
}

/// A member that is read.
struct Member {
    what: &'static str,
    name: &'static str,
    value: JsValue,
}

impl Member {
    fn fill(&self, slot: &mut Slot) -> Result<()> {
        let there = !is_absent(&self.value);
        match slot {
            Slot::Any(any) if !self.value.is_undefined() => **any = Some(self.value.clone()),
            Slot::ClearableText(text) if self.value.is_null() => **text = Some(None),
            Slot::ClearableTime(time) if self.value.is_null() => **time = Some(None),
            Slot::ClearableTextMap(map) if self.value.is_null() => **map = Some(None),
            Slot::Text(text) if there => **text = Some(self.text()?),
            Slot::RequiredText(text) => **text = self.text()?,
            Slot::ClearableText(text) if there => **text = Some(Some(self.text()?)),
            Slot::Flag(flag) if there => {
                **flag = Some(self.value.as_bool().ok_or_else(|| self.wrong("true or false"))?);
            }
            Slot::Number(number) if there => {
                **number = Some(self.value.as_f64().ok_or_else(|| self.wrong("a number"))?);
            }
            Slot::Time(time) if there => **time = Some(self.time()?),
            Slot::RequiredTime(time) => **time = self.time()?,
            Slot::ClearableTime(time) if there => **time = Some(Some(self.time()?)),
            Slot::Texts(list) if there => {
                **list = Some(texts(&self.value).ok_or_else(|| self.wrong("a list of texts"))?);
            }
            Slot::TextMap(map) if there => **map = Some(self.text_map()?),
            Slot::ClearableTextMap(map) if there => **map = Some(Some(self.text_map()?)),
            Slot::Clients(clients) if there => {
                let list = each(&self.value, convert::client_from_js);
                **clients = list.ok_or_else(|| self.wrong("a list of clients"))??;
            }
            Slot::TextFilter(filter) if there => **filter = Some(self.text_filter()?),
            Slot::TextMatch(wanted) if there => **wanted = Some(self.text_match()?),
            Slot::Range(range) => {
                let bounds: Slots =
                    &mut [("after", Slot::Time(&mut range.after)), ("before", Slot::Time(&mut range.before))];
                read(&self.value, "a time range", bounds)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&self) -> Result<String> {
        text(&self.value).ok_or_else(|| self.wrong("a text"))
    }

    fn time(&self) -> Result<Millis> {
        let time = epoch_milliseconds(&self.value).map_err(unexpected)?;
        let wanted = "a time: a Date, ISO 8601 text or epoch milliseconds";
        time.map(|time| time as Millis).ok_or_else(|| self.wrong(wanted))
    }

    fn text_map(&self) -> Result<Vec<(String, String)>> {
        let wrong = || self.wrong("an object of texts");
        let object = self.value.dyn_ref::<Object>().filter(|_| !Array::is_array(&self.value));
        let mut map = Vec::new();
        for entry in Object::entries(object.ok_or_else(wrong)?) {
            let entry = entry.unchecked_into::<Array>();
            let (Some(name), Some(value)) = (text(&entry.get(0)), text(&entry.get(1))) else { return Err(wrong()) };
            map.push((name, value));
        }
        Ok(map)
    }

    fn text_filter(&self) -> Result<TextFilter> {
        if self.value.is_string() {
            return self.text().map(TextFilter::Plain);
        }
        self.text_match().map(TextFilter::Explicit)
    }

    /// `{ equals }`, `{ startsWith }` or `{ contains }`, exactly one of them.
    fn text_match(&self) -> Result<TextMatch> {
        let (mut equals, mut starts_with, mut contains) = (None, None, None);
        let forms: Slots = &mut [
            ("equals", Slot::Text(&mut equals)),
            ("startsWith", Slot::Text(&mut starts_with)),
            ("contains", Slot::Text(&mut contains)),
        ];
        read(&self.value, "a text filter", forms)?;
        match (equals, starts_with, contains) {
            (Some(text), None, None) => Ok(TextMatch::Equals(text)),
            (None, Some(text), None) => Ok(TextMatch::StartsWith(text)),
            (None, None, Some(text)) => Ok(TextMatch::Contains(text)),
            _ => Err(self.wrong("a text, or one of `{ equals }`, `{ startsWith }` and `{ contains }`")),
        }
    }

    fn wrong(&self, wanted: &str) -> Error {
        wrong(self.what, self.name, wanted)
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

/// A list of texts, if it is one.
pub fn texts(value: &JsValue) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    for item in value.dyn_ref::<Array>()?.iter() {
        texts.push(text(&item)?);
    }
    Some(texts)
}

/// Reads each item of a list, which may be absent; `None` if it is something else.
pub fn each<T>(value: &JsValue, read: fn(&JsValue) -> Result<T>) -> Option<Result<Vec<T>>> {
    let mut items = Vec::new();
    if is_absent(value) {
        return Some(Ok(items));
    }
    for item in value.dyn_ref::<Array>()?.iter() {
        match read(&item) {
            Ok(item) => items.push(item),
            Err(error) => return Some(Err(error)),
        }
    }
    Some(Ok(items))
}

/// A member of an object that is made. What is absent is left out.
pub enum Value<'a> {
    Absent,
    Null,
    Text(&'a str),
    MaybeText(&'a Option<String>),
    /// `Some(None)` is `null`.
    ClearableText(&'a Option<Option<String>>),
    Flag(bool),
    Number(Option<f64>),
    /// Epoch milliseconds, or for claims seconds.
    Time(Option<Millis>),
    /// A `Date`.
    Date(Option<Millis>),
    Texts(&'a [String]),
    TextMap(&'a [(String, String)]),
    Object(JsValue),
}

/// Makes an object.
pub fn object(members: &[(&str, Value)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        let value = value.to_js();
        if !value.is_undefined() {
            // A plain object of our own refuses no member.
            let _ = Reflect::set(&object, &JsValue::from_str(name), &value);
        }
    }
    object.into()
}

impl Value<'_> {
    fn to_js(&self) -> JsValue {
        match self {
            Value::Text(text) => JsValue::from_str(text),
            Value::MaybeText(Some(text)) | Value::ClearableText(Some(Some(text))) => JsValue::from_str(text),
            Value::Null | Value::ClearableText(Some(None)) => JsValue::NULL,
            Value::Flag(flag) => JsValue::from_bool(*flag),
            Value::Number(Some(number)) => JsValue::from_f64(*number),
            Value::Time(Some(time)) => JsValue::from_f64(*time as f64),
            Value::Date(Some(time)) => Date::new(&JsValue::from_f64(*time as f64)).into(),
            Value::Absent | Value::MaybeText(None) | Value::ClearableText(None) => JsValue::UNDEFINED,
            Value::Number(None) | Value::Time(None) | Value::Date(None) => JsValue::UNDEFINED,
            Value::Texts(texts) => list(texts).into(),
            Value::TextMap(map) => {
                let object = Object::new();
                for (name, text) in *map {
                    let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(text));
                }
                object.into()
            }
            Value::Object(value) => value.clone(),
        }
    }
}

/// Texts as a JavaScript list.
pub fn list(texts: &[String]) -> Array {
    array(texts, |text| JsValue::from_str(text))
}

/// A list, each item made by `to_js`.
pub fn array<T>(items: &[T], to_js: fn(&T) -> JsValue) -> Array {
    let list = Array::new();
    for item in items {
        list.push(&to_js(item));
    }
    list
}
