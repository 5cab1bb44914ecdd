//! The `[authing]` part of a scenario file, and the plan it becomes.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::event::History;
use super::fixed_job::{FixedJob, FixedSyncJobTable, fixed_job_ids, fixed_jobs};
use super::ids::{IdSeries, JobIds, MAX_ID};
use super::job::{Flow, OUTCOME, Trigger};
use super::planned_task::{FixedSyncTaskTable, PlannedTask, organization, outlines};
use super::quirks::{CancelExecuting, Quirks};
use super::risk_operation::{PATH, RiskOperations};
use super::state::{AUTOMATIC, JOB, RISK_OPERATION, RiskOperationStatus, SyncJobStatus, TIMED};
use super::task::{EarlierRuns, Revision, Setup, Task, schedule};
use crate::scenario::Base;
use crate::scenario::failure_messages::{
    DefaultFailureMessage, FailureMessageTable, failure_messages,
};
use crate::scenario::paging::Paging;
use crate::scenario::path_weights::PathWeights;
use crate::scenario::population::{ArrivalsTable, check_moving, check_weights};
use crate::scenario::prescribed_path::{CreatedTable, PathReader};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::spread::Spread;
use crate::scenario::value::{Length, Moment};
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::failure_messages::FailureMessages;
use crate::world::lifecycle::{Lifecycle, LifecyclePath};
use crate::world::lifecycle_table::LifecycleTable;
use crate::world::names::Locale;
use crate::world::population::{Arrivals, Population};
use crate::world::quantiles::Quantiles;
use crate::world::sampler::StratifiedSampler;
use crate::world::time::{DAY, HOUR, SECOND, Timestamp};

/// Authing: synchronization tasks and their jobs.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuthingSection {
    pub(crate) tasks: SyncTasksTable,
    pub(crate) jobs: SyncJobsTable,
    /// When timed tasks run.
    pub(crate) timed: TimedTasksTable,
    /// When automatic tasks run.
    pub(crate) automatic: AutomaticTasksTable,
    /// Jobs that clients trigger.
    pub(crate) created: CreatedTable,
    /// Deletions by downstream tasks that wait for somebody's consent.
    pub(crate) risk_operations: RiskOperationsTable,
    pub(crate) entities: EntityCounts,
    pub(crate) tokens: TokensTable,
    /// Fixed tasks, among the generated ones.
    pub(crate) task: Vec<FixedSyncTaskTable>,
    /// Fixed jobs, among the generated ones.
    pub(crate) job: Vec<FixedSyncJobTable>,
    /// The messages of failed jobs. Default: a handful of believable causes.
    pub(crate) cause: Vec<FailureMessageTable>,
    /// Which instant a page shows. Applies to all lists: tasks, a task's jobs and risk operations,
    /// and a job's log lines.
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
}

/// The generated tasks. In turn they are manual, timed and automatic; every fourth is
/// downstream.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SyncTasksTable {
    #[schemars(range(max = 1000))]
    pub(crate) count: u64,
    /// The id of the first; the others follow it. Default: the task of the vendor's pages,
    /// 1000.
    #[schemars(range(min = 1, max = 2_000_000_000))]
    pub(crate) first_id: u64,
}

impl Default for SyncTasksTable {
    fn default() -> Self {
        Self { count: 6, first_id: 1000 }
    }
}

/// The manual runs of each task, each of which is a job. What a timed or automatic task does by
/// itself is one more job, however often it runs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SyncJobsTable {
    /// How many there are at the start, for each task.
    pub(crate) count: u64,
    /// The interval between jobs, before the start and after it. Left out: none arrive after the
    /// start.
    pub(crate) every: Option<Length>,
    /// Without `every`: the time before the start in which all of them begin. It is divided into as
    /// many slots as the next power of two, and the last ones have one each. Default 7d.
    pub(crate) over: Option<Length>,
    /// The instant that `count` refers to. Default: the start of the clock.
    pub(crate) start: Option<Moment>,
    /// Weights of the outcomes of runs, including those of timed and automatic tasks.
    pub(crate) outcomes: Option<PathWeights<SyncJobStatus>>,
    /// How long a job waits before it runs.
    pub(crate) waiting: Spread,
    /// How long a job runs.
    pub(crate) duration: Spread,
}

