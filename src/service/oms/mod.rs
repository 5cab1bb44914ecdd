//! Huawei Cloud OMS v2: synchronization tasks.

mod change;
mod errors;
mod scenario;
mod statistics;
mod task;
#[cfg(test)]
mod tests;

use http::Method;

pub use change::{Change, Changes};
pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Admitted, Gateway};

type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().oms, changes: &call.changes().oms, now: call.now() }
}

pub static SERVICE: Service = Service {
    name: "oms",
    title: "Huawei Cloud OMS",
    gateway: Gateway::Huawei,
    product: "OMS",
    operations: &[Operation {
        // As in huaweicloudsdkoms 3.1.219.
        name: "ListSyncTaskStatistic",
        summary: "Counts a synchronization task's objects by five minutes or hours",
        route: Route::Path {
            method: Method::GET,
            template: "/v2/{project_id}/sync-tasks/{sync_task_id}/statistics",
        },
        evidence: Evidence::Documented,
        public: false,
        handler: statistics::handle,
    }],
    machines: &[],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
