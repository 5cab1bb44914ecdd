//! The service's own errors. Their texts are those of the vendor's error page, except for
//! OMS.0053, 0063, 0066, 0169 and 2004, whose texts are made up (of 0063 only the Chinese page is
//! known).

use super::quirks::UnknownTask;
use super::{Oms, resource};
use crate::engine::RoutedCall;
use crate::vendors::huawei::dialect::PROJECT;
use crate::wire::error::{ErrorEntry, Reason, VendorError};

/// The trigger of an error that no scenario causes by itself.
const BY_HEADER: &str = "header x-syncmock-refuse: its code";

const NO_RESOURCES: &str = "No resources found.";
const INVALID_ID: &str = "Invalid task ID. Enter a valid task ID.";

/// For starting, stopping or deleting an unknown task: the vendor's pages of these operations have
/// no 404, and its error page has both codes with 400.
pub(crate) const NO_RESOURCES_ON_TRANSITION: ErrorEntry = ErrorEntry {
    status: 400,
    code: "OMS.1009",
    message: NO_RESOURCES,
    chinese: None,
    trigger: "starting, stopping or deleting an unknown task",
};
pub(crate) const INVALID_ID_ON_TRANSITION: ErrorEntry = ErrorEntry {
    status: 400,
    code: "OMS.0054",
    message: INVALID_ID,
    chinese: None,
    trigger: "starting, stopping or deleting an unknown task with oms.quirks.unknown_task = \"OMS.0054\"",
};
pub(crate) const BAD_DESCRIPTION: ErrorEntry = ErrorEntry {
    status: 400,
    code: "OMS.0078",
    message: "The description cannot contain the following special characters: <>()\"'&",
    chinese: None,
    trigger: "creating a task whose description has one of them",
};

/// If several have the same code, it selects the first one unless the status is given, too.
pub(crate) static ERRORS: &[ErrorEntry] = &[
    ErrorEntry {
        status: 400,
        code: "OMS.0064",
        message: "Invalid request parameters.",
        chinese: None,
        trigger: "data_type=BYTES",
    },
    ErrorEntry {
        status: 400,
        code: "OMS.0053",
        message: "Failed to query the task. Check that the parameters are correct and that you have the required permissions.",
        chinese: None,
        trigger: BY_HEADER,
    },
    ErrorEntry {
        status: 404,
        code: "OMS.0054",
        message: INVALID_ID,
        chinese: None,
        trigger: "an unknown task with oms.quirks.unknown_task = \"OMS.0054\"",
    },
    INVALID_ID_ON_TRANSITION,
    // terraform-provider-huaweicloud deletes the task again after it.
    ErrorEntry {
        status: 400,
        code: "OMS.0063",
        message: "The task is being migrated and cannot be deleted. Pause the task and then delete it.",
        chinese: None,
        trigger: BY_HEADER,
    },
    ErrorEntry {
        status: 400,
        code: "OMS.0066",
        message: "The task is not in a state that allows this operation.",
        chinese: None,
        trigger: "deleting or starting a task that is SYNCHRONIZING",
    },
    BAD_DESCRIPTION,
    ErrorEntry {
        status: 400,
        code: "OMS.0169",
        message: "The SMN topic can not be used.",
        chinese: None,
        trigger: BY_HEADER,
    },
    ErrorEntry {
        status: 403,
        code: "OMS.0206",
        message: "Insufficient permissions. You do not have the OMS operation permissions.",
        chinese: None,
        trigger: "another project in the path",
    },
    ErrorEntry {
        status: 404,
        code: "OMS.1009",
        message: NO_RESOURCES,
        chinese: None,
        trigger: "an unknown task",
    },
    NO_RESOURCES_ON_TRANSITION,
    ErrorEntry {
        status: 503,
        code: "OMS.2004",
        message: "The service is temporarily unavailable. Try again later.",
        chinese: None,
        trigger: BY_HEADER,
    },
];

pub(crate) fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
    let error = |code| VendorError::of(ERRORS, code, false, "");
    match reason {
        // Status, code, text and detail are from a real body in a public log; that a bad query
        // gets the same answer is inferred.
        Reason::Parameters(violations) => Some(match violations.first() {
            Some(violation) => {
                let detail = format!("request parameter [{}] invalid.", violation.parameter);
                error("OMS.0064").detail(detail)
            }
            None => error("OMS.0064"),
        }),
        // The vendor's page of the operation has 404 without a code; the code is inferred.
        Reason::NotFound { kind: resource::TASK, .. } => {
            Some(error(match call.plan_of::<Oms>()?.quirks.unknown_task {
                UnknownTask::NoResources => "OMS.1009",
                UnknownTask::InvalidId => "OMS.0054",
            }))
        }
        // The vendor has it for migration tasks that cannot be stopped (Terraform's provider). Its
        // use for synchronization tasks and the other transitions is inferred.
        Reason::WrongState { .. } => Some(error("OMS.0066")),
        // Its use for another project is inferred.
        Reason::NotFound { kind: PROJECT, .. } => Some(error("OMS.0206")),
        _ => None,
    }
}
