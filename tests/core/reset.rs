//! `POST /_syncmock/reset` brings a world back to its start, whole or in part.

use serde_json::{Value, json};

use crate::control::{Control, ControlAccess};
use crate::core_tests::asking::NOW;
use crate::engine::Options;
use crate::vendors::load;
use crate::wire::{Reply, Request};

const LIST: &str = "/?Action=DescribeSynchronizationJobs&Version=2020-01-01&Format=JSON";

/// A server that verifies credentials, with a quota and a fault.
const SCENARIO: &str = r#"
version = 1
[clock]
start = "2026-03-01T08:00:00Z"
speed = 0
[gateway]
quota = [{ service = "dts", limit = 3, window = "1h" }]
[[fault]]
name = "second"
on   = { service = "dts", call = "2" }
do   = { refuse = "Throttling.User" }
"#;

fn control() -> Control {
    let loaded = load("reset", SCENARIO, &Options::default(), NOW).unwrap();
    let plan = loaded.outcome.expect("a scenario without problems");
    Control::new(plan.into(), ControlAccess::default())
}

fn ask(control: &Control, method: &str, uri: &str, body: &str) -> Reply {
    let request = http::Request::builder().method(method).uri(uri);
    let request: Request = request.body(body.to_owned().into()).unwrap();
    control.respond(&request).reply
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_slice(reply.body()).unwrap()
}

/// Statuses of five calls: the second is refused by the fault, the fourth by the quota.
fn five(control: &Control) -> Vec<u16> {
    (0..5).map(|_| ask(control, "GET", LIST, "").status().as_u16()).collect()
}

