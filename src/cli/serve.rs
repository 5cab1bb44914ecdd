use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::source::{Overrides, world};
use crate::control::ControlAccess;
use crate::scenario::access::Secret;
use crate::server::{Limits, Server};
use crate::wire::digest::hex;

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
    /// Name by which clients may call the control API, beside addresses and localhost
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Token that the control API asks for [default: none on loopback, else a random one that
    /// the start prints]
    #[arg(long, value_name = "TOKEN", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    control_token: Option<String>,
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
        let random_token = match self.control_token {
            None if !self.listen.ip().is_loopback() => Some(random_token()?),
            _ => None,
        };
        let token = self.control_token.or_else(|| random_token.clone()).map(Secret::new);
        let access = ControlAccess { allowed_hosts: self.allow_host, token };
        let server =
            Server::bind(self.listen, plan, Limits::default(), access).map_err(|error| {
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
            announce(address, random_token.as_deref())
        })?;
        Ok(())
    }
}

/// 128 bits from the system, in hexadecimal.
fn random_token() -> Result<String, CliError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        CliError::failed(format!("the system gives no random bytes: {error}"))
            .hint("--control-token gives a token")
    })?;
    Ok(hex(&bytes))
}

/// Another process may wait for this line. A closed standard output does not stop the server.
fn announce(address: SocketAddr, control_token: Option<&str>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut text = format!("syncmock listening on http://{address}\n");
    if let Some(token) = control_token {
        text.push_str(&format!("syncmock control token {token}\n"));
    }
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
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
