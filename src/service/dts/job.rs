//! A synchronization instance: what it is, and one of its tasks at an instant. All
//! operations show this, so they can not disagree.

use std::borrow::Cow;

use serde::Serialize;

use super::View;
use super::change::Setup;
use super::configuration::{Endpoint, Schema};
use super::create::Order;
use super::id;
use super::scenario::{Labels, Plan};
use super::state::{self, Initialization, NOT_CONFIGURED};
use super::subject::{Engine, Subject, chosen};
use super::task::{Direction, PinnedTask, Task, task};
use crate::world::draw::{Draws, Stream};
use crate::world::population::{Member, created_index, created_number};
use crate::world::time::{DAY, MINUTE, SECOND, Timestamp};

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
const TIMES: Stream = Stream::named("dts.times");

/// An instance, and one of its tasks.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    pub index: u64,
    pub id: Cow<'a, str>,
    pub region: &'a str,
    pub source_region: &'a str,
    /// When the instance was bought; it is configured after that.
    pub bought: Timestamp,
    pub created: Timestamp,
    /// What it is bought for at a time, in ms; subscriptions are renewed.
    pub period: u64,
    pub class: &'a str,
    pub pay_type: &'a str,
    pub two_way: bool,
    pub tags: Vec<Tag<'a>>,
    pub resource_group: Option<&'a str>,
    pub direction: Direction,
    /// `TaskId` and `DtsJobId`.
    pub task_id: String,
    /// Empty as long as it is not configured (inferred).
    pub name: &'a str,
    pub initialization: Initialization,
    pub schemas: Cow<'a, [Schema]>,
    pub source: Endpoint<'a>,
    pub destination: Endpoint<'a>,
    pub reserved: Option<&'a str>,
    /// Only where the scenario gives one.
    pub error_message: Option<&'a str>,
    pub task: Task,
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

/// An instance that a client bought.
#[derive(Debug)]
pub struct Purchase {
    pub at: Timestamp,
    pub order: Order,
}

/// What a task was like before any client touched it.
struct Original<'a> {
    name: &'a str,
    initialization: Initialization,
    /// None: it is not configured.
    subject: Option<&'static Subject>,
    engines: [&'static Engine; 2],
    error_message: Option<&'a str>,
}

/// What the values of a member are drawn by.
pub fn index(plan: &Plan, member: Member) -> u64 {
    match member {
        Member::Pinned(place) => plan.jobs.pins.get(place).map_or(0, |pin| pin.value.index),
        Member::Synthetic(index) => index,
        Member::Created(number) => created_index(number),
    }
}

/// The member with this id, if it is there now. A deleted one still is, for a while.
pub fn find(view: &View<'_>, id: &str) -> Option<Member> {
    let View { plan, changes, now } = *view;
    let member = match plan.pinned_ids.get(id) {
        Some(&place) => {
            plan.jobs.pins.get(place).filter(|pin| pin.born <= now)?;
            Member::Pinned(place)
        }
        None => plan.jobs.member(id::read(&plan.ids, id)?, &changes.jobs, now)?,
    };
    is_shown(view, member).then_some(member)
}

/// Whether the member is not deleted, or not for long.
pub fn is_shown(view: &View<'_>, member: Member) -> bool {
    let deleted = view.changes.deleted(member);
    deleted.is_none_or(|deleted| view.now < deleted.at.plus(view.plan.deleted_shown))
}

/// The task that a task id of the Dts* operations names.
pub fn find_task(view: &View<'_>, task_id: &str) -> Option<(Member, Direction)> {
    let forward = || {
        let whole = find(view, &id::of_first_task(task_id)).or_else(|| find(view, task_id))?;
        Some((whole, Direction::Forward))
    };
    let other = || {
        let index = id::read_task(&view.plan.task_ids, task_id)?;
        let reset = created_number(index).and_then(|number| view.changes.resets.get(&number));
        reset.copied().or_else(|| Some((member_of(view, index)?, Direction::Reverse)))
    };
    [forward(), other()].into_iter().flatten().find(|&(member, direction)| {
        let there = id_of(view, member).is_some_and(|id| find(view, &id) == Some(member));
        there
            && task(view, member, direction).is_some()
            && task_id_of(view, member, direction).as_deref() == Some(task_id)
    })
}

