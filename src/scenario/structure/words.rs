//! How values and names read in messages.

use serde_json::Value;

use crate::scenario::document::Kind;
use crate::scenario::problem::quoted;

/// Most names listed in one message.
const MAX_LISTED: usize = 8;

pub(super) fn shown(kind: &Kind) -> String {
    match kind {
        Kind::Text(text) => quoted(text),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => format!("{number:?}"),
        Kind::Boolean(truth) => truth.to_string(),
        _ => kind.name().to_owned(),
    }
}

pub(super) fn texts<'v>(values: &[&'v Value]) -> Vec<&'v str> {
    values.iter().filter_map(|value| value.as_str()).collect()
}

pub(super) fn joined(values: &[&Value]) -> String {
    let names: Vec<String> = values.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// How unlike two names are, in letters to change, without regard to case.
fn distance(one: &str, other: &str) -> usize {
    strsim::damerau_levenshtein(&one.to_lowercase(), &other.to_lowercase())
}

/// The name that `word` is probably a misspelling of.
pub(super) fn nearest<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let length = word.chars().count();
    // Comparing takes time by length squared, and no name is that long.
    let names = names.iter().filter(|_| length <= 64);
    let near = names.map(|name| (distance(word, name), *name));
    let near = near.filter(|(distance, _)| *distance <= (length / 3).max(1));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// The names in quotes: all of them if few, else those most like `word`.
pub(super) fn listed(word: &str, names: &[&str]) -> String {
    let mut names = names.to_vec();
    let more = names.len().saturating_sub(MAX_LISTED);
    if more > 0 {
        let word: String = word.chars().take(64).collect();
        names.sort_by_key(|name| distance(&word, name));
        names.truncate(MAX_LISTED);
    }
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    match more {
        0 => names.join(", "),
        _ => format!("{} and {more} more", names.join(", ")),
    }
}
