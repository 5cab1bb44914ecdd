//! An ordered population of synthetic entities. Each is born in its own slot of time, so births
//! ascend with the index and the number of entities at an instant is a division.
//!
//! Slots are numbered from the start of the population, in both directions: the index says how far
//! from the start a slot is, not how many there are. So one entity more at the start is one more at
//! the far end, and the others keep their indexes, and with those their ids, births and values.

use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::draw::{Seed, Stream, draw, scale};
use super::lifecycle::{Lifecycle, LifecycleStatus, Polls, State};
use super::moving::Moving;
use super::sampler::{Mask, StratifiedSampler};
use super::shared_map::SharedMap;
use super::strata::END_OF_BLOCKS;
use super::time::Timestamp;

/// Maximum number of synthetic entities; ids and tokens have room for it.
pub(crate) const MAX_COUNT: u64 = 1 << 40;

/// The index of the first slot after the start of a population; those before it have lower ones.
const FIRST_AFTER_START: u64 = MAX_COUNT;
/// The indexes of synthetic entities are below this.
pub(crate) const MAX_INDEX: u64 = FIRST_AFTER_START + MAX_COUNT;
const _: () = assert!(MAX_INDEX == END_OF_BLOCKS, "synthetic entities are in blocks");

/// A number for each index that is small for slots near the start, on either side.
pub(crate) const fn distance_from_start(index: u64) -> u64 {
    match index.checked_sub(FIRST_AFTER_START) {
        Some(after) => after.saturating_mul(2).saturating_add(1),
        None => (FIRST_AFTER_START - 1 - index) * 2,
    }
}

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
    /// How many more arrive after `start`, one a slot.
    pub(crate) later: u64,
}

impl Arrivals {
    pub(crate) fn born(&self, index: u64) -> Timestamp {
        self.in_slot(index, 1 + scale(draw(self.seed, self.stream, index), self.spacing))
    }

    /// No earlier instant is the birth of the one with that index.
    pub(crate) fn slot_start(&self, index: u64) -> Timestamp {
        self.in_slot(index, 1)
    }

    /// No later instant is the birth of the one with that index.
    pub(crate) fn slot_end(&self, index: u64) -> Timestamp {
        self.in_slot(index, self.spacing)
    }

