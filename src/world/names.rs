//! Believable names in Chinese and English, drawn by index.

use fake::Fake;
use fake::faker::company::raw::CompanyName;
use fake::faker::internet::raw::Username;
use fake::faker::name::raw::{LastName, Name};
use fake::locales::{EN, ZH_CN};

use super::draw::{Draws, Seed, Stream};

/// The language that generated names and texts are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locale {
    Chinese,
    English,
}

impl Locale {
    pub(crate) fn choose<'t>(self, chinese: &'t str, english: &'t str) -> &'t str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// A company: `王记有限公司` or `Hoppe Group`.
pub(crate) fn company(seed: Seed, stream: Stream, index: u64, locale: Locale) -> String {
    let mut draws = Draws::new(seed, stream, index);
    match locale {
        Locale::Chinese => CompanyName(ZH_CN).fake_with_rng(draws.generator()),
        Locale::English => CompanyName(EN).fake_with_rng(draws.generator()),
    }
}

/// A person: `李明` or `Ada Hoppe`.
pub(crate) fn person(seed: Seed, stream: Stream, index: u64, locale: Locale) -> String {
    let mut draws = Draws::new(seed, stream, index);
    match locale {
        Locale::Chinese => Name(ZH_CN).fake_with_rng(draws.generator()),
        Locale::English => Name(EN).fake_with_rng(draws.generator()),
    }
}

/// An account name as cloud consoles allow it: lower-case ASCII letters, digits and `_`.
pub(crate) fn account(seed: Seed, stream: Stream, index: u64) -> String {
    let mut draws = Draws::new(seed, stream, index);
    let name: String = Username(EN).fake_with_rng(draws.generator());
    ascii_word(&name)
}

/// A surname as a lower-case ASCII word: `hoppe`.
pub(crate) fn surname(draws: &mut Draws) -> String {
    let name: String = LastName(EN).fake_with_rng(draws.generator());
    ascii_word(&name)
}

fn ascii_word(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => Some(c),
            '.' | '-' | '_' | ' ' => Some('_'),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_tongue_that_was_asked_for() {
        let (seed, stream) = (Seed(1), Stream::named("test"));
        for i in 0..50 {
            assert!(!person(seed, stream, i, Locale::Chinese).is_ascii());
            assert!(!company(seed, stream, i, Locale::Chinese).is_ascii());
            assert!(person(seed, stream, i, Locale::English).is_ascii());
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(account(seed, stream, i).chars().all(allowed));
            assert!(surname(&mut Draws::new(seed, stream, i)).chars().all(allowed));
        }
        assert_eq!(
            person(seed, stream, 3, Locale::Chinese),
            person(seed, stream, 3, Locale::Chinese)
        );
    }
}
