//! What inputs are given to, and what must hold of each answer.

use syncmock::embed::{Builder, StartError};

use crate::corpus::{Corpus, request};

/// Gives an input to a world; an error is what is wrong with the answer.
pub(crate) type Ask = Box<dyn FnMut(&[u8]) -> Result<(), String>>;

pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) seeds: fn(&Corpus) -> Vec<Vec<u8>>,
    pub(crate) world: fn(&Corpus) -> Ask,
}

pub(crate) static TARGETS: [Target; 6] = [
    // Parsers, routing, operations, hints.
    Target {
        name: "requests",
        seeds: |corpus| corpus.requests.clone(),
        world: |c| asking(c, "open"),
    },
    // The verifiers and their diagnosis.
    Target {
        name: "signed-requests",
        seeds: |corpus| corpus.requests.clone(),
        world: |corpus| asking(corpus, "verified"),
    },
    // The names in paths and parameters, which hints compare.
    Target { name: "names", seeds: names, world: |corpus| asking(corpus, "required") },
    Target { name: "scenarios", seeds: |corpus| corpus.scenarios.clone(), world: |_| loading() },
    Target {
        name: "control",
        seeds: |corpus| corpus.control.clone(),
        world: |c| asking(c, "open"),
    },
    Target { name: "states", seeds: |corpus| corpus.states.clone(), world: restoring },
];

/// First lines alone: half of what mutations hit is a name then.
fn names(corpus: &Corpus) -> Vec<Vec<u8>> {
    let line =
        |text: &Vec<u8>| text.split(|&byte| byte == b'\n').next().unwrap_or_default().to_vec();
    corpus.requests.iter().chain(&corpus.control).map(line).collect()
}

fn asking(corpus: &Corpus, mode: &str) -> Ask {
    let world = corpus.world(mode);
    Box::new(move |input| check(&world.answer(&request(input))))
}

fn restoring(corpus: &Corpus) -> Ask {
    let world = corpus.world("open");
    Box::new(move |input| {
        let put = [b"PUT /_syncmock/state\n\n", input].concat();
        let reply = world.answer(&request(&put));
        check(&reply)?;
        // What was taken can be shown, and shown again is the same.
        if reply.status() == 200 {
            let shown = world.answer(&request(b"GET /_syncmock/state\n\n"));
            if shown.body() != reply.body() {
                return Err("the state is not what was restored".to_owned());
            }
        }
        Ok(())
    })
}

fn loading() -> Ask {
    Box::new(|input| {
        let text = String::from_utf8_lossy(input).into_owned();
        match Builder::new().now("2026-03-02T10:00:00Z").scenario_text(text).in_process() {
            Ok(_) => Ok(()),
            Err(StartError::Scenario { report, .. }) if report.ends_with('\n') => Ok(()),
            Err(other) => Err(format!("no report: {other}")),
        }
    })
}

/// The most bytes of a hint, which goes into a header.
const MAX_HINT: usize = 4_100;

/// An answer has a status, a body of its type, and a hint that a client can read.
fn check(reply: &http::Response<bytes::Bytes>) -> Result<(), String> {
    let (status, headers) = (reply.status(), reply.headers());
    if status == 500 && !headers.contains_key("x-syncmock-hint") {
        return Err(format!("an internal error: {:?}", reply.body()));
    }
    let hint = headers.get("x-syncmock-hint").map_or(0, |hint| hint.len());
    if hint > MAX_HINT {
        return Err(format!("a hint of {hint} bytes"));
    }
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_corrupted = headers.contains_key("x-syncmock-fault");
    if kind.contains("json") && !is_corrupted && !reply.body().is_empty() {
        let read: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(reply.body());
        read.map_err(|error| format!("a body that is not JSON: {error}"))?;
    }
    Ok(())
}
