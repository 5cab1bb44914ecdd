//! Turning the clock of a server that was started in a test.

use std::sync::Arc;

use crate::control::Control;
use crate::scenario::value::{InvalidValue, Length, Moment};
use crate::world::time::Timestamp;

/// A handle on a server's clock; it may outlive the server.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Control>);

impl Clock {
    pub(super) fn new(control: Arc<Control>) -> Self {
        Self(control)
    }

    /// Shown as RFC 3339 with milliseconds.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Sets the time, back as well as forward, to an instant like `2026-03-01T08:00:00Z`.
    ///
    /// # Errors
    /// If the text is not such an instant.
    pub fn set(&self, now: &str) -> Result<(), InvalidValue> {
        let moment: Moment = now.parse()?;
        self.0.clock.set(Some(Timestamp::from_millis(moment.0)), None);
        Ok(())
    }

    /// Jumps forward, frozen or not, by a duration like `5m` or `1h30m`.
    ///
    /// # Errors
    /// If the text is not such a duration.
    pub fn advance(&self, by: &str) -> Result<(), InvalidValue> {
        let length: Length = by.parse()?;
        self.0.clock.advance(length.0);
        Ok(())
    }

    /// Stops the clock where it is.
    pub fn freeze(&self) {
        self.0.clock.set(None, Some(0));
    }

    /// Lets it run at that many virtual seconds per real second; 0 is frozen.
    pub fn run(&self, speed: u64) {
        self.0.clock.set(None, Some(speed.saturating_mul(1_000)));
    }
}
