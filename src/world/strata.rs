//! Blocks of neighbouring indexes, and how each block is dealt: which row of the sampler's table
//! stands at which place of a block, and which part of its distribution a dwell is drawn from.
//!
//! A block has as many places as the table has rows, and each row stands at one of them. Durations
//! are dealt like the rows. A distribution has as many strata as a block has places, and each place
//! of a block draws from another one, so it is known without a look at any member how many of a
//! block have passed a given age, but for the few in strata that contain it. Over a group of as many
//! blocks each row has each stratum once, and draws from another part of it each time; and over
//! neighbouring blocks of a group the strata of a row lie evenly.

use super::draw::{Seed, SeededStream, Stream, draw, mix};

/// Indexes from here on are not in blocks: what fixed and created members draw by.
pub(crate) const END_OF_BLOCKS: u64 = 1 << 41;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Strata {
    log2: u32,
    scramble: Scramble,
    shuffles: SeededStream,
    shifts: SeededStream,
    shifts_of_parts: SeededStream,
}

/// The part of a distribution that a dwell is drawn from: the highest bits of all draws from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    bits: u64,
    width: u32,
}

impl Part {
    /// The whole distribution.
    pub(crate) const WHOLE: Self = Self { bits: 0, width: 0 };

    /// The draw that is as far into this part as `within` is into the whole.
    pub(crate) fn draw(self, within: u64) -> u64 {
        self.bits | within.checked_shr(self.width).unwrap_or(0)
    }
}

impl Strata {
    /// `log2` is that of the number of rows, at most 16.
    pub(crate) fn new(seed: Seed, stream: Stream, log2: u32) -> Self {
        let scramble = Scramble::new(draw(seed, stream.of(SCRAMBLE), 0), log2);
        Self {
            log2,
            scramble,
            shuffles: SeededStream::new(seed, stream),
            shifts: SeededStream::new(seed, stream.of(SHIFT)),
            shifts_of_parts: SeededStream::new(seed, stream.of(PART)),
        }
    }

    /// The number of places of a block, of rows and of strata.
    pub(crate) fn size(&self) -> u64 {
        1 << self.log2
    }

    pub(crate) fn block_of(&self, index: u64) -> u64 {
        index >> self.log2
    }

    pub(crate) fn first_of(&self, block: u64) -> u64 {
        block << self.log2
    }

    /// The row of an index.
    pub(crate) fn row(&self, index: u64) -> u64 {
        self.shuffle(self.block_of(index)).row(index & (self.size() - 1))
    }

    /// How the rows are dealt to the places of a block.
    pub(crate) fn shuffle(&self, block: u64) -> Shuffle {
        let key = self.shuffles.draw(block);
        Shuffle { factor: key | 1, offset: key >> 32, mask: self.size() - 1 }
    }

    /// The row with that rank: in the block that [`Strata::shift`] shifts by 0, its stratum.
    pub(crate) fn ranked(&self, rank: u64) -> u64 {
        self.scramble.inverse(rank)
    }

    /// The shift of a block: the stratum of a row in it is the row's rank plus the shift, modulo the
    /// number of strata.
    pub(crate) fn shift(&self, block: u64) -> u64 {
        self.add(self.reversed(block), self.shift_of_group(block))
    }

    /// The part of the shift that the blocks of a group share, of which `block` is one.
    pub(crate) fn shift_of_group(&self, block: u64) -> u64 {
        self.shifts.draw(block >> self.log2) & (self.size() - 1)
    }

    /// The part of the shift of a stratum's parts that the blocks of a group share.
    pub(crate) fn shift_of_parts(&self, block: u64, stratum: u64) -> u64 {
        mix(self.shifts_of_parts.draw(block >> self.log2) ^ stratum) & (self.size() - 1)
    }

    /// Modulo the number of strata.
    pub(crate) fn add(&self, one: u64, other: u64) -> u64 {
        one.wrapping_add(other) & (self.size() - 1)
    }

    /// The number of a block in its group with the bits in the opposite order: those of neighbouring
    /// blocks are far apart, so that their strata together lie evenly.
    pub(crate) fn reversed(&self, block: u64) -> u64 {
        (block & (self.size() - 1)).reverse_bits() >> (64 - self.log2)
    }

    /// The part of a distribution that all dwells of an entity are drawn from: who is slow in one
    /// state is slow in all.
    pub(crate) fn part(&self, index: u64) -> Part {
        if index >= END_OF_BLOCKS {
            return Part::WHOLE;
        }
        let block = self.block_of(index);
        let stratum = self.add(self.scramble.forward(self.row(index)), self.shift(block));
        // Which of the group's blocks draws from which part of the stratum.
        let within = self.add(self.reversed(block), self.shift_of_parts(block, stratum));
        let width = 2 * self.log2;
        Part { bits: (stratum << self.log2 | within) << (64 - width), width }
    }

    /// The number of parts that all strata have.
    pub(crate) fn parts(&self) -> u64 {
        1 << (2 * self.log2)
    }

