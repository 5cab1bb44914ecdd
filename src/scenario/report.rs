//! Shows problems to people, each under the line it is in.

use std::ops::Range;

use super::document::{Document, Origin};
use super::problem::Problem;

/// The option before an override on the command line.
const OPTION: &str = "--set ";

/// The most problems that are shown.
const MAX_SHOWN: usize = 1_000;
/// Of a line longer than this, only the part around the offending text is shown (bytes).
const MAX_LINE: usize = 400;
/// How much is shown on each side of where the offending text begins (bytes).
const AROUND: usize = 120;

/// All `problems` of `document` in the order of the file, then those of the overrides, and a
/// closing count; the empty text if there are none.
///
/// Lines and columns count from 1, columns in characters whatever their width. `colour` adds
/// terminal escape sequences.
pub(crate) fn render(document: &Document, problems: &[Problem], colour: bool) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let lines = Lines::of(document.source(Origin::File));
    let mut located: Vec<(Origin, Range<usize>, &Problem)> = problems
        .iter()
        .map(|problem| {
            let (origin, span) = document.locate(problem);
            (origin, span, problem)
        })
        .collect();
    located.sort_by_key(|(origin, span, _)| (*origin, span.start));
    located.truncate(MAX_SHOWN);
    let mut text = String::new();
    for (origin, span, problem) in located {
        let shown = match origin {
            Origin::File => {
                let excerpt = Excerpt { file: Some(document.name()), line: lines.at(&span) };
                drawing::draw(problem, excerpt, colour)
            }
            // An override is short enough to be its own source name, so no other is shown.
            Origin::Override(_) => {
                let option = format!("{OPTION}{}", document.source(origin));
                let span = span.start + OPTION.len()..span.end + OPTION.len();
                let line = Lines::of(&option).at(&span);
                drawing::draw(problem, Excerpt { file: None, line }, colour)
            }
        };
        text.push_str(&shown);
        text.push_str("\n\n");
    }
    text.push_str(&closing(document.name(), problems.len()));
    text
}

fn closing(name: &str, count: usize) -> String {
    let problems = if count == 1 { "problem" } else { "problems" };
    match count {
        ..MAX_SHOWN => format!("{name}: {count} {problems}\n"),
        MAX_SHOWN => format!("{name}: {count} {problems} at least\n"),
        _ => format!("{name}: {count} {problems} at least, of which {MAX_SHOWN} are shown\n"),
    }
}

/// The line that a problem is in.
struct Excerpt<'a> {
    /// None for an override, whose line has no number either.
    file: Option<&'a str>,
    line: Line<'a>,
}

/// With the offending text underlined.
#[cfg(feature = "cli")]
mod drawing {
    use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

    use super::{Excerpt, Problem};

    pub(super) fn draw(problem: &Problem, excerpt: Excerpt<'_>, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let Excerpt { file, line } = excerpt;
        let underline = AnnotationKind::Primary.span(line.underline);
        let snippet = Snippet::source(line.text).annotation(underline);
        let snippet = match (file, line.column) {
            (Some(name), None) => snippet.line_start(line.number).path(name),
            (Some(_), Some(_)) => snippet.line_start(line.number),
            (None, _) => snippet.line_numbering(false),
        };
        let group = Level::ERROR.primary_title(&problem.message).element(snippet);
        let group = match &problem.hint {
            Some(hint) => group.element(Level::HELP.message(hint)),
            None => group,
        };
        let drawn = renderer.render(&[group]);
        // The renderer takes the column from the text, which is a part of the line here.
        let place = file.zip(line.column).zip(drawn.split_once('\n'));
        let Some(((name, column), (title, rest))) = place else { return drawn };
        let indentation = " ".repeat(line.number.to_string().len());
        format!("{title}\n{indentation}--> {name}:{}:{column}\n{rest}", line.number)
    }
}

/// Without the command line: place and text alone.
#[cfg(not(feature = "cli"))]
mod drawing {
    use super::{Excerpt, Problem};

