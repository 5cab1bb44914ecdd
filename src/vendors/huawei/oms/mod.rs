//! Huawei Cloud OMS v2: synchronization tasks.

mod bucket_credentials;
mod create;
mod create_events;
mod errors;
mod event;
mod hints;
mod history;
mod lifecycle_status;
mod list;
mod quirks;
mod requested_task;
mod resource;
mod scenario;
mod settings;
mod show;
mod state;
mod statistics;
mod statistics_report;
mod task;
#[cfg(test)]
mod tests;
mod transitions;

use http::Method;

pub(crate) use event::{OmsEvent, OmsProjection};
pub(crate) use scenario::{OmsPlan, OmsSection};

use super::Huawei;
use crate::engine::{
    Call, Evidence, HandlerResult, Operation, OperationInfo, ReadRules, Route, RoutedCall, Service,
};
use crate::scenario::Base;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::wire::error::{ErrorEntry, Reason, VendorError};
use crate::world::lifecycle_table::DescribeLifecycle;
use crate::world::time::Timestamp;

/// Huawei Cloud OMS.
pub(crate) struct Oms;

pub(crate) type OmsCall<'a> = Call<'a, Oms>;
pub(crate) type OmsResult = HandlerResult<Oms>;
type View<'a> = crate::engine::View<'a, Oms>;

impl Service for Oms {
    type Dialect = Huawei;
    type Section = OmsSection;
    type Plan = OmsPlan;
    type Event = OmsEvent;
    type Projection = OmsProjection;

    const NAME: &'static str = "oms";
    const TITLE: &'static str = "Huawei Cloud OMS";
    const PRODUCT: &'static str = "OMS";
    // Names as in huaweicloudsdkoms 3.1.219.
    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation::new(
            OperationInfo {
                name: "ListSyncTaskStatistic",
                summary: "Counts a synchronization task's objects by five minutes or hours",
                route: Route::Path {
                    method: Method::GET,
                    template: "/v2/{project_id}/sync-tasks/{sync_task_id}/statistics",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "sync_task_id", "data_type", "start_time", "end_time"],
            },
            statistics::list_sync_task_statistic,
        ),
        Operation::new(
            OperationInfo {
                name: state::CREATE,
                summary: "Creates a synchronization task and starts it",
                route: Route::Path {
                    method: Method::POST,
                    template: "/v2/{project_id}/sync-tasks",
                },
                evidence: Evidence::Sdk,
                public: false,
                parameters: &["project_id"],
            },
            create::create_sync_task,
        ),
        Operation::paged(
            OperationInfo {
                name: "ListSyncTasks",
                summary: "Lists the synchronization tasks of a project",
                route: Route::Path { method: Method::GET, template: "/v2/{project_id}/sync-tasks" },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "limit", "offset", "status"],
            },
            list::requested_page,
            list::list_sync_tasks,
        ),
        Operation::new(
            OperationInfo {
                name: "ShowSyncTask",
                summary: "Shows a synchronization task and what it did in a month",
                route: Route::Path {
                    method: Method::GET,
                    template: "/v2/{project_id}/sync-tasks/{sync_task_id}",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "sync_task_id", "query_time"],
            },
            show::show_sync_task,
        ),
        Operation::new(
            OperationInfo {
                name: state::START,
                summary: "Starts a synchronization task that was stopped",
                route: Route::Path {
                    method: Method::POST,
                    template: "/v2/{project_id}/sync-tasks/{sync_task_id}/start",
                },
                evidence: Evidence::Sdk,
                public: false,
                parameters: &["project_id", "sync_task_id"],
            },
            transitions::start_sync_task,
        ),
        Operation::new(
            OperationInfo {
                name: state::STOP,
                summary: "Stops a synchronization task",
                route: Route::Path {
                    method: Method::POST,
                    template: "/v2/{project_id}/sync-tasks/{sync_task_id}/stop",
                },
                evidence: Evidence::Sdk,
                public: false,
                parameters: &["project_id", "sync_task_id"],
            },
            transitions::stop_sync_task,
        ),
        Operation::new(
            OperationInfo {
                name: state::DELETE,
                summary: "Deletes a synchronization task that was stopped",
                route: Route::Path {
                    method: Method::DELETE,
                    template: "/v2/{project_id}/sync-tasks/{sync_task_id}",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "sync_task_id"],
            },
            transitions::delete_sync_task,
        ),
        Operation::new(
            OperationInfo {
                name: state::EVENTS,
                summary: "Has a synchronization task synchronize objects by their names",
                route: Route::Path {
                    method: Method::POST,
                    template: "/v2/{project_id}/sync-tasks/{sync_task_id}/events",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "sync_task_id"],
            },
            create_events::create_sync_events,
        ),
    ];
    const LIFECYCLES: &'static [&'static dyn DescribeLifecycle] = &[&state::TASK];
    const ERRORS: &'static [ErrorEntry] = errors::ERRORS;

    fn plan(
        section: OmsSection,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> OmsPlan {
        section.plan(base, path, problems)
    }

    fn apply(
        projection: &mut OmsProjection,
        plan: &OmsPlan,
        number: u64,
        at: Timestamp,
        event: &OmsEvent,
    ) {
        projection.apply(plan, number, at, event);
    }

    fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
        errors::vendor_error(call, reason)
    }

    fn read_rules(plan: &OmsPlan) -> ReadRules {
        ReadRules { paging: plan.paging, stale: plan.quirks.stale_reads }
    }

    fn default_argument<'p>(plan: &'p OmsPlan, name: &str) -> Option<&'p str> {
        (name == "project_id").then_some(&plan.project_id)
    }
}
