//! One direction of an instance at an instant: its state, its progress, its checkpoint and its
//! delay. All operations show this, so they cannot disagree.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::job::{PATH, REVERSE_PATH, TOPOLOGY, TWO_WAY, index_of};
use super::scenario::DtsPlan;
use super::state::TaskState::{self, *};
use crate::world::draw::{Stream, draw, scale};
use crate::world::lifecycle::{Lifecycle, LifecyclePath, LifecycleStatus, PathRun, Polls};
use crate::world::population::{Member, created_index};
use crate::world::time::Timestamp;

const LAG: Stream = Stream::named("dts.lag");
const REVERSE_LAG: Stream = Stream::named("dts.lag.reverse");
const PROGRESS: Stream = Stream::named("dts.progress");

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub(crate) enum Direction {
    #[default]
    Forward,
    Reverse,
}

impl Direction {
    /// The state as on the wire.
    pub(crate) const NAMES: &[&str] = &["Forward", "Reverse"];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Forward => "Forward",
            Self::Reverse => "Reverse",
        }
    }

    fn lag(self) -> Stream {
        match self {
            Self::Forward => LAG,
            Self::Reverse => REVERSE_LAG,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) state: TaskState,
    /// When it entered the state.
    pub(crate) since: Timestamp,
    /// The state that its precheck and its initialization are those of: the last one before
    /// the instance was deleted, else the present one.
    pub(crate) phase: TaskState,
    /// The completed part of the precheck, in thousandths.
    pub(crate) checked: u64,
    /// The completed part of the initialization, in thousandths.
    pub(crate) copied: u64,
    /// Unix s; there once incremental synchronization has begun (a failed job's is the
    /// vendor's sample, the rest is inferred).
    pub(crate) checkpoint: Option<i64>,
    /// The index that its failures are drawn by; each run has its own.
    pub(crate) run: u64,
    /// Whether answers that show it may have to be counted, now or later.
    pub(crate) counts_polls: bool,
}

impl Task {
    /// In ms: `now` less the checkpoint, which is in whole seconds; -1 before incremental
    /// synchronization (seen by users). It grows while a task is stopped, but not once it has
    /// ended.
    pub(crate) fn delay_millis(&self, now: Timestamp) -> i64 {
        match self.checkpoint {
            None => -1,
            Some(_) if self.state == Finished => 0,
            Some(checkpoint) => {
                now.millis().saturating_sub(checkpoint.saturating_mul(1_000)).max(0)
            }
        }
    }

    /// In whole seconds, or -1.
    pub(crate) fn delay(&self, now: Timestamp) -> i64 {
        self.delay_millis(now).div_euclid(1_000)
    }
}

/// The path that a task is on since a client started or stopped it.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) path: Arc<LifecyclePath<TaskState>>,
    /// The index that its dwell times are drawn by.
    pub(crate) index: u64,
    pub(crate) from: Timestamp,
    /// The checkpoint at which it resumes incremental synchronization (Unix s); None: `from`.
    pub(crate) checkpoint: Option<i64>,
    /// The number of answers that had shown the instance before.
    pub(crate) polls_before: usize,
    /// For a paused task: the remainder of its path.
    pub(crate) left: Option<Arc<LifecyclePath<TaskState>>>,
}

impl Run {
    /// A run that the event of that number begins.
    pub(crate) fn new(path: Arc<LifecyclePath<TaskState>>, number: u64, from: Timestamp) -> Self {
        let index = created_index(number);
        Self { path, index, from, checkpoint: None, polls_before: 0, left: None }
    }
}

/// A task from the scenario file.
#[derive(Clone, Debug)]
pub(crate) enum FixedTask {
    /// It stays in its state for ever.
    Constant {
        state: TaskState,
        checkpoint: Option<i64>,
    },
    Path(Arc<LifecyclePath<TaskState>>),
}

/// The task of that direction; None if the instance is one-way and has no reverse task.
pub(crate) fn task(view: &View<'_>, member: Member, direction: Direction) -> Option<Task> {
    match direction {
        Direction::Forward => Some(forward_task(view, member)),
        Direction::Reverse => reverse_task(view, member),
    }
}

