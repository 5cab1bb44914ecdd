//! The arguments by which the legacy operations name an instance and one of its tasks.

use super::job::{find, region};
use super::quirks::OtherRegion;
use super::task::Direction;
use super::{DtsCall, View, resource};
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};
use crate::world::population::Member;

pub(crate) const ID: &str = "SynchronizationJobId";
pub(crate) const DIRECTION: &str = "SynchronizationDirection";

pub(crate) fn job_id<'a>(arguments: &'a Arguments<'_>) -> Result<&'a str, ApiError> {
    arguments.text(ID).ok_or_else(|| {
        ApiError::parameter(ID, Rule::Required)
            .hint("DescribeSynchronizationJobs lists the ids there are")
    })
}

/// Forward by default.
pub(crate) fn direction(arguments: &Arguments<'_>) -> Result<Direction, ApiError> {
    let is_reverse = arguments.one_of(DIRECTION, Direction::NAMES)? == Some("Reverse");
    Ok(if is_reverse { Direction::Reverse } else { Direction::Forward })
}

/// The instance of that id. A quirk hides the instances of other regions than `RegionId`.
pub(crate) fn member(call: &DtsCall<'_>, view: &View<'_>, id: &str) -> Result<Member, ApiError> {
    find(view, id)
        .filter(|&member| is_in_requested_region(call, view, member))
        .ok_or_else(|| unknown_job(call, view, id))
}

/// The instance of that id, unless it is deleted: one that is still shown cannot be changed.
pub(crate) fn living_member(
    call: &DtsCall<'_>,
    view: &View<'_>,
    id: &str,
) -> Result<Member, ApiError> {
    let member = member(call, view, id)?;
    match view.projection.deleted(member) {
        Some(_) => Err(unknown_job(call, view, id).hint(format!("{id} was deleted"))),
        None => Ok(member),
    }
}

pub(crate) fn is_in_requested_region(call: &DtsCall<'_>, view: &View<'_>, member: Member) -> bool {
    let requested = call.arguments().text("RegionId");
    view.plan.quirks.other_region == OtherRegion::Find
        || requested.is_none_or(|requested| requested == region(view, member))
}

pub(crate) fn unknown_job(call: &DtsCall<'_>, view: &View<'_>, id: &str) -> ApiError {
    ApiError::not_found(resource::JOB, id).hint(format!(
        "no job {id} is here now; DescribeSynchronizationJobs lists those that are{}",
        stale_read_note(call, view)
    ))
}

/// The end of a hint, if the answer is not of now.
pub(crate) fn stale_read_note(call: &DtsCall<'_>, view: &View<'_>) -> String {
    if view.now == call.now() {
        return String::new();
    }
    let at = view.now.iso_millis();
    format!("; this answer is as of {at} (dts.quirks.stale_reads)")
}
