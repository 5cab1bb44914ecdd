use clap::Args;

use super::call::services;
use super::error::{CliError, say};
use crate::scenario::reference::{self, Key};
use crate::vendors::schema;

/// List the switches for unexpected vendor behaviour: effect, affected clients, evidence
///
/// The first line of each switch shows its values and its default. "Bites" names the clients
/// that the behaviour breaks; "Evidence" says whether it is documented, reported or inferred.
/// Put a switch under [SERVICE.quirks] in a scenario, or try it with --set SERVICE.quirks.NAME=VALUE.
///
/// Examples:
///   syncmock quirks
///   syncmock quirks dts
///   syncmock serve --set eiam.quirks.pages=repeat
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Quirks {
    /// List only the switches of this service
    service: Option<String>,
}

/// Maximum length of a line (characters).
const WIDTH: usize = 100;

impl Quirks {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let schema = schema();
        for service in services(self.service.as_deref())? {
            let keys = reference::keys(&schema, &[service.service.name(), "quirks"]);
            if !keys.is_empty() {
                say(&format!("[{}.quirks]", service.service.name()))?;
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

/// Wraps the text. The first line begins with `first`, the others with `rest`.
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