/// The forward task, which every instance has.
pub(crate) fn forward_task(view: &View<'_>, member: Member) -> Task {
    match view.projection.deleted(member) {
        Some(deleted) => deleted.forward.ended(deleted.at),
        None => forward_progression(view, member).task(view, member, Direction::Forward),
    }
}

fn reverse_task(view: &View<'_>, member: Member) -> Option<Task> {
    match view.projection.deleted(member) {
        Some(deleted) => Some(deleted.reverse?.ended(deleted.at)),
        None => Some(reverse_progression(view, member)?.task(view, member, Direction::Reverse)),
    }
}

impl Task {
    /// The task once its instance was deleted.
    fn ended(self, at: Timestamp) -> Self {
        Self { state: Finished, since: at, counts_polls: false, ..self }
    }
}

/// The rest of the path of a synchronizing task, unless it is in its terminal state: what the
/// task goes on with after a pause.
pub(crate) fn rest_of_path(
    view: &View<'_>,
    member: Member,
    direction: Direction,
) -> Option<Arc<LifecyclePath<TaskState>>> {
    let progression = match direction {
        Direction::Forward => forward_progression(view, member),
        Direction::Reverse => reverse_progression(view, member)?,
    };
    let Progression::OnPath(task) = progression else { return None };
    let status = task.status(task.path, view.now);
    if status.is_terminal || status.state != Synchronizing {
        return None;
    }
    let dwells = task.path.dwells[task.step(view.now)..].to_vec();
    Some(Arc::new(LifecyclePath { dwells, terminal: task.path.terminal }))
}

/// Whether an answer at the view's instant that shows the job changes something.
pub(crate) fn awaits_poll(view: &View<'_>, member: Member) -> bool {
    if view.projection.deleted(member).is_some() {
        return false;
    }
    let forward = forward_progression(view, member);
    forward.awaits_poll(view.now)
        || reverse_progression(view, member).is_some_and(|reverse| reverse.awaits_poll(view.now))
}

/// The cause of a task's state.
enum Progression<'a> {
    /// It stays in one state for ever.
    Constant {
        state: TaskState,
        checkpoint: Option<i64>,
        since: Timestamp,
    },
    OnPath(TaskOnPath<'a>),
}

struct TaskOnPath<'a> {
    lifecycle: &'a Lifecycle<TaskState>,
    path: &'a LifecyclePath<TaskState>,
    index: u64,
    from: Timestamp,
    polls: Polls<'a>,
    checkpoint: Option<i64>,
}

fn forward_progression<'a>(view: &View<'a>, member: Member) -> Progression<'a> {
    let View { plan, projection, .. } = *view;
    let lifecycle = &plan.jobs.lifecycle;
    if let Some(run) = projection.run(member, Direction::Forward) {
        return run.progression(view, member);
    }
    match member {
        Member::Fixed(place) => {
            let record = &plan.jobs.fixed[place];
            let index = record.value.index;
            let polls = projection.jobs.polls(member);
            record.value.forward.progression(lifecycle, index, record.born, polls)
        }
        Member::Synthetic(index) => {
            let path = plan.jobs.sampler.attribute(PATH, plan.jobs.sampler.row(index));
            synthetic_progression(lifecycle, path, index, plan.jobs.arrivals.born(index))
        }
        Member::Created(number) => not_configured(projection.purchase(number).at),
    }
}

fn reverse_progression<'a>(view: &View<'a>, member: Member) -> Option<Progression<'a>> {
    let View { plan, projection, .. } = *view;
    if let Some(run) = projection.run(member, Direction::Reverse) {
        return Some(run.progression(view, member));
    }
    match member {
        Member::Fixed(place) => {
            let record = &plan.jobs.fixed[place];
            let index = record.value.index;
            let polls = projection.jobs.polls(member);
            let task = record.value.reverse.as_ref()?;
            Some(task.progression(&plan.reverse, index, record.born, polls))
        }
        Member::Synthetic(index) => {
            let sampler = &plan.jobs.sampler;
            let row = sampler.row(index);
            if sampler.attribute(TOPOLOGY, row) != TWO_WAY {
                return None;
            }
            let born = plan.jobs.arrivals.born(index);
            let forward = sampler.attribute(PATH, row);
            Some(match start_of_incremental(plan, forward, index, born) {
                Some(begun) => {
                    let path = sampler.attribute(REVERSE_PATH, row);
                    synthetic_progression(&plan.reverse, path, index, begun)
                }
                None => Progression::Constant { state: NotStarted, checkpoint: None, since: born },
            })
        }
        Member::Created(number) => {
            let purchase = projection.purchase(number);
            purchase.order.is_two_way().then(|| not_configured(purchase.at))
        }
    }
}

