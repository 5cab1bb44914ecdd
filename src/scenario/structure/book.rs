//! Looks things up in a JSON Schema as schemars writes it.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::scenario::document::{Kind, Node};
use crate::scenario::value::{Length, Moment, Size};

/// References and alternatives looked through to learn about a schema without applying it.
pub(super) const LOOK_AHEAD: u32 = 6;

pub(super) type Rules = Map<String, Value>;
pub(super) type Property<'a> = (&'a str, &'a Value);

/// The whole schema, to look things up in.
#[derive(Clone, Copy)]
pub(super) struct Book<'a>(pub(super) &'a Value);

impl<'a> Book<'a> {
    pub(super) fn target(self, rules: &Rules) -> Option<&'a Value> {
        let pointer = rules.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.0.pointer(pointer)
    }

    /// The schema's own description or that of the one it refers to, on one line.
    pub(super) fn description(self, schema: &'a Value) -> Option<String> {
        let mut rules = schema.as_object()?;
        for _ in 0..LOOK_AHEAD {
            if let Some(text) = rules.get("description").and_then(Value::as_str) {
                let paragraph = text.split("\n\n").next().unwrap_or_default();
                let words: Vec<&str> = paragraph.split_whitespace().collect();
                return Some(words.join(" "));
            }
            // An optional value of a named type is written as that type or null.
            let some = list(rules, "anyOf").iter().find(|it| !is_null(it));
            rules = self.target(rules).or(some)?.as_object()?;
        }
        None
    }

    /// The properties of a schema and of those it refers to.
    pub(super) fn properties(self, schema: &'a Value) -> Vec<Property<'a>> {
        let mut found = Vec::new();
        let mut next = schema.as_object();
        for _ in 0..LOOK_AHEAD {
            let Some(rules) = next else { break };
            found.extend(own_properties(rules));
            next = self.target(rules).and_then(Value::as_object);
        }
        found
    }

    pub(super) fn shared_keys(self, node: &Node, branch: &'a Value) -> usize {
        let Kind::Table(entries) = &node.kind else {
            return 0;
        };
        let properties = self.properties(branch).into_iter();
        properties.filter(|(name, _)| entries.contains_key(*name)).count()
    }

    /// Whether `schema`, or what it refers to, requires `key`.
    pub(super) fn requires(self, schema: &'a Value, key: &str) -> bool {
        let Some(rules) = schema.as_object() else {
            return false;
        };
        let target = self.target(rules).and_then(Value::as_object);
        let mut required = strings(rules, "required")
            .chain(target.into_iter().flat_map(|rules| strings(rules, "required")));
        required.any(|name| name == key)
    }

    /// The one key of a schema that has only that one and requires it.
    pub(super) fn sole_key(self, branch: &'a Value) -> Option<&'a str> {
        match self.properties(branch).as_slice() {
            [(name, _)] if self.requires(branch, name) => Some(name),
            _ => None,
        }
    }

    /// A key that allows only certain values in every branch, and those values by branch.
    pub(super) fn tag(self, branches: &[&'a Value]) -> Option<(&'a str, Vec<Vec<&'a Value>>)> {
        let variants: Vec<_> = branches.iter().map(|it| self.properties(it)).collect();
        let values = |variant: &Vec<Property<'a>>, tag: &str| {
            let (_, schema) = variant.iter().find(|(name, _)| *name == tag)?;
            self.constants(schema, LOOK_AHEAD)
        };
        variants.first()?.iter().find_map(|(tag, _)| {
            let each = variants.iter().map(|variant| values(variant, tag));
            Some((*tag, each.collect::<Option<Vec<_>>>()?))
        })
    }

    pub(super) fn all_constants(self, branches: &[&'a Value]) -> Option<Vec<&'a Value>> {
        let each = branches.iter().map(|it| self.constants(it, LOOK_AHEAD));
        Some(each.collect::<Option<Vec<_>>>()?.concat())
    }

    /// The only values a schema allows, if it allows only certain ones.
    pub(super) fn constants(self, schema: &'a Value, depth: u32) -> Option<Vec<&'a Value>> {
        let depth = depth.checked_sub(1)?;
        let rules = schema.as_object()?;
        if let Some(constants) = own_constants(rules) {
            return Some(constants);
        }
        if let Some(target) = self.target(rules) {
            return self.constants(target, depth);
        }
        let mut all = Vec::new();
        for branch in alternatives(rules).filter(|it| !is_null(it)) {
            all.extend(self.constants(branch, depth)?);
        }
        (!all.is_empty()).then_some(all)
    }

    pub(super) fn fits(self, node: &Node, branch: &'a Value) -> bool {
        let shapes = self.shapes_of(branch);
        shapes.is_empty() || shapes.iter().any(|shape| shape.fits(&node.kind))
    }

    /// The shapes a schema asks for at its top, none if it takes any.
    pub(super) fn shapes_of(self, schema: &'a Value) -> Vec<Shape<'a>> {
        let mut found = Vec::new();
        self.shapes(schema, LOOK_AHEAD, &mut found);
        found
    }

    pub(super) fn shapes(self, schema: &'a Value, depth: u32, into: &mut Vec<Shape<'a>>) {
        let (Some(rules), Some(depth)) = (schema.as_object(), depth.checked_sub(1)) else {
            return;
        };
        if let Some(own) = own_shapes(rules) {
            into.extend(own);
        } else if let Some(target) = self.target(rules) {
            self.shapes(target, depth, into);
        } else {
            for branch in alternatives(rules) {
                self.shapes(branch, depth, into);
            }
        }
    }
}

/// A JSON type with the format that narrows it.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    json: &'a str,
    format: &'a str,
}

impl Shape<'_> {
    pub(super) fn fits(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Text(_) => self.json == "string",
            Kind::Integer(_) => matches!(self.json, "integer" | "number"),
            Kind::Float(_) => self.json == "number",
            Kind::Boolean(_) => self.json == "boolean",
            Kind::Datetime(_) => self.json == "string" && self.format == "instant",
            Kind::Array(_) => self.json == "array",
            Kind::Table(_) => self.json == "object",
            Kind::Unreadable => true,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match (self.json, self.format) {
            ("string", "duration") => "a duration",
            ("string", "instant") => "an instant",
            ("string", "size") => "a size",
            ("string", _) => "text",
            ("integer", _) => "a whole number",
            ("number", _) => "a number",
            ("boolean", _) => "true or false",
            ("array", _) => "a list",
            ("object", _) => "a table",
            _ => "something else",
        }
    }

    /// How to turn what was found into this shape, if that is plain.
    pub(super) fn advice(&self, kind: &Kind) -> Option<String> {
        let text = match (self.json, kind) {
            ("string", _) if self.format == "duration" => Length::HINT,
            ("string", _) if self.format == "instant" => Moment::HINT,
            ("string", _) if self.format == "size" => Size::HINT,
            (
                "string",
                Kind::Integer(_) | Kind::Float(_) | Kind::Boolean(_) | Kind::Datetime(_),
            ) => "put it in quotes",
            ("integer", Kind::Float(_)) => {
                "ratios are written as whole numbers, such as 1 and 3 for 0.25 and 0.75"
            }
            ("integer", Kind::Text(text)) if text.parse::<i64>().is_ok() => "remove the quotes",
            ("number", Kind::Text(text)) if text.parse::<f64>().is_ok() => "remove the quotes",
            ("boolean", Kind::Text(text)) if text.parse::<bool>().is_ok() => "remove the quotes",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// The shapes a schema names itself: none at all for one that only null satisfies.
pub(super) fn own_shapes(rules: &Rules) -> Option<Vec<Shape<'_>>> {
    let shape = |json| Shape { json, format: format(rules) };
    let not_null = |json: &&str| *json != "null";
    match (rules.get("type"), own_constants(rules)) {
        (Some(Value::String(json)), _) => {
            Some(vec![shape(json.as_str())].into_iter().filter(|it| it.json != "null").collect())
        }
        (Some(Value::Array(all)), _) => {
            Some(all.iter().filter_map(Value::as_str).filter(not_null).map(shape).collect())
        }
        (_, Some(constants)) => {
            Some(constants.into_iter().map(|it| shape(json_type(it))).collect())
        }
        _ => rules.contains_key("properties").then(|| vec![shape("object")]),
    }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

pub(super) fn own_constants(rules: &Rules) -> Option<Vec<&Value>> {
    let all = rules.get("const").map(std::slice::from_ref);
    let all = all.or_else(|| rules.get("enum")?.as_array().map(Vec::as_slice))?;
    let all: Vec<&Value> = all.iter().filter(|it| !it.is_null()).collect();
    (!all.is_empty()).then_some(all)
}

pub(super) fn own_properties(rules: &Rules) -> impl Iterator<Item = Property<'_>> {
    let own = rules.get("properties").and_then(Value::as_object);
    own.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
}

fn alternatives(rules: &Rules) -> impl Iterator<Item = &Value> {
    list(rules, "anyOf").iter().chain(list(rules, "oneOf"))
}

pub(super) fn list<'a>(rules: &'a Rules, key: &str) -> &'a [Value] {
    let all = rules.get(key).and_then(Value::as_array);
    all.map_or(&[], Vec::as_slice)
}

pub(super) fn strings<'a>(rules: &'a Rules, key: &str) -> impl Iterator<Item = &'a str> {
    list(rules, key).iter().filter_map(Value::as_str)
}

pub(super) fn format(rules: &Rules) -> &str {
    rules.get("format").and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn is_null(schema: &Value) -> bool {
    let null = Value::from("null");
    let only = |key: &str, value: &Value| match schema.get(key) {
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(|it| it == value),
        Some(one) => one == value,
        None => false,
    };
    only("type", &null) || only("const", &Value::Null) || only("enum", &Value::Null)
}

pub(super) fn equal(node: &Node, constant: &Value) -> bool {
    match (&node.kind, constant) {
        (Kind::Text(text), Value::String(other)) => text == other,
        (Kind::Boolean(truth), Value::Bool(other)) => truth == other,
        (Kind::Integer(_) | Kind::Float(_), Value::Number(_)) => {
            compare(&node.kind, constant) == Some(Ordering::Equal)
        }
        // Nothing we generate has constants of these kinds, so leave them to serde.
        (Kind::Array(_), Value::Array(_)) | (Kind::Table(_), Value::Object(_)) => true,
        (kind, _) => *kind == Kind::Unreadable,
    }
}

pub(super) fn compare(kind: &Kind, limit: &Value) -> Option<Ordering> {
    let whole = limit.as_i64().map(i128::from);
    let whole = whole.or_else(|| limit.as_u64().map(i128::from));
    match (kind, whole) {
        (Kind::Integer(number), Some(limit)) => Some(i128::from(*number).cmp(&limit)),
        (Kind::Integer(number), None) => (*number as f64).partial_cmp(&limit.as_f64()?),
        (Kind::Float(number), _) => number.partial_cmp(&limit.as_f64()?),
        _ => None,
    }
}

/// The bounds schemars leaves to the format.
pub(super) fn format_bounds(format: &str) -> (Option<i64>, Option<i64>) {
    match format {
        "int32" => (Some(i32::MIN.into()), Some(i32::MAX.into())),
        "uint32" => (Some(0), Some(u32::MAX.into())),
        "uint64" | "uint128" | "uint" => (Some(0), None),
        _ => (None, None),
    }
}
