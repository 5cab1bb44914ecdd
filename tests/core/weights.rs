//! Tables of weights: a key that is left out keeps its default.

use serde_json::Value;

use crate::core_tests::asking::{INSTANCE, get, get_json, plan, text};

const DRS: &str = "/v5/054ba152d480d55b2f5dc0069e7ddef0";
const OMS: &str = "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks";

fn eiam(action: &str) -> String {
    format!("/?Action={action}&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}&PageSize=100")
}

fn dts(action: &str) -> String {
    format!("/?Action={action}&Version=2020-01-01&Format=JSON&PageSize=1000&JobType=SYNC")
}

/// The answer without what differs from scenario to scenario.
fn answer(set: &[&str], uri: &str) -> String {
    let plan = plan("million", &[&COUNTS[..], set].concat());
    let (status, mut value) = get_json(&plan, uri);
    assert_eq!(status, 200, "{uri}: {value}");
    if let Value::Object(members) = &mut value {
        for name in ["RequestId", "requestId"] {
            members.shift_remove(name);
        }
    }
    value.to_string()
}

/// A world in which all services have some of everything.
const COUNTS: [&str; 5] = [
    "eiam.jobs={count=90}",
    "dts.jobs={count=200}",
    "authing={tasks={count=4},jobs={count=40}}",
    "drs.jobs={count=300}",
    "oms={tasks={count=90}}",
];

#[test]
fn a_table_given_in_part_is_that_table_with_the_defaults_of_the_others() {
    let tasks = || format!("{OMS}?limit=100");
    for (part, whole, uri) in [
        (
            "eiam.jobs.outcomes.failed=90",
            "eiam.jobs.outcomes={success=90,partial_success=6,failed=90}",
            eiam("ListSynchronizationJobs"),
        ),
        (
            "eiam.jobs.triggers.manual=8",
            "eiam.jobs.triggers={auto=8,manual=8}",
            eiam("ListSynchronizationJobs"),
        ),
        (
            "eiam.targets.pull.disabled=9",
            "eiam.targets.pull={enabled=1,disabled=9}",
            eiam("ListIdentityProviders"),
        ),
        (
            "dts.jobs.outcomes.failed=70",
            "dts.jobs.outcomes={synchronizing=70,modified=4,modifying=1,suspending=8,failed=70,\
             finished=4,precheck_failed=3,initialize_failed=2,not_started=2,uninitialized=0,\
             passed=0,retried=0,given_up=0}",
            dts("DescribeDtsJobs"),
        ),
        (
            "dts.jobs.copies.none=9",
            "dts.jobs.copies={structure_and_data=7,structure=1,data=1,none=9}",
            dts("DescribeDtsJobs"),
        ),
        (
            "dts.jobs.topology.bidirectional=9",
            "dts.jobs.topology={oneway=9,bidirectional=9}",
            dts("DescribeDtsJobs"),
        ),
        (
            "dts.jobs.classes.large=9",
            "dts.jobs.classes={micro=1,small=5,medium=3,large=9}",
            dts("DescribeDtsJobs"),
        ),
        (
            "dts.jobs.pay_types.pre_paid=9",
            "dts.jobs.pay_types={pre_paid=9,post_paid=7}",
            dts("DescribeDtsJobs"),
        ),
        (
            "authing.jobs.outcomes.failed=94",
            "authing.jobs.outcomes={success=94,failed=94}",
            "/api/v3/list-sync-jobs?syncTaskId=1000&limit=50".to_owned(),
        ),
        (
            "authing.risk_operations.outcomes.pending=1",
            "authing.risk_operations.outcomes={pending=1,success=22,failed=6,canceled=12}",
            "/api/v3/list-sync-risk-operations?syncTaskId=1003&limit=50".to_owned(),
        ),
        (
            "drs.jobs.outcomes.waiting=75",
            "drs.jobs.outcomes={validate_failed=10,waiting=75,committed=75}",
            format!("{DRS}/batch-async-jobs?limit=1000"),
        ),
        (
            "drs.transfers.outcomes.paused=50",
            "drs.transfers.outcomes={create_failed=2,configuration=6,start_failed=2,full=10,\
             full_failed=4,increment=40,increment_only=5,appointed=3,increment_failed=5,\
             released=20,paused=50,rebuilt=1,others=0}",
            format!("{DRS}/jobs?limit=1000&job_type=sync"),
        ),
        ("oms.tasks.outcomes.stopped=9", "oms.tasks.outcomes={synchronizing=9,stopped=9}", tasks()),
    ] {
        let found = answer(&[part], &uri);
        assert!(found == answer(&[whole], &uri), "{part} is not {whole}");
        assert!(found != answer(&[], &uri), "{part} changes nothing");
    }
}

#[test]
fn the_weight_of_the_others_is_that_of_every_key_that_is_left_out() {
    let uri = dts("DescribeDtsJobs");
    let plan = plan("million", &[&COUNTS[..], &["dts.jobs.outcomes={failed=1,others=0}"]].concat());
    let ended = format!("{uri}&Status=Failed");
    let total = |uri: &str| get_json(&plan, uri).1["TotalRecordCount"].as_u64().unwrap();
    let others = ["Suspending", "Finished", "PrecheckFailed", "Modifying"];
    assert!(total(&ended) > 100, "{}", total(&ended));
    for state in others {
        assert_eq!(total(&format!("{uri}&Status={state}")), 0, "{state}");
    }
}

#[test]
fn one_more_failure_in_a_hundred_does_not_fail_the_others() {
    let plan = plan("default", &["dts.jobs.outcomes.failed=7"]);
    let uri = format!("{}&Status=Failed", dts("DescribeDtsJobs"));
    let failed = get_json(&plan, &uri).1["TotalRecordCount"].as_u64().unwrap();
    assert!((3..25).contains(&failed), "{failed} of 170");
    assert!(text(&get(&plan, &uri)).contains("Failed"));
}
