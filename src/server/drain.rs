//! Telling every connection to finish, at no cost to their requests.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use tokio::sync::Notify;

#[derive(Debug, Default)]
pub(crate) struct Drain {
    begun: AtomicBool,
    bell: Notify,
}

impl Drain {
    pub(crate) fn begin(&self) {
        self.begun.store(true, Ordering::Release);
        self.bell.notify_waiters();
    }

    /// Runs `work` to its end; `finish` is called on it once if the drain begins before that.
    ///
    /// Must be awaited by one task only: the bell is registered with the waker of the first
    /// poll, since asking it again takes a lock that all connections share.
    pub(crate) async fn watch<W: Future>(
        &self,
        mut work: Pin<&mut W>,
        finish: fn(Pin<&mut W>),
    ) -> W::Output {
        let mut rung = pin!(self.bell.notified());
        let mut registered = false;
        let mut finishing = false;
        poll_fn(|context| {
            if !registered {
                registered = true;
                let _ = rung.as_mut().poll(context);
            }
            // Requests that have arrived by now are in flight, so they go first.
            if let Poll::Ready(output) = work.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            if finishing || !self.begun.load(Ordering::Acquire) {
                return Poll::Pending;
            }
            finishing = true;
            finish(work.as_mut());
            work.as_mut().poll(context)
        })
        .await
    }
}
