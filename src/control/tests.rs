use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::engine::Options;
use crate::vendors::alibaba::eiam::Eiam;
use crate::vendors::load;
use crate::world::time::Timestamp;

/// A server on the frozen `default` scenario, at 08:00 on the first of March 2026.
fn control() -> Control {
    let start = Timestamp::from_millis(1_772_352_000_000);
    let options =
        Options { seed: Some(7), start: Some(start), speed: Some(0), ..Options::default() };
    let loaded = load("default", "version = 1", &options, start).expect("no overrides");
    let plan: Arc<Plan> = loaded.outcome.expect("a scenario without problems").into();
    Control::new(plan, ControlAccess::default())
}

fn ask(control: &Control, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .expect("a request");
    let reply = answer(control, &request);
    let status = reply.status().as_u16();
    let kind = if status < 400 { "application/json" } else { "application/problem+json" };
    assert_eq!(reply.headers()["content-type"], kind);
    (status, serde_json::from_slice(reply.body()).expect("JSON"))
}

fn set(body: &str) -> (u16, Value) {
    ask(&control(), "PUT", "/_syncmock/clock", body)
}

#[test]
fn only_paths_under_the_prefix_are_ours() {
    assert!(owns("/_syncmock") && owns("/_syncmock/") && owns("/_syncmock/health"));
    assert!(!owns("/_syncmocks/health") && !owns("/") && !owns("/v5/_syncmock/health"));
}

#[test]
fn health_tells_which_world_this_is() {
    let (status, health) = ask(&control(), "GET", "/_syncmock/health?x=1", "");
    assert_eq!(status, 200);
    let version = env!("CARGO_PKG_VERSION");
    let expected = json!({
        "status": "ok", "name": "syncmock", "version": version,
        "scenario": "default", "seed": 7, "now": "2026-03-01T08:00:00.000Z",
    });
    assert_eq!(health, expected);
}

