//! The parameters of a request, however they were sent: query, JSON, form or multipart.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::Failure;

/// One value as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Raw {
    /// Text, from a query or form, or a JSON string.
    Text(String),
    /// A JSON value that is not a string. Numbers keep their text.
    Json(Value),
}

impl From<Value> for Raw {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text),
            other => Self::Json(other),
        }
    }
}

/// One parameter as it was sent.
#[derive(Clone, Debug)]
struct Param {
    name: String,
    /// Whether the name was written with `[]`, which makes one value an array of one.
    is_array: bool,
    value: Raw,
}

impl Param {
    /// `a[]=1&a[]=2` is one of the spellings of an array.
    fn new(name: &str, value: Raw) -> Self {
        let plain = name.strip_suffix("[]");
        Self { name: plain.unwrap_or(name).to_owned(), is_array: plain.is_some(), value }
    }
}

/// Names and values in the order sent. A name may come more than once.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<Param>);

impl Params {
    /// The parameters of a query string. An empty one is as if it had not been sent.
    ///
    /// # Errors
    /// [`Failure::Malformed`] for text that is not UTF-8.
    pub fn from_query(query: &str) -> Result<Self, Failure> {
        let mut params = Self::from_form(query.as_bytes())?;
        params.0.retain(|param| param.value != Raw::Text(String::new()));
        Ok(params)
    }

    /// The parameters of an `application/x-www-form-urlencoded` body.
    ///
    /// # Errors
    /// [`Failure::Malformed`] for text that is not UTF-8.
    pub fn from_form(body: &[u8]) -> Result<Self, Failure> {
        // The parser replaces what is not UTF-8; a replaced name or password must not pass.
        let decoded = form_urlencoded::parse(body);
        let mut params = Vec::new();
        for (name, value) in decoded {
            if name.contains(char::REPLACEMENT_CHARACTER) || value.contains(char::REPLACEMENT_CHARACTER) {
                return Err(Failure::Malformed("不是有效的UTF-8"));
            }
            params.push(Param::new(&name, Raw::Text(value.into_owned())));
        }
        Ok(Self(params))
    }

    /// The members of a JSON object. An empty body has none.
    ///
    /// # Errors
    /// [`Failure::Malformed`] for anything else.
    pub fn from_json(body: &[u8]) -> Result<Self, Failure> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice::<Members>(body)
            .map(|members| Self(members.0))
            .map_err(|_| Failure::Malformed("应为JSON对象"))
    }

    /// The members of a JSON object that is itself a parameter.
    pub fn from_object(object: Map<String, Value>) -> Self {
        let param = |(name, value)| Param { name, is_array: false, value: Raw::from(value) };
        Self(object.into_iter().map(param).collect())
    }

    /// The text fields of a multipart form.
    pub fn from_fields(fields: Vec<(String, String)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| Param::new(&name, Raw::Text(value))).collect())
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, other: Params) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The values sent under this name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Raw> {
        self.0.iter().filter(move |param| param.name == name).map(|param| &param.value)
    }

    /// Whether the name was sent.
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// Whether the name was sent as that of an array, `name[]`.
    pub fn is_array(&self, name: &str) -> bool {
        self.0.iter().any(|param| param.is_array && param.name == name)
    }

    /// Everything sent, in the order sent: name, whether it is an array's, and value.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, bool, &Raw)> {
        self.0.iter().map(|param| (param.name.as_str(), param.is_array, &param.value))
    }

    /// The names sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|param| param.name.as_str())
    }
}

/// A JSON object whose repeated names are all kept: a map would let the last one win in silence.
struct Members(Vec<Param>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members, M::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    members.push(Param::new(&name, Raw::from(value)));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
