//! StartSynchronizationJob, SuspendSynchronizationJob, ResetSynchronizationJob and
//! DeleteSynchronizationJob.

use super::asked::{self, DIRECTION};
use super::change::{Change, Whom};
use super::job::{PRE_PAID, job};
use super::state::{DELETE, NOT_CONFIGURED, RESET, START, SUSPEND, TASK};
use super::task::{Direction, Task, task};
use super::verdict::{Verdict, legacy, render};
use super::{View, errors};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Refusal, Rule, Thing};
use crate::world::population::Member;

pub fn start(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    legacy(call, steer(call, START, Change::Start))
}

pub fn suspend(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    legacy(call, steer(call, SUSPEND, Change::Suspend))
}

pub fn reset(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    legacy(call, steer(call, RESET, Change::Reset))
}

pub fn delete(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    legacy(call, release(call))
}

fn steer(
    call: &Admitted<'_>,
    operation: &'static str,
    change: fn(Whom) -> Change,
) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let id = asked::id(call.arguments())?;
    let direction = asked::direction(call.arguments())?;
    let member = living(call, &view, id)?;
    let task = task(&view, member, direction).ok_or_else(|| {
        // "You can set this parameter to Reverse only if the topology is two-way" (doc
        // comments); that it is refused otherwise is inferred.
        Refusal::parameter(DIRECTION, Rule::OneOf(&["Forward"])).hint(format!("{id} is one-way"))
    })?;
    may(operation, id, &task)?;
    Ok(render(call, "", &Verdict::granted(call))?.changing(change(Whom::new(id, direction))))
}

fn release(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let id = asked::id(call.arguments())?;
    let member = living(call, &view, id)?;
    let job =
        job(&view, member, Direction::Forward).ok_or_else(|| asked::unknown(call, &view, id))?;
    if job.pay_type == PRE_PAID {
        // That it can not be done is on the page of DeleteDtsJob, the code is inferred.
        let hint = format!("{id} is a subscription ({PRE_PAID}), which no API releases");
        return Err(Refusal::own(&errors::INVALID_JOB_STATUS, "").hint(hint));
    }
    may(DELETE, id, &job.task)?;
    let change = Change::Delete { synchronization_job_id: id.to_owned() };
    Ok(render(call, "", &Verdict::granted(call))?.changing(change))
}

/// The instance of that id, unless it is deleted: one that still shows can not be changed.
pub fn living(call: &Admitted<'_>, view: &View<'_>, id: &str) -> Result<Member, Refusal> {
    let member = asked::member(call, view, id)?;
    match view.changes.deleted(member) {
        Some(_) => Err(asked::unknown(call, view, id).hint(format!("{id} was deleted"))),
        None => Ok(member),
    }
}

/// Whether the operation is allowed in the state that the task is in.
pub fn may(operation: &'static str, id: &str, task: &Task) -> Result<(), Refusal> {
    if TASK.moved(operation, task.state).is_some() {
        return Ok(());
    }
    let state = TASK.name(task.state);
    let refusal = Refusal::wrong_state(Thing::Job, id, state, &TASK.allowed(operation));
    Err(if task.state == NOT_CONFIGURED {
        refusal.hint("it is not configured: ConfigureSynchronizationJob does that, and starts it")
    } else {
        refusal
    })
}
