//! The way of a request, in one screen.

mod answers;

use std::sync::Arc;

use answers::Answers;
use arc_swap::ArcSwap;

use crate::fault::{Faults, Fired};
use crate::gateway::{Admitted, Exchange, Gateway, Memory};
use crate::journal::{Full, Journal, MOST};
use crate::plan::Plan;
use crate::service::{Granted, Target};
use crate::wire::refusal::{Explanation, Reason, Refusal};
use crate::wire::{Payload, Reply, Request};
use crate::world::time::Timestamp;

/// What is sent back, and what to tell the person who runs the server.
pub struct Answer {
    pub reply: Reply,
    /// The operation that was recognised.
    pub target: Option<Target>,
    /// None if the request got what it asked for.
    pub refused: Option<Refused>,
    /// What went wrong on purpose.
    pub fault: Option<Fired>,
}

/// A no: for the log, and for `/_syncmock/refusals`.
pub struct Refused {
    /// As the answer says it; empty if the vendor gives none.
    pub code: String,
    pub request_id: String,
    /// What would have helped; also in the reply, as `x-syncmock-hint`.
    pub hint: Option<String>,
    pub explanation: Option<Box<Explanation>>,
}

impl Answer {
    pub fn granted(&self) -> bool {
        self.refused.is_none()
    }

    pub fn hint(&self) -> Option<&str> {
        self.refused.as_ref()?.hint.as_deref()
    }
}

/// Answers a request at an instant, as the first one there is. The same arguments give the
/// same bytes, on any thread of any process.
pub fn respond(plan: &Plan, request: &Request, now: Timestamp) -> Answer {
    respond_after(plan, &Past::new(plan), request, now)
}

/// What went before a request: a nonce may be used up, or a quota, and clients may have
/// changed the world. Nobody who asks waits for anybody.
#[derive(Debug)]
pub struct Past {
    pub memory: Memory,
    journal: ArcSwap<Journal>,
    faults: ArcSwap<Faults>,
    answers: Answers,
}

impl Past {
    /// Nothing yet.
    pub fn new(plan: &Plan) -> Self {
        Self {
            memory: Memory::new(&plan.gateway),
            journal: ArcSwap::default(),
            faults: ArcSwap::from_pointee(Faults::of(plan)),
            answers: Answers::default(),
        }
    }

    pub fn faults(&self) -> Arc<Faults> {
        self.faults.load_full()
    }

    pub fn replace_faults(&self, faults: Faults) {
        self.faults.store(Arc::new(faults));
    }

    pub fn journal(&self) -> Arc<Journal> {
        self.journal.load_full()
    }

    /// Puts another journal in the place of the one there is, which it returns.
    pub fn replace_journal(&self, journal: Journal) -> Arc<Journal> {
        self.journal.swap(Arc::new(journal))
    }
}

/// Answers a request after others.
pub fn respond_after(plan: &Plan, past: &Past, request: &Request, now: Timestamp) -> Answer {
    // Faults count calls.
    let repeatable = past.faults.load().is_empty();
    if repeatable && let Some(answer) = past.answers.get(request, now, &past.journal.load()) {
        return answer;
    }
    let gateway = Gateway::of(request);
    let exchange = Exchange::new(plan, &past.memory, request, now, gateway);

    let recognised = gateway.recognise(&exchange);
    let target = recognised.as_ref().ok().map(|call| call.target);
    let mut fault = None;
    let outcome = recognised.and_then(|call| gateway.admit(call, past.journal()));
    let outcome = outcome.and_then(|admitted| {
        fault = past.faults.load().meet(&admitted, plan.seed);
        match fault.as_ref().and_then(Fired::instead) {
            Some(instead) => Ok((instead.answer(admitted.target())?, None)),
            None => handle(admitted, past),
        }
    });

    let answer = match outcome {
        Ok((payload, unchanged)) => {
            let reply = gateway.grant(&exchange, payload);
            if let Some(journal) = unchanged.filter(|_| repeatable && !exchange.counted()) {
                past.answers.keep(request, now, journal, target, &reply);
            }
            Answer { reply, target, refused: None, fault: None }
        }
        Err(refusal) => {
            let error = gateway.word(&exchange, target, &refusal.reason);
            let reply = gateway.refuse(&exchange, target, &refusal, &error);
            let request_id = gateway.request_id(&exchange);
            let Refusal { hint, explanation, .. } = refusal;
            let code = error.code.into_owned();
            let refused = Some(Refused { code, request_id, hint, explanation });
            Answer { reply, target, refused, fault: None }
        }
    };
    let reply = fault.iter().fold(answer.reply, |reply, fault| fault.spoil(reply));
    Answer { reply, fault, ..answer }
}

/// Asks the handler, and writes down what it changes. If somebody else was faster with a
/// change, what the handler said may no longer be so, and it is asked again. Also gives the
/// journal that the answer comes from, if it changes nothing.
fn handle(mut call: Admitted<'_>, past: &Past) -> Result<(Payload, Option<Arc<Journal>>), Refusal> {
    loop {
        let Granted { payload, change } = (call.target().operation.handler)(&call)?;
        let journal = call.journal().clone();
        let Some(change) = change else { return Ok((payload, Some(journal))) };
        let longer = journal.with(call.plan(), call.now(), change).map_err(|Full| {
            let hint = format!("the journal has {MOST} changes; POST /_syncmock/reset empties it");
            Refusal::from(Reason::Internal).hint(hint)
        })?;
        let found = past.journal.compare_and_swap(&journal, Arc::new(longer));
        if Arc::ptr_eq(&found, &journal) {
            return Ok((payload, None));
        }
        call = call.after(past.journal());
    }
}
