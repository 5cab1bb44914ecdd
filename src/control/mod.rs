//! The control API: what a person or a test may ask of the server itself, under
//! `/_syncmock/`. It knows no sockets: a request comes in whole and a reply goes out.

mod access;
mod clock_api;
mod faults_api;
mod files_api;
mod members;
mod refusals;
mod state_api;
mod virtual_clock;

pub(crate) use access::ControlAccess;
pub(crate) use refusals::Refusals;
pub(crate) use virtual_clock::{Clock, machine_now};

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::engine::{
    self, Answer, ClockPlan, EventLog, FaultCounts, MAX_EXPORT, Plan, RestoreError, WorldExport,
    WorldState,
};
use crate::wire::{Problem, Reply, Request, nearest};

const ROOT: &str = "/_syncmock";

/// A running world, and what can be controlled of it.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) plan: Arc<Plan>,
    pub(crate) clock: Clock,
    pub(crate) state: WorldState,
    pub(crate) refusals: Refusals,
    access: ControlAccess,
}

impl Control {
    /// The clock starts now.
    pub(crate) fn new(plan: Arc<Plan>, access: ControlAccess) -> Self {
        let (clock, state) = (Clock::new(plan.clock), WorldState::new(&plan));
        Self { plan, clock, state, refusals: Refusals::default(), access }
    }

    /// The refusal of a request for the control API that may not use it: known before its body is
    /// read.
    pub(crate) fn refusal_of(&self, head: &Parts) -> Option<Reply> {
        let path = head.uri.path();
        if !owns(path) || files_api::path(path).is_some() {
            return None;
        }
        let problem = permitted(self, &head.method, path, &head.headers).err()?;
        Some(uncached(problem.into()))
    }

    /// Answers a request, whether it is for a vendor or for the control API.
    pub(crate) fn respond(&self, request: &Request) -> Answer {
        if owns(request.uri().path()) {
            return Answer::other(answer(self, request));
        }
        let clock = self.clock.read();
        let answer = engine::respond(&self.plan, &self.state, request, clock);
        self.refusals.note(request, &answer, clock.now);
        answer
    }

    /// The world as it is now.
    ///
    /// # Errors
    /// If an event cannot be written as JSON, which is a bug.
    pub(crate) fn export(&self) -> Result<WorldExport, serde_json::Error> {
        WorldExport::of(&self.plan, &self.state.event_log(), self.clock.now())
    }

    /// Replaces the event log and the time by those of an exported world.
    ///
    /// # Errors
    /// If it was exported from another world; then nothing has changed.
    pub(crate) fn restore(&self, export: WorldExport) -> Result<(), RestoreError> {
        let now = export.now;
        self.state.replace_event_log(export.event_log(&self.plan)?);
        self.clock.set(Some(now), None);
        Ok(())
    }

    /// Brings the world back to its start, but for the parts to keep. Returns how many events its
    /// log had if that was emptied.
    pub(crate) fn reset(&self, keep: &[Part]) -> usize {
        let resets = |part| !keep.contains(&part);
        if resets(Part::Clock) {
            let ClockPlan { start, speed, .. } = self.plan.clock;
            self.clock.set(Some(start), Some(speed));
        }
        if resets(Part::Quotas) {
            self.state.store.forget_calls();
        }
        if resets(Part::Nonces) {
            self.state.store.forget_nonces();
        }
        if resets(Part::Faults) {
            self.state.replace_faults(FaultCounts::of(&self.plan));
        }
        if resets(Part::Refusals) {
            self.refusals.clear();
        }
        match resets(Part::Events) {
            true => self.state.replace_event_log(EventLog::default()).events().len(),
            false => 0,
        }
    }
}

/// A part of a world's state, which a reset brings back to the start or leaves alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    /// What clients changed.
    Events,
    /// The time and the speed.
    Clock,
    /// The calls that were counted.
    Quotas,
    Nonces,
    /// Those of the scenario instead of those that were put, and their counts.
    Faults,
    Refusals,
}

type Handler = fn(&Control, &Request) -> Result<Vec<u8>, Problem>;

struct Route {
    method: Method,
    path: &'static str,
    handler: Handler,
}

