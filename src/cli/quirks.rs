use clap::Args;

use super::call::services;
use super::error::{CliError, say};
use crate::scenario::reference::{self, Key};
use crate::scenario::schema;

/// List the switches for what vendors do unexpectedly: what each does, whom it bites, how sure we are
///
/// The first line of each is what it may be, with what it is unless a scenario says otherwise.
/// Put it under [SERVICE.quirks] in a scenario, or try it with --set SERVICE.quirks.NAME=VALUE.
///
/// Examples:
///   syncmock quirks
///   syncmock quirks dts
///   syncmock serve --set eiam.quirks.pages=repeat
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct Quirks {
    /// Only those of this service
    service: Option<String>,
}

/// Lines are no longer, in characters.
const WIDTH: usize = 100;

impl Quirks {
    pub fn run(self) -> Result<(), CliError> {
        let schema = schema();
        for service in services(self.service.as_deref())? {
            let keys = reference::keys(&schema, &[service.name, "quirks"]);
            if !keys.is_empty() {
                say(&format!("[{}.quirks]", service.name))?;
            }
            for Key { name, kind, default, about, values } in keys {
                let default = default.map(|default| format!(" (default {default})"));
                say(&format!("  {name} = {kind}{}", default.unwrap_or_default()))?;
                let parts = about.replace(" Bites: ", "\nBites: ");
                for part in parts.replace(" Evidence: ", "\nEvidence: ").lines() {
                    say(&wrapped(part, "      ", "      "))?;
                }
                let width = values.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
                for (word, meaning) in values {
                    let first = format!("      {word:<width$}  ");
                    say(&wrapped(&meaning, &first, &" ".repeat(first.chars().count())))?;
                }
            }
        }
        Ok(())
    }
}

/// The text in lines of which the first begins with `first`, and the others with `rest`.
fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let mut out = first.to_owned();
    let mut used = first.chars().count();
    let mut at_start = true;
    for word in text.split_whitespace() {
        let long = word.chars().count();
        if !at_start && used + 1 + long > WIDTH {
            out.push('\n');
            out.push_str(rest);
            used = rest.chars().count();
            at_start = true;
        }
        if !at_start {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += long;
        at_start = false;
    }
    out
}
