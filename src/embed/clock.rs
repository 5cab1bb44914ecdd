//! Turning the clock of a server that was started in a test.

use std::sync::Arc;

use crate::scenario::value::{Length, Malformed, Moment};
use crate::server;
use crate::world::time::Timestamp;

/// A handle on a server's clock; it may outlive the server.
#[derive(Clone, Debug)]
pub struct Clock(Arc<server::Clock>);

impl Clock {
    pub(super) fn of(server: &server::Server) -> Self {
        Self(server.control().clock.clone())
    }

    /// Shown as RFC 3339 with milliseconds.
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Sets the time, back as well as forward, to an instant like `2026-03-01T08:00:00Z`.
    ///
    /// # Errors
    /// If the text is not such an instant.
    pub fn set(&self, now: &str) -> Result<(), Malformed> {
        let moment: Moment = now.parse()?;
        self.0.set(Some(Timestamp::from_millis(moment.0)), None);
        Ok(())
    }

    /// Jumps forward, frozen or not, by a duration like `5m` or `1h30m`.
    ///
    /// # Errors
    /// If the text is not such a duration.
    pub fn advance(&self, by: &str) -> Result<(), Malformed> {
        let length: Length = by.parse()?;
        self.0.advance(length.0);
        Ok(())
    }

    /// Stops the clock where it is.
    pub fn freeze(&self) {
        self.0.set(None, Some(0));
    }

    /// Lets it run, so many virtual seconds per real second; 0 is frozen.
    pub fn run(&self, speed: u64) {
        self.0.set(None, Some(speed.saturating_mul(1_000)));
    }
}
