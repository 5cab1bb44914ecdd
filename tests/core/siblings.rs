//! One more record in a scenario leaves the others as they are.

use serde_json::Value;

use crate::core_tests::asking::{INSTANCE, NOW, get_json};
use crate::engine::{Options, Plan};
use crate::vendors::load;

const DRS: &str = "/v5/054ba152d480d55b2f5dc0069e7ddef0";
const OMS: &str = "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks?limit=100";

fn world(lines: &str) -> Box<Plan> {
    let loaded = load("test", &format!("version = 1\n{lines}"), &Options::default(), NOW).unwrap();
    let report = loaded.report(false);
    loaded.outcome.unwrap_or_else(|_| panic!("{report}"))
}

fn eiam(action: &str) -> String {
    format!("/?Action={action}&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}&PageSize=100")
}

fn rows(plan: &Plan, uri: &str, path: &str) -> Vec<Value> {
    let (status, answer) = get_json(plan, uri);
    assert_eq!(status, 200, "{uri}: {answer}");
    answer.pointer(path).and_then(Value::as_array).expect("rows").clone()
}

/// The rows of the world with fewer records are rows of that with one more, in the same order.
fn same_but_for_one(fewer: &[Value], more: &[Value]) {
    assert_eq!(fewer.len() + 1, more.len());
    let new: Vec<&Value> = more.iter().filter(|row| !fewer.contains(row)).collect();
    assert_eq!(new.len(), 1, "{} rows changed: {:?}", new.len(), new.first());
    let others = more.iter().filter(|row| *row != new[0]);
    assert!(others.eq(fewer), "the order changed");
}

#[test]
fn one_more_generated_record_is_one_older_row() {
    let dts = "/?Action=DescribeDtsJobs&Version=2020-01-01&Format=JSON&PageSize=1000&JobType=SYNC";
    let lists = [
        ("[eiam.jobs]\n", eiam("ListSynchronizationJobs"), "/SynchronizationJobs"),
        ("[dts.jobs]\n", dts.to_owned(), "/DtsJobList"),
        ("[drs.jobs]\n", format!("{DRS}/batch-async-jobs?limit=1000"), "/jobs"),
        ("[oms.tasks]\n", OMS.to_owned(), "/tasks"),
    ];
    for (section, uri, path) in lists {
        for (count, arrivals) in [
            (20, "every = \"25m\""),
            (64, "every = \"1d\""),
            (20, ""),
            (33, "over = \"3d\""),
            (9, "start = 2026-02-01T00:00:00Z"),
        ] {
            let rows = |count: u64| {
                rows(&world(&format!("{section}count = {count}\n{arrivals}\n")), &uri, path)
            };
            let (fewer, more) = (rows(count), rows(count + 1));
            same_but_for_one(&fewer, &more);
            assert!(!fewer.contains(&more[more.len() - 1]), "the new one is the oldest");
        }
    }
}

#[test]
fn one_more_job_of_a_list_of_jobs_leaves_the_others() {
    let uri = format!("{DRS}/jobs?limit=1000&job_type=sync");
    let rows = |count| rows(&world(&format!("[drs.jobs]\ncount = {count}\n")), &uri, "/jobs");
    let (fewer, more) = (rows(40), rows(41));
    assert!(fewer.len() > 5 && fewer.iter().all(|row| more.contains(row)));
}

const TARGETS: &str = r#"
[eiam.jobs]
count = 50
[eiam.targets]
identity_providers = 3
applications = 3
"#;

#[test]
fn a_target_without_jobs_changes_no_other_target_and_no_job() {
    for id in ["idp_new", "app_new"] {
        let one_more = format!("{TARGETS}[[eiam.target]]\nid = \"{id}\"\nweight = 0\n");
        let (before, after) = (world(TARGETS), world(&one_more));
        for (action, path) in [
            ("ListIdentityProviders", "/IdentityProviders"),
            ("ListApplications", "/Applications"),
            ("ListSynchronizationJobs", "/SynchronizationJobs"),
            ("ListInstances", "/Instances"),
        ] {
            let rows = |plan| rows(plan, &eiam(action), path);
            let (fewer, more) = (rows(&before), rows(&after));
            match more.len() == fewer.len() {
                true => assert_eq!(fewer, more, "{action}"),
                false => same_but_for_one(&fewer, &more),
            }
        }
    }
}

#[test]
fn one_more_job_does_not_change_the_dates_of_targets() {
    let more = TARGETS.replace("50", "51");
    let rows = |lines: &str| rows(&world(lines), &eiam("ListApplications"), "/Applications");
    assert_eq!(rows(TARGETS), rows(&more));
}

fn without_ids(rows: Vec<Value>) -> Vec<Value> {
    let mut rows = rows;
    for row in &mut rows {
        for name in ["syncJobId", "syncRiskOperationId"] {
            row.as_object_mut().expect("a row").shift_remove(name);
        }
    }
    rows
}

#[test]
fn one_more_task_leaves_the_other_tasks_and_their_jobs_but_for_the_ids_of_jobs() {
    let more_ways = [
        "[authing.tasks]\ncount = 9\n[authing.jobs]\ncount = 20\n",
        "[authing.tasks]\ncount = 8\n[authing.jobs]\ncount = 20\n[[authing.task]]\nsyncTaskId = 7\n",
        "[authing.tasks]\ncount = 8\n[authing.jobs]\ncount = 20\n[[authing.task]]\n\
         syncTaskId = 70000\nfirst_run = 2020-01-01T00:00:00Z\nsyncTrigger = \"timed\"\n",
    ];
    let before = world("[authing.tasks]\ncount = 8\n[authing.jobs]\ncount = 20\n");
    for lines in more_ways {
        let after = world(lines);
        let tasks = |plan| rows(plan, "/api/v3/list-sync-tasks?limit=50", "/data/list");
        same_but_for_one(&tasks(&before), &tasks(&after));
        for id in 1000..1008 {
            for list in ["list-sync-jobs", "list-sync-risk-operations"] {
                let uri = format!("/api/v3/{list}?syncTaskId={id}&limit=50");
                let jobs = |plan| without_ids(rows(plan, &uri, "/data/list"));
                assert_eq!(jobs(&before), jobs(&after), "{list} of {id}");
            }
        }
    }
}

#[test]
fn one_more_job_of_a_task_is_an_older_one_and_leaves_the_tasks() {
    let world = |count| {
        world(&format!(
            "[authing.tasks]\ncount = 4\n[authing.jobs]\ncount = {count}\nevery = \"1h\"\n"
        ))
    };
    let (before, after) = (world(20), world(21));
    let tasks = |plan| rows(plan, "/api/v3/list-sync-tasks?limit=50", "/data/list");
    assert_eq!(tasks(&before), tasks(&after));
    let uri = "/api/v3/list-sync-jobs?syncTaskId=1000&limit=50";
    let jobs = |plan| without_ids(rows(plan, uri, "/data/list"));
    same_but_for_one(&jobs(&before), &jobs(&after));
}
