//! Blanks the parts of a text that the TOML parser does not recover from, so that it reads the
//! rest.

use std::collections::HashSet;
use std::ops::Range;

use toml::de::{DeTable, Error};

use super::statement::{Cause, Damage, Statement, starts_statement};
use crate::scenario::problem::{DocumentPath, Problem};

/// Maximum number of unclosed brackets repaired. Each takes a scan of the rest of the file.
const MAX_UNCLOSED: usize = 100;

/// A text that the parser reads to its end.
pub(crate) struct Repaired {
    /// The text with spaces in place of the damaged parts, so that the rest keeps its position.
    pub(crate) text: String,
    /// The problems in the damaged parts.
    pub(crate) problems: Vec<Problem>,
    /// The well-formed parts of all keys.
    keys: HashSet<Range<usize>>,
}

/// Finds and blanks the damaged parts of `text`.
pub(crate) fn repair(text: &str) -> Repaired {
    let mut repaired = Repaired { text: String::new(), problems: Vec::new(), keys: HashSet::new() };
    let mut damaged = Vec::new();
    // Keys under an unclosed header must not end up in the table above, so they are blanked too.
    let mut sections = Vec::new();
    let mut open_header = None;
    let mut unclosed = 0;
    let mut at = 0;
    while unclosed < MAX_UNCLOSED
        && let Some(statement) = read_statement(text, at)
    {
        let span = statement.span;
        at = span.end;
        let well_formed = |key: &Range<usize>| text.get(key.clone()).is_some_and(is_well_formed);
        repaired.keys.extend(statement.keys.into_iter().filter(well_formed));
        if statement.is_header
            && let Some(start) = open_header.take()
        {
            sections.push(start..span.start);
        }
        let Some(Damage { problem, cause }) = statement.damage else {
            continue;
        };
        match cause {
            Cause::Header => open_header = Some(span.start),
            Cause::Key => {}
            Cause::Bracket { readable_end, closing } => {
                unclosed += 1;
                let readable = text.get(span.start..readable_end).unwrap_or_default();
                repaired.report_errors(&format!("{readable}\n{closing}"), span.start..readable_end);
            }
        }
        repaired.problems.push(problem);
        damaged.push(span);
    }
    sections.extend(open_header.map(|start| start..text.len()));
    let text = blanked(text, &damaged);
    for section in &sections {
        let body = text.get(section.clone()).unwrap_or_default();
        repaired.report_errors(body, section.clone());
    }
    repaired.text = blanked(&text, &sections);
    repaired
}

impl Repaired {
    /// Adds the errors of the parser at `span`. `part` starts with the text there.
    fn report_errors(&mut self, part: &str, span: Range<usize>) {
        let (_, errors) = DeTable::parse_recoverable(part);
        for error in &errors {
            let problem = self.problem(error, span.start);
            if let Some(found) = problem.span.clone().filter(|found| found.start < span.end) {
                let inside = found.start..found.end.min(span.end);
                self.problems.push(Problem { span: Some(inside), ..problem });
            }
        }
    }

    /// The problem for an `error` of the parser in a text that starts at `offset` in the file.
    pub(crate) fn problem(&self, error: &Error, offset: usize) -> Problem {
        let span = error.span().map(|span| span.start + offset..span.end + offset);
        // An error about a well-formed key as a whole means that the key was given before.
        let repeated = span.as_ref().is_some_and(|span| self.keys.contains(span));
        let problem = Problem { span, ..Problem::value(DocumentPath::root(), error.message()) };
        if repeated {
            problem.hint("a key or [table] can be given once; a list of tables is written [[name]]")
        } else {
            problem
        }
    }
}

/// The first statement from `at` on. One with an unclosed bracket ends before the next line that
/// looks like a statement.
fn read_statement(text: &str, at: usize) -> Option<Statement> {
    let statement = Statement::read(text, at)?;
    if !matches!(&statement.damage, Some(Damage { cause: Cause::Bracket { .. }, .. })) {
        return Some(statement);
    }
    let start = statement.span.start;
    let end = start + statement_length(text, start);
    Some(Statement { span: start..end, ..Statement::read(text.get(..end)?, start)? })
}

/// The length of the statement at `start` up to the next line that looks like a statement.
fn statement_length(text: &str, start: usize) -> usize {
    let (before, rest) = text.split_at(start);
    let indentation = before.len() - before.trim_end_matches([' ', '\t']).len();
    let next = |line: &&str| {
        let indented = line.len() - line.trim_start().len();
        indented <= indentation && starts_statement(line)
    };
    let mut lines = rest.split_inclusive('\n');
    let first = lines.next().map_or(0, str::len);
    first + lines.take_while(|line| !next(line)).map(str::len).sum::<usize>()
}

fn is_well_formed(key: &str) -> bool {
    let multi_line = key.starts_with("\"\"\"") || key.starts_with("'''");
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    key.chars().all(bare) || (key.starts_with(['"', '\'']) && !multi_line)
}

