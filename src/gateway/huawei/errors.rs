//! The gateway's own codes. Public cloud services answer `APIGW.`, dedicated gateways
//! `APIG.` with the same numbers; the scenario chooses.

use crate::gateway::Exchange;
use crate::wire::refusal::{CredentialProblem, Reason, VendorError, Violation};

pub fn error(exchange: &Exchange<'_>, reason: &Reason) -> VendorError {
    let (status, number, message) = wording(reason);
    let prefix = exchange.plan.gateway.huawei_error_prefix;
    VendorError::new(status, format!("{prefix}.{number}"), message)
}

fn wording(reason: &Reason) -> (u16, &'static str, String) {
    let unauthorized =
        |detail: &str| (401, "0301", format!("Incorrect IAM authentication information: {detail}"));
    match reason {
        Reason::UnknownOperation => (
            404,
            "0101",
            "The API does not exist or has not been published in the environment.".into(),
        ),
        Reason::WrongMethod => (404, "0101", "The API does not exist.".into()),
        Reason::Credentials(CredentialProblem::Absent) => unauthorized("x-auth-token not found"),
        // The details of these are inferred; the code and the sentence before them are not.
        Reason::Credentials(CredentialProblem::Missing(name)) => {
            unauthorized(&format!("{name} not found"))
        }
        Reason::Credentials(CredentialProblem::Malformed(name)) => {
            unauthorized(&format!("{name} format error"))
        }
        Reason::Credentials(CredentialProblem::UnknownMethod) => {
            unauthorized("signature algorithm not supported")
        }
        Reason::Credentials(CredentialProblem::DateFormat) => {
            unauthorized("x-sdk-date format error")
        }
        Reason::Undecodable | Reason::UnknownFormat | Reason::UnknownVersion => {
            (400, "0201", "API request error.".into())
        }
        Reason::Parameters(violations) => {
            let name =
                |v: &Violation| format!("The value of parameter {} is invalid.", v.parameter);
            (400, "0201", violations.first().map_or("API request error.".into(), name))
        }
        Reason::Unknown { .. } => (403, "0310", "The project is unavailable.".into()),
        Reason::Credentials(_) => unauthorized(""),
        Reason::Throttled(_) | Reason::Asked(_) | Reason::Internal => {
            (500, "0601", "Internal server error.".into())
        }
    }
}

/// The gateway's own errors.
pub static CATALOGUE: &[crate::wire::refusal::CatalogueEntry] = &[];
