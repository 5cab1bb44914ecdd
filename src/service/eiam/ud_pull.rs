//! EnableIdentityProviderUdPull and DisableIdentityProviderUdPull.

use serde::Serialize;

use super::View;
use super::change::Change;
use super::errors;
use super::parameters::{identity_provider, instance, known, provider_id};
use super::provider_type::TYPES;
use super::render;
use super::state::{ENABLE, PULL};
use super::target::{Direction, pull};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::Refusal;
use crate::world::lifecycle::State;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    request_id: String,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let operation = call.target().operation.name;
    let instance_id = instance(call)?;
    let id = provider_id(call)?;
    known(call, instance_id)?;
    switched(&super::view(call), id, operation)?;
    let identity_provider_id = id.to_owned();
    // Also what is so already: it may not be once somebody changes what came before.
    let change = match operation {
        ENABLE => Change::EnableUdPull { identity_provider_id },
        _ => Change::DisableUdPull { identity_provider_id },
    };
    Ok(render(call, "", &Answer { request_id: call.exchange().alibaba_id() })?.changing(change))
}

/// The provider's place in the plan, and what the operation makes of its pull; none if that
/// is so already.
///
/// # Errors
/// If there is no such provider, it is locked, or of a type that nothing is pulled from
/// (inferred).
pub fn switched(
    view: &View<'_>,
    id: &str,
    operation: &str,
) -> Result<(usize, Option<State>), Refusal> {
    let (place, _, provider) = identity_provider(view, id)?;
    if !provider.kind.is(Direction::Ingress) {
        let pulled = TYPES.iter().filter(|row| row.is(Direction::Ingress));
        let urns: Vec<&str> = pulled.map(|row| row.urn).collect();
        let hint = format!("its type is {}; pulled from is {}", provider.kind.urn, urns.join(", "));
        return Err(Refusal::own(&errors::PULL_UNSUPPORTED, "").hint(hint));
    }
    if provider.lock_reason.is_some() {
        return Err(errors::locked());
    }
    Ok((place, PULL.moved(operation, pull(view, place, provider))))
}
