//! The gateway's own error codes, from its error page (opentelekomcloud-docs/api-gateway, the
//! same product). The public cloud answers with the prefix `APIGW.`, dedicated gateways with
//! `APIG.` and the same numbers; the scenario chooses.

use super::sent_signature::SentSignature;
use super::{ErrorPrefix, Huawei};
use crate::engine::RequestContext;
use crate::wire::error::{
    CredentialProblem, ErrorEntry, Reason, Throttle, ThrottleScope, VendorError, Violation,
};
use crate::world::time::{DAY, HOUR, MINUTE, SECOND};

const fn entry(
    code: &'static str,
    status: u16,
    message: &'static str,
    trigger: &'static str,
) -> ErrorEntry {
    ErrorEntry { status, code, message, chinese: None, trigger }
}

/// The trigger of an error that no scenario causes by itself.
macro_rules! by_header {
    ($code:literal) => {
        concat!("header x-syncmock-refuse: APIGW.", $code)
    };
}

const UNKNOWN_API: ErrorEntry = entry(
    "APIGW.0101",
    404,
    "The API does not exist or has not been published in the environment.",
    "a path that is not impersonated",
);
const WRONG_METHOD: ErrorEntry =
    entry("APIGW.0101", 404, "The API does not exist.", "a method that the path does not have");
const BAD_REQUEST: ErrorEntry =
    entry("APIGW.0201", 400, "API request error.", "a query that is not UTF-8 once decoded");
const UNAUTHORIZED: ErrorEntry = entry(
    "APIGW.0301",
    401,
    "Incorrect IAM authentication information: {DETAIL}",
    "with gateway.credentials = \"verified\": a signature or token that does not verify",
);
const NOT_ALLOWED: ErrorEntry = entry(
    "APIGW.0302",
    403,
    "The IAM user is not authorized to access the API.",
    "with gateway.credentials = \"verified\": a key whose operations lack this one",
);
const TOKEN_STALE: ErrorEntry = entry(
    "APIGW.0307",
    401,
    "The token must be updated.",
    "with gateway.credentials = \"verified\": a token that has expired, or of another project",
);
const THROTTLED: ErrorEntry = entry(
    "APIGW.0308",
    429,
    "The throttling threshold has been reached: {DETAIL}",
    "more calls than a gateway.quota allows",
);
const NO_PROJECT: ErrorEntry =
    entry("APIGW.0310", 403, "The project is unavailable.", by_header!("0310"));
const INTERNAL: ErrorEntry = entry("APIGW.0601", 500, "Internal server error.", by_header!("0601"));

/// The gateway's own errors. Where several have the same code, the header `x-syncmock-refuse`
/// names the first by its code and the others by `CODE/STATUS`.
pub(crate) static ERRORS: &[ErrorEntry] = &[
    UNKNOWN_API,
    WRONG_METHOD,
    entry("APIGW.0103", 404, "The backend does not exist.", by_header!("0103")),
    entry("APIGW.0106", 400, "Orchestration error.", by_header!("0106")),
    BAD_REQUEST,
    entry("APIGW.0201", 413, "Request entity too large.", by_header!("0201/413")),
    entry("APIGW.0201", 414, "Request URI too large.", by_header!("0201/414")),
    entry("APIGW.0201", 494, "Request headers too large.", by_header!("0201/494")),
    entry("APIGW.0201", 502, "Backend unavailable.", by_header!("0201/502")),
    entry("APIGW.0201", 504, "Backend timeout.", by_header!("0201/504")),
    UNAUTHORIZED,
    NOT_ALLOWED,
    entry("APIGW.0303", 401, "Incorrect app authentication information.", by_header!("0303")),
    entry("APIGW.0304", 403, "The app is not authorized to access the API.", by_header!("0304")),
    entry("APIGW.0305", 401, "Incorrect authentication information.", by_header!("0305")),
    entry("APIGW.0306", 403, "API access denied.", by_header!("0306")),
    TOKEN_STALE,
    THROTTLED,
    NO_PROJECT,
    entry("APIGW.0401", 403, "Unknown client IP address.", by_header!("0401")),
    entry(
        "APIGW.0402",
        403,
        "The IP address is not authorized to access the API.",
        by_header!("0402"),
    ),
    entry(
        "APIGW.0404",
        403,
        "Access to the backend IP address has been denied.",
        by_header!("0404"),
    ),
    entry("APIGW.0501", 405, "The app quota has been used up.", by_header!("0501")),
    entry("APIGW.0502", 405, "The app has been frozen.", by_header!("0502")),
    INTERNAL,
    entry("APIGW.0602", 400, "Bad request.", by_header!("0602")),
    entry("APIGW.0605", 500, "Domain name resolution failed.", by_header!("0605")),
    entry("APIGW.0606", 500, "Failed to load the API configurations.", by_header!("0606")),
    entry("APIGW.0607", 400, "The following protocol is supported: {xxx}", by_header!("0607")),
    entry("APIGW.0608", 500, "Failed to obtain the admin token.", by_header!("0608")),
    entry("APIGW.0609", 500, "The VPC backend does not exist.", by_header!("0609")),
    entry("APIGW.0610", 502, "No backend available.", by_header!("0610")),
    entry("APIGW.0611", 500, "The backend port does not exist.", by_header!("0611")),
    entry("APIGW.0612", 500, "An API cannot call itself.", by_header!("0612")),
    entry("APIGW.0613", 503, "The IAM service is currently unavailable.", by_header!("0613")),
    entry("APIGW.0705", 500, "Backend signature calculation failed.", by_header!("0705")),
    entry(
        "APIGW.0801",
        403,
        "The service is unavailable in the currently selected region.",
        by_header!("0801"),
    ),
    entry(
        "APIGW.0802",
        403,
        "The IAM user is forbidden in the currently selected region.",
        by_header!("0802"),
    ),
];

