//! From the text of a file to a plan, or to everything that is wrong with it.

use serde::Deserialize;

use super::document::Document;
use super::file::{self, File};
use super::gateway;
use super::problem::{Place, Problem};
use super::{report, schema, structure};
use crate::fault;
use crate::plan::{Base, Clock, Plan};
use crate::world::draw::Seed;
use crate::world::names::Tongue;
use crate::world::time::Timestamp;

/// What the command line says on top of the file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub seed: Option<u64>,
    pub start: Option<Timestamp>,
    /// Virtual ms per real second.
    pub speed: Option<u64>,
    /// `KEY=VALUE` overrides of single values of the file.
    pub set: Vec<String>,
}

/// A file that was read, whatever became of it.
pub struct Loaded {
    document: Document,
    pub outcome: Result<Box<Plan>, Vec<Problem>>,
}

impl Loaded {
    /// The report on all problems, ready to print; empty if there are none.
    pub fn report(&self, colour: bool) -> String {
        match &self.outcome {
            Ok(_) => String::new(),
            Err(problems) => report::render(&self.document, problems, colour),
        }
    }
}

/// `machine_now` is the start of the clock where neither the file nor the options give one.
/// An override that can not be applied is the error.
pub fn load(
    name: &str,
    text: &str,
    options: &Options,
    machine_now: Timestamp,
) -> Result<Loaded, String> {
    let (mut document, mut problems) = Document::parse(name, text);
    for assignment in &options.set {
        document.set(assignment)?;
    }
    problems.extend(structure::check(&document, &schema()));
    let outcome = if problems.is_empty() {
        plan(name, &document, options, machine_now)
    } else {
        Err(problems)
    };
    Ok(Loaded { document, outcome })
}

fn plan(
    name: &str,
    document: &Document,
    options: &Options,
    machine_now: Timestamp,
) -> Result<Box<Plan>, Vec<Problem>> {
    // The structure is right by now; what serde still finds has no better place than the top.
    let file = File::deserialize(document.to_value())
        .map_err(|error| vec![Problem::value(Place::root(), error.message().to_owned())])?;
    let start = file.clock.start.map(|start| Timestamp::from_millis(start.0));
    let start = options.start.or(start).unwrap_or(machine_now);
    let speed = options.speed.unwrap_or(file.clock.speed.unwrap_or(1) * 1_000);
    let base = Base {
        seed: Seed(options.seed.unwrap_or(file.seed)),
        start,
        tongue: match file.language {
            file::Language::Chinese => Tongue::Chinese,
            file::Language::English => Tongue::English,
        },
    };
    let mut problems = Vec::new();
    let at = |key: &str| Place::root().key(key);
    let drs = file.drs.plan(&base, at("drs"), &mut problems);
    let oms = file.oms.plan(&base, at("oms"), &mut problems);
    let usual = [(drs.project_id.as_str(), "cn-north-4"), (oms.project_id.as_str(), "cn-east-3")];
    let gateway = gateway::plan(file.gateway, file.credentials, &mut problems);
    let plan = Plan {
        name: file.name.unwrap_or_else(|| name.to_owned()),
        summary: file.summary,
        seed: base.seed,
        clock: Clock { start, speed },
        faults: fault::plan(file.fault, &gateway.keys, &at("fault"), &mut problems),
        gateway,
        eiam: file.eiam.plan(&base, at("eiam"), &mut problems),
        dts: file.dts.plan(&base, at("dts"), &mut problems),
        authing: file.authing.plan(&base, at("authing"), &mut problems),
        iam: file.iam.plan(&base, usual, at("iam"), &mut problems),
        drs,
        oms,
    };
    if problems.is_empty() { Ok(Box::new(plan)) } else { Err(problems) }
}
