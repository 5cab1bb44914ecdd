//! A world without a server.

use std::sync::Arc;

use bytes::Bytes;

use super::Clock;
use crate::control::{Control, ControlAccess};
use crate::engine::Plan;

/// A world that answers in the calling thread: the same bytes as a [`Server`](super::Server),
/// without sockets. Effects on the wire (delays, cuts) are left out.
#[derive(Debug)]
pub struct InProcess {
    control: Arc<Control>,
    clock: Clock,
}

impl InProcess {
    pub(super) fn new(plan: Box<Plan>) -> Self {
        let control = Arc::new(Control::new(plan.into(), ControlAccess::default()));
        Self { clock: Clock::new(control.clone()), control }
    }

    /// Answers a request to a vendor, or to the control API below `/_syncmock/`.
    pub fn answer(&self, request: &http::Request<Bytes>) -> http::Response<Bytes> {
        self.control.respond(request).reply
    }

    /// The clock of this world.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}
