//! The way of a request, on one screen.
//!
//! ```text
//! request ─► claimed_by ─► route ─► authorize ─► fault ─► handler ─► the vendor's reply
//!            which vendor  which    credentials  decided  service    headers, or the error in
//!                          operation quotas                          the vendor's words
//! ```

mod call;
pub(crate) mod credentials;
pub(crate) mod diagnosis;
mod dialect;
mod event_log;
mod fault_counts;
mod key_counts;
mod plan;
mod quotas;
mod read_snapshot;
mod redactor;
mod registry;
mod response_cache;
mod route;
mod service;
mod world_export;
mod world_state;

pub(crate) use call::{AuthorizedCall, RequestContext, RoutedCall};
pub(crate) use dialect::{AnyDialect, Claim, Dialect, ErasedDialect, NoSettings, content_type};
pub(crate) use event_log::EventLog;
pub(crate) use event_log::{Full, MAX_BYTES, MAX_EVENTS};
#[cfg(test)]
pub(crate) use event_log::{InvalidEventLog, LoggedEvent, Projections};
pub(crate) use fault_counts::{FaultCounts, FiredFault};
pub(crate) use plan::{ClockPlan, ClockReading, Loaded, Options, Plan, load};
#[cfg(test)]
pub(crate) use quotas::QuotaAndNonceStore;
pub(crate) use read_snapshot::ReadSnapshot;
pub(crate) use redactor::Redactor;
#[cfg(test)]
pub(crate) use registry::AnyEvent;
pub(crate) use registry::{AnyService, ErasedService, OperationRef, Registry, ServiceRef, Vendor};
pub(crate) use route::{route_by_action, route_by_path};
pub(crate) use service::{
    Call, Event, Evidence, FILES, File, FileError, HandlerResult, Operation, OperationInfo,
    Outcome, ReadRules, Route, Service, View, render_as,
};
pub use world_export::RestoreError;
pub(crate) use world_export::{MAX_EXPORT, WorldExport};
pub(crate) use world_state::WorldState;

use std::sync::Arc;

use http::{HeaderName, StatusCode, header};

use crate::wire::error::{ApiError, Diagnosis, Reason};
use crate::wire::{Arguments, Payload, Reply, Request, header_value, shortened_hint};
#[cfg(test)]
use crate::world::time::Timestamp;
use call::{authorize, is_missing_parameter, requested_error, unknown_parameters};

/// The reply, and facts about it for the log.
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    /// The operation that was recognised.
    pub(crate) operation: Option<OperationRef>,
    /// None if the request succeeded.
    pub(crate) refused: Option<RefusedRequest>,
    /// The fault that fired.
    pub(crate) fault: Option<FiredFault>,
}

/// A refusal, hard or soft: for the log, and for `/_syncmock/refusals`.
pub(crate) struct RefusedRequest {
    /// The vendor's code, or the status that its answer says where it has no code.
    pub(crate) code: String,
    pub(crate) request_id: String,
    /// How to correct the request; also in the reply, as `x-syncmock-hint`.
    pub(crate) hint: Option<String>,
    pub(crate) diagnosis: Option<Box<Diagnosis>>,
}

impl Answer {
    /// An answer that comes from no vendor.
    pub(crate) fn other(reply: Reply) -> Self {
        Self { reply, operation: None, refused: None, fault: None }
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.refused.is_none()
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.refused.as_ref()?.hint.as_deref()
    }

    /// The parameters of the request that the operation does not know: for a log, so found only
    /// when they are asked for.
    pub(crate) fn unknown_parameters(&self, request: &Request) -> Vec<String> {
        let Some(operation) = self.operation else { return Vec::new() };
        unknown_parameters(operation, &Arguments::of(request)).map(str::to_owned).collect()
    }
}

/// Answers a request at an instant, after the requests that made the state. The same arguments
/// give the same bytes, on any thread of any process.
pub(crate) fn respond(
    plan: &Plan,
    state: &WorldState,
    request: &Request,
    clock: impl Into<ClockReading>,
) -> Answer {
    let clock = clock.into();
    let now = clock.now;
    let faults = state.faults();
    // Faults count calls, so a cached response must not hide one.
    let repeatable = faults.is_empty();
    if repeatable && let Some(answer) = state.responses.get(request, now, &state.event_log()) {
        return answer;
    }
    let Some(claimed_by) = plan.claimed_by(request) else {
        return Answer::other(http::Response::default());
    };
    let context = RequestContext::new(plan, &state.store, request, clock, claimed_by);
    let call = match context.dialect.route(&context, claimed_by.operations) {
        Ok(call) => call,
        Err(error) => return refuse(&context, None, error),
    };
    match requested_error(&call) {
        Ok(None) => {}
        Ok(Some(entry)) => return refuse(&context, Some(&call), Reason::Requested(entry).into()),
        Err(problem) => {
            return Answer { operation: Some(call.operation), ..Answer::other(problem.into()) };
        }
    }
    let mut fired = None;
    let outcome = authorize(&call, state.event_log()).and_then(|authorized| {
        fired = faults.decide(&authorized, plan.seed);
        let replaced = fired.as_ref().and_then(|fault| fault.replace(call.operation.of.errors()));
        match replaced {
            Some(Ok(payload)) => Ok((payload, None)),
            Some(Err(error)) => Err(error),
            None => handle(authorized, state),
        }
    });
    let answer = match outcome {
        Ok((payload, unchanged)) => {
            let mut reply = success_reply(&call, payload);
            set_date(&context, &mut reply);
            if let Some(log) = unchanged.filter(|_| repeatable && !context.counted()) {
                state.responses.keep(request, now, log, call.operation, &reply);
            }
            Answer { operation: Some(call.operation), ..Answer::other(reply) }
        }
        Err(error) => refuse(&context, Some(&call), error),
    };
    let reply = fired.iter().fold(answer.reply, |reply, fault| fault.corrupt(reply));
    Answer { reply, fault: fired, ..answer }
}

