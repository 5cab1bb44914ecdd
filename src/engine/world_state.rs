//! State between requests: quotas and nonces, the event log, fault counts, cached responses.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::event_log::EventLog;
use super::fault_counts::FaultCounts;
use super::plan::Plan;
use super::quotas::QuotaAndNonceStore;
use super::response_cache::ResponseCache;

/// The state of one world. No request waits for another one.
#[derive(Debug)]
pub(crate) struct WorldState {
    pub(crate) store: QuotaAndNonceStore,
    log: ArcSwap<EventLog>,
    faults: ArcSwap<FaultCounts>,
    pub(super) responses: ResponseCache,
}

impl WorldState {
    /// The state before the first request.
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            store: QuotaAndNonceStore::new(&plan.access),
            log: ArcSwap::default(),
            faults: ArcSwap::from_pointee(FaultCounts::of(plan)),
            responses: ResponseCache::default(),
        }
    }

    pub(crate) fn faults(&self) -> Arc<FaultCounts> {
        self.faults.load_full()
    }

    pub(crate) fn replace_faults(&self, faults: FaultCounts) {
        self.faults.store(Arc::new(faults));
    }

    pub(crate) fn event_log(&self) -> Arc<EventLog> {
        self.log.load_full()
    }

    /// Replaces the event log, and returns the old one.
    pub(crate) fn replace_event_log(&self, log: EventLog) -> Arc<EventLog> {
        self.log.swap(Arc::new(log))
    }

    /// Replaces the event log unless another thread replaced it since `known` was read.
    ///
    /// # Errors
    /// The log that is there instead.
    pub(super) fn append(
        &self,
        known: &Arc<EventLog>,
        longer: EventLog,
    ) -> Result<(), Arc<EventLog>> {
        let before = self.log.compare_and_swap(known, Arc::new(longer));
        if Arc::ptr_eq(&before, known) { Ok(()) } else { Err(self.event_log()) }
    }
}