#[test]
fn the_clock_is_set_forward_and_back_and_advanced() {
    let control = control();
    let put = |body| ask(&control, "PUT", "/_syncmock/clock", body);
    let said = |now: &str| (200, json!({ "now": now, "speed": 0 }));
    assert_eq!(ask(&control, "GET", "/_syncmock/clock", ""), said("2026-03-01T08:00:00.000Z"));
    assert_eq!(put(r#"{"now":"2026-03-02T16:00:00+08:00"}"#), said("2026-03-02T08:00:00.000Z"));
    assert_eq!(put(r#"{"now":"1999-12-31T23:59:59.5Z"}"#), said("1999-12-31T23:59:59.500Z"));
    let advanced = ask(&control, "POST", "/_syncmock/clock/advance", r#"{"by":"1h30m"}"#);
    assert_eq!(advanced, said("2000-01-01T01:29:59.500Z"));
}

#[test]
fn the_clock_is_sped_up_and_frozen() {
    let control = control();
    let speed = |body| ask(&control, "PUT", "/_syncmock/clock", body).1["speed"].clone();
    assert_eq!(speed(r#"{"speed":60}"#), 60);
    assert_eq!(speed(r#"{"speed":"frozen"}"#), 0);
    assert_eq!(speed(r#"{"speed":1000000,"now":"2026-01-01T00:00:00Z"}"#), 1_000_000);
    assert_eq!(speed(r#"{"speed":0}"#), 0);
    control.clock.set(None, Some(1_500));
    assert_eq!(ask(&control, "GET", "/_syncmock/clock", "").1["speed"], 1.5);
}

#[test]
fn a_clock_that_can_not_be_set_so_is_left_alone_and_says_why() {
    for (body, detail) in [
        ("", "the body is not JSON: EOF while parsing a value at line 1 column 0"),
        ("{", "the body is not JSON: EOF while parsing an object at line 1 column 1"),
        (
            "[]",
            "the body is not a JSON object with those members: invalid type: sequence, expected an object at line 1 column 0",
        ),
        ("{}", "neither now nor speed is given"),
        (r#"{"speed":1.5}"#, r#"speed is a whole number from 0 to 1000000, or "frozen""#),
        (r#"{"speed":-1}"#, r#"speed is a whole number from 0 to 1000000, or "frozen""#),
        (r#"{"speed":1000001}"#, r#"speed is a whole number from 0 to 1000000, or "frozen""#),
        (r#"{"now":5}"#, "now is not text"),
        (r#"{"now":"noon"}"#, r#"now is not an instant: "noon" (no date and time)"#),
        (r#"{"sped":60}"#, r#"unknown member "sped""#),
    ] {
        let (status, problem) = set(body);
        assert_eq!((status, &problem["detail"]), (400, &json!(detail)), "{body}");
        assert_eq!((&problem["title"], &problem["status"]), (&json!("Bad Request"), &json!(400)));
        assert!(problem["hint"].as_str().is_some_and(|hint| hint.len() > 10), "{body}");
    }
    assert_eq!(set(r#"{"sped":60}"#).1["hint"], "did you mean speed?");

    let control = control();
    ask(&control, "PUT", "/_syncmock/clock", r#"{"speed":60,"now":"noon"}"#);
    assert_eq!(control.clock.read().speed, 0);
}

#[test]
fn an_advance_needs_a_duration() {
    let control = control();
    let advance = |body| {
        let (status, problem) = ask(&control, "POST", "/_syncmock/clock/advance", body);
        assert_eq!(status, 400, "{body}");
        problem["detail"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(advance("{}"), "by is missing");
    assert_eq!(advance(r#"{"by":5}"#), "by is not text");
    assert_eq!(
        advance(r#"{"by":"-5m"}"#),
        r#"by is not a duration: "-5m" (it cannot be negative)"#
    );
    assert_eq!(advance(r#"{"for":"5m"}"#), r#"unknown member "for""#);
}

#[test]
fn an_unknown_path_lists_the_known_ones_and_a_wrong_method_the_right_ones() {
    let control = control();
    let (status, problem) = ask(&control, "GET", "/_syncmock/clok", "");
    assert_eq!(status, 404);
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(ROUTES.iter().all(|route| detail.contains(route.path)), "{detail}");
    assert_eq!(problem["hint"], "did you mean /_syncmock/clock?");

    assert_eq!(ask(&control, "HEAD", "/_syncmock/clock", "").0, 200);
    let request = http::Request::builder().method("DELETE").uri("/_syncmock/clock");
    let reply = answer(&control, &request.body(Bytes::new()).expect("a request"));
    assert_eq!(reply.status(), 405);
    assert_eq!(reply.headers()["allow"], "GET, PUT, HEAD");
}

const INSTANCE: &str = "idaas_ue2jvisn35ea5lmthk267xxxxx";

/// Has a job run, and says its id.
fn run(control: &Control) -> String {
    let target = &control.plan.of::<Eiam>().targets[0];
    let uri = format!(
        "/?Action=RunSynchronizationJob&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}\
         &TargetType={}&TargetId={}",
        target.target_type().wire(),
        target.id
    );
    let request = http::Request::post(uri).body(Bytes::new()).expect("a request");
    let answer = control.respond(&request);
    let body: Value = serde_json::from_slice(answer.reply.body()).expect("JSON");
    body["SynchronizationJobId"].as_str().expect("an id").to_owned()
}

fn knows(control: &Control, id: &str) -> bool {
    let uri = format!(
        "/?Action=GetSynchronizationJob&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}\
         &SynchronizationJobId={id}"
    );
    let request = http::Request::get(uri).body(Bytes::new()).expect("a request");
    control.respond(&request).succeeded()
}

#[test]
fn what_clients_changed_goes_out_as_a_document_and_into_another_server() {
    let (here, there) = (control(), control());
    let first = run(&here);
    here.clock.advance(1_000);
    let second = run(&here);
    assert_ne!(first, second);
    let (status, state) = ask(&here, "GET", "/_syncmock/state", "");
    assert_eq!(status, 200);
    assert_eq!(state["now"], "2026-03-01T08:00:01.000Z");
    assert_eq!(state["journal"][1]["number"], 2);
    assert!(knows(&here, &second) && !knows(&there, &second));
    assert_eq!(ask(&there, "PUT", "/_syncmock/state", &state.to_string()), (200, state));
    assert!(knows(&there, &first) && knows(&there, &second));
    assert_eq!(there.clock.now(), here.clock.now());
}

#[test]
fn a_reset_takes_back_what_clients_changed() {
    let control = control();
    let id = run(&control);
    assert_eq!(ask(&control, "POST", "/_syncmock/reset", ""), (200, json!({ "dropped": 1 })));
    assert!(!knows(&control, &id));
    assert_eq!(ask(&control, "POST", "/_syncmock/reset", ""), (200, json!({ "dropped": 0 })));
}

#[test]
fn a_state_of_another_world_is_refused_and_changes_nothing() {
    let control = control();
    let id = run(&control);
    let state = ask(&control, "GET", "/_syncmock/state", "").1;
    let put = |change: &dyn Fn(&mut Value)| {
        let mut state = state.clone();
        change(&mut state);
        let (status, problem) = ask(&control, "PUT", "/_syncmock/state", &state.to_string());
        (status, problem["detail"].as_str().unwrap_or_default().to_owned(), problem["hint"].clone())
    };
    let (status, detail, hint) = put(&|state| state["seed"] = 8.into());
    assert_eq!(status, 409);
    assert!(detail.ends_with("its seed is 8, here it is 7"), "{detail}");
    let world = "it belongs to the scenario default with --seed 8 --now 2026-03-01T08:00:00.000Z";
    assert!(hint.as_str().expect("a hint").starts_with(world), "{hint}");
    let (status, detail, _) = put(&|state| {
        let state = state.as_object_mut().expect("an object");
        state.remove("says");
        state["version"] = 1.into();
    });
    assert_eq!(status, 400);
    assert!(detail.contains("version 1") && detail.contains("version 2"), "{detail}");
    assert_eq!(put(&|state| state["surprise"] = 2.into()).0, 400);
    assert_eq!(put(&|state| state["journal"][0]["at"] = "yesterday".into()).0, 400);
    assert_eq!(put(&|state| state["journal"][0]["number"] = 0.into()).0, 400);
    let twice = put(&|state| {
        let entry = state["journal"][0].clone();
        state["journal"] = json!([entry.clone(), entry]);
    });
    assert!(twice.0 == 400 && twice.1.contains("two entries have the number 1"), "{twice:?}");
    assert!(knows(&control, &id));
    assert_eq!(ask(&control, "PUT", "/_syncmock/state", "").0, 400);
}

#[test]
fn a_time_that_the_clock_refuses_is_no_time_of_a_state() {
    let control = control();
    run(&control);
    let state = ask(&control, "GET", "/_syncmock/state", "").1;
    for time in [
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "-000001-01-01T00:00:00Z",
        "2026-03-01T08:00:00",
        "2026-03-01 08:00",
        "20260301T080000Z",
        "2026-03-01T08:00:00[UTC]",
        "2026-02-30T08:00:00Z",
        "",
    ] {
        let (clock, refused) =
            ask(&control, "PUT", "/_syncmock/clock", &json!({ "now": time }).to_string());
        assert_eq!(clock, 400, "{time}");
        let why = refused["detail"].as_str().and_then(|why| why.split_once("now is "));
        let why = why.expect("what is wrong with the time").1;
        for place in ["/now", "/start", "/journal/0/at"] {
            let mut state = state.clone();
            *state.pointer_mut(place).expect("a time") = time.into();
            let (status, problem) = ask(&control, "PUT", "/_syncmock/state", &state.to_string());
            let detail = problem["detail"].as_str().unwrap_or_default();
            assert!(status == 400 && detail.contains(why), "{place} {time}: {status} {detail}");
        }
    }
    for time in ["1970-01-01T00:00:00.000Z", "9999-12-30T00:00:00.000Z"] {
        let put = |body: Value, path| ask(&control, "PUT", path, &body.to_string()).0;
        assert_eq!(put(json!({ "now": time }), "/_syncmock/clock"), 200);
        let mut state = ask(&control, "GET", "/_syncmock/state", "").1;
        assert_eq!(state["now"], time);
        state["now"] = time.into();
        assert_eq!(put(state, "/_syncmock/state"), 200, "what one server says, another one takes");
    }
}

/// A world of a scenario, as a file of that name says it.
fn world_of(name: &str, text: &str, set: &[&str]) -> Control {
    let set = set.iter().map(|set| (*set).to_owned()).collect();
    let options = Options { set, ..Options::default() };
    let start = Timestamp::from_millis(1_772_352_000_000);
    let loaded = load(name, &format!("version = 1\n{text}"), &options, start).expect("options");
    Control::new(loaded.outcome.expect("a scenario").into(), ControlAccess::default())
}

#[test]
fn a_state_belongs_to_what_a_scenario_says_and_not_to_its_name() {
    let said = "[dts.jobs]\ncount = 3\n[oms.tasks]\ncount = 4\n";
    let state = ask(&world_of("a.toml", said, &[]), "GET", "/_syncmock/state", "").1.to_string();
    let put = |name: &str, text: &str, set: &[&str]| {
        let (status, problem) = ask(&world_of(name, text, set), "PUT", "/_syncmock/state", &state);
        (status, problem["detail"].as_str().unwrap_or_default().to_owned())
    };
    let ordered = "# The same.\noms = { tasks = { count = 4 } }\nname = \"other\"\n\
                   summary = \"It says the same.\"\n[dts.jobs]\ncount = 3\n[clock]\nspeed = 60\n";
    for (name, text, set) in [
        ("a.toml", said, &[][..]),
        ("./a.toml", said, &[]),
        ("b.toml", ordered, &[]),
        ("c.toml", "[dts.jobs]\ncount = 9\n", &["dts.jobs.count=3", "oms.tasks.count=4"]),
        ("d.toml", &format!("{said}[[credentials]]\nid = \"a\"\nsecret = \"b\"\n"), &[]),
    ] {
        assert_eq!(put(name, text, set).0, 200, "{name}");
    }
    let is_another = "the state is of another world: its scenario a.toml differs from";
    for (name, text, set, differs) in [
        ("a.toml", said, &["dts.jobs.count=4"][..], "a.toml in [dts]"),
        ("a.toml", "[dts.jobs]\ncount = 3\n", &[], "a.toml in [oms]"),
        ("b.toml", said, &["eiam.jobs.count=4", "oms.tasks.count=5"], "b.toml in [eiam], [oms]"),
        ("b.toml", said, &["language=en"], "b.toml in language"),
    ] {
        let expected = (409, format!("{is_another} {differs}"));
        assert_eq!(put(name, text, set), expected, "{text} {set:?}");
    }
}

#[test]
fn the_largest_state_is_a_body_that_is_taken_and_no_other_is_longer() {
    assert_eq!(longest_body(&Method::PUT, "/_syncmock/state"), Some(MAX_EXPORT));
    for route in &ROUTES {
        if (&route.method, route.path) != (&Method::PUT, "/_syncmock/state") {
            assert_eq!(longest_body(&route.method, route.path), None, "{}", route.path);
        }
    }
    assert_eq!(longest_body(&Method::POST, "/"), None);
}
