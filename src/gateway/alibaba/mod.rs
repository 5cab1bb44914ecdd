//! The Alibaba Cloud OpenAPI ("POP") gateway: RPC style at `/`, JSON and XML.
//!
//! Sources: vendors' SDKs as captured (py alibabacloud-tea-openapi 0.3.16 and 0.4.6,
//! aliyun-python-sdk-core 2.16.1, npm @alicloud/openapi-core, openapi-client and pop-core),
//! help pages and public response dumps; what none of them shows is marked inferred.

mod credentials;
mod digest;
mod errors;
mod signature_v1;
mod signature_v3;
pub mod slips;
mod veil;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use md5::{Digest, Md5};
use serde::Serialize;

pub use credentials::{claimed, presented, verify};
pub use errors::{CATALOGUE, error};
pub use slips::CAUSES;

use super::exchange::{Call, Exchange};
use super::{Gateway, header_value, nearest::nearest};
use crate::plan::AccessKey;
use crate::service::{Route, Service, Target, targets};
use crate::wire::refusal::{CredentialProblem, Reason, Refusal, Rule, VendorError};
use crate::wire::{Arguments, Format, Reply, Request, header as header_text, json, xml};
use crate::world::draw::mix;
use crate::world::time::SECOND;

/// `Format` wins, then `Accept`, then the scenario's default (XML; inferred: the vendor's
/// pages disagree, and SDKs of the V3 generation rely on `Accept` alone).
pub fn format(request: &Request, arguments: &Arguments, fallback: Format) -> Format {
    let by_parameter = arguments.text("Format").and_then(format_named);
    let by_accept = || {
        let accept = header_text(request, "accept")?.to_ascii_lowercase();
        if accept.contains("json") {
            Some(Format::Json)
        } else if accept.contains("xml") {
            Some(Format::Xml)
        } else {
            None
        }
    };
    by_parameter.or_else(by_accept).unwrap_or(fallback)
}

fn format_named(name: &str) -> Option<Format> {
    match name.to_ascii_lowercase().as_str() {
        "json" => Some(Format::Json),
        "xml" => Some(Format::Xml),
        _ => None,
    }
}

pub fn recognise<'a>(exchange: &'a Exchange<'a>) -> Result<Call<'a>, Refusal> {
    let request = exchange.request;
    if request.uri().path() != "/" {
        return Err(Refusal::from(Reason::UnknownOperation).hint("RPC calls go to the path /"));
    }
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return Err(Reason::WrongMethod.into());
    }
    let arguments = exchange.arguments()?;
    let version = selector(exchange, arguments, "Version", "x-acs-version").ok_or_else(|| {
        Refusal::parameter("Version", Rule::Required).hint(hint_for_a_bare_request(arguments))
    })?;
    let action = selector(exchange, arguments, "Action", "x-acs-action").ok_or_else(|| {
        Refusal::parameter("Action", Rule::Required).hint(hint_for_a_bare_request(arguments))
    })?;
    let (target, methods) = find(version, action)?;
    if !methods.contains(request.method()) {
        let hint = format!("{action} is called with POST");
        return Err(Refusal::from(Reason::WrongMethod).hint(hint));
    }
    // The deprecated do_action() of aliyun-python-sdk-core sends a literal "None"; what the
    // real gateway makes of it is unknown, here it counts as not sent.
    if let Some(format) = arguments.text("Format")
        && format != "None"
        && format_named(format).is_none()
    {
        return Err(Refusal::from(Reason::UnknownFormat).hint("Format is JSON or XML"));
    }
    Ok(Call { exchange, target, arguments: arguments.clone() })
}

/// Action and Version come as parameters (V1) or as headers (V3). Where both are sent and
/// differ, the one that is signed counts (inferred).
fn selector<'a>(
    exchange: &'a Exchange<'a>,
    arguments: &'a Arguments,
    parameter: &str,
    header: &str,
) -> Option<&'a str> {
    let by_parameter = arguments.text(parameter);
    let by_header = header_text(exchange.request, header);
    if header_text(exchange.request, "authorization").is_some() {
        by_header.or(by_parameter)
    } else {
        by_parameter.or(by_header)
    }
}

