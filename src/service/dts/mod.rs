//! Alibaba Cloud DTS, 2020-01-01: the data synchronization operations.
//!
//! The vendor's pages say little about bad requests; each behaviour that is inferred has a
//! switch in the scenario (`dts.quirks`).

mod asked;
mod change;
mod client_token;
mod configuration;
mod configure;
mod create;
mod dts_job_detail;
mod dts_jobs;
mod dts_shape;
mod errors;
mod figures;
mod filter;
mod id;
mod initialization_status;
mod job;
mod list;
mod page;
mod quirks;
mod row;
mod scenario;
mod shape;
mod state;
mod status;
mod status_list;
mod steer;
mod subject;
mod task;
#[cfg(test)]
mod tests;
mod verdict;

use http::Method;

pub use change::{Change, Changes};
pub use scenario::{Plan, Section};

use super::{AsOf, Evidence, Operation, Route, Service};
use crate::gateway::{Admitted, Gateway};

const ROUTE: Route = Route::Action { version: "2020-01-01", methods: &[Method::GET, Method::POST] };

type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().dts, changes: &call.changes().dts, now: call.now() }
}

/// What operations that read see.
fn read<'a>(call: &Admitted<'a>) -> AsOf<'a> {
    AsOf::read(call, call.plan().dts.quirks.stale_reads)
}

/// What those see that show a page.
fn read_page<'a>(call: &Admitted<'a>) -> AsOf<'a> {
    let plan = &call.plan().dts;
    AsOf::page(call, plan.paging, plan.quirks.stale_reads)
}

fn view_as_of<'v>(as_of: &'v AsOf<'_>) -> View<'v> {
    View { plan: &as_of.plan.dts, changes: &as_of.changes.dts, now: as_of.at }
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
        Operation {
            name: "DescribeSynchronizationJobStatus",
            summary: "Shows a data synchronization instance, or one direction of it",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: status::handle,
        },
        Operation {
            name: "DescribeInitializationStatus",
            summary: "Shows how far the tables of a data synchronization instance are copied",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: initialization_status::handle,
        },
        Operation {
            name: state::CREATE,
            summary: "Buys a data synchronization instance",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: create::handle,
        },
        Operation {
            name: state::CONFIGURE,
            summary: "Says what a data synchronization instance synchronizes, and starts it",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: configure::handle,
        },
        Operation {
            name: state::START,
            summary: "Starts a data synchronization task",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: steer::start,
        },
        Operation {
            name: state::SUSPEND,
            summary: "Pauses a data synchronization task",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: steer::suspend,
        },
        Operation {
            name: state::RESET,
            summary: "Clears the configuration of a data synchronization task",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: steer::reset,
        },
        Operation {
            name: state::DELETE,
            summary: "Releases a data synchronization instance",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: steer::delete,
        },
        Operation {
            name: "DescribeDtsJobs",
            summary: "Lists DTS tasks: migrations unless JobType says otherwise",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: dts_jobs::handle,
        },
        Operation {
            name: "DescribeDtsJobDetail",
            summary: "Shows a DTS task",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: dts_job_detail::handle,
        },
    ],
    machines: &[&state::TASK],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
