//! StartSynchronizationJob, SuspendSynchronizationJob, ResetSynchronizationJob and
//! DeleteSynchronizationJob.

use super::event::{DtsEvent, TaskName};
use super::job::{PRE_PAID, forward_job};
use super::job_arguments::{DIRECTION, direction, job_id, living_member};
use super::response::render_success;
use super::state::{DELETE, RESET, START, SUSPEND, TASK, TaskState};
use super::task::{Task, task};
use super::{DtsCall, DtsResult, errors, resource};
use crate::wire::error::{ApiError, Rule};

pub(crate) fn start_synchronization_job(call: &DtsCall<'_>) -> DtsResult {
    transition(call, START, DtsEvent::Start)
}

pub(crate) fn suspend_synchronization_job(call: &DtsCall<'_>) -> DtsResult {
    transition(call, SUSPEND, DtsEvent::Suspend)
}

pub(crate) fn reset_synchronization_job(call: &DtsCall<'_>) -> DtsResult {
    transition(call, RESET, DtsEvent::Reset)
}

fn transition(
    call: &DtsCall<'_>,
    operation: &'static str,
    event: fn(TaskName) -> DtsEvent,
) -> DtsResult {
    let view = call.view();
    let id = job_id(call.arguments())?;
    let direction = direction(call.arguments())?;
    let member = living_member(call, &view, id)?;
    let task = task(&view, member, direction).ok_or_else(|| {
        // "You can set this parameter to Reverse only if the topology is two-way" (doc
        // comments); that it is refused otherwise is inferred.
        ApiError::parameter(DIRECTION, Rule::OneOf(&["Forward"])).hint(format!("{id} is one-way"))
    })?;
    check_allowed(operation, id, &task)?;
    Ok(render_success(call)?.recording(event(TaskName::new(id, direction))))
}

pub(crate) fn delete_synchronization_job(call: &DtsCall<'_>) -> DtsResult {
    let view = call.view();
    let id = job_id(call.arguments())?;
    let job = forward_job(&view, living_member(call, &view, id)?);
    if job.instance.pay_type == PRE_PAID {
        // The page of DeleteDtsJob says that it fails; the code is inferred.
        let hint = format!("{id} is a subscription ({PRE_PAID}), which no API releases");
        return Err(ApiError::own(&errors::INVALID_JOB_STATUS, "").hint(hint));
    }
    check_allowed(DELETE, id, &job.task)?;
    let event = DtsEvent::Delete { synchronization_job_id: id.to_owned() };
    Ok(render_success(call)?.recording(event))
}

/// Checks that the operation is allowed in the state of the task.
///
/// # Errors
/// If it is not.
pub(crate) fn check_allowed(
    operation: &'static str,
    id: &str,
    task: &Task,
) -> Result<(), ApiError> {
    if TASK.transition(operation, task.state).is_some() {
        return Ok(());
    }
    let state = TASK.name(task.state);
    let error = ApiError::wrong_state(resource::JOB, id, state, &TASK.allowed(operation));
    Err(if task.state == TaskState::NotConfigured {
        error.hint("it is not configured: ConfigureSynchronizationJob does that, and starts it")
    } else {
        error
    })
}