impl Default for SyncJobsTable {
    fn default() -> Self {
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            waiting: Spread::default_dwell(&JOB, SyncJobStatus::Pending),
            duration: Spread::default_dwell(&JOB, SyncJobStatus::OnProgress),
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TimedTasksTable {
    /// The interval between two runs, to the second.
    pub(crate) every: Length,
    /// How long before the start of the clock the first run was, at most; the tasks start one
    /// after the other within `every`.
    pub(crate) since: Length,
    /// How long a run takes; the longest must be over before the next begins.
    pub(crate) duration: Spread,
}

impl Default for TimedTasksTable {
    fn default() -> Self {
        let duration = Spread::default_dwell(&TIMED, SyncJobStatus::OnProgress);
        Self { every: Length(DAY), since: Length(30 * DAY), duration }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AutomaticTasksTable {
    /// The average interval between two runs, which events start at irregular times.
    pub(crate) every: Length,
    /// How long before the start of the clock the first run was, at most.
    pub(crate) since: Length,
    /// How long a run takes; the longest must be over in half of `every`.
    pub(crate) duration: Spread,
}

impl Default for AutomaticTasksTable {
    fn default() -> Self {
        let duration = Spread::default_dwell(&AUTOMATIC, SyncJobStatus::OnProgress);
        Self { every: Length(HOUR), since: Length(30 * DAY), duration }
    }
}

/// The generated risk operations of each downstream task of the scenario.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RiskOperationsTable {
    /// How many there are at the start, for each downstream task. Default 12.
    pub(crate) count: u64,
    /// The interval between risk operations, before the start and after it. Left out: none arrive
    /// after the start.
    pub(crate) every: Option<Length>,
    /// Without `every`: the time before the start in which all of them begin. It is divided into as
    /// many slots as the next power of two, and the last ones have one each. Default 7d.
    pub(crate) over: Option<Length>,
    /// The instant that `count` refers to. Default: the start of the clock.
    pub(crate) start: Option<Moment>,
    /// Weights of the actions of other administrators.
    pub(crate) outcomes: Option<PathWeights<RiskOperationStatus>>,
    /// Weights of the results of those that clients execute. Default 9 to 1.
    pub(crate) executions: ExecutionOutcomes,
    /// How long one waits until others execute or cancel it.
    pub(crate) waiting: Spread,
    /// How long an execution takes.
    pub(crate) duration: Spread,
}

impl Default for RiskOperationsTable {
    fn default() -> Self {
        Self {
            count: 12,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            executions: ExecutionOutcomes::default(),
            waiting: Spread::default_dwell(&RISK_OPERATION, RiskOperationStatus::Pending),
            duration: Spread::default_dwell(&RISK_OPERATION, RiskOperationStatus::Executing),
        }
    }
}

/// A key that is left out keeps its default.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExecutionOutcomes {
    /// Default 9.
    #[schemars(range(max = 65536))]
    pub(crate) success: u64,
    /// Default 1.
    #[schemars(range(max = 65536))]
    pub(crate) failed: u64,
}

impl Default for ExecutionOutcomes {
    fn default() -> Self {
        Self { success: 9, failed: 1 }
    }
}

/// How much there is to synchronize.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EntityCounts {
    #[schemars(range(max = 1_000_000_000))]
    pub(crate) departments: u64,
    #[schemars(range(max = 1_000_000_000))]
    pub(crate) accounts: u64,
}

impl Default for EntityCounts {
    fn default() -> Self {
        Self { departments: 90, accounts: 1_200 }
    }
}

/// The tokens that get-management-token issues.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TokensTable {
    /// How long a token lasts, in whole seconds. With 0s clients fetch one for every call.
    pub(crate) lifetime: Length,
}

impl Default for TokensTable {
    fn default() -> Self {
        Self { lifetime: Length(2 * HOUR) }
    }
}

