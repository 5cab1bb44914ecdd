//! Risk operations: deletions that a downstream task would make, and that wait for somebody's
//! consent (vendor's guide).

use serde::{Deserialize, Serialize};

use super::View;
use super::directory::{GONE, object};
use super::job::iso;
use super::logs::ObjectType;
use super::quirks::{CancelExecuting, ErrMsg};
use super::scenario::Plan;
use super::state::risk::{CANCEL, EXECUTING, OPERATION};
use super::task::Standing;
use crate::world::draw::{Draws, Stream, draw, scale};
use crate::world::lifecycle::{Course, Situation, State};
use crate::world::population::Population;
use crate::world::time::Timestamp;

/// Those of a task of the scenario. A task that a client creates has none, for nobody
/// deletes anything upstream of it.
pub type Operations = Population<()>;

/// The choices of their deck.
pub const COURSE: usize = 0;
pub const OBJECT: usize = 1;

const ERRORS: Stream = Stream::named("authing.risk.error");
const EXECUTIONS: Stream = Stream::named("authing.risk.execution");

/// `status`, in the order of the machine's states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Pending,
    Executing,
    Success,
    Failed,
    Canceled,
}

impl Status {
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Executing, Self::Success, Self::Failed, Self::Canceled];

    pub const fn state(self) -> State {
        self as State
    }

    fn of(state: State) -> Self {
        Self::ALL.get(state).copied().unwrap_or(Self::Pending)
    }
}

/// Names and order of the fields as in the vendor's OpenAPI document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RiskOperation {
    pub sync_risk_operation_id: u64,
    pub sync_task_id: u64,
    #[serde(serialize_with = "iso")]
    pub created_at: Timestamp,
    #[serde(serialize_with = "iso")]
    pub updated_at: Timestamp,
    pub status: Status,
    /// The lower the sooner: a department can not go before its people (guide; the numbers
    /// are inferred).
    pub level: u64,
    pub object_type: ObjectType,
    pub object_name: String,
    pub object_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub err_msg: Option<String>,
}

/// What was last done to an operation, and by which change.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    pub at: Timestamp,
    pub number: u64,
    pub to: State,
}

/// The operation of that id, by its index among its task's, if there is one.
pub fn find<'a>(view: &View<'a>, id: u64) -> Option<(Standing<'a>, u64)> {
    let (place, index) = view.plan.operation_ids.decode(id)?;
    let task = view.plan.tasks.get(usize::try_from(place).ok()?)?;
    let operations = task.operations.as_ref()?;
    let there = index < operations.arrivals.count_at(view.now);
    Some((Standing::of(view, task.id)?, index)).filter(|_| there)
}

/// Where an operation leads from where it is, if it is allowed there.
pub fn moved(standing: &Standing<'_>, operation: &str, index: u64) -> Option<State> {
    let state = situation(standing, index)?.state;
    let forbidden = operation == CANCEL
        && state == EXECUTING
        && standing.plan.quirks.cancel_executing == CancelExecuting::Refuse;
    OPERATION.moved(operation, state).filter(|_| !forbidden)
}

fn situation(standing: &Standing<'_>, index: u64) -> Option<Situation> {
    let Standing { plan, task, history, now } = *standing;
    let Some(&Moved { at, number, to }) = history.moved.get(&index) else {
        return Some(task.operations.as_ref()?.situation(index, now));
    };
    if to != EXECUTING {
        return Some(Situation { state: to, since: at, at_rest: true, progress: 1000 });
    }
    let execution = &plan.execution;
    let stream = EXECUTIONS.of(task.id).of(index);
    let [success, failed] = execution.weights;
    let drawn = scale(draw(plan.seed, stream, number), success + failed);
    let path = execution.lifecycle.paths.get(usize::from(drawn >= success))?;
    let index = draw(plan.seed, stream.of(1), number) >> 8;
    Some(execution.lifecycle.walk(&Course { path, index, from: at, looks: &[] }, now))
}

pub fn risk_operation(standing: &Standing<'_>, index: u64) -> Option<RiskOperation> {
    let Standing { plan, task, .. } = *standing;
    let operations = task.operations.as_ref()?;
    let situation = situation(standing, index)?;
    let status = Status::of(situation.state);
    let object_type = object_type(operations, index);
    let object = object(plan, task.id, object_type, GONE + index);
    let created = operations.arrivals.born(index);
    Some(RiskOperation {
        sync_risk_operation_id: plan.operation_ids.encode(task.place, index),
        sync_task_id: task.id,
        created_at: created,
        updated_at: situation.since.max(created),
        status,
        level: u64::from(object_type == ObjectType::Department),
        object_type,
        object_name: object.name,
        object_id: object.id,
        err_msg: err_msg(plan, task.id, index, status),
    })
}

pub fn object_type(operations: &Operations, index: u64) -> ObjectType {
    ObjectType::of(operations.deck.choice(OBJECT, operations.deck.card(index)))
}

fn err_msg(plan: &Plan, task: u64, index: u64, status: Status) -> Option<String> {
    match (status, plan.quirks.err_msg) {
        (Status::Failed, _) => {
            let mut draws = Draws::new(plan.seed, ERRORS.of(task), index);
            Some(plan.causes.pick(draws.next()).message.clone())
        }
        (_, ErrMsg::Empty) => Some(String::new()),
        (_, ErrMsg::Absent) => None,
    }
}
