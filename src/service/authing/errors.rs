//! The service's own errors.

use super::ids::LARGEST_ID;
use super::quirks::{TriggerWhileRunning, UnknownTask};
use crate::gateway::Exchange;
use crate::gateway::authing::english;
use crate::wire::refusal::{CatalogueEntry, Reason, Refusal, Thing, VendorError};

/// Vendor's SDK tests on create-sync-task.
pub const MUST_CONTAIN: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "",
    message: "Must contain one of the following fields: {field}",
    chinese: None,
    provoke: "create-sync-task without clientConfig",
};

/// Vendor's SDK tests on trigger-sync-task.
pub const NO_PROVIDER: CatalogueEntry = CatalogueEntry {
    status: 602,
    code: "",
    message: "no identity provider config found",
    chinese: None,
    provoke: "trigger-sync-task of an unknown syncTaskId",
};

/// Nothing documents this one: statusCode and texts are inferred.
const RUNNING: CatalogueEntry = CatalogueEntry {
    status: 422,
    code: "",
    message: "The synchronization task {syncTaskId} is running",
    chinese: Some("同步任务 {syncTaskId} 正在执行中"),
    provoke: "trigger-sync-task of a task whose newest job has not ended",
};

const RUNNING_CLIENT_ERROR: CatalogueEntry = CatalogueEntry {
    status: 499,
    provoke: "the same, with trigger_while_running = \"client_error\"",
    ..RUNNING
};

pub static CATALOGUE: &[CatalogueEntry] =
    &[MUST_CONTAIN, NO_PROVIDER, RUNNING, RUNNING_CLIENT_ERROR];

/// Nothing documents what an unknown task is answered, or a job: 404 and 602 are both
/// inferred, the second from trigger-sync-task. The scenario chooses; 404 is the gateway's.
pub fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    let quirks = &exchange.plan.authing.quirks;
    let error =
        |entry, value: &str| Some(VendorError::from_entry(entry, !english(exchange), value));
    match reason {
        Reason::Unknown { thing: Thing::Task | Thing::Job, .. }
            if quirks.unknown_task == UnknownTask::NoProvider =>
        {
            error(&NO_PROVIDER, "")
        }
        Reason::WrongState { thing: Thing::Task, id, .. } => match quirks.trigger_while_running {
            TriggerWhileRunning::ClientError => error(&RUNNING_CLIENT_ERROR, id),
            _ => error(&RUNNING, id),
        },
        _ => None,
    }
}

pub fn out_of_ids() -> Refusal {
    let hint = format!(
        "no ids are left: they end with {LARGEST_ID}, and new things have higher ones than those \
         of the scenario"
    );
    Refusal::from(Reason::Internal).hint(hint)
}
