//! The Alibaba Cloud OpenAPI ("POP") gateway: RPC style at `/`, JSON and XML.
//!
//! Sources: vendors' SDKs as captured (py alibabacloud-tea-openapi 0.3.16 and 0.4.6,
//! aliyun-python-sdk-core 2.16.1, npm @alicloud/openapi-core, openapi-client and pop-core),
//! help pages and public response dumps; what none of them shows is marked inferred.

mod credentials;
mod digest;
pub(crate) mod errors;
mod signature_v1;
mod signature_v3;
mod signing_mistakes;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use md5::{Digest, Md5};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::{
    Claim, Dialect, OperationRef, RequestContext, Route, RoutedCall, content_type, route_by_action,
};
use crate::scenario::access::AccessKey;
use crate::wire::error::{ApiError, CredentialProblem, ErrorEntry, Reason, Rule, VendorError};
use crate::wire::{
    Arguments, Format, Reply, Request, header as header_text, header_value, json, nearest, xml,
};
use crate::world::draw::mix;
use crate::world::time::SECOND;

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AlibabaSettings {
    /// The format when neither the parameter Format nor the header Accept says (the
    /// vendor's pages disagree).
    default_format: DefaultFormat,
    /// The HTTP status of throttled calls: 400, or 429.
    throttling_status: ThrottlingStatus,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DefaultFormat {
    #[default]
    Xml,
    Json,
}

/// The vendor's pages and SDK tests use 400; 429 is what HTTP says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
enum ThrottlingStatus {
    #[default]
    #[serde(rename = "400")]
    BadRequest,
    #[serde(rename = "429")]
    TooManyRequests,
}

/// Alibaba Cloud.
pub(crate) struct Alibaba;

impl Dialect for Alibaba {
    type Settings = AlibabaSettings;

    const NAME: &'static str = "alibaba";
    const SETTINGS_PATH: &'static [&'static str] = &["gateway", "alibaba"];
    const ERRORS: &'static [ErrorEntry] = errors::ERRORS;
    const CAUSES: &'static [(&'static str, &'static str)] = signing_mistakes::CAUSES;
    /// Parameters of V1 and bearer tokens, and RegionId, which SDKs add to every call (captures).
    const COMMON_PARAMETERS: &'static [&'static str] = &[
        "AccessKeyId",
        "Action",
        "BearerToken",
        "Format",
        "RegionId",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureType",
        "SignatureVersion",
        "Timestamp",
        "Version",
    ];
    /// SDKs compare it literally: no space, lower case (sheet, verified).
    const XML_CONTENT_TYPE: Option<&'static str> = Some("text/xml;charset=utf-8");

    fn claim(request: &Request) -> Option<Claim> {
        let has_path = request.uri().path() == "/";
        let has_header =
            || request.headers().keys().any(|name| name.as_str().starts_with("x-acs-"));
        match (has_path, is_signed(request)) {
            (true, true) => Some(Claim::Signature),
            (true, false) if has_header() => Some(Claim::Header),
            (true, false) => Some(Claim::Path),
            (false, is_signed) => (is_signed || has_header()).then_some(Claim::Stray),
        }
    }

    /// `Format` wins, then `Accept`, then the scenario's default (XML; inferred: the vendor's
    /// pages disagree, and SDKs of the V3 generation rely on `Accept` alone).
    fn format(request: &Request, arguments: &Arguments<'_>, settings: &AlibabaSettings) -> Format {
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
        by_parameter.or_else(by_accept).unwrap_or(match settings.default_format {
            DefaultFormat::Xml => Format::Xml,
            DefaultFormat::Json => Format::Json,
        })
    }

    fn identity(request: &Request) -> [&[u8]; 2] {
        ["x-acs-action", "x-acs-signature-nonce"]
            .map(|name| header_text(request, name).unwrap_or_default().as_bytes())
    }

    /// An upper-case UUID of version 5 (dumps of 2022 to 2025).
    fn request_id(context: &RequestContext<'_>) -> String {
        context.id_as_uuid('5').to_ascii_uppercase()
    }

    fn route<'a>(
        context: &'a RequestContext<'a>,
        operations: &[OperationRef],
    ) -> Result<RoutedCall<'a>, ApiError> {
        let request = context.request;
        if request.uri().path() != "/" {
            return Err(ApiError::from(Reason::UnknownOperation).hint("RPC calls go to the path /"));
        }
        if !matches!(*request.method(), Method::GET | Method::POST) {
            return Err(Reason::WrongMethod.into());
        }
        let arguments = context.arguments()?;
        let missing = |name| {
            ApiError::parameter(name, Rule::Required)
                .hint(hint_for_a_bare_request(arguments, operations))
        };
        let version = selector(context, arguments, "Version", "x-acs-version");
        let version = version.ok_or_else(|| missing("Version"))?;
        let action = selector(context, arguments, "Action", "x-acs-action");
        let action = action.ok_or_else(|| missing("Action"))?;
        let (operation, methods) = route_by_action(operations, version, action)?;
        if !methods.contains(request.method()) {
            let hint = format!("{action} is called with POST");
            return Err(ApiError::from(Reason::WrongMethod).hint(hint));
        }
        // The deprecated do_action() of aliyun-python-sdk-core sends a literal "None"; what the
        // real gateway makes of it is unknown, here it counts as not sent.
        if let Some(format) = arguments.text("Format")
            && format != "None"
            && format_named(format).is_none()
        {
            return Err(ApiError::from(Reason::UnknownFormat).hint("Format is JSON or XML"));
        }
        Ok(RoutedCall::new(context, operation, arguments.clone()))
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

    /// The root of an XML answer is `<{Action}Response>` (vendor's metadata).
    fn envelope(
        call: &RoutedCall<'_>,
        format: Format,
        body: &impl Serialize,
    ) -> Result<Vec<u8>, ApiError> {
        match format {
            Format::Json => json(body),
            Format::Xml => xml(&format!("{}Response", call.operation.name()), body),
        }
    }

    /// The headers of a successful request, as dumps of 2022 to 2025 show them.
    fn set_headers(call: &RoutedCall<'_>, reply: &mut Reply) {
        let etag = etag(reply.body());
        reply.headers_mut().insert(header::ETAG, header_value(&etag));
        set_common_headers(call.context, reply);
    }

    fn vendor_error(_context: &RequestContext<'_>, reason: &Reason) -> VendorError {
        errors::vendor_error(reason)
    }

    /// In XML the root of an error is `<Error>`, whatever the action (vendor's pages).
    fn render_error(
        context: &RequestContext<'_>,
        call: Option<&RoutedCall<'_>>,
        error: &ApiError,
        vendor_error: &VendorError,
    ) -> Reply {
        let request_id = Self::request_id(context);
        let product = call.map_or("", |call| call.operation.service().product());
        let body = ErrorBody {
            recommend: format!(
                "https://api.aliyun.com/troubleshoot?q={}&product={product}&requestId={request_id}",
                vendor_error.code
            ),
            request_id,
            host_id: context.host(),
            code: &vendor_error.code,
            message: &vendor_error.message,
            access_denied_detail: call
                .and_then(|call| AccessDeniedDetail::new(call, &error.reason)),
        };
        let bytes = match context.format {
            Format::Json => json(&body),
            Format::Xml => xml("Error", &body),
        };
        let mut reply = Reply::new(bytes.unwrap_or_default().into());
        let is_throttled = vendor_error.code.starts_with("Throttling");
        *reply.status_mut() = match is_throttled {
            true => throttling_status(context),
            false => StatusCode::from_u16(vendor_error.status).unwrap_or(StatusCode::BAD_REQUEST),
        };
        set_common_headers(context, &mut reply);
        if is_throttled || error.retry_after.is_some() {
            // A positive number of ms: by this header alone alibabacloud-tea-openapi 0.4.6 knows
            // that it was throttled.
            let wait = error.retry_after.unwrap_or(SECOND).max(1);
            let name = const { HeaderName::from_static("x-acs-retry-after") };
            reply.headers_mut().insert(name, HeaderValue::from(wait));
        }
        reply
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Whether the request is signed in one of the vendor's styles: V3 and ROA in `Authorization`, V1
/// in the parameters of the query or of a form.
fn is_signed(request: &Request) -> bool {
    if let Some(authorization) = header_text(request, "authorization") {
        return authorization.starts_with("ACS3-") || authorization.starts_with("acs ");
    }
    let has_method = |encoded: &[u8]| {
        encoded.split(|&byte| byte == b'&').any(|pair| pair.starts_with(b"SignatureMethod="))
    };
    let is_form = || {
        header_text(request, "content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with(FORM))
    };
    has_method(request.uri().query().unwrap_or_default().as_bytes())
        || (is_form() && has_method(request.body()))
}

fn format_named(name: &str) -> Option<Format> {
    if name.eq_ignore_ascii_case("json") {
        Some(Format::Json)
    } else if name.eq_ignore_ascii_case("xml") {
        Some(Format::Xml)
    } else {
        None
    }
}

/// Action and Version come as parameters (V1) or as headers (V3). Where both are sent and
/// differ, the one that is signed counts (inferred).
fn selector<'a>(
    context: &RequestContext<'a>,
    arguments: &'a Arguments<'_>,
    parameter: &str,
    header: &str,
) -> Option<&'a str> {
    let by_parameter = arguments.text(parameter);
    let by_header = header_text(context.request, header);
    if header_text(context.request, "authorization").is_some() {
        by_header.or(by_parameter)
    } else {
        by_parameter.or(by_header)
    }
}

