//! Alibaba Cloud DTS, 2020-01-01: the data synchronization operations.
//!
//! The vendor's pages say little about bad requests; each behaviour that is inferred has a
//! switch in the scenario (`dts.quirks`).

mod client_token;
mod id;
mod job;
mod list;
mod row;
mod scenario;
mod state;
mod status_list;
mod subject;
#[cfg(test)]
mod tests;

use http::Method;

pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Exchange, Gateway};
use crate::wire::refusal::{Reason, Rule, Thing, VendorError};

const ROUTE: Route = Route::Action { version: "2020-01-01", methods: &[Method::GET, Method::POST] };

pub static SERVICE: Service = Service {
    name: "dts",
    title: "Alibaba Cloud DTS",
    gateway: Gateway::Alibaba,
    product: "Dts",
    operations: &[
        Operation {
            name: "DescribeSynchronizationJobStatusList",
            summary: "Queries the status of data synchronization instances by their ids",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: status_list::handle,
        },
        Operation {
            name: "DescribeSynchronizationJobs",
            summary: "Lists data synchronization instances with their details",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: list::handle,
        },
    ],
    catalogue: &[],
    errors,
};

/// Business errors of this product have status 403 (error table of ConfigureDtsJob, real
/// answers in terraform-provider-alicloud issues 4068 and 5054); a missing parameter is the
/// gateway's affair.
fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    match reason {
        // The code is terraform-provider-alicloud's; the wording is inferred.
        Reason::Unknown { thing: Thing::Job, .. } => {
            Some(VendorError::new(403, "InvalidJobId", "The specified job id is invalid."))
        }
        Reason::Parameters(violations) => {
            violations.first().filter(|violation| violation.rule != Rule::Required).map(
                |violation| {
                    let name = &violation.parameter;
                    let status = match &**name {
                        client_token::NAME => exchange.plan.dts.quirks.client_token.status(),
                        _ => 403,
                    };
                    // The vendor's text, its `%s` filled in.
                    let message = format!("The Value of Input Parameter {name} is not valid");
                    VendorError::new(status, "InvalidParameter", message)
                },
            )
        }
        _ => None,
    }
}
