//! The gateway's own codes, with the exact wording of the vendor's pages.

use crate::wire::refusal::{CredentialProblem, Reason, Rule, VendorError, Violation};

pub fn error(_exchange: &crate::gateway::Exchange<'_>, reason: &Reason) -> VendorError {
    match reason {
        Reason::UnknownVersion => {
            VendorError::new(400, "InvalidVersion", "Specified parameter Version is not valid.")
        }
        Reason::UnknownOperation => VendorError::new(
            404,
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
        ),
        // 400 or 403, the pages differ; 400 is the general gateway's.
        Reason::WrongMethod => {
            VendorError::new(400, "UnsupportedHTTPMethod", "This http method is not supported.")
        }
        Reason::UnknownFormat => VendorError::new(
            400,
            "InvalidParameter.Format",
            "Specified parameter format is not valid.",
        ),
        Reason::Credentials(problem) => credentials(problem),
        Reason::Parameters(violations) => match violations.first() {
            Some(violation) => parameter(violation),
            None => internal(),
        },
        // Inferred: the code that the gateway's pattern gives for a value it can not read.
        Reason::Undecodable => {
            VendorError::new(400, "InvalidParameter", "The request can not be decoded as UTF-8.")
        }
        // Services word their own; this is the pattern of the vendor's other products.
        Reason::Unknown { .. } => {
            VendorError::new(404, "ResourceNotFound", "The specified resource does not exist.")
        }
        Reason::Throttled(_) | Reason::Asked(_) | Reason::Internal => internal(),
    }
}

/// `Missing{Name}` and `Invalid{Name}`: the gateway's pattern (vendor's pages and dumps).
fn parameter(violation: &Violation) -> VendorError {
    let name = &violation.parameter;
    match violation.rule {
        Rule::Required => VendorError::new(
            400,
            format!("Missing{name}"),
            format!("{name} is mandatory for this action."),
        ),
        _ => VendorError::new(
            400,
            format!("Invalid{name}"),
            format!("Specified parameter {name} is not valid."),
        ),
    }
}

fn credentials(problem: &CredentialProblem) -> VendorError {
    let missing = |name: &str| {
        VendorError::new(
            400,
            format!("Missing{name}"),
            format!("{name} is mandatory for this action."),
        )
    };
    match problem {
        CredentialProblem::Absent => missing("AccessKeyId"),
        CredentialProblem::Missing(name) => missing(name),
        CredentialProblem::Malformed(_) => VendorError::new(
            400,
            "IncompleteSignature",
            "The request signature does not conform to Aliyun standards.",
        ),
        CredentialProblem::UnknownMethod => VendorError::new(
            400,
            "InvalidSignatureMethod",
            "Specified signature method is not valid.",
        ),
        CredentialProblem::DateFormat => VendorError::new(
            400,
            "InvalidTimeStamp.Format",
            "Specified time stamp or date value is not well formatted.",
        ),
        _ => internal(),
    }
}

fn internal() -> VendorError {
    VendorError::new(
        500,
        "InternalError",
        "The request processing has failed due to some unknown error, exception or failure.",
    )
}

/// The gateway's own errors.
pub static CATALOGUE: &[crate::wire::refusal::CatalogueEntry] = &[];
