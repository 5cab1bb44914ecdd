//! A server inside somebody's test, whatever runtime the test has, or none.
//!
//! ```
//! let server = syncmock::embed::Builder::new()
//!     .scenario("docs")
//!     .now("2026-03-01T08:00:00Z")
//!     .frozen()
//!     .start()?;
//! // Point a client at server.url(), then turn the clock:
//! server.clock().advance("5m")?;
//! assert_eq!(server.clock().now().to_string(), "2026-03-01T08:05:00.000Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every server has its own thread, its own port on 127.0.0.1, its own world and its own
//! clock, so tests that each start one can run side by side.

mod builder;
mod clock;
mod in_process;

pub use crate::scenario::value::InvalidValue;
pub use crate::world::time::Timestamp;
pub use builder::{Builder, StartError};
pub use clock::Clock;
pub use in_process::InProcess;

use std::io;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::runtime;
use tokio::sync::oneshot;

use crate::control::Control;
pub use crate::engine::RestoreError;
use crate::engine::WorldExport;
use crate::server;

/// A running server. Dropping it closes its port and ends its thread.
#[must_use = "the server stops when it is dropped; `let _ = …` drops it at once"]
#[derive(Debug)]
pub struct Server {
    authority: String,
    url: String,
    port: u16,
    clock: Clock,
    control: Arc<Control>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts the shipped scenario `default`, on the machine's time.
    ///
    /// # Panics
    /// If the system has no port or no thread left; [`Builder::start`] returns that instead.
    #[track_caller]
    #[expect(clippy::panic, reason = "what a test that cannot have its server wants")]
    pub fn start() -> Self {
        match Builder::new().start() {
            Ok(server) => server,
            Err(error) => panic!("syncmock did not start: {error}"),
        }
    }

    fn launch(server: server::Server) -> io::Result<Self> {
        let authority = server.local_addr().to_string();
        let port = server.local_addr().port();
        let control = server.control();
        let clock = Clock::new(control.clone());
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let work = move || run(server, stopped, tell);
        let thread = thread::Builder::new().name("syncmock".into()).spawn(work)?;
        let url = format!("http://{authority}");
        match told.recv() {
            Ok(error) => Err(error),
            // The thread dropped its end without sending an error: the server runs.
            Err(_) => {
                let (stop, thread) = (Some(stop), Some(thread));
                Ok(Self { authority, url, port, clock, control, stop, thread })
            }
        }
    }

    /// `http://127.0.0.1:PORT`, for every service.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `127.0.0.1:PORT`, which some SDKs call an endpoint. They must be told to use `http`, too.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The clock of this server's world.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Brings the world back to its start: changes of clients, the clock and its speed, quotas,
    /// nonces, faults with their counts, refusals. Returns the number of changes of clients.
    pub fn reset(&self) -> usize {
        self.control.reset(&[])
    }

    /// The world as it is now, as one JSON document: what clients changed, the seed, the time.
    #[expect(clippy::expect_used, reason = "an export has nothing that JSON cannot hold")]
    pub fn state(&self) -> String {
        let export = self.control.export().and_then(|export| serde_json::to_string(&export));
        export.expect("an export holds texts and numbers")
    }

    /// Continues from a document of [`Server::state`], made here or in another process that has the
    /// same scenario, seed and start.
    ///
    /// # Errors
    /// If it is not a state of this world; then nothing has changed.
    pub fn restore(&self, state: &str) -> Result<(), RestoreError> {
        self.control.restore(WorldExport::read(state.as_bytes())?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        // The thread needs nothing from this one, so that an async test may wait for it.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The server's thread.
fn run(server: server::Server, stopped: oneshot::Receiver<()>, tell: mpsc::Sender<io::Error>) {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = tell.send(error);
            return;
        }
    };
    drop(tell);
    let stop = async { drop(stopped.await) };
    // It fails only if the runtime cannot take the listener, and then clients notice.
    let _ = runtime.block_on(server.run(stop));
    // An answer that is still being made must not delay the test.
    runtime.shutdown_background();
}
