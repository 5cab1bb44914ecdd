//! The journal as one document, out and in: a bug report is a file.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Control, Problem, json};
use crate::journal::{Entry, Journal};
use crate::plan::Plan;
use crate::scenario::value::Moment;
use crate::wire::Request;
use crate::world::time::Timestamp;

const VERSION: u64 = 1;

/// What a world is beside its scenario. The clock's speed is not part of it: the one who
/// reads a report wants to turn it by hand.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    version: u64,
    /// The name of the scenario.
    pub scenario: String,
    pub seed: u64,
    /// When the scenario's clock started: births are counted from it.
    pub start: Moment,
    /// What the clock said.
    pub now: Moment,
    journal: Vec<Entry>,
}

impl State {
    pub fn of(control: &Control) -> Self {
        let plan = &control.plan;
        let journal = control.past.journal();
        Self {
            version: VERSION,
            scenario: plan.name.clone(),
            seed: plan.seed.0,
            start: Moment(plan.clock.start.millis()),
            now: Moment(control.clock.now().millis()),
            journal: journal.entries().cloned().collect(),
        }
    }

    /// # Errors
    /// If the document is not such a state; the text says where.
    pub fn read(document: &[u8]) -> Result<Self, String> {
        let state: Self = serde_json::from_slice(document).map_err(|error| error.to_string())?;
        match state.version {
            VERSION => Ok(state),
            other => Err(format!("its version is {other}, and this server reads {VERSION}")),
        }
    }

    /// The journal, if it is of this plan.
    ///
    /// # Errors
    /// If it belongs to another world, or its entries make no journal; the hint says how to
    /// have the world it belongs to.
    pub fn journal(self, plan: &Plan) -> Result<(Journal, Timestamp), (String, String)> {
        let start = Timestamp::from_millis(self.start.0);
        let differences = [
            (self.scenario != plan.name).then(|| {
                format!("the scenario is {:?}, here it is {:?}", self.scenario, plan.name)
            }),
            (self.seed != plan.seed.0)
                .then(|| format!("the seed is {}, here it is {}", self.seed, plan.seed.0)),
            (start != plan.clock.start).then(|| {
                let here = plan.clock.start.iso_millis();
                format!("the clock started at {}, here at {here}", self.start)
            }),
        ];
        let differences: Vec<String> = differences.into_iter().flatten().collect();
        if !differences.is_empty() {
            let hint = format!(
                "this is a state of another world; it belongs to \
                 syncmock serve {} --seed {} --now {}",
                self.scenario, self.seed, self.start
            );
            return Err((differences.join("; "), hint));
        }
        let journal = Journal::of(plan, self.journal).map_err(|error| {
            (format!("the journal is unusable: {error}"), "it is GET /_syncmock/state's".into())
        })?;
        Ok((journal, Timestamp::from_millis(self.now.0)))
    }
}

pub fn show(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    json(&State::of(control))
}

/// Puts a journal in the place of the one there is, and the clock where it was.
pub fn set(control: &Control, request: &Request) -> Result<Vec<u8>, Problem> {
    let state = State::read(request.body()).map_err(|error| {
        Problem::bad(format!("the body is not a state: {error}"))
            .hint("send what GET /_syncmock/state answered")
    })?;
    let (journal, now) = state
        .journal(&control.plan)
        .map_err(|(text, hint)| Problem::new(StatusCode::CONFLICT, text).hint(hint))?;
    control.past.replace_journal(journal);
    control.clock.set(Some(now), None);
    show(control, request)
}

#[derive(Serialize)]
struct Dropped {
    dropped: usize,
}

/// Empties the journal. The clock goes on.
pub fn reset(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    let dropped = control.past.replace_journal(Journal::default()).entries().len();
    json(&Dropped { dropped })
}
