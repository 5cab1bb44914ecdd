//! Authing's management API, version 3, as far as synchronization goes.
//!
//! The outcome of a call is the body's `statusCode`. Validation complains in the English of
//! class-validator, all failures of a request at once (vendor's SDK tests); that wording is
//! the gateway's, as nearly all others are.

mod asked;
mod change;
mod directory;
mod draft;
mod errors;
mod get;
mod ids;
mod job;
pub mod jwt;
mod list;
mod logs;
mod number;
mod operations;
mod page;
mod quirks;
mod risk;
mod scenario;
mod schedule;
mod state;
mod task;
#[cfg(test)]
mod tests;
mod token;
mod trigger;
mod write;

use http::Method;

pub use change::{Change, Changes};
pub use quirks::{HttpStatus, RequestId, Validation};
pub use scenario::{Plan, Section};

use super::{AsOf, Evidence, Granted, Operation, Route, Service};
use crate::gateway::{Admitted, Gateway};
use crate::wire::refusal::Refusal;

type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().authing, changes: &call.changes().authing, now: call.now() }
}

fn view_as_of<'v>(as_of: &'v AsOf<'_>) -> View<'v> {
    View { plan: &as_of.plan.authing, changes: &as_of.changes.authing, now: as_of.at }
}

/// What reads know, which stale ones do not of the latest.
fn known<'a>(call: &Admitted<'a>) -> AsOf<'a> {
    AsOf::read(call, call.plan().authing.quirks.stale_reads)
}

/// What pages of lists show.
fn listed<'a>(call: &Admitted<'a>) -> AsOf<'a> {
    let plan = &call.plan().authing;
    AsOf::page(call, plan.paging, plan.quirks.stale_reads)
}

const fn documented(
    name: &'static str,
    summary: &'static str,
    method: Method,
    template: &'static str,
    handler: fn(&Admitted<'_>) -> Result<Granted, Refusal>,
) -> Operation {
    let route = Route::Path { method, template };
    Operation { name, summary, route, evidence: Evidence::Documented, public: false, handler }
}

pub static SERVICE: Service = Service {
    name: "authing",
    title: "Authing",
    gateway: Gateway::Authing,
    product: "authing",
    operations: &[
        documented(
            "list-sync-jobs",
            "Lists the jobs of a synchronization task",
            Method::GET,
            "/api/v3/list-sync-jobs",
            list::handle,
        ),
        documented(
            "get-sync-job",
            "Shows a job",
            Method::GET,
            "/api/v3/get-sync-job",
            get::job_of_id,
        ),
        documented(
            "list-sync-job-logs",
            "Lists what a job has done, line by line",
            Method::GET,
            "/api/v3/list-sync-job-logs",
            logs::handle,
        ),
        documented(
            "list-sync-tasks",
            "Lists the synchronization tasks",
            Method::GET,
            "/api/v3/list-sync-tasks",
            get::tasks,
        ),
        documented(
            "get-sync-task",
            "Shows a synchronization task",
            Method::GET,
            "/api/v3/get-sync-task",
            get::task,
        ),
        documented(
            "create-sync-task",
            "Creates a synchronization task",
            Method::POST,
            "/api/v3/create-sync-task",
            write::create,
        ),
        documented(
            "update-sync-task",
            "Sets up a synchronization task anew",
            Method::POST,
            "/api/v3/update-sync-task",
            write::update,
        ),
        documented(
            "trigger-sync-task",
            "Starts a job of a synchronization task",
            Method::POST,
            "/api/v3/trigger-sync-task",
            trigger::handle,
        ),
        documented(
            "list-sync-risk-operations",
            "Lists the deletions of a downstream task that wait for consent, or had it",
            Method::GET,
            "/api/v3/list-sync-risk-operations",
            operations::list,
        ),
        documented(
            "trigger-sync-risk-operations",
            "Executes risk operations",
            Method::POST,
            "/api/v3/trigger-sync-risk-operations",
            operations::trigger,
        ),
        documented(
            "cancel-sync-risk-operation",
            "Cancels risk operations",
            Method::POST,
            "/api/v3/cancel-sync-risk-operation",
            operations::cancel,
        ),
        Operation {
            name: "get-management-token",
            summary: "Gives the token that SDKs fetch before their first call",
            route: Route::Path { method: Method::POST, template: "/api/v3/get-management-token" },
            evidence: Evidence::Documented,
            public: true,
            handler: token::handle,
        },
    ],
    machines: &[&state::JOB, &state::TIMED, &state::AUTOMATIC, &state::risk::OPERATION],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
