//! The states that an entity passes through, and how long it dwells in each.
//!
//! Each life-cycle has a state type of its own, so that a state of one cannot be taken for a
//! state of another. Which path an entity takes is an attribute that its population's sampler
//! assigns; the length of each dwell is drawn for the entity. Where it is at an instant is then
//! found by following one short path.

use std::fmt::Debug;

use super::draw::{Seed, Stream, draw};
use super::quantiles::Quantiles;
use super::shared_map::Entries;
use super::strata::{Part, Strata};
use super::time::Timestamp;

/// The states of one life-cycle, usually an enum.
pub(crate) trait State: Copy + Ord + Debug + Send + Sync + 'static {
    /// Different for each state, counted from 0: the row of the life-cycle's table.
    fn index(self) -> usize;
}

/// A population whose members have no life-cycle.
impl State for () {
    fn index(self) -> usize {
        0
    }
}

#[cfg(test)]
impl State for usize {
    fn index(self) -> usize {
        self
    }
}

#[derive(Clone, Debug)]
pub(crate) struct LifecyclePath<S> {
    /// States that are passed through, and what ends the dwell in each.
    pub(crate) dwells: Vec<(S, Dwell)>,
    /// The state in which the entity stays for ever.
    pub(crate) terminal: S,
}

/// The condition that ends a dwell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Dwell {
    /// Time (ms).
    Time(Quantiles),
    /// This many answers that show the entity. Never in the life-cycle of a population, whose
    /// members are not counted one by one.
    Polls(u64),
}

impl From<Quantiles> for Dwell {
    fn from(length: Quantiles) -> Self {
        Self::Time(length)
    }
}

/// The instants at which answers showed an entity, ascending, by the number of those before.
pub(crate) type Polls<'t> = Entries<'t, usize, Timestamp>;

/// One entity on its way along a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathRun<'p, S> {
    pub(crate) path: &'p LifecyclePath<S>,
    /// The index that the lengths of its dwells are drawn by.
    pub(crate) index: u64,
    /// When it entered the path.
    pub(crate) from: Timestamp,
    /// When answers showed it since, ascending.
    pub(crate) polls: Polls<'p>,
}

#[derive(Clone, Debug)]
pub(crate) struct Lifecycle<S> {
    pub(crate) seed: Seed,
    pub(crate) stream: Stream,
    pub(crate) paths: Vec<LifecyclePath<S>>,
    strata: Option<Strata>,
}

/// Where an entity is on its path at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LifecycleStatus<S> {
    pub(crate) state: S,
    /// When it entered the state.
    pub(crate) since: Timestamp,
    /// Whether nothing leaves the state by itself.
    pub(crate) is_terminal: bool,
    /// How far the present dwell has got, in thousandths; 1000 in a terminal state.
    pub(crate) progress: u64,
    /// Whether the present dwell lasts for a number of answers, so that one more changes something.
    pub(crate) awaits_poll: bool,
}

impl<S: State> LifecycleStatus<S> {
    /// The status of an entity in its terminal state.
    pub(crate) fn terminal(state: S, since: Timestamp) -> Self {
        Self { state, since, is_terminal: true, progress: 1000, awaits_poll: false }
    }
}

impl<S: State> Lifecycle<S> {
    /// Dwells are drawn from the whole of their distributions.
    pub(crate) fn new(seed: Seed, stream: Stream, paths: Vec<LifecyclePath<S>>) -> Self {
        Self { seed, stream, paths, strata: None }
    }

    /// The dwells of a population's synthetic members are dealt block by block.
    pub(crate) fn dealt(self, strata: Strata) -> Self {
        Self { strata: Some(strata), ..self }
    }

    /// The path that a sampler's attribute stands for.
    pub(crate) fn path(&self, path: usize) -> &LifecyclePath<S> {
        &self.paths[path]
    }

    /// The status at `now` of the entity with that index, born at `born`, on a path. An entity
    /// is in its first state from its birth on, and before it.
    pub(crate) fn status(
        &self,
        path: usize,
        index: u64,
        born: Timestamp,
        now: Timestamp,
    ) -> LifecycleStatus<S> {
        self.follow(
            &PathRun { path: self.path(path), index, from: born, polls: Polls::default() },
            now,
        )
    }

