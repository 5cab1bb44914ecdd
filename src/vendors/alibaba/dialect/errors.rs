//! The gateway's own codes, with the exact wording of the vendor's pages. The pages have two
//! wordings; real refusals have the first of them.

use crate::wire::error::{
    CredentialProblem, ErrorEntry, Reason, Rule, Signed, ThrottleScope, VendorError, Violation,
};

const fn row(
    status: u16,
    code: &'static str,
    message: &'static str,
    trigger: &'static str,
) -> ErrorEntry {
    ErrorEntry { status, code, message, chinese: None, trigger }
}

/// An error that no request causes by itself.
macro_rules! on_request {
    ($status:literal, $code:literal, $message:literal) => {
        row($status, $code, $message, concat!("header x-syncmock-refuse: ", $code))
    };
}

const UNKNOWN_ACTION: ErrorEntry = row(
    404,
    "InvalidAction.NotFound",
    "Specified api is not found, please check your url and method.",
    "an Action that is not impersonated, or another path than /",
);
const UNKNOWN_VERSION: ErrorEntry =
    row(400, "InvalidVersion", "Specified parameter Version is not valid.", "an unknown Version");
const MISSING_NAME: ErrorEntry = row(
    400,
    "Missing{Name}",
    "{Name} is mandatory for this action.",
    "a mandatory parameter left out",
);
const INVALID_NAME: ErrorEntry = row(
    400,
    "Invalid{Name}",
    "Specified parameter {Name} is not valid.",
    "a value out of its bounds",
);
/// Inferred: the code that the gateway's pattern gives for a value it cannot read.
const UNDECODABLE: ErrorEntry = row(
    400,
    "InvalidParameter",
    "The request can not be decoded as UTF-8.",
    "a parameter that is not UTF-8",
);
const UNKNOWN_FORMAT: ErrorEntry = row(
    400,
    "InvalidParameter.Format",
    "Specified parameter format is not valid.",
    "a Format that is neither JSON nor XML",
);
const UNKNOWN_KEY: ErrorEntry = row(
    404,
    "InvalidAccessKeyId.NotFound",
    "Specified access key is not found.",
    "credentials = \"verified\" and an unknown access key id",
);
const INACTIVE_KEY: ErrorEntry = row(
    400,
    "InvalidAccessKeyId.Inactive",
    "Specified access key is disabled.",
    "credentials = \"verified\" and a key whose state is inactive",
);
const TIMESTAMP_FORMAT: ErrorEntry = row(
    400,
    "InvalidTimeStamp.Format",
    "Specified time stamp or date value is not well formatted.",
    "credentials = \"required\" and a time stamp that is not YYYY-MM-DDThh:mm:ssZ",
);
const TIMESTAMP_EXPIRED: ErrorEntry = row(
    400,
    "InvalidTimeStamp.Expired",
    "Specified time stamp or date value is expired.",
    "credentials = \"verified\" and a time stamp off by more than clock_skew",
);
const NONCE_USED: ErrorEntry = row(
    400,
    "SignatureNonceUsed",
    "Specified signature nonce was used already.",
    "credentials = \"verified\" and the same request twice",
);
const UNKNOWN_SIGNATURE_METHOD: ErrorEntry = row(
    400,
    "InvalidSignatureMethod",
    "Specified signature method is not valid.",
    "credentials = \"required\" and a signature method that is not known",
);
/// V1: aliyun-python-sdk-core splits the message at its colon.
const V1_MISMATCH: ErrorEntry = row(
    400,
    "SignatureDoesNotMatch",
    "Specified signature is not matched with our calculation. server string to sign \
     is:{StringToSign}",
    "credentials = \"verified\" and a wrong V1 signature",
);
/// V3; the exact spacing is not sure.
const V3_MISMATCH: ErrorEntry = row(
    400,
    "SignatureDoesNotMatch",
    "Specified signature does not match our calculation. server StringToSign is \
     [{StringToSign}] server CanonicalRequest is [{CanonicalRequest}]",
    "credentials = \"verified\" and a wrong V3 signature",
);
const INCOMPLETE_SIGNATURE: ErrorEntry = row(
    400,
    "IncompleteSignature",
    "The request signature does not conform to Aliyun standards.",
    "credentials = \"required\" and an Authorization header without a Signature",
);
const TOKEN_EXPIRED: ErrorEntry = row(
    400,
    "InvalidSecurityToken.Expired",
    "Specified SecurityToken is expired.",
    "credentials = \"verified\" and a key with a session_token whose state is expired",
);
const TOKEN_MALFORMED: ErrorEntry = row(
    400,
    "InvalidSecurityToken.Malformed",
    "Specified SecurityToken is malformed.",
    "credentials = \"verified\" and a token that is no key's",
);
const TOKEN_MISMATCH: ErrorEntry = row(
    400,
    "InvalidSecurityToken.MismatchWithAccessKey",
    "Specified SecurityToken mismatch with the AccessKey.",
    "credentials = \"verified\" and the token of another key",
);
const THROTTLED_USER: ErrorEntry = row(
    400,
    "Throttling.User",
    "Request was denied due to user flow control.",
    "a [[gateway.quota]] that is used up",
);
const THROTTLED_API: ErrorEntry = row(
    400,
    "Throttling.Api",
    "Request was denied due to api flow control.",
    "a [[gateway.quota]] with shared = true that is used up",
);
const WRONG_METHOD: ErrorEntry = row(
    400,
    "UnsupportedHTTPMethod",
    "This http method is not supported.",
    "another method than GET or POST, or GET where only POST will do",
);
const NO_PERMISSION: ErrorEntry = row(
    403,
    "NoPermission",
    "You are not authorized to do this action.",
    "credentials = \"verified\" and an operation of eiam that is not one of the key's",
);
/// The database family's code for the same (its products' error tables).
pub(crate) const FORBIDDEN_BY_RAM: ErrorEntry = row(
    403,
    "Forbidden.RAM",
    "User not authorized to operate on the specified resource, or this API doesn't support \
     RAM.",
    "credentials = \"verified\" and an operation of dts that is not one of the key's",
);
const NOT_FOUND: ErrorEntry = row(
    404,
    "ResourceNotFound",
    "The specified resource does not exist.",
    "header x-syncmock-refuse: ResourceNotFound",
);
const INTERNAL: ErrorEntry = row(
    500,
    "InternalError",
    "The request processing has failed due to some unknown error, exception or failure.",
    "header x-syncmock-refuse: InternalError",
);

