//! The service's own errors. Business errors of this product have status 403 (error table of
//! ConfigureDtsJob, real answers in terraform-provider-alicloud issues 4068 and 5054); the gateway
//! words the error of a missing parameter.
//!
//! The codes are the vendor's pages' and terraform-provider-alicloud's. Texts are verified
//! for InvalidParameter, the two InitStatus, LXBuyError, InvalidSecurityToken.Expired,
//! Throttling, ServiceUnavailable, InternalError and the errors made by `page`; the others are
//! ours.

use super::quirks::WrongState;
use super::{Dts, client_token, resource};
use crate::engine::RoutedCall;
use crate::vendors::alibaba::dialect::errors::{FORBIDDEN_BY_RAM, listed};
use crate::wire::error::{CredentialProblem, ErrorEntry, Reason, Rule, VendorError};

/// The trigger of an error that no request causes by itself.
const ASK: &str = "header x-syncmock-refuse: its code";

/// An error of the vendor's pages of ConfigureDtsJob and of tasks across accounts that no request
/// causes by itself. The first page gives the status; the second has none (inferred).
const fn page(code: &'static str, message: &'static str) -> ErrorEntry {
    ErrorEntry { status: 403, code, message, chinese: None, trigger: ASK }
}

const KAFKA_BROKER: &str = "kafka broker configuration must be intranet IP";
const KAFKA_HOST: &str = "kafaka host name should be intranet IP";
const NO_SHARD_ADDRESS: &str =
    "MongoDb has not yet opened the shard connection address, please try again after opening.";
const EMPTY_SHARDS: &str = "Failed to get MongoDb shard information, the return is empty.";
const POLARDB_RDS: &str = "The current rds instance is of type PolarDB, which is not supported \
    for the time being. Only rds instances under drds are supported.";
const READ_ONLY_RDS: &str = "Synchronization is not currently supported due to latency issues \
    with read-only DRDS instances.";
const JOB_STATUS_DENIED: &str = "The operation is not permitted due to the status of the job.";

/// General practice of the vendor (inferred).
pub(crate) static IDEMPOTENT_PARAMETER_MISMATCH: ErrorEntry = IDEMPOTENT;
const IDEMPOTENT: ErrorEntry = ErrorEntry {
    status: 400,
    code: "IdempotentParameterMismatch",
    message: "The request uses the same client token as a previous, but non-identical request.",
    chinese: None,
    trigger: "CreateSynchronizationJob again with the same ClientToken and another class",
};

pub(crate) static INVALID_JOB_STATUS: ErrorEntry = JOB_STATUS;
const JOB_STATUS: ErrorEntry = ErrorEntry {
    status: 403,
    code: "InvalidJobStatus",
    message: "The status of the job does not support this operation.",
    chinese: None,
    trigger: "StartSynchronizationJob of a job that synchronizes",
};

