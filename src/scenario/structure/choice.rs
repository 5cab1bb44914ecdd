//! Which of several alternative schemas a value was meant for.

use std::cmp::Reverse;

use serde_json::Value;

use super::book::{LOOK_AHEAD, equal, is_null};
use super::words::{joined, listed, nearest, texts};
use super::{Entries, Walk};
use crate::scenario::document::{Kind, Node};
use crate::scenario::problem::{Problem, Step};

/// Keys in common, then fewest problems.
type Score = (usize, Reverse<usize>);

impl<'a> Walk<'a> {
    /// Applies whichever of the alternatives suits the node best.
    pub(super) fn choose(&mut self, node: &Node, branches: &'a [Value]) {
        let live: Vec<&'a Value> = branches.iter().filter(|it| !is_null(it)).collect();
        let fits = |branch: &&'a Value| self.book.fits(node, branch);
        let fitting: Vec<&'a Value> = live.iter().copied().filter(fits).collect();
        let candidates = if fitting.is_empty() { &live } else { &fitting };
        match (candidates.as_slice(), self.book.all_constants(candidates)) {
            ([], _) => {}
            ([only], _) => self.visit(node, only),
            (_, Some(constants)) => {
                if !constants.iter().any(|it| equal(node, it)) {
                    self.not_among(node, &constants);
                }
            }
            (all, None) if fitting.is_empty() => {
                let shapes: Vec<_> = all.iter().flat_map(|it| self.book.shapes_of(it)).collect();
                self.mismatch(node, &shapes);
            }
            (all, None) => match &node.kind {
                Kind::Table(entries) => self.variant(node, entries, all),
                _ => self.closest(node, all),
            },
        }
    }

    /// Chooses by the tag or sole key that tells the variants of an enum apart, if there is one.
    fn variant(&mut self, node: &Node, entries: &Entries, branches: &[&'a Value]) {
        let book = self.book;
        if let Some((tag, values)) = book.tag(branches) {
            return self.tagged(node, entries, tag, &values, branches);
        }
        let names = branches.iter().map(|branch| book.sole_key(branch));
        let Some(names) = names.collect::<Option<Vec<_>>>() else {
            return self.closest(node, branches);
        };
        let present = |(name, _): &(&&str, _)| entries.contains_key(**name);
        if let Some((_, branch)) = names.iter().zip(branches).find(present) {
            self.visit(node, branch);
        } else if let Some(key) = entries.keys().next() {
            self.unknown_key(key, &names);
        } else if !self.damaged {
            let message = format!("expected one of the keys {}", listed("", &names));
            self.here(message, None);
        }
    }

    /// Chooses among variants told apart by the value of the key `tag`; `values` has those of
    /// each branch.
    fn tagged(
        &mut self,
        node: &Node,
        entries: &Entries,
        tag: &'a str,
        values: &[Vec<&'a Value>],
        branches: &[&'a Value],
    ) {
        let Some(value) = entries.get(tag) else {
            if branches.iter().all(|it| self.book.requires(it, tag)) {
                let hint = format!("one of {}", joined(&values.concat()));
                return self.missing_key(tag, Some(hint));
            }
            return self.closest(node, branches);
        };
        let matches = |(values, _): &(&Vec<&Value>, _)| values.iter().any(|it| equal(value, it));
        let pairs = values.iter().zip(branches).filter(matches);
        let matching: Vec<&'a Value> = pairs.map(|(_, branch)| *branch).collect();
        match matching.as_slice() {
            [only] => self.visit(node, only),
            [] if value.kind == Kind::Unreadable => {}
            [] => {
                self.place.0.push(Step::Key(tag.to_owned()));
                self.not_among(value, &values.concat());
                self.place.0.pop();
            }
            several => self.closest(node, several),
        }
    }

    /// Tries every alternative; reports nothing if one fits, else the problems of the closest.
    fn closest(&mut self, node: &Node, branches: &[&'a Value]) {
        let mut best: Option<(Score, Vec<Problem>)> = None;
        let mut constants = Vec::new();
        for branch in branches {
            let before = std::mem::take(&mut self.found);
            self.visit(node, branch);
            let problems = std::mem::replace(&mut self.found, before);
            if problems.is_empty() {
                return;
            }
            if let Some(values) = self.book.constants(branch, LOOK_AHEAD) {
                constants.extend(values);
                continue;
            }
            let score = (self.book.shared_keys(node, branch), Reverse(problems.len()));
            if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                best = Some((score, problems));
            }
        }
        let names = texts(&constants);
        let misspelt = matches!(&node.kind, Kind::Text(text) if nearest(text, &names).is_some());
        match best {
            Some((_, problems)) if constants.is_empty() => self.found.extend(problems),
            Some((_, problems)) if !misspelt => {
                let or = format!("or use {}", joined(&constants));
                self.found.extend(problems.into_iter().map(|problem| {
                    let hint = problem.hint.as_ref().map(|hint| format!("{hint}, {or}"));
                    problem.hint(hint.unwrap_or_else(|| or.clone()))
                }));
            }
            _ => self.not_among(node, &constants),
        }
    }
}
