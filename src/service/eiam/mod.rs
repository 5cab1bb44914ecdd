//! Alibaba Cloud IDaaS EIAM, 2021-12-01.
//!
//! Neither the vendor's pages nor its metadata publish an error code of this product, so
//! its codes are the gateway's patterns, or the product's own as its samples show them; the
//! scenario chooses (`eiam.quirks.error_style`).

mod job;
mod list;
mod scenario;
#[cfg(test)]
mod tests;
mod token;

use http::Method;

pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Exchange, Gateway};
use crate::wire::refusal::{Reason, Rule, Thing, VendorError};
use scenario::ErrorStyle;

pub static SERVICE: Service = Service {
    name: "eiam",
    title: "Alibaba Cloud IDaaS EIAM",
    gateway: Gateway::Alibaba,
    product: "Eiam",
    operations: &[Operation {
        name: "ListSynchronizationJobs",
        summary: "Lists the synchronization jobs of an instance",
        route: Route::Action { version: "2021-12-01", methods: &[Method::GET, Method::POST] },
        evidence: Evidence::Documented,
        public: false,
        handler: list::handle,
    }],
    catalogue: &[],
    errors,
};

fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    match reason {
        // Inferred: no source shows this product's answer to an unknown id.
        Reason::Unknown { thing: Thing::Instance, .. } => Some(VendorError::new(
            404,
            "ResourceNotFound.Instance",
            "The specified resource Instance is not found.",
        )),
        Reason::Parameters(violations) if exchange.plan.eiam.error_style == ErrorStyle::Product => {
            violations.first().map(|violation| {
                let name = &violation.parameter;
                // The wording of the first is the vendor's (Result.ErrorMessage in its SDK
                // models); its use as a top-level error, and the second, are inferred.
                match violation.rule {
                    Rule::Required => VendorError::new(
                        400,
                        format!("MissingParameter.{name}"),
                        format!("The specified parameter {name} is required!"),
                    ),
                    _ => VendorError::new(
                        400,
                        format!("InvalidParameter.{name}"),
                        format!("The specified parameter {name} is not valid."),
                    ),
                }
            })
        }
        _ => None,
    }
}