/// Asks the handler, and records its event. If another request recorded one first, the handler's
/// answer may be outdated, and it is asked again. A read is answered whether or not the log has
/// room. Also gives the event log that the answer comes from, if there was nothing to record.
fn handle(
    mut call: AuthorizedCall<'_>,
    state: &WorldState,
) -> Result<(Payload, Option<Arc<EventLog>>), ApiError> {
    let operation = call.routed().operation;
    loop {
        let outcome = operation.handle(&call)?;
        let log = call.log().clone();
        let Some(event) = outcome.event else { return Ok((outcome.payload, Some(log))) };
        let is_poll = event.is_poll();
        let longer = match log.with(call.plan(), call.now(), operation.of.index, event) {
            Ok(longer) => longer,
            Err(Full) if is_poll => return Ok((outcome.payload, None)),
            Err(Full) => return Err(no_room()),
        };
        match state.append(&log, longer) {
            Ok(()) => return Ok((outcome.payload, None)),
            Err(newer) => call = call.after(newer),
        }
    }
}

/// The event log is full.
fn no_room() -> ApiError {
    let mebibytes = MAX_BYTES >> 20;
    ApiError::from(Reason::Internal).hint(format!(
        "the event log is full: it has room for {MAX_EVENTS} events, and for {mebibytes} MiB of \
         them; POST /_syncmock/reset empties it"
    ))
}

/// The reply to a successful call, without its date.
fn success_reply(call: &RoutedCall<'_>, payload: Payload) -> Reply {
    let mut reply = Reply::new(payload.body.into());
    *reply.status_mut() = StatusCode::from_u16(payload.status).unwrap_or(StatusCode::OK);
    call.context.dialect.set_headers(call, &mut reply);
    for (name, value) in payload.headers {
        reply.headers_mut().insert(name, value);
    }
    reply
}

/// The refusal in the vendor's words: the service's own, or else the gateway's.
fn refuse(
    context: &RequestContext<'_>,
    call: Option<&RoutedCall<'_>>,
    mut error: ApiError,
) -> Answer {
    let dialect = context.dialect;
    if error.hint.is_none() && is_missing_parameter(&error.reason) {
        error.hint = call.and_then(RoutedCall::hint_for_unknown_parameter);
    }
    error.hint = error.hint.map(shortened_hint);
    let vendor_error = call
        .and_then(|call| call.operation.service().vendor_error(call, &error.reason))
        .unwrap_or_else(|| dialect.vendor_error(context, &error.reason));
    let soft = call.and_then(|call| {
        let payload = call.operation.service().soft_error(call, &error, &vendor_error)?;
        Some(success_reply(call, payload))
    });
    let mut reply =
        soft.unwrap_or_else(|| dialect.render_error(context, call, &error, &vendor_error));
    set_date(context, &mut reply);
    if let Some(hint) = &error.hint {
        let name = HeaderName::from_static("x-syncmock-hint");
        reply.headers_mut().insert(name, header_value(hint));
    }
    let refused = Some(RefusedRequest {
        code: match &*vendor_error.code {
            "" => vendor_error.status.to_string(),
            code => code.to_owned(),
        },
        request_id: dialect.request_id(context),
        hint: error.hint,
        diagnosis: error.diagnosis,
    });
    let operation = call.map(|call| call.operation);
    Answer { operation, refused, ..Answer::other(reply) }
}

/// Answers are dated by the virtual clock, for clients that check skew against it.
fn set_date(context: &RequestContext<'_>, reply: &mut Reply) {
    reply.headers_mut().insert(header::DATE, header_value(&context.now.http_date()));
}

/// Answers a request as the first one to its world.
#[cfg(test)]
pub(crate) fn respond_first(plan: &Plan, request: &Request, now: Timestamp) -> Answer {
    respond(plan, &WorldState::new(plan), request, now)
}

/// Checks the credentials of a request as the gateway of the dialect does, whatever the path and
/// the scenario's `gateway.credentials`.
#[cfg(test)]
pub(crate) fn authenticate<D: Dialect>(
    plan: &Plan,
    store: &QuotaAndNonceStore,
    request: &Request,
    now: Timestamp,
) -> Result<usize, ApiError> {
    let claimed_by = plan.claimed_by_dialect::<D>();
    let context = RequestContext::new(plan, store, request, now.into(), claimed_by);
    let call = D::route(&context, claimed_by.operations).or_else(|_| {
        let arguments = context.arguments()?.clone();
        Ok::<_, ApiError>(RoutedCall::new(&context, claimed_by.operations[0], arguments))
    })?;
    D::authenticate(&call)
}
