//! The `[iam]` part of a scenario file, and the plan it becomes.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::Base;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::world::draw::Stream;
use crate::world::ids::{HEX, random_text};

/// Huawei Cloud IAM: which project a region has.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct IamSection {
    /// Default: drs.project_id in cn-north-4, oms.project_id in cn-east-3.
    pub(crate) project: Vec<ProjectTable>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectTable {
    /// 32 lower-case hexadecimal digits.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) id: String,
    /// The region, which is the project's name.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) name: String,
}

#[derive(Debug)]
pub(crate) struct IamPlan {
    pub(crate) domain_id: String,
    /// Empty: the projects of the services are used.
    pub(crate) projects: Vec<ProjectTable>,
}

impl IamSection {
    pub(crate) fn plan(
        self,
        base: &Base,
        place: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> IamPlan {
        let mut names = HashSet::new();
        for (i, project) in self.project.iter().enumerate() {
            if !names.insert(&project.name) {
                let text = format!("{} has a project already", project.name);
                let place = place.clone().key("project").index(i).key("name");
                problems.push(
                    Problem::value(place, text).hint("SDKs refuse a region with two projects"),
                );
            }
        }
        let domain_id = random_text(base.seed, Stream::named("iam.domain"), 0, HEX, 32);
        IamPlan { domain_id, projects: self.project }
    }
}