pub(crate) fn vendor_error(context: &RequestContext<'_>, reason: &Reason) -> VendorError {
    match reason {
        Reason::UnknownOperation => from_entry(context, &UNKNOWN_API, ""),
        Reason::WrongMethod => from_entry(context, &WRONG_METHOD, ""),
        Reason::Credentials(problem) => credential_vendor_error(context, problem),
        Reason::Throttled(throttle) => from_entry(context, &THROTTLED, &throttle_detail(throttle)),
        Reason::Undecodable | Reason::UnknownFormat | Reason::UnknownVersion => {
            from_entry(context, &BAD_REQUEST, "")
        }
        Reason::Parameters(violations) => {
            let mut error = from_entry(context, &BAD_REQUEST, "");
            if let Some(Violation { parameter, .. }) = violations.first() {
                error.message = format!("The value of parameter {parameter} is invalid.").into();
            }
            error
        }
        Reason::NotFound { .. } => from_entry(context, &NO_PROJECT, ""),
        Reason::Requested(entry) => requested(context, entry),
        Reason::Own(entry, value) => VendorError::from_entry(entry, context.wants_chinese(), value),
        // Services have wordings of their own.
        Reason::WrongState { .. } | Reason::Internal => from_entry(context, &INTERNAL, ""),
    }
}

/// An error that the request selects by code, its placeholder filled with a plausible detail.
fn requested(context: &RequestContext<'_>, entry: &'static ErrorEntry) -> VendorError {
    let detail = match entry.code {
        // From a real body.
        "APIGW.0308" => "policy user over ratelimit,limit:60,time:1 minute",
        // The detail of older gateways, which lack the canonical request.
        "APIGW.0301" => "verify aksk signature fail",
        _ => "https",
    };
    from_entry(context, entry, detail)
}

fn from_entry(context: &RequestContext<'_>, entry: &ErrorEntry, detail: &str) -> VendorError {
    let prefix = error_prefix(context).name();
    let code = match entry.code.strip_prefix("APIGW") {
        Some(number) => format!("{prefix}{number}"),
        None => entry.code.to_owned(),
    };
    // The gateway's own texts are English only; a service's entry may have a Chinese one, too.
    let text = entry.chinese.filter(|_| context.wants_chinese()).unwrap_or(entry.message);
    let message = text.replace("{DETAIL}", detail).replace("{xxx}", detail);
    VendorError::new(entry.status, code, message)
}

#[expect(clippy::expect_used, reason = "a request gets here only in a world with the vendor")]
fn error_prefix(context: &RequestContext<'_>) -> ErrorPrefix {
    context.settings::<Huawei>().expect("the settings of the gateway").error_prefix
}

fn credential_vendor_error(
    context: &RequestContext<'_>,
    problem: &CredentialProblem,
) -> VendorError {
    use CredentialProblem::*;
    // The vendor's own details (error page, public issues) are those of aksk signatures, of keys
    // that do not exist, and of tokens that are absent or cannot be decrypted; the rest is inferred.
    let detail = match problem {
        TokenExpired { .. } | TokenElsewhere => return from_entry(context, &TOKEN_STALE, ""),
        NotAllowed { .. } => return from_entry(context, &NOT_ALLOWED, ""),
        Absent => "x-auth-token not found".to_owned(),
        Missing(name) => format!("{name} not found"),
        Malformed(name) => format!("{name} format error"),
        UnknownMethod => "signature algorithm not supported".to_owned(),
        DateFormat => "x-sdk-date format error".to_owned(),
        Skewed { sent, server } => format!(
            "calc aksk signature fail:signature expired, signature time:{sent},server time:{server}"
        ),
        UnknownKey(id) => format!("ak {id} not exist"),
        InactiveKey | ExpiredKey => {
            let id = SentSignature::from_request(context.request)
                .map(|sent| sent.key_id)
                .unwrap_or_default();
            format!("ak {id} not exist")
        }
        SignatureMismatch(signed) => format!(
            "verify aksk signature fail, canonicalRequest:{}",
            signed.canonical_request.replace('\n', "|")
        ),
        NonceUsed => "verify aksk signature fail".to_owned(),
        TokenMalformed | TokenMismatch => "decrypt token fail".to_owned(),
    };
    from_entry(context, &UNAUTHORIZED, &detail)
}

