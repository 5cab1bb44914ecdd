//! Huawei Cloud DRS, v5: the jobs that are created in batches.
//!
//! Its codes and wordings are those of the vendor's error page; which of them answers which
//! slip is inferred, and where the documented sample says otherwise the scenario chooses
//! (`drs.quirks.bad_request`).

mod change;
mod errors;
mod job;
mod list;
mod scenario;
#[cfg(test)]
mod tests;

use http::Method;

pub use change::{Change, Changes};
pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Admitted, Gateway};

type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().drs, changes: &call.changes().drs, now: call.now() }
}

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
    machines: &[],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
