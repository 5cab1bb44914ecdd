//! What a call is about: its project and its task.

use super::errors::{INVALID_ID_MOVED, NO_RESOURCES_MOVED};
use super::hints::hinted;
use super::life::Life;
use super::quirks::{UnknownProject, UnknownStatus, UnknownTask};
use super::state::{DELETE, START, STOP, TASK};
use super::task::{find, id_of, living};
use super::{View, view};
use crate::gateway::{Admitted, hint_for_project, is_project};
use crate::wire::refusal::{Refusal, Rule, Thing};
use crate::world::population::Member;

/// Whether the project of the call is the scenario's; one that is not may be refused.
pub fn is_ours(call: &Admitted<'_>) -> Result<bool, Refusal> {
    let plan = &call.plan().oms;
    let refuse = plan.quirks.unknown_project == UnknownProject::Refuse;
    is_project(call, &plan.project_id, refuse)
}

/// The id in the path, up to 255 characters (vendor's pages).
pub fn sync_task_id<'c>(call: &'c Admitted<'_>) -> Result<&'c str, Refusal> {
    let id = call.arguments().text("sync_task_id").unwrap_or_default();
    if id.chars().count() > 255 {
        return Err(hinted(Refusal::parameter("sync_task_id", Rule::Length(255))));
    }
    Ok(id)
}

/// The task of the id; asked for once all parameters are known to be good (inferred).
pub fn known(call: &Admitted<'_>, ours: bool, id: &str) -> Result<(Member, Life), Refusal> {
    known_in(&view(call), call, ours, id)
}

/// The same as of the view, which may be of an earlier instant.
pub fn known_in(
    view: &View<'_>,
    call: &Admitted<'_>,
    ours: bool,
    id: &str,
) -> Result<(Member, Life), Refusal> {
    let found = if ours { find(view, id) } else { None };
    found.ok_or_else(|| {
        unknown_task(call, id).hint(if !ours {
            hint_for_project(call, &call.plan().oms.project_id)
        } else if view.now < call.now() && find(&super::view(call), id).is_some() {
            "it is there by now, but reads of this scenario are stale (oms.quirks.stale_reads)"
                .to_owned()
        } else {
            hint_for_task(view)
        })
    })
}

/// Refuses unless there is such a task, in a state that the operation of the call is allowed
/// in.
pub fn allowed_now(call: &Admitted<'_>, ours: bool, id: &str) -> Result<(), Refusal> {
    let operation = call.target().operation.name;
    let (_, life) = known(call, ours, id)?;
    if TASK.moved(operation, life.state).is_some() {
        return Ok(());
    }
    Err(Refusal::wrong_state(Thing::Task, id, TASK.name(life.state), &TASK.allowed(operation)))
}

/// The vendor's pages list no 404 for starting, stopping and deleting.
fn unknown_task(call: &Admitted<'_>, id: &str) -> Refusal {
    let quirks = &call.plan().oms.quirks;
    let moves = [START, STOP, DELETE].contains(&call.target().operation.name);
    if !moves || quirks.unknown_task_of_moves == UnknownStatus::NotFound {
        return Refusal::unknown(Thing::Task, id);
    }
    match quirks.unknown_task {
        UnknownTask::NoResources => Refusal::own(&NO_RESOURCES_MOVED, ""),
        UnknownTask::InvalidId => Refusal::own(&INVALID_ID_MOVED, ""),
    }
}

fn hint_for_task(view: &View<'_>) -> String {
    let View { plan, changes, now } = *view;
    let exact = (0..plan.tasks.pins.len()).map(Member::Pinned);
    let created = changes.tasks.created().rev().map(|(_, number)| Member::Created(number));
    let drawn = (0..plan.tasks.arrivals.count_at(now)).map(Member::Synthetic);
    let there = |&member: &Member| living(view, member).is_some();
    let examples: Vec<String> = exact
        .filter(there)
        .take(2)
        .chain(created.filter(there).take(2))
        .chain(drawn.filter(there).take(2))
        .filter_map(|member| id_of(view, member))
        .collect();
    if examples.is_empty() {
        "there are no tasks now; oms.tasks.count and [[oms.task]] make some".to_owned()
    } else {
        format!("there are tasks such as {}", examples.join(", "))
    }
}
