//! What a scenario may ask for: dates that can be shown, and lists that fit into memory.

use crate::core_tests::asking::{DRS, INSTANCE, NOW, get_json};
use crate::engine::{Options, Plan};
use crate::scenario::problem::Problem;
use crate::vendors::load;

/// The plan, or the place and the text of each problem.
fn checked(lines: &str) -> Result<Box<Plan>, String> {
    let loaded = load("test", &format!("version = 1\n{lines}"), &Options::default(), NOW).unwrap();
    let told = |problem: &Problem| format!("{}: {}\n", problem.place, problem.message);
    loaded.outcome.map_err(|problems| problems.iter().map(told).collect())
}

#[test]
fn the_last_day_of_the_calendar_is_shown_as_it_is_written() {
    let plan = checked(
        "[clock]\nstart = 9999-12-31T00:00:00Z\n[[eiam.job]]\nStartTime = 253402214400000\n\
         [[dts.job]]\nSynchronizationJobId = \"own-name\"\n[[authing.job]]\nsyncJobId = 1\n\
         createdAt = 9999-12-31T00:00:00Z\n[[drs.job]]\n",
    )
    .unwrap_or_else(|report| panic!("{report}"));
    let rpc = |action: &str, version: &str| {
        format!("/?Action={action}&Version={version}&Format=JSON&InstanceId={INSTANCE}")
    };
    let dts = rpc("DescribeDtsJobs", "2020-01-01") + "&JobType=SYNC";
    let legacy = rpc("DescribeSynchronizationJobs", "2020-01-01");
    for (uri, path, date) in [
        (DRS.to_owned(), "/jobs/0/create_time", "9999-12-31T00:00:00Z"),
        ("/api/v3/get-sync-job?syncJobId=1".into(), "/data/createdAt", "9999-12-31T00:00:00.000Z"),
        (dts, "/DtsJobList/0/CreateTime", "9999-12-31T00:00:00Z"),
        (legacy, "/SynchronizationInstances/0/CreateTime", "9999-12-31 08:00:00.0"),
    ] {
        let (status, answer) = get_json(&plan, &uri);
        assert_eq!(status, 200, "{uri}: {answer}");
        assert_eq!(answer.pointer(path).and_then(|at| at.as_str()), Some(date), "{uri}: {answer}");
    }
    let jobs = rpc("ListSynchronizationJobs", "2021-12-01");
    let (_, answer) = get_json(&plan, &jobs);
    assert_eq!(answer["SynchronizationJobs"][0]["StartTime"], 253_402_214_400_000_i64);
}

#[test]
fn a_date_that_cannot_be_shown_is_refused() {
    for lines in [
        "[clock]\nstart = 9999-12-31T16:00:00Z",
        "[[drs.job]]\ncreate_time = 9999-12-31T23:59:59Z",
        "[[authing.job]]\ncreatedAt = 9999-12-31T23:59:59Z",
        "[[dts.job]]\nCreateTime = 9999-12-31T23:59:59Z",
        "[[dts.job]]\nSynchronizationDirectionInfoList = [{ Checkpoint = \"253402300799\" }]",
        "[[eiam.job]]\nStartTime = 253402300799999",
        "[[eiam.job]]\nEndTime = 253402300799999",
        "[[oms.task]]\ncreate_time = 253402300799999",
        "[[oms.task]]\nlast_start_time = 253402300799999",
        "[[oms.task]]\n[oms.task.statistics]\nREQUEST = [[253402300500000, 1]]",
        "[[fault]]\non = { until = 9999-12-31T23:59:59Z }\ndo = { delay = \"1s\" }",
    ] {
        assert!(checked(lines).is_err(), "{lines}");
    }
}

#[test]
fn a_scenario_in_which_too_many_would_be_on_their_way_is_refused() {
    let long = "{ median = \"1000d\", p99 = \"2000d\" }";
    for (key, lines) in [
        ("eiam.jobs.every", format!("[eiam.jobs]\ncount = 10\nevery = \"1ms\"\nduration = {long}")),
        ("dts.jobs.every", format!("[dts.jobs]\nevery = \"1ms\"\nsynchronization = {long}")),
        ("drs.jobs.every", format!("[drs.jobs]\nevery = \"1ms\"\nvalidation = {long}")),
        ("drs.jobs.every", format!("[drs.jobs]\nevery = \"1ms\"\n[drs.transfers]\nfull = {long}")),
        ("oms.tasks.every", format!("[oms.tasks]\nevery = \"1ms\"\nduration = {long}")),
    ] {
        let report = checked(&lines).err().unwrap_or_default();
        assert!(report.starts_with(&format!("{key}: up to ")), "{key}: {report}");
        assert!(report.contains("would be on their way at once"), "{key}: {report}");
    }
    for lines in [
        // Their ids have room for no more.
        &format!("[authing.risk_operations]\nevery = \"1ms\"\nwaiting = {long}"),
        "[eiam.jobs]\ncount = 1_000_000_000\nevery = \"1s\"",
        "[dts.jobs]\ncount = 60_000_000",
        "[eiam.jobs]\ncount = 10_000_000\nevery = \"1s\"\nduration = { median = \"1d\", p99 = \"3650d\" }",
        "[oms.tasks]\ncount = 10_000_000",
    ] {
        assert!(checked(lines).is_ok(), "{lines}");
    }
}

#[test]
fn no_page_is_larger_than_can_be_kept() {
    for lines in ["[drs.quirks]\nmax_limit = 2_000_000", "[dts.quirks]\nmax_page_size = 2_000_000"]
    {
        assert!(checked(lines).is_err(), "{lines}");
    }
}
