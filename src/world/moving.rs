//! The synthetic entities that are in some states at an instant, among those that may not have
//! reached their terminal state: how many there are, and which is the n-th.
//!
//! They are counted a block at a time. How many of a block have passed an age follows from how the
//! durations are dealt (see [`super::strata`]); only those whose stratum contains the age of their
//! block are looked at. Where members are asked for, those of one block are looked at.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::bit_set::BitSet;
use super::lifecycle::{LifecyclePath, State};
use super::population::Population;
use super::sampler::{Mask, MaskedBlock};
use super::strata::Strata;
use super::time::Timestamp;

/// What does not depend on the other conditions of a filter.
#[derive(Debug)]
pub(crate) struct Moving<S> {
    pub(crate) states: Vec<S>,
    pub(crate) now: Timestamp,
    /// The indexes that it is about.
    pub(crate) range: Range<u64>,
    first_block: u64,
    blocks: Vec<BlockMembers>,
}

#[derive(Debug)]
struct BlockMembers {
    count: u64,
    /// Their places in the block; looked at when they are first asked for.
    places: OnceLock<BitSet>,
}

impl<S: State> Moving<S> {
    pub(crate) fn new<T>(
        population: &Population<T, S>,
        states: &[S],
        now: Timestamp,
        range: Range<u64>,
    ) -> Self {
        let strata = &population.sampler.strata;
        let mut moving = Self {
            states: states.to_vec(),
            now,
            range: range.clone(),
            first_block: strata.block_of(range.start),
            blocks: Vec::new(),
        };
        if range.is_empty() {
            return moving;
        }
        let end = strata.block_of(range.end - 1) + 1;
        let is_whole = |block: u64| {
            strata.first_of(block) >= range.start && strata.first_of(block + 1) <= range.end
        };
        let whole = (moving.first_block..end).find(|&block| is_whole(block)).unwrap_or(end);
        let whole =
            whole..(whole..end).rev().find(|&block| is_whole(block)).map_or(whole, |b| b + 1);
        let mut counts = whole_blocks(population, states, now, whole.clone(), None).into_iter();
        for block in moving.first_block..end {
            let members = match whole.contains(&block) {
                true => BlockMembers { count: counts.next().unwrap_or(0), places: OnceLock::new() },
                false => {
                    let places = moving.examined(population, block);
                    BlockMembers { count: places.count(), places: places.into() }
                }
            };
            moving.blocks.push(members);
        }
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

    fn places<T>(&self, population: &Population<T, S>, block: u64) -> Option<&BitSet> {
        let members = self.blocks.get(block.checked_sub(self.first_block)? as usize)?;
        Some(members.places.get_or_init(|| self.examined(population, block)))
    }
}

/// Those of them whose rows a filter lets through.
pub(crate) struct MovingMembers<'p, T, S> {
    population: &'p Population<T, S>,
    found: Arc<Moving<S>>,
    rows: Option<Mask>,
    /// How many there are before each block, and in all.
    before: Vec<u64>,
    /// Where was looked last.
    last: RefCell<MaskedBlock>,
}

impl<'p, T, S: State> MovingMembers<'p, T, S> {
    pub(crate) fn new(
        population: &'p Population<T, S>,
        found: Arc<Moving<S>>,
        rows: Option<Mask>,
    ) -> Self {
        let mut members =
            Self { population, found, rows, before: vec![0], last: RefCell::default() };
        let counts = members.counts();
        for count in counts {
            members.before.push(members.len() + count);
        }
        members
    }

    fn counts(&self) -> Vec<u64> {
        let Moving { states, now, first_block, blocks, .. } = &*self.found;
        let Some(rows) = &self.rows else {
            return blocks.iter().map(|members| members.count).collect();
        };
        let numbered = || (*first_block..).zip(blocks);
        let unknown = |&(_, members): &(u64, &BlockMembers)| members.places.get().is_none();
        let mut unknown = numbered().filter(unknown).map(|(block, _)| block);
        let unknown = match unknown.next() {
            Some(first) => first..unknown.last().unwrap_or(first) + 1,
            None => 0..0,
        };
        let counted = whole_blocks(self.population, states, *now, unknown.clone(), Some(rows));
        let count = |(block, members): (u64, &BlockMembers)| {
            let counted = block.checked_sub(unknown.start).and_then(|i| counted.get(i as usize));
            match (members.places.get(), counted) {
                (Some(places), _) => self.filtered(block, places).count(),
                (None, counted) => counted.copied().unwrap_or(0),
            }
        };
        numbered().map(count).collect()
    }

