//! A life-cycle as a table: its states, how long an entity typically dwells in each, the paths
//! that entities take by themselves, and the transitions that clients cause.
//!
//! Services declare one for each kind of entity. A scenario may change its dwell times and
//! weights, or prescribe a path for one entity, as long as the table allows that path.

use super::lifecycle::State;

#[derive(Debug)]
pub(crate) struct LifecycleTable<S: 'static> {
    /// The kind of entity that passes through it, such as "synchronization job".
    pub(crate) entity: &'static str,
    /// A row for each state, in the order of [`State::index`].
    pub(crate) states: &'static [StateRow<S>],
    /// The paths that generated entities take.
    pub(crate) paths: &'static [PathRow<S>],
    /// The transitions that clients can cause.
    pub(crate) transitions: &'static [Transition<S>],
}

#[derive(Debug)]
pub(crate) struct StateRow<S> {
    pub(crate) state: S,
    /// As on the wire.
    pub(crate) name: &'static str,
    /// How long an entity dwells that leaves the state by itself; None if none does.
    pub(crate) dwell: Option<TypicalDwell>,
}

/// A log-normal dwell time, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TypicalDwell {
    pub(crate) median: u64,
    /// One dwell in a hundred is longer.
    pub(crate) p99: u64,
    /// The key of the scenario's section that changes it.
    pub(crate) key: &'static str,
}

#[derive(Debug)]
pub(crate) struct PathRow<S: 'static> {
    /// The key of the scenario's weights that changes how many entities take it.
    pub(crate) key: &'static str,
    /// A description for the reference of scenario files; may be empty.
    pub(crate) about: &'static str,
    pub(crate) through: &'static [S],
    /// The state it ends in.
    pub(crate) terminal: S,
    /// How many take it, relative to the other paths.
    pub(crate) weight: u64,
}

#[derive(Debug)]
pub(crate) struct Transition<S: 'static> {
    /// The vendor's name of the operation.
    pub(crate) operation: &'static str,
    /// The states it is allowed in; empty if it creates an entity.
    pub(crate) from: &'static [S],
    /// The state it leads to, from which the entity goes on by itself.
    pub(crate) to: S,
}

impl<S: State> LifecycleTable<S> {
    /// The state's name on the wire.
    pub(crate) fn name(&self, state: S) -> &'static str {
        self.states[state.index()].name
    }

    /// The state of that name on the wire.
    pub(crate) fn named(&self, name: &str) -> Option<S> {
        self.states.iter().find(|row| row.name == name).map(|row| row.state)
    }

    /// The typical dwell time of a state; None if nothing leaves it by itself.
    pub(crate) fn dwell(&self, state: S) -> Option<TypicalDwell> {
        self.states[state.index()].dwell
    }

    /// The default weights of the paths, in their order.
    pub(crate) fn weights(&self) -> Vec<u64> {
        self.paths.iter().map(|path| path.weight).collect()
    }

    /// The states that an entity can come to by itself, without passing through others.
    pub(crate) fn after(&self, state: S) -> Vec<S> {
        let mut after = Vec::new();
        for path in self.paths {
            let steps = path.through.iter().chain([&path.terminal]);
            for (&from, &to) in path.through.iter().zip(steps.skip(1)) {
                if from == state && !after.contains(&to) {
                    after.push(to);
                }
            }
        }
        after
    }

    /// The transitions that clients can cause in the state.
    pub(crate) fn transitions_from(&self, state: S) -> impl Iterator<Item = &Transition<S>> {
        self.transitions.iter().filter(move |row| row.from.contains(&state))
    }

    /// The states that come after a state, by themselves or by what clients do.
    pub(crate) fn successors(&self, state: S) -> Vec<S> {
        let mut successors = self.after(state);
        for row in self.transitions_from(state) {
            if !successors.contains(&row.to) {
                successors.push(row.to);
            }
        }
        successors
    }

    /// Whether an entity in `from` can be in `to` later, if no client acts on it.
    #[cfg(test)]
    pub(crate) fn leads(&self, from: S, to: S) -> bool {
        let mut seen = vec![from];
        let mut next = 0;
        while let Some(&state) = seen.get(next) {
            if state == to {
                return true;
            }
            for after in self.after(state) {
                if !seen.contains(&after) {
                    seen.push(after);
                }
            }
            next += 1;
        }
        false
    }

    /// Where the operation leads from the state, if it is allowed there.
    pub(crate) fn transition(&self, operation: &str, from: S) -> Option<S> {
        self.transitions_from(from).find(|row| row.operation == operation).map(|row| row.to)
    }

    /// The states, as on the wire, that the operation is allowed in.
    pub(crate) fn allowed(&self, operation: &str) -> Vec<&'static str> {
        let rows = self.transitions.iter().filter(|row| row.operation == operation);
        rows.flat_map(|row| row.from).map(|&state| self.name(state)).collect()
    }

    /// The states that an entity can begin in.
    pub(crate) fn first(&self) -> Vec<S> {
        let generated =
            self.paths.iter().map(|path| *path.through.first().unwrap_or(&path.terminal));
        let created = self.transitions.iter().filter(|row| row.from.is_empty()).map(|row| row.to);
        let mut first: Vec<S> = Vec::new();
        for state in generated.chain(created) {
            if !first.contains(&state) {
                first.push(state);
            }
        }
        first
    }
}

