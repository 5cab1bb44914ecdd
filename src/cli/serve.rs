use std::io::{ErrorKind, stderr, stdout};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::descriptors::raise_limit;
use super::error::CliError;
use super::output::Output;
use super::port_file::PortFile;
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
    /// Write the port number to this file once the server accepts connections; it is removed at
    /// the end
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
        let (log, out) = (Output::new(stderr())?, Output::new(stdout())?);
        let level = if self.verbose { tracing::Level::DEBUG } else { tracing::Level::INFO };
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_max_level(level)
            .with_ansi(super::error::colour())
            .with_target(false)
            .init();
        // The default hook writes to standard error by itself.
        std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
        let outcome = self.serve(&out);
        out.flush();
        log.flush();
        outcome
    }

    fn serve(self, out: &Output) -> Result<(), CliError> {
        let connections = raise_limit();
        let mut port_file = self.port_file.map(PortFile::new).transpose()?;
        let (plan, export) = world(&self.scenario, &self.overrides)?;
        let random_token = match self.control_token {
            None if !self.listen.ip().is_loopback() => Some(random_token()?),
            _ => None,
        };
        let token = self.control_token.or_else(|| random_token.clone()).map(Secret::new);
        let access = ControlAccess { allowed_hosts: self.allow_host, token };
        let limits = Limits { connections, ..Limits::default() };
        let server = Server::bind(self.listen, plan, limits, access)
            .map_err(|error| cannot_listen(self.listen, &error))?;
        if let Some(file) = &port_file {
            file.remove_stale()?;
        }
        if let Some(export) = export {
            server
                .control()
                .restore(export)
                .map_err(|error| CliError::failed(error.to_string()))?;
        }
        server.run_until_signal(|address| {
            if let Some(file) = &mut port_file {
                file.write(address.port())?;
            }
            announce(out, address, random_token.as_deref());
            Ok(())
        })?;
        Ok(())
    }
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> CliError {
    let hint = match error.kind() {
        ErrorKind::AddrInUse => {
            "another program has the port, perhaps an earlier syncmock that still runs: stop it, or \
             choose another port; --listen 127.0.0.1:0 takes a free one"
        }
        ErrorKind::AddrNotAvailable => {
            "this machine has no such address; --listen 127.0.0.1:0 takes a free port"
        }
        ErrorKind::PermissionDenied => {
            "ports below 1024 may need a privilege; --listen 127.0.0.1:0 takes a free port"
        }
        _ => "--listen 127.0.0.1:0 takes a free port",
    };
    CliError::failed(format!("cannot listen on {address}: {error}")).hint(hint)
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

/// Another process may wait for this line. An output that does not take it does not stop the
/// server.
fn announce(out: &Output, address: SocketAddr, control_token: Option<&str>) {
    let mut text = format!("syncmock listening on http://{address}\n");
    if let Some(token) = control_token {
        text.push_str(&format!("syncmock control token {token}\n"));
    }
    out.write(text.as_bytes());
}
