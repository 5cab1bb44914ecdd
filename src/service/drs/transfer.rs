//! The jobs that a batch consists of, which its commit creates: GET /jobs lists them
//! from then on.
//!
//! A generated batch consists of one, dealt by the same deck and born with it: their
//! `create_time` is that of the batch (inferred), so that order and counts are the
//! population's arithmetic. Before the commit they are CREATING (inferred).

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::ids::{index_of, job_id};
use super::instances::Instance;
use super::job::{self, COURSE, INSTANCE, OUTCOME};
use super::schema::{CHARGING_MODES, NET_TYPES, shown, text_at};
use super::state::{self, COMMITTED, COMMITTED_COURSE, TRANSFER, suits, task_type};
use super::{Plan, View};
use crate::scenario::parts::turn;
use crate::world::draw::{Stream, draw, scale};
use crate::world::ids::{BASE36, IdCodec, value_of};
use crate::world::lifecycle::{Course, Path, Situation, State};
use crate::world::population::{LARGEST_COUNT, Member, created_index, pinned_index};
use crate::world::text::Text;
use crate::world::time::Timestamp;

/// A batch has no more jobs.
pub const MOST_JOBS: usize = 16;
const MOST: u64 = MOST_JOBS as u64;

/// A generated job is in it before its batch is committed.
pub const UNCOMMITTED: State = usize::MAX;

/// The `nth` job of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub member: Member,
    pub nth: usize,
}

impl Place {
    /// The place of a member of the jobs' own population.
    pub fn of(plan: &Plan, member: Member) -> Option<Self> {
        Some(match member {
            Member::Synthetic(_) => Self { member, nth: 0 },
            Member::Pinned(place) => plan.transfers.pins.get(place)?.value,
            Member::Created(number) => {
                Self { member: Member::Created(number / MOST), nth: (number % MOST) as usize }
            }
        })
    }

    /// By what clients' traces know the job.
    pub fn trace(self) -> Member {
        match self.member {
            Member::Synthetic(_) => self.member,
            Member::Pinned(place) => Member::Pinned(place * MOST_JOBS + self.nth),
            Member::Created(number) => Member::Created(number_of(number, self.nth)),
        }
    }

    /// What its values are drawn by.
    fn index(self) -> u64 {
        match self.member {
            Member::Synthetic(index) => index,
            Member::Pinned(place) => pinned_index(place * MOST_JOBS + self.nth),
            Member::Created(number) => {
                created_index(number).wrapping_mul(MOST).wrapping_add(self.nth as u64)
            }
        }
    }
}

/// The number of the `nth` job of the batch that the change of that number created.
pub fn number_of(number: u64, nth: usize) -> u64 {
    number * MOST + nth as u64
}

/// A job with exact values from the scenario file.
#[derive(Clone, Debug)]
pub struct ExactTransfer {
    pub id: String,
    /// From the commit on.
    pub path: Path,
    pub name: String,
    pub description: String,
    pub job_type: String,
    pub engine_type: String,
    pub job_direction: String,
    pub task_type: String,
    pub net_type: String,
    pub charging_mode: String,
    pub enterprise_project_id: String,
    pub instance: Instance,
}

