//! The project and the batch that a call names.

use super::async_job::{find, status};
use super::quirks::UnknownProject;
use super::{DrsCall, View, resource};
use crate::vendors::huawei::dialect::is_project;
use crate::wire::error::ApiError;
use crate::world::population::Member;

/// Whether the project of the call is the scenario's. Another one is refused, or has nothing.
pub(crate) fn is_ours(call: &DrsCall<'_>) -> Result<bool, ApiError> {
    let plan = call.plan();
    let refuse = plan.quirks.unknown_project == UnknownProject::Refuse;
    is_project(call, &plan.project_id, refuse)
}

/// The batch in the path as the view has it, and its id.
pub(crate) fn known_batch<'c>(
    call: &DrsCall<'c>,
    view: &View<'_>,
    ours: bool,
) -> Result<(Member, &'c str), ApiError> {
    let id = call.arguments().text("async_job_id").unwrap_or_default();
    let found = |view: &View<'_>| if ours { find(view, id) } else { None };
    let member = found(view).ok_or_else(|| {
        let hint = if found(&call.view()).is_some() {
            format!(
                "it is there now, but was not yet at {}, which this answer is of \
                 (drs.quirks.stale_reads)",
                view.now.iso_millis()
            )
        } else {
            "ListAsyncJobs lists the ids there are".to_owned()
        };
        ApiError::not_found(resource::JOB, id).hint(hint)
    })?;
    Ok((member, id))
}

/// The batch in the path as it is now, if its state allows the operation of the call.
pub(crate) fn allowed_batch<'c>(
    call: &DrsCall<'c>,
    ours: bool,
) -> Result<(Member, &'c str), ApiError> {
    let (view, operation) = (call.view(), call.operation_name());
    let (member, id) = known_batch(call, &view, ours)?;
    let (table, state) = (view.plan.table, status(&view, member).state);
    if table.transition(operation, state).is_some() {
        return Ok((member, id));
    }
    let allowed = table.allowed(operation);
    Err(ApiError::wrong_state(resource::JOB, id, table.name(state), &allowed))
}
