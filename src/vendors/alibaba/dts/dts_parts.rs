//! The parts that the answers of the Dts* operations have, as on the wire (models of
//! alibabacloud-dts20200101 5.11.7): flags are booleans, and some names differ from those of the
//! legacy operations.

use serde::Serialize;

use super::configuration;
use super::job::Job;
use super::legacy_parts::success_or_failed;
use super::progress::{self, Precheck, PrecheckItem, Stage};
use super::scenario::DtsPlan;
use super::state::TaskState;
use super::task::Direction;
use crate::world::draw::{Stream, draw};
use crate::world::time::Timestamp;

/// The SDKs send either spelling.
pub(crate) const BOOLEANS: &[&str] = &["true", "false", "True", "False"];

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MigrationMode {
    #[serde(skip_serializing_if = "Option::is_none")]
    data_initialization: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_synchronization: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_initialization: Option<bool>,
}

impl From<&Job<'_>> for MigrationMode {
    fn from(job: &Job<'_>) -> Self {
        Self {
            data_initialization: Some(job.initialization.data),
            data_synchronization: Some(true),
            structure_initialization: Some(job.initialization.structure),
        }
    }
}

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DtsEndpoint<'j> {
    #[serde(skip_serializing_if = "Option::is_none")]
    database_name: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    engine_name: Option<&'static str>,
    #[serde(rename = "InstanceID", skip_serializing_if = "Option::is_none")]
    instance_id: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_type: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'j str>,
}

impl<'j> DtsEndpoint<'j> {
    fn new(endpoint: &'j configuration::Endpoint<'j>, region: &'j str) -> Self {
        Self {
            database_name: endpoint.database_name.as_deref(),
            engine_name: Some(endpoint.engine_name),
            instance_id: endpoint.instance_id.as_deref(),
            instance_type: endpoint.instance_type.as_deref(),
            ip: endpoint.ip.as_deref(),
            port: endpoint.port.as_deref(),
            region: Some(region),
            user_name: endpoint.user_name.as_deref(),
        }
    }

    /// Source and destination.
    pub(crate) fn both(job: &'j Job<'_>) -> [Self; 2] {
        let (from, to) = match job.direction {
            Direction::Forward => (job.instance.source_region, job.instance.region),
            Direction::Reverse => (job.instance.region, job.instance.source_region),
        };
        [Self::new(&job.source, from), Self::new(&job.destination, to)]
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DtsStage {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    need_upgrade: Option<bool>,
    percent: String,
    progress: String,
    status: &'static str,
}

impl From<Stage> for DtsStage {
    fn from(stage: Stage) -> Self {
        Self {
            error_message: stage.error_message,
            need_upgrade: None,
            percent: stage.percent.to_string(),
            progress: stage.done.to_string(),
            status: stage.status,
        }
    }
}

impl DtsStage {
    /// The stage of incremental synchronization. Its progress is the work per second (doc
    /// comment; the form is inferred).
    pub(crate) fn incremental(plan: &DtsPlan, job: &Job<'_>, now: Timestamp) -> Self {
        let (records, flow) = progress::performance(plan, job, now);
        let status = progress::incremental_or_catched(job, now);
        Self {
            error_message: progress::error_message(plan, job).filter(|_| status == "Failed"),
            need_upgrade: Some(false),
            percent: if job.task.checkpoint.is_some() { "100" } else { "0" }.to_owned(),
            progress: format!("{records}RPS/({flow})"),
            status,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DtsPrecheck {
    detail: Vec<DtsCheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
    percent: String,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DtsCheck {
    check_item: &'static str,
    /// Only the code is known (inferred).
    check_item_description: &'static str,
    check_result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair_method: Option<&'static str>,
}

impl From<Precheck> for DtsPrecheck {
    fn from(precheck: Precheck) -> Self {
        let status = match (precheck.passed, precheck.percent) {
            (Some(true), _) => "Finished",
            (Some(false), _) => "Failed",
            (None, 0) if precheck.items.is_empty() => "NotStarted",
            (None, _) => "Checking",
        };
        let check = |item: PrecheckItem| DtsCheck {
            check_item: item.name,
            check_item_description: item.name,
            check_result: success_or_failed(item.fault.is_none()),
            failed_reason: item.fault.as_ref().map(|fault| fault.message),
            repair_method: item.fault.map(|fault| fault.repair),
        };
        let faults = precheck.items.iter().filter_map(|item| item.fault.as_ref());
        Self {
            error_message: faults.map(|fault| fault.message).next(),
            percent: precheck.percent.to_string(),
            status,
            detail: precheck.items.into_iter().map(check).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DtsPerformance {
    flow: String,
    rps: String,
}

impl From<(u64, String)> for DtsPerformance {
    fn from((records, flow): (u64, String)) -> Self {
        Self { flow, rps: records.to_string() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetryState {
    err_message: String,
    job_id: String,
    max_retry_time: u64,
    module: &'static str,
    retry_count: u64,
    retry_target: &'static str,
    retry_time: u64,
    retrying: bool,
}

const FAILURE_MESSAGES: Stream = Stream::named("dts.retry");
/// s; the console's default is two hours.
const MAX_RETRY_TIME: u64 = 7_200;
/// s between two attempts (inferred).
const RETRY_INTERVAL: u64 = 10;

impl RetryState {
    /// None if the task does not retry.
    pub(crate) fn new(plan: &DtsPlan, job: &Job<'_>, now: Timestamp) -> Option<Self> {
        if job.task.state != TaskState::Retrying {
            return None;
        }
        // A path may let it retry for ever; what is shown stays what the vendor could show.
        let spent = (now.since(job.task.since) / 1_000).min(MAX_RETRY_TIME);
        let cause = plan.failure_messages.pick(draw(plan.seed, FAILURE_MESSAGES, job.task.run));
        Some(Self {
            err_message: cause.message.clone(),
            job_id: job.task_id.clone(),
            max_retry_time: MAX_RETRY_TIME,
            module: "03",
            retry_count: spent / RETRY_INTERVAL + 1,
            retry_target: "srcDB",
            retry_time: spent,
            retrying: true,
        })
    }
}
