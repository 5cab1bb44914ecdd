//! The kinds of work that are measured without a socket: the requests of the matrix of `run`.

#![allow(clippy::expect_used, reason = "a benchmark, of what is shipped")]

use bytes::Bytes;
use http::Request;
use serde_json::Value;
use syncmock::embed::{Builder, InProcess};

const NOW: &str = "2026-03-02T10:00:00Z";
const NOW_MS: i64 = 1_772_445_600_000;
const DAY_MS: i64 = 86_400_000;

pub(crate) const NAMES: [&str; 7] =
    ["drs", "drs-by-status", "eiam", "eiam-xml", "authing", "dts", "oms"];

/// A million jobs in each service, at 2026-03-02T10:00:00Z.
pub(crate) struct World(InProcess);

impl World {
    pub(crate) fn new() -> Self {
        let builder = Builder::new().scenario("million").now(NOW).frozen();
        Self(builder.in_process().expect("a scenario that is shipped"))
    }

    /// The body of the answer.
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Bytes {
        let reply = self.0.answer(request);
        // No error of this scenario has status 200.
        assert!(reply.status() == 200, "{}: {:?}", request.uri(), reply.body());
        reply.into_body()
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.answer(&request(path))).expect("JSON")
    }

    /// The path of the work with that name.
    pub(crate) fn path(&self, name: &str) -> Option<String> {
        let drs = "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs?limit=10";
        let committed = format!("{drs}&status=COMMIT_SUCCESS");
        let last = |path: &str| {
            let total = self.json(path)["total_count"].as_u64().expect("a number");
            format!("{path}&offset={}", total - 10)
        };
        let eiam = "/?Action=ListSynchronizationJobs&Version=2021-12-01\
                    &InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx&PageNumber=1";
        Some(match name {
            "drs" => last(drs),
            "drs-by-status" => last(&committed),
            "eiam" => format!("{eiam}&Format=JSON&PageSize=100"),
            "eiam-xml" => format!("{eiam}&Format=XML&PageSize=20"),
            "authing" => "/api/v3/list-sync-jobs?syncTaskId=1000&page=1&limit=50".to_owned(),
            "dts" => self.dts(),
            "oms" => format!(
                "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks\
                 /4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb/statistics\
                 ?data_type=REQUEST,SUCCESS,FAILURE,SKIP,SIZE&start_time={}&end_time={NOW_MS}",
                NOW_MS - DAY_MS
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

/// The same request with a number that nobody reads, so that its answer is not cached.
pub(crate) fn fresh(path: &str, number: u64) -> Request<Bytes> {
    request(&format!("{path}&n={number}"))
}

fn request(path: &str) -> Request<Bytes> {
    Request::get(path).header("host", "127.0.0.1").body(Bytes::new()).expect("a request")
}
