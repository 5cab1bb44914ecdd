//! Scans a TOML text by statements for errors that the TOML parser does not recover from.

use std::iter::Peekable;
use std::ops::Range;

use toml_parser::Source;
use toml_parser::lexer::{Lexer, TokenKind};

use crate::scenario::problem::Problem;

/// A table header, or a key with its value.
pub(crate) struct Statement {
    pub(crate) is_header: bool,
    /// From its first token to the end of its last line.
    pub(crate) span: Range<usize>,
    /// The parts of all its keys, such as `a` and `b` in `a.b = 1`.
    pub(crate) keys: Vec<Range<usize>>,
    pub(crate) damage: Option<Damage>,
}

/// An error that keeps the parser from reading the following statements.
pub(crate) struct Damage {
    pub(crate) problem: Problem,
    pub(crate) cause: Cause,
}

pub(crate) enum Cause {
    /// An unclosed header. The parser takes the next header for a part of it.
    Header,
    /// A key without a value. The parser stops there.
    Key,
    /// An unclosed bracket. The parser takes everything that follows for its content.
    Bracket {
        /// The end of the part before the error.
        readable_end: usize,
        /// The brackets that would close that part.
        closing: String,
    },
}

impl Statement {
    /// The first statement of `text` that starts at the byte `at` or later.
    pub(crate) fn read(text: &str, at: usize) -> Option<Self> {
        let rest = text.get(at..)?;
        let tokens = Source::new(rest).lex().peekable();
        let mut scanner = Scanner { tokens, offset: at, last: at..at, keys: Vec::new() };
        while matches!(
            scanner.peek(),
            TokenKind::Whitespace | TokenKind::Newline | TokenKind::Comment
        ) {
            scanner.advance();
        }
        let start = scanner.next_start();
        let first = scanner.peek();
        let damage = match first {
            TokenKind::Eof => return None,
            TokenKind::LeftSquareBracket => scanner.header(),
            TokenKind::Dot | TokenKind::Equals => scanner.key_and_value(),
            kind if is_key(kind) => scanner.key_and_value(),
            // The parser reports this line and continues with the next.
            _ => None,
        };
        scanner.skip_line();
        Some(Self {
            is_header: first == TokenKind::LeftSquareBracket,
            span: start..scanner.last.end,
            keys: scanner.keys,
            damage,
        })
    }
}

/// Groups tokens as the parser does, so that both agree on where a statement ends.
struct Scanner<'a> {
    tokens: Peekable<Lexer<'a>>,
    /// Where the first token starts in the file.
    offset: usize,
    /// The token read last.
    last: Range<usize>,
    keys: Vec<Range<usize>>,
}

impl Scanner<'_> {
    fn peek(&mut self) -> TokenKind {
        self.tokens.peek().map_or(TokenKind::Eof, |token| token.kind())
    }

    fn next_start(&mut self) -> usize {
        let next = self.tokens.peek().map(|token| token.span().start() + self.offset);
        next.unwrap_or(self.last.end)
    }

    fn advance(&mut self) {
        if let Some(token) = self.tokens.next() {
            let span = token.span();
            self.last = span.start() + self.offset..span.end() + self.offset;
        }
    }

    /// Advances if the next token is of this kind.
    fn accept(&mut self, kind: TokenKind) -> bool {
        let found = self.peek() == kind;
        if found {
            self.advance();
        }
        found
    }

    fn skip_line(&mut self) {
        while !matches!(self.peek(), TokenKind::Newline | TokenKind::Eof) {
            self.advance();
        }
    }

    /// Reads a key and the whitespace after it. Returns whether it is complete, and its end.
    fn key(&mut self) -> (bool, usize) {
        let mut complete = false;
        let mut end = self.last.end;
        loop {
            match self.peek() {
                TokenKind::Whitespace => self.advance(),
                TokenKind::Dot => {
                    self.advance();
                    (complete, end) = (false, self.last.end);
                }
                kind if is_key(kind) && !complete => {
                    self.advance();
                    self.keys.push(self.last.clone());
                    (complete, end) = (true, self.last.end);
                }
                _ => return (complete, end),
            }
        }
    }

    fn header(&mut self) -> Option<Damage> {
        self.advance();
        let is_array = self.accept(TokenKind::LeftSquareBracket);
        let (complete, mut end) = self.key();
        let (what, mut missing) = if is_array { ("array table", "]]") } else { ("table", "]") };
        while !missing.is_empty() && self.accept(TokenKind::RightSquareBracket) {
            missing = missing.get(1..).unwrap_or_default();
            end = self.last.end;
        }
        if missing.is_empty() {
            return None;
        }
        let message = if complete {
            format!("unclosed {what}, expected `{missing}`")
        } else {
            format!("incomplete {what} name, expected a key")
        };
        Some(Damage { problem: Problem::at(end..end, message), cause: Cause::Header })
    }

    fn key_and_value(&mut self) -> Option<Damage> {
        self.key();
        if !self.accept(TokenKind::Equals) {
            let here = self.next_start();
            let problem = Problem::at(here..here, "key with no value, expected `=`");
            return Some(Damage { problem, cause: Cause::Key });
        }
        self.accept(TokenKind::Whitespace);
        while self.accept(TokenKind::Equals) {}
        match self.peek() {
            TokenKind::LeftSquareBracket => self.brackets("unclosed array, expected `]`"),
            TokenKind::LeftCurlyBracket => self.brackets("unclosed inline table, expected `}`"),
            _ => None,
        }
    }

    /// Reads from an opening bracket to its closing bracket.
    fn brackets(&mut self, unclosed: &str) -> Option<Damage> {
        let opening = self.next_start();
        let mut closing = String::new();
        let mut key = Vec::new();
        loop {
            let start = self.next_start();
            let kind = self.peek();
            self.advance();
            match kind {
                TokenKind::LeftSquareBracket => closing.push(']'),
                TokenKind::LeftCurlyBracket => closing.push('}'),
                TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                    let found = if kind == TokenKind::RightSquareBracket { ']' } else { '}' };
                    let expected = closing.chars().next_back()?;
                    if found == expected {
                        closing.pop();
                    } else if closing.contains(found) {
                        let message = format!("mismatched `{found}`, expected `{expected}`");
                        return Some(bracket_damage(self.last.clone(), message, start, &closing));
                    }
                    // The parser reports a bracket that closes nothing and continues after it.
                    if closing.is_empty() {
                        return None;
                    }
                }
                TokenKind::Eof => {
                    let span = opening..opening + 1;
                    return Some(bracket_damage(span, unclosed.to_owned(), start, &closing));
                }
                _ => {}
            }
            match kind {
                TokenKind::Dot | TokenKind::Whitespace => {}
                TokenKind::Equals => self.keys.append(&mut key),
                kind if is_key(kind) => key.push(self.last.clone()),
                _ => key.clear(),
            }
        }
    }
}

