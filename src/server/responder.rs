//! One request: read it, have it answered, tell the log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use tokio::time::sleep;
use tracing::{Level, debug, error, info};

use super::limits::Limits;
use super::raw_response_writer::RawResponseWriter;
use super::{body, host};
use crate::control::{self, Control, Problem};
use crate::engine::{Answer, FiredFault};
use crate::fault::{Effects, Wire};
use crate::wire::{Reply, Request, header_value};

/// How an answer is sent.
pub(crate) enum Sent {
    Whole(http::Response<Full<Bytes>>),
    /// Written by hand, against the rules of HTTP; the connection ends with it.
    Raw(RawResponseWriter),
}

pub(crate) struct Responder {
    pub(crate) control: Arc<Control>,
    pub(crate) limits: Limits,
}

impl Responder {
    /// `left_unread` is set if the connection has to be closed with some of the body in it.
    pub(crate) async fn respond(
        &self,
        incoming: http::Request<Incoming>,
        left_unread: &AtomicBool,
    ) -> Sent {
        let (head, body) = incoming.into_parts();
        let bodiless = head.method == Method::HEAD;
        if let Err(problem) = host::check(head.version, &head.headers) {
            left_unread.store(!body.is_end_stream(), Ordering::Relaxed);
            info!("{} {} was refused: {}", head.method, head.uri.path(), problem.detail);
            return Sent::Whole(self.dated(closing(problem.into())).map(Full::new));
        }
        let limits = match control::longest_body(&head.method, head.uri.path()) {
            Some(longest) => Limits { body: longest.max(self.limits.body), ..self.limits },
            None => self.limits,
        };
        let answer = match body::read(body, &limits).await {
            Ok(bytes) => self.answer(&Request::from_parts(head, bytes)),
            Err(unread) => {
                left_unread.store(true, Ordering::Relaxed);
                info!("{} {} was not read: {unread:?}", head.method, head.uri.path());
                Answer::other(closing(unread.problem(&limits).into()))
            }
        };
        let reply = self.dated(answer.reply);
        let Effects { delay, wire } = answer.fault.map_or(Effects::default(), |f| f.effects);
        if delay > 0 {
            sleep(Duration::from_millis(delay)).await;
        }
        if wire == Wire::default() {
            Sent::Whole(reply.map(Full::new))
        } else {
            Sent::Raw(RawResponseWriter::new(&reply, bodiless, wire))
        }
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
        let (label, call) = (fault.label(), fault.call);
        let operation = answer.operation.map_or(String::new(), |operation| operation.to_string());
        info!(
            "fault {label}: call {call} of {operation} (scenario {scenario} seed {seed}; syncmock \
             call {operation} … --call {call} answers it again)"
        );
    }

    /// Vendors' answers have a date already; the others get the virtual time, too.
    fn dated(&self, mut reply: Reply) -> Reply {
        if !reply.headers().contains_key(header::DATE) {
            let date = header_value(&self.control.clock.now().http_date());
            reply.headers_mut().insert(header::DATE, date);
        }
        reply
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
    if let Some(refused) = &answer.refused {
        let status = status.as_u16();
        match (&refused.diagnosis, &refused.hint) {
            (Some(why), _) => info!(
                "{method} {path}{operation} was refused with {status} {}: {}: {} (GET /_syncmock/refusals says more)",
                refused.code, why.cause, why.detail
            ),
            (None, Some(hint)) => {
                info!("{method} {path}{operation} was refused with {status}: {hint}")
            }
            (None, None) => {}
        }
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
