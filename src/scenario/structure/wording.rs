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

/// Maximum number of names that are suggested together.
const MAX_SUGGESTED: usize = 3;

/// The names whose last words are those of `word`: `JobId` and `job_id` may mean
/// `SynchronizationJobId`. None if they are too many to be a help.
pub(crate) fn names_that_end_in<'n>(word: &str, names: &[&'n str]) -> Vec<&'n str> {
    let wanted = words(word);
    if wanted.is_empty() || word.len() > MAX_COMPARED {
        return Vec::new();
    }
    let names = names.iter().filter(|name| words(name).ends_with(&wanted));
    let found: Vec<&str> = names.copied().collect();
    if found.len() <= MAX_SUGGESTED { found } else { Vec::new() }
}

/// The words of a name in camel case or with underscores, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut begins = true;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            begins = true;
            continue;
        }
        begins |= letter.is_uppercase();
        if begins {
            words.push(String::new());
        }
        begins = false;
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_is_enough_to_find_it() {
        let names = ["TargetId", "SynchronizationJobId", "async_job_id", "Status"];
        let found = |word| names_that_end_in(word, &names);
        assert_eq!(found("JobId"), ["SynchronizationJobId", "async_job_id"]);
        assert_eq!(found("job_id"), ["SynchronizationJobId", "async_job_id"]);
        assert_eq!(found("target_id"), ["TargetId"]);
        assert_eq!(found("id").len(), 3);
        assert!(found("Job").is_empty() && found("").is_empty() && found("__").is_empty());
    }
}
