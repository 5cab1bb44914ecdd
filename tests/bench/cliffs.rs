//! Requests in scenarios that once made them slow.

#![allow(clippy::expect_used, reason = "a benchmark, of what is shipped")]

use syncmock::embed::{Builder, InProcess};

const NOW: &str = "2026-03-02T10:00:00Z";
const NOW_MS: i64 = 1_772_445_600_000;

/// A scenario in which a request once cost up to 46,000 times what it costs in `default`.
pub(crate) struct Cliff {
    pub(crate) name: &'static str,
    scenario: fn() -> String,
    /// By how much the clock is advanced first.
    advanced: &'static str,
    list: &'static str,
    filter: &'static str,
}

const DRS_JOBS: &str = "/v5/054ba152d480d55b2f5dc0069e7ddef0/jobs?limit=10&job_type=sync";
const DRS_BATCHES: &str = "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs?limit=10";
const EIAM_JOBS: &str = "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON\
                         &InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx&PageSize=20";
const DTS_JOBS: &str =
    "/?Action=DescribeDtsJobs&Version=2020-01-01&Format=JSON&JobType=SYNC&PageSize=20";

#[rustfmt::skip]
pub(crate) const CLIFFS: [Cliff; 13] = [
    Cliff { name: "drs-sorted-by-status-of-10M", scenario: moving, advanced: "0s", list: DRS_JOBS, filter: "&sort_key=status" },
    Cliff { name: "drs-jobs-by-status-of-10M", scenario: moving, advanced: "0s", list: DRS_JOBS, filter: "&status=FULL_TRANSFER_STARTED" },
    Cliff { name: "drs-jobs-of-10M", scenario: moving, advanced: "0s", list: DRS_JOBS, filter: "" },
    Cliff { name: "drs-batches-by-status-of-10M", scenario: moving, advanced: "0s", list: DRS_BATCHES, filter: "&status=AUTO_PARAM_VALIDATE_SUCCESS" },
    Cliff { name: "eiam-by-status-of-10M", scenario: moving, advanced: "0s", list: EIAM_JOBS, filter: "&Status=running" },
    Cliff { name: "dts-by-status-of-10M", scenario: moving, advanced: "0s", list: DTS_JOBS, filter: "&Status=Synchronizing" },
    Cliff { name: "drs-sorted-by-status-of-300M", scenario: moving, advanced: "3650d", list: DRS_JOBS, filter: "&sort_key=status" },
    Cliff { name: "eiam-by-status-of-300M", scenario: moving, advanced: "3650d", list: EIAM_JOBS, filter: "&Status=success" },
    Cliff { name: "dts-by-status-of-300M", scenario: moving, advanced: "3650d", list: DTS_JOBS, filter: "&Status=Failed" },
    Cliff { name: "drs-sorted-by-status-in-10y", scenario: plain, advanced: "3650d", list: DRS_JOBS, filter: "&sort_key=status" },
    Cliff { name: "dts-by-status-in-10y", scenario: plain, advanced: "3650d", list: DTS_JOBS, filter: "&Status=Synchronizing" },
    Cliff { name: "eiam-of-100k-exact", scenario: exact, advanced: "0s", list: EIAM_JOBS, filter: "" },
    Cliff { name: "eiam-by-status-of-100k-exact", scenario: exact, advanced: "0s", list: EIAM_JOBS, filter: "&Status=failed" },
];

fn plain() -> String {
    "version = 1\n".to_owned()
}

/// Ten million jobs, a second apart, that may be on their way for ten years.
fn moving() -> String {
    let jobs = "count = 10_000_000\nevery = \"1s\"";
    let long = "{ median = \"1d\", p99 = \"3650d\" }";
    format!(
        "version = 1\n[drs.jobs]\n{jobs}\ncommit_after = {long}\n[eiam.jobs]\n{jobs}\n\
         duration = {long}\n[dts.jobs]\n{jobs}\nsynchronization = {long}\n"
    )
}

/// A hundred thousand jobs from the file, a minute apart, and weights with a large sum.
fn exact() -> String {
    let outcomes = "outcomes = { success = 65000, failed = 536, partial_success = 0 }";
    let job = |minutes: i64| format!("[[eiam.job]]\nStartTime = {}\n", NOW_MS - minutes * 60_000);
    let jobs: String = (0..100_000).map(job).collect();
    format!("version = 1\n[eiam.jobs]\n{outcomes}\n{jobs}")
}

impl Cliff {
    pub(crate) fn path(&self) -> String {
        format!("{}{}", self.list, self.filter)
    }

    pub(crate) fn world(&self) -> InProcess {
        let builder = Builder::new().scenario_text((self.scenario)()).now(NOW).frozen();
        let world = builder.in_process().expect("a scenario without problems");
        world.clock().advance(self.advanced).expect("a duration");
        world
    }
}
