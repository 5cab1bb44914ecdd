//! Which values of a request count.

use bytes::Bytes;

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