    pub(super) fn draw(problem: &Problem, excerpt: Excerpt<'_>, _colour: bool) -> String {
        let Excerpt { file, line } = excerpt;
        let shown =
            || line.text.get(..line.underline.start).unwrap_or_default().chars().count() + 1;
        let column = line.column.unwrap_or_else(shown);
        let place = file.map(|name| format!("{name}:{}:{column}: ", line.number));
        let hint = problem.hint.as_ref().map(|hint| format!("\nhelp: {hint}"));
        format!(
            "{}error: {}\n{}{}",
            place.unwrap_or_default(),
            problem.message,
            line.text,
            hint.unwrap_or_default()
        )
    }
}

/// A text cut into lines.
struct Lines<'a> {
    text: &'a str,
    /// Where each line starts, in bytes; never empty.
    starts: Vec<usize>,
}

/// One line and the part of it to underline.
struct Line<'a> {
    /// Counted from 1.
    number: usize,
    text: &'a str,
    underline: Range<usize>,
    /// Where the offending text begins, counted from 1, if the text is a part of the line.
    column: Option<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The line where `span` starts. What spans further lines is underlined on the first only,
    /// which keeps every report short and the renderer's input in bounds.
    fn at(&self, span: &Range<usize>) -> Line<'a> {
        let number = self.starts.partition_point(|start| *start <= span.start);
        let start = self.starts.get(number.saturating_sub(1)).copied();
        let start = start.unwrap_or_default();
        let end = self.starts.get(number).copied().unwrap_or(self.text.len());
        let line = self.text.get(start..end).unwrap_or_default();
        let line = line.trim_end_matches('\n').trim_end_matches('\r');
        let shown = line.strip_prefix('\u{feff}').unwrap_or(line);
        let skipped = start + line.len() - shown.len();
        let from = boundary(shown, span.start.saturating_sub(skipped));
        let to = boundary(shown, span.end.saturating_sub(skipped));
        let (number, to) = (number.max(1), to.max(from));
        if shown.len() <= MAX_LINE {
            return Line { number, text: shown, underline: from..to, column: None };
        }
        let begin = boundary(shown, from.saturating_sub(AROUND));
        let end = boundary(shown, from.saturating_add(AROUND));
        let text = shown.get(begin..end).unwrap_or_default();
        let column = shown.get(..from).unwrap_or_default().chars().count() + 1;
        let underline = from - begin..to.min(end).max(from) - begin;
        Line { number, text, underline, column: Some(column) }
    }
}

