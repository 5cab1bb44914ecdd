//! A vendor that no cloud has: it lives at `/`, and signs with `Authorization: ACME KEY`.

use http::HeaderValue;
use serde::Serialize;

use crate::engine::{
    Claim, Dialect, NoSettings, OperationRef, RequestContext, RoutedCall, route_by_path,
};
use crate::wire::error::{ApiError, CredentialProblem, ErrorEntry, Reason, VendorError};
use crate::wire::{Format, Reply, Request, header, json};

pub(crate) struct Acme;

impl Dialect for Acme {
    type Settings = NoSettings;

    const NAME: &'static str = "acme";
    const ERRORS: &'static [ErrorEntry] = &[];
    const CAUSES: &'static [(&'static str, &'static str)] = &[];

    fn claim(request: &Request) -> Option<Claim> {
        let has_path = request.uri().path() == "/";
        let is_signed = header(request, "authorization").is_some_and(|v| v.starts_with("ACME "));
        let has_header = request.headers().contains_key("x-acme-key");
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
        header(call.context.request, "authorization").map(str::to_owned)
    }

    fn credential_problem(call: &RoutedCall<'_>) -> Option<CredentialProblem> {
        Self::key_id(call).is_none().then_some(CredentialProblem::Absent)
    }

    fn authenticate(call: &RoutedCall<'_>) -> Result<usize, ApiError> {
        let error = || ApiError::from(Reason::Credentials(CredentialProblem::Absent));
        call.claimed_key().ok_or_else(error)
    }

    fn envelope(_: &RoutedCall<'_>, _: Format, body: &impl Serialize) -> Result<Vec<u8>, ApiError> {
        json(body)
    }

    fn set_headers(_: &RoutedCall<'_>, reply: &mut Reply) {
        let json = HeaderValue::from_static("application/json");
        reply.headers_mut().insert(http::header::CONTENT_TYPE, json);
    }

    fn vendor_error(_: &RequestContext<'_>, _: &Reason) -> VendorError {
        VendorError::new(400, "Acme.Error", "No.")
    }

    fn render_error(
        _: &RequestContext<'_>,
        _: Option<&RoutedCall<'_>>,
        _: &ApiError,
        vendor_error: &VendorError,
    ) -> Reply {
        let mut reply = Reply::new(vendor_error.message.to_string().into());
        *reply.status_mut() = http::StatusCode::BAD_REQUEST;
        reply
    }
}
