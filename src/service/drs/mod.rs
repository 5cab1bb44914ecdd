//! Huawei Cloud DRS, v5: the jobs that are created in batches.
//!
//! Its codes and wordings are those of the vendor's error page; which of them answers which
//! slip is inferred, and where the documented sample says otherwise the scenario chooses
//! (`drs.quirks.bad_request`).

mod job;
mod list;
mod scenario;
#[cfg(test)]
mod tests;

use http::Method;

pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Exchange, Gateway};
use crate::wire::refusal::{Reason, Thing, VendorError};
use scenario::BadRequest;

pub static SERVICE: Service = Service {
    name: "drs",
    title: "Huawei Cloud DRS",
    gateway: Gateway::Huawei,
    product: "DRS",
    operations: &[Operation {
        name: "ListAsyncJobs",
        summary: "Lists the jobs of a project that were created in batches",
        route: Route::Path { method: Method::GET, template: "/v5/{project_id}/batch-async-jobs" },
        evidence: Evidence::Documented,
        public: false,
        handler: list::handle,
    }],
    catalogue: &[],
    errors,
};

fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    match reason {
        Reason::Unknown { thing: Thing::Project, .. } => {
            Some(VendorError::new(403, "DRS.M00261", "Invalid project ID."))
        }
        Reason::Parameters(violations) => {
            let name = &violations.first()?.parameter;
            Some(match exchange.plan.drs.quirks.bad_request {
                // The sample of the vendor's page; its Chinese page has the same.
                BadRequest::Generic => VendorError::new(400, "DRS.10000001", "Failed."),
                BadRequest::Specific => VendorError::new(
                    400,
                    "DRS.M00202",
                    if exchange.wants_chinese() {
                        format!("{name}取值不合法")
                    } else {
                        format!("The value of parameter {name} is invalid.")
                    },
                ),
            })
        }
        _ => None,
    }
}
