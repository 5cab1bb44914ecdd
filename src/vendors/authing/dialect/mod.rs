//! Authing's management API: `/api/v3/<verb>`, JSON both ways, HTTP 200 for nearly everything; the
//! outcome is the body's `statusCode`.
//!
//! Sources: authing 5.1.0 (PyPI) and authing-node-sdk 4.0.1 as captured, the sources of the
//! other SDKs, the vendor's OpenAPI document, error page and SDK tests. Its operation ids and
//! its validator's messages are those of Nest, so a request that reaches no operation is answered
//! as Nest does (inferred).

pub(crate) mod credentials;
mod errors;
pub(super) mod jwt;
mod signature;
mod signing_mistakes;

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

pub(super) use errors::wants_english;

use super::management::{AuthingManagement, HttpStatus, Quirks, RequestId};
use crate::engine::{
    Claim, Dialect, NoSettings, OperationRef, RequestContext, RoutedCall, route_by_path,
};
use crate::wire::error::{ApiError, CredentialProblem, ErrorEntry, Reason, VendorError};
use crate::wire::{Format, Reply, Request, header as header_text, header_value, json};

/// Authing.
pub(crate) struct Authing;

impl Dialect for Authing {
    type Settings = NoSettings;

    const NAME: &'static str = "authing";
    const ERRORS: &'static [ErrorEntry] = errors::ERRORS;
    const CAUSES: &'static [(&'static str, &'static str)] = signing_mistakes::CAUSES;
    const LANGUAGE_HEADER: &'static str = errors::LANGUAGE_HEADER;

    /// Paths begin with `/api/`. Other vendors have bearer tokens, too, so one alone claims no
    /// other path.
    fn claim(request: &Request) -> Option<Claim> {
        let has_path = request.uri().path().starts_with("/api/");
        let authorization = header_text(request, "authorization").unwrap_or_default();
        let is_signed = authorization.starts_with("authing ");
        let has_token = authorization.starts_with("Bearer ");
        let has_header =
            request.headers().keys().any(|name| name.as_str().starts_with("x-authing-"));
        match (has_path, is_signed, has_header) {
            (true, true, _) => Some(Claim::Signature),
            (true, false, _) if has_token => Some(Claim::Signature),
            (true, false, true) => Some(Claim::Header),
            (true, false, false) => Some(Claim::Path),
            (false, true, _) | (false, _, true) => Some(Claim::Stray),
            (false, false, false) => None,
        }
    }

    fn request_id(context: &RequestContext<'_>) -> String {
        context.id_as_uuid('4')
    }

    fn route<'a>(
        context: &'a RequestContext<'a>,
        operations: &[OperationRef],
    ) -> Result<RoutedCall<'a>, ApiError> {
        route_by_path(context, operations)
    }

    fn key_id(call: &RoutedCall<'_>) -> Option<String> {
        credentials::key_id(call)
    }

    fn credential_problem(call: &RoutedCall<'_>) -> Option<CredentialProblem> {
        credentials::credential_problem(call)
    }

    fn authenticate(call: &RoutedCall<'_>) -> Result<usize, ApiError> {
        credentials::authenticate(call)
    }

    fn envelope(
        call: &RoutedCall<'_>,
        _format: Format,
        data: &impl Serialize,
    ) -> Result<Vec<u8>, ApiError> {
        let quirks = quirks(call.context);
        let has_id = quirks.is_none_or(|quirks| quirks.request_id == RequestId::Always);
        json(&SuccessBody {
            status_code: 200,
            message: quirks.map_or("", |quirks| &quirks.success_message),
            api_code: quirks.and_then(|quirks| quirks.success_api_code),
            request_id: has_id.then(|| Self::request_id(call.context)),
            data,
        })
    }

    fn set_headers(call: &RoutedCall<'_>, reply: &mut Reply) {
        set_headers(call.context, reply);
    }

    fn vendor_error(context: &RequestContext<'_>, reason: &Reason) -> VendorError {
        errors::vendor_error(context, reason)
    }

    /// Without data, as in the documented failures; of a throttled call the vendor's page shows
    /// only the first two members.
    fn render_error(
        context: &RequestContext<'_>,
        call: Option<&RoutedCall<'_>>,
        _error: &ApiError,
        vendor_error: &VendorError,
    ) -> Reply {
        let is_throttled = vendor_error.status == StatusCode::TOO_MANY_REQUESTS.as_u16();
        let body = FailureBody {
            status_code: vendor_error.status,
            message: &vendor_error.message,
            api_code: vendor_error.code.parse().ok(),
            request_id: (!is_throttled).then(|| Self::request_id(context)),
        };
        let mut reply = Reply::new(json(&body).unwrap_or_default().into());
        let mirrors =
            quirks(context).is_some_and(|quirks| quirks.http_status == HttpStatus::Mirror);
        // A request that reaches no operation is not business, and has a real status; so has a
        // throttled call (vendor's pages).
        if mirrors || is_throttled || call.is_none() {
            *reply.status_mut() = http_status(vendor_error.status);
        }
        set_headers(context, &mut reply);
        reply
    }
}

