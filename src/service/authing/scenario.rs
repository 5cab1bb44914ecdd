//! The `[authing]` part of a scenario file, and the plan it becomes.

use std::collections::BTreeSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::change::History;
use super::draft::Draft;
use super::ids::{JobIds, LARGEST_ID, Series};
use super::job::{
    Flow, Job, NOTHING, OUTCOME, Origin, Stage, Status, Tally, Trigger, Written, own_counts,
    synthesize,
};
use super::quirks::{CancelExecuting, Quirks};
use super::risk::Operations;
use super::schedule::{Beat, Schedule};
use super::state::{AUTOMATIC, FREE, JOB, ON_PROGRESS, PENDING, TIMED, risk};
use super::task::{
    Cycle, FieldMapping, Kind, ProvisioningScope, Revision, Setup, Task, TimedScheduler, schedule,
};
use crate::plan::Base;
use crate::scenario::paging::Paging;
use crate::scenario::parts::{
    CauseTable, Created, Lives, Spread, UsualCause, When, causes, check_weights,
};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::{Length, Moment};
use crate::world::causes::Causes;
use crate::world::deck::Deck;
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::lifecycle::{Lifecycle, Path, State};
use crate::world::machine::Machine;
use crate::world::names::{Tongue, account};
use crate::world::population::{Arrivals, Pin, Population, pinned_index};
use crate::world::quantiles::Quantiles;
use crate::world::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};

/// Authing: synchronization tasks and their jobs.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {
    pub tasks: Tasks,
    pub jobs: Jobs,
    /// When timed tasks run.
    pub timed: Timed,
    /// When automatic tasks run.
    pub automatic: Automatic,
    /// Jobs that clients trigger.
    pub created: Created,
    /// Deletions that downstream tasks wait for somebody's consent to.
    pub risk_operations: RiskOperations,
    pub entities: EntityCounts,
    pub tokens: Tokens,
    /// Exact tasks, among the generated ones.
    pub task: Vec<TaskTable>,
    /// Exact jobs, among the generated ones.
    pub job: Vec<ExactJob>,
    /// What failed jobs say. Default: a handful of believable causes.
    pub cause: Vec<CauseTable>,
    /// Which instant a page is of: of all lists, that of the tasks, of a task's jobs and risk
    /// operations, and of a job's lines.
    pub paging: Paging,
    pub quirks: Quirks,
}

/// The generated tasks. In turn they are manual, timed and automatic; every fourth is
/// downstream.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tasks {
    #[schemars(range(max = 1000))]
    pub count: u64,
    /// The id of the first; the others follow it. Default: the task of the vendor's pages,
    /// 1000.
    #[schemars(range(min = 1, max = 2_000_000_000))]
    pub first_id: u64,
}

impl Default for Tasks {
    fn default() -> Self {
        Self { count: 6, first_id: 1000 }
    }
}

