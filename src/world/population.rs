//! An ordered family of synthetic things. Thing `i` is born in its own slot of time, so
//! births ascend with the index and "how many exist at t" is a division.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::deck::{Deck, Mask};
use super::draw::{Seed, Stream, draw, scale};
use super::lifecycle::{Lifecycle, Situation, State};
use super::time::Timestamp;

/// Populations are bounded by this; ids and tokens have room for it.
pub const LARGEST_COUNT: u64 = 1 << 40;

/// When the things of a population come into being.
#[derive(Clone, Debug)]
pub struct Arrivals {
    pub seed: Seed,
    pub stream: Stream,
    /// How many there are at `start`.
    pub count: u64,
    /// The instant that `count` speaks of.
    pub start: Timestamp,
    /// The width of a slot: one thing is born in each, somewhere inside it (ms, at least 1).
    pub spacing: u64,
    /// Whether more arrive after `start`, one a slot.
    pub grows: bool,
}

impl Arrivals {
    pub fn born(&self, index: u64) -> Timestamp {
        let within = 1 + scale(draw(self.seed, self.stream, index), self.spacing);
        let slots = index as i128 - self.count as i128;
        let offset = slots * i128::from(self.spacing) + i128::from(within);
        let millis = i128::from(self.start.millis()) + offset;
        Timestamp::from_millis(millis.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }

    /// How many are born at or before `t`: their indexes are `0..count_at(t)`.
    pub fn count_at(&self, t: Timestamp) -> u64 {
        let first = i128::from(self.start.millis())
            - i128::from(self.count) * i128::from(self.spacing.max(1));
        let elapsed = i128::from(t.millis()) - first;
        if elapsed <= 0 {
            return 0;
        }
        // Slot k is (first + k·spacing, first + (k+1)·spacing]: all earlier ones are full.
        let full = ((elapsed - 1) / i128::from(self.spacing.max(1))) as u64;
        let most = if self.grows { LARGEST_COUNT } else { self.count };
        let full = full.min(most);
        if full < most && self.born(full) <= t { full + 1 } else { full }
    }
}

/// A thing with exact values from the scenario file, among the synthetic ones.
#[derive(Clone, Debug)]
pub struct Pin<T> {
    pub born: Timestamp,
    pub value: T,
}

#[derive(Clone, Debug)]
pub struct Population<T> {
    pub arrivals: Arrivals,
    pub deck: Deck,
    /// The choice of the deck that says which path of the life-cycle a thing takes.
    pub path_choice: usize,
    pub lifecycle: Lifecycle,
    /// Oldest first; at equal births in the order of the file, last written oldest, so that
    /// a listing "newest first" shows them as they are written.
    pub pins: Vec<Pin<T>>,
    /// For each state that things come to rest in, the cards that do.
    at_rest: Vec<(State, Mask)>,
    /// What was last found to be on its way; by the first of the states.
    moving: Latest,
}

/// A clone looks for itself.
#[derive(Debug, Default)]
struct Latest([ArcSwapOption<Moving>; 8]);

impl Clone for Latest {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// The synthetic things in some states at an instant that are not sure to be at rest.
#[derive(Debug)]
pub struct Moving {
    states: Vec<State>,
    now: Timestamp,
    /// Those with an index below this are in the states only if they rest in one.
    pub settled: u64,
    /// Ascending.
    pub indexes: Vec<u64>,
}

/// One thing of a population.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Member {
    Synthetic(u64),
    Pinned(usize),
    /// By a client, with the change of that number.
    Created(u64),
}

/// The index that what a pinned thing leaves unwritten is drawn by: those of synthetic things
/// lie below.
pub const fn pinned_index(place: usize) -> u64 {
    FIRST_PINNED + place as u64
}

/// The index that the values of a created thing are drawn by, and its id is made from: those
/// of synthetic and pinned things lie below.
pub const fn created_index(number: u64) -> u64 {
    FIRST_CREATED + number
}

/// The number of the change that created the thing of that index, if one did.
pub const fn created_number(index: u64) -> Option<u64> {
    index.checked_sub(FIRST_CREATED)
}

const FIRST_PINNED: u64 = 1 << 60;
const FIRST_CREATED: u64 = 1 << 61;

/// What clients left on a population, so far: none of it lies ahead of the instant that is
/// asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traces {
    /// In the order of births, as changes are.
    created: Vec<(Timestamp, u64)>,
    births: BTreeMap<u64, Timestamp>,
    touched: BTreeSet<u64>,
    looks: BTreeMap<Member, Vec<Timestamp>>,
}

impl Traces {
    /// Something came into being with the change of that number; nothing that is there
    /// already is younger.
    pub fn create(&mut self, number: u64, born: Timestamp) {
        self.created.push((born, number));
        self.births.insert(number, born);
    }

    /// From now on the member is not what its index says.
    pub fn touch(&mut self, member: Member) {
        if let Member::Synthetic(index) = member {
            self.touched.insert(index);
        }
    }

