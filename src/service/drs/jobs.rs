//! ListJobs: the jobs of committed batches.
//!
//! Filters are exact (inferred) and combine; offset and limit are those of ListAsyncJobs. Jobs
//! that sort alike are newest first.

use serde::Serialize;

use super::actions::Actions;
use super::change::looked;
use super::create::named;
use super::job::OUTCOME;
use super::list::SORT_DIRECTIONS;
use super::page::Asked;
use super::schema::{CHARGING_MODES, DIRECTIONS, NET_TYPES};
use super::state::transfer::{CREATE_FAILED, CREATING, DELETED, RELEASE_COMPLETE};
use super::state::{COMMITTED, COMMITTED_COURSE, TRANSFER, TRANSFER_STATUSES};
use super::transfer::{Place, Traits, born, find, generated_name, id, standing, traits};
use super::{View, page_of, view_as_of};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule};
use crate::world::lifecycle::State;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

/// Keys in the order of huaweicloudsdkdrs 3.1.219.
#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    jobs: Vec<Row>,
}

/// Names and their order: huaweicloudsdkdrs 3.1.219 (JobListResp). No job here has children.
#[derive(Serialize)]
struct Row {
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
    job_action: Actions,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = page_of(call);
    let view = view_as_of(&as_of);
    let quirks = &view.plan.quirks;
    let known = super::project(call)?;
    let question = Question::parse(call.arguments(), &view)?;
    let (total, places) = if known { question.answer(&view) } else { (0, Vec::new()) };
    let total_count = question.asked.claimed(quirks, total)?;
    let jobs = places.iter().filter_map(|place| row(&view, *place)).collect();
    let granted = call.render_as(quirks.spelling(), "jobs", &Answer { total_count, jobs })?;
    Ok(granted.changing(looked(&super::view(call), &[], &places)))
}

fn row(view: &View<'_>, place: Place) -> Option<Row> {
    let state = standing(view, place)?.state;
    let traits = traits(view, place)?;
    Some(Row {
        id: id(view, place),
        status: TRANSFER.name(state),
        create_time: born(view, place)?.iso_seconds(),
        billing_tag: !matches!(state, CREATING | CREATE_FAILED | RELEASE_COMPLETE | DELETED),
        // Inferred, as are the roles: a job alone has no other to play a part beside.
        job_mode: "single",
        job_mode_role: "",
        node_role: "master",
        node_new_framework: traits.engine_type == "oracle-to-gaussdbv5",
        job_action: Actions::of(state),
        description: traits.description.to_owned(),
        engine_type: traits.engine_type.to_owned(),
        net_type: traits.net_type.to_owned(),
        charging_mode: traits.charging_mode.to_owned(),
        job_direction: traits.job_direction.to_owned(),
        job_type: traits.job_type.to_owned(),
        task_type: traits.task_type.to_owned(),
        enterprise_project_id: traits.enterprise_project_id.to_owned(),
        is_multi_az: traits.multi_az,
        name: traits.name.into_owned(),
    })
}

struct Question<'a> {
    job_type: &'a str,
    /// Ids or a name.
    names: Vec<&'a str>,
    status: Option<State>,
    engine_type: Option<&'a str>,
    net_type: Option<&'a str>,
    enterprise_project_id: Option<&'a str>,
    instance_ids: Vec<&'a str>,
    instance_ip: Option<&'a str>,
    asked: Asked,
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

/// What has few values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attribute {
    NetType,
    Direction,
    ChargingMode,
}

