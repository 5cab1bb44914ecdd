//! The faults of a running world, and how often each has matched a call and fired.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderName;

use super::call::AuthorizedCall;
use super::key_counts::{KeyCounts, atomic_words};
use super::plan::Plan;
use crate::fault::{CallFacts, Effects, Fault};
use crate::wire::error::{ApiError, ErrorCatalog};
use crate::wire::{Payload, Reply, header_value};
use crate::world::draw::Seed;

/// Counts are atomic words, so no request waits for another.
#[derive(Debug, Default)]
pub(crate) struct FaultCounts {
    faults: Vec<Arc<Fault>>,
    /// For each fault and caller, how many calls it has matched.
    calls: KeyCounts,
    /// For each fault, how many calls of anybody it has matched.
    matched: Box<[AtomicU64]>,
    fired: Box<[AtomicU64]>,
    /// How many access keys the plan has.
    keys: usize,
}

/// A fault that fires for a call.
#[derive(Clone, Debug)]
pub(crate) struct FiredFault {
    pub(crate) fault: Arc<Fault>,
    /// How often it has fired, from 1.
    pub(crate) count: u64,
    /// The number of the call, among those of its access key that the fault matches.
    pub(crate) call: u64,
    pub(crate) effects: Effects,
}

impl FiredFault {
    /// The answer in place of the handler's, if the fault has one. The hint of an error names the
    /// fault, unless the fault is to stay hidden.
    pub(super) fn replace(&self, errors: ErrorCatalog) -> Option<Result<Payload, ApiError>> {
        let replaced = self.fault.action.replacement.as_ref()?.answer(errors);
        Some(replaced.map_err(|error| match self.fault.announced {
            true => error.hint(format!(
                "the fault {} of this world fired at call {}; GET /_syncmock/faults shows it",
                self.label(),
                self.call
            )),
            false => error,
        }))
    }

    /// The answer, changed by the fault's action.
    pub(super) fn corrupt(&self, reply: Reply) -> Reply {
        let mut reply = match self.fault.action.corruption {
            Some(corruption) => corruption.apply(reply),
            None => reply,
        };
        if self.fault.announced {
            let name = HeaderName::from_static("x-syncmock-fault");
            reply.headers_mut().insert(name, header_value(&self.label()));
        }
        reply
    }

    /// `NAME#COUNT`
    pub(crate) fn label(&self) -> String {
        format!("{}#{}", self.fault.name, self.count)
    }
}

impl FaultCounts {
    /// Those of the plan.
    pub(crate) fn of(plan: &Plan) -> Self {
        Self::new(plan.faults.clone(), plan.access.keys.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// `keys` is how many access keys the plan has.
    pub(crate) fn new(faults: Vec<Arc<Fault>>, keys: usize) -> Self {
        let count = faults.len();
        let calls = KeyCounts::new(count, keys);
        Self { faults, calls, matched: atomic_words(count, 0), fired: atomic_words(count, 0), keys }
    }

    /// One fault alone.
    ///
    /// # Errors
    /// The names that there are, if there is none of that name.
    pub(crate) fn only(self, name: &str) -> Result<Self, Vec<String>> {
        match self.faults.iter().find(|fault| fault.name == name) {
            Some(fault) => Ok(Self::new(vec![fault.clone()], self.keys)),
            None => Err(self.faults.iter().map(|fault| fault.name.clone()).collect()),
        }
    }

    /// The state after `calls` calls with every key.
    pub(crate) fn after(self, calls: u64) -> Self {
        Self { calls: KeyCounts::starting_at(calls, self.faults.len(), self.keys), ..self }
    }

    /// The faults, each with how many calls it has looked at and how often it has fired.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&Arc<Fault>, u64, u64)> {
        let matched = self.matched.iter().map(|word| word.load(Ordering::Relaxed));
        let fired = self.fired.iter().map(|word| word.load(Ordering::Relaxed));
        self.faults.iter().zip(matched).zip(fired).map(|((fault, calls), n)| (fault, calls, n))
    }

    /// The first fault that fires for the call. Every fault that matches it counts it.
    pub(super) fn decide(&self, call: &AuthorizedCall<'_>, seed: Seed) -> Option<FiredFault> {
        if self.faults.is_empty() {
            return None;
        }
        let (routed, caller) = (call.routed(), call.caller());
        let facts = CallFacts {
            service: routed.operation.service().name(),
            operation: routed.operation.name(),
            key: caller.listed(),
            now: call.now(),
            page: &|| routed.operation.page(routed),
            errors: routed.operation.of.errors(),
        };
        let mut first = None;
        for (index, fault) in self.faults.iter().enumerate() {
            if !fault.matches(&facts) {
                continue;
            }
            let add = |word: &AtomicU64| word.fetch_add(1, Ordering::Relaxed) + 1;
            self.matched.get(index).map(add);
            let number = self.calls.update(index, caller, add).unwrap_or(1);
            if first.is_none() && fault.fires(number, seed) {
                let count = self.fired.get(index).map_or(1, add);
                let effects = fault.effects(number, seed);
                first = Some(FiredFault { fault: fault.clone(), count, call: number, effects });
            }
        }
        first
    }
}
