//! CommitAsyncJob: the jobs of a batch whose parameters are right are created.

use serde::Serialize;

use super::acted_on;
use super::change::Change;
use super::state::{COMMIT, COMMITTED};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::Refusal;

#[derive(Serialize)]
struct Answer<'a> {
    job: Committed<'a>,
}

#[derive(Serialize)]
struct Committed<'a> {
    async_job_id: &'a str,
    status: &'a str,
    /// The vendor's text is not known.
    msg: &'a str,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    super::project(call)?;
    let (_, id) = acted_on(call, COMMIT)?;
    let status = super::view(call).plan.machine.name(COMMITTED);
    let job = Committed { async_job_id: &id, status, msg: "success" };
    let granted = call.render(&Answer { job })?;
    Ok(granted.changing(Change::Commit { async_job_id: id }))
}
