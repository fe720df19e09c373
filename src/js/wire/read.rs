//! Reads a caller's values into Rust types.
//!
//! serde-wasm-bindgen's `Deserializer` isn't enough: for a struct it only looks up known fields, so
//! it ignores misspelt options, and it reads a `Map`, a `Date` or a `Promise` as an object without
//! members. This one reads the members that an object really has.

use std::fmt;

use js_sys::{Array, JsString};
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::prelude::*;

#[cfg(feature = "services")]
use super::handle;
use super::list::List;
use crate::error::{Error, InvalidArgument, Result};
use crate::js::error::unexpected;
use crate::optional_members::PRESENT;

#[wasm_bindgen(raw_module = "./plain-object.js")]
extern "C" {
    /// The names and values of a plain object's members, alternating; `undefined` for anything
    /// else.
    #[wasm_bindgen(catch)]
    fn members(value: &JsValue) -> std::result::Result<Option<Array>, JsValue>;
    #[wasm_bindgen(catch, js_name = isThenable)]
    fn is_thenable(value: &JsValue) -> std::result::Result<bool, JsValue>;
}

#[wasm_bindgen(raw_module = "./instant.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = epochMilliseconds)]
    fn epoch_milliseconds(time: &JsValue) -> std::result::Result<Option<f64>, JsValue>;
}

/// Reads a value; an absent one counts as an empty object. Messages call it `what`.
///
/// Fails with `invalid_argument` and the path of the missing, unknown or invalid member.
#[inline(never)]
pub fn read<T: DeserializeOwned>(value: &JsValue, what: &str) -> Result<T> {
    // Read an absent value as `null`, which counts as an object without members.
    let value = if is_absent(value) { JsValue::NULL } else { value.clone() };
    T::deserialize(Value(value)).map_err(|mismatch| mismatch.into_error(what))
}

/// The string, unless it isn't well formed or the value isn't a string. wasm-bindgen would replace
/// a lone surrogate with another character.
pub fn string(value: &JsValue) -> Option<String> {
    let text = value.as_string()?;
    let well_formed = !text.contains('\u{fffd}')
        || value.dyn_ref::<JsString>().is_some_and(JsString::is_valid_utf16);
    well_formed.then_some(text)
}

/// Whether a value is `undefined` or `null`.
pub fn is_absent(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

/// A problem with a value and the path to it. It is one pointer wide, because every function here
/// returns it.
struct Mismatch(Box<Place>);

struct Place {
    /// The member names from the outermost object, separated by dots.
    path: String,
    problem: Problem,
}

enum Problem {
    /// The expected type.
    Wanted(String),
    Missing,
    /// The unknown name and the known ones.
    Unknown(String, &'static [&'static str]),
    /// The value that reading a member threw.
    Unreadable(JsValue),
}

type Read<T> = std::result::Result<T, Mismatch>;

// Never inlined: errors are rare, and many places create them.
impl Mismatch {
    #[cold]
    #[inline(never)]
    fn new(problem: Problem) -> Self {
        Mismatch(Box::new(Place { path: String::new(), problem }))
    }

    #[cold]
    #[inline(never)]
    fn wanted(wanted: &str) -> Self {
        Mismatch::new(Problem::Wanted(wanted.to_owned()))
    }

    #[cold]
    #[inline(never)]
    fn inside(mut self, name: &str) -> Self {
        let Place { path, .. } = &mut *self.0;
        *path = if path.is_empty() { name.to_owned() } else { [name, ".", path].concat() };
        self
    }

    #[cold]
    fn into_error(self, what: &str) -> Error {
        let Place { path, problem } = *self.0;
        let place = match path.is_empty() {
            true => what.to_owned(),
            false => [what, ": `", &path, "`"].concat(),
        };
        match problem {
            Problem::Wanted(wanted) => InvalidArgument::Wrong { place, wanted, source: None },
            Problem::Missing => InvalidArgument::Missing { place },
            Problem::Unknown(name, known) => InvalidArgument::UnknownOption {
                what: what.to_owned(),
                name,
                inside: match path.is_empty() {
                    true => path,
                    false => [" in `", &path, "`"].concat(),
                },
                known: listed(known, ", "),
            },
            // The thrown error names the member itself.
            Problem::Unreadable(value) => return unexpected(value),
        }
        .into()
    }
}

impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.path)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.path)
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    #[cold]
    fn custom<T: fmt::Display>(wanted: T) -> Self {
        Mismatch::wanted(&wanted.to_string())
    }

    #[cold]
    #[inline(never)]
    fn invalid_type(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Mismatch::wanted(&wanted.to_string())
    }

    #[cold]
    #[inline(never)]
    fn invalid_value(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Mismatch::wanted(&wanted.to_string())
    }

    #[cold]
    #[inline(never)]
    fn unknown_variant(_: &str, words: &'static [&'static str]) -> Self {
        Mismatch::wanted(&listed(words, " or "))
    }

    #[cold]
    #[inline(never)]
    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Mismatch::new(Problem::Unknown(name.to_owned(), known))
    }

    #[cold]
    #[inline(never)]
    fn missing_field(name: &'static str) -> Self {
        Mismatch::new(Problem::Missing).inside(name)
    }
}

/// Names in backticks, separated by commas and, before the last one, by `last`.
fn listed(names: &[&str], last: &str) -> String {
    let mut list = String::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            list += if index + 1 == names.len() { last } else { ", " };
        }
        list += &["`", name, "`"].concat();
    }
    list
}

/// A JavaScript value to read from.
struct Value(JsValue);

impl Value {
    fn string(&self) -> Read<String> {
        match string(&self.0) {
            Some(text) => Ok(text),
            None if self.0.is_string() => {
                Err(Mismatch::wanted("a well-formed string: this one has a lone surrogate"))
            }
            None => Err(Mismatch::wanted("a string")),
        }
    }

    #[inline(never)]
    fn members(&self, wanted: impl FnOnce() -> String) -> Read<Members> {
        let list = members(&self.0).map_err(|thrown| Mismatch::new(Problem::Unreadable(thrown)))?;
        if let Some(list) = list {
            return Ok(Members { length: list.length(), list, next: 0, name: String::new() });
        }
        Err(Mismatch::wanted(&match is_thenable(&self.0) {
            Ok(true) => "a plain object and not a promise: await it first".to_owned(),
            _ => wanted(),
        }))
    }

    /// The values of these members, in order. `null` counts as an object without members.
    #[inline(never)]
    fn fields(&self, names: &'static [&'static str], is_open: bool) -> Read<Fields> {
        if self.0.is_undefined() {
            return Err(Mismatch::new(Problem::Missing));
        }
        let mut members = self.members(|| {
            // Name the members if there are only a few.
            match names.len() {
                1..=3 => ["a plain object `{ ", &names.join(", "), " }`"].concat(),
                _ => "a plain object".to_owned(),
            }
        })?;
        let mut values = vec![JsValue::UNDEFINED; names.len()];
        while members.read_name()? {
            let Value(value) = members.value();
            let place = names.iter().position(|name| *name == members.name);
            match place.and_then(|place| values.get_mut(place)) {
                Some(slot) => *slot = value,
                None if is_open => {}
                None => return Err(de::Error::unknown_field(&members.name, names)),
            }
        }
        Ok(Fields { values: values.into_iter(), names: names.iter() })
    }

    /// A whole number from 0 to `most`.
    #[inline(never)]
    fn whole_number(&self, most: f64) -> Read<u64> {
        let number = self.0.as_f64();
        let whole = number.filter(|number| (0.0..=most).contains(number) && number.fract() == 0.0);
        whole
            .map(|number| number as u64)
            .ok_or_else(|| Mismatch::wanted("a whole number, 0 or more"))
    }
}

/// `Number.MAX_SAFE_INTEGER`.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

impl<'de> Deserializer<'de> for Value {
    type Error = Mismatch;

