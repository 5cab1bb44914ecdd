//! Which scenario, and what to change in it: the arguments that several commands share.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::{CliError, colour};
use crate::plan::Plan;
use crate::scenario::value::Moment;
use crate::scenario::{Loaded, Options, SHIPPED, load, shipped};
use crate::server::machine_now;
use crate::state::State;
use crate::world::time::Timestamp;

/// What may be said on top of a scenario.
#[derive(Args, Clone, Debug, Default)]
pub struct Changes {
    /// Draw everything from this number instead of the scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Virtual time at the start, such as 2026-03-01T08:00:00Z
    #[arg(long, value_name = "RFC3339")]
    pub now: Option<Moment>,
    /// Virtual seconds per real second, or frozen
    #[arg(long, value_name = "X|frozen", value_parser = speed)]
    pub speed: Option<u64>,
    /// Go on from a file that GET /_syncmock/state answered: its seed, its time, its changes
    #[arg(long, value_name = "PATH", conflicts_with_all = ["seed", "now"])]
    pub state: Option<PathBuf>,
    /// Override one value of the scenario, such as drs.jobs.count=1000000
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// In thousandths: `60`, `0.5`, `frozen`.
fn speed(text: &str) -> Result<u64, String> {
    const MOST: u64 = 1_000_000;
    if text == "frozen" {
        return Ok(0);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 3 {
        return Err("write it like 1, 60, 0.5 or frozen".into());
    }
    let whole: u64 = whole.parse().ok().filter(|w| *w <= MOST).ok_or(format!("at most {MOST}"))?;
    let part: u64 = format!("{part:0<3}").parse().map_err(|_| "not a number".to_owned())?;
    Ok(whole * 1_000 + part)
}

/// A path, or the name of a shipped scenario.
pub fn read(scenario: &str) -> Result<(String, String), CliError> {
    let given = Path::new(scenario);
    let by_name = given.extension().is_none() && given.components().count() == 1;
    let nearest = match shipped(scenario) {
        Ok(found) if by_name => return Ok((found.name.to_owned(), found.text.to_owned())),
        Ok(_) => None,
        Err(nearest) => nearest.filter(|_| by_name),
    };
    std::fs::read_to_string(given).map(|text| (scenario.to_owned(), text)).map_err(|error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let names: Vec<&str> = SHIPPED.iter().map(|shipped| shipped.name).collect();
        match nearest {
            _ if !missing => CliError::failed(format!("{scenario} can not be read: {error}")),
            Some(name) => CliError::failed(format!("there is no scenario {scenario}"))
                .hint(format!("did you mean {name}?")),
            None => CliError::failed(format!("there is no scenario {scenario}")).hint(format!(
                "give the path of a file, or the name of a shipped one: {}",
                names.join(", ")
            )),
        }
    })
}

pub fn load_file(scenario: &str, changes: &Changes) -> Result<Loaded, CliError> {
    let (name, text) = read(scenario)?;
    let options = Options {
        seed: changes.seed,
        start: changes.now.map(|now| Timestamp::from_millis(now.0)),
        speed: changes.speed,
        set: changes.set.clone(),
    };
    load(&name, &text, &options, machine_now())
        .map_err(|message| CliError::usage(format!("--set {message}")))
}

/// The plan, or the report of `check` on why there is none.
pub fn plan(scenario: &str, changes: &Changes) -> Result<Box<Plan>, CliError> {
    let loaded = load_file(scenario, changes)?;
    let report = loaded.report(colour());
    loaded.outcome.map_err(|_| CliError::Report(report))
}

/// The plan and, with `--state`, the state to go on from.
pub fn world(scenario: &str, changes: &Changes) -> Result<(Box<Plan>, Option<State>), CliError> {
    let Some(path) = &changes.state else { return Ok((plan(scenario, changes)?, None)) };
    let bad = |why: String| CliError::failed(format!("{}: {why}", path.display()));
    let document = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let state = State::read(&document).map_err(|refused| {
        bad(refused.to_string()).hint("--state takes what GET /_syncmock/state answered")
    })?;
    let changes = Changes {
        seed: Some(state.seed),
        now: Some(Moment(state.start.millis())),
        ..changes.clone()
    };
    Ok((plan(scenario, &changes)?, Some(state)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_with_up_to_three_places_or_frozen() {
        let good = [("1", 1_000), ("60", 60_000), ("0.5", 500), ("0.025", 25), ("frozen", 0)];
        for (text, thousandths) in good {
            assert_eq!(speed(text), Ok(thousandths), "{text}");
        }
        for text in ["", "-1", "1.", ".5", "1.2345", "fast", "1e3", "99999999"] {
            assert!(speed(text).is_err(), "{text}");
        }
    }
}
