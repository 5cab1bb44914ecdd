use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::source::{Overrides, world};
use crate::server::{Limits, Server};

/// Start a server that impersonates the five services, with the data of a scenario
///
/// Examples:
///   syncmock serve
///   syncmock serve nightly.toml --now 2026-03-01T18:00:00Z --speed frozen
///   syncmock serve default --state report.json --speed frozen
///   syncmock serve million --listen 127.0.0.1:0 --port-file port --set drs.jobs.count=10000000
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Serve {
    /// Path of a scenario file, or the name of a shipped scenario
    #[arg(default_value = "default")]
    scenario: String,
    /// Address to listen on; port 0 takes a free port
    #[arg(long, default_value = "127.0.0.1:4740", value_name = "ADDR")]
    listen: SocketAddr,
    /// Write the port number to this file once the server accepts connections
    #[arg(long, value_name = "PATH")]
    port_file: Option<PathBuf>,
    /// Log every request to standard error
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    overrides: Overrides,
}

impl Serve {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let level = if self.verbose { tracing::Level::DEBUG } else { tracing::Level::INFO };
        tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_max_level(level)
            .with_ansi(super::error::colour())
            .with_target(false)
            .init();
        let (plan, export) = world(&self.scenario, &self.overrides)?;
        let server = Server::bind(self.listen, plan, Limits::default()).map_err(|error| {
            CliError::failed(format!("cannot listen on {}: {error}", self.listen))
                .hint("--listen 127.0.0.1:0 takes a free port")
        })?;
        if let Some(export) = export {
            server
                .control()
                .restore(export)
                .map_err(|error| CliError::failed(error.to_string()))?;
        }
        server.run_until_signal(|address| {
            if let Some(path) = &self.port_file {
                write_port(path, address.port()).map_err(|error| {
                    let text = format!("{} cannot be written: {error}", path.display());
                    std::io::Error::new(error.kind(), text)
                })?;
            }
            announce(address)
        })?;
        Ok(())
    }
}

/// Another process may wait for this line. A closed standard output does not stop the server.
fn announce(address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "syncmock listening on http://{address}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Written to a temporary file and renamed, so readers never see a partial file.
fn write_port(path: &Path, port: u16) -> std::io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    std::fs::write(&draft, port.to_string())?;
    std::fs::rename(&draft, path)
}
