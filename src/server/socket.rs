//! The socket of one connection: hyper's view of it, and whether the client is still there.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::activity::Activity;

/// How long an answer may keep a client waiting that has shut down its sending side. It may still
/// read, so an answer that comes soon is sent; but a client that has closed its socket looks the
/// same until it is sent something.
const HALF_CLOSED: Duration = Duration::from_secs(1);

/// How often to look whether a client is gone whose next request has arrived already.
const LOOK_PAST: Duration = Duration::from_secs(1);

/// Maximum size of the first read of a connection (bytes).
const FIRST_READ: usize = 4 << 10;

/// The lock is never contended: one task holds hyper and whoever waits for the client to go.
pub(crate) struct Socket {
    stream: Mutex<TcpStream>,
    has_read: AtomicBool,
    is_tls: AtomicBool,
    /// The status of a refusal that hyper wrote by itself, and that was not sent; 0 if none was.
    refusal: AtomicU16,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream: Mutex::new(stream),
            has_read: AtomicBool::new(false),
            is_tls: AtomicBool::new(false),
            refusal: AtomicU16::new(0),
        }
    }

    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the connection began as TLS does.
    pub(crate) fn is_tls(&self) -> bool {
        self.is_tls.load(Ordering::Relaxed)
    }

    /// The status with which hyper wanted to refuse a malformed head.
    pub(crate) fn refusal(&self) -> Option<u16> {
        Some(self.refusal.load(Ordering::Relaxed)).filter(|status| *status > 0)
    }

    /// Ready once the client cannot be expected to take an answer.
    pub(crate) async fn gone(&self) {
        gone(|| self.lock()).await;
    }

    fn lock(&self) -> MutexGuard<'_, TcpStream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ready once the client has reset the connection, or [`HALF_CLOSED`] after it has ended its side.
pub(crate) async fn gone<S: Deref<Target = TcpStream>>(stream: impl Fn() -> S) {
    let mut byte = [0];
    let peeked =
        poll_fn(|context| stream().poll_peek(context, &mut tokio::io::ReadBuf::new(&mut byte)));
    match peeked.await {
        Err(_) => return,
        Ok(0) => {}
        Ok(_) => {
            while !poll_fn(|context| Poll::Ready(is_read_closed(&stream(), context))).await {
                sleep(LOOK_PAST).await;
            }
        }
    }
    sleep(HALF_CLOSED).await;
}

/// Whether the end of the client's side has arrived, behind whatever is still to be read.
fn is_read_closed(stream: &TcpStream, context: &mut Context<'_>) -> bool {
    let ready = pin!(stream.ready(Interest::READABLE));
    matches!(ready.poll(context), Poll::Ready(Ok(ready)) if ready.is_read_closed())
}

/// The socket as hyper sees it. Its writes are seen by the connection's activity, and the refusals
/// that hyper writes by itself, which have no body, are held back.
pub(crate) struct HyperStream<'c> {
    pub(crate) socket: &'c Socket,
    pub(crate) activity: &'c Activity,
}

impl HyperStream<'_> {
    fn seen(&self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(outcome, Poll::Ready(Ok(1..))) {
            self.activity.sent_some();
        }
        outcome
    }

    /// Whether the bytes are a refusal of hyper's own.
    fn holds_back(&self, bytes: &[u8]) -> bool {
        let Some(status) = self.activity.is_idle().then(|| own_refusal(bytes)).flatten() else {
            return false;
        };
        self.socket.refusal.store(status, Ordering::Relaxed);
        true
    }
}

/// The status of an answer with an error and without a body.
fn own_refusal(bytes: &[u8]) -> Option<u16> {
    let head = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
    let mut lines = head.lines();
    let status_line = lines.next()?.strip_prefix("HTTP/1.")?;
    lines.find(|line| *line == "content-length: 0")?;
    status_line.split(' ').nth(1)?.parse().ok().filter(|status| (400..500).contains(status))
}

impl Read for HyperStream<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut stream = self.socket.lock();
        let mut stream = TokioIo::new(&mut *stream);
        if self.socket.has_read.load(Ordering::Relaxed) {
            return Pin::new(&mut stream).poll_read(context, into);
        }
        let mut bytes = [0; FIRST_READ];
        let size = into.remaining().min(FIRST_READ);
        let mut first = ReadBuf::new(&mut bytes[..size]);
        ready!(Pin::new(&mut stream).poll_read(context, first.unfilled()))?;
        self.socket.has_read.store(true, Ordering::Relaxed);
        // The record of a handshake, of any version of TLS.
        self.socket.is_tls.store(first.filled().starts_with(&[0x16, 3]), Ordering::Relaxed);
        into.put_slice(first.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for HyperStream<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.holds_back(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let mut stream = self.socket.lock();
        self.seen(Pin::new(&mut TokioIo::new(&mut *stream)).poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [head, rest @ ..] = parts
            && rest.iter().all(|part| part.is_empty())
            && self.holds_back(head)
        {
            return Poll::Ready(Ok(head.len()));
        }
        let mut stream = self.socket.lock();
        self.seen(Pin::new(&mut TokioIo::new(&mut *stream)).poll_write_vectored(context, parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes when it has written everything, also while it waits for an answer.
        self.activity.sent_all();
        let mut stream = self.socket.lock();
        Pin::new(&mut TokioIo::new(&mut *stream)).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.socket.refusal().is_some() {
            return Poll::Ready(Ok(()));
        }
        let mut stream = self.socket.lock();
        Pin::new(&mut TokioIo::new(&mut *stream)).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_without_a_body_is_a_refusal_of_hypers_own() {
        let refusal = |text: &str| own_refusal(text.as_bytes());
        let own = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\
                   content-length: 0\r\n\r\n";
        assert_eq!(refusal(own), Some(431));
        assert_eq!(refusal("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), None);
        assert_eq!(refusal("HTTP/1.1 400 Bad Request\r\ncontent-length: 1\r\n\r\n"), None);
        assert_eq!(refusal("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\nx"), None);
        assert_eq!(refusal("HTTP/1.1 100 Continue\r\n\r\n"), None);
    }
}
