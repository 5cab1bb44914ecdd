//! Authing's management API: `/api/v3/<verb>`, JSON both ways, HTTP 200 for nearly
//! everything; the outcome is the body's `statusCode`.
//!
//! Sources: authing 5.1.0 (PyPI) and authing-node-sdk 4.0.1 as captured, the vendor's
//! OpenAPI document, error page and SDK tests.

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::exchange::{Call, Exchange};
use super::{Gateway, by_path::by_path, header_value};
use crate::wire::refusal::{CredentialProblem, Reason, Refusal, Rule, VendorError, Violation};
use crate::wire::{Reply, header as header_text, json};

pub fn recognise<'a>(exchange: &'a Exchange<'a>) -> Result<Call<'a>, Refusal> {
    by_path(exchange, Gateway::Authing)
}

/// `Bearer <jwt>`, the bare jwt (java, and the documentation), or `authing <id>:<signature>`.
pub fn credentials(call: &Call<'_>) -> Option<CredentialProblem> {
    let Some(authorization) = header_text(call.exchange.request, "authorization") else {
        return Some(CredentialProblem::Absent);
    };
    let well_formed = match authorization.strip_prefix("authing ") {
        Some(signed) => {
            signed.split_once(':').is_some_and(|(id, s)| !id.is_empty() && !s.is_empty())
        }
        None => {
            let token = authorization.strip_prefix("Bearer ").unwrap_or(authorization).trim();
            token.split('.').count() == 3 && token.split('.').all(|part| !part.is_empty())
        }
    };
    (!well_formed).then_some(CredentialProblem::Malformed("authorization"))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Success<'e, T> {
    status_code: u16,
    message: &'e str,
    request_id: String,
    data: &'e T,
}

pub fn envelope(exchange: &Exchange<'_>, data: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    json(&Success {
        status_code: 200,
        message: &exchange.plan.authing.success_message,
        request_id: exchange.uuid_id(),
        data,
    })
}

pub fn dress(exchange: &Exchange<'_>, reply: &mut Reply) {
    let headers = reply.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(HeaderName::from_static("x-request-id"), header_value(&exchange.uuid_id()));
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure<'e> {
    status_code: u16,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_code: Option<u32>,
    request_id: String,
}

/// The HTTP status is 200 unless the path does not exist, the request can not be read, or
/// the scenario says that business errors have real statuses.
pub fn refuse(exchange: &Exchange<'_>, error: &VendorError) -> Reply {
    let body = Failure {
        status_code: error.status,
        message: &error.message,
        api_code: error.code.parse().ok(),
        request_id: exchange.uuid_id(),
    };
    let mut reply = Reply::new(json(&body).unwrap_or_default().into());
    let no_such_path = error.status == 404 && error.message.starts_with("Cannot ");
    if no_such_path || exchange.plan.authing.real_http_status {
        *reply.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::OK);
    }
    dress(exchange, &mut reply);
    reply
}

/// The vendor publishes status codes and their meanings; the wording of 401 is ours, of 400
/// that of the validator its sync endpoints show in the vendor's SDK tests.
pub fn error(exchange: &Exchange<'_>, reason: &Reason) -> VendorError {
    let chinese = exchange.wants_chinese();
    let pick = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    match reason {
        Reason::UnknownOperation | Reason::WrongMethod => {
            let request = exchange.request;
            let message = format!("Cannot {} {}", request.method(), request.uri().path());
            VendorError::new(404, "", message)
        }
        // 2020: not logged in, or no permission (vendor's error page).
        Reason::Credentials(_) => VendorError::new(
            401,
            "2020",
            pick("尚未登录，无访问权限", "Unauthorized, please log in first"),
        ),
        Reason::Parameters(violations) => {
            let messages: Vec<String> = violations.iter().map(validator_message).collect();
            VendorError::new(400, "", messages.join(","))
        }
        Reason::Undecodable | Reason::UnknownFormat | Reason::UnknownVersion => {
            VendorError::new(400, "", pick("参数格式错误", "Bad Request"))
        }
        Reason::Unknown { .. } => {
            VendorError::new(404, "", pick("资源不存在", "resource not exists"))
        }
        Reason::Internal => VendorError::new(500, "", pick("未知错误", "Internal Server Error")),
    }
}

/// The English of class-validator, in which the sync endpoints complain whatever the
/// language (vendor's SDK tests).
fn validator_message(violation: &Violation) -> String {
    let name = &violation.parameter;
    match &violation.rule {
        Rule::Required => format!("{name} should not be empty"),
        Rule::Number => {
            format!("{name} must be a number conforming to the specified constraints")
        }
        Rule::WholeNumber => format!("{name} must be an integer number"),
        Rule::AtLeast(bound) => format!("{name} must not be less than {bound}"),
        Rule::AtMost(bound) => format!("{name} must not be greater than {bound}"),
        Rule::Length(most) => format!("{name} must be shorter than or equal to {most} characters"),
        Rule::OneOf(values) => {
            format!("{name} must be one of the following values: {}", values.join(", "))
        }
        Rule::Ascii | Rule::JsonArrayOfText | Rule::Token | Rule::NotBefore(_) => {
            format!("{name} is invalid")
        }
    }
}