    fn in_slot(&self, index: u64, within: u64) -> Timestamp {
        let slot = i128::from(index) - i128::from(FIRST_AFTER_START);
        let millis =
            i128::from(self.start.millis()) + slot * i128::from(self.spacing) + i128::from(within);
        Timestamp::from_millis(millis.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }

    /// The index of the oldest.
    pub(crate) fn first(&self) -> u64 {
        FIRST_AFTER_START.saturating_sub(self.count)
    }

    /// The index after that of the youngest at `t`.
    pub(crate) fn end_at(&self, t: Timestamp) -> u64 {
        // Slot k is (start + k·spacing, start + (k+1)·spacing]: all earlier ones are full.
        let elapsed = i128::from(t.millis()) - i128::from(self.start.millis());
        let slot = (elapsed - 1).div_euclid(i128::from(self.spacing.max(1)));
        let end = FIRST_AFTER_START + self.later.min(MAX_COUNT);
        let full = i128::from(FIRST_AFTER_START) + slot;
        let full = full.clamp(i128::from(self.first()), i128::from(end)) as u64;
        if full < end && self.born(full) <= t { full + 1 } else { full }
    }

    /// The index of the one that `ordinal` others are older than.
    pub(crate) fn nth(&self, ordinal: u64) -> u64 {
        self.first().saturating_add(ordinal)
    }

    /// How many are older than that one.
    pub(crate) fn ordinal(&self, index: u64) -> u64 {
        index.saturating_sub(self.first())
    }

    /// The indexes of those that are born at or before `t`.
    pub(crate) fn indexes_at(&self, t: Timestamp) -> Range<u64> {
        self.first()..self.end_at(t)
    }

    /// How many are born at or before `t`.
    #[cfg(test)]
    pub(crate) fn count_at(&self, t: Timestamp) -> u64 {
        self.end_at(t) - self.first()
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
    created: SharedMap<(Timestamp, u64), ()>,
    births: SharedMap<u64, Timestamp>,
    touched: SharedMap<u64, ()>,
    polls: SharedMap<Member, SharedMap<usize, Timestamp>>,
}

impl Traces {
    /// Records that the event of that number created an entity, the youngest so far.
    pub(crate) fn create(&mut self, number: u64, born: Timestamp) {
        self.created.insert((born, number), ());
        self.births.insert(number, born);
    }

    /// Marks the member as changed: its index no longer determines it.
    pub(crate) fn touch(&mut self, member: Member) {
        if let Member::Synthetic(index) = member {
            self.touched.insert(index, ());
        }
    }

    /// An answer showed the member.
    pub(crate) fn poll(&mut self, member: Member, at: Timestamp) {
        self.touch(member);
        let polls = self.polls.or_default(member);
        polls.insert(polls.len(), at);
    }

    /// The created members, oldest first.
    pub(crate) fn created(&self) -> impl DoubleEndedIterator<Item = (Timestamp, u64)> {
        self.created.entries().iter().map(|&(created, ())| created)
    }

    /// The instant at which the change of that number created a member, if it did.
    pub(crate) fn born(&self, number: u64) -> Option<Timestamp> {
        self.births.get(&number).copied()
    }

    /// The synthetic entities that clients changed, ascending.
    pub(crate) fn touched(&self) -> impl Iterator<Item = u64> {
        self.touched.entries().iter().map(|&(index, ())| index)
    }

    /// The instants at which the member was shown, ascending; recorded only if its path counts
    /// them.
    pub(crate) fn polls(&self, member: Member) -> Polls<'_> {
        self.polls.get(&member).map(SharedMap::entries).unwrap_or_default()
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
        let strata = sampler.strata;
        let mut population = Self {
            arrivals,
            sampler,
            path_attribute,
            lifecycle: lifecycle.dealt(strata),
            fixed,
            terminal_rows: vec![],
            moving,
        };
        let terminals = population.lifecycle.paths.iter().map(|path| path.terminal);
        let mut terminals: Vec<S> = terminals.collect();
        terminals.sort_unstable();
        terminals.dedup();
        let rows = |state| (state, population.rows_ending_in(&[state]));
        population.terminal_rows = terminals.into_iter().map(rows).collect();
        population
    }

    /// The rows whose path ends in one of the states.
    pub(crate) fn ending_in(&self, states: &[S]) -> Mask {
        let known = |state| self.terminal_rows.iter().find(|(terminal, _)| *terminal == state);
        match *states {
            [state] if let Some((_, rows)) = known(state) => rows.clone(),
            _ => self.rows_ending_in(states),
        }
    }

    fn rows_ending_in(&self, states: &[S]) -> Mask {
        self.sampler.mask(|row| {
            let path = self.sampler.attribute(self.path_attribute, row);
            states.contains(&self.lifecycle.path(path).terminal)
        })
    }

    /// Those in the states within a range of indexes, of which the older ones that are in their
    /// terminal states for sure are left out. The last result for the whole population is kept.
    pub(crate) fn moving(&self, states: &[S], now: Timestamp, range: Range<u64>) -> Arc<Moving<S>> {
        let place = states.first().map_or(0, |state| state.index()) % self.moving.0.len();
        let whole = range == self.arrivals.indexes_at(now);
        let last = self.moving.0.get(place).filter(|_| whole);
        let known = last.and_then(|last| last.load_full());
        if let Some(known) = known.filter(|known| known.now == now && known.states == states) {
            return known;
        }
        let age = states.iter().map(|&state| self.lifecycle.settles(state)).max().unwrap_or(0);
        let settled = self.arrivals.end_at(now.minus(age)).clamp(range.start, range.end);
        let found = Arc::new(Moving::new(self, states, now, settled..range.end));
        if let Some(last) = last {
            last.store(Some(found.clone()));
        }
        found
    }

    /// Maximum number of synthetic entities that are not in their terminal state at an instant.
    pub(crate) fn most_moving(&self) -> u64 {
        let Arrivals { count, later, spacing, .. } = self.arrivals;
        let slots = self.lifecycle.longest() / spacing.max(1);
        slots.saturating_add(2).min(count.saturating_add(later))
    }

    /// The synthetic or created member whose id is made from the index, if it exists.
    pub(crate) fn member(&self, index: u64, traces: &Traces, now: Timestamp) -> Option<Member> {
        match created_number(index) {
            Some(number) => traces.born(number).map(|_| Member::Created(number)),
            None => {
                let exists = self.arrivals.indexes_at(now).contains(&index);
                exists.then_some(Member::Synthetic(index))
            }
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

    fn arrivals(seed: u64, count: u64, spacing: u64, later: u64) -> Arrivals {
        let start = Timestamp::from_millis(1_700_000_000_000);
        Arrivals { seed: Seed(seed), stream: Stream::named("test"), count, start, spacing, later }
    }

    proptest! {
        #[test]
        fn births_ascend_and_are_counted_exactly(
            seed: u64, count in 0u64..500, spacing in 1u64..100_000, later in 0u64..400,
            late in -2_000_000i64..2_000_000,
        ) {
            let a = arrivals(seed, count, spacing, later);
            prop_assert_eq!(a.count_at(a.start), count);
            let t = Timestamp::from_millis(a.start.millis() + late);
            let n = a.count_at(t);
            let all = a.first()..a.first() + count + later;
            let brute = all.take_while(|&i| a.born(i) <= t).count() as u64;
            prop_assert_eq!(n, brute);
            prop_assert_eq!(a.indexes_at(t), a.first()..a.end_at(t));
            for i in a.indexes_at(t).skip(1).take(200) {
                prop_assert!(a.born(i - 1) < a.born(i));
            }
        }

        #[test]
        fn one_more_at_the_start_is_one_older_one_and_moves_no_other(
            seed: u64, count in 0u64..500, spacing in 1u64..100_000, late in 0u64..2_000_000,
        ) {
            let (fewer, more) =
                (arrivals(seed, count, spacing, MAX_COUNT), arrivals(seed, count + 1, spacing, MAX_COUNT));
            let t = fewer.start.plus(late);
            prop_assert_eq!(fewer.end_at(t), more.end_at(t));
            prop_assert_eq!(fewer.first(), more.first() + 1);
            for i in fewer.indexes_at(t).take(200) {
                prop_assert_eq!(fewer.born(i), more.born(i));
            }
        }

        #[test]
        fn no_instant_or_size_overflows(seed: u64, t: i64, spacing in 1u64..u64::MAX / 4) {
            let a = arrivals(seed, MAX_COUNT, spacing, MAX_COUNT);
            let n = a.end_at(Timestamp::from_millis(t));
            prop_assert!(n <= MAX_INDEX);
            let _ = a.born(n);
        }
    }

    #[test]
    fn numbers_by_the_distance_from_the_start_are_small_and_unique() {
        let around = FIRST_AFTER_START - 3..FIRST_AFTER_START + 3;
        let numbers: Vec<u64> = around.map(distance_from_start).collect();
        assert_eq!(numbers, [4, 2, 0, 1, 3, 5]);
        let _ = distance_from_start(u64::MAX);
    }
}
