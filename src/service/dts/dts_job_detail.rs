//! DescribeDtsJobDetail: one task, by its own id or that of its instance.
//!
//! Fields as in the model of alibabacloud-dts20200101 5.11.7, without those of other kinds of
//! tasks. The checkpoint is a number here, and the delay in milliseconds (doc comment).

use serde::Serialize;

use super::change::looked;
use super::configuration::db_object;
use super::dts_shape::{EndpointShape, Mode, Retry, StageShape};
use super::figures;
use super::job::{Job, find, find_task, job};
use super::state::{FINISHED, Speaker, spelt};
use super::task::Direction;
use super::verdict::{modern, render};
use super::{View, asked};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Refusal, Rule, Thing};
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'j> {
    /// Unix s.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<i64>,
    /// To be removed, says its doc comment; 200 in the examples.
    code: u16,
    create_time: String,
    data_synchronization_status: StageShape,
    db_object: String,
    /// ms, or -1.
    delay: i64,
    destination_endpoint: EndpointShape<'j>,
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
    migration_mode: Mode,
    pay_type: &'j str,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_group_id: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_state: Option<Retry>,
    source_endpoint: EndpointShape<'j>,
    status: &'static str,
    /// What changes of the objects began: none here.
    sub_sync_job: Vec<()>,
    success: bool,
    synchronization_direction: &'static str,
}

/// The SDKs send either spelling.
const BOOLEANS: &[&str] = &["true", "false", "True", "False"];

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    modern(call, detail(call))
}

fn detail(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = super::read(call);
    let view = super::view_as_of(&as_of);
    let (plan, now) = (view.plan, view.now);
    let job = asked_for(call, &view)?;
    let [source_endpoint, destination_endpoint] = EndpointShape::both(&job);
    let ended = job.task.state == FINISHED;
    let answer = Answer {
        checkpoint: job.task.checkpoint,
        code: 200,
        create_time: job.created.iso_seconds(),
        data_synchronization_status: StageShape::incremental(plan, &job, now),
        db_object: db_object(&job.schemas),
        delay: job.task.delay_millis(now),
        destination_endpoint,
        dts_instance_id: &job.id,
        dts_job_class: job.class,
        dts_job_direction: job.two_way.then(|| job.direction.name()),
        dts_job_id: &job.task_id,
        dts_job_name: job.name,
        error_message: figures::error_message(plan, &job),
        expire_time: figures::expiry(&job, now).map(Timestamp::iso_seconds),
        finish_time: ended.then(|| job.task.since.iso_seconds()),
        http_status_code: 200,
        job_type: "sync",
        migration_mode: Mode::from(&job),
        pay_type: job.pay_type,
        request_id: call.exchange().alibaba_id(),
        reserved: job.reserved,
        resource_group_id: job.resource_group,
        retry_state: Retry::of(plan, &job, now),
        source_endpoint,
        status: spelt(job.task.state, Speaker::DtsJobDetail, plan.quirks.spelling),
        sub_sync_job: vec![],
        success: true,
        synchronization_direction: job.direction.name(),
    };
    Ok(render(call, "", &answer)?.changing(looked([&job])))
}

/// Either id suffices; both must be of one instance. A direction that is sent wins over
/// that of the task id, where there is such a direction (inferred).
fn asked_for<'a>(call: &Admitted<'_>, view: &View<'a>) -> Result<Job<'a>, Refusal> {
    let arguments = call.arguments();
    let sent = arguments.text(asked::DIRECTION).is_some();
    let wanted = asked::direction(arguments)?;
    arguments.one_of("SyncSubJobHistory", BOOLEANS)?;
    let (task_id, instance_id) = (arguments.text("DtsJobId"), arguments.text("DtsInstanceID"));
    let id = task_id.or(instance_id).ok_or_else(|| {
        Refusal::parameter("DtsJobId", Rule::Required).hint("or DtsInstanceID: either suffices")
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
    let found = found.filter(|&(member, _)| asked::is_here(call, view, member));
    let shown = found.and_then(|(member, direction)| {
        let direction = if sent { wanted } else { direction };
        job(view, member, direction).or_else(|| job(view, member, Direction::Forward))
    });
    shown.ok_or_else(|| {
        Refusal::unknown(Thing::Task, id).hint(format!(
            "DescribeDtsJobs with JobType=SYNC lists the ids of tasks and instances{}",
            asked::as_of(call, view)
        ))
    })
}
