//! The synchronization job on the wire, and how the counters of a generated one are drawn.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::View;
use super::fixed_job::FixedJob;
use super::quirks::ErrMsg;
use super::scenario::AuthingPlan;
use super::state::SyncJobStatus;
use super::task::{ScheduledRuns, Task, TaskView};
use crate::scenario::prescribed_path::created_path;
use crate::world::draw::{Draws, Stream};
use crate::world::lifecycle::{Lifecycle, LifecyclePath, PathRun, Polls};
use crate::world::population::{Member, created_index};
use crate::world::time::{SECOND, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Flow {
    Upstream,
    Downstream,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Trigger {
    Manually,
    Timed,
    Automatic,
}

impl Trigger {
    pub(crate) const ALL: [Self; 3] = [Self::Manually, Self::Timed, Self::Automatic];
}

/// The sampler's attribute that says how a run ends.
pub(crate) const OUTCOME: usize = 0;
const COUNTS: Stream = Stream::named("authing.job.counts");
const ROWS: Stream = Stream::named("authing.job.cards");
/// The first index that scheduled runs are drawn by.
const FIRST_SCHEDULED: u64 = 1 << 58;

/// Names and order of the fields as in the vendor's OpenAPI document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SyncJobRow {
    pub(crate) sync_job_id: u64,
    pub(crate) sync_task_id: u64,
    #[serde(serialize_with = "iso")]
    pub(crate) created_at: Timestamp,
    #[serde(serialize_with = "iso")]
    pub(crate) updated_at: Timestamp,
    pub(crate) sync_status: SyncJobStatus,
    pub(crate) sync_flow: Flow,
    pub(crate) sync_trigger: Trigger,
    pub(crate) department_count_all: u64,
    pub(crate) department_count_succ: u64,
    pub(crate) department_update_count_all: u64,
    pub(crate) department_update_count_succ: u64,
    pub(crate) account_count_all: u64,
    pub(crate) account_count_succ: u64,
    pub(crate) account_update_count_all: u64,
    pub(crate) account_update_count_succ: u64,
    /// Failed jobs have one; the others none, or an empty one, as the scenario says
    /// (inferred: the field is optional and its example empty).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) err_msg: Option<String>,
}

pub(crate) fn iso<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&instant.iso_millis())
}

/// One of the four columns of the vendor's console (guide).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) all: u64,
    pub(crate) succ: u64,
}

impl SyncJobRow {
    /// Departments, departments to update, accounts, accounts to update.
    pub(crate) fn counters(&self) -> [Counter; 4] {
        [
            Counter { all: self.department_count_all, succ: self.department_count_succ },
            Counter {
                all: self.department_update_count_all,
                succ: self.department_update_count_succ,
            },
            Counter { all: self.account_count_all, succ: self.account_count_succ },
            Counter { all: self.account_update_count_all, succ: self.account_update_count_succ },
        ]
    }

    pub(crate) fn set_counters(&mut self, counters: [Counter; 4]) {
        let [departments, department_updates, accounts, account_updates] = counters;
        self.department_count_all = departments.all;
        self.department_count_succ = departments.succ;
        self.department_update_count_all = department_updates.all;
        self.department_update_count_succ = department_updates.succ;
        self.account_count_all = accounts.all;
        self.account_count_succ = accounts.succ;
        self.account_update_count_all = account_updates.all;
        self.account_update_count_succ = account_updates.succ;
    }
}

/// One job of a task, as its list counts them.
#[derive(Clone, Copy)]
pub(crate) enum JobRef<'a> {
    /// A manual run, or a fixed job.
    Run(Member),
    /// The single record of what a task does by itself.
    Record(ScheduledRuns<'a>),
}