/// The text with spaces in place of `ranges`, except for their line ends. `ranges` are sorted.
fn blanked(text: &str, ranges: &[Range<usize>]) -> String {
    let mut result = String::with_capacity(text.len());
    for range in ranges {
        result.push_str(text.get(result.len()..range.start).unwrap_or_default());
        let hidden = text.get(range.clone()).unwrap_or_default().bytes();
        result.extend(
            hidden.map(|byte| if byte == b'\n' || byte == b'\r' { char::from(byte) } else { ' ' }),
        );
    }
    result.push_str(text.get(result.len()..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use crate::scenario::document::Document;
    use proptest::prelude::*;

    /// Each problem of `text` as `line:column message`, with a `+` if it has a hint.
    fn problems(text: &str) -> Vec<String> {
        let (_, problems) = Document::parse("x", text);
        let shown = problems.into_iter().map(|problem| {
            let at = problem.span.map_or(0, |span| span.start);
            let before = text.get(..at).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().map_or(0, str::len) + 1;
            let hint = if problem.hint.is_some() { " +" } else { "" };
            format!("{line}:{column} {}{hint}", problem.message)
        });
        shown.collect()
    }

    fn readable(text: &str) -> String {
        Document::parse("x", text).0.to_value().to_string()
    }

    /// Checks that the problems start with `expected`, which omits messages of the parser.
    fn assert_problems(text: &str, expected: &[&str]) {
        let found = problems(text);
        let agree = found.iter().zip(expected).all(|(found, start)| found.starts_with(start));
        assert!(agree && found.len() == expected.len(), "{text}\n{found:#?}");
    }

    #[test]
    fn every_kind_of_damage_in_one_file_is_reported() {
        let text = "\
version 1
name = open
tags = [1 2
[drs
count = [
count = 0x_
[oms]
  sizes = { a = [1, 2 }
  text = '''
[not a header'''
  rate = { b = 1, # [
  rate = 5
[[eiam.job]
[[eiam.job]]
a.b = '
a.c = 1
a.c = 2
[]
[iam.
[[dts.job]]
list = [
[1, 2],
[3, 4
]
key = 1
";
        assert_problems(
            text,
            &[
                "1:9 key with no value, expected `=`",
                "2:8 ",
                "3:8 unclosed array, expected `]`",
                "3:9 ",
                "4:5 unclosed table, expected `]`",
                "5:9 unclosed array, expected `]`",
                "6:11 ",
                "8:23 mismatched `}`, expected `]`",
                "11:10 unclosed inline table, expected `}`",
                "13:12 unclosed array table, expected `]`",
                "15:8 ",
                "17:3 ",
                "18:2 ",
                "19:6 incomplete table name, expected a key",
                "21:8 unclosed array, expected `]`",
            ],
        );
        assert_eq!(
            readable(text),
            r#"{ oms = { text = "[not a header", rate = 5 }, eiam = { job = [{ a = { c = 1 } }] }, dts = { job = [{ key = 1 }] } }"#
        );
    }

    #[test]
    fn a_bracket_is_reported_where_it_is_missing() {
        for (text, expected, rest) in [
            ("a = [{ b = 1 ]\nc = 1", "1:14 mismatched `]`, expected `}`", "{ c = 1 }"),
            ("a = [\n{ b = 1 ],\n[2],\n]\nc = 1", "2:9 mismatched `]`, expected `}`", "{ c = 1 }"),
            ("a = {\nb = 1\n", "1:5 unclosed inline table, expected `}`", "{ b = 1 }"),
            ("a = [ '''\nb = 1", "1:5 unclosed array, expected `]`", "{ b = 1 }"),
            ("[a b]\nc = 1\n[d]", "1:3 unclosed table, expected `]`", "{ d = {} }"),
            ("[[a\nc = 1\n[d]", "1:4 unclosed array table, expected `]]`", "{ d = {} }"),
            ("[\nc = 1\n[d]", "1:2 incomplete table name, expected a key", "{ d = {} }"),
            ("a = [1, 2]]\nc = 1", "1:11 ", "{ c = 1 }"),
            ("a = 1 [\nc = 1", "1:7 ", "{ a = 1, c = 1 }"),
        ] {
            assert_problems(text, &[expected]);
            assert_eq!(readable(text), rest, "{text}");
        }
    }

    #[test]
    fn a_repeated_key_has_a_hint_and_a_malformed_one_has_none() {
        for text in [
            "a = 1\na = 2",
            "[a]\n[a]",
            "[a]\nb.c = 1\n[a.b]",
            "a = { b = 1, \"b\" = 2 }",
            "a = 1\n[a.b]",
            "a = []\n[[a]]",
            "[x\na = 1\na = 2",
            "z = [{ a = 1, a = 2 },",
        ] {
            let problems = problems(text);
            assert!(problems.iter().any(|it| it.ends_with('+')), "{text}: {problems:?}");
        }
        for text in ["é = 1", "'''a''' = 1", "a = open", "a = [open]", "a", ". = 1"] {
            let problems = problems(text);
            assert!(!problems.is_empty(), "{text}");
            assert!(!problems.iter().any(|it| it.ends_with('+')), "{text}: {problems:?}");
        }
    }

    #[test]
    fn very_many_unclosed_brackets_take_bounded_time() {
        let problems = problems(&"a = [\n".repeat(5_000));
        assert!((100..5_000).contains(&problems.len()), "{}", problems.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, cases: 2000, ..Default::default()
        })]

        #[test]
        fn no_text_panics_and_only_wrong_ones_have_problems(
            text in r#"([\[\]{}="'.,#\n\r\t \\a1日\x00\u{feff}-]|"""|'''|\na = |\n\[b\]\n){0,40}"#,
        ) {
            let (document, problems) = Document::parse("x", &text);
            for problem in &problems {
                prop_assert!(text.get(document.locate(problem).1).is_some(), "{problem:?}");
            }
            let plain = text.parse::<toml::Table>();
            prop_assert_eq!(plain.is_ok(), problems.is_empty());
        }
    }
}
