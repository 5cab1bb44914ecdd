//! ListJobs: the jobs of committed batches.
//!
//! Filters are exact (inferred) and combine; offset and limit are those of ListAsyncJobs. Jobs that
//! sort alike are newest first.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde::Serialize;

use super::async_job::{OUTCOME, born};
use super::async_job_state::{AsyncJobState, is_committed_path};
use super::create::named;
use super::event::polled;
use super::job_action::JobAction;
use super::list_async_jobs::SORT_DIRECTIONS;
use super::page::{PageQuery, rows};
use super::quirks::Quirks;
use super::schema::{CHARGING_MODES, DIRECTIONS, NET_TYPES};
use super::subject::is_ours;
use super::transfer::{
    TransferFields, TransferKey, fields, find, generated_name, id, name, status,
};
use super::transfer_state::{STATUSES, TRANSFER, TransferState};
use super::{DrsCall, DrsResult, View};
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};
use crate::world::lifecycle::State;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};
use crate::world::time::Timestamp;

/// Keys in the order of huaweicloudsdkdrs 3.1.219.
#[derive(Serialize)]
struct ListJobsResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    jobs: Vec<JobRow>,
}

/// Names and their order: huaweicloudsdkdrs 3.1.219 (JobListResp). No job here has children.
#[derive(Serialize)]
struct JobRow {
    id: String,
    name: String,
    status: &'static str,
    description: String,
    create_time: String,
    engine_type: String,
    net_type: String,
    charging_mode: String,
    /// Whether it costs money now.
    billing_tag: bool,
    job_direction: String,
    job_type: String,
    task_type: String,
    enterprise_project_id: String,
    job_mode: &'static str,
    job_mode_role: &'static str,
    is_multi_az: bool,
    node_role: &'static str,
    node_new_framework: bool,
    job_action: JobAction,
}

pub(crate) fn list_jobs(call: &DrsCall<'_>) -> DrsResult {
    let quirks = &call.plan().quirks;
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let ours = is_ours(call)?;
    let query = ListJobsQuery::from_arguments(call.arguments(), quirks)?;
    let found = if ours { query.find(&view) } else { FoundJobs::nothing() };
    let total = found.total();
    let page = query.page.page(quirks, total)?;
    let keys = rows(page, total, |place| found.nth(&view, place));
    let jobs = keys.iter().map(|key| row(&view, *key)).collect();
    let total_count = page.reported(quirks.total.into(), total);
    let response = ListJobsResponse { total_count, jobs };
    let outcome = call.render_as(quirks.encoding_variant(), "jobs", &response)?;
    Ok(outcome.recording(polled(&call.view(), &[], &keys)))
}

#[expect(clippy::expect_used, reason = "every way to find jobs leaves out uncommitted ones")]
fn row(view: &View<'_>, key: TransferKey) -> JobRow {
    use TransferState::{CreateFailed, Creating, Deleted, ReleaseComplete};
    let state = status(view, key).expect("a listed job is committed").state;
    let fields = fields(view, key);
    JobRow {
        id: id(view, key),
        name: name(view, key).into_owned(),
        status: TRANSFER.name(state),
        description: fields.description.to_owned(),
        create_time: born(view, key.member).iso_seconds(),
        engine_type: fields.engine_type.to_owned(),
        net_type: fields.net_type.to_owned(),
        charging_mode: fields.charging_mode.to_owned(),
        billing_tag: !matches!(state, Creating | CreateFailed | ReleaseComplete | Deleted),
        job_direction: fields.job_direction.to_owned(),
        job_type: fields.job_type.to_owned(),
        task_type: fields.task_type.to_owned(),
        enterprise_project_id: fields.enterprise_project_id.to_owned(),
        // Inferred, as are the roles: a job alone has no other to play a part beside.
        job_mode: "single",
        job_mode_role: "",
        is_multi_az: fields.is_multi_az,
        node_role: "master",
        node_new_framework: fields.engine_type == "oracle-to-gaussdbv5",
        job_action: JobAction::from_state(state),
    }
}

struct ListJobsQuery<'a> {
    job_type: &'a str,
    /// Ids or a name.
    names: Vec<&'a str>,
    status: Option<TransferState>,
    engine_type: Option<&'a str>,
    net_type: Option<&'a str>,
    enterprise_project_id: Option<&'a str>,
    instance_ids: Vec<&'a str>,
    instance_ip: Option<&'a str>,
    page: PageQuery,
    order: Order,
    ascending: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Birth,
    Name,
    Status,
    By(Attribute),
}

