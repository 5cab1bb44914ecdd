//! The members of a population that a filter lets through at an instant: how many there are,
//! and which is the n-th. Only fixed records and members that clients created or touched are
//! examined one by one; the rest is arithmetic on how the sampler deals rows and durations.

use std::cell::{Cell, RefCell};

use super::lifecycle::State;
use super::moving::MovingMembers;
use super::population::{Member, Population, Traces};
use super::sampler::{Mask, MaskedBlock};
use super::search::partition_point;
use super::time::Timestamp;

/// A filter on the members of a population.
pub(crate) struct Filter<'f, S> {
    /// By the attributes of a row of the population's sampler.
    pub(crate) row: Option<&'f dyn Fn(usize) -> bool>,
    pub(crate) state: Option<S>,
    /// Births from this instant on.
    pub(crate) from: Option<Timestamp>,
    /// Births up to and including this instant.
    pub(crate) until: Option<Timestamp>,
    /// All but `from` and `until`, for those that the arithmetic does not know: pinned,
    /// created and touched things. Deleted ones are not let through.
    pub(crate) single: &'f dyn Fn(Member) -> bool,
}

/// The things let through, oldest first.
pub(crate) struct Selection<'p, T, S> {
    population: &'p Population<T, S>,
    /// Synthetic indexes considered.
    low: u64,
    high: u64,
    /// Indexes below this are in the state that is asked for only if they rest in it.
    settled: u64,
    mask: Mask,
    /// Where the mask's indexes were looked for last.
    block: RefCell<MaskedBlock>,
    /// How many the mask lets through below `low`, and in `low..settled`, touched ones
    /// included.
    before: u64,
    resting: u64,
    /// Matches in `settled..high`, touched ones included.
    moving: Option<MovingMembers<'p, T, S>>,
    /// Touched indexes among these matches, ascending: they are not counted.
    touched: Vec<u64>,
    /// Matches that were looked at one by one, oldest first.
    singles: Vec<(Timestamp, Member)>,
    /// How many of them are older than what was asked for last.
    last: Cell<usize>,
}

impl<'p, T, S: State> Selection<'p, T, S> {
    pub(crate) fn new(
        population: &'p Population<T, S>,
        traces: &Traces,
        filter: &Filter<'_, S>,
        now: Timestamp,
    ) -> Self {
        Self::in_states(population, traces, filter, filter.state.as_slice(), now)
    }

    /// Selects members in one of the states, or in any if there are none; the filter's own state
    /// does not matter.
    pub(crate) fn in_states(
        population: &'p Population<T, S>,
        traces: &Traces,
        filter: &Filter<'_, S>,
        states: &[S],
        now: Timestamp,
    ) -> Self {
        let arrivals = &population.arrivals;
        let exist = arrivals.end_at(now);
        let high = filter.until.map_or(exist, |t| arrivals.end_at(t).min(exist));
        let low = filter.from.map_or(arrivals.first(), |t| arrivals.end_at(t.minus(1)).min(high));
        let sampler = &population.sampler;
        let rows = filter.row.map(|matches| sampler.mask(matches));

        let (settled, mask, moving) = if states.is_empty() {
            (high, rows.unwrap_or_else(|| sampler.everything()), None)
        } else {
            let found = population.moving(states, now, low..high);
            let ending = population.ending_in(states);
            let mask = rows.as_ref().map_or_else(|| ending.clone(), |rows| rows.and(&ending));
            (found.range.start, mask, Some(MovingMembers::new(population, found, rows)))
        };
        let mut selection = Self {
            population,
            low,
            high,
            settled,
            mask,
            block: RefCell::default(),
            before: 0,
            resting: 0,
            moving,
            touched: vec![],
            singles: vec![],
            last: Cell::default(),
        };
        selection.before = selection.let_through(low);
        selection.resting = selection.let_through(settled) - selection.before;
        let in_range = |index: &u64| (low..high).contains(index);
        let uncounted = traces.touched().filter(in_range).filter(|&index| selection.has(index));
        selection.touched = uncounted.collect();

        let touched = traces.touched().filter(in_range);
        let synthetic = touched.map(|i| (arrivals.born(i), Member::Synthetic(i)));
        let fixed = population.fixed.iter().enumerate();
        let fixed = fixed.map(|(index, record)| (record.born, Member::Fixed(index)));
        let created = traces.created().map(|(born, number)| (born, Member::Created(number)));
        selection.singles = synthetic
            .chain(fixed)
            .chain(created)
            .filter(|&(born, _)| born <= now)
            .filter(|&(born, _)| filter.from.is_none_or(|t| born >= t))
            .filter(|&(born, _)| filter.until.is_none_or(|t| born <= t))
            .filter(|&(_, member)| (filter.single)(member))
            .collect();
        selection.singles.sort_unstable();
        selection
    }

