//! The jobs that a batch consists of, which its commit creates: ListJobs lists them from then on.
//!
//! A generated batch consists of one, which is sampled by the same sampler and born with it: its
//! `create_time` is that of the batch (inferred), so that order and counts are the population's
//! arithmetic. Before the commit jobs are CREATING (inferred).

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::async_job::{self, Batch, INSTANCE, OUTCOME, PATH};
use super::async_job_state::{AsyncJobState, is_committed_path};
use super::event::JobParameters;
use super::ids::{index_of, job_id};
use super::instances::Instance;
use super::schema::{CHARGING_MODES, NET_TYPES, shown, text_at};
use super::transfer_state::{TRANSFER, TransferState, suits, task_type};
use super::{DrsPlan, View};
use crate::scenario::prescribed_path::created_path;
use crate::world::draw::{Stream, draw, scale};
use crate::world::ids::{BASE36, IdCodec, value_of};
use crate::world::lifecycle::{LifecyclePath, LifecycleStatus, PathRun};
use crate::world::lifecycle_table::PathRow;
use crate::world::population::{MAX_INDEX, Member, created_index, fixed_index};
use crate::world::text::Text;

/// Maximum number of jobs of a batch; ids have room for it.
pub(crate) const MAX_JOBS: usize = 16;
const MAX: u64 = MAX_JOBS as u64;

/// A job: the `nth` of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TransferKey {
    /// The index in the population of batches.
    pub(crate) member: Member,
    pub(crate) nth: usize,
}

impl TransferKey {
    /// The job that is a member of the population of jobs.
    pub(crate) fn from_member(plan: &DrsPlan, member: Member) -> Self {
        match member {
            Member::Synthetic(_) => Self { member, nth: 0 },
            Member::Fixed(place) => plan.transfers.fixed[place].value,
            Member::Created(number) => {
                Self { member: Member::Created(number / MAX), nth: (number % MAX) as usize }
            }
        }
    }

    /// Its member in the traces of jobs.
    pub(crate) fn trace_member(self) -> Member {
        match self.member {
            Member::Synthetic(_) => self.member,
            Member::Fixed(place) => Member::Fixed(place * MAX_JOBS + self.nth),
            Member::Created(number) => Member::Created(transfer_number(number, self.nth)),
        }
    }

    /// Its member in the population of jobs, by which lists order it.
    pub(crate) fn list_member(self, plan: &DrsPlan) -> Member {
        let mut records = plan.transfers.fixed.iter();
        match self.member {
            Member::Fixed(_) => {
                let place = records.position(|record| record.value == self);
                place.map_or(self.member, Member::Fixed)
            }
            Member::Synthetic(_) | Member::Created(_) => self.trace_member(),
        }
    }

    /// The key from which its values are sampled.
    fn index(self) -> u64 {
        match self.member {
            Member::Synthetic(index) => index,
            Member::Fixed(place) => fixed_index(place * MAX_JOBS + self.nth),
            Member::Created(number) => {
                created_index(number).wrapping_mul(MAX).wrapping_add(self.nth as u64)
            }
        }
    }
}

/// The number, among the jobs, of the `nth` job of the batch that the event of that number created.
pub(crate) fn transfer_number(number: u64, nth: usize) -> u64 {
    number * MAX + nth as u64
}

/// A job with values from the scenario file.
#[derive(Clone, Debug)]
pub(crate) struct FixedTransfer {
    pub(crate) id: String,
    /// From the commit on.
    pub(crate) path: LifecyclePath<TransferState>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) job_type: String,
    pub(crate) engine_type: String,
    pub(crate) job_direction: String,
    pub(crate) task_type: String,
    pub(crate) net_type: String,
    pub(crate) charging_mode: String,
    pub(crate) enterprise_project_id: String,
    pub(crate) instance: Instance,
}

