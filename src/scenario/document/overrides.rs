//! Applies `--set` overrides to a document.

use toml::de::DeValue;
use toml::map::Map;

use super::reader::Reader;
use super::{Document, Kind, Node, Origin};
use crate::scenario::problem::{DocumentPath, Segment, find_outside_quotes, quoted, segments};

/// Maximum number of segments in the path of an override. Limits the depth of the tree.
const MAX_SEGMENTS: usize = 64;

impl Document {
    /// Applies the override `path=value` and creates missing tables.
    ///
    /// The value is TOML, or plain text if it is not valid TOML. List elements are addressed by
    /// index, as in `job.0.Status` or `job[0].Status`. On an error, nothing is changed.
    pub(crate) fn set(&mut self, assignment: &str) -> Result<(), String> {
        let equals = find_outside_quotes(assignment, '=')
            .ok_or_else(|| format!("expected key=value, found {}", quoted(assignment)))?;
        let path = segments(assignment.get(..equals).unwrap_or_default())?;
        if path.len() > MAX_SEGMENTS {
            return Err(format!("at most {MAX_SEGMENTS} keys deep, found {}", path.len()));
        }
        let origin = Origin::Override(self.overrides.len());
        let mut value = parse_value(assignment, equals + 1, origin)?;
        value.key_span = path.last().map(|segment| segment.span.clone());
        assign(&mut self.root, DocumentPath::root(), &path, value)?;
        self.overrides.push(assignment.to_owned());
        Ok(())
    }
}

fn parse_value(assignment: &str, start: usize, origin: Origin) -> Result<Node, String> {
    let tail = assignment.get(start..).unwrap_or_default();
    let text = tail.trim();
    let offset = start + tail.len() - tail.trim_start().len();
    let (value, errors) = DeValue::parse_recoverable(text);
    if !errors.is_empty() || value.span().is_empty() {
        return Ok(Node {
            kind: Kind::Text(text.to_owned()),
            span: offset..offset + text.len(),
            key_span: None,
            origin,
        });
    }
    let mut reader =
        Reader { text, offset, origin, error_bounds: Vec::new(), problems: Vec::new() };
    let node = reader.node(&value, None);
    match reader.problems.into_iter().next() {
        Some(problem) => Err(format!("{} in {}", problem.message, quoted(assignment))),
        None => Ok(node),
    }
}

fn assign(node: &mut Node, at: DocumentPath, path: &[Segment], value: Node) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else {
        *node = value;
        return Ok(());
    };
    match &mut node.kind {
        Kind::Table(_) if first.bracket => {
            Err(format!("{at} is a table, so it has no element {}", first.text))
        }
        Kind::Table(entries) => match entries.get_mut(&first.text) {
            Some(inner) => assign(inner, at.key(&first.text), rest, value),
            None => {
                let inner = nested_tables(first, rest, at.key(&first.text), value)?;
                entries.insert(first.text.clone(), inner);
                Ok(())
            }
        },
        Kind::Array(items) => {
            let wanted = first.index().ok_or_else(|| {
                format!("{at} is a list, so {} must be a number", quoted(&first.text))
            })?;
            let length = items.len();
            let inner = items.get_mut(wanted).ok_or_else(|| {
                format!("{at} has no element {wanted}, it has {length} counted from 0")
            })?;
            assign(inner, at.index(wanted), rest, value)
        }
        // Its syntax error is reported already and must be corrected first.
        Kind::Unreadable => Ok(()),
        other => Err(format!("{at} is {}, so nothing can be set inside it", other.name())),
    }
}

/// Nested tables for the path `first` and `rest`, with `value` in the innermost.
fn nested_tables(
    first: &Segment,
    rest: &[Segment],
    at: DocumentPath,
    value: Node,
) -> Result<Node, String> {
    let Some((next, after)) = rest.split_first() else {
        return Ok(value);
    };
    if next.bracket {
        return Err(format!("{at} does not exist, so it has no element {}", next.text));
    }
    let origin = value.origin;
    let inner = nested_tables(next, after, at.key(&next.text), value)?;
    Ok(Node {
        kind: Kind::Table(Map::from_iter([(next.text.clone(), inner)])),
        span: first.span.clone(),
        key_span: Some(first.span.clone()),
        origin,
    })
}
