//! Alibaba Cloud IDaaS EIAM, 2021-12-01.

mod application;
mod change;
pub mod download;
mod errors;
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
mod run;
mod scenario;
mod state;
mod target;
mod target_table;
#[cfg(test)]
mod tests;
mod token;
mod ud_configuration;
mod ud_pull;
mod walk;

use http::Method;
use serde::Serialize;

pub use change::{Change, Changes};
pub use scenario::{Plan, Section};

use super::{AsOf, Evidence, Granted, Operation, Route, Service};
use crate::gateway::{Admitted, Gateway};
use crate::wire::refusal::Refusal;

const ROUTE: Route = Route::Action { version: "2021-12-01", methods: &[Method::GET, Method::POST] };
/// Vendor's metadata.
const POST: Route = Route::Action { version: "2021-12-01", methods: &[Method::POST] };

pub type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().eiam, changes: &call.changes().eiam, now: call.now() }
}

fn view_as_of<'v>(as_of: &'v AsOf<'_>) -> View<'v> {
    View { plan: &as_of.plan.eiam, changes: &as_of.changes.eiam, now: as_of.at }
}

/// What operations see that read a single thing.
fn read<'a>(call: &Admitted<'a>) -> AsOf<'a> {
    AsOf::read(call, call.plan().eiam.quirks.stale_reads)
}

/// What lists with numbered pages see.
fn listed<'a>(call: &Admitted<'a>) -> AsOf<'a> {
    let plan = &call.plan().eiam;
    AsOf::page(call, plan.paging, plan.quirks.stale_reads)
}

/// A granted answer in the scenario's spelling; its rows, if any, are the list of that name.
fn render(call: &Admitted<'_>, list: &str, body: &impl Serialize) -> Result<Granted, Refusal> {
    call.render_as(call.plan().eiam.quirks.spelling(), list, body)
}

pub static SERVICE: Service = Service {
    name: "eiam",
    title: "Alibaba Cloud IDaaS EIAM",
    gateway: Gateway::Alibaba,
    product: "Eiam",
    operations: &[
        Operation {
            name: "ListSynchronizationJobs",
            summary: "Lists the synchronization jobs of an instance",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: list::handle,
        },
        Operation {
            name: "GetSynchronizationJob",
            summary: "Shows a synchronization job",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: get::handle,
        },
        Operation {
            name: "RunSynchronizationJob",
            summary: "Creates a synchronization job for a target, and starts it",
            route: POST,
            evidence: Evidence::Documented,
            public: false,
            handler: run::handle,
        },
        Operation {
            name: "GenerateDownloadUrlForSynchronizationJob",
            summary: "Gives the URL of a file with what a job did",
            route: POST,
            evidence: Evidence::Documented,
            public: false,
            handler: download::handle,
        },
        Operation {
            name: "ListIdentityProviders",
            summary: "Lists the identity providers of an instance",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: identity_provider::list,
        },
        Operation {
            name: "GetIdentityProvider",
            summary: "Shows an identity provider",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: identity_provider::get,
        },
        Operation {
            name: "GetIdentityProviderUdPullConfiguration",
            summary: "Shows how an identity provider is pulled from",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: ud_configuration::pull,
        },
        Operation {
            name: "GetIdentityProviderUdPushConfiguration",
            summary: "Shows how an identity provider is pushed to",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: ud_configuration::push,
        },
        Operation {
            name: state::ENABLE,
            summary: "Lets an identity provider be pulled from",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: ud_pull::handle,
        },
        Operation {
            name: state::DISABLE,
            summary: "Stops an identity provider from being pulled from",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: ud_pull::handle,
        },
        Operation {
            name: "ListApplications",
            summary: "Lists the applications of an instance",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: application::list,
        },
        Operation {
            name: "GetApplicationProvisioningConfig",
            summary: "Shows how accounts are synchronized to an application",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: application::provisioning,
        },
        Operation {
            name: "ListInstances",
            summary: "Lists the instances of the account",
            route: ROUTE,
            evidence: Evidence::Documented,
            public: false,
            handler: instances::handle,
        },
    ],
    machines: &[&state::JOB, &state::PULL],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