/// The manual runs of each task: one job each. What timed and automatic tasks do by
/// themselves is one more job, however often they run.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Jobs {
    /// How many there are at the start, for each task.
    pub count: u64,
    /// One job each so often: the spacing before the start, and more arrive after it. Left
    /// out: none arrive later.
    pub every: Option<Length>,
    /// Without `every`: how long before the start the first one was. Default 7d.
    pub over: Option<Length>,
    /// The instant that `count` speaks of. Default: the start of the clock.
    pub start: Option<Moment>,
    /// Weights of how runs end, those of timed and automatic tasks, too.
    pub outcomes: Option<Outcomes>,
    /// How long a job waits before it runs.
    pub waiting: Spread,
    /// How long a job runs.
    pub duration: Spread,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            waiting: Spread::usual(&JOB, PENDING),
            duration: Spread::usual(&JOB, ON_PROGRESS),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Outcomes {
    pub success: u64,
    pub failed: u64,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Timed {
    /// From one run to the next, to the second.
    pub every: Length,
    /// How long before the start of the clock the first run was, at most; tasks begin one
    /// after the other within `every`.
    pub since: Length,
    /// How long a run takes; the longest must be over before the next begins.
    pub duration: Spread,
}

impl Default for Timed {
    fn default() -> Self {
        let duration = Spread::usual(&TIMED, ON_PROGRESS);
        Self { every: Length(DAY), since: Length(30 * DAY), duration }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Automatic {
    /// From one run to the next, on average: events keep no time.
    pub every: Length,
    /// How long before the start of the clock the first run was, at most.
    pub since: Length,
    /// How long a run takes; the longest must be over in half of `every`.
    pub duration: Spread,
}

impl Default for Automatic {
    fn default() -> Self {
        let duration = Spread::usual(&AUTOMATIC, ON_PROGRESS);
        Self { every: Length(HOUR), since: Length(30 * DAY), duration }
    }
}

/// The generated risk operations of each downstream task of the scenario.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RiskOperations {
    /// How many there are at the start, for each downstream task. Default 12.
    pub count: u64,
    /// One each so often: the spacing before the start, and more arrive after it. Left out:
    /// none arrive later.
    pub every: Option<Length>,
    /// Without `every`: how long before the start the first one was. Default 7d.
    pub over: Option<Length>,
    /// The instant that `count` speaks of. Default: the start of the clock.
    pub start: Option<Moment>,
    /// Weights of what others made of them.
    pub outcomes: Option<RiskOutcomes>,
    /// Weights of what comes of those that clients execute. Default 9 to 1.
    pub executions: Option<Outcomes>,
    /// How long one waits that others execute or cancel.
    pub waiting: Spread,
    /// How long an execution takes.
    pub duration: Spread,
}

impl Default for RiskOperations {
    fn default() -> Self {
        Self {
            count: 12,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            executions: None,
            waiting: Spread::usual(&risk::OPERATION, risk::PENDING),
            duration: Spread::usual(&risk::OPERATION, risk::EXECUTING),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RiskOutcomes {
    /// Nobody has done anything about it.
    pub pending: u64,
    pub success: u64,
    pub failed: u64,
    pub canceled: u64,
}

/// How much there is to synchronize.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EntityCounts {
    #[schemars(range(max = 1_000_000_000))]
    pub departments: u64,
    #[schemars(range(max = 1_000_000_000))]
    pub accounts: u64,
}

impl Default for EntityCounts {
    fn default() -> Self {
        Self { departments: 90, accounts: 1_200 }
    }
}

/// What get-management-token gives.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// How long a token lasts, in whole seconds. Clients told 0s fetch one for every call.
    pub lifetime: Length,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { lifetime: Length(2 * HOUR) }
    }
}

/// One exact task, in the place of a generated one with the same id.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TaskTable {
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub sync_task_id: u64,
    pub sync_task_name: Option<String>,
    /// Default: lark.
    pub sync_task_type: Option<Kind>,
    /// Default: made up. Upstream tasks show it once they have run, unless it is written.
    pub organization_code: Option<String>,
    /// Default: some time before the first job of all.
    pub created_at: Option<Moment>,
    /// Default: upstream.
    pub sync_flow: Option<Flow>,
    /// Default: manually.
    pub sync_trigger: Option<Trigger>,
    /// How many manual runs there are at the start. Default: `authing.jobs.count`.
    pub jobs: Option<u64>,
    /// From one run to the next. Default: `every` of `authing.timed` or `authing.automatic`.
    pub every: Option<Length>,
    /// When a timed or automatic task ran first; it runs every so often from there on.
    #[serde(rename = "first_run")]
    pub first_run: Option<Moment>,
}

/// One exact job; what is left out is generated. A timed or automatic one of a task of that
/// kind takes the place of the task's record.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ExactJob {
    /// Default: the first free number from 1 on. Generated jobs have those from 1001 on.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub sync_job_id: Option<u64>,
    /// Default: the first task.
    pub sync_task_id: Option<u64>,
    /// Default: up to a minute before `updatedAt`.
    pub created_at: Option<Moment>,
    /// Default: up to a minute after `createdAt`, or the start of the clock.
    pub updated_at: Option<Moment>,
    /// Default: success.
    pub sync_status: Option<Status>,
    /// Instead of syncStatus and updatedAt: what becomes of it from createdAt on, like
    /// ["pending", "onProgress 20s", "success"]. A state lasts as long as it usually does, or
    /// for a time, or for a number of answers that show the job ("onProgress 2 looks"); the
    /// last one lasts for ever. Counters, if written, are those it ends with.
    #[serde(rename = "path")]
    pub path: Option<Vec<String>>,
    /// Default: the task's.
    pub sync_flow: Option<Flow>,
    /// Default: the task's.
    pub sync_trigger: Option<Trigger>,
    #[schemars(range(max = 2_147_483_647))]
    pub department_count_all: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    pub department_count_succ: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    pub department_update_count_all: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    pub department_update_count_succ: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    pub account_count_all: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    pub account_count_succ: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    pub account_update_count_all: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    pub account_update_count_succ: Option<u64>,
    pub err_msg: Option<String>,
}

#[derive(Debug)]
pub struct Plan {
    pub seed: Seed,
    pub tongue: Tongue,
    /// By id, ascending.
    pub tasks: Vec<Task>,
    pub ids: JobIds,
    /// A column for each task.
    pub operation_ids: Series,
    pub execution: Execution,
    /// Of the jobs that clients trigger; empty: as generated ones.
    pub created_paths: Vec<Arc<Path>>,
    pub entities: EntityCounts,
    pub causes: Causes,
    pub token_key: [u8; 32],
    /// In seconds.
    pub token_lifetime: u64,
    pub paging: Paging,
    pub quirks: Quirks,
    /// The history of a task that nothing happened to.
    pub untouched: History,
    /// Of timed tasks, and of automatic ones.
    rhythms: [Rhythm; 2],
    /// The generated jobs of a task that a client creates: none.
    no_runs: Arc<Population<Pinned>>,
    /// Tasks that clients create have higher ids.
    last_task: u64,
}

