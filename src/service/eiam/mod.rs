//! Alibaba Cloud IDaaS EIAM, 2021-12-01.

mod change;
mod errors;
mod get;
mod job;
mod list;
mod run;
mod scenario;
mod state;
#[cfg(test)]
mod tests;
mod token;

use http::Method;

pub use change::{Change, Changes};
pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Admitted, Gateway};

const ROUTE: Route = Route::Action { version: "2021-12-01", methods: &[Method::GET, Method::POST] };
/// Vendor's metadata.
const POST: Route = Route::Action { version: "2021-12-01", methods: &[Method::POST] };

type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().eiam, changes: &call.changes().eiam, now: call.now() }
}

pub static SERVICE: Service = Service {
    name: "eiam",
    title: "Alibaba Cloud IDaaS EIAM",
    gateway: Gateway::Alibaba,
    product: "Eiam",
    operations: &[
        Operation {
            name: "ListSynchronizationJobs",
            summary: "Lists the synchronization jobs of an instance",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: list::handle,
        },
        Operation {
            name: "GetSynchronizationJob",
            summary: "Shows a synchronization job",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: get::handle,
        },
        Operation {
            name: "RunSynchronizationJob",
            summary: "Creates a synchronization job for a target, and starts it",
            route: POST,
            evidence: Evidence::Documented,
            public: false,
            handler: run::handle,
        },
    ],
    machines: &[&state::JOB],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
