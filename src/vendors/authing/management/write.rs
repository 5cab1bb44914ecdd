//! create-sync-task and update-sync-task. The spec declares a page of tasks as their answer;
//! the vendor's SDK tests read a task.

use super::draft::Draft;
use super::errors::{MUST_CONTAIN, out_of_ids};
use super::event::{AuthingEvent, History, revised};
use super::job::Flow;
use super::not_found::unknown_task;
use super::page::{self, ListPage};
use super::parameters::{BodyReader, id_from_number, refuse_violations};
use super::quirks::WrittenTask;
use super::task::{Setup, SyncTaskRow, TaskView};
use super::{AuthingCall, AuthingResult};
use crate::wire::body;
use crate::wire::error::{ApiError, Rule};

pub(crate) fn create_sync_task(call: &AuthingCall<'_>) -> AuthingResult {
    let view = call.view();
    let body = body(call.context().request)?;
    let body = BodyReader::new(&body);
    let mut violations = Vec::new();
    let draft = Draft::read(&body, true, &mut violations);
    refuse_violations(violations)?;
    // Vendor's SDK tests; that the other members are checked first is inferred.
    for (name, example) in [
        ("clientConfig", r#"{"larkConfig": {"app_id": "...", "app_secret": "..."}}"#),
        ("fieldMapping", r#"[{"expression": "mobile", "targetKey": "phone"}]"#),
    ] {
        if !body.has(name) {
            return Err(ApiError::own(&MUST_CONTAIN, name).hint(format!("it is like {example}")));
        }
    }
    #[expect(clippy::expect_used, reason = "a draft that lacks something was refused above")]
    let setup = draft.setup().expect("everything that a new task needs");
    check_organization(&setup)?;
    let task = view.plan.created_task(call.change_ordinal(), call.now(), setup);
    let task = task.ok_or_else(out_of_ids)?;
    let history = &view.plan.no_history;
    let created = TaskView { plan: view.plan, task: &task, history, now: call.now() };
    Ok(render(call, created.row().0)?.recording(AuthingEvent::CreateTask(draft)))
}

pub(crate) fn update_sync_task(call: &AuthingCall<'_>) -> AuthingResult {
    let view = call.view();
    let body = body(call.context().request)?;
    let body = BodyReader::new(&body);
    let mut violations = Vec::new();
    let sync_task_id = body.number("syncTaskId", &mut violations).map_or(0, id_from_number);
    let draft = Draft::read(&body, false, &mut violations);
    refuse_violations(violations)?;
    let task =
        TaskView::find(&view, sync_task_id).ok_or_else(|| unknown_task(&view, sync_task_id))?;
    let revision = revised(&task, call.change_ordinal(), &draft);
    check_organization(&revision.setup)?;
    let mut history = History::clone(task.history);
    history.revise(revision);
    let updated = TaskView { history: &history, ..task };
    let event = AuthingEvent::UpdateTask { sync_task_id, to: draft };
    Ok(render(call, updated.row().0)?.recording(event))
}

/// A downstream task is bound to an organization from the beginning (vendor's OpenAPI document;
/// the wording of the refusal is inferred).
fn check_organization(setup: &Setup) -> Result<(), ApiError> {
    let code = setup.organization_code.as_deref().unwrap_or_default();
    if setup.flow == Flow::Downstream && code.is_empty() {
        return Err(ApiError::parameter("organizationCode", Rule::Required)
            .hint("a downstream task needs one"));
    }
    Ok(())
}

fn render(call: &AuthingCall<'_>, task: SyncTaskRow<'_>) -> AuthingResult {
    match call.plan().quirks.written_task {
        WrittenTask::Single => page::render(call, &task),
        WrittenTask::Page => ListPage::single(task).render(call),
    }
}
