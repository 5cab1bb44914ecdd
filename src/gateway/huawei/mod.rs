//! Huawei Cloud's API gateway: paths and methods, JSON.
//!
//! Sources: huaweicloudsdkcore 3.1.219 (PyPI) and @huaweicloud/huaweicloud-sdk-core 3.1.211
//! (npm) as captured, the gateway's error page, real bodies in public issues.

mod credentials;
mod errors;
mod signature;
mod slips;
mod token;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

pub use errors::{CATALOGUE, error};
pub use slips::CAUSES;
pub use token::{Grant, Scope};

use credentials::Sent;
use errors::span;

use super::exchange::{Admitted, Call, Exchange};
use super::{Gateway, by_path::by_path, header_value};
use crate::wire::refusal::{CredentialProblem, Refusal, Thing, VendorError};
use crate::wire::{Reply, header as header_text, json};
use crate::world::time::SECOND;

pub fn recognise<'a>(exchange: &'a Exchange<'a>) -> Result<Call<'a>, Refusal> {
    by_path(exchange, Gateway::Huawei)
}

/// AK/SK in `Authorization`, or `X-Auth-Token`; an empty `Authorization` counts as none (the
/// Python SDK sends one next to a token; captured).
pub fn presented(call: &Call<'_>) -> Option<CredentialProblem> {
    let request = call.exchange.request;
    if header_text(request, "x-auth-token").is_some() {
        return None;
    }
    Sent::of(request).err()
}

pub fn claimed(call: &Call<'_>) -> Option<String> {
    let request = call.exchange.request;
    let granted = header_text(request, "x-auth-token")
        .and_then(|token| Grant::of(token, call.exchange.plan))
        .map(|grant| grant.key);
    granted.or_else(|| Sent::of(request).ok().map(|sent| sent.key_id.to_owned()))
}

/// A valid token is enough; next to one that is not, the signature decides (inferred: the
/// Python SDK can be made to send both; captured).
pub fn verify(call: &Call<'_>) -> Result<usize, Refusal> {
    let request = call.exchange.request;
    let signed = header_text(request, "authorization").is_some();
    match header_text(request, "x-auth-token").map(|token| token::verify(call, token)) {
        Some(Ok(place)) => Ok(place),
        Some(Err(refusal)) if !signed => Err(refusal),
        _ => signature::verify(call),
    }
}

/// SDKs read the request id from the header alone (run).
pub fn dress(exchange: &Exchange<'_>, reply: &mut Reply) {
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::SERVER, HeaderValue::from_static("api-gateway"));
    headers.insert(
        const { HeaderName::from_static("x-request-id") },
        header_value(&exchange.hex_id()),
    );
    if header_text(exchange.request, "x-apig-mode") == Some("debug") {
        debug(exchange, headers);
    }
}

/// What is left of the quotas (opentelekomcloud-docs/api-gateway, response headers). Of
/// several the last of the scenario is shown. There is no backend and no clock that could
/// tell X-Apig-Latency and X-Apig-Upstream-Latency, so they are left out.
fn debug(exchange: &Exchange<'_>, headers: &mut HeaderMap) {
    let Ok(call) = recognise(exchange) else { return };
    let key = claimed(&call).and_then(|id| call.key_named(&id));
    for (place, quota) in call.quotas(key) {
        let name = if quota.shared { "x-apig-ratelimit-api" } else { "x-apig-ratelimit-user" };
        let left = exchange.memory.left(place, quota, key, exchange.now);
        let text = format!("remain:{left},limit:{},time:{}", quota.limit, span(quota.window));
        headers.insert(HeaderName::from_static(name), header_value(&text));
    }
}

/// The gateway's own errors have the message first and the request id; those of services
/// have neither (real bodies in public issues; vendor's pages), but some add a detail (a
/// real body of OMS), and a 404 has its message first (vendor's page of OMS).
#[derive(Serialize)]
#[serde(untagged)]
enum ErrorBody<'e> {
    Keystone {
        error: Keystone<'e>,
    },
    Gateway {
        error_msg: &'e str,
        error_code: &'e str,
        request_id: String,
    },
    NotFound {
        error_msg: &'e str,
        error_code: &'e str,
    },
    Service {
        error_code: &'e str,
        error_msg: &'e str,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_detail: Option<&'e str>,
    },
}

/// IAM's shape: its code is the status, a number (inferred from the usual shape of IAM).
#[derive(Serialize)]
struct Keystone<'e> {
    code: u16,
    message: &'e str,
    title: &'static str,
}

pub fn refuse(exchange: &Exchange<'_>, refusal: &Refusal, error: &VendorError) -> Reply {
    let (error_code, error_msg) = (&*error.code, &*error.message);
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = if error_code.is_empty() {
        let title = status.canonical_reason().unwrap_or_default();
        ErrorBody::Keystone { error: Keystone { code: error.status, message: error_msg, title } }
    } else if error_code.starts_with("APIG") {
        ErrorBody::Gateway { error_msg, error_code, request_id: exchange.hex_id() }
    } else if error.status == 404 {
        ErrorBody::NotFound { error_msg, error_code }
    } else {
        ErrorBody::Service { error_code, error_msg, error_detail: error.detail.as_deref() }
    };
    let mut reply = Reply::new(json(&body).unwrap_or_default().into());
    *reply.status_mut() = status;
    dress(exchange, &mut reply);
    // On the general status page of DRS alone; SDKs wait only if it is there (run).
    if let Some(wait) = refusal.retry_after {
        let seconds = wait.div_ceil(SECOND).max(1);
        reply.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    reply
}

/// Whether the project in the path is ours; another one is refused, if that is the rule.
pub fn is_project(call: &Admitted<'_>, ours: &str, refuse: bool) -> Result<bool, Refusal> {
    let known = asked_project(call) == ours;
    if known || !refuse { Ok(known) } else { Err(unknown_project(call, ours)) }
}

pub fn unknown_project(call: &Admitted<'_>, ours: &str) -> Refusal {
    Refusal::unknown(Thing::Project, asked_project(call)).hint(hint_for_project(call, ours))
}

fn asked_project<'c>(call: &'c Admitted<'_>) -> &'c str {
    call.arguments().text("project_id").unwrap_or_default()
}

/// SDKs that were given an endpoint and no project send the template's own `{project_id}`
/// (huaweicloudsdkcore 3.1.219, captured).
pub fn hint_for_project(call: &Admitted<'_>, ours: &str) -> String {
    let ours = format!("the project of this scenario is {ours}");
    if asked_project(call) == "{project_id}" {
        format!(
            "the client has no project id: give one to its credentials, or a region to its \
             builder so that it asks for one; {ours}"
        )
    } else {
        ours
    }
}
