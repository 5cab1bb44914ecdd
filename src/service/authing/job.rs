//! The synchronization job on the wire, and how a generated one comes by its figures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::View;
use super::change::Triggered;
use super::quirks::ErrMsg;
use super::scenario::{Pinned, Plan};
use super::task::Standing;
use crate::scenario::parts::turn;
use crate::world::draw::{Draws, Stream};
use crate::world::lifecycle::{Course, Lifecycle, Path, State};
use crate::world::population::{Member, created_index};
use crate::world::time::{SECOND, Timestamp};

/// `syncStatus`, and `lastSyncStatus` of a task. A generated job is never free: that is a
/// task which never ran.
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
}

/// The choice of a task's deck: how a run ends.
pub const OUTCOME: usize = 0;
const COUNTS: Stream = Stream::named("authing.job.counts");
const CARDS: Stream = Stream::named("authing.job.cards");
/// Runs by schedule draw from these indexes on.
const SCHEDULED: u64 = 1 << 58;

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

pub fn iso<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&instant.iso_millis())
}

/// One of the four columns of the vendor's console (guide).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub all: u64,
    pub succ: u64,
}

impl Job {
    /// Departments, those to update, accounts, those to update.
    pub fn tallies(&self) -> [Tally; 4] {
        [
            Tally { all: self.department_count_all, succ: self.department_count_succ },
            Tally {
                all: self.department_update_count_all,
                succ: self.department_update_count_succ,
            },
            Tally { all: self.account_count_all, succ: self.account_count_succ },
            Tally { all: self.account_update_count_all, succ: self.account_update_count_succ },
        ]
    }

    pub fn set_tallies(&mut self, tallies: [Tally; 4]) {
        let [departments, department_updates, accounts, account_updates] = tallies;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A manual run, or an exact job.
    Run(Member),
    /// The single record of what a task does by itself.
    Record,
}

/// The job of a row as it stands.
pub fn job(standing: &Standing<'_>, row: Row) -> Option<Job> {
    let Standing { plan, task, history, now } = *standing;
    let runs = &task.runs;
    match row {
        Row::Run(member @ Member::Pinned(place)) => {
            let pin = runs.pins.get(place)?;
            let Pinned { job, path, index, written } = &pin.value;
            let Some(path) = path else { return Some(job.clone()) };
            let looks = history.runs.looks(member);
            let course = Course { path, index: *index, from: pin.born, looks };
            let stage = Stage::of(&runs.lifecycle, &course, now);
            let origin = Origin {
                id: job.sync_job_id,
                task: task.id,
                flow: job.sync_flow,
                trigger: job.sync_trigger,
                created: pin.born,
            };
            let mut drawn = synthesize(plan, origin, COUNTS.of(task.id), *index, written, stage);
            if let (Some(said), Status::Failed) = (&job.err_msg, stage.status) {
                drawn.err_msg = Some(said.clone());
            }
            Some(drawn)
        }
        Row::Run(Member::Synthetic(run)) => {
            let created = runs.arrivals.born(run);
            let path = runs.lifecycle.paths.get(runs.deck.choice(OUTCOME, runs.deck.card(run)))?;
            let course = Course { path, index: run, from: created, looks: &[] };
            let stage = Stage::of(&runs.lifecycle, &course, now);
            let origin = Origin {
                id: plan.ids.generated.encode(task.place, run + 1),
                task: task.id,
                flow: standing.setup_at(created).flow,
                trigger: Trigger::Manually,
                created,
            };
            Some(synthesize(plan, origin, COUNTS.of(task.id), run, &NOTHING, stage))
        }
        Row::Run(member @ Member::Created(number)) => {
            let triggered = history.triggered.get(&number)?;
            let index = created_index(number);
            let looks = history.runs.looks(member);
            let path = path_of(standing, triggered, index)?;
            let course = Course { path, index, from: triggered.at, looks };
            let stage = Stage::of(&runs.lifecycle, &course, now);
            let origin = Origin {
                id: plan.ids.made.encode(0, number),
                task: task.id,
                flow: standing.setup_at(triggered.at).flow,
                trigger: Trigger::Manually,
                created: triggered.at,
            };
            Some(synthesize(plan, origin, COUNTS.of(task.id), index, &NOTHING, stage))
        }
        Row::Record => {
            let run = standing.last_own_run()?;
            let index = SCHEDULED + run.number;
            let lifecycle = &run.schedule.lifecycle;
            let path = lifecycle.paths.get(runs.deck.choice(OUTCOME, runs.deck.card(index)))?;
            let course = Course { path, index, from: run.begins(), looks: &[] };
            let stage = Stage::of(lifecycle, &course, now);
            let origin = Origin {
                id: task.record,
                task: task.id,
                flow: run.revision.setup.flow,
                trigger: run.revision.setup.trigger,
                created: standing.first_own_run()?,
            };
            Some(synthesize(plan, origin, run.schedule.counts, index, &NOTHING, stage))
        }
    }
}

/// What a task's own runs draw their figures from if nobody changed its setup.
pub fn own_counts(task: u64) -> Stream {
    COUNTS.of(task)
}

fn path_of<'a>(standing: &Standing<'a>, triggered: &Triggered, index: u64) -> Option<&'a Path> {
    let Standing { plan, task, .. } = *standing;
    let card = || task.runs.drawn_card(CARDS, index);
    let usual = || task.runs.lifecycle.paths.get(task.runs.deck.choice(OUTCOME, card()));
    turn(&plan.created_paths, triggered.place).map(AsRef::as_ref).or_else(usual)
}

