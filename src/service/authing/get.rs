//! get-sync-task, list-sync-tasks and get-sync-job.

use super::View;
use super::asked::Query;
use super::change::looked;
use super::job::{find, job};
use super::page::Paged;
use super::task::Standing;
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Refusal, Thing};

pub fn task(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let mut query = Query::new(call.arguments());
    let id = query.id("syncTaskId");
    query.end()?;
    let standing = Standing::of(&view, id).ok_or_else(|| unknown_task(&view, id))?;
    let (task, shown) = standing.shown();
    let look = looked(&shown.map(|(row, id)| (standing, row, id)).into_iter().collect::<Vec<_>>());
    Ok(call.render(&task)?.changing(look))
}

pub fn tasks(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let mut query = Query::new(call.arguments());
    let page = query.page(view.plan.limit_over_50);
    query.end()?;
    let total = (view.plan.tasks.len() + view.changes.tasks.len()) as u64;
    let rows = page.of(total);
    let (from, count) = (rows.start as usize, (rows.end - rows.start) as usize);
    let mut looks = Vec::new();
    let tasks = Standing::all(&view)
        .skip(from)
        .take(count)
        .map(|standing| {
            let (task, shown) = standing.shown();
            looks.extend(shown.map(|(row, id)| (standing, row, id)));
            task
        })
        .collect();
    let answer = Paged::new(total, tasks).shaped(view.plan.list);
    Ok(call.render(&answer)?.changing(looked(&looks)))
}

pub fn job_of_id(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let mut query = Query::new(call.arguments());
    let id = query.id("syncJobId");
    query.end()?;
    let found = find(&view, id).and_then(|(standing, row)| {
        let job = job(&standing, row)?;
        Some((standing, row, job))
    });
    let (standing, row, job) = found.ok_or_else(|| {
        Refusal::unknown(Thing::Job, &id.to_string())
            .hint("list-sync-jobs lists the jobs of a task")
    })?;
    Ok(call.render(&job)?.changing(looked(&[(standing, row, id)])))
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