#[derive(Debug)]
pub(crate) struct AuthingPlan {
    pub(crate) seed: Seed,
    pub(crate) locale: Locale,
    /// By id, ascending.
    pub(crate) tasks: Vec<Task>,
    pub(crate) ids: JobIds,
    /// A column for each task.
    pub(crate) risk_operation_ids: IdSeries,
    pub(crate) execution: Execution,
    /// The paths of the jobs that clients trigger; if empty, they are drawn as for generated ones.
    pub(crate) created_paths: Vec<Arc<LifecyclePath<SyncJobStatus>>>,
    pub(crate) entities: EntityCounts,
    pub(crate) causes: FailureMessages,
    /// In seconds.
    pub(crate) token_lifetime: u64,
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
    /// The history of a task that nothing happened to.
    pub(crate) no_history: History,
    timed: DefaultSchedule,
    automatic: DefaultSchedule,
    /// The generated jobs of a task that a client creates: none.
    no_runs: Arc<Population<FixedJob, SyncJobStatus>>,
    /// Tasks that clients create have higher ids.
    last_task: u64,
}

/// When timed or automatic tasks run that have no schedule of their own.
#[derive(Clone, Debug)]
pub(crate) struct DefaultSchedule {
    /// ms
    pub(crate) every: u64,
    /// ms
    pub(crate) lateness: u64,
    /// The paths of a run.
    pub(crate) paths: Vec<LifecyclePath<SyncJobStatus>>,
}

/// The paths of a risk operation that a client executes.
#[derive(Debug)]
pub(crate) struct Execution {
    /// Its first path leads to success, its second one to failure.
    pub(crate) lifecycle: Lifecycle<RiskOperationStatus>,
    pub(crate) weights: [u64; 2],
}

impl AuthingPlan {
    pub(crate) fn task(&self, id: u64) -> Option<&Task> {
        let place = self.tasks.binary_search_by_key(&id, |task| task.id).ok()?;
        self.tasks.get(place)
    }

    pub(crate) fn default_schedule(&self, trigger: Trigger) -> Option<&DefaultSchedule> {
        match trigger {
            Trigger::Manually => None,
            Trigger::Timed => Some(&self.timed),
            Trigger::Automatic => Some(&self.automatic),
        }
    }

    /// Whether there is ever a risk operation: tasks that clients create have none.
    fn has_risk_operations(&self) -> bool {
        let operations = self.tasks.iter().filter_map(|task| task.operations.as_ref());
        operations.map(|operations| &operations.arrivals).any(|a| a.count > 0 || a.later > 0)
    }

    /// The id of the task that the event of that number creates, if there is room for it.
    pub(crate) fn created_task_id(&self, number: u64) -> Option<u64> {
        self.last_task.checked_add(number).filter(|&id| id <= MAX_ID)
    }

    /// The task that a client creates, if there is room for it.
    pub(crate) fn created_task(&self, number: u64, at: Timestamp, setup: Setup) -> Option<Task> {
        let id = self.created_task_id(number).filter(|_| number < self.ids.created.room())?;
        let schedule = schedule(self, id, &setup, at, number).map(Arc::new);
        Some(Task {
            id,
            created: at,
            first: Arc::new(Revision {
                from: at,
                setup,
                schedule,
                earlier: EarlierRuns::default(),
            }),
            runs: Arc::clone(&self.no_runs),
            place: 0,
            record: self.ids.created.encode(0, number),
            organization: organization(self.seed, id),
            operations: None,
        })
    }
}

pub(super) const JOBS: Stream = Stream::named("authing.job");
pub(super) const TASKS: Stream = Stream::named("authing.task");
const RISKS: Stream = Stream::named("authing.risk");

/// The generated tasks were created within this time (ms), and fixed ones with lower ids within this
/// time before.
const TASKS_CREATED_WITHIN: u64 = 30 * DAY;

