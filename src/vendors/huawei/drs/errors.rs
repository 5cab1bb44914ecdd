//! The service's own errors: codes, statuses and texts of the vendor's error pages. The text of
//! DRS.10010065 is lost there; the one here is made up, as is that of DRS.M00289, which
//! terraform-provider-huaweicloud takes for a job that does not exist.

use super::Drs;
use super::quirks::{BadRequest, Errors, Quirks};
use crate::engine::RoutedCall;
use crate::vendors::huawei::dialect::PROJECT;
use crate::wire::error::{ErrorEntry, Reason, Rule, VendorError, Violation};

const fn entry(
    code: &'static str,
    status: u16,
    message: &'static str,
    trigger: &'static str,
) -> ErrorEntry {
    ErrorEntry { status, code, message, chinese: None, trigger }
}

/// An error that occurs only when a request selects it.
const fn on_request(code: &'static str, status: u16, message: &'static str) -> ErrorEntry {
    entry(code, status, message, "header x-syncmock-refuse: its code")
}

const FAILED: ErrorEntry =
    entry("DRS.10000001", 400, "Failed.", "limit=-1 with drs.quirks.bad_request = \"generic\"");
pub(crate) const UNKNOWN_JOB: ErrorEntry = entry(
    "DRS.10000010",
    400,
    "Job does not exist, please check job ID.",
    "detail, update or commit of an unknown batch",
);
pub(crate) const PARAMETER_EMPTY: ErrorEntry = ErrorEntry {
    chinese: Some("{name}参数为空"),
    ..entry("DRS.M00201", 400, "The parameter {name} is empty.", "ListJobs without job_type")
};
pub(crate) const PARAMETER_INVALID: ErrorEntry = ErrorEntry {
    chinese: Some("{name}取值不合法"),
    ..entry("DRS.M00202", 400, "The value of parameter {name} is invalid.", "limit=-1")
};
const UNKNOWN_PROJECT: ErrorEntry =
    entry("DRS.M00261", 403, "Invalid project ID.", "another project in the path");
pub(crate) const NAME_TAKEN: ErrorEntry = entry(
    "DRS.M00277",
    422,
    "The task name already exists.",
    "BatchCreateJobsAsync with the name of a job that exists",
);
const WRONG_STATE: ErrorEntry = entry(
    "DRS.M00304",
    400,
    "This API cannot be called in the current task status.",
    "CommitAsyncJob of a committed batch",
);
pub(crate) const PARSE_FAILED: ErrorEntry = entry(
    "DRS.M00305",
    400,
    "Parameter error:{detail}",
    "base_info.tags=\"x\" in BatchCreateJobsAsync with drs.quirks.checks = \"at_once\"",
);

