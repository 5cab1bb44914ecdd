//! What kind of thing an index is. Kinds are dealt from a deck of cards that is the same
//! for every block of indexes, only shuffled anew: so weights hold exactly within each
//! block, and "how many failed among the first n" or "which is the k-th failed" is one
//! multiplication and one look into a single block, whatever n and k are.

use super::draw::{Draws, Seed, Stream, draw};

/// Decks are at least this large, so that small weights are dealt fairly.
const SMALLEST_LOG2: u32 = 10;
/// The sum of the weights of one choice is bounded by this.
pub const LARGEST_WEIGHT_SUM: u64 = 1 << 16;

/// A choice made for every index: the weights of its alternatives.
pub type Weights = Vec<u64>;

#[derive(Clone, Debug)]
pub struct Deck {
    seed: Seed,
    stream: Stream,
    log2: u32,
    /// For each choice, the alternative on each card.
    choices: Vec<Box<[u16]>>,
}

/// The cards a filter lets through.
#[derive(Clone, Debug)]
pub struct Mask {
    bits: Box<[u64]>,
    ones: u64,
}

/// Which indexes of a block a mask lets through: those of a page are neighbours, and found in
/// one look.
#[derive(Debug, Default)]
pub struct Block {
    number: u64,
    /// A bit an index; nothing is known yet if it is empty.
    bits: Vec<u64>,
}

impl Block {
    /// The place of the `k`-th one (from 0).
    fn nth(&self, mut k: u64) -> Option<u64> {
        for (place, &bits) in (0..).zip(&self.bits) {
            let ones = u64::from(bits.count_ones());
            if k < ones {
                let rest = (0..k).fold(bits, |bits, _| bits & (bits - 1));
                return Some(place * 64 + u64::from(rest.trailing_zeros()));
            }
            k -= ones;
        }
        None
    }
}

impl Deck {
    /// Weights of one choice must not all be zero and sum to at most
    /// [`LARGEST_WEIGHT_SUM`]; a choice with bad weights always falls on its first
    /// alternative.
    pub fn new(seed: Seed, stream: Stream, choices: &[Weights]) -> Self {
        let largest = choices.iter().map(|weights| sum(weights)).max().unwrap_or(1);
        let largest = largest.clamp(1 << SMALLEST_LOG2, LARGEST_WEIGHT_SUM);
        let log2 = largest.next_power_of_two().trailing_zeros();
        let choices = choices
            .iter()
            .zip(0..)
            .map(|(weights, i)| deal(weights, 1 << log2, seed, stream.of(i)))
            .collect();
        Self { seed, stream, log2, choices }
    }

    fn size(&self) -> u64 {
        1 << self.log2
    }

    /// The card of an index.
    pub fn card(&self, index: u64) -> usize {
        self.shuffle(index >> self.log2).card(index & (self.size() - 1)) as usize
    }

    /// The alternative that a choice fell on.
    pub fn choice(&self, choice: usize, card: usize) -> usize {
        self.choices.get(choice).and_then(|cards| cards.get(card)).map_or(0, |&a| a as usize)
    }

    pub fn mask(&self, lets_through: impl Fn(usize) -> bool) -> Mask {
        let mut bits = vec![0u64; (self.size() as usize).div_ceil(64)];
        for card in (0..self.size() as usize).filter(|&card| lets_through(card)) {
            bits[card / 64] |= 1 << (card % 64);
        }
        let ones = bits.iter().map(|word| u64::from(word.count_ones())).sum();
        Mask { bits: bits.into(), ones }
    }

    /// Lets every card through; costs nothing to make or use.
    pub fn everything(&self) -> Mask {
        Mask { bits: Box::default(), ones: self.size() }
    }

    /// Whether the mask lets the index through.
    pub fn lets_through(&self, mask: &Mask, index: u64) -> bool {
        mask.ones == self.size() || mask.has(self.card(index) as u64)
    }

    /// How many of the indexes `0..end` the mask lets through.
    pub fn rank(&self, mask: &Mask, end: u64) -> u64 {
        if mask.ones == self.size() {
            return end;
        }
        let block = end >> self.log2;
        let shuffle = self.shuffle(block);
        let within = end & (self.size() - 1);
        let partial = (0..within).filter(|&i| mask.has(shuffle.card(i))).count() as u64;
        block * mask.ones + partial
    }

