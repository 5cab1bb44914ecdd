//! Lets the TOML parser see beyond errors that would hide the rest of a file from it.

use std::ops::Range;

use toml::de::{DeTable, Error};

use crate::scenario::problem::{Place, Problem};

/// How often the parser is started again to see beyond an error.
const MAX_REPAIRS: usize = 16;

/// Blanks out, byte for byte, the lines whose errors would keep the parser from reading the rest,
/// and returns the text with the problems of those lines.
///
/// The parser forgets everything after a key without a value, and takes everything after a
/// bracket that is never closed, in a header or a value, for the inside of that bracket.
pub(super) fn repair(text: &str) -> (String, Vec<Problem>) {
    let mut text = text.to_owned();
    let mut problems = Vec::new();
    let says = |error: &Error, what: &str| error.message().starts_with(what);
    for _ in 0..MAX_REPAIRS {
        let (_, errors) = DeTable::parse_recoverable(&text);
        let open = |it| says(it, "unclosed array,") || says(it, "unclosed inline table,");
        let header = |it: &&Error| says(it, "unclosed table,") || says(it, "unclosed array table,");
        let bare = |it: &&Error| says(it, "key with no value");
        if errors.iter().any(open)
            && let Some(at) = unclosed_bracket(&text)
        {
            problems.extend(bracket_problems(&text, at, &errors));
            let lines = unclosed_lines(&text, at);
            blank(&mut text, lines);
        } else if let Some(error) = errors.iter().find(header) {
            problems.push(syntax_problem(error));
            let lines = section_around(&text, error.span().map_or(0, |span| span.start));
            blank(&mut text, lines);
        } else if errors.iter().any(|it| bare(&it)) {
            for error in errors.iter().filter(bare) {
                problems.push(syntax_problem(error));
                let line = line_around(&text, error.span().map_or(0, |span| span.start));
                blank(&mut text, line);
            }
        } else {
            break;
        }
    }
    (text, problems)
}

/// The errors on the line of the unclosed bracket, or that it is unclosed if there are none.
fn bracket_problems(text: &str, at: usize, errors: &[Error]) -> Vec<Problem> {
    let end = line_around(text, at).end;
    let inside = |error: &&Error| {
        let start = error.span().map_or(0, |span| span.start);
        start > at && start < end && !error.message().starts_with("unclosed")
    };
    let problems: Vec<Problem> = errors.iter().filter(inside).map(syntax_problem).collect();
    if !problems.is_empty() {
        return problems;
    }
    let message = if text.get(at..).is_some_and(|rest| rest.starts_with('[')) {
        "unclosed array, expected `]`"
    } else {
        "unclosed inline table, expected `}`"
    };
    vec![Problem::at(at..at + 1, message)]
}

/// Where the outermost bracket that is never closed is, headers aside.
fn unclosed_bracket(text: &str) -> Option<usize> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut at = 0;
    let mut new_line = true;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let header = new_line && first == '[' && open.is_empty();
        new_line = first == '\n' || (new_line && first.is_whitespace());
        match first {
            '[' if !header => open.push((at, ']')),
            '{' => open.push((at, '}')),
            _ if open.last().is_some_and(|(_, close)| *close == first) => drop(open.pop()),
            _ => {}
        }
        at += match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '[' if header => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => string_length(rest, first),
            _ => first.len_utf8(),
        };
    }
    open.first().map(|(at, _)| *at)
}

/// The bytes of the string that `text` starts with, to the end of the line if it is unclosed.
fn string_length(text: &str, quote: char) -> usize {
    let triple: String = [quote; 3].iter().collect();
    let single = triple.get(..1).unwrap_or_default();
    let closing = if text.starts_with(&triple) { &triple } else { single };
    let mut at = closing.len();
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        if rest.starts_with(closing) {
            return at + closing.len();
        }
        if first == '\n' && closing == single {
            return at;
        }
        let escaped = rest.chars().nth(1).filter(|_| first == '\\' && quote == '"');
        at += first.len_utf8() + escaped.map_or(0, char::len_utf8);
    }
    text.len()
}

/// The line of the bracket at `at` and the lines that seem to be inside it: those before the
/// next that starts, without indentation, a header or a key with a value.
fn unclosed_lines(text: &str, at: usize) -> Range<usize> {
    let Range { start, mut end } = line_around(text, at);
    for line in text.get(end + 1..).unwrap_or_default().split('\n') {
        let key = line.starts_with(|c: char| c.is_alphanumeric() || c == '_') && line.contains('=');
        if key || line.starts_with('[') {
            break;
        }
        end += 1 + line.len();
    }
    start..end.min(text.len())
}

/// The line of the header at `at` and the lines up to the next header.
fn section_around(text: &str, at: usize) -> Range<usize> {
    let Range { start, mut end } = line_around(text, at);
    for line in text.get(end + 1..).unwrap_or_default().split('\n') {
        if line.trim_start().starts_with('[') {
            break;
        }
        end += 1 + line.len();
    }
    start..end.min(text.len())
}

/// The line that the byte `at` is in, without its line feed.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let before = text.get(..at).and_then(|before| before.rfind('\n'));
    let after = text.get(at..).and_then(|after| after.find('\n'));
    before.map_or(0, |it| it + 1)..after.map_or(text.len(), |it| at + it)
}

/// Puts spaces in place of all but the line ends in `range`, so that what follows stays in place.
fn blank(text: &mut String, range: Range<usize>) {
    if let Some(old) = text.get(range.clone()) {
        let space = |byte| match byte {
            b'\n' | b'\r' => char::from(byte),
            _ => ' ',
        };
        let spaces: String = old.bytes().map(space).collect();
        text.replace_range(range, &spaces);
    }
}

pub(super) fn syntax_problem(error: &Error) -> Problem {
    let problem = Problem { span: error.span(), ..Problem::value(Place::root(), error.message()) };
    if error.message().starts_with("duplicate key") {
        problem.hint("a key or [table] can be given once; a list of tables is written [[name]]")
    } else {
        problem
    }
}
