//! The service's own errors. Business errors of this product have status 403 (error table of
//! ConfigureDtsJob, real answers in terraform-provider-alicloud issues 4068 and 5054); a
//! missing parameter is the gateway's affair.
//!
//! The codes are the vendor's pages' and terraform-provider-alicloud's. Texts are verified
//! for InvalidParameter, the two InitStatus, LXBuyError, InvalidSecurityToken.Expired,
//! Throttling, ServiceUnavailable and InternalError; the others are ours.

use crate::gateway::Exchange;
use crate::wire::refusal::{CatalogueEntry, Reason, Rule, VendorError};

/// Of an error that nothing in this scenario meets by itself.
const ASK: &str = "header x-syncmock-refuse: its code";

use super::client_token;
use super::quirks::WrongState;
use crate::wire::refusal::Thing;

/// General practice of the vendor (inferred).
pub static IDEMPOTENT_PARAMETER_MISMATCH: CatalogueEntry = IDEMPOTENT;
const IDEMPOTENT: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "IdempotentParameterMismatch",
    message: "The request uses the same client token as a previous, but non-identical request.",
    chinese: None,
    provoke: "CreateSynchronizationJob again with the same ClientToken and another class",
};

pub static INVALID_JOB_STATUS: CatalogueEntry = JOB_STATUS;
const JOB_STATUS: CatalogueEntry = CatalogueEntry {
    status: 403,
    code: "InvalidJobStatus",
    message: "The status of the job does not support this operation.",
    chinese: None,
    provoke: "StartSynchronizationJob of a job that synchronizes",
};

pub static CATALOGUE: &[CatalogueEntry] = &[
    IDEMPOTENT,
    JOB_STATUS,
    CatalogueEntry {
        status: 403,
        code: "InvalidJobId",
        message: "The specified job id is invalid.",
        chinese: None,
        provoke: "DescribeSynchronizationJobStatus of an unknown id",
    },
    CatalogueEntry {
        status: 403,
        code: "InvalidParameter",
        message: "The Value of Input Parameter {name} is not valid",
        chinese: None,
        provoke: "SynchronizationJobIdListJsonStr=x",
    },
    CatalogueEntry {
        status: 403,
        code: "Forbidden.InstanceNotFound",
        message: "The specified instance does not exist.",
        chinese: None,
        provoke: "DescribeDtsJobDetail of an unknown id",
    },
    CatalogueEntry {
        status: 403,
        code: "InvalidTaskStatus",
        message: "The status of the task does not support this operation.",
        chinese: None,
        provoke: "the same, with dts.quirks.wrong_state = \"task\"",
    },
    CatalogueEntry {
        status: 403,
        code: "DTS.Msg.OperationDenied.JobStatusModifying",
        message: "The operation is not permitted due to Dts job status is modifying.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DTS.Msg.ModifyDenied.JobStatusNotRunning",
        message: "The job can not be modified because it is not running.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "UpdateJob.OperationDenied.InitStatus",
        message: "The operation is not permitted due to Dts job status is init.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DTS.Msg.UpdateJob.OperationDenied.InitStatus",
        message: "The operation is not permitted due to Dts job status is init.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DTS.Msg.OperationDenied.NotPurchased",
        message: "The job has not been purchased.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DTS.Msg.CheckStatus.InvalidInitStatus",
        message: "The objects can not be modified in this phase.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "CheckJobFailed.ServerUnAvailable",
        message: "The server is not available.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DTS.Msg.CheckJobFailed.ServerUnAvailable",
        message: "The server is not available.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "SQLExecuteError",
        message: "The SQL statement could not be executed.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "LXBuyError",
        message: "Buy instance error.ARREARAGE",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DTS.Msg.LXCreateOrderError",
        message: "The order could not be created.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DTS.Msg.LXPayOrder.InsufficientBalance",
        message: "The balance of the account is insufficient.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DTS.Msg.RamPermissionDenied",
        message: "You are not authorized to perform this operation.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "InvalidSecurityToken.Expired",
        message: "Specified SecurityToken is expired.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DTS.Msg.Throttling.User",
        message: "Request was denied due to user flow control.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 500,
        code: "ServiceUnavailable",
        message: "The request has failed due to a temporary failure of the server.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 500,
        code: "InternalError",
        message: "The request processing has failed due to some unknown error.",
        chinese: None,
        provoke: ASK,
    },
];

pub fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    let error = |code, name: &str| VendorError::of(CATALOGUE, code, false, name);
    match reason {
        Reason::Unknown { thing: Thing::Job, .. } => Some(error("InvalidJobId", "")),
        Reason::Unknown { thing: Thing::Task, .. } => Some(error("Forbidden.InstanceNotFound", "")),
        Reason::WrongState { .. } => {
            let code = match exchange.plan.dts.quirks.wrong_state {
                WrongState::Job => "InvalidJobStatus",
                WrongState::Task => "InvalidTaskStatus",
            };
            Some(error(code, ""))
        }
        Reason::Parameters(violations) => {
            let violation = violations.first().filter(|v| v.rule != Rule::Required)?;
            let mut error = error("InvalidParameter", &violation.parameter);
            if violation.parameter == client_token::NAME {
                error.status = exchange.plan.dts.quirks.client_token.status();
            }
            Some(error)
        }
        _ => None,
    }
}

/// The error as the service says it itself, with status 200: there the gateway's words for a
/// missing parameter are its own.
pub fn said(exchange: &Exchange<'_>, reason: &Reason) -> VendorError {
    let missing = || match reason {
        Reason::Own(entry, value) => VendorError::from_entry(entry, false, value),
        Reason::Parameters(violations) => {
            let name = violations.first().map_or("", |violation| &violation.parameter);
            let text = format!("{name} is mandatory for this action.");
            VendorError::new(400, format!("Missing{name}"), text)
        }
        _ => VendorError::of(CATALOGUE, "InternalError", false, ""),
    };
    errors(exchange, reason).unwrap_or_else(missing)
}
