//! RunSynchronizationJob: creates a job, which starts at once (vendor's page).

use std::sync::Arc;

use serde::Serialize;

use super::errors;
use super::event::{EiamEvent, Scope};
use super::job;
use super::parameters::{
    check_instance, flag, id_list, instance_id, known_target, optional_text, text,
};
use super::target::{TargetType, unready};
use super::{EiamCall, EiamResult, render};
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};
use crate::world::population::created_index;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RunSynchronizationJobResponse {
    request_id: String,
    synchronization_job_id: String,
}

/// In characters (vendor's metadata).
const MAX_TEXT_LENGTH: usize = 128;
const TARGET_TYPES: &[&str] = &["identity_provider", "application"];

pub(crate) fn run_synchronization_job(call: &EiamCall<'_>) -> EiamResult {
    let view = call.view();
    let arguments = call.arguments();
    let instance_id = instance_id(call)?;
    let target_id = text(arguments, "TargetId", MAX_TEXT_LENGTH)?;
    let target_type = match arguments.one_of("TargetType", TARGET_TYPES)? {
        Some("application") => TargetType::Application,
        Some(_) => TargetType::IdentityProvider,
        None => return Err(ApiError::parameter("TargetType", Rule::Required)),
    };
    let description = optional_text(arguments, "Description", MAX_TEXT_LENGTH)?;
    // No figure depends on passwords, fields, and how users are identified. UserIdentityTypes and
    // SelectedFieldNames may have any values: the vendor's page and its metadata disagree about
    // those that exist.
    flag(arguments, "PasswordInitialization")?;
    flag(arguments, "FieldSelectionEnabled")?;
    check_instance(call, instance_id)?;

    let (index, target) = known_target(&view, target_type, target_id)?;
    if let Some(reason) = unready(&view, index, target) {
        return Err(errors::unready(reason));
    }
    let index = created_index(call.change_ordinal());
    let response = RunSynchronizationJobResponse {
        request_id: call.request_id(),
        synchronization_job_id: job::job_id(view.plan, index, call.now()),
    };
    let event = EiamEvent::Run {
        target_id: target_id.to_owned(),
        description: description.map(Arc::from),
        scope: scope(arguments).map(Arc::new),
    };
    Ok(render(call, "", &response)?.recording(event))
}

/// The users that the job is restricted to, if any.
fn scope(arguments: &Arguments) -> Option<Scope> {
    let ids = |name: &str| -> Vec<String> {
        let name = format!("SynchronizationScopeConfig.{name}");
        id_list(arguments, &name).into_iter().map(str::to_owned).collect()
    };
    let scope = Scope {
        user_ids: ids("UserIds"),
        organizational_unit_ids: ids("OrganizationalUnitIds"),
        group_ids: ids("GroupIds"),
    };
    (scope != Scope::default()).then_some(scope)
}
