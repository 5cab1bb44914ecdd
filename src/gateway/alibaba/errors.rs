//! The gateway's own codes, with the exact wording of the vendor's pages: of the first of its
//! two dialects, which is what real refusals are in.

use crate::gateway::exchange::Exchange;
use crate::wire::refusal::{
    CatalogueEntry, CredentialProblem, Reason, Rule, Signed, ThrottleScope, VendorError, Violation,
};

pub fn error(_exchange: &Exchange<'_>, reason: &Reason) -> VendorError {
    match reason {
        Reason::UnknownVersion => say("InvalidVersion"),
        Reason::UnknownOperation => say("InvalidAction.NotFound"),
        Reason::WrongMethod => say("UnsupportedHTTPMethod"),
        Reason::UnknownFormat => say("InvalidParameter.Format"),
        Reason::Credentials(problem) => credentials(problem),
        Reason::Parameters(violations) => match violations.first() {
            Some(violation) => parameter(violation),
            None => say("InternalError"),
        },
        Reason::Undecodable => say("InvalidParameter"),
        // Services word their own; this is the pattern of the vendor's other products.
        Reason::Unknown { .. } => say("ResourceNotFound"),
        Reason::Throttled(throttle) => say(match throttle.scope {
            ThrottleScope::User => "Throttling.User",
            ThrottleScope::Api => "Throttling.Api",
        }),
        Reason::Asked(entry) => VendorError::new(entry.status, entry.code, entry.message),
        Reason::Own(entry, value) => VendorError::from_entry(entry, false, value),
        // Services word their own.
        Reason::WrongState { .. } | Reason::Internal => say("InternalError"),
    }
}

fn parameter(violation: &Violation) -> VendorError {
    match violation.rule {
        Rule::Required => of(MISSING, &violation.parameter),
        _ => of(INVALID, &violation.parameter),
    }
}

fn credentials(problem: &CredentialProblem) -> VendorError {
    match problem {
        CredentialProblem::Absent => of(MISSING, "AccessKeyId"),
        CredentialProblem::Missing(name) => of(MISSING, name),
        CredentialProblem::Malformed(_) => say("IncompleteSignature"),
        CredentialProblem::UnknownMethod => say("InvalidSignatureMethod"),
        CredentialProblem::DateFormat => say("InvalidTimeStamp.Format"),
        CredentialProblem::Skewed { .. } => say("InvalidTimeStamp.Expired"),
        CredentialProblem::UnknownKey(_) => say("InvalidAccessKeyId.NotFound"),
        // That a key without a token expires is not known of the vendor (inferred).
        CredentialProblem::InactiveKey | CredentialProblem::ExpiredKey => {
            say("InvalidAccessKeyId.Inactive")
        }
        CredentialProblem::NonceUsed => say("SignatureNonceUsed"),
        CredentialProblem::SignatureMismatch(signed) => mismatch(signed),
        CredentialProblem::TokenMalformed => say("InvalidSecurityToken.Malformed"),
        CredentialProblem::TokenMismatch | CredentialProblem::TokenElsewhere => {
            say("InvalidSecurityToken.MismatchWithAccessKey")
        }
        CredentialProblem::TokenExpired { .. } => say("InvalidSecurityToken.Expired"),
        // Which of the two a product uses differs; Forbidden.RAM is the database family's.
        CredentialProblem::NotAllowed { action } if action.starts_with("dts:") => {
            say("Forbidden.RAM")
        }
        CredentialProblem::NotAllowed { .. } => say("NoPermission"),
    }
}

/// Each generation has a wording of its own.
fn mismatch(signed: &Signed) -> VendorError {
    let v3 = !signed.canonical_request.is_empty();
    let named = CATALOGUE.iter().filter(|entry| entry.code == MISMATCH);
    let mut wordings = named.filter(|entry| entry.message.contains("{CanonicalRequest}") == v3);
    let Some(entry) = wordings.next() else { return say("InternalError") };
    // What is filled in may itself contain braces, so it is not searched again.
    let (start, rest) = entry.message.split_once("{StringToSign}").unwrap_or((entry.message, ""));
    let rest = rest.replace("{CanonicalRequest}", &signed.canonical_request);
    let message = format!("{start}{}{rest}", signed.string_to_sign);
    VendorError::new(entry.status, entry.code, message)
}

