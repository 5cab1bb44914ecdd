//! The service's own errors. Texts are the vendor's error page's, those of OMS.0053, 0066,
//! 0169 and 2004 ours.

use crate::gateway::Exchange;
use crate::wire::refusal::{CatalogueEntry, Reason, VendorError};

/// Of an error that nothing in this scenario meets by itself.
const ASK: &str = "header x-syncmock-refuse: its code";

use super::quirks::UnknownTask;
use crate::wire::refusal::Thing;

const NO_RESOURCES: &str = "No resources found.";
const INVALID_ID: &str = "Invalid task ID. Enter a valid task ID.";

/// Of a task that is to be started, stopped or deleted: the vendor's pages of these have no
/// 404, and its error page has both codes with 400.
pub const NO_RESOURCES_MOVED: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "OMS.1009",
    message: NO_RESOURCES,
    chinese: None,
    provoke: "starting, stopping or deleting an unknown task",
};
pub const INVALID_ID_MOVED: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "OMS.0054",
    message: INVALID_ID,
    chinese: None,
    provoke: "starting, stopping or deleting an unknown task with oms.quirks.unknown_task = \"OMS.0054\"",
};
pub const BAD_DESCRIPTION: CatalogueEntry = CatalogueEntry {
    status: 400,
    code: "OMS.0078",
    message: "The description cannot contain the following special characters: <>()\"'&",
    chinese: None,
    provoke: "creating a task whose description has one of them",
};

/// Of several with the same code the first is meant unless the status is said, too.
pub static CATALOGUE: &[CatalogueEntry] = &[
    CatalogueEntry {
        status: 400,
        code: "OMS.0064",
        message: "Invalid request parameters.",
        chinese: None,
        provoke: "data_type=BYTES",
    },
    CatalogueEntry {
        status: 400,
        code: "OMS.0053",
        message: "Failed to query the task. Check that the parameters are correct and that you have the required permissions.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 404,
        code: "OMS.0054",
        message: INVALID_ID,
        chinese: None,
        provoke: "an unknown task with oms.quirks.unknown_task = \"OMS.0054\"",
    },
    INVALID_ID_MOVED,
    CatalogueEntry {
        status: 400,
        code: "OMS.0066",
        message: "The task is not in a state that allows this operation.",
        chinese: None,
        provoke: "deleting or starting a task that is SYNCHRONIZING",
    },
    BAD_DESCRIPTION,
    CatalogueEntry {
        status: 400,
        code: "OMS.0169",
        message: "The SMN topic can not be used.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 403,
        code: "OMS.0206",
        message: "Insufficient permissions. You do not have the OMS operation permissions.",
        chinese: None,
        provoke: "another project in the path",
    },
    CatalogueEntry {
        status: 404,
        code: "OMS.1009",
        message: NO_RESOURCES,
        chinese: None,
        provoke: "an unknown task",
    },
    NO_RESOURCES_MOVED,
    CatalogueEntry {
        status: 503,
        code: "OMS.2004",
        message: "The service is temporarily unavailable. Try again later.",
        chinese: None,
        provoke: ASK,
    },
];

pub fn errors(exchange: &Exchange<'_>, reason: &Reason) -> Option<VendorError> {
    let error = |code| VendorError::of(CATALOGUE, code, false, "");
    match reason {
        // Status, code, texts and the detail as in a real body in a public log; that it is
        // also the answer to a bad query is inferred.
        Reason::Parameters(violations) => Some(match violations.first() {
            Some(v) => {
                error("OMS.0064").detail(format!("request parameter [{}] invalid.", v.parameter))
            }
            None => error("OMS.0064"),
        }),
        // The page of the operation says 404 but no code: inferred.
        Reason::Unknown { thing: Thing::Task, .. } => {
            Some(error(match exchange.plan.oms.quirks.unknown_task {
                UnknownTask::NoResources => "OMS.1009",
                UnknownTask::InvalidId => "OMS.0054",
            }))
        }
        // The vendor has it for migration tasks that can not be stopped (Terraform's provider):
        // its use for synchronization tasks and the other moves is inferred.
        Reason::WrongState { .. } => Some(error("OMS.0066")),
        // Its use for another's project is inferred.
        Reason::Unknown { thing: Thing::Project, .. } => Some(error("OMS.0206")),
        _ => None,
    }
}