pub(crate) static ERRORS: &[ErrorEntry] = &[
    IDEMPOTENT,
    JOB_STATUS,
    ErrorEntry {
        status: 403,
        code: "InvalidJobId",
        message: "The specified job id is invalid.",
        chinese: None,
        trigger: "DescribeSynchronizationJobStatus of an unknown id",
    },
    ErrorEntry {
        status: 403,
        code: "InvalidParameter",
        message: "The Value of Input Parameter {name} is not valid",
        chinese: None,
        trigger: "SynchronizationJobIdListJsonStr=x",
    },
    ErrorEntry {
        status: 403,
        code: "Forbidden.InstanceNotFound",
        message: "The specified instance does not exist.",
        chinese: None,
        trigger: "DescribeDtsJobDetail of an unknown id",
    },
    ErrorEntry {
        status: 403,
        code: "InvalidTaskStatus",
        message: "The status of the task does not support this operation.",
        chinese: None,
        trigger: "the same, with dts.quirks.wrong_state = \"task\"",
    },
    // terraform-provider-alicloud retries it.
    ErrorEntry {
        status: 403,
        code: "OperationDenied.JobStatus",
        message: JOB_STATUS_DENIED,
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.OperationDenied.JobStatus",
        message: JOB_STATUS_DENIED,
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.OperationDenied.JobStatusModifying",
        message: "The operation is not permitted due to Dts job status is modifying.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.ModifyDenied.JobStatusNotRunning",
        message: "The job can not be modified because it is not running.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "UpdateJob.OperationDenied.InitStatus",
        message: "The operation is not permitted due to Dts job status is init.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.UpdateJob.OperationDenied.InitStatus",
        message: "The operation is not permitted due to Dts job status is init.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.OperationDenied.NotPurchased",
        message: "The job has not been purchased.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.CheckStatus.InvalidInitStatus",
        message: "The objects can not be modified in this phase.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "CheckJobFailed.ServerUnAvailable",
        message: "Unable to check whether the node can connect to the database because the node service \
                  is unavailable.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.CheckJobFailed.ServerUnAvailable",
        message: "Unable to check whether the node can connect to the database because the node service \
                  is unavailable.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "SQLExecuteError",
        message: "The SQL statement could not be executed.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "LXBuyError",
        message: "Buy instance error.ARREARAGE",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.LXCreateOrderError",
        message: "The order could not be created.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.LXPayOrder.InsufficientBalance",
        message: "The balance of the account is insufficient.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "DTS.Msg.RamPermissionDenied",
        message: "You are not authorized to perform this operation.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 403,
        code: "InvalidSecurityToken.Expired",
        message: "Specified SecurityToken is expired.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 400,
        code: "DTS.Msg.Throttling.User",
        message: "Request was denied due to user flow control.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 500,
        code: "ServiceUnavailable",
        message: "The request has failed due to a temporary failure of the server.",
        chinese: None,
        trigger: ASK,
    },
    ErrorEntry {
        status: 500,
        code: "InternalError",
        message: "The request processing has failed due to some unknown error.",
        chinese: None,
        trigger: ASK,
    },
    page("InvalidParameter.KafkaBrokerInvalid", KAFKA_BROKER),
    page("DTS.Msg.InvalidParameter.KafkaBrokerInvalid", KAFKA_BROKER),
    page("InvalidParameter.KafkaHostInvalid", KAFKA_HOST),
    page("DTS.Msg.InvalidParameter.KafkaHostInvalid", KAFKA_HOST),
    page("GetMongoDbShardInfo.NoShardAddress", NO_SHARD_ADDRESS),
    page("DTS.Msg.GetMongoDbShardInfo.NoShardAddress", NO_SHARD_ADDRESS),
    page("GetMongoDbShardInfo.EmptyInstances", EMPTY_SHARDS),
    page("DTS.Msg.GetMongoDbShardInfo.EmptyInstances", EMPTY_SHARDS),
    page("DbTypeNotSupport.PolarDBRDS", POLARDB_RDS),
    page("DTS.Msg.DbTypeNotSupport.PolarDBRDS", POLARDB_RDS),
    page("DbTypeNotSupport.OnlyReadRDS", READ_ONLY_RDS),
    page("DTS.Msg.DbTypeNotSupport.OnlyReadRDS", READ_ONLY_RDS),
    page(
        "DTS.Msg.Forbidden.AliyunUIDNotFound",
        "The current account **** has not logged into the DTS console, please use this account to \
         log in to the DTS console, initialize the user information and try again.",
    ),
    page(
        "DTS.Msg.InvalidParameter.AliyunUidFormat",
        "The cloud account to which the source instance belongs should fill in the standard \
         Alibaba Cloud UID",
    ),
    page("AssumeRoleFail", "EntityNotExist.Role : The role not exists"),
];

pub(crate) fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
    let quirks = &call.plan_of::<Dts>()?.quirks;
    let error = |code, name: &str| VendorError::of(ERRORS, code, false, name);
    match reason {
        Reason::Credentials(CredentialProblem::NotAllowed { .. }) => {
            Some(listed(&FORBIDDEN_BY_RAM))
        }
        Reason::NotFound { kind: resource::JOB, .. } => Some(error("InvalidJobId", "")),
        Reason::NotFound { kind: resource::TASK, .. } => {
            Some(error("Forbidden.InstanceNotFound", ""))
        }
        Reason::WrongState { .. } => Some(error(
            match quirks.wrong_state {
                WrongState::Job => "InvalidJobStatus",
                WrongState::Task => "InvalidTaskStatus",
            },
            "",
        )),
        Reason::Parameters(violations) => {
            let violation = violations.first().filter(|v| v.rule != Rule::Required)?;
            let mut error = error("InvalidParameter", &violation.parameter);
            if violation.parameter == client_token::NAME {
                error.status = quirks.client_token.status();
            }
            Some(error)
        }
        _ => None,
    }
}
