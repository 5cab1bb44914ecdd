//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::channel;
use tokio::time::timeout;
use tracing::{debug, info};

use super::drain::Drain;
use super::limits::Limits;
use super::raw_response_writer::RawResponseWriter;
use super::responder::{Responder, Sent};
use super::stall_detector::{StallDetector, Watched};

/// How long a client that was refused half-way may go on sending.
const LINGER: Duration = Duration::from_secs(5);

/// HTTP/1 within the limits. Malformed requests are answered by it, with 400, 414 or 431.
pub(crate) fn protocol(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.max_header_size(limits.head)
        // See `pulse`.
        .header_read_timeout(None)
        // A client may shut down its sending side once it has asked.
        .half_close(true)
        // It would be the machine's.
        .auto_date_header(false);
    http
}

pub(crate) async fn serve(
    http: http1::Builder,
    mut stream: TcpStream,
    responder: Arc<Responder>,
    drain: Arc<Drain>,
) {
    // Fails only if the client is gone, which the first read will tell.
    let _ = stream.set_nodelay(true);
    let left_unread = AtomicBool::new(false);
    let outcome = converse(&http, &mut stream, &responder, &drain, &left_unread).await;
    let outcome = match outcome {
        Ended::Played(playback) => {
            // Fails only if the client is gone: there is nobody to tell.
            let _ = playback.run(&mut stream).await;
            return;
        }
        outcome => outcome,
    };
    let malformed = matches!(&outcome, Ended::Early(error) if error.is_parse());
    outcome.log();
    if malformed || left_unread.load(Ordering::Relaxed) {
        linger(&mut stream).await;
    }
}

/// How a connection ended.
enum Ended {
    Well,
    Early(hyper::Error),
    Stalled,
    /// With an answer that has yet to be sent.
    Played(RawResponseWriter),
}

async fn converse(
    http: &http1::Builder,
    stream: &mut TcpStream,
    responder: &Responder,
    drain: &Drain,
    left_unread: &AtomicBool,
) -> Ended {
    let pulse = &StallDetector::default();
    let (play, mut played) = channel(1);
    let play = &play;
    let service = service_fn(move |request| async move {
        let _busy = pulse.busy();
        match responder.respond(request, left_unread).await {
            Sent::Whole(response) => Ok::<_, Infallible>(response),
            Sent::Raw(playback) => {
                // The connection is taken out of hyper's hands before it can go on.
                let _ = play.send(playback).await;
                pending().await
            }
        }
    });
    let stream = Watched { stream: TokioIo::new(stream), pulse };
    let connection = pin!(http.serve_connection(stream, service));
    tokio::select! {
        biased;
        outcome = drain.watch(connection, |connection| connection.graceful_shutdown()) => {
            outcome.map_or_else(Ended::Early, |()| Ended::Well)
        }
        Some(playback) = played.recv() => Ended::Played(playback),
        () = pulse.stops(responder.limits.head_time) => Ended::Stalled,
    }
}

impl Ended {
    fn log(&self) {
        match self {
            Self::Well | Self::Played(_) => {}
            Self::Stalled => debug!("a connection is closed: its client neither asks nor reads"),
            Self::Early(error) if error.is_parse_version_h2() => {
                info!("an HTTP/2 client was turned away: syncmock speaks HTTP/1.1");
            }
            Self::Early(error) if error.is_parse() => {
                info!("a malformed request was refused ({error}); so is a client of https://");
            }
            Self::Early(error) => debug!("a connection ended early: {error}"),
        }
    }
}

/// Reads on and drops what comes. Closing on unread bytes resets the connection, and with
/// that the client can lose the answer that tells it why.
async fn linger(stream: &mut TcpStream) {
    let rest = async {
        let mut scrap = vec![0; 16 << 10];
        stream.shutdown().await?;
        while stream.read(&mut scrap).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _ = timeout(LINGER, rest).await;
}
