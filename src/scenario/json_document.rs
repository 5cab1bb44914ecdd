//! Documents in JSON that hold tables of scenario files: checked as a file is, in its words.

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{Document, Kind, Node, Origin};
use super::problem::{DocumentPath, Problem};
use super::structure;

/// Why a document cannot be read.
pub(crate) enum InvalidJson {
    Syntax(serde_json::Error),
    /// At least one.
    Structure(Vec<Problem>),
}

/// Reads a document by the schema of its type, with all problems of its structure at once.
///
/// # Errors
/// If it is not JSON, or its structure is not that of the type.
pub(crate) fn read_json<T: DeserializeOwned + JsonSchema>(text: &[u8]) -> Result<T, InvalidJson> {
    let value: Value = serde_json::from_slice(text).map_err(InvalidJson::Syntax)?;
    let document = Document::of_value(node(value));
    let schema = SchemaGenerator::default().into_root_schema_for::<T>().to_value();
    let problems = structure::check(&document, &schema);
    if !problems.is_empty() {
        return Err(InvalidJson::Structure(problems));
    }
    // From the text, because the value has lost members that are given twice.
    serde_json::from_slice(text).map_err(|error| {
        InvalidJson::Structure(vec![Problem::value(DocumentPath::root(), error.to_string())])
    })
}

/// A member that is null counts as left out.
fn node(value: Value) -> Node {
    let kind = match value {
        Value::Null => Kind::Unreadable,
        Value::Bool(truth) => Kind::Boolean(truth),
        Value::String(text) => Kind::Text(text),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Kind::Integer(number),
            None => Kind::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        },
        Value::Array(items) => Kind::Array(items.into_iter().map(node).collect()),
        Value::Object(members) => Kind::Table(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, node(value)))
                .collect(),
        ),
    };
    Node { kind, span: 0..0, key_span: None, origin: Origin::File }
}
