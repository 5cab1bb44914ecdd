//! Huawei Cloud IAM: the operations that SDKs call before those of another service.

mod projects;
mod scenario;
mod tokens;

use http::Method;

pub(crate) use projects::projects_of;
pub(crate) use scenario::{IamPlan, IamSection};

use super::Huawei;
use super::dialect::PROJECT;
use crate::engine::{
    Call, Event, Evidence, HandlerResult, Operation, OperationInfo, Route, RoutedCall, Service,
};
use crate::scenario::Base;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::wire::error::{CredentialProblem, ErrorEntry, Reason, VendorError};
use crate::world::time::Timestamp;

/// Huawei Cloud IAM.
pub(crate) struct Iam;

pub(crate) type IamCall<'a> = Call<'a, Iam>;
pub(crate) type IamResult = HandlerResult<Iam>;

/// IAM has no events.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
pub(crate) enum IamEvent {}

impl Event for IamEvent {}

const CREATE_TOKEN: &str = "KeystoneCreateUserTokenByPassword";

impl Service for Iam {
    type Dialect = Huawei;
    type Section = IamSection;
    type Plan = IamPlan;
    type Event = IamEvent;
    type Projection = ();

    const NAME: &'static str = "iam";
    const TITLE: &'static str = "Huawei Cloud IAM";
    const PRODUCT: &'static str = "IAM";
    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation::new(
            OperationInfo {
                name: "KeystoneListProjects",
                summary: "Finds a project by its region, as SDKs without a project id do first",
                route: Route::Path { method: Method::GET, template: "/v3/projects" },
                evidence: Evidence::Sdk,
                public: false,
                parameters: &["name"],
            },
            projects::keystone_list_projects,
        ),
        Operation::new(
            OperationInfo {
                name: CREATE_TOKEN,
                summary: "Issues a token for a user's password",
                route: Route::Path { method: Method::POST, template: "/v3/auth/tokens" },
                evidence: Evidence::Documented,
                public: true,
                parameters: &["nocatalog"],
            },
            tokens::keystone_create_user_token_by_password,
        ),
    ];
    const ERRORS: &'static [ErrorEntry] = &[
        ErrorEntry {
            status: 400,
            code: "",
            message: BAD_REQUEST,
            chinese: None,
            trigger: "a body of POST /v3/auth/tokens that is no login with a password",
        },
        ErrorEntry {
            status: 401,
            code: "",
            message: WRONG_PASSWORD,
            chinese: None,
            trigger: "with gateway.credentials = \"verified\": a wrong user, password or domain",
        },
        // The statuses are those of the page of KeystoneCreateUserTokenByPassword, the texts
        // Keystone's (inferred).
        on_request(403, "You are not authorized to perform the requested action."),
        on_request(404, "Could not find the requested resource."),
        on_request(500, "An unexpected error prevented the server from fulfilling your request."),
        on_request(503, "The service is temporarily unavailable."),
    ];

    fn plan(
        section: IamSection,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> IamPlan {
        section.plan(base, path, problems)
    }

    fn apply((): &mut (), _: &IamPlan, _: u64, _: Timestamp, event: &IamEvent) {
        match *event {}
    }

    /// Errors of KeystoneCreateUserTokenByPassword have Keystone's shape; the others are the
    /// gateway's.
    fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
        if call.operation.name() != CREATE_TOKEN {
            return None;
        }
        match reason {
            Reason::Parameters(_) => Some(VendorError::new(400, "", BAD_REQUEST)),
            Reason::Credentials(CredentialProblem::UnknownKey(_)) => {
                Some(VendorError::new(401, "", WRONG_PASSWORD))
            }
            Reason::NotFound { kind: PROJECT, .. } => Some(VendorError::new(401, "", NO_SCOPE)),
            _ => None,
        }
    }
}

// Keystone's shape, with no code of the gateway's. The texts are inferred: none was captured.
/// An error in Keystone's shape that occurs only when a request selects it by its status.
const fn on_request(status: u16, message: &'static str) -> ErrorEntry {
    let trigger = "header x-syncmock-refuse: its status";
    ErrorEntry { status, code: "", message, chinese: None, trigger }
}

const BAD_REQUEST: &str = "Request body is invalid.";
const WRONG_PASSWORD: &str = "The username or password is wrong.";
const NO_SCOPE: &str = "The request you have made requires authentication.";
