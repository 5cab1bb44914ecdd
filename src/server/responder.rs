//! One request: read it, have it answered, tell the log.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::{Level, debug, error, info};

use super::limits::Limits;
use super::raw_response_writer::RawResponseWriter;
use super::socket::Socket;
use super::{body, host};
use crate::control::{Control, longest_body, may_take_long};
use crate::engine::{Answer, FiredFault, RefusedRequest};
use crate::fault::{Effects, Wire};
use crate::wire::{Problem, Reply, Request, header_value};

/// How an answer is sent.
pub(crate) enum Sent {
    Whole(http::Response<Full<Bytes>>),
    /// Written by hand, against the rules of HTTP; the connection ends with it.
    Raw(RawResponseWriter),
    /// The client has gone.
    Nothing,
}

pub(crate) struct Responder {
    pub(crate) control: Arc<Control>,
    pub(crate) limits: Limits,
    /// One for each request that may be answered away from the threads that drive the sockets.
    apart: Arc<Semaphore>,
}

impl Responder {
    pub(crate) fn new(control: Arc<Control>, limits: Limits) -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self { control, limits, apart: Arc::new(Semaphore::new(cores)) }
    }

    /// `left_unread` is set if the connection has to be closed with some of the body in it.
    pub(crate) async fn respond(
        self: &Arc<Self>,
        incoming: http::Request<Incoming>,
        socket: &Socket,
        left_unread: &AtomicBool,
    ) -> Sent {
        let (head, body) = incoming.into_parts();
        let bodiless = head.method == Method::HEAD;
        if let Err(problem) = host::check(head.version, &head.headers) {
            left_unread.store(!body.is_end_stream(), Ordering::Relaxed);
            info!("{} {} was refused: {}", head.method, head.uri.path(), problem.detail);
            return Sent::Whole(self.dated(closing(problem.into())).map(Full::new));
        }
        if let Some(refusal) = self.control.refusal_of(&head) {
            let unread = !body.is_end_stream();
            left_unread.store(unread, Ordering::Relaxed);
            info!("{} {} was refused with {}", head.method, head.uri.path(), refusal.status());
            let refusal = if unread { closing(refusal) } else { refusal };
            return Sent::Whole(self.dated(refusal).map(Full::new));
        }
        let limits = match longest_body(&head.method, head.uri.path()) {
            Some(longest) => Limits { body: longest.max(self.limits.body), ..self.limits },
            None => self.limits,
        };
        let answer = match body::read(body, &limits).await {
            Ok(bytes) => {
                let request = Request::from_parts(head, bytes);
                if may_take_long(&request) {
                    match self.answer_apart(request, socket).await {
                        Some(answer) => answer,
                        None => return Sent::Nothing,
                    }
                } else {
                    self.answer(&request)
                }
            }
            Err(unread) => {
                left_unread.store(true, Ordering::Relaxed);
                info!("{} {} was not read: {unread:?}", head.method, head.uri.path());
                Answer::other(closing(unread.problem(&limits).into()))
            }
        };
        let reply = self.dated(answer.reply);
        let Effects { delay, wire } = answer.fault.map_or(Effects::default(), |f| f.effects);
        if delay > 0 {
            tokio::select! {
                () = sleep(Duration::from_millis(delay)) => {}
                () = socket.gone() => return Sent::Nothing,
            }
        }
        if wire == Wire::default() {
            Sent::Whole(reply.map(Full::new))
        } else {
            Sent::Raw(RawResponseWriter::new(&reply, bodiless, wire))
        }
    }

    /// Answers on a thread of its own, so that no other connection waits for it. As many at a time
    /// as there are cores. None if the client went away before it was this request's turn.
    async fn answer_apart(self: &Arc<Self>, request: Request, socket: &Socket) -> Option<Answer> {
        let permit = tokio::select! {
            permit = self.apart.clone().acquire_owned() => permit,
            () = socket.gone() => return None,
        };
        let responder = self.clone();
        let work = spawn_blocking(move || {
            // Given back when the work is done, whether or not the client is still there.
            let _permit = permit;
            responder.answer(&request)
        });
        Some(work.await.unwrap_or_else(|_| Answer::other(internal_error().into())))
    }

    #[expect(clippy::disallowed_methods, reason = "how long it took, for the log alone")]
    fn answer(&self, request: &Request) -> Answer {
        let started = tracing::enabled!(Level::DEBUG).then(Instant::now);
        let answer = caught(|| self.control.respond(request)).unwrap_or_else(|| {
            error!("answering {} {} panicked", request.method(), request.uri().path());
            Answer::other(internal_error().into())
        });
        log(request, &answer, started);
        if let Some(fault) = &answer.fault {
            self.tell(fault, &answer);
        }
        answer
    }

    /// Logs what it takes to get the same answer again.
    fn tell(&self, fault: &FiredFault, answer: &Answer) {
        let (scenario, seed) = (&self.control.plan.name, self.control.plan.seed.0);
        let (label, number) = (fault.label(), fault.call);
        let name = shell_quoted(&fault.fault.name);
        let operation = answer.operation.map_or(String::new(), |operation| operation.to_string());
        info!(
            "fault {label}: call {number} of {operation} (scenario {scenario} seed {seed}; syncmock \
             call {operation} … --state FILE --call {name}={number} answers it again, with FILE \
             from GET /_syncmock/state at this instant)"
        );
    }

    /// Vendors' answers have a date already; the others get the virtual time, too.
    pub(crate) fn dated(&self, mut reply: Reply) -> Reply {
        if !reply.headers().contains_key(header::DATE) {
            let date = header_value(&self.control.clock.now().http_date());
            reply.headers_mut().insert(header::DATE, date);
        }
        reply
    }
}

/// As one word of a shell's command.
fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// None if it panics: a bug in one answer must not end the connection, or the server.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn internal_error() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "a bug in syncmock; its log says more")
}

fn closing(mut reply: Reply) -> Reply {
    reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    reply
}

/// Never the query, headers or body: they hold keys and signatures.
fn log(request: &Request, answer: &Answer, started: Option<Instant>) {
    let (method, path, status) = (request.method(), request.uri().path(), answer.reply.status());
    // At `/` the path says nothing.
    let operation = match answer.operation {
        Some(operation) if path == "/" => format!(" {}", operation.name()),
        _ => String::new(),
    };
    if let Some(RefusedRequest { code, hint, diagnosis, .. }) = &answer.refused {
        let why = match (diagnosis, hint) {
            (Some(why), _) => {
                format!(": {}: {} (GET /_syncmock/refusals says more)", why.cause, why.detail)
            }
            (None, Some(hint)) => format!(": {hint}"),
            (None, None) => String::new(),
        };
        // Business errors can have status 200.
        let with = match status.as_str() {
            status if status == code => status.to_owned(),
            status => format!("{code} (HTTP {status})"),
        };
        info!("{method} {path}{operation} was refused with {with}{why}");
    }
    if let Some(started) = started {
        let unknown = answer.unknown_parameters(request);
        debug!(
            %method,
            path,
            operation = answer.operation.map(tracing::field::display),
            status = status.as_u16(),
            unknown_parameters = (!unknown.is_empty()).then(|| unknown.join(", ")),
            micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_answer() {
        assert_eq!(caught(|| 7), Some(7));
        assert_eq!(caught(|| -> u8 { panic!("this panic is part of the test") }), None);
        let reply = Reply::from(internal_error());
        assert_eq!(reply.status(), 500);
        assert_eq!(reply.headers()["content-type"], "application/problem+json");
        assert!(serde_json::from_slice::<serde_json::Value>(reply.body()).is_ok());
    }
}