/// What timed or automatic tasks do that have no schedule of their own.
#[derive(Clone, Debug)]
pub struct Rhythm {
    /// ms
    pub every: u64,
    /// ms
    pub lateness: u64,
    /// What becomes of a run.
    pub paths: Vec<Path>,
}

/// What comes of a risk operation that a client executes: success or failure.
#[derive(Debug)]
pub struct Execution {
    pub lifecycle: Lifecycle,
    pub weights: [u64; 2],
}

/// A job from the scenario file; what it leaves out was generated.
#[derive(Clone, Debug)]
pub struct Pinned {
    pub job: Job,
    /// None: it is and stays as it is written.
    pub path: Option<Path>,
    /// What it is drawn by.
    pub index: u64,
    /// For the path: departments, those to update, accounts, those to update.
    pub written: [Written; 4],
}

impl Plan {
    pub fn task(&self, id: u64) -> Option<&Task> {
        let place = self.tasks.binary_search_by_key(&id, |task| task.id).ok()?;
        self.tasks.get(place)
    }

    pub fn rhythm(&self, trigger: Trigger) -> Option<&Rhythm> {
        let [timed, automatic] = &self.rhythms;
        match trigger {
            Trigger::Manually => None,
            Trigger::Timed => Some(timed),
            Trigger::Automatic => Some(automatic),
        }
    }

    /// Whether there ever are any: tasks that clients create have none.
    fn has_operations(&self) -> bool {
        let of_tasks = self.tasks.iter().filter_map(|task| task.operations.as_ref());
        of_tasks.map(|operations| &operations.arrivals).any(|a| a.count > 0 || a.grows)
    }

    /// The id of the task that the change of that number creates, if there is room for it.
    pub fn created_task_id(&self, number: u64) -> Option<u64> {
        self.last_task.checked_add(number).filter(|&id| id <= LARGEST_ID)
    }

    /// The task that a client creates.
    pub fn created_task(&self, number: u64, at: Timestamp, draft: &Draft) -> Option<Task> {
        let id = self.created_task_id(number).filter(|_| number < self.ids.made.room())?;
        let setup = draft.setup()?;
        let schedule = schedule(self, id, &setup, at, number).map(Arc::new);
        Some(Task {
            id,
            created: at,
            first: Arc::new(Revision { from: at, setup, schedule }),
            runs: Arc::clone(&self.no_runs),
            place: 0,
            record: self.ids.made.encode(0, number),
            organization: organization(self.seed, id),
            operations: None,
        })
    }
}

const STREAM: Stream = Stream::named("authing.job");
const TASKS: Stream = Stream::named("authing.task");
const RISKS: Stream = Stream::named("authing.risk");

impl Section {
    pub fn plan(self, base: &Base, place: Place, problems: &mut Vec<Problem>) -> Plan {
        self.paging.check(&place, problems);
        self.quirks.check(&place, problems);
        let jobs_place = place.clone().key("jobs");
        self.jobs.waiting.check(jobs_place.clone().key("waiting"), problems);
        self.jobs.duration.check(jobs_place.clone().key("duration"), problems);
        check_weights(&self.outcomes(), jobs_place.clone().key("outcomes"), problems);
        self.when(self.jobs.count).arrivals(base, STREAM, &jobs_place, problems);
        for pace in [self.timed(), self.automatic()] {
            pace.check(place.clone().key(pace.key), problems);
        }
        let usual = |state| self.usual(state);
        let lives = Lives { machine: &JOB, usual: &usual };
        let created_paths = self.created.paths(&lives, &JOB.first(), &place, problems);

        let outlines = self.outlines(&place, problems);
        let exact_ids = self.exact_ids(&place, problems);
        let no_runs = self.runs(base, STREAM.of(u64::MAX), no_arrivals(base));
        let mut plan = Plan {
            seed: base.seed,
            tongue: base.tongue,
            tasks: vec![],
            ids: JobIds::new(outlines.len(), &exact_ids),
            operation_ids: Series::new(1, LARGEST_ID, outlines.len(), &[]),
            execution: self.execution(base, &place, problems),
            created_paths,
            entities: self.entities,
            causes: causes(
                self.cause.clone(),
                USUAL_CAUSES,
                base,
                place.clone().key("cause"),
                problems,
            ),
            token_key: token_key(base.seed),
            token_lifetime: self.tokens.lifetime.0 / SECOND,
            paging: self.paging,
            quirks: self.quirks.clone(),
            untouched: History::default(),
            rhythms: [self.timed().rhythm(), self.automatic().rhythm()],
            no_runs: Arc::new(no_runs),
            last_task: outlines
                .last()
                .map_or(self.tasks.first_id.saturating_sub(1), |outline| outline.id),
        };
        // A slot is the record's.
        let room = plan.ids.generated.room().saturating_sub(1);
        let operations = self.operations(&plan, base, &place, problems);
        let made: Vec<Made> = outlines
            .iter()
            .map(|outline| self.made(outline, room, base, &place, problems))
            .collect();
        let origins: Vec<(u64, Flow, Trigger)> =
            made.iter().map(|made| (made.id, made.setup.flow, made.setup.trigger)).collect();
        let job_place = place.clone().key("job");
        let pins = self.pins(&plan, &origins, &exact_ids, base, &job_place, problems);
        let made: Vec<Made> =
            made.into_iter().zip(pins).map(|(made, pins)| made.with(pins)).collect();

        let first = made.iter().map(Made::earliest).min().unwrap_or(base.start).min(base.start);
        let count = made.len() as u64;
        let tasks = made.into_iter().zip(0..).map(|(made, at)| {
            // One after another, all before the first job.
            let slot = TASKS_MADE_WITHIN / count.max(1);
            let within = scale(draw(base.seed, TASKS, made.id), slot);
            let created = first.minus(TASKS_MADE_WITHIN).plus(at * slot + within);
            let mut operations = operations.get(at as usize).cloned();
            operations = operations.filter(|_| made.setup.flow == Flow::Downstream);
            made.task(&plan, at, created, operations)
        });
        plan.tasks = tasks.collect();
        if plan.quirks.cancel_executing != CancelExecuting::default() && !plan.has_operations() {
            let place = place.key("quirks").key("cancel_executing");
            problems.push(
                Problem::key(place, "cancel_executing has no effect without risk operations")
                    .hint("they are those of downstream tasks: see authing.risk_operations"),
            );
        }
        plan
    }

