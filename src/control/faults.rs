//! What goes wrong on purpose, how often it has, and other faults in its place.

use serde::{Deserialize, Serialize};

use super::{Control, Problem, json};
use crate::fault::{self, Faults, Table};
use crate::scenario::problem::Place;
use crate::wire::Request;

#[derive(Serialize)]
struct Shown<'f> {
    faults: Vec<Counted<'f>>,
}

#[derive(Serialize)]
struct Counted<'f> {
    name: &'f str,
    /// As the scenario has it.
    fault: &'f Table,
    /// How many calls it has looked at, of all access keys.
    calls: u64,
    /// To how many of them it happened.
    happened: u64,
}

pub fn show(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    let faults = control.past.faults();
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
    faults: Vec<Table>,
}

const SEND: &str = r#"send {"faults": [{"on": {"service": "drs", "call": "3"}, "do": {"status": 503}}]}; the keys are those of [[fault]] in a scenario"#;

/// Puts others in the place of those there are; every count begins anew.
pub fn set(control: &Control, request: &Request) -> Result<Vec<u8>, Problem> {
    let sent: Sent = serde_json::from_slice(request.body())
        .map_err(|error| Problem::bad(format!("these are no faults: {error}")).hint(SEND))?;
    let mut problems = Vec::new();
    let keys = &control.plan.gateway.keys;
    let place = Place::root().key("faults");
    let faults = fault::plan(sent.faults, keys, &place, &mut problems);
    if let Some(problem) = problems.into_iter().next() {
        let text = format!("{}: {}", problem.place, problem.message);
        let bad = Problem::bad(text);
        return Err(problem.hint.into_iter().fold(bad, |bad, hint| bad.hint(hint)));
    }
    control.past.replace_faults(Faults::new(faults, keys.len()));
    show(control, request)
}