    /// Where an entity is at `now` on a path of its own.
    pub(crate) fn follow(&self, run: &PathRun<'_, S>, now: Timestamp) -> LifecycleStatus<S> {
        let PathRun { path, index, from, mut polls } = *run;
        let part = self.strata.map_or(Part::WHOLE, |strata| strata.part(index));
        let mut since = from;
        for (step, (state, dwell)) in path.dwells.iter().enumerate() {
            let (end, progress) = match dwell {
                Dwell::Time(length) => {
                    let drawn = draw(self.seed, self.stream.of(step as u64), index);
                    let length = length.at(part.draw(drawn));
                    let end = since.plus(length);
                    let over = now >= end;
                    (over.then_some(end), now.since(since) * 1000 / length.max(1))
                }
                Dwell::Polls(count) => {
                    polls = polls.skip(polls.partition_point(|&(_, poll)| poll < since));
                    let seen = polls.partition_point(|&(_, poll)| poll <= now) as u64;
                    let last = count.checked_sub(1);
                    let last = last.map(|last| polls.get(last as usize).map(|&(_, poll)| poll));
                    let end = last.unwrap_or(Some(since)).filter(|&end| end <= now);
                    if end.is_some() {
                        polls = polls.skip(*count as usize);
                    }
                    (end, seen * 1000 / count.max(&1))
                }
            };
            match end {
                Some(end) => since = end,
                None => {
                    let awaits_poll = matches!(dwell, Dwell::Polls(_));
                    let state = *state;
                    let is_terminal = false;
                    return LifecycleStatus { state, since, is_terminal, progress, awaits_poll };
                }
            }
        }
        LifecycleStatus::terminal(path.terminal, since)
    }

    /// Whether an answer at `now` that shows the entity changes where it is then or later. Such an
    /// answer is recorded; any other read is no event.
    pub(crate) fn awaits_poll(&self, run: &PathRun<'_, S>, now: Timestamp) -> bool {
        run.path.counts_polls() && self.follow(run, now).awaits_poll
    }

    /// After this age (ms) every entity is in its terminal state.
    pub(crate) fn longest(&self) -> u64 {
        self.paths.iter().map(LifecyclePath::longest).max().unwrap_or(0)
    }

    /// After this age (ms) the only entities in `state` are those that it is terminal for.
    pub(crate) fn settles(&self, state: S) -> u64 {
        self.paths.iter().map(|path| path.settles(state)).max().unwrap_or(0)
    }
}

impl<S: State> LifecyclePath<S> {
    /// The path of an entity that is in one state for ever.
    pub(crate) fn fixed(state: S) -> Self {
        Self { dwells: Vec::new(), terminal: state }
    }

    /// In their order, the terminal one last.
    pub(crate) fn states(&self) -> impl Iterator<Item = S> {
        self.dwells.iter().map(|(state, _)| *state).chain([self.terminal])
    }

    /// The age (ms) at which the first `dwells` have ended if all are drawn with `draw`.
    pub(crate) fn age_after(&self, dwells: usize, draw: u64) -> u64 {
        let lengths = self.dwells.iter().take(dwells).map(|(_, dwell)| match dwell {
            Dwell::Time(length) => length.at(draw),
            Dwell::Polls(_) => u64::MAX,
        });
        lengths.fold(0, u64::saturating_add)
    }

    /// Whether an entity on it is in the state at some time.
    pub(crate) fn passes(&self, state: S) -> bool {
        self.terminal == state || self.dwells.iter().any(|(passed, _)| *passed == state)
    }

    fn longest(&self) -> u64 {
        self.dwells.iter().map(|(_, dwell)| dwell.longest()).fold(0, u64::saturating_add)
    }

    fn settles(&self, state: S) -> u64 {
        if self.terminal == state {
            return self.longest();
        }
        let last = self.dwells.iter().rposition(|(passed, _)| *passed == state);
        let until = last.map_or(0, |last| last + 1);
        let dwells = self.dwells.iter().take(until);
        dwells.map(|(_, dwell)| dwell.longest()).fold(0, u64::saturating_add)
    }

    /// Whether answers that show an entity have to be counted somewhere on this path.
    pub(crate) fn counts_polls(&self) -> bool {
        self.dwells.iter().any(|(_, dwell)| matches!(dwell, Dwell::Polls(_)))
    }
}

