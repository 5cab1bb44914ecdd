//! Alibaba Cloud IDaaS EIAM, 2021-12-01.

mod application;
mod download;
mod errors;
mod event;
mod get;
mod identity_provider;
mod instances;
mod job;
mod list;
mod parameters;
mod provider_config;
mod provider_type;
mod quirks;
mod report;
mod resource;
mod run;
mod scenario;
mod state;
mod target;
mod target_table;
#[cfg(test)]
mod tests;
mod token;
mod traversal;
mod ud_configuration;
mod ud_pull;

use http::Method;
use serde::Serialize;

pub(crate) use event::{EiamEvent, EiamProjection};
pub(crate) use scenario::{EiamPlan, EiamSection};

use super::Alibaba;
use crate::engine::{
    Call, Evidence, File, FileError, HandlerResult, Operation, OperationInfo, ReadRules, Route,
    RoutedCall, Service,
};
use crate::scenario::Base;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::wire::Arguments;
use crate::wire::error::{ErrorEntry, Reason, VendorError};
use crate::world::lifecycle_table::DescribeLifecycle;
use crate::world::time::Timestamp;

/// Alibaba Cloud IDaaS EIAM.
pub(crate) struct Eiam;

pub(crate) type EiamCall<'a> = Call<'a, Eiam>;
pub(crate) type EiamResult = HandlerResult<Eiam>;
type View<'a> = crate::engine::View<'a, Eiam>;

/// The answer in the scenario's encoding; its rows, if any, are the list of that name.
fn render(call: &EiamCall<'_>, list: &str, body: &impl Serialize) -> EiamResult {
    call.render_as(call.plan().quirks.encoding_variant(), list, body)
}

const VERSION: &str = "2021-12-01";
const GET_OR_POST: Route =
    Route::Action { version: VERSION, methods: &[Method::GET, Method::POST] };
/// Vendor's metadata.
const POST: Route = Route::Action { version: VERSION, methods: &[Method::POST] };

impl Service for Eiam {
    type Dialect = Alibaba;
    type Section = EiamSection;
    type Plan = EiamPlan;
    type Event = EiamEvent;
    type Projection = EiamProjection;

