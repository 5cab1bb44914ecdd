//! One request: read it, have it answered, tell the log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use tracing::{Level, debug, error, info};

use super::body;
use super::limits::Limits;
use crate::control::{self, Control, Problem};
use crate::engine::{self, Answer};
use crate::gateway::header_value;
use crate::wire::{Reply, Request};

pub struct Responder {
    pub control: Arc<Control>,
    pub limits: Limits,
}

impl Responder {
    /// `left_unread` is set if the connection has to be closed with some of the body in it.
    pub async fn respond(
        &self,
        incoming: http::Request<Incoming>,
        left_unread: &AtomicBool,
    ) -> http::Response<Full<Bytes>> {
        let (head, body) = incoming.into_parts();
        let reply = match body::read(body, &self.limits).await {
            Ok(bytes) => self.answer(&Request::from_parts(head, bytes)),
            Err(unread) => {
                left_unread.store(true, Ordering::Relaxed);
                info!("{} {} was not read: {unread:?}", head.method, head.uri.path());
                closing(unread.problem(&self.limits).into())
            }
        };
        self.dated(reply).map(Full::new)
    }

    #[expect(clippy::disallowed_methods, reason = "how long it took, for the log alone")]
    fn answer(&self, request: &Request) -> Reply {
        let started = tracing::enabled!(Level::DEBUG).then(Instant::now);
        let answer = caught(|| self.route(request)).unwrap_or_else(|| {
            error!("answering {} {} panicked", request.method(), request.uri().path());
            told(internal_error().into())
        });
        log(request, &answer, started);
        answer.reply
    }

    fn route(&self, request: &Request) -> Answer {
        if control::owns(request.uri().path()) {
            told(control::answer(&self.control, request))
        } else {
            let control = &self.control;
            let now = control.clock.now();
            let answer = engine::respond_after(&control.plan, &control.past, request, now);
            control.refusals.note(request, &answer, now);
            answer
        }
    }

    /// The gateways date their answers themselves; the rest get the virtual time too.
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

fn told(reply: Reply) -> Answer {
    Answer { reply, target: None, refused: None }
}

fn closing(mut reply: Reply) -> Reply {
    reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    reply
}

/// Never the query, headers or body: they hold keys and signatures.
fn log(request: &Request, answer: &Answer, started: Option<Instant>) {
    let (method, path, status) = (request.method(), request.uri().path(), answer.reply.status());
    // At `/` the path says nothing.
    let operation = match answer.target {
        Some(target) if path == "/" => format!(" {}", target.operation.name),
        _ => String::new(),
    };
    if let Some(refused) = &answer.refused {
        let status = status.as_u16();
        match (&refused.explanation, &refused.hint) {
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
        debug!(
            %method,
            path,
            operation = answer.target.map(tracing::field::display),
            status = status.as_u16(),
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
