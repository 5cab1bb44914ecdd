//! The state of gateways between requests: used nonces, and calls counted against quotas. The store
//! has a fixed size and takes no lock: everything is an atomic word.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::scenario::access::{AccessPlan, CredentialsMode, Quota};
use crate::world::draw::{hash_bytes, mix};
use crate::world::time::Timestamp;

/// Number of nonces in a set; in a full set the oldest is replaced.
const WAYS: usize = 8;
const SETS: usize = 1 << 14;

#[derive(Debug, Default)]
pub(crate) struct QuotaAndNonceStore {
    /// Each word: 32 bits of the nonce's hash, and the second it came in; 0 is free.
    nonces: Box<[AtomicU64]>,
    /// For each quota, a word for each key and one for all others: the number of the window, and
    /// the calls in it (32 bits each).
    counts: Box<[AtomicU64]>,
    /// Number of words per quota.
    keys: usize,
}

fn zeroes(count: usize) -> Box<[AtomicU64]> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

impl QuotaAndNonceStore {
    /// As large as the plan needs: about 1 MB for nonces if they are checked.
    pub(crate) fn new(plan: &AccessPlan) -> Self {
        let nonces = if plan.credentials == CredentialsMode::Verified { SETS * WAYS } else { 0 };
        let keys = plan.keys.len() + 1;
        Self { nonces: zeroes(nonces), counts: zeroes(plan.quotas.len() * keys), keys }
    }

    /// Whether the key used the nonce within `window` (ms) of `now`.
    pub(super) fn knows_nonce(&self, key: usize, nonce: &str, now: Timestamp, window: u64) -> bool {
        let (set, tag) = self.place(key, nonce);
        set.iter().any(|word| is(word.load(Ordering::Acquire), tag, now, window))
    }

    /// Remembers the nonce; false if another request was first.
    pub(super) fn keep_nonce(&self, key: usize, nonce: &str, now: Timestamp, window: u64) -> bool {
        let (set, tag) = self.place(key, nonce);
        let new = u64::from(tag) << 32 | u64::from(second(now));
        loop {
            let words: Vec<u64> = set.iter().map(|word| word.load(Ordering::Acquire)).collect();
            if words.iter().any(|&word| is(word, tag, now, window)) {
                return false;
            }
            // Free ones have second 0 and so are the oldest.
            let oldest = words.iter().enumerate().min_by_key(|(_, word)| **word as u32);
            let Some((at, &old)) = oldest else { return true };
            if set[at].compare_exchange(old, new, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                return true;
            }
        }
    }

    /// Counts a call against a quota; false if it is used up. `key` is the place of the access
    /// key in the plan, none for calls without a known one.
    pub(super) fn count(
        &self,
        quota: usize,
        limit: &Quota,
        key: Option<usize>,
        now: Timestamp,
    ) -> bool {
        let key = if limit.shared { None } else { key };
        let key = key.unwrap_or(self.keys.saturating_sub(1));
        let Some(word) = self.counts.get(quota * self.keys + key) else { return true };
        let window = (now.millis().div_euclid(limit.window as i64) as u64) << 32;
        let count = |word: u64| if word & !0xffff_ffff == window { word & 0xffff_ffff } else { 0 };
        word.fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
            let used = count(word);
            (used < limit.limit.min(0xffff_fffe)).then(|| window | (used + 1))
        })
        .is_ok()
    }

    /// How many calls a quota still allows in this window.
    pub(crate) fn left(
        &self,
        quota: usize,
        limit: &Quota,
        key: Option<usize>,
        now: Timestamp,
    ) -> u64 {
        let key = if limit.shared { None } else { key };
        let key = key.unwrap_or(self.keys.saturating_sub(1));
        let word = self.counts.get(quota * self.keys + key);
        let word = word.map_or(0, |word| word.load(Ordering::Acquire));
        let window = (now.millis().div_euclid(limit.window as i64) as u64) << 32;
        let used = if word & !0xffff_ffff == window { word & 0xffff_ffff } else { 0 };
        limit.limit.saturating_sub(used)
    }

    pub(crate) fn forget_calls(&self) {
        self.counts.iter().for_each(|word| word.store(0, Ordering::Release));
    }

    pub(crate) fn forget_nonces(&self) {
        self.nonces.iter().for_each(|word| word.store(0, Ordering::Release));
    }

    fn place(&self, key: usize, nonce: &str) -> (&[AtomicU64], u32) {
        let hash = mix(hash_bytes(nonce.as_bytes()) ^ mix(key as u64));
        let at = (hash as usize % SETS) * WAYS;
        let set = self.nonces.get(at..at + WAYS).unwrap_or_default();
        (set, (hash >> 32) as u32)
    }
}