    const NAME: &'static str = "eiam";
    const TITLE: &'static str = "Alibaba Cloud IDaaS EIAM";
    const PRODUCT: &'static str = "Eiam";
    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation::paged(
            OperationInfo {
                name: "ListSynchronizationJobs",
                summary: "Lists the synchronization jobs of an instance",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                // SDKs have Filters; its keys are not documented, so it filters nothing.
                parameters: &[
                    "InstanceId",
                    "PageNumber",
                    "PageSize",
                    "MaxResults",
                    "NextToken",
                    "TargetType",
                    "TargetIds.N",
                    "StartTime",
                    "EndTime",
                    "Direction",
                    "Status",
                    "Filters.N",
                ],
            },
            list::requested_page,
            list::list_synchronization_jobs,
        ),
        Operation::new(
            OperationInfo {
                name: "GetSynchronizationJob",
                summary: "Shows a synchronization job",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["InstanceId", "SynchronizationJobId"],
            },
            get::get_synchronization_job,
        ),
        Operation::new(
            OperationInfo {
                name: state::RUN,
                summary: "Creates a synchronization job for a target, and starts it",
                route: POST,
                evidence: Evidence::Documented,
                public: false,
                // UserIdentityTypes and SelectedFieldNames may have any values.
                parameters: &[
                    "InstanceId",
                    "TargetId",
                    "TargetType",
                    "Description",
                    "PasswordInitialization",
                    "FieldSelectionEnabled",
                    "UserIdentityTypes.N",
                    "SelectedFieldNames.N",
                    "SynchronizationScopeConfig.UserIds.N",
                    "SynchronizationScopeConfig.OrganizationalUnitIds.N",
                    "SynchronizationScopeConfig.GroupIds.N",
                ],
            },
            run::run_synchronization_job,
        ),
        Operation::new(
            OperationInfo {
                name: "GenerateDownloadUrlForSynchronizationJob",
                summary: "Gives the URL of a file with what a job did",
                route: POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["InstanceId", "SynchronizationJobId"],
            },
            download::generate_download_url_for_synchronization_job,
        ),
        Operation::paged(
            OperationInfo {
                name: "ListIdentityProviders",
                summary: "Lists the identity providers of an instance",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["InstanceId", "PageNumber", "PageSize", "Direction"],
            },
            parameters::requested_page,
            identity_provider::list_identity_providers,
        ),
        Operation::new(
            OperationInfo {
                name: "GetIdentityProvider",
                summary: "Shows an identity provider",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["InstanceId", "IdentityProviderId"],
            },
            identity_provider::get_identity_provider,
        ),
        Operation::new(
            OperationInfo {
                name: "GetIdentityProviderUdPullConfiguration",
                summary: "Shows how an identity provider is pulled from",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["InstanceId", "IdentityProviderId"],
            },
            ud_configuration::get_identity_provider_ud_pull_configuration,
        ),
        Operation::new(
            OperationInfo {
                name: "GetIdentityProviderUdPushConfiguration",
                summary: "Shows how an identity provider is pushed to",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["InstanceId", "IdentityProviderId"],
            },
            ud_configuration::get_identity_provider_ud_push_configuration,
        ),
        Operation::new(
            OperationInfo {
                name: state::ENABLE,
                summary: "Lets an identity provider be pulled from",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["InstanceId", "IdentityProviderId"],
            },
            ud_pull::enable_identity_provider_ud_pull,
        ),
        Operation::new(
            OperationInfo {
                name: state::DISABLE,
                summary: "Stops an identity provider from being pulled from",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["InstanceId", "IdentityProviderId"],
            },
            ud_pull::disable_identity_provider_ud_pull,
        ),
        Operation::paged(
            OperationInfo {
                name: "ListApplications",
                summary: "Lists the applications of an instance",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &[
                    "InstanceId",
                    "PageNumber",
                    "PageSize",
                    "ApplicationIds.N",
                    "ApplicationName",
                    "ApplicationTemplateId",
                    "AuthorizationType",
                    "Status",
                    "SsoType",
                    "M2MClientStatus",
                    "ResourceServerStatus",
                    "ServiceManaged",
                    "ManagedServiceCode",
                    "ApplicationCreationType",
                    "ApplicationIdentityType",
                    "CustomFields.N",
                ],
            },
            parameters::requested_page,
            application::list_applications,
        ),
        Operation::new(
            OperationInfo {
                name: "GetApplicationProvisioningConfig",
                summary: "Shows how accounts are synchronized to an application",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &["InstanceId", "ApplicationId"],
            },
            application::get_application_provisioning_config,
        ),
        Operation::paged(
            OperationInfo {
                name: "ListInstances",
                summary: "Lists the instances of the account",
                route: GET_OR_POST,
                evidence: Evidence::Documented,
                public: false,
                parameters: &[
                    "PageNumber",
                    "PageSize",
                    "InstanceIds.N",
                    "Status",
                    "Edition",
                    "CrossRegionReplication",
                    "ServiceManaged",
                    "ManagedServiceCode",
                ],
            },
            parameters::requested_page,
            instances::list_instances,
        ),
    ];
    const LIFECYCLES: &'static [&'static dyn DescribeLifecycle] = &[&state::JOB, &state::PULL];
    const ERRORS: &'static [ErrorEntry] = errors::ERRORS;

    fn plan(
        section: EiamSection,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> EiamPlan {
        section.plan(base, path, problems)
    }

    fn apply(
        projection: &mut EiamProjection,
        plan: &EiamPlan,
        number: u64,
        at: Timestamp,
        event: &EiamEvent,
    ) {
        projection.apply(plan, number, at, event);
    }

    fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
        errors::vendor_error(call, reason)
    }

    fn read_rules(plan: &EiamPlan) -> ReadRules {
        ReadRules { paging: plan.paging, stale: plan.quirks.stale_reads }
    }

    fn file(view: &View<'_>, path: &str, query: &Arguments<'_>) -> Option<Result<File, FileError>> {
        download::file(view, path, query)
    }
}
