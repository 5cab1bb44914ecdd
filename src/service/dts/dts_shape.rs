//! The parts that the answers of the Dts* operations have, as on the wire (models of
//! alibabacloud-dts20200101 5.11.7): flags are booleans, and names are spelt otherwise than
//! in the legacy answers.

use serde::Serialize;

use super::configuration;
use super::figures::{self, Precheck, Stage};
use super::job::Job;
use super::scenario::Plan;
use super::shape::passed;
use super::state::RETRYING;
use crate::world::draw::{Stream, draw};
use crate::world::time::Timestamp;

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Mode {
    #[serde(skip_serializing_if = "Option::is_none")]
    data_initialization: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_synchronization: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_initialization: Option<bool>,
}

impl From<&Job<'_>> for Mode {
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
pub struct EndpointShape<'j> {
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

impl<'j> EndpointShape<'j> {
    fn new(end: &'j configuration::Endpoint<'j>, region: &'j str) -> Self {
        Self {
            database_name: end.database_name.as_deref(),
            engine_name: Some(end.engine_name),
            instance_id: end.instance_id.as_deref(),
            instance_type: end.instance_type.as_deref(),
            ip: end.ip.as_deref(),
            port: end.port.as_deref(),
            region: Some(region),
            user_name: end.user_name.as_deref(),
        }
    }

    /// Source and destination.
    pub fn both(job: &'j Job<'_>) -> [Self; 2] {
        let (from, to) = match job.direction {
            super::task::Direction::Forward => (job.source_region, job.region),
            super::task::Direction::Reverse => (job.region, job.source_region),
        };
        [Self::new(&job.source, from), Self::new(&job.destination, to)]
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StageShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    need_upgrade: Option<bool>,
    percent: String,
    progress: String,
    status: &'static str,
}

impl From<Stage> for StageShape {
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

impl StageShape {
    /// Of incremental synchronization; its progress is what it does a second (doc comment;
    /// the form is inferred).
    pub fn incremental(plan: &Plan, job: &Job<'_>, now: Timestamp) -> Self {
        let (records, flow) = figures::performance(plan, job, now);
        let status = figures::incremental_or_catched(job, now);
        Self {
            error_message: figures::error_message(plan, job).filter(|_| status == "Failed"),
            need_upgrade: Some(false),
            percent: if job.task.checkpoint.is_some() { "100" } else { "0" }.to_owned(),
            progress: format!("{records}RPS/({flow})"),
            status,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrecheckShape {
    detail: Vec<Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
    percent: String,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Check {
    check_item: &'static str,
    /// There is a code only (inferred).
    check_item_description: &'static str,
    check_result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair_method: Option<&'static str>,
}

impl From<Precheck> for PrecheckShape {
    fn from(precheck: Precheck) -> Self {
        let status = match (precheck.passed, precheck.percent) {
            (Some(true), _) => "Finished",
            (Some(false), _) => "Failed",
            (None, 0) if precheck.items.is_empty() => "NotStarted",
            (None, _) => "Checking",
        };
        let check = |item: figures::Item| Check {
            check_item: item.name,
            check_item_description: item.name,
            check_result: passed(item.fault.is_none()),
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
pub struct PerformanceShape {
    flow: String,
    rps: String,
}

impl From<(u64, String)> for PerformanceShape {
    fn from((records, flow): (u64, String)) -> Self {
        Self { flow, rps: records.to_string() }
    }
}

/// Of a task that retries.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Retry {
    err_message: String,
    job_id: String,
    max_retry_time: u64,
    module: &'static str,
    retry_count: u64,
    retry_target: &'static str,
    retry_time: u64,
    retrying: bool,
}

const CAUSES: Stream = Stream::named("dts.retry");
/// s; the console's default is two hours.
const MOST_RETRYING: u64 = 7_200;
/// s between two attempts (inferred).
const BETWEEN: u64 = 10;

impl Retry {
    pub fn of(plan: &Plan, job: &Job<'_>, now: Timestamp) -> Option<Self> {
        if job.task.state != RETRYING {
            return None;
        }
        let spent = now.since(job.task.since) / 1_000;
        let cause = plan.causes.pick(draw(plan.seed, CAUSES, job.task.run));
        Some(Self {
            err_message: cause.message.clone(),
            job_id: job.task_id.clone(),
            max_retry_time: MOST_RETRYING,
            module: "03",
            retry_count: spent / BETWEEN + 1,
            retry_target: "srcDB",
            retry_time: spent,
            retrying: true,
        })
    }
}
