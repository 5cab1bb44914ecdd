//! The gateway's own codes, as its error page has them (opentelekomcloud-docs/api-gateway,
//! the same product). Public cloud services answer `APIGW.`, dedicated gateways `APIG.` with
//! the same numbers; the scenario chooses.

use super::credentials::Sent;
use crate::gateway::Exchange;
use crate::wire::refusal::{
    CatalogueEntry, CredentialProblem, Reason, Throttle, ThrottleScope, VendorError, Violation,
};
use crate::world::time::{DAY, HOUR, MINUTE, SECOND};

const fn entry(
    code: &'static str,
    status: u16,
    message: &'static str,
    provoke: &'static str,
) -> CatalogueEntry {
    CatalogueEntry { status, code, message, chinese: None, provoke }
}

macro_rules! asked {
    ($code:literal) => {
        concat!("header x-syncmock-refuse: APIGW.", $code)
    };
}

const UNKNOWN_API: CatalogueEntry = entry(
    "APIGW.0101",
    404,
    "The API does not exist or has not been published in the environment.",
    "a path that is not impersonated",
);
const WRONG_METHOD: CatalogueEntry =
    entry("APIGW.0101", 404, "The API does not exist.", "a method that the path does not have");
const BAD_REQUEST: CatalogueEntry =
    entry("APIGW.0201", 400, "API request error.", "a query that is not UTF-8 once decoded");
const UNAUTHORIZED: CatalogueEntry = entry(
    "APIGW.0301",
    401,
    "Incorrect IAM authentication information: {DETAIL}",
    "with gateway.credentials = \"verified\": a signature or token that does not verify",
);
const NOT_ALLOWED: CatalogueEntry = entry(
    "APIGW.0302",
    403,
    "The IAM user is not authorized to access the API.",
    "with gateway.credentials = \"verified\": a key whose operations lack this one",
);
const TOKEN_STALE: CatalogueEntry = entry(
    "APIGW.0307",
    401,
    "The token must be updated.",
    "with gateway.credentials = \"verified\": a token that has expired, or of another project",
);
const THROTTLED: CatalogueEntry = entry(
    "APIGW.0308",
    429,
    "The throttling threshold has been reached: {DETAIL}",
    "more calls than a gateway.quota allows",
);
const NO_PROJECT: CatalogueEntry =
    entry("APIGW.0310", 403, "The project is unavailable.", asked!("0310"));
const INTERNAL: CatalogueEntry = entry("APIGW.0601", 500, "Internal server error.", asked!("0601"));

