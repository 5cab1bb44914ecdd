//! The synthetic entities that are in some states at an instant, among those that may not have
//! reached their terminal state: how many there are, and which is the n-th.
//!
//! They are counted without a look at each. How many of neighbouring blocks have passed an age
//! follows from how durations are dealt (see [`super::strata`]): only those are looked at whose part
//! of the distribution contains the age of their blocks. The more blocks are taken together the more
//! these are, so blocks are taken together as long as they are few.

use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::bit_set::BitSet;
use super::lifecycle::{LifecyclePath, State};
use super::population::Population;
use super::sampler::Mask;
use super::search::partition_point;
use super::strata::Strata;
use super::time::Timestamp;

/// What a look at a member costs, where 1 is to find out whether its row is wanted.
const LOOK: u64 = 50;
/// What may be spent on the members of a span that are between two states; if it is more, the span
/// is divided.
const MAX_SPENT: u64 = 2_000;

/// Neighbouring blocks of one group: a power of two of them, the first at a multiple of their number.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: u64,
    log2: u32,
}

impl Span {
    fn end(self) -> u64 {
        self.first + (1 << self.log2)
    }

    /// None of a single block.
    fn halves(self) -> Option<[Self; 2]> {
        let log2 = self.log2.checked_sub(1)?;
        Some([self.first, self.first + (1 << log2)].map(|first| Self { first, log2 }))
    }
}

/// As few spans as the blocks can be divided into.
fn spans(blocks: Range<u64>, strata: &Strata) -> Vec<Span> {
    let Range { mut start, end } = blocks;
    let mut spans = Vec::new();
    while start < end {
        let log2 = start.trailing_zeros().min(strata.log2()).min((end - start).ilog2());
        spans.push(Span { first: start, log2 });
        start += 1 << log2;
    }
    spans
}

/// What does not depend on the other conditions of a filter.
#[derive(Debug)]
pub(crate) struct Moving<S> {
    pub(crate) states: Vec<S>,
    pub(crate) now: Timestamp,
    /// The indexes that it is about.
    pub(crate) range: Range<u64>,
    parts: Vec<MovingPart>,
}

#[derive(Debug)]
struct MovingPart {
    span: Span,
    /// Counted when it is first asked for.
    count: OnceLock<u64>,
    /// Their places in a block of which only some indexes are in the range.
    places: Option<BitSet>,
}

impl<S: State> Moving<S> {
    pub(crate) fn new<T>(
        population: &Population<T, S>,
        states: &[S],
        now: Timestamp,
        range: Range<u64>,
    ) -> Self {
        let mut moving = Self { states: states.to_vec(), now, range, parts: Vec::new() };
        let strata = &population.sampler.strata;
        let Range { start, end } = moving.range;
        let blocks = strata.block_of(start)..strata.block_of(end.saturating_sub(1)) + 1;
        let whole = strata.block_of(start + strata.size() - 1)..strata.block_of(end);
        let in_part = |block| {
            let places = moving.examined(population, block);
            let span = Span { first: block, log2: 0 };
            MovingPart { span, count: places.count().into(), places: Some(places) }
        };
        let parts = if start >= end {
            Vec::new()
        } else if whole.is_empty() {
            blocks.map(in_part).collect()
        } else {
            let uncounted = |span| MovingPart { span, count: OnceLock::new(), places: None };
            let (before, after) = (blocks.start..whole.start, whole.end..blocks.end);
            let whole = spans(whole, strata).into_iter().map(uncounted);
            before.map(in_part).chain(whole).chain(after.map(in_part)).collect()
        };
        moving.parts = parts;
        moving
    }

    fn examined<T>(&self, population: &Population<T, S>, block: u64) -> BitSet {
        let strata = &population.sampler.strata;
        let first = strata.first_of(block);
        BitSet::new(strata.size(), |place| {
            let index = first + place;
            self.range.contains(&index)
                && self.states.contains(&population.status(index, self.now).state)
        })
    }
}

/// Those of them whose rows a filter lets through.
pub(crate) struct MovingMembers<'p, T, S> {
    population: &'p Population<T, S>,
    found: Arc<Moving<S>>,
    rows: Option<Mask>,
    counting: OnceCell<Counting<'p, T, S>>,
    /// How many there are before each part, and in all.
    before: Vec<u64>,
    last: RefCell<Block>,
}

/// Where was looked last.
#[derive(Default)]
struct Block {
    number: u64,
    before: u64,
    /// Nothing is known yet if it is empty.
    places: BitSet,
}