/// When a task was created: before its first job, the later the higher its id is, whatever other
/// tasks there are. `earliest` is when its first job is created.
fn created(base: &Base, first_id: u64, id: u64, earliest: Timestamp) -> Timestamp {
    // In whole steps, so that one more job does not change the date.
    let steps = base.start.since(earliest) / TASKS_CREATED_WITHIN + 1;
    let before = base.start.minus(steps * TASKS_CREATED_WITHIN);
    // The slots of all ids, from the lowest to the highest, have an end in common.
    let part = |place: u64| TASKS_CREATED_WITHIN / place.saturating_add(1);
    let (from, until) = match id.checked_sub(first_id) {
        Some(place) => (part(place), part(place.saturating_add(1))),
        None => {
            let place = first_id - id;
            (2 * TASKS_CREATED_WITHIN - part(place), 2 * TASKS_CREATED_WITHIN - part(place - 1))
        }
    };
    before.minus(from).plus(scale(draw(base.seed, TASKS, id), from - until))
}

impl AuthingSection {
    pub(crate) fn plan(
        self,
        base: &Base,
        place: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> AuthingPlan {
        self.paging.check(&place, problems);
        self.quirks.check(&place, problems);
        self.jobs.check(base, &place.clone().key("jobs"), problems);
        for schedule in [self.timed.settings(), self.automatic.settings()] {
            schedule.check(place.clone().key(schedule.key), problems);
        }
        let default_dwell = |state| self.jobs.default_dwell(state);
        let reader = PathReader { table: &JOB, default_dwell: &default_dwell };
        let created_paths = self.created.paths(&reader, &JOB.first(), &place, problems);

        let outlines = outlines(&self, &place, problems);
        let fixed_ids = fixed_job_ids(&self.job, &place, problems);
        let mut plan = AuthingPlan {
            seed: base.seed,
            locale: base.locale,
            tasks: vec![],
            ids: JobIds::new(outlines.len(), &fixed_ids),
            risk_operation_ids: IdSeries::new(1, MAX_ID, outlines.len(), &[]),
            execution: self.risk_operations.execution(base, &place, problems),
            created_paths,
            entities: self.entities,
            causes: failure_messages(
                self.cause.clone(),
                DEFAULT_CAUSES,
                base,
                place.clone().key("cause"),
                problems,
            ),
            token_lifetime: self.tokens.lifetime.0 / SECOND,
            paging: self.paging,
            quirks: self.quirks.clone(),
            no_history: History::default(),
            timed: self.timed.settings().default_schedule(),
            automatic: self.automatic.settings().default_schedule(),
            no_runs: Arc::new(self.jobs.runs(base, JOBS.of(u64::MAX), no_arrivals(base))),
            last_task: outlines
                .last()
                .map_or(self.tasks.first_id.saturating_sub(1), |outline| outline.id),
        };
        let operations_room = plan.risk_operation_ids.room();
        self.risk_operations.check(operations_room, base, &place, problems);
        // The first slot is the record's.
        let room = plan.ids.generated.room().saturating_sub(1);
        let planned: Vec<PlannedTask> = outlines
            .iter()
            .map(|outline| PlannedTask::new(&self, outline, room, base, &place, problems))
            .collect();
        let fixed =
            fixed_jobs(&self.job, &plan, &planned, &reader, &fixed_ids, base, &place, problems);
        let planned: Vec<PlannedTask> =
            planned.into_iter().zip(fixed).map(|(task, fixed)| task.with(fixed)).collect();

        let tasks = planned.into_iter().zip(0..).map(|(planned, at)| {
            let created = created(base, self.tasks.first_id, planned.id, planned.earliest());
            let operations = (planned.setup.flow == Flow::Downstream)
                .then(|| self.risk_operations.of_task(planned.id, operations_room, base));
            planned.task(&plan, at, created, operations)
        });
        plan.tasks = tasks.collect();
        if let Some(operations) = plan.tasks.iter().find_map(|task| task.operations.as_ref()) {
            check_moving(operations, &place.clone().key("risk_operations"), problems);
        }
        if plan.quirks.cancel_executing != CancelExecuting::default() && !plan.has_risk_operations()
        {
            let place = place.key("quirks").key("cancel_executing");
            problems.push(
                Problem::key(place, "cancel_executing has no effect without risk operations")
                    .hint("they are those of downstream tasks: see authing.risk_operations"),
            );
        }
        plan
    }
}

impl SyncJobsTable {
    fn check(&self, base: &Base, place: &DocumentPath, problems: &mut Vec<Problem>) {
        self.waiting.check(place.clone().key("waiting"), problems);
        self.duration.check(place.clone().key("duration"), problems);
        check_weights(&self.outcomes(), place.clone().key("outcomes"), problems);
        self.arrivals(self.count).arrivals(base, JOBS, place, problems);
    }