/// What GET /jobs shows and filters by, beyond the state.
#[derive(Clone, Debug)]
pub struct Traits<'a> {
    pub name: Cow<'a, str>,
    pub description: &'a str,
    pub job_type: &'a str,
    pub engine_type: &'a str,
    pub job_direction: &'a str,
    pub task_type: &'a str,
    pub net_type: &'a str,
    pub charging_mode: &'a str,
    pub enterprise_project_id: &'a str,
    /// A pair of nodes in two zones.
    pub multi_az: bool,
    ends: Ends<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Ends<'a> {
    Of(&'a Instance),
    Made(&'a Map<String, Value>),
}

impl<'a> Traits<'a> {
    /// Of every generated job that has the card; they differ by their names.
    pub fn dealt(plan: &'a Plan, card: usize) -> Self {
        let choice = |of| plan.jobs.deck.choice(of, card);
        let instance = plan.instance(choice(INSTANCE));
        let project = plan.enterprise_projects.get(choice(job::ENTERPRISE_PROJECT));
        let name = |names: &'static [&'static str], of| names.get(choice(of)).copied();
        Self {
            name: Cow::default(),
            description: "",
            job_type: instance.link.job_type,
            engine_type: instance.link.engine_type,
            job_direction: instance.link.job_direction,
            task_type: task_type(choice(COURSE)),
            net_type: name(NET_TYPES, job::NET_TYPE).unwrap_or_default(),
            charging_mode: name(CHARGING_MODES, job::CHARGING_MODE).unwrap_or_default(),
            enterprise_project_id: project.map_or("0", String::as_str),
            multi_az: false,
            ends: Ends::Of(instance),
        }
    }

    fn exact(exact: &'a ExactTransfer) -> Self {
        Self {
            name: (&exact.name).into(),
            description: &exact.description,
            job_type: &exact.job_type,
            engine_type: &exact.engine_type,
            job_direction: &exact.job_direction,
            task_type: &exact.task_type,
            net_type: &exact.net_type,
            charging_mode: &exact.charging_mode,
            enterprise_project_id: &exact.enterprise_project_id,
            multi_az: false,
            ends: Ends::Of(&exact.instance),
        }
    }

    /// With the vendor's defaults for what the client left out.
    fn made(made: &'a Map<String, Value>) -> Self {
        let or = |path: &str, usual| match text_at(made, path) {
            "" => usual,
            text => text,
        };
        let zones = text_at(made, "node_info.base_info.availability_zone");
        Self {
            name: text_at(made, "base_info.name").into(),
            description: text_at(made, "base_info.description"),
            job_type: text_at(made, "base_info.job_type"),
            engine_type: text_at(made, "base_info.engine_type"),
            job_direction: text_at(made, "base_info.job_direction"),
            task_type: text_at(made, "base_info.task_type"),
            net_type: text_at(made, "base_info.net_type"),
            charging_mode: or("base_info.charging_mode", "on_demand"),
            enterprise_project_id: or("base_info.enterprise_project_id", "0"),
            multi_az: zones.split_once(',').is_some_and(|(one, other)| one != other),
            ends: Ends::Made(made),
        }
    }

    /// Whether one of its databases has one of the ids.
    pub fn has_instance(&self, ids: &[&str]) -> bool {
        match self.ends {
            Ends::Of(instance) => ids.contains(&instance.id.as_str()),
            Ends::Made(made) => {
                endpoints(made).any(|end| ids.contains(&text_of(end, "instance_id")))
            }
        }
    }

    /// Whether one of its databases has the address; several of one are separated by commas,
    /// and may have ports.
    pub fn has_ip(&self, ip: &str) -> bool {
        let is = |address: &str| address == ip || address.split(':').next() == Some(ip);
        match self.ends {
            Ends::Of(instance) => instance.ip == ip,
            Ends::Made(made) => endpoints(made).any(|end| text_of(end, "ip").split(',').any(is)),
        }
    }
}

fn endpoints(made: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let sides = ["source_endpoint", "target_endpoint"].into_iter();
    let infos = sides.filter_map(|side| made.get(side)?.as_array()).flatten();
    infos.filter_map(|info| info.get("endpoint"))
}

fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What a client made of the job, if one did.
pub fn made<'v>(view: &View<'v>, place: Place) -> Option<&'v Map<String, Value>> {
    let changes = view.changes;
    let revision = changes.stories.get(&place.member).and_then(|s| s.revision.as_deref());
    let jobs = match (revision, place.member) {
        (Some(revision), _) => &revision.jobs,
        (None, Member::Created(number)) => &changes.batches.get(&number)?.jobs,
        (None, _) => return None,
    };
    jobs.get(place.nth).map(AsRef::as_ref)
}

fn exact<'v>(view: &View<'v>, place: Place) -> Option<&'v ExactTransfer> {
    let Member::Pinned(pin) = place.member else { return None };
    view.plan.jobs.pins.get(pin)?.value.jobs.get(place.nth)
}

pub fn traits<'v>(view: &View<'v>, place: Place) -> Option<Traits<'v>> {
    if let Some(made) = made(view, place) {
        return Some(Traits::made(made));
    }
    match place.member {
        Member::Synthetic(index) => {
            let dealt = Traits::dealt(view.plan, view.plan.jobs.deck.card(index));
            Some(Traits { name: generated_name(index).into(), ..dealt })
        }
        _ => exact(view, place).map(Traits::exact),
    }
}