const MISSING: &str = "Missing{Name}";
const INVALID: &str = "Invalid{Name}";
const MISMATCH: &str = "SignatureDoesNotMatch";

fn entry(code: &str) -> Option<&'static CatalogueEntry> {
    CATALOGUE.iter().find(|entry| entry.code == code)
}

fn say(code: &str) -> VendorError {
    // A code that is not in the table would be a slip in this file; a test looks for it.
    match entry(code) {
        Some(entry) => VendorError::new(entry.status, entry.code, entry.message),
        None => VendorError::new(500, "InternalError", ""),
    }
}

/// One of the codes that have a name in them.
fn of(code: &str, name: &str) -> VendorError {
    let Some(entry) = entry(code) else { return say("InternalError") };
    let fill = |text: &str| text.replace("{Name}", name);
    VendorError::new(entry.status, fill(entry.code), fill(entry.message))
}

const fn told(
    status: u16,
    code: &'static str,
    message: &'static str,
    provoke: &'static str,
) -> CatalogueEntry {
    CatalogueEntry { status, code, message, chinese: None, provoke }
}

/// The gateway's own errors. Statuses that differ between the vendor's pages are the general
/// gateway's; texts that no page has are left empty.
pub static CATALOGUE: &[CatalogueEntry] = &[
    told(
        404,
        "InvalidProduct.NotFound",
        "Cannot find product according to your specified domain.",
        "header x-syncmock-refuse: InvalidProduct.NotFound",
    ),
    told(
        404,
        "InvalidAction.NotFound",
        "Specified api is not found, please check your url and method.",
        "an Action that is not impersonated, or another path than /",
    ),
    told(
        404,
        "InvalidApi.NotFound",
        "Specified api is not found,please check your url and method.",
        "header x-syncmock-refuse: InvalidApi.NotFound",
    ),
    told(400, "InvalidVersion", "Specified parameter Version is not valid.", "an unknown Version"),
    told(
        400,
        "InvalidProtocol.NeedSsl",
        "Your request is denied as lack of ssl protect.",
        "header x-syncmock-refuse: InvalidProtocol.NeedSsl",
    ),
    told(400, MISSING, "{Name} is mandatory for this action.", "a mandatory parameter left out"),
    told(400, INVALID, "Specified parameter {Name} is not valid.", "a value out of its bounds"),
    // Inferred: the code that the gateway's pattern gives for a value it can not read.
    told(
        400,
        "InvalidParameter",
        "The request can not be decoded as UTF-8.",
        "a parameter that is not UTF-8",
    ),
    told(
        400,
        "InvalidParameter.Format",
        "Specified parameter format is not valid.",
        "a Format that is neither JSON nor XML",
    ),
    told(400, "InvalidParameter.Accept", "", "header x-syncmock-refuse: InvalidParameter.Accept"),
    told(
        404,
        "InvalidAccessKeyId.NotFound",
        "Specified access key is not found.",
        "credentials = \"verified\" and an unknown access key id",
    ),
    told(
        400,
        "InvalidAccessKeyId.Inactive",
        "Specified access key is disabled.",
        "credentials = \"verified\" and a key whose state is inactive",
    ),
    told(
        403,
        "Forbidden.AccessKeyDisabled",
        "",
        "header x-syncmock-refuse: Forbidden.AccessKeyDisabled",
    ),
    told(
        400,
        "InvalidTimeStamp.Format",
        "Specified time stamp or date value is not well formatted.",
        "credentials = \"required\" and a time stamp that is not YYYY-MM-DDThh:mm:ssZ",
    ),
    told(
        400,
        "InvalidTimeStamp.Expired",
        "Specified time stamp or date value is expired.",
        "credentials = \"verified\" and a time stamp off by more than clock_skew",
    ),
    told(
        400,
        "SignatureNonceUsed",
        "Specified signature nonce was used already.",
        "credentials = \"verified\" and the same request twice",
    ),
    told(
        400,
        "InvalidSignatureMethod",
        "Specified signature method is not valid.",
        "credentials = \"required\" and a signature method that is not known",
    ),
    // Of V1: aliyun-python-sdk-core splits the message at its colon.
    told(
        400,
        MISMATCH,
        "Specified signature is not matched with our calculation. server string to sign \
         is:{StringToSign}",
        "credentials = \"verified\" and a wrong V1 signature",
    ),
    // Of V3; the exact spacing is not sure.
    told(
        400,
        MISMATCH,
        "Specified signature does not match our calculation. server StringToSign is \
         [{StringToSign}] server CanonicalRequest is [{CanonicalRequest}]",
        "credentials = \"verified\" and a wrong V3 signature",
    ),
    told(
        400,
        "IncompleteSignature",
        "The request signature does not conform to Aliyun standards.",
        "credentials = \"required\" and an Authorization header without a Signature",
    ),
    told(
        400,
        "InvalidSecurityToken.Expired",
        "Specified SecurityToken is expired.",
        "credentials = \"verified\" and a key with a session_token whose state is expired",
    ),
    told(
        400,
        "InvalidSecurityToken.Malformed",
        "Specified SecurityToken is malformed.",
        "credentials = \"verified\" and a token that is no key's",
    ),
    told(
        400,
        "InvalidSecurityToken.MismatchWithAccessKey",
        "Specified SecurityToken mismatch with the AccessKey.",
        "credentials = \"verified\" and the token of another key",
    ),
    told(
        400,
        "Throttling",
        "Request was denied due to request throttling.",
        "header x-syncmock-refuse: Throttling",
    ),
    told(
        400,
        "Throttling.User",
        "Request was denied due to user flow control.",
        "a [[gateway.quota]] that is used up",
    ),
    told(
        400,
        "Throttling.Api",
        "Request was denied due to api flow control.",
        "a [[gateway.quota]] with shared = true that is used up",
    ),
    told(
        400,
        "UnsupportedHTTPMethod",
        "This http method is not supported.",
        "another method than GET or POST, or GET where only POST will do",
    ),
    told(
        400,
        "UnsupportedParameter",
        "The parameter \"{Name}\" is not supported.",
        "header x-syncmock-refuse: UnsupportedParameter",
    ),
    told(400, "ContentMD5NotMatched", "", "header x-syncmock-refuse: ContentMD5NotMatched"),
    told(
        400,
        "ContentLengthDoesNotMatch",
        "",
        "header x-syncmock-refuse: ContentLengthDoesNotMatch",
    ),
    told(404, "InvalidRegion.NotFound", "", "header x-syncmock-refuse: InvalidRegion.NotFound"),
    told(500, "UnknownError", "", "header x-syncmock-refuse: UnknownError"),
    told(
        403,
        "NoPermission",
        "You are not authorized to do this action.",
        "credentials = \"verified\" and an operation of eiam that is not one of the key's",
    ),
    told(
        403,
        "Forbidden.RAM",
        "User not authorized to operate on the specified resource, or this API doesn't support \
         RAM.",
        "credentials = \"verified\" and an operation of dts that is not one of the key's",
    ),
    told(
        404,
        "ResourceNotFound",
        "The specified resource does not exist.",
        "header x-syncmock-refuse: ResourceNotFound",
    ),
    told(
        500,
        "InternalError",
        "The request processing has failed due to some unknown error, exception or failure.",
        "header x-syncmock-refuse: InternalError",
    ),
    told(
        503,
        "ServiceUnavailable",
        "The request has failed due to a temporary failure of the server.",
        "header x-syncmock-refuse: ServiceUnavailable",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code that this file says stands in the table.
    #[test]
    fn no_code_is_missing_from_the_table() {
        let source = include_str!("errors.rs");
        let said = source.split("say(\"").skip(1).filter_map(|text| text.split('"').next());
        let mut count = 0;
        for code in said.filter(|code| !code.is_empty() && !code.contains(')')) {
            assert!(entry(code).is_some(), "{code}");
            count += 1;
        }
        assert!(count > 15, "{count}");
        for code in ["Throttling.User", "Throttling.Api", MISSING, INVALID, MISMATCH] {
            assert!(entry(code).is_some(), "{code}");
        }
    }

    #[test]
    fn names_are_filled_in() {
        let error = of(MISSING, "Timestamp");
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
