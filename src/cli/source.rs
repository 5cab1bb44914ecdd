//! The arguments that several commands share: the scenario and its overrides.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::{CliError, colour};
use crate::control::machine_now;
use crate::engine::{Loaded, Options, Plan, WorldExport};
use crate::scenario::value::Moment;
use crate::scenario::{SHIPPED, shipped};
use crate::vendors::load;
use crate::world::time::Timestamp;

/// Overrides of a scenario's values.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// Seed of all generated data, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Virtual time at the start, such as 2026-03-01T08:00:00Z
    #[arg(long, value_name = "RFC3339")]
    pub(crate) now: Option<Moment>,
    /// Virtual seconds per real second, or frozen
    #[arg(long, value_name = "X|frozen", value_parser = speed)]
    pub(crate) speed: Option<u64>,
    /// Continue from a document of GET /_syncmock/state: its seed, its time, its event log
    #[arg(long, value_name = "PATH", conflicts_with_all = ["seed", "now"])]
    pub(crate) state: Option<PathBuf>,
    /// Override one value of the scenario, such as drs.jobs.count=1000000
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// Parses a speed (`60`, `0.5`, `frozen`) into thousandths.
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

/// The name and text of a scenario, given by path or by the name of a shipped one.
pub(crate) fn read(scenario: &str) -> Result<(String, String), CliError> {
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
            _ if !missing => CliError::failed(format!("{scenario} cannot be read: {error}")),
            Some(name) => CliError::failed(format!("there is no scenario {scenario}"))
                .hint(format!("did you mean {name}?")),
            None => CliError::failed(format!("there is no scenario {scenario}")).hint(format!(
                "give the path of a scenario file, or the name of a shipped scenario: {}",
                names.join(", ")
            )),
        }
    })
}

pub(crate) fn load_file(scenario: &str, overrides: &Overrides) -> Result<Loaded, CliError> {
    let (name, text) = read(scenario)?;
    let options = Options {
        seed: overrides.seed,
        start: overrides.now.map(|now| Timestamp::from_millis(now.0)),
        speed: overrides.speed,
        set: overrides.set.clone(),
    };
    load(&name, &text, &options, machine_now())
        .map_err(|message| CliError::usage(format!("--set {message}")))
}

/// The plan of a scenario. If the scenario has problems, the error is the report of `check`.
pub(crate) fn plan(scenario: &str, overrides: &Overrides) -> Result<Box<Plan>, CliError> {
    let loaded = load_file(scenario, overrides)?;
    let report = loaded.report(colour());
    loaded.outcome.map_err(|_| CliError::Report(report))
}

/// The plan and, with `--state`, the exported world to restore.
pub(crate) fn world(
    scenario: &str,
    overrides: &Overrides,
) -> Result<(Box<Plan>, Option<WorldExport>), CliError> {
    let Some(path) = &overrides.state else { return Ok((plan(scenario, overrides)?, None)) };
    let bad = |why: String| CliError::failed(format!("{}: {why}", path.display()));
    let document = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let export = WorldExport::read(&document).map_err(|refused| {
        bad(refused.to_string()).hint("--state takes a document of GET /_syncmock/state")
    })?;
    let overrides = Overrides {
        seed: Some(export.seed),
        now: Some(Moment(export.start.millis())),
        ..overrides.clone()
    };
    Ok((plan(scenario, &overrides)?, Some(export)))
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
