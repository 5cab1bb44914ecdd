//! An ordered population of synthetic entities. Entity `i` is born in its own slot of time, so
//! births ascend with the index and the number of entities at an instant is a division.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::draw::{Seed, Stream, draw, scale};
use super::lifecycle::{Lifecycle, LifecycleStatus, State};
use super::sampler::{Mask, StratifiedSampler};
use super::time::Timestamp;

/// Maximum number of synthetic entities; ids and tokens have room for it.
pub(crate) const MAX_COUNT: u64 = 1 << 40;

/// The arrival times of the members of a population.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals {
    pub(crate) seed: Seed,
    pub(crate) stream: Stream,
    /// Number of members at `start`.
    pub(crate) count: u64,
    /// The instant at which the population has `count` members.
    pub(crate) start: Timestamp,
    /// The width of a slot: one entity is born in each, somewhere inside it (ms, at least 1).
    pub(crate) spacing: u64,
    /// Whether more arrive after `start`, one a slot.
    pub(crate) grows: bool,
}

impl Arrivals {
    pub(crate) fn born(&self, index: u64) -> Timestamp {
        let within = 1 + scale(draw(self.seed, self.stream, index), self.spacing);
        let slots = index as i128 - self.count as i128;
        let offset = slots * i128::from(self.spacing) + i128::from(within);
        let millis = i128::from(self.start.millis()) + offset;
        Timestamp::from_millis(millis.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }

    /// How many are born at or before `t`: their indexes are `0..count_at(t)`.
    pub(crate) fn count_at(&self, t: Timestamp) -> u64 {
        let first = i128::from(self.start.millis())
            - i128::from(self.count) * i128::from(self.spacing.max(1));
        let elapsed = i128::from(t.millis()) - first;
        if elapsed <= 0 {
            return 0;
        }
        // Slot k is (first + k·spacing, first + (k+1)·spacing]: all earlier ones are full.
        let full = ((elapsed - 1) / i128::from(self.spacing.max(1))) as u64;
        let most = if self.grows { MAX_COUNT } else { self.count };
        let full = full.min(most);
        if full < most && self.born(full) <= t { full + 1 } else { full }
    }
}

/// An entity with values from the scenario file, among the synthetic ones.
#[derive(Clone, Debug)]
pub(crate) struct FixedRecord<T> {
    pub(crate) born: Timestamp,
    pub(crate) value: T,
}

#[derive(Clone, Debug)]
pub(crate) struct Population<T, S> {
    pub(crate) arrivals: Arrivals,
    pub(crate) sampler: StratifiedSampler,
    /// The sampler's attribute that says which path of the life-cycle an entity takes.
    pub(crate) path_attribute: usize,
    pub(crate) lifecycle: Lifecycle<S>,
    /// Oldest first; at equal births in the order of the file, last written oldest, so that
    /// a listing "newest first" shows them as they are written.
    pub(crate) fixed: Vec<FixedRecord<T>>,
    /// For each terminal state, the rows whose path ends in it.
    terminal_rows: Vec<(S, Mask)>,
    /// The latest result of `moving`, by the first of its states.
    moving: Latest<S>,
}

/// A clone starts empty.
#[derive(Debug)]
struct Latest<S>([ArcSwapOption<Moving<S>>; 8]);

impl<S> Default for Latest<S> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| ArcSwapOption::empty()))
    }
}

impl<S> Clone for Latest<S> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// The synthetic entities in some states at an instant that may not be in their terminal state.
#[derive(Debug)]
pub(crate) struct Moving<S> {
    states: Vec<S>,
    now: Timestamp,
    /// Those with an index below this are in the states only if one of these is their terminal state.
    pub(crate) settled: u64,
    /// Ascending.
    pub(crate) indexes: Vec<u64>,
}

/// One entity of a population.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Member {
    Synthetic(u64),
    Fixed(usize),
    /// Created by a client, with the event of that number.
    Created(u64),
}

