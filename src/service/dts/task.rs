//! One direction of an instance at an instant: the state, how far it has come, the
//! checkpoint and the delay. All operations show this, so they can not disagree.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::job::{PATH, REVERSE_PATH, TOPOLOGY, TWO_WAY};
use super::scenario::Plan;
use super::state::{
    FINISHED, INITIALIZE_FAILED, INITIALIZING, NOT_CONFIGURED, NOT_STARTED, PRECHECK_FAILED,
    PRECHECK_PASS, PRECHECKING, SYNCHRONIZING, is_incremental, was_incremental,
};
use crate::world::draw::{Stream, draw, scale};
use crate::world::lifecycle::{Course, Lifecycle, Path, Situation, State};
use crate::world::population::{Member, created_index};
use crate::world::time::Timestamp;

const LAG: Stream = Stream::named("dts.lag");
const REVERSE_LAG: Stream = Stream::named("dts.lag.reverse");
const PROGRESS: Stream = Stream::named("dts.progress");

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Direction {
    #[default]
    Forward,
    Reverse,
}

impl Direction {
    /// As on the wire.
    pub const NAMES: &[&str] = &["Forward", "Reverse"];

    pub fn name(self) -> &'static str {
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
pub struct Task {
    pub state: State,
    /// When it entered the state.
    pub since: Timestamp,
    /// The state that its precheck and its initialization are those of: the last one before
    /// the instance was deleted, else the present one.
    pub phase: State,
    /// How much of the precheck is done, in thousandths.
    pub checked: u64,
    /// How much of the initialization is done, in thousandths.
    pub copied: u64,
    /// Unix s; there once incremental synchronization has begun (a failed job's is the
    /// vendor's sample, the rest is inferred).
    pub checkpoint: Option<i64>,
    /// What goes wrong is drawn by this; each run has its own.
    pub run: u64,
    /// Whether answers that show it have to be counted.
    pub counts_looks: bool,
}

impl Task {
    /// In ms, so that it is `now` less the checkpoint, which is in whole seconds; -1 before
    /// incremental synchronization (seen by users). It grows while a task is stopped, but
    /// not once it has ended.
    pub fn delay_millis(&self, now: Timestamp) -> i64 {
        match self.checkpoint {
            None => -1,
            Some(_) if self.state == FINISHED => 0,
            Some(checkpoint) => {
                now.millis().saturating_sub(checkpoint.saturating_mul(1_000)).max(0)
            }
        }
    }

    /// In whole seconds, or -1.
    pub fn delay(&self, now: Timestamp) -> i64 {
        self.delay_millis(now).div_euclid(1_000)
    }
}

/// What a client started a task on, or stopped it with.
#[derive(Clone, Debug)]
pub struct Run {
    pub path: Arc<Path>,
    /// What the lengths of its stays are drawn by.
    pub index: u64,
    pub from: Timestamp,
    /// Where it takes up incremental synchronization; none: at `from`.
    pub checkpoint: Option<i64>,
    /// How many looks there were at the instance before.
    pub looks_before: usize,
    /// Of a paused task: what was left of its path.
    pub left: Option<Arc<Path>>,
}

impl Run {
    /// By the change of that number.
    pub fn new(path: Arc<Path>, number: u64, from: Timestamp) -> Self {
        let index = created_index(number);
        Self { path, index, from, checkpoint: None, looks_before: 0, left: None }
    }
}

/// A task from the scenario file.
#[derive(Clone, Debug)]
pub enum PinnedTask {
    /// It stays in its state for ever.
    Still {
        state: State,
        checkpoint: Option<i64>,
    },
    Path(Arc<Path>),
}

/// None if there is no such direction.
pub fn task(view: &View<'_>, member: Member, direction: Direction) -> Option<Task> {
    if let Some(deleted) = view.changes.deleted(member) {
        let last = match direction {
            Direction::Forward => deleted.forward,
            Direction::Reverse => deleted.reverse?,
        };
        return Some(Task { state: FINISHED, since: deleted.at, counts_looks: false, ..last });
    }
    Some(match journey(view, member, direction)? {
        Journey::Still { state, checkpoint, since } => {
            still(view, member, direction, state, checkpoint, since)
        }
        Journey::Along(along) => along.task(view, member, direction),
    })
}

/// What is left of the path that a synchronizing task is on, if it is on its way: what it
/// goes on with when it was paused in between.
pub fn left(view: &View<'_>, member: Member, direction: Direction) -> Option<Arc<Path>> {
    let Some(Journey::Along(along)) = journey(view, member, direction) else { return None };
    let situation = along.walk(along.path, view.now);
    if situation.at_rest || situation.state != SYNCHRONIZING {
        return None;
    }
    let stays = along.path.stays.get(along.step(view.now)..)?.to_vec();
    Some(Arc::new(Path { stays, rest: along.path.rest }))
}

enum Journey<'a> {
    Still { state: State, checkpoint: Option<i64>, since: Timestamp },
    Along(Along<'a>),
}

/// A task on a path.
struct Along<'a> {
    lifecycle: &'a Lifecycle,
    path: &'a Path,
    index: u64,
    from: Timestamp,
    looks: &'a [Timestamp],
    checkpoint: Option<i64>,
}

