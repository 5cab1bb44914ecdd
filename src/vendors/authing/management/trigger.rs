//! trigger-sync-task: a new job of a task, which starts at once.

use serde::Serialize;

use super::errors::{NO_PROVIDER, out_of_ids};
use super::event::AuthingEvent;
use super::not_found::hint_for_task;
use super::page::render;
use super::parameters::{BodyReader, id_from_number, refuse_violations};
use super::quirks::TriggerWhileRunning;
use super::state::JOB;
use super::task::TaskView;
use super::{AuthingCall, AuthingResult, resource};
use crate::wire::body;
use crate::wire::error::ApiError;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TriggerSyncTaskResponse {
    sync_job_id: u64,
}

/// The id has no lower bound here: 0 is an unknown task (vendor's SDK tests).
pub(crate) fn trigger_sync_task(call: &AuthingCall<'_>) -> AuthingResult {
    let view = call.view();
    let body = body(call.context().request)?;
    let mut violations = Vec::new();
    let id = BodyReader::new(&body).number("syncTaskId", &mut violations);
    refuse_violations(violations)?;
    let sync_task_id = id.map_or(0, id_from_number);

    // Vendor's SDK tests.
    let no_provider = |hint: String| ApiError::own(&NO_PROVIDER, "").hint(hint);
    let task =
        TaskView::find(&view, sync_task_id).ok_or_else(|| no_provider(hint_for_task(&view)))?;
    match obstacle(&task) {
        None => {}
        Some(Obstacle::NoProvider) => {
            let key = task.setup().sync_task_type.config().map_or("", |config| config.key);
            return Err(no_provider(format!("its clientConfig has no {key}; update-sync-task")));
        }
        Some(Obstacle::Running(state)) => {
            let ended: Vec<&str> =
                JOB.states.iter().filter(|row| row.dwell.is_none()).map(|row| row.name).collect();
            let id = sync_task_id.to_string();
            return Err(ApiError::wrong_state(resource::TASK, &id, state, &ended));
        }
    }
    let ids = &view.plan.ids.created;
    if call.change_ordinal() >= ids.room() {
        return Err(out_of_ids());
    }
    let response = TriggerSyncTaskResponse { sync_job_id: ids.encode(0, call.change_ordinal()) };
    Ok(render(call, &response)?.recording(AuthingEvent::TriggerTask { sync_task_id }))
}

/// Why a task cannot run now.
pub(crate) enum Obstacle {
    /// Inferred from the message: its type needs a clientConfig for its directory.
    NoProvider,
    /// Its newest job is in this state, which it will leave by itself. Nothing says what the
    /// vendor does then; the scenario chooses.
    Running(&'static str),
}

pub(crate) fn obstacle(task: &TaskView<'_>) -> Option<Obstacle> {
    if !task.is_configured() {
        return Some(Obstacle::NoProvider);
    }
    if task.plan.quirks.trigger_while_running == TriggerWhileRunning::Start {
        return None;
    }
    let state = task.newest()?.1.sync_status;
    JOB.dwell(state).map(|_| Obstacle::Running(JOB.name(state)))
}
