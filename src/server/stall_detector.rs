//! Noticing that a connection has come to a stop.
//!
//! hyper can do this too, with a timer for each request, at a tenth of the speed of small
//! answers. Here a connection has one timer, which looks in a few times before it gives up.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::sleep;

const LOOKS: u32 = 4;

/// The activity of one connection. Only its own task writes to it.
#[derive(Debug, Default)]
pub(crate) struct StallDetector {
    /// Whether a request is being answered, which may take as long as it takes.
    busy: AtomicBool,
    written: AtomicU32,
}

impl StallDetector {
    /// Marks the connection as busy until the guard is dropped.
    pub(crate) fn busy(&self) -> Busy<'_> {
        self.busy.store(true, Ordering::Relaxed);
        Busy(self)
    }

    /// Ready once nothing was answered and nothing sent for `time`, or up to a quarter more.
    pub(crate) async fn stops(&self, time: Duration) {
        let mut quiet = 0;
        let mut before = self.written.load(Ordering::Relaxed);
        while quiet < LOOKS {
            sleep(time / LOOKS).await;
            let written = self.written.load(Ordering::Relaxed);
            let moved = written != before || self.busy.load(Ordering::Relaxed);
            quiet = if moved { 0 } else { quiet + 1 };
            before = written;
        }
    }
}

pub(crate) struct Busy<'p>(&'p StallDetector);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Relaxed);
    }
}

/// A stream whose writes are seen by a pulse.
pub(crate) struct Watched<'p, S> {
    pub(crate) stream: S,
    pub(crate) pulse: &'p StallDetector,
}

impl<S> Watched<'_, S> {
    fn seen(&self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(outcome, Poll::Ready(Ok(1..))) {
            self.pulse.written.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }
}

impl<S: Read + Unpin> Read for Watched<'_, S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: Write + Unpin> Write for Watched<'_, S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.seen(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.seen(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
