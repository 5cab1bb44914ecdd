//! The secrets of a scenario, prepared so that a text is searched for all of them at once.

use std::ops::Range;

use crate::wire::percent_encoded;

/// A text with fewer characters is no secret that can be told from an ordinary word.
const MIN_CHARACTERS: usize = 5;

/// Texts that must not be shown. To find them in a text costs little more for many of them than
/// for one: a binary search at each character.
#[derive(Debug, Default)]
pub(crate) struct SecretTexts {
    /// As they are and percent-encoded; sorted.
    texts: Vec<Box<str>>,
    /// For each of them, the longest other one that it begins with.
    beginnings: Vec<Option<usize>>,
}

impl SecretTexts {
    pub(crate) fn new<'t>(secrets: impl Iterator<Item = &'t str>) -> Self {
        let long = secrets.filter(|text| text.chars().nth(MIN_CHARACTERS - 1).is_some());
        let mut texts: Vec<Box<str>> =
            long.flat_map(|text| [text.into(), percent_encoded(text).into()]).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut beginnings: Vec<Option<usize>> = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            // What it begins with lies before it, and so do the beginnings of its neighbour.
            let mut earlier = index.checked_sub(1);
            while let Some(other) = earlier
                && !texts.get(other).is_some_and(|other| text.starts_with(&**other))
            {
                earlier = beginnings.get(other).copied().flatten();
            }
            beginnings.push(earlier);
        }
        Self { texts, beginnings }
    }

    /// Where the secrets are in a text: from left to right, of several at a place the longest,
    /// and none inside another one.
    pub(crate) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        if self.texts.is_empty() {
            return found;
        }
        for (at, _) in text.char_indices() {
            let rest = text.get(at..).unwrap_or_default();
            if let Some(length) = self.longest_at_start(rest) {
                match found.last_mut() {
                    // Both are hidden where they overlap, so that no part of either is shown.
                    Some(last) if at < last.end => last.end = last.end.max(at + length),
                    _ => found.push(at..at + length),
                }
            }
        }
        found
    }

    /// The length of the longest secret that the text begins with.
    fn longest_at_start(&self, text: &str) -> Option<usize> {
        // Of those that a text begins with, each begins with the shorter ones; and the longest is
        // the last one that is not after the text, or one that this begins with.
        let mut last = self.texts.partition_point(|secret| **secret <= *text).checked_sub(1)?;
        loop {
            let secret = self.texts.get(last)?;
            if text.starts_with(&**secret) {
                return Some(secret.len());
            }
            last = self.beginnings.get(last).copied().flatten()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'t>(secrets: &[&str], text: &'t str) -> Vec<&'t str> {
        let ranges = SecretTexts::new(secrets.iter().copied()).find(text);
        ranges.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn every_secret_is_found_whole_and_short_ones_are_no_secrets() {
        let secrets = ["sesame", "sesame-seed", "sesame+seed", "abcd", "密码密码密"];
        assert_eq!(found(&secrets, "abcd xsesamex"), ["sesame"]);
        assert_eq!(found(&secrets, "sesame-seed,sesame-see"), ["sesame-seed", "sesame"]);
        assert_eq!(
            found(&secrets, "k=sesame%2Bseed&日密码密码密"),
            ["sesame%2Bseed", "密码密码密"]
        );
        assert_eq!(found(&[], "sesame"), Vec::<&str>::new());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn no_secret_is_left_in_what_is_not_found(
            secrets in prop::collection::vec("[ab]{5,7}", 0..20),
            text in "[ab]{0,60}",
        ) {
            let all = SecretTexts::new(secrets.iter().map(String::as_str));
            let hidden = all.find(&text);
            for secret in &secrets {
                for (at, _) in text.match_indices(secret.as_str()) {
                    let end = at + secret.len();
                    prop_assert!(
                        hidden.iter().any(|range| range.start <= at && end <= range.end),
                        "{secret} at {at} of {text}: {hidden:?}"
                    );
                }
            }
        }
    }
}
