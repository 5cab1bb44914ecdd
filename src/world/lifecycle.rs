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
    /// States that are passed through, and the stay in each.
    pub stays: Vec<(State, Stay)>,
    /// The state in which the thing rests for ever.
    pub rest: State,
}

/// What ends a stay.
#[derive(Clone, Debug, PartialEq)]
pub enum Stay {
    /// Time (ms).
    Time(Quantiles),
    /// So many answers that show the thing. Never in the life-cycle of a population, whose
    /// members nobody counts the looks of.
    Looks(u64),
}

impl From<Quantiles> for Stay {
    fn from(length: Quantiles) -> Self {
        Self::Time(length)
    }
}

/// One thing's way along a path.
#[derive(Clone, Copy, Debug)]
pub struct Course<'p> {
    pub path: &'p Path,
    /// What the lengths of its stays are drawn by.
    pub index: u64,
    /// When it set out.
    pub from: Timestamp,
    /// When it was looked at since, ascending.
    pub looks: &'p [Timestamp],
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
        match self.paths.get(path) {
            Some(path) => self.walk(&Course { path, index, from: born, looks: &[] }, now),
            None => Situation { state: 0, since: born, at_rest: true, progress: 1000 },
        }
    }

    /// Where a thing is at `now` that went its own way.
    pub fn walk(&self, course: &Course<'_>, now: Timestamp) -> Situation {
        let Course { path, index, from, mut looks } = *course;
        let mut since = from;
        for (step, (state, stay)) in path.stays.iter().enumerate() {
            let (end, progress) = match stay {
                Stay::Time(length) => {
                    let length = length.at(draw(self.seed, self.stream.of(step as u64), index));
                    let end = since.plus(length);
                    let over = now >= end;
                    (over.then_some(end), now.since(since) * 1000 / length.max(1))
                }
                Stay::Looks(count) => {
                    looks = &looks[looks.partition_point(|&look| look < since)..];
                    let seen = looks.partition_point(|&look| look <= now) as u64;
                    let last = count.checked_sub(1).map(|last| looks.get(last as usize).copied());
                    let end = last.unwrap_or(Some(since)).filter(|&end| end <= now);
                    if end.is_some() {
                        looks = &looks[*count as usize..];
                    }
                    (end, seen * 1000 / count.max(&1))
                }
            };
            match end {
                Some(end) => since = end,
                None => return Situation { state: *state, since, at_rest: false, progress },
            }
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
        self.stays.iter().map(|(_, stay)| stay.longest()).fold(0, u64::saturating_add)
    }

    fn settles(&self, state: State) -> u64 {
        if self.rest == state {
            return self.longest();
        }
        let last = self.stays.iter().rposition(|(passed, _)| *passed == state);
        let until = last.map_or(0, |last| last + 1);
        let stays = self.stays.iter().take(until);
        stays.map(|(_, stay)| stay.longest()).fold(0, u64::saturating_add)
    }

    /// Whether answers that show a thing on this path have to be counted.
    pub fn counts_looks(&self) -> bool {
        self.stays.iter().any(|(_, stay)| matches!(stay, Stay::Looks(_)))
    }
}

impl Stay {
    /// No stay is longer (ms).
    fn longest(&self) -> u64 {
        match self {
            Self::Time(length) => length.longest(),
            Self::Looks(_) => u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifecycle() -> Lifecycle {
        let stays =
            vec![(0, Quantiles::constant(10).into()), (1, Quantiles::log_normal(100, 900).into())];
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
    fn a_stay_of_looks_ends_with_the_last_of_them_whatever_the_time() {
        let cycle = lifecycle();
        let stays = vec![
            (0, Stay::Looks(2)),
            (1, Quantiles::constant(50).into()),
            (2, Stay::Looks(1)),
            (3, Stay::Looks(0)),
        ];
        let path = Path { stays, rest: 4 };
        let at = Timestamp::from_millis;
        // All at one instant, as with a frozen clock; then two while time decides; then one.
        let looks = [at(5), at(5), at(10), at(20), at(70)];
        let state = |looks: &[Timestamp], now| {
            let course = Course { path: &path, index: 1, from: at(0), looks };
            cycle.walk(&course, at(now)).state
        };
        assert_eq!(state(&[], 1_000_000), 0);
        assert_eq!(state(&looks[..1], 5), 0);
        assert_eq!(state(&looks[..2], 5), 1);
        assert_eq!(state(&looks[..2], 4), 0, "what has not been looked at yet");
        assert_eq!(state(&looks[..4], 54), 1);
        assert_eq!(state(&looks[..4], 69), 2);
        assert_eq!(state(&looks, 70), 4);
        assert!(path.counts_looks() && !cycle.paths[0].counts_looks());
    }

    #[test]
    fn before_its_birth_a_thing_is_in_its_first_state() {
        let born = Timestamp::from_millis(1_000);
        let s = lifecycle().situation(0, 5, born, Timestamp::from_millis(0));
        assert_eq!((s.state, s.at_rest), (0, false));
    }
}