    pub(crate) fn total(&self) -> u64 {
        self.synthetic() + self.singles.len() as u64
    }

    /// The `k`-th thing, counted from the oldest, from 0.
    pub(crate) fn nth_oldest(&self, k: u64) -> Option<Member> {
        let older = self.singles_before(k);
        self.last.set(older);
        match self.singles.get(older) {
            Some(&(_, member)) if self.place_of_single(older) == Some(k) => Some(member),
            _ => self.nth_synthetic(k - older as u64).map(Member::Synthetic),
        }
    }

    /// The `k`-th thing, counted from the newest, from 0.
    pub(crate) fn nth_newest(&self, k: u64) -> Option<Member> {
        self.total().checked_sub(k)?.checked_sub(1).and_then(|k| self.nth_oldest(k))
    }

    /// How many things of the selection are older than `member`, born at `born`, which
    /// itself need not be in it (any more).
    pub(crate) fn older_than(&self, member: Member, born: Timestamp) -> u64 {
        let singles = self.singles.partition_point(|&(t, other)| (t, other) < (born, member));
        self.synthetic_older(self.end(born, member)) + singles as u64
    }

    /// The place in the list of the single with that number: how many things are older than it.
    fn place_of_single(&self, number: usize) -> Option<u64> {
        let (born, member) = *self.singles.get(number)?;
        Some(self.synthetic_older(self.end(born, member)) + number as u64)
    }

    /// How many singles are at places before `k`: their places ascend.
    fn singles_before(&self, k: u64) -> usize {
        let is_before =
            |number| self.place_of_single(number as usize).is_some_and(|place| place < k);
        // Neighbours are asked for one after the other.
        partition_point(self.last.get() as u64, self.singles.len() as u64, is_before) as usize
    }

    /// The synthetic indexes below this are older than the member. Births of synthetic
    /// things are all different, and at equal births they are older than the others.
    fn end(&self, born: Timestamp, member: Member) -> u64 {
        match member {
            Member::Synthetic(index) => index,
            _ => self.population.arrivals.end_at(born),
        }
    }

    fn synthetic(&self) -> u64 {
        let moving = self.moving.as_ref().map_or(0, MovingMembers::len);
        self.resting + moving - self.touched.len() as u64
    }

    /// How many indexes below `end` the mask lets through, of all indexes there could be.
    fn let_through(&self, end: u64) -> u64 {
        self.population.sampler.rank(&self.mask, end, &self.block.borrow())
    }

    /// Whether an index between `low` and `high` matches, touched or not.
    fn has(&self, index: u64) -> bool {
        match &self.moving {
            Some(moving) if index >= self.settled => moving.has(index),
            _ => self.population.sampler.lets_through(&self.mask, index),
        }
    }

    /// How many synthetic matches, touched ones included, have an index below `end`, which is
    /// between `low` and `high`.
    fn rank(&self, end: u64) -> u64 {
        match &self.moving {
            Some(moving) if end > self.settled => self.resting + moving.rank(end),
            _ => self.let_through(end) - self.before,
        }
    }

