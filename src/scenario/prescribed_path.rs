//! Paths through a life-cycle that a person prescribes, state by state.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::problem::{DocumentPath, Problem, are_enough};
use super::value::{InvalidValue, Length};
use crate::wire::nearest;
use crate::world::lifecycle::{Dwell, LifecyclePath, State};
use crate::world::lifecycle_table::{LifecycleTable, PathRow};
use crate::world::quantiles::Quantiles;

/// The paths of entities that clients create or trigger.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CreatedTable {
    /// The n-th entity takes the n-th path, all later ones the last; the format is that of a fixed
    /// job's path. Left out: entities behave like generated ones.
    #[schemars(length(max = 1000))]
    pub(crate) paths: Vec<Vec<String>>,
}

impl CreatedTable {
    /// `first` are the states that a path may begin in.
    pub(crate) fn paths<S: State>(
        &self,
        reader: &PathReader<'_, S>,
        first: &[S],
        place: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> Vec<Arc<LifecyclePath<S>>> {
        let place = place.clone().key("created").key("paths");
        let paths = self.paths.iter().enumerate();
        paths
            .filter_map(|(i, steps)| {
                reader.path(steps, first, &place.clone().index(i), problems).map(Arc::new)
            })
            .collect()
    }
}

/// The path for the `n`-th created entity, counted from 0: the last path again and again.
pub(crate) fn created_path<S>(
    paths: &[Arc<LifecyclePath<S>>],
    n: usize,
) -> Option<&Arc<LifecyclePath<S>>> {
    paths.get(n.min(paths.len().saturating_sub(1)))
}

/// Reads the paths that a person writes, and checks them against the life-cycle.
pub(crate) struct PathReader<'a, S: 'static> {
    pub(crate) table: &'a LifecycleTable<S>,
    /// The dwell time of a state for which the path gives none, as the scenario has it.
    pub(crate) default_dwell: &'a dyn Fn(S) -> Option<Quantiles>,
}

const STEP_HINT: &str =
    r#"write a state and how long it lasts, as in "running 20s" or "running 2 looks""#;

impl<S: State> PathReader<'_, S> {
    /// The paths of the life-cycle's table, in their order.
    pub(crate) fn generated(&self) -> Vec<LifecyclePath<S>> {
        let dwell = |&state: &S| Some((state, Dwell::Time((self.default_dwell)(state)?)));
        let path = |row: &PathRow<S>| LifecyclePath {
            dwells: row.through.iter().filter_map(dwell).collect(),
            terminal: row.terminal,
        };
        self.table.paths.iter().map(path).collect()
    }

    /// Reads `["pending", "running 20s", "success"]`: states of the table, as on the wire,
    /// each after one that leads to it. A state may say how long it lasts, in time or in
    /// looks (answers that show the entity); the last one lasts for ever.
    pub(crate) fn path(
        &self,
        steps: &[String],
        first: &[S],
        place: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> Option<LifecyclePath<S>> {
        if are_enough(problems) {
            return None;
        }
        let before = problems.len();
        let mut read = Vec::new();
        for (i, text) in steps.iter().enumerate() {
            if are_enough(problems) {
                break;
            }
            match self.step(text, &place.clone().index(i)) {
                Ok(step) => read.push(step),
                Err(problem) => problems.push(*problem),
            }
        }
        if problems.len() > before {
            return None;
        }
        let Some(((terminal, length), passed)) = read.split_last() else {
            problems.push(Problem::value(place.clone(), "a path has one state at least"));
            return None;
        };
        let table = self.table;
        let names = |states: &[S]| {
            let names: Vec<&str> = states.iter().map(|&state| table.name(state)).collect();
            names.join(", ")
        };
        let begins = passed.first().map_or(*terminal, |(state, _)| *state);
        if !first.contains(&begins) {
            let text = format!("no path begins with {} here", table.name(begins));
            let hint = format!("it begins with one of {}", names(first));
            problems.push(Problem::value(place.clone().index(0), text).hint(hint));
        }
        if length.is_some() {
            let text = "the last state of a path lasts for ever";
            problems.push(
                Problem::value(place.clone().index(steps.len() - 1), text)
                    .hint(format!("write it as \"{}\"", table.name(*terminal))),
            );
        }
        for (i, pair) in read.windows(2).enumerate() {
            let [(from, _), (to, _)] = pair else { continue };
            let follow = table.successors(*from);
            if !follow.contains(to) {
                let (from, to) = (table.name(*from), table.name(*to));
                let text = format!("{to} does not follow {from}");
                let hint = match follow.as_slice() {
                    [] => format!("nothing follows {from}"),
                    _ => format!("after {from} there can be {}", names(&follow)),
                };
                problems.push(Problem::value(place.clone().index(i + 1), text).hint(hint));
            }
        }
        let dwells = passed.iter().enumerate().filter_map(|(i, (state, dwell))| {
            let default = || (self.default_dwell)(*state).map(Dwell::Time);
            let dwell = dwell.clone().or_else(default);
            if dwell.is_none() {
                let name = table.name(*state);
                let text = format!("how long does {name} last?");
                problems.push(
                    Problem::value(place.clone().index(i), text)
                        .hint(format!("it does not end by itself; write \"{name} 1h\"")),
                );
            }
            Some((*state, dwell?))
        });
        let path = LifecyclePath { dwells: dwells.collect(), terminal: *terminal };
        (problems.len() == before).then_some(path)
    }

    fn step(&self, text: &str, place: &DocumentPath) -> Result<(S, Option<Dwell>), Box<Problem>> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let problem =
            |text: String, hint: String| Box::new(Problem::value(place.clone(), text).hint(hint));
        let names = || self.table.states.iter().map(|row| row.name);
        let state = self.table.named(name).ok_or_else(|| {
            let hint = match nearest(name, names()) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("the states are {}", names().collect::<Vec<_>>().join(", ")),
            };
            problem(format!("there is no state {name:?}"), hint)
        })?;
        let dwell = match (words.next(), words.next(), words.next()) {
            (None, ..) => None,
            (Some(length), None, _) => {
                let length: Length = length.parse().map_err(|malformed: InvalidValue| {
                    problem(malformed.message, STEP_HINT.to_owned())
                })?;
                Some(Dwell::Time(Quantiles::constant(length.0)))
            }
            (Some(count), Some("look" | "looks"), None) => {
                let count = count.parse().ok().filter(|count| (1..=1_000_000).contains(count));
                let wrong =
                    || problem("looks are counted from 1 to 1000000".into(), STEP_HINT.into());
                Some(Dwell::Polls(count.ok_or_else(wrong)?))
            }
            _ => return Err(problem("there is more than a length here".into(), STEP_HINT.into())),
        };
        Ok((state, dwell))
    }
}