fn synthetic_progression(
    lifecycle: &Lifecycle<TaskState>,
    path: usize,
    index: u64,
    from: Timestamp,
) -> Progression<'_> {
    let path = lifecycle.path(path);
    Progression::OnPath(TaskOnPath {
        lifecycle,
        path,
        index,
        from,
        polls: Polls::default(),
        checkpoint: None,
    })
}

fn not_configured(since: Timestamp) -> Progression<'static> {
    Progression::Constant { state: NotConfigured, checkpoint: None, since }
}

impl Run {
    fn progression<'a>(&'a self, view: &View<'a>, member: Member) -> Progression<'a> {
        let polls = view.projection.jobs.polls(member);
        Progression::OnPath(TaskOnPath {
            lifecycle: &view.plan.jobs.lifecycle,
            path: &self.path,
            index: self.index,
            from: self.from,
            polls: polls.skip(self.polls_before),
            checkpoint: self.checkpoint,
        })
    }
}

impl FixedTask {
    fn progression<'a>(
        &'a self,
        lifecycle: &'a Lifecycle<TaskState>,
        index: u64,
        from: Timestamp,
        polls: Polls<'a>,
    ) -> Progression<'a> {
        match self {
            Self::Constant { state, checkpoint } => {
                Progression::Constant { state: *state, checkpoint: *checkpoint, since: from }
            }
            Self::Path(path) => Progression::OnPath(TaskOnPath {
                lifecycle,
                path,
                index,
                from,
                polls,
                checkpoint: None,
            }),
        }
    }
}

/// When the forward task begins to synchronize, if it ever does: the reverse one is not
/// started before that (inferred).
fn start_of_incremental(
    plan: &DtsPlan,
    path: usize,
    index: u64,
    born: Timestamp,
) -> Option<Timestamp> {
    let the_end = Timestamp::from_millis(i64::MAX);
    let last = plan.until_incremental.status(path, index, born, the_end);
    (last.state == Synchronizing).then_some(last.since)
}

impl Progression<'_> {
    fn task(&self, view: &View<'_>, member: Member, direction: Direction) -> Task {
        match self {
            Self::Constant { state, checkpoint, since } => {
                constant_task(view, member, direction, *state, *checkpoint, *since)
            }
            Self::OnPath(task) => task.task(view, member, direction),
        }
    }

    fn awaits_poll(&self, now: Timestamp) -> bool {
        match self {
            Self::Constant { .. } => false,
            Self::OnPath(task) => task.lifecycle.awaits_poll(&task.run(task.path), now),
        }
    }
}

fn constant_task(
    view: &View<'_>,
    member: Member,
    direction: Direction,
    state: TaskState,
    checkpoint: Option<i64>,
    since: Timestamp,
) -> Task {
    let index = index_of(view.plan, member);
    let progress = drawn_progress(view.plan, index);
    let following_the_clock = || {
        state
            .is_incremental()
            .then(|| up_to_date(view.plan, member, direction, view.now).max(since).seconds())
    };
    Task {
        state,
        since,
        phase: state,
        checked: checked(state, progress),
        copied: copied(state, progress, true),
        checkpoint: checkpoint.or_else(following_the_clock),
        run: index,
        counts_polls: false,
    }
}

