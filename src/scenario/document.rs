//! A scenario file as a tree of values with their positions in the file.

mod overrides;
mod reader;
mod repair;
mod statement;

use std::ops::Range;

use toml::de::DeTable;
use toml::map::Map;
use toml::value::Datetime;

use self::reader::{Reader, error_bounds};
use self::repair::repair;
use super::problem::{DocumentPath, On, Problem, Step};

/// The source of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin {
    /// The scenario file.
    File,
    /// The override with this number, counted from 0 in the order of the overrides.
    Override(usize),
}

/// The type and content of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Datetime(Datetime),
    Array(Vec<Node>),
    Table(Map<String, Node>),
    /// A value with a syntax error, which is reported already and causes no further problems.
    Unreadable,
}

impl Kind {
    /// The name of the type in messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number with a fraction",
            Self::Boolean(_) => "true or false",
            Self::Datetime(_) => "a date-time",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
            Self::Unreadable => "something unreadable",
        }
    }
}

/// A value and its position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// The value.
    pub(crate) kind: Kind,
    /// Its bytes in the source. For a table with a header, the bytes of the header.
    pub(crate) span: Range<usize>,
    /// The bytes of its key, if it has one.
    pub(crate) key_span: Option<Range<usize>>,
    /// The source that the spans refer to.
    pub(crate) origin: Origin,
}

impl Node {
    /// The child value that `step` leads to.
    pub(crate) fn get(&self, step: &Step) -> Option<&Self> {
        match (&self.kind, step) {
            (Kind::Table(entries), Step::Key(key)) => entries.get(key),
            (Kind::Array(items), Step::Index(index)) => items.get(*index),
            _ => None,
        }
    }

    fn to_value(&self) -> Option<toml::Value> {
        Some(match &self.kind {
            Kind::Text(text) => toml::Value::String(text.clone()),
            Kind::Integer(number) => toml::Value::Integer(*number),
            Kind::Float(number) => toml::Value::Float(*number),
            Kind::Boolean(truth) => toml::Value::Boolean(*truth),
            Kind::Datetime(datetime) => toml::Value::Datetime(*datetime),
            Kind::Array(items) => {
                toml::Value::Array(items.iter().filter_map(Self::to_value).collect())
            }
            Kind::Table(entries) => {
                let pair = |(key, node): (&String, &Self)| Some((key.clone(), node.to_value()?));
                toml::Value::Table(entries.iter().filter_map(pair).collect())
            }
            Kind::Unreadable => return None,
        })
    }
}

/// A scenario file with the `--set` overrides applied to it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    name: String,
    text: String,
    root: Node,
    overrides: Vec<String>,
    damaged: bool,
}

impl Document {
    /// Parses the TOML `text` of the file `name`. On syntax errors, keeps all that is readable.
    pub(crate) fn parse(name: &str, text: &str) -> (Self, Vec<Problem>) {
        let repaired = repair(text);
        let (table, errors) = DeTable::parse_recoverable(&repaired.text);
        let mut reader = Reader {
            text: &repaired.text,
            offset: 0,
            origin: Origin::File,
            error_bounds: error_bounds(&errors),
            problems: Vec::new(),
        };
        let root = Node {
            kind: reader.table(table.get_ref()),
            span: 0..0,
            key_span: None,
            origin: Origin::File,
        };
        let problems = repaired.problems.iter().cloned();
        let problems = problems.chain(errors.iter().map(|error| repaired.problem(error, 0)));
        let mut problems: Vec<Problem> = problems.chain(reader.problems).collect();
        let mut seen = std::collections::HashSet::new();
        problems.retain(|problem| seen.insert(problem.clone()));
        problems.sort_by_key(|problem| problem.span.as_ref().map(|span| span.start));
        let document = Self {
            name: name.to_owned(),
            text: text.to_owned(),
            root,
            overrides: Vec::new(),
            damaged: !problems.is_empty(),
        };
        (document, problems)
    }

    /// The document as plain TOML, without the unreadable values.
    pub(crate) fn to_value(&self) -> toml::Value {
        let empty = || toml::Value::Table(toml::Table::new());
        self.root.to_value().unwrap_or_else(empty)
    }

    /// A document that was not read from a file.
    pub(super) fn of_value(root: Node) -> Self {
        let (name, text, overrides) = (String::new(), String::new(), Vec::new());
        Self { name, text, root, overrides, damaged: false }
    }

