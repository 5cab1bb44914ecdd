//! The only async code: sockets and connections, their limits, and stopping.
//!
//! `server` knows no vendor and no scenario. It turns bytes into a [`crate::wire::Request`], asks
//! [`Control::respond`], and sends the answer. No request waits for another: they share a plan
//! that nobody changes and a clock that is read without a lock.

mod activity;
mod body;
mod connection;
mod connections;
mod drain;
mod host;
mod limits;
mod listener;
mod raw_response_writer;
mod responder;
mod signals;
mod socket;

pub(crate) use limits::Limits;

use std::future::{Future, pending};
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use tracing::{info, warn};

use crate::control::{Control, ControlAccess};
use crate::engine::Plan;
use connections::Connections;
use drain::Drain;
use listener::{Acceptor, Exhausted};
use responder::Responder;
use signals::Signals;

/// A server that listens, though it answers only once it runs: those who connect before
/// that wait.
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    responder: Arc<Responder>,
    http: http1::Builder,
}

impl Server {
    /// Takes the port (0 takes a free one) and starts the clock. Needs no runtime.
    ///
    /// # Errors
    /// If the address cannot be had; its kind is `AddrInUse` if somebody else has it.
    pub(crate) fn bind(
        address: impl ToSocketAddrs,
        plan: impl Into<Arc<Plan>>,
        limits: Limits,
        access: ControlAccess,
    ) -> io::Result<Self> {
        let listener = listener::bind(address)?;
        let plan = plan.into();
        let control = Arc::new(Control::new(plan, access));
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            http: connection::protocol(&limits),
            responder: Arc::new(Responder::new(control, limits)),
        })
    }

    /// Where it listens; the port is the real one.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The control handle of the server, which can be used while the server runs.
    pub(crate) fn control(&self) -> Arc<Control> {
        self.responder.control.clone()
    }

    /// Answers until `stop` is ready, then lets requests in flight finish for at most
    /// [`Limits::drain_time`]. Dropping the future cuts everything off.
    ///
    /// Needs a tokio runtime with IO and time, of any flavour.
    ///
    /// # Errors
    /// If the runtime cannot take the listener. Nothing a client does ends a server.
    pub(crate) async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        self.run_or_cut(stop, pending()).await
    }

    /// Answers, on all cores, until the first Ctrl-C or SIGTERM, then drains; a second one
    /// ends that too. Blocks; must not be called from async code.
    ///
    /// `ready` is called once signals are caught and connections are accepted.
    ///
    /// # Errors
    /// Those of `ready`, which end it at once, or if there can be no runtime.
    pub(crate) fn run_until_signal(
        self,
        ready: impl FnOnce(SocketAddr) -> io::Result<()>,
    ) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("syncmock")
            .enable_all()
            .build()?;
        let outcome = runtime.block_on(async {
            let (stop, cut) = (Signals::catch()?.count(1), Signals::catch()?.count(2));
            ready(self.address)?;
            // As a task of its own it runs where the connections do, not on this thread.
            let control = self.control();
            let outcome =
                tokio::spawn(self.run_or_cut(stop, cut)).await.map_err(io::Error::other)?;
            for (fault, calls, happened) in control.state.faults().counted() {
                let (name, seed) = (&fault.name, control.plan.seed.0);
                let scenario = &control.plan.name;
                info!("fault {name} happened {happened} times in {calls} calls (scenario {scenario} seed {seed})");
            }
            outcome
        });
        // An answer that is still being made must not delay the end.
        runtime.shutdown_background();
        outcome
    }

    async fn run_or_cut(
        self,
        stop: impl Future<Output = ()>,
        cut: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let mut acceptor = Acceptor::new(self.listener)?;
        let drain = Arc::new(Drain::default());
        let mut connections = Connections::new(self.responder.limits.connections);
        let (mut stop, mut cut) = (pin!(stop), pin!(cut));
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(()) = connections.ended() => {}
                accepted = acceptor.accept(), if connections.has_room() => match accepted {
                    Ok(stream) => connections.start(|activity| {
                        let (http, responder) = (self.http.clone(), self.responder.clone());
                        connection::serve(http, stream, responder, drain.clone(), activity)
                    }),
                    Err(Exhausted) => connections.close_longest_idle(),
                }
            }
        }
        drop(acceptor);
        drain.begin();
        let rest = async { while connections.ended().await.is_some() {} };
        tokio::select! {
            biased;
            () = rest => {}
            () = &mut cut => {}
            () = tokio::time::sleep(self.responder.limits.drain_time) => {}
        }
        if connections.len() > 0 {
            warn!("{} connections are cut off", connections.len());
            connections.cut_off().await;
        }
        Ok(())
    }
}
