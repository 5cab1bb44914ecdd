//! The reference of scenario files as Markdown, made from their schema.

use std::fmt::Write;

use serde_json::{Map, Value};

/// What a change of the file does to the records that it does not name.
const WHAT_STAYS: &str = "
## What stays when a file changes

Values are drawn from the seed and from what identifies a record, never from how many others there
are. So one more record leaves the others as they are:

- **`count`**: generated records are numbered from the `start` of their population, backwards and
  forwards, and one more is one older record. With `every`, the others keep ids, dates and values.
  Without it, they do until `count` passes a power of two: then the slots of `over` are half as
  wide, so that all dates change, and still no other value. Ids that are consecutive numbers count
  from the oldest record: they move by one. Such ids of records that several others share a series
  for, like the jobs of all tasks, also change with the number of those.
- **`start`**, or the start of the clock if the population has none of its own (`--now`, or the
  machine's clock): all dates move with it. Ids stay, except those that contain a date.
- **A target, a task, a user, an instance**: hangs on its id or name. One that has a weight takes its
  share of the jobs, and which jobs those are changes; one of weight 0 changes nothing.
- **A fixed record** without an id of its own hangs on its place among those of its kind in the file.
  Add new ones at the end.
- **What clients create** hangs on the number of the event that creates it.

In a table of weights, a key that is left out keeps its default. The tables that weigh the ways that
records take also have `others`, the weight of all keys
that are left out, as in `outcomes = { failed = 1, others = 0 }`.
";

/// A heading for each table of the file, and a row for each of its keys.
pub(crate) fn markdown(schema: &Value) -> String {
    let mut out = String::from(
        "# Scenario files\n\n\
         Made by `syncmock schema --markdown`; [scenario.schema.json](scenario.schema.json) is the \
         same for editors.\n",
    );
    out.push_str(WHAT_STAYS);
    let mut open = vec![(Vec::<String>::new(), false, schema)];
    while let Some((path, list, table)) = open.pop() {
        let mut below = Vec::new();
        let mut rows = String::new();
        let properties = table.get("properties").and_then(Value::as_object);
        for (key, declared) in properties.into_iter().flatten() {
            let meaning = resolve(schema, declared);
            let (inner, is_list) = element(schema, meaning);
            if inner.get("properties").is_some() && meaning.get("anyOf").is_none() {
                let mut path = path.clone();
                path.push(key.clone());
                below.push((path, is_list, inner));
            } else {
                let about = description(declared, meaning);
                let _ = writeln!(rows, "| `{key}` | {} | {about} |", kind(schema, meaning));
            }
        }
        open.extend(below.into_iter().rev());
        heading(&mut out, &path, list, table);
        if !rows.is_empty() {
            let _ = write!(out, "\n| key | value | meaning |\n|---|---|---|\n{rows}");
        }
    }
    out
}

/// A key of a table.
pub(crate) struct Key {
    pub(crate) name: String,
    /// Its type or allowed values.
    pub(crate) kind: String,
    /// The default, as in JSON; None if it is not a plain value.
    pub(crate) default: Option<String>,
    /// Its description.
    pub(crate) about: String,
    /// For an enumeration: the values that have a description, with it.
    pub(crate) values: Vec<(String, String)>,
}

/// The keys of the table at a path.
pub(crate) fn keys(schema: &Value, path: &[&str]) -> Vec<Key> {
    let mut table = schema;
    for key in path {
        let declared = table.get("properties").and_then(|keys| keys.get(*key));
        table = declared.map_or(&Value::Null, |declared| resolve(schema, declared));
    }
    let properties = table.get("properties").and_then(Value::as_object);
    let row = |(key, declared): (&String, &Value)| {
        let meaning = resolve(schema, declared);
        let branches = meaning.get("oneOf").and_then(Value::as_array);
        let value = |branch: &Value| {
            let word = branch.get("const").and_then(Value::as_str)?;
            Some((word.to_owned(), description(branch, branch)))
        };
        Key {
            name: key.clone(),
            kind: kind(schema, meaning).replace('`', ""),
            default: declared.get("default").filter(|value| plain(value)).map(Value::to_string),
            about: description(declared, meaning),
            values: branches.into_iter().flatten().filter_map(value).collect(),
        }
    };
    properties.into_iter().flatten().map(row).collect()
}

fn plain(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_))
}

