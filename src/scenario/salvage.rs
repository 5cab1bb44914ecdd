//! What can be said about a file whose structure is wrong in places: the meaning of the rest.

use serde_json::Value;

use super::document::Document;
use super::problem::{DocumentPath, Problem, Step};
use super::structure;

/// Maximum number of times that values are taken out until the structure is right.
const MAX_ROUNDS: usize = 8;

/// A document without the values that have problems, which count as left out.
pub(super) struct Salvaged {
    pub(super) document: Document,
    removed: Vec<DocumentPath>,
}

impl Salvaged {
    /// None if too little is left to judge: values may be missing after a syntax error, and an
    /// element that is taken out of a list would move the others and leave references to it.
    pub(super) fn of(document: &Document, problems: &[Problem], schema: &Value) -> Option<Self> {
        if document.is_damaged() {
            return None;
        }
        let mut salvaged = Self { document: document.clone(), removed: Vec::new() };
        let mut found = problems.to_vec();
        for _ in 0..MAX_ROUNDS {
            for problem in &found {
                salvaged.remove(&problem.place)?;
            }
            found = structure::check(&salvaged.document, schema);
            if found.is_empty() {
                return Some(salvaged);
            }
        }
        None
    }

    /// Removes the value, or the nearest thing around it: a key that is missing stands in a table
    /// that is not usable without it.
    fn remove(&mut self, place: &DocumentPath) -> Option<()> {
        let (_, steps) = self.document.nearest(place);
        let place = DocumentPath(place.0.get(..steps)?.to_vec());
        if self.removed.iter().any(|removed| place.0.starts_with(&removed.0)) {
            return Some(());
        }
        match place.0.last() {
            Some(Step::Key(_)) if self.document.remove(&place) => {
                self.removed.push(place);
                Some(())
            }
            _ => None,
        }
    }

    /// Whether a problem in the meaning of the rest can be a consequence of what was removed: it
    /// is about the same table, or one around it.
    pub(super) fn may_explain(&self, problem: &Problem) -> bool {
        self.removed.iter().any(|removed| {
            let table = removed.0.get(..removed.0.len().saturating_sub(1)).unwrap_or_default();
            problem.place.0.starts_with(table) || removed.0.starts_with(&problem.place.0)
        })
    }
}
