//! BatchCreateJobsAsync: a new batch, whose parameters are then validated.
//!
//! The validation finds problems of single parameters, and the detail shows them (inferred from the
//! states and from a fragment of the vendor's pages), unless the scenario has them refused at once
//! (`drs.quirks.checks`). A taken name is refused at once.

use serde::Serialize;

use super::async_job::Owner;
use super::errors::{NAME_TAKEN, PARSE_FAILED, parse_failure};
use super::event::{DrsEvent, JobParameters};
use super::quirks::{Checks, CreateStatus};
use super::schema::{kept, listed, text_at, violations};
use super::subject::is_ours;
use super::transfer::{self, TransferKey, named_index};
use super::{DrsCall, DrsResult, View};
use crate::vendors::huawei::dialect::unknown_project;
use crate::wire::error::{ApiError, Reason, Rule};
use crate::wire::{JsonObject, body};
use crate::world::population::{Member, created_index};

#[derive(Serialize)]
struct BatchCreateJobsAsyncResponse {
    job: CreatedJob,
}

#[derive(Serialize)]
struct CreatedJob {
    async_job_id: String,
}

pub(crate) fn batch_create_jobs_async(call: &DrsCall<'_>) -> DrsResult {
    let view = call.view();
    if !is_ours(call)? {
        return Err(unknown_project(call, &call.plan().project_id));
    }
    let quirks = &view.plan.quirks;
    let sent = body(call.context().request)?;
    let sent = JsonObject::new(&sent);
    let hinted = |error: ApiError| error.hint("jobs is a list of objects, one for each job");
    let items = sent.list("jobs").map_err(hinted)?;
    if items.is_empty() {
        return Err(hinted(sent.refuse("jobs", Rule::Required)));
    }
    if items.len() > quirks.max_jobs {
        let hint = format!("drs.quirks.max_jobs is {}", quirks.max_jobs);
        return Err(sent.refuse("jobs", Rule::AtMost(quirks.max_jobs as i64)).hint(hint));
    }
    let mut jobs: Vec<JobParameters> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let wrong = || hinted(sent.refuse(&format!("jobs[{i}]"), Rule::Object));
        jobs.push(kept(item.as_object().ok_or_else(wrong)?));
    }
    if quirks.checks == Checks::AtOnce {
        check(&jobs)?;
    }
    for (i, job) in jobs.iter().enumerate() {
        let name = text_at(job, "base_info.name");
        let same = |other: &JobParameters| {
            !name.is_empty() && text_at(other, "base_info.name").eq_ignore_ascii_case(name)
        };
        if is_taken(&view, name, None) || jobs[..i].iter().any(same) {
            let hint = format!("there is a job {name}; names are unique in a project");
            return Err(ApiError::own(&NAME_TAKEN, "").hint(hint));
        }
    }
    let Owner { domain_name, user_name } = caller(call);
    let async_job_id = view.plan.ids.uuid(created_index(call.change_ordinal()));
    let response = BatchCreateJobsAsyncResponse { job: CreatedJob { async_job_id } };
    let mut outcome = call.render(&response)?;
    outcome.payload.status = match quirks.create_status {
        CreateStatus::Accepted => 202,
        CreateStatus::Ok => 200,
    };
    Ok(outcome.recording(DrsEvent::Create { domain_name, user_name, jobs }))
}

fn check(jobs: &[JobParameters]) -> Result<(), ApiError> {
    for (i, job) in jobs.iter().enumerate() {
        let violations = violations(job);
        let Some(first) = violations.first() else { continue };
        let hint = format!("jobs[{i}] has something wrong with {}", listed(&violations));
        let error = match first.rule {
            Rule::List | Rule::Object => {
                ApiError::own(&PARSE_FAILED, parse_failure(&first.parameter))
            }
            _ => Reason::Parameters(vec![first.clone()]).into(),
        };
        return Err(error.hint(hint));
    }
    Ok(())
}

/// The caller: the user of the access key that signed or logged in. If the scenario has no such
/// key, the first user of the first tenant.
fn caller(call: &DrsCall<'_>) -> Owner {
    let first = call.plan().owner(0);
    match call.key() {
        Some(key) if key.domain.is_empty() => {
            Owner { user_name: key.user.clone(), ..first.clone() }
        }
        Some(key) => Owner { domain_name: key.domain.clone(), user_name: key.user.clone() },
        None => first.clone(),
    }
}

/// Whether a job other than the given one has the name, in upper or lower case (huaweicloudsdkdrs
/// 3.1.219).
pub(crate) fn is_taken(view: &View<'_>, name: &str, except: Option<TransferKey>) -> bool {
    !name.is_empty() && named(view, name).any(|key| Some(key) != except)
}

/// The jobs of that name, committed or not.
pub(crate) fn named<'v>(view: &View<'v>, name: &'v str) -> impl Iterator<Item = TransferKey> + 'v {
    let view = *view;
    let View { plan, projection, now } = view;
    let exists = |index: &u64| plan.jobs.arrivals.indexes_at(now).contains(index);
    let generated = named_index(name).filter(exists).map(Member::Synthetic);
    let generated = generated.map(|member| TransferKey { member, nth: 0 });
    let is_given =
        move |key: &TransferKey| Some(*key) != generated && !matches!(key.member, Member::Fixed(_));
    let fixed = plan.transfers.fixed.iter().filter(move |record| record.born <= now);
    generated
        .into_iter()
        .chain(fixed.map(|record| record.value))
        .chain(projection.given_name(name).filter(is_given))
        .filter(move |key| transfer::name(&view, *key).eq_ignore_ascii_case(name))
}
