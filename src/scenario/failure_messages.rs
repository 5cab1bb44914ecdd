//! The messages of failed jobs: defaults, or those of the file.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Base;
use super::population::{check_weights, one};
use super::problem::{DocumentPath, Problem};
use crate::world::failure_messages::{FailureMessage, FailureMessages};

/// An error that failed jobs carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailureMessageTable {
    /// The code, as on the wire; services without one ignore it.
    #[serde(default)]
    pub(crate) code: String,
    /// The text, as on the wire.
    pub(crate) message: String,
    /// How often it occurs, against the other causes.
    #[serde(default = "one")]
    #[schemars(range(max = 65536))]
    pub(crate) weight: u64,
}

/// (code, Chinese text, English text, weight)
pub(crate) type DefaultFailureMessage = (&'static str, &'static str, &'static str, u64);

/// The failure messages of the file, or the defaults in the scenario's language.
pub(crate) fn failure_messages(
    tables: Vec<FailureMessageTable>,
    defaults: &[DefaultFailureMessage],
    base: &Base,
    path: DocumentPath,
    problems: &mut Vec<Problem>,
) -> FailureMessages {
    let weights: Vec<u64> = tables.iter().map(|table| table.weight).collect();
    check_weights(&weights, path, problems);
    let in_locale = |&(code, chinese, english, weight): &DefaultFailureMessage| FailureMessage {
        code: code.to_owned(),
        message: base.locale.choose(chinese, english).to_owned(),
        weight,
    };
    FailureMessages::new(if tables.is_empty() {
        defaults.iter().map(in_locale).collect()
    } else {
        let message = |FailureMessageTable { code, message, weight }| FailureMessage {
            code,
            message,
            weight,
        };
        tables.into_iter().map(message).collect()
    })
}
