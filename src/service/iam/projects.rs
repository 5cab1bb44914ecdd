//! GET /v3/projects?name=REGION (huaweicloudsdkcore 3.1.219, run).
//!
//! The SDKs want exactly one project for a region; none or several are their error.

use serde::Serialize;

use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::Refusal;

#[derive(Serialize)]
struct Answer<'a> {
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

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let plan = &call.plan().iam;
    let host = call.exchange().host();
    let wanted = call.arguments().text("name");
    let projects: Vec<Project<'_>> = plan
        .projects
        .iter()
        .filter(|project| wanted.is_none_or(|name| name == project.name))
        .map(|project| Project {
            id: &project.id,
            name: &project.name,
            domain_id: &plan.domain_id,
            parent_id: &plan.domain_id,
            is_domain: false,
            enabled: true,
            description: "",
            links: ItemLinks { this: format!("http://{host}/v3/projects/{}", project.id) },
        })
        .collect();
    let this = match wanted {
        Some(name) => format!("http://{host}/v3/projects?name={name}"),
        None => format!("http://{host}/v3/projects"),
    };
    call.render(&Answer { projects, links: Links { this, next: None, previous: None } })
}
