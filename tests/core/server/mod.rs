//! The server on real sockets: what clients send, well-behaved or not.

mod control;
mod gone;
mod limits;
mod logging;
mod protocol;
mod stopping;

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::control::{ControlAccess, machine_now};
use crate::engine::Options;
use crate::engine::Plan;
use crate::server::{Limits, Server};
use crate::vendors::load;
use crate::world::time::Timestamp;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::core_tests::http_client::PATIENCE;

/// 2026-03-01T08:00:00Z
const START: Timestamp = Timestamp::from_millis(1_772_352_000_000);

const JOBS: &str = "Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON\
                    &InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx";

/// Bounds on lengths that tests can run into.
const SMALL: Limits = Limits {
    body: 100_000,
    head: 128 << 10,
    head_time: PATIENCE,
    body_time: PATIENCE,
    answer_time: PATIENCE,
    drain_time: PATIENCE,
    connections: usize::MAX,
};

/// Bounds on times, too. They are still long enough for a busy machine.
const SHORT: Limits = Limits {
    head_time: Duration::from_secs(1),
    body_time: Duration::from_secs(1),
    drain_time: Duration::from_secs(1),
    ..SMALL
};

/// A server on a frozen clock and on threads of its own.
struct Running {
    authority: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

fn plan() -> Arc<Plan> {
    plan_of("")
}

fn plan_of(scenario: &str) -> Arc<Plan> {
    let options = Options { start: Some(START), speed: Some(0), ..Options::default() };
    let text = format!("version = 1\n{scenario}");
    let loaded = load("default", &text, &options, machine_now()).expect("no overrides");
    loaded.outcome.expect("a scenario without problems").into()
}

fn start(limits: Limits) -> Running {
    start_with(limits, ControlAccess::default())
}

fn start_with(limits: Limits, access: ControlAccess) -> Running {
    Running::on(plan(), limits, access, two_threads)
}

fn start_scenario(limits: Limits, scenario: &str) -> Running {
    Running::on(plan_of(scenario), limits, ControlAccess::default(), two_threads)
}

fn two_threads() -> tokio::runtime::Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

impl Running {
    /// `prepare` is called on the thread that then serves.
    fn on(
        plan: Arc<Plan>,
        limits: Limits,
        access: ControlAccess,
        prepare: impl FnOnce() -> tokio::runtime::Runtime + Send + 'static,
    ) -> Self {
        let server = Server::bind("127.0.0.1:0", plan, limits, access).expect("a free port");
        let authority = server.local_addr().to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let stop = async { drop(stopped.await) };
            prepare().block_on(server.run(stop))
        });
        Self { authority, stop: Some(stop), thread: Some(thread) }
    }

    /// Tells it to stop, and does not wait.
    fn begin_to_stop(&mut self) {
        drop(self.stop.take());
    }

    fn join(&mut self) -> io::Result<()> {
        self.begin_to_stop();
        self.thread.take().map_or(Ok(()), |thread| thread.join().expect("the server panicked"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.begin_to_stop();
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !std::thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

fn head(method: &str, target: &str, headers: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")
}