/// Everything that a client or a test can change.
fn disturb(control: &Control) {
    assert_eq!(five(control), [200, 400, 200, 400, 400]);
    let trigger = "/api/v3/trigger-sync-task";
    ask(control, "POST", "/_syncmock/clock/advance", r#"{"by":"2h"}"#);
    ask(control, "PUT", "/_syncmock/faults", r#"{"faults":[]}"#);
    let triggered = json_of(&ask(control, "POST", trigger, r#"{"syncTaskId":1000}"#));
    assert_eq!(triggered["statusCode"], 200, "{triggered}");
    ask(control, "PUT", "/_syncmock/clock", r#"{"speed":60}"#);
}

/// Whether each part is as at the start.
fn at_start(control: &Control) -> Value {
    let get = |path: &str| json_of(&ask(control, "GET", path, ""));
    let clock = get("/_syncmock/clock");
    let faults = get("/_syncmock/faults");
    json!({
        "events": get("/_syncmock/state")["journal"] == json!([]),
        "clock": clock == json!({ "now": "2026-03-01T08:00:00.000Z", "speed": 0 }),
        "faults": faults["faults"][0]["name"] == "second" && faults["faults"][0]["calls"] == 0,
        "refusals": get("/_syncmock/refusals")["refusals"] == json!([]),
    })
}

#[test]
fn a_reset_brings_back_the_start_and_what_is_asked_then_has_the_same_answers() {
    let control = control();
    let fresh = at_start(&control);
    assert_eq!(fresh, json!({ "events": true, "clock": true, "faults": true, "refusals": true }));
    let first = ask(&control, "GET", LIST, "");
    ask(&control, "POST", "/_syncmock/reset", "");
    disturb(&control);
    let none = json!({ "events": false, "clock": false, "faults": false, "refusals": false });
    assert_eq!(at_start(&control), none);
    let reply = ask(&control, "POST", "/_syncmock/reset", "");
    assert_eq!((reply.status().as_u16(), json_of(&reply)), (200, json!({ "dropped": 1 })));
    assert_eq!(at_start(&control), fresh);
    let again = ask(&control, "GET", LIST, "");
    assert_eq!((again.body(), again.headers()), (first.body(), first.headers()));
    ask(&control, "POST", "/_syncmock/reset", "");
    assert_eq!(five(&control), [200, 400, 200, 400, 400]);
}

#[test]
fn a_reset_leaves_alone_what_it_is_told_to_keep() {
    for kept in ["events", "clock", "faults", "refusals"] {
        let control = control();
        disturb(&control);
        let reply =
            ask(&control, "POST", "/_syncmock/reset", &json!({ "keep": [kept] }).to_string());
        assert_eq!(reply.status(), 200);
        for (part, is_at_start) in at_start(&control).as_object().unwrap() {
            assert_eq!(*is_at_start, json!(part != kept), "{part} after keeping {kept}");
        }
    }
    let control = control();
    disturb(&control);
    ask(&control, "POST", "/_syncmock/reset", r#"{"keep":["quotas","faults"]}"#);
    assert_eq!(five(&control), [400, 400, 400, 400, 400]);
    for (body, word) in [
        ("[]", "an object"),
        (r#"{"keep":["clocks"]}"#, "clocks"),
        (r#"{"kept":["clock"]}"#, "kept"),
        (r#"{"keep":["clock"],"keep":[]}"#, "given twice"),
    ] {
        let reply = ask(&control, "POST", "/_syncmock/reset", body);
        let text = String::from_utf8_lossy(reply.body()).into_owned();
        assert!(reply.status() == 400 && text.contains(word), "{body}: {text}");
    }
}

#[test]
fn a_refusal_names_the_quota_or_the_fault_that_made_it() {
    let control = control();
    five(&control);
    let refusals = json_of(&ask(&control, "GET", "/_syncmock/refusals", ""))["refusals"].clone();
    let hints: Vec<&str> =
        refusals.as_array().unwrap().iter().map(|r| r["hint"].as_str().unwrap()).collect();
    assert_eq!(
        hints[0],
        "entry 1 of [[gateway.quota]] is used up: 3 calls in 1h of dts by each access key; the \
         clock is frozen, so it stays so until POST /_syncmock/clock/advance {\"by\": \"1h\"} or \
         POST /_syncmock/reset"
    );
    assert!(hints[2].contains("the fault second#1 of this world fired at call 2"), "{}", hints[2]);
    assert_eq!((&refusals[2]["fault"], &refusals[0]["fault"]), (&json!("second#1"), &json!(null)));
    ask(&control, "PUT", "/_syncmock/clock", r#"{"speed":1}"#);
    let reply = ask(&control, "GET", LIST, "");
    let hint = reply.headers()["x-syncmock-hint"].to_str().unwrap();
    assert!(hint.contains("it begins anew in") && !hint.contains("frozen"), "{hint}");
}

#[test]
fn faults_that_are_put_are_checked_as_those_of_a_file() {
    let control = control();
    for (fault, problem) in [
        (json!({ "do": { "status": 99 } }), "faults[0].do.status: must be at least 200, is 99"),
        (json!({ "do": { "delay": "1 minute" } }), "faults[0].do.delay"),
        (json!({ "do": { "refuse": "NoSuchCode" } }), "faults[0].do.refuse"),
        (json!({ "on": { "call": "0" }, "do": { "cut": "mid-body" } }), "faults[0].on.call"),
        (json!({ "name": "", "do": {} }), "faults[0].name: must not be empty"),
        (json!({ "do": { "status": "503" } }), "faults[0].do.status: expected a whole number"),
        (json!({ "o": {}, "do": { "status": 503 } }), "faults[0].o: unknown key \"o\""),
    ] {
        let body = json!({ "faults": [fault] }).to_string();
        let reply = ask(&control, "PUT", "/_syncmock/faults", &body);
        let detail = json_of(&reply)["detail"].to_string();
        assert!(
            reply.status() == 400 && detail.contains(&problem.replace('"', "\\\"")),
            "{detail}"
        );
    }
    let two = r#"{"faults":[{"do":{"status":1}},{"name":"","do":{"status":503}}]}"#;
    let detail = json_of(&ask(&control, "PUT", "/_syncmock/faults", two))["detail"].to_string();
    assert!(
        detail.contains("faults[0].do.status") && detail.contains("faults[1].name"),
        "{detail}"
    );
}
