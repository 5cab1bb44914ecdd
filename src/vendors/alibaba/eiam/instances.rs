//! ListInstances: there is one.

use serde::Serialize;

use super::parameters::{NumberedPage, flag, id_list};
use super::{EiamCall, EiamResult, View, render};
use crate::wire::Arguments;
use crate::wire::error::ApiError;

/// Names and order of aliyun-java-sdk-eiam, then the newer ones (python SDK 3.0.1).
/// `ReplicationConfiguration` belongs to a replication that this instance does not have.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InstanceRow<'v> {
    instance_id: &'v str,
    /// Unix ms.
    create_time: i64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'v str>,
    default_endpoint: DefaultEndpoint<'v>,
    service_managed: bool,
    cross_region_replication: &'static str,
    cross_region_replication_role: &'static str,
    instance_failover_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DefaultEndpoint<'v> {
    endpoint: &'v str,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListInstancesResponse<'v> {
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    instances: Vec<InstanceRow<'v>>,
}

const STATUSES: &[&str] = &["creating", "running"];
const RUNNING: &str = STATUSES[1];
const EDITIONS: &[&str] = &["free", "trial", "scalability", "standard", "enterprise"];
const SWITCHES: &[&str] = &["enabled", "disabled"];
const UNREPLICATED: &str = SWITCHES[1];

pub(crate) fn list_instances(call: &EiamCall<'_>) -> EiamResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let page = NumberedPage::from_arguments(call.arguments(), &view.plan.quirks)?;
    let is_wanted = matches_filters(call.arguments(), &view)?;
    let exists = view.plan.created <= view.now;
    let found: Vec<InstanceRow<'_>> =
        (is_wanted && exists).then(|| InstanceRow::new(&view)).into_iter().collect();
    let (total_count, instances) = page.rows(&view.plan.quirks, found)?;
    let request_id = call.request_id();
    render(call, "Instances", &ListInstancesResponse { request_id, total_count, instances })
}

impl<'v> InstanceRow<'v> {
    fn new(view: &View<'v>) -> Self {
        Self {
            instance_id: &view.plan.instance_id,
            create_time: view.plan.created.millis(),
            status: RUNNING,
            description: view.plan.instance.description.as_deref(),
            default_endpoint: DefaultEndpoint { endpoint: &view.plan.endpoint, status: "resolved" },
            service_managed: false,
            cross_region_replication: UNREPLICATED,
            cross_region_replication_role: "primary",
            instance_failover_status: "inactive",
        }
    }
}

fn matches_filters(arguments: &Arguments, view: &View<'_>) -> Result<bool, ApiError> {
    let plan = view.plan;
    let ids = id_list(arguments, "InstanceIds");
    let status = arguments.one_of("Status", STATUSES)?;
    let edition = arguments.one_of("Edition", EDITIONS)?;
    let replication = arguments.one_of("CrossRegionReplication", SWITCHES)?;
    let is_managed = flag(arguments, "ServiceManaged")? == Some(true)
        || arguments.text("ManagedServiceCode").is_some();
    let is = |wanted: Option<&str>, found| wanted.is_none_or(|wanted| wanted == found);
    Ok((ids.is_empty() || ids.contains(plan.instance_id.as_str()))
        && is(status, RUNNING)
        && is(edition, plan.instance.edition.wire())
        && is(replication, UNREPLICATED)
        && !is_managed)
}