/// A field that has few values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attribute {
    NetType,
    Direction,
    ChargingMode,
}

impl Attribute {
    fn of<'v>(self, job: &TransferFields<'v>) -> &'v str {
        match self {
            Self::NetType => job.net_type,
            Self::Direction => job.job_direction,
            Self::ChargingMode => job.charging_mode,
        }
    }

    /// In ascending order.
    fn values(self) -> &'static [&'static str] {
        match self {
            Self::NetType => NET_TYPES,
            Self::Direction => DIRECTIONS,
            Self::ChargingMode => CHARGING_MODES,
        }
    }
}

/// The jobs that the order puts next to each other.
struct Group {
    state: Option<TransferState>,
    value: Option<AttributeValue>,
}

#[derive(Clone, Copy)]
enum AttributeValue {
    One(Attribute, &'static str),
    /// None of those that are known; clients can create anything.
    Other(Attribute),
}

/// huaweicloudsdkdrs 3.1.219.
const JOB_TYPES: &[&str] = &["migration", "sync", "cloudDataGuard", "replay"];
const SORT_KEYS: &[&str] =
    &["name", "status", "create_time", "net_type", "job_direction", "pay_mode"];
/// Maximum number of ids in `name`, and in `instance_ids` (huaweicloudsdkdrs 3.1.219).
const MAX_IDS: usize = 10;

impl<'a> ListJobsQuery<'a> {
    /// In the order of the vendor's page: the first mistake is the one that is refused.
    fn from_arguments(arguments: &'a Arguments<'_>, quirks: &Quirks) -> Result<Self, ApiError> {
        let job_type = arguments.one_of("job_type", JOB_TYPES)?.ok_or_else(|| {
            ApiError::parameter("job_type", Rule::Required)
                .hint(format!("job_type is one of {}", JOB_TYPES.join(", ")))
        })?;
        let names: Vec<&str> = items(arguments.text("name").into_iter());
        let status = arguments.one_of("status", STATUSES)?;
        let engine_type = arguments.text("engine_type");
        let net_type = arguments.one_of("net_type", NET_TYPES)?;
        let enterprise_project_id = arguments.text("enterprise_project_id");
        let page = PageQuery::from_arguments(arguments, quirks)?;
        let sort_key = arguments.one_of("sort_key", SORT_KEYS)?;
        let direction = arguments.one_of("sort_dir", SORT_DIRECTIONS)?;
        // The Python SDK repeats the key; that commas do as well is inferred.
        let repeated = arguments.iter().filter(|(name, _)| *name == "instance_ids");
        let instance_ids = items(repeated.map(|(_, value)| value));
        for (name, count) in [("name", names.len()), ("instance_ids", instance_ids.len())] {
            if count > MAX_IDS {
                return Err(ApiError::parameter(name, Rule::AtMost(MAX_IDS as i64))
                    .hint(format!("{name} has {MAX_IDS} ids at most")));
            }
        }
        Ok(Self {
            job_type,
            names,
            status: status.and_then(|status| TRANSFER.named(status)),
            engine_type,
            net_type,
            enterprise_project_id,
            instance_ids,
            instance_ip: arguments.text("instance_ip"),
            page,
            order: match sort_key {
                Some("name") => Order::Name,
                Some("status") => Order::Status,
                Some("net_type") => Order::By(Attribute::NetType),
                Some("job_direction") => Order::By(Attribute::Direction),
                Some("pay_mode") => Order::By(Attribute::ChargingMode),
                _ => Order::Birth,
            },
            ascending: direction == Some("asc"),
        })
    }

    fn find<'q, 'v>(&'q self, view: &View<'v>) -> FoundJobs<'q, 'v> {
        if self.names.is_empty() && self.order == Order::Name {
            return FoundJobs::ByName(Box::new(self.by_name(view)));
        }
        let mut groups = self.groups();
        // Jobs that sort alike are newest first, whichever way the others go.
        if !self.ascending && self.order != Order::Birth {
            groups.reverse();
        }
        if !self.names.is_empty() {
            let named = self.named(view);
            let of = |group: &Group| {
                let matches = |key: &TransferKey| self.matches(view, *key, group);
                named.iter().copied().filter(matches).collect::<Vec<_>>()
            };
            return FoundJobs::Named(groups.iter().flat_map(of).collect());
        }
        let whole = Group { state: self.status, value: None };
        let total = self.select(view, &whole, true).total();
        let parts = groups.into_iter().map(|group| (group, OnceCell::new())).collect();
        FoundJobs::Selected { query: self, total, parts }
    }

