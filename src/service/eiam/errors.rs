//! The service's own errors. Neither the vendor's pages nor its metadata publish a code of
//! this product: the wording of MissingParameter is the vendor's (Result.ErrorMessage in its
//! SDK models), its use as a top-level error and the others are inferred.

use super::scenario::ErrorStyle;
use crate::gateway::Exchange;
use crate::wire::refusal::{CatalogueEntry, Reason, Rule, Thing, VendorError};

pub static CATALOGUE: &[CatalogueEntry] = &[
    CatalogueEntry {
        status: 404,
        code: "ResourceNotFound.SynchronizationJob",
        message: "The specified resource SynchronizationJob is not found.",
        chinese: None,
        provoke: "GetSynchronizationJob of an unknown id",
    },
    CatalogueEntry {
        status: 404,
        code: "ResourceNotFound.IdentityProvider",
        message: "The specified resource IdentityProvider is not found.",
        chinese: None,
        provoke: "RunSynchronizationJob for an unknown TargetId",
    },
    CatalogueEntry {
        status: 404,
        code: "ResourceNotFound.Application",
        message: "The specified resource Application is not found.",
        chinese: None,
        provoke: "RunSynchronizationJob for an unknown TargetId",
    },
    CatalogueEntry {
        status: 404,
        code: "ResourceNotFound.Instance",
        message: "The specified resource Instance is not found.",
        chinese: None,
        provoke: "another InstanceId",
    },
    CatalogueEntry {
        status: 400,
        code: "MissingParameter.{name}",
        message: "The specified parameter {name} is required!",
        chinese: None,
        provoke: "no InstanceId with eiam.quirks.error_style = \"product\"",
    },
    CatalogueEntry {
        status: 400,
        code: "InvalidParameter.{name}",
        message: "The specified parameter {name} is not valid.",
        chinese: None,
        provoke: "MaxResults=0 with eiam.quirks.error_style = \"product\"",
    },
];

pub fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    let error = |code, name: &str| Some(VendorError::of(CATALOGUE, code, false, name));
    match reason {
        Reason::Unknown { thing: Thing::Job, .. } => {
            error("ResourceNotFound.SynchronizationJob", "")
        }
        Reason::Unknown { thing: Thing::IdentityProvider, .. } => {
            error("ResourceNotFound.IdentityProvider", "")
        }
        Reason::Unknown { thing: Thing::Application, .. } => {
            error("ResourceNotFound.Application", "")
        }
        Reason::Unknown { thing: Thing::Instance, .. } => error("ResourceNotFound.Instance", ""),
        Reason::Parameters(violations) if exchange.plan.eiam.error_style == ErrorStyle::Product => {
            let violation = violations.first()?;
            let code = match violation.rule {
                Rule::Required => "MissingParameter.{name}",
                _ => "InvalidParameter.{name}",
            };
            error(code, &violation.parameter)
        }
        _ => None,
    }
}