    /// The lowest draw from a part of all, and the highest from the one before it.
    pub(crate) fn boundary(&self, part: u64) -> u64 {
        if part >= self.parts() { u64::MAX } else { part << (64 - 2 * self.log2) }
    }

    pub(crate) fn log2(&self) -> u32 {
        self.log2
    }
}

/// Streams beside those of the attributes, which are counted from 0.
const SCRAMBLE: u64 = 1 << 32;
const SHIFT: u64 = (1 << 32) + 1;
const PART: u64 = (1 << 32) + 2;

/// A bijection of a block's places onto the rows: an odd factor is invertible modulo a power of
/// two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shuffle {
    factor: u64,
    offset: u64,
    mask: u64,
}

impl Shuffle {
    pub(crate) fn row(&self, place: u64) -> u64 {
        place.wrapping_mul(self.factor).wrapping_add(self.offset) & self.mask
    }

    /// The place of a row.
    pub(crate) fn place(&self, row: u64) -> u64 {
        row.wrapping_sub(self.offset).wrapping_mul(inverse(self.factor)) & self.mask
    }
}

/// A bijection of the rows onto ranks without a pattern between neighbours.
#[derive(Clone, Copy, Debug)]
struct Scramble {
    factors: [u64; 2],
    inverses: [u64; 2],
    half: u32,
    mask: u64,
}

impl Scramble {
    fn new(key: u64, log2: u32) -> Self {
        let factors = [key | 1, mix(key) | 1];
        let (half, mask) = (log2.div_ceil(2).max(1), (1 << log2) - 1);
        Self { factors, inverses: factors.map(inverse), half, mask }
    }

    fn forward(&self, row: u64) -> u64 {
        // A shift by half of the bits or more undoes itself.
        self.factors.iter().fold(row, |x, factor| {
            let x = x.wrapping_mul(*factor) & self.mask;
            x ^ x >> self.half
        })
    }

    fn inverse(&self, rank: u64) -> u64 {
        self.inverses.iter().rev().fold(rank, |x, inverse| {
            let x = x ^ x >> self.half;
            x.wrapping_mul(*inverse) & self.mask
        })
    }
}

/// The inverse of an odd number modulo 2^64: each step doubles the number of right bits, of which
/// three are right at the start.
const fn inverse(odd: u64) -> u64 {
    let mut inverse = odd;
    let mut step = 0;
    while step < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        step += 1;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn strata(seed: u64, log2: u32) -> Strata {
        Strata::new(Seed(seed), Stream::named("test"), log2)
    }

    proptest! {
        #[test]
        fn what_is_dealt_is_found_again(seed: u64, log2 in 1u32..=16, block in 0u64..1 << 20) {
            let strata = strata(seed, log2);
            let shuffle = strata.shuffle(block);
            for place in (0..strata.size()).step_by(7) {
                prop_assert_eq!(shuffle.place(shuffle.row(place)), place);
                prop_assert_eq!(strata.scramble.forward(strata.ranked(place)), place);
            }
        }

        #[test]
        fn a_block_has_each_stratum_once_and_ranks_say_where(
            seed: u64, log2 in 1u32..=10, block in 0u64..1 << 20,
        ) {
            let strata = strata(seed, log2);
            let shuffle = strata.shuffle(block);
            let of = |index: u64| strata.part(index).bits >> (64 - log2);
            let mut found: Vec<u64> =
                (0..strata.size()).map(|place| of(strata.first_of(block) + place)).collect();
            found.sort_unstable();
            prop_assert!(found.into_iter().eq(0..strata.size()));
            for rank in 0..strata.size() {
                let index = strata.first_of(block) + shuffle.place(strata.ranked(rank));
                let stratum = (rank + strata.shift(block)) & (strata.size() - 1);
                prop_assert_eq!(of(index), stratum);
                let part = strata.part(index);
                let number = part.bits >> (64 - 2 * log2);
                prop_assert_eq!(number >> log2, stratum);
                prop_assert_eq!(part.draw(0), strata.boundary(number));
                prop_assert!(part.draw(u64::MAX) <= strata.boundary(number + 1));
            }
        }
    }

    #[test]
    fn a_group_of_blocks_draws_from_each_part_once_and_each_row_from_each_stratum() {
        let strata = strata(5, 5);
        let group = 3 << 10..4 << 10;
        let mut parts: Vec<u64> = group.clone().map(|index| strata.part(index).bits).collect();
        parts.sort_unstable();
        parts.dedup();
        assert_eq!(parts.len(), 1 << 10);
        for row in 0..32 {
            let of_row = group.clone().filter(|&index| strata.row(index) == row);
            let mut strata_of: Vec<u64> =
                of_row.map(|index| strata.part(index).bits >> 59).collect();
            strata_of.sort_unstable();
            assert!(strata_of.into_iter().eq(0..32));
        }
    }

    #[test]
    fn what_is_not_in_blocks_draws_from_the_whole() {
        assert_eq!(strata(1, 10).part(END_OF_BLOCKS), Part::WHOLE);
        assert_eq!(Part::WHOLE.draw(u64::MAX), u64::MAX);
    }
}