impl Attribute {
    fn of<'t>(self, job: &'t Traits<'_>) -> &'t str {
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

/// huaweicloudsdkdrs 3.1.219.
const JOB_TYPES: &[&str] = &["migration", "sync", "cloudDataGuard", "replay"];
const SORT_KEYS: &[&str] =
    &["name", "status", "create_time", "net_type", "job_direction", "pay_mode"];
/// Ids in `name`, and in `instance_ids` (huaweicloudsdkdrs 3.1.219).
const MOST_IDS: usize = 10;

impl<'a> Question<'a> {
    /// In the order of the vendor's page; the first slip is the one that is refused.
    fn parse(arguments: &'a Arguments, view: &View<'_>) -> Result<Self, Refusal> {
        let job_type = arguments.one_of("job_type", JOB_TYPES)?.ok_or_else(|| {
            Refusal::parameter("job_type", Rule::Required)
                .hint(format!("job_type is one of {}", JOB_TYPES.join(", ")))
        })?;
        let names: Vec<&str> = listed(arguments.text("name").into_iter());
        let status = arguments.one_of("status", TRANSFER_STATUSES)?;
        let engine_type = arguments.text("engine_type");
        let net_type = arguments.one_of("net_type", NET_TYPES)?;
        let enterprise_project_id = arguments.text("enterprise_project_id");
        let asked = Asked::parse(arguments, &view.plan.quirks)?;
        let sort_key = arguments.one_of("sort_key", SORT_KEYS)?;
        let direction = arguments.one_of("sort_dir", SORT_DIRECTIONS)?;
        // The Python SDK repeats the key; that commas do as well is inferred.
        let repeated = arguments.iter().filter(|(name, _)| *name == "instance_ids");
        let instance_ids = listed(repeated.map(|(_, value)| value));
        for (name, count) in [("name", names.len()), ("instance_ids", instance_ids.len())] {
            if count > MOST_IDS {
                return Err(Refusal::parameter(name, Rule::AtMost(MOST_IDS as i64))
                    .hint(format!("{name} has {MOST_IDS} ids at most")));
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
            asked,
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

    /// How many jobs there are, and those of the page.
    fn answer(&self, view: &View<'_>) -> (u64, Vec<Place>) {
        if self.names.is_empty() && self.order == Order::Name {
            return self.by_name(view);
        }
        let mut parts = self.parts();
        // Jobs that sort alike are newest first, whichever way the others go.
        if !self.ascending && self.order != Order::Birth {
            parts.reverse();
        }
        let found: Vec<Found<'_>> = if self.names.is_empty() {
            parts.iter().map(|part| Found::Selected(self.select(view, part, true))).collect()
        } else {
            let named = self.named(view);
            let of = |part: &Part| {
                named.iter().copied().filter(|place| self.wants(view, *place, part)).collect()
            };
            parts.iter().map(|part| Found::Named(of(part))).collect()
        };
        let oldest_first = self.order == Order::Birth && self.ascending;
        let total = found.iter().map(Found::total).sum();
        let nth = |mut place: u64| {
            for part in &found {
                match place.checked_sub(part.total()) {
                    Some(rest) => place = rest,
                    None => return part.nth(view, place, oldest_first),
                }
            }
            None
        };
        let rows = self.asked.page(&view.plan.quirks, total).rows(total);
        (total, rows.filter_map(nth).collect())
    }

    /// The parts of the list that the order puts one after another, in ascending order.
    fn parts(&self) -> Vec<Part> {
        match self.order {
            Order::Birth | Order::Name => vec![Part { state: self.status, value: None }],
            Order::Status => {
                let mut states: Vec<State> = match self.status {
                    Some(state) => vec![state],
                    None => (0..TRANSFER.states.len()).collect(),
                };
                states.sort_by_key(|state| TRANSFER.name(*state));
                states.into_iter().map(|state| Part { state: Some(state), value: None }).collect()
            }
            Order::By(attribute) => {
                let each = attribute.values().iter().map(|value| Value::One(attribute, value));
                let values = each.chain([Value::Other(attribute)]);
                values.map(|value| Part { state: self.status, value: Some(value) }).collect()
            }
        }
    }

    /// Without a state that is all that are committed; they are found among the batches,
    /// whose births, cards and commits they share.
    ///
    /// `singles` are the jobs that arithmetic does not know.
    fn select<'v>(&self, view: &View<'v>, part: &Part, singles: bool) -> Selection<'v, Place> {
        let plan = view.plan;
        let card = |card: usize| {
            plan.jobs.deck.choice(OUTCOME, card) == COMMITTED_COURSE
                && self.lets_through(&Traits::dealt(plan, card), part)
        };
        let single = |member: Member| {
            singles && Place::of(plan, member).is_some_and(|place| self.wants(view, place, part))
        };
        let (population, state) = match part.state {
            Some(state) => (&plan.transfers, state),
            None => (&plan.commits, COMMITTED),
        };
        let filter = Filter {
            card: Some(&card),
            state: Some(state),
            from: None,
            until: None,
            single: &single,
        };
        Selection::new(population, &view.changes.transfers, &filter, view.now)
    }

    /// Whether a job is in the part of the list.
    fn wants(&self, view: &View<'_>, place: Place, part: &Part) -> bool {
        let state = standing(view, place).map(|standing| standing.state);
        let is_there = match part.state {
            Some(_) => state == part.state,
            None => state.is_some(),
        };
        is_there && traits(view, place).is_some_and(|traits| self.lets_through(&traits, part))
    }

    fn lets_through(&self, job: &Traits<'_>, part: &Part) -> bool {
        let is = |wanted: Option<&str>, has: &str| wanted.is_none_or(|wanted| wanted == has);
        job.job_type == self.job_type
            && is(self.engine_type, job.engine_type)
            && is(self.net_type, job.net_type)
            && is(self.enterprise_project_id, job.enterprise_project_id)
            && (self.instance_ids.is_empty() || job.has_instance(&self.instance_ids))
            && self.instance_ip.is_none_or(|ip| job.has_ip(ip))
            && match part.value {
                None => true,
                Some(Value::One(attribute, value)) => attribute.of(job) == value,
                Some(Value::Other(attribute)) => !attribute.values().contains(&attribute.of(job)),
            }
    }

    /// The jobs that are named, by id or name, in the order that is asked for.
    fn named(&self, view: &View<'_>) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for name in &self.names {
            match find(view, name) {
                Some(place) => places.push(place),
                None => places.extend(named(view, name)),
            }
        }
        let trace = |place: &Place| (born(view, *place), place.trace());
        let name = |place: &Place| traits(view, *place).map(|traits| traits.name.into_owned());
        places.sort_by_key(trace);
        places.dedup();
        if self.order == Order::Name {
            places.sort_by_key(name);
        }
        let reverse = match self.order {
            Order::Birth | Order::Name => !self.ascending,
            _ => true,
        };
        if reverse {
            places.reverse();
        }
        places
    }

    /// The names of generated jobs that nobody touched ascend with their births; the others
    /// go in between.
    fn by_name(&self, view: &View<'_>) -> (u64, Vec<Place>) {
        let View { plan, changes, now } = *view;
        let part = Part { state: self.status, value: None };
        let untouched = self.select(view, &part, false);
        let pins = plan.transfers.pins.iter().enumerate();
        let pinned = pins.filter(|(_, pin)| pin.born <= now).map(|(i, _)| Member::Pinned(i));
        let created = changes.transfers.created().map(|(_, number)| Member::Created(number));
        let touched = changes.transfers.touched().map(Member::Synthetic);
        let exist = plan.jobs.arrivals.count_at(now);
        let mut singles: Vec<(String, Place)> = touched
            .chain(pinned)
            .chain(created)
            .filter_map(|member| Place::of(plan, member))
            .filter(|place| self.wants(view, *place, &part))
            .filter_map(|place| Some((traits(view, place)?.name.into_owned(), place)))
            .collect();
        singles.sort();
        let before = |name: &str| {
            let (mut low, mut high) = (0, exist);
            while low < high {
                let middle = low + (high - low) / 2;
                let comes_before = generated_name(middle).as_str() < name;
                if comes_before { low = middle + 1 } else { high = middle }
            }
            untouched.older_than(Member::Synthetic(low), now)
        };
        let at: Vec<u64> = singles.iter().zip(0..).map(|((name, _), i)| before(name) + i).collect();
        let total = untouched.total() + singles.len() as u64;
        let nth = |place: u64| {
            let place = if self.ascending { place } else { total.checked_sub(place + 1)? };
            match at.binary_search(&place) {
                Ok(i) => singles.get(i).map(|(_, single)| *single),
                Err(i) => Place::of(plan, untouched.nth_oldest(place - i as u64)?),
            }
        };
        let rows = self.asked.page(&plan.quirks, total).rows(total);
        (total, rows.filter_map(nth).collect())
    }
}

/// A part of the list: the jobs in a state, or with a value.
struct Part {
    state: Option<State>,
    value: Option<Value>,
}

#[derive(Clone, Copy)]
enum Value {
    One(Attribute, &'static str),
    /// None of those that are known; clients can create anything.
    Other(Attribute),
}

enum Found<'v> {
    Selected(Selection<'v, Place>),
    /// In the order of the list.
    Named(Vec<Place>),
}

impl Found<'_> {
    fn total(&self) -> u64 {
        match self {
            Self::Selected(selection) => selection.total(),
            Self::Named(places) => places.len() as u64,
        }
    }

    fn nth(&self, view: &View<'_>, place: u64, oldest_first: bool) -> Option<Place> {
        let member = match self {
            Self::Named(places) => return places.get(usize::try_from(place).ok()?).copied(),
            Self::Selected(selection) if oldest_first => selection.nth_oldest(place)?,
            Self::Selected(selection) => selection.nth_newest(place)?,
        };
        Place::of(view.plan, member)
    }
}

/// Items separated by commas, empty ones left out.
fn listed<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    texts.flat_map(|text| text.split(',')).map(str::trim).filter(|item| !item.is_empty()).collect()
}