    /// The `k`-th index (from 0) that the mask lets through, of all indexes there could be.
    /// `last` is what was used with this mask before, or the default.
    pub fn select(&self, mask: &Mask, k: u64, last: &mut Block) -> Option<u64> {
        if mask.ones == self.size() {
            return Some(k);
        }
        let number = k.checked_div(mask.ones)?;
        if last.bits.is_empty() || last.number != number {
            let shuffle = self.shuffle(number);
            let word = |first: u64| {
                let bit = |i: u64| u64::from(mask.has(shuffle.card(first + i))) << i;
                (0..64).fold(0, |word, i| word | bit(i))
            };
            last.number = number;
            last.bits.clear();
            last.bits.extend((0..self.size()).step_by(64).map(word));
        }
        last.nth(k % mask.ones).map(|within| (number << self.log2) + within)
    }

    fn shuffle(&self, block: u64) -> Shuffle {
        let key = draw(self.seed, self.stream, block);
        Shuffle { factor: key | 1, offset: key >> 32, mask: self.size() - 1 }
    }
}

impl Mask {
    fn has(&self, card: u64) -> bool {
        self.bits[(card / 64) as usize] >> (card % 64) & 1 == 1
    }
}

/// A bijection of a block's positions onto the cards: an odd factor is invertible modulo a
/// power of two.
struct Shuffle {
    factor: u64,
    offset: u64,
    mask: u64,
}

impl Shuffle {
    fn card(&self, position: u64) -> u64 {
        position.wrapping_mul(self.factor).wrapping_add(self.offset) & self.mask
    }
}

fn sum(weights: &[u64]) -> u64 {
    weights.iter().fold(0, |sum, weight| sum.saturating_add(*weight))
}

/// Gives every alternative its share of the cards by largest remainder, at least one card
/// to each that has any weight, and shuffles them.
fn deal(weights: &[u64], size: u64, seed: Seed, stream: Stream) -> Box<[u16]> {
    let sum = sum(weights);
    if sum == 0 || sum > LARGEST_WEIGHT_SUM || weights.len() > LARGEST_WEIGHT_SUM as usize {
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

    fn deck(seed: u64, weights: &[u64]) -> Deck {
        Deck::new(Seed(seed), Stream::named("test"), &[weights.to_vec(), vec![1, 1]])
    }

    #[test]
    fn every_block_holds_each_alternative_in_its_exact_share() {
        let deck = deck(3, &[90, 6, 4]);
        let size = deck.size();
        for block in 0..3 {
            let failed = (block * size..(block + 1) * size)
                .filter(|&i| deck.choice(0, deck.card(i)) == 2)
                .count();
            assert_eq!(failed, 41, "4 of 100 of 1024 cards");
        }
    }

    #[test]
    fn an_alternative_with_the_smallest_weight_still_occurs() {
        let deck = deck(3, &[65_535, 1]);
        let mask = deck.mask(|card| deck.choice(0, card) == 1);
        assert_eq!(mask.ones, 1);
        let found =
            deck.select(&mask, 2, &mut Block::default()).map(|i| deck.choice(0, deck.card(i)));
        assert_eq!(found, Some(1));
    }

    #[test]
    fn weights_past_all_bounds_fall_on_the_first_alternative() {
        for weights in [vec![u64::MAX; 3], vec![0, 0], vec![], vec![1; 70_000]] {
            let deck = deck(1, &weights);
            assert_eq!(deck.choice(0, deck.card(12_345)), 0);
        }
    }

    proptest! {
        #[test]
        fn rank_and_select_agree_with_counting(
            seed: u64,
            weights in proptest::collection::vec(0u64..50, 1..6),
            end in 0u64..5000,
        ) {
            let deck = deck(seed, &weights);
            let wanted = |card| deck.choice(0, card) == 0 && deck.choice(1, card) == 1;
            let mask = deck.mask(wanted);
            let brute: Vec<u64> = (0..end).filter(|&i| wanted(deck.card(i))).collect();
            prop_assert_eq!(deck.rank(&mask, end), brute.len() as u64);
            let mut last = Block::default();
            for (k, &index) in brute.iter().enumerate().step_by(37).rev() {
                prop_assert_eq!(deck.select(&mask, k as u64, &mut last), Some(index));
            }
        }
    }
}
