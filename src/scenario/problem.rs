//! Problems of a scenario and their positions, shared by all checks.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// One step from a table or list to something inside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Into a table, by key.
    Key(String),
    /// Into a list, by position counted from 0.
    Index(usize),
}

/// A path from the top of a document to one of its values, which need not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct DocumentPath(pub Vec<Step>);

impl DocumentPath {
    /// The whole document.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// The value under `key` in the table at this place.
    pub(crate) fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }

    /// The element at `index`, counted from 0, of the list at this place.
    pub(crate) fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }
}

impl fmt::Display for DocumentPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return out.write_str("the top level");
        }
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(out, "[{index}]")?,
                Step::Key(key) => {
                    out.write_str(if position == 0 { "" } else { "." })?;
                    write_key(out, key)?;
                }
            }
        }
        Ok(())
    }
}

fn write_key(out: &mut fmt::Formatter<'_>, key: &str) -> fmt::Result {
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(plain) {
        out.write_str(key)
    } else {
        write!(out, "{key:?}")
    }
}

impl FromStr for DocumentPath {
    type Err = String;

    /// Reads `eiam.job[0].Status`; the empty text is the whole document.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::root());
        }
        let mut place = Self::root();
        for segment in segments(text)? {
            place = match segment.index() {
                Some(index) if segment.bracket => place.index(index),
                _ => place.key(segment.text),
            };
        }
        Ok(place)
    }
}

/// Which part of a `key = value` pair to underline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum On {
    /// The key; the value when it has no key, as in a list.
    Key,
    /// The value.
    Value,
}

/// A problem in a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Problem {
    /// The value concerned; when it is missing, the nearest table above is shown.
    pub(crate) place: DocumentPath,
    /// The part to underline.
    pub(crate) on: On,
    /// One line of plain English, lower case at the start, no full stop.
    pub(crate) message: String,
    /// How to fix it, in one line.
    pub(crate) hint: Option<String>,
    /// Bytes of the file to underline instead of `place`, for syntax errors.
    pub(crate) span: Option<Range<usize>>,
}

/// When there are this many problems already, no further tables are examined for more of them:
/// nobody reads more, and hints like "did you mean" are costly.
const MAX_PROBLEMS: usize = 1_000;

/// Whether the maximum is reached, so that no more problems are looked for.
pub(crate) fn are_enough(problems: &[Problem]) -> bool {
    problems.len() >= MAX_PROBLEMS
}

impl Problem {
    /// A problem with the value at `place`.
    pub(crate) fn value(place: DocumentPath, message: impl Into<String>) -> Self {
        Self { place, on: On::Value, message: message.into(), hint: None, span: None }
    }

    /// A problem with the key that leads to `place`.
    pub(crate) fn key(place: DocumentPath, message: impl Into<String>) -> Self {
        Self { on: On::Key, ..Self::value(place, message) }
    }

    /// A problem with the bytes `span` of the file, when there is no value to name.
    pub(crate) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span: Some(span), ..Self::value(DocumentPath::root(), message) }
    }

    /// The same problem with a hint on how to fix it.
    pub(crate) fn hint(self, text: impl Into<String>) -> Self {
        Self { hint: Some(text.into()), ..self }
    }
}

/// One part of a path as the user wrote it.
pub(crate) struct Segment {
    /// The key without quotes, or the digits of an index.
    pub(crate) text: String,
    /// Its bytes within the path.
    pub(crate) span: Range<usize>,
    /// Whether it was written as `[0]` and so can only be an index.
    pub(crate) bracket: bool,
}

impl Segment {
    pub(crate) fn index(&self) -> Option<usize> {
        self.text.parse().ok()
    }
}

/// Splits `a."b.c"[0].d` at the dots outside quotes and at the brackets.
pub(crate) fn segments(path: &str) -> Result<Vec<Segment>, String> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(rest) = path.get(start..) {
        let end = start + find_outside_quotes(rest, '.').unwrap_or(rest.len());
        let piece = path.get(start..end).unwrap_or_default();
        split_piece(path, piece, start, &mut found)?;
        start = end + 1;
    }
    Ok(found)
}

