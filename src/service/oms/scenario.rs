//! The `[oms]` part of a scenario file, and the plan it becomes.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::plan::Base;
use crate::scenario::problem::{Place, Problem};

/// Huawei Cloud OMS.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {}

#[derive(Debug)]
pub struct Plan {
    pub project_id: String,
}

impl Section {
    pub fn plan(self, _base: &Base, _place: Place, _problems: &mut Vec<Problem>) -> Plan {
        Plan { project_id: "2c0689c860ad4728a497c91ec0844383".to_owned() }
    }
}