    fn when(&self, count: u64) -> When {
        let Jobs { every, over, start, .. } = self.jobs;
        When { count, every, over, start }
    }

    fn outcomes(&self) -> Vec<u64> {
        self.jobs.outcomes.map_or(JOB.weights(), |o| vec![o.success, o.failed])
    }

    /// How long manual runs stay in a state.
    fn usual(&self, state: State) -> Option<Quantiles> {
        match state {
            PENDING => Some(self.jobs.waiting.quantiles()),
            ON_PROGRESS => Some(self.jobs.duration.quantiles()),
            _ => None,
        }
    }

    fn runs(&self, base: &Base, stream: Stream, arrivals: Arrivals) -> Population<Pinned> {
        let deck = Deck::new(base.seed, stream.of(1), &[self.outcomes()]);
        let usual = |state| self.usual(state);
        let paths = Lives { machine: &JOB, usual: &usual }.generated();
        let lifecycle = Lifecycle { seed: base.seed, stream: stream.of(2), paths };
        Population::new(arrivals, deck, OUTCOME, lifecycle, vec![])
    }

    /// Those of each task, as if it were downstream.
    fn operations(
        &self,
        plan: &Plan,
        base: &Base,
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Vec<Operations> {
        let RiskOperations { count, every, over, start, outcomes, waiting, duration, .. } =
            self.risk_operations;
        let place = place.clone().key("risk_operations");
        waiting.check(place.clone().key("waiting"), problems);
        duration.check(place.clone().key("duration"), problems);
        let outcomes = outcomes.map_or(risk::OPERATION.weights(), |o| {
            vec![o.pending, o.success, o.failed, o.canceled]
        });
        check_weights(&outcomes, place.clone().key("outcomes"), problems);
        let when = When { count, every, over, start };
        when.arrivals(base, RISKS, &place, problems);
        let room = plan.operation_ids.room();
        if count > room {
            let text = format!("{count} for each task would need ids above {LARGEST_ID}");
            problems.push(
                Problem::value(place.clone().key("count"), text)
                    .hint(format!("there is room for {room}, and more with fewer tasks")),
            );
        }
        let usual = |state| match state {
            risk::PENDING => Some(waiting.quantiles()),
            risk::EXECUTING => Some(duration.quantiles()),
            _ => None,
        };
        let paths = Lives { machine: &risk::OPERATION, usual: &usual }.generated();
        let tasks = self.outlines(&place, &mut Vec::new());
        let of_task = |task: &Outline<'_>| {
            let stream = RISKS.of(task.id);
            let arrivals = when.arrivals(base, stream, &place, &mut Vec::new());
            // People are more, and more of them leave.
            let choices = [outcomes.clone(), vec![1, 5]];
            let deck = Deck::new(base.seed, stream.of(1), &choices);
            let lifecycle =
                Lifecycle { seed: base.seed, stream: stream.of(2), paths: paths.clone() };
            Population::new(bounded(arrivals, room), deck, super::risk::COURSE, lifecycle, vec![])
        };
        tasks.iter().map(of_task).collect()
    }

    fn execution(&self, base: &Base, place: &Place, problems: &mut Vec<Problem>) -> Execution {
        let place = place.clone().key("risk_operations").key("executions");
        let weights = self.risk_operations.executions.map_or([9, 1], |o| [o.success, o.failed]);
        check_weights(&weights, place, problems);
        let stay = self.risk_operations.duration.quantiles();
        let path = |rest| Path { stays: vec![(risk::EXECUTING, stay.clone().into())], rest };
        let paths = vec![path(risk::SUCCESS), path(risk::FAILED)];
        Execution {
            lifecycle: Lifecycle { seed: base.seed, stream: RISKS.of(u64::MAX), paths },
            weights,
        }
    }