pub(crate) static ERRORS: &[ErrorEntry] = &[
    FAILED,
    UNKNOWN_JOB,
    on_request("DRS.10010065", 400, "The connection name already exists."),
    on_request("DRS.10010069", 400, "Connection manager not exists."),
    on_request("DRS.10030009", 400, "Download template file failed."),
    on_request("DRS.M00002", 422, "The returned result is empty."),
    on_request("DRS.M00004", 500, "Service is abnormal. Check logs."),
    on_request("DRS.M00007", 400, "Invalid request parameter."),
    on_request("DRS.M00100", 403, "Invalid token."),
    on_request("DRS.M00101", 404, "The user role is empty."),
    on_request("DRS.M00102", 403, "You do not have sufficient permissions."),
    on_request(
        "DRS.M00103",
        401,
        "You do not have operation permissions. Check account permissions on IAM.",
    ),
    on_request("DRS.M00105", 400, "User restricted."),
    on_request("DRS.M00200", 400, "Parameter error."),
    PARAMETER_EMPTY,
    PARAMETER_INVALID,
    on_request("DRS.M00210", 400, "The value of Page is invalid, {detail}"),
    on_request("DRS.M00211", 400, "The value of Page exceeds the upper limit."),
    UNKNOWN_PROJECT,
    on_request("DRS.M00269", 400, "The tag key must be unique."),
    on_request("DRS.M00270", 400, "The tag key or value is too long."),
    on_request("DRS.M00271", 400, "The maximum number of tags has been reached."),
    on_request("DRS.M00273", 400, "Invalid parameter. The parameter contains {detail}."),
    NAME_TAKEN,
    on_request("DRS.M00289", 400, "The task does not exist."),
    on_request("DRS.M00299", 400, "Only one jobId is allowed."),
    on_request("DRS.M00300", 400, "Invalid request, {detail}"),
    on_request("DRS.M00301", 400, "There are duplicate {detail} in request."),
    on_request(
        "DRS.M00302",
        400,
        "The transfer schema is invalid, please refer to supported transfer schema.",
    ),
    on_request("DRS.M00303", 400, "The corresponding parameter is not obtained from the cache."),
    WRONG_STATE,
    PARSE_FAILED,
    on_request("DRS.M00306", 400, "Start time cannot be the same as end time."),
    on_request("DRS.M00307", 400, "Only subtasks can invoke this interface."),
    on_request("DRS.M00308", 400, "Only parent tasks can invoke this interface."),
    on_request("DRS.M00401", 400, "{detail} is not support re-editing of synchronization tasks."),
    on_request("DRS.M00402", 400, "The subtask already exists."),
    on_request("DRS.M00403", 400, "This task does not support flow control."),
    on_request("DRS.M01501", 422, "Service error."),
    on_request("DRS.M01503", 400, "Operation too frequent. Try again later."),
    on_request(
        "DRS.M01504",
        202,
        "Another operation is being performed on the migration task or the migration task is abnormal.",
    ),
    on_request("DRS.M05003", 400, "Task information not found."),
    on_request("DRS.M05004", 400, "The task has been deleted or the resource has been released."),
    on_request("DRS.M05006", 422, "Invalid RDS DB instance."),
    on_request("DRS.M05066", 200, "Failed to create instance!"),
    on_request("DRS.M06007", 400, "The DB instance cannot be left blank."),
    on_request("DRS.M06011", 422, "Failed to obtain RDS information."),
    on_request(
        "DRS.M06020",
        422,
        "The destination DB instance has been set to read/write by the migration task {detail} and cannot be used.",
    ),
    on_request(
        "DRS.M06021",
        422,
        "The destination DB instance has been set to read/write by the synchronization task {detail} and cannot be used.",
    ),
    on_request("DRS.M07000", 400, "The data transformation already exists."),
    on_request("DRS.KE0002", 400, "The username or password is incorrect."),
];

pub(crate) fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
    let quirks = &call.plan_of::<Drs>()?.quirks;
    let error = worded(quirks, call.context.wants_chinese(), reason)?;
    Some(match quirks.errors {
        Errors::Hard => error,
        Errors::Soft => VendorError { status: 200, ..error },
    })
}

fn worded(quirks: &Quirks, chinese: bool, reason: &Reason) -> Option<VendorError> {
    let error = |entry, value: &str| Some(VendorError::from_entry(entry, chinese, value));
    match reason {
        Reason::NotFound { kind: PROJECT, .. } => error(&UNKNOWN_PROJECT, ""),
        Reason::NotFound { .. } if quirks.newer_wording => {
            let newer = "Task not found. Check the task ID.";
            Some(VendorError::new(UNKNOWN_JOB.status, UNKNOWN_JOB.code, newer))
        }
        Reason::NotFound { .. } => error(&UNKNOWN_JOB, ""),
        Reason::WrongState { .. } => error(&WRONG_STATE, ""),
        Reason::Parameters(violations) => match quirks.bad_request {
            // The sample of the vendor's page; its Chinese page has the same.
            BadRequest::Generic => error(&FAILED, ""),
            BadRequest::Specific => {
                let Violation { parameter, rule } = violations.first()?;
                error(entry_of(rule), parameter)
            }
        },
        Reason::Own(entry, value) => error(entry, value),
        _ => None,
    }
}

/// The error of a parameter that breaks the rule.
fn entry_of(rule: &Rule) -> &'static ErrorEntry {
    match rule {
        Rule::Required => &PARAMETER_EMPTY,
        _ => &PARAMETER_INVALID,
    }
}

/// The message of the validation about a parameter of a job. Only the vendor's wording for values
/// that cannot be parsed is known (a fragment of its pages).
pub(crate) fn violation_text(violation: &Violation, chinese: bool) -> String {
    let Violation { parameter, rule } = violation;
    match rule {
        Rule::List | Rule::Object | Rule::Text | Rule::Boolean | Rule::WholeNumber => {
            parse_failure(parameter)
        }
        _ => VendorError::from_entry(entry_of(rule), chinese, parameter).message.into_owned(),
    }
}

pub(crate) fn parse_failure(parameter: &str) -> String {
    format!("{parameter} parse object failed.")
}