fn bracket_damage(
    span: Range<usize>,
    message: String,
    readable_end: usize,
    closing: &str,
) -> Damage {
    let closing = closing.chars().rev().collect();
    Damage { problem: Problem::at(span, message), cause: Cause::Bracket { readable_end, closing } }
}

/// Whether `line` looks like a header or a key with a value, rather than a part of an array.
pub(crate) fn starts_statement(line: &str) -> bool {
    let tokens = Source::new(line).lex().map(|token| token.kind());
    let mut tokens = tokens.filter(|kind| *kind != TokenKind::Whitespace);
    match tokens.next() {
        // Unlike an array in an array, a header has no commas.
        Some(TokenKind::LeftSquareBracket) => tokens.all(|kind| kind != TokenKind::Comma),
        Some(kind) if is_key(kind) => {
            let after_key = tokens.find(|kind| *kind != TokenKind::Dot && !is_key(*kind));
            after_key == Some(TokenKind::Equals)
        }
        _ => false,
    }
}

fn is_key(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Atom
            | TokenKind::BasicString
            | TokenKind::LiteralString
            | TokenKind::MlBasicString
            | TokenKind::MlLiteralString
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn statements(text: &str) -> Vec<Statement> {
        let mut at = 0;
        let next = || {
            let statement = Statement::read(text, at)?;
            at = statement.span.end;
            Some(statement)
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn brackets_in_strings_and_comments_are_text() {
        let text = r##"
a = "[ \" {" # [
b = '{ \' # {
c = """
[ \""" {
""" # it's
d = '''
{ " ["'''
"[" = ["[", '{', """
]""", '''}
''', # ]
]
'{.' . "[" = { "}" = ']' }
['['."]"] # [
e = bare[
# [f
"##;
        let found = statements(text);
        assert!(found.iter().all(|it| it.damage.is_none()));
        let first_lines: Vec<_> = found
            .iter()
            .map(|it| text[it.span.clone()].lines().next().unwrap_or_default())
            .collect();
        assert_eq!(
            first_lines,
            [
                r#"a = "[ \" {" # ["#,
                r"b = '{ \' # {",
                r#"c = """"#,
                "d = '''",
                r#""[" = ["[", '{', """"#,
                r#"'{.' . "[" = { "}" = ']' }"#,
                r#"['['."]"] # ["#,
                "e = bare[",
            ]
        );
    }

    #[test]
    fn every_part_of_every_key_is_found() {
        let text = "a.'b' = { c = [{ d . e = 1 }, x], f = y }\n[\"g\".h]\n";
        let keys: Vec<_> = statements(text).into_iter().flat_map(|it| it.keys).collect();
        let names: Vec<_> = keys.into_iter().map(|key| &text[key]).collect();
        assert_eq!(names, ["a", "'b'", "c", "d", "e", "f", "\"g\"", "h"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, cases: 2000, ..Default::default()
        })]

        #[test]
        fn no_text_panics_and_statements_follow_one_another(
            text in r#"([\[\]{}="'.,#\n\r\t \\a1日\x00\u{feff}-]|"""|'''|\na = |\n\[b\]\n){0,40}"#,
        ) {
            let mut end = 0;
            for statement in statements(&text) {
                prop_assert!(statement.span.start >= end && !statement.span.is_empty());
                prop_assert!(text.get(statement.span.clone()).is_some());
                end = statement.span.end;
            }
        }
    }
}