/// The year 2106 ends these 32 bits; virtual time beyond it wraps.
fn second(now: Timestamp) -> u32 {
    (now.seconds() as u32).max(1)
}

fn is(word: u64, tag: u32, now: Timestamp, window: u64) -> bool {
    let (kept, at) = ((word >> 32) as u32, word as u32);
    at != 0 && kept == tag && u64::from(second(now).abs_diff(at)) * 1_000 <= window
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_772_445_600_000);

    fn store() -> QuotaAndNonceStore {
        QuotaAndNonceStore { nonces: zeroes(SETS * WAYS), counts: zeroes(6), keys: 3 }
    }

    fn quota(limit: u64, shared: bool) -> Quota {
        Quota { service: None, operation: None, credential: None, shared, limit, window: 1_000 }
    }

    #[test]
    fn a_nonce_is_new_once_and_again_when_its_time_is_over() {
        let store = store();
        let keep = |key, now| store.keep_nonce(key, "abc", now, 60_000);
        assert!(!store.knows_nonce(0, "abc", NOW, 60_000));
        assert!(keep(0, NOW));
        assert!(store.knows_nonce(0, "abc", NOW.plus(60_000), 60_000));
        assert!(!keep(0, NOW.plus(1)));
        assert!(keep(1, NOW), "another key's");
        assert!(keep(0, NOW.plus(61_001)));
    }

    #[test]
    fn when_the_store_is_full_only_the_oldest_nonces_are_forgotten() {
        let store = store();
        for i in 0..SETS as u64 * 16 {
            assert!(store.keep_nonce(0, &i.to_string(), NOW.plus(i), u64::MAX));
        }
        let last = (SETS as u64 * 16 - 1).to_string();
        assert!(store.knows_nonce(0, &last, NOW.plus(SETS as u64 * 16), u64::MAX));
    }

    #[test]
    fn of_many_threads_with_one_nonce_one_is_first() {
        let store = store();
        let first = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| store.keep_nonce(0, "n", NOW, 1_000))).collect();
            threads
                .into_iter()
                .filter(|_| true)
                .filter_map(|t| t.join().ok())
                .filter(|f| *f)
                .count()
        });
        assert_eq!(first, 1);
    }

    #[test]
    fn a_quota_counts_each_key_by_itself_and_begins_anew_with_each_window() {
        let store = store();
        let q = quota(2, false);
        let call = |key, now| store.count(0, &q, key, now);
        assert!(call(Some(0), NOW) && call(Some(0), NOW.plus(999)));
        assert!(!call(Some(0), NOW.plus(999)));
        assert!(call(Some(1), NOW), "another key");
        assert!(call(None, NOW), "no key");
        assert!(call(Some(0), NOW.plus(1_000)));
    }

    #[test]
    fn a_shared_quota_counts_all_keys_together() {
        let store = store();
        let q = quota(2, true);
        assert!(store.count(1, &q, Some(0), NOW) && store.count(1, &q, Some(1), NOW));
        assert!(!store.count(1, &q, None, NOW));
    }
}