fn journey<'a>(view: &View<'a>, member: Member, direction: Direction) -> Option<Journey<'a>> {
    let View { plan, changes, .. } = *view;
    let looks = changes.jobs.looks(member);
    let lifecycle = &plan.jobs.lifecycle;
    if let Some(run) = changes.run(member, direction) {
        return Some(Journey::Along(Along {
            lifecycle,
            path: &run.path,
            index: run.index,
            from: run.from,
            looks: looks.get(run.looks_before..).unwrap_or_default(),
            checkpoint: run.checkpoint,
        }));
    }
    match member {
        Member::Pinned(place) => {
            let pin = plan.jobs.pins.get(place)?;
            let (task, lifecycle) = match direction {
                Direction::Forward => (&pin.value.forward, lifecycle),
                Direction::Reverse => (pin.value.reverse.as_ref()?, &plan.reverse),
            };
            let (index, from) = (pin.value.index, pin.born);
            Some(match task {
                PinnedTask::Still { state, checkpoint } => {
                    Journey::Still { state: *state, checkpoint: *checkpoint, since: from }
                }
                PinnedTask::Path(path) => {
                    Journey::Along(Along { lifecycle, path, index, from, looks, checkpoint: None })
                }
            })
        }
        Member::Synthetic(index) => synthetic(plan, index, direction),
        Member::Created(number) => {
            let purchase = changes.purchases.get(&number)?;
            let there = direction == Direction::Forward || purchase.order.is_two_way();
            let since = purchase.at;
            there.then_some(Journey::Still { state: NOT_CONFIGURED, checkpoint: None, since })
        }
    }
}

/// As the deck dealt it.
fn synthetic<'p>(plan: &'p Plan, index: u64, direction: Direction) -> Option<Journey<'p>> {
    let deck = &plan.jobs.deck;
    let card = deck.card(index);
    let born = plan.jobs.arrivals.born(index);
    let along = |lifecycle: &'p Lifecycle, path: usize, from: Timestamp| {
        let path = lifecycle.paths.get(path)?;
        Some(Journey::Along(Along { lifecycle, path, index, from, looks: &[], checkpoint: None }))
    };
    let path = deck.choice(PATH, card);
    match direction {
        Direction::Forward => along(&plan.jobs.lifecycle, path, born),
        Direction::Reverse if deck.choice(TOPOLOGY, card) != TWO_WAY => None,
        Direction::Reverse => match incremental_from(plan, path, index, born) {
            Some(begun) => along(&plan.reverse, deck.choice(REVERSE_PATH, card), begun),
            None => Some(Journey::Still { state: NOT_STARTED, checkpoint: None, since: born }),
        },
    }
}

/// When the forward task begins to synchronize, if it ever does: the reverse one is not
/// started before that (inferred).
fn incremental_from(plan: &Plan, path: usize, index: u64, born: Timestamp) -> Option<Timestamp> {
    let the_end = Timestamp::from_millis(i64::MAX);
    let last = plan.until_incremental.situation(path, index, born, the_end);
    (last.state == SYNCHRONIZING).then_some(last.since)
}