/// A life-cycle in words, whatever its state type: for lists and diagrams.
pub(crate) trait DescribeLifecycle: Sync {
    fn describe(&self) -> LifecycleDescription;
}

pub(crate) struct LifecycleDescription {
    pub(crate) entity: &'static str,
    /// The names of the states that an entity can begin in.
    pub(crate) first: Vec<&'static str>,
    pub(crate) states: Vec<StateDescription>,
    pub(crate) paths: Vec<PathDescription>,
    /// The operations that create an entity, each with the state it begins in.
    pub(crate) creations: Vec<(&'static str, &'static str)>,
}

pub(crate) struct StateDescription {
    pub(crate) name: &'static str,
    pub(crate) dwell: Option<TypicalDwell>,
    /// The states that follow by themselves.
    pub(crate) after: Vec<&'static str>,
    /// The operations that are allowed, each with the state it leads to.
    pub(crate) transitions: Vec<(&'static str, &'static str)>,
}

pub(crate) struct PathDescription {
    pub(crate) key: &'static str,
    /// The names of all its states; the last is the terminal one.
    pub(crate) states: Vec<&'static str>,
    pub(crate) weight: u64,
}

impl<S: State> DescribeLifecycle for LifecycleTable<S> {
    fn describe(&self) -> LifecycleDescription {
        let names = |states: Vec<S>| states.into_iter().map(|state| self.name(state)).collect();
        let described = |row: &Transition<S>| (row.operation, self.name(row.to));
        let state = |row: &StateRow<S>| StateDescription {
            name: row.name,
            dwell: row.dwell,
            after: names(self.after(row.state)),
            transitions: self.transitions_from(row.state).map(described).collect(),
        };
        let path = |row: &PathRow<S>| PathDescription {
            key: row.key,
            states: names(row.through.iter().chain([&row.terminal]).copied().collect()),
            weight: row.weight,
        };
        let creations = self.transitions.iter().filter(|row| row.from.is_empty());
        LifecycleDescription {
            entity: self.entity,
            first: names(self.first()),
            states: self.states.iter().map(state).collect(),
            paths: self.paths.iter().map(path).collect(),
            creations: creations.map(described).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Door {
        Open,
        Shut,
        Locked,
    }
    use Door::{Locked, Open, Shut};

    impl State for Door {
        fn index(self) -> usize {
            self as usize
        }
    }

    static DOOR: LifecycleTable<Door> = LifecycleTable {
        entity: "door",
        states: &[
            StateRow {
                state: Open,
                name: "open",
                dwell: Some(TypicalDwell { median: 5, p99: 9, key: "open" }),
            },
            StateRow { state: Shut, name: "shut", dwell: None },
            StateRow { state: Locked, name: "locked", dwell: None },
        ],
        paths: &[
            PathRow { key: "shut", about: "", through: &[Open], terminal: Shut, weight: 3 },
            PathRow { key: "always_shut", about: "", through: &[], terminal: Shut, weight: 1 },
        ],
        transitions: &[
            Transition { operation: "Build", from: &[], to: Open },
            Transition { operation: "Lock", from: &[Shut], to: Locked },
            Transition { operation: "Open", from: &[Shut], to: Open },
        ],
    };

    #[test]
    fn a_table_says_what_follows_what() {
        assert_eq!(DOOR.after(Open), [Shut]);
        assert!(DOOR.after(Shut).is_empty());
        assert_eq!(DOOR.first(), [Open, Shut]);
        assert_eq!(DOOR.weights(), [3, 1]);
        assert!(DOOR.leads(Open, Shut) && DOOR.leads(Locked, Locked) && !DOOR.leads(Shut, Open));
        assert_eq!(DOOR.transition("Lock", Shut), Some(Locked));
        assert_eq!(DOOR.transition("Lock", Open), None);
        assert_eq!((DOOR.allowed("Lock"), DOOR.allowed("Build")), (vec!["shut"], vec![]));
        assert_eq!((DOOR.named("locked"), DOOR.named("ajar")), (Some(Locked), None));
        assert_eq!(DOOR.describe().states[1].transitions, [("Lock", "locked"), ("Open", "open")]);
    }
}
