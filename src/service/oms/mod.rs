//! Huawei Cloud OMS v2: synchronization tasks.

mod scenario;
mod statistics;
mod task;
#[cfg(test)]
mod tests;

use http::Method;

pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Exchange, Gateway};
use crate::wire::refusal::{Reason, Thing, VendorError};
use scenario::UnknownTask;

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
    catalogue: &[],
    errors,
};

fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    match reason {
        // Status, code, texts and the detail as in a real body in a public log; that it is
        // also the answer to a bad query is inferred.
        Reason::Parameters(violations) => {
            let error = VendorError::new(400, "OMS.0064", "Invalid request parameters.");
            Some(match violations.first() {
                Some(v) => error.detail(format!("request parameter [{}] invalid.", v.parameter)),
                None => error,
            })
        }
        // The page of the operation says 404 but no code: inferred.
        Reason::Unknown { thing: Thing::Task, .. } => {
            Some(match exchange.plan.oms.quirks.unknown_task {
                UnknownTask::NoResources => {
                    VendorError::new(404, "OMS.1009", "No resources found.")
                }
                UnknownTask::InvalidId => {
                    VendorError::new(404, "OMS.0054", "Invalid task ID. Enter a valid task ID.")
                }
            })
        }
        // The vendor's error page; its use for another's project is inferred.
        Reason::Unknown { thing: Thing::Project, .. } => Some(VendorError::new(
            403,
            "OMS.0206",
            "Insufficient permissions. You do not have the OMS operation permissions.",
        )),
        _ => None,
    }
}