impl JobRef<'_> {
    /// The job as it is at the instant of the view.
    pub(crate) fn row(&self, view: &TaskView<'_>) -> SyncJobRow {
        let TaskView { plan, task, history, now } = *view;
        let runs = &task.runs;
        let manual = |id, created, run: &PathRun<'_, SyncJobStatus>| {
            let flow = view.setup_at(created).flow;
            let origin = Origin { id, task: task.id, flow, trigger: Trigger::Manually, created };
            let stage = Stage::new(&runs.lifecycle, run, now);
            drawn_row(plan, origin, counts(task.id), run.index, &NO_FIXED_COUNTERS, stage)
        };
        match *self {
            Self::Run(member @ Member::Fixed(place)) => {
                let record = &runs.fixed[place];
                let FixedJob { job, path, index, counters } = &record.value;
                let Some(path) = path else { return job.clone() };
                let polls = history.runs.polls(member);
                let run = PathRun { path, index: *index, from: record.born, polls };
                let stage = Stage::new(&runs.lifecycle, &run, now);
                let origin = Origin {
                    id: job.sync_job_id,
                    task: task.id,
                    flow: job.sync_flow,
                    trigger: job.sync_trigger,
                    created: record.born,
                };
                let mut row = drawn_row(plan, origin, counts(task.id), *index, counters, stage);
                if let (Some(message), SyncJobStatus::Failed) = (&job.err_msg, stage.status) {
                    row.err_msg = Some(message.clone());
                }
                row
            }
            Self::Run(Member::Synthetic(index)) => {
                let from = runs.arrivals.born(index);
                let path = sampled_path(task, &runs.lifecycle, runs.sampler.row(index));
                let run = PathRun { path, index, from, polls: Polls::default() };
                let slot = runs.arrivals.ordinal(index) + 1;
                manual(plan.ids.generated.encode(task.place, slot), from, &run)
            }
            Self::Run(member @ Member::Created(number)) => {
                let triggered = view.triggered(number);
                let path = path_of_triggered(view, number);
                let index = created_index(number);
                let polls = history.runs.polls(member);
                let run = PathRun { path, index, from: triggered.at, polls };
                manual(plan.ids.created.encode(0, number), triggered.at, &run)
            }
            Self::Record(ScheduledRuns { first, last }) => {
                let index = FIRST_SCHEDULED + last.number;
                let lifecycle = &last.schedule.lifecycle;
                let path = sampled_path(task, lifecycle, runs.sampler.row(index));
                let run = PathRun { path, index, from: last.begins(), polls: Polls::default() };
                let stage = Stage::new(lifecycle, &run, now);
                let setup = &last.revision.setup;
                let origin = Origin {
                    id: task.record,
                    task: task.id,
                    flow: setup.flow,
                    trigger: setup.trigger,
                    created: first,
                };
                drawn_row(plan, origin, last.schedule.counts, index, &NO_FIXED_COUNTERS, stage)
            }
        }
    }

    /// Whether answers that show the job may have to be counted, now or later.
    pub(crate) fn counts_polls(&self, view: &TaskView<'_>) -> bool {
        self.polled_run(view).is_some_and(|run| run.path.counts_polls())
    }

    /// Whether an answer at the view's instant that shows the job changes something.
    pub(crate) fn awaits_poll(&self, view: &TaskView<'_>) -> bool {
        let lifecycle = &view.task.runs.lifecycle;
        self.polled_run(view).is_some_and(|run| lifecycle.awaits_poll(&run, view.now))
    }

    /// The job on its path; None if no path of its kind counts polls.
    fn polled_run<'v>(&self, view: &TaskView<'v>) -> Option<PathRun<'v, SyncJobStatus>> {
        let Self::Run(member) = *self else { return None };
        let (path, index, from) = match member {
            Member::Fixed(place) => {
                let record = &view.task.runs.fixed[place];
                (record.value.path.as_ref()?, record.value.index, record.born)
            }
            Member::Created(number) => {
                let path = path_of_triggered(view, number);
                (path, created_index(number), view.triggered(number).at)
            }
            Member::Synthetic(_) => return None,
        };
        Some(PathRun { path, index, from, polls: view.history.runs.polls(member) })
    }
}

/// The stream that the counters of a task's runs are drawn from while nobody changes its setup.
pub(crate) fn counts(task: u64) -> Stream {
    COUNTS.of(task)
}

/// The path of a run in that row of the task's sampler.
fn sampled_path<'a>(
    task: &Task,
    lifecycle: &'a Lifecycle<SyncJobStatus>,
    row: usize,
) -> &'a LifecyclePath<SyncJobStatus> {
    lifecycle.path(task.runs.sampler.attribute(OUTCOME, row))
}

/// The path of the job that the event of that number triggered.
fn path_of_triggered<'a>(view: &TaskView<'a>, number: u64) -> &'a LifecyclePath<SyncJobStatus> {
    let TaskView { plan, task, .. } = *view;
    match created_path(&plan.created_paths, view.triggered(number).place) {
        Some(path) => path,
        None => {
            let row = task.runs.drawn_row(ROWS, created_index(number));
            sampled_path(task, &task.runs.lifecycle, row)
        }
    }
}

/// The job of that id, if it exists.
pub(crate) fn find<'a>(view: &View<'a>, id: u64) -> Option<(TaskView<'a>, JobRef<'a>)> {
    let View { plan, projection, now } = *view;
    for task in &plan.tasks {
        let mut fixed = task.runs.fixed.iter();
        if let Some(place) = fixed.position(|record| record.value.job.sync_job_id == id) {
            let exists = task.runs.fixed[place].born <= now;
            let job = JobRef::Run(Member::Fixed(place));
            return exists.then(|| (TaskView::new(view, task), job));
        }
    }
    let record = |view: TaskView<'a>| Some((view, JobRef::Record(view.scheduled_runs()?)));
    if let Some((_, number)) = plan.ids.created.decode(id) {
        return match projection.triggered.get(&number) {
            Some(&task) => {
                Some((TaskView::find(view, task)?, JobRef::Run(Member::Created(number))))
            }
            None => {
                let task = TaskView::find(view, plan.created_task_id(number)?)?;
                record(task).filter(|(view, _)| view.task.record == id)
            }
        };
    }
    let (place, slot) = plan.ids.generated.decode(id)?;
    let task = plan.tasks.get(usize::try_from(place).ok()?)?;
    let task_view = TaskView::new(view, task);
    match slot.checked_sub(1) {
        None => record(task_view),
        Some(run) => {
            let arrivals = &task.runs.arrivals;
            let index = arrivals.nth(run);
            let exists = arrivals.indexes_at(now).contains(&index);
            exists.then_some((task_view, JobRef::Run(Member::Synthetic(index))))
        }
    }
}