fn find(version: &str, action: &str) -> Result<(Target, &'static [Method]), Refusal> {
    let known = || targets(Gateway::Alibaba);
    let version_of = |target: &Target| match target.operation.route {
        Route::Action { version, methods } => Some((version, methods)),
        Route::Path { .. } => None,
    };
    for target in known().filter(|target| target.operation.name == action) {
        if let Some((v, methods)) = version_of(&target)
            && v == version
        {
            return Ok((target, methods));
        }
    }
    let elsewhere = known().find(|target| target.operation.name == action);
    if let Some((right, _)) = elsewhere.and_then(|target| version_of(&target)) {
        let reason = match known().any(|t| version_of(&t).is_some_and(|(v, _)| v == version)) {
            true => Reason::UnknownOperation,
            false => Reason::UnknownVersion,
        };
        return Err(Refusal::from(reason).hint(format!("did you mean Version={right}?")));
    }
    let refusal = Refusal::from(Reason::UnknownOperation);
    Err(match nearest(action, known().map(|target| target.operation.name)) {
        Some(name) => refusal.hint(format!("did you mean Action={name}?")),
        None => refusal.hint("syncmock operations lists the actions that are impersonated"),
    })
}

fn hint_for_a_bare_request(arguments: &Arguments) -> String {
    let action = arguments.text("Action").unwrap_or("ListSynchronizationJobs");
    let name = nearest(action, targets(Gateway::Alibaba).map(|target| target.operation.name));
    let target = targets(Gateway::Alibaba).find(|t| Some(t.operation.name) == name);
    match target.map(|target| (&target.operation.route, target.operation.name)) {
        Some((Route::Action { version, .. }, name)) => {
            format!("did you mean Action={name}&Version={version}?")
        }
        _ => "syncmock operations lists the actions that are impersonated".into(),
    }
}

/// The root of an XML answer is `<{Action}Response>` (vendor's metadata).
pub fn envelope(
    call: &Call<'_>,
    format: Format,
    body: &impl Serialize,
) -> Result<Vec<u8>, Refusal> {
    match format {
        Format::Json => json(body),
        Format::Xml => xml(&format!("{}Response", call.target.operation.name), body),
    }
}

/// SDKs compare that of XML to the letter: no space, lower case (sheet, verified).
pub fn content_type(format: Format) -> HeaderValue {
    HeaderValue::from_static(match format {
        Format::Json => "application/json;charset=utf-8",
        Format::Xml => "text/xml;charset=utf-8",
    })
}

/// The headers of a granted request, as dumps of 2022 to 2025 show them.
pub fn dress(exchange: &Exchange<'_>, reply: &mut Reply) {
    let etag = etag(reply.body());
    reply.headers_mut().insert(header::ETAG, header_value(&etag));
    common_headers(exchange, reply);
}

fn common_headers(exchange: &Exchange<'_>, reply: &mut Reply) {
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type(exchange.format));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    headers.insert(
        const { HeaderName::from_static("keep-alive") },
        HeaderValue::from_static("timeout=25"),
    );
    headers.insert(
        const { HeaderName::from_static("x-acs-request-id") },
        header_value(&exchange.alibaba_id()),
    );
    headers.insert(
        const { HeaderName::from_static("x-acs-trace-id") },
        header_value(&exchange.hex_id()),
    );
}

/// First digit of the length, Base64(MD5(body)) without padding, last digit of the length
/// (recomputed on real dumps).
fn etag(body: &[u8]) -> String {
    let length = body.len().to_string();
    let digest = STANDARD.encode(Md5::digest(body));
    let (first, last) = (&length[..1], &length[length.len() - 1..]);
    format!("{first}{}{last}", digest.trim_end_matches('='))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody<'e> {
    request_id: String,
    host_id: &'e str,
    code: &'e str,
    message: &'e str,
    recommend: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_denied_detail: Option<AccessDeniedDetail>,
}