    /// In ascending order.
    fn groups(&self) -> Vec<Group> {
        match self.order {
            Order::Birth | Order::Name => vec![Group { state: self.status, value: None }],
            Order::Status => {
                let mut states: Vec<TransferState> = match self.status {
                    Some(state) => vec![state],
                    None => TRANSFER.states.iter().map(|row| row.state).collect(),
                };
                states.sort_by_key(|state| TRANSFER.name(*state));
                states.into_iter().map(|state| Group { state: Some(state), value: None }).collect()
            }
            Order::By(attribute) => {
                let values = attribute.values().iter();
                let each = values.map(|value| AttributeValue::One(attribute, value));
                let values = each.chain([AttributeValue::Other(attribute)]);
                values.map(|value| Group { state: self.status, value: Some(value) }).collect()
            }
        }
    }

    /// The jobs of a group. Without a state that is all that are committed; they are found among
    /// the batches, with which they share births, rows and commits.
    ///
    /// `with_singles` says whether those belong to it that arithmetic does not know.
    fn select<'v>(&self, view: &View<'v>, group: &Group, with_singles: bool) -> Selected<'v> {
        let View { plan, projection, now } = *view;
        let row = |row: usize| {
            is_committed_path(plan.jobs.sampler.attribute(OUTCOME, row))
                && self.lets_through(&TransferFields::sampled(plan, row), group)
        };
        let single = |member: Member| {
            with_singles && self.matches(view, TransferKey::from_member(plan, member), group)
        };
        let traces = &projection.transfers;
        match group.state {
            Some(state) => Selected::InState(Selection::new(
                &plan.transfers,
                traces,
                &filter(Some(state), &row, &single),
                now,
            )),
            None => Selected::Committed(Selection::new(
                &plan.commits,
                traces,
                &filter(AsyncJobState::Committed, &row, &single),
                now,
            )),
        }
    }

    /// Whether a job is committed and in the group.
    fn matches(&self, view: &View<'_>, key: TransferKey, group: &Group) -> bool {
        status(view, key).is_some_and(|status| {
            group.state.is_none_or(|state| state == status.state)
                && self.lets_through(&fields(view, key), group)
        })
    }

    fn lets_through(&self, job: &TransferFields<'_>, group: &Group) -> bool {
        let is = |wanted: Option<&str>, has: &str| wanted.is_none_or(|wanted| wanted == has);
        job.job_type == self.job_type
            && is(self.engine_type, job.engine_type)
            && is(self.net_type, job.net_type)
            && is(self.enterprise_project_id, job.enterprise_project_id)
            && (self.instance_ids.is_empty() || job.has_instance(&self.instance_ids))
            && self.instance_ip.is_none_or(|ip| job.has_ip(ip))
            && match group.value {
                None => true,
                Some(AttributeValue::One(attribute, value)) => attribute.of(job) == value,
                Some(AttributeValue::Other(attribute)) => {
                    !attribute.values().contains(&attribute.of(job))
                }
            }
    }

    /// The jobs that are named, by id or name, in the requested order.
    fn named(&self, view: &View<'_>) -> Vec<TransferKey> {
        let mut keys: Vec<TransferKey> = Vec::new();
        for name in &self.names {
            match find(view, name) {
                Some(key) => keys.push(key),
                None => keys.extend(named(view, name)),
            }
        }
        keys.sort_by_key(|key| (born(view, key.member), key.list_member(view.plan)));
        keys.dedup();
        if self.order == Order::Name {
            keys.sort_by_key(|key| name(view, *key));
        }
        let reverse = match self.order {
            Order::Birth | Order::Name => !self.ascending,
            _ => true,
        };
        if reverse {
            keys.reverse();
        }
        keys
    }

    /// All jobs that match, by their names. Those of generated jobs that nobody touched ascend with
    /// their births; the others go in between.
    fn by_name<'v>(&self, view: &View<'v>) -> ByName<'v> {
        let View { plan, projection, now } = *view;
        let group = Group { state: self.status, value: None };
        let untouched = self.select(view, &group, false);
        let fixed = plan.transfers.fixed.iter().filter(|record| record.born <= now);
        let created = projection.transfers.created().map(|(_, number)| Member::Created(number));
        let touched = projection.transfers.touched().map(Member::Synthetic);
        let others = touched.chain(created).map(|member| TransferKey::from_member(plan, member));
        let mut singles: Vec<(Cow<'v, str>, TransferKey)> = others
            .chain(fixed.map(|record| record.value))
            .filter(|key| self.matches(view, *key, &group))
            .map(|key| (name(view, key), key))
            .collect();
        singles.sort();
        let exist = plan.jobs.arrivals.indexes_at(now);
        let before = |name: &str| {
            let (mut low, mut high) = (exist.start, exist.end);
            while low < high {
                let middle = low + (high - low) / 2;
                let comes_before = generated_name(middle).as_str() < name;
                if comes_before { low = middle + 1 } else { high = middle }
            }
            untouched.older_than(Member::Synthetic(low), now)
        };
        let places = singles.iter().zip(0..).map(|((name, _), i)| before(name) + i).collect();
        let singles = singles.into_iter().map(|(_, key)| key).collect();
        ByName { untouched, singles, places, ascending: self.ascending }
    }
}

