//! Parameters that several operations have.

use super::View;
use super::quirks::Quirks;
use super::target::{self, Application, Provider, Target, TargetType, What};
use crate::gateway::Admitted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule, Thing};
use crate::world::pages::Page;

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

const LARGEST_PAGE: u64 = 100;

/// 1 to 100, 20 if not sent (vendor's metadata for jobs, inferred for the rest; that values
/// outside are refused and not clamped is inferred).
pub fn size(arguments: &Arguments, name: &'static str, quirks: &Quirks) -> Result<u64, Refusal> {
    Ok(quirks.over_limit.size(arguments, name, LARGEST_PAGE)?.unwrap_or(20))
}

/// `PageNumber` and `PageSize`.
#[derive(Clone, Copy, Debug)]
pub struct Numbered {
    /// From 0.
    number: u64,
    size: u64,
}

impl Numbered {
    pub fn parse(arguments: &Arguments, quirks: &Quirks) -> Result<Self, Refusal> {
        let number = quirks.page_zero.number(arguments, "PageNumber", i64::MAX)?;
        Ok(Self { number: number - 1, size: size(arguments, "PageSize", quirks)? })
    }

    /// The page of so many rows.
    pub fn page(self, quirks: &Quirks, total: u64) -> Result<Page, Refusal> {
        let page = Page::numbered(quirks.pages, self.number, self.size);
        quirks.past_the_end.settle(page, total).map_err(|last| {
            let rule = Rule::AtMost(last.number() as i64 + 1);
            Refusal::parameter("PageNumber", rule).hint(format!(
                "there are {total} rows, and a page past them is refused here \
                 (eiam.quirks.past_the_end = \"refuse\")"
            ))
        })
    }

    /// What the page says of the rows there are, and those of them that it shows.
    pub fn of<T>(self, quirks: &Quirks, all: Vec<T>) -> Result<(Option<u64>, Vec<T>), Refusal> {
        let total = all.len() as u64;
        let page = self.page(quirks, total)?;
        let mut all: Vec<Option<T>> = all.into_iter().map(Some).collect();
        let row = |place: u64| all.get_mut(usize::try_from(place).ok()?)?.take();
        Ok((page.claims(quirks.total, total), page.rows(total).filter_map(row).collect()))
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
