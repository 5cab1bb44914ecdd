//! ListInstances: there is one.

use serde::Serialize;

use super::parameters::{Numbered, flag, list as ids};
use super::{View, listed, render, view_as_of};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::Refusal;

/// Names and order of aliyun-java-sdk-eiam, then the newer ones (python SDK 3.0.1).
/// `ReplicationConfiguration` goes with a replication that this instance does not have.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'v> {
    instance_id: &'v str,
    /// Unix ms.
    create_time: i64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'v str>,
    default_endpoint: Endpoint<'v>,
    service_managed: bool,
    cross_region_replication: &'static str,
    cross_region_replication_role: &'static str,
    instance_failover_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint<'v> {
    endpoint: &'v str,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct List<'v> {
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    instances: Vec<Row<'v>>,
}

const STATUSES: &[&str] = &["creating", "running"];
const RUNNING: &str = STATUSES[1];
const EDITIONS: &[&str] = &["free", "trial", "scalability", "standard", "enterprise"];
const SWITCHES: &[&str] = &["enabled", "disabled"];
const UNREPLICATED: &str = SWITCHES[1];

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = listed(call);
    let view = view_as_of(&as_of);
    let page = Numbered::parse(call.arguments(), &view.plan.quirks)?;
    let wanted = lets_through(call.arguments(), &view)?;
    let row = Row {
        instance_id: &view.plan.instance_id,
        create_time: view.plan.created.millis(),
        status: RUNNING,
        description: view.plan.instance.description.as_deref(),
        default_endpoint: Endpoint { endpoint: &view.plan.endpoint, status: "resolved" },
        service_managed: false,
        cross_region_replication: UNREPLICATED,
        cross_region_replication_role: "primary",
        instance_failover_status: "inactive",
    };
    let there = wanted && view.plan.created <= view.now;
    let (total_count, instances) =
        page.of(&view.plan.quirks, there.then_some(row).into_iter().collect())?;
    render(
        call,
        "Instances",
        &List { request_id: call.exchange().alibaba_id(), total_count, instances },
    )
}

fn lets_through(arguments: &Arguments, view: &View<'_>) -> Result<bool, Refusal> {
    let plan = view.plan;
    let ids = ids(arguments, "InstanceIds");
    let status = arguments.one_of("Status", STATUSES)?;
    let edition = arguments.one_of("Edition", EDITIONS)?;
    let replication = arguments.one_of("CrossRegionReplication", SWITCHES)?;
    let managed = flag(arguments, "ServiceManaged")? == Some(true)
        || arguments.text("ManagedServiceCode").is_some();
    let is = |wanted: Option<&str>, found| wanted.is_none_or(|wanted| wanted == found);
    Ok((ids.is_empty() || ids.contains(&plan.instance_id.as_str()))
        && is(status, RUNNING)
        && is(edition, plan.instance.edition.wire())
        && is(replication, UNREPLICATED)
        && !managed)
}
