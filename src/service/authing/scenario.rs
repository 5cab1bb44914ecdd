//! The `[authing]` part of a scenario file, and the plan it becomes.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ids::{JobIds, LARGEST_ID};
use super::job::{Flow, Job, OUTCOME, Stage, Status, Trigger, exact_index, synthesize};
use super::schedule::Schedule;
use crate::plan::Base;
use crate::scenario::parts::{
    CauseTable, Spread, SpreadTable, UsualCause, When, causes, check_weights,
};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::{Length, Moment};
use crate::world::causes::Causes;
use crate::world::deck::Deck;
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::lifecycle::{Lifecycle, Path};
use crate::world::population::{Arrivals, Pin, Population};
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
    pub entities: EntityCounts,
    pub tokens: Tokens,
    /// Exact tasks, among the generated ones.
    pub task: Vec<TaskTable>,
    /// Exact jobs, among the generated ones.
    pub job: Vec<ExactJob>,
    /// What failed jobs say. Default: a handful of believable causes.
    pub cause: Vec<CauseTable>,
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
            waiting: spread(2 * SECOND, 10 * SECOND),
            duration: spread(40 * SECOND, 900 * SECOND),
        }
    }
}

fn spread(median: u64, p99: u64) -> Spread {
    Spread::Spread(SpreadTable { median: Length(median), p99: Some(Length(p99)) })
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
        let duration = spread(40 * SECOND, 900 * SECOND);
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
        let duration = spread(3 * SECOND, 20 * SECOND);
        Self { every: Length(HOUR), since: Length(30 * DAY), duration }
    }
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

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    pub list: ListShape,
    /// The message of every success. Default: empty, as the vendor's SDK tests expect; its
    /// pages say 操作成功.
    pub success_message: String,
    pub http_status: HttpStatus,
    pub limit_over_50: LimitOver50,
    pub unknown_task: UnknownTask,
    pub request_id: RequestId,
    pub err_msg: ErrMsg,
    pub validation: Validation,
}

/// What a list is in the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListShape {
    /// All jobs of the page.
    #[default]
    Array,
    /// The first job of the page, or null: the sample on the vendor's page.
    Object,
}

/// The HTTP status of an answer whose statusCode is not 200.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum HttpStatus {
    /// 200 all the same.
    #[default]
    #[serde(rename = "always_200")]
    Always200,
    /// The same number; 502 for those above 599, which HTTP does not have.
    #[serde(rename = "mirror")]
    Mirror,
}

/// What becomes of a limit above 50, the documented maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitOver50 {
    #[default]
    Refuse,
    /// It counts as 50.
    Clamp,
    /// It is taken, up to 10000.
    Allow,
}

/// What a task that does not exist is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownTask {
    /// 404.
    #[default]
    NotFound,
    /// 602, no identity provider config found.
    NoProvider,
    /// 200 and no jobs.
    EmptyList,
}

/// Whether a success has a requestId; failures always have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestId {
    #[default]
    Always,
    Never,
}

/// The errMsg of a job that did not fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrMsg {
    #[default]
    Absent,
    Empty,
}

/// How parameters are complained of. The vendor's SDK tests show both, whatever the language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validation {
    /// In the English of class-validator, all at once: the sync endpoints' way.
    #[default]
    English,
    /// 参数 page 格式错误, the first one alone: other endpoints' way.
    Localized,
}

#[derive(Debug)]
pub struct Plan {
    pub seed: Seed,
    /// By id, ascending.
    pub tasks: Vec<Task>,
    pub ids: JobIds,
    pub entities: EntityCounts,
    pub causes: Causes,
    pub token_key: [u8; 32],
    /// In seconds.
    pub token_lifetime: u64,
    pub success_message: String,
    pub real_http_status: bool,
    pub request_id_on_success: bool,
    pub list: ListShape,
    pub limit_over_50: LimitOver50,
    pub unknown_task: UnknownTask,
    pub err_msg: ErrMsg,
    pub localized_validation: bool,
}

#[derive(Debug)]
pub struct Task {
    pub id: u64,
    pub name: Option<String>,
    pub flow: Flow,
    pub trigger: Trigger,
    /// Manual runs, and exact jobs.
    pub runs: Population<Job>,
    /// What the task does by itself.
    pub schedule: Option<Schedule>,
    /// Its place among the tasks.
    pub place: u64,
}

impl Plan {
    pub fn task(&self, id: u64) -> Option<&Task> {
        let place = self.tasks.binary_search_by_key(&id, |task| task.id).ok()?;
        self.tasks.get(place)
    }
}

const STREAM: Stream = Stream::named("authing.job");