/// The gateway's own errors. Where the vendor's pages differ in a status, it is that of the general
/// gateway; a message that no page has is empty.
pub(crate) static ERRORS: &[ErrorEntry] = &[
    row(
        404,
        "InvalidProduct.NotFound",
        "Cannot find product according to your specified domain.",
        "header x-syncmock-refuse: InvalidProduct.NotFound",
    ),
    UNKNOWN_ACTION,
    row(
        404,
        "InvalidApi.NotFound",
        "Specified api is not found,please check your url and method.",
        "header x-syncmock-refuse: InvalidApi.NotFound",
    ),
    UNKNOWN_VERSION,
    row(
        400,
        "InvalidProtocol.NeedSsl",
        "Your request is denied as lack of ssl protect.",
        "header x-syncmock-refuse: InvalidProtocol.NeedSsl",
    ),
    MISSING_NAME,
    INVALID_NAME,
    UNDECODABLE,
    UNKNOWN_FORMAT,
    row(400, "InvalidParameter.Accept", "", "header x-syncmock-refuse: InvalidParameter.Accept"),
    UNKNOWN_KEY,
    INACTIVE_KEY,
    row(
        403,
        "Forbidden.AccessKeyDisabled",
        "The AccessKey is disabled.",
        "header x-syncmock-refuse: Forbidden.AccessKeyDisabled",
    ),
    TIMESTAMP_FORMAT,
    TIMESTAMP_EXPIRED,
    NONCE_USED,
    UNKNOWN_SIGNATURE_METHOD,
    V1_MISMATCH,
    V3_MISMATCH,
    INCOMPLETE_SIGNATURE,
    TOKEN_EXPIRED,
    TOKEN_MALFORMED,
    TOKEN_MISMATCH,
    row(
        400,
        "Throttling",
        "Request was denied due to request throttling.",
        "header x-syncmock-refuse: Throttling",
    ),
    THROTTLED_USER,
    THROTTLED_API,
    WRONG_METHOD,
    row(
        400,
        "UnsupportedParameter",
        "The parameter \"{Name}\" is not supported.",
        "header x-syncmock-refuse: UnsupportedParameter",
    ),
    row(400, "ContentMD5NotMatched", "", "header x-syncmock-refuse: ContentMD5NotMatched"),
    row(
        400,
        "ContentLengthDoesNotMatch",
        "",
        "header x-syncmock-refuse: ContentLengthDoesNotMatch",
    ),
    row(404, "InvalidRegion.NotFound", "", "header x-syncmock-refuse: InvalidRegion.NotFound"),
    row(500, "UnknownError", "", "header x-syncmock-refuse: UnknownError"),
    NO_PERMISSION,
    FORBIDDEN_BY_RAM,
    NOT_FOUND,
    INTERNAL,
    row(
        503,
        "ServiceUnavailable",
        "The request has failed due to a temporary failure of the server.",
        "header x-syncmock-refuse: ServiceUnavailable",
    ),
    // Errors of the vendor's other products, for which clients look whatever the product
    // (terraform-provider-alicloud, the vendor's SDKs and skills). Status and message are those of
    // the error pages of ALB, CLB, ECS, Express Connect, KMS, PolarDB, PrivateLink and the database
    // family. Where no page has the error, its message is empty and its status is inferred.
    on_request!(400, "Throttling.System", ""),
    // The page has 429; as for all throttled calls, gateway.alibaba.throttling_status counts.
    on_request!(400, "Throttling.Resource", "The request throttle by resource operation."),
    on_request!(400, "Throttling.ConcurrentLimitExceeded", ""),
    on_request!(400, "Throttling.UserConcurrentLimit", ""),
    on_request!(429, "Rejected.Throttling", "QPS Limit Exceeded"),
    on_request!(429, "TooManyRequests", ""),
    on_request!(400, "SystemBusy", "System is busy, please try again later."),
    on_request!(400, "System.Busy", ""),
    on_request!(400, "OperationBusy", "A previous operation is pending."),
    on_request!(
        409,
        "OperationConflict",
        "Request was denied due to conflict with a previous request."
    ),
    on_request!(400, "InvalidOperation.Conflict", ""),
    on_request!(400, "Operation.Blocking", ""),
    on_request!(400, "TaskConflict", ""),
    on_request!(400, "Conflict.Lock", "There are other unfinished operations."),
    on_request!(400, "LockFailed", ""),
    on_request!(400, "LockTimeout", ""),
    on_request!(
        400,
        "ConcurrentCallNotSupported",
        "The operation conflicts with other operations. Please try again later."
    ),
    on_request!(400, "ConcurrentTaskExceeded", "Concurrent task exceeding the allowed amount."),
    on_request!(403, "LastTokenProcessing", "The last token request is processing."),
    on_request!(400, "OperationFailed.LastTokenProcessing", ""),
    on_request!(400, "IdempotenceProcessing", "The previous request is still processing."),
    on_request!(400, "IncorrectStatus", ""),
    on_request!(404, "NotFound", ""),
    on_request!(404, "Instance.Notfound", ""),
    on_request!(404, "Forbidden.InstanceNotFound", "The specified Instance is not found."),
    on_request!(500, "InternalServerError", ""),
];

