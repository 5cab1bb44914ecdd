//! Huawei Cloud's API gateway: paths and methods, JSON.
//!
//! Sources: huaweicloudsdkcore 3.1.219 (PyPI) and @huaweicloud/huaweicloud-sdk-core 3.1.211
//! (npm) as captured, the gateway's error page, real bodies in public issues.

mod errors;

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

pub use errors::{CATALOGUE, error};

use super::exchange::{Call, Exchange};
use super::{Gateway, by_path::by_path, header_value};
use crate::wire::refusal::{CredentialProblem, Reason, Refusal, VendorError};
use crate::wire::{Reply, field, header as header_text, json};

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
    let Some(authorization) = header_text(request, "authorization") else {
        return Some(CredentialProblem::Absent);
    };
    let (algorithm, fields) = authorization.split_once(' ').unwrap_or((authorization, ""));
    let known = [
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SM3",
        "V11-HMAC-SHA256",
        "SDK-ECDSA-P256-SHA256",
        "SDK-SM2-SM3",
    ];
    if !known.contains(&algorithm) {
        return Some(CredentialProblem::UnknownMethod);
    }
    let has = |name: &str| field(fields, name).is_some();
    if !(has("Access") || has("Credential")) || !has("SignedHeaders") || !has("Signature") {
        return Some(CredentialProblem::Malformed("Authorization"));
    }
    match header_text(request, "x-sdk-date") {
        None => Some(CredentialProblem::Missing("X-Sdk-Date")),
        Some(date) if !is_sdk_date(date) => Some(CredentialProblem::DateFormat),
        Some(_) => None,
    }
}

/// `YYYYMMDDTHHMMSSZ`
fn is_sdk_date(text: &str) -> bool {
    text.len() == 16
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 => b == b'T',
            15 => b == b'Z',
            _ => b.is_ascii_digit(),
        })
}

/// SDKs read the request id from the header alone (run).
pub fn dress(exchange: &Exchange<'_>, reply: &mut Reply) {
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::SERVER, HeaderValue::from_static("api-gateway"));
    headers.insert(HeaderName::from_static("x-request-id"), header_value(&exchange.hex_id()));
}

/// The gateway's own errors have the message first and the request id; those of services
/// have neither (real bodies in public issues; vendor's pages), but some add a detail (a
/// real body of OMS), and a 404 has its message first (vendor's page of OMS).
#[derive(Serialize)]
#[serde(untagged)]
enum ErrorBody<'e> {
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

pub fn refuse(exchange: &Exchange<'_>, _reason: &Reason, error: &VendorError) -> Reply {
    let (error_code, error_msg) = (&*error.code, &*error.message);
    let body = if error_code.starts_with("APIG") {
        ErrorBody::Gateway { error_msg, error_code, request_id: exchange.hex_id() }
    } else if error.status == 404 {
        ErrorBody::NotFound { error_msg, error_code }
    } else {
        ErrorBody::Service { error_code, error_msg, error_detail: error.detail.as_deref() }
    };
    let mut reply = Reply::new(json(&body).unwrap_or_default().into());
    *reply.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    dress(exchange, &mut reply);
    reply
}

/// SDKs that were given an endpoint and no project send the template's own `{project_id}`
/// (huaweicloudsdkcore 3.1.219, captured).
pub fn hint_for_project(asked: &str, ours: &str) -> String {
    let ours = format!("the project of this scenario is {ours}");
    if asked == "{project_id}" {
        format!(
            "the client has no project id: give one to its credentials, or a region to its \
             builder so that it asks for one; {ours}"
        )
    } else {
        ours
    }
}

pub fn claimed(_call: &Call<'_>) -> Option<String> {
    None
}

pub fn verify(_call: &Call<'_>) -> Result<usize, Refusal> {
    Err(crate::wire::refusal::Reason::Credentials(CredentialProblem::Absent).into())
}
