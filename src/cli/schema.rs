use clap::Args;

use super::error::{CliError, say};
use crate::{scenario, vendors};

/// Print the JSON Schema of scenario files
///
/// Example: syncmock schema > syncmock.schema.json
#[derive(Args)]
pub(crate) struct Schema {
    /// Print a Markdown reference of all keys instead
    #[arg(long)]
    markdown: bool,
}

impl Schema {
    pub(crate) fn run(self) -> Result<(), CliError> {
        if self.markdown {
            return say(scenario::reference::markdown(&vendors::schema()).trim_end());
        }
        let text = serde_json::to_string_pretty(&vendors::schema())
            .map_err(|error| CliError::failed(error.to_string()))?;
        say(&text)
    }
}
