//! A synchronization instance: what it is, and where its tasks are at an instant. Both
//! operations show this, so they can not disagree.

use std::borrow::Cow;

use serde::Serialize;

use super::id;
use super::scenario::{Labels, Plan};
use super::state::{
    self, INITIALIZE_FAILED, INITIALIZING, Initialization, NOT_STARTED, PRECHECKING, SYNCHRONIZING,
};
use super::subject::{Subject, chosen};
use crate::world::draw::{Stream, draw, scale};
use crate::world::lifecycle::{Situation, State};
use crate::world::population::Member;
use crate::world::time::Timestamp;

/// Choices of the deck. From [`TAGS`] on there is one for each key of a tag.
pub const PATH: usize = 0;
pub const REVERSE_PATH: usize = 1;
pub const SUBJECT: usize = 2;
pub const TOPOLOGY: usize = 3;
pub const REGION: usize = 4;
pub const CLASS: usize = 5;
pub const PAY_TYPE: usize = 6;
pub const TAGS: usize = 7;

/// The alternative of [`TOPOLOGY`] beside one-way.
pub const TWO_WAY: usize = 1;
pub const CLASSES: [&str; 4] = ["micro", "small", "medium", "large"];
pub const PAY_TYPES: [&str; 2] = ["PrePaid", "PostPaid"];
pub const PRE_PAID: &str = PAY_TYPES[0];

pub const STREAM: Stream = Stream::named("dts.job");
const LAG: Stream = Stream::named("dts.lag");
const REVERSE_LAG: Stream = Stream::named("dts.lag.reverse");
const PROGRESS: Stream = Stream::named("dts.progress");

/// One direction of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    pub state: State,
    /// Unix s; there once incremental synchronization has begun (a failed job's is the
    /// vendor's sample, the rest is inferred).
    pub checkpoint: Option<i64>,
    /// How far it has got in its state, or how far it had got when it failed in it; in
    /// thousandths.
    pub progress: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tasks {
    pub forward: Task,
    /// Two-way instances have one.
    pub reverse: Option<Task>,
}

#[derive(Clone, Debug)]
pub struct Job<'p> {
    pub index: u64,
    pub id: Cow<'p, str>,
    pub name: &'p str,
    pub region: &'p str,
    pub created: Timestamp,
    pub class: &'static str,
    pub pay_type: &'static str,
    pub initialization: Initialization,
    pub subject: &'static Subject,
    pub tags: Vec<Tag<'p>>,
    /// Only where the scenario gives one.
    pub error_message: Option<&'p str>,
    pub forward: Task,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag<'p> {
    pub key: &'p str,
    pub value: &'p str,
}

/// An instance from the scenario file; what it leaves out was generated.
#[derive(Clone, Debug)]
pub struct Pinned {
    pub index: u64,
    pub id: String,
    pub name: String,
    pub region: String,
    pub class: &'static str,
    pub pay_type: &'static str,
    pub initialization: Initialization,
    pub subject: &'static Subject,
    pub tags: Vec<(String, String)>,
    pub error_message: Option<String>,
    pub forward: PinnedTask,
    pub reverse: Option<PinnedTask>,
}

/// A task that stays in its state for ever.
#[derive(Clone, Copy, Debug)]
pub struct PinnedTask {
    pub state: State,
    pub checkpoint: Option<i64>,
}

/// The member with this id, if it exists by now.
pub fn find(plan: &Plan, id: &str, now: Timestamp) -> Option<Member> {
    let member = match plan.pinned_ids.get(id) {
        Some(&place) => Member::Pinned(place),
        None => Member::Synthetic(id::read(&plan.ids, id)?),
    };
    let exists = match member {
        Member::Pinned(place) => plan.jobs.pins.get(place).is_some_and(|pin| pin.born <= now),
        Member::Synthetic(index) => index < plan.jobs.arrivals.count_at(now),
        Member::Created(_) => false,
    };
    exists.then_some(member)
}

pub fn region(plan: &Plan, member: Member) -> &str {
    match member {
        Member::Pinned(place) => plan.jobs.pins.get(place).map_or("", |pin| &pin.value.region),
        Member::Synthetic(index) => region_of(plan, plan.jobs.deck.card(index)),
        Member::Created(_) => "",
    }
}

pub fn tasks(plan: &Plan, member: Member, now: Timestamp) -> Option<Tasks> {
    match member {
        Member::Pinned(place) => {
            let pin = plan.jobs.pins.get(place)?;
            let index = pin.value.index;
            let task = |task: PinnedTask, lag| pinned_task(plan, task, lag, index, pin.born, now);
            Some(Tasks {
                forward: task(pin.value.forward, LAG),
                reverse: pin.value.reverse.map(|reverse| task(reverse, REVERSE_LAG)),
            })
        }
        Member::Synthetic(index) => Some(synthetic_tasks(plan, index, now)),
        Member::Created(_) => None,
    }
}