/// The values that ListJobs shows and filters by, in addition to name and state.
#[derive(Clone, Debug)]
pub(crate) struct TransferFields<'v> {
    pub(crate) description: &'v str,
    pub(crate) job_type: &'v str,
    pub(crate) engine_type: &'v str,
    pub(crate) job_direction: &'v str,
    pub(crate) task_type: &'v str,
    pub(crate) net_type: &'v str,
    pub(crate) charging_mode: &'v str,
    pub(crate) enterprise_project_id: &'v str,
    /// Whether it is a pair of nodes in two zones.
    pub(crate) is_multi_az: bool,
    databases: Databases<'v>,
}

#[derive(Clone, Copy, Debug)]
enum Databases<'v> {
    /// An instance of the cloud, and what it is linked with.
    Instance(&'v Instance),
    /// Those in the parameters that a client sent.
    Sent(&'v JobParameters),
}

impl<'v> TransferFields<'v> {
    /// The values that all generated jobs with the row share.
    pub(crate) fn sampled(plan: &'v DrsPlan, row: usize) -> Self {
        let attribute = |attribute| plan.jobs.sampler.attribute(attribute, row);
        let instance = plan.instance(attribute(INSTANCE));
        Self {
            description: "",
            job_type: instance.link.job_type,
            engine_type: instance.link.engine_type,
            job_direction: instance.link.job_direction,
            task_type: task_type(&TRANSFER.paths[attribute(PATH)]),
            net_type: NET_TYPES[attribute(async_job::NET_TYPE)],
            charging_mode: CHARGING_MODES[attribute(async_job::CHARGING_MODE)],
            enterprise_project_id: &plan.enterprise_projects
                [attribute(async_job::ENTERPRISE_PROJECT)],
            is_multi_az: false,
            databases: Databases::Instance(instance),
        }
    }

    fn from_fixed(record: &'v FixedTransfer) -> Self {
        Self {
            description: &record.description,
            job_type: &record.job_type,
            engine_type: &record.engine_type,
            job_direction: &record.job_direction,
            task_type: &record.task_type,
            net_type: &record.net_type,
            charging_mode: &record.charging_mode,
            enterprise_project_id: &record.enterprise_project_id,
            is_multi_az: false,
            databases: Databases::Instance(&record.instance),
        }
    }

    /// With the vendor's defaults for what the client left out.
    fn from_sent(sent: &'v JobParameters) -> Self {
        let or = |path: &str, default| match text_at(sent, path) {
            "" => default,
            text => text,
        };
        let zones = text_at(sent, "node_info.base_info.availability_zone");
        Self {
            description: text_at(sent, "base_info.description"),
            job_type: text_at(sent, "base_info.job_type"),
            engine_type: text_at(sent, "base_info.engine_type"),
            job_direction: text_at(sent, "base_info.job_direction"),
            task_type: text_at(sent, "base_info.task_type"),
            net_type: text_at(sent, "base_info.net_type"),
            charging_mode: or("base_info.charging_mode", "on_demand"),
            enterprise_project_id: or("base_info.enterprise_project_id", "0"),
            is_multi_az: zones.split_once(',').is_some_and(|(one, other)| one != other),
            databases: Databases::Sent(sent),
        }
    }

    /// Whether one of its databases has one of the ids.
    pub(crate) fn has_instance(&self, ids: &[&str]) -> bool {
        match self.databases {
            Databases::Instance(instance) => ids.contains(&instance.id.as_str()),
            Databases::Sent(sent) => {
                endpoints(sent).any(|endpoint| ids.contains(&member_text(endpoint, "instance_id")))
            }
        }
    }

    /// Whether one of its databases has the address. A database may have several addresses,
    /// separated by commas and with ports.
    pub(crate) fn has_ip(&self, ip: &str) -> bool {
        let is = |address: &str| address == ip || address.split(':').next() == Some(ip);
        match self.databases {
            Databases::Instance(instance) => instance.ip == ip,
            Databases::Sent(sent) => {
                endpoints(sent).any(|endpoint| member_text(endpoint, "ip").split(',').any(is))
            }
        }
    }
}

fn endpoints(sent: &JobParameters) -> impl Iterator<Item = &Value> {
    let sides = ["source_endpoint", "target_endpoint"].into_iter();
    let infos = sides.filter_map(|side| sent.get(side)?.as_array()).flatten();
    infos.filter_map(|info| info.get("endpoint"))
}

fn member_text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The source of a job's values.
enum Source<'v> {
    /// Drawn by the index.
    Generated(u64),
    Fixed(&'v FixedTransfer),
    /// A client created or updated it.
    Sent(&'v JobParameters),
}

impl<'v> Source<'v> {
    fn new(view: &View<'v>, key: TransferKey) -> Self {
        let revision = view.projection.revision(key.member);
        match (Batch::new(view, key.member), revision) {
            (_, Some(revision)) => Self::Sent(&revision.jobs[key.nth]),
            (Batch::Generated(index), None) => Self::Generated(index),
            (Batch::Fixed(_, record), None) => Self::Fixed(&record.value.jobs[key.nth]),
            (Batch::Created(_, batch), None) => Self::Sent(&batch.jobs[key.nth]),
        }
    }

    fn name(&self) -> Cow<'v, str> {
        match *self {
            Self::Generated(index) => generated_name(index).into(),
            Self::Fixed(record) => (&record.name).into(),
            Self::Sent(sent) => text_at(sent, "base_info.name").into(),
        }
    }

    fn fields(&self, plan: &'v DrsPlan) -> TransferFields<'v> {
        match *self {
            Self::Generated(index) => TransferFields::sampled(plan, plan.jobs.sampler.row(index)),
            Self::Fixed(record) => TransferFields::from_fixed(record),
            Self::Sent(sent) => TransferFields::from_sent(sent),
        }
    }
}

/// The name of a job; that of an unchecked one may be empty.
pub(crate) fn name<'v>(view: &View<'v>, key: TransferKey) -> Cow<'v, str> {
    Source::new(view, key).name()
}