/// The gateway's own errors. Of several with the same code the header gives the first, and
/// the others by `CODE/STATUS`.
pub static CATALOGUE: &[CatalogueEntry] = &[
    UNKNOWN_API,
    WRONG_METHOD,
    entry("APIGW.0103", 404, "The backend does not exist.", asked!("0103")),
    entry("APIGW.0106", 400, "Orchestration error.", asked!("0106")),
    BAD_REQUEST,
    entry("APIGW.0201", 413, "Request entity too large.", asked!("0201/413")),
    entry("APIGW.0201", 414, "Request URI too large.", asked!("0201/414")),
    entry("APIGW.0201", 494, "Request headers too large.", asked!("0201/494")),
    entry("APIGW.0201", 502, "Backend unavailable.", asked!("0201/502")),
    entry("APIGW.0201", 504, "Backend timeout.", asked!("0201/504")),
    UNAUTHORIZED,
    NOT_ALLOWED,
    entry("APIGW.0303", 401, "Incorrect app authentication information.", asked!("0303")),
    entry("APIGW.0304", 403, "The app is not authorized to access the API.", asked!("0304")),
    entry("APIGW.0305", 401, "Incorrect authentication information.", asked!("0305")),
    entry("APIGW.0306", 403, "API access denied.", asked!("0306")),
    TOKEN_STALE,
    THROTTLED,
    NO_PROJECT,
    entry("APIGW.0401", 403, "Unknown client IP address.", asked!("0401")),
    entry("APIGW.0402", 403, "The IP address is not authorized to access the API.", asked!("0402")),
    entry("APIGW.0404", 403, "Access to the backend IP address has been denied.", asked!("0404")),
    entry("APIGW.0501", 405, "The app quota has been used up.", asked!("0501")),
    entry("APIGW.0502", 405, "The app has been frozen.", asked!("0502")),
    INTERNAL,
    entry("APIGW.0602", 400, "Bad request.", asked!("0602")),
    entry("APIGW.0605", 500, "Domain name resolution failed.", asked!("0605")),
    entry("APIGW.0606", 500, "Failed to load the API configurations.", asked!("0606")),
    entry("APIGW.0607", 400, "The following protocol is supported: {xxx}", asked!("0607")),
    entry("APIGW.0608", 500, "Failed to obtain the admin token.", asked!("0608")),
    entry("APIGW.0609", 500, "The VPC backend does not exist.", asked!("0609")),
    entry("APIGW.0610", 502, "No backend available.", asked!("0610")),
    entry("APIGW.0611", 500, "The backend port does not exist.", asked!("0611")),
    entry("APIGW.0612", 500, "An API cannot call itself.", asked!("0612")),
    entry("APIGW.0613", 503, "The IAM service is currently unavailable.", asked!("0613")),
    entry("APIGW.0705", 500, "Backend signature calculation failed.", asked!("0705")),
    entry(
        "APIGW.0801",
        403,
        "The service is unavailable in the currently selected region.",
        asked!("0801"),
    ),
    entry(
        "APIGW.0802",
        403,
        "The IAM user is forbidden in the currently selected region.",
        asked!("0802"),
    ),
];

pub fn error(exchange: &Exchange<'_>, reason: &Reason) -> VendorError {
    match reason {
        Reason::UnknownOperation => word(exchange, &UNKNOWN_API, ""),
        Reason::WrongMethod => word(exchange, &WRONG_METHOD, ""),
        Reason::Credentials(problem) => credentials(exchange, problem),
        Reason::Throttled(throttle) => word(exchange, &THROTTLED, &over(throttle)),
        Reason::Undecodable | Reason::UnknownFormat | Reason::UnknownVersion => {
            word(exchange, &BAD_REQUEST, "")
        }
        Reason::Parameters(violations) => {
            let mut error = word(exchange, &BAD_REQUEST, "");
            let name =
                |v: &Violation| format!("The value of parameter {} is invalid.", v.parameter);
            if let Some(violation) = violations.first() {
                error.message = name(violation).into();
            }
            error
        }
        Reason::Unknown { .. } => word(exchange, &NO_PROJECT, ""),
        Reason::Asked(entry) => asked(exchange, entry),
        Reason::Own(entry, value) => {
            VendorError::from_entry(entry, exchange.wants_chinese(), value)
        }
        // Services word their own.
        Reason::WrongState { .. } | Reason::Internal => word(exchange, &INTERNAL, ""),
    }
}

/// An error of the catalogue, its gap filled with what would stand there.
fn asked(exchange: &Exchange<'_>, entry: &'static CatalogueEntry) -> VendorError {
    let detail = match entry.code {
        // The whole text of a real body.
        "APIGW.0308" => "policy user over ratelimit,limit:60,time:1 minute",
        // As older gateways have it, without the canonical request.
        "APIGW.0301" => "verify aksk signature fail",
        _ => "https",
    };
    word(exchange, entry, detail)
}

fn word(exchange: &Exchange<'_>, entry: &CatalogueEntry, detail: &str) -> VendorError {
    let prefix = exchange.plan.gateway.huawei_error_prefix;
    let code = match entry.code.strip_prefix("APIGW") {
        Some(number) => format!("{prefix}{number}"),
        None => entry.code.to_owned(),
    };
    // The gateway itself speaks English; a service's entry may be in Chinese, too.
    let text = entry.chinese.filter(|_| exchange.wants_chinese()).unwrap_or(entry.message);
    let message = text.replace("{DETAIL}", detail).replace("{xxx}", detail);
    VendorError::new(entry.status, code, message)
}

