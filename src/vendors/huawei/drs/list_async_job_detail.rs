//! ListAsyncJobDetail: the jobs that a batch consists of, before its commit as after it. No
//! password is ever part of it (vendor's sample).

use serde::Serialize;
use serde_json::{Value, json};

use super::async_job;
use super::async_job_state::AsyncJobState;
use super::errors::violation_text;
use super::event::{JobParameters, polled};
use super::page::{PageQuery, rows};
use super::quirks::FailedChecks;
use super::schema::{at, mark, violations};
use super::subject::{is_ours, known_batch};
use super::transfer::{self, TransferKey, parameters};
use super::{DrsCall, DrsResult, View};
use crate::wire::error::{Rule, Violation};
use crate::world::draw::{Stream, draw, scale};
use crate::world::lifecycle::LifecycleStatus;
use crate::world::population::Member;

/// Keys in the order of the vendor's sample.
#[derive(Serialize)]
struct ListAsyncJobDetailResponse {
    jobs: Vec<JobParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
}

pub(crate) fn list_async_job_detail(call: &DrsCall<'_>) -> DrsResult {
    let quirks = &call.plan().quirks;
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let ours = is_ours(call)?;
    let query = PageQuery::from_arguments(call.arguments(), quirks)?;
    let (member, _) = known_batch(call, &view, ours)?;
    let total = transfer::count(&view, member) as u64;
    let page = query.page(quirks, total)?;
    let keys = rows(page, total, |nth| Some(TransferKey { member, nth: nth as usize }));
    let chinese = call.context().wants_chinese();
    let jobs = keys.iter().map(|key| job(&view, *key, chinese)).collect();
    let total_count = page.reported(quirks.total.into(), total);
    let response = ListAsyncJobDetailResponse { jobs, total_count };
    let outcome = call.render_as(quirks.encoding_variant(), "jobs", &response)?;
    Ok(outcome.recording(polled(&call.view(), &[member], &keys)))
}

/// Members in the order of huaweicloudsdkdrs 3.1.219 (JobDetailResp).
fn job(view: &View<'_>, key: TransferKey, chinese: bool) -> JobParameters {
    let mut shown = JobParameters::new();
    shown.insert("id".into(), transfer::id(view, key).into());
    shown.insert("status".into(), transfer::state_name(view, key).into());
    let born = async_job::born(view, key.member);
    shown.insert("create_time".into(), born.iso_seconds().into());
    let mut job = transfer::details(view, key);
    let batch = async_job::status(view, key.member);
    if batch.state == AsyncJobState::ValidateFailed {
        let found = found(view, key);
        let texts = found.iter().map(|found| (&found.parameter, violation_text(found, chinese)));
        match view.plan.quirks.failed_checks {
            FailedChecks::Inline => texts.for_each(|(path, text)| mark(&mut job, path, &text)),
            FailedChecks::Logs => {
                let logs = texts.map(|(_, text)| log(&text, &batch)).collect();
                job.insert("logs".into(), logs);
            }
        }
    }
    shown.extend(job);
    shown
}

fn log(text: &str, batch: &LifecycleStatus<AsyncJobState>) -> Value {
    json!({"level": "ERROR", "message": text, "create_time": batch.since.iso_seconds()})
}

/// The violations that the validation found. In a batch that fails because the scenario says
/// so, that is something in its first job.
fn found(view: &View<'_>, key: TransferKey) -> Vec<Violation> {
    let by_validation = view.plan.quirks.checks.by_validation();
    let of = |nth| match by_validation {
        true => violations(&parameters(view, TransferKey { nth, ..key })),
        false => Vec::new(),
    };
    let found = of(key.nth);
    let any = (0..transfer::count(view, key.member)).any(|nth| !of(nth).is_empty());
    if any || key.nth > 0 { found } else { vec![drawn(view, key)] }
}

const VIOLATIONS: Stream = Stream::named("drs.fault");
const DEFAULT_VIOLATIONS: [(&str, Rule); 4] = [
    ("source_endpoint[0].endpoint.ip", Rule::Ascii),
    ("target_endpoint[0].endpoint.instance_id", Rule::Ascii),
    ("base_info.tags", Rule::List),
    ("node_info.spec.node_type", Rule::Ascii),
];

/// Something wrong with one of the members that the job has.
fn drawn(view: &View<'_>, key: TransferKey) -> Violation {
    let job = parameters(view, key);
    let has = |(path, _): &&(&'static str, Rule)| at(&job, path).is_some();
    let candidates: Vec<&(&str, Rule)> = DEFAULT_VIOLATIONS.iter().filter(has).collect();
    let index = match key.member {
        Member::Synthetic(index) | Member::Created(index) => index,
        Member::Fixed(place) => place as u64,
    };
    let drawn = scale(draw(view.plan.seed, VIOLATIONS, index), candidates.len() as u64);
    let (path, rule) =
        candidates.get(drawn as usize).copied().unwrap_or(&("base_info", Rule::Object));
    Violation { parameter: (*path).into(), rule: rule.clone() }
}
