//! A life-cycle as a table: the states there are, how long a thing typically stays in each,
//! the courses that things take by themselves, and the moves that clients make.
//!
//! Services declare one for each kind of thing that lives; scenarios may bend its stays and
//! weights, and pin a course of their own as long as it is one of these. `syncmock states`
//! draws it.

use super::lifecycle::State;
use super::quantiles::Quantiles;

#[derive(Debug)]
pub struct Machine {
    /// What walks through it, such as "synchronization job".
    pub thing: &'static str,
    /// A [`State`] is a place in this list.
    pub states: &'static [StateRow],
    /// The courses that generated things take.
    pub courses: &'static [CourseRow],
    /// What clients can do to a thing.
    pub moves: &'static [Move],
}

#[derive(Debug)]
pub struct StateRow {
    /// As on the wire.
    pub name: &'static str,
    /// How long a thing stays that leaves it by itself; none if none does.
    pub stay: Option<Typical>,
}

/// A log-normal length of stay, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typical {
    pub median: u64,
    /// One stay in a hundred is longer.
    pub p99: u64,
    /// The key of the scenario's section that changes it.
    pub key: &'static str,
}

impl Typical {
    pub fn quantiles(self) -> Quantiles {
        Quantiles::log_normal(self.median, self.p99)
    }
}

#[derive(Debug)]
pub struct CourseRow {
    /// The key of the scenario's weights that changes how many take it.
    pub key: &'static str,
    pub through: &'static [State],
    /// Where it ends.
    pub rest: State,
    /// How many take it, against the other courses.
    pub weight: u64,
}

#[derive(Debug)]
pub struct Move {
    /// The vendor's name of the operation.
    pub operation: &'static str,
    /// The states it is allowed in; empty if it makes a new thing.
    pub from: &'static [State],
    /// The state it leads to, from which the thing goes on by itself.
    pub to: State,
}

impl Machine {
    pub fn name(&self, state: State) -> &'static str {
        self.states.get(state).map_or("", |row| row.name)
    }

    pub fn named(&self, name: &str) -> Option<State> {
        self.states.iter().position(|row| row.name == name)
    }

    /// The typical stay in a state; none if nothing leaves it by itself.
    pub fn stay(&self, state: State) -> Option<Typical> {
        self.states.get(state)?.stay
    }

    /// The usual weights of the courses, in their order.
    pub fn weights(&self) -> Vec<u64> {
        self.courses.iter().map(|course| course.weight).collect()
    }

    /// The states that a thing can come to by itself, without passing through others.
    pub fn after(&self, state: State) -> Vec<State> {
        let mut after = Vec::new();
        for course in self.courses {
            let steps = course.through.iter().chain([&course.rest]);
            for (&from, &to) in course.through.iter().zip(steps.skip(1)) {
                if from == state && !after.contains(&to) {
                    after.push(to);
                }
            }
        }
        after
    }

    /// What clients can do to a thing in the state.
    pub fn moves_from(&self, state: State) -> impl Iterator<Item = &Move> {
        self.moves.iter().filter(move |row| row.from.contains(&state))
    }

    /// The states that come after a state, by themselves or by what clients do.
    pub fn follow(&self, state: State) -> Vec<State> {
        let mut follow = self.after(state);
        for row in self.moves_from(state) {
            if !follow.contains(&row.to) {
                follow.push(row.to);
            }
        }
        follow
    }

    /// Whether a thing in `from` can be in `to` later, if nobody touches it.
    pub fn leads(&self, from: State, to: State) -> bool {
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
    pub fn moved(&self, operation: &str, from: State) -> Option<State> {
        self.moves_from(from).find(|row| row.operation == operation).map(|row| row.to)
    }

    /// The states, as on the wire, that the operation is allowed in.
    pub fn allowed(&self, operation: &str) -> Vec<&'static str> {
        let moves = self.moves.iter().filter(|row| row.operation == operation);
        moves.flat_map(|row| row.from).map(|&state| self.name(state)).collect()
    }

    /// The states that a thing's life can begin in.
    pub fn first(&self) -> Vec<State> {
        let generated = self.courses.iter().map(|c| *c.through.first().unwrap_or(&c.rest));
        let made = self.moves.iter().filter(|row| row.from.is_empty()).map(|row| row.to);
        let mut first: Vec<State> = Vec::new();
        for state in generated.chain(made) {
            if !first.contains(&state) {
                first.push(state);
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static DOOR: Machine = Machine {
        thing: "door",
        states: &[
            StateRow { name: "open", stay: Some(Typical { median: 5, p99: 9, key: "open" }) },
            StateRow { name: "shut", stay: None },
            StateRow { name: "locked", stay: None },
        ],
        courses: &[
            CourseRow { key: "shut", through: &[0], rest: 1, weight: 3 },
            CourseRow { key: "always_shut", through: &[], rest: 1, weight: 1 },
        ],
        moves: &[
            Move { operation: "Build", from: &[], to: 0 },
            Move { operation: "Lock", from: &[1], to: 2 },
            Move { operation: "Open", from: &[1], to: 0 },
        ],
    };

    #[test]
    fn a_table_says_what_follows_what() {
        assert_eq!(DOOR.after(0), [1]);
        assert!(DOOR.after(1).is_empty());
        assert_eq!(DOOR.first(), [0, 1]);
        assert_eq!(DOOR.weights(), [3, 1]);
        assert!(DOOR.leads(0, 1) && DOOR.leads(2, 2) && !DOOR.leads(1, 0));
        assert_eq!(DOOR.moved("Lock", 1), Some(2));
        assert_eq!(DOOR.moved("Lock", 0), None);
        assert_eq!((DOOR.allowed("Lock"), DOOR.allowed("Build")), (vec!["shut"], vec![]));
        assert_eq!((DOOR.named("locked"), DOOR.named("ajar")), (Some(2), None));
    }
}
