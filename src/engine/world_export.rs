//! Everything that distinguishes a world from its scenario, as one JSON document: a bug report is
//! a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::event_log::{EventLog, InvalidEventLog, LoggedEvent};
use super::plan::Plan;
use crate::world::time::Timestamp;

const VERSION: u64 = 1;

/// The speed of the clock is not part of it: whoever reads a report turns the clock by hand.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorldExport {
    version: u64,
    /// The name of the scenario.
    scenario: String,
    pub(crate) seed: u64,
    /// When the scenario's clock started: what is there at the start is counted back from it.
    #[serde(with = "instant")]
    pub(crate) start: Timestamp,
    /// The time of the clock.
    #[serde(with = "instant")]
    pub(crate) now: Timestamp,
    journal: Vec<ExportedEvent>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportedEvent {
    number: u64,
    #[serde(with = "instant")]
    at: Timestamp,
    /// One member: the event under the name of its service.
    change: BTreeMap<String, Value>,
}

/// Virtual time in documents: RFC 3339, with milliseconds.
mod instant {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::world::time::Timestamp;

    pub(super) fn serialize<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&instant.iso_millis())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        let instant: jiff::Timestamp = text.parse().map_err(D::Error::custom)?;
        Ok(Timestamp::from_millis(instant.as_millisecond()))
    }
}

/// Why a world cannot be restored from a document.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// It is not such a document.
    #[error("this is not a state: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It has a version that this release does not read.
    #[error("the state has version {0}, here it is {VERSION}")]
    Version(u64),
    /// An entry of its event log is of a service that this world does not have.
    #[error("the event log is unusable: entry {0} is of a service that this world does not have")]
    Service(u64),
    /// Its event log is inconsistent; with the reason.
    #[error("the event log is unusable: {0}")]
    Events(String),
    /// It was made with another scenario, seed or start; with the differences.
    #[error("the state is of another world: {0}")]
    Elsewhere(String),
}

impl From<InvalidEventLog> for RestoreError {
    fn from(invalid: InvalidEventLog) -> Self {
        Self::Events(invalid.to_string())
    }
}

impl WorldExport {
    /// # Errors
    /// If an event cannot be written as JSON, which is a bug.
    pub(crate) fn of(
        plan: &Plan,
        log: &EventLog,
        now: Timestamp,
    ) -> Result<Self, serde_json::Error> {
        let journal = log.events().map(|event| exported(plan, event)).collect::<Result<_, _>>()?;
        Ok(Self {
            version: VERSION,
            scenario: plan.name.clone(),
            seed: plan.seed.0,
            start: plan.clock.start,
            now,
            journal,
        })
    }

    /// # Errors
    /// If the document is not an exported world, or of another version.
    pub(crate) fn read(document: &[u8]) -> Result<Self, RestoreError> {
        let export: Self = serde_json::from_slice(document)?;
        if export.version == VERSION {
            Ok(export)
        } else {
            Err(RestoreError::Version(export.version))
        }
    }

    /// Its event log, for the plan it was made with.
    ///
    /// # Errors
    /// If it was made with another plan, or its events do not make an event log.
    pub(crate) fn event_log(self, plan: &Plan) -> Result<EventLog, RestoreError> {
        let mut differences = Vec::new();
        let mut compare = |what: &str, there: String, here: String| {
            if there != here {
                differences.push(format!("its {what} is {there}, here it is {here}"));
            }
        };
        compare("scenario", self.scenario.clone(), plan.name.clone());
        compare("seed", self.seed.to_string(), plan.seed.0.to_string());
        compare("start", self.start.iso_millis(), plan.clock.start.iso_millis());
        if !differences.is_empty() {
            return Err(RestoreError::Elsewhere(differences.join("; ")));
        }
        let events = self.journal.into_iter().map(|event| event.read(plan));
        Ok(EventLog::of(plan, events.collect::<Result<_, _>>()?)?)
    }

    /// How to start the world that it was made with.
    pub(crate) fn hint(&self) -> String {
        let (scenario, seed, start) = (&self.scenario, self.seed, self.start.iso_millis());
        format!(
            "it belongs to the scenario {scenario} with --seed {seed} --now {start}; \
             syncmock serve SCENARIO --state FILE starts there"
        )
    }
}

fn exported(plan: &Plan, event: &LoggedEvent) -> Result<ExportedEvent, serde_json::Error> {
    let service = plan.registry.services().nth(event.service);
    let name = service.map_or_else(String::new, |found| found.service.name().to_owned());
    let change = BTreeMap::from([(name, event.event.to_json()?)]);
    Ok(ExportedEvent { number: event.number, at: event.at, change })
}

impl ExportedEvent {
    fn read(self, plan: &Plan) -> Result<LoggedEvent, RestoreError> {
        let Self { number, at, change } = self;
        let unknown = RestoreError::Service(number);
        let mut members = change.into_iter();
        let (Some((name, event)), None) = (members.next(), members.next()) else {
            return Err(unknown);
        };
        let found = plan.registry.service(&name).ok_or(unknown)?;
        Ok(LoggedEvent {
            number,
            at,
            service: found.index,
            event: found.service.read_event(event)?,
        })
    }
}
