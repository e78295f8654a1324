//! Reads a type from a body, in our own words where it does not fit.
//!
//! Two things differ from `serde_json`: its messages repeat the value that was sent, ours never do;
//! and it takes an array for a struct and the last of two members of one name, which are refused
//! here.

use std::fmt::{self, Display};

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::tree::Tree;

/// A part of a body that does not fit.
#[derive(Debug)]
pub(super) struct Fault {
    /// The member that it is about, if that is not the part itself.
    pub(super) member: Option<String>,
    pub(super) detail: String,
}

impl Fault {
    fn here(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            member: None,
            detail,
        }
    }

    fn of(member: &str, detail: &str) -> Self {
        let member = Some(member.to_owned());
        Self {
            member,
            ..Self::here(detail)
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    /// Comes from our own types, whose errors don't repeat what they were given.
    fn custom<T: Display>(message: T) -> Self {
        Self::here(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::here(format!("needs {}", in_json(&expected.to_string())))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::here(format!("needs one of {}", expected.join(", ")))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::here(format!("is not a member; there is {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of(field, "is required")
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::of(field, TWICE)
    }
}

const TWICE: &str = "is there twice";

/// What a type of Rust is called in JSON.
fn in_json(expected: &str) -> &str {
    match expected {
        "u32" | "u64" | "usize" => "a whole number that is not negative",
        "a map" => "an object",
        "a sequence" => "an array",
        other => other,
    }
}

/// A part of a body, to be read.
#[derive(Clone, Copy)]
pub(super) struct Member<'a>(pub(super) &'a Tree);

impl<'de> Deserializer<'de> for Member<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Tree::Null => visitor.visit_unit(),
            Tree::Boolean(value) => visitor.visit_bool(*value),
            Tree::Unsigned(value) => visitor.visit_u64(*value),
            Tree::Signed(value) => visitor.visit_i64(*value),
            Tree::Float(value) => visitor.visit_f64(*value),
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            Tree::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Member))),
            Tree::Object(members) => {
                for (at, (name, _)) in members.iter().enumerate() {
                    if members[..at].iter().any(|(before, _)| before == name) {
                        return Err(Fault::of(name, TWICE));
                    }
                }
                let members = members
                    .iter()
                    .map(|(name, tree)| (name.as_str(), Member(tree)));
                visitor.visit_map(MapDeserializer::new(members))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Tree::Object(_) => self.deserialize_any(visitor),
            _ => Err(Fault::here("needs an object")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Tree::Text(word) => visitor.visit_enum(word.as_str().into_deserializer()),
            _ => Err(Fault::unknown_variant("", words)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Fault> for Member<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
