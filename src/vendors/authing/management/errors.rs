//! The service's own errors.

use super::ids::MAX_ID;
use super::quirks::{TriggerWhileRunning, UnknownTask};
use super::{AuthingManagement, resource};
use crate::engine::RoutedCall;
use crate::vendors::authing::dialect::wants_english;
use crate::wire::error::{ApiError, ErrorEntry, Reason, VendorError};

/// Vendor's SDK tests on create-sync-task.
pub(crate) const MUST_CONTAIN: ErrorEntry = ErrorEntry {
    status: 400,
    code: "",
    message: "Must contain one of the following fields: {field}",
    chinese: None,
    trigger: "create-sync-task without clientConfig",
};

/// Vendor's SDK tests on trigger-sync-task.
pub(crate) const NO_PROVIDER: ErrorEntry = ErrorEntry {
    status: 602,
    code: "",
    message: "no identity provider config found",
    chinese: None,
    trigger: "trigger-sync-task of an unknown syncTaskId",
};

/// Nothing documents this one: statusCode and texts are inferred.
const RUNNING: ErrorEntry = ErrorEntry {
    status: 422,
    code: "",
    message: "The synchronization task {syncTaskId} is running",
    chinese: Some("同步任务 {syncTaskId} 正在执行中"),
    trigger: "trigger-sync-task of a task whose newest job has not ended",
};

const RUNNING_CLIENT_ERROR: ErrorEntry = ErrorEntry {
    status: 499,
    trigger: "the same, with trigger_while_running = \"client_error\"",
    ..RUNNING
};

pub(crate) static ERRORS: &[ErrorEntry] =
    &[MUST_CONTAIN, NO_PROVIDER, RUNNING, RUNNING_CLIENT_ERROR];

/// Nothing documents the answer for an unknown task or job: 404 and 602 are both inferred, the
/// second from trigger-sync-task. The scenario chooses; 404 is the gateway's.
pub(crate) fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
    let quirks = &call.plan_of::<AuthingManagement>()?.quirks;
    let chinese = !wants_english(call.context);
    let error = |entry, value: &str| Some(VendorError::from_entry(entry, chinese, value));
    match reason {
        Reason::NotFound { kind: resource::TASK | resource::JOB, .. }
            if quirks.unknown_task == UnknownTask::NoProvider =>
        {
            error(&NO_PROVIDER, "")
        }
        Reason::WrongState { kind: resource::TASK, id, .. } => match quirks.trigger_while_running {
            TriggerWhileRunning::ClientError => error(&RUNNING_CLIENT_ERROR, id),
            TriggerWhileRunning::InvalidOperation | TriggerWhileRunning::Start => {
                error(&RUNNING, id)
            }
        },
        _ => None,
    }
}

pub(crate) fn out_of_ids() -> ApiError {
    let hint = format!(
        "no ids are left: they end with {MAX_ID}, and new things have higher ones than those \
         of the scenario"
    );
    ApiError::from(Reason::Internal).hint(hint)
}