impl<'p, T, S: State> MovingMembers<'p, T, S> {
    pub(crate) fn new(
        population: &'p Population<T, S>,
        found: Arc<Moving<S>>,
        rows: Option<Mask>,
    ) -> Self {
        let mut members = Self {
            population,
            found: found.clone(),
            rows,
            counting: OnceCell::new(),
            before: vec![0],
            last: RefCell::default(),
        };
        for part in &found.parts {
            let count = match (&part.places, &members.rows) {
                (_, None) => *part.count.get_or_init(|| members.counting().count(part.span)),
                (Some(places), Some(_)) => members.filtered(part.span.first, places).count(),
                (None, Some(_)) => members.counting().count(part.span),
            };
            members.before.push(members.len() + count);
        }
        members
    }

    fn counting(&self) -> &Counting<'p, T, S> {
        let Moving { states, now, .. } = &*self.found;
        let new = || Counting::new(self.population, states, *now, self.rows.as_ref());
        self.counting.get_or_init(new)
    }

    fn filtered(&self, block: u64, places: &BitSet) -> BitSet {
        let Some(rows) = &self.rows else { return places.clone() };
        let shuffle = self.population.sampler.strata.shuffle(block);
        places.filtered(|place| rows.has(shuffle.row(place)))
    }

    /// Looks at the members of a block, which has that many before it.
    fn look(&self, number: u64, before: u64, known: Option<&BitSet>) {
        let places = match known {
            Some(places) => self.filtered(number, places),
            None => self.filtered(number, &self.found.examined(self.population, number)),
        };
        *self.last.borrow_mut() = Block { number, before, places };
    }

    pub(crate) fn len(&self) -> u64 {
        self.before.last().copied().unwrap_or(0)
    }

    pub(crate) fn has(&self, index: u64) -> bool {
        self.found.range.contains(&index) && self.rank(index + 1) > self.rank(index)
    }

    /// How many of them have an index below `end`.
    pub(crate) fn rank(&self, end: u64) -> u64 {
        let strata = &self.population.sampler.strata;
        if end <= self.found.range.start {
            return 0;
        }
        let end = end.min(self.found.range.end);
        let block = strata.block_of(end);
        let within = end - strata.first_of(block);
        let is_known = |last: &Block| last.number == block && !last.places.is_empty();
        if !is_known(&self.last.borrow()) {
            let parts = &self.found.parts;
            let place = parts.partition_point(|part| part.span.end() <= block);
            let Some(part) = parts.get(place).filter(|part| part.span.first <= block) else {
                return self.len();
            };
            let (mut span, mut before) = (part.span, self.before[place]);
            while let Some([older, younger]) = span.halves() {
                if block >= younger.first {
                    before += self.counting().count(older);
                }
                span = if block >= younger.first { younger } else { older };
            }
            if within == 0 {
                return before;
            }
            self.look(block, before, part.places.as_ref());
        }
        let last = self.last.borrow();
        last.before + last.places.rank(within)
    }

    /// The index of the `k`-th of them, ascending, from 0.
    pub(crate) fn nth(&self, k: u64) -> Option<u64> {
        if k >= self.len() {
            return None;
        }
        if self.nth_of_last(k).is_none() {
            let place = self.before.partition_point(|&before| before <= k).checked_sub(1)?;
            let part = self.found.parts.get(place)?;
            let (mut span, mut before) = (part.span, self.before[place]);
            while let Some([older, younger]) = span.halves() {
                let count = self.counting().count(older);
                if k - before < count {
                    span = older;
                } else {
                    (span, before) = (younger, before + count);
                }
            }
            self.look(span.first, before, part.places.as_ref());
        }
        self.nth_of_last(k)
    }

    fn nth_of_last(&self, k: u64) -> Option<u64> {
        let last = self.last.borrow();
        let within = last.places.nth(k.checked_sub(last.before)?)?;
        Some(self.population.sampler.strata.first_of(last.number) + within)
    }
}

/// Counts the members of spans that are in the states, those in other rows left out.
struct Counting<'p, T, S> {
    population: &'p Population<T, S>,
    states: Vec<S>,
    now: Timestamp,
    tracks: Vec<Track<'p, S>>,
}

/// The rows of the paths that are alike as far as the states are concerned.
struct Track<'p, S> {
    /// One of them.
    path: &'p LifecyclePath<S>,
    ranks: BitSet,
    count: u64,
    /// Whether its first state is one of those that are asked for.
    first_is_wanted: bool,
    /// The changes between states that are asked for and others.
    changes: Vec<Change>,
    /// For spans of each size: the ranks, sorted first by their remainder modulo the distance between
    /// the strata of a row.
    sorted: [OnceCell<Box<[u32]>>; 17],
}

struct Change {
    /// The number of dwells before it.
    dwells: usize,
    /// Where it was found last.
    hint: Cell<u64>,
}

