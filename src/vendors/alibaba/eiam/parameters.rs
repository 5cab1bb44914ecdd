//! Parameters that several operations have.

use std::collections::BTreeSet;

use super::quirks::Quirks;
use super::target::{self, Application, Provider, SyncTarget, TargetType};
use super::{EiamCall, View, resource};
use crate::fault::RequestedPage;
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};
use crate::world::paging::Page;

/// Maximum length of ids in characters (vendor's metadata).
const MAX_ID_LENGTH: usize = 64;

/// The instance that the call names.
pub(crate) fn instance_id<'c>(call: &'c EiamCall<'_>) -> Result<&'c str, ApiError> {
    let refuse = |rule| ApiError::parameter("InstanceId", rule).hint(hint_for_instance(call));
    let id = call.arguments().text("InstanceId").ok_or_else(|| refuse(Rule::Required))?;
    if id.chars().count() > MAX_ID_LENGTH {
        return Err(refuse(Rule::Length(MAX_ID_LENGTH)));
    }
    Ok(id)
}

/// Checks that the instance is the scenario's. Called once all parameters are known to be valid,
/// because the gateway checks them before the product does (inferred).
pub(crate) fn check_instance(call: &EiamCall<'_>, instance_id: &str) -> Result<(), ApiError> {
    if instance_id == call.plan().instance_id {
        return Ok(());
    }
    Err(ApiError::not_found(resource::INSTANCE, instance_id).hint(hint_for_instance(call)))
}

fn hint_for_instance(call: &EiamCall<'_>) -> String {
    format!("the instance of this scenario is {}", call.plan().instance_id)
}

pub(crate) fn job_id<'c>(call: &'c EiamCall<'_>) -> Result<&'c str, ApiError> {
    text(call.arguments(), "SynchronizationJobId", MAX_ID_LENGTH)
}

pub(crate) fn provider_id<'c>(call: &'c EiamCall<'_>) -> Result<&'c str, ApiError> {
    text(call.arguments(), "IdentityProviderId", MAX_ID_LENGTH)
}

pub(crate) fn application_id<'c>(call: &'c EiamCall<'_>) -> Result<&'c str, ApiError> {
    text(call.arguments(), "ApplicationId", MAX_ID_LENGTH)
}

/// A required text of at most `max` characters.
pub(crate) fn text<'a>(
    arguments: &'a Arguments,
    name: &'static str,
    max: usize,
) -> Result<&'a str, ApiError> {
    let text = optional_text(arguments, name, max)?;
    text.ok_or_else(|| ApiError::parameter(name, Rule::Required))
}

/// A text of at most `max` characters, if it was sent.
pub(crate) fn optional_text<'a>(
    arguments: &'a Arguments,
    name: &'static str,
    max: usize,
) -> Result<Option<&'a str>, ApiError> {
    match arguments.text(name) {
        Some(text) if text.chars().count() > max => {
            let hint = format!("{name} has at most {max} characters");
            Err(ApiError::parameter(name, Rule::Length(max)).hint(hint))
        }
        text => Ok(text),
    }
}

/// True or false, in upper or lower case: SDKs send either.
pub(crate) fn flag(arguments: &Arguments, name: &'static str) -> Result<Option<bool>, ApiError> {
    let Some(text) = arguments.text(name) else { return Ok(None) };
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(ApiError::parameter(name, Rule::Boolean).hint(format!("{name} is true or false"))),
    }
}

/// The ids of a flat list, without empty ones.
pub(crate) fn id_list<'a>(arguments: &'a Arguments, name: &str) -> BTreeSet<&'a str> {
    arguments.list(name).into_iter().filter(|text| !text.is_empty()).collect()
}

const MAX_PAGE_SIZE: u64 = 100;
const DEFAULT_PAGE_SIZE: u64 = 20;