/// The quirks of the service, if this world has it.
fn quirks<'a>(context: &RequestContext<'a>) -> Option<&'a Quirks> {
    context.plan.get::<AuthingManagement>().map(|plan| &plan.quirks)
}

/// The vendor's page says that the request id comes with failures, and the apiCode with some of
/// them; samples have either in successes. The scenario chooses.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SuccessBody<'e, T> {
    status_code: u16,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    data: &'e T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FailureBody<'e> {
    status_code: u16,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

fn set_headers(context: &RequestContext<'_>, reply: &mut Reply) {
    let headers = reply.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(
        const { HeaderName::from_static("x-request-id") },
        header_value(&Authing::request_id(context)),
    );
}

/// 601 to 603 are errors of somebody else's endpoint, which HTTP calls 502.
fn http_status(status_code: u16) -> StatusCode {
    match status_code {
        100..=599 => StatusCode::from_u16(status_code).unwrap_or(StatusCode::BAD_GATEWAY),
        _ => StatusCode::BAD_GATEWAY,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::Value;

    use crate::engine::{Claim, Dialect, Options, respond_first};
    use crate::vendors::authing::Authing;
    use crate::vendors::load;
    use crate::wire::{Reply, Request};
    use crate::world::time::Timestamp;

    fn answer(lines: &str, request: http::request::Builder) -> Reply {
        let now = Timestamp::from_millis(1_772_445_600_000);
        let text = format!("version = 1\n{lines}");
        let loaded = load("test", &text, &Options::default(), now).expect("a scenario");
        let plan = loaded.outcome.expect("a plan");
        let request: Request = request.body(Bytes::new()).expect("a request");
        respond_first(&plan, &request, now).reply
    }

    /// (HTTP status, statusCode, message)
    fn outcome(reply: &Reply) -> (u16, u64, String) {
        let body: Value = serde_json::from_slice(reply.body()).expect("JSON");
        let message = body["message"].as_str().expect("a message").to_owned();
        (reply.status().as_u16(), body["statusCode"].as_u64().expect("a number"), message)
    }

    #[test]
    fn a_path_is_claimed_by_its_form_and_another_one_only_by_a_style() {
        let claim = |path: &str, name: &str, value: &str| {
            let request = http::Request::get(path).header(name, value);
            Authing::claim(&request.body(Bytes::new()).expect("a request"))
        };
        assert_eq!(claim("/api/v3/x", "accept", "*/*"), Some(Claim::Path));
        assert_eq!(claim("/api/v3/x", "x-authing-lang", "zh-CN"), Some(Claim::Header));
        for signed in ["authing id:signature", "Bearer a.b.c"] {
            assert_eq!(claim("/api/v3/x", "authorization", signed), Some(Claim::Signature));
        }
        assert_eq!(claim("/v5/x", "authorization", "authing id:signature"), Some(Claim::Stray));
        assert_eq!(claim("/v5/x", "x-authing-lang", "zh-CN"), Some(Claim::Stray));
        assert_eq!(claim("/v5/x", "authorization", "Bearer a.b.c"), None);
        assert_eq!(claim("/api", "accept", "*/*"), None);
    }

    const JOBS: &str = "/api/v3/list-sync-jobs?syncTaskId=1000";

    #[test]
    fn a_request_without_an_operation_has_a_real_status() {
        let get = |uri: &str| outcome(&answer("", http::Request::get(uri)));
        let unknown = "/api/v3/list-sync-job?a=1";
        assert_eq!(get(unknown), (404, 404, format!("Cannot GET {unknown}")));
        let token = "/api/v3/get-management-token";
        assert_eq!(get(token), (404, 404, format!("Cannot GET {token}")));
        assert_eq!(get("/api/v3/list-sync-jobs/").0, 404);
        assert_eq!(get("/api/").0, 404);
        assert_eq!(get("/api/v3/list-sync-jobs?syncTaskId=%FF").1, 400);
    }

    #[test]
    fn texts_are_chinese_unless_english_is_requested() {
        let message_of = |lang: &str| {
            let uri = "/api/v3/list-sync-jobs?syncTaskId=7";
            outcome(&answer("", http::Request::get(uri).header("x-authing-lang", lang))).2
        };
        assert_eq!(message_of("zh-CN"), "资源不存在");
        assert_eq!(message_of(""), "资源不存在");
        assert_eq!(message_of("en-US"), "resource not exists");
    }

    #[test]
    fn credentials_are_taken_in_every_form_the_sdks_send() {
        let required = "[gateway]\ncredentials = \"required\"";
        let with = |value: &str| {
            let request = http::Request::get(JOBS).header("authorization", value);
            outcome(&answer(required, request)).1
        };
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJ4Ijoic2NvcGVkIn0.c2lnbmF0dXJl";
        assert_eq!(with(&format!("Bearer {jwt}")), 200);
        assert_eq!(with(jwt), 200);
        assert_eq!(with("authing testid:9zzVZKUbSYl71+FlAdNkJ0mX1LI="), 200);
        for bad in ["", "Bearer ", "Bearer a.b", "authing testid", "authing :x", "Basic dTpw"] {
            assert_eq!(with(bad), 401, "{bad:?}");
        }
    }
}
