//! DescribeDtsJobDetail: one task, by its own id or that of its instance.
//!
//! Fields as in the model of alibabacloud-dts20200101 5.11.7, without those of other kinds of
//! tasks. The checkpoint is a number here, and the delay in milliseconds (doc comment).

use serde::Serialize;

use super::configuration::db_object;
use super::dts_parts::{BOOLEANS, DtsEndpoint, DtsStage, MigrationMode, RetryState};
use super::event::polled;
use super::job::{Job, find, find_task, forward_job, job};
use super::response::render;
use super::state::{ShownBy, TaskState, spelled};
use super::task::Direction;
use super::{DtsCall, DtsResult, View, job_arguments, progress, resource};
use crate::wire::error::{ApiError, Rule};
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeDtsJobDetailResponse<'j> {
    /// Unix s.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<i64>,
    /// To be removed (its doc comment); 200 in the examples.
    code: u16,
    create_time: String,
    data_synchronization_status: DtsStage,
    db_object: String,
    /// ms, or -1.
    delay: i64,
    destination_endpoint: DtsEndpoint<'j>,
    #[serde(rename = "DtsInstanceID")]
    dts_instance_id: &'j str,
    dts_job_class: &'j str,
    /// Two-way instances have it (doc comment).
    #[serde(skip_serializing_if = "Option::is_none")]
    dts_job_direction: Option<&'static str>,
    dts_job_id: &'j str,
    dts_job_name: &'j str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_time: Option<String>,
    http_status_code: u16,
    job_type: &'static str,
    migration_mode: MigrationMode,
    pay_type: &'j str,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_group_id: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_state: Option<RetryState>,
    source_endpoint: DtsEndpoint<'j>,
    status: &'static str,
    /// Tasks that a change of the objects began: none here.
    sub_sync_job: Vec<()>,
    success: bool,
    synchronization_direction: &'static str,
}

pub(crate) fn describe_dts_job_detail(call: &DtsCall<'_>) -> DtsResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let (plan, now) = (view.plan, view.now);
    let job = requested_job(call, &view)?;
    let [source_endpoint, destination_endpoint] = DtsEndpoint::both(&job);
    let has_ended = job.task.state == TaskState::Finished;
    let answer = DescribeDtsJobDetailResponse {
        checkpoint: job.task.checkpoint,
        code: 200,
        create_time: job.instance.created.iso_seconds(),
        data_synchronization_status: DtsStage::incremental(plan, &job, now),
        db_object: db_object(&job.schemas),
        delay: job.task.delay_millis(now),
        destination_endpoint,
        dts_instance_id: &job.instance.id,
        dts_job_class: job.instance.class,
        dts_job_direction: job.instance.is_two_way.then(|| job.direction.name()),
        dts_job_id: &job.task_id,
        dts_job_name: job.name,
        error_message: progress::error_message(plan, &job),
        expire_time: progress::expiry(&job, now).map(Timestamp::iso_seconds),
        finish_time: has_ended.then(|| job.task.since.iso_seconds()),
        http_status_code: 200,
        job_type: "sync",
        migration_mode: MigrationMode::from(&job),
        pay_type: job.instance.pay_type,
        request_id: call.request_id(),
        reserved: job.reserved,
        resource_group_id: job.instance.resource_group,
        retry_state: RetryState::new(plan, &job, now),
        source_endpoint,
        status: spelled(job.task.state, ShownBy::DtsJobDetail, plan.quirks.spelling),
        sub_sync_job: vec![],
        success: true,
        synchronization_direction: job.direction.name(),
    };
    Ok(render(call, "", &answer)?.recording(polled(&call.view(), [&job])))
}

/// Either id suffices; both must be of one instance. A direction that is sent wins over
/// that of the task id, if the instance has that direction (inferred).
fn requested_job<'a>(call: &DtsCall<'_>, view: &View<'a>) -> Result<Job<'a>, ApiError> {
    let arguments = call.arguments();
    let is_sent = arguments.text(job_arguments::DIRECTION).is_some();
    let requested = job_arguments::direction(arguments)?;
    arguments.one_of("SyncSubJobHistory", BOOLEANS)?;
    let (task_id, instance_id) = (arguments.text("DtsJobId"), arguments.text("DtsInstanceID"));
    let id = task_id.or(instance_id).ok_or_else(|| {
        ApiError::parameter("DtsJobId", Rule::Required).hint("or DtsInstanceID: either suffices")
    })?;
    let by_task = task_id.map(|id| find_task(view, id));
    let by_instance = instance_id.map(|id| find(view, id));
    let found = match (by_task, by_instance) {
        (Some(task), None) => task,
        (None, Some(member)) => member.map(|member| (member, Direction::Forward)),
        (Some(Some((member, direction))), Some(Some(other))) if member == other => {
            Some((member, direction))
        }
        _ => None,
    };
    let found =
        found.filter(|&(member, _)| job_arguments::is_in_requested_region(call, view, member));
    let shown = found.map(|(member, direction)| {
        let direction = if is_sent { requested } else { direction };
        job(view, member, direction).unwrap_or_else(|| forward_job(view, member))
    });
    shown.ok_or_else(|| {
        ApiError::not_found(resource::TASK, id).hint(format!(
            "DescribeDtsJobs with JobType=SYNC lists the ids of tasks and instances{}",
            job_arguments::stale_read_note(call, view)
        ))
    })
}
