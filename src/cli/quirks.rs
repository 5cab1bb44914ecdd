use clap::Args;

use super::call::services;
use super::error::{CliError, say};
use crate::scenario::reference::{self, Key};
use crate::scenario::schema;

/// List the switches for what vendors do unexpectedly: what each does, whom it bites, how sure we are
///
/// Examples:
///   syncmock quirks
///   syncmock quirks dts
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct Quirks {
    /// Only those of this service
    service: Option<String>,
}

impl Quirks {
    pub fn run(self) -> Result<(), CliError> {
        let schema = schema();
        for service in services(self.service.as_deref())? {
            let keys = reference::keys(&schema, &[service.name, "quirks"]);
            if !keys.is_empty() {
                say(&format!("[{}.quirks]", service.name))?;
            }
            for Key { name, kind, about, values } in keys {
                say(&format!("  {name} = {kind}"))?;
                if !about.is_empty() {
                    say(&format!("      {about}"))?;
                }
                let width = values.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
                for (word, meaning) in values {
                    say(&format!("      {word:<width$}  {meaning}"))?;
                }
            }
        }
        Ok(())
    }
}
