//! Errors of commands: their text and exit code.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

pub(crate) enum CliError {
    /// Wrong usage: exit code 2.
    Usage { message: String, hint: Option<String> },
    /// The command failed, for example at a file or a port: exit code 1.
    Failed { message: String, hint: Option<String> },
    /// A finished report on problems: exit code 1.
    Report(String),
}

impl CliError {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: None }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Usage { hint, .. } | Self::Failed { hint, .. } = &mut self {
            *hint = Some(text.into());
        }
        self
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage { .. } => ExitCode::from(2),
            Self::Failed { .. } | Self::Report(_) => ExitCode::from(1),
        }
    }

    pub(crate) fn print(&self) {
        match self {
            Self::Report(report) => complain(report),
            Self::Usage { message, hint } | Self::Failed { message, hint } => {
                complain(&format!("error: {message}"));
                if let Some(hint) = hint {
                    complain(&format!("hint: {hint}"));
                }
            }
        }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::failed(error.to_string())
    }
}

/// Writes a line to standard error. A closed standard error is not an error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes a line to standard output. A closed pipe (`| head`) is not an error.
pub(crate) fn say(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether standard error shows colours.
pub(crate) fn colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}
