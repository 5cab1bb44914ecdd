//! Checks a value against the alternatives of `anyOf` and `oneOf`.

use std::cmp::Reverse;

use serde_json::Value;

use super::schema_lookup::{MAX_LOOKUP_DEPTH, equals_constant, is_null};
use super::wording::{closest_name, join_values, list_names, string_values};
use super::{Checker, Entries};
use crate::scenario::document::{Kind, Node};
use crate::scenario::problem::{Problem, Step};

/// Ranks an alternative: by the most shared keys, then by the fewest problems.
type Score = (usize, Reverse<usize>);

impl<'a> Checker<'a> {
    /// Checks `node` against the alternative that it matches best.
    pub(crate) fn check_alternatives(&mut self, node: &Node, branches: &'a [Value]) {
        let non_null: Vec<&'a Value> = branches.iter().filter(|it| !is_null(it)).collect();
        let accepts = |branch: &&'a Value| self.schemas.accepts(node, branch);
        let accepting: Vec<&'a Value> = non_null.iter().copied().filter(accepts).collect();
        let candidates = if accepting.is_empty() { &non_null } else { &accepting };
        match (candidates.as_slice(), self.schemas.all_constants(candidates)) {
            ([], _) => {}
            ([only], _) => self.check(node, only),
            (_, Some(constants)) => {
                if !constants.iter().any(|it| equals_constant(node, it)) {
                    self.report_not_allowed(node, &constants);
                }
            }
            (all, None) if accepting.is_empty() => {
                let types: Vec<_> =
                    all.iter().flat_map(|it| self.schemas.value_types(it)).collect();
                self.report_wrong_type(node, &types);
            }
            (all, None) => match &node.kind {
                Kind::Table(entries) => self.check_variant(node, entries, all),
                _ => self.check_closest(node, all),
            },
        }
    }

    /// Selects the variant of an enum by its tag or by its only key, if the enum has either.
    fn check_variant(&mut self, node: &Node, entries: &Entries, branches: &[&'a Value]) {
        let schemas = self.schemas;
        if let Some((tag, values)) = schemas.tag(branches) {
            return self.check_tagged(node, entries, tag, &values, branches);
        }
        let names = branches.iter().map(|branch| schemas.only_required_key(branch));
        let Some(names) = names.collect::<Option<Vec<_>>>() else {
            return self.check_closest(node, branches);
        };
        let present = |(name, _): &(&&str, _)| entries.contains_key(**name);
        if let Some((_, branch)) = names.iter().zip(branches).find(present) {
            self.check(node, branch);
        } else if let Some(key) = entries.keys().next() {
            self.report_unknown_key(key, &names);
        } else if !self.damaged {
            let message = format!("expected one of the keys {}", list_names("", &names));
            self.report(message, None);
        }
    }

    /// Selects the variant by the value of the key `tag`. `values` has the tag values per branch.
    fn check_tagged(
        &mut self,
        node: &Node,
        entries: &Entries,
        tag: &'a str,
        values: &[Vec<&'a Value>],
        branches: &[&'a Value],
    ) {
        let Some(value) = entries.get(tag) else {
            if branches.iter().all(|it| self.schemas.requires(it, tag)) {
                let hint = format!("one of {}", join_values(&values.concat()));
                return self.report_missing_key(tag, Some(hint));
            }
            return self.check_closest(node, branches);
        };
        let matches =
            |(values, _): &(&Vec<&Value>, _)| values.iter().any(|it| equals_constant(value, it));
        let pairs = values.iter().zip(branches).filter(matches);
        let matching: Vec<&'a Value> = pairs.map(|(_, branch)| *branch).collect();
        match matching.as_slice() {
            [only] => self.check(node, only),
            [] if value.kind == Kind::Unreadable => {}
            [] => {
                self.place.0.push(Step::Key(tag.to_owned()));
                self.report_not_allowed(value, &values.concat());
                self.place.0.pop();
            }
            several => self.check_closest(node, several),
        }
    }

    /// Tries every alternative. If none fits, reports the problems of the best ranked.
    fn check_closest(&mut self, node: &Node, branches: &[&'a Value]) {
        let mut best: Option<(Score, Vec<Problem>)> = None;
        let mut constants = Vec::new();
        for branch in branches {
            let before = std::mem::take(&mut self.problems);
            self.check(node, branch);
            let problems = std::mem::replace(&mut self.problems, before);
            if problems.is_empty() {
                return;
            }
            if let Some(values) = self.schemas.constants(branch, MAX_LOOKUP_DEPTH) {
                constants.extend(values);
                continue;
            }
            let score = (self.schemas.shared_keys(node, branch), Reverse(problems.len()));
            if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                best = Some((score, problems));
            }
        }
        let names = string_values(&constants);
        let misspelt =
            matches!(&node.kind, Kind::Text(text) if closest_name(text, &names).is_some());
        match best {
            Some((_, problems)) if constants.is_empty() => self.problems.extend(problems),
            Some((_, problems)) if !misspelt => {
                let or = format!("or use {}", join_values(&constants));
                self.problems.extend(problems.into_iter().map(|problem| {
                    let hint = problem.hint.as_ref().map(|hint| format!("{hint}, {or}"));
                    problem.hint(hint.unwrap_or_else(|| or.clone()))
                }));
            }
            _ => self.report_not_allowed(node, &constants),
        }
    }
}
