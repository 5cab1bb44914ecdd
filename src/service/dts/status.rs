//! DescribeSynchronizationJobStatus: one task of an instance.
//!
//! Fields as in the model of alibabacloud-dts20200101 5.11.7, whose doc comments say which
//! numbers are texts (all but `DelayMillis`).

use serde::Serialize;

use super::asked::{self, unknown};
use super::change::looked;
use super::client_token;
use super::figures::{self, incremental};
use super::job::job;
use super::shape::{EndpointShape, PerformanceShape, PrecheckShape, SchemaShape, StageShape};
use super::state::{Speaker, spelt};
use super::task::Direction;
use super::verdict::{Success, legacy, render};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::Refusal;
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'j> {
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
    data_initialization: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_initialization_status: Option<StageShape>,
    data_synchronization_status: Incremental,
    /// Seconds; -1 before incremental synchronization (seen by users).
    delay: String,
    delay_millis: i64,
    destination_endpoint: EndpointShape<'j>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_time: Option<String>,
    pay_type: &'j str,
    performance: PerformanceShape,
    precheck_status: PrecheckShape,
    request_id: String,
    source_endpoint: EndpointShape<'j>,
    status: &'static str,
    structure_initialization: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_initialization_status: Option<StageShape>,
    success: Success,
    synchronization_direction: &'static str,
    synchronization_job_class: &'j str,
    synchronization_job_id: &'j str,
    synchronization_job_name: &'j str,
    synchronization_objects: Vec<SchemaShape<'j>>,
    task_id: &'j str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Incremental {
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
    delay: String,
    delay_millis: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    percent: &'static str,
    status: &'static str,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    legacy(call, status(call))
}

fn status(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = super::read(call);
    let view = super::view_as_of(&as_of);
    let (plan, now) = (view.plan, view.now);
    let id = asked::id(call.arguments())?;
    let direction = asked::direction(call.arguments())?;
    client_token::check(&plan.quirks, call.arguments())?;
    let member = asked::member(call, &view, id)?;
    // Reverse takes effect with two-way topology only (doc comment).
    let job = job(&view, member, direction).or_else(|| job(&view, member, Direction::Forward));
    let job = job.ok_or_else(|| unknown(call, &view, id))?;

    let [structure, data] = figures::initialization(plan, &job);
    let checkpoint = || job.task.checkpoint.map(|seconds| seconds.to_string());
    let error_message = figures::error_message(plan, &job);
    let incremental = incremental(&job);
    let answer = Answer {
        checkpoint: checkpoint(),
        data_initialization: job.initialization.data.to_string(),
        data_initialization_status: data.map(StageShape::from),
        data_synchronization_status: Incremental {
            checkpoint: checkpoint(),
            delay: job.task.delay(now).to_string(),
            delay_millis: job.task.delay_millis(now),
            error_message: error_message.clone().filter(|_| incremental == "Failed"),
            percent: if job.task.checkpoint.is_some() { "100" } else { "0" },
            status: incremental,
        },
        delay: job.task.delay(now).to_string(),
        delay_millis: job.task.delay_millis(now),
        destination_endpoint: (&job.destination).into(),
        error_message,
        expire_time: figures::expiry(&job, now).map(Timestamp::iso_seconds),
        pay_type: job.pay_type,
        performance: figures::performance(plan, &job, now).into(),
        precheck_status: figures::precheck(plan, &job).into(),
        request_id: call.exchange().alibaba_id(),
        source_endpoint: (&job.source).into(),
        status: spelt(job.task.state, Speaker::Status, plan.quirks.spelling),
        structure_initialization: job.initialization.structure.to_string(),
        structure_initialization_status: structure.map(StageShape::from),
        success: Success::new(plan, true),
        synchronization_direction: job.direction.name(),
        synchronization_job_class: job.class,
        synchronization_job_id: &job.id,
        synchronization_job_name: job.name,
        synchronization_objects: job.schemas.iter().map(SchemaShape::from).collect(),
        task_id: &job.task_id,
    };
    Ok(render(call, "", &answer)?.changing(looked([&job])))
}
