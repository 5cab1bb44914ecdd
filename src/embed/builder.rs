//! The configuration of an embedded server, and the errors of starting it.

use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::{InProcess, Server};
use crate::control::{ControlAccess, machine_now};
use crate::engine::{Options, Plan};
use crate::scenario;
use crate::scenario::value::{InvalidValue, Moment};
use crate::server::{self, Limits};
use crate::vendors;
use crate::world::time::Timestamp;

/// Maximum time that dropping a server waits for requests in flight.
const DRAIN_TIME: Duration = Duration::from_millis(100);

/// The configuration of a server.
#[must_use = "nothing runs until `start`"]
#[derive(Clone, Debug, Default)]
pub struct Builder {
    source: Source,
    now: Option<String>,
    options: Options,
}

#[derive(Clone, Debug)]
enum Source {
    Shipped(String),
    Text(String),
    Path(PathBuf),
}

impl Default for Source {
    fn default() -> Self {
        Self::Shipped("default".into())
    }
}

impl Builder {
    /// The shipped scenario `default`, on the machine's time.
    pub fn new() -> Self {
        Self::default()
    }

    /// A shipped scenario, by name. The last call of this method and the two below applies.
    pub fn scenario(self, name: impl Into<String>) -> Self {
        Self { source: Source::Shipped(name.into()), ..self }
    }

    /// A scenario written in the test itself; `version = 1` is its shortest.
    pub fn scenario_text(self, toml: impl Into<String>) -> Self {
        Self { source: Source::Text(toml.into()), ..self }
    }

    /// A scenario file.
    pub fn scenario_path(self, path: impl Into<PathBuf>) -> Self {
        Self { source: Source::Path(path.into()), ..self }
    }

    /// The seed of all generated data, instead of the scenario's.
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = Some(seed);
        self
    }

    /// When the clock starts: an instant like `2026-03-01T08:00:00Z`.
    pub fn now(self, instant: impl Into<String>) -> Self {
        Self { now: Some(instant.into()), ..self }
    }

    /// The clock stands still until it is turned.
    pub fn frozen(self) -> Self {
        self.speed(0)
    }

    /// Virtual seconds per real second; 0 is frozen.
    pub fn speed(mut self, speed: u64) -> Self {
        self.options.speed = Some(speed.saturating_mul(1_000));
        self
    }

    /// One value of the scenario, as in `drs.jobs.count=12`; may be called often.
    pub fn set(mut self, assignment: impl Into<String>) -> Self {
        self.options.set.push(assignment.into());
        self
    }

    /// Starts a server. When this returns, clients can connect.
    ///
    /// # Errors
    /// If the scenario cannot be read or has problems, or if the system has no port or no thread
    /// left.
    pub fn start(self) -> Result<Server, StartError> {
        let limits = Limits { drain_time: DRAIN_TIME, ..Limits::default() };
        let (address, access) = ((Ipv4Addr::LOCALHOST, 0), ControlAccess::default());
        let server = server::Server::bind(address, self.plan()?, limits, access)?;
        Ok(Server::launch(server)?)
    }

    /// Makes a world that answers in the calling thread, without a server and without a port.
    ///
    /// # Errors
    /// If the scenario cannot be read or has problems.
    pub fn in_process(self) -> Result<InProcess, StartError> {
        Ok(InProcess::new(self.plan()?))
    }

    fn plan(self) -> Result<Box<Plan>, StartError> {
        let (name, text) = self.source.read()?;
        let mut options = self.options;
        if let Some(now) = self.now {
            let moment: Moment = now.parse()?;
            options.start = Some(Timestamp::from_millis(moment.0));
        }
        let loaded = vendors::load(&name, &text, &options, machine_now());
        let loaded = loaded.map_err(StartError::Override)?;
        let report = loaded.report(false);
        loaded.outcome.map_err(|_| StartError::Scenario { name, report })
    }
}

impl Source {
    /// Its name in reports, and its text.
    fn read(self) -> Result<(String, String), StartError> {
        match self {
            Self::Shipped(name) => match scenario::shipped(&name) {
                Ok(shipped) => Ok((name, shipped.text.to_owned())),
                Err(meant) => Err(StartError::UnknownScenario { name, meant }),
            },
            Self::Text(text) => Ok(("scenario_text".into(), text)),
            Self::Path(path) => read_file(&path),
        }
    }
}

fn read_file(path: &Path) -> Result<(String, String), StartError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((path.display().to_string(), text)),
        Err(source) => Err(StartError::Unreadable { path: path.to_owned(), source }),
    }
}

/// Why a server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("no shipped scenario is called {name:?}{}", did_you_mean(.meant))]
    UnknownScenario { name: String, meant: Option<&'static str> },
    #[error("{} cannot be read: {source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("now is {0}")]
    Now(#[from] InvalidValue),
    #[error("an override cannot be applied: {0}")]
    Override(String),
    #[error("the scenario {name} has problems:\n{report}")]
    Scenario { name: String, report: String },
    #[error("the system gives no port or no thread: {0}")]
    System(#[from] io::Error),
}

fn did_you_mean(meant: &Option<&'static str>) -> String {
    match meant {
        Some(meant) => format!("; did you mean {meant:?}?"),
        None => format!("; there are {}", scenario::SHIPPED.each_ref().map(|s| s.name).join(", ")),
    }
}