/// Names in the order of births: `DRS-` and eight digits of base 36.
pub fn generated_name(index: u64) -> String {
    Text::<12>::default().put("DRS-").spelt(index, BASE36, 8).to_text()
}

/// The index of the generated job of that name; upper and lower case are one.
pub fn named_index(name: &str) -> Option<u64> {
    let name = name.to_ascii_lowercase();
    let digits = name.strip_prefix("drs-").filter(|digits| digits.len() == 8)?;
    value_of(digits, 36).filter(|index| *index < LARGEST_COUNT)
}

/// How many jobs a batch consists of.
pub fn count(view: &View<'_>, member: Member) -> usize {
    match member {
        Member::Synthetic(_) => 1,
        Member::Pinned(place) => view.plan.jobs.pins.get(place).map_or(0, |p| p.value.jobs.len()),
        Member::Created(number) => view.changes.batches.get(&number).map_or(0, |b| b.jobs.len()),
    }
}

pub fn id(view: &View<'_>, place: Place) -> String {
    let ids = &view.plan.job_ids;
    match (exact(view, place), place.member) {
        (Some(exact), _) => exact.id.clone(),
        (None, Member::Synthetic(index)) => job_id(ids, index, 0),
        (None, Member::Created(number)) => job_id(ids, created_index(number), place.nth),
        (None, Member::Pinned(_)) => String::new(),
    }
}

/// The job of that id, committed or not.
pub fn find(view: &View<'_>, id: &str) -> Option<Place> {
    let View { plan, changes, now } = *view;
    let mut pins = plan.transfers.pins.iter().filter(|pin| pin.born <= now);
    let pinned = pins.find(|pin| exact(view, pin.value).is_some_and(|exact| exact.id == id));
    pinned.map(|pin| pin.value).or_else(|| {
        let (index, nth) = index_of(&plan.job_ids, id)?;
        let member = plan.jobs.member(index, &changes.jobs, now)?;
        (nth < count(view, member)).then_some(Place { member, nth })
    })
}

pub fn born(view: &View<'_>, place: Place) -> Option<Timestamp> {
    view.plan.jobs.born(place.member, &view.changes.jobs)
}

/// Where a job stands; none as long as it is not committed.
pub fn standing(view: &View<'_>, place: Place) -> Option<Situation> {
    let View { plan, changes, now } = *view;
    if let Member::Synthetic(index) = place.member
        && !changes.stories.contains_key(&place.member)
    {
        let outcome = plan.jobs.deck.choice(OUTCOME, plan.jobs.deck.card(index));
        let standing = plan.transfers.situation(index, now);
        let committed = outcome == COMMITTED_COURSE && standing.state != UNCOMMITTED;
        return committed.then_some(standing);
    }
    let committed = job::standing(view, place.member).filter(|s| s.state == COMMITTED)?;
    let course = Course {
        path: path(view, place)?,
        index: place.index(),
        from: committed.since,
        looks: changes.transfers.looks(place.trace()),
    };
    Some(plan.courses.walk(&course, now))
}

/// Whether an answer that shows the job has to be counted.
pub fn counts_looks(view: &View<'_>, place: Place) -> bool {
    let counts = path(view, place).is_some_and(Path::counts_looks);
    counts && standing(view, place).is_some_and(|standing| !standing.at_rest)
}

/// The status on the wire.
pub fn status(view: &View<'_>, place: Place) -> &'static str {
    TRANSFER.name(standing(view, place).map_or(state::transfer::CREATING, |s| s.state))
}

/// The path that it takes once it is committed.
fn path<'v>(view: &View<'v>, place: Place) -> Option<&'v Path> {
    let View { plan, changes, .. } = *view;
    if let Some(exact) = exact(view, place) {
        return Some(&exact.path);
    }
    let course = match place.member {
        Member::Synthetic(index) => plan.jobs.deck.choice(COURSE, plan.jobs.deck.card(index)),
        Member::Created(number) => {
            let batch = changes.batches.get(&number)?;
            if let Some(path) = turn(&plan.created_transfers, batch.jobs_before + place.nth) {
                return Some(path);
            }
            let made = made(view, place)?;
            let kind = text_at(made, "base_info.task_type");
            let appointed = !text_at(made, "base_info.start_time").is_empty();
            drawn_course(plan, place.index(), |course| suits(course, kind, appointed))
        }
        Member::Pinned(_) => return None,
    };
    plan.courses.paths.get(course)
}