/// Of refusals by RAM (models of the SDKs).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccessDeniedDetail {
    policy_type: &'static str,
    auth_principal_owner_id: String,
    auth_principal_type: &'static str,
    auth_principal_display_name: String,
    no_permission_type: &'static str,
    auth_action: String,
}

impl AccessDeniedDetail {
    /// The account is made up: 16 digits of the scenario's seed, as account ids have.
    fn of(exchange: &Exchange<'_>, key: Option<&AccessKey>, action: String) -> Self {
        let temporary = key.is_some_and(|key| key.session_token.is_some());
        let account = 1_000_000_000_000_000 + mix(exchange.plan.seed.0) % 1_000_000_000_000_000;
        Self {
            policy_type: "AccountLevelIdentityBasedPolicy",
            auth_principal_owner_id: account.to_string(),
            auth_principal_type: if temporary { "AssumedRoleUser" } else { "SubUser" },
            auth_principal_display_name: key.map(|key| key.user.clone()).unwrap_or_default(),
            no_permission_type: "ImplicitDeny",
            auth_action: action,
        }
    }
}

fn access_denied(
    exchange: &Exchange<'_>,
    service: Option<&'static Service>,
    reason: &Reason,
) -> Option<AccessDeniedDetail> {
    let arguments = exchange.arguments().ok()?;
    let action = match reason {
        Reason::Credentials(CredentialProblem::NotAllowed { action }) => action.clone(),
        Reason::Asked(entry) if matches!(entry.code, "NoPermission" | "Forbidden.RAM") => {
            let operation = selector(exchange, arguments, "Action", "x-acs-action")?;
            format!("{}:{operation}", service?.name)
        }
        _ => return None,
    };
    let (target, _) = find(
        selector(exchange, arguments, "Version", "x-acs-version")?,
        selector(exchange, arguments, "Action", "x-acs-action")?,
    )
    .ok()?;
    let call = Call { exchange, target, arguments: arguments.clone() };
    let id = claimed(&call);
    let key = exchange.plan.gateway.keys.iter().find(|key| Some(&key.id) == id.as_ref());
    Some(AccessDeniedDetail::of(exchange, key, action))
}

/// The error envelope: in XML its root is `<Error>`, whatever the action (vendor's pages).
pub fn refuse(
    exchange: &Exchange<'_>,
    service: Option<&'static Service>,
    refusal: &Refusal,
    error: &VendorError,
) -> Reply {
    let request_id = exchange.alibaba_id();
    let product = service.map_or("", |service| service.product);
    let body = ErrorBody {
        recommend: format!(
            "https://api.aliyun.com/troubleshoot?q={}&product={product}&requestId={request_id}",
            error.code
        ),
        request_id,
        host_id: exchange.host(),
        code: &error.code,
        message: &error.message,
        access_denied_detail: access_denied(exchange, service, &refusal.reason),
    };
    let bytes = match exchange.format {
        Format::Json => json(&body),
        Format::Xml => xml("Error", &body),
    };
    let mut reply = Reply::new(bytes.unwrap_or_default().into());
    // The vendor's pages and SDK tests have 400 for throttling, a scenario may want 429.
    let throttled = error.code.starts_with("Throttling");
    let status =
        if throttled { exchange.plan.gateway.alibaba_throttling_status } else { error.status };
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    common_headers(exchange, &mut reply);
    if throttled || refusal.retry_after.is_some() {
        // A positive number of ms: by this header alone alibabacloud-tea-openapi 0.4.6 knows
        // that it was throttled.
        let wait = refusal.retry_after.unwrap_or(SECOND).max(1);
        let name = const { HeaderName::from_static("x-acs-retry-after") };
        reply.headers_mut().insert(name, HeaderValue::from(wait));
    }
    reply
}

#[cfg(test)]
mod tests;
