//! The `[iam]` part of a scenario file, and the plan it becomes.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::plan::Base;
use crate::scenario::problem::{Place, Problem};
use crate::world::draw::Stream;
use crate::world::ids::{HEX, random_text};

/// Huawei Cloud IAM: which project a region has.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {
    /// Default: drs.project_id in cn-north-4, oms.project_id in cn-east-3.
    pub project: Vec<ProjectTable>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectTable {
    /// 32 lower-case hexadecimal digits.
    #[schemars(length(min = 1, max = 64))]
    pub id: String,
    /// The region, which is the project's name.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
}

#[derive(Debug)]
pub struct Plan {
    pub domain_id: String,
    pub projects: Vec<ProjectTable>,
}

impl Section {
    /// `usual`: (project id, region) of the services that need one.
    pub fn plan(
        self,
        base: &Base,
        usual: [(&str, &str); 2],
        place: Place,
        problems: &mut Vec<Problem>,
    ) -> Plan {
        for (i, project) in self.project.iter().enumerate() {
            if self.project[..i].iter().any(|earlier| earlier.name == project.name) {
                let text = format!("{} has a project already", project.name);
                let place = place.clone().key("project").index(i).key("name");
                problems.push(
                    Problem::value(place, text).hint("SDKs refuse a region with two projects"),
                );
            }
        }
        let projects = if self.project.is_empty() {
            let table =
                |(id, name): (&str, &str)| ProjectTable { id: id.into(), name: name.into() };
            usual.map(table).into()
        } else {
            self.project
        };
        let domain_id = random_text(base.seed, Stream::named("iam.domain"), 0, HEX, 32);
        Plan { domain_id, projects }
    }
}