pub(crate) fn fields<'v>(view: &View<'v>, key: TransferKey) -> TransferFields<'v> {
    Source::new(view, key).fields(view.plan)
}

/// `DRS-` and eight digits of base 36: names ascend with births.
pub(crate) fn generated_name(index: u64) -> String {
    Text::<12>::default().put("DRS-").spelt(index, BASE36, 8).to_text()
}

/// The index of the generated job of that name, in upper or lower case.
pub(crate) fn named_index(name: &str) -> Option<u64> {
    let name = name.to_ascii_lowercase();
    let digits = name.strip_prefix("drs-").filter(|digits| digits.len() == 8)?;
    value_of(digits, 36).filter(|index| *index < MAX_INDEX)
}

/// The number of jobs in a batch.
pub(crate) fn count(view: &View<'_>, member: Member) -> usize {
    match Batch::new(view, member) {
        Batch::Generated(_) => 1,
        Batch::Fixed(_, record) => record.value.jobs.len(),
        Batch::Created(_, batch) => batch.jobs.len(),
    }
}

pub(crate) fn id(view: &View<'_>, key: TransferKey) -> String {
    let ids = &view.plan.job_ids;
    match Batch::new(view, key.member) {
        Batch::Generated(index) => job_id(ids, index, 0),
        Batch::Fixed(_, record) => record.value.jobs[key.nth].id.clone(),
        Batch::Created(number, _) => job_id(ids, created_index(number), key.nth),
    }
}