/// The changes of a path between states that are asked for and others.
fn changes<S: State>(path: &LifecyclePath<S>, states: &[S]) -> Vec<Change> {
    let wanted: Vec<bool> = path.states().map(|state| states.contains(&state)).collect();
    let is_change = |&dwells: &usize| wanted[dwells - 1] != wanted[dwells];
    let dwells = (1..wanted.len()).filter(is_change);
    dwells.map(|dwells| Change { dwells, hint: Cell::default() }).collect()
}

impl<'p, S: State> Track<'p, S> {
    /// Of no rows yet.
    fn new(path: &'p LifecyclePath<S>, first_is_wanted: bool, changes: Vec<Change>) -> Self {
        let (ranks, sorted) = Default::default();
        Self { path, ranks, count: 0, first_is_wanted, changes, sorted }
    }

    /// Whether the same changes come after the same dwells.
    fn is_alike(&self, other: &Self) -> bool {
        let changes = |track: &Self| -> Vec<usize> {
            track.changes.iter().map(|change| change.dwells).collect()
        };
        let last = self.changes.last().map_or(0, |change| change.dwells);
        let dwells = |track: &Self| track.path.dwells.iter().take(last).map(|(_, dwell)| dwell);
        self.first_is_wanted == other.first_is_wanted
            && changes(self) == changes(other)
            && dwells(self).eq(dwells(other))
    }
}

impl<'p, T, S: State> Counting<'p, T, S> {
    fn new(
        population: &'p Population<T, S>,
        states: &[S],
        now: Timestamp,
        rows: Option<&Mask>,
    ) -> Self {
        let (sampler, strata) = (&population.sampler, &population.sampler.strata);
        let mut tracks: Vec<Track<'p, S>> = Vec::new();
        let track_of = population.lifecycle.paths.iter().map(|path| {
            let changes = changes(path, states);
            let first_is_wanted = path.states().next().is_some_and(|s| states.contains(&s));
            if changes.is_empty() && !first_is_wanted {
                return None;
            }
            let new = Track::new(path, first_is_wanted, changes);
            Some(tracks.iter().position(|track| track.is_alike(&new)).unwrap_or_else(|| {
                tracks.push(new);
                tracks.len() - 1
            }))
        });
        let track_of: Vec<Option<usize>> = track_of.collect();
        for (number, track) in tracks.iter_mut().enumerate() {
            track.ranks = BitSet::new(strata.size(), |rank| {
                let row = strata.ranked(rank);
                let path = sampler.attribute(population.path_attribute, row as usize);
                track_of[path] == Some(number) && rows.is_none_or(|rows| rows.has(row))
            });
            track.count = track.ranks.count();
        }
        Self { population, states: states.to_vec(), now, tracks }
    }

    fn count(&self, span: Span) -> u64 {
        self.tracks.iter().map(|track| self.count_on(track, span)).sum()
    }

    /// The lowest and the highest age (ms) that a member may have.
    fn ages(&self, span: Span) -> [u64; 2] {
        let (strata, arrivals) = (&self.population.sampler.strata, &self.population.arrivals);
        let (first, end) = (strata.first_of(span.first), strata.first_of(span.end()));
        [arrivals.slot_end(end - 1), arrivals.slot_start(first)].map(|born| self.now.since(born))
    }

    fn count_on(&self, track: &Track<'_, S>, span: Span) -> u64 {
        let strata = &self.population.sampler.strata;
        let [youngest, oldest] = self.ages(span);
        // A change is behind all whose part is below the first number, and ahead of all whose part is
        // not below the second.
        let bounds = track.changes.iter().map(|Change { dwells, hint }| {
            let begins = |part| track.path.age_after(*dwells, strata.boundary(part));
            let find = |hint, age, further| {
                partition_point(hint, strata.parts(), |part| begins(part + further) <= age)
            };
            let surely = find(hint.get(), youngest, 1);
            hint.set(surely);
            surely..find(surely, oldest, 0)
        });
        let bounds: Vec<Range<u64>> = bounds.collect();
        let parts: u64 = bounds.iter().map(|bounds| bounds.end - bounds.start).sum();
        let in_doubt = parts >> (strata.log2() - span.log2);
        let to_look_at = in_doubt * track.count / strata.size();
        if in_doubt + LOOK * to_look_at > MAX_SPENT
            && let Some(halves) = span.halves()
        {
            return halves.map(|half| self.count_on(track, half)).iter().sum();
        }
        let dealt = Dealt { strata, track, span };
        // The slower an entity, the fewer changes are behind it.
        let (mut is_wanted, mut end, mut sum) = (track.first_is_wanted, strata.parts(), 0);
        for bounds in &bounds {
            if is_wanted && bounds.end < end {
                sum += dealt.below(end) - dealt.below(bounds.end);
            }
            (is_wanted, end) = (!is_wanted, bounds.start);
        }
        if is_wanted {
            sum += dealt.below(end);
        }
        let mut done = 0;
        for bounds in bounds.iter().rev() {
            dealt.each_in(bounds.start.max(done)..bounds.end, |index| {
                let status = self.population.status(index, self.now);
                sum += u64::from(self.states.contains(&status.state));
            });
            done = done.max(bounds.end);
        }
        sum
    }
}