/// The byte offset of the first `wanted` that is not inside quotes.
pub(crate) fn find_outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut open = None;
    for (at, c) in text.char_indices() {
        match open {
            None if c == wanted => return Some(at),
            None if c == '"' || c == '\'' => open = Some(c),
            Some(quote) if quote == c => open = None,
            _ => {}
        }
    }
    None
}

fn split_piece(
    path: &str,
    piece: &str,
    start: usize,
    found: &mut Vec<Segment>,
) -> Result<(), String> {
    let body = piece.trim_start();
    let at = start + piece.len() - body.len();
    let body = body.trim_end();
    let length = find_outside_quotes(body, '[').unwrap_or(body.len());
    let (name, brackets) = body.split_at(length);
    let (text, quoted) = unquote(name).ok_or_else(|| format!("unclosed quote in {path:?}"))?;
    if text.is_empty() && !quoted {
        return Err(format!("empty key in {path:?}"));
    }
    found.push(Segment { text: text.to_owned(), span: at..at + length, bracket: false });
    let mut at = at + length;
    for bracket in brackets.split_inclusive(']') {
        let digits = bracket
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .filter(|digits| digits.parse::<usize>().is_ok())
            .ok_or_else(|| format!("expected an element number such as [0], found {bracket:?}"))?;
        found.push(Segment {
            text: digits.to_owned(),
            span: at..at + bracket.len(),
            bracket: true,
        });
        at += bracket.len();
    }
    Ok(())
}

fn unquote(name: &str) -> Option<(&str, bool)> {
    for quote in ['"', '\''] {
        if let Some(rest) = name.strip_prefix(quote) {
            return rest.strip_suffix(quote).map(|inner| (inner, true));
        }
    }
    Some((name, false))
}

/// The text in quotes, escaped and cut to a length that fits a message.
pub(crate) fn quoted(text: &str) -> String {
    const LIMIT: usize = 60;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{:?}", format!("{}…", text.get(..end).unwrap_or_default())),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_a_dotted_path_with_list_positions() {
        let place = DocumentPath::root().key("eiam").key("job").index(0).key("Job Status");
        assert_eq!(place.to_string(), r#"eiam.job[0]."Job Status""#);
        assert_eq!(place.to_string().parse(), Ok(place));
        assert_eq!(DocumentPath::root().to_string(), "the top level");
        assert_eq!("".parse(), Ok(DocumentPath::root()));
    }

    #[test]
    fn a_dot_inside_quotes_does_not_split_a_path() {
        let place = DocumentPath::root().key("a").key("b.c").key("d");
        assert_eq!(r#"a."b.c".d"#.parse(), Ok(place.clone()));
        assert_eq!("a.'b.c'.d".parse(), Ok(place));
    }

    #[test]
    fn a_malformed_path_says_what_is_wrong() {
        let wrong = |text: &str| text.parse::<DocumentPath>().err().unwrap_or_default();
        assert_eq!(wrong("a..b"), r#"empty key in "a..b""#);
        assert_eq!(wrong("a."), r#"empty key in "a.""#);
        assert_eq!(wrong("[0]"), r#"empty key in "[0]""#);
        assert_eq!(wrong("'a"), r#"unclosed quote in "'a""#);
        assert_eq!(wrong("a[x]"), r#"expected an element number such as [0], found "[x]""#);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let shown = quoted(&"日".repeat(100));
        assert_eq!(shown.chars().count(), 63);
        assert!(shown.ends_with("日…\""));
        assert_eq!(quoted("a\n"), r#""a\n""#);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None, ..Default::default()
        })]
        #[test]
        fn no_path_panics_and_spans_stay_inside_it(path in r#"[a日."'\[\]0-9 ]{0,20}"#) {
            for segment in segments(&path).unwrap_or_default() {
                proptest::prop_assert!(path.get(segment.span).is_some());
            }
        }
    }
}
