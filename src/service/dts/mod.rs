//! Alibaba Cloud DTS, 2020-01-01: the data synchronization operations.
//!
//! The vendor's pages say little about bad requests; each behaviour that is inferred has a
//! switch in the scenario (`dts.quirks`).

mod change;
mod client_token;
mod errors;
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

pub use change::{Change, Changes};
pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Admitted, Gateway};

const ROUTE: Route = Route::Action { version: "2020-01-01", methods: &[Method::GET, Method::POST] };

type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().dts, changes: &call.changes().dts, now: call.now() }
}

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
    machines: &[],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
