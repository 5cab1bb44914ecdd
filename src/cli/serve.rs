use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::source::{Changes, world};
use crate::server::{Limits, Server};

/// Serve the five services from a scenario
///
/// Examples:
///   syncmock serve
///   syncmock serve nightly.toml --now 2026-03-01T18:00:00Z --speed frozen
///   syncmock serve default --state report.json --speed frozen
///   syncmock serve million --listen 127.0.0.1:0 --port-file port --set drs.jobs.count=10000000
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct Serve {
    /// A path, or the name of a shipped scenario
    #[arg(default_value = "default")]
    scenario: String,
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:4740", value_name = "ADDR")]
    listen: SocketAddr,
    /// Write the port to this file once the server is ready
    #[arg(long, value_name = "PATH")]
    port_file: Option<PathBuf>,
    /// Log every request to standard error
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    changes: Changes,
}

impl Serve {
    pub fn run(self) -> Result<(), CliError> {
        let level = if self.verbose { tracing::Level::DEBUG } else { tracing::Level::INFO };
        tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_max_level(level)
            .with_ansi(super::error::colour())
            .with_target(false)
            .init();
        let (plan, state) = world(&self.scenario, &self.changes)?;
        let server = Server::bind(self.listen, plan, Limits::default()).map_err(|error| {
            CliError::failed(format!("can not listen on {}: {error}", self.listen))
                .hint("--listen 127.0.0.1:0 takes a free port")
        })?;
        if let Some(state) = state {
            server
                .control()
                .restore(state)
                .map_err(|refused| CliError::failed(refused.to_string()))?;
        }
        server.run_until_signal(|address| {
            if let Some(path) = &self.port_file {
                write_port(path, address.port()).map_err(|error| {
                    let text = format!("{} can not be written: {error}", path.display());
                    std::io::Error::new(error.kind(), text)
                })?;
            }
            announce(address)
        })?;
        Ok(())
    }
}

/// Somebody may wait for this very line; that nobody reads it is no reason to stop.
fn announce(address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "syncmock listening on http://{address}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// By rename, so that who sees the file sees all of it.
fn write_port(path: &Path, port: u16) -> std::io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    std::fs::write(&draft, port.to_string())?;
    std::fs::rename(&draft, path)
}
