//! Alibaba Cloud DTS, 2020-01-01: the data synchronization operations.
//!
//! The vendor has two families of operations: the legacy ones, with SynchronizationJob in their
//! names, and the Dts* ones. Its pages say little about bad requests; each behaviour that is
//! inferred has a switch in the scenario (`dts.quirks`).

mod client_token;
mod configuration;
mod configure;
mod create;
mod dts_job_detail;
mod dts_jobs;
mod dts_parts;
mod errors;
mod event;
mod ids;
mod initialization_status;
mod job;
mod job_arguments;
mod job_filter;
mod legacy_parts;
mod page;
mod progress;
mod quirks;
mod resource;
mod response;
mod scenario;
mod soft_error;
mod state;
mod status;
mod status_list;
mod subject;
mod synchronization_instance_row;
mod synchronization_jobs;
mod task;
#[cfg(test)]
mod tests;
mod transitions;

use http::Method;

pub(crate) use event::{DtsEvent, DtsProjection};
pub(crate) use scenario::{DtsPlan, DtsSection};

use super::Alibaba;
use crate::engine::{
    Call, Evidence, HandlerResult, Operation, OperationInfo, ReadRules, Route, RoutedCall, Service,
};
use crate::scenario::Base;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::wire::Payload;
use crate::wire::error::{ApiError, ErrorEntry, Reason, VendorError};
use crate::world::lifecycle_table::DescribeLifecycle;
use crate::world::time::Timestamp;

/// Alibaba Cloud DTS.
pub(crate) struct Dts;

pub(crate) type DtsCall<'a> = Call<'a, Dts>;
pub(crate) type DtsResult = HandlerResult<Dts>;
type View<'a> = crate::engine::View<'a, Dts>;

const ROUTE: Route = Route::Action { version: "2020-01-01", methods: &[Method::GET, Method::POST] };

impl Service for Dts {
    type Dialect = Alibaba;
    type Section = DtsSection;
    type Plan = DtsPlan;
    type Event = DtsEvent;
    type Projection = DtsProjection;