    /// An answer showed the member.
    pub fn look(&mut self, member: Member, at: Timestamp) {
        self.touch(member);
        self.looks.entry(member).or_default().push(at);
    }

    /// What was created, oldest first.
    pub fn created(&self) -> impl DoubleEndedIterator<Item = (Timestamp, u64)> {
        self.created.iter().copied()
    }

    /// When the change of that number created something, if it did.
    pub fn born(&self, number: u64) -> Option<Timestamp> {
        self.births.get(&number).copied()
    }

    /// Synthetic things that are not what their index says, ascending.
    pub fn touched(&self) -> impl Iterator<Item = u64> {
        self.touched.iter().copied()
    }

    /// When the member was shown, ascending; only of those whose path counts it.
    pub fn looks(&self, member: Member) -> &[Timestamp] {
        self.looks.get(&member).map_or(&[], Vec::as_slice)
    }
}

impl<T> Population<T> {
    pub fn new(
        arrivals: Arrivals,
        deck: Deck,
        path_choice: usize,
        lifecycle: Lifecycle,
        pins_as_written: Vec<Pin<T>>,
    ) -> Self {
        let mut pins = pins_as_written;
        pins.reverse();
        pins.sort_by_key(|pin| pin.born);
        let moving = Latest::default();
        let mut population =
            Self { arrivals, deck, path_choice, lifecycle, pins, at_rest: vec![], moving };
        let rests = population.lifecycle.paths.iter().map(|path| path.rest);
        let mut rests: Vec<State> = rests.collect();
        rests.sort_unstable();
        rests.dedup();
        population.at_rest =
            rests.into_iter().map(|rest| (rest, population.resting(&[rest], |_| true))).collect();
        population
    }

    /// The cards of a kind that come to rest in one of the states. Those of a single state
    /// are known.
    pub fn resting(&self, states: &[State], kind: impl Fn(usize) -> bool) -> Mask {
        self.deck.mask(|card| {
            let path = self.deck.choice(self.path_choice, card);
            kind(card) && states.contains(&self.lifecycle.rest_of(path))
        })
    }

    /// Looks at all within a range of indexes that may be on their way. What was found last
    /// of all there are is known.
    pub fn moving(&self, states: &[State], now: Timestamp, range: Range<u64>) -> Arc<Moving> {
        let place = states.first().copied().unwrap_or_default() % self.moving.0.len();
        let whole = range == (0..self.arrivals.count_at(now));
        let last = self.moving.0.get(place).filter(|_| whole);
        let known = last.and_then(|last| last.load_full());
        if let Some(known) = known.filter(|known| known.now == now && known.states == states) {
            return known;
        }
        let age = states.iter().map(|&state| self.lifecycle.settles(state)).max().unwrap_or(0);
        let settled = self.arrivals.count_at(now.minus(age)).clamp(range.start, range.end);
        let is_in = |&index: &u64| states.contains(&self.situation(index, now).state);
        let indexes = (settled..range.end).filter(is_in).collect();
        let found = Arc::new(Moving { states: states.to_vec(), now, settled, indexes });
        if let Some(last) = last {
            last.store(Some(found.clone()));
        }
        found
    }

    /// The cards that come to rest in the state, whatever they are.
    pub fn at_rest(&self, state: State) -> Option<&Mask> {
        self.at_rest.iter().find(|(rest, _)| *rest == state).map(|(_, mask)| mask)
    }

    /// The synthetic or created member whose id is made from the index, if it exists.
    pub fn member(&self, index: u64, traces: &Traces, now: Timestamp) -> Option<Member> {
        match created_number(index) {
            Some(number) => traces.born(number).map(|_| Member::Created(number)),
            None => (index < self.arrivals.count_at(now)).then_some(Member::Synthetic(index)),
        }
    }

    /// The card of something that the deck was not dealt for.
    pub fn drawn_card(&self, stream: Stream, index: u64) -> usize {
        self.deck.card(scale(draw(self.arrivals.seed, stream, index), LARGEST_COUNT))
    }

    /// The member's birth, if there is one of the kind.
    pub fn born(&self, member: Member, traces: &Traces) -> Option<Timestamp> {
        match member {
            Member::Synthetic(index) => Some(self.arrivals.born(index)),
            Member::Pinned(place) => self.pins.get(place).map(|pin| pin.born),
            Member::Created(number) => traces.born(number),
        }
    }

    /// Where synthetic thing `index` is on its path, if nobody touched it.
    pub fn situation(&self, index: u64, now: Timestamp) -> Situation {
        let path = self.deck.choice(self.path_choice, self.deck.card(index));
        self.lifecycle.situation(path, index, self.arrivals.born(index), now)
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
            let a = arrivals(seed, LARGEST_COUNT, spacing, true);
            let n = a.count_at(Timestamp::from_millis(t));
            prop_assert!(n <= LARGEST_COUNT);
            let _ = a.born(n);
        }
    }
}
