//! Risk operations: deletions that a downstream task wants to make, and that wait for somebody's
//! consent (vendor's guide).

use serde::Serialize;

use super::View;
use super::directory::{FIRST_DELETED, object};
use super::job::iso;
use super::job_logs::ObjectType;
use super::quirks::{CancelExecuting, ErrMsg};
use super::scenario::AuthingPlan;
use super::state::{CANCEL_RISK_OPERATION, RISK_OPERATION, RiskOperationStatus};
use super::task::TaskView;
use crate::world::draw::{Draws, Stream, draw, scale};
use crate::world::lifecycle::{LifecycleStatus, PathRun, Polls};
use crate::world::population::{Population, distance_from_start};
use crate::world::time::Timestamp;

/// The risk operations of a task of the scenario. A task that a client creates has none, because
/// nobody deletes anything upstream of it.
pub(crate) type RiskOperations = Population<(), RiskOperationStatus>;

/// The attributes of their sampler.
pub(crate) const PATH: usize = 0;
pub(crate) const OBJECT: usize = 1;

const ERRORS: Stream = Stream::named("authing.risk.error");
const EXECUTIONS: Stream = Stream::named("authing.risk.execution");

/// Names and order of the fields as in the vendor's OpenAPI document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RiskOperationRow {
    pub(crate) sync_risk_operation_id: u64,
    pub(crate) sync_task_id: u64,
    #[serde(serialize_with = "iso")]
    pub(crate) created_at: Timestamp,
    #[serde(serialize_with = "iso")]
    pub(crate) updated_at: Timestamp,
    pub(crate) status: RiskOperationStatus,
    /// Lower levels go first: a department cannot be deleted before its people (guide; the
    /// numbers are inferred).
    pub(crate) level: u64,
    pub(crate) object_type: ObjectType,
    pub(crate) object_name: String,
    pub(crate) object_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) err_msg: Option<String>,
}

/// The last transition that a client caused of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RiskTransition {
    pub(crate) at: Timestamp,
    /// The number of its event.
    pub(crate) number: u64,
    pub(crate) to: RiskOperationStatus,
}

/// One risk operation of a task.
#[derive(Clone, Copy)]
pub(crate) struct RiskOperationRef<'a> {
    pub(crate) task: TaskView<'a>,
    pub(crate) operations: &'a RiskOperations,
    /// Its index among those of the task.
    pub(crate) index: u64,
}

/// The operation of that id, if it exists.
pub(crate) fn find<'a>(view: &View<'a>, id: u64) -> Option<RiskOperationRef<'a>> {
    let (place, slot) = view.plan.risk_operation_ids.decode(id)?;
    let task = view.plan.tasks.get(usize::try_from(place).ok()?)?;
    let operations = task.operations.as_ref()?;
    let index = operations.arrivals.nth(slot);
    let exists = operations.arrivals.indexes_at(view.now).contains(&index);
    exists.then(|| RiskOperationRef { task: TaskView::new(view, task), operations, index })
}

impl RiskOperationRef<'_> {
    /// The state that an operation of the API leads to, if it is allowed now.
    pub(crate) fn transition(&self, operation: &str) -> Option<RiskOperationStatus> {
        let state = self.status().state;
        let is_forbidden = operation == CANCEL_RISK_OPERATION
            && state == RiskOperationStatus::Executing
            && self.task.plan.quirks.cancel_executing == CancelExecuting::Refuse;
        RISK_OPERATION.transition(operation, state).filter(|_| !is_forbidden)
    }

    fn status(&self) -> LifecycleStatus<RiskOperationStatus> {
        let TaskView { plan, task, history, now } = self.task;
        let Some(&RiskTransition { at, number, to }) = history.risk_transitions.get(&self.index)
        else {
            return self.operations.status(self.index, now);
        };
        if to != RiskOperationStatus::Executing {
            return LifecycleStatus::terminal(to, at);
        }
        let execution = &plan.execution;
        let stream = EXECUTIONS.of(task.id).of(self.index);
        let [success, failed] = execution.weights;
        let drawn = scale(draw(plan.seed, stream, number), success + failed);
        let path = execution.lifecycle.path(usize::from(drawn >= success));
        let index = draw(plan.seed, stream.of(1), number) >> 8;
        execution.lifecycle.follow(&PathRun { path, index, from: at, polls: Polls::default() }, now)
    }

    /// The operation as it is at the instant of the view.
    pub(crate) fn row(&self) -> RiskOperationRow {
        let (plan, task) = (self.task.plan, self.task.task);
        let LifecycleStatus { state: status, since, .. } = self.status();
        let object_type = self.object_type();
        let deleted = FIRST_DELETED + distance_from_start(self.index);
        let object = object(plan, task.id, object_type, deleted);
        let arrivals = &self.operations.arrivals;
        let created = arrivals.born(self.index);
        let slot = arrivals.ordinal(self.index);
        RiskOperationRow {
            sync_risk_operation_id: plan.risk_operation_ids.encode(task.place, slot),
            sync_task_id: task.id,
            created_at: created,
            updated_at: since.max(created),
            status,
            level: u64::from(object_type == ObjectType::Department),
            object_type,
            object_name: object.name,
            object_id: object.id,
            err_msg: err_msg(plan, task.id, self.index, status),
        }
    }

    pub(crate) fn object_type(&self) -> ObjectType {
        let sampler = &self.operations.sampler;
        ObjectType::from_attribute(sampler.attribute(OBJECT, sampler.row(self.index)))
    }

    pub(crate) fn is_in(&self, statuses: &[RiskOperationStatus]) -> bool {
        statuses.contains(&self.status().state)
    }
}

fn err_msg(
    plan: &AuthingPlan,
    task: u64,
    index: u64,
    status: RiskOperationStatus,
) -> Option<String> {
    match (status, plan.quirks.err_msg) {
        (RiskOperationStatus::Failed, _) => {
            let mut draws = Draws::new(plan.seed, ERRORS.of(task), index);
            Some(plan.causes.pick(draws.next()).message.clone())
        }
        (_, ErrMsg::Empty) => Some(String::new()),
        (_, ErrMsg::Absent) => None,
    }
}
