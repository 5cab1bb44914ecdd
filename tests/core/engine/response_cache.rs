//! Cached responses are those that would be computed.

use bytes::Bytes;

use crate::engine::{FaultCounts, Options, Plan, WorldState, respond, respond_first};
use crate::vendors::alibaba::eiam::Eiam;
use crate::vendors::huawei::drs::Drs;
use crate::vendors::load;
use crate::wire::Request;
use crate::world::time::Timestamp;

const NOW: i64 = 1_772_445_600_000;

fn plan(text: &str) -> Box<Plan> {
    let text = format!("version = 1\n{text}");
    let now = Timestamp::from_millis(NOW);
    load("test", &text, &Options::default(), now).unwrap().outcome.expect("no problems")
}

fn get(uri: &str, headers: &[(&str, &str)]) -> Request {
    let mut request = http::Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::new()).unwrap()
}

#[test]
fn an_answer_is_the_same_whether_it_was_given_before_or_not() {
    let plan = plan("[drs.jobs]\ncount = 30\nevery = \"1s\"\n[[eiam.target]]\nid = \"app_one\"");
    let state = WorldState::new(&plan);
    let list = format!("/v5/{}/batch-async-jobs?limit=3", plan.of::<Drs>().project_id);
    let run = format!(
        "/?Action=RunSynchronizationJob&Version=2021-12-01&InstanceId={}\
         &TargetType=application&TargetId=app_one",
        plan.of::<Eiam>().instance_id
    );
    let post = http::Request::post(run).body(Bytes::new()).unwrap();
    let probes = [
        get(&list, &[]),
        get(&list, &[("x-language", "zh-cn")]),
        get(&format!("{list}&offset=3"), &[]),
        get("/api/v3/list-sync-jobs?syncTaskId=1000", &[]),
        get("/api/v3/list-sync-jobs?syncTaskId=nobody", &[]),
        post.clone(),
    ];
    for round in 0..3 {
        let now = Timestamp::from_millis(NOW + 1_000 * (round / 2));
        for request in &probes {
            // Only the event log of the earlier requests counts.
            let without = WorldState::new(&plan);
            without.replace_event_log((*state.event_log()).clone());
            let wanted = respond(&plan, &without, request, now).reply;
            let given = respond(&plan, &state, request, now).reply;
            assert_eq!(given.body(), wanted.body(), "{round} {}", request.uri());
            assert_eq!(given.headers(), wanted.headers(), "{round} {}", request.uri());
            for _ in 0..2 {
                let again = respond(&plan, &state, request, now).reply;
                if request.method() == http::Method::GET {
                    assert_eq!(again.body(), given.body(), "{round} {}", request.uri());
                }
            }
        }
    }
    assert_eq!(state.event_log().events().len(), 9, "changes are made each time");
}

#[test]
fn the_remaining_quota_is_computed_for_each_answer() {
    let quota = "[gateway]\nquota = [{ limit = 9, window = \"1h\" }]";
    let plan = plan(quota);
    let state = WorldState::new(&plan);
    let uri = format!("/v5/{}/batch-async-jobs", plan.of::<Drs>().project_id);
    let request = get(&uri, &[("x-apig-mode", "debug")]);
    let left = || {
        let now = Timestamp::from_millis(NOW);
        let reply = respond(&plan, &state, &request, now).reply;
        reply.headers()["x-apig-ratelimit-user"].to_str().unwrap().to_owned()
    };
    assert!(left().starts_with("remain:8,") && left().starts_with("remain:7,"));
    assert!(respond_first(&plan, &request, Timestamp::from_millis(NOW)).succeeded());
}

#[test]
fn where_only_one_service_has_a_quota_the_others_answers_are_given_again() {
    let plan = plan("[gateway]\nquota = [{ service = \"drs\", limit = 2, window = \"1h\" }]");
    let state = WorldState::new(&plan);
    let ask = |uri: &str| {
        let request = get(uri, &[]);
        let reply = respond(&plan, &state, &request, Timestamp::from_millis(NOW)).reply;
        (reply.status().as_u16(), reply.into_body().as_ptr())
    };
    let drs = format!("/v5/{}/batch-async-jobs", plan.of::<Drs>().project_id);
    assert_eq!([ask(&drs).0, ask(&drs).0, ask(&drs).0], [200, 200, 429]);
    let authing = "/api/v3/list-sync-jobs?syncTaskId=1000";
    let [_, _, third, fourth] = [(); 4].map(|()| ask(authing));
    assert_eq!(third, fourth, "the very same bytes, not such as are equal");
}

#[test]
fn a_fault_that_comes_later_happens_though_the_answer_is_known() {
    let plan = plan("");
    let faulty = self::plan("[[fault]]\non = { call = \"2\" }\ndo = { status = 503 }");
    let state = WorldState::new(&plan);
    let request = get(&format!("/v5/{}/batch-async-jobs", plan.of::<Drs>().project_id), &[]);
    let status = || {
        let now = Timestamp::from_millis(NOW);
        respond(&plan, &state, &request, now).reply.status().as_u16()
    };
    assert_eq!([status(), status()], [200, 200]);
    state.replace_faults(FaultCounts::of(&faulty));
    assert_eq!([status(), status(), status()], [200, 503, 200]);
    state.replace_faults(FaultCounts::of(&plan));
    assert_eq!(status(), 200);
}