    /// For values that may be a string, a list or an object.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.0.is_string() {
            return visitor.visit_string(self.string()?);
        }
        if let Some(list) = List::of(&self.0) {
            return visitor.visit_seq(Items { list, next: 0 });
        }
        match self.members(String::new) {
            Ok(members) => visitor.visit_map(members),
            Err(_) => Err(de::Error::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_bool(self.0.as_bool().ok_or_else(|| Mismatch::wanted("true or false"))?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_f64(self.0.as_f64().ok_or_else(|| Mismatch::wanted("a number"))?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_u64(self.whole_number(MAX_SAFE_INTEGER)?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_u64(self.whole_number(f64::from(u32::MAX))?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_u64(self.whole_number(f64::from(u16::MAX))?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if is_absent(&self.0) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    /// Instants and handles are newtypes, because serde has no types for them.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Read<V::Value> {
        match name {
            PRESENT if self.0.is_undefined() => visitor.visit_unit(),
            "Timestamp" => {
                let wanted = "an instant: a Date, an RFC 3339 string or epoch milliseconds";
                let time = epoch_milliseconds(&self.0).ok().flatten();
                let time = time.ok_or_else(|| Mismatch::wanted(wanted))? as i64;
                visitor.visit_newtype_struct(time.into_deserializer())
            }
            #[cfg(feature = "services")]
            handle::NAME => {
                handle::pass(self.0);
                visitor.visit_unit()
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let list = List::of(&self.0).ok_or_else(|| Mismatch::wanted("a list"))?;
        visitor.visit_seq(Items { list, next: 0 })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let members = self.members(|| "a plain object".to_owned())?;
        visitor.visit_map(members)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        visitor.visit_seq(self.fields(names, name == OPEN)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        let word = self.string().map_err(|_| Mismatch::wanted(&listed(words, " or ")))?;
        visitor.visit_enum(Word(word))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct
        identifier
    }
}

/// The members of an object, as alternating names and values.
struct Members {
    list: Array,
    length: u32,
    next: u32,
    name: String,
}

impl Members {
    /// Reads the next name, if there is one.
    #[inline(never)]
    fn read_name(&mut self) -> Read<bool> {
        let has_next = self.next < self.length;
        if has_next {
            self.name = string(&self.list.get(self.next)).ok_or_else(|| {
                let wanted = "an object with well-formed names: one has a lone surrogate";
                Mismatch::wanted(wanted)
            })?;
        }
        Ok(has_next)
    }

    /// The value that belongs to the name.
    #[inline(never)]
    fn value(&mut self) -> Value {
        let value = self.list.get(self.next + 1);
        self.next += 2;
        Value(value)
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        if !self.read_name()? {
            return Ok(None);
        }
        let name: StrDeserializer<'_, Mismatch> = self.name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        let value = self.value();
        seed.deserialize(value).map_err(|mismatch| mismatch.inside(&self.name))
    }
}

/// The serde name of types that ignore unknown members: `#[serde(rename(deserialize = "open"))]`.
/// For other types an unknown member is an error.
const OPEN: &str = "open";

/// The members of a type, in the order of its fields. Reading them as a sequence takes less code
/// than as names and values.
struct Fields {
    values: std::vec::IntoIter<JsValue>,
    names: std::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        let (Some(value), Some(name)) = (self.values.next(), self.names.next()) else {
            return Ok(None);
        };
        let is_absent = value.is_undefined();
        seed.deserialize(Value(value)).map(Some).map_err(|mismatch| match is_absent {
            true => de::Error::missing_field(name),
            false => mismatch.inside(name),
        })
    }
}

/// The items of a list.
struct Items {
    list: List,
    next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        if self.next >= self.list.len() {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        let item = self.list.get(index).map_err(|_| Mismatch::wanted("readable"));
        let read = item.and_then(|item| seed.deserialize(Value(item)));
        read.map(Some).map_err(|mismatch| mismatch.inside(&index.to_string()))
    }
}

/// An enum variant without members.
struct Word(String);

impl<'de> EnumAccess<'de> for Word {
    type Error = Mismatch;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Read<(V::Value, Self)> {
        let word: StrDeserializer<'_, Mismatch> = self.0.as_str().into_deserializer();
        Ok((seed.deserialize(word)?, self))
    }
}

impl<'de> VariantAccess<'de> for Word {
    type Error = Mismatch;

    fn unit_variant(self) -> Read<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Read<T::Value> {
        Err(Mismatch::wanted("a plain object with one member"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Read<V::Value> {
        Err(Mismatch::wanted("a plain object with one member"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Read<V::Value> {
        Err(Mismatch::wanted("a plain object with one member"))
    }
}
