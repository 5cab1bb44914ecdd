//! RunSynchronizationJob: a new job, which starts at once (vendor's page).

use serde::Serialize;

use super::change::{Change, Scope};
use super::errors;
use super::job::job_id;
use super::parameters::{flag, found, instance, known, list, optional, text};
use super::render;
use super::target::{TargetType, unready};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule};
use crate::world::population::created_index;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    request_id: String,
    synchronization_job_id: String,
}

/// In characters (vendor's metadata).
const LONGEST: usize = 128;
const TARGET_TYPES: &[&str] = &["identity_provider", "application"];

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let arguments = call.arguments();
    let instance_id = instance(call)?;
    let target_id = text(arguments, "TargetId", LONGEST)?;
    let kind = match arguments.one_of("TargetType", TARGET_TYPES)? {
        Some("application") => TargetType::Application,
        Some(_) => TargetType::IdentityProvider,
        None => return Err(Refusal::parameter("TargetType", Rule::Required)),
    };
    let description = optional(arguments, "Description", LONGEST)?;
    // Passwords, fields and how users are told apart show in no figure. Any
    // UserIdentityTypes and SelectedFieldNames are good: the vendor's page and its metadata
    // disagree about what there is.
    flag(arguments, "PasswordInitialization")?;
    flag(arguments, "FieldSelectionEnabled")?;
    known(call, instance_id)?;

    let (place, target) = found(&view, kind, target_id)?;
    if let Some(reason) = unready(&view, place, target) {
        return Err(errors::unready(reason));
    }
    let answer = Answer {
        request_id: call.exchange().alibaba_id(),
        synchronization_job_id: job_id(view.plan, created_index(call.number()), call.now()),
    };
    let change = Change::Run {
        target_id: target_id.to_owned(),
        description: description.map(str::to_owned),
        scope: scope(arguments),
    };
    Ok(render(call, "", &answer)?.changing(change))
}

/// What the job is narrowed down to, if it is.
fn scope(arguments: &Arguments) -> Option<Scope> {
    let ids = |name: &str| -> Vec<String> {
        let name = format!("SynchronizationScopeConfig.{name}");
        list(arguments, &name).into_iter().map(str::to_owned).collect()
    };
    let scope = Scope {
        user_ids: ids("UserIds"),
        organizational_unit_ids: ids("OrganizationalUnitIds"),
        group_ids: ids("GroupIds"),
    };
    (scope != Scope::default()).then_some(scope)
}
