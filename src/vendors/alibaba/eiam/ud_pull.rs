//! EnableIdentityProviderUdPull and DisableIdentityProviderUdPull.

use serde::Serialize;

use super::errors;
use super::event::EiamEvent;
use super::parameters::{check_instance, instance_id, known_provider, provider_id};
use super::provider_type::TYPES;
use super::state::{DISABLE, ENABLE, PULL, PullState};
use super::target::{Direction, pull};
use super::{EiamCall, EiamResult, View, render};
use crate::wire::error::ApiError;

/// Shared by both operations.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SwitchUdPullResponse {
    request_id: String,
}

pub(crate) fn enable_identity_provider_ud_pull(call: &EiamCall<'_>) -> EiamResult {
    switch_pull(call, ENABLE, |identity_provider_id| EiamEvent::EnableUdPull {
        identity_provider_id,
    })
}

pub(crate) fn disable_identity_provider_ud_pull(call: &EiamCall<'_>) -> EiamResult {
    switch_pull(call, DISABLE, |identity_provider_id| EiamEvent::DisableUdPull {
        identity_provider_id,
    })
}

fn switch_pull(
    call: &EiamCall<'_>,
    operation: &str,
    event: impl FnOnce(String) -> EiamEvent,
) -> EiamResult {
    let instance_id = instance_id(call)?;
    let id = provider_id(call)?;
    check_instance(call, instance_id)?;
    transition(&call.view(), id, operation)?;
    // Recorded even if it changes nothing: it may do so once somebody changes what came before.
    let event = event(id.to_owned());
    let response = SwitchUdPullResponse { request_id: call.request_id() };
    Ok(render(call, "", &response)?.recording(event))
}

/// The provider's index in the plan, and the state that the operation puts its pull into; no
/// state if it is in that state already.
///
/// # Errors
/// If there is no such provider, it is locked, or its type is not pulled from (inferred).
pub(crate) fn transition(
    view: &View<'_>,
    id: &str,
    operation: &str,
) -> Result<(usize, Option<PullState>), ApiError> {
    let (index, _, provider) = known_provider(view, id)?;
    if !provider.kind.is(Direction::Ingress) {
        let pulled = TYPES.iter().filter(|row| row.is(Direction::Ingress));
        let urns: Vec<&str> = pulled.map(|row| row.urn).collect();
        let hint = format!("its type is {}; pulled from is {}", provider.kind.urn, urns.join(", "));
        return Err(ApiError::own(&errors::PULL_UNSUPPORTED, "").hint(hint));
    }
    if provider.lock_reason.is_some() {
        return Err(errors::locked());
    }
    Ok((index, PULL.transition(operation, pull(view, index, provider))))
}
