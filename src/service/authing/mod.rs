//! Authing's management API, version 3, as far as synchronization goes.
//!
//! The outcome of a call is the body's `statusCode`. Validation complains in the English of
//! class-validator, all failures of a request at once (vendor's SDK tests); that wording is
//! the gateway's, as nearly all others are.

mod change;
mod ids;
mod job;
pub mod jwt;
mod list;
mod number;
mod scenario;
mod schedule;
#[cfg(test)]
mod tests;
mod token;

use http::Method;

pub use change::{Change, Changes};
pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Admitted, Exchange, Gateway};
use crate::wire::refusal::{Reason, Thing, VendorError};
use scenario::UnknownTask;

type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().authing, changes: &call.changes().authing, now: call.now() }
}

pub static SERVICE: Service = Service {
    name: "authing",
    title: "Authing",
    gateway: Gateway::Authing,
    product: "authing",
    operations: &[
        Operation {
            name: "list-sync-jobs",
            summary: "Lists the jobs of a synchronization task",
            route: Route::Path { method: Method::GET, template: "/api/v3/list-sync-jobs" },
            evidence: Evidence::Documented,
            public: false,
            handler: list::handle,
        },
        Operation {
            name: "get-management-token",
            summary: "Gives the token that SDKs fetch before their first call",
            route: Route::Path { method: Method::POST, template: "/api/v3/get-management-token" },
            evidence: Evidence::Documented,
            public: true,
            handler: token::handle,
        },
    ],
    machines: &[],
    catalogue: &[],
    errors,
};

/// Nothing documents what an unknown task is answered: 404 and 602 are both inferred, the
/// second from trigger-sync-task (vendor's SDK tests). The scenario chooses; 404 is the
/// gateway's.
fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    match (reason, exchange.plan.authing.unknown_task) {
        (Reason::Unknown { thing: Thing::Task, .. }, UnknownTask::NoProvider) => {
            Some(VendorError::new(602, "", "no identity provider config found"))
        }
        _ => None,
    }
}
