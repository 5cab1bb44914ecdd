//! Converts the output of the TOML parser to nodes.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};
use toml::map::Map;

use super::{Kind, Node, Origin};
use crate::scenario::problem::Problem;

/// Converts the output of the TOML parser to nodes.
pub(crate) struct Reader<'a> {
    pub(crate) text: &'a str,
    /// Where `text` starts in the source, which is added to every span.
    pub(crate) offset: usize,
    pub(crate) origin: Origin,
    /// The starts and ends of the spans of all syntax errors, sorted.
    pub(crate) error_bounds: Vec<usize>,
    pub(crate) problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(crate) fn node(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key_span: Option<Range<usize>>,
    ) -> Node {
        let span = value.span();
        let kind = if self.is_written_inline(value) && self.has_syntax_error(&span) {
            Kind::Unreadable
        } else {
            self.kind(value)
        };
        Node { kind, span: self.in_source(span), key_span, origin: self.origin }
    }

    fn in_source(&self, span: Range<usize>) -> Range<usize> {
        span.start + self.offset..span.end + self.offset
    }

    /// Whether the value is written in one piece, unlike a table with a header.
    fn is_written_inline(&self, value: &Spanned<DeValue<'_>>) -> bool {
        let start = value.span().start;
        match value.get_ref() {
            DeValue::Table(_) => self.text.get(start..).unwrap_or("").starts_with('{'),
            DeValue::Array(items) => items.first().is_none_or(|item| item.span().start != start),
            _ => true,
        }
    }

    /// Whether a syntax error touches `span`, or the value is a placeholder of the parser.
    fn has_syntax_error(&self, span: &Range<usize>) -> bool {
        let next = self.error_bounds.partition_point(|end| *end < span.start);
        span.is_empty() || self.error_bounds.get(next).is_some_and(|end| *end <= span.end)
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

    pub(crate) fn table(&mut self, entries: &DeTable<'_>) -> Kind {
        let mut nodes = Map::new();
        for (key, value) in entries {
            let key_span = key.span();
            // The parser inserts an empty key as a placeholder for a missing one.
            if !key_span.is_empty() {
                let key_span = Some(self.in_source(key_span));
                nodes.insert(key.get_ref().to_string(), self.node(value, key_span));
            }
        }
        Kind::Table(nodes)
    }
}

pub(crate) fn error_bounds(errors: &[Error]) -> Vec<usize> {
    let spans = errors.iter().filter_map(Error::span);
    let mut bounds: Vec<usize> = spans.flat_map(|span| [span.start, span.end]).collect();
    bounds.sort_unstable();
    bounds
}
