//! Turns what the TOML parser found into nodes.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};
use toml::map::Map;

use super::{Kind, Node, Origin};
use crate::scenario::problem::Problem;

/// Turns what the TOML parser found into nodes.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    /// Added to every span, for a text that is the tail of another.
    pub(super) shift: usize,
    pub(super) origin: Origin,
    /// Where syntax errors start and end, in order.
    pub(super) torn: Vec<usize>,
    pub(super) problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn node(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key_span: Option<Range<usize>>,
    ) -> Node {
        let span = value.span();
        let kind = if self.is_literal(value) && self.is_torn(&span) {
            Kind::Unreadable
        } else {
            self.kind(value)
        };
        Node { kind, span: self.shifted(span), key_span, origin: self.origin }
    }

    fn shifted(&self, span: Range<usize>) -> Range<usize> {
        span.start + self.shift..span.end + self.shift
    }

    /// Whether the value is all in one piece, unlike a table under a header.
    fn is_literal(&self, value: &Spanned<DeValue<'_>>) -> bool {
        let start = value.span().start;
        match value.get_ref() {
            DeValue::Table(_) => self.text.get(start..).unwrap_or("").starts_with('{'),
            DeValue::Array(items) => items.first().is_none_or(|item| item.span().start != start),
            _ => true,
        }
    }

    /// Whether a syntax error touches `span`, or the parser made the value up.
    fn is_torn(&self, span: &Range<usize>) -> bool {
        let next = self.torn.partition_point(|end| *end < span.start);
        span.is_empty() || self.torn.get(next).is_some_and(|end| *end <= span.end)
    }

    fn kind(&mut self, value: &Spanned<DeValue<'_>>) -> Kind {
        match value.get_ref() {
            DeValue::String(text) => Kind::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| self.too_large(value.span()), Kind::Integer),
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(float) if float.is_finite() || number.as_str().contains(['i', 'n']) => {
                    Kind::Float(float)
                }
                _ => self.too_large(value.span()),
            },
            DeValue::Boolean(truth) => Kind::Boolean(*truth),
            DeValue::Datetime(datetime) => Kind::Datetime(*datetime),
            DeValue::Array(items) => {
                Kind::Array(items.iter().map(|item| self.node(item, None)).collect())
            }
            DeValue::Table(entries) => self.table(entries),
        }
    }

    fn too_large(&mut self, span: Range<usize>) -> Kind {
        let problem = Problem::at(span, "the number is too large");
        self.problems
            .push(problem.hint("numbers have 64 bits, whole ones up to 9223372036854775807"));
        Kind::Unreadable
    }

    pub(super) fn table(&mut self, entries: &DeTable<'_>) -> Kind {
        let mut nodes = Map::new();
        for (key, value) in entries {
            let key_span = key.span();
            // The parser makes up an empty key where one is missing.
            if !key_span.is_empty() {
                let key_span = Some(self.shifted(key_span));
                nodes.insert(key.get_ref().to_string(), self.node(value, key_span));
            }
        }
        Kind::Table(nodes)
    }
}

pub(super) fn ends_of(errors: &[Error]) -> Vec<usize> {
    let spans = errors.iter().filter_map(Error::span);
    let mut ends: Vec<usize> = spans.flat_map(|span| [span.start, span.end]).collect();
    ends.sort_unstable();
    ends
}
