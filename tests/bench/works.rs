//! The kinds of work that are measured without a socket: what the matrix of `run` asks.

#![allow(clippy::expect_used, reason = "a benchmark, of what is shipped")]

use bytes::Bytes;
use serde_json::Value;
use syncmock::engine::{Past, respond_after};
use syncmock::plan::Plan;
use syncmock::scenario::{Options, load, shipped};
use syncmock::wire::Request;
use syncmock::world::time::Timestamp;

pub const NOW: Timestamp = Timestamp::from_millis(1_772_445_600_000);
const DAY: i64 = 86_400_000;

pub const NAMES: [&str; 7] = ["drs", "drs-by-status", "eiam", "eiam-xml", "authing", "dts", "oms"];

/// A million jobs in each service, at 2026-03-02T10:00:00Z.
pub struct World {
    pub plan: Box<Plan>,
    past: Past,
}

impl World {
    pub fn new() -> Self {
        let text = shipped("million").expect("it is shipped").text;
        let loaded = load("million", text, &Options::default(), NOW).expect("TOML");
        let plan = loaded.outcome.expect("no problems");
        let past = Past::new(&plan);
        Self { plan, past }
    }

    /// Its body.
    pub fn answer(&self, request: &Request) -> Bytes {
        let answer = respond_after(&self.plan, &self.past, request, NOW);
        assert!(answer.granted(), "{}: {:?}", request.uri(), answer.reply.body());
        answer.reply.into_body()
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.answer(&request(path))).expect("JSON")
    }

    /// What the work of that name asks for.
    pub fn path(&self, name: &str) -> Option<String> {
        let drs = format!("/v5/{}/batch-async-jobs?limit=10", self.plan.drs.project_id);
        let committed = format!("{drs}&status=COMMIT_SUCCESS");
        let last = |path: &str| {
            let total = self.json(path)["total_count"].as_u64().expect("a number");
            format!("{path}&offset={}", total - 10)
        };
        let eiam = format!(
            "/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={}&PageNumber=1",
            self.plan.eiam.instance_id
        );
        let end = NOW.millis();
        Some(match name {
            "drs" => last(&drs),
            "drs-by-status" => last(&committed),
            "eiam" => format!("{eiam}&Format=JSON&PageSize=100"),
            "eiam-xml" => format!("{eiam}&Format=XML&PageSize=20"),
            "authing" => "/api/v3/list-sync-jobs?syncTaskId=1000&page=1&limit=50".to_owned(),
            "dts" => self.dts(),
            "oms" => format!(
                "/v2/{}/sync-tasks/4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb/statistics\
                 ?data_type=REQUEST,SUCCESS,FAILURE,SKIP,SIZE&start_time={}&end_time={end}",
                self.plan.oms.project_id,
                end - DAY
            ),
            _ => return None,
        })
    }

    fn dts(&self) -> String {
        let rpc = |action| format!("/?Action={action}&Version=2020-01-01&Format=JSON");
        let list = rpc("DescribeSynchronizationJobs") + "&PageNum=1&PageSize=50";
        let rows = &self.json(&list)["SynchronizationInstances"];
        let ids = rows.as_array().expect("rows").iter().map(|row| &row["SynchronizationJobId"]);
        let ids: Vec<_> = ids.map(|id| format!("%22{}%22", id.as_str().expect("text"))).collect();
        let action = rpc("DescribeSynchronizationJobStatusList");
        format!("{action}&SynchronizationJobIdListJsonStr=[{}]", ids.join(","))
    }
}

/// The same question with a number that nobody reads, so that its answer is not known yet.
pub fn fresh(path: &str, number: u64) -> Request {
    request(&format!("{path}&n={number}"))
}

fn request(path: &str) -> Request {
    http::Request::get(path).header("host", "127.0.0.1").body(Bytes::new()).expect("a request")
}
