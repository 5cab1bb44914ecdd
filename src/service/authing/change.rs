//! What clients can change, and what their changes have come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::View;
use super::draft::Draft;
use super::job::{Row, counts_looks, find};
use super::risk::{self, Moved};
use super::scenario::Plan;
use super::state::risk::{CANCEL, TRIGGER};
use super::task::{Revision, Standing, Task, schedule};
use super::trigger::obstacle;
use crate::world::population::{Member, Traces};
use crate::world::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// create-sync-task.
    CreateTask(Draft),
    /// update-sync-task.
    UpdateTask { sync_task_id: u64, to: Draft },
    /// trigger-sync-task.
    TriggerTask { sync_task_id: u64 },
    /// trigger-sync-risk-operations.
    TriggerRiskOperations { sync_risk_operation_ids: Vec<u64> },
    /// cancel-sync-risk-operation.
    CancelRiskOperations { sync_risk_operation_ids: Vec<u64> },
    /// An answer showed the states of jobs whose path counts that.
    Look { sync_job_ids: Vec<u64> },
}

impl From<Change> for Option<crate::service::Change> {
    fn from(change: Change) -> Self {
        Some(crate::service::Change::Authing(change))
    }
}

/// The change that an answer makes by showing jobs, each with its id.
pub fn looked(shown: &[(Standing<'_>, Row, u64)]) -> Option<crate::service::Change> {
    let counted = shown.iter().filter(|(standing, row, _)| counts_looks(standing, *row));
    let ids: Vec<u64> = counted.map(|(_, _, id)| *id).collect();
    if ids.is_empty() { None } else { Change::Look { sync_job_ids: ids }.into() }
}

#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// What clients created, by id.
    pub tasks: BTreeMap<u64, Arc<Task>>,
    /// What happened to tasks, by their ids.
    pub histories: BTreeMap<u64, Arc<History>>,
    /// Whose jobs clients triggered, by the number of the change.
    pub triggered: BTreeMap<u64, u64>,
}

/// What happened to a task.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// In the order of time.
    pub revisions: Vec<Arc<Revision>>,
    pub runs: Traces,
    /// By the number of the change.
    pub triggered: BTreeMap<u64, Triggered>,
    pub operations: Traces,
    /// The last thing that was done to a risk operation, by its index.
    pub moved: BTreeMap<u64, Moved>,
}

#[derive(Clone, Copy, Debug)]
pub struct Triggered {
    pub at: Timestamp,
    /// How many jobs clients had triggered before, of any task.
    pub place: usize,
}

impl Changes {
    pub fn apply(&mut self, plan: &Plan, number: u64, at: Timestamp, change: &Change) {
        match change {
            Change::CreateTask(draft) => self.create(plan, number, at, draft),
            Change::UpdateTask { sync_task_id, to } => {
                self.update(plan, *sync_task_id, number, at, to);
            }
            Change::TriggerTask { sync_task_id } => self.trigger(plan, *sync_task_id, number, at),
            Change::TriggerRiskOperations { sync_risk_operation_ids } => {
                self.operate(plan, TRIGGER, sync_risk_operation_ids, number, at);
            }
            Change::CancelRiskOperations { sync_risk_operation_ids } => {
                self.operate(plan, CANCEL, sync_risk_operation_ids, number, at);
            }
            Change::Look { sync_job_ids } => self.look(plan, sync_job_ids, at),
        }
    }

    fn history(&mut self, task: u64) -> &mut History {
        Arc::make_mut(self.histories.entry(task).or_default())
    }

    fn create(&mut self, plan: &Plan, number: u64, at: Timestamp, draft: &Draft) {
        if let Some(task) = plan.created_task(number, at, draft) {
            self.tasks.insert(task.id, Arc::new(task));
        }
    }

    fn update(&mut self, plan: &Plan, id: u64, number: u64, at: Timestamp, to: &Draft) {
        let view = View { plan, changes: &*self, now: at };
        let Some(standing) = Standing::of(&view, id) else { return };
        let revision = revised(&standing, number, to);
        self.history(id).revisions.push(Arc::new(revision));
    }

    fn trigger(&mut self, plan: &Plan, id: u64, number: u64, at: Timestamp) {
        let view = View { plan, changes: &*self, now: at };
        let allowed = Standing::of(&view, id).is_some_and(|s| obstacle(&s).is_none());
        if !allowed || number >= plan.ids.made.room() {
            return;
        }
        let place = self.triggered.len();
        self.triggered.insert(number, id);
        let history = self.history(id);
        history.triggered.insert(number, Triggered { at, place });
        history.runs.create(number, at);
    }

    fn operate(&mut self, plan: &Plan, operation: &str, ids: &[u64], number: u64, at: Timestamp) {
        for &id in ids {
            let view = View { plan, changes: &*self, now: at };
            let Some((standing, index)) = risk::find(&view, id) else { continue };
            let Some(to) = risk::moved(&standing, operation, index) else { continue };
            let task = standing.task.id;
            let history = self.history(task);
            history.moved.insert(index, Moved { at, number, to });
            history.operations.touch(Member::Synthetic(index));
        }
    }

    fn look(&mut self, plan: &Plan, ids: &[u64], at: Timestamp) {
        for &id in ids {
            let view = View { plan, changes: &*self, now: at };
            if let Some((standing, Row::Run(member))) = find(&view, id) {
                let task = standing.task.id;
                self.history(task).runs.look(member, at);
            }
        }
    }
}

/// What the task is set up as from now on.
pub fn revised(standing: &Standing<'_>, number: u64, to: &Draft) -> Revision {
    let Standing { plan, task, now, .. } = *standing;
    let before = standing.revision();
    let mut setup = to.over(&before.setup);
    if setup.organization_code.is_none() && setup.flow != before.setup.flow {
        setup.organization_code = standing.organization_code().map(str::to_owned);
    }
    let keeps_time = setup.trigger == before.setup.trigger && to.timed_scheduler.is_none();
    let schedule = if keeps_time {
        before.schedule.clone()
    } else {
        schedule(plan, task.id, &setup, now, number).map(Arc::new)
    };
    Revision { from: now, setup, schedule }
}
