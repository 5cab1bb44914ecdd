//! Everything that distinguishes a world from its scenario, as one JSON document: a bug report is
//! a file.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use super::event_log::{EventLog, InvalidEventLog, LoggedEvent, MAX_BYTES};
use super::plan::Plan;
use crate::world::time::Timestamp;

/// 2: changes have ordinals; the scenario is known by digests.
const VERSION: u64 = 2;

/// No exported world is larger, in bytes: the event log is bounded, and so is all that comes before
/// it.
pub(crate) const MAX_EXPORT: usize = MAX_BYTES + (1 << 20);

/// The speed of the clock is not part of it: whoever reads a report turns the clock by hand.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorldExport {
    version: u64,
    /// The name of the scenario, for people; it may have another one where the world is restored.
    scenario: String,
    /// What the scenario says: a digest of each of its parts.
    says: BTreeMap<String, String>,
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
    /// A poll has none.
    #[serde(default, skip_serializing_if = "is_zero")]
    ordinal: u64,
    #[serde(with = "instant")]
    at: Timestamp,
    /// One member: the event under the name of its service.
    change: BTreeMap<String, Box<RawValue>>,
}

fn is_zero(ordinal: &u64) -> bool {
    *ordinal == 0
}

/// The version of a document, whatever else it has.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// Virtual time in documents: RFC 3339, with milliseconds; checked as wherever else a person may
/// write an instant.
mod instant {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::scenario::value::Moment;
    use crate::world::time::Timestamp;

    pub(super) fn serialize<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&instant.iso_millis())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        let instant: Moment = text.parse().map_err(D::Error::custom)?;
        Ok(Timestamp::from_millis(instant.0))
    }
}

/// Why a world cannot be restored from a document.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// It is not such a document.
    #[error("this is not a state: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It has a version that this release does not read.
    #[error(
        "the state has version {0}, this release reads version {VERSION}: export it with the \
         release that restores it"
    )]
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
        let journal = log.events().map(|event| exported(plan, &event)).collect::<Result<_, _>>()?;
        Ok(Self {
            version: VERSION,
            scenario: plan.name.clone(),
            says: plan.digests.clone(),
            seed: plan.seed.0,
            start: plan.clock.start,
            now,
            journal,
        })
    }

    /// # Errors
    /// If the document is not an exported world, or of another version.
    pub(crate) fn read(document: &[u8]) -> Result<Self, RestoreError> {
        let read = serde_json::from_slice::<Self>(document);
        let version = match &read {
            Ok(export) => Ok(export.version),
            // Another version may have other members, too.
            Err(_) => serde_json::from_slice(document).map(|Versioned { version }| version),
        };
        match version {
            Ok(other) if other != VERSION => Err(RestoreError::Version(other)),
            _ => Ok(read?),
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
        compare("seed", self.seed.to_string(), plan.seed.0.to_string());
        compare("start", self.start.iso_millis(), plan.clock.start.iso_millis());
        let names: BTreeSet<&String> = self.says.keys().chain(plan.digests.keys()).collect();
        let is_other = |name: &&String| self.says.get(*name) != plan.digests.get(*name);
        let others: Vec<&str> = names.into_iter().filter(is_other).map(String::as_str).collect();
        if !others.is_empty() {
            let (there, here, others) = (&self.scenario, &plan.name, others.join(", "));
            differences.push(format!("its scenario {there} differs from {here} in {others}"));
        }
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
             syncmock serve SCENARIO --state FILE starts there, with the same --set as then"
        )
    }
}

fn exported(plan: &Plan, event: &LoggedEvent) -> Result<ExportedEvent, serde_json::Error> {
    let service = plan.registry.services().nth(event.service);
    let name = service.map_or_else(String::new, |found| found.service.name().to_owned());
    let change = BTreeMap::from([(name, event.event.to_json()?)]);
    let ordinal = if event.event.is_poll() { 0 } else { event.ordinal };
    Ok(ExportedEvent { number: event.number, ordinal, at: event.at, change })
}

impl ExportedEvent {
    fn read(self, plan: &Plan) -> Result<LoggedEvent, RestoreError> {
        let Self { number, ordinal, at, change } = self;
        let unknown = RestoreError::Service(number);
        let mut members = change.into_iter();
        let (Some((name, event)), None) = (members.next(), members.next()) else {
            return Err(unknown);
        };
        let found = plan.registry.service(&name).ok_or(unknown)?;
        Ok(LoggedEvent {
            number,
            ordinal,
            at,
            service: found.index,
            event: found.service.read_event(&event)?,
        })
    }
}