/// The job of that id, committed or not.
pub(crate) fn find(view: &View<'_>, id: &str) -> Option<TransferKey> {
    let View { plan, projection, now } = *view;
    let has_id = |key: TransferKey| match Batch::new(view, key.member) {
        Batch::Fixed(_, record) => record.value.jobs[key.nth].id == id,
        Batch::Generated(_) | Batch::Created(..) => false,
    };
    let mut records = plan.transfers.fixed.iter().filter(|record| record.born <= now);
    let fixed = records.find(|record| has_id(record.value));
    fixed.map(|record| record.value).or_else(|| {
        let (index, nth) = index_of(&plan.job_ids, id)?;
        let member = plan.jobs.member(index, &projection.jobs, now)?;
        (nth < count(view, member)).then_some(TransferKey { member, nth })
    })
}

/// The state of a job, and since when it is in it; None until its batch is committed.
pub(crate) fn status(view: &View<'_>, key: TransferKey) -> Option<LifecycleStatus<TransferState>> {
    let View { plan, projection, now } = *view;
    if let Member::Synthetic(index) = key.member
        && !projection.changes.contains_key(&key.member)
    {
        let outcome = plan.jobs.sampler.attribute(OUTCOME, plan.jobs.sampler.row(index));
        if !is_committed_path(outcome) {
            return None;
        }
        let LifecycleStatus { state, since, is_terminal, progress, awaits_poll } =
            plan.transfers.status(index, now);
        return Some(LifecycleStatus { state: state?, since, is_terminal, progress, awaits_poll });
    }
    let batch = async_job::status(view, key.member);
    if batch.state != AsyncJobState::Committed {
        return None;
    }
    let run = PathRun {
        path: path(view, key),
        index: key.index(),
        from: batch.since,
        polls: projection.transfers.polls(key.trace_member()),
    };
    Some(plan.transfer_lifecycle.follow(&run, now))
}

/// Whether an answer at the view's instant that shows the job changes something.
pub(crate) fn awaits_poll(view: &View<'_>, key: TransferKey) -> bool {
    path(view, key).counts_polls() && status(view, key).is_some_and(|status| status.awaits_poll)
}

/// The name of the state on the wire.
pub(crate) fn state_name(view: &View<'_>, key: TransferKey) -> &'static str {
    TRANSFER.name(status(view, key).map_or(TransferState::Creating, |status| status.state))
}

/// The path that the job takes from the commit on.
fn path<'v>(view: &View<'v>, key: TransferKey) -> &'v LifecyclePath<TransferState> {
    let View { plan, projection, .. } = *view;
    let path = match Batch::new(view, key.member) {
        Batch::Generated(index) => plan.jobs.sampler.attribute(PATH, plan.jobs.sampler.row(index)),
        Batch::Fixed(_, record) => return &record.value.jobs[key.nth].path,
        Batch::Created(_, batch) => {
            let written = created_path(&plan.created_transfers, batch.jobs_before + key.nth);
            if let Some(path) = written {
                return path;
            }
            let revision = projection.revision(key.member);
            let sent = &revision.map_or(&batch.jobs, |revision| &revision.jobs)[key.nth];
            let kind = text_at(sent, "base_info.task_type");
            let has_appointment = !text_at(sent, "base_info.start_time").is_empty();
            drawn_path(plan, key.index(), |path| suits(path, kind, has_appointment))
        }
    };
    plan.transfer_lifecycle.path(path)
}

const PATHS: Stream = Stream::named("drs.transfer.course");

/// The index of one of the paths that suit, by the scenario's weights; of those without any weight
/// the first.
#[expect(clippy::expect_used, reason = "a job that fails before it starts suits every task type")]
pub(crate) fn drawn_path(
    plan: &DrsPlan,
    index: u64,
    suits: impl Fn(&PathRow<TransferState>) -> bool,
) -> usize {
    let weights = TRANSFER.paths.iter().zip(&plan.transfer_weights).enumerate();
    let suiting: Vec<(usize, u64)> = weights
        .filter(|(_, (path, _))| suits(path))
        .map(|(place, (_, &weight))| (place, weight))
        .collect();
    let sum = suiting.iter().map(|&(_, weight)| weight).sum();
    let mut left = scale(draw(plan.seed, PATHS, index), sum);
    for &(place, weight) in &suiting {
        if left < weight {
            return place;
        }
        left -= weight;
    }
    suiting.first().expect("a path suits every task type").0
}

