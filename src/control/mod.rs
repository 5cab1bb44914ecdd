//! The control API: what a person or a test may ask of the server itself, under
//! `/_syncmock/`.
//!
//! It knows no sockets: a request comes in whole and a reply goes out.

mod clock;
mod faults;
mod files;
mod problem;
mod refusals;
mod state;

pub use problem::Problem;
pub use refusals::Refusals;

use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;

use crate::engine::Past;
use crate::gateway::nearest::nearest;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::server::Clock;
use crate::state::{Refused, State};
use crate::wire::{Reply, Request};

const ROOT: &str = "/_syncmock";

/// What can be controlled.
#[derive(Debug)]
pub struct Control {
    pub plan: Arc<Plan>,
    pub clock: Arc<Clock>,
    /// What requests left behind.
    pub past: Past,
    pub refusals: Refusals,
}

impl Control {
    pub fn new(plan: Arc<Plan>, clock: Arc<Clock>) -> Self {
        let past = Past::new(&plan);
        Self { plan, clock, past, refusals: Refusals::default() }
    }

    /// The world as it is now.
    pub fn state(&self) -> State {
        State::of(&self.plan, &self.past.journal(), self.clock.now())
    }

    /// Goes on from a state: its journal in the place of the one there is, its time on the
    /// clock.
    ///
    /// # Errors
    /// If it is not a state of this world; then nothing has changed.
    pub fn restore(&self, state: State) -> Result<(), Refused> {
        let now = state.now;
        self.past.replace_journal(state.journal(&self.plan)?);
        self.clock.set(Some(now), None);
        Ok(())
    }

    /// Takes back all that clients changed; says how many changes that were.
    pub fn reset(&self) -> usize {
        self.past.replace_journal(Journal::default()).entries().len()
    }
}

struct Route {
    method: Method,
    path: &'static str,
    handler: fn(&Control, &Request) -> Result<Vec<u8>, Problem>,
}

static ROUTES: [Route; 10] = [
    Route { method: Method::GET, path: "/_syncmock/health", handler: health },
    Route { method: Method::GET, path: "/_syncmock/clock", handler: clock::show },
    Route { method: Method::PUT, path: "/_syncmock/clock", handler: clock::set },
    Route { method: Method::POST, path: "/_syncmock/clock/advance", handler: clock::advance },
    Route { method: Method::GET, path: "/_syncmock/refusals", handler: refusals::show },
    Route { method: Method::GET, path: "/_syncmock/faults", handler: faults::show },
    Route { method: Method::PUT, path: "/_syncmock/faults", handler: faults::set },
    Route { method: Method::GET, path: "/_syncmock/state", handler: state::show },
    Route { method: Method::PUT, path: "/_syncmock/state", handler: state::set },
    Route { method: Method::POST, path: "/_syncmock/reset", handler: state::reset },
];

/// Whether a path is not for any vendor but for [`answer`].
pub fn owns(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub fn answer(control: &Control, request: &Request) -> Reply {
    let outcome = match files::path(request) {
        Some(path) => files::show(control, request, path),
        None => find(request).and_then(|route| (route.handler)(control, request)).map(granted),
    };
    let mut reply = outcome.unwrap_or_else(Reply::from);
    reply.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

fn find(request: &Request) -> Result<&'static Route, Problem> {
    let path = request.uri().path();
    let here = || ROUTES.iter().filter(|route| route.path == path);
    let method = match *request.method() {
        Method::HEAD => &Method::GET,
        ref method => method,
    };
    match here().find(|route| route.method == method) {
        Some(route) => Ok(route),
        None if here().next().is_some() => Err(wrong_method(request, here())),
        None => Err(unknown_path(path)),
    }
}

fn wrong_method(request: &Request, routes: impl Iterator<Item = &'static Route>) -> Problem {
    let mut methods: Vec<&str> = routes.map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    let detail = format!("{} is not called with {}", request.uri().path(), request.method());
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

#[derive(Serialize)]
struct Health<'p> {
    status: &'static str,
    name: &'static str,
    version: &'static str,
    scenario: &'p str,
    seed: u64,
    now: String,
}

fn health(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    json(&Health {
        status: "ok",
        name: "syncmock",
        version: env!("CARGO_PKG_VERSION"),
        scenario: &control.plan.name,
        seed: control.plan.seed.0,
        now: control.clock.now().iso_millis(),
    })
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value)
        .map_err(|e| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))
}

fn granted(body: Vec<u8>) -> Reply {
    let mut reply = Reply::new(body.into());
    let json = HeaderValue::from_static("application/json");
    reply.headers_mut().insert(header::CONTENT_TYPE, json);
    reply
}

#[cfg(test)]
mod tests;