impl Section {
    pub fn plan(self, base: &Base, place: Place, problems: &mut Vec<Problem>) -> Plan {
        let jobs_place = place.clone().key("jobs");
        self.jobs.waiting.check(jobs_place.clone().key("waiting"), problems);
        self.jobs.duration.check(jobs_place.clone().key("duration"), problems);
        check_weights(&self.outcomes(), jobs_place.clone().key("outcomes"), problems);
        self.when(self.jobs.count).arrivals(base, STREAM, &jobs_place, problems);
        for trigger in [Trigger::Timed, Trigger::Automatic] {
            if let Some(rhythm) = self.rhythm(trigger) {
                rhythm.check(place.clone().key(rhythm.key), problems);
            }
        }

        let outlines = self.outlines(&place, problems);
        let exact_ids = self.exact_ids(&place, problems);
        let mut plan = Plan {
            seed: base.seed,
            tasks: vec![],
            ids: JobIds::new(outlines.len(), &exact_ids),
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
            success_message: self.quirks.success_message.clone(),
            real_http_status: self.quirks.http_status == HttpStatus::Mirror,
            request_id_on_success: self.quirks.request_id == RequestId::Always,
            list: self.quirks.list,
            limit_over_50: self.quirks.limit_over_50,
            unknown_task: self.quirks.unknown_task,
            err_msg: self.quirks.err_msg,
            localized_validation: self.quirks.validation == Validation::Localized,
        };
        // A slot is the record's.
        let room = plan.ids.room().saturating_sub(1);
        plan.tasks = outlines
            .iter()
            .zip(0..)
            .map(|(outline, at)| self.task(outline, at, room, base, &place, problems))
            .collect();
        let pins = self.pins(&plan, &exact_ids, base, &place.key("job"), problems);
        plan.tasks = plan.tasks.into_iter().zip(pins).map(|(task, pins)| task.with(pins)).collect();
        plan
    }

    fn when(&self, count: u64) -> When {
        let Jobs { every, over, start, .. } = self.jobs;
        When { count, every, over, start }
    }

