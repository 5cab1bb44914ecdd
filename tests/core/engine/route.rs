//! Which values of a request count.

use bytes::Bytes;

use crate::core_tests::asking::{plan, request};
use crate::engine::{Options, respond_first};
use crate::vendors::huawei::drs::Drs;
use crate::vendors::load;
use crate::wire::Request;
use crate::world::time::Timestamp;

#[test]
fn no_query_replaces_a_value_of_the_path() {
    let now = Timestamp::from_millis(0);
    let loaded = load("test", "version = 1", &Options::default(), now).expect("options");
    let plan = loaded.outcome.expect("no problems");
    let uri = format!("/v5/{}/batch-async-jobs?project_id=other", plan.of::<Drs>().project_id);
    let request: Request = http::Request::get(uri).body(Bytes::new()).expect("a request");
    assert_eq!(respond_first(&plan, &request, now).reply.status(), 200);
}

#[test]
fn a_misspelt_path_is_answered_with_a_route_of_the_method_that_was_used() {
    let plan = plan("default", &[]);
    let hint = |method: &str, uri: &str| {
        let answer = respond_first(&plan, &request(method, uri, &[], b""), plan.clock.start);
        answer.hint().unwrap_or_default().to_owned()
    };
    for (method, uri, meant) in [
        ("GET", "/api/v3/list-sync-job", "GET /api/v3/list-sync-jobs"),
        ("GET", "/api/v3/get-sync-taks", "GET /api/v3/get-sync-task"),
        ("POST", "/api/v3/trigger-sync-taks", "POST /api/v3/trigger-sync-task"),
        ("GET", "/v2/p/sync-task", "GET /v2/{project_id}/sync-tasks"),
        ("POST", "/v2/p/sync-task", "POST /v2/{project_id}/sync-tasks"),
        ("GET", "/v5/p/batch-async-job", "GET /v5/{project_id}/batch-async-jobs"),
    ] {
        assert_eq!(hint(method, uri), format!("did you mean {meant}?"), "{method} {uri}");
    }
}
