//! A synchronization instance and one of its tasks at an instant. All operations show this, so
//! they cannot disagree.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use super::View;
use super::configuration::{Endpoint, Schema};
use super::create::Order;
use super::event::Setup;
use super::ids;
use super::scenario::{DtsPlan, GeneratedTag};
use super::state::TaskState::NotConfigured;
use super::state::{Initialization, PathVariant};
use super::subject::{Engine, Subject, subject_of_alternative};
use super::task::{Direction, FixedTask, Task, forward_task, task};
use crate::world::draw::{Draws, Stream};
use crate::world::population::{Member, created_index, created_number};
use crate::world::time::{DAY, MINUTE, SECOND, Timestamp};

/// The sampler's attributes. From [`TAGS`] on there is one for each key of a tag.
pub(crate) const PATH: usize = 0;
pub(crate) const REVERSE_PATH: usize = 1;
pub(crate) const SUBJECT: usize = 2;
pub(crate) const TOPOLOGY: usize = 3;
pub(crate) const REGION: usize = 4;
pub(crate) const CLASS: usize = 5;
pub(crate) const PAY_TYPE: usize = 6;
pub(crate) const TAGS: usize = 7;

/// The alternative of [`TOPOLOGY`] beside one-way.
pub(crate) const TWO_WAY: usize = 1;
pub(crate) const CLASSES: [&str; 4] = ["micro", "small", "medium", "large"];
pub(crate) const PAY_TYPES: [&str; 2] = ["PrePaid", "PostPaid"];
pub(crate) const PRE_PAID: &str = PAY_TYPES[0];

pub(crate) const STREAM: Stream = Stream::named("dts.job");
const TIMES: Stream = Stream::named("dts.times");

/// An instance, and one of its tasks.
#[derive(Clone, Debug)]
pub(crate) struct Job<'a> {
    pub(crate) instance: Instance<'a>,
    pub(crate) direction: Direction,
    /// `TaskId` and `DtsJobId`.
    pub(crate) task_id: String,
    /// Empty as long as it is not configured (inferred).
    pub(crate) name: &'a str,
    pub(crate) initialization: Initialization,
    pub(crate) schemas: Cow<'a, [Schema]>,
    pub(crate) source: Endpoint<'a>,
    pub(crate) destination: Endpoint<'a>,
    pub(crate) reserved: Option<&'a str>,
    /// Only where the scenario gives one.
    pub(crate) error_message: Option<&'a str>,
    pub(crate) task: Task,
}

/// The attributes of an instance that do not depend on its tasks.
#[derive(Clone, Debug)]
pub(crate) struct Instance<'a> {
    pub(crate) index: u64,
    pub(crate) id: Cow<'a, str>,
    pub(crate) region: &'a str,
    pub(crate) source_region: &'a str,
    /// When it was bought; it is configured after that.
    pub(crate) bought: Timestamp,
    pub(crate) created: Timestamp,
    /// The duration of a subscription (ms); it is renewed at its end.
    pub(crate) period: u64,
    pub(crate) class: &'a str,
    pub(crate) pay_type: &'a str,
    pub(crate) is_two_way: bool,
    pub(crate) tags: Vec<Tag<'a>>,
    pub(crate) resource_group: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag<'p> {
    pub(crate) key: &'p str,
    pub(crate) value: &'p str,
}

/// An instance from the scenario file, with generated values for what the file leaves out.
#[derive(Clone, Debug)]
pub(crate) struct FixedJob {
    pub(crate) index: u64,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) class: &'static str,
    pub(crate) pay_type: &'static str,
    pub(crate) initialization: Initialization,
    pub(crate) subject: &'static Subject,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) error_message: Option<String>,
    pub(crate) forward: FixedTask,
    pub(crate) reverse: Option<FixedTask>,
}

/// An instance that a client bought.
#[derive(Clone, Debug)]
pub(crate) struct Purchase {
    pub(crate) at: Timestamp,
    pub(crate) order: Arc<Order>,
}

/// A task before any client changes it.
struct Original<'a> {
    name: &'a str,
    initialization: Initialization,
    /// None: it is not configured.
    subject: Option<&'static Subject>,
    engines: [&'static Engine; 2],
    error_message: Option<&'a str>,
}

/// The index that the values of a member are drawn by.
pub(crate) fn index_of(plan: &DtsPlan, member: Member) -> u64 {
    match member {
        Member::Fixed(place) => plan.jobs.fixed[place].value.index,
        Member::Synthetic(index) => index,
        Member::Created(number) => created_index(number),
    }
}

/// The member with this id, if it exists now. A deleted one does for a while.
pub(crate) fn find(view: &View<'_>, id: &str) -> Option<Member> {
    let View { plan, projection, now } = *view;
    let member = match plan.fixed_ids.get(id) {
        Some(&place) => (plan.jobs.fixed[place].born <= now).then_some(Member::Fixed(place))?,
        None => plan.jobs.member(ids::read(&plan.ids, id)?, &projection.jobs, now)?,
    };
    is_shown(view, member).then_some(member)
}

