//! Huawei Cloud IAM, as far as the SDKs call it on the way to another service.

mod projects;
mod scenario;
mod tokens;

use http::Method;

pub use scenario::{Plan, Section};

use super::{Evidence, Operation, Route, Service};
use crate::gateway::{Exchange, Gateway};
use crate::wire::refusal::{CatalogueEntry, CredentialProblem, Reason, Thing, VendorError};

pub static SERVICE: Service = Service {
    name: "iam",
    title: "Huawei Cloud IAM",
    gateway: Gateway::Huawei,
    product: "IAM",
    operations: &[
        Operation {
            name: "KeystoneListProjects",
            summary: "Finds a project by its region, as SDKs without a project id do first",
            route: Route::Path { method: Method::GET, template: "/v3/projects" },
            evidence: Evidence::Sdk,
            public: false,
            handler: projects::handle,
        },
        Operation {
            name: "KeystoneCreateUserTokenByPassword",
            summary: "Issues a token for a user's password",
            route: Route::Path { method: Method::POST, template: "/v3/auth/tokens" },
            evidence: Evidence::Documented,
            public: true,
            handler: tokens::handle,
        },
    ],
    machines: &[],
    catalogue: &[
        CatalogueEntry {
            status: 400,
            code: "",
            message: BAD_REQUEST,
            chinese: None,
            provoke: "a body of POST /v3/auth/tokens that is no login with a password",
        },
        CatalogueEntry {
            status: 401,
            code: "",
            message: WRONG_PASSWORD,
            chinese: None,
            provoke: "with gateway.credentials = \"verified\": a wrong user, password or domain",
        },
    ],
    errors,
};

// Keystone's shape, with no code of the gateway's. The texts are inferred: none was captured.
const BAD_REQUEST: &str = "Request body is invalid.";
const WRONG_PASSWORD: &str = "The username or password is wrong.";
const NO_SCOPE: &str = "The request you have made requires authentication.";

/// Tokens are refused by Keystone; the rest of IAM's refusals are the gateway's.
fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    if exchange.request.uri().path() != "/v3/auth/tokens" {
        return None;
    }
    match reason {
        Reason::Parameters(_) => Some(VendorError::new(400, "", BAD_REQUEST)),
        Reason::Credentials(CredentialProblem::UnknownKey(_)) => {
            Some(VendorError::new(401, "", WRONG_PASSWORD))
        }
        Reason::Unknown { thing: Thing::Project, .. } => Some(VendorError::new(401, "", NO_SCOPE)),
        _ => None,
    }
}
