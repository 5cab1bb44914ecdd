//! Alibaba Cloud IDaaS EIAM, 2021-12-01.

mod errors;
mod get;
mod job;
mod list;
mod scenario;
#[cfg(test)]
mod tests;
mod token;

use http::Method;

pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::Gateway;

const ROUTE: Route = Route::Action { version: "2021-12-01", methods: &[Method::GET, Method::POST] };

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
    ],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
