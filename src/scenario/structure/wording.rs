//! Formats values and names for messages.

use serde_json::Value;

use crate::scenario::document::Kind;
use crate::scenario::problem::quoted;

/// Maximum number of names listed in one message.
const MAX_LISTED_NAMES: usize = 8;

/// Maximum number of characters compared when looking for a similar name.
const MAX_COMPARED: usize = 64;

pub(crate) fn value_text(kind: &Kind) -> String {
    match kind {
        Kind::Text(text) => quoted(text),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => format!("{number:?}"),
        Kind::Boolean(truth) => truth.to_string(),
        _ => kind.name().to_owned(),
    }
}

pub(crate) fn string_values<'v>(values: &[&'v Value]) -> Vec<&'v str> {
    values.iter().filter_map(|value| value.as_str()).collect()
}

pub(crate) fn join_values(values: &[&Value]) -> String {
    let names: Vec<String> = values.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// The case-insensitive edit distance.
fn edit_distance(one: &str, other: &str) -> usize {
    strsim::damerau_levenshtein(&one.to_lowercase(), &other.to_lowercase())
}

/// The name that `word` is probably a misspelling of.
pub(crate) fn closest_name<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let length = word.chars().count();
    // The edit distance takes quadratic time, and no name is that long.
    let names = names.iter().filter(|_| length <= MAX_COMPARED);
    let near = names.map(|name| (edit_distance(word, name), *name));
    let near = near.filter(|(distance, _)| *distance <= (length / 3).max(1));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// The names in quotes: all of them, or the most similar to `word` if there are too many.
pub(crate) fn list_names(word: &str, names: &[&str]) -> String {
    let mut names = names.to_vec();
    let more = names.len().saturating_sub(MAX_LISTED_NAMES);
    if more > 0 {
        let word: String = word.chars().take(MAX_COMPARED).collect();
        names.sort_by_key(|name| edit_distance(&word, name));
        names.truncate(MAX_LISTED_NAMES);
    }
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    match more {
        0 => names.join(", "),
        _ => format!("{} and {more} more", names.join(", ")),
    }
}