    fn outcomes(&self) -> Vec<u64> {
        self.jobs.outcomes.map_or(vec![94, 6], |o| vec![o.success, o.failed])
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
    fn task(
        &self,
        outline: &Outline<'_>,
        at: u64,
        room: u64,
        base: &Base,
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Task {
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

        let deck = Deck::new(base.seed, stream.of(1), &[self.outcomes()]);
        let path = |rest: Status| Path {
            stays: vec![
                (Status::Pending.state(), jobs.waiting.quantiles().into()),
                (Status::OnProgress.state(), jobs.duration.quantiles().into()),
            ],
            rest: rest.state(),
        };
        let paths = vec![path(Status::Success), path(Status::Failed)];
        let lifecycle = Lifecycle { seed: base.seed, stream: stream.of(2), paths };
        Task {
            id: outline.id,
            name: outline.exact.as_ref().and_then(|(table, _)| table.sync_task_name.clone()),
            flow: outline.flow,
            trigger: outline.trigger,
            place: at,
            runs: Population::new(bounded(arrivals, room), deck, OUTCOME, lifecycle, vec![]),
            schedule: self.schedule(outline, base, problems),
        }
    }

    fn rhythm(&self, trigger: Trigger) -> Option<Rhythm> {
        match trigger {
            Trigger::Manually => None,
            Trigger::Timed => {
                let Timed { every, since, duration } = self.timed;
                Some(Rhythm { key: "timed", every, since, duration, lateness: 0 })
            }
            Trigger::Automatic => {
                let Automatic { every, since, duration } = self.automatic;
                let lateness = every.0 / 2;
                Some(Rhythm { key: "automatic", every, since, duration, lateness })
            }
        }
    }

    fn schedule(
        &self,
        outline: &Outline<'_>,
        base: &Base,
        problems: &mut Vec<Problem>,
    ) -> Option<Schedule> {
        let mut rhythm = self.rhythm(outline.trigger)?;
        let table = outline.exact.as_ref();
        if let Some((every, place)) = table.and_then(|(table, place)| Some((table.every?, place))) {
            let lateness = if rhythm.lateness > 0 { every.0 / 2 } else { 0 };
            rhythm = Rhythm { every, lateness, ..rhythm };
            rhythm.check(place.clone(), problems);
        }
        let stream = STREAM.of(outline.id);
        let every = rhythm.every.0.max(1);
        let first = match table.and_then(|(table, _)| table.first_run) {
            Some(moment) => Timestamp::from_millis(moment.0),
            None => {
                let phase = 1 + scale(draw(base.seed, stream.of(3), 0), every);
                whole_minute(base.start.minus(rhythm.since.0).plus(phase))
            }
        };
        let path = |rest: Status| Path {
            stays: vec![(Status::OnProgress.state(), rhythm.duration.quantiles().into())],
            rest: rest.state(),
        };
        let paths = vec![path(Status::Success), path(Status::Failed)];
        Some(Schedule {
            seed: base.seed,
            stream: stream.of(4),
            first,
            every,
            lateness: rhythm.lateness,
            lifecycle: Lifecycle { seed: base.seed, stream: stream.of(5), paths },
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

    /// The exact jobs of each task.
    fn pins(
        &self,
        plan: &Plan,
        ids: &[u64],
        base: &Base,
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Vec<Vec<Pin<Job>>> {
        let mut pins: Vec<Vec<Pin<Job>>> = plan.tasks.iter().map(|_| Vec::new()).collect();
        for (i, (table, &id)) in self.job.iter().zip(ids).enumerate() {
            let place = place.clone().index(i);
            table.check(&place, problems);
            let task = match table.sync_task_id {
                Some(id) => plan.task(id),
                None => plan.tasks.first(),
            };
            let Some(task) = task else {
                let text = "there is no such task";
                problems.push(
                    Problem::value(place.key("syncTaskId"), text)
                        .hint("add it as [[authing.task]], or raise authing.tasks.count"),
                );
                continue;
            };
            if let Some(pins) = pins.get_mut(task.place as usize) {
                pins.push(table.resolve(plan, task, base, id, i));
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

/// A task before anything is worked out.
struct Outline<'s> {
    id: u64,
    flow: Flow,
    trigger: Trigger,
    exact: Option<(&'s TaskTable, Place)>,
}

/// What timed and automatic tasks have in common.
#[derive(Clone, Copy)]
struct Rhythm {
    key: &'static str,
    every: Length,
    since: Length,
    duration: Spread,
    lateness: u64,
}

impl Rhythm {
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
}

/// Schedules keep to whole minutes.
fn whole_minute(instant: Timestamp) -> Timestamp {
    let over = instant.millis().rem_euclid(MINUTE as i64) as u64;
    instant.plus((MINUTE - over) % MINUTE)
}

impl Task {
    fn with(self, pins: Vec<Pin<Job>>) -> Self {
        let Population { arrivals, deck, path_choice, lifecycle, .. } = self.runs;
        let schedule =
            self.schedule.filter(|_| pins.iter().all(|pin| pin.value.sync_trigger != self.trigger));
        let runs = Population::new(arrivals, deck, path_choice, lifecycle, pins);
        Self { runs, schedule, ..self }
    }
}

impl ExactJob {
    fn counters(&self) -> [(&'static str, Option<u64>, Option<u64>); 4] {
        [
            ("departmentCountSucc", self.department_count_all, self.department_count_succ),
            (
                "departmentUpdateCountSucc",
                self.department_update_count_all,
                self.department_update_count_succ,
            ),
            ("accountCountSucc", self.account_count_all, self.account_count_succ),
            (
                "accountUpdateCountSucc",
                self.account_update_count_all,
                self.account_update_count_succ,
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
        for (name, all, succ) in self.counters() {
            if let (Some(all), Some(succ)) = (all, succ)
                && succ > all
            {
                let text = format!("{succ} of {all} is not possible");
                problems.push(Problem::value(place.clone().key(name), text));
            }
        }
    }

    fn resolve(&self, plan: &Plan, task: &Task, base: &Base, id: u64, place: usize) -> Pin<Job> {
        let index = exact_index(place);
        let status = self.sync_status.unwrap_or(Status::Success);
        let took = if status.is_final() {
            SECOND + scale(draw(base.seed, STREAM, index), 59 * SECOND)
        } else {
            0
        };
        let instant = |moment: Moment| Timestamp::from_millis(moment.0);
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
        let trigger = self.sync_trigger.unwrap_or(task.trigger);
        let mut job = synthesize(plan, task, id, trigger, index, created, stage);
        if let Some(flow) = self.sync_flow {
            job.sync_flow = flow;
        }
        if let Some(err_msg) = &self.err_msg {
            job.err_msg = Some(err_msg.clone());
        }
        let drawn = [
            (&mut job.department_count_all, &mut job.department_count_succ),
            (&mut job.department_update_count_all, &mut job.department_update_count_succ),
            (&mut job.account_count_all, &mut job.account_count_succ),
            (&mut job.account_update_count_all, &mut job.account_update_count_succ),
        ];
        for ((all, succ), (_, exact_all, exact_succ)) in drawn.into_iter().zip(self.counters()) {
            let complete = *succ == *all;
            *all = exact_all.unwrap_or((*all).max(exact_succ.unwrap_or(0)));
            *succ = exact_succ.unwrap_or(if complete { *all } else { (*succ).min(*all) });
        }
        let born = if trigger == Trigger::Manually { created } else { updated };
        Pin { born, value: job }
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
