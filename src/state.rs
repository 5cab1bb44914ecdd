//! All that makes a world, beside its scenario, as one document: a bug report is a file.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::journal::{Entry, Journal, Unusable, instant};
use crate::plan::Plan;
use crate::world::time::Timestamp;

const VERSION: u64 = 1;

/// The speed of the clock is not part of it: who reads a report turns the clock by hand.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    version: u64,
    /// The name of the scenario.
    scenario: String,
    pub seed: u64,
    /// When the scenario's clock started: what is there at the start is counted back from it.
    #[serde(with = "instant")]
    pub start: Timestamp,
    /// What the clock says.
    #[serde(with = "instant")]
    pub now: Timestamp,
    journal: Vec<Entry>,
}

/// Why a state can not be gone on from.
#[derive(Debug, Error)]
pub enum Refused {
    #[error("this is not a state: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("the state has version {0}, here it is {VERSION}")]
    Version(u64),
    #[error("the journal is unusable: {0}")]
    Journal(#[from] Unusable),
    /// With what is different.
    #[error("the state is of another world: {0}")]
    Elsewhere(String),
}

impl State {
    pub fn of(plan: &Plan, journal: &Journal, now: Timestamp) -> Self {
        Self {
            version: VERSION,
            scenario: plan.name.clone(),
            seed: plan.seed.0,
            start: plan.clock.start,
            now,
            journal: journal.entries().cloned().collect(),
        }
    }

    /// # Errors
    /// If the document is no state, or of another version.
    pub fn read(document: &[u8]) -> Result<Self, Refused> {
        let state: Self = serde_json::from_slice(document)?;
        if state.version == VERSION { Ok(state) } else { Err(Refused::Version(state.version)) }
    }

    /// Its journal, for the plan it was made with.
    ///
    /// # Errors
    /// If it was made with another plan, or its entries make no journal.
    pub fn journal(self, plan: &Plan) -> Result<Journal, Refused> {
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
            return Err(Refused::Elsewhere(differences.join("; ")));
        }
        Ok(Journal::of(plan, self.journal)?)
    }

    /// How to have the world that it is of.
    pub fn hint(&self) -> String {
        let (scenario, seed, start) = (&self.scenario, self.seed, self.start.iso_millis());
        format!(
            "it belongs to the scenario {scenario} with --seed {seed} --now {start}; \
             syncmock serve SCENARIO --state FILE starts there"
        )
    }
}
