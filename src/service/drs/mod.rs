//! Huawei Cloud DRS, v5: the jobs that are created in batches.
//!
//! A batch is what the vendor calls an asynchronous job: one or more jobs whose parameters are
//! validated together, and which a commit creates. [`job`] is the batch, [`transfer`] the jobs.
//!
//! Its codes and wordings are those of the vendor's error page; which of them answers which
//! slip is inferred, and where the documented sample says otherwise the scenario chooses
//! (`drs.quirks.bad_request`).

mod actions;
mod change;
mod commit;
mod create;
mod detail;
mod errors;
mod exact;
mod ids;
mod instances;
mod job;
mod jobs;
mod list;
mod page;
mod quirks;
mod scenario;
mod schema;
mod state;
#[cfg(test)]
mod tests;
mod transfer;
mod update;

use http::Method;

pub use change::{Change, Changes};
pub use scenario::{Plan, Section};

use super::{AsOf, Evidence, Operation, Route, Service};
use crate::gateway::{Admitted, Gateway, is_project};
use crate::wire::refusal::{Refusal, Thing};
use crate::world::population::Member;
use quirks::UnknownProject;

type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().drs, changes: &call.changes().drs, now: call.now() }
}

/// What a read of one thing is of.
fn read<'a>(call: &Admitted<'a>) -> AsOf<'a> {
    AsOf::read(call, call.plan().drs.quirks.stale_reads)
}

/// What a page of a list is of.
fn page_of<'a>(call: &Admitted<'a>) -> AsOf<'a> {
    let plan = &call.plan().drs;
    AsOf::page(call, plan.paging, plan.quirks.stale_reads)
}

fn view_as_of<'v>(as_of: &'v AsOf<'_>) -> View<'v> {
    View { plan: &as_of.plan.drs, changes: &as_of.changes.drs, now: as_of.at }
}

/// Whether the project is the scenario's. Another one is refused, or has nothing.
fn project(call: &Admitted<'_>) -> Result<bool, Refusal> {
    let plan = &call.plan().drs;
    let refuse = plan.quirks.unknown_project == UnknownProject::Refuse;
    is_project(call, &plan.project_id, refuse)
}

/// The batch in the path as the view has it, and its id.
fn asked_for(call: &Admitted<'_>, view: &View<'_>) -> Result<(Member, String), Refusal> {
    let id = call.arguments().text("async_job_id").unwrap_or_default();
    let found = |view: &View<'_>| job::find(view, id);
    let ours = project(call)?;
    let member = Some(view).filter(|_| ours).and_then(found).ok_or_else(|| {
        let hint = match ours && found(&self::view(call)).is_some() {
            true => format!(
                "it is there now, but was not yet at {}, which this answer is of \
                 (drs.quirks.stale_reads)",
                view.now.iso_millis()
            ),
            false => "ListAsyncJobs lists the ids there are".to_owned(),
        };
        Refusal::unknown(Thing::Job, id).hint(hint)
    })?;
    Ok((member, id.to_owned()))
}

/// The batch in the path, if the operation is allowed in its state.
fn acted_on(call: &Admitted<'_>, operation: &str) -> Result<(Member, String), Refusal> {
    let view = view(call);
    let (member, id) = asked_for(call, &view)?;
    let machine = view.plan.machine;
    let state = job::standing(&view, member).map_or(0, |standing| standing.state);
    if machine.moved(operation, state).is_some() {
        return Ok((member, id));
    }
    let allowed = machine.allowed(operation);
    Err(Refusal::wrong_state(Thing::Job, &id, machine.name(state), &allowed))
}

const fn route(method: Method, template: &'static str) -> Route {
    Route::Path { method, template }
}

pub static SERVICE: Service = Service {
    name: "drs",
    title: "Huawei Cloud DRS",
    gateway: Gateway::Huawei,
    product: "DRS",
    operations: &[
        Operation {
            name: "ListAsyncJobs",
            summary: "Lists the jobs of a project that were created in batches",
            route: route(Method::GET, "/v5/{project_id}/batch-async-jobs"),
            evidence: Evidence::Documented,
            public: false,
            handler: list::handle,
        },
        Operation {
            name: state::CREATE,
            summary: "Creates a batch of one or more jobs, and validates their parameters",
            route: route(Method::POST, "/v5/{project_id}/jobs/batch-async-create"),
            evidence: Evidence::Documented,
            public: false,
            handler: create::handle,
        },
        Operation {
            name: "ListAsyncJobDetail",
            summary: "Shows the jobs that a batch consists of",
            route: route(Method::GET, "/v5/{project_id}/batch-async-jobs/{async_job_id}"),
            evidence: Evidence::Documented,
            public: false,
            handler: detail::handle,
        },
        Operation {
            name: state::UPDATE,
            summary: "Changes the parameters of a batch, and validates them again",
            route: route(Method::PUT, "/v5/{project_id}/batch-async-jobs/{async_job_id}"),
            evidence: Evidence::Documented,
            public: false,
            handler: update::handle,
        },
        Operation {
            name: state::COMMIT,
            summary: "Creates the jobs of a batch whose parameters are right",
            route: route(Method::POST, "/v5/{project_id}/batch-async-jobs/{async_job_id}/commit"),
            evidence: Evidence::Documented,
            public: false,
            handler: commit::handle,
        },
        Operation {
            name: "ListJobs",
            summary: "Lists the jobs that commits of batches created",
            route: route(Method::GET, "/v5/{project_id}/jobs"),
            evidence: Evidence::Documented,
            public: false,
            handler: jobs::handle,
        },
    ],
    machines: &[&state::ASYNC_JOB, &state::LEGACY_ASYNC_JOB, &state::TRANSFER],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
