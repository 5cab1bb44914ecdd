//! The synchronization job on the wire, and how a generated one comes by its figures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::scenario::{ErrMsg, Plan, Task};
use super::schedule::Schedule;
use crate::world::draw::{Draws, Stream};
use crate::world::lifecycle::{Lifecycle, State};
use crate::world::population::Member;
use crate::world::time::{SECOND, Timestamp};

/// `syncStatus`. A generated job is never free: that is a task which never ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    Free,
    Pending,
    OnProgress,
    Success,
    Failed,
}

impl Status {
    const ALL: [Self; 5] =
        [Self::Free, Self::Pending, Self::OnProgress, Self::Success, Self::Failed];

    pub const fn state(self) -> State {
        self as State
    }

    fn of(state: State) -> Self {
        Self::ALL.get(state).copied().unwrap_or(Self::Failed)
    }

    pub fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Failed)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Flow {
    Upstream,
    Downstream,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Trigger {
    Manually,
    Timed,
    Automatic,
}

impl Trigger {
    pub const ALL: [Self; 3] = [Self::Manually, Self::Timed, Self::Automatic];
    pub const NAMES: &'static [&'static str] = &["manually", "timed", "automatic"];

    pub fn named(name: &str) -> Option<Self> {
        let place = Self::NAMES.iter().position(|n| *n == name)?;
        Self::ALL.get(place).copied()
    }
}

/// The choice of a task's deck: how a run ends.
pub const OUTCOME: usize = 0;
const COUNTS: Stream = Stream::named("authing.job.counts");
/// Runs by schedule draw from these indexes on, exact jobs from those.
const SCHEDULED: u64 = 1 << 58;
const EXACT: u64 = 1 << 60;

/// Names and order of the fields as in the vendor's OpenAPI document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub sync_job_id: u64,
    pub sync_task_id: u64,
    #[serde(serialize_with = "iso")]
    pub created_at: Timestamp,
    #[serde(serialize_with = "iso")]
    pub updated_at: Timestamp,
    pub sync_status: Status,
    pub sync_flow: Flow,
    pub sync_trigger: Trigger,
    pub department_count_all: u64,
    pub department_count_succ: u64,
    pub department_update_count_all: u64,
    pub department_update_count_succ: u64,
    pub account_count_all: u64,
    pub account_count_succ: u64,
    pub account_update_count_all: u64,
    pub account_update_count_succ: u64,
    /// Failed jobs have one; the others none, or an empty one, as the scenario says
    /// (inferred: the field is optional and its example empty).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub err_msg: Option<String>,
}

fn iso<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&instant.iso_millis())
}

/// One job of a task, as its list counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A manual run, or an exact job.
    Run(Member),
    /// The single record of a timed or automatic task; the number is its last run's.
    Record(u64),
}

/// The job of a row as it stands at `now`.
pub fn job(plan: &Plan, task: &Task, row: Row, now: Timestamp) -> Option<Job> {
    match row {
        Row::Run(Member::Pinned(place)) => task.runs.pins.get(place).map(|pin| pin.value.clone()),
        Row::Run(Member::Created(_)) => None,
        Row::Run(Member::Synthetic(run)) => {
            let born = task.runs.arrivals.born(run);
            let path = task.path(run);
            let stage = Stage::of(&task.runs.lifecycle, path, run, born, now);
            let id = plan.ids.encode(task.place, run + 1);
            Some(synthesize(plan, task, id, Trigger::Manually, run, born, stage))
        }
        Row::Record(run) => {
            let schedule = task.schedule.as_ref()?;
            let stage = task.scheduled_stage(schedule, run, now);
            let id = plan.ids.encode(task.place, 0);
            let (created, index) = (schedule.begins(0), SCHEDULED + run);
            Some(synthesize(plan, task, id, task.trigger, index, created, stage))
        }
    }
}

impl Task {
    fn path(&self, index: u64) -> usize {
        self.runs.deck.choice(OUTCOME, self.runs.deck.card(index))
    }