fn hint_for_a_bare_request(arguments: &Arguments<'_>, operations: &[OperationRef]) -> String {
    let action = arguments.text("Action").unwrap_or("ListSynchronizationJobs");
    let name = nearest(action, operations.iter().map(|operation| operation.name()));
    let operation = operations.iter().find(|operation| Some(operation.name()) == name);
    match operation.map(|operation| (operation.name(), &operation.info().route)) {
        Some((name, Route::Action { version, .. })) => {
            format!("did you mean Action={name}&Version={version}?")
        }
        _ => "syncmock operations lists the actions that are impersonated".into(),
    }
}

/// The vendor's pages and SDK tests have 400; a scenario may want 429.
fn throttling_status(context: &RequestContext<'_>) -> StatusCode {
    match context.settings::<Alibaba>().copied().unwrap_or_default().throttling_status {
        ThrottlingStatus::BadRequest => StatusCode::BAD_REQUEST,
        ThrottlingStatus::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
    }
}

fn set_common_headers(context: &RequestContext<'_>, reply: &mut Reply) {
    let kind = content_type::<Alibaba>(context.format, "application/json;charset=utf-8");
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    headers.insert(
        const { HeaderName::from_static("keep-alive") },
        HeaderValue::from_static("timeout=25"),
    );
    headers.insert(
        const { HeaderName::from_static("x-acs-request-id") },
        header_value(&Alibaba::request_id(context)),
    );
    headers.insert(
        const { HeaderName::from_static("x-acs-trace-id") },
        header_value(&context.id_as_hex()),
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
    access_denied_detail: Option<AccessDeniedDetail<'e>>,
}

/// For refusals by RAM (models of the SDKs).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccessDeniedDetail<'e> {
    policy_type: &'static str,
    auth_principal_owner_id: String,
    auth_principal_type: &'static str,
    auth_principal_display_name: &'e str,
    no_permission_type: &'static str,
    auth_action: String,
}