/// Whether the member is not deleted, or not for long.
pub(crate) fn is_shown(view: &View<'_>, member: Member) -> bool {
    let deleted = view.projection.deleted(member);
    deleted.is_none_or(|deleted| view.now < deleted.at.plus(view.plan.deleted_shown))
}

/// The task that a task id of the Dts* operations names.
pub(crate) fn find_task(view: &View<'_>, task_id: &str) -> Option<(Member, Direction)> {
    let first_forward = || {
        let by_instance = find(view, &ids::of_first_task(task_id));
        Some((by_instance.or_else(|| find(view, task_id))?, Direction::Forward))
    };
    let other = || {
        let index = ids::read_task(&view.plan.task_ids, task_id)?;
        let reset = created_number(index).and_then(|number| view.projection.resets.get(&number));
        reset.copied().or_else(|| Some((member_with_index(view, index)?, Direction::Reverse)))
    };
    [first_forward(), other()].into_iter().flatten().find(|&(member, direction)| {
        find(view, &id_of(view, member)) == Some(member)
            && task(view, member, direction).is_some()
            && task_id_of(view, member, direction) == task_id
    })
}

fn member_with_index(view: &View<'_>, index: u64) -> Option<Member> {
    let View { plan, projection, now } = *view;
    let fixed = plan.fixed_indexes.get(&index).copied().map(Member::Fixed);
    fixed.or_else(|| plan.jobs.member(index, &projection.jobs, now))
}

fn id_of<'a>(view: &View<'a>, member: Member) -> Cow<'a, str> {
    let plan = view.plan;
    match member {
        Member::Fixed(place) => Cow::Borrowed(&plan.jobs.fixed[place].value.id),
        _ => Cow::Owned(ids::write(&plan.ids, index_of(plan, member))),
    }
}

/// The first forward task is named after its instance (samples); a reverse one, and one
/// that was reset, have ids of their own (inferred).
fn task_id_of(view: &View<'_>, member: Member, direction: Direction) -> String {
    let own = |index| ids::write_task(&view.plan.task_ids, index);
    match (view.projection.reset(member, direction), direction) {
        (Some(number), _) => own(created_index(number)),
        (None, Direction::Reverse) => own(index_of(view.plan, member)),
        (None, Direction::Forward) => ids::first_task_of(&id_of(view, member)).to_owned(),
    }
}

/// The region that an instance is in.
pub(crate) fn region<'a>(view: &View<'a>, member: Member) -> &'a str {
    let View { plan, projection, .. } = *view;
    match member {
        Member::Fixed(place) => &plan.jobs.fixed[place].value.region,
        Member::Synthetic(index) => region_in_row(plan, plan.jobs.sampler.row(index)),
        Member::Created(number) => projection.purchase(number).order.region(),
    }
}

/// The instance with its task of that direction; None if it is one-way and has no reverse task.
pub(crate) fn job<'a>(view: &View<'a>, member: Member, direction: Direction) -> Option<Job<'a>> {
    Some(job_with_task(view, member, direction, task(view, member, direction)?))
}

/// The instance with its forward task.
pub(crate) fn forward_job<'a>(view: &View<'a>, member: Member) -> Job<'a> {
    job_with_task(view, member, Direction::Forward, forward_task(view, member))
}

/// The instance with a task of it that was found already.
pub(crate) fn job_with_task<'a>(
    view: &View<'a>,
    member: Member,
    direction: Direction,
    task: Task,
) -> Job<'a> {
    let View { plan, projection, .. } = *view;
    let (instance, original) = match member {
        Member::Fixed(place) => {
            let record = &plan.jobs.fixed[place];
            let value = &record.value;
            let original = Original {
                name: &value.name,
                initialization: value.initialization,
                subject: (task.phase != NotConfigured).then_some(value.subject),
                engines: value.subject.engines(),
                error_message: value.error_message.as_deref(),
            };
            let (bought, period) = drawn_purchase(plan, value.index, record.born);
            let instance = Instance {
                index: value.index,
                id: Cow::Borrowed(&value.id),
                region: &value.region,
                source_region: &value.region,
                bought,
                created: record.born,
                period,
                class: value.class,
                pay_type: value.pay_type,
                is_two_way: value.reverse.is_some(),
                tags: value.tags.iter().map(|(key, value)| Tag { key, value }).collect(),
                resource_group: None,
            };
            (instance, original)
        }
        Member::Synthetic(index) => {
            let row = plan.jobs.sampler.row(index);
            let born = plan.jobs.arrivals.born(index);
            (Instance::sampled(plan, index, row, born), Original::sampled(plan, row))
        }
        Member::Created(number) => {
            let Purchase { at, order } = projection.purchase(number);
            let original = Original {
                name: "",
                initialization: Initialization::default(),
                subject: None,
                engines: order.engines(),
                error_message: None,
            };
            let instance = Instance {
                index: created_index(number),
                id: Cow::Owned(ids::write(&plan.ids, created_index(number))),
                region: order.region(),
                source_region: &order.source_region,
                bought: *at,
                created: *at,
                period: order.months().saturating_mul(30 * DAY),
                class: &order.synchronization_job_class,
                pay_type: &order.pay_type,
                is_two_way: order.is_two_way(),
                tags: vec![],
                resource_group: order.resource_group_id.as_deref(),
            };
            (instance, original)
        }
    };
    instance.with_task(view, member, direction, task, original)
}