/// The index that unwritten values of a fixed record are drawn by; those of synthetic entities
/// lie below.
pub(crate) const fn fixed_index(place: usize) -> u64 {
    FIRST_FIXED + place as u64
}

/// The index that the values of a created entity are drawn by, and its id is made from; those
/// of synthetic entities and fixed records lie below.
pub(crate) const fn created_index(number: u64) -> u64 {
    FIRST_CREATED + number
}

/// The number of the event that created the entity of that index, if one did.
pub(crate) const fn created_number(index: u64) -> Option<u64> {
    index.checked_sub(FIRST_CREATED)
}

const FIRST_FIXED: u64 = 1 << 60;
const FIRST_CREATED: u64 = 1 << 61;

/// The changes that clients made to a population, none later than the instant in question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Traces {
    /// In the order of births, as changes are.
    created: Vec<(Timestamp, u64)>,
    births: BTreeMap<u64, Timestamp>,
    touched: BTreeSet<u64>,
    polls: BTreeMap<Member, Vec<Timestamp>>,
}

impl Traces {
    /// Records that the event of that number created an entity, the youngest so far.
    pub(crate) fn create(&mut self, number: u64, born: Timestamp) {
        self.created.push((born, number));
        self.births.insert(number, born);
    }

    /// Marks the member as changed: its index no longer determines it.
    pub(crate) fn touch(&mut self, member: Member) {
        if let Member::Synthetic(index) = member {
            self.touched.insert(index);
        }
    }

    /// An answer showed the member.
    pub(crate) fn poll(&mut self, member: Member, at: Timestamp) {
        self.touch(member);
        self.polls.entry(member).or_default().push(at);
    }

    /// The created members, oldest first.
    pub(crate) fn created(&self) -> impl DoubleEndedIterator<Item = (Timestamp, u64)> {
        self.created.iter().copied()
    }

    /// The instant at which the change of that number created a member, if it did.
    pub(crate) fn born(&self, number: u64) -> Option<Timestamp> {
        self.births.get(&number).copied()
    }

    /// The synthetic entities that clients changed, ascending.
    pub(crate) fn touched(&self) -> impl Iterator<Item = u64> {
        self.touched.iter().copied()
    }

    /// The instants at which the member was shown, ascending; recorded only if its path counts
    /// them.
    pub(crate) fn polls(&self, member: Member) -> &[Timestamp] {
        self.polls.get(&member).map_or(&[], Vec::as_slice)
    }
}

impl<T, S: State> Population<T, S> {
    pub(crate) fn new(
        arrivals: Arrivals,
        sampler: StratifiedSampler,
        path_attribute: usize,
        lifecycle: Lifecycle<S>,
        fixed_as_written: Vec<FixedRecord<T>>,
    ) -> Self {
        let mut fixed = fixed_as_written;
        fixed.reverse();
        fixed.sort_by_key(|record| record.born);
        let moving = Latest::default();
        let mut population = Self {
            arrivals,
            sampler,
            path_attribute,
            lifecycle,
            fixed,
            terminal_rows: vec![],
            moving,
        };
        let terminals = population.lifecycle.paths.iter().map(|path| path.terminal);
        let mut terminals: Vec<S> = terminals.collect();
        terminals.sort_unstable();
        terminals.dedup();
        population.terminal_rows = terminals
            .into_iter()
            .map(|state| (state, population.ending_in(&[state], |_| true)))
            .collect();
        population
    }

    /// The rows of a kind whose path ends in one of the states.
    pub(crate) fn ending_in(&self, states: &[S], is_of_kind: impl Fn(usize) -> bool) -> Mask {
        self.sampler.mask(|row| {
            let path = self.sampler.attribute(self.path_attribute, row);
            is_of_kind(row) && states.contains(&self.lifecycle.path(path).terminal)
        })
    }