const COURSES: Stream = Stream::named("drs.transfer.course");

/// One of the courses that will do, by the scenario's weights; of those without any weight
/// the first.
pub fn drawn_course(plan: &Plan, index: u64, will_do: impl Fn(usize) -> bool) -> usize {
    let weights = plan.transfer_weights.iter().copied().enumerate();
    let suiting: Vec<(usize, u64)> = weights.filter(|&(course, _)| will_do(course)).collect();
    let sum = suiting.iter().map(|&(_, weight)| weight).sum();
    let mut left = scale(draw(plan.seed, COURSES, index), sum);
    for &(course, weight) in &suiting {
        if left < weight {
            return course;
        }
        left -= weight;
    }
    suiting.first().map_or(0, |&(course, _)| course)
}

/// What the job is to do, as the service keeps it.
pub fn parameters(view: &View<'_>, place: Place) -> Option<Map<String, Value>> {
    if let Some(made) = made(view, place) {
        return Some(made.clone());
    }
    let traits = traits(view, place)?;
    let Ends::Of(instance) = traits.ends else { return None };
    let sync = traits.job_type == "sync";
    let mut base = Map::new();
    for (name, value) in [
        ("name", &*traits.name),
        ("job_type", traits.job_type),
        ("engine_type", traits.engine_type),
        ("job_direction", traits.job_direction),
        ("task_type", traits.task_type),
        ("net_type", traits.net_type),
        ("charging_mode", traits.charging_mode),
        ("enterprise_project_id", traits.enterprise_project_id),
        ("description", traits.description),
    ] {
        base.insert(name.into(), value.into());
    }
    base.insert("expired_days".into(), 14.into());
    base.insert("tags".into(), json!([]));
    let ids = endpoint_ids(view.plan, place);
    let mut ends = instance.endpoints(ids, &view.plan.project_id);
    for end in &mut ends {
        end["endpoint"]["db_password"] = "******".into();
    }
    let [source, target] = ends;
    let mut job = Map::new();
    job.insert("base_info".into(), Value::Object(base));
    job.insert("source_endpoint".into(), json!([source]));
    job.insert("target_endpoint".into(), json!([target]));
    let policy =
        if sync { json!({"conflict_policy": "ignore", "index_trans": true}) } else { json!({}) };
    job.insert("policy_config".into(), policy);
    job.insert("db_object".into(), json!({"object_scope": "all"}));
    if traits.charging_mode == "period" {
        let order = json!({"period_type": 2, "period_num": 1, "is_auto_renew": 0});
        job.insert("period_order".into(), order);
    }
    job.insert("node_info".into(), json!({"spec": {"node_type": "high"}}));
    Some(job)
}

/// The ids that the service gives to the first source and the first target.
fn endpoint_ids(plan: &Plan, place: Place) -> [String; 2] {
    let ids = IdCodec::new(plan.seed, Stream::named("drs.endpoint"));
    [0, 1].map(|end| ids.uuid((place.index().wrapping_mul(2) | end) & ((1 << 62) - 1)))
}

/// What detail shows of a job: no secrets, with what the service adds of its own.
pub fn details(view: &View<'_>, place: Place) -> Option<Map<String, Value>> {
    let mut job = parameters(view, place)?;
    if let Some(Value::Object(base)) = job.get_mut("base_info") {
        for (name, usual) in [
            ("charging_mode", "on_demand".into()),
            ("enterprise_project_id", "0".into()),
            ("description", "".into()),
            ("expired_days", Value::from(14)),
        ] {
            base.entry(name).or_insert(usual);
        }
        // A number (vendor's sample), though clients send it as text (vendor's sample, too).
        let days = base.get("expired_days").and_then(Value::as_str);
        if let Some(days) = days.and_then(|days| days.parse::<u64>().ok()) {
            base.insert("expired_days".into(), days.into());
        }
    }
    let sides = ["source_endpoint", "target_endpoint"];
    for (side, id) in sides.into_iter().zip(endpoint_ids(view.plan, place)) {
        let first = job.get_mut(side).and_then(|ends| ends.get_mut(0)?.get_mut("endpoint"));
        if let Some(Value::Object(endpoint)) = first {
            endpoint.entry("id").or_insert(id.into());
        }
    }
    // The answer has no such member (huaweicloudsdkdrs 3.1.219).
    job.remove("db_object");
    Some(shown(&job))
}
