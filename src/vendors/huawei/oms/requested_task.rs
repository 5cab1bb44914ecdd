//! The project and the task that a call names.

use super::View;
use super::errors::{INVALID_ID_ON_TRANSITION, NO_RESOURCES_ON_TRANSITION};
use super::hints::with_hint;
use super::lifecycle_status::TaskStatus;
use super::quirks::{UnknownProject, UnknownStatus, UnknownTask};
use super::state::{DELETE, START, STOP, TASK};
use super::task::{existing_status, find_task, task_id};
use super::{OmsCall, resource};
use crate::vendors::huawei::dialect::{hint_for_project, is_project};
use crate::wire::error::{ApiError, Rule};
use crate::world::population::Member;

/// Maximum length of a task id in characters (vendor's pages).
const MAX_ID_LENGTH: usize = 255;

/// Whether the call names the scenario's project.
///
/// # Errors
/// If it names another one, unless other projects are empty (oms.quirks.unknown_project).
pub(crate) fn is_known_project(call: &OmsCall<'_>) -> Result<bool, ApiError> {
    let plan = call.plan();
    let refuse = plan.quirks.unknown_project == UnknownProject::Refuse;
    is_project(call, &plan.project_id, refuse)
}

/// The task of the path, which need not exist.
pub(crate) struct RequestedTask<'c> {
    pub(crate) id: &'c str,
    /// Another project has no tasks.
    is_known_project: bool,
}

impl<'c> RequestedTask<'c> {
    /// # Errors
    /// If the project is refused, or the id is too long.
    pub(crate) fn from_call(call: &'c OmsCall<'_>) -> Result<Self, ApiError> {
        let is_known_project = is_known_project(call)?;
        let id = call.arguments().text("sync_task_id").unwrap_or_default();
        if id.chars().count() > MAX_ID_LENGTH {
            let error = ApiError::parameter("sync_task_id", Rule::Length(MAX_ID_LENGTH));
            return Err(with_hint(error));
        }
        Ok(Self { id, is_known_project })
    }

    /// Finds the task in a view, which may be of an earlier instant. Called once all parameters
    /// are known to be good (inferred).
    pub(crate) fn find(
        &self,
        call: &OmsCall<'_>,
        view: &View<'_>,
    ) -> Result<(Member, TaskStatus), ApiError> {
        let id = self.id;
        if !self.is_known_project {
            return Err(
                unknown_task(call, id).hint(hint_for_project(call, &call.plan().project_id))
            );
        }
        find_task(view, id).ok_or_else(|| {
            unknown_task(call, id).hint(
                if view.now < call.now() && find_task(&call.view(), id).is_some() {
                    "it is there by now, but reads of this scenario are stale \
                     (oms.quirks.stale_reads)"
                        .to_owned()
                } else {
                    hint_for_task(view)
                },
            )
        })
    }

    /// # Errors
    /// If there is no such task, or its state does not allow the operation of the call.
    pub(crate) fn check_allowed(&self, call: &OmsCall<'_>) -> Result<(), ApiError> {
        let operation = call.operation_name();
        let (_, status) = self.find(call, &call.view())?;
        if TASK.transition(operation, status.state).is_some() {
            return Ok(());
        }
        let (state, allowed) = (TASK.name(status.state), TASK.allowed(operation));
        Err(ApiError::wrong_state(resource::TASK, self.id, state, &allowed))
    }
}

/// The vendor's pages list no 404 for starting, stopping and deleting.
fn unknown_task(call: &OmsCall<'_>, id: &str) -> ApiError {
    let quirks = &call.plan().quirks;
    let is_transition = [START, STOP, DELETE].contains(&call.operation_name());
    if !is_transition || quirks.unknown_task_of_moves == UnknownStatus::NotFound {
        return ApiError::not_found(resource::TASK, id);
    }
    match quirks.unknown_task {
        UnknownTask::NoResources => ApiError::own(&NO_RESOURCES_ON_TRANSITION, ""),
        UnknownTask::InvalidId => ApiError::own(&INVALID_ID_ON_TRANSITION, ""),
    }
}

/// Names up to two tasks of each origin.
fn hint_for_task(view: &View<'_>) -> String {
    let View { plan, projection, now } = *view;
    let fixed = (0..plan.tasks.fixed.len()).map(Member::Fixed);
    let created = projection.tasks.created().rev().map(|(_, number)| Member::Created(number));
    let synthetic = plan.tasks.arrivals.indexes_at(now).map(Member::Synthetic);
    let exists = |&member: &Member| existing_status(view, member).is_some();
    let examples: Vec<String> = fixed
        .filter(exists)
        .take(2)
        .chain(created.filter(exists).take(2))
        .chain(synthetic.filter(exists).take(2))
        .map(|member| task_id(view, member))
        .collect();
    if examples.is_empty() {
        "there are no tasks now; oms.tasks.count and [[oms.task]] make some".to_owned()
    } else {
        format!("there are tasks such as {}", examples.join(", "))
    }
}