pub(crate) fn vendor_error(reason: &Reason) -> VendorError {
    match reason {
        Reason::UnknownVersion => listed(&UNKNOWN_VERSION),
        Reason::UnknownOperation => listed(&UNKNOWN_ACTION),
        Reason::WrongMethod => listed(&WRONG_METHOD),
        Reason::UnknownFormat => listed(&UNKNOWN_FORMAT),
        Reason::Credentials(problem) => credentials(problem),
        Reason::Parameters(violations) => match violations.first() {
            Some(violation) => parameter(violation),
            None => listed(&INTERNAL),
        },
        Reason::Undecodable => listed(&UNDECODABLE),
        // Services word their own; this is the pattern of the vendor's other products.
        Reason::NotFound { .. } => listed(&NOT_FOUND),
        Reason::Throttled(throttle) => listed(match throttle.scope {
            ThrottleScope::User => &THROTTLED_USER,
            ThrottleScope::Api => &THROTTLED_API,
        }),
        Reason::Requested(entry) => listed(entry),
        Reason::Own(entry, value) => VendorError::from_entry(entry, false, value),
        // Services word their own.
        Reason::WrongState { .. } | Reason::Internal => listed(&INTERNAL),
    }
}

fn parameter(violation: &Violation) -> VendorError {
    match violation.rule {
        Rule::Required => with_name(&MISSING_NAME, &violation.parameter),
        _ => with_name(&INVALID_NAME, &violation.parameter),
    }
}

