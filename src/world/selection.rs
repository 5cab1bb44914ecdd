//! The members of a population that a filter lets through at an instant: how many there are,
//! and which is the n-th. Only members that are not yet in their terminal state, fixed records,
//! and those that clients created or touched are examined one by one; the rest is arithmetic on
//! the sampler.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::sync::Arc;

use super::index_set::IndexSet;
use super::lifecycle::State;
use super::population::{Member, Population, Traces};
use super::sampler::{Block, Mask};
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
    block: RefCell<Block>,
    /// How many the mask lets through below `low`, and in `low..settled`, touched ones
    /// included.
    before: u64,
    resting: u64,
    /// Touched indexes in `low..settled` that the mask lets through, ascending: they are
    /// not counted.
    touched: Vec<u64>,
    /// Matches in `settled..high`.
    moving: Option<Arc<IndexSet>>,
    /// Matches that were looked at one by one, oldest first: (synthetic matches older than
    /// it, birth, member).
    singles: Vec<(u64, Timestamp, Member)>,
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
        let row_matches = |row: usize| filter.row.is_none_or(|matches| matches(row));
        let touched: Vec<u64> =
            traces.touched().filter(|index| (low..high).contains(index)).collect();

        let (settled, mask, moving) = match states {
            [] if filter.row.is_none() => (high, sampler.everything(), None),
            [] => (high, sampler.mask(row_matches), None),
            _ => {
                let found = population.moving(states, now, low..high);
                let settled = found.settled;
                let known = match states {
                    [state] if filter.row.is_none() => population.terminal_rows(*state).cloned(),
                    _ => None,
                };
                let resting = known.unwrap_or_else(|| population.ending_in(states, row_matches));
                let moving = if filter.row.is_none() && touched.is_empty() {
                    Arc::clone(&found.indexes)
                } else {
                    let is_wanted = |i| {
                        (filter.row.is_none() || row_matches(sampler.row(i)))
                            && touched.binary_search(&i).is_err()
                    };
                    Arc::new(found.indexes.filtered(is_wanted))
                };
                (settled, resting, Some(moving))
            }
        };
        let before = sampler.rank(&mask, low);
        let resting = sampler.rank(&mask, settled) - before;
        let uncounted = touched.iter().copied();
        let uncounted =
            uncounted.filter(|&i| i < settled && sampler.lets_through(&mask, i)).collect();
        let mut selection = Self {
            population,
            low,
            high,
            settled,
            mask,
            block: RefCell::default(),
            before,
            resting,
            touched: uncounted,
            moving,
            singles: vec![],
        };
        let synthetic = touched.iter().map(|&i| (arrivals.born(i), Member::Synthetic(i)));
        let fixed = population.fixed.iter().enumerate();
        let fixed = fixed.map(|(index, record)| (record.born, Member::Fixed(index)));
        let created = traces.created().map(|(born, number)| (born, Member::Created(number)));
        let mut singles: Vec<(Timestamp, Member)> = synthetic
            .chain(fixed)
            .chain(created)
            .filter(|&(born, _)| born <= now)
            .filter(|&(born, _)| filter.from.is_none_or(|t| born >= t))
            .filter(|&(born, _)| filter.until.is_none_or(|t| born <= t))
            .filter(|&(_, member)| (filter.single)(member))
            .collect();
        singles.sort_unstable();
        selection.singles = singles
            .into_iter()
            .map(|(born, member)| {
                (selection.synthetic_older(selection.end(born, member)), born, member)
            })
            .collect();
        selection
    }

    pub(crate) fn total(&self) -> u64 {
        self.synthetic() + self.singles.len() as u64
    }

    /// The `k`-th thing, counted from the oldest, from 0.
    pub(crate) fn nth_oldest(&self, k: u64) -> Option<Member> {
        // The single at place i has i other singles and some synthetic things before it, so
        // these sums ascend.
        let (mut low, mut high) = (0, self.singles.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let (older, _, member) = *self.singles.get(middle)?;
            match (older + middle as u64).cmp(&k) {
                Ordering::Equal => return Some(member),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        self.nth_synthetic(k - low as u64).map(Member::Synthetic)
    }

    /// The `k`-th thing, counted from the newest, from 0.
    pub(crate) fn nth_newest(&self, k: u64) -> Option<Member> {
        self.total().checked_sub(k)?.checked_sub(1).and_then(|k| self.nth_oldest(k))
    }

    /// How many things of the selection are older than `member`, born at `born`, which
    /// itself need not be in it (any more).
    pub(crate) fn older_than(&self, member: Member, born: Timestamp) -> u64 {
        let singles = self.singles.partition_point(|&(_, t, other)| (t, other) < (born, member));
        self.synthetic_older(self.end(born, member)) + singles as u64
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
        let moving = self.moving.as_ref().map_or(0, |moving| moving.len());
        self.resting - self.touched.len() as u64 + moving
    }

    /// How many synthetic matches that nobody touched have an index below `end`.
    fn synthetic_older(&self, end: u64) -> u64 {
        let end = end.clamp(self.low, self.high);
        let touched = self.touched.partition_point(|&i| i < end) as u64;
        let all = if end <= self.settled {
            self.population.sampler.rank(&self.mask, end) - self.before
        } else {
            self.resting + self.moving.as_ref().map_or(0, |moving| moving.rank(end))
        };
        all - touched
    }

    fn nth_synthetic(&self, k: u64) -> Option<u64> {
        let resting = self.resting - self.touched.len() as u64;
        let Some(moving) = k.checked_sub(resting) else {
            // The number of touched members before the wanted one.
            let sampler = &self.population.sampler;
            let rank = |index: u64| sampler.rank(&self.mask, index) - self.before;
            let (mut low, mut high) = (0, self.touched.len());
            while low < high {
                let middle = low + (high - low) / 2;
                let untouched = rank(*self.touched.get(middle)?) - middle as u64;
                if untouched <= k { low = middle + 1 } else { high = middle }
            }
            let k = self.before + k + low as u64;
            return sampler.select(&self.mask, k, &mut self.block.borrow_mut());
        };
        self.moving.as_ref()?.nth(moving)
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
        pins: &[(i64, usize, usize)],
    ) -> Population<(usize, usize), usize> {
        let (seed, stream) = (Seed(seed), Stream::named("test"));
        let start = Timestamp::from_millis(START);
        let arrivals = Arrivals { seed, stream, count, start, spacing: 1_000, later: MAX_COUNT };
        let sampler = StratifiedSampler::new(seed, stream.of(1), &[vec![3, 2, 1], vec![5, 5]]);
        let path = |terminal| LifecyclePath {
            dwells: vec![
                (0, Dwell::Time(Quantiles::constant(900))),
                (1, Dwell::Time(Quantiles::log_normal(4_000, 30_000))),
            ],
            terminal,
        };
        let paths = vec![path(1), path(3), path(4)];
        let lifecycle = Lifecycle { seed, stream: stream.of(2), paths };
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
            count in 0u64..300,
            late in 0u64..120_000,
            kind in proptest::option::of(0usize..2),
            states in proptest::collection::vec(0usize..5, 0..4),
            from in proptest::option::of(0u64..300_000),
            until in proptest::option::of(0u64..300_000),
            pins in proptest::collection::vec((-50_000i64..300_000, 0usize..2, 0usize..5), 0..6),
            touched in proptest::collection::vec(0u64..300, 0..12),
            created in proptest::collection::vec(0u64..300_000, 0..12),
        ) {
            let p = population(seed, count, &pins);
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
            for (k, &(born, member)) in brute.iter().enumerate() {
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