fn still(
    view: &View<'_>,
    member: Member,
    direction: Direction,
    state: State,
    checkpoint: Option<i64>,
    since: Timestamp,
) -> Task {
    let index = super::job::index(view.plan, member);
    let progress = drawn_progress(view.plan, index);
    let follows = || {
        is_incremental(state)
            .then(|| behind(view.plan, member, direction, view.now).max(since).seconds())
    };
    Task {
        state,
        since,
        phase: state,
        checked: checked(state, progress),
        copied: copied(state, progress, true),
        checkpoint: checkpoint.or_else(follows),
        run: index,
        counts_looks: false,
    }
}

impl Along<'_> {
    fn walk(&self, path: &Path, now: Timestamp) -> Situation {
        let Self { index, from, looks, .. } = *self;
        self.lifecycle.walk(&Course { path, index, from, looks }, now)
    }

    /// Which of the stays it is in: the first that it has not come to the end of.
    fn step(&self, now: Timestamp) -> usize {
        let stays = &self.path.stays;
        let ended = |count: &usize| {
            let path = Path { stays: stays[..*count].to_vec(), rest: self.path.rest };
            self.walk(&path, now).at_rest
        };
        (1..=stays.len()).take_while(ended).count()
    }

    fn task(&self, view: &View<'_>, member: Member, direction: Direction) -> Task {
        let now = view.now;
        let situation = self.walk(self.path, now);
        let Situation { state, since, at_rest, .. } = situation;
        let progress = match state {
            INITIALIZE_FAILED => drawn_progress(view.plan, self.index),
            // On the way to a failure, so that nothing that was copied is lost then.
            INITIALIZING if self.will_fail(now) => {
                situation.progress * drawn_progress(view.plan, self.index) / 1000
            }
            _ => situation.progress,
        };
        let reached = self.has_synchronized();
        Task {
            state,
            since,
            phase: state,
            checked: checked(state, progress),
            copied: copied(state, progress, reached),
            checkpoint: self.checkpoint(view, member, direction, state, since),
            run: self.index,
            counts_looks: !at_rest && self.path.counts_looks(),
        }
    }

    fn will_fail(&self, now: Timestamp) -> bool {
        let Path { stays, rest } = self.path;
        let fails = |state: &State| *state == INITIALIZE_FAILED;
        if !fails(rest) && !stays.iter().any(|(state, _)| fails(state)) {
            return false;
        }
        fails(stays.get(self.step(now) + 1).map_or(rest, |(state, _)| state))
    }

    /// Whether it synchronizes before it comes to rest, or did when it set out.
    fn has_synchronized(&self) -> bool {
        let path = self.path;
        self.checkpoint.is_some()
            || is_incremental(path.rest)
            || path.stays.iter().any(|(state, _)| is_incremental(*state))
    }

    /// Up to date but for the lag, which is the same at all times, so that no checkpoint
    /// ever goes back. A task that takes up an old checkpoint catches up with the clock.
    fn checkpoint(
        &self,
        view: &View<'_>,
        member: Member,
        direction: Direction,
        state: State,
        since: Timestamp,
    ) -> Option<i64> {
        let latest = if is_incremental(state) {
            view.now
        } else if was_incremental(state) && self.has_synchronized() {
            since
        } else {
            return None;
        };
        let up_to_date = behind(view.plan, member, direction, latest);
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

fn behind(plan: &Plan, member: Member, direction: Direction, latest: Timestamp) -> Timestamp {
    let index = super::job::index(plan, member);
    latest.minus(plan.lag.at(draw(plan.seed, direction.lag(), index)))
}

fn drawn_progress(plan: &Plan, index: u64) -> u64 {
    scale(draw(plan.seed, PROGRESS, index), 1000)
}

fn checked(state: State, progress: u64) -> u64 {
    match state {
        NOT_CONFIGURED | NOT_STARTED => 0,
        PRECHECKING => progress.min(999),
        _ => 1000,
    }
}

fn copied(state: State, progress: u64, reached: bool) -> u64 {
    match state {
        NOT_CONFIGURED | NOT_STARTED | PRECHECKING | PRECHECK_FAILED | PRECHECK_PASS => 0,
        INITIALIZING | INITIALIZE_FAILED => progress,
        _ => 1000 * u64::from(reached),
    }
}
