//! RunSynchronizationJob: a new job, which starts at once (vendor's page).

use serde::Serialize;

use super::change::Change;
use super::job::job_id;
use super::list::{instance, known};
use super::scenario::TargetType;
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule, Thing};
use crate::world::population::created_index;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    request_id: String,
    synchronization_job_id: String,
}

/// Vendor's metadata.
const LONGEST: usize = 128;
const TARGET_TYPES: &[&str] = &["identity_provider", "application"];
/// The SDKs send either spelling.
const BOOLEANS: &[&str] = &["true", "false", "True", "False"];

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let arguments = call.arguments();
    let instance_id = instance(call)?;
    let target_id = required(arguments, "TargetId")?;
    let target_type = arguments.one_of("TargetType", TARGET_TYPES)?;
    let target_type =
        target_type.ok_or_else(|| Refusal::parameter("TargetType", Rule::Required))?;
    let description = arguments.text("Description");
    if description.is_some_and(|text| text.chars().count() > LONGEST) {
        return Err(Refusal::parameter("Description", Rule::Length(LONGEST)));
    }
    // These narrow down what is synchronized; the figures of a mock do not depend on them.
    arguments.one_of("PasswordInitialization", BOOLEANS)?;
    arguments.one_of("FieldSelectionEnabled", BOOLEANS)?;
    known(call, instance_id)?;

    let wanted = |kind: TargetType| kind.wire() == target_type;
    let target = view.plan.targets.iter().find(|t| t.id == target_id && wanted(t.kind));
    if target.is_none() {
        let thing = match target_type {
            "application" => Thing::Application,
            _ => Thing::IdentityProvider,
        };
        let mut known = view.plan.targets.iter().filter(|target| wanted(target.kind));
        let refusal = Refusal::unknown(thing, target_id);
        return Err(match known.next() {
            Some(target) => refusal.hint(format!("there is {}", target.id)),
            None => refusal.hint(format!("this scenario has no {target_type}")),
        });
    }
    let answer = Answer {
        request_id: call.exchange().alibaba_id(),
        synchronization_job_id: job_id(view.plan, created_index(call.number()), call.now()),
    };
    let change = Change::Run {
        target_id: target_id.to_owned(),
        description: description.map(str::to_owned),
    };
    Ok(call.render(&answer)?.changing(change))
}

fn required<'a>(arguments: &'a Arguments, name: &'static str) -> Result<&'a str, Refusal> {
    let text = arguments.text(name).ok_or_else(|| Refusal::parameter(name, Rule::Required))?;
    if text.chars().count() > LONGEST {
        return Err(Refusal::parameter(name, Rule::Length(LONGEST)));
    }
    Ok(text)
}
