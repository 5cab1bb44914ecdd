//! Events that clients cause, and the state projected from the event log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::View;
use super::draft::Draft;
use super::job::{JobRef, find};
use super::risk_operation::{self, RiskTransition};
use super::scenario::AuthingPlan;
use super::state::{CANCEL_RISK_OPERATION, TRIGGER_RISK_OPERATIONS};
use super::task::{Revision, Task, TaskView, schedule};
use super::trigger::obstacle;
use crate::engine::Event;
use crate::world::population::{Member, Traces};
use crate::world::shared_map::SharedMap;
use crate::world::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum AuthingEvent {
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
    /// An answer showed the states of jobs whose path counts answers.
    #[serde(rename = "look")]
    Poll { sync_job_ids: Vec<u64> },
}

/// A job whose state an answer shows.
pub(crate) struct ShownJob<'a> {
    pub(crate) task: TaskView<'a>,
    pub(crate) job: JobRef<'a>,
    pub(crate) id: u64,
}

impl Event for AuthingEvent {
    fn is_poll(&self) -> bool {
        matches!(self, Self::Poll { .. })
    }
}

/// The event of an answer that shows the states of jobs, if it changes something. A stale answer
/// shows a job as it was; the poll is one of the job as it is `now`.
pub(crate) fn polled<'a>(
    now: &View<'_>,
    shown: impl IntoIterator<Item = ShownJob<'a>>,
) -> Option<AuthingEvent> {
    let counted = shown.into_iter().filter(|shown| shown.job.counts_polls(&shown.task));
    let awaits_poll = |id: &u64| find(now, *id).is_some_and(|(task, job)| job.awaits_poll(&task));
    let sync_job_ids: Vec<u64> = counted.map(|shown| shown.id).filter(awaits_poll).collect();
    (!sync_job_ids.is_empty()).then_some(AuthingEvent::Poll { sync_job_ids })
}

#[derive(Clone, Debug, Default)]
pub(crate) struct AuthingProjection {
    /// The tasks that clients created, by id.
    pub(crate) tasks: SharedMap<u64, Arc<Task>>,
    /// Changes to tasks, by their ids.
    pub(crate) histories: SharedMap<u64, Arc<History>>,
    /// The ids of the tasks whose jobs clients triggered, by the number of the event.
    pub(crate) triggered: SharedMap<u64, u64>,
}

/// A change to a task.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// In the order of time, by the number of those before.
    pub(crate) revisions: SharedMap<usize, Arc<Revision>>,
    pub(crate) runs: Traces,
    /// The jobs that clients triggered, by the number of the event: those that `runs` has as
    /// created.
    pub(crate) triggered: SharedMap<u64, TriggeredJob>,
    pub(crate) operations: Traces,
    /// The last transition that clients caused of a risk operation, by its index.
    pub(crate) risk_transitions: SharedMap<u64, RiskTransition>,
}

impl History {
    /// Adds the latest revision.
    pub(crate) fn revise(&mut self, revision: Revision) {
        self.revisions.insert(self.revisions.len(), Arc::new(revision));
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct TriggeredJob {
    pub(crate) at: Timestamp,
    /// The number of jobs, of any task, that clients triggered before.
    pub(crate) place: usize,
}

impl AuthingProjection {
    pub(crate) fn apply(
        &mut self,
        plan: &AuthingPlan,
        number: u64,
        at: Timestamp,
        event: &AuthingEvent,
    ) {
        match event {
            AuthingEvent::CreateTask(draft) => {
                let setup = draft.setup();
                let task = setup.and_then(|setup| plan.created_task(number, at, setup));
                if let Some(task) = task {
                    self.tasks.insert(task.id, Arc::new(task));
                }
            }
            AuthingEvent::UpdateTask { sync_task_id: id, to } => {
                let view = View { plan, projection: &*self, now: at };
                let Some(task_view) = TaskView::find(&view, *id) else { return };
                let revision = revised(&task_view, number, to);
                self.history(*id).revise(revision);
            }
            AuthingEvent::TriggerTask { sync_task_id } => {
                self.trigger(plan, *sync_task_id, number, at);
            }
            AuthingEvent::TriggerRiskOperations { sync_risk_operation_ids: ids } => {
                self.operate(plan, TRIGGER_RISK_OPERATIONS, ids, number, at);
            }
            AuthingEvent::CancelRiskOperations { sync_risk_operation_ids: ids } => {
                self.operate(plan, CANCEL_RISK_OPERATION, ids, number, at);
            }
            AuthingEvent::Poll { sync_job_ids } => {
                for &id in sync_job_ids {
                    let view = View { plan, projection: &*self, now: at };
                    if let Some((task_view, JobRef::Run(member))) = find(&view, id) {
                        let task = task_view.task.id;
                        self.history(task).runs.poll(member, at);
                    }
                }
            }
        }
    }

    fn history(&mut self, task: u64) -> &mut History {
        Arc::make_mut(self.histories.or_default(task))
    }

    fn trigger(&mut self, plan: &AuthingPlan, id: u64, number: u64, at: Timestamp) {
        let view = View { plan, projection: &*self, now: at };
        let allowed = TaskView::find(&view, id).is_some_and(|task| obstacle(&task).is_none());
        if !allowed || number >= plan.ids.created.room() {
            return;
        }
        let place = self.triggered.len();
        self.triggered.insert(number, id);
        let history = self.history(id);
        history.triggered.insert(number, TriggeredJob { at, place });
        history.runs.create(number, at);
    }

    fn operate(
        &mut self,
        plan: &AuthingPlan,
        operation: &str,
        ids: &[u64],
        number: u64,
        at: Timestamp,
    ) {
        for &id in ids {
            let view = View { plan, projection: &*self, now: at };
            let Some(found) = risk_operation::find(&view, id) else { continue };
            let Some(to) = found.transition(operation) else { continue };
            let (task, index) = (found.task.task.id, found.index);
            let history = self.history(task);
            history.risk_transitions.insert(index, RiskTransition { at, number, to });
            history.operations.touch(Member::Synthetic(index));
        }
    }
}

/// The task's setup after an update.
pub(crate) fn revised(task_view: &TaskView<'_>, number: u64, to: &Draft) -> Revision {
    let TaskView { plan, task, now, .. } = *task_view;
    let before = task_view.revision();
    let mut setup = to.over(&before.setup);
    if setup.organization_code.is_none() && setup.flow != before.setup.flow {
        setup.organization_code = task_view.organization_code().map(str::to_owned);
    }
    let keeps_schedule = setup.trigger == before.setup.trigger && to.timed_scheduler.is_none();
    let schedule = if keeps_schedule {
        before.schedule.clone()
    } else {
        schedule(plan, task.id, &setup, now, number).map(Arc::new)
    };
    Revision { from: now, setup, schedule, earlier: task_view.earlier_runs() }
}