    fn filtered(&self, block: u64, places: &BitSet) -> BitSet {
        let Some(rows) = &self.rows else { return places.clone() };
        let shuffle = self.population.sampler.strata.shuffle(block);
        places.filtered(|place| rows.has(shuffle.row(place)))
    }

    /// Looks for something in the places of the block's members.
    fn look<R>(&self, block: u64, what: impl FnOnce(&BitSet) -> R) -> R {
        let mut last = self.last.borrow_mut();
        if last.number != block || last.places.is_empty() {
            let places = self.found.places(self.population, block);
            let places = places.map(|places| self.filtered(block, places));
            *last = MaskedBlock { number: block, places: places.unwrap_or_default() };
        }
        what(&last.places)
    }

    pub(crate) fn len(&self) -> u64 {
        self.before.last().copied().unwrap_or(0)
    }

    pub(crate) fn has(&self, index: u64) -> bool {
        let strata = &self.population.sampler.strata;
        let block = strata.block_of(index);
        self.found.range.contains(&index)
            && self.look(block, |places| places.has(index - strata.first_of(block)))
    }

    /// How many of them have an index below `end`.
    pub(crate) fn rank(&self, end: u64) -> u64 {
        let strata = &self.population.sampler.strata;
        let end = end.clamp(self.found.range.start, self.found.range.end);
        let (block, first) = (strata.block_of(end), self.found.first_block);
        let before = self.before.get((block - first) as usize).copied().unwrap_or(self.len());
        let within = end - strata.first_of(block);
        match within {
            0 => before,
            _ => before + self.look(block, |places| places.rank(within)),
        }
    }

    /// The index of the `k`-th of them, ascending, from 0.
    pub(crate) fn nth(&self, k: u64) -> Option<u64> {
        if k >= self.len() {
            return None;
        }
        let place = self.before.partition_point(|&before| before <= k).checked_sub(1)?;
        let block = self.found.first_block + place as u64;
        let within = self.look(block, |places| places.nth(k - self.before[place]))?;
        Some(self.population.sampler.strata.first_of(block) + within)
    }
}

/// How many members of each of the blocks are in the states, those in other rows left out.
fn whole_blocks<T, S: State>(
    population: &Population<T, S>,
    states: &[S],
    now: Timestamp,
    blocks: Range<u64>,
    rows: Option<&Mask>,
) -> Vec<u64> {
    if blocks.is_empty() {
        return Vec::new();
    }
    let mut tracks = tracks(population, states, rows);
    // From the youngest block on, ages ascend.
    let count = |block| {
        let ages = ages(population, block, now);
        tracks.iter_mut().map(|track| track.count(population, states, block, &ages, now)).sum()
    };
    let mut counts: Vec<u64> = blocks.rev().map(count).collect();
    counts.reverse();
    counts
}

/// The lowest and the highest age (ms) that a member of the block may have.
fn ages<T, S: State>(population: &Population<T, S>, block: u64, now: Timestamp) -> Range<u64> {
    let (strata, arrivals) = (&population.sampler.strata, &population.arrivals);
    let (first, end) = (strata.first_of(block), strata.first_of(block + 1));
    now.since(arrivals.slot_end(end - 1))..now.since(arrivals.slot_start(first))
}

/// The rows of one path.
struct Track<'p, S> {
    path: &'p LifecyclePath<S>,
    /// Ascending.
    ranks: Vec<u64>,
    /// Whether its first state is one of those that are asked for.
    first_is_wanted: bool,
    /// The changes between states that are asked for and others.
    changes: Vec<Change>,
}

/// What is known of a change in a block; ages only ascend from one block to the next.
struct Change {
    /// The number of dwells before it.
    dwells: usize,
    /// It is behind those in strata below this, whatever their place in the block,
    surely: u64,
    /// and ahead of those in strata from this on.
    perhaps: u64,
}

