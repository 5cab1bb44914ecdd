//! Which things a filter lets through at an instant, how many they are, and which is the
//! n-th. Only the few things that are not yet at rest, and the pinned ones, are looked at
//! one by one; the rest is arithmetic on the deck.

use super::deck::Mask;
use super::lifecycle::State;
use super::population::{Member, Population};
use super::time::Timestamp;

/// What to let through. The default lets everything through.
pub struct Filter<'f, T> {
    /// By what the deck dealt (a card of the population's deck).
    pub card: Option<&'f dyn Fn(usize) -> bool>,
    pub state: Option<State>,
    /// Births from this instant on.
    pub from: Option<Timestamp>,
    /// Births up to and including this instant.
    pub until: Option<Timestamp>,
    /// The whole filter, for pinned things.
    pub pin: &'f dyn Fn(&T) -> bool,
}

/// The things let through, oldest first.
pub struct Selection<'p, T> {
    population: &'p Population<T>,
    /// Synthetic indexes considered.
    low: u64,
    high: u64,
    /// Indexes below this are in the state that is asked for only if they rest in it.
    settled: u64,
    mask: Mask,
    /// How many the mask lets through below `low`, and in `low..settled`.
    before: u64,
    resting: u64,
    /// Matches in `settled..high`, ascending.
    moving: Vec<u64>,
    /// Matching pins: (rank among all matches, place in the population), both ascending.
    pins: Vec<(u64, usize)>,
}

impl<'p, T> Selection<'p, T> {
    pub fn new(population: &'p Population<T>, filter: &Filter<'_, T>, now: Timestamp) -> Self {
        let arrivals = &population.arrivals;
        let exist = arrivals.count_at(now);
        let high = filter.until.map_or(exist, |t| arrivals.count_at(t).min(exist));
        let low = filter.from.map_or(0, |t| arrivals.count_at(t.minus(1)).min(high));
        let deck = &population.deck;
        let card_matches = |card: usize| filter.card.is_none_or(|matches| matches(card));

        let (settled, mask, moving) = match filter.state {
            None if filter.card.is_none() => (high, deck.everything(), Vec::new()),
            None => (high, deck.mask(card_matches), Vec::new()),
            Some(state) => {
                let age = population.lifecycle.settles(state);
                let settled = arrivals.count_at(now.minus(age)).clamp(low, high);
                let rests = |card: usize| {
                    let path = deck.choice(population.path_choice, card);
                    population.lifecycle.rest_of(path) == state
                };
                let moving = (settled..high)
                    .filter(|&i| card_matches(deck.card(i)))
                    .filter(|&i| population.situation(i, now).state == state)
                    .collect();
                (settled, deck.mask(|card| card_matches(card) && rests(card)), moving)
            }
        };
        let before = deck.rank(&mask, low);
        let resting = deck.rank(&mask, settled) - before;
        let mut selection =
            Self { population, low, high, settled, mask, before, resting, moving, pins: vec![] };
        selection.pins = population
            .pins
            .iter()
            .enumerate()
            .filter(|(_, pin)| pin.born <= now)
            .filter(|(_, pin)| filter.from.is_none_or(|t| pin.born >= t))
            .filter(|(_, pin)| filter.until.is_none_or(|t| pin.born <= t))
            .filter(|(_, pin)| (filter.pin)(&pin.value))
            .zip(0..)
            .map(|((place, pin), older_pins)| {
                let older = selection.synthetic_older(arrivals.count_at(pin.born));
                (older + older_pins, place)
            })
            .collect();
        selection
    }

    pub fn total(&self) -> u64 {
        self.synthetic() + self.pins.len() as u64
    }

    /// The `k`-th thing, counted from the oldest, from 0.
    pub fn nth_oldest(&self, k: u64) -> Option<Member> {
        let before = self.pins.partition_point(|&(rank, _)| rank <= k);
        if let Some(&(rank, place)) = before.checked_sub(1).and_then(|last| self.pins.get(last))
            && rank == k
        {
            return Some(Member::Pinned(place));
        }
        self.nth_synthetic(k - before as u64).map(Member::Synthetic)
    }

    /// The `k`-th thing, counted from the newest, from 0.
    pub fn nth_newest(&self, k: u64) -> Option<Member> {
        self.total().checked_sub(k)?.checked_sub(1).and_then(|k| self.nth_oldest(k))
    }

    /// How many things of the selection are older than `member`, which itself need not be
    /// in it (any more).
    pub fn older_than(&self, member: Member) -> u64 {
        match member {
            Member::Synthetic(index) => {
                let born = self.population.arrivals.born(index);
                let pins = self.pins.partition_point(|&(_, place)| {
                    self.population.pins.get(place).is_some_and(|pin| pin.born < born)
                });
                self.synthetic_older(index) + pins as u64
            }
            Member::Pinned(place) => {
                let born = self.population.pins.get(place).map(|pin| pin.born);
                let older = born.map_or(0, |t| self.population.arrivals.count_at(t));
                let pins = self.pins.partition_point(|&(_, other)| other < place);
                self.synthetic_older(older) + pins as u64
            }
        }
    }

