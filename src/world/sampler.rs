//! Which kind each index is: a stratified sampler.
//!
//! Every attribute (outcome, owner, path …) assigns each of its alternatives a share of a fixed
//! table of rows. Each block of indexes uses the same table in another order. So weights hold
//! exactly within each block, and "how many of the first n failed" or "which is the k-th that
//! failed" is one multiplication and one look into a single block, whatever n and k are.

use super::bit_set::BitSet;
use super::draw::{Draws, Seed, Stream};
use super::strata::Strata;

/// A table has at least this many rows, so that small weights get a fair share.
const MIN_ROWS_LOG2: u32 = 10;
/// Maximum sum of the weights of one attribute.
pub(crate) const MAX_WEIGHT_SUM: u64 = 1 << 16;

/// The weights of the alternatives of one attribute.
pub(crate) type Weights = Vec<u64>;

#[derive(Clone, Debug)]
pub(crate) struct StratifiedSampler {
    pub(crate) strata: Strata,
    /// For each attribute, the alternative in each row.
    attributes: Vec<Box<[u16]>>,
}

/// The rows that a filter lets through.
#[derive(Clone, Debug)]
pub(crate) struct Mask {
    rows: BitSet,
    ones: u64,
}

/// Which places of a block a mask lets through: those of a page are neighbours, and found in one
/// look.
#[derive(Debug, Default)]
pub(crate) struct MaskedBlock {
    number: u64,
    /// Nothing is known yet if it is empty.
    places: BitSet,
}

impl StratifiedSampler {
    /// Weights of one attribute must not all be zero and sum to at most [`MAX_WEIGHT_SUM`];
    /// otherwise every row gets the first alternative.
    pub(crate) fn new(seed: Seed, stream: Stream, attributes: &[Weights]) -> Self {
        let largest = attributes.iter().map(|weights| sum(weights)).max().unwrap_or(1);
        let largest = largest.clamp(1 << MIN_ROWS_LOG2, MAX_WEIGHT_SUM);
        Self::with_rows(seed, stream, attributes, largest.next_power_of_two().trailing_zeros())
    }

    pub(super) fn with_rows(seed: Seed, stream: Stream, attributes: &[Weights], log2: u32) -> Self {
        let attributes = attributes
            .iter()
            .zip(0..)
            .map(|(weights, i)| apportion(weights, 1 << log2, seed, stream.of(i)))
            .collect();
        Self { strata: Strata::new(seed, stream, log2), attributes }
    }

    fn size(&self) -> u64 {
        self.strata.size()
    }

    /// The row of an index.
    pub(crate) fn row(&self, index: u64) -> usize {
        self.strata.row(index) as usize
    }

    /// The alternative that an attribute has in a row.
    pub(crate) fn attribute(&self, attribute: usize, row: usize) -> usize {
        self.attributes[attribute][row] as usize
    }

    pub(crate) fn mask(&self, lets_through: impl Fn(usize) -> bool) -> Mask {
        Mask::from(BitSet::new(self.size(), |row| lets_through(row as usize)))
    }

    /// Lets every row through; costs nothing to make or use.
    pub(crate) fn everything(&self) -> Mask {
        Mask { rows: BitSet::default(), ones: self.size() }
    }

    /// Whether the mask lets the index through.
    pub(crate) fn lets_through(&self, mask: &Mask, index: u64) -> bool {
        mask.ones == self.size() || mask.has(self.strata.row(index))
    }

    /// How many of the indexes `0..end` the mask lets through. `last` is what was used with this
    /// mask before, or the default.
    pub(crate) fn rank(&self, mask: &Mask, end: u64, last: &MaskedBlock) -> u64 {
        if mask.ones == self.size() {
            return end;
        }
        let block = self.strata.block_of(end);
        let within = end - self.strata.first_of(block);
        let partial = if last.number == block && !last.places.is_empty() {
            last.places.rank(within)
        } else {
            let shuffle = self.strata.shuffle(block);
            (0..within).filter(|&place| mask.has(shuffle.row(place))).count() as u64
        };
        block * mask.ones + partial
    }

    /// The `k`-th index (from 0) that the mask lets through, of all indexes there could be.
    /// `last` as in [`StratifiedSampler::rank`].
    pub(crate) fn select(&self, mask: &Mask, k: u64, last: &mut MaskedBlock) -> Option<u64> {
        if mask.ones == self.size() {
            return Some(k);
        }
        let block = k.checked_div(mask.ones)?;
        let within = self.places(mask, block, last).nth(k % mask.ones)?;
        Some(self.strata.first_of(block) + within)
    }

