//! The service's own errors. Texts are the vendor's error page's, those of OMS.0053, 0066,
//! 0169 and 2004 ours.

use crate::gateway::Exchange;
use crate::wire::refusal::{CatalogueEntry, Reason, VendorError};

/// Of an error that nothing in this scenario meets by itself.
const ASK: &str = "header x-syncmock-refuse: its code";

use super::scenario::UnknownTask;
use crate::wire::refusal::Thing;

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
        message: "Invalid task ID. Enter a valid task ID.",
        chinese: None,
        provoke: "an unknown task with oms.quirks.unknown_task = \"OMS.0054\"",
    },
    CatalogueEntry {
        status: 400,
        code: "OMS.0066",
        message: "The task is not in a state that allows this operation.",
        chinese: None,
        provoke: ASK,
    },
    CatalogueEntry {
        status: 400,
        code: "OMS.0078",
        message: "The description cannot contain the following special characters: <>()\"'&",
        chinese: None,
        provoke: ASK,
    },
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
        message: "No resources found.",
        chinese: None,
        provoke: "an unknown task",
    },
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
        // Its use for another's project is inferred.
        Reason::Unknown { thing: Thing::Project, .. } => Some(error("OMS.0206")),
        _ => None,
    }
}