    fn scheduled_stage(&self, schedule: &Schedule, run: u64, now: Timestamp) -> Stage {
        let index = SCHEDULED + run;
        Stage::of(&schedule.lifecycle, self.path(index), index, schedule.begins(run), now)
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    pub status: Status,
    /// How the run will end, or has.
    pub end: Status,
    /// In thousandths of the time it takes.
    pub progress: u64,
    /// When any of this last changed.
    pub updated: Timestamp,
}

impl Stage {
    fn of(lifecycle: &Lifecycle, path: usize, index: u64, born: Timestamp, now: Timestamp) -> Self {
        let mut situation = lifecycle.situation(path, index, born, now);
        let mut updated = situation.since;
        if situation.state == Status::OnProgress.state() {
            // Progress is written down once a second.
            updated = updated.plus(now.since(updated) / SECOND * SECOND);
            situation = lifecycle.situation(path, index, born, updated);
        }
        Self {
            status: Status::of(situation.state),
            end: Status::of(lifecycle.rest_of(path)),
            progress: situation.progress,
            updated,
        }
    }
}

/// A job made of draws, at the given stage. `index` says which of the task's draws.
pub fn synthesize(
    plan: &Plan,
    task: &Task,
    id: u64,
    trigger: Trigger,
    index: u64,
    created: Timestamp,
    stage: Stage,
) -> Job {
    let mut draws = Draws::new(plan.seed, COUNTS.of(task.id), index);
    let counts = Counts::draw(plan, stage, &mut draws);
    let err_msg = match (stage.status, plan.err_msg) {
        (Status::Failed, _) => Some(plan.causes.pick(draws.next()).message.clone()),
        (_, ErrMsg::Empty) => Some(String::new()),
        (_, ErrMsg::Absent) => None,
    };
    Job {
        sync_job_id: id,
        sync_task_id: task.id,
        created_at: created,
        updated_at: stage.updated,
        sync_status: stage.status,
        sync_flow: task.flow,
        sync_trigger: trigger,
        department_count_all: counts.departments.all,
        department_count_succ: counts.departments.succ,
        department_update_count_all: counts.department_updates.all,
        department_update_count_succ: counts.department_updates.succ,
        account_count_all: counts.accounts.all,
        account_count_succ: counts.accounts.succ,
        account_update_count_all: counts.account_updates.all,
        account_update_count_succ: counts.account_updates.succ,
        err_msg,
    }
}

/// The four columns of the vendor's console (guide).
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    departments: Tally,
    department_updates: Tally,
    accounts: Tally,
    account_updates: Tally,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    all: u64,
    succ: u64,
}

impl Counts {
    /// How much there is to do is known when a run starts; then departments are done, then
    /// accounts, because those are put into these (inferred, all of it). A run that fails
    /// stops somewhere on the way.
    fn draw(plan: &Plan, stage: Stage, draws: &mut Draws) -> Self {
        /// The part of a run that departments take, in thousandths.
        const DEPARTMENTS: u64 = 200;
        let entities = plan.entities;
        let departments = nearly(entities.departments, draws);
        let department_updates = few(entities.departments, draws);
        let accounts = nearly(entities.accounts, draws);
        let account_updates = few(entities.accounts, draws);
        let gets = if stage.end == Status::Failed { draws.below(900) } else { 1000 };
        if matches!(stage.status, Status::Free | Status::Pending) {
            return Self::default();
        }
        let got = gets * stage.progress / 1000;
        let early = got.min(DEPARTMENTS);
        let late = got - early;
        let part = |all: u64, done, of| Tally { all, succ: all * done / of };
        Self {
            departments: part(departments, early, DEPARTMENTS),
            department_updates: part(department_updates, early, DEPARTMENTS),
            accounts: part(accounts, late, 1000 - DEPARTMENTS),
            account_updates: part(account_updates, late, 1000 - DEPARTMENTS),
        }
    }
}

/// As many as there are, or up to a fiftieth fewer: they come and go.
fn nearly(entities: u64, draws: &mut Draws) -> u64 {
    entities - draws.below(entities / 50 + 1)
}

/// Up to a fiftieth of them, and one at least now and then if there are any.
fn few(entities: u64, draws: &mut Draws) -> u64 {
    draws.below((entities / 50).max(entities.min(1)) + 1)
}

/// The index from which the exact job at `place` draws what is not written.
pub fn exact_index(place: usize) -> u64 {
    EXACT + place as u64
}
