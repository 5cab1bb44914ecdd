//! The faults of a world: shown with their counts, and replaced.

use serde::Serialize;

use super::{Control, json};
use crate::engine::FaultCounts;
use crate::fault::{self, FaultTable, FaultsDocument};
use crate::scenario::problem::{DocumentPath, Problem as ScenarioProblem};
use crate::scenario::{InvalidJson, read_json};
use crate::wire::{Problem, Request};

#[derive(Serialize)]
struct Shown<'f> {
    faults: Vec<Counted<'f>>,
}

#[derive(Serialize)]
struct Counted<'f> {
    name: &'f str,
    /// As the scenario has it.
    fault: &'f FaultTable,
    /// How many calls it has matched, of all access keys.
    calls: u64,
    /// For how many of them it fired.
    happened: u64,
}

pub(crate) fn show(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    let faults = control.state.faults();
    let counted = faults.counted().map(|(fault, calls, happened)| Counted {
        name: &fault.name,
        fault: &fault.table,
        calls,
        happened,
    });
    json(&Shown { faults: counted.collect() })
}

const SEND: &str = r#"send {"faults": [{"on": {"call": "3"}, "do": {"status": 503}}]}; the keys are those of [[fault]] in a scenario"#;

/// Replaces the faults; every count begins at 0.
pub(crate) fn set(control: &Control, request: &Request) -> Result<Vec<u8>, Problem> {
    let sent: FaultsDocument = read_json(request.body()).map_err(|invalid| match invalid {
        InvalidJson::Syntax(error) => {
            Problem::bad(format!("the body is not JSON: {error}")).hint(SEND)
        }
        InvalidJson::Structure(problems) => refused(&problems),
    })?;
    let mut problems = Vec::new();
    let keys = &control.plan.access.keys;
    let catalog = control.plan.registry.catalog();
    let path = DocumentPath::root().key("faults");
    let faults = fault::plan(sent.faults, keys, &catalog, &path, &mut problems);
    if !problems.is_empty() {
        return Err(refused(&problems));
    }
    control.state.replace_faults(FaultCounts::new(faults, keys.len()));
    show(control, request)
}

/// Maximum number of problems that one refusal tells.
const MAX_PROBLEMS: usize = 20;

/// The problems as `check` words them, with the first hint.
fn refused(problems: &[ScenarioProblem]) -> Problem {
    let told = problems.iter().take(MAX_PROBLEMS);
    let mut told: Vec<String> =
        told.map(|problem| format!("{}: {}", problem.place, problem.message)).collect();
    if let Some(more @ 1..) = problems.len().checked_sub(MAX_PROBLEMS) {
        told.push(format!("and {more} more"));
    }
    let problem = Problem::bad(told.join("; "));
    problem.hint(problems.iter().find_map(|p| p.hint.clone()).unwrap_or_else(|| SEND.to_owned()))
}
