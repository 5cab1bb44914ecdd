//! Which instance and which of its tasks a legacy operation names.

use super::View;
use super::change::Whom;
use super::job::{find, region};
use super::quirks::OtherRegion;
use super::task::Direction;
use crate::gateway::Admitted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule, Thing};
use crate::world::population::Member;

pub const ID: &str = "SynchronizationJobId";
pub const DIRECTION: &str = "SynchronizationDirection";

pub fn id<'a>(arguments: &'a Arguments<'_>) -> Result<&'a str, Refusal> {
    arguments.text(ID).ok_or_else(|| {
        Refusal::parameter(ID, Rule::Required)
            .hint("DescribeSynchronizationJobs lists the ids there are")
    })
}

/// Forward, unless it says otherwise.
pub fn direction(arguments: &Arguments) -> Result<Direction, Refusal> {
    let reverse = arguments.one_of(DIRECTION, Direction::NAMES)? == Some("Reverse");
    Ok(if reverse { Direction::Reverse } else { Direction::Forward })
}

/// The instance of that id; in `RegionId`, where the scenario wants it to be there.
pub fn member(call: &Admitted<'_>, view: &View<'_>, id: &str) -> Result<Member, Refusal> {
    find(view, id)
        .filter(|&member| is_here(call, view, member))
        .ok_or_else(|| unknown(call, view, id))
}

pub fn is_here(call: &Admitted<'_>, view: &View<'_>, member: Member) -> bool {
    let wanted = call.arguments().text("RegionId");
    view.plan.quirks.other_region == OtherRegion::Find
        || wanted.is_none_or(|wanted| wanted == region(view, member))
}

pub fn unknown(call: &Admitted<'_>, view: &View<'_>, id: &str) -> Refusal {
    Refusal::unknown(Thing::Job, id).hint(format!(
        "no job {id} is here now; DescribeSynchronizationJobs lists those that are{}",
        as_of(call, view)
    ))
}

/// What a hint says of an answer that is not of now.
pub fn as_of(call: &Admitted<'_>, view: &View<'_>) -> String {
    if view.now == call.now() {
        return String::new();
    }
    let at = view.now.iso_millis();
    format!("; this answer is as of {at} (dts.quirks.stale_reads)")
}

impl Whom {
    pub fn new(id: &str, synchronization_direction: Direction) -> Self {
        Self { synchronization_job_id: id.to_owned(), synchronization_direction }
    }
}
