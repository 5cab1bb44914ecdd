//! Parameters that several operations have.

use super::View;
use super::target::{self, Application, Provider, Target, TargetType, What};
use crate::gateway::Admitted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule, Thing};

/// Of ids, in characters (vendor's metadata).
const LONGEST_ID: usize = 64;

/// The instance that the call names.
pub fn instance<'c>(call: &'c Admitted<'_>) -> Result<&'c str, Refusal> {
    let refuse = |rule| Refusal::parameter("InstanceId", rule).hint(hint(call));
    let id = call.arguments().text("InstanceId").ok_or_else(|| refuse(Rule::Required))?;
    if id.chars().count() > LONGEST_ID {
        return Err(refuse(Rule::Length(LONGEST_ID)));
    }
    Ok(id)
}

/// Whether that is the scenario's; asked once all parameters are known to be good, for the
/// gateway looks at them before the product does (inferred).
pub fn known(call: &Admitted<'_>, instance_id: &str) -> Result<(), Refusal> {
    if instance_id == call.plan().eiam.instance_id {
        return Ok(());
    }
    Err(Refusal::unknown(Thing::Instance, instance_id).hint(hint(call)))
}

fn hint(call: &Admitted<'_>) -> String {
    format!("the instance of this scenario is {}", call.plan().eiam.instance_id)
}

pub fn job_id<'c>(call: &'c Admitted<'_>) -> Result<&'c str, Refusal> {
    text(call.arguments(), "SynchronizationJobId", LONGEST_ID)
}

pub fn provider_id<'c>(call: &'c Admitted<'_>) -> Result<&'c str, Refusal> {
    text(call.arguments(), "IdentityProviderId", LONGEST_ID)
}

pub fn application_id<'c>(call: &'c Admitted<'_>) -> Result<&'c str, Refusal> {
    text(call.arguments(), "ApplicationId", LONGEST_ID)
}

/// A required text of so many characters at most.
pub fn text<'a>(
    arguments: &'a Arguments,
    name: &'static str,
    longest: usize,
) -> Result<&'a str, Refusal> {
    let text = optional(arguments, name, longest)?;
    text.ok_or_else(|| Refusal::parameter(name, Rule::Required))
}

/// A text of so many characters at most, if it was sent.
pub fn optional<'a>(
    arguments: &'a Arguments,
    name: &'static str,
    longest: usize,
) -> Result<Option<&'a str>, Refusal> {
    match arguments.text(name) {
        Some(text) if text.chars().count() > longest => {
            let hint = format!("{name} has at most {longest} characters");
            Err(Refusal::parameter(name, Rule::Length(longest)).hint(hint))
        }
        text => Ok(text),
    }
}

/// True or false, in any case: the SDKs send either spelling.
pub fn flag(arguments: &Arguments, name: &'static str) -> Result<Option<bool>, Refusal> {
    let Some(text) = arguments.text(name) else { return Ok(None) };
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(Refusal::parameter(name, Rule::Boolean).hint(format!("{name} is true or false"))),
    }
}

/// A flat list, without the empty ones.
pub fn list<'a>(arguments: &'a Arguments, name: &str) -> Vec<&'a str> {
    arguments.list(name).into_iter().filter(|text| !text.is_empty()).collect()
}

/// 1 to 100, 20 if not sent (vendor's metadata for jobs, inferred for the rest; that values
/// outside are refused and not clamped is inferred).
pub fn size(arguments: &Arguments, name: &'static str) -> Result<u64, Refusal> {
    Ok(arguments.whole(name, 1..=100)?.map_or(20, i64::unsigned_abs))
}

/// `PageNumber` and `PageSize`.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// From 1.
    pub number: u64,
    pub size: u64,
}

impl Page {
    pub fn parse(arguments: &Arguments) -> Result<Self, Refusal> {
        let number = arguments.whole("PageNumber", 1..=i64::MAX)?.map_or(1, i64::unsigned_abs);
        Ok(Self { number, size: size(arguments, "PageSize")? })
    }

    /// How many rows come before it.
    pub fn skipped(self) -> u64 {
        (self.number - 1).saturating_mul(self.size)
    }

    /// The page of the rows, and how many rows there are.
    pub fn of<T>(self, rows: Vec<T>) -> (u64, Vec<T>) {
        let total = rows.len() as u64;
        let skipped = usize::try_from(self.skipped()).unwrap_or(usize::MAX);
        (total, rows.into_iter().skip(skipped).take(self.size as usize).collect())
    }
}

/// The identity provider of that id, with its place in the plan.
pub fn identity_provider<'v>(
    view: &View<'v>,
    id: &str,
) -> Result<(usize, &'v Target, &'v Provider), Refusal> {
    let (place, target) = found(view, TargetType::IdentityProvider, id)?;
    match &target.what {
        What::Provider(provider) => Ok((place, target, provider)),
        What::Application(_) => Err(Refusal::unknown(Thing::IdentityProvider, id)),
    }
}

/// The application of that id.
pub fn application<'v>(
    view: &View<'v>,
    id: &str,
) -> Result<(&'v Target, &'v Application), Refusal> {
    let (_, target) = found(view, TargetType::Application, id)?;
    match &target.what {
        What::Application(application) => Ok((target, application)),
        What::Provider(_) => Err(Refusal::unknown(Thing::Application, id)),
    }
}

/// The target of that kind and id, with its place in the plan.
pub fn found<'v>(
    view: &View<'v>,
    kind: TargetType,
    id: &str,
) -> Result<(usize, &'v Target), Refusal> {
    target::find(view, kind, id).ok_or_else(|| {
        let thing = match kind {
            TargetType::Application => Thing::Application,
            TargetType::IdentityProvider => Thing::IdentityProvider,
        };
        let refusal = Refusal::unknown(thing, id);
        match target::all(view).find(|(_, target)| target.kind() == kind) {
            Some((_, target)) => refusal.hint(format!("there is {}", target.id)),
            None => refusal.hint(format!("this scenario has no {}", kind.wire())),
        }
    })
}