    /// The top-level table.
    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// The name given to [`Document::parse`].
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The text of the file or override. Empty for an unknown override.
    pub(crate) fn source(&self, origin: Origin) -> &str {
        match origin {
            Origin::File => &self.text,
            Origin::Override(number) => self.overrides.get(number).map_or("", String::as_str),
        }
    }

    /// Whether the file has syntax errors, so that values may be missing from the document.
    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// The value at `place`, if it exists.
    #[cfg(test)]
    fn find(&self, place: &DocumentPath) -> Option<&Node> {
        let (node, steps) = self.nearest(place);
        (steps == place.0.len()).then_some(node)
    }

    /// Removes the value at `place` from its table; false if it is not there, or not in a table.
    pub(super) fn remove(&mut self, place: &DocumentPath) -> bool {
        let Some((Step::Key(key), above)) = place.0.split_last() else { return false };
        let mut node = &mut self.root;
        for step in above {
            node = match (&mut node.kind, step) {
                (Kind::Table(entries), Step::Key(key)) => match entries.get_mut(key) {
                    Some(inner) => inner,
                    None => return false,
                },
                (Kind::Array(items), Step::Index(index)) => match items.get_mut(*index) {
                    Some(inner) => inner,
                    None => return false,
                },
                _ => return false,
            };
        }
        match &mut node.kind {
            Kind::Table(entries) => entries.remove(key).is_some(),
            _ => false,
        }
    }

    /// The value at `place` or its closest existing ancestor, and the number of steps to it.
    pub(crate) fn nearest(&self, place: &DocumentPath) -> (&Node, usize) {
        let mut node = &self.root;
        for (taken, step) in place.0.iter().enumerate() {
            match node.get(step) {
                Some(inner) => node = inner,
                None => return (node, taken),
            }
        }
        (node, place.0.len())
    }

