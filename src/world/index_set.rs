//! A set of the indexes of a range: a bit for each index of the range, whether it is in the set or
//! not, so that its size is bounded by the range.

use std::ops::Range;

#[derive(Clone, Debug, Default)]
pub(crate) struct IndexSet {
    /// The index of the first bit.
    first: u64,
    words: Vec<u64>,
    /// How many are in the set before each group of words.
    before: Vec<u32>,
    len: u64,
}

/// Words for each entry of `before`.
const GROUP: usize = 8;
const GROUP_BITS: u64 = GROUP as u64 * 64;

impl IndexSet {
    /// Those of the range that are wanted. A range has fewer than 2^32 indexes.
    pub(crate) fn new(range: Range<u64>, is_wanted: impl Fn(u64) -> bool) -> Self {
        let word = |from: u64| {
            let until = range.end.min(from + 64);
            (from..until).fold(0, |word, i| word | u64::from(is_wanted(i)) << (i - from))
        };
        Self::from_words(range.start, range.clone().step_by(64).map(word).collect())
    }

    /// Those of the set that are wanted.
    pub(crate) fn filtered(&self, is_wanted: impl Fn(u64) -> bool) -> Self {
        let words = self.words.iter().zip((self.first..).step_by(64)).map(|(&word, from)| {
            let mut left = word;
            let mut kept = 0;
            while left != 0 {
                let bit = left & left.wrapping_neg();
                if is_wanted(from + u64::from(bit.trailing_zeros())) {
                    kept |= bit;
                }
                left ^= bit;
            }
            kept
        });
        Self::from_words(self.first, words.collect())
    }

    fn from_words(first: u64, words: Vec<u64>) -> Self {
        let mut len = 0;
        let mut before = Vec::with_capacity(words.len().div_ceil(GROUP));
        for group in words.chunks(GROUP) {
            before.push(len as u32);
            len += group.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
        }
        Self { first, words, before, len }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// How many of the set are below `end`.
    pub(crate) fn rank(&self, end: u64) -> u64 {
        let place = end.saturating_sub(self.first);
        let Some(&before) = self.before.get((place / GROUP_BITS) as usize) else {
            return if place == 0 { 0 } else { self.len };
        };
        let from = (place / GROUP_BITS) as usize * GROUP;
        let last = self.words.len().min((place / 64) as usize);
        let whole = self.words.get(from..last).unwrap_or_default();
        let word = self.words.get((place / 64) as usize);
        let part = word.map_or(0, |word| word & ((1 << (place % 64)) - 1));
        let within = whole.iter().chain([&part]).map(|word| u64::from(word.count_ones()));
        u64::from(before) + within.sum::<u64>()
    }

    /// The `k`-th of the set, ascending, from 0.
    pub(crate) fn nth(&self, k: u64) -> Option<u64> {
        if k >= self.len {
            return None;
        }
        let group = self.before.partition_point(|&before| u64::from(before) <= k).checked_sub(1)?;
        let mut k = k - u64::from(*self.before.get(group)?);
        for (place, &word) in self.words.iter().enumerate().skip(group * GROUP) {
            let ones = u64::from(word.count_ones());
            if k < ones {
                let rest = (0..k).fold(word, |word, _| word & (word - 1));
                return Some(self.first + place as u64 * 64 + u64::from(rest.trailing_zeros()));
            }
            k -= ones;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_and_places_are_those_of_the_sorted_list(
            first in 0u64..3_000_000_000_000, length in 0u64..3_000, part in 1u64..40, other in 1u64..5,
        ) {
            let range = first..first + length;
            let all = IndexSet::new(range.clone(), |i| i * 31 % part == 0);
            let set = all.filtered(|i| i % other == 0);
            let list: Vec<u64> =
                range.clone().filter(|i| i * 31 % part == 0 && i % other == 0).collect();
            prop_assert_eq!(set.len(), list.len() as u64);
            for k in 0..list.len() + 1 {
                prop_assert_eq!(set.nth(k as u64), list.get(k).copied());
            }
            for end in (first.saturating_sub(2)..first + length + 600).step_by(7) {
                let rank = list.partition_point(|&i| i < end) as u64;
                prop_assert_eq!(set.rank(end), rank, "{}", end);
            }
        }
    }

    #[test]
    fn its_size_is_that_of_its_range_and_not_of_what_is_in_it() {
        let set = IndexSet::new(0..1 << 20, |_| true);
        let bytes = set.words.len() * 8 + set.before.len() * 4;
        assert!(bytes < (1 << 20) / 7, "{bytes}");
        assert_eq!(IndexSet::default().rank(5), 0);
    }
}