pub fn job(plan: &Plan, member: Member, now: Timestamp) -> Option<Job<'_>> {
    let forward = tasks(plan, member, now)?.forward;
    Some(match member {
        Member::Pinned(place) => {
            let pin = plan.jobs.pins.get(place)?;
            let value = &pin.value;
            Job {
                index: value.index,
                id: Cow::Borrowed(&value.id),
                name: &value.name,
                region: &value.region,
                created: pin.born,
                class: value.class,
                pay_type: value.pay_type,
                initialization: value.initialization,
                subject: value.subject,
                tags: value.tags.iter().map(|(key, value)| Tag { key, value }).collect(),
                error_message: value.error_message.as_deref(),
                forward,
            }
        }
        Member::Created(_) => return None,
        Member::Synthetic(index) => {
            let card = plan.jobs.deck.card(index);
            let born = plan.jobs.arrivals.born(index);
            synthesize(plan, index, card, born, forward)
        }
    })
}

/// What the deck makes of a card.
pub fn synthesize(
    plan: &Plan,
    index: u64,
    card: usize,
    created: Timestamp,
    forward: Task,
) -> Job<'_> {
    let deck = &plan.jobs.deck;
    let subject = subject_of(plan, card);
    Job {
        index,
        id: Cow::Owned(id::write(&plan.ids, index)),
        name: subject.name(plan.tongue),
        region: region_of(plan, card),
        created,
        class: CLASSES[deck.choice(CLASS, card) % CLASSES.len()],
        pay_type: PAY_TYPES[deck.choice(PAY_TYPE, card) % PAY_TYPES.len()],
        initialization: state::initialization_of(deck.choice(PATH, card)),
        subject,
        tags: tags_of(plan, card),
        error_message: None,
        forward,
    }
}

pub fn subject_of(plan: &Plan, card: usize) -> &'static Subject {
    let deck = &plan.jobs.deck;
    chosen(deck.choice(SUBJECT, card), deck.choice(TOPOLOGY, card) == TWO_WAY)
}

pub fn region_of(plan: &Plan, card: usize) -> &str {
    plan.regions.get(plan.jobs.deck.choice(REGION, card)).map_or("", String::as_str)
}

/// The tags that a card has, at most one of each key.
pub fn tags_of<'p>(plan: &'p Plan, card: usize) -> Vec<Tag<'p>> {
    let tag = |(choice, labels): (usize, &'p Labels)| {
        let value = labels.values.get(plan.jobs.deck.choice(TAGS + choice, card))?;
        Some(Tag { key: &labels.key, value: value.as_deref()? })
    };
    plan.tags.iter().enumerate().filter_map(tag).collect()
}

fn synthetic_tasks(plan: &Plan, index: u64, now: Timestamp) -> Tasks {
    let deck = &plan.jobs.deck;
    let card = deck.card(index);
    let path = deck.choice(PATH, card);
    let born = plan.jobs.arrivals.born(index);
    let situation = plan.jobs.lifecycle.situation(path, index, born, now);
    let two_way = deck.choice(TOPOLOGY, card) == TWO_WAY;
    Tasks {
        forward: task(plan, situation, LAG, index, born, now),
        reverse: two_way.then(|| match incremental_from(plan, path, index, born) {
            Some(begun) => {
                let path = deck.choice(REVERSE_PATH, card);
                let situation = plan.reverse.situation(path, index, begun, now);
                task(plan, situation, REVERSE_LAG, index, begun, now)
            }
            None => Task { state: NOT_STARTED, checkpoint: None, progress: 0 },
        }),
    }
}

/// When the forward task begins to synchronize, if it ever does: the reverse one is not
/// started before that (inferred).
fn incremental_from(plan: &Plan, path: usize, index: u64, born: Timestamp) -> Option<Timestamp> {
    let the_end = Timestamp::from_millis(i64::MAX);
    let last = plan.until_incremental.situation(path, index, born, the_end);
    (last.state == SYNCHRONIZING).then_some(last.since)
}

fn task(
    plan: &Plan,
    situation: Situation,
    lag: Stream,
    index: u64,
    begun: Timestamp,
    now: Timestamp,
) -> Task {
    let Situation { state, since, .. } = situation;
    let latest = if state::is_incremental(state) {
        Some(now)
    } else if state::was_incremental(state) {
        Some(since)
    } else {
        None
    };
    let progress = match state {
        INITIALIZE_FAILED => drawn_progress(plan, index),
        _ => situation.progress,
    };
    let checkpoint = latest.map(|latest| behind(plan, lag, index, begun, latest));
    Task { state, checkpoint, progress }
}

fn pinned_task(
    plan: &Plan,
    pinned: PinnedTask,
    lag: Stream,
    index: u64,
    born: Timestamp,
    now: Timestamp,
) -> Task {
    let PinnedTask { state, checkpoint } = pinned;
    let running = state::is_incremental(state);
    let progress = match state {
        PRECHECKING | INITIALIZING | INITIALIZE_FAILED => drawn_progress(plan, index),
        _ => 1000,
    };
    let follows = || running.then(|| behind(plan, lag, index, born, now));
    Task { state, checkpoint: checkpoint.or_else(follows), progress }
}

/// The checkpoint of a task that is up to date at `latest`, but for its lag. The lag is the
/// same at all times, so that no checkpoint ever goes back.
fn behind(plan: &Plan, lag: Stream, index: u64, begun: Timestamp, latest: Timestamp) -> i64 {
    let lag = plan.lag.at(draw(plan.seed, lag, index));
    latest.minus(lag).max(begun).seconds()
}

fn drawn_progress(plan: &Plan, index: u64) -> u64 {
    scale(draw(plan.seed, PROGRESS, index), 1000)
}
