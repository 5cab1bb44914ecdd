use clap::Args;

use super::error::{CliError, say};
use crate::scenario;

/// Print the JSON Schema of scenario files
///
/// Example: syncmock schema > syncmock.schema.json
#[derive(Args)]
pub struct Schema {
    /// As a reference for people instead
    #[arg(long)]
    markdown: bool,
}

impl Schema {
    pub fn run(self) -> Result<(), CliError> {
        if self.markdown {
            return say(scenario::reference::markdown(&scenario::schema()).trim_end());
        }
        let text = serde_json::to_string_pretty(&scenario::schema())
            .map_err(|error| CliError::failed(error.to_string()))?;
        say(&text)
    }
}