    /// When the jobs of a task begin, if it has `count` at the start.
    pub(super) fn arrivals(&self, count: u64) -> ArrivalsTable {
        let Self { every, over, start, .. } = *self;
        ArrivalsTable { count, every, over, start }
    }

    fn outcomes(&self) -> Vec<u64> {
        PathWeights::or_default(self.outcomes.as_ref())
    }

    /// The dwell time of a manual run in a state.
    fn default_dwell(&self, state: SyncJobStatus) -> Option<Quantiles> {
        match state {
            SyncJobStatus::Pending => Some(self.waiting.quantiles()),
            SyncJobStatus::OnProgress => Some(self.duration.quantiles()),
            SyncJobStatus::Free | SyncJobStatus::Success | SyncJobStatus::Failed => None,
        }
    }

    /// The manual runs of a task.
    pub(super) fn runs(
        &self,
        base: &Base,
        stream: Stream,
        arrivals: Arrivals,
    ) -> Population<FixedJob, SyncJobStatus> {
        let sampler = StratifiedSampler::new(base.seed, stream.of(1), &[self.outcomes()]);
        let default_dwell = |state| self.default_dwell(state);
        let paths = PathReader { table: &JOB, default_dwell: &default_dwell }.generated();
        let lifecycle = Lifecycle::new(base.seed, stream.of(2), paths);
        Population::new(arrivals, sampler, OUTCOME, lifecycle, vec![])
    }
}

impl RiskOperationsTable {
    fn arrivals(&self) -> ArrivalsTable {
        let Self { count, every, over, start, .. } = *self;
        ArrivalsTable { count, every, over, start }
    }

    fn outcomes(&self) -> Vec<u64> {
        PathWeights::or_default(self.outcomes.as_ref())
    }

    /// `room` is the number of ids for each task.
    fn check(&self, room: u64, base: &Base, place: &DocumentPath, problems: &mut Vec<Problem>) {
        let place = place.clone().key("risk_operations");
        self.waiting.check(place.clone().key("waiting"), problems);
        self.duration.check(place.clone().key("duration"), problems);
        check_weights(&self.outcomes(), place.clone().key("outcomes"), problems);
        self.arrivals().arrivals(base, RISKS, &place, problems);
        let count = self.count;
        if count > room {
            let text = format!("{count} for each task would need ids above {MAX_ID}");
            problems.push(
                Problem::value(place.key("count"), text)
                    .hint(format!("there is room for {room}, and more with fewer tasks")),
            );
        }
    }

    /// The risk operations of a downstream task.
    fn of_task(&self, task: u64, room: u64, base: &Base) -> RiskOperations {
        let stream = RISKS.of(task);
        // Their problems were found by `check`.
        let arrivals =
            self.arrivals().arrivals(base, stream, &DocumentPath::root(), &mut Vec::new());
        // There are more people than departments, and more of them leave.
        let attributes = [self.outcomes(), vec![1, 5]];
        let sampler = StratifiedSampler::new(base.seed, stream.of(1), &attributes);
        let default_dwell = |state| match state {
            RiskOperationStatus::Pending => Some(self.waiting.quantiles()),
            RiskOperationStatus::Executing => Some(self.duration.quantiles()),
            RiskOperationStatus::Success
            | RiskOperationStatus::Failed
            | RiskOperationStatus::Canceled => None,
        };
        let reader = PathReader { table: &RISK_OPERATION, default_dwell: &default_dwell };
        let paths = reader.generated();
        let lifecycle = Lifecycle::new(base.seed, stream.of(2), paths);
        Population::new(bounded(arrivals, room), sampler, PATH, lifecycle, vec![])
    }

