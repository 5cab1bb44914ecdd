//! The states a thing passes through and how long it stays in each.
//!
//! A life-cycle is a table of paths. Which path a thing takes is one of the choices of its
//! population's deck; how long each stay lasts is drawn for the thing. Where it is at an
//! instant is then a walk along one short path.

use super::draw::{Seed, Stream, draw};
use super::quantiles::Quantiles;
use super::time::Timestamp;

/// A state, by its place in the service's own table of states.
pub type State = usize;

#[derive(Clone, Debug)]
pub struct Path {
    /// States that are passed through, and the length of the stay in each (ms).
    pub stays: Vec<(State, Quantiles)>,
    /// The state in which the thing rests for ever.
    pub rest: State,
}

#[derive(Clone, Debug)]
pub struct Lifecycle {
    pub seed: Seed,
    pub stream: Stream,
    pub paths: Vec<Path>,
}

/// Where a thing is on its path at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    pub state: State,
    /// When it entered the state.
    pub since: Timestamp,
    /// Whether it has come to rest.
    pub at_rest: bool,
    /// How far the present stay has got, in thousandths; 1000 at rest.
    pub progress: u64,
}

impl Lifecycle {
    /// The situation at `now` of thing `index`, born at `born`, on path `path`. A thing is
    /// in its first state from its birth on, and before it.
    pub fn situation(&self, path: usize, index: u64, born: Timestamp, now: Timestamp) -> Situation {
        let mut since = born;
        let Some(path) = self.paths.get(path) else {
            return Situation { state: 0, since, at_rest: true, progress: 1000 };
        };
        for (step, (state, stay)) in path.stays.iter().enumerate() {
            let length = stay.at(draw(self.seed, self.stream.of(step as u64), index));
            if now < since.plus(length) {
                let progress = now.since(since) * 1000 / length.max(1);
                return Situation { state: *state, since, at_rest: false, progress };
            }
            since = since.plus(length);
        }
        Situation { state: path.rest, since, at_rest: true, progress: 1000 }
    }

    pub fn rest_of(&self, path: usize) -> State {
        self.paths.get(path).map_or(0, |path| path.rest)
    }

    /// After this age (ms) every thing is at rest.
    pub fn longest(&self) -> u64 {
        self.paths.iter().map(Path::longest).max().unwrap_or(0)
    }

    /// After this age (ms) only the things that rest in `state` are in it.
    pub fn settles(&self, state: State) -> u64 {
        self.paths.iter().map(|path| path.settles(state)).max().unwrap_or(0)
    }
}

impl Path {
    fn longest(&self) -> u64 {
        self.stays.iter().map(|(_, stay)| stay.longest()).sum()
    }

    fn settles(&self, state: State) -> u64 {
        if self.rest == state {
            return self.longest();
        }
        let last = self.stays.iter().rposition(|(passed, _)| *passed == state);
        let until = last.map_or(0, |last| last + 1);
        self.stays.iter().take(until).map(|(_, stay)| stay.longest()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifecycle() -> Lifecycle {
        let stays = vec![(0, Quantiles::constant(10)), (1, Quantiles::log_normal(100, 900))];
        Lifecycle {
            seed: Seed(1),
            stream: Stream::named("test"),
            paths: vec![Path { stays, rest: 2 }],
        }
    }

    #[test]
    fn a_thing_walks_its_path_in_order_and_then_rests() {
        let cycle = lifecycle();
        let born = Timestamp::from_millis(1_000);
        let mut seen = vec![];
        for age in 0..=cycle.longest() {
            let now = born.plus(age);
            let s = cycle.situation(0, 5, born, now);
            assert!(s.since <= now);
            assert!(s.progress <= 1000);
            if seen.last() != Some(&s.state) {
                seen.push(s.state);
            }
        }
        assert_eq!(seen, [0, 1, 2]);
        assert!(cycle.situation(0, 5, born, born.plus(cycle.longest())).at_rest);
    }

    #[test]
    fn a_state_settles_when_it_can_only_be_a_resting_place() {
        let cycle = lifecycle();
        assert_eq!(cycle.settles(0), 10);
        assert_eq!((cycle.settles(1), cycle.settles(2)), (cycle.longest(), cycle.longest()));
        assert_eq!(cycle.settles(3), 0);
    }

    #[test]
    fn before_its_birth_a_thing_is_in_its_first_state() {
        let born = Timestamp::from_millis(1_000);
        let s = lifecycle().situation(0, 5, born, Timestamp::from_millis(0));
        assert_eq!((s.state, s.at_rest), (0, false));
    }
}