/// Whether answers that show the job have to be counted.
pub fn counts_looks(standing: &Standing<'_>, row: Row) -> bool {
    let path = match row {
        Row::Run(Member::Pinned(place)) => {
            standing.task.runs.pins.get(place).and_then(|pin| pin.value.path.as_ref())
        }
        Row::Run(Member::Created(number)) => {
            let triggered = standing.history.triggered.get(&number);
            triggered.and_then(|run| path_of(standing, run, created_index(number)))
        }
        Row::Run(Member::Synthetic(_)) | Row::Record => None,
    };
    path.is_some_and(Path::counts_looks)
}

/// The job of that id, if there is one.
pub fn find<'a>(view: &View<'a>, id: u64) -> Option<(Standing<'a>, Row)> {
    let View { plan, changes, now } = *view;
    for task in &plan.tasks {
        let wanted = |pin: &crate::world::population::Pin<Pinned>| pin.value.job.sync_job_id == id;
        if let Some(place) = task.runs.pins.iter().position(wanted) {
            let born = task.runs.pins.get(place)?.born;
            let row = Row::Run(Member::Pinned(place));
            return (born <= now).then_some((Standing::of(view, task.id)?, row));
        }
    }
    let record = |task: u64| {
        let standing = Standing::of(view, task)?;
        standing.last_own_run().map(|_| (standing, Row::Record))
    };
    if let Some((_, number)) = plan.ids.made.decode(id) {
        return match changes.triggered.get(&number) {
            Some(&task) => Some((Standing::of(view, task)?, Row::Run(Member::Created(number)))),
            None => record(plan.created_task_id(number)?).filter(|(s, _)| s.task.record == id),
        };
    }
    let (place, slot) = plan.ids.generated.decode(id)?;
    let task = plan.tasks.get(usize::try_from(place).ok()?)?;
    match slot.checked_sub(1) {
        None => record(task.id),
        Some(run) if run < task.runs.arrivals.count_at(now) => {
            Some((Standing::of(view, task.id)?, Row::Run(Member::Synthetic(run))))
        }
        Some(_) => None,
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
    fn of(lifecycle: &Lifecycle, course: &Course<'_>, now: Timestamp) -> Self {
        let mut situation = lifecycle.walk(course, now);
        let mut updated = situation.since;
        if situation.state == Status::OnProgress.state() && !situation.at_rest {
            // Progress is written down once a second.
            updated = updated.plus(now.since(updated) / SECOND * SECOND);
            situation = lifecycle.walk(course, updated);
        } else if situation.state == Status::OnProgress.state() {
            // It never gets any further.
            situation.progress = 500;
        }
        Self {
            status: Status::of(situation.state),
            end: Status::of(course.path.rest),
            progress: situation.progress,
            updated,
        }
    }
}

/// What is known of a job before it runs.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    pub id: u64,
    pub task: u64,
    pub flow: Flow,
    pub trigger: Trigger,
    pub created: Timestamp,
}

/// What an exact job's path leads to, column by column, as far as it is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    pub all: Option<u64>,
    pub succ: Option<u64>,
}

pub const NOTHING: [Written; 4] = [Written { all: None, succ: None }; 4];

/// A job made of draws, at the given stage.
pub fn synthesize(
    plan: &Plan,
    origin: Origin,
    counts: Stream,
    index: u64,
    written: &[Written; 4],
    stage: Stage,
) -> Job {
    let mut draws = Draws::new(plan.seed, counts, index);
    let tallies = tallies(plan, stage, written, &mut draws);
    let err_msg = match (stage.status, plan.quirks.err_msg) {
        (Status::Failed, _) => Some(plan.causes.pick(draws.next()).message.clone()),
        (_, ErrMsg::Empty) => Some(String::new()),
        (_, ErrMsg::Absent) => None,
    };
    let mut job = Job {
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
    job.set_tallies(tallies);
    job
}

/// The part of a run that departments take, in thousandths.
pub const DEPARTMENTS: u64 = 200;

/// How much there is to do is known when a run starts; then departments are done, then
/// accounts, because those are put into these (inferred, all of it). A run that fails stops
/// somewhere on the way, unless it is written how far it gets.
fn tallies(plan: &Plan, stage: Stage, written: &[Written; 4], draws: &mut Draws) -> [Tally; 4] {
    let entities = plan.entities;
    let all = [
        nearly(entities.departments, draws),
        few(entities.departments, draws),
        nearly(entities.accounts, draws),
        few(entities.accounts, draws),
    ];
    let gets = if stage.end == Status::Failed { draws.below(900) } else { 1000 };
    if matches!(stage.status, Status::Free | Status::Pending) {
        return [Tally::default(); 4];
    }
    let mut column = 0;
    all.map(|drawn| {
        let Written { all, succ } = written.get(column).copied().unwrap_or_default();
        let (before, part) =
            if column < 2 { (0, DEPARTMENTS) } else { (DEPARTMENTS, 1000 - DEPARTMENTS) };
        column += 1;
        let done = |gets: u64| (gets * stage.progress / 1000).saturating_sub(before).min(part);
        let all = all.unwrap_or(drawn.max(succ.unwrap_or(0)));
        let succ = match succ {
            Some(succ) => succ * done(1000) / part,
            None => all * done(gets) / part,
        };
        Tally { all, succ }
    })
}

/// As many as there are, or up to a fiftieth fewer: they come and go.
fn nearly(entities: u64, draws: &mut Draws) -> u64 {
    entities - draws.below(entities / 50 + 1)
}

/// Up to a fiftieth of them, and one at least now and then if there are any.
fn few(entities: u64, draws: &mut Draws) -> u64 {
    draws.below((entities / 50).max(entities.min(1)) + 1)
}
