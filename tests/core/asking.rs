//! Asking the pure core, without a server.

use crate::engine::Options;
use crate::engine::Plan;
use crate::engine::{Answer, respond_first};
use crate::scenario::shipped;
use crate::vendors::load;
use crate::wire::Request;
use crate::world::time::Timestamp;
use bytes::Bytes;
use serde_json::Value;

/// 2026-03-02T10:00:00Z
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_772_445_600_000);

pub(crate) const INSTANCE: &str = "idaas_ue2jvisn35ea5lmthk267xxxxx";
pub(crate) const DRS: &str = "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs";
pub(crate) const OMS: &str = "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks/4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb/statistics";
pub(crate) const DTS_IDS: &str = "[%22dtsexjk1alb116****%22,%22dtskfq1149w254****%22]";

/// A shipped scenario with some values changed, its clock starting at [`NOW`] unless it
/// says otherwise itself.
pub(crate) fn plan(name: &str, set: &[&str]) -> Box<Plan> {
    let text = shipped(name).unwrap_or_else(|_| panic!("no scenario {name}")).text;
    let options =
        Options { set: set.iter().map(|s| (*s).to_owned()).collect(), ..Options::default() };
    let loaded = load(name, text, &options, NOW).unwrap();
    let report = loaded.report(false);
    loaded.outcome.unwrap_or_else(|_| panic!("{report}"))
}

pub(crate) fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
    let mut request = http::Request::builder().method(method).uri(uri);
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request = request.header("Host", "127.0.0.1:4740");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::copy_from_slice(body)).unwrap()
}

pub(crate) fn get(plan: &Plan, uri: &str) -> Answer {
    respond_first(plan, &request("GET", uri, &[], b""), plan.clock.start)
}

/// Status and JSON body.
pub(crate) fn get_json(plan: &Plan, uri: &str) -> (u16, Value) {
    let reply = get(plan, uri).reply;
    let body = String::from_utf8_lossy(reply.body()).into_owned();
    let value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{uri} answered {body}"));
    (reply.status().as_u16(), value)
}

pub(crate) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.reply.body().to_vec()).unwrap()
}
