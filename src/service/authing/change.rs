//! What clients can change, and what their changes have come to.

use serde::{Deserialize, Serialize};

use super::scenario::Plan;
use crate::world::population::Traces;
use crate::world::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {}

impl From<Change> for Option<crate::service::Change> {
    fn from(change: Change) -> Self {
        Some(crate::service::Change::Authing(change))
    }
}

#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub jobs: Traces,
}

impl Changes {
    pub fn apply(&mut self, _: &Plan, _: u64, _: Timestamp, change: &Change) {
        match *change {}
    }
}
