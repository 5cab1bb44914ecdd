//! The listening socket.

use std::io::{self, ErrorKind};
use std::net::{TcpListener, ToSocketAddrs};
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;
use tracing::{debug, warn};

/// Connections that wait to be accepted. The standard library's 128 overflow when a load
/// tester connects.
const BACKLOG: i32 = 1024;

/// How long to wait before accepting again when the system has run out of something, which
/// is nearly always file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) fn bind(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    SockRef::from(&listener).listen(BACKLOG)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

pub(crate) struct Acceptor {
    listener: tokio::net::TcpListener,
    /// Whether the last attempt failed, and the log was told.
    is_failing: bool,
}

/// The system has run out of something that a connection needs.
#[derive(Debug)]
pub(crate) struct Exhausted;

impl Acceptor {
    /// Needs a runtime.
    pub(crate) fn new(listener: TcpListener) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok(Self { listener, is_failing: false })
    }

    /// The next connection, however long that takes. Nothing is lost if this is dropped.
    ///
    /// # Errors
    /// If the system has run out of something; the next call waits a little.
    pub(crate) async fn accept(&mut self) -> Result<TcpStream, Exhausted> {
        if self.is_failing {
            tokio::time::sleep(PAUSE).await;
        }
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    self.is_failing = false;
                    return Ok(stream);
                }
                Err(error) if concerns_one_client(error.kind()) => {
                    debug!("a client went away before it was accepted: {error}");
                }
                Err(error) => {
                    if !self.is_failing {
                        warn!("cannot accept connections at the moment: {error}");
                    }
                    self.is_failing = true;
                    return Err(Exhausted);
                }
            }
        }
    }
}

fn concerns_one_client(kind: ErrorKind) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(kind, ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
