use clap::Args;

use super::error::{CliError, colour, complain, say};
use super::source::{Overrides, load_file};

/// Check scenario files, and report all problems of a file at once
///
/// Example: syncmock check nightly.toml
#[derive(Args)]
pub(crate) struct Check {
    /// Paths of scenario files, or names of shipped scenarios
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
}

impl Check {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let overrides = Overrides::default();
        let mut bad = 0;
        for scenario in &self.scenarios {
            match load_file(scenario, &overrides) {
                Ok(loaded) if loaded.outcome.is_ok() => say(&format!("{scenario}: ok"))?,
                Ok(loaded) => {
                    complain(&loaded.report(colour()));
                    bad += 1;
                }
                Err(error) => {
                    error.print();
                    bad += 1;
                }
            }
        }
        match (bad, self.scenarios.len()) {
            (0, _) => Ok(()),
            (_, 1) => Err(CliError::Report(String::new())),
            (bad, all) => Err(CliError::Report(format!("{bad} of {all} scenarios have problems"))),
        }
    }
}