fn member_of(view: &View<'_>, index: u64) -> Option<Member> {
    let pinned = view.plan.jobs.pins.iter().position(|pin| pin.value.index == index);
    let pinned = pinned.map(Member::Pinned);
    let created = created_number(index).map(Member::Created);
    pinned.or(created).or(Some(Member::Synthetic(index)))
}

fn id_of<'a>(view: &View<'a>, member: Member) -> Option<Cow<'a, str>> {
    let plan = view.plan;
    Some(match member {
        Member::Pinned(place) => Cow::Borrowed(&plan.jobs.pins.get(place)?.value.id),
        _ => Cow::Owned(id::write(&plan.ids, index(plan, member))),
    })
}

/// The first forward task is named after its instance (samples); a reverse one, and one
/// that was reset, have ids of their own (inferred).
fn task_id_of(view: &View<'_>, member: Member, direction: Direction) -> Option<String> {
    let own = |index| Some(id::write_task(&view.plan.task_ids, index));
    match (view.changes.reset(member, direction), direction) {
        (Some(number), _) => own(created_index(number)),
        (None, Direction::Reverse) => own(index(view.plan, member)),
        (None, Direction::Forward) => {
            let id = id_of(view, member)?;
            Some(id::first_task_of(&id).to_owned())
        }
    }
}

/// The region that an instance is in.
pub fn region<'a>(view: &View<'a>, member: Member) -> &'a str {
    let View { plan, changes, .. } = *view;
    match member {
        Member::Pinned(place) => plan.jobs.pins.get(place).map_or("", |pin| &pin.value.region),
        Member::Synthetic(index) => region_of(plan, plan.jobs.deck.card(index)),
        Member::Created(number) => {
            changes.purchases.get(&number).map_or("", |purchase| purchase.order.region())
        }
    }
}

/// The member and one of its tasks, as they stand at the view's instant; none if it has no
/// such task.
pub fn job<'a>(view: &View<'a>, member: Member, direction: Direction) -> Option<Job<'a>> {
    let task = task(view, member, direction)?;
    let View { plan, changes, .. } = *view;
    let bare = match member {
        Member::Pinned(place) => {
            let pin = plan.jobs.pins.get(place)?;
            let value = &pin.value;
            let original = Original {
                name: &value.name,
                initialization: value.initialization,
                subject: (task.phase != NOT_CONFIGURED).then_some(value.subject),
                engines: value.subject.engines(),
                error_message: value.error_message.as_deref(),
            };
            let (bought, period) = bought(plan, value.index, pin.born);
            let job = Job {
                index: value.index,
                id: Cow::Borrowed(&value.id),
                region: &value.region,
                source_region: &value.region,
                bought,
                created: pin.born,
                period,
                class: value.class,
                pay_type: value.pay_type,
                two_way: value.reverse.is_some(),
                tags: value.tags.iter().map(|(key, value)| Tag { key, value }).collect(),
                ..Job::blank(task)
            };
            job.with(view, member, direction, original)
        }
        Member::Synthetic(index) => {
            let card = plan.jobs.deck.card(index);
            let original = Original::dealt(plan, card);
            let born = plan.jobs.arrivals.born(index);
            synthesize(plan, index, card, born, task).with(view, member, direction, original)
        }
        Member::Created(number) => {
            let Purchase { at, order } = &**changes.purchases.get(&number)?;
            let original = Original {
                name: "",
                initialization: Initialization::default(),
                subject: None,
                engines: order.engines(),
                error_message: None,
            };
            let job = Job {
                index: created_index(number),
                id: Cow::Owned(id::write(&plan.ids, created_index(number))),
                region: order.region(),
                source_region: &order.source_region,
                bought: *at,
                created: *at,
                period: order.months().saturating_mul(30 * DAY),
                class: &order.synchronization_job_class,
                pay_type: &order.pay_type,
                two_way: order.is_two_way(),
                resource_group: order.resource_group_id.as_deref(),
                ..Job::blank(task)
            };
            job.with(view, member, direction, original)
        }
    };
    Some(bare)
}

/// The instance is bought first and configured then, so it is the older of the two. Also
/// for how long at a time.
fn bought(plan: &Plan, index: u64, created: Timestamp) -> (Timestamp, u64) {
    let mut times = Draws::new(plan.seed, TIMES, index);
    let bought = created.minus(times.between(10 * SECOND, 3 * MINUTE));
    let months = [1, 3, 6, 12][times.below(4) as usize % 4];
    (bought, months * 30 * DAY)
}