/// The parameters of a job, as the service keeps them.
pub(crate) fn parameters(view: &View<'_>, key: TransferKey) -> JobParameters {
    let source = Source::new(view, key);
    let fields = source.fields(view.plan);
    let instance = match fields.databases {
        Databases::Sent(sent) => return sent.clone(),
        Databases::Instance(instance) => instance,
    };
    let mut base = Map::new();
    for (name, value) in [
        ("name", &*source.name()),
        ("job_type", fields.job_type),
        ("engine_type", fields.engine_type),
        ("job_direction", fields.job_direction),
        ("task_type", fields.task_type),
        ("net_type", fields.net_type),
        ("charging_mode", fields.charging_mode),
        ("enterprise_project_id", fields.enterprise_project_id),
        ("description", fields.description),
    ] {
        base.insert(name.into(), value.into());
    }
    base.insert("expired_days".into(), 14.into());
    base.insert("tags".into(), json!([]));
    let ids = endpoint_ids(view.plan, key);
    let mut endpoints = instance.endpoints(ids, &view.plan.project_id);
    for endpoint in &mut endpoints {
        endpoint["endpoint"]["db_password"] = "******".into();
    }
    let [source, target] = endpoints;
    let mut job = Map::new();
    job.insert("base_info".into(), Value::Object(base));
    job.insert("source_endpoint".into(), json!([source]));
    job.insert("target_endpoint".into(), json!([target]));
    let policy = match fields.job_type {
        "sync" => json!({"conflict_policy": "ignore", "index_trans": true}),
        _ => json!({}),
    };
    job.insert("policy_config".into(), policy);
    job.insert("db_object".into(), json!({"object_scope": "all"}));
    if fields.charging_mode == "period" {
        let order = json!({"period_type": 2, "period_num": 1, "is_auto_renew": 0});
        job.insert("period_order".into(), order);
    }
    job.insert("node_info".into(), json!({"spec": {"node_type": "high"}}));
    job
}

/// The ids that the service gives to the first source and the first target.
fn endpoint_ids(plan: &DrsPlan, key: TransferKey) -> [String; 2] {
    let ids = IdCodec::new(plan.seed, Stream::named("drs.endpoint"));
    [0, 1].map(|side| ids.uuid((key.index().wrapping_mul(2) | side) & ((1 << 62) - 1)))
}

/// A job as ListAsyncJobDetail shows it: without secrets, with values that the service adds.
pub(crate) fn details(view: &View<'_>, key: TransferKey) -> JobParameters {
    let mut job = parameters(view, key);
    if let Some(Value::Object(base)) = job.get_mut("base_info") {
        for (name, default) in [
            ("charging_mode", "on_demand".into()),
            ("enterprise_project_id", "0".into()),
            ("description", "".into()),
            ("expired_days", Value::from(14)),
        ] {
            base.entry(name).or_insert(default);
        }
        // A number (vendor's sample), though clients send it as text (vendor's sample, too).
        let days = base.get("expired_days").and_then(Value::as_str);
        if let Some(days) = days.and_then(|days| days.parse::<u64>().ok()) {
            base.insert("expired_days".into(), days.into());
        }
    }
    let sides = ["source_endpoint", "target_endpoint"];
    for (side, id) in sides.into_iter().zip(endpoint_ids(view.plan, key)) {
        let first = job.get_mut(side).and_then(|infos| infos.get_mut(0)?.get_mut("endpoint"));
        if let Some(Value::Object(endpoint)) = first {
            endpoint.entry("id").or_insert(id.into());
        }
    }
    // The answer has no such member (huaweicloudsdkdrs 3.1.219).
    job.remove("db_object");
    shown(&job)
}