    fn execution(
        &self,
        base: &Base,
        place: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> Execution {
        let place = place.clone().key("risk_operations").key("executions");
        let weights = [self.executions.success, self.executions.failed];
        check_weights(&weights, place, problems);
        let dwell = self.duration.quantiles();
        let path = |terminal| LifecyclePath {
            dwells: vec![(RiskOperationStatus::Executing, dwell.clone().into())],
            terminal,
        };
        let paths = vec![path(RiskOperationStatus::Success), path(RiskOperationStatus::Failed)];
        let stream = RISKS.of(u64::MAX);
        Execution { lifecycle: Lifecycle::new(base.seed, stream, paths), weights }
    }
}

impl TimedTasksTable {
    pub(super) fn settings(self) -> ScheduleSettings {
        let Self { every, since, duration } = self;
        ScheduleSettings { key: "timed", table: &TIMED, every, since, duration, lateness: 0 }
    }
}

impl AutomaticTasksTable {
    pub(super) fn settings(self) -> ScheduleSettings {
        let Self { every, since, duration } = self;
        let lateness = every.0 / 2;
        ScheduleSettings { key: "automatic", table: &AUTOMATIC, every, since, duration, lateness }
    }
}

/// The common settings of timed and automatic tasks.
#[derive(Clone, Copy)]
pub(super) struct ScheduleSettings {
    key: &'static str,
    table: &'static LifecycleTable<SyncJobStatus>,
    every: Length,
    pub(super) since: Length,
    duration: Spread,
    lateness: u64,
}

impl ScheduleSettings {
    /// The same with another interval.
    pub(super) fn every(self, every: Length) -> Self {
        let lateness = if self.lateness > 0 { every.0 / 2 } else { 0 };
        Self { every, lateness, ..self }
    }

    pub(super) fn check(&self, place: DocumentPath, problems: &mut Vec<Problem>) {
        self.duration.check(place.clone().key("duration"), problems);
        let longest = self.duration.quantiles().longest();
        let between = self.every.0 - self.lateness;
        if self.every.0 == 0 {
            problems.push(Problem::value(place.key("every"), "must be longer than 0s"));
        } else if longest >= between {
            let (longest, between) = (Length(longest), Length(between));
            let text = format!("a run may take {longest}, the next can begin after {between}");
            problems.push(
                Problem::value(place.key("every"), text)
                    .hint(format!("make it longer, or authing.{}.duration shorter", self.key)),
            );
        }
    }

    pub(super) fn default_schedule(&self) -> DefaultSchedule {
        let default_dwell =
            |state| (state == SyncJobStatus::OnProgress).then(|| self.duration.quantiles());
        let paths = PathReader { table: self.table, default_dwell: &default_dwell }.generated();
        DefaultSchedule { every: self.every.0.max(1), lateness: self.lateness, paths }
    }
}

/// The same births, as far as there are ids for them.
pub(super) fn bounded(arrivals: Arrivals, room: u64) -> Arrivals {
    let later = arrivals.later.min(room.saturating_sub(arrivals.count));
    Arrivals { later, ..arrivals }
}

fn no_arrivals(base: &Base) -> Arrivals {
    let Base { seed, start, .. } = *base;
    Arrivals { seed, stream: JOBS, count: 0, start, spacing: 1, later: 0 }
}

/// The prefix of the first two is the vendor's (SDK tests); the texts are ours. Authing's
/// jobs have no code.
const DEFAULT_CAUSES: &[DefaultFailureMessage] = &[
    (
        "",
        "请求第三方端点时返回错误, errmsg=invalid credential",
        "The third-party endpoint returned an error, errmsg=invalid credential",
        4,
    ),
    (
        "",
        "请求第三方端点时返回错误, errmsg=no permission to access the contact API",
        "The third-party endpoint returned an error, errmsg=no permission to access the contact API",
        3,
    ),
    ("", "请求第三方端点超时", "The request to the third-party endpoint timed out", 3),
    (
        "",
        "部门不存在，无法同步其成员",
        "The department does not exist, its members can not be synced",
        2,
    ),
    ("", "手机号已被其他用户绑定", "The phone number is bound to another user already", 2),
    ("", "未知错误", "Internal Server Error", 1),
];