    fn synthetic(&self) -> u64 {
        self.resting + self.moving.len() as u64
    }

    /// How many synthetic matches have an index below `end`.
    fn synthetic_older(&self, end: u64) -> u64 {
        let end = end.clamp(self.low, self.high);
        if end <= self.settled {
            self.population.deck.rank(&self.mask, end) - self.before
        } else {
            self.resting + self.moving.partition_point(|&i| i < end) as u64
        }
    }

    fn nth_synthetic(&self, k: u64) -> Option<u64> {
        if k < self.resting {
            self.population.deck.select(&self.mask, self.before + k)
        } else {
            self.moving.get(usize::try_from(k - self.resting).ok()?).copied()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::deck::Deck;
    use crate::world::draw::{Seed, Stream};
    use crate::world::lifecycle::{Lifecycle, Path};
    use crate::world::population::{Arrivals, Pin};
    use crate::world::quantiles::Quantiles;
    use proptest::prelude::*;

    const START: i64 = 1_700_000_000_000;

    /// Pinned things carry (kind, state).
    fn population(
        seed: u64,
        count: u64,
        pins: &[(i64, usize, usize)],
    ) -> Population<(usize, usize)> {
        let (seed, stream) = (Seed(seed), Stream::named("test"));
        let start = Timestamp::from_millis(START);
        let arrivals = Arrivals { seed, stream, count, start, spacing: 1_000, grows: true };
        let deck = Deck::new(seed, stream.of(1), &[vec![3, 2, 1], vec![5, 5]]);
        let path = |rest| Path {
            stays: vec![(0, Quantiles::constant(900)), (1, Quantiles::log_normal(4_000, 30_000))],
            rest,
        };
        let paths = vec![path(1), path(3), path(4)];
        let lifecycle = Lifecycle { seed, stream: stream.of(2), paths };
        let pins = pins
            .iter()
            .map(|&(age, kind, state)| Pin {
                born: Timestamp::from_millis(START - age),
                value: (kind, state),
            })
            .collect();
        Population::new(arrivals, deck, 0, lifecycle, pins)
    }

    /// (born, kind, state, member) of everything that exists, oldest first.
    fn everything(
        p: &Population<(usize, usize)>,
        now: Timestamp,
    ) -> Vec<(Timestamp, usize, usize, Member)> {
        let synthetic = (0..p.arrivals.count_at(now)).map(|i| {
            let kind = p.deck.choice(1, p.deck.card(i));
            (p.arrivals.born(i), kind, p.situation(i, now).state, Member::Synthetic(i))
        });
        let pinned = p
            .pins
            .iter()
            .enumerate()
            .filter(|(_, pin)| pin.born <= now)
            .map(|(i, pin)| (pin.born, pin.value.0, pin.value.1, Member::Pinned(i)));
        let mut all: Vec<_> = synthetic.chain(pinned).collect();
        all.sort_by_key(|&(born, _, _, member)| (born, matches!(member, Member::Pinned(_))));
        all
    }

    proptest! {
        #[test]
        fn a_selection_is_what_filtering_one_by_one_gives(
            seed: u64,
            count in 0u64..300,
            late in 0u64..120_000,
            kind in proptest::option::of(0usize..2),
            state in proptest::option::of(0usize..5),
            from in proptest::option::of(0u64..300_000),
            until in proptest::option::of(0u64..300_000),
            pins in proptest::collection::vec((-50_000i64..300_000, 0usize..2, 0usize..5), 0..6),
        ) {
            let p = population(seed, count, &pins);
            let now = p.arrivals.start.plus(late);
            let (from, until) = (from.map(|age| now.minus(age)), until.map(|age| now.minus(age)));
            let by_card = |card: usize| kind.is_none_or(|k| p.deck.choice(1, card) == k);
            let by_pin = |pin: &(usize, usize)| {
                kind.is_none_or(|k| pin.0 == k) && state.is_none_or(|s| pin.1 == s)
            };
            let filter = Filter { card: Some(&by_card), state, from, until, pin: &by_pin };
            let selection = Selection::new(&p, &filter, now);
            let brute: Vec<Member> = everything(&p, now)
                .into_iter()
                .filter(|&(born, k, s, _)| {
                    kind.is_none_or(|kind| kind == k)
                        && state.is_none_or(|state| state == s)
                        && from.is_none_or(|from| born >= from)
                        && until.is_none_or(|until| born <= until)
                })
                .map(|(.., member)| member)
                .collect();
            prop_assert_eq!(selection.total(), brute.len() as u64);
            for (k, member) in brute.iter().enumerate() {
                prop_assert_eq!(selection.nth_oldest(k as u64), Some(*member));
                prop_assert_eq!(selection.older_than(*member), k as u64);
            }
            prop_assert_eq!(selection.nth_newest(0), brute.last().copied());
            prop_assert_eq!(selection.nth_oldest(brute.len() as u64), None);
            prop_assert_eq!(selection.nth_newest(brute.len() as u64), None);
        }
    }
}
