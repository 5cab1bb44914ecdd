//! The service's own errors: codes, statuses and texts of the vendor's error pages (the text
//! of DRS.10010065 is lost there, and ours).

use crate::gateway::Exchange;
use crate::wire::refusal::{CatalogueEntry, Reason, Rule, Thing, VendorError, Violation};

/// Of an error that nothing in this scenario meets by itself.
const ASK: &str = "header x-syncmock-refuse: its code";

use super::quirks::{BadRequest, Errors};

pub const UNKNOWN_JOB: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "DRS.10000010",
    message: "Job does not exist, please check job ID.",
    chinese: None,
    provoke: "detail, update or commit of an unknown batch",
};
pub const PARAMETER_EMPTY: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "DRS.M00201",
    message: "The parameter {name} is empty.",
    chinese: Some("{name}参数为空"),
    provoke: "ListJobs without job_type",
};
pub const PARAMETER_INVALID: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "DRS.M00202",
    message: "The value of parameter {name} is invalid.",
    chinese: Some("{name}取值不合法"),
    provoke: "limit=-1",
};
pub const NAME_TAKEN: CatalogueEntry = CatalogueEntry {
    status: 422,
    code: "DRS.M00277",
    message: "The task name already exists.",
    chinese: None,
    provoke: "BatchCreateJobsAsync with the name of a job that exists",
};
pub const WRONG_STATE: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "DRS.M00304",
    message: "This API cannot be called in the current task status.",
    chinese: None,
    provoke: "CommitAsyncJob of a committed batch",
};
pub const PARSE_FAILED: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "DRS.M00305",
    message: "Parameter error:{detail}",
    chinese: None,
    provoke: "base_info.tags=\"x\" in BatchCreateJobsAsync with drs.quirks.checks = \"at_once\"",
};

pub static CATALOGUE: &[CatalogueEntry] = &[
    CatalogueEntry {
        status: 400,
        code: "DRS.10000001",
        message: "Failed.",
        chinese: None,
        provoke: "limit=-1 with drs.quirks.bad_request = \"generic\"",
    },
    UNKNOWN_JOB,
    CatalogueEntry {
        status: 400,
        code: "DRS.10010065",
        message: "The connection name already exists.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.10010069",
        message: "Connection manager not exists.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.10030009",
        message: "Download template file failed.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 422,
        code: "DRS.M00002",
        message: "The returned result is empty.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 500,
        code: "DRS.M00004",
        message: "Service is abnormal. Check logs.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.M00007",
        message: "Invalid request parameter.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DRS.M00100",
        message: "Invalid token.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 404,
        code: "DRS.M00101",
        message: "The user role is empty.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DRS.M00102",
        message: "You do not have sufficient permissions.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 401,
        code: "DRS.M00103",
        message: "You do not have operation permissions. Check account permissions on IAM.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.M00105",
        message: "User restricted.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.M00200",
        message: "Parameter error.",
        chinese: None,
        provoke: ASK,
    },
    PARAMETER_EMPTY,
    PARAMETER_INVALID,
    CatalogueEntry {
        status: 400,
        code: "DRS.M00210",
        message: "The value of Page is invalid, {detail}",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.M00211",
        message: "The value of Page exceeds the upper limit.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "DRS.M00261",
        message: "Invalid project ID.",
        chinese: None,
        provoke: "another project in the path",
    },
    NAME_TAKEN,
    CatalogueEntry {
        status: 400,
        code: "DRS.M00300",
        message: "Invalid request, {detail}",
        chinese: None,
        provoke: ASK,
    },
    WRONG_STATE,
    PARSE_FAILED,
    CatalogueEntry {
        status: 422,
        code: "DRS.M01501",
        message: "Service error.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.M01503",
        message: "Operation too frequent. Try again later.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 202,
        code: "DRS.M01504",
        message: "Another operation is being performed on the migration task or the migration task is abnormal.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.M05003",
        message: "Task information not found.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.M05004",
        message: "The task has been deleted or the resource has been released.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "DRS.KE0002",
        message: "The username or password is incorrect.",
        chinese: None,
        provoke: ASK,
    },
];

pub fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    let worded = worded(exchange, reason)?;
    Some(match exchange.plan.drs.quirks.errors {
        Errors::Hard => worded,
        Errors::Soft => VendorError { status: 200, ..worded },
    })
}

fn worded(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    let chinese = exchange.wants_chinese();
    let quirks = &exchange.plan.drs.quirks;
    let error = |code, name: &str| Some(VendorError::of(CATALOGUE, code, chinese, name));
    match reason {
        Reason::Unknown { thing: Thing::Project, .. } => error("DRS.M00261", ""),
        Reason::Unknown { .. } if quirks.newer_wording => {
            let newer = "Task not found. Check the task ID.";
            Some(VendorError::new(UNKNOWN_JOB.status, UNKNOWN_JOB.code, newer))
        }
        Reason::Unknown { .. } => error(UNKNOWN_JOB.code, ""),
        Reason::WrongState { .. } => error(WRONG_STATE.code, ""),
        Reason::Parameters(violations) => match quirks.bad_request {
            // The sample of the vendor's page; its Chinese page has the same.
            BadRequest::Generic => error("DRS.10000001", ""),
            BadRequest::Specific => {
                let Violation { parameter, rule } = violations.first()?;
                error(code_of(rule), parameter)
            }
        },
        Reason::Own(entry, value) => Some(VendorError::from_entry(entry, chinese, value)),
        _ => None,
    }
}

fn code_of(rule: &Rule) -> &'static str {
    match rule {
        Rule::Required => PARAMETER_EMPTY.code,
        _ => PARAMETER_INVALID.code,
    }
}

/// What is wrong with a parameter of a job, as the validation says it. Of the vendor's words
/// only those on what can not be parsed are known (a fragment of its pages).
pub fn fault_text(fault: &Violation, chinese: bool) -> String {
    match fault.rule {
        Rule::List | Rule::Object | Rule::Text | Rule::Boolean | Rule::WholeNumber => {
            format!("{} parse object failed.", fault.parameter)
        }
        _ => {
            let code = code_of(&fault.rule);
            VendorError::of(CATALOGUE, code, chinese, &fault.parameter).message.into_owned()
        }
    }
}