    /// Examines all within a range of indexes that may be on their way. The last result for the
    /// whole population is kept.
    pub(crate) fn moving(&self, states: &[S], now: Timestamp, range: Range<u64>) -> Arc<Moving<S>> {
        let place = states.first().map_or(0, |state| state.index()) % self.moving.0.len();
        let whole = range == (0..self.arrivals.count_at(now));
        let last = self.moving.0.get(place).filter(|_| whole);
        let known = last.and_then(|last| last.load_full());
        if let Some(known) = known.filter(|known| known.now == now && known.states == states) {
            return known;
        }
        let age = states.iter().map(|&state| self.lifecycle.settles(state)).max().unwrap_or(0);
        let settled = self.arrivals.count_at(now.minus(age)).clamp(range.start, range.end);
        let is_in = |&index: &u64| states.contains(&self.status(index, now).state);
        let indexes = (settled..range.end).filter(is_in).collect();
        let found = Arc::new(Moving { states: states.to_vec(), now, settled, indexes });
        if let Some(last) = last {
            last.store(Some(found.clone()));
        }
        found
    }

    /// The rows whose path ends in the state.
    pub(crate) fn terminal_rows(&self, state: S) -> Option<&Mask> {
        self.terminal_rows.iter().find(|(rest, _)| *rest == state).map(|(_, mask)| mask)
    }

    /// The synthetic or created member whose id is made from the index, if it exists.
    pub(crate) fn member(&self, index: u64, traces: &Traces, now: Timestamp) -> Option<Member> {
        match created_number(index) {
            Some(number) => traces.born(number).map(|_| Member::Created(number)),
            None => (index < self.arrivals.count_at(now)).then_some(Member::Synthetic(index)),
        }
    }

    /// The row of an entity that is not part of the sequence of indexes.
    pub(crate) fn drawn_row(&self, stream: Stream, index: u64) -> usize {
        self.sampler.row(scale(draw(self.arrivals.seed, stream, index), MAX_COUNT))
    }

    /// The member's birth, if the member exists.
    pub(crate) fn born(&self, member: Member, traces: &Traces) -> Option<Timestamp> {
        match member {
            Member::Synthetic(index) => Some(self.arrivals.born(index)),
            Member::Fixed(place) => self.fixed.get(place).map(|record| record.born),
            Member::Created(number) => traces.born(number),
        }
    }

    /// Where synthetic entity `index` is on its path, unless a client touched it.
    pub(crate) fn status(&self, index: u64, now: Timestamp) -> LifecycleStatus<S> {
        let path = self.sampler.attribute(self.path_attribute, self.sampler.row(index));
        self.lifecycle.status(path, index, self.arrivals.born(index), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arrivals(seed: u64, count: u64, spacing: u64, grows: bool) -> Arrivals {
        let start = Timestamp::from_millis(1_700_000_000_000);
        Arrivals { seed: Seed(seed), stream: Stream::named("test"), count, start, spacing, grows }
    }

    proptest! {
        #[test]
        fn births_ascend_and_are_counted_exactly(
            seed: u64, count in 0u64..500, spacing in 1u64..100_000, grows: bool, late in 0u64..2_000_000,
        ) {
            let a = arrivals(seed, count, spacing, grows);
            prop_assert_eq!(a.count_at(a.start), count);
            let t = a.start.plus(late);
            let n = a.count_at(t);
            let brute = (0..).take_while(|&i| (grows || i < count) && a.born(i) <= t).count() as u64;
            prop_assert_eq!(n, brute);
            for i in 1..n.min(200) {
                prop_assert!(a.born(i - 1) < a.born(i));
            }
        }

        #[test]
        fn no_instant_or_size_overflows(seed: u64, t: i64, spacing in 1u64..u64::MAX / 4) {
            let a = arrivals(seed, MAX_COUNT, spacing, true);
            let n = a.count_at(Timestamp::from_millis(t));
            prop_assert!(n <= MAX_COUNT);
            let _ = a.born(n);
        }
    }
}
