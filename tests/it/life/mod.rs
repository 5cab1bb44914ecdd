//! Clients that change things: sessions of several requests to one world, on a clock that
//! the test turns; and the laws that hold for every service.

mod authing;
mod drs;
mod dts;
mod eiam;
mod oms;

use bytes::Bytes;
use syncmock::engine::{Answer, Past, respond_after};
use syncmock::journal::{Entry, Journal};
use syncmock::plan::Plan;
use syncmock::world::time::Timestamp;

use crate::asking::{plan, request};
use crate::goldens::assert_golden;

/// One world, its past, and its clock.
pub struct Session {
    pub plan: Plan,
    pub past: Past,
    pub now: Timestamp,
}

impl Session {
    pub fn new(scenario: &str, set: &[&str]) -> Self {
        let plan = plan(scenario, set);
        Self { past: Past::new(&plan), now: plan.clock.start, plan: *plan }
    }

    /// A JSON body is sent as one.
    pub fn ask(&self, method: &str, uri: &str, body: &str) -> Answer {
        self.ask_at(self.now, method, uri, body)
    }

    pub fn ask_at(&self, now: Timestamp, method: &str, uri: &str, body: &str) -> Answer {
        let headers: &[(&str, &str)] =
            if body.is_empty() { &[] } else { &[("Content-Type", "application/json")] };
        let request = request(method, uri, headers, body.as_bytes());
        respond_after(&self.plan, &self.past, &request, now)
    }

    /// The body of a granted request; null if it is empty.
    pub fn json(&self, method: &str, uri: &str, body: &str) -> serde_json::Value {
        let answer = self.ask(method, uri, body);
        let text = crate::asking::text(&answer);
        assert!(answer.granted(), "{method} {uri}: {} {text}", answer.reply.status());
        if text.is_empty() {
            return serde_json::Value::Null;
        }
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// In ms.
    pub fn advance(&mut self, by: u64) {
        self.now = self.now.plus(by);
    }

    /// Compares the answer with `fixtures/<service>/answers/<name>.snap`, and returns it.
    pub fn golden(&self, service: &str, name: &str, method: &str, uri: &str, body: &str) -> Answer {
        let answer = self.ask(method, uri, body);
        assert_golden(service, name, &format!("{method} {uri}"), &answer);
        answer
    }

    /// The same scenario and journal in another process: the journal goes there as JSON.
    pub fn elsewhere(&self) -> Past {
        let entries: Vec<Entry> = self.past.journal().entries().cloned().collect();
        let document = serde_json::to_vec(&entries).expect("a journal is JSON");
        let entries: Vec<Entry> = serde_json::from_slice(&document).expect("and back");
        let past = Past::new(&self.plan);
        past.replace_journal(Journal::of(&self.plan, entries).expect("a journal"));
        past
    }

    /// Holds for every world: another process with the same journal answers the same bytes,
    /// at any instant; and the past looks as it did. `reads` are requests that change nothing
    /// (`(method, uri)`), `seen` what earlier calls of this returned.
    pub fn laws_of_time(&self, reads: &[(&str, String)], seen: &mut Vec<(Timestamp, Vec<Bytes>)>) {
        let bodies = |past: &Past, now: Timestamp| -> Vec<Bytes> {
            reads
                .iter()
                .map(|(method, uri)| {
                    let request = request(method, uri, &[], b"");
                    respond_after(&self.plan, past, &request, now).reply.into_body()
                })
                .collect()
        };
        seen.push((self.now, bodies(&self.past, self.now)));
        let elsewhere = self.elsewhere();
        for (i, (then, before)) in seen.iter().enumerate() {
            // What happened at the same instant, but later, is there now.
            if seen.iter().skip(i + 1).any(|(other, _)| other == then) {
                continue;
            }
            assert_eq!(&bodies(&self.past, *then), before, "the past at {then:?} has changed");
            assert_eq!(&bodies(&elsewhere, *then), before, "elsewhere {then:?} is different");
        }
    }
}
