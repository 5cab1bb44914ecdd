//! Authing's management API, version 3: the synchronization part of it.
//!
//! The outcome of a call is the body's `statusCode`. Violations are reported in the English of
//! class-validator, all of a request at once (vendor's SDK tests); that wording is the dialect's,
//! as nearly all others are.

mod directory;
mod draft;
mod errors;
mod event;
mod fixed_job;
mod ids;
mod job;
mod job_logs;
mod jobs;
mod not_found;
mod number;
mod page;
mod parameters;
mod planned_task;
mod quirks;
mod resource;
mod risk_operation;
mod risk_operations;
mod scenario;
mod schedule;
mod state;
mod task;
mod tasks;
#[cfg(test)]
mod tests;
mod token;
mod trigger;
mod write;

use http::Method;

pub(crate) use event::{AuthingEvent, AuthingProjection};
pub(crate) use quirks::{HttpStatus, Quirks, RequestId, Validation};
pub(crate) use scenario::{AuthingPlan, AuthingSection};

use super::Authing;
use crate::engine::{
    Call, Evidence, HandlerResult, Operation, OperationInfo, ReadRules, Route, RoutedCall, Service,
};
use crate::scenario::Base;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::wire::error::{ErrorEntry, Reason, VendorError};
use crate::world::lifecycle_table::DescribeLifecycle;
use crate::world::time::Timestamp;

/// Authing's management API.
pub(crate) struct AuthingManagement;

pub(crate) type AuthingCall<'a> = Call<'a, AuthingManagement>;
pub(crate) type AuthingResult = HandlerResult<AuthingManagement>;
type View<'a> = crate::engine::View<'a, AuthingManagement>;

const fn documented(
    name: &'static str,
    summary: &'static str,
    method: Method,
    template: &'static str,
    parameters: &'static [&'static str],
) -> OperationInfo {
    let route = Route::Path { method, template };
    OperationInfo {
        name,
        summary,
        route,
        evidence: Evidence::Documented,
        public: false,
        parameters,
    }
}

impl Service for AuthingManagement {
    type Dialect = Authing;
    type Section = AuthingSection;
    type Plan = AuthingPlan;
    type Event = AuthingEvent;
    type Projection = AuthingProjection;

    const NAME: &'static str = "authing";
    const TITLE: &'static str = "Authing";
    const PRODUCT: &'static str = "authing";
    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation::paged(
            documented(
                "list-sync-jobs",
                "Lists the jobs of a synchronization task",
                Method::GET,
                "/api/v3/list-sync-jobs",
                &["syncTaskId", "syncTrigger", "page", "limit"],
            ),
            parameters::requested_page,
            jobs::list_sync_jobs,
        ),
        Operation::new(
            documented(
                "get-sync-job",
                "Shows a job",
                Method::GET,
                "/api/v3/get-sync-job",
                &["syncJobId"],
            ),
            jobs::get_sync_job,
        ),
        Operation::paged(
            documented(
                "list-sync-job-logs",
                "Lists what a job has done, line by line",
                Method::GET,
                "/api/v3/list-sync-job-logs",
                &["syncJobId", "success", "action", "objectType", "page", "limit"],
            ),
            job_logs::requested_page,
            job_logs::list_sync_job_logs,
        ),
        Operation::paged(
            documented(
                "list-sync-tasks",
                "Lists the synchronization tasks",
                Method::GET,
                "/api/v3/list-sync-tasks",
                &["page", "limit"],
            ),
            parameters::requested_page,
            tasks::list_sync_tasks,
        ),
        Operation::new(
            documented(
                "get-sync-task",
                "Shows a synchronization task",
                Method::GET,
                "/api/v3/get-sync-task",
                &["syncTaskId"],
            ),
            tasks::get_sync_task,
        ),
        Operation::new(
            documented(
                "create-sync-task",
                "Creates a synchronization task",
                Method::POST,
                "/api/v3/create-sync-task",
                &[],
            ),
            write::create_sync_task,
        ),
        Operation::new(
            documented(
                "update-sync-task",
                "Sets up a synchronization task anew",
                Method::POST,
                "/api/v3/update-sync-task",
                &[],
            ),
            write::update_sync_task,
        ),
        Operation::new(
            documented(
                state::TRIGGER_TASK,
                "Starts a job of a synchronization task",
                Method::POST,
                "/api/v3/trigger-sync-task",
                &[],
            ),
            trigger::trigger_sync_task,
        ),
        Operation::paged(
            documented(
                "list-sync-risk-operations",
                "Lists the deletions of a downstream task that wait for consent, or had it",
                Method::GET,
                "/api/v3/list-sync-risk-operations",
                &[
                    "syncTaskId",
                    "status",
                    "status[]",
                    "objectType",
                    "objectType[]",
                    "page",
                    "limit",
                ],
            ),
            parameters::requested_page,
            risk_operations::list_sync_risk_operations,
        ),
        Operation::new(
            documented(
                state::TRIGGER_RISK_OPERATIONS,
                "Executes risk operations",
                Method::POST,
                "/api/v3/trigger-sync-risk-operations",
                &[],
            ),
            risk_operations::trigger_sync_risk_operations,
        ),
        Operation::new(
            documented(
                state::CANCEL_RISK_OPERATION,
                "Cancels risk operations",
                Method::POST,
                "/api/v3/cancel-sync-risk-operation",
                &[],
            ),
            risk_operations::cancel_sync_risk_operation,
        ),
        Operation::new(
            OperationInfo {
                name: "get-management-token",
                summary: "Gives the token that SDKs fetch before their first call",
                route: Route::Path {
                    method: Method::POST,
                    template: "/api/v3/get-management-token",
                },
                evidence: Evidence::Documented,
                public: true,
                parameters: &[],
            },
            token::get_management_token,
        ),
    ];
    const LIFECYCLES: &'static [&'static dyn DescribeLifecycle] =
        &[&state::JOB, &state::TIMED, &state::AUTOMATIC, &state::RISK_OPERATION];
    const ERRORS: &'static [ErrorEntry] = errors::ERRORS;

    fn plan(
        section: AuthingSection,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> AuthingPlan {
        section.plan(base, path, problems)
    }

    fn apply(
        projection: &mut AuthingProjection,
        plan: &AuthingPlan,
        number: u64,
        at: Timestamp,
        event: &AuthingEvent,
    ) {
        projection.apply(plan, number, at, event);
    }

    fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
        errors::vendor_error(call, reason)
    }

    fn read_rules(plan: &AuthingPlan) -> ReadRules {
        ReadRules { paging: plan.paging, stale: plan.quirks.stale_reads }
    }
}
