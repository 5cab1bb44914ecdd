//! GetSynchronizationJob: a row of the list by its id, without the fields that only the list has.

use serde::Serialize;

use super::event::polled;
use super::job::{SynchronizationJob, find_job, synchronization_job};
use super::parameters::{check_instance, instance_id, job_id};
use super::{EiamCall, EiamResult, View, render, resource};
use crate::wire::error::ApiError;
use crate::world::population::Member;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetSynchronizationJobResponse {
    request_id: String,
    synchronization_job: SynchronizationJob,
}

pub(crate) fn get_synchronization_job(call: &EiamCall<'_>) -> EiamResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let instance_id = instance_id(call)?;
    let id = job_id(call)?;
    check_instance(call, instance_id)?;
    let (member, job) = known_job(&view, id).map_err(|error| match find_job(&call.view(), id) {
        Some(_) => error.hint(
            "it is there by now, but reads of this scenario are stale \
                 (eiam.quirks.stale_reads)",
        ),
        None => error,
    })?;
    let poll = polled(&call.view(), [(member, &job)], None);
    let response = GetSynchronizationJobResponse {
        request_id: call.request_id(),
        synchronization_job: without_list_fields(job),
    };
    Ok(render(call, "", &response)?.recording(poll))
}

/// The job of that id.
///
/// # Errors
/// If it does not exist.
pub(crate) fn known_job(
    view: &View<'_>,
    id: &str,
) -> Result<(Member, SynchronizationJob), ApiError> {
    match find_job(view, id) {
        Some(member) => Ok((member, synchronization_job(view, member))),
        None => Err(ApiError::not_found(resource::JOB, id)
            .hint("ListSynchronizationJobs lists the ids there are")),
    }
}

/// Only the list has `Description` and `Exported` (TS 2.18.2, python SDK 3.0.1).
fn without_list_fields(mut job: SynchronizationJob) -> SynchronizationJob {
    job.description = None;
    if let Some(result) = &mut job.result {
        result.user_statistics.exported = None;
        result.organizational_unit_statistics.exported = None;
        result.group_statistics.exported = None;
        result.group_member_statistics.exported = None;
    }
    job
}
