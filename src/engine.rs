//! The way of a request, in one screen.

use crate::gateway::{Exchange, Gateway};
use crate::plan::Plan;
use crate::service::Target;
use crate::wire::{Reply, Request};
use crate::world::time::Timestamp;

/// What is sent back, and what to tell the person who runs the server.
pub struct Answer {
    pub reply: Reply,
    /// Whether the request got what it asked for.
    pub granted: bool,
    /// The operation that was recognised.
    pub target: Option<Target>,
    /// What would have helped; also in the reply, as `x-syncmock-hint`.
    pub hint: Option<String>,
}

/// Answers a request at an instant. The same arguments give the same bytes, on any thread
/// of any process.
pub fn respond(plan: &Plan, request: &Request, now: Timestamp) -> Answer {
    let gateway = Gateway::of(request);
    let exchange = Exchange::new(plan, request, now, gateway);

    let recognised = gateway.recognise(&exchange);
    let target = recognised.as_ref().ok().map(|call| call.target);
    let outcome = recognised
        .and_then(|call| gateway.admit(call))
        .and_then(|admitted| (admitted.target().operation.handler)(&admitted));

    let granted = outcome.is_ok();
    let hint = outcome.as_ref().err().and_then(|refusal| refusal.hint.clone());
    let reply = match outcome {
        Ok(payload) => gateway.grant(&exchange, payload),
        Err(refusal) => gateway.refuse(&exchange, target, &refusal),
    };
    Answer { reply, granted, target, hint }
}
