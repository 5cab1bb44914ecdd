//! Errors in their soft form: with status 200, `Success` false and `ErrCode`, which SDKs do not
//! raise. Only what a handler refuses can be soft: its reasons are not those of credentials,
//! quotas or requested errors.

use serde::Serialize;

use super::quirks::ErrorForm;
use super::response::{LegacyOutcomeResponse, Success};
use super::{Dts, state, status_list};
use crate::engine::{RoutedCall, render_as};
use crate::wire::Payload;
use crate::wire::error::{ApiError, Reason, VendorError};

/// The ways in which an answer of an operation can carry an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SoftErrorBody {
    Legacy,
    StatusList,
    Dts,
    /// Not at all.
    None,
}

fn body_of(operation: &str) -> SoftErrorBody {
    match operation {
        status_list::NAME => SoftErrorBody::StatusList,
        "DescribeDtsJobs" | "DescribeDtsJobDetail" => SoftErrorBody::Dts,
        "DescribeSynchronizationJobStatus"
        | "DescribeInitializationStatus"
        | state::CREATE
        | state::CONFIGURE
        | state::START
        | state::SUSPEND
        | state::RESET
        | state::DELETE => SoftErrorBody::Legacy,
        // DescribeSynchronizationJobs has neither Success nor ErrCode (model of
        // alibabacloud-dts20200101 5.11.7).
        _ => SoftErrorBody::None,
    }
}

/// The Dts* operations have `%s` in their message, and its value in another field.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DtsErrorResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    dynamic_message: Option<&'a str>,
    err_code: &'a str,
    err_message: &'a str,
    http_status_code: u16,
    request_id: String,
    success: bool,
}

/// The body of an error that the scenario wants soft.
pub(crate) fn soft_error(
    call: &RoutedCall<'_>,
    error: &ApiError,
    vendor_error: &VendorError,
) -> Option<Payload> {
    let plan = call.plan_of::<Dts>()?;
    let quirks = &plan.quirks;
    let body = body_of(call.operation.name());
    let form = match body {
        SoftErrorBody::None => ErrorForm::Hard,
        SoftErrorBody::StatusList => quirks.form_of_list(&error.reason),
        SoftErrorBody::Legacy | SoftErrorBody::Dts => quirks.form_of(&error.reason),
    };
    if form == ErrorForm::Hard {
        return None;
    }
    let variant = quirks.encoding_variant();
    let request_id = call.context.dialect.request_id(call.context);
    let payload = match body {
        SoftErrorBody::None => return None,
        SoftErrorBody::StatusList => {
            let body = status_list::error_response(plan, request_id, vendor_error);
            render_as::<Dts>(call, variant, status_list::ROWS, &body)
        }
        SoftErrorBody::Legacy => {
            let body = LegacyOutcomeResponse {
                err_code: Some(&vendor_error.code),
                err_message: Some(&vendor_error.message),
                request_id,
                success: Success::new(plan, false),
            };
            render_as::<Dts>(call, variant, "", &body)
        }
        SoftErrorBody::Dts => {
            let parameter = match &error.reason {
                Reason::Parameters(violations) => violations.first().map(|v| &*v.parameter),
                _ => None,
            };
            let message = match parameter {
                Some(name) => vendor_error.message.replacen(name, "%s", 1).into(),
                None => vendor_error.message.clone(),
            };
            let body = DtsErrorResponse {
                dynamic_message: parameter,
                err_code: &vendor_error.code,
                err_message: &message,
                http_status_code: vendor_error.status,
                request_id,
                success: false,
            };
            render_as::<Dts>(call, variant, "", &body)
        }
    };
    payload.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Service;

    #[test]
    fn one_operation_has_no_soft_errors() {
        let names = Dts::OPERATIONS.iter().map(|operation| operation.info.name);
        let hard: Vec<_> = names.filter(|name| body_of(name) == SoftErrorBody::None).collect();
        assert_eq!(hard, ["DescribeSynchronizationJobs"]);
    }
}
