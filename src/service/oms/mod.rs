//! Huawei Cloud OMS v2: synchronization tasks.

mod change;
mod create;
mod credentials;
mod errors;
mod events;
mod hints;
mod history;
mod life;
mod list;
mod moves;
mod quirks;
mod reports;
mod scenario;
mod settings;
mod show;
mod state;
mod statistics;
mod subject;
mod task;
#[cfg(test)]
mod tests;

use http::Method;

pub use change::{Change, Changes};
pub use scenario::{Plan, Section};

use super::{AsOf, Evidence, Operation, Route, Service};
use crate::gateway::{Admitted, Gateway};

type View<'a> = super::View<'a, Plan, Changes>;

fn view<'a>(call: &'a Admitted<'_>) -> View<'a> {
    View { plan: &call.plan().oms, changes: &call.changes().oms, now: call.now() }
}

fn view_as_of<'v>(as_of: &'v AsOf<'_>) -> View<'v> {
    View { plan: &as_of.plan.oms, changes: &as_of.changes.oms, now: as_of.at }
}

pub static SERVICE: Service = Service {
    name: "oms",
    title: "Huawei Cloud OMS",
    gateway: Gateway::Huawei,
    product: "OMS",
    // Names as in huaweicloudsdkoms 3.1.219.
    operations: &[
        Operation {
            name: "ListSyncTaskStatistic",
            summary: "Counts a synchronization task's objects by five minutes or hours",
            route: Route::Path {
                method: Method::GET,
                template: "/v2/{project_id}/sync-tasks/{sync_task_id}/statistics",
            },
            evidence: Evidence::Documented,
            public: false,
            handler: statistics::handle,
        },
        Operation {
            name: state::CREATE,
            summary: "Creates a synchronization task and starts it",
            route: Route::Path { method: Method::POST, template: "/v2/{project_id}/sync-tasks" },
            evidence: Evidence::Sdk,
            public: false,
            handler: create::handle,
        },
        Operation {
            name: "ListSyncTasks",
            summary: "Lists the synchronization tasks of a project",
            route: Route::Path { method: Method::GET, template: "/v2/{project_id}/sync-tasks" },
            evidence: Evidence::Documented,
            public: false,
            handler: list::handle,
        },
        Operation {
            name: "ShowSyncTask",
            summary: "Shows a synchronization task and what it did in a month",
            route: Route::Path {
                method: Method::GET,
                template: "/v2/{project_id}/sync-tasks/{sync_task_id}",
            },
            evidence: Evidence::Documented,
            public: false,
            handler: show::handle,
        },
        Operation {
            name: state::START,
            summary: "Starts a synchronization task that was stopped",
            route: Route::Path {
                method: Method::POST,
                template: "/v2/{project_id}/sync-tasks/{sync_task_id}/start",
            },
            evidence: Evidence::Sdk,
            public: false,
            handler: moves::start,
        },
        Operation {
            name: state::STOP,
            summary: "Stops a synchronization task",
            route: Route::Path {
                method: Method::POST,
                template: "/v2/{project_id}/sync-tasks/{sync_task_id}/stop",
            },
            evidence: Evidence::Sdk,
            public: false,
            handler: moves::stop,
        },
        Operation {
            name: state::DELETE,
            summary: "Deletes a synchronization task that was stopped",
            route: Route::Path {
                method: Method::DELETE,
                template: "/v2/{project_id}/sync-tasks/{sync_task_id}",
            },
            evidence: Evidence::Documented,
            public: false,
            handler: moves::delete,
        },
        Operation {
            name: state::EVENTS,
            summary: "Has a synchronization task synchronize objects by their names",
            route: Route::Path {
                method: Method::POST,
                template: "/v2/{project_id}/sync-tasks/{sync_task_id}/events",
            },
            evidence: Evidence::Documented,
            public: false,
            handler: events::handle,
        },
    ],
    machines: &[&state::TASK],
    catalogue: errors::CATALOGUE,
    errors: errors::errors,
};
