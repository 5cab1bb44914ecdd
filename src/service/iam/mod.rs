//! Huawei Cloud IAM, as far as the SDKs call it on the way to another service.

mod projects;
mod scenario;

use http::Method;

pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Exchange, Gateway};
use crate::wire::refusal::{Reason, VendorError};

pub static SERVICE: Service = Service {
    name: "iam",
    title: "Huawei Cloud IAM",
    gateway: Gateway::Huawei,
    product: "IAM",
    operations: &[Operation {
        name: "KeystoneListProjects",
        summary: "Finds a project by its region, as SDKs without a project id do first",
        route: Route::Path { method: Method::GET, template: "/v3/projects" },
        evidence: Evidence::Sdk,
        public: false,
        handler: projects::handle,
    }],
    catalogue: &[],
    errors,
};

/// IAM's refusals are the gateway's.
fn errors(_: &Exchange<'_>, _: &Reason) -> Option<VendorError> {
    None
}