/// When an instance was bought, and its period. It is bought before it is configured.
fn drawn_purchase(plan: &DtsPlan, index: u64, created: Timestamp) -> (Timestamp, u64) {
    let mut times = Draws::new(plan.seed, TIMES, index);
    let bought = created.minus(times.between(10 * SECOND, 3 * MINUTE));
    let months = [1, 3, 6, 12][times.below(4) as usize];
    (bought, months * 30 * DAY)
}

impl<'a> Instance<'a> {
    fn sampled(plan: &'a DtsPlan, index: u64, row: usize, created: Timestamp) -> Self {
        let (bought, period) = drawn_purchase(plan, index, created);
        let region = region_in_row(plan, row);
        Self {
            index,
            id: Cow::Owned(ids::write(&plan.ids, index)),
            region,
            source_region: region,
            bought,
            created,
            period,
            class: class_in_row(plan, row),
            pay_type: pay_type_in_row(plan, row),
            is_two_way: plan.jobs.sampler.attribute(TOPOLOGY, row) == TWO_WAY,
            tags: tags_in_row(plan, row),
            resource_group: None,
        }
    }

    /// With a task that synchronizes what it did originally, or what a client configured. A
    /// reverse task goes the other way.
    fn with_task(
        self,
        view: &View<'a>,
        member: Member,
        direction: Direction,
        task: Task,
        original: Original<'a>,
    ) -> Job<'a> {
        let Original { name, initialization, subject, mut engines, error_message } = original;
        if direction == Direction::Reverse {
            engines.reverse();
        }
        let [from, to] = engines;
        let job = Job {
            direction,
            task_id: task_id_of(view, member, direction),
            name: "",
            initialization: Initialization::default(),
            schemas: Cow::Borrowed(&[]),
            source: Endpoint::unconfigured(from),
            destination: Endpoint::unconfigured(to),
            reserved: None,
            error_message: None,
            task,
            instance: self,
        };
        match (view.projection.setup(member, direction), subject) {
            (Setup::Configured { name, configuration }, _) => Job {
                name,
                initialization: configuration.initialization(),
                schemas: Cow::Borrowed(&configuration.synchronization_objects),
                source: Endpoint::configured(from, &configuration.source_endpoint),
                destination: Endpoint::configured(to, &configuration.destination_endpoint),
                reserved: configuration.migration_reserved.as_deref(),
                ..job
            },
            (Setup::Cleared, _) => job,
            (Setup::Original, None) => Job { name, ..job },
            (Setup::Original, Some(subject)) => {
                let mut ends = Endpoint::generated(view.plan.seed, subject, job.instance.index);
                if direction == Direction::Reverse {
                    ends.reverse();
                }
                let [source, destination] = ends;
                Job {
                    name,
                    initialization,
                    schemas: Cow::Owned(vec![Schema::from(subject)]),
                    source,
                    destination,
                    error_message: error_message
                        .filter(|_| view.projection.run(member, direction).is_none()),
                    ..job
                }
            }
        }
    }
}

impl<'a> Original<'a> {
    fn sampled(plan: &'a DtsPlan, row: usize) -> Self {
        let subject = subject_in_row(plan, row);
        let path = PathVariant::of_alternative(plan.jobs.sampler.attribute(PATH, row));
        Self {
            name: subject.name(plan.locale),
            initialization: path.initialization(),
            subject: Some(subject),
            engines: subject.engines(),
            error_message: None,
        }
    }
}

pub(crate) fn subject_in_row(plan: &DtsPlan, row: usize) -> &'static Subject {
    let sampler = &plan.jobs.sampler;
    let is_two_way = sampler.attribute(TOPOLOGY, row) == TWO_WAY;
    subject_of_alternative(sampler.attribute(SUBJECT, row), is_two_way)
}

pub(crate) fn class_in_row(plan: &DtsPlan, row: usize) -> &'static str {
    CLASSES[plan.jobs.sampler.attribute(CLASS, row)]
}

pub(crate) fn pay_type_in_row(plan: &DtsPlan, row: usize) -> &'static str {
    PAY_TYPES[plan.jobs.sampler.attribute(PAY_TYPE, row)]
}

pub(crate) fn region_in_row(plan: &DtsPlan, row: usize) -> &str {
    &plan.regions[plan.jobs.sampler.attribute(REGION, row)]
}

/// The tags of a row, at most one of each key.
pub(crate) fn tags_in_row<'p>(plan: &'p DtsPlan, row: usize) -> Vec<Tag<'p>> {
    let tag = |(i, generated): (usize, &'p GeneratedTag)| {
        let value = &generated.values[plan.jobs.sampler.attribute(TAGS + i, row)];
        Some(Tag { key: &generated.key, value: value.as_deref()? })
    };
    plan.tags.iter().enumerate().filter_map(tag).collect()
}
