//! StartSyncTask, StopSyncTask and DeleteSyncTask. Their answers are empty (python SDK
//! 3.1.219).

use super::change::Change;
use super::credentials;
use super::hints::hinted;
use super::subject::{allowed_now, is_ours, sync_task_id};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::Refusal;
use crate::wire::{Object, Payload, body};

pub fn start(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let ours = is_ours(call)?;
    let id = sync_task_id(call)?;
    let members = body(call.exchange().request)?;
    check_keys(&Object::new(&members)).map_err(hinted)?;
    allowed_now(call, ours, id)?;
    Ok(done(Change::Start { sync_task_id: id.to_owned() }))
}

/// In the order of the SDK's model.
fn check_keys(body: &Object<'_>) -> Result<(), Refusal> {
    credentials::check(body, "src")?;
    credentials::check(body, "dst")?;
    body.text("source_cdn_authentication_key")?;
    credentials::check_crypto(body, "source_cdn_")
}

pub fn stop(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let ours = is_ours(call)?;
    let id = sync_task_id(call)?;
    allowed_now(call, ours, id)?;
    Ok(done(Change::Stop { sync_task_id: id.to_owned() }))
}

pub fn delete(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let ours = is_ours(call)?;
    let id = sync_task_id(call)?;
    allowed_now(call, ours, id)?;
    Ok(done(Change::Delete { sync_task_id: id.to_owned() }))
}

/// The empty answer.
pub fn done(change: Change) -> Granted {
    Granted::from(Payload { status: 200, headers: vec![], body: vec![] }).changing(change)
}