fn filter<'f, S: State>(
    state: S,
    row: &'f dyn Fn(usize) -> bool,
    single: &'f dyn Fn(Member) -> bool,
) -> Filter<'f, S> {
    Filter { row: Some(row), state: Some(state), from: None, until: None, single }
}

enum FoundJobs<'q, 'v> {
    /// One group after another, each selected when a place in it or behind it is asked for.
    Selected {
        query: &'q ListJobsQuery<'q>,
        total: u64,
        parts: Vec<(Group, OnceCell<Selected<'v>>)>,
    },
    /// In the order of the list.
    Named(Vec<TransferKey>),
    ByName(Box<ByName<'v>>),
}

/// The jobs that are committed, or in a state.
enum Selected<'v> {
    Committed(Selection<'v, TransferKey, AsyncJobState>),
    InState(Selection<'v, TransferKey, Option<TransferState>>),
}

struct ByName<'v> {
    /// Generated jobs that nobody touched.
    untouched: Selected<'v>,
    /// The others, by name.
    singles: Vec<TransferKey>,
    /// The positions of the other rows in the list, ascending.
    places: Vec<u64>,
    ascending: bool,
}

impl<'v> FoundJobs<'_, 'v> {
    fn nothing() -> Self {
        Self::Named(Vec::new())
    }

    fn total(&self) -> u64 {
        match self {
            Self::Selected { total, .. } => *total,
            Self::Named(keys) => keys.len() as u64,
            Self::ByName(found) => found.total(),
        }
    }

    fn nth(&self, view: &View<'v>, mut place: u64) -> Option<TransferKey> {
        match self {
            Self::Selected { query, parts, .. } => {
                let oldest_first = query.order == Order::Birth && query.ascending;
                for (group, selected) in parts {
                    let selected = selected.get_or_init(|| query.select(view, group, true));
                    let total = selected.total();
                    match place.checked_sub(total) {
                        Some(rest) => place = rest,
                        None if oldest_first => return selected.nth_oldest(view, place),
                        None => return selected.nth_oldest(view, total - place - 1),
                    }
                }
                None
            }
            Self::Named(keys) => keys.get(usize::try_from(place).ok()?).copied(),
            Self::ByName(found) => found.nth(view, place),
        }
    }
}

impl Selected<'_> {
    fn total(&self) -> u64 {
        match self {
            Self::Committed(selection) => selection.total(),
            Self::InState(selection) => selection.total(),
        }
    }

    fn nth_oldest(&self, view: &View<'_>, place: u64) -> Option<TransferKey> {
        let member = match self {
            Self::Committed(selection) => selection.nth_oldest(place),
            Self::InState(selection) => selection.nth_oldest(place),
        };
        member.map(|member| TransferKey::from_member(view.plan, member))
    }

    fn older_than(&self, member: Member, born: Timestamp) -> u64 {
        match self {
            Self::Committed(selection) => selection.older_than(member, born),
            Self::InState(selection) => selection.older_than(member, born),
        }
    }
}

impl ByName<'_> {
    fn total(&self) -> u64 {
        self.untouched.total() + self.singles.len() as u64
    }

    fn nth(&self, view: &View<'_>, place: u64) -> Option<TransferKey> {
        let place = if self.ascending { place } else { self.total().checked_sub(place + 1)? };
        match self.places.binary_search(&place) {
            Ok(i) => self.singles.get(i).copied(),
            Err(i) => self.untouched.nth_oldest(view, place - i as u64),
        }
    }
}

/// Items separated by commas, empty ones left out.
fn items<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    texts.flat_map(|text| text.split(',')).map(str::trim).filter(|item| !item.is_empty()).collect()
}
