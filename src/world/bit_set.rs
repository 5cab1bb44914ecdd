//! A set of small numbers: a bit for each, whether it is in the set or not.

/// Below a bound that its user knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BitSet(Box<[u64]>);

impl BitSet {
    /// Those below `end` that are wanted.
    pub(crate) fn new(end: u64, is_wanted: impl Fn(u64) -> bool) -> Self {
        let word = |from: u64, count: u64| {
            (0..count).fold(0, |word, i| word | u64::from(is_wanted(from + i)) << i)
        };
        // A loop of a known length takes half the time.
        let whole = |from| if end - from >= 64 { word(from, 64) } else { word(from, end - from) };
        Self((0..end).step_by(64).map(whole).collect())
    }

    /// Whether it was made with no numbers to choose from.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, number: u64) -> bool {
        let word = self.0.get((number / 64) as usize).copied().unwrap_or(0);
        word >> (number % 64) & 1 == 1
    }

    pub(crate) fn count(&self) -> u64 {
        ones(&self.0)
    }

    /// Those that are in both.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(word, other)| word & other).collect())
    }

    /// Those of the set that are wanted.
    pub(crate) fn filtered(&self, is_wanted: impl Fn(u64) -> bool) -> Self {
        let words = self.0.iter().zip((0..).step_by(64)).map(|(&word, from)| {
            let (mut left, mut kept) = (word, 0);
            while left != 0 {
                let bit = left & left.wrapping_neg();
                if is_wanted(from + u64::from(bit.trailing_zeros())) {
                    kept |= bit;
                }
                left ^= bit;
            }
            kept
        });
        Self(words.collect())
    }

    /// How many of the set are below `end`.
    pub(crate) fn rank(&self, end: u64) -> u64 {
        let (whole, rest) = ((end / 64) as usize, end % 64);
        match self.0.get(..whole) {
            Some(words) => {
                let part = self.0.get(whole).map_or(0, |word| word & ((1 << rest) - 1));
                ones(words) + ones(&[part])
            }
            None => self.count(),
        }
    }

    /// The `k`-th of the set, ascending, from 0.
    pub(crate) fn nth(&self, mut k: u64) -> Option<u64> {
        for (place, &word) in (0..).zip(&self.0) {
            let count = u64::from(word.count_ones());
            if k < count {
                let rest = (0..k).fold(word, |word, _| word & (word - 1));
                return Some(place * 64 + u64::from(rest.trailing_zeros()));
            }
            k -= count;
        }
        None
    }
}

fn ones(words: &[u64]) -> u64 {
    words.iter().map(|word| u64::from(word.count_ones())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_and_places_are_those_of_the_sorted_list(
            end in 0u64..700, part in 1u64..40, other in 1u64..5,
        ) {
            let all = BitSet::new(end, |n| n * 31 % part == 0);
            let set = all.filtered(|n| n % other == 0);
            prop_assert_eq!(&all.and(&BitSet::new(end, |n| n % other == 0)), &set);
            let list: Vec<u64> =
                (0..end).filter(|n| n * 31 % part == 0 && n % other == 0).collect();
            prop_assert_eq!(set.count(), list.len() as u64);
            for k in 0..list.len() + 1 {
                prop_assert_eq!(set.nth(k as u64), list.get(k).copied());
            }
            for number in 0..end + 200 {
                prop_assert_eq!(set.rank(number), list.partition_point(|&n| n < number) as u64);
                prop_assert_eq!(set.has(number), list.contains(&number));
            }
        }
    }
}
