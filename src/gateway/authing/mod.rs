//! Authing's management API: `/api/v3/<verb>`, JSON both ways, HTTP 200 for nearly
//! everything; the outcome is the body's `statusCode`.
//!
//! Sources: authing 5.1.0 (PyPI) and authing-node-sdk 4.0.1 as captured, the sources of the
//! other SDKs, the vendor's OpenAPI document, error page and SDK tests. Its operation ids and
//! its validator's messages are those of Nest, so what Nest does with a request that reaches
//! no operation is taken for the vendor's way (inferred).

mod credentials;
mod errors;
mod signature;
mod slips;

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

pub use credentials::{claimed, presented, verify};
pub use errors::{CATALOGUE, english, error};
pub use slips::CAUSES;

use super::exchange::{Call, Exchange};
use super::{Gateway, by_path::by_path, header_value};
use crate::service::authing::{HttpStatus, RequestId};
use crate::wire::refusal::{Refusal, VendorError};
use crate::wire::{Reply, json};

pub fn recognise<'a>(exchange: &'a Exchange<'a>) -> Result<Call<'a>, Refusal> {
    by_path(exchange, Gateway::Authing)
}

/// The vendor's page says that the request id comes with failures, and the apiCode with some of
/// them; samples have either in successes. The scenario chooses.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Success<'e, T> {
    status_code: u16,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    data: &'e T,
}

pub fn envelope(exchange: &Exchange<'_>, data: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    let quirks = &exchange.plan.authing.quirks;
    let has_id = quirks.request_id == RequestId::Always;
    json(&Success {
        status_code: 200,
        message: &quirks.success_message,
        api_code: quirks.success_api_code,
        request_id: has_id.then(|| exchange.uuid_id()),
        data,
    })
}

pub fn dress(exchange: &Exchange<'_>, reply: &mut Reply) {
    let headers = reply.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(
        const { HeaderName::from_static("x-request-id") },
        header_value(&exchange.uuid_id()),
    );
}

/// Without data, as in the documented failures; of a throttled call the vendor's page shows
/// nothing but the first two.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure<'e> {
    status_code: u16,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

pub fn refuse(exchange: &Exchange<'_>, error: &VendorError) -> Reply {
    let throttled = error.status == StatusCode::TOO_MANY_REQUESTS.as_u16();
    let body = Failure {
        status_code: error.status,
        message: &error.message,
        api_code: error.code.parse().ok(),
        request_id: (!throttled).then(|| exchange.uuid_id()),
    };
    let mut reply = Reply::new(json(&body).unwrap_or_default().into());
    // What reaches no operation is not business, and has a real status; so have throttled
    // calls (vendor's pages).
    if exchange.plan.authing.quirks.http_status == HttpStatus::Mirror
        || throttled
        || recognise(exchange).is_err()
    {
        *reply.status_mut() = http_status(error.status);
    }
    dress(exchange, &mut reply);
    reply
}

/// 601 to 603 speak of somebody else's endpoint; HTTP's word for that is 502.
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

    use crate::engine::respond;
    use crate::scenario::{Options, load};
    use crate::wire::{Reply, Request};
    use crate::world::time::Timestamp;

    fn answer(lines: &str, request: http::request::Builder) -> Reply {
        let now = Timestamp::from_millis(1_772_445_600_000);
        let text = format!("version = 1\n{lines}");
        let loaded = load("test", &text, &Options::default(), now).expect("a scenario");
        let plan = loaded.outcome.expect("a plan");
        let request: Request = request.body(Bytes::new()).expect("a request");
        respond(&plan, &request, now).reply
    }

    /// (HTTP status, statusCode, message)
    fn outcome(reply: &Reply) -> (u16, u64, String) {
        let body: Value = serde_json::from_slice(reply.body()).expect("JSON");
        let message = body["message"].as_str().expect("a message").to_owned();
        (reply.status().as_u16(), body["statusCode"].as_u64().expect("a number"), message)
    }

    const JOBS: &str = "/api/v3/list-sync-jobs?syncTaskId=1000";

    #[test]
    fn what_reaches_no_operation_has_a_real_status() {
        let get = |uri: &str| outcome(&answer("", http::Request::get(uri)));
        let unknown = "/api/v3/list-sync-job?a=1";
        assert_eq!(get(unknown), (404, 404, format!("Cannot GET {unknown}")));
        let token = "/api/v3/get-management-token";
        assert_eq!(get(token), (404, 404, format!("Cannot GET {token}")));
        assert_eq!(get("/api/v3/list-sync-jobs/").0, 404);
        assert_eq!(get("/api/").0, 404);
        assert_eq!(get("/api/v3/list-sync-jobs?syncTaskId=%FF").1, 400);
        let hint = answer("", http::Request::get(unknown)).headers()["x-syncmock-hint"].clone();
        assert_eq!(hint, "did you mean GET /api/v3/list-sync-jobs?");
    }

    #[test]
    fn business_errors_have_a_real_status_only_if_the_scenario_says_so() {
        let uri = "/api/v3/list-sync-jobs?syncTaskId=7";
        let status = |quirks: &str| {
            let lines = format!("[authing.quirks]\n{quirks}");
            let (http, code, _) = outcome(&answer(&lines, http::Request::get(uri)));
            (http, code)
        };
        assert_eq!(status(""), (200, 404));
        assert_eq!(status("http_status = \"mirror\""), (404, 404));
        let provider = "http_status = \"mirror\"\nunknown_task = \"no_provider\"";
        assert_eq!(status(provider), (502, 602));
    }

    #[test]
    fn texts_are_chinese_unless_english_is_asked_for() {
        let said = |lang: &str| {
            let uri = "/api/v3/list-sync-jobs?syncTaskId=7";
            outcome(&answer("", http::Request::get(uri).header("x-authing-lang", lang))).2
        };
        assert_eq!(said("zh-CN"), "资源不存在");
        assert_eq!(said(""), "资源不存在");
        assert_eq!(said("en-US"), "resource not exists");
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
        let reply = answer(required, http::Request::get(JOBS));
        let body = std::str::from_utf8(reply.body()).expect("text");
        let start = "{\"statusCode\":401,\"message\":\"尚未登录，无访问权限\",\"apiCode\":2020,\"requestId\":\"";
        assert!(body.starts_with(start), "{body}");
        assert!(!body.contains("data"));
    }

    #[test]
    fn a_success_has_a_request_id_unless_the_scenario_says_otherwise() {
        let body = |lines: &str| -> Value {
            serde_json::from_slice(answer(lines, http::Request::get(JOBS)).body()).expect("JSON")
        };
        assert_eq!(body("")["message"], "");
        assert!(body("")["requestId"].is_string());
        assert_eq!(body("[authing.quirks]\nrequest_id = \"never\"").get("requestId"), None);
    }

    #[test]
    fn parameters_are_complained_of_in_the_style_of_the_scenario() {
        let said = |lines: &str| {
            let uri = "/api/v3/list-sync-jobs?page=0&limit=51";
            outcome(&answer(lines, http::Request::get(uri))).2
        };
        assert!(said("").ends_with("limit must not be greater than 50"));
        let localized = "[authing.quirks]\nvalidation = \"localized\"";
        assert_eq!(said(localized), "参数 syncTaskId 格式错误");
    }
}