fn tracks<'p, T, S: State>(
    population: &'p Population<T, S>,
    states: &[S],
    rows: Option<&Mask>,
) -> Vec<Track<'p, S>> {
    let (sampler, strata) = (&population.sampler, &population.sampler.strata);
    let mut tracks: Vec<Track<'p, S>> = population
        .lifecycle
        .paths
        .iter()
        .map(|path| {
            let mut wanted = path.states().map(|state| states.contains(&state));
            let first_is_wanted = wanted.next().unwrap_or(false);
            let mut last = first_is_wanted;
            let changes = wanted.zip(1..).filter_map(|(is_wanted, dwells)| {
                let changes = is_wanted != std::mem::replace(&mut last, is_wanted);
                changes.then_some(Change { dwells, surely: 0, perhaps: 0 })
            });
            Track { path, ranks: Vec::new(), first_is_wanted, changes: changes.collect() }
        })
        .collect();
    for rank in 0..strata.size() {
        let row = strata.ranked(rank);
        if rows.is_none_or(|rows| rows.has(row))
            && let Some(track) =
                tracks.get_mut(sampler.attribute(population.path_attribute, row as usize))
        {
            track.ranks.push(rank);
        }
    }
    tracks.retain(|track| track.first_is_wanted || !track.changes.is_empty());
    tracks
}

impl<S: State> Track<'_, S> {
    /// How many of the block's members on the path are in the states.
    fn count<T>(
        &mut self,
        population: &Population<T, S>,
        states: &[S],
        block: u64,
        ages: &Range<u64>,
        now: Timestamp,
    ) -> u64 {
        let strata = &population.sampler.strata;
        let (size, path) = (strata.size(), self.path);
        for Change { dwells, surely, perhaps } in &mut self.changes {
            let begins = |stratum| path.age_after(*dwells, strata.boundary(stratum));
            *surely = first_without(*surely..size, |stratum| begins(stratum + 1) <= ages.start);
            *perhaps = first_without(*perhaps..size, |stratum| begins(stratum) <= ages.end);
        }
        let shift = strata.shift(block);
        let of = |range: Range<u64>| self.ranks_in(range, shift, strata);
        let count = |range| of(range).iter().map(|ranks| ranks.len() as u64).sum::<u64>();
        // The slower a stratum, the fewer changes are behind it.
        let (mut is_wanted, mut end, mut sum) = (self.first_is_wanted, size, 0);
        for change in &self.changes {
            if is_wanted {
                sum += count(change.perhaps..end);
            }
            (is_wanted, end) = (!is_wanted, change.surely);
        }
        if is_wanted {
            sum += count(0..end);
        }
        let (shuffle, mut done) = (strata.shuffle(block), 0);
        for change in self.changes.iter().rev() {
            for rank in of(change.surely.max(done)..change.perhaps).into_iter().flatten() {
                let place = shuffle.place(strata.ranked(*rank));
                let status = population.status(strata.first_of(block) + place, now);
                sum += u64::from(states.contains(&status.state));
            }
            done = done.max(change.perhaps);
        }
        sum
    }

    /// The ranks of the path's rows that are in those strata of a block with that shift.
    fn ranks_in(&self, strata_of: Range<u64>, shift: u64, strata: &Strata) -> [&[u64]; 2] {
        if strata_of.is_empty() {
            return [&[], &[]];
        }
        let place = |rank: u64| self.ranks.partition_point(|&known| known < rank);
        let size = strata.size();
        let start = strata_of.start.wrapping_sub(shift) & (size - 1);
        let end = start + (strata_of.end - strata_of.start);
        match end.checked_sub(size) {
            None => [&self.ranks[place(start)..place(end)], &[]],
            Some(rest) => [&self.ranks[place(start)..], &self.ranks[..place(rest)]],
        }
    }
}

/// The first of a range for which it is false, or its end; it must be false for all after that one.
fn first_without(range: Range<u64>, is_before: impl Fn(u64) -> bool) -> u64 {
    // Mostly it is near.
    let (mut low, mut step) = (range.start, 1);
    while low < range.end && is_before((low + step).min(range.end) - 1) {
        low = (low + step).min(range.end);
        step *= 2;
    }
    let mut high = (low + step).min(range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