/// What the deck makes of a card.
pub fn synthesize(plan: &Plan, index: u64, card: usize, created: Timestamp, task: Task) -> Job<'_> {
    let deck = &plan.jobs.deck;
    let (bought, period) = bought(plan, index, created);
    let region = region_of(plan, card);
    Job {
        index,
        id: Cow::Owned(id::write(&plan.ids, index)),
        region,
        source_region: region,
        bought,
        created,
        period,
        class: class_of(plan, card),
        pay_type: pay_type_of(plan, card),
        two_way: deck.choice(TOPOLOGY, card) == TWO_WAY,
        initialization: state::initialization_of(deck.choice(PATH, card)),
        tags: tags_of(plan, card),
        ..Job::blank(task)
    }
}

impl<'a> Original<'a> {
    fn dealt(plan: &'a Plan, card: usize) -> Self {
        let subject = subject_of(plan, card);
        Self {
            name: subject.name(plan.tongue),
            initialization: state::initialization_of(plan.jobs.deck.choice(PATH, card)),
            subject: Some(subject),
            engines: subject.engines(),
            error_message: None,
        }
    }
}

impl<'a> Job<'a> {
    fn blank(task: Task) -> Self {
        Self {
            index: 0,
            id: Cow::Borrowed(""),
            region: "",
            source_region: "",
            bought: task.since,
            created: task.since,
            period: 0,
            class: "",
            pay_type: "",
            two_way: false,
            tags: vec![],
            resource_group: None,
            direction: Direction::Forward,
            task_id: String::new(),
            name: "",
            initialization: Initialization::default(),
            schemas: Cow::Borrowed(&[]),
            source: Endpoint::default(),
            destination: Endpoint::default(),
            reserved: None,
            error_message: None,
            task,
        }
    }

    /// With what the task synchronizes: as it was, or as a client configured it. A reverse
    /// task goes the other way.
    fn with(
        self,
        view: &View<'a>,
        member: Member,
        direction: Direction,
        original: Original<'a>,
    ) -> Self {
        let Original { name, initialization, subject, mut engines, error_message } = original;
        if direction == Direction::Reverse {
            engines.reverse();
        }
        let [from, to] = engines;
        let job = Self {
            direction,
            task_id: task_id_of(view, member, direction).unwrap_or_default(),
            source: Endpoint::unconfigured(from),
            destination: Endpoint::unconfigured(to),
            ..self
        };
        match (view.changes.setup(member, direction), subject) {
            (Setup::Configured(configuration), _) => Self {
                name: configuration.synchronization_job_name.as_deref().unwrap_or_default(),
                initialization: configuration.initialization(),
                schemas: Cow::Borrowed(&configuration.synchronization_objects),
                source: Endpoint::configured(from, &configuration.source_endpoint),
                destination: Endpoint::configured(to, &configuration.destination_endpoint),
                reserved: configuration.migration_reserved.as_deref(),
                ..job
            },
            (Setup::Cleared, _) => Self { initialization: Initialization::default(), ..job },
            (Setup::Original, None) => {
                Self { name, initialization: Initialization::default(), ..job }
            }
            (Setup::Original, Some(subject)) => {
                let mut ends = Endpoint::generated(view.plan.seed, subject, job.index);
                if direction == Direction::Reverse {
                    ends.reverse();
                }
                let [source, destination] = ends;
                Self {
                    name,
                    initialization,
                    schemas: Cow::Owned(vec![Schema::of(subject)]),
                    source,
                    destination,
                    error_message: error_message
                        .filter(|_| view.changes.run(member, direction).is_none()),
                    ..job
                }
            }
        }
    }
}

pub fn subject_of(plan: &Plan, card: usize) -> &'static Subject {
    let deck = &plan.jobs.deck;
    chosen(deck.choice(SUBJECT, card), deck.choice(TOPOLOGY, card) == TWO_WAY)
}

pub fn class_of(plan: &Plan, card: usize) -> &'static str {
    CLASSES[plan.jobs.deck.choice(CLASS, card) % CLASSES.len()]
}

pub fn pay_type_of(plan: &Plan, card: usize) -> &'static str {
    PAY_TYPES[plan.jobs.deck.choice(PAY_TYPE, card) % PAY_TYPES.len()]
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
