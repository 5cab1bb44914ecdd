use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::{CliError, say};
use super::source::{Changes, plan};
use crate::server::{Limits, Server};

/// Serve the five services from a scenario
///
/// Examples:
///   syncmock serve
///   syncmock serve nightly.toml --now 2026-03-01T18:00:00Z --speed frozen
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
        let plan = plan(&self.scenario, &self.changes)?;
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let server = Server::bind(self.listen, plan, Limits::default()).map_err(|error| {
                let error = CliError::failed(format!("can not listen on {}: {error}", self.listen));
                error.hint("--listen 127.0.0.1:0 takes a free port")
            })?;
            let address = server.local_addr();
            if let Some(path) = &self.port_file {
                write_port(path, address.port()).map_err(|error| {
                    CliError::failed(format!("{} can not be written: {error}", path.display()))
                })?;
            }
            say(&format!("syncmock listening on http://{address}"))?;
            server.run(stop_signal()).await;
            Ok(())
        })
    }
}

/// By rename, so that who sees the file sees all of it.
fn write_port(path: &Path, port: u16) -> std::io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    std::fs::write(&draft, port.to_string())?;
    std::fs::rename(&draft, path)
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