fn credentials(problem: &CredentialProblem) -> VendorError {
    match problem {
        CredentialProblem::Absent => with_name(&MISSING_NAME, "AccessKeyId"),
        CredentialProblem::Missing(name) => with_name(&MISSING_NAME, name),
        CredentialProblem::Malformed(_) => listed(&INCOMPLETE_SIGNATURE),
        CredentialProblem::UnknownMethod => listed(&UNKNOWN_SIGNATURE_METHOD),
        CredentialProblem::DateFormat => listed(&TIMESTAMP_FORMAT),
        CredentialProblem::Skewed { .. } => listed(&TIMESTAMP_EXPIRED),
        CredentialProblem::UnknownKey(_) => listed(&UNKNOWN_KEY),
        // Inferred: a key without a token expires.
        CredentialProblem::InactiveKey | CredentialProblem::ExpiredKey => listed(&INACTIVE_KEY),
        CredentialProblem::NonceUsed => listed(&NONCE_USED),
        CredentialProblem::SignatureMismatch(signed) => mismatch(signed),
        CredentialProblem::TokenMalformed => listed(&TOKEN_MALFORMED),
        CredentialProblem::TokenMismatch | CredentialProblem::TokenElsewhere => {
            listed(&TOKEN_MISMATCH)
        }
        CredentialProblem::TokenExpired { .. } => listed(&TOKEN_EXPIRED),
        CredentialProblem::NotAllowed { .. } => listed(&NO_PERMISSION),
    }
}

/// V1 and V3 each have their own wording.
fn mismatch(signed: &Signed) -> VendorError {
    let entry = if signed.canonical_request.is_empty() { &V1_MISMATCH } else { &V3_MISMATCH };
    // The inserted text may contain braces itself, so it is not searched again.
    let (start, rest) = entry.message.split_once("{StringToSign}").unwrap_or((entry.message, ""));
    let rest = rest.replace("{CanonicalRequest}", &signed.canonical_request);
    let message = format!("{start}{}{rest}", signed.string_to_sign);
    VendorError::new(entry.status, entry.code, message)
}

/// The error as the vendor's page lists it, its gaps not filled.
pub(crate) fn listed(entry: &ErrorEntry) -> VendorError {
    VendorError::new(entry.status, entry.code, entry.message)
}

/// One of the errors that have a parameter's name in code and message.
fn with_name(entry: &'static ErrorEntry, name: &str) -> VendorError {
    VendorError::from_entry(entry, false, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in() {
        let error = with_name(&MISSING_NAME, "Timestamp");
        assert_eq!((error.status, error.code.as_ref()), (400, "MissingTimestamp"));
        assert_eq!(error.message, "Timestamp is mandatory for this action.");
        let signed = Signed { string_to_sign: "{Canonical}".into(), canonical_request: "c".into() };
        assert_eq!(
            mismatch(&signed).message,
            "Specified signature does not match our calculation. server StringToSign is \
             [{Canonical}] server CanonicalRequest is [c]"
        );
        let signed = Signed { string_to_sign: "POST&%2F&a".into(), ..Signed::default() };
        assert_eq!(
            mismatch(&signed).message,
            "Specified signature is not matched with our calculation. server string to sign \
             is:POST&%2F&a"
        );
    }
}
