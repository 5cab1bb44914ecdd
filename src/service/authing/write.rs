//! create-sync-task and update-sync-task. The spec declares a page of tasks as their answer;
//! the vendor's SDK tests read a task.

use std::sync::Arc;

use super::asked::{Members, complain, id};
use super::change::{Change, History, revised};
use super::draft::Draft;
use super::errors::{MUST_CONTAIN, out_of_ids};
use super::get::unknown_task;
use super::job::Flow;
use super::page::{self, Paged};
use super::quirks::WrittenTask;
use super::task::{Setup, Standing, SyncTask};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::body;
use crate::wire::refusal::{Refusal, Rule};

pub fn create(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let body = body(call.exchange().request)?;
    let body = Members::new(&body);
    let mut violations = Vec::new();
    let draft = Draft::read(&body, true, &mut violations);
    complain(violations)?;
    // Vendor's SDK tests; that the rest is looked at before is inferred.
    for (name, like) in [
        ("clientConfig", r#"{"larkConfig": {"app_id": "...", "app_secret": "..."}}"#),
        ("fieldMapping", r#"[{"expression": "mobile", "targetKey": "phone"}]"#),
    ] {
        if !body.has(name) {
            return Err(Refusal::own(&MUST_CONTAIN, name).hint(format!("it is like {like}")));
        }
    }
    if let Some(setup) = draft.setup() {
        bound(&setup)?;
    }
    let task = view.plan.created_task(call.number(), call.now(), &draft).ok_or_else(out_of_ids)?;
    let history = &view.plan.untouched;
    let standing = Standing { plan: view.plan, task: &task, history, now: call.now() };
    Ok(render(call, standing.shown().0)?.changing(Change::CreateTask(draft)))
}

pub fn update(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let body = body(call.exchange().request)?;
    let body = Members::new(&body);
    let mut violations = Vec::new();
    let task_id = body.number("syncTaskId", &mut violations).map_or(0, id);
    let draft = Draft::read(&body, false, &mut violations);
    complain(violations)?;
    let standing = Standing::of(&view, task_id).ok_or_else(|| unknown_task(&view, task_id))?;
    let revision = revised(&standing, call.number(), &draft);
    bound(&revision.setup)?;
    let mut history = History::clone(standing.history);
    history.revisions.push(Arc::new(revision));
    let updated = Standing { history: &history, ..standing };
    let change = Change::UpdateTask { sync_task_id: task_id, to: draft };
    Ok(render(call, updated.shown().0)?.changing(change))
}

/// A downstream task is bound to an organization from the beginning (vendor's OpenAPI
/// document; how that is complained of is inferred).
fn bound(setup: &Setup) -> Result<(), Refusal> {
    let code = setup.organization_code.as_deref().unwrap_or_default();
    if setup.flow == Flow::Downstream && code.is_empty() {
        return Err(Refusal::parameter("organizationCode", Rule::Required)
            .hint("a downstream task needs one"));
    }
    Ok(())
}

fn render(call: &Admitted<'_>, task: SyncTask<'_>) -> Result<Granted, Refusal> {
    match call.plan().authing.quirks.written_task {
        WrittenTask::Single => page::render(call, &task),
        WrittenTask::Page => Paged::single(task).render(call),
    }
}
