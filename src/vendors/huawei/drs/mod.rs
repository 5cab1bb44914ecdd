//! Huawei Cloud DRS v5: jobs that are created in batches.
//!
//! The vendor calls a batch an asynchronous job. It consists of one or more jobs, whose parameters
//! are validated together and which a commit creates. [`async_job`] is the batch, [`transfer`] is
//! one of its jobs.
//!
//! Codes and wordings of errors are those of the vendor's error page. Which code answers which
//! mistake is inferred. Where the documented sample says otherwise, the scenario chooses
//! (`drs.quirks.bad_request`).

mod async_job;
mod async_job_state;
mod commit;
mod create;
mod errors;
mod event;
mod fixed_jobs;
mod ids;
mod instances;
mod job_action;
mod list_async_job_detail;
mod list_async_jobs;
mod list_jobs;
mod names;
mod page;
mod quirks;
mod resource;
mod scenario;
mod schema;
mod subject;
#[cfg(test)]
mod tests;
mod transfer;
mod transfer_state;
mod update;

use http::Method;

pub(crate) use event::{DrsEvent, DrsProjection};
pub(crate) use scenario::{DrsPlan, DrsSection};

use super::Huawei;
use crate::engine::{
    Call, Evidence, HandlerResult, Operation, OperationInfo, ReadRules, Route, RoutedCall, Service,
};
use crate::scenario::Base;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::wire::error::{ErrorEntry, Reason, VendorError};
use crate::world::lifecycle_table::DescribeLifecycle;
use crate::world::time::Timestamp;

/// Huawei Cloud DRS.
pub(crate) struct Drs;

pub(crate) type DrsCall<'a> = Call<'a, Drs>;
pub(crate) type DrsResult = HandlerResult<Drs>;
type View<'a> = crate::engine::View<'a, Drs>;

impl Service for Drs {
    type Dialect = Huawei;
    type Section = DrsSection;
    type Plan = DrsPlan;
    type Event = DrsEvent;
    type Projection = DrsProjection;

    const NAME: &'static str = "drs";
    const TITLE: &'static str = "Huawei Cloud DRS";
    const PRODUCT: &'static str = "DRS";
    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation::paged(
            OperationInfo {
                name: "ListAsyncJobs",
                summary: "Lists the jobs of a project that were created in batches",
                route: Route::Path {
                    method: Method::GET,
                    template: "/v5/{project_id}/batch-async-jobs",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &[
                    "project_id",
                    "async_job_id",
                    "status",
                    "domain_name",
                    "user_name",
                    "offset",
                    "limit",
                    "sort_key",
                    "sort_dir",
                ],
            },
            page::requested_page,
            list_async_jobs::list_async_jobs,
        ),
        Operation::new(
            OperationInfo {
                name: async_job_state::CREATE,
                summary: "Creates a batch of one or more jobs, and validates their parameters",
                route: Route::Path {
                    method: Method::POST,
                    template: "/v5/{project_id}/jobs/batch-async-create",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id"],
            },
            create::batch_create_jobs_async,
        ),
        Operation::paged(
            OperationInfo {
                name: "ListAsyncJobDetail",
                summary: "Shows the jobs that a batch consists of",
                route: Route::Path {
                    method: Method::GET,
                    template: "/v5/{project_id}/batch-async-jobs/{async_job_id}",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "async_job_id", "offset", "limit"],
            },
            page::requested_page,
            list_async_job_detail::list_async_job_detail,
        ),
        Operation::new(
            OperationInfo {
                name: async_job_state::UPDATE,
                summary: "Changes the parameters of a batch, and validates them again",
                route: Route::Path {
                    method: Method::PUT,
                    template: "/v5/{project_id}/batch-async-jobs/{async_job_id}",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "async_job_id"],
            },
            update::update_batch_async_jobs,
        ),
        Operation::new(
            OperationInfo {
                name: async_job_state::COMMIT,
                summary: "Creates the jobs of a batch whose parameters are right",
                route: Route::Path {
                    method: Method::POST,
                    template: "/v5/{project_id}/batch-async-jobs/{async_job_id}/commit",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "async_job_id"],
            },
            commit::commit_async_job,
        ),
        Operation::paged(
            OperationInfo {
                name: "ListJobs",
                summary: "Lists the jobs that commits of batches created",
                route: Route::Path { method: Method::GET, template: "/v5/{project_id}/jobs" },
                evidence: Evidence::Documented,
                public: false,
                parameters: &[
                    "project_id",
                    "job_type",
                    "name",
                    "status",
                    "engine_type",
                    "net_type",
                    "enterprise_project_id",
                    "offset",
                    "limit",
                    "sort_key",
                    "sort_dir",
                    "instance_ids",
                    "instance_ip",
                ],
            },
            page::requested_page,
            list_jobs::list_jobs,
        ),
    ];
    const LIFECYCLES: &'static [&'static dyn DescribeLifecycle] = &[
        &async_job_state::ASYNC_JOB,
        &async_job_state::LEGACY_ASYNC_JOB,
        &transfer_state::TRANSFER,
    ];
    const ERRORS: &'static [ErrorEntry] = errors::ERRORS;

    fn plan(
        section: DrsSection,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> DrsPlan {
        section.plan(base, path, problems)
    }

    fn apply(
        projection: &mut DrsProjection,
        plan: &DrsPlan,
        number: u64,
        at: Timestamp,
        event: &DrsEvent,
    ) {
        projection.apply(plan, number, at, event);
    }

    fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
        errors::vendor_error(call, reason)
    }

    fn read_rules(plan: &DrsPlan) -> ReadRules {
        ReadRules { paging: plan.paging, stale: plan.quirks.stale_reads }
    }

    fn default_argument<'p>(plan: &'p DrsPlan, name: &str) -> Option<&'p str> {
        (name == "project_id").then_some(&plan.project_id)
    }
}
