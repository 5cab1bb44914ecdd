use clap::Args;

use super::error::{CliError, say};
use super::source::{Overrides, plan};
use crate::scenario::SHIPPED;

/// List the scenarios that ship with syncmock
///
/// Example: syncmock scenarios --show default > mine.toml
#[derive(Args)]
pub(crate) struct Scenarios {
    /// Print the file of this scenario instead, as a start for your own
    #[arg(long, value_name = "NAME")]
    show: Option<String>,
}

impl Scenarios {
    pub(crate) fn run(self) -> Result<(), CliError> {
        if let Some(name) = self.show {
            return match crate::scenario::shipped(&name) {
                Ok(shipped) => say(shipped.text.trim_end()),
                Err(nearest) => {
                    let error = CliError::failed(format!("there is no shipped scenario {name}"));
                    Err(match nearest {
                        Some(nearest) => error.hint(format!("did you mean {nearest}?")),
                        None => error.hint("syncmock scenarios lists them"),
                    })
                }
            };
        }
        let overrides = Overrides::default();
        for shipped in &SHIPPED {
            let plan = plan(shipped.name, &overrides)?;
            say(&format!("{:<10} {}", shipped.name, plan.summary))?;
        }
        Ok(())
    }
}
