use clap::Args;

use super::error::{CliError, say};
use super::source::{Changes, plan};
use crate::scenario::SHIPPED;

/// List the scenarios that ship with syncmock
///
/// Example: syncmock scenarios --show default > mine.toml
#[derive(Args)]
pub struct Scenarios {
    /// Print the file of this scenario instead, to start your own from
    #[arg(long, value_name = "NAME")]
    show: Option<String>,
}

impl Scenarios {
    pub fn run(self) -> Result<(), CliError> {
        if let Some(name) = self.show {
            return match crate::scenario::shipped(&name) {
                Ok(shipped) => say(shipped.text.trim_end()),
                Err(nearest) => {
                    let error = CliError::failed(format!("no scenario {name} ships"));
                    Err(match nearest {
                        Some(nearest) => error.hint(format!("did you mean {nearest}?")),
                        None => error.hint("syncmock scenarios lists them"),
                    })
                }
            };
        }
        let changes = Changes::default();
        for shipped in &SHIPPED {
            let plan = plan(shipped.name, &changes)?;
            say(&format!("{:<10} {}", shipped.name, plan.summary))?;
        }
        Ok(())
    }
}