impl TaskOnPath<'_> {
    fn status(
        &self,
        path: &LifecyclePath<TaskState>,
        now: Timestamp,
    ) -> LifecycleStatus<TaskState> {
        self.lifecycle.follow(&self.run(path), now)
    }

    fn run<'p>(&'p self, path: &'p LifecyclePath<TaskState>) -> PathRun<'p, TaskState> {
        let Self { index, from, polls, .. } = *self;
        PathRun { path, index, from, polls }
    }

    /// The number of dwells that have ended.
    fn step(&self, now: Timestamp) -> usize {
        let dwells = &self.path.dwells;
        let have_ended = |count: &usize| {
            let dwells = dwells[..*count].to_vec();
            let path = LifecyclePath { dwells, terminal: self.path.terminal };
            self.status(&path, now).is_terminal
        };
        (1..=dwells.len()).take_while(have_ended).count()
    }

    fn task(&self, view: &View<'_>, member: Member, direction: Direction) -> Task {
        let now = view.now;
        let status = self.status(self.path, now);
        let LifecycleStatus { state, since, is_terminal, .. } = status;
        let progress = match state {
            InitializeFailed => drawn_progress(view.plan, self.index),
            // It stays somewhere on its way for ever.
            Prechecking | Initializing if is_terminal => drawn_progress(view.plan, self.index),
            // Only up to where it will fail, so that nothing that was copied is lost then.
            Initializing if self.will_fail(now) => {
                status.progress * drawn_progress(view.plan, self.index) / 1000
            }
            _ => status.progress,
        };
        Task {
            state,
            since,
            phase: state,
            checked: checked(state, progress),
            copied: copied(state, progress, self.synchronizes()),
            checkpoint: self.checkpoint(view, member, direction, state, since),
            run: self.index,
            counts_polls: !is_terminal && self.path.counts_polls(),
        }
    }

    /// Whether its next state is a failed initialization.
    fn will_fail(&self, now: Timestamp) -> bool {
        let LifecyclePath { dwells, terminal } = self.path;
        if *terminal != InitializeFailed
            && dwells.iter().all(|(state, _)| *state != InitializeFailed)
        {
            return false;
        }
        let next = dwells.get(self.step(now) + 1).map_or(terminal, |(state, _)| state);
        *next == InitializeFailed
    }

    /// Whether it synchronizes somewhere on its path, or did before it entered the path.
    fn synchronizes(&self) -> bool {
        let path = self.path;
        self.checkpoint.is_some()
            || path.terminal.is_incremental()
            || path.dwells.iter().any(|(state, _)| state.is_incremental())
    }

    /// Up to date but for the lag, which is the same at all times, so that no checkpoint
    /// ever goes back. A task that resumes at an old checkpoint catches up with the clock.
    fn checkpoint(
        &self,
        view: &View<'_>,
        member: Member,
        direction: Direction,
        state: TaskState,
        since: Timestamp,
    ) -> Option<i64> {
        let latest = if state.is_incremental() {
            view.now
        } else if state.can_follow_incremental() && self.synchronizes() {
            since
        } else {
            return None;
        };
        let up_to_date = up_to_date(view.plan, member, direction, latest);
        let reached = match self.checkpoint {
            None => up_to_date.max(self.from),
            Some(seconds) => {
                let stopped = Timestamp::from_millis(seconds.saturating_mul(1_000));
                let ran = latest.since(self.from).saturating_mul(view.plan.catch_up);
                up_to_date.min(stopped.plus(ran)).max(stopped)
            }
        };
        Some(reached.seconds())
    }
}

/// The checkpoint of a task that has caught up: an instant less its lag.
fn up_to_date(plan: &DtsPlan, member: Member, direction: Direction, at: Timestamp) -> Timestamp {
    at.minus(plan.lag.at(draw(plan.seed, direction.lag(), index_of(plan, member))))
}

/// In thousandths.
fn drawn_progress(plan: &DtsPlan, index: u64) -> u64 {
    scale(draw(plan.seed, PROGRESS, index), 1000)
}

/// The completed part of the precheck, in thousandths.
fn checked(state: TaskState, progress: u64) -> u64 {
    match state {
        NotConfigured | NotStarted => 0,
        Prechecking => progress.min(999),
        _ => 1000,
    }
}

/// The completed part of the initialization, in thousandths.
fn copied(state: TaskState, progress: u64, synchronizes: bool) -> u64 {
    match state {
        NotConfigured | NotStarted | Prechecking | PrecheckFailed | PreCheckPass => 0,
        Initializing | InitializeFailed => progress,
        _ => 1000 * u64::from(synchronizes),
    }
}
