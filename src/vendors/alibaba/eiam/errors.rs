//! The service's own errors. Neither the vendor's pages nor its metadata publish a code of
//! this product: the wording of MissingParameter is the vendor's (Result.ErrorMessage in its
//! SDK models), its use as a top-level error and the others are inferred.

use super::quirks::ErrorStyle;
use super::target::Unready;
use super::{Eiam, resource};
use crate::engine::RoutedCall;
use crate::wire::error::{ApiError, ErrorEntry, Reason, Rule, VendorError};

/// An operation that the resource does not allow as it is. The status is that of similar codes in
/// the vendor's other products (RDS, ECS).
const fn denied(code: &'static str, message: &'static str, trigger: &'static str) -> ErrorEntry {
    ErrorEntry { status: 403, code, message, chinese: None, trigger }
}

pub(crate) const PULL_UNSUPPORTED: ErrorEntry = denied(
    "OperationDenied.UdPullUnsupported",
    "The type of the identity provider does not support inbound synchronization.",
    "EnableIdentityProviderUdPull of a provider whose type ends in :push",
);
const LOCKED: ErrorEntry = denied(
    "OperationDenied.IdentityProviderLocked",
    "The identity provider is locked.",
    "DisableIdentityProviderUdPull of a target with a lock_reason",
);
const STATUS_CHECK: ErrorEntry = denied(
    "OperationDenied.StatusCheckNotSuccess",
    "The last status check of the identity provider is not successful.",
    "RunSynchronizationJob for a target with last_status_check = \"failed\"",
);
const PULL_DISABLED: ErrorEntry = denied(
    "OperationDenied.UdPullDisabled",
    "The inbound synchronization of the identity provider is disabled.",
    "RunSynchronizationJob after DisableIdentityProviderUdPull",
);
const PUSH_DISABLED: ErrorEntry = denied(
    "OperationDenied.UdPushDisabled",
    "The outbound synchronization of the identity provider is disabled.",
    "RunSynchronizationJob for an egress target with ud_push = \"disabled\"",
);
const APPLICATION_DISABLED: ErrorEntry = denied(
    "OperationDenied.ApplicationDisabled",
    "The application is disabled.",
    "RunSynchronizationJob for a target with status = \"disabled\"",
);
const PROVISIONING_DISABLED: ErrorEntry = denied(
    "OperationDenied.ApplicationProvisioningDisabled",
    "The account synchronization of the application is disabled.",
    "RunSynchronizationJob for a target with provisioning = \"disabled\"",
);

const JOB_NOT_ENDED: ErrorEntry = ErrorEntry {
    status: 403,
    code: "IncorrectStatus.SynchronizationJob",
    message: "The current status of the synchronization job does not support this operation.",
    chinese: None,
    trigger: "GenerateDownloadUrlForSynchronizationJob of a job that has not ended",
};
const JOB_NOT_FOUND: ErrorEntry = ErrorEntry {
    status: 404,
    code: "ResourceNotFound.SynchronizationJob",
    message: "The specified resource SynchronizationJob is not found.",
    chinese: None,
    trigger: "GetSynchronizationJob of an unknown id",
};
const PROVIDER_NOT_FOUND: ErrorEntry = ErrorEntry {
    status: 404,
    code: "ResourceNotFound.IdentityProvider",
    message: "The specified resource IdentityProvider is not found.",
    chinese: None,
    trigger: "RunSynchronizationJob for an unknown TargetId",
};
const APPLICATION_NOT_FOUND: ErrorEntry = ErrorEntry {
    status: 404,
    code: "ResourceNotFound.Application",
    message: "The specified resource Application is not found.",
    chinese: None,
    trigger: "RunSynchronizationJob for an unknown TargetId",
};
const INSTANCE_NOT_FOUND: ErrorEntry = ErrorEntry {
    status: 404,
    code: "ResourceNotFound.Instance",
    message: "The specified resource Instance is not found.",
    chinese: None,
    trigger: "another InstanceId",
};
const MISSING_PARAMETER: ErrorEntry = ErrorEntry {
    status: 400,
    code: "MissingParameter.{name}",
    message: "The specified parameter {name} is required!",
    chinese: None,
    trigger: "no InstanceId with eiam.quirks.error_style = \"product\"",
};
const INVALID_PARAMETER: ErrorEntry = ErrorEntry {
    status: 400,
    code: "InvalidParameter.{name}",
    message: "The specified parameter {name} is not valid.",
    chinese: None,
    trigger: "MaxResults=0 with eiam.quirks.error_style = \"product\"",
};

pub(crate) static ERRORS: &[ErrorEntry] = &[
    LOCKED,
    STATUS_CHECK,
    PULL_DISABLED,
    PUSH_DISABLED,
    PULL_UNSUPPORTED,
    APPLICATION_DISABLED,
    PROVISIONING_DISABLED,
    JOB_NOT_ENDED,
    JOB_NOT_FOUND,
    PROVIDER_NOT_FOUND,
    APPLICATION_NOT_FOUND,
    INSTANCE_NOT_FOUND,
    MISSING_PARAMETER,
    INVALID_PARAMETER,
];

pub(crate) fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
    let (entry, name) = match reason {
        Reason::NotFound { kind: resource::JOB, .. } => (&JOB_NOT_FOUND, ""),
        Reason::NotFound { kind: resource::IDENTITY_PROVIDER, .. } => (&PROVIDER_NOT_FOUND, ""),
        Reason::NotFound { kind: resource::APPLICATION, .. } => (&APPLICATION_NOT_FOUND, ""),
        Reason::NotFound { kind: resource::INSTANCE, .. } => (&INSTANCE_NOT_FOUND, ""),
        Reason::WrongState { kind: resource::JOB, .. } => (&JOB_NOT_ENDED, ""),
        Reason::Parameters(violations)
            if call.plan_of::<Eiam>()?.quirks.error_style == ErrorStyle::Product =>
        {
            let violation = violations.first()?;
            let entry = match violation.rule {
                Rule::Required => &MISSING_PARAMETER,
                _ => &INVALID_PARAMETER,
            };
            (entry, &*violation.parameter)
        }
        _ => return None,
    };
    Some(VendorError::from_entry(entry, false, name))
}

pub(crate) fn locked() -> ApiError {
    ApiError::own(&LOCKED, "").hint("its lock_reason stands in the scenario")
}

/// No job can be run for the target.
pub(crate) fn unready(reason: Unready) -> ApiError {
    let switch = "eiam.quirks.run_unready_targets = true runs it all the same";
    let (entry, hint) = match reason {
        Unready::Locked => return locked(),
        Unready::StatusCheck => {
            let hint = "its last_status_check stands in the scenario";
            return ApiError::own(&STATUS_CHECK, "").hint(hint);
        }
        Unready::Unsupported => (&PULL_UNSUPPORTED, "people only log in with it"),
        Unready::PullDisabled => (&PULL_DISABLED, "EnableIdentityProviderUdPull comes first"),
        Unready::PushDisabled => (&PUSH_DISABLED, "its ud_push stands in the scenario"),
        Unready::ApplicationDisabled => {
            (&APPLICATION_DISABLED, "its status stands in the scenario")
        }
        Unready::ProvisioningDisabled => {
            (&PROVISIONING_DISABLED, "its provisioning stands in the scenario")
        }
    };
    ApiError::own(entry, "").hint(format!("{hint}; {switch}"))
}
