//! StartSyncTask, StopSyncTask and DeleteSyncTask. Their answers are empty (python SDK
//! 3.1.219).

use super::bucket_credentials::{check_crypto, check_keys};
use super::event::OmsEvent;
use super::hints::with_hint;
use super::requested_task::RequestedTask;
use super::{Oms, OmsCall, OmsResult};
use crate::engine::Outcome;
use crate::wire::error::ApiError;
use crate::wire::{JsonObject, Payload, body};

pub(crate) fn start_sync_task(call: &OmsCall<'_>) -> OmsResult {
    let task = RequestedTask::from_call(call)?;
    let members = body(call.context().request)?;
    check_body(&JsonObject::new(&members)).map_err(with_hint)?;
    task.check_allowed(call)?;
    Ok(empty_answer(OmsEvent::Start { sync_task_id: task.id.to_owned() }))
}

/// In the order of the SDK's model.
fn check_body(body: &JsonObject<'_>) -> Result<(), ApiError> {
    check_keys(body, "src")?;
    check_keys(body, "dst")?;
    body.text("source_cdn_authentication_key")?;
    check_crypto(body, "source_cdn_")
}

pub(crate) fn stop_sync_task(call: &OmsCall<'_>) -> OmsResult {
    let task = RequestedTask::from_call(call)?;
    task.check_allowed(call)?;
    Ok(empty_answer(OmsEvent::Stop { sync_task_id: task.id.to_owned() }))
}

pub(crate) fn delete_sync_task(call: &OmsCall<'_>) -> OmsResult {
    let task = RequestedTask::from_call(call)?;
    task.check_allowed(call)?;
    Ok(empty_answer(OmsEvent::Delete { sync_task_id: task.id.to_owned() }))
}

pub(crate) fn empty_answer(event: OmsEvent) -> Outcome<Oms> {
    Outcome::from(Payload { status: 200, headers: vec![], body: vec![] }).recording(event)
}
