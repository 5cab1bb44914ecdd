//! KeystoneListProjects: `GET /v3/projects?name=REGION` (huaweicloudsdkcore 3.1.219, run).
//!
//! The SDKs need exactly one project for a region; none or several are an error to them.

use serde::Serialize;

use super::scenario::ProjectTable;
use super::{Iam, IamCall, IamResult};
use crate::engine::Plan;
use crate::vendors::huawei::drs::Drs;
use crate::vendors::huawei::oms::Oms;

#[derive(Serialize)]
struct KeystoneListProjectsResponse<'a> {
    projects: Vec<Project<'a>>,
    links: Links,
}

#[derive(Serialize)]
struct Project<'a> {
    id: &'a str,
    name: &'a str,
    domain_id: &'a str,
    parent_id: &'a str,
    is_domain: bool,
    enabled: bool,
    description: &'static str,
    links: ItemLinks,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    this: String,
    next: Option<String>,
    previous: Option<String>,
}

#[derive(Serialize)]
struct ItemLinks {
    #[serde(rename = "self")]
    this: String,
}

/// A project that a region has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProjectRef<'p> {
    pub(crate) id: &'p str,
    /// The region, which is the project's name.
    pub(crate) name: &'p str,
}

/// The projects of the section `[iam]`; if it has none, those of the services.
pub(crate) fn projects_of(plan: &Plan) -> Vec<ProjectRef<'_>> {
    let own = plan.get::<Iam>().map_or(&[][..], |iam| &iam.projects);
    if !own.is_empty() {
        return own.iter().map(|ProjectTable { id, name }| ProjectRef { id, name }).collect();
    }
    let drs = plan.get::<Drs>().map(|drs| ProjectRef { id: &drs.project_id, name: "cn-north-4" });
    let oms = plan.get::<Oms>().map(|oms| ProjectRef { id: &oms.project_id, name: "cn-east-3" });
    drs.into_iter().chain(oms).collect()
}

pub(crate) fn keystone_list_projects(call: &IamCall<'_>) -> IamResult {
    let domain_id = &call.plan().domain_id;
    let host = call.context().host();
    let wanted = call.arguments().text("name");
    let projects: Vec<Project<'_>> = projects_of(call.world_plan())
        .into_iter()
        .filter(|project| wanted.is_none_or(|name| name == project.name))
        .map(|ProjectRef { id, name }| Project {
            id,
            name,
            domain_id,
            parent_id: domain_id,
            is_domain: false,
            enabled: true,
            description: "",
            links: ItemLinks { this: format!("http://{host}/v3/projects/{id}") },
        })
        .collect();
    let this = match wanted {
        Some(name) => format!("http://{host}/v3/projects?name={name}"),
        None => format!("http://{host}/v3/projects"),
    };
    let links = Links { this, next: None, previous: None };
    call.render(&KeystoneListProjectsResponse { projects, links })
}