/// The parts of the distribution that the rows of a track draw from in the blocks of a span.
///
/// In a block whose number reversed is `v`, the row with rank `r` has the stratum `r + v + c` and of
/// that the part `v + h`, where `c` belongs to the group and `h` to the group and the stratum. The
/// `v` of a span are those with one remainder modulo `distance`.
struct Dealt<'a, 'p, S> {
    strata: &'a Strata,
    track: &'a Track<'p, S>,
    span: Span,
}

impl<S: State> Dealt<'_, '_, S> {
    fn distance(&self) -> u64 {
        self.strata.size() >> self.span.log2
    }

    /// The ranks, as (remainder modulo the distance, rank) in one number.
    fn sorted(&self) -> &[u32] {
        let distance = self.distance();
        self.track.sorted[self.span.log2 as usize].get_or_init(|| {
            let ranks = (0..self.strata.size()).filter(|&rank| self.track.ranks.has(rank));
            let mut sorted: Box<[u32]> =
                ranks.map(|rank| (rank % distance * self.strata.size() + rank) as u32).collect();
            sorted.sort_unstable();
            sorted
        })
    }

    /// How many are sorted within a range of these numbers.
    fn within(&self, range: Range<u64>) -> u64 {
        let sorted = self.sorted();
        let before = |end: u64| sorted.partition_point(|&number| u64::from(number) < end);
        (before(range.end) - before(range.start)) as u64
    }

    /// How many numbers `first + x * unit`, with `x` in a range that wraps at `modulus`, are sorted.
    fn wrapped(&self, start: u64, length: u64, modulus: u64, first: u64, unit: u64) -> u64 {
        let at = |x: u64| first + x * unit;
        match (start + length).checked_sub(modulus) {
            None => self.within(at(start)..at(start + length)),
            Some(rest) => self.within(at(start)..at(modulus)) + self.within(at(0)..at(rest)),
        }
    }

    /// How many members of the span draw from a part below `end`.
    fn below(&self, end: u64) -> u64 {
        let (strata, size, distance) = (self.strata, self.strata.size(), self.distance());
        let (stratum, parts) = (end / size, end % size);
        let shift =
            strata.add(strata.reversed(self.span.first), strata.shift_of_group(self.span.first));
        // The strata of a row are `distance` apart, from the remainder of rank and shift on.
        let start = (distance - shift % distance) % distance;
        let whole = self.track.count * (stratum / distance)
            + self.wrapped(start, stratum % distance, distance, 0, size);
        if parts == 0 {
            return whole;
        }
        let remainder = strata.add(stratum, size - shift) % distance;
        let last = strata.add(stratum, size - strata.shift_of_group(self.span.first));
        let last = strata.add(last, strata.shift_of_parts(self.span.first, stratum));
        let start = strata.add(last, size - parts + 1);
        whole + self.wrapped(start, parts, size, remainder * size, 1)
    }

    /// Gives the index of each member that draws from one of the parts.
    fn each_in(&self, parts: Range<u64>, mut member: impl FnMut(u64)) {
        let (strata, size, distance) = (self.strata, self.strata.size(), self.distance());
        let group = self.span.first & !(size - 1);
        let first = strata.reversed(self.span.first);
        let shift = strata.shift_of_group(self.span.first);
        let mut start = parts.start;
        while start < parts.end {
            let stratum = start / size;
            let end = parts.end.min((stratum + 1) * size);
            let parts_shift = strata.shift_of_parts(self.span.first, stratum);
            let mut each = |reversed: u64| {
                let rank = strata.add(stratum, 2 * size - reversed - shift);
                if self.track.ranks.has(rank) {
                    let block = group + strata.reversed(reversed);
                    let place = strata.shuffle(block).place(strata.ranked(rank));
                    member(strata.first_of(block) + place);
                }
            };
            // The shorter way: through the parts, or through the blocks.
            if end - start <= 1 << self.span.log2 {
                let reversed = (start..end).map(|part| strata.add(part, size - parts_shift));
                reversed.filter(|reversed| reversed % distance == first).for_each(&mut each);
            } else {
                let of_stratum = start % size..start % size + (end - start);
                let reversed = (0..1 << self.span.log2).map(|nth| first + nth * distance);
                let is_in =
                    |reversed: &u64| of_stratum.contains(&strata.add(*reversed, parts_shift));
                reversed.filter(is_in).for_each(&mut each);
            }
            start = end;
        }
    }
}
