//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::StatusCode;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::channel;
use tokio::time::timeout;
use tracing::{debug, info};

use super::activity::Activity;
use super::drain::Drain;
use super::limits::Limits;
use super::raw_response_writer::RawResponseWriter;
use super::responder::{Responder, Sent};
use super::socket::{HyperStream, Socket};
use crate::fault::Wire;
use crate::wire::Problem;

/// How long a client that was refused half-way may go on sending.
const LINGER: Duration = Duration::from_secs(5);

/// HTTP/1 within the limits. It finds malformed heads; see `refusal` for their answers.
pub(crate) fn protocol(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.max_header_size(limits.head)
        // See `activity`.
        .header_read_timeout(None)
        // A client may shut down its sending side once it has asked. How long it is then waited
        // for: see `socket`.
        .half_close(true)
        // It would be the machine's.
        .auto_date_header(false);
    http
}

pub(crate) async fn serve(
    http: http1::Builder,
    stream: TcpStream,
    responder: Arc<Responder>,
    drain: Arc<Drain>,
    activity: Arc<Activity>,
) {
    // Fails only if the client is gone, which the first read will tell.
    let _ = stream.set_nodelay(true);
    let socket = Socket::new(stream);
    let left_unread = AtomicBool::new(false);
    let ended = converse(&http, &socket, &responder, &drain, &activity, &left_unread).await;
    ended.log(&socket);
    let refusal = match &ended {
        Ended::Early(error) => refusal(error, &socket, &responder.limits),
        _ => None,
    };
    let is_malformed = matches!(&ended, Ended::Early(error) if error.is_parse());
    let mut stream = socket.into_stream();
    if let Ended::Played(answer) = ended {
        let _busy = activity.busy();
        // Fails only if the client is gone: there is nobody to tell.
        let _ = answer.run(&mut stream, &responder.limits).await;
        return;
    }
    if let Some(problem) = refusal {
        let reply = responder.dated(problem.into());
        let answer = RawResponseWriter::new(&reply, false, Wire::default());
        let _ = answer.run(&mut stream, &responder.limits).await;
    }
    if is_malformed || left_unread.load(Ordering::Relaxed) {
        linger(&mut stream).await;
    }
}

/// How a connection ended.
pub(super) enum Ended {
    Well,
    Early(hyper::Error),
    Stalled,
    /// The client did not wait for its answer.
    Gone,
    /// For another connection.
    Closed,
    /// With an answer that has yet to be sent.
    Played(RawResponseWriter),
}

async fn converse(
    http: &http1::Builder,
    socket: &Socket,
    responder: &Arc<Responder>,
    drain: &Drain,
    activity: &Activity,
    left_unread: &AtomicBool,
) -> Ended {
    let (end, mut ended) = channel(1);
    let end = &end;
    let service = service_fn(move |request| async move {
        let _busy = activity.busy();
        let ended = match responder.respond(request, socket, left_unread).await {
            Sent::Whole(response) => {
                activity.answered();
                return Ok::<_, Infallible>(response);
            }
            Sent::Raw(answer) => Ended::Played(answer),
            Sent::Nothing => Ended::Gone,
        };
        // The connection is taken out of hyper's hands before it can go on.
        let _ = end.send(ended).await;
        pending().await
    });
    let connection = pin!(http.serve_connection(HyperStream { socket, activity }, service));
    tokio::select! {
        biased;
        outcome = drain.watch(connection, |connection| connection.graceful_shutdown()) => {
            outcome.map_or_else(Ended::Early, |()| Ended::Well)
        }
        Some(ended) = ended.recv() => ended,
        () = activity.stops(&responder.limits) => Ended::Stalled,
        () = activity.is_asked_to_close() => Ended::Closed,
    }
}

impl Ended {
    fn log(&self, socket: &Socket) {
        match self {
            Self::Well | Self::Closed | Self::Played(_) => {}
            Self::Stalled => debug!("a connection is closed: its client neither asks nor reads"),
            Self::Gone => debug!("a client went away before it was answered"),
            Self::Early(_) if socket.is_tls() => {
                info!("a client of https:// was turned away: syncmock speaks http://");
            }
            Self::Early(error) if error.is_parse_version_h2() => {
                info!("an HTTP/2 client was turned away: syncmock speaks HTTP/1.1");
            }
            Self::Early(error) if error.is_parse() => {
                info!("a malformed request was refused ({error})");
            }
            Self::Early(error) => debug!("a connection ended early: {error}"),
        }
    }
}

/// The answer to a head that is not HTTP/1.1, unless hyper has sent one.
fn refusal(error: &hyper::Error, socket: &Socket, limits: &Limits) -> Option<Problem> {
    if error.is_parse_version_h2() {
        let status = StatusCode::HTTP_VERSION_NOT_SUPPORTED;
        return Some(
            Problem::new(status, "this is HTTP/2, and syncmock speaks HTTP/1.1")
                .hint("turn HTTP/2 off in the client (prior knowledge, h2c)"),
        );
    }
    let status = StatusCode::from_u16(socket.refusal()?).ok()?;
    Some(match status {
        _ if socket.is_tls() => {
            Problem::new(status, "this is TLS, and syncmock speaks plain HTTP on this port")
                .hint("use http:// instead of https://")
        }
        StatusCode::URI_TOO_LONG => {
            Problem::new(status, "the target of the request is longer than 65534 bytes")
        }
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            Problem::new(status, "the request line and the headers are too long, or too many")
                .hint(format!("up to 100 headers are read, and {} bytes in all", limits.head))
        }
        // The text of the error is one of hyper's, without anything from the request.
        _ => Problem::new(status, format!("the request is not HTTP/1.1: {error}")),
    })
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
