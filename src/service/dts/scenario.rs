//! The `[dts]` part of a scenario file, and the plan it becomes.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::plan::Base;
use crate::scenario::problem::{Place, Problem};

/// Alibaba Cloud DTS.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {}

#[derive(Debug)]
pub struct Plan {}

impl Section {
    pub fn plan(self, _base: &Base, _place: Place, _problems: &mut Vec<Problem>) -> Plan {
        Plan {}
    }
}
