//! JSON objects in the bodies of requests.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::wire::{Problem, Request};

/// A JSON object that has no member twice.
pub(super) struct Members(pub(super) Map<String, Value>);

impl Members {
    /// # Errors
    /// 400 if the body is no JSON object, or has a member twice.
    pub(super) fn read(request: &Request) -> Result<Self, Problem> {
        serde_json::from_slice(request.body()).map_err(|error| {
            let what = match error.classify() {
                Category::Data => "the body is not a JSON object with those members",
                Category::Io | Category::Syntax | Category::Eof => "the body is not JSON",
            };
            Problem::bad(format!("{what}: {error}"))
        })
    }
}

impl<'d> Deserialize<'d> for Members {
    fn deserialize<D: Deserializer<'d>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'d> Visitor<'d> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut from: A) -> Result<Members, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = from.next_entry::<String, Value>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("{name} is given twice")));
            }
            members.insert(name, value);
        }
        Ok(Members(members))
    }
}