/// The progress of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    pub(crate) status: SyncJobStatus,
    /// The outcome of the run, also before it ends.
    pub(crate) end: SyncJobStatus,
    /// In thousandths of the time it takes.
    pub(crate) progress: u64,
    /// When any of this last changed.
    pub(crate) updated: Timestamp,
}

impl Stage {
    fn new(
        lifecycle: &Lifecycle<SyncJobStatus>,
        run: &PathRun<'_, SyncJobStatus>,
        now: Timestamp,
    ) -> Self {
        let mut status = lifecycle.follow(run, now);
        let mut updated = status.since;
        if status.state == SyncJobStatus::OnProgress && !status.is_terminal {
            // Progress is written down once a second.
            updated = updated.plus(now.since(updated) / SECOND * SECOND);
            status = lifecycle.follow(run, updated);
        } else if status.state == SyncJobStatus::OnProgress {
            // It never gets any further.
            status.progress = 500;
        }
        Self { status: status.state, end: run.path.terminal, progress: status.progress, updated }
    }
}

/// The attributes of a job before it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) id: u64,
    pub(crate) task: u64,
    pub(crate) flow: Flow,
    pub(crate) trigger: Trigger,
    pub(crate) created: Timestamp,
}

/// A counter that a fixed job ends with, as far as the scenario gives it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FixedCounter {
    pub(crate) all: Option<u64>,
    pub(crate) succ: Option<u64>,
}

pub(crate) const NO_FIXED_COUNTERS: [FixedCounter; 4] = [FixedCounter { all: None, succ: None }; 4];

/// A job at the given stage, its counters and message drawn.
pub(crate) fn drawn_row(
    plan: &AuthingPlan,
    origin: Origin,
    counts: Stream,
    index: u64,
    fixed: &[FixedCounter; 4],
    stage: Stage,
) -> SyncJobRow {
    let mut draws = Draws::new(plan.seed, counts, index);
    let counters = drawn_counters(plan, stage, fixed, &mut draws);
    let err_msg = match (stage.status, plan.quirks.err_msg) {
        (SyncJobStatus::Failed, _) => Some(plan.causes.pick(draws.next()).message.clone()),
        (_, ErrMsg::Empty) => Some(String::new()),
        (_, ErrMsg::Absent) => None,
    };
    let mut row = SyncJobRow {
        sync_job_id: origin.id,
        sync_task_id: origin.task,
        created_at: origin.created,
        updated_at: stage.updated,
        sync_status: stage.status,
        sync_flow: origin.flow,
        sync_trigger: origin.trigger,
        department_count_all: 0,
        department_count_succ: 0,
        department_update_count_all: 0,
        department_update_count_succ: 0,
        account_count_all: 0,
        account_count_succ: 0,
        account_update_count_all: 0,
        account_update_count_succ: 0,
        err_msg,
    };
    row.set_counters(counters);
    row
}

/// The part of a run, in thousandths, in which departments are processed.
pub(crate) const DEPARTMENTS: u64 = 200;

/// How much there is to do is known when a run starts. Departments are done first, then the
/// accounts that belong to them (inferred, all of it). A run that fails stops somewhere on the
/// way, unless the scenario says how far it gets.
fn drawn_counters(
    plan: &AuthingPlan,
    stage: Stage,
    fixed: &[FixedCounter; 4],
    draws: &mut Draws,
) -> [Counter; 4] {
    let entities = plan.entities;
    let all = [
        nearly(entities.departments, draws),
        few(entities.departments, draws),
        nearly(entities.accounts, draws),
        few(entities.accounts, draws),
    ];
    let gets = if stage.end == SyncJobStatus::Failed { draws.below(900) } else { 1000 };
    if matches!(stage.status, SyncJobStatus::Free | SyncJobStatus::Pending) {
        return [Counter::default(); 4];
    }
    std::array::from_fn(|column| {
        let FixedCounter { all: fixed_all, succ } = fixed[column];
        let (before, part) =
            if column < 2 { (0, DEPARTMENTS) } else { (DEPARTMENTS, 1000 - DEPARTMENTS) };
        let done = |gets: u64| (gets * stage.progress / 1000).saturating_sub(before).min(part);
        let all = fixed_all.unwrap_or(all[column].max(succ.unwrap_or(0)));
        let succ = match succ {
            Some(succ) => succ * done(1000) / part,
            None => all * done(gets) / part,
        };
        Counter { all, succ }
    })
}

/// All entities, or up to a fiftieth fewer, because entities are added and removed.
fn nearly(entities: u64, draws: &mut Draws) -> u64 {
    entities - draws.below(entities / 50 + 1)
}

/// Up to a fiftieth of them; if there are any, now and then at least one.
fn few(entities: u64, draws: &mut Draws) -> u64 {
    draws.below((entities / 50).max(entities.min(1)) + 1)
}
