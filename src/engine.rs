//! The way of a request, in one screen.

use crate::gateway::{Exchange, Gateway, Memory};
use crate::plan::Plan;
use crate::service::Target;
use crate::wire::refusal::{Explanation, Refusal};
use crate::wire::{Reply, Request};
use crate::world::time::Timestamp;

/// What is sent back, and what to tell the person who runs the server.
pub struct Answer {
    pub reply: Reply,
    /// The operation that was recognised.
    pub target: Option<Target>,
    /// None if the request got what it asked for.
    pub refused: Option<Refused>,
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
    respond_after(plan, &Memory::new(&plan.gateway), request, now)
}

/// Answers a request after others: a nonce may be used up by then, or a quota.
pub fn respond_after(plan: &Plan, memory: &Memory, request: &Request, now: Timestamp) -> Answer {
    let gateway = Gateway::of(request);
    let exchange = Exchange::new(plan, memory, request, now, gateway);

    let recognised = gateway.recognise(&exchange);
    let target = recognised.as_ref().ok().map(|call| call.target);
    let outcome = recognised
        .and_then(|call| gateway.admit(call))
        .and_then(|admitted| (admitted.target().operation.handler)(&admitted));

    match outcome {
        Ok(payload) => Answer { reply: gateway.grant(&exchange, payload), target, refused: None },
        Err(refusal) => {
            let error = gateway.word(&exchange, target, &refusal.reason);
            let reply = gateway.refuse(&exchange, target, &refusal, &error);
            let request_id = gateway.request_id(&exchange);
            let Refusal { hint, explanation, .. } = refusal;
            let code = error.code.into_owned();
            Answer { reply, target, refused: Some(Refused { code, request_id, hint, explanation }) }
        }
    }
}
