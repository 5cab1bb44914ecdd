//! GetSynchronizationJob: a row of the list by its id, without what only the list has.

use serde::Serialize;

use super::change::looked;
use super::job::{Job, find, job};
use super::parameters::{instance, job_id, known};
use super::{View, read, render, view_as_of};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Refusal, Thing};
use crate::world::population::Member;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    request_id: String,
    synchronization_job: Job,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = read(call);
    let view = view_as_of(&as_of);
    let instance_id = instance(call)?;
    let id = job_id(call)?;
    known(call, instance_id)?;
    let (member, job) = shown(&view, id).map_err(|refusal| match find(&super::view(call), id) {
        Some(_) => refusal.hint(
            "it is there by now, but reads of this scenario are stale \
                 (eiam.quirks.stale_reads)",
        ),
        None => refusal,
    })?;
    let look = looked(&super::view(call), [(member, &job)], None);
    let answer = Answer {
        request_id: call.exchange().alibaba_id(),
        synchronization_job: without_what_the_list_has(job),
    };
    Ok(render(call, "", &answer)?.changing(look))
}

/// The job of that id.
pub fn shown(view: &View<'_>, id: &str) -> Result<(Member, Job), Refusal> {
    let found = find(view, id).and_then(|member| Some((member, job(view, member)?)));
    found.ok_or_else(|| {
        Refusal::unknown(Thing::Job, id).hint("ListSynchronizationJobs lists the ids there are")
    })
}

/// `Description` and `Exported` are the list's alone (TS 2.18.2, python SDK 3.0.1).
fn without_what_the_list_has(mut job: Job) -> Job {
    job.description = None;
    if let Some(result) = &mut job.result {
        result.user_statistics.exported = None;
        result.organizational_unit_statistics.exported = None;
        result.group_statistics.exported = None;
        result.group_member_statistics.exported = None;
    }
    job
}
