//! Counters of which each access key has its own. Keys that the scenario lists have a fixed place;
//! any other key gets one when it comes, and the one that came first gives it up when there are too
//! many. A call only ever adds to atomic words: no request waits for another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::world::draw::hash_bytes;

/// Number of keys outside the scenario whose counts are kept.
pub(super) const MAX_UNLISTED_KEYS: usize = 1_000;

/// Whose call it is, as its credentials claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// An access key of the scenario, by its index in the plan.
    Listed(usize),
    /// An access key that the scenario does not list, by the hash of its id.
    Unlisted(u64),
    /// The credentials name no access key. All such calls are counted together.
    Nobody,
}

impl Caller {
    pub(super) fn unlisted(id: &str) -> Self {
        Self::Unlisted(hash_bytes(id.as_bytes()))
    }

    /// The index in the plan of an access key of the scenario.
    pub(crate) fn listed(self) -> Option<usize> {
        match self {
            Self::Listed(index) => Some(index),
            Self::Unlisted(_) | Self::Nobody => None,
        }
    }
}

/// Some counters, and for each caller a word of each.
#[derive(Debug, Default)]
pub(super) struct KeyCounts {
    /// Number of counters.
    counters: usize,
    /// What each word is before the first call.
    initial: u64,
    /// A row of words for each key of the scenario, and a last one for nobody's calls.
    listed: Box<[AtomicU64]>,
    unlisted: ArcSwap<UnlistedKeys>,
}

#[derive(Debug, Default)]
struct UnlistedKeys {
    /// Ascending by hash.
    rows: Vec<UnlistedKey>,
    /// Number of keys that have come so far.
    came: u64,
}

#[derive(Clone, Debug)]
struct UnlistedKey {
    hash: u64,
    /// The number of keys that came before it.
    came: u64,
    words: Arc<[AtomicU64]>,
}

impl UnlistedKeys {
    fn find(&self, hash: u64) -> Result<&UnlistedKey, usize> {
        let place = self.rows.binary_search_by_key(&hash, |row| row.hash)?;
        Ok(&self.rows[place])
    }

    /// The same with one more key, in the place of the oldest if there are too many.
    fn with(&self, hash: u64, words: &Arc<[AtomicU64]>) -> Self {
        let mut rows = self.rows.clone();
        if rows.len() >= MAX_UNLISTED_KEYS
            && let Some(oldest) = (0..rows.len()).min_by_key(|&place| rows[place].came)
        {
            rows.remove(oldest);
        }
        let place = rows.partition_point(|row| row.hash < hash);
        rows.insert(place, UnlistedKey { hash, came: self.came, words: words.clone() });
        Self { rows, came: self.came + 1 }
    }
}

/// `count` atomic words with one value.
pub(super) fn atomic_words(count: usize, value: u64) -> Box<[AtomicU64]> {
    (0..count).map(|_| AtomicU64::new(value)).collect()
}

impl KeyCounts {
    /// `keys` is how many access keys the scenario has.
    pub(super) fn new(counters: usize, keys: usize) -> Self {
        Self::starting_at(0, counters, keys)
    }

    /// As after `initial` calls of every key.
    pub(super) fn starting_at(initial: u64, counters: usize, keys: usize) -> Self {
        let listed = atomic_words(counters * (keys + 1), initial);
        Self { counters, initial, listed, unlisted: ArcSwap::default() }
    }

    /// What `work` does with the caller's word of a counter; None if there is no such counter.
    pub(super) fn update<T>(
        &self,
        counter: usize,
        caller: Caller,
        work: impl FnOnce(&AtomicU64) -> T,
    ) -> Option<T> {
        if counter >= self.counters {
            return None;
        }
        let row = match caller {
            Caller::Unlisted(hash) => {
                if let Ok(row) = self.unlisted.load().find(hash) {
                    return row.words.get(counter).map(work);
                }
                return self.admit(hash).get(counter).map(work);
            }
            Caller::Listed(index) => index,
            Caller::Nobody => (self.listed.len() / self.counters).saturating_sub(1),
        };
        self.listed.get(row * self.counters + counter).map(work)
    }

    /// Every word is as before the first call again.
    pub(super) fn forget(&self) {
        self.listed.iter().for_each(|word| word.store(self.initial, Ordering::Release));
        self.unlisted.store(Arc::default());
    }

    /// The caller's word of a counter.
    pub(super) fn read(&self, counter: usize, caller: Caller) -> u64 {
        if let Caller::Unlisted(hash) = caller
            && self.unlisted.load().find(hash).is_err()
        {
            return self.initial;
        }
        let word = self.update(counter, caller, |word| word.load(Ordering::Acquire));
        word.unwrap_or(self.initial)
    }

    /// The words of a key that comes for the first time.
    fn admit(&self, hash: u64) -> Arc<[AtomicU64]> {
        let words = (0..self.counters).map(|_| AtomicU64::new(self.initial)).collect();
        self.unlisted.rcu(|keys| match keys.find(hash) {
            Ok(_) => keys.clone(),
            Err(_) => Arc::new(keys.with(hash, &words)),
        });
        // Another thread may have admitted it first, or a thousand other keys came meanwhile.
        let found = self.unlisted.load();
        found.find(hash).map_or(words, |row| row.words.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(counts: &KeyCounts, counter: usize, caller: Caller) -> Option<u64> {
        counts.update(counter, caller, |word| word.fetch_add(1, Ordering::Relaxed) + 1)
    }

    #[test]
    fn every_caller_has_a_count_of_its_own_for_each_counter() {
        let counts = KeyCounts::new(2, 2);
        let callers = [
            Caller::Listed(0),
            Caller::Listed(1),
            Caller::Nobody,
            Caller::unlisted("a"),
            Caller::unlisted("b"),
        ];
        for round in 1..4 {
            for caller in callers {
                assert_eq!(counts.read(0, caller), round - 1, "{caller:?}");
                assert_eq!(add(&counts, 0, caller), Some(round), "{caller:?}");
                assert_eq!(add(&counts, 1, caller), Some(round), "{caller:?}");
            }
        }
        assert_eq!(add(&counts, 2, Caller::Nobody), None);
        assert_eq!(add(&KeyCounts::default(), 0, Caller::unlisted("a")), None);
        assert_eq!(add(&KeyCounts::starting_at(5, 1, 1), 0, Caller::unlisted("a")), Some(6));
    }

    #[test]
    fn of_too_many_keys_the_one_that_came_first_is_forgotten() {
        let counts = KeyCounts::new(1, 1);
        let key = |number: usize| Caller::unlisted(&format!("key{number}"));
        for number in 0..MAX_UNLISTED_KEYS {
            assert_eq!(add(&counts, 0, key(number)), Some(1));
        }
        assert_eq!(add(&counts, 0, key(0)), Some(2), "all of them are kept");
        assert_eq!(add(&counts, 0, key(MAX_UNLISTED_KEYS)), Some(1));
        assert_eq!(counts.read(0, key(0)), 0);
        assert_eq!(counts.unlisted.load().rows.len(), MAX_UNLISTED_KEYS);
        for number in 1..=MAX_UNLISTED_KEYS {
            assert_eq!(counts.read(0, key(number)), 1, "{number}");
        }
    }

    #[test]
    fn no_call_is_lost_when_many_threads_bring_a_new_key() {
        let counts = KeyCounts::new(1, 1);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for key in 0..100 {
                        add(&counts, 0, Caller::unlisted(&key.to_string()));
                    }
                });
            }
        });
        for key in 0..100 {
            assert_eq!(counts.read(0, Caller::unlisted(&key.to_string())), 8);
        }
    }
}