    fn places<'l>(&self, mask: &Mask, block: u64, last: &'l mut MaskedBlock) -> &'l BitSet {
        if last.number != block || last.places.is_empty() {
            let shuffle = self.strata.shuffle(block);
            let places = BitSet::new(self.size(), |place| mask.has(shuffle.row(place)));
            *last = MaskedBlock { number: block, places };
        }
        &last.places
    }
}

impl From<BitSet> for Mask {
    fn from(rows: BitSet) -> Self {
        Self { ones: rows.count(), rows }
    }
}

impl Mask {
    /// Only for a mask that was made by a filter.
    pub(crate) fn has(&self, row: u64) -> bool {
        self.rows.has(row)
    }

    /// The rows that both let through.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self::from(self.rows.and(&other.rows))
    }
}

fn sum(weights: &[u64]) -> u64 {
    weights.iter().fold(0, |sum, weight| sum.saturating_add(*weight))
}

/// Gives every alternative its share of the rows by largest remainder, at least one row
/// to each that has any weight, and shuffles them.
fn apportion(weights: &[u64], size: u64, seed: Seed, stream: Stream) -> Box<[u16]> {
    let sum = sum(weights);
    if sum == 0 || sum > MAX_WEIGHT_SUM || weights.len() > MAX_WEIGHT_SUM as usize {
        return vec![0; size as usize].into();
    }
    let mut shares: Vec<u64> =
        weights.iter().map(|w| (w * size / sum).max(u64::from(*w > 0))).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(weights[i] * size % sum), i));
    let mut dealt: u64 = shares.iter().sum();
    for &i in order.iter().cycle().take(size as usize) {
        if dealt == size {
            break;
        } else if dealt < size && weights[i] > 0 {
            shares[i] += 1;
            dealt += 1;
        } else if dealt > size && shares[i] > 1 {
            shares[i] -= 1;
            dealt -= 1;
        }
    }
    let mut cards: Vec<u16> = (0..=u16::MAX)
        .zip(&shares)
        .flat_map(|(i, &n)| std::iter::repeat_n(i, n as usize))
        .collect();
    cards.resize(size as usize, 0);
    let mut draws = Draws::new(seed, stream, 0);
    for last in (1..cards.len()).rev() {
        cards.swap(last, draws.below(last as u64 + 1) as usize);
    }
    cards.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn deck(seed: u64, weights: &[u64]) -> StratifiedSampler {
        StratifiedSampler::new(Seed(seed), Stream::named("test"), &[weights.to_vec(), vec![1, 1]])
    }

    #[test]
    fn every_block_holds_each_alternative_in_its_exact_share() {
        let sampler = deck(3, &[90, 6, 4]);
        let size = sampler.size();
        for block in 0..3 {
            let failed = (block * size..(block + 1) * size)
                .filter(|&i| sampler.attribute(0, sampler.row(i)) == 2)
                .count();
            assert_eq!(failed, 41, "4 of 100 of 1024 cards");
        }
    }

    #[test]
    fn an_alternative_with_the_smallest_weight_still_occurs() {
        let sampler = deck(3, &[65_535, 1]);
        let mask = sampler.mask(|card| sampler.attribute(0, card) == 1);
        assert_eq!(mask.ones, 1);
        let found = sampler
            .select(&mask, 2, &mut MaskedBlock::default())
            .map(|i| sampler.attribute(0, sampler.row(i)));
        assert_eq!(found, Some(1));
    }

    #[test]
    fn weights_past_all_bounds_fall_on_the_first_alternative() {
        for weights in [vec![u64::MAX; 3], vec![0, 0], vec![], vec![1; 70_000]] {
            let sampler = deck(1, &weights);
            assert_eq!(sampler.attribute(0, sampler.row(12_345)), 0);
        }
    }

    proptest! {
        #[test]
        fn rank_and_select_agree_with_counting(
            seed: u64,
            weights in proptest::collection::vec(0u64..50, 1..6),
            end in 0u64..5000,
        ) {
            let sampler = deck(seed, &weights);
            let wanted = |card| sampler.attribute(0, card) == 0 && sampler.attribute(1, card) == 1;
            let mask = sampler.mask(wanted);
            let brute: Vec<u64> = (0..end).filter(|&i| wanted(sampler.row(i))).collect();
            let mut last = MaskedBlock::default();
            prop_assert_eq!(sampler.rank(&mask, end, &last), brute.len() as u64);
            for (k, &index) in brute.iter().enumerate().step_by(37).rev() {
                prop_assert_eq!(sampler.select(&mask, k as u64, &mut last), Some(index));
            }
        }
    }
}