    /// What tasks there are, by id.
    fn outlines(&self, place: &Place, problems: &mut Vec<Problem>) -> Vec<Outline<'_>> {
        let mut all: Vec<Outline<'_>> = Vec::new();
        for (i, table) in self.task.iter().enumerate() {
            let place = place.clone().key("task").index(i);
            if self.task[..i].iter().any(|earlier| earlier.sync_task_id == table.sync_task_id) {
                let text = format!("there is a task {} already", table.sync_task_id);
                problems.push(Problem::value(place.clone().key("syncTaskId"), text));
                continue;
            }
            let trigger = table.sync_trigger.unwrap_or(Trigger::Manually);
            for (name, there) in
                [("every", table.every.is_some()), ("first_run", table.first_run.is_some())]
            {
                if there && trigger == Trigger::Manually {
                    let text = "a manual task does not run by itself";
                    problems.push(
                        Problem::key(place.clone().key(name), text)
                            .hint("set syncTrigger to \"timed\" or \"automatic\""),
                    );
                }
            }
            let flow = table.sync_flow.unwrap_or(Flow::Upstream);
            let exact = Some((table, place));
            all.push(Outline { id: table.sync_task_id, flow, trigger, exact });
        }
        let exact = all.len();
        for i in 0..self.tasks.count {
            let id = self.tasks.first_id.saturating_add(i);
            if !all[..exact].iter().any(|outline| outline.id == id) {
                let flow = if i % 4 == 3 { Flow::Downstream } else { Flow::Upstream };
                let trigger = Trigger::ALL[(i % 3) as usize];
                all.push(Outline { id, flow, trigger, exact: None });
            }
        }
        all.sort_by_key(|outline| outline.id);
        all
    }

    /// `room`: how many manual runs there are ids for.
    fn made(
        &self,
        outline: &Outline<'_>,
        room: u64,
        base: &Base,
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Made {
        let stream = STREAM.of(outline.id);
        let jobs = &self.jobs;
        let own = outline
            .exact
            .as_ref()
            .and_then(|(table, place)| table.jobs.map(|count| (count, place.clone().key("jobs"))));
        let count = own.as_ref().map_or(jobs.count, |(count, _)| *count);
        let jobs_place = place.clone().key("jobs");
        let mut found = Vec::new();
        let arrivals = self.when(count).arrivals(base, stream, &jobs_place, &mut found);
        if count > room {
            let text = format!("{count} jobs for each task would need ids above {LARGEST_ID}");
            found.push(
                Problem::value(jobs_place.key("count"), text)
                    .hint(format!("there is room for {room}, and more with fewer tasks")),
            );
        }
        // What the common count has not caused is to blame on the task's own.
        found.retain(|problem| !problems.contains(problem));
        problems.extend(found.into_iter().map(|problem| match &own {
            Some((_, place)) => Problem { place: place.clone(), ..problem },
            None => problem,
        }));

        let schedule = self.schedule(outline, base, problems);
        let table = outline.exact.as_ref().map(|(table, _)| *table);
        Made {
            id: outline.id,
            created: table.and_then(|table| table.created_at),
            setup: outline.setup(base, schedule.as_ref()),
            runs: self.runs(base, stream, bounded(arrivals, room)),
            schedule,
        }
    }

    fn timed(&self) -> Pace {
        let Timed { every, since, duration } = self.timed;
        Pace { key: "timed", machine: &TIMED, every, since, duration, lateness: 0 }
    }

    fn automatic(&self) -> Pace {
        let Automatic { every, since, duration } = self.automatic;
        let lateness = every.0 / 2;
        Pace { key: "automatic", machine: &AUTOMATIC, every, since, duration, lateness }
    }

    fn schedule(
        &self,
        outline: &Outline<'_>,
        base: &Base,
        problems: &mut Vec<Problem>,
    ) -> Option<Schedule> {
        let mut pace = match outline.trigger {
            Trigger::Manually => return None,
            Trigger::Timed => self.timed(),
            Trigger::Automatic => self.automatic(),
        };
        let table = outline.exact.as_ref();
        if let Some((every, place)) = table.and_then(|(table, place)| Some((table.every?, place))) {
            let lateness = if pace.lateness > 0 { every.0 / 2 } else { 0 };
            pace = Pace { every, lateness, ..pace };
            pace.check(place.clone(), problems);
        }
        let stream = STREAM.of(outline.id);
        let Rhythm { every, lateness, paths } = pace.rhythm();
        let first = match table.and_then(|(table, _)| table.first_run) {
            Some(moment) => Timestamp::from_millis(moment.0),
            None => {
                let phase = 1 + scale(draw(base.seed, stream.of(3), 0), every);
                whole_minute(base.start.minus(pace.since.0).plus(phase))
            }
        };
        Some(Schedule {
            seed: base.seed,
            stream: stream.of(4),
            first,
            beat: Beat::Every(every),
            lateness,
            lifecycle: Lifecycle { seed: base.seed, stream: stream.of(5), paths },
            counts: own_counts(outline.id),
        })
    }

    /// The ids of the exact jobs, as they are written.
    fn exact_ids(&self, place: &Place, problems: &mut Vec<Problem>) -> Vec<u64> {
        let mut taken = BTreeSet::new();
        for (i, id) in
            self.job.iter().enumerate().filter_map(|(i, job)| Some((i, job.sync_job_id?)))
        {
            if !taken.insert(id) {
                let place = place.clone().key("job").index(i).key("syncJobId");
                problems.push(Problem::value(place, format!("there is a job {id} already")));
            }
        }
        let mut free = (1..=LARGEST_ID).filter(|id| !taken.contains(id));
        self.job
            .iter()
            .map(|job| job.sync_job_id.or_else(|| free.next()).unwrap_or(LARGEST_ID))
            .collect()
    }

    /// The exact jobs of each of the tasks.
    fn pins(
        &self,
        plan: &Plan,
        tasks: &[(u64, Flow, Trigger)],
        ids: &[u64],
        base: &Base,
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Vec<Vec<Pin<Pinned>>> {
        let usual = |state| self.usual(state);
        let lives = Lives { machine: &JOB, usual: &usual };
        let mut pins: Vec<Vec<Pin<Pinned>>> = tasks.iter().map(|_| Vec::new()).collect();
        for (i, (table, &id)) in self.job.iter().zip(ids).enumerate() {
            let place = place.clone().index(i);
            table.check(&place, problems);
            let wanted = table.sync_task_id;
            let task = tasks.iter().position(|&(id, ..)| wanted.is_none_or(|wanted| wanted == id));
            let Some(task) = task else {
                let text = "there is no such task";
                problems.push(
                    Problem::value(place.key("syncTaskId"), text)
                        .hint("add it as [[authing.task]], or raise authing.tasks.count"),
                );
                continue;
            };
            let steps = table.path.as_ref();
            let path = steps.and_then(|steps| {
                lives.path(steps, PATHS_BEGIN, &place.clone().key("path"), problems)
            });
            if let (Some(pins), Some(&(task, flow, trigger))) =
                (pins.get_mut(task), tasks.get(task))
            {
                let created = table.created_at.map_or(base.start, instant);
                let origin = Origin {
                    id,
                    task,
                    flow: table.sync_flow.unwrap_or(flow),
                    trigger: table.sync_trigger.unwrap_or(trigger),
                    created,
                };
                pins.push(match path {
                    Some(path) => table.follow(plan, origin, path, i),
                    None => table.resolve(plan, origin, base, i),
                });
            }
        }
        pins
    }
}

/// The same births, as far as there are ids for them: growth that ends is a larger count at
/// a later start.
fn bounded(arrivals: Arrivals, room: u64) -> Arrivals {
    if !arrivals.grows {
        return arrivals;
    }
    let Arrivals { count, start, spacing, .. } = arrivals;
    let until_the_end = Timestamp::from_millis(i64::MAX).since(start) / spacing.max(1);
    let grown = until_the_end.min(room.saturating_sub(count));
    let start = start.plus(grown * spacing);
    Arrivals { count: count + grown, start, grows: false, ..arrivals }
}

fn no_arrivals(base: &Base) -> Arrivals {
    let Base { seed, start, .. } = *base;
    Arrivals { seed, stream: STREAM, count: 0, start, spacing: 1, grows: false }
}

/// A task before anything is worked out.
struct Outline<'s> {
    id: u64,
    flow: Flow,
    trigger: Trigger,
    exact: Option<(&'s TaskTable, Place)>,
}

impl Outline<'_> {
    fn setup(&self, base: &Base, schedule: Option<&Schedule>) -> Setup {
        let table = self.exact.as_ref().map(|(table, _)| *table);
        let drawn = scale(draw(base.seed, TASKS.of(1), self.id), USUAL_KINDS.len() as u64);
        let drawn = USUAL_KINDS.get(drawn as usize).copied().unwrap_or(Kind::Lark);
        let kind = match table {
            Some(table) => table.sync_task_type.unwrap_or(Kind::Lark),
            None => drawn,
        };
        let downstream = self.flow == Flow::Downstream;
        let code = table.and_then(|table| table.organization_code.clone());
        let timer = schedule.filter(|_| self.trigger == Trigger::Timed).and_then(|schedule| {
            let start_time = schedule.first.millis();
            Some(TimedScheduler { cycle: Cycle::of(schedule.beat)?, start_time })
        });
        Setup {
            name: table
                .and_then(|table| table.sync_task_name.clone())
                .unwrap_or_else(|| usual_name(kind, self.flow, base.tongue)),
            kind,
            configs: kind.config().map(|config| config.key.to_owned()).into_iter().collect(),
            flow: self.flow,
            trigger: self.trigger,
            organization_code: code
                .or_else(|| downstream.then(|| organization(base.seed, self.id))),
            provisioning_scope: downstream
                .then_some(ProvisioningScope { all: true, include_new_users: true }),
            field_mapping: usual_mapping(),
            timed_scheduler: timer,
        }
    }
}