impl Dwell {
    /// No dwell is longer (ms).
    fn longest(&self) -> u64 {
        match self {
            Self::Time(length) => length.longest(),
            Self::Polls(_) => u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::shared_map::SharedMap;

    fn lifecycle() -> Lifecycle<usize> {
        let dwells =
            vec![(0, Quantiles::constant(10).into()), (1, Quantiles::log_normal(100, 900).into())];
        let paths = vec![LifecyclePath { dwells, terminal: 2 }];
        Lifecycle::new(Seed(1), Stream::named("test"), paths)
    }

    #[test]
    fn an_entity_takes_its_path_in_order_and_then_stays() {
        let cycle = lifecycle();
        let born = Timestamp::from_millis(1_000);
        let mut seen = vec![];
        for age in 0..=cycle.longest() {
            let now = born.plus(age);
            let s = cycle.status(0, 5, born, now);
            assert!(s.since <= now);
            assert!(s.progress <= 1000);
            if seen.last() != Some(&s.state) {
                seen.push(s.state);
            }
        }
        assert_eq!(seen, [0, 1, 2]);
        assert!(cycle.status(0, 5, born, born.plus(cycle.longest())).is_terminal);
    }

    #[test]
    fn a_state_settles_when_it_can_only_be_a_resting_place() {
        let cycle = lifecycle();
        assert_eq!(cycle.settles(0), 10);
        assert_eq!((cycle.settles(1), cycle.settles(2)), (cycle.longest(), cycle.longest()));
        assert_eq!(cycle.settles(3), 0);
    }

    #[test]
    fn a_stay_of_polls_ends_with_the_last_of_them_whatever_the_time() {
        let cycle = lifecycle();
        let dwells = vec![
            (0, Dwell::Polls(2)),
            (1, Quantiles::constant(50).into()),
            (2, Dwell::Polls(1)),
            (3, Dwell::Polls(0)),
        ];
        let path = LifecyclePath { dwells, terminal: 4 };
        let at = Timestamp::from_millis;
        // All at one instant, as with a frozen clock; then two while time decides; then one.
        let polls = [at(5), at(5), at(10), at(20), at(70)];
        let state = |polls: &[Timestamp], now| {
            let polls: SharedMap<usize, Timestamp> = polls.iter().copied().enumerate().collect();
            let polls = polls.entries();
            let run = PathRun { path: &path, index: 1, from: at(0), polls };
            cycle.follow(&run, at(now)).state
        };
        assert_eq!(state(&[], 1_000_000), 0);
        assert_eq!(state(&polls[..1], 5), 0);
        assert_eq!(state(&polls[..2], 5), 1);
        assert_eq!(state(&polls[..2], 4), 0, "what has not been looked at yet");
        assert_eq!(state(&polls[..4], 54), 1);
        assert_eq!(state(&polls[..4], 69), 2);
        assert_eq!(state(&polls, 70), 4);
        assert!(path.counts_polls() && !cycle.paths[0].counts_polls());
    }

    #[test]
    fn a_poll_is_awaited_exactly_where_one_more_of_it_changes_something() {
        let cycle = lifecycle();
        let dwells = vec![
            (0, Dwell::Polls(2)),
            (1, Quantiles::constant(50).into()),
            (2, Dwell::Polls(1)),
            (3, Dwell::Polls(0)),
        ];
        let path = LifecyclePath { dwells, terminal: 4 };
        let at = Timestamp::from_millis;
        let status = |polls: &[Timestamp], now| {
            let polls: SharedMap<usize, Timestamp> = polls.iter().copied().enumerate().collect();
            let polls = polls.entries();
            let run = PathRun { path: &path, index: 1, from: at(0), polls };
            (cycle.follow(&run, now), cycle.awaits_poll(&run, now))
        };
        let later = |polls: &[Timestamp], now: Timestamp| -> Vec<LifecycleStatus<usize>> {
            (now.millis()..400).map(|now| status(polls, at(now)).0).collect()
        };
        let mut polls: Vec<Timestamp> = Vec::new();
        for now in (0..200).map(at) {
            for _ in 0..3 {
                let longer = [&polls[..], &[now]].concat();
                let changes = later(&polls, now) != later(&longer, now);
                assert_eq!(status(&polls, now).1, changes, "at {now}");
                if changes {
                    polls = longer;
                }
            }
        }
        assert_eq!(polls, [0, 0, 50].map(at), "as many as the path counts");
    }

    #[test]
    fn before_its_birth_a_thing_is_in_its_first_state() {
        let born = Timestamp::from_millis(1_000);
        let s = lifecycle().status(0, 5, born, Timestamp::from_millis(0));
        assert_eq!((s.state, s.is_terminal), (0, false));
    }
}