/// The number of rows on a page (bounds and default of the vendor's metadata for jobs, inferred
/// for the rest; that values outside are refused and not clamped is inferred).
pub(crate) fn page_size(
    arguments: &Arguments,
    name: &'static str,
    quirks: &Quirks,
) -> Result<u64, ApiError> {
    let size = quirks.over_limit.size(arguments, name, MAX_PAGE_SIZE)?;
    Ok(size.unwrap_or(DEFAULT_PAGE_SIZE))
}

/// `PageNumber` and `PageSize`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberedPage {
    /// From 1.
    number: u64,
    size: u64,
}

impl NumberedPage {
    pub(crate) fn from_arguments(arguments: &Arguments, quirks: &Quirks) -> Result<Self, ApiError> {
        let number = quirks.page_zero.number(arguments, "PageNumber", i64::MAX)?;
        Ok(Self { number, size: page_size(arguments, "PageSize", quirks)? })
    }

    pub(crate) fn requested(self) -> RequestedPage {
        RequestedPage::Number(self.number)
    }

    /// The page of a list with that many rows.
    pub(crate) fn page(self, quirks: &Quirks, total: u64) -> Result<Page, ApiError> {
        let page = Page::numbered(quirks.pages.into(), self.number - 1, self.size);
        quirks.past_the_end.settle(page, total).map_err(|last| {
            let rule = Rule::AtMost(last.number() as i64 + 1);
            ApiError::parameter("PageNumber", rule).hint(format!(
                "there are {total} rows, and a page past them is refused here \
                 (eiam.quirks.past_the_end = \"refuse\")"
            ))
        })
    }

    /// The total that the page reports, and the rows that it shows of all.
    #[expect(clippy::expect_used, reason = "a page's rows are below the total")]
    pub(crate) fn rows<T>(
        self,
        quirks: &Quirks,
        all: Vec<T>,
    ) -> Result<(Option<u64>, Vec<T>), ApiError> {
        let total = all.len() as u64;
        let page = self.page(quirks, total)?;
        let mut all: Vec<Option<T>> = all.into_iter().map(Some).collect();
        let row = |row: u64| all[row as usize].take().expect("a page shows each row once");
        Ok((page.reported(quirks.total.into(), total), page.rows(total).map(row).collect()))
    }
}

/// The page that a call of a list asks for that has only numbered pages.
pub(crate) fn requested_page(
    plan: &super::scenario::EiamPlan,
    arguments: &Arguments<'_>,
) -> RequestedPage {
    let page = NumberedPage::from_arguments(arguments, &plan.quirks);
    page.map_or(RequestedPage::FIRST, NumberedPage::requested)
}

/// The identity provider of that id, with its index in the plan.
pub(crate) fn known_provider<'v>(
    view: &View<'v>,
    id: &str,
) -> Result<(usize, &'v SyncTarget, &'v Provider), ApiError> {
    let found = target::providers(view).find(|(_, target, _)| target.id == id);
    found.ok_or_else(|| unknown_target(view, TargetType::IdentityProvider, id))
}

/// The application of that id.
pub(crate) fn known_application<'v>(
    view: &View<'v>,
    id: &str,
) -> Result<(&'v SyncTarget, &'v Application), ApiError> {
    let found = target::applications(view).find(|(target, _)| target.id == id);
    found.ok_or_else(|| unknown_target(view, TargetType::Application, id))
}

/// The target of that type and id, with its index in the plan.
pub(crate) fn known_target<'v>(
    view: &View<'v>,
    kind: TargetType,
    id: &str,
) -> Result<(usize, &'v SyncTarget), ApiError> {
    target::find(view, kind, id).ok_or_else(|| unknown_target(view, kind, id))
}

fn unknown_target(view: &View<'_>, kind: TargetType, id: &str) -> ApiError {
    let resource = match kind {
        TargetType::Application => resource::APPLICATION,
        TargetType::IdentityProvider => resource::IDENTITY_PROVIDER,
    };
    let error = ApiError::not_found(resource, id);
    match target::all(view).find(|(_, target)| target.target_type() == kind) {
        Some((_, target)) => error.hint(format!("there is {}", target.id)),
        None => error.hint(format!("this scenario has no {}", kind.wire())),
    }
}
