//! Reading the caller's objects and making objects for callbacks, both driven by tables of members:
//! code for each member of each object would be a third of the module.
//!
//! Absent means missing, `undefined` or `null`. A name that is not known is an error: a misspelt
//! option must not be ignored.

use js_sys::{Array, Date, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::convert;
use super::error::unexpected;
use super::imports::{self, epoch_milliseconds};
use crate::error::{Error, Result};
use crate::filter::{TextMatch, TimeRange};
use crate::query::TextFilter;
use crate::session::ClientSession;
use crate::time::Millis;

/// Where a member that is read goes. A member that is absent leaves its place as it is, unless it
/// is required.
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

/// Reads an object. Absent counts as empty. Fails with `invalid_argument` if it is no object, has
/// an unknown member or one of the wrong form; the places are then half filled, and not to be used.
pub fn read(value: &JsValue, what: &'static str, members: Slots) -> Result<()> {
    read_members(value, what, members, true)
}

/// Reads an object that may have other members.
pub fn read_open(value: &JsValue, what: &'static str, members: Slots) -> Result<()> {
    read_members(value, what, members, false)
}

/// Reads the members together: what is a text, a whole number, a flag or absent comes in one
/// crossing, the rest one by one.
fn read_members(
    value: &JsValue,
    what: &'static str,
    members: Slots,
    only_these: bool,
) -> Result<()> {
    let names = members.iter().map(|(name, _)| *name);
    let mut plain = String::new();
    if !is_absent(value) {
        let joined = names.clone().fold(String::new(), |joined, name| joined + name + "\0");
        let read = imports::read_members(value, &joined, only_these).map_err(unexpected)?;
        plain = read.ok_or_else(|| Error::invalid([what, " must be an object"].concat()))?;
    }
    let mut plain = plain.split('\0');
    if let Some(unknown) = plain.next().and_then(|first| first.strip_prefix('!')) {
        let known: Vec<_> = names.collect();
        return Err(Error::invalid(
            [what, " has no option `", unknown, "`: it has ", &known.join(", ")].concat(),
        ));
    }
    for (name, slot) in members {
        if slot.fill(plain.next().unwrap_or(ABSENT)) {
            continue;
        }
        let value = match is_absent(value) {
            true => JsValue::UNDEFINED,
            false => Reflect::get(value, &JsValue::from_str(name))
                .map_err(|thrown| wrong(what, name, "readable").because(thrown))?,
        };
        Member { what, name, value }.fill(slot)?;
    }
    Ok(())
}

/// How `readMembers` writes what is missing or `undefined`.
const ABSENT: &str = "u";

impl Slot<'_> {
    /// Takes a value as `readMembers` writes it; false if it has to be looked at itself.
    fn fill(&mut self, plain: &str) -> bool {
        let (kind, rest) = plain.split_at_checked(1).unwrap_or_default();
        // A lone surrogate has become another character by now.
        let text = || (kind == "s" && !rest.contains('\u{fffd}')).then(|| rest.to_owned());
        let number = || if kind == "i" { rest.parse::<Millis>().ok() } else { None };
        let taken = match self {
            Slot::Known => Some(()),
            Slot::RequiredText(place) => text().map(|text| **place = text),
            Slot::RequiredTime(place) => number().map(|time| **place = time),
            _ if kind == ABSENT => Some(()),
            Slot::Text(_) | Slot::Flag(_) | Slot::Number(_) | Slot::Time(_) if kind == "n" => {
                Some(())
            }
            Slot::Text(place) => text().map(|text| **place = Some(text)),
            Slot::Flag(place) => matches!(kind, "t" | "f").then(|| **place = Some(kind == "t")),
            Slot::Number(place) => number().map(|number| **place = Some(number as f64)),
            Slot::Time(place) => number().map(|time| **place = Some(time)),
            _ => None,
        };
        taken.is_some()
    }
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
                let bounds: Slots = &mut [
                    ("after", Slot::Time(&mut range.after)),
                    ("before", Slot::Time(&mut range.before)),
                ];
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
            let (Some(name), Some(value)) = (text(&entry.get(0)), text(&entry.get(1))) else {
                return Err(wrong());
            };
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
            _ => {
                Err(self
                    .wrong("a text, or one of `{ equals }`, `{ startsWith }` and `{ contains }`"))
            }
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

/// A text, unless it is something else or not well formed: on its way in, a lone surrogate would
/// become another text.
pub fn text(value: &JsValue) -> Option<String> {
    let text = value.as_string()?;
    let well_formed = !text.contains('\u{fffd}')
        || value.dyn_ref::<JsString>().is_some_and(JsString::is_valid_utf16);
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
    /// A whole number.
    Number(Option<f64>),
    /// Epoch milliseconds, or for claims seconds.
    Time(Option<Millis>),
    /// A `Date`.
    Date(Option<Millis>),
    Texts(&'a [String]),
    TextMap(&'a [(String, String)]),
    /// An object of these members.
    Members(&'a [(&'a str, Value<'a>)]),
    Object(JsValue),
}

/// Makes an object: from one text, for crossing the boundary with each member takes longer than all
/// the rest.
pub fn object(members: &[(&str, Value)]) -> JsValue {
    let mut json = Json(String::new());
    json.members(members);
    // It is well formed.
    let object = js_sys::JSON::parse(&json.0).unwrap_or_default();
    for (name, value) in members {
        let value = match value {
            Value::Date(Some(time)) => Date::new(&JsValue::from_f64(*time as f64)).into(),
            Value::Object(value) => value.clone(),
            _ => continue,
        };
        if !value.is_undefined() {
            // A plain object of our own refuses no member.
            let _ = Reflect::set(&object, &JsValue::from_str(name), &value);
        }
    }
    object
}

/// A text in JSON (RFC 8259) that grows.
struct Json(String);

impl Json {
    fn members(&mut self, members: &[(&str, Value)]) {
        self.0.push('{');
        for (name, value) in members {
            let end = self.0.len();
            self.name(name);
            if !self.value(value) {
                self.0.truncate(end);
            }
        }
        self.0.push('}');
    }

    fn name(&mut self, name: &str) {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        self.text(name);
        self.0.push(':');
    }

    /// False if nothing was written.
    fn value(&mut self, value: &Value) -> bool {
        match value {
            Value::Text(text) => self.text(text),
            Value::MaybeText(Some(text)) | Value::ClearableText(Some(Some(text))) => {
                self.text(text)
            }
            Value::Null | Value::ClearableText(Some(None)) => self.0.push_str("null"),
            Value::Flag(flag) => self.0.push_str(if *flag { "true" } else { "false" }),
            Value::Number(Some(number)) => self.0.push_str(&(*number as i64).to_string()),
            Value::Time(Some(time)) => self.0.push_str(&time.to_string()),
            Value::Texts(texts) => {
                self.0.push('[');
                for (index, text) in texts.iter().enumerate() {
                    if index > 0 {
                        self.0.push(',');
                    }
                    self.text(text);
                }
                self.0.push(']');
            }
            Value::TextMap(map) => {
                self.0.push('{');
                for (name, text) in *map {
                    self.name(name);
                    self.text(text);
                }
                self.0.push('}');
            }
            Value::Members(members) => self.members(members),
            Value::Absent | Value::MaybeText(None) | Value::ClearableText(None) => return false,
            Value::Number(None) | Value::Time(None) | Value::Date(_) | Value::Object(_) => {
                return false;
            }
        }
        true
    }

    fn text(&mut self, text: &str) {
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => self.0.extend(['\\', character]),
                '\0'..='\x1f' => {
                    let digit = |value: u32| char::from_digit(value, 16).unwrap_or('0');
                    let code = character as u32;
                    self.0.extend(['\\', 'u', '0', '0', digit(code >> 4), digit(code & 15)]);
                }
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
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
