//! The state of gateways between requests: used nonces, and calls counted against quotas. The store
//! has a bounded size and takes no lock: everything is an atomic word.

use std::sync::atomic::{AtomicU64, Ordering};

use super::key_counts::{Caller, KeyCounts, atomic_words};
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
    /// For each quota and caller: the number of the window, and the calls in it (32 bits each).
    counts: KeyCounts,
}

impl QuotaAndNonceStore {
    /// As large as the plan needs: about 1 MB for nonces if they are checked.
    pub(crate) fn new(plan: &AccessPlan) -> Self {
        let nonces = if plan.credentials == CredentialsMode::Verified { SETS * WAYS } else { 0 };
        let counts = KeyCounts::new(plan.quotas.len(), plan.keys.len());
        Self { nonces: atomic_words(nonces, 0), counts }
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

    /// Counts a call against a quota; false if it is used up.
    pub(super) fn count(
        &self,
        quota: usize,
        limit: &Quota,
        caller: Caller,
        now: Timestamp,
    ) -> bool {
        let window = (now.millis().div_euclid(limit.window as i64) as u64) << 32;
        let count = |word: u64| if word & !0xffff_ffff == window { word & 0xffff_ffff } else { 0 };
        let counted = self.counts.update(quota, counted_as(caller, limit), |word| {
            word.fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
                let used = count(word);
                (used < limit.limit.min(0xffff_fffe)).then(|| window | (used + 1))
            })
        });
        counted.is_none_or(|counted| counted.is_ok())
    }

    /// How many calls a quota still allows in this window.
    pub(crate) fn left(&self, quota: usize, limit: &Quota, caller: Caller, now: Timestamp) -> u64 {
        let word = self.counts.read(quota, counted_as(caller, limit));
        let window = (now.millis().div_euclid(limit.window as i64) as u64) << 32;
        let used = if word & !0xffff_ffff == window { word & 0xffff_ffff } else { 0 };
        limit.limit.saturating_sub(used)
    }

    pub(crate) fn forget_calls(&self) {
        self.counts.forget();
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

/// The calls against a shared quota are counted in one place, whoever makes them.
fn counted_as(caller: Caller, limit: &Quota) -> Caller {
    if limit.shared { Caller::Nobody } else { caller }
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
        QuotaAndNonceStore { nonces: atomic_words(SETS * WAYS, 0), counts: KeyCounts::new(2, 2) }
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
        let call = |caller, now| store.count(0, &q, caller, now);
        let first = Caller::Listed(0);
        assert!(call(first, NOW) && call(first, NOW.plus(999)));
        assert!(!call(first, NOW.plus(999)));
        for (other, whose) in [
            (Caller::Listed(1), "another key"),
            (Caller::Nobody, "no key"),
            (Caller::unlisted("a"), "a key that the scenario does not list"),
            (Caller::unlisted("b"), "another one of those"),
        ] {
            assert_eq!(store.left(0, &q, other, NOW), 2, "{whose}");
            assert!(call(other, NOW) && call(other, NOW), "{whose}");
            assert!(!call(other, NOW), "{whose}");
            assert_eq!(store.left(0, &q, other, NOW), 0, "{whose}");
        }
        assert!(call(first, NOW.plus(1_000)));
    }

    #[test]
    fn a_shared_quota_counts_all_keys_together() {
        let store = store();
        let q = quota(2, true);
        assert!(store.count(1, &q, Caller::Listed(0), NOW));
        assert!(store.count(1, &q, Caller::unlisted("a"), NOW));
        assert!(!store.count(1, &q, Caller::Nobody, NOW));
        assert!(!store.count(1, &q, Caller::unlisted("b"), NOW));
    }
}
