//! Huawei Cloud's API gateway: paths and methods, JSON.
//!
//! Sources: huaweicloudsdkcore 3.1.219 (PyPI) and @huaweicloud/huaweicloud-sdk-core 3.1.211
//! (npm) as captured, the gateway's error page, real bodies in public issues.

mod errors;
mod project;
mod sent_signature;
mod signature;
mod signing_mistakes;
mod token;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use project::{PROJECT, hint_for_project, is_project, unknown_project};
pub(super) use token::{TokenClaims, TokenScope};

use errors::format_window;
use sent_signature::SentSignature;

use crate::engine::{Claim, Dialect, OperationRef, RequestContext, RoutedCall, route_by_path};
use crate::wire::error::{ApiError, CredentialProblem, ErrorEntry, Reason, VendorError};
use crate::wire::{Format, Reply, Request, header as header_text, header_value, json};
use crate::world::time::SECOND;

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HuaweiSettings {
    /// The prefix of the gateway's error codes: APIGW of the public cloud, APIG of a
    /// dedicated gateway.
    error_prefix: ErrorPrefix,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum ErrorPrefix {
    #[default]
    Apigw,
    Apig,
}

impl ErrorPrefix {
    fn name(self) -> &'static str {
        match self {
            Self::Apigw => "APIGW",
            Self::Apig => "APIG",
        }
    }
}

/// Huawei Cloud.
pub(crate) struct Huawei;

impl Dialect for Huawei {
    type Settings = HuaweiSettings;

    const NAME: &'static str = "huawei";
    const SETTINGS_PATH: &'static [&'static str] = &["gateway", "huawei"];
    const ERRORS: &'static [ErrorEntry] = errors::ERRORS;
    const CAUSES: &'static [(&'static str, &'static str)] = signing_mistakes::CAUSES;
    const LANGUAGE_HEADER: &'static str = "x-language";

    /// Paths begin with a version: `/v5/…`.
    fn claim(request: &Request) -> Option<Claim> {
        let path = request.uri().path();
        let has_path = path
            .strip_prefix("/v")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let authorization = header_text(request, "authorization").unwrap_or_default();
        let is_signed = authorization.starts_with("SDK-") || authorization.starts_with("V11-");
        let has_header =
            ["x-sdk-date", "x-auth-token"].iter().any(|name| request.headers().contains_key(*name));
        match (has_path, is_signed, has_header) {
            (true, true, _) => Some(Claim::Signature),
            (true, false, true) => Some(Claim::Header),
            (true, false, false) => Some(Claim::Path),
            (false, true, _) | (false, _, true) => Some(Claim::Stray),
            (false, false, false) => None,
        }
    }

    fn request_id(context: &RequestContext<'_>) -> String {
        context.id_as_hex()
    }

    fn route<'a>(
        context: &'a RequestContext<'a>,
        operations: &[OperationRef],
    ) -> Result<RoutedCall<'a>, ApiError> {
        route_by_path(context, operations)
    }

    fn key_id(call: &RoutedCall<'_>) -> Option<String> {
        let request = call.context.request;
        let of_token = header_text(request, "x-auth-token")
            .and_then(|token| TokenClaims::from_token(token, call.context.plan))
            .map(|claims| claims.key);
        let of_signature = || SentSignature::from_request(request).ok();
        of_token.or_else(|| of_signature().map(|sent| sent.key_id.to_owned()))
    }

    /// AK/SK in `Authorization`, or `X-Auth-Token`; an empty `Authorization` counts as none (the
    /// Python SDK sends one next to a token; captured).
    fn credential_problem(call: &RoutedCall<'_>) -> Option<CredentialProblem> {
        let request = call.context.request;
        if header_text(request, "x-auth-token").is_some() {
            return None;
        }
        SentSignature::from_request(request).err()
    }

    /// A valid token is enough. If the token is not valid but the request is signed, too, the
    /// signature decides (inferred: the Python SDK can be made to send both; captured).
    fn authenticate(call: &RoutedCall<'_>) -> Result<usize, ApiError> {
        let request = call.context.request;
        let is_signed = header_text(request, "authorization").is_some();
        match header_text(request, "x-auth-token").map(|token| token::authenticate(call, token)) {
            Some(Ok(key)) => Ok(key),
            Some(Err(error)) if !is_signed => Err(error),
            _ => signature::authenticate(call),
        }
    }

    fn envelope(
        _call: &RoutedCall<'_>,
        _format: Format,
        body: &impl Serialize,
    ) -> Result<Vec<u8>, ApiError> {
        json(body)
    }

    fn set_headers(call: &RoutedCall<'_>, reply: &mut Reply) {
        set_headers(call.context, Some(call), reply);
    }

    fn vendor_error(context: &RequestContext<'_>, reason: &Reason) -> VendorError {
        errors::vendor_error(context, reason)
    }

    fn render_error(
        context: &RequestContext<'_>,
        call: Option<&RoutedCall<'_>>,
        error: &ApiError,
        vendor_error: &VendorError,
    ) -> Reply {
        let mut reply = Reply::new(ErrorBody::new(context, vendor_error).to_json().into());
        *reply.status_mut() = status(vendor_error);
        set_headers(context, call, &mut reply);
        // Only the general status page of DRS has the header; SDKs wait only if it is there (run).
        if let Some(wait) = error.retry_after {
            let seconds = wait.div_ceil(SECOND).max(1);
            reply.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        reply
    }
}

