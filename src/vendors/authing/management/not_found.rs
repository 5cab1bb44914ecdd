//! Answers about tasks and jobs that do not exist, or that reads do not show yet.

use super::job::find;
use super::quirks::UnknownTask;
use super::task::TaskView;
use super::{AuthingCall, View, resource};
use crate::wire::error::ApiError;

/// A task that the page's snapshot lacks has empty lists if reads see it: they do not depend on
/// the window of a snapshot.
///
/// # Errors
/// If the task does not exist, unless the scenario gives unknown tasks empty lists.
pub(crate) fn has_task_lists(call: &AuthingCall<'_>, id: u64) -> Result<(), ApiError> {
    let snapshot = call.read_snapshot();
    let exists = || TaskView::find(&snapshot.view(), id).is_some();
    if is_empty_list(call) || exists() { Ok(()) } else { Err(unseen_task(call, id)) }
}

/// The same for the log lines of a job.
///
/// # Errors
/// If the job does not exist, unless the scenario gives unknown jobs empty lists.
pub(crate) fn has_job_logs(call: &AuthingCall<'_>, id: u64) -> Result<(), ApiError> {
    let snapshot = call.read_snapshot();
    let exists = || find(&snapshot.view(), id).is_some();
    if is_empty_list(call) || exists() { Ok(()) } else { Err(unseen_job(call, id)) }
}

fn is_empty_list(call: &AuthingCall<'_>) -> bool {
    call.plan().quirks.unknown_task == UnknownTask::EmptyList
}

const STALE: &str = "it is there by now, but reads are behind (authing.quirks.stale_reads)";

/// The refusal of a read of a task, which stale reads may not see yet.
pub(crate) fn unseen_task(call: &AuthingCall<'_>, id: u64) -> ApiError {
    let view = call.view();
    let refusal = unknown_task(&view, id);
    if TaskView::find(&view, id).is_some() { refusal.hint(STALE) } else { refusal }
}

/// The refusal of a read of a job, which stale reads may not see yet.
pub(crate) fn unseen_job(call: &AuthingCall<'_>, id: u64) -> ApiError {
    let exists = find(&call.view(), id).is_some();
    let hint = if exists { STALE } else { "list-sync-jobs lists the jobs of a task" };
    ApiError::not_found(resource::JOB, &id.to_string()).hint(hint)
}

pub(crate) fn unknown_task(view: &View<'_>, id: u64) -> ApiError {
    ApiError::not_found(resource::TASK, &id.to_string()).hint(hint_for_task(view))
}

/// Names the tasks that exist.
pub(crate) fn hint_for_task(view: &View<'_>) -> String {
    let (scenario, created) = (&view.plan.tasks, &view.projection.tasks);
    let all =
        scenario.iter().map(|task| task.id).chain(created.entries().iter().map(|&(id, _)| id));
    let ids: Vec<String> = all.take(8).map(|id| id.to_string()).collect();
    if ids.is_empty() {
        return "this scenario has no tasks".to_owned();
    }
    let more = if scenario.len() + created.len() > ids.len() { " and more" } else { "" };
    format!("the tasks of this scenario are {}{more}", ids.join(", "))
}
