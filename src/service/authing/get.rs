//! get-sync-task, list-sync-tasks and get-sync-job.

use super::View;
use super::asked::Query;
use super::change::looked;
use super::job::{find, job};
use super::page::{Paged, render};
use super::quirks::UnknownTask;
use super::task::Standing;
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Refusal, Thing};

pub fn task(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let known = super::known(call);
    let view = super::view_as_of(&known);
    let mut query = Query::new(call.arguments());
    let id = query.id("syncTaskId");
    query.end()?;
    let standing = Standing::of(&view, id).ok_or_else(|| unseen_task(call, id))?;
    let (task, shown) = standing.shown();
    let look = looked(&shown.map(|(row, id)| (standing, row, id)).into_iter().collect::<Vec<_>>());
    Ok(render(call, &task)?.changing(look))
}

pub fn tasks(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let listed = super::listed(call);
    let view = super::view_as_of(&listed);
    let quirks = &view.plan.quirks;
    let mut query = Query::new(call.arguments());
    let page = query.page(quirks);
    query.end()?;
    let all: Vec<Standing<'_>> = Standing::all(&view).collect();
    let mut looks = Vec::new();
    let tasks = Paged::of(quirks, page, all.len() as u64, |place| {
        let standing = *all.get(usize::try_from(place).ok()?)?;
        let (task, shown) = standing.shown();
        looks.extend(shown.map(|(row, id)| (standing, row, id)));
        Some(task)
    })?;
    Ok(tasks.render(call)?.changing(looked(&looks)))
}

pub fn job_of_id(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let known = super::known(call);
    let view = super::view_as_of(&known);
    let mut query = Query::new(call.arguments());
    let id = query.id("syncJobId");
    query.end()?;
    let found = find(&view, id).and_then(|(standing, row)| {
        let job = job(&standing, row)?;
        Some((standing, row, job))
    });
    let (standing, row, job) = found.ok_or_else(|| unseen_job(call, id))?;
    Ok(render(call, &job)?.changing(looked(&[(standing, row, id)])))
}

/// Whether lists of what a task has are answered, though the task is not there as of the page:
/// what reads know does not depend on the window of a snapshot.
pub fn has_lists(call: &Admitted<'_>, id: u64) -> Result<(), Refusal> {
    let known = super::known(call);
    let view = super::view_as_of(&known);
    let granted = view.plan.quirks.unknown_task == UnknownTask::EmptyList;
    if granted || Standing::of(&view, id).is_some() { Ok(()) } else { Err(unseen_task(call, id)) }
}

/// The same of the lines of a job.
pub fn has_lines(call: &Admitted<'_>, id: u64) -> Result<(), Refusal> {
    let known = super::known(call);
    let view = super::view_as_of(&known);
    let granted = view.plan.quirks.unknown_task == UnknownTask::EmptyList;
    if granted || find(&view, id).is_some() { Ok(()) } else { Err(unseen_job(call, id)) }
}

const STALE: &str = "it is there by now, but reads are behind (authing.quirks.stale_reads)";

fn unseen_task(call: &Admitted<'_>, id: u64) -> Refusal {
    let view = super::view(call);
    let refusal = unknown_task(&view, id);
    if Standing::of(&view, id).is_some() { refusal.hint(STALE) } else { refusal }
}

fn unseen_job(call: &Admitted<'_>, id: u64) -> Refusal {
    let there = find(&super::view(call), id).is_some();
    let hint = if there { STALE } else { "list-sync-jobs lists the jobs of a task" };
    Refusal::unknown(Thing::Job, &id.to_string()).hint(hint)
}

pub fn unknown_task(view: &View<'_>, id: u64) -> Refusal {
    Refusal::unknown(Thing::Task, &id.to_string()).hint(known_tasks(view))
}

/// For a hint.
pub fn known_tasks(view: &View<'_>) -> String {
    let (scenario, created) = (&view.plan.tasks, &view.changes.tasks);
    let all = scenario.iter().map(|task| task.id).chain(created.keys().copied());
    let ids: Vec<String> = all.take(8).map(|id| id.to_string()).collect();
    if ids.is_empty() {
        return "this scenario has no tasks".to_owned();
    }
    let more = if scenario.len() + created.len() > ids.len() { " and more" } else { "" };
    format!("the tasks of this scenario are {}{more}", ids.join(", "))
}