/// SDKs read the request id from the header alone (run).
fn set_headers(context: &RequestContext<'_>, call: Option<&RoutedCall<'_>>, reply: &mut Reply) {
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::SERVER, HeaderValue::from_static("api-gateway"));
    headers.insert(
        const { HeaderName::from_static("x-request-id") },
        header_value(&context.id_as_hex()),
    );
    if header_text(context.request, "x-apig-mode") == Some("debug")
        && let Some(call) = call
    {
        set_quota_headers(call, headers);
    }
}

/// The calls that the quotas have left (opentelekomcloud-docs/api-gateway, response headers). If
/// several quotas of a kind apply, the header shows the last one of the scenario. X-Apig-Latency
/// and X-Apig-Upstream-Latency are left out: there is no backend whose latency they could give.
fn set_quota_headers(call: &RoutedCall<'_>, headers: &mut HeaderMap) {
    let (context, caller) = (call.context, call.claimed_by());
    for (index, quota) in call.quotas(caller) {
        let name = if quota.shared { "x-apig-ratelimit-api" } else { "x-apig-ratelimit-user" };
        let left = context.store.left(index, quota, caller, context.now);
        let text =
            format!("remain:{left},limit:{},time:{}", quota.limit, format_window(quota.window));
        headers.insert(HeaderName::from_static(name), header_value(&text));
    }
}

/// The gateway's own errors have the message first and a request id; errors of services have the
/// code first and no request id (real bodies in public issues; vendor's pages). Some services add
/// a detail (a real body of OMS), and a 404 has its message first (vendor's page of OMS).
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

/// IAM's shape: the code is the HTTP status as a number (inferred from the usual shape of IAM).
#[derive(Serialize)]
struct Keystone<'e> {
    code: u16,
    message: &'e str,
    title: &'static str,
}

#[expect(clippy::expect_used, reason = "statuses are constants of the error tables")]
fn status(error: &VendorError) -> StatusCode {
    StatusCode::from_u16(error.status).expect("an HTTP status")
}

impl<'e> ErrorBody<'e> {
    fn new(context: &RequestContext<'_>, error: &'e VendorError) -> Self {
        let (error_code, error_msg) = (&*error.code, &*error.message);
        if error_code.is_empty() {
            let title = status(error).canonical_reason().unwrap_or_default();
            let error = Keystone { code: error.status, message: error_msg, title };
            Self::Keystone { error }
        } else if error_code.starts_with("APIG") {
            Self::Gateway { error_msg, error_code, request_id: context.id_as_hex() }
        } else if error.status == 404 {
            Self::NotFound { error_msg, error_code }
        } else {
            Self::Service { error_code, error_msg, error_detail: error.detail.as_deref() }
        }
    }

    #[expect(clippy::expect_used, reason = "texts and numbers can always be serialized")]
    fn to_json(&self) -> Vec<u8> {
        json(self).expect("JSON")
    }
}