    const NAME: &'static str = "dts";
    const TITLE: &'static str = "Alibaba Cloud DTS";
    const PRODUCT: &'static str = "Dts";
    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation::new(
            OperationInfo {
                name: status_list::NAME,
                summary: "Queries the status of data synchronization instances by their ids",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["SynchronizationJobIdListJsonStr", "ClientToken"],
            },
            status_list::describe_synchronization_job_status_list,
        ),
        Operation::paged(
            OperationInfo {
                name: "DescribeSynchronizationJobs",
                summary: "Lists data synchronization instances with their details",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &[
                    "SynchronizationJobName",
                    "Tag.N",
                    "PageNum",
                    "PageSize",
                    "ClientToken",
                ],
            },
            page::requested_page_num,
            synchronization_jobs::describe_synchronization_jobs,
        ),
        Operation::new(
            OperationInfo {
                name: "DescribeSynchronizationJobStatus",
                summary: "Shows a data synchronization instance, or one direction of it",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["SynchronizationJobId", "SynchronizationDirection", "ClientToken"],
            },
            status::describe_synchronization_job_status,
        ),
        Operation::paged(
            OperationInfo {
                name: "DescribeInitializationStatus",
                summary: "Shows how far the tables of a data synchronization instance are copied",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["SynchronizationJobId", "PageNum", "PageSize"],
            },
            page::requested_page_num,
            initialization_status::describe_initialization_status,
        ),
        Operation::new(
            OperationInfo {
                name: state::CREATE,
                summary: "Buys a data synchronization instance",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &[
                    "SourceRegion",
                    "DestRegion",
                    "SynchronizationJobClass",
                    "PayType",
                    "Period",
                    "UsedTime",
                    "Topology",
                    "SourceEndpoint.InstanceType",
                    "DestinationEndpoint.InstanceType",
                    "DBInstanceCount",
                    "networkType",
                    "ClientToken",
                ],
            },
            create::create_synchronization_job,
        ),
        Operation::new(
            OperationInfo {
                name: state::CONFIGURE,
                summary: "Says what a data synchronization instance synchronizes, and starts it",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &[
                    "SynchronizationJobId",
                    "SynchronizationDirection",
                    "DataInitialization",
                    "StructureInitialization",
                    "PartitionKey.ModifyTime_Year",
                    "PartitionKey.ModifyTime_Month",
                    "PartitionKey.ModifyTime_Day",
                    "PartitionKey.ModifyTime_Hour",
                    "PartitionKey.ModifyTime_Minute",
                    "SynchronizationJobName",
                    "SynchronizationObjects",
                    "SourceEndpoint.InstanceType",
                    "SourceEndpoint.InstanceId",
                    "SourceEndpoint.IP",
                    "SourceEndpoint.Port",
                    "SourceEndpoint.UserName",
                    "SourceEndpoint.Password",
                    "SourceEndpoint.DatabaseName",
                    "SourceEndpoint.OwnerID",
                    "SourceEndpoint.Role",
                    "DestinationEndpoint.InstanceType",
                    "DestinationEndpoint.InstanceId",
                    "DestinationEndpoint.IP",
                    "DestinationEndpoint.Port",
                    "DestinationEndpoint.UserName",
                    "DestinationEndpoint.Password",
                    "DestinationEndpoint.DataBaseName",
                    "Checkpoint",
                    "MigrationReserved",
                    "OwnerID",
                ],
            },
            configure::configure_synchronization_job,
        ),
        Operation::new(
            OperationInfo {
                name: state::START,
                summary: "Starts a data synchronization task",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["SynchronizationJobId", "SynchronizationDirection"],
            },
            transitions::start_synchronization_job,
        ),
        Operation::new(
            OperationInfo {
                name: state::SUSPEND,
                summary: "Pauses a data synchronization task",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["SynchronizationJobId", "SynchronizationDirection"],
            },
            transitions::suspend_synchronization_job,
        ),
        Operation::new(
            OperationInfo {
                name: state::RESET,
                summary: "Clears the configuration of a data synchronization task",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["SynchronizationJobId", "SynchronizationDirection"],
            },
            transitions::reset_synchronization_job,
        ),
        Operation::new(
            OperationInfo {
                name: state::DELETE,
                summary: "Releases a data synchronization instance",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["SynchronizationJobId"],
            },
            transitions::delete_synchronization_job,
        ),
        Operation::paged(
            OperationInfo {
                name: "DescribeDtsJobs",
                summary: "Lists DTS tasks: migrations unless JobType says otherwise",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &[
                    "JobType",
                    "PageNumber",
                    "PageSize",
                    "Status",
                    "Type",
                    "Params",
                    "DtsJobId",
                    "DtsInstanceId",
                    "OrderColumn",
                    "OrderDirection",
                    "Tags",
                    "WithoutDbList",
                    "Region",
                ],
            },
            page::requested_page_number,
            dts_jobs::describe_dts_jobs,
        ),
        Operation::new(
            OperationInfo {
                name: "DescribeDtsJobDetail",
                summary: "Shows a DTS task",
                route: ROUTE,
                evidence: Evidence::Documented,
                public: false,
                parameters: &[
                    "DtsJobId",
                    "DtsInstanceID",
                    "SynchronizationDirection",
                    "SyncSubJobHistory",
                ],
            },
            dts_job_detail::describe_dts_job_detail,
        ),
    ];
    const LIFECYCLES: &'static [&'static dyn DescribeLifecycle] = &[&state::TASK];
    const ERRORS: &'static [ErrorEntry] = errors::ERRORS;
    // The requests of the synchronization operations have all four (alibabacloud-dts20200101
    // 5.11.7); for DescribeDtsJobs and DescribeDtsJobDetail it is inferred.
    const COMMON_PARAMETERS: &'static [&'static str] =
        &["RegionId", "AccountId", "OwnerId", "ResourceGroupId"];

    fn plan(
        section: DtsSection,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> DtsPlan {
        section.plan(base, path, problems)
    }

    fn apply(
        projection: &mut DtsProjection,
        plan: &DtsPlan,
        number: u64,
        at: Timestamp,
        event: &DtsEvent,
    ) {
        projection.apply(plan, number, at, event);
    }

    fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
        errors::vendor_error(call, reason)
    }

    fn soft_error(
        call: &RoutedCall<'_>,
        error: &ApiError,
        vendor_error: &VendorError,
    ) -> Option<Payload> {
        soft_error::soft_error(call, error, vendor_error)
    }

    fn read_rules(plan: &DtsPlan) -> ReadRules {
        ReadRules { paging: plan.paging, stale: plan.quirks.stale_reads }
    }
}
