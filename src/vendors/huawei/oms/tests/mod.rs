mod errors;
mod lifecycle;
mod paging;
mod quirks;
mod scenario;
mod statistics;

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use crate::engine::{Answer, Options, Plan, WorldState, respond};
use crate::scenario::problem::Problem;
use crate::vendors::huawei::oms::Oms;
use crate::vendors::load;
use crate::wire::Request;
use crate::world::time::{DAY, HOUR, MINUTE, Timestamp};

const PROJECT: &str = "2c0689c860ad4728a497c91ec0844383";
const TASK: &str = "4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb";
const NOW: i64 = 1_772_445_600_000;
const FIVE: i64 = 5 * MINUTE as i64;
const DAYS: i64 = DAY as i64;
const HOURS: i64 = HOUR as i64;

fn checked(text: &str) -> Result<Box<Plan>, Vec<Problem>> {
    let text = format!("version = 1\n{text}");
    load("test", &text, &Options::default(), Timestamp::from_millis(NOW)).unwrap().outcome
}

fn plan(text: &str) -> Box<Plan> {
    checked(text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The id of the n-th generated task, from the oldest.
fn generated_id(plan: &Plan, ordinal: u64) -> String {
    let plan = plan.of::<Oms>();
    plan.ids.uuid(plan.tasks.arrivals.nth(ordinal))
}

fn fixed_task(fields: &str) -> String {
    format!("[[oms.task]]\nsync_task_id = \"{TASK}\"\n{fields}\n")
}

/// The keys that CreateSyncTask and StartSyncTask need.
const KEYS: &str = r#""src_ak":"sourceak","src_sk":"verysecretsource","dst_ak":"targetak","dst_sk":"verysecrettarget""#;

fn create_body(more: &str) -> String {
    format!(
        r#"{{"src_region":"cn-beijing","src_bucket":"src","dst_region":"cn-north-4","dst_bucket":"dst",{KEYS}{more}}}"#
    )
}

fn start_body() -> String {
    format!("{{{KEYS}}}")
}

/// A world with its state and its clock.
struct World {
    plan: Arc<Plan>,
    state: WorldState,
    now: i64,
}

impl World {
    fn new(text: &str) -> Self {
        let plan: Arc<Plan> = plan(text).into();
        Self { state: WorldState::new(&plan), plan, now: NOW }
    }

    /// A copy: requests to it leave no polls in this world.
    fn copy(&self) -> Self {
        let state = WorldState::new(&self.plan);
        state.replace_event_log((*self.state.event_log()).clone());
        Self { plan: self.plan.clone(), state, now: self.now }
    }

    /// `path` after `/v2/PROJECT/sync-tasks`.
    fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let uri = format!("/v2/{PROJECT}/sync-tasks{path}");
        let request = http::Request::builder().method(method).uri(uri);
        let request: Request = request.body(Bytes::from(body.to_owned())).unwrap();
        respond(&self.plan, &self.state, &request, Timestamp::from_millis(self.now))
    }

    /// Status and body; null for an empty body.
    fn call(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let reply = self.ask(method, path, body).reply;
        let value = match reply.body().is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(reply.body()).unwrap(),
        };
        (reply.status().as_u16(), value)
    }

    fn accepted(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, value) = self.call(method, path, body);
        assert_eq!(status, 200, "{method} {path} {body}: {value}");
        value
    }

    /// Status and code of a refusal.
    fn refused(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let (status, value) = self.call(method, path, body);
        assert_ne!(status, 200, "{method} {path} {body}: {value}");
        (status, value["error_code"].as_str().unwrap().to_owned())
    }

    fn create(&self) -> String {
        self.accepted("POST", "", &create_body(""))["sync_task_id"].as_str().unwrap().to_owned()
    }

    fn show(&self, id: &str) -> Option<Value> {
        let (status, value) = self.call("GET", &format!("/{id}?query_time={}", self.now), "");
        (status == 200).then_some(value)
    }

    fn start(&self, id: &str) -> (u16, Value) {
        self.call("POST", &format!("/{id}/start"), &start_body())
    }

    fn stop(&self, id: &str) -> (u16, Value) {
        self.call("POST", &format!("/{id}/stop"), "")
    }

    fn delete(&self, id: &str) -> (u16, Value) {
        self.call("DELETE", &format!("/{id}"), "")
    }

    fn events(&self, id: &str, keys: &[&str]) -> (u16, Value) {
        let body = serde_json::json!({ "object_keys": keys }).to_string();
        self.call("POST", &format!("/{id}/events"), &body)
    }

    /// All rows with the status, read by pages of `size`.
    fn list(&self, status: &str, size: usize) -> Vec<Value> {
        let mut rows: Vec<Value> = vec![];
        loop {
            let path = format!("?limit={size}&offset={}&status={status}", rows.len());
            let page = self.accepted("GET", &path, "");
            let tasks = page["tasks"].as_array().unwrap();
            rows.extend(tasks.iter().cloned());
            if tasks.len() < size {
                assert_eq!(page["count"], rows.len());
                return rows;
            }
        }
    }

    /// The sums of ListSyncTaskStatistic: [request, success, failure, skip, size].
    fn sums(&self, id: &str, start: i64, end: i64) -> [u64; 5] {
        let types = "REQUEST,SUCCESS,FAILURE,SKIP,SIZE";
        let path = format!("/{id}/statistics?data_type={types}&start_time={start}&end_time={end}");
        let answer = self.accepted("GET", &path, "");
        [0, 1, 2, 3, 4].map(|i| {
            let data = answer["statistic_datas"][i]["data"].as_array().unwrap();
            data.iter().map(|point| point["statistic_num"].as_u64().unwrap()).sum()
        })
    }
}

/// The five counters of ShowSyncTask, in the order of the statistics.
fn monthly(shown: &Value) -> [u64; 5] {
    [
        "monthly_acceptance_request",
        "monthly_success_object",
        "monthly_failure_object",
        "monthly_skip_object",
        "monthly_size",
    ]
    .map(|name| shown[name].as_u64().unwrap())
}