/// The wording of real bodies. `policy user` and `policy ip` were seen, `policy api` is inferred.
fn throttle_detail(throttle: &Throttle) -> String {
    let policy = match throttle.scope {
        ThrottleScope::User => "user",
        ThrottleScope::Api => "api",
    };
    format!(
        "policy {policy} over ratelimit,limit:{},time:{}",
        throttle.limit,
        format_window(throttle.window)
    )
}

/// Such as `1 minute`: in the largest unit that divides the window.
pub(crate) fn format_window(window: u64) -> String {
    let units = [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")];
    match units.into_iter().find(|(unit, _)| window.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{} {name}", window / unit),
        None => format!("{} second", window.div_ceil(SECOND)),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::Value;

    use super::*;
    use crate::engine::{Options, Plan, WorldState, respond, respond_first};
    use crate::vendors::load;
    use crate::wire::Reply;
    use crate::world::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_millis(1_772_445_610_000);

    fn plan(text: &str) -> Box<Plan> {
        let text = format!("version = 1\n{text}");
        let loaded = load("test", &text, &Options::default(), NOW).expect("options");
        loaded.outcome.expect("a scenario without problems")
    }

    fn ask(refuse: &str) -> crate::wire::Request {
        let request = http::Request::get("/v3/projects?name=cn-north-4");
        request.header("x-syncmock-refuse", refuse).body(Bytes::new()).expect("a request")
    }

    fn response_fields(reply: &Reply) -> (u16, String, String) {
        let body: Value = serde_json::from_slice(reply.body()).expect("JSON");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (reply.status().as_u16(), text("error_code"), text("error_msg"))
    }

    #[test]
    fn every_error_of_the_table_can_be_requested() {
        let (public, dedicated) = (plan(""), plan("[gateway.huawei]\nerror_prefix = \"APIG\""));
        for entry in ERRORS {
            let name = format!("{}/{}", entry.code, entry.status);
            let (status, code, message) =
                response_fields(&respond_first(&public, &ask(&name), NOW).reply);
            assert_eq!((status, &*code), (entry.status, entry.code));
            assert!(!message.contains('{'), "{message}");
            let first = response_fields(&respond_first(&public, &ask(entry.code), NOW).reply);
            assert_eq!(first.1, entry.code);
            let (_, code, _) = response_fields(&respond_first(&dedicated, &ask(&name), NOW).reply);
            assert_eq!(code, entry.code.replace("APIGW", "APIG"));
        }
    }

    #[test]
    fn a_quota_that_is_used_up_says_which_and_for_how_long() {
        for (quota, policy, wait) in [
            (
                "limit = 1\nwindow = \"1m\"",
                "policy user over ratelimit,limit:1,time:1 minute",
                "50",
            ),
            (
                "limit = 1\nwindow = \"20s\"\nshared = true",
                "policy api over ratelimit,limit:1,time:20 second",
                "10",
            ),
        ] {
            let plan = plan(&format!("[[gateway.quota]]\n{quota}"));
            let state = WorldState::new(&plan);
            let request = http::Request::get("/v3/projects").header("X-Apig-Mode", "debug");
            let request = request.body(Bytes::new()).expect("a request");
            let first = respond(&plan, &state, &request, NOW);
            assert!(first.succeeded());
            let name = if policy.contains("user") { "user" } else { "api" };
            let (_, window) = policy.split_once("time:").expect("a window");
            assert_eq!(
                first.reply.headers()[&format!("x-apig-ratelimit-{name}")],
                format!("remain:0,limit:1,time:{window}")
            );
            let reply = respond(&plan, &state, &request, NOW).reply;
            let message = format!("The throttling threshold has been reached: {policy}");
            assert_eq!(response_fields(&reply), (429, "APIGW.0308".into(), message));
            assert_eq!(reply.headers()["retry-after"], wait);
        }
        assert_eq!(
            [format_window(1), format_window(7_200_000), format_window(86_400_000)],
            ["1 second", "2 hour", "1 day"]
        );
    }
}
