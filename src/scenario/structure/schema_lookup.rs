//! Reads a JSON Schema as schemars generates it.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::scenario::document::{Kind, Node};
use crate::scenario::value::{Length, Moment, Size};

/// Maximum number of nested references and alternatives followed to inspect a schema.
pub(crate) const MAX_LOOKUP_DEPTH: u32 = 6;

pub(crate) type SchemaObject = Map<String, Value>;
pub(crate) type Property<'a> = (&'a str, &'a Value);

/// The root schema, which references point into.
#[derive(Clone, Copy)]
pub(crate) struct SchemaLookup<'a>(pub(crate) &'a Value);

impl<'a> SchemaLookup<'a> {
    /// The schema that `$ref` refers to.
    pub(crate) fn referenced(self, object: &SchemaObject) -> Option<&'a Value> {
        let pointer = object.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.0.pointer(pointer)
    }

    /// The first paragraph of the schema's description, or of that of a schema it refers to.
    pub(crate) fn description(self, schema: &'a Value) -> Option<String> {
        let mut object = schema.as_object()?;
        for _ in 0..MAX_LOOKUP_DEPTH {
            if let Some(text) = object.get("description").and_then(Value::as_str) {
                let paragraph = text.split("\n\n").next().unwrap_or_default();
                let words: Vec<&str> = paragraph.split_whitespace().collect();
                return Some(words.join(" "));
            }
            // Schemars generates an `anyOf` of the type and null for an optional named type.
            let some = array(object, "anyOf").iter().find(|it| !is_null(it));
            object = self.referenced(object).or(some)?.as_object()?;
        }
        None
    }

    /// The properties of a schema and of those it refers to.
    pub(crate) fn properties(self, schema: &'a Value) -> Vec<Property<'a>> {
        let mut found = Vec::new();
        let mut next = schema.as_object();
        for _ in 0..MAX_LOOKUP_DEPTH {
            let Some(object) = next else { break };
            found.extend(own_properties(object));
            next = self.referenced(object).and_then(Value::as_object);
        }
        found
    }

    pub(crate) fn shared_keys(self, node: &Node, branch: &'a Value) -> usize {
        let Kind::Table(entries) = &node.kind else {
            return 0;
        };
        let properties = self.properties(branch).into_iter();
        properties.filter(|(name, _)| entries.contains_key(*name)).count()
    }

    /// Whether `schema`, or what it refers to, requires `key`.
    pub(crate) fn requires(self, schema: &'a Value, key: &str) -> bool {
        let Some(object) = schema.as_object() else {
            return false;
        };
        let target = self.referenced(object).and_then(Value::as_object);
        let mut required = string_array(object, "required")
            .chain(target.into_iter().flat_map(|object| string_array(object, "required")));
        required.any(|name| name == key)
    }

    /// The key of a schema that has a single property and requires it.
    pub(crate) fn only_required_key(self, branch: &'a Value) -> Option<&'a str> {
        match self.properties(branch).as_slice() {
            [(name, _)] if self.requires(branch, name) => Some(name),
            _ => None,
        }
    }

    /// A key with a fixed set of values in every branch, and the values per branch.
    pub(crate) fn tag(self, branches: &[&'a Value]) -> Option<(&'a str, Vec<Vec<&'a Value>>)> {
        let variants: Vec<_> = branches.iter().map(|it| self.properties(it)).collect();
        let values = |variant: &Vec<Property<'a>>, tag: &str| {
            let (_, schema) = variant.iter().find(|(name, _)| *name == tag)?;
            self.constants(schema, MAX_LOOKUP_DEPTH)
        };
        variants.first()?.iter().find_map(|(tag, _)| {
            let each = variants.iter().map(|variant| values(variant, tag));
            Some((*tag, each.collect::<Option<Vec<_>>>()?))
        })
    }

    pub(crate) fn all_constants(self, branches: &[&'a Value]) -> Option<Vec<&'a Value>> {
        let each = branches.iter().map(|it| self.constants(it, MAX_LOOKUP_DEPTH));
        Some(each.collect::<Option<Vec<_>>>()?.concat())
    }

    /// The values of a schema that allows a fixed set of them.
    pub(crate) fn constants(self, schema: &'a Value, depth: u32) -> Option<Vec<&'a Value>> {
        let depth = depth.checked_sub(1)?;
        let object = schema.as_object()?;
        if let Some(constants) = own_constants(object) {
            return Some(constants);
        }
        if let Some(target) = self.referenced(object) {
            return self.constants(target, depth);
        }
        let mut all = Vec::new();
        for branch in alternatives(object).filter(|it| !is_null(it)) {
            all.extend(self.constants(branch, depth)?);
        }
        (!all.is_empty()).then_some(all)
    }

    pub(crate) fn accepts(self, node: &Node, branch: &'a Value) -> bool {
        let types = self.value_types(branch);
        types.is_empty() || types.iter().any(|value_type| value_type.accepts(&node.kind))
    }

    /// The types that a schema allows. Empty if it allows all.
    pub(crate) fn value_types(self, schema: &'a Value) -> Vec<ValueType<'a>> {
        let mut found = Vec::new();
        self.collect_types(schema, MAX_LOOKUP_DEPTH, &mut found);
        found
    }

    fn collect_types(self, schema: &'a Value, depth: u32, into: &mut Vec<ValueType<'a>>) {
        let (Some(object), Some(depth)) = (schema.as_object(), depth.checked_sub(1)) else {
            return;
        };
        if let Some(own) = own_types(object) {
            into.extend(own);
        } else if let Some(target) = self.referenced(object) {
            self.collect_types(target, depth, into);
        } else {
            for branch in alternatives(object) {
                self.collect_types(branch, depth, into);
            }
        }
    }
}

/// A JSON type with the format that narrows it.
#[derive(Clone, Copy)]
pub(crate) struct ValueType<'a> {
    json: &'a str,
    format: &'a str,
}

impl ValueType<'_> {
    pub(crate) fn accepts(&self, kind: &Kind) -> bool {
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

    pub(crate) fn name(&self) -> &'static str {
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

    pub(crate) fn is_list(&self) -> bool {
        self.json == "array"
    }

    pub(crate) fn is_table(&self) -> bool {
        self.json == "object"
    }

    /// How a value of the format is written.
    pub(crate) fn format_hint(&self) -> Option<String> {
        let hint = match (self.json, self.format) {
            ("string", "duration") => Length::HINT,
            ("string", "instant") => Moment::HINT,
            ("string", "size") => Size::HINT,
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// How to correct a value of the wrong type, if that is obvious.
    pub(crate) fn hint_for(&self, kind: &Kind) -> Option<String> {
        if let Some(hint) = self.format_hint() {
            return Some(hint);
        }
        let text = match (self.json, kind) {
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

/// The types named in the schema object itself. Null is left out, as TOML has no null.
pub(crate) fn own_types(object: &SchemaObject) -> Option<Vec<ValueType<'_>>> {
    let value_type = |json| ValueType { json, format: format(object) };
    let not_null = |json: &&str| *json != "null";
    match (object.get("type"), own_constants(object)) {
        (Some(Value::String(json)), _) => {
            Some(Some(json.as_str()).filter(not_null).map(value_type).into_iter().collect())
        }
        (Some(Value::Array(all)), _) => {
            Some(all.iter().filter_map(Value::as_str).filter(not_null).map(value_type).collect())
        }
        (_, Some(constants)) => {
            Some(constants.into_iter().map(|it| value_type(json_type(it))).collect())
        }
        _ => object.contains_key("properties").then(|| vec![value_type("object")]),
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

pub(crate) fn own_constants(object: &SchemaObject) -> Option<Vec<&Value>> {
    let all = object.get("const").map(std::slice::from_ref);
    let all = all.or_else(|| object.get("enum")?.as_array().map(Vec::as_slice))?;
    let all: Vec<&Value> = all.iter().filter(|it| !it.is_null()).collect();
    (!all.is_empty()).then_some(all)
}

pub(crate) fn own_properties(object: &SchemaObject) -> impl Iterator<Item = Property<'_>> {
    let own = object.get("properties").and_then(Value::as_object);
    own.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
}

fn alternatives(object: &SchemaObject) -> impl Iterator<Item = &Value> {
    array(object, "anyOf").iter().chain(array(object, "oneOf"))
}

pub(crate) fn array<'a>(object: &'a SchemaObject, key: &str) -> &'a [Value] {
    let all = object.get(key).and_then(Value::as_array);
    all.map_or(&[], Vec::as_slice)
}

pub(crate) fn string_array<'a>(
    object: &'a SchemaObject,
    key: &str,
) -> impl Iterator<Item = &'a str> {
    array(object, key).iter().filter_map(Value::as_str)
}

pub(crate) fn format(object: &SchemaObject) -> &str {
    object.get("format").and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn is_null(schema: &Value) -> bool {
    let null = Value::from("null");
    let only = |key: &str, value: &Value| match schema.get(key) {
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(|it| it == value),
        Some(one) => one == value,
        None => false,
    };
    only("type", &null) || only("const", &Value::Null) || only("enum", &Value::Null)
}

pub(crate) fn equals_constant(node: &Node, constant: &Value) -> bool {
    match (&node.kind, constant) {
        (Kind::Text(text), Value::String(other)) => text == other,
        (Kind::Boolean(truth), Value::Bool(other)) => truth == other,
        (Kind::Integer(_) | Kind::Float(_), Value::Number(_)) => {
            compare_number(&node.kind, constant) == Some(Ordering::Equal)
        }
        // The scenario schema has no constants of these types.
        (Kind::Array(_), Value::Array(_)) | (Kind::Table(_), Value::Object(_)) => true,
        (kind, _) => *kind == Kind::Unreadable,
    }
}

pub(crate) fn compare_number(kind: &Kind, limit: &Value) -> Option<Ordering> {
    let whole = limit.as_i64().map(i128::from);
    let whole = whole.or_else(|| limit.as_u64().map(i128::from));
    match (kind, whole) {
        (Kind::Integer(number), Some(limit)) => Some(i128::from(*number).cmp(&limit)),
        (Kind::Integer(number), None) => (*number as f64).partial_cmp(&limit.as_f64()?),
        (Kind::Float(number), _) => number.partial_cmp(&limit.as_f64()?),
        _ => None,
    }
}

/// The bounds that a format implies where schemars generates no `minimum` or `maximum`.
pub(crate) fn format_bounds(format: &str) -> (Option<i64>, Option<i64>) {
    match format {
        "int32" => (Some(i32::MIN.into()), Some(i32::MAX.into())),
        "uint32" => (Some(0), Some(u32::MAX.into())),
        "uint64" | "uint128" | "uint" => (Some(0), None),
        _ => (None, None),
    }
}
