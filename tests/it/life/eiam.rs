//! The life of a synchronization job at EIAM.

use serde_json::Value;

use super::Session;
use crate::asking::INSTANCE;

fn uri(action: &str, rest: &str) -> String {
    format!("/?Action={action}&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}&{rest}")
}

/// The id of a target that some job has.
fn target(session: &Session, kind: &str) -> String {
    let list =
        session.json("GET", &uri("ListSynchronizationJobs", &format!("TargetType={kind}")), "");
    list["SynchronizationJobs"][0]["TargetId"].as_str().expect("a job").to_owned()
}

fn run(session: &Session, target: &str) -> String {
    let rest = format!("TargetType=identity_provider&TargetId={target}");
    let answer = session.json("POST", &uri("RunSynchronizationJob", &rest), "");
    answer["SynchronizationJobId"].as_str().expect("an id").to_owned()
}

fn get(session: &Session, id: &str) -> Value {
    let rest = format!("SynchronizationJobId={id}");
    session.json("GET", &uri("GetSynchronizationJob", &rest), "")["SynchronizationJob"].clone()
}

#[test]
fn a_job_that_was_run_is_at_its_place_in_every_list_and_goes_through_its_states() {
    let mut session = Session::new("default", &[]);
    let target = target(&session, "identity_provider");
    let list = |session: &Session, rest: &str| {
        session.json("GET", &uri("ListSynchronizationJobs", rest), "")
    };
    let before = list(&session, "MaxResults=1")["TotalCount"].clone();
    let mut seen = Vec::new();
    let reads = ["PageSize=3", "Status=pending", "Status=running", "MaxResults=100"]
        .map(|rest| ("GET", uri("ListSynchronizationJobs", rest)));
    session.laws_of_time(&reads, &mut seen);

    session.advance(1);
    let id = run(&session, &target);
    let newest = list(&session, "MaxResults=1");
    assert_eq!(newest["SynchronizationJobs"][0]["SynchronizationJobId"], id.as_str());
    assert_eq!(newest["SynchronizationJobs"][0]["TriggerType"], "manual");
    assert_eq!(newest["TotalCount"].as_u64(), before.as_u64().map(|count| count + 1));
    let pending = list(&session, &format!("Status=pending&TargetIds.1={target}"));
    assert!(pending["SynchronizationJobs"].to_string().contains(&id));

    let mut states = vec![];
    while states.len() < 3 {
        let job = get(&session, &id);
        if states.last() != Some(&job["Status"]) {
            session.laws_of_time(&reads, &mut seen);
            states.push(job["Status"].clone());
        }
        assert_eq!(job["EndTime"].is_null(), states.len() < 3, "{job}");
        session.advance(500);
    }
    assert_eq!(states[..2], ["pending", "running"]);
    let ended = list(&session, &format!("Status={}", states[2].as_str().expect("a state")));
    assert!(ended["SynchronizationJobs"].to_string().contains(&id));
}