    /// The bytes to underline for `problem`, and the source that they are in.
    pub(crate) fn locate(&self, problem: &Problem) -> (Origin, Range<usize>) {
        if let Some(span) = &problem.span {
            return (Origin::File, span.clone());
        }
        let (node, steps) = self.nearest(&problem.place);
        let exists = steps == problem.place.0.len();
        let span = match &node.key_span {
            Some(key) if exists && problem.on == On::Key => key,
            _ => &node.span,
        };
        (node.origin, span.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = "version = 1\n\n[drs.jobs]\ncount = 5\nrate = 0.5\nat = 2026-01-31T08:00:00Z\n\n[[eiam.job]]\nStatus = \"ok\"\n\n[[eiam.job]]\nStatus = 'späte日'\ntags = [1, { a = true }]\n";

    fn sample() -> Document {
        Document::parse("sample.toml", SAMPLE).0
    }

    fn place(text: &str) -> DocumentPath {
        text.parse().unwrap_or_default()
    }

    fn underlined(document: &Document, problem: &Problem) -> String {
        let (origin, span) = document.locate(problem);
        let text = document.source(origin).get(span);
        text.unwrap_or("outside the text").to_owned()
    }

    fn value_at(document: &Document, path: &str) -> String {
        let node = document.find(&place(path)).and_then(Node::to_value);
        node.map_or("missing".to_owned(), |value| value.to_string())
    }

    #[test]
    fn a_valid_file_equals_plain_toml() {
        let (document, problems) = Document::parse("sample.toml", SAMPLE);
        assert_eq!(problems, []);
        assert!(!document.is_damaged());
        let plain: Result<toml::Table, _> = SAMPLE.parse();
        assert_eq!(plain.map(toml::Value::Table), Ok(document.to_value()));
    }

    #[test]
    fn keys_values_and_headers_are_underlined() {
        let document = sample();
        let key = |path| underlined(&document, &Problem::key(place(path), ""));
        let value = |path| underlined(&document, &Problem::value(place(path), ""));
        assert_eq!(key("drs.jobs.count"), "count");
        assert_eq!(value("drs.jobs.count"), "5");
        assert_eq!(key("drs.jobs"), "jobs");
        assert_eq!(value("drs.jobs"), "[drs.jobs]");
        assert_eq!(key("drs.jobs.missing"), "[drs.jobs]");
        assert_eq!(value("eiam.job[1].Status"), "'späte日'");
        assert_eq!(key("eiam.job[1].nothing.here"), "[[eiam.job]]");
        assert_eq!(value("eiam.job[1].tags[1].a"), "true");
        assert_eq!(key("eiam.job[1].tags[1].b"), "{ a = true }");
        assert_eq!(key("missing"), "");
    }

    #[test]
    fn several_syntax_errors_are_reported_and_the_rest_is_still_read() {
        let text = "version 1\nname = open\n[a]\nb = 1\nb = 2\n[c]\nd = 0x_\ne = 7\n";
        let (document, problems) = Document::parse("x", text);
        assert_eq!(problems.len(), 4, "{problems:#?}");
        assert!(document.is_damaged());
        assert_eq!(value_at(&document, "c.e"), "7");
        assert_eq!(value_at(&document, "a.b"), "1");
        let name = document.find(&place("name")).map(|node| &node.kind);
        assert_eq!(name, Some(&Kind::Unreadable));
        assert_eq!(value_at(&document, "name"), "missing");
    }

    /// Each syntax error as `line: message`.
    fn errors(text: &str) -> Vec<String> {
        let line = |problem: Problem| {
            let start = problem.span.map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            format!("{}: {}", before.matches('\n').count() + 1, problem.message)
        };
        let (_, problems) = Document::parse("x", text);
        problems.into_iter().map(line).collect()
    }

    #[test]
    fn an_unclosed_bracket_is_reported_once_and_the_rest_is_still_read() {
        let text = "a = [ # one ]\n  '[', \"\\\"{\",\n\n[b]\nc = 5\nd = { e = 1\nf = 6\n[g]\nh = [{ i = 1 ]\nj = 7\n";
        assert_eq!(
            errors(text),
            [
                "1: unclosed array, expected `]`",
                "6: unclosed inline table, expected `}`",
                "9: mismatched `]`, expected `}`",
            ]
        );
        let (document, _) = Document::parse("x", text);
        assert_eq!(value_at(&document, "b.c"), "5");
        assert_eq!(value_at(&document, "b.f"), "6");
        assert_eq!(value_at(&document, "g.j"), "7");
    }

    #[test]
    fn an_unclosed_string_or_header_does_not_affect_the_rest() {
        let text = "z = '''\n[\n'''\na = '[\nb = [1\nc = 2\n[[y\nd = 3\n[x]\ne = 4\n";
        assert_eq!(
            errors(text),
            [
                "4: invalid literal string, expected `'`",
                "5: unclosed array, expected `]`",
                "7: unclosed array table, expected `]]`",
            ]
        );
        let (document, _) = Document::parse("x", text);
        assert_eq!(value_at(&document, "c"), "2");
        assert_eq!(value_at(&document, "x.e"), "4");
        assert_eq!(value_at(&document, "y"), "missing");
    }

    #[test]
    fn a_number_beyond_64_bits_is_a_problem_not_a_panic() {
        for number in ["9223372036854775808", "-0xfffffffffffffffff", "1e999"] {
            let (_, problems) = Document::parse("x", &format!("n = {number}"));
            assert_eq!(problems.len(), 1, "{number}: {problems:?}");
        }
        let (document, problems) = Document::parse("x", "n = [0xff, 1_000, -inf, nan]");
        assert_eq!(problems, []);
        assert_eq!(value_at(&document, "n"), "[255, 1000, -inf, nan]");
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_do_not_shift_spans() {
        let (document, problems) = Document::parse("x", "\u{feff}[a]\r\nb = 'é'\r\n");
        assert_eq!(problems, []);
        let problem = Problem::value(place("a.b"), "");
        assert_eq!(underlined(&document, &problem), "'é'");
        assert_eq!(Document::parse("x", "").1, []);
    }

    #[test]
    fn an_override_is_toml_or_else_plain_text() {
        let mut document = sample();
        for assignment in [
            "drs.jobs.count=1000000",
            "eiam.jobs.every=5m",
            "eiam.job.0.Status=failed",
            "eiam.job[1].Status=\"x=y\"",
            "new.deep.list=[1, 'two', {three = 3}]",
            " drs.jobs.at = 2027-01-01T00:00:00Z ",
            "drs.\"odd key\"=",
            "drs.jobs.rate=5 m",
        ] {
            assert_eq!(document.set(assignment), Ok(()), "{assignment}");
        }
        assert_eq!(value_at(&document, "drs.jobs.count"), "1000000");
        assert_eq!(value_at(&document, "eiam.jobs.every"), "\"5m\"");
        assert_eq!(value_at(&document, "eiam.job[0].Status"), "\"failed\"");
        assert_eq!(value_at(&document, "eiam.job[1].Status"), "\"x=y\"");
        assert_eq!(value_at(&document, "new.deep.list[2].three"), "3");
        assert_eq!(value_at(&document, "drs.jobs.at"), "2027-01-01T00:00:00Z");
        assert_eq!(value_at(&document, "drs.\"odd key\""), "\"\"");
        assert_eq!(value_at(&document, "drs.jobs.rate"), "\"5 m\"");
    }

    #[test]
    fn problems_in_an_override_are_underlined_in_the_override() {
        let mut document = sample();
        assert_eq!(document.set("drs.new.cuont = [5, 'é']"), Ok(()));
        let key = |path| underlined(&document, &Problem::key(place(path), ""));
        let value = |path| underlined(&document, &Problem::value(place(path), ""));
        assert_eq!(key("drs.new.cuont"), "cuont");
        assert_eq!(value("drs.new.cuont"), "[5, 'é']");
        assert_eq!(value("drs.new.cuont[1]"), "'é'");
        assert_eq!(key("drs.new.missing"), "new");
        assert_eq!(key("drs.jobs"), "jobs");
    }

    #[test]
    fn a_wrong_override_says_why_and_changes_nothing() {
        let mut document = sample();
        let before = document.root().clone();
        let deep = format!("{}=1", vec!["a"; 100].join("."));
        for (assignment, expected) in [
            ("drs", r#"expected key=value, found "drs""#),
            ("=5", r#"empty key in """#),
            ("a..b=5", r#"empty key in "a..b""#),
            ("version.a.b=1", "version is a whole number, so nothing can be set inside it"),
            ("eiam.job.2.Status=1", "eiam.job has no element 2, it has 2 counted from 0"),
            ("eiam.job.first=1", r#"eiam.job is a list, so "first" must be a number"#),
            ("drs[0]=1", "drs is a table, so it has no element 0"),
            ("zed[0]=1", "zed does not exist, so it has no element 0"),
            ("a=99999999999999999999", r#"the number is too large in "a=99999999999999999999""#),
            (&deep, "at most 64 keys deep, found 100"),
        ] {
            assert_eq!(document.set(assignment), Err(expected.to_owned()));
        }
        assert_eq!(document.root(), &before);
    }

    #[test]
    fn deep_nesting_is_a_problem_not_a_stack_overflow() {
        let many = |text: &str| text.repeat(20_000);
        for text in [
            format!("a = {}", many("[")),
            format!("a = {}", many("{a=")),
            format!("{}b = 1", many("a.")),
            format!("[{}b]", many("a.")),
            format!("a = {}{}", many("["), many("]")),
        ] {
            assert!(!Document::parse("x", &text).1.is_empty());
            assert!(sample().set(&text).is_ok() || text.contains("a.a."));
        }
    }

    fn check_spans(document: &Document, node: &Node) -> Result<(), TestCaseError> {
        let text = document.source(node.origin);
        prop_assert!(text.get(node.span.clone()).is_some());
        if let Some(key) = &node.key_span {
            prop_assert!(text.get(key.clone()).is_some());
        }
        match &node.kind {
            Kind::Array(items) => items.iter().try_for_each(|it| check_spans(document, it)),
            Kind::Table(entries) => entries.values().try_for_each(|it| check_spans(document, it)),
            _ => Ok(()),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, cases: 2000, ..Default::default()
        })]

        #[test]
        fn no_mutation_of_a_file_panics_or_leaves_a_span_outside_it(
            edits in prop::collection::vec((0..SAMPLE.len(), 0..6_usize, r#"[\[\]{}="'.,#\n\r\t \\a1日\x00\u{feff}-]{0,3}"#), 1..8),
            assignment in r#"[a-z.\[\]0-9"'={} 日]{0,25}"#,
        ) {
            let mut text = SAMPLE.to_owned();
            for (at, remove, insert) in edits {
                let at = (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
                let end = (at + remove..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
                text.replace_range(at..end, &insert);
            }
            let (mut document, problems) = Document::parse("x", &text);
            for problem in &problems {
                let (origin, span) = document.locate(problem);
                prop_assert!(document.source(origin).get(span).is_some(), "{problem:?}");
            }
            let _ = document.set(&assignment);
            let _ = document.set(&format!("eiam.job.0.{assignment}"));
            check_spans(&document, document.root())?;
            let plain: Result<toml::Table, _> = text.parse();
            prop_assert_eq!(plain.is_ok(), problems.is_empty());
        }
    }
}
