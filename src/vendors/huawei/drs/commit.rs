//! CommitAsyncJob: the jobs of a batch whose parameters are right are created.

use serde::Serialize;

use super::async_job_state::AsyncJobState;
use super::event::DrsEvent;
use super::subject::{allowed_batch, is_ours};
use super::{DrsCall, DrsResult};

#[derive(Serialize)]
struct CommitAsyncJobResponse<'a> {
    job: CommittedJob<'a>,
}

#[derive(Serialize)]
struct CommittedJob<'a> {
    async_job_id: &'a str,
    status: &'a str,
    /// The vendor's text is not known.
    msg: &'a str,
}

pub(crate) fn commit_async_job(call: &DrsCall<'_>) -> DrsResult {
    let ours = is_ours(call)?;
    let (_, async_job_id) = allowed_batch(call, ours)?;
    let status = call.plan().table.name(AsyncJobState::Committed);
    let job = CommittedJob { async_job_id, status, msg: "success" };
    let event = DrsEvent::Commit { async_job_id: async_job_id.to_owned() };
    Ok(call.render(&CommitAsyncJobResponse { job })?.recording(event))
}