/// The last place between characters of `text` that is not after `at`.
fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    let places = (0..=at).rev();
    let mut places = places.filter(|place| text.is_char_boundary(*place));
    places.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::problem::DocumentPath;
    use proptest::prelude::*;

    fn place(text: &str) -> DocumentPath {
        text.parse().unwrap_or_default()
    }

    fn report(text: &str, overrides: &[&str], problems: &[Problem]) -> String {
        let (mut document, mut all) = Document::parse("sync.toml", text);
        for assignment in overrides {
            assert_eq!(document.set(assignment), Ok(()));
        }
        all.extend_from_slice(problems);
        render(&document, &all, false)
    }

    #[test]
    fn problems_are_shown_in_the_order_of_the_file_then_of_the_overrides() {
        let text = "version = 1\n[drs.jobs]\nevery = \"5 minuts\"\n";
        let problems = [
            Problem::key(place("drs.jobs.cuont"), "unknown key \"cuont\"")
                .hint("did you mean \"count\"?"),
            Problem::value(place("drs.jobs.every"), "not a duration: \"5 minuts\""),
            Problem::value(place("version"), "must be at least 2, is 1").hint("upgrade"),
            Problem::key(place("drs.jobs.count"), "missing key \"count\""),
        ];
        let expected = r#"error: must be at least 2, is 1
 --> sync.toml:1:11
  |
1 | version = 1
  |           ^
  |
  = help: upgrade

error: missing key "count"
 --> sync.toml:2:1
  |
2 | [drs.jobs]
  | ^^^^^^^^^^

error: not a duration: "5 minuts"
 --> sync.toml:3:9
  |
3 | every = "5 minuts"
  |         ^^^^^^^^^^

error: unknown key "cuont"
 |
 | --set drs.jobs.cuont=5
 |                ^^^^^
 |
 = help: did you mean "count"?

sync.toml: 4 problems
"#;
        let shown = report(text, &["drs.jobs.cuont=5"], &problems);
        assert_eq!(shown, expected, "{shown}");
    }

    #[test]
    fn columns_count_characters_not_bytes_or_cells() {
        let text = "\u{feff}a = { \"名前\" = \"日本\",\tx = 5 }\r\n";
        let shown = report(text, &[], &[Problem::value(place("a.x"), "wrong")]);
        let expected = r#"error: wrong
 --> sync.toml:1:24
  |
1 | a = { "名前" = "日本",    x = 5 }
  |                               ^

sync.toml: 1 problem
"#;
        assert_eq!(shown, expected, "{shown}");
        let shown = report(text, &[], &[Problem::value(place("a"), "wrong")]);
        assert!(shown.contains("sync.toml:1:5"), "{shown}");
    }

    #[test]
    fn a_value_of_many_lines_is_underlined_on_its_first() {
        let text = "a = [\n  1,\n  2,\n]\n";
        let shown = report(text, &[], &[Problem::value(place("a"), "wrong")]);
        assert!(shown.contains("1 | a = [\n  |     ^\n"), "{shown}");
        assert!(!shown.contains("2 |"), "{shown}");
    }

    #[test]
    fn a_missing_top_level_key_points_at_the_start_even_of_an_empty_file() {
        let problem = Problem::key(place("version"), "missing key \"version\"");
        for text in ["", "\n", "\u{feff}", "x = 1"] {
            let shown = report(text, &[], std::slice::from_ref(&problem));
            assert!(shown.contains("sync.toml:1:1\n"), "{shown}");
        }
        assert_eq!(report("", &[], &[]), "");
    }

    #[test]
    fn syntax_errors_are_shown_where_they_are() {
        let shown = report("a = 1\nb = open\nc = [1\n", &[], &[]);
        assert!(shown.contains("sync.toml:2:5"), "{shown}");
        assert!(shown.contains("sync.toml:3:5"), "{shown}");
        assert!(shown.ends_with("sync.toml: 2 problems\n"), "{shown}");
    }

    #[test]
    fn colour_is_added_only_on_request() {
        let (document, problems) = Document::parse("sync.toml", "a = ");
        assert!(render(&document, &problems, true).contains("\u{1b}["));
        assert!(!render(&document, &problems, false).contains("\u{1b}["));
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let shown = report(
            "\"a\u{7f}\" = 1",
            &["b = \"\"\"\u{1b}[31m\nx\"\"\""],
            &[
                Problem::value(place("\"a\u{7f}\""), "wrong \u{1b}[31m"),
                Problem::value(place("b"), "wrong"),
            ],
        );
        assert!(!shown.contains(['\u{1b}', '\u{7f}']), "{shown:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, cases: 2000, ..Default::default()
        })]

        #[test]
        fn no_text_and_no_span_panics(
            text in r#"[ab="'\[\]{}日é👩\u{200d}\u{feff}\u{301}\t\r\n\x00\x1b ]{0,60}"#,
            long in 0..400_usize,
            spans in prop::collection::vec((0..500_usize, 0..500_usize), 0..4),
            colour: bool,
        ) {
            let text = format!("{}{text}", "x日".repeat(long / 2));
            let (mut document, mut problems) = Document::parse("x", &text);
            for (start, length) in spans {
                problems.push(Problem::at(start..start + length, text.clone()).hint(text.clone()));
            }
            if document.set(&format!("zed={text}")).is_ok() {
                problems.push(Problem::value(place("zed"), "wrong"));
                problems.push(Problem::key(place("zed"), "wrong"));
            }
            let count = problems.len();
            let shown = render(&document, &problems, colour);
            prop_assert_eq!(shown.is_empty(), count == 0);
        }
    }
}
