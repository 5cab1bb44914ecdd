//! DescribeSynchronizationJobStatus: one task of an instance.
//!
//! Fields as in the model of alibabacloud-dts20200101 5.11.7, whose doc comments say which
//! numbers are texts (all but `DelayMillis`).

use serde::Serialize;

use super::event::polled;
use super::job::{forward_job, job};
use super::legacy_parts::{
    LegacyEndpoint, LegacyPerformance, LegacyPrecheck, LegacySchema, LegacyStage,
};
use super::progress::{self, incremental};
use super::response::{Success, render};
use super::state::{ShownBy, spelled};
use super::{DtsCall, DtsResult, client_token, job_arguments};
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeSynchronizationJobStatusResponse<'j> {
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
    data_initialization: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_initialization_status: Option<LegacyStage>,
    data_synchronization_status: IncrementalStatus,
    /// Seconds; -1 before incremental synchronization (seen by users).
    delay: String,
    delay_millis: i64,
    destination_endpoint: LegacyEndpoint<'j>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_time: Option<String>,
    pay_type: &'j str,
    performance: LegacyPerformance,
    precheck_status: LegacyPrecheck,
    request_id: String,
    source_endpoint: LegacyEndpoint<'j>,
    status: &'static str,
    structure_initialization: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_initialization_status: Option<LegacyStage>,
    success: Success,
    synchronization_direction: &'static str,
    synchronization_job_class: &'j str,
    synchronization_job_id: &'j str,
    synchronization_job_name: &'j str,
    synchronization_objects: Vec<LegacySchema<'j>>,
    task_id: &'j str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct IncrementalStatus {
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
    delay: String,
    delay_millis: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    percent: &'static str,
    status: &'static str,
}

pub(crate) fn describe_synchronization_job_status(call: &DtsCall<'_>) -> DtsResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let (plan, now) = (view.plan, view.now);
    let id = job_arguments::job_id(call.arguments())?;
    let direction = job_arguments::direction(call.arguments())?;
    client_token::check(&plan.quirks, call.arguments())?;
    let member = job_arguments::member(call, &view, id)?;
    // Reverse takes effect with two-way topology only (doc comment).
    let job = job(&view, member, direction).unwrap_or_else(|| forward_job(&view, member));

    let [structure, data] = progress::initialization(plan, &job);
    let checkpoint = || job.task.checkpoint.map(|seconds| seconds.to_string());
    let error_message = progress::error_message(plan, &job);
    let incremental = incremental(&job);
    let answer = DescribeSynchronizationJobStatusResponse {
        checkpoint: checkpoint(),
        data_initialization: job.initialization.data.to_string(),
        data_initialization_status: data.map(LegacyStage::from),
        data_synchronization_status: IncrementalStatus {
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
        expire_time: progress::expiry(&job, now).map(Timestamp::iso_seconds),
        pay_type: job.instance.pay_type,
        performance: progress::performance(plan, &job, now).into(),
        precheck_status: progress::precheck(plan, &job).into(),
        request_id: call.request_id(),
        source_endpoint: (&job.source).into(),
        status: spelled(job.task.state, ShownBy::Status, plan.quirks.spelling),
        structure_initialization: job.initialization.structure.to_string(),
        structure_initialization_status: structure.map(LegacyStage::from),
        success: Success::new(plan, true),
        synchronization_direction: job.direction.name(),
        synchronization_job_class: job.instance.class,
        synchronization_job_id: &job.instance.id,
        synchronization_job_name: job.name,
        synchronization_objects: job.schemas.iter().map(LegacySchema::from).collect(),
        task_id: &job.task_id,
    };
    Ok(render(call, "", &answer)?.recording(polled(&call.view(), [&job])))
}
