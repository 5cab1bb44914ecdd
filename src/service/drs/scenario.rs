//! The `[drs]` part of a scenario file, and the plan it becomes.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::plan::Base;
use crate::scenario::problem::{Place, Problem};

/// Huawei Cloud DRS.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {}

#[derive(Debug)]
pub struct Plan {
    pub project_id: String,
}

impl Section {
    pub fn plan(self, _base: &Base, _place: Place, _problems: &mut Vec<Problem>) -> Plan {
        Plan { project_id: "054ba152d480d55b2f5dc0069e7ddef0".to_owned() }
    }
}