fn heading(out: &mut String, path: &[String], list: bool, table: &Value) {
    let name = match (path.join("."), list) {
        (path, _) if path.is_empty() => "At the top".to_owned(),
        (path, true) => format!("`[[{path}]]`"),
        (path, false) => format!("`[{path}]`"),
    };
    let about = description(table, table);
    let _ = writeln!(out, "\n## {name}");
    if !about.is_empty() {
        let _ = writeln!(out, "\n{about}");
    }
}

/// Follows a reference, and takes the one real branch of an optional value.
fn resolve<'s>(schema: &'s Value, mut at: &'s Value) -> &'s Value {
    for _ in 0..8 {
        let reference = at.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
        let branches = at.get("anyOf").and_then(Value::as_array);
        let real = |b: &&Value| b.get("type").and_then(Value::as_str) != Some("null");
        at = match (reference, branches) {
            (Some(pointer), _) => schema.pointer(pointer).unwrap_or(&Value::Null),
            (None, Some(all)) if all.iter().filter(real).count() == 1 => {
                all.iter().find(real).unwrap_or(at)
            }
            _ => return at,
        };
    }
    at
}

/// The table of a list of tables, and whether it is one.
fn element<'s>(schema: &'s Value, at: &'s Value) -> (&'s Value, bool) {
    match at.get("items") {
        Some(items) => (resolve(schema, items), true),
        None => (at, false),
    }
}

fn description(declared: &Value, meaning: &Value) -> String {
    let text = |at: &Value| at.get("description").and_then(Value::as_str).map(str::to_owned);
    let text = text(declared).or_else(|| text(meaning)).unwrap_or_default();
    text.replace('\n', " ").replace('|', "\\|")
}

fn kind(schema: &Value, at: &Value) -> String {
    if let Some(values) = choices(at) {
        return values.iter().map(|v| format!("`\"{v}\"`")).collect::<Vec<_>>().join(" or ");
    }
    if let Some(branches) = at.get("anyOf").and_then(Value::as_array) {
        let kinds: Vec<String> =
            branches.iter().map(|branch| kind(schema, resolve(schema, branch))).collect();
        return kinds.join(" or ");
    }
    let format = at.get("format").and_then(Value::as_str).unwrap_or_default();
    let type_of = |at: &Value| match at.get("type") {
        Some(Value::Array(types)) => types.first().and_then(Value::as_str).unwrap_or("").to_owned(),
        Some(Value::String(name)) => name.clone(),
        _ => String::new(),
    };
    match (type_of(at).as_str(), format) {
        ("string", "duration" | "instant" | "size") => format.to_owned(),
        ("string", _) => "text".to_owned(),
        ("integer", _) => bounds(at),
        ("boolean", _) => "true or false".to_owned(),
        ("array", _) => {
            format!("list of {}", kind(schema, element(schema, at).0))
        }
        ("object", _) => inline_table(schema, at),
        _ => "value".to_owned(),
    }
}

fn bounds(at: &Value) -> String {
    let least = at.get("minimum").and_then(Value::as_i64).filter(|least| *least != 0);
    let most = at.get("maximum").and_then(Value::as_u64).filter(|most| *most < i64::MAX as u64);
    match (least, most) {
        (None, None) => "whole number".to_owned(),
        (None, Some(most)) => format!("whole number up to {most}"),
        (Some(least), None) => format!("whole number from {least}"),
        (Some(least), Some(most)) if least as u64 == most => most.to_string(),
        (Some(least), Some(most)) => format!("whole number from {least} to {most}"),
    }
}

fn inline_table(schema: &Value, at: &Value) -> String {
    let none = Map::new();
    let members = at.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let members: Vec<String> = members
        .iter()
        .map(|(key, member)| format!("{key} = {}", kind(schema, resolve(schema, member))))
        .collect();
    if members.is_empty() { "table".to_owned() } else { format!("`{{ {} }}`", members.join(", ")) }
}

/// The values of an enumeration, however schemars spells it.
fn choices(at: &Value) -> Option<Vec<&str>> {
    if let Some(values) = at.get("enum").and_then(Value::as_array) {
        return Some(values.iter().filter_map(Value::as_str).collect());
    }
    let branches = at.get("oneOf").and_then(Value::as_array)?;
    let all =
        branches.iter().flat_map(|branch| match branch.get("const").and_then(Value::as_str) {
            Some(value) => vec![value],
            None => choices(branch).unwrap_or_default(),
        });
    Some(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_names_every_table_and_what_its_keys_may_be() {
        let text = markdown(&crate::vendors::schema());
        for part in
            ["## `[eiam.jobs]`", "## `[[eiam.job]]`", "| `seed` | whole number |", "duration"]
        {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