/// A task of the scenario, before all of them are known.
struct Made {
    id: u64,
    created: Option<Moment>,
    setup: Setup,
    runs: Population<Pinned>,
    schedule: Option<Schedule>,
}

impl Made {
    fn with(self, pins: Vec<Pin<Pinned>>) -> Self {
        let Population { arrivals, deck, path_choice, lifecycle, .. } = self.runs;
        let own = |pin: &Pin<Pinned>| pin.value.job.sync_trigger == self.setup.trigger;
        let schedule = self.schedule.filter(|_| !pins.iter().any(own));
        let runs = Population::new(arrivals, deck, path_choice, lifecycle, pins);
        Self { runs, schedule, ..self }
    }

    /// When its first job was made, or will be.
    fn earliest(&self) -> Timestamp {
        let arrivals = &self.runs.arrivals;
        let generated = (arrivals.count > 0).then(|| arrivals.born(0));
        let exact = self.runs.pins.iter().map(|pin| pin.value.job.created_at);
        let own = self.schedule.as_ref().map(|schedule| schedule.begins(0));
        let all = generated.into_iter().chain(exact).chain(own);
        all.min().unwrap_or(Timestamp::from_millis(i64::MAX))
    }

    fn task(
        self,
        plan: &Plan,
        place: u64,
        created: Timestamp,
        operations: Option<Operations>,
    ) -> Task {
        let revision = Revision {
            from: Timestamp::from_millis(i64::MIN),
            setup: self.setup,
            schedule: self.schedule.map(Arc::new),
        };
        Task {
            id: self.id,
            created: self.created.map_or(created, instant),
            first: Arc::new(revision),
            runs: Arc::new(self.runs),
            place,
            record: plan.ids.generated.encode(place, 0),
            organization: organization(plan.seed, self.id),
            operations,
        }
    }
}

