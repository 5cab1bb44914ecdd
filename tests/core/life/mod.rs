//! Clients that change things: sessions of several requests to one world, on a clock that
//! the test turns; and the laws that hold for every service.

mod authing;
mod drs;
mod dts;
mod eiam;
mod oms;
mod reads;

use crate::engine::Plan;
use crate::engine::{Answer, WorldExport, WorldState, respond};
use crate::world::time::Timestamp;
use bytes::Bytes;

use crate::core_tests::asking::{plan, request};
use crate::core_tests::goldens::assert_golden;

/// One world, its state, and its clock.
pub(crate) struct Session {
    pub(crate) plan: Plan,
    pub(crate) state: WorldState,
    pub(crate) now: Timestamp,
}

impl Session {
    pub(crate) fn new(scenario: &str, set: &[&str]) -> Self {
        let plan = plan(scenario, set);
        Self { state: WorldState::new(&plan), now: plan.clock.start, plan: *plan }
    }

    /// A JSON body is sent as one.
    pub(crate) fn ask(&self, method: &str, uri: &str, body: &str) -> Answer {
        self.ask_at(self.now, method, uri, body)
    }

    pub(crate) fn ask_at(&self, now: Timestamp, method: &str, uri: &str, body: &str) -> Answer {
        let headers: &[(&str, &str)] =
            if body.is_empty() { &[] } else { &[("Content-Type", "application/json")] };
        let request = request(method, uri, headers, body.as_bytes());
        respond(&self.plan, &self.state, &request, now)
    }

    /// The body of a successful request; null if it is empty.
    pub(crate) fn json(&self, method: &str, uri: &str, body: &str) -> serde_json::Value {
        let answer = self.ask(method, uri, body);
        let text = crate::core_tests::asking::text(&answer);
        assert!(answer.succeeded(), "{method} {uri}: {} {text}", answer.reply.status());
        if text.is_empty() {
            return serde_json::Value::Null;
        }
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// In ms.
    pub(crate) fn advance(&mut self, by: u64) {
        self.now = self.now.plus(by);
    }

    /// Compares the answer with `fixtures/<service>/answers/<name>.snap`, and returns it.
    pub(crate) fn golden(
        &self,
        service: &str,
        name: &str,
        method: &str,
        uri: &str,
        body: &str,
    ) -> Answer {
        let answer = self.ask(method, uri, body);
        assert_golden(service, name, &format!("{method} {uri}"), &answer);
        answer
    }

    /// The same scenario and event log in another process: the log goes there as JSON.
    pub(crate) fn elsewhere(&self) -> WorldState {
        let export = WorldExport::of(&self.plan, &self.state.event_log(), self.now);
        let document = serde_json::to_vec(&export.expect("an export is JSON")).expect("JSON");
        let export = WorldExport::read(&document).expect("and back");
        let state = WorldState::new(&self.plan);
        state.replace_event_log(export.event_log(&self.plan).expect("an event log"));
        state
    }

    /// Holds for every world: another process with the same event log answers the same bytes,
    /// at any instant; and past answers do not change. `reads` are requests that change nothing
    /// (`(method, uri)`), `seen` what earlier calls of this returned.
    pub(crate) fn laws_of_time(
        &self,
        reads: &[(&str, String)],
        seen: &mut Vec<(Timestamp, Vec<Bytes>)>,
    ) {
        let bodies = |state: &WorldState, now: Timestamp| -> Vec<Bytes> {
            reads
                .iter()
                .map(|(method, uri)| {
                    let request = request(method, uri, &[], b"");
                    respond(&self.plan, state, &request, now).reply.into_body()
                })
                .collect()
        };
        seen.push((self.now, bodies(&self.state, self.now)));
        let elsewhere = self.elsewhere();
        for (i, (then, before)) in seen.iter().enumerate() {
            // Later changes at the same instant are visible now.
            if seen.iter().skip(i + 1).any(|(other, _)| other == then) {
                continue;
            }
            assert_eq!(&bodies(&self.state, *then), before, "the past at {then:?} has changed");
            assert_eq!(&bodies(&elsewhere, *then), before, "elsewhere {then:?} is different");
        }
    }
}
