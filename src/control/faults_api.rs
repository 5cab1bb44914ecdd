//! The faults of a world: shown with their counts, and replaced.

use serde::{Deserialize, Serialize};

use super::{Control, Problem, json};
use crate::engine::FaultCounts;
use crate::fault::{self, FaultTable};
use crate::scenario::problem::DocumentPath;
use crate::wire::Request;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    faults: Vec<FaultTable>,
}

const SEND: &str = r#"send {"faults": [{"on": {"call": "3"}, "do": {"status": 503}}]}; the keys are those of [[fault]] in a scenario"#;

/// Replaces the faults; every count begins at 0.
pub(crate) fn set(control: &Control, request: &Request) -> Result<Vec<u8>, Problem> {
    let sent: Sent = serde_json::from_slice(request.body())
        .map_err(|error| Problem::bad(format!("these are no faults: {error}")).hint(SEND))?;
    let mut problems = Vec::new();
    let keys = &control.plan.access.keys;
    let catalog = control.plan.registry.catalog();
    let path = DocumentPath::root().key("faults");
    let faults = fault::plan(sent.faults, keys, &catalog, &path, &mut problems);
    if let Some(problem) = problems.into_iter().next() {
        let text = format!("{}: {}", problem.place, problem.message);
        let bad = Problem::bad(text);
        return Err(problem.hint.into_iter().fold(bad, |bad, hint| bad.hint(hint)));
    }
    control.state.replace_faults(FaultCounts::new(faults, keys.len()));
    show(control, request)
}