fn credentials(exchange: &Exchange<'_>, problem: &CredentialProblem) -> VendorError {
    use CredentialProblem::*;
    // Of the details those of aksk, of keys that do not exist, of tokens that are absent or
    // not to be decrypted are the vendor's (error page, public issues); the rest is inferred.
    let detail = match problem {
        TokenExpired { .. } | TokenElsewhere => return word(exchange, &TOKEN_STALE, ""),
        NotAllowed { .. } => return word(exchange, &NOT_ALLOWED, ""),
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
            let id = Sent::of(exchange.request).map(|sent| sent.key_id).unwrap_or_default();
            format!("ak {id} not exist")
        }
        SignatureMismatch(signed) => format!(
            "verify aksk signature fail, canonicalRequest:{}",
            signed.canonical_request.replace('\n', "|")
        ),
        NonceUsed => "verify aksk signature fail".to_owned(),
        TokenMalformed | TokenMismatch => "decrypt token fail".to_owned(),
    };
    word(exchange, &UNAUTHORIZED, &detail)
}

/// The wording of real bodies; `policy user` and `policy ip` are seen, `policy api` is
/// inferred.
fn over(throttle: &Throttle) -> String {
    let policy = match throttle.scope {
        ThrottleScope::User => "user",
        ThrottleScope::Api => "api",
    };
    format!(
        "policy {policy} over ratelimit,limit:{},time:{}",
        throttle.limit,
        span(throttle.window)
    )
}

/// `1 minute`: the largest unit that the window is a whole number of.
pub fn span(window: u64) -> String {
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
    use crate::engine::{Past, respond, respond_after};
    use crate::plan::Plan;
    use crate::scenario::{Options, load};
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

    fn said(reply: &Reply) -> (u16, String, String) {
        let body: Value = serde_json::from_slice(reply.body()).expect("JSON");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (reply.status().as_u16(), text("error_code"), text("error_msg"))
    }

    #[test]
    fn every_error_of_the_table_can_be_asked_for() {
        let (public, dedicated) = (plan(""), plan("[gateway.huawei]\nerror_prefix = \"APIG\""));
        for entry in CATALOGUE {
            let name = format!("{}/{}", entry.code, entry.status);
            let (status, code, message) = said(&respond(&public, &ask(&name), NOW).reply);
            assert_eq!((status, &*code), (entry.status, entry.code));
            assert!(!message.contains('{'), "{message}");
            let first = said(&respond(&public, &ask(entry.code), NOW).reply);
            assert_eq!(first.1, entry.code);
            let (_, code, _) = said(&respond(&dedicated, &ask(&name), NOW).reply);
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
            let past = Past::new(&plan);
            let request = http::Request::get("/v3/projects").header("X-Apig-Mode", "debug");
            let request = request.body(Bytes::new()).expect("a request");
            let first = respond_after(&plan, &past, &request, NOW);
            assert!(first.granted());
            let name = if policy.contains("user") { "user" } else { "api" };
            let (_, window) = policy.split_once("time:").expect("a window");
            assert_eq!(
                first.reply.headers()[&format!("x-apig-ratelimit-{name}")],
                format!("remain:0,limit:1,time:{window}")
            );
            let reply = respond_after(&plan, &past, &request, NOW).reply;
            let message = format!("The throttling threshold has been reached: {policy}");
            assert_eq!(said(&reply), (429, "APIGW.0308".into(), message));
            assert_eq!(reply.headers()["retry-after"], wait);
        }
        assert_eq!([span(1), span(7_200_000), span(86_400_000)], ["1 second", "2 hour", "1 day"]);
    }
}