static ROUTES: [Route; 10] = [
    Route { method: Method::GET, path: HEALTH, handler: health },
    Route { method: Method::GET, path: "/_syncmock/clock", handler: clock_api::show },
    Route { method: Method::PUT, path: "/_syncmock/clock", handler: clock_api::set },
    Route { method: Method::POST, path: "/_syncmock/clock/advance", handler: clock_api::advance },
    Route { method: Method::GET, path: "/_syncmock/refusals", handler: refusals::show },
    Route { method: Method::GET, path: "/_syncmock/faults", handler: faults_api::show },
    Route { method: Method::PUT, path: "/_syncmock/faults", handler: faults_api::set },
    Route { method: Method::GET, path: STATE, handler: state_api::show },
    Route { method: Method::PUT, path: STATE, handler: state_api::set },
    Route { method: Method::POST, path: "/_syncmock/reset", handler: state_api::reset },
];

/// Size of a request (bytes: target and body) above which its answer may take long.
const LARGE_REQUEST: usize = 16 << 10;

/// Whether the answer may take so long that other requests should not wait for it: the request is
/// large, or it is for one of control's documents.
pub(crate) fn may_take_long(request: &Request) -> bool {
    let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
    let is_quick = |path: &str| path == HEALTH || path.starts_with("/_syncmock/clock");
    path.len() + query.len() + request.body().len() > LARGE_REQUEST
        || (owns(path) && !is_quick(path))
}

const STATE: &str = "/_syncmock/state";

/// The longest body, in bytes, of a request that takes a longer one than a vendor's does: what one
/// server exports, another one takes.
pub(crate) fn longest_body(method: &Method, path: &str) -> Option<usize> {
    (path == STATE && method == Method::PUT).then_some(MAX_EXPORT)
}

/// Whether a path belongs to the control API and not to a vendor.
fn owns(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn answer(control: &Control, request: &Request) -> Reply {
    let (method, path) = (request.method(), request.uri().path());
    let outcome = match files_api::path(path) {
        Some(path) => files_api::show(control, request, path),
        None => permitted(control, method, path, request.headers())
            .and_then(|handler| handler(control, request))
            .map(success_reply),
    };
    uncached(outcome.unwrap_or_else(Reply::from))
}

fn uncached(mut reply: Reply) -> Reply {
    reply.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

/// What answers a request with that head.
fn permitted(
    control: &Control,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<Handler, Problem> {
    control.access.check_origin(headers)?;
    let route = find(method, path)?;
    match control.access.has_token(headers) {
        true => Ok(route.handler),
        // Whoever probes a container has no token.
        false if route.path == HEALTH => Ok(|_, _| json(&Alive::NOW)),
        false => Err(access::token_needed()),
    }
}

fn find(method: &Method, path: &str) -> Result<&'static Route, Problem> {
    let here = || ROUTES.iter().filter(|route| route.path == path);
    let called = if method == Method::HEAD { &Method::GET } else { method };
    match here().find(|route| route.method == called) {
        Some(route) => Ok(route),
        None if here().next().is_some() => Err(wrong_method(method, path, here())),
        None => Err(unknown_path(path)),
    }
}

fn wrong_method(
    method: &Method,
    path: &str,
    routes: impl Iterator<Item = &'static Route>,
) -> Problem {
    let mut methods: Vec<&str> = routes.map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    let detail = format!("{path} is not called with {method}");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
        .hint(format!("it is called with {}", methods.join(", ")));
    Problem { allow: Some(methods.join(", ")), ..problem }
}

fn unknown_path(path: &str) -> Problem {
    let list: Vec<String> =
        ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let detail = format!("no such path: {path}; there are {}", list.join(", "));
    let problem = Problem::new(StatusCode::NOT_FOUND, detail);
    match nearest(path, ROUTES.iter().map(|route| route.path)) {
        Some(meant) => problem.hint(format!("did you mean {meant}?")),
        None => problem,
    }
}

const HEALTH: &str = "/_syncmock/health";

/// The part of the health that anybody may know. The seed is not: tokens are keyed from it.
#[derive(Serialize)]
struct Alive {
    status: &'static str,
    name: &'static str,
    version: &'static str,
}

impl Alive {
    const NOW: Self = Self { status: "ok", name: "syncmock", version: env!("CARGO_PKG_VERSION") };
}

#[derive(Serialize)]
struct Health<'p> {
    #[serde(flatten)]
    alive: Alive,
    scenario: &'p str,
    seed: u64,
    now: String,
}

fn health(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    json(&Health {
        alive: Alive::NOW,
        scenario: &control.plan.name,
        seed: control.plan.seed.0,
        now: control.clock.now().iso_millis(),
    })
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value)
        .map_err(|e| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))
}

fn success_reply(body: Vec<u8>) -> Reply {
    let mut reply = Reply::new(body.into());
    let json = HeaderValue::from_static("application/json");
    reply.headers_mut().insert(header::CONTENT_TYPE, json);
    reply
}

#[cfg(test)]
mod tests;
