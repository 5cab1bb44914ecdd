//! ListAsyncJobDetail: the jobs that a batch consists of, before its commit as after it.
//! No password is ever part of it (vendor's sample).

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::change::looked;
use super::errors::fault_text;
use super::job;
use super::page::Asked;
use super::quirks::FailedChecks;
use super::schema::{at, faults, mark};
use super::state::VALIDATE_FAILED;
use super::transfer::{self, Place, parameters};
use super::{View, asked_for, read, view_as_of};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Refusal, Rule, Violation};
use crate::world::draw::{Stream, draw, scale};
use crate::world::lifecycle::Situation;
use crate::world::population::Member;

/// Keys in the order of the vendor's sample.
#[derive(Serialize)]
struct Answer {
    jobs: Vec<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = read(call);
    let view = view_as_of(&as_of);
    let quirks = &view.plan.quirks;
    super::project(call)?;
    let asked = Asked::parse(call.arguments(), quirks)?;
    let (member, _) = asked_for(call, &view)?;
    let total = transfer::count(&view, member) as u64;
    let total_count = asked.claimed(quirks, total)?;
    let rows = asked.page(quirks, total).rows(total);
    let places: Vec<Place> = rows.map(|nth| Place { member, nth: nth as usize }).collect();
    let chinese = call.exchange().wants_chinese();
    let jobs = places.iter().filter_map(|place| show(&view, *place, chinese)).collect();
    let granted = call.render_as(quirks.spelling(), "jobs", &Answer { jobs, total_count })?;
    Ok(granted.changing(looked(&super::view(call), &[member], &places)))
}

/// Members in the order of huaweicloudsdkdrs 3.1.219 (JobDetailResp).
fn show(view: &View<'_>, place: Place, chinese: bool) -> Option<Map<String, Value>> {
    let mut shown = Map::new();
    shown.insert("id".into(), transfer::id(view, place).into());
    shown.insert("status".into(), transfer::status(view, place).into());
    let born = transfer::born(view, place)?;
    shown.insert("create_time".into(), born.iso_seconds().into());
    let mut job = transfer::details(view, place)?;
    let standing = job::standing(view, place.member)?;
    if standing.state == VALIDATE_FAILED {
        let found = found(view, place)?;
        let texts = found.iter().map(|fault| (&fault.parameter, fault_text(fault, chinese)));
        match view.plan.quirks.failed_checks {
            FailedChecks::Inline => texts.for_each(|(path, text)| mark(&mut job, path, &text)),
            FailedChecks::Logs => {
                let logs = texts.map(|(_, text)| log(&text, &standing)).collect();
                job.insert("logs".into(), logs);
            }
        }
    }
    shown.extend(job);
    Some(shown)
}

fn log(text: &str, standing: &Situation) -> Value {
    json!({"level": "ERROR", "message": text, "create_time": standing.since.iso_seconds()})
}

/// What the validation found wrong with the job. Of a batch that fails because the
/// scenario says so, that is something in its first job.
fn found(view: &View<'_>, place: Place) -> Option<Vec<Violation>> {
    let looks = view.plan.quirks.checks.look();
    let of = |nth| {
        let job = parameters(view, Place { nth, ..place }).unwrap_or_default();
        if looks { faults(&job) } else { Vec::new() }
    };
    let found = of(place.nth);
    let any = (0..transfer::count(view, place.member)).any(|nth| !of(nth).is_empty());
    if any || place.nth > 0 {
        return Some(found);
    }
    Some(drawn(view, place).into_iter().collect())
}

const FAULTS: Stream = Stream::named("drs.fault");
const USUAL_FAULTS: [(&str, Rule); 4] = [
    ("source_endpoint[0].endpoint.ip", Rule::Ascii),
    ("target_endpoint[0].endpoint.instance_id", Rule::Ascii),
    ("base_info.tags", Rule::List),
    ("node_info.spec.node_type", Rule::Ascii),
];

/// One of the members that the job has.
fn drawn(view: &View<'_>, place: Place) -> Option<Violation> {
    let job = parameters(view, place)?;
    let has = |(path, _): &&(&'static str, Rule)| at(&job, path).is_some();
    let usual: Vec<&(&str, Rule)> = USUAL_FAULTS.iter().filter(has).collect();
    let index = match place.member {
        Member::Synthetic(index) | Member::Created(index) => index,
        Member::Pinned(place) => place as u64,
    };
    let draw = scale(draw(view.plan.seed, FAULTS, index), usual.len() as u64);
    let (path, rule) = usual.get(draw as usize).copied().unwrap_or(&("base_info", Rule::Object));
    Some(Violation { parameter: (*path).into(), rule: rule.clone() })
}