    /// How many synthetic matches that nobody touched have an index below `end`.
    fn synthetic_older(&self, end: u64) -> u64 {
        let end = end.clamp(self.low, self.high);
        self.rank(end) - self.touched.partition_point(|&i| i < end) as u64
    }

    fn nth_synthetic(&self, k: u64) -> Option<u64> {
        // The number of touched members before the wanted one.
        let (mut low, mut high) = (0, self.touched.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let untouched = self.rank(*self.touched.get(middle)?) - middle as u64;
            if untouched <= k { low = middle + 1 } else { high = middle }
        }
        let k = k + low as u64;
        match k.checked_sub(self.resting) {
            Some(k) => self.moving.as_ref()?.nth(k),
            None => {
                let mut block = self.block.borrow_mut();
                self.population.sampler.select(&self.mask, self.before + k, &mut block)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::draw::{Seed, Stream};
    use crate::world::lifecycle::{Dwell, Lifecycle, LifecyclePath};
    use crate::world::population::{Arrivals, FixedRecord, MAX_COUNT};
    use crate::world::quantiles::Quantiles;
    use crate::world::sampler::StratifiedSampler;
    use proptest::prelude::*;

    const START: i64 = 1_700_000_000_000;

    /// Fixed records carry (kind, state).
    fn population(
        seed: u64,
        count: u64,
        (log2, pace): (u32, u64),
        pins: &[(i64, usize, usize)],
    ) -> Population<(usize, usize), usize> {
        let (seed, stream) = (Seed(seed), Stream::named("test"));
        let start = Timestamp::from_millis(START);
        let arrivals = Arrivals { seed, stream, count, start, spacing: 1_000, later: MAX_COUNT };
        let weights = [vec![3, 2, 1], vec![5, 5]];
        let sampler = StratifiedSampler::with_rows(seed, stream.of(1), &weights, log2);
        let path = |terminal| LifecyclePath {
            dwells: vec![
                (0, Dwell::Time(Quantiles::constant(900 * pace))),
                (1, Dwell::Time(Quantiles::log_normal(4_000 * pace, 30_000 * pace))),
            ],
            terminal,
        };
        let paths = vec![path(1), path(3), path(4)];
        let lifecycle = Lifecycle::new(seed, stream.of(2), paths);
        let pins = pins
            .iter()
            .map(|&(age, kind, state)| FixedRecord {
                born: Timestamp::from_millis(START - age),
                value: (kind, state),
            })
            .collect();
        Population::new(arrivals, sampler, 0, lifecycle, pins)
    }

    /// The state of a member that clients created or touched: deleted (None), or (kind, state).
    fn changed(member: Member) -> Option<(usize, usize)> {
        let n = match member {
            Member::Synthetic(index) => index,
            Member::Fixed(place) => place as u64,
            Member::Created(number) => number,
        };
        (n % 3 != 0).then_some((n as usize % 2, n as usize % 5))
    }

    /// (born, kind, state, member) of everything that exists, oldest first.
    fn everything(
        p: &Population<(usize, usize), usize>,
        traces: &Traces,
        now: Timestamp,
    ) -> Vec<(Timestamp, usize, usize, Member)> {
        let touched: Vec<u64> = traces.touched().collect();
        let synthetic = p.arrivals.indexes_at(now).filter_map(|i| {
            let kind = p.sampler.attribute(1, p.sampler.row(i));
            let (kind, state) = if touched.contains(&i) {
                changed(Member::Synthetic(i))?
            } else {
                (kind, p.status(i, now).state)
            };
            Some((p.arrivals.born(i), kind, state, Member::Synthetic(i)))
        });
        let pinned = p
            .fixed
            .iter()
            .enumerate()
            .filter(|(_, pin)| pin.born <= now)
            .map(|(i, pin)| (pin.born, pin.value.0, pin.value.1, Member::Fixed(i)));
        let created = traces.created().filter_map(|(born, number)| {
            let (kind, state) = changed(Member::Created(number))?;
            Some((born, kind, state, Member::Created(number)))
        });
        let mut all: Vec<_> = synthetic.chain(pinned).chain(created).collect();
        all.sort_by_key(|&(born, _, _, member)| (born, member));
        all
    }

    proptest! {
        #[test]
        fn a_selection_is_what_filtering_one_by_one_gives(
            seed: u64,
            // Few that move within a block; many blocks of them; many groups of small blocks.
            (count, log2, pace) in prop_oneof![
                3 => (0u64..300, Just(10), Just(1)),
                1 => (0u64..9_000, Just(10), 100u64..900),
                4 => (0u64..3_000, 3u32..6, 1u64..300),
            ],
            late in 0u64..120_000,
            kind in proptest::option::of(0usize..2),
            states in proptest::collection::vec(0usize..5, 0..4),
            from in proptest::option::of(0u64..300_000),
            until in proptest::option::of(0u64..300_000),
            pins in proptest::collection::vec((-50_000i64..300_000, 0usize..2, 0usize..5), 0..6),
            touched in proptest::collection::vec(prop_oneof![0u64..300, 0u64..9_000], 0..12),
            created in proptest::collection::vec(0u64..300_000, 0..12),
        ) {
            let p = population(seed, count, (log2, pace), &pins);
            let now = p.arrivals.start.plus(late);
            let mut traces = Traces::default();
            for index in touched.into_iter().filter(|&i| i < p.arrivals.count_at(now)) {
                traces.touch(Member::Synthetic(p.arrivals.first() + index));
            }
            let mut created: Vec<_> = created.into_iter().map(|age| now.minus(age)).collect();
            created.sort_unstable();
            for (number, born) in (0..).zip(created) {
                traces.create(number, born);
            }
            let (from, until) = (from.map(|age| now.minus(age)), until.map(|age| now.minus(age)));
            let by_row = |row: usize| kind.is_none_or(|k| p.sampler.attribute(1, row) == k);
            let by_one = |member: Member| {
                let what = match member {
                    Member::Fixed(place) => Some(p.fixed[place].value),
                    _ => changed(member),
                };
                what.is_some_and(|what| {
                    kind.is_none_or(|k| what.0 == k)
                        && (states.is_empty() || states.contains(&what.1))
                })
            };
            let state = states.first().copied();
            let filter = Filter { row: Some(&by_row), state, from, until, single: &by_one };
            let selection = match states.len() {
                0 | 1 => Selection::new(&p, &traces, &filter, now),
                _ => Selection::in_states(&p, &traces, &filter, &states, now),
            };
            let brute: Vec<(Timestamp, Member)> = everything(&p, &traces, now)
                .into_iter()
                .filter(|&(born, k, s, _)| {
                    kind.is_none_or(|kind| kind == k)
                        && (states.is_empty() || states.contains(&s))
                        && from.is_none_or(|from| born >= from)
                        && until.is_none_or(|until| born <= until)
                })
                .map(|(born, .., member)| (born, member))
                .collect();
            prop_assert_eq!(selection.total(), brute.len() as u64);
            let step = 1 + brute.len() / 300;
            for (k, &(born, member)) in brute.iter().enumerate().step_by(step).chain(
                brute.iter().enumerate().rev().step_by(2 * step)
            ) {
                prop_assert_eq!(selection.nth_oldest(k as u64), Some(member));
                prop_assert_eq!(selection.older_than(member, born), k as u64);
            }
            let newest = brute.last().map(|&(_, member)| member);
            prop_assert_eq!(selection.nth_newest(0), newest);
            prop_assert_eq!(selection.nth_oldest(brute.len() as u64), None);
            prop_assert_eq!(selection.nth_newest(brute.len() as u64), None);
        }
    }
}