impl<'e> AccessDeniedDetail<'e> {
    /// None if RAM is not what refused the call. The account is made up: 16 digits from the
    /// scenario's seed, as account ids have.
    fn new(call: &RoutedCall<'e>, reason: &Reason) -> Option<Self> {
        let auth_action = match reason {
            Reason::Credentials(CredentialProblem::NotAllowed { action }) => action.clone(),
            Reason::Requested(entry) if matches!(entry.code, "NoPermission" | "Forbidden.RAM") => {
                format!("{}:{}", call.operation.service().name(), call.operation.name())
            }
            _ => return None,
        };
        let plan = call.context.plan;
        let key: Option<&AccessKey> = call.claimed_key().and_then(|key| plan.access.keys.get(key));
        let is_temporary = key.is_some_and(|key| key.session_token.is_some());
        let account = 1_000_000_000_000_000 + mix(plan.seed.0) % 1_000_000_000_000_000;
        Some(Self {
            policy_type: "AccountLevelIdentityBasedPolicy",
            auth_principal_owner_id: account.to_string(),
            auth_principal_type: if is_temporary { "AssumedRoleUser" } else { "SubUser" },
            auth_principal_display_name: key.map_or("", |key| &key.user),
            no_permission_type: "ImplicitDeny",
            auth_action,
        })
    }
}

#[cfg(test)]
mod tests;