/// What timed and automatic tasks have in common.
#[derive(Clone, Copy)]
struct Pace {
    key: &'static str,
    machine: &'static Machine,
    every: Length,
    since: Length,
    duration: Spread,
    lateness: u64,
}

impl Pace {
    fn check(&self, place: Place, problems: &mut Vec<Problem>) {
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

    fn rhythm(&self) -> Rhythm {
        let usual = |state| (state == ON_PROGRESS).then(|| self.duration.quantiles());
        let paths = Lives { machine: self.machine, usual: &usual }.generated();
        Rhythm { every: self.every.0.max(1), lateness: self.lateness, paths }
    }
}

/// The states that an exact job's path can begin in: what a task does by itself does not
/// wait.
const PATHS_BEGIN: &[State] = &[FREE, PENDING, ON_PROGRESS];

/// The tasks of a scenario were made within so long (ms) before its first job.
const TASKS_MADE_WITHIN: u64 = 30 * DAY;

fn instant(moment: Moment) -> Timestamp {
    Timestamp::from_millis(moment.0)
}

/// The code of an organization, as in the vendor's sample (`steamory`).
fn organization(seed: Seed, task: u64) -> String {
    account(seed, TASKS.of(2), task).split('_').next().unwrap_or_default().to_owned()
}

const USUAL_KINDS: &[Kind] =
    &[Kind::Lark, Kind::Wechatwork, Kind::Dingtalk, Kind::ActiveDirectory, Kind::Ldap, Kind::Scim];

fn usual_name(kind: Kind, flow: Flow, tongue: Tongue) -> String {
    let (chinese, english) = match kind {
        Kind::Lark => ("飞书", "Lark"),
        Kind::Wechatwork => ("企业微信", "WeCom"),
        Kind::Dingtalk => ("钉钉", "DingTalk"),
        Kind::ActiveDirectory => ("Windows AD", "Windows AD"),
        Kind::Ldap => ("LDAP", "LDAP"),
        Kind::Scim => ("自定义", "Custom"),
        _ => ("通讯录", "Directory"),
    };
    match (tongue, flow) {
        (Tongue::Chinese, Flow::Upstream) => format!("{chinese}上游同步任务"),
        (Tongue::Chinese, Flow::Downstream) => format!("{chinese}下游同步任务"),
        (Tongue::English, Flow::Upstream) => format!("Sync from {english}"),
        (Tongue::English, Flow::Downstream) => format!("Sync to {english}"),
    }
}

/// As in the vendor's SDK tests.
fn usual_mapping() -> Vec<FieldMapping> {
    let pairs = [
        ("name", "name"),
        ("name", "nickname"),
        ("mobile", "phone"),
        ("enterprise_email", "email"),
        ("country", "country"),
        ("city", "city"),
        ("gender", "gender"),
        ("avatar_formatted", "photo"),
        ("user_id", "externalId"),
    ];
    let mapping = |(expression, target_key): (&str, &str)| FieldMapping {
        expression: expression.to_owned(),
        target_key: target_key.to_owned(),
    };
    pairs.into_iter().map(mapping).collect()
}

/// Schedules keep to whole minutes.
fn whole_minute(instant: Timestamp) -> Timestamp {
    let over = instant.millis().rem_euclid(MINUTE as i64) as u64;
    instant.plus((MINUTE - over) % MINUTE)
}

impl ExactJob {
    fn counters(&self) -> [(&'static str, Written); 4] {
        let written = |all, succ| Written { all, succ };
        [
            ("departmentCountSucc", written(self.department_count_all, self.department_count_succ)),
            (
                "departmentUpdateCountSucc",
                written(self.department_update_count_all, self.department_update_count_succ),
            ),
            ("accountCountSucc", written(self.account_count_all, self.account_count_succ)),
            (
                "accountUpdateCountSucc",
                written(self.account_update_count_all, self.account_update_count_succ),
            ),
        ]
    }

    fn check(&self, place: &Place, problems: &mut Vec<Problem>) {
        if let (Some(created), Some(updated)) = (self.created_at, self.updated_at)
            && updated < created
        {
            let text = "updatedAt lies before createdAt";
            problems.push(Problem::value(place.clone().key("updatedAt"), text));
        }
        let there =
            [("syncStatus", self.sync_status.is_some()), ("updatedAt", self.updated_at.is_some())];
        for (name, _) in there.iter().filter(|(_, there)| *there && self.path.is_some()) {
            let text = format!("{name} says what path says already");
            problems.push(Problem::key(place.clone().key(*name), text));
        }
        for (name, Written { all, succ }) in self.counters() {
            if let (Some(all), Some(succ)) = (all, succ)
                && succ > all
            {
                let text = format!("{succ} of {all} is not possible");
                problems.push(Problem::value(place.clone().key(name), text));
            }
        }
    }

    /// A job that stays as it is.
    fn resolve(&self, plan: &Plan, origin: Origin, base: &Base, place: usize) -> Pin<Pinned> {
        let index = pinned_index(place);
        let status = self.sync_status.unwrap_or(Status::Success);
        let took = if status.is_final() {
            SECOND + scale(draw(base.seed, STREAM, index), 59 * SECOND)
        } else {
            0
        };
        let (created, updated) = match (self.created_at, self.updated_at) {
            (Some(created), Some(updated)) => (instant(created), instant(updated)),
            (Some(created), None) => (instant(created), instant(created).plus(took)),
            (None, updated) => {
                let updated = updated.map_or(base.start, instant);
                (updated.minus(took), updated)
            }
        };
        let progress = if status.is_final() { 1000 } else { 500 };
        let end = if status.is_final() { status } else { Status::Success };
        let stage = Stage { status, end, progress, updated };
        let origin = Origin { created, ..origin };
        let mut job = synthesize(plan, origin, own_counts(origin.task), index, &NOTHING, stage);
        if let Some(err_msg) = &self.err_msg {
            job.err_msg = Some(err_msg.clone());
        }
        let mut counters = self.counters().into_iter();
        job.set_tallies(job.tallies().map(|drawn| {
            let written = counters.next().map(|(_, written)| written).unwrap_or_default();
            let complete = drawn.succ == drawn.all;
            let all = written.all.unwrap_or(drawn.all.max(written.succ.unwrap_or(0)));
            let usual = if complete { all } else { drawn.succ.min(all) };
            Tally { all, succ: written.succ.unwrap_or(usual) }
        }));
        let born = if origin.trigger == Trigger::Manually { created } else { updated };
        Pin { born, value: Pinned { job, path: None, index, written: NOTHING } }
    }

    /// A job that goes its own way.
    fn follow(&self, plan: &Plan, origin: Origin, path: Path, place: usize) -> Pin<Pinned> {
        let index = pinned_index(place);
        let written = self.counters().map(|(_, written)| written);
        let created = origin.created;
        let stage =
            Stage { status: Status::Free, end: Status::Free, progress: 0, updated: created };
        let counts = own_counts(origin.task);
        let mut job = synthesize(plan, origin, counts, index, &written, stage);
        job.err_msg.clone_from(&self.err_msg);
        Pin { born: created, value: Pinned { job, path: Some(path), index, written } }
    }
}

/// The key that tokens are signed with.
fn token_key(seed: Seed) -> [u8; 32] {
    let mut key = [0; 32];
    for (eight, i) in key.chunks_exact_mut(8).zip(0..) {
        eight.copy_from_slice(&draw(seed, Stream::named("authing.token"), i).to_be_bytes());
    }
    key
}

/// The prefix of the first two is the vendor's (SDK tests); the texts are ours. Authing's
/// jobs have no code.
const USUAL_CAUSES: &[UsualCause] = &[
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
