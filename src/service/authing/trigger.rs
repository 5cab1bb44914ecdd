//! trigger-sync-task: a new job of a task, which starts at once.

use serde::Serialize;

use super::asked::{Members, complain, id};
use super::change::Change;
use super::errors::{NO_PROVIDER, out_of_ids};
use super::get::known_tasks;
use super::page::render;
use super::quirks::TriggerWhileRunning;
use super::state::JOB;
use super::task::Standing;
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::body;
use crate::wire::refusal::{Refusal, Thing};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    sync_job_id: u64,
}

/// The id has no lower bound here: 0 is a task that is not there (vendor's SDK tests).
pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let body = body(call.exchange().request)?;
    let mut violations = Vec::new();
    let asked = Members::new(&body).number("syncTaskId", &mut violations);
    complain(violations)?;
    let task_id = asked.map_or(0, id);

    let standing = Standing::of(&view, task_id);
    // Vendor's SDK tests.
    let no_provider = |hint: String| Refusal::own(&NO_PROVIDER, "").hint(hint);
    let standing = standing.ok_or_else(|| no_provider(known_tasks(&view)))?;
    match obstacle(&standing) {
        None => {}
        Some(Obstacle::NoProvider) => {
            let key = standing.setup().kind.config().map_or("", |config| config.key);
            return Err(no_provider(format!("its clientConfig has no {key}; update-sync-task")));
        }
        Some(Obstacle::Running(state)) => {
            let ended: Vec<&str> =
                JOB.states.iter().filter(|row| row.stay.is_none()).map(|row| row.name).collect();
            let id = task_id.to_string();
            return Err(Refusal::wrong_state(Thing::Task, &id, state, &ended));
        }
    }
    if call.number() >= view.plan.ids.made.room() {
        return Err(out_of_ids());
    }
    let answer = Answer { sync_job_id: view.plan.ids.made.encode(0, call.number()) };
    Ok(render(call, &answer)?.changing(Change::TriggerTask { sync_task_id: task_id }))
}

/// Why a task can not run now.
pub enum Obstacle {
    /// That its type needs a clientConfig for its directory is inferred from the message.
    NoProvider,
    /// Its newest job is in this state, which it will leave by itself. Nothing says what the
    /// vendor does then; the scenario chooses.
    Running(&'static str),
}

pub fn obstacle(standing: &Standing<'_>) -> Option<Obstacle> {
    if !standing.configured() {
        return Some(Obstacle::NoProvider);
    }
    if standing.plan.quirks.trigger_while_running == TriggerWhileRunning::Start {
        return None;
    }
    let (_, job) = standing.newest()?;
    let state = job.sync_status.state();
    JOB.stay(state).map(|_| Obstacle::Running(JOB.name(state)))
}
