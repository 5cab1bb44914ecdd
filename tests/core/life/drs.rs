//! The life of a batch of jobs at DRS.

use serde_json::{Value, json};

use super::Session;
use crate::core_tests::asking::DRS;
use crate::engine::WorldExport;

const JOBS: &str = "/v5/054ba152d480d55b2f5dc0069e7ddef0/jobs";
const CREATE: &str = "/v5/054ba152d480d55b2f5dc0069e7ddef0/jobs/batch-async-create";

/// The sample request of the vendor's page, as far as its parameters matter here.
fn job(name: &str) -> Value {
    json!({
        "base_info": {
            "name": name, "job_type": "sync", "engine_type": "oracle-to-gaussdbv5",
            "job_direction": "up", "task_type": "FULL_INCR_TRANS", "net_type": "eip",
            "charging_mode": "on_demand", "enterprise_project_id": "0", "description": "",
            "expired_days": "14", "tags": [{"key": "test", "value": "test"}],
        },
        "source_endpoint": [{
            "db_type": "oracle", "endpoint_type": "offline", "endpoint_role": "so",
            "endpoint": {
                "endpoint_name": "oracle", "ip": "10.154.217.239", "db_port": "1521",
                "db_user": "ORACLE_USER", "db_password": "tiger-of-the-source",
                "db_name": "serviceName.orcl",
            },
            "ssl": {"ssl_link": false},
        }],
        "target_endpoint": [{
            "db_type": "gaussdbv5", "endpoint_type": "cloud", "endpoint_role": "ta",
            "endpoint": {
                "endpoint_name": "cloud_gaussdbv5", "db_user": "root",
                "db_password": "tiger-of-the-target",
                "instance_id": "c2c7579bc09c490b9d8009db715aeb0ain14",
            },
            "cloud": {"region": "cn-north-4", "project_id": "054ba152d480d55b2f5dc0069e7ddef0"},
        }],
        "policy_config": {"conflict_policy": "ignore"},
        "db_object": {"object_scope": "all"},
        "node_info": {"spec": {"node_type": "high"}},
    })
}

fn body(jobs: &[Value]) -> String {
    json!({ "jobs": jobs }).to_string()
}

fn create(session: &Session, names: &[&str]) -> String {
    let jobs: Vec<Value> = names.iter().map(|name| job(name)).collect();
    let answer = session.json("POST", CREATE, &body(&jobs));
    answer["job"]["async_job_id"].as_str().expect("an id").to_owned()
}

fn newest(session: &Session, status: &str) -> String {
    let list = session.json("GET", &format!("{DRS}?status={status}&limit=1"), "");
    list["jobs"][0]["async_job_id"].as_str().expect("a job").to_owned()
}

fn reads(id: &str) -> Vec<(&'static str, String)> {
    vec![
        ("GET", format!("{DRS}?limit=5")),
        ("GET", format!("{DRS}?limit=100&status=COMMIT_SUCCESS&sort_dir=asc")),
        ("GET", format!("{DRS}/{id}")),
        ("GET", format!("{JOBS}?job_type=sync&limit=5")),
        ("GET", format!("{JOBS}?job_type=sync&sort_key=status&limit=5")),
        ("GET", format!("{JOBS}?job_type=sync&sort_key=name&limit=5")),
        ("GET", format!("{JOBS}?job_type=sync&status=CREATING")),
    ]
}

