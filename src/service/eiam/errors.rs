//! The service's own errors. Neither the vendor's pages nor its metadata publish a code of
//! this product: the wording of MissingParameter is the vendor's (Result.ErrorMessage in its
//! SDK models), its use as a top-level error and the others are inferred.

use super::quirks::ErrorStyle;
use super::target::Unready;
use crate::gateway::Exchange;
use crate::wire::refusal::{CatalogueEntry, Reason, Refusal, Rule, Thing, VendorError};

/// What is not to be done to a thing as it is. The status is that of the vendor's like
/// codes in other products (RDS, ECS).
const fn denied(
    code: &'static str,
    message: &'static str,
    provoke: &'static str,
) -> CatalogueEntry {
    CatalogueEntry { status: 403, code, message, chinese: None, provoke }
}

pub const PULL_UNSUPPORTED: CatalogueEntry = denied(
    "OperationDenied.UdPullUnsupported",
    "The type of the identity provider does not support inbound synchronization.",
    "EnableIdentityProviderUdPull of a provider whose type ends in :push",
);
const LOCKED: CatalogueEntry = denied(
    "OperationDenied.IdentityProviderLocked",
    "The identity provider is locked.",
    "DisableIdentityProviderUdPull of a target with a lock_reason",
);
const STATUS_CHECK: CatalogueEntry = denied(
    "OperationDenied.StatusCheckNotSuccess",
    "The last status check of the identity provider is not successful.",
    "RunSynchronizationJob for a target with last_status_check = \"failed\"",
);
const PULL_DISABLED: CatalogueEntry = denied(
    "OperationDenied.UdPullDisabled",
    "The inbound synchronization of the identity provider is disabled.",
    "RunSynchronizationJob after DisableIdentityProviderUdPull",
);
const PUSH_DISABLED: CatalogueEntry = denied(
    "OperationDenied.UdPushDisabled",
    "The outbound synchronization of the identity provider is disabled.",
    "RunSynchronizationJob for an egress target with ud_push = \"disabled\"",
);
const APPLICATION_DISABLED: CatalogueEntry = denied(
    "OperationDenied.ApplicationDisabled",
    "The application is disabled.",
    "RunSynchronizationJob for a target with status = \"disabled\"",
);
const PROVISIONING_DISABLED: CatalogueEntry = denied(
    "OperationDenied.ApplicationProvisioningDisabled",
    "The account synchronization of the application is disabled.",
    "RunSynchronizationJob for a target with provisioning = \"disabled\"",
);

pub static CATALOGUE: &[CatalogueEntry] = &[
    LOCKED,
    STATUS_CHECK,
    PULL_DISABLED,
    PUSH_DISABLED,
    PULL_UNSUPPORTED,
    APPLICATION_DISABLED,
    PROVISIONING_DISABLED,
    CatalogueEntry {
        status: 403,
        code: "IncorrectStatus.SynchronizationJob",
        message: "The current status of the synchronization job does not support this operation.",
        chinese: None,
        provoke: "GenerateDownloadUrlForSynchronizationJob of a job that has not ended",
    },
    CatalogueEntry {
        status: 404,
        code: "ResourceNotFound.SynchronizationJob",
        message: "The specified resource SynchronizationJob is not found.",
        chinese: None,
        provoke: "GetSynchronizationJob of an unknown id",
    },
    CatalogueEntry {
        status: 404,
        code: "ResourceNotFound.IdentityProvider",
        message: "The specified resource IdentityProvider is not found.",
        chinese: None,
        provoke: "RunSynchronizationJob for an unknown TargetId",
    },
    CatalogueEntry {
        status: 404,
        code: "ResourceNotFound.Application",
        message: "The specified resource Application is not found.",
        chinese: None,
        provoke: "RunSynchronizationJob for an unknown TargetId",
    },
    CatalogueEntry {
        status: 404,
        code: "ResourceNotFound.Instance",
        message: "The specified resource Instance is not found.",
        chinese: None,
        provoke: "another InstanceId",
    },
    CatalogueEntry {
        status: 400,
        code: "MissingParameter.{name}",
        message: "The specified parameter {name} is required!",
        chinese: None,
        provoke: "no InstanceId with eiam.quirks.error_style = \"product\"",
    },
    CatalogueEntry {
        status: 400,
        code: "InvalidParameter.{name}",
        message: "The specified parameter {name} is not valid.",
        chinese: None,
        provoke: "MaxResults=0 with eiam.quirks.error_style = \"product\"",
    },
];

pub fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    let error = |code, name: &str| Some(VendorError::of(CATALOGUE, code, false, name));
    match reason {
        Reason::Unknown { thing: Thing::Job, .. } => {
            error("ResourceNotFound.SynchronizationJob", "")
        }
        Reason::Unknown { thing: Thing::IdentityProvider, .. } => {
            error("ResourceNotFound.IdentityProvider", "")
        }
        Reason::Unknown { thing: Thing::Application, .. } => {
            error("ResourceNotFound.Application", "")
        }
        Reason::Unknown { thing: Thing::Instance, .. } => error("ResourceNotFound.Instance", ""),
        Reason::WrongState { thing: Thing::Job, .. } => {
            error("IncorrectStatus.SynchronizationJob", "")
        }
        Reason::Parameters(violations)
            if exchange.plan.eiam.quirks.error_style == ErrorStyle::Product =>
        {
            let violation = violations.first()?;
            let code = match violation.rule {
                Rule::Required => "MissingParameter.{name}",
                _ => "InvalidParameter.{name}",
            };
            error(code, &violation.parameter)
        }
        _ => None,
    }
}

pub fn locked() -> Refusal {
    Refusal::own(&LOCKED, "").hint("its lock_reason stands in the scenario")
}

/// A target that no job can be run for.
pub fn unready(reason: Unready) -> Refusal {
    let switch = "eiam.quirks.run_unready_targets = true runs it all the same";
    let (entry, hint) = match reason {
        Unready::Locked => return locked(),
        Unready::StatusCheck => {
            let hint = "its last_status_check stands in the scenario";
            return Refusal::own(&STATUS_CHECK, "").hint(hint);
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
    Refusal::own(entry, "").hint(format!("{hint}; {switch}"))
}