#[test]
fn a_batch_goes_from_its_creation_to_the_transfers_of_its_jobs() {
    let mut session = Session::new("default", &[]);
    session.advance(1);
    let id = create(&session, &["orders", "customers"]);
    let reads = reads(&id);
    let mut seen = Vec::new();
    let status = |session: &Session| {
        let list = session.json("GET", &format!("{DRS}?async_job_id={id}"), "");
        list["jobs"][0]["status"].as_str().expect("a status").to_owned()
    };
    let listed = |session: &Session| {
        let list = session.json("GET", &format!("{JOBS}?job_type=sync&limit=1000"), "");
        list["total_count"].as_u64().expect("a count")
    };
    let before = listed(&session);
    assert_eq!(status(&session), "ASYNC_JOB_VALIDATING");
    session.laws_of_time(&reads, &mut seen);
    session.advance(1);
    let waiting = newest(&session, "AUTO_PARAM_VALIDATE_SUCCESS");
    session.json("PUT", &format!("{DRS}/{waiting}"), r#"{"jobs":[{"type":"precheck"}]}"#);
    session.advance(600_000);
    assert_eq!(status(&session), "AUTO_PARAM_VALIDATE_SUCCESS");
    session.laws_of_time(&reads, &mut seen);
    session.advance(1);
    let without = listed(&session);
    assert!(without >= before);
    session.json("POST", &format!("{DRS}/{id}/commit"), "");
    session.json("POST", &format!("{DRS}/{waiting}/commit"), "");
    assert!((without + 2..=without + 3).contains(&listed(&session)));
    let mut states: Vec<Value> = Vec::new();
    for _ in 0..400 {
        let detail = session.json("GET", &format!("{DRS}/{id}"), "");
        let job = &detail["jobs"][0];
        let query = format!("{JOBS}?job_type=sync&name={}", job["id"].as_str().expect("an id"));
        let row = session.json("GET", &query, "")["jobs"][0].clone();
        assert_eq!((&row["status"], &row["name"]), (&job["status"], &job["base_info"]["name"]));
        if states.last() != Some(&job["status"]) {
            states.push(job["status"].clone());
            session.laws_of_time(&reads, &mut seen);
        }
        session.advance(15_000);
    }
    assert_eq!(states[..3], ["CREATING", "CONFIGURATION", "STARTJOBING"]);
    // Before anything happened.
    session.now = seen[0].0;
    session.laws_of_time(&reads, &mut seen);
}

#[test]
fn no_password_is_in_the_event_log_or_in_an_answer() {
    let session = Session::new("default", &[]);
    let id = create(&session, &["orders"]);
    let failed = newest(&session, "ASYNC_JOB_VALIDATE_FAILED");
    let update = json!({"jobs": [{"type": "all", "params": job("customers")}]}).to_string();
    session.json("PUT", &format!("{DRS}/{failed}"), &update);
    let again = session.ask("POST", CREATE, &body(&[job("orders")]));
    assert!(!again.succeeded());
    let broken = session.ask("POST", CREATE, r#"{"jobs":[{"db_password":"tiger"#);
    let export =
        WorldExport::of(&session.plan, &session.state.event_log(), session.now).expect("an export");
    let mut texts = vec![serde_json::to_string(&export).expect("JSON")];
    for answer in [again, broken] {
        texts.push(format!("{:?}", answer.hint()));
        texts.push(crate::core_tests::asking::text(&answer));
    }
    for id in [id, failed] {
        texts.push(session.json("GET", &format!("{DRS}/{id}"), "").to_string());
    }
    for text in texts {
        assert!(!text.contains("tiger"), "{text}");
    }
}

#[test]
fn answers_match_the_goldens() {
    let mut session = Session::new("default", &[]);
    let golden = |session: &Session, name: &str, method: &str, uri: &str, body: &str| {
        session.golden("drs", name, method, uri, body)
    };
    let get = |session: &Session, name: &str, uri: &str| golden(session, name, "GET", uri, "");

    get(&session, "jobs", &format!("{JOBS}?job_type=sync&limit=2"));
    let failed = "status=INCRE_TRANSFER_FAILED&sort_key=name&sort_dir=asc&limit=1";
    get(&session, "jobs-by-status", &format!("{JOBS}?job_type=sync&{failed}"));
    get(&session, "jobs-past-the-end", &format!("{JOBS}?job_type=migration&offset=100000"));
    get(&session, "jobs-without-a-type", JOBS);
    get(&session, "jobs-bad-status", &format!("{JOBS}?job_type=sync&status=COMMIT_SUCCESS"));

    let failed = newest(&session, "ASYNC_JOB_VALIDATE_FAILED");
    get(&session, "detail-failed", &format!("{DRS}/{failed}"));
    let committed = newest(&session, "COMMIT_SUCCESS");
    get(&session, "detail-committed", &format!("{DRS}/{committed}?offset=0&limit=10"));
    get(&session, "detail-past-the-end", &format!("{DRS}/{committed}?offset=1"));
    let unknown = format!("{DRS}/7b65d750-51e5-4647-a088-663d28152a3d");
    get(&session, "detail-unknown", &unknown);

    let post = |session: &Session, name: &str, uri: &str, body: &str| {
        golden(session, name, "POST", uri, body)
    };
    post(&session, "create", CREATE, &body(&[job("orders"), job("customers")]));
    post(&session, "create-taken-name", CREATE, &body(&[job("Orders")]));
    post(&session, "create-nothing", CREATE, r#"{"jobs":[]}"#);
    post(&session, "create-no-json", CREATE, r#"{"jobs":"#);
    let elsewhere = CREATE.replace("054ba152", "00000000");
    post(&session, "create-unknown-project", &elsewhere, &body(&[job("elsewhere")]));
    let mut bad = job("with-faults");
    bad["base_info"]["tags"] = "test".into();
    bad["source_endpoint"][0]["endpoint"]["db_port"] = "99999".into();
    bad["node_info"] = Value::Null;
    let answer = session.json("POST", CREATE, &body(&[bad]));
    let bad = answer["job"]["async_job_id"].as_str().expect("an id").to_owned();
    let created = newest(&session, "ASYNC_JOB_VALIDATING&sort_dir=asc");
    post(&session, "commit-too-early", &format!("{DRS}/{created}/commit"), "");

    session.advance(600_000);
    let list = session.json("GET", &format!("{DRS}?limit=9"), "").to_string();
    assert!(list.contains(&created));
    get(&session, "detail-created", &format!("{DRS}/{created}"));
    get(&session, "detail-created-with-faults", &format!("{DRS}/{bad}"));
    let second = session.json("GET", &format!("{DRS}/{created}"), "")["jobs"][1]["id"].clone();
    let put = |session: &Session, name: &str, id: &str, jobs: Value| {
        let body = json!({ "jobs": jobs }).to_string();
        golden(session, name, "PUT", &format!("{DRS}/{id}"), &body)
    };
    let policy = json!({"job_id": second, "policy_config": {"conflict_policy": "stop"}});
    let jobs =
        json!([{"type": "all", "params": job("DRS-1")}, {"type": "policy", "params": policy}]);
    put(&session, "update", &created, jobs);
    put(&session, "update-while-validating", &created, json!([{"type": "precheck"}]));
    let jobs = json!([
        {"type": "all", "params": {}},
        {"type": "name", "params": {"base_info": {"name": "another"}}},
        {"type": "precheck", "params": {"job_id": "nobody"}},
    ]);
    put(&session, "update-nothing-done", &bad, jobs);
    put(&session, "update-nothing", &bad, json!([]));
    put(&session, "update-unknown", "nobody", json!([{"type": "precheck"}]));

    session.advance(600_000);
    let commit = format!("{DRS}/{created}/commit");
    post(&session, "commit", &commit, "");
    post(&session, "commit-twice", &commit, "");
    post(&session, "commit-unknown", &format!("{unknown}/commit"), "");
    get(&session, "jobs-created", &format!("{JOBS}?job_type=sync&status=CREATING&limit=2"));
    put(&session, "update-committed", &created, json!([{"type": "precheck"}]));
}
