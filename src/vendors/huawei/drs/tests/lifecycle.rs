//! Batches that clients create, update and commit, and the jobs that come of them.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{PROJECT, name, plan, start};
use crate::engine::{Plan, WorldState, respond};
use crate::vendors::huawei::drs::Drs;
use crate::vendors::huawei::drs::async_job_state::{
    ASYNC_JOB, AsyncJobState, COMMIT, STATUSES, UPDATE,
};
use crate::vendors::huawei::drs::transfer_state::{TASK_TYPES, TRANSFER};
use crate::wire::Request;
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::LifecycleTable;
use crate::world::time::{HOUR, MINUTE, SECOND, Timestamp};

/// Jobs in every state that generated ones come to, fixed ones, and all of it within hours.
pub(crate) const LIVELY: &str = r#"
    [drs.jobs]
    count = 90
    every = "2m"
    outcomes = { validate_failed = 1, waiting = 2, committed = 4 }
    validation = { median = "1m", p99 = "5m" }
    commit_after = { median = "5m", p99 = "30m" }
    [drs.transfers]
    outcomes = { create_failed = 1, configuration = 1, full = 2, full_failed = 1, increment = 3,
        increment_only = 1, appointed = 1, increment_failed = 1, released = 3, deleted = 1,
        paused = 1, edited = 1, others = 0 }
    creation = { median = "2m", p99 = "9m" }
    appointment = "10m"
    full = { median = "10m", p99 = "40m" }
    increment = { median = "10m", p99 = "1h" }
    deletion = "20m"
    instances = 6
    [drs.tenants]
    domains = 2
    users = 2
    [[drs.job]]
    async_job_id = "bd4193aa-072d-4ce6-beec-adffc7252341"
    path = ["ASYNC_JOB_VALIDATING 5m", "AUTO_PARAM_VALIDATE_SUCCESS"]
    create_time = 2026-03-02T09:57:00Z
    [[drs.job.jobs]]
    id = "c7debc9c-8e09-4a5d-8dd6-cc44f78jb20r"
    name = "DRS-1234"
    engine_type = "oracle-to-gaussdbv5"
    path = ["CREATING 2m", "CONFIGURATION 3m", "STARTJOBING", "FULL_TRANSFER_STARTED"]
    [[drs.job.jobs]]
    job_type = "migration"
    net_type = "vpn"
    status = "PAUSING"
    [[drs.job]]
    path = ["ASYNC_JOB_VALIDATING 30s", "AUTO_PARAM_VALIDATE_SUCCESS 7m", "COMMIT_SUCCESS"]
    create_time = 2026-03-02T09:40:00Z
    [[drs.job]]
    create_time = 2026-03-02T10:10:00Z
"#;

/// A world with its clock.
pub(crate) struct Session {
    pub(crate) plan: Box<Plan>,
    pub(crate) state: WorldState,
    pub(crate) now: Timestamp,
}

impl Session {
    pub(crate) fn new(seed: u64, section: &str) -> Self {
        let plan = plan(seed, section);
        Self { state: WorldState::new(&plan), now: start(), plan }
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value, String) {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let uri = format!("/v5/{PROJECT}/{path}");
        let request: Request =
            http::Request::builder().method(method).uri(uri).body(body).expect("a request");
        let answer = respond(&self.plan, &self.state, &request, self.now);
        let body = serde_json::from_slice(answer.reply.body()).expect("JSON");
        let hint = answer.hint().unwrap_or_default().to_owned();
        (answer.reply.status().as_u16(), body, hint)
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body, _) = self.ask("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) fn batches(&self, query: &str) -> Vec<Value> {
        rows(&self.get(&format!("batch-async-jobs?limit=1000&{query}")))
    }

    pub(crate) fn jobs(&self, query: &str) -> Vec<Value> {
        rows(&self.get(&format!("jobs?limit=1000&{query}")))
    }

    pub(crate) fn detail(&self, id: &str) -> Vec<Value> {
        rows(&self.get(&format!("batch-async-jobs/{id}")))
    }

    pub(crate) fn status(&self, id: &str) -> String {
        let found = self.batches(&format!("async_job_id={id}"));
        text(&found[0]["status"]).to_owned()
    }

    pub(crate) fn create(&self, jobs: &[Value]) -> String {
        let (status, body, hint) =
            self.ask("POST", "jobs/batch-async-create", &json!({ "jobs": jobs }));
        assert_eq!(status, 202, "{body} {hint}");
        text(&body["job"]["async_job_id"]).to_owned()
    }

    pub(crate) fn commit(&self, id: &str) -> (u16, Value, String) {
        self.ask("POST", &format!("batch-async-jobs/{id}/commit"), &Value::Null)
    }

    pub(crate) fn update(&self, id: &str, jobs: &Value) -> (u16, Value, String) {
        self.ask("PUT", &format!("batch-async-jobs/{id}"), &json!({ "jobs": jobs }))
    }
}

fn rows(answer: &Value) -> Vec<Value> {
    let rows = answer["jobs"].as_array().expect("jobs").clone();
    assert_eq!(answer["total_count"].as_u64(), Some(rows.len() as u64));
    rows
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}

/// A job with nothing wrong with it.
pub(crate) fn job(name: &str, kind: usize) -> Value {
    let sync = kind.is_multiple_of(2);
    let net_type = ["vpc", "eip", "vpn"][kind % 3];
    json!({
        "base_info": {
            "name": name,
            "job_type": if sync { "sync" } else { "migration" },
            "engine_type": if sync { "mysql-to-mysql" } else { "redis-to-gaussredis" },
            "job_direction": if kind % 5 == 4 { "non-dbs" } else { "up" },
            "task_type": TASK_TYPES[kind % TASK_TYPES.len()],
            "net_type": net_type,
        },
        "source_endpoint": [{
            "db_type": "mysql", "endpoint_type": "offline", "endpoint_role": "so",
            "endpoint": {
                "endpoint_name": "mysql", "ip": "10.0.0.1", "db_port": "3306",
                "db_user": "repl", "db_password": "s3cr3t-Password",
            },
        }],
        "target_endpoint": [{
            "db_type": "mysql", "endpoint_type": "cloud", "endpoint_role": "ta",
            "endpoint": {
                "endpoint_name": "cloud_mysql", "db_user": "root", "db_password": "s3cr3t-Password",
                "instance_id": "c2c7579bc09c490b9d8009db715aeb0ain14",
            },
            "cloud": {"region": "cn-north-4", "project_id": PROJECT},
        }],
        "policy_config": {},
        "db_object": {"object_scope": "all"},
        "node_info": {"spec": {"node_type": "high"}},
    })
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    /// Time before the newest instant that was seen.
    Back(u64),
    Create(Vec<usize>),
    /// One with something wrong with it.
    CreateBad,
    Update(prop::sample::Index, usize),
    Commit(prop::sample::Index),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..12 * MINUTE).prop_map(Step::Wait),
        1 => (0..10 * MINUTE).prop_map(Step::Back),
        3 => prop::collection::vec(0usize..30, 1..4).prop_map(Step::Create),
        1 => Just(Step::CreateBad),
        2 => (any::<prop::sample::Index>(), 0usize..5).prop_map(|(i, kind)| Step::Update(i, kind)),
        4 => any::<prop::sample::Index>().prop_map(Step::Commit),
    ];
    prop::collection::vec(step, 1..14)
}

fn take_all(session: &mut Session, steps: &[Step]) {
    let mut created = 0;
    let mut fresh = || {
        created += 1;
        format!("made-{created:03}")
    };
    for step in steps {
        take(session, step, &mut fresh);
    }
}

/// Whether an entity can come from a state to another, by itself and by what clients do.
fn reaches<S: State>(table: &LifecycleTable<S>, from: S, to: S) -> bool {
    let mut reached = vec![from];
    let mut next = 0;
    while let Some(&state) = reached.get(next) {
        for after in table.successors(state) {
            if !reached.contains(&after) {
                reached.push(after);
            }
        }
        next += 1;
    }
    reached.contains(&to)
}

/// The states that entities of a kind were last seen in, by their ids.
struct Seen<S: 'static> {
    table: &'static LifecycleTable<S>,
    last: BTreeMap<String, S>,
}

impl<S: State> Seen<S> {
    fn new(table: &'static LifecycleTable<S>) -> Self {
        Self { table, last: BTreeMap::new() }
    }

    /// Holds a row to the table. `acted` says whether a client just changed something, `passed`
    /// whether an earlier change came to pass.
    fn hold(&mut self, row: &Value, id: &str, acted: bool, passed: bool) {
        let table = self.table;
        let state = table.named(text(&row["status"])).expect("a state");
        let Some(before) = self.last.insert(id.to_owned(), state) else { return };
        let moved = |operation| table.transition(operation, before) == Some(state);
        let may = table.leads(before, state)
            || acted && (moved(UPDATE) || moved(COMMIT))
            || passed && reaches(table, before, state);
        assert!(may, "{id}: {} to {}", table.name(before), table.name(state));
    }
}

/// Does what the step says, and checks the answer against the table of transitions.
fn take(session: &mut Session, step: &Step, fresh: &mut impl FnMut() -> String) {
    let pick = |session: &Session, index: &prop::sample::Index| {
        let all = session.batches("");
        // The younger half: there things still happen.
        let batch = index.get(&all[..all.len().div_ceil(2)]).clone();
        let id = text(&batch["async_job_id"]).to_owned();
        (id, ASYNC_JOB.named(text(&batch["status"])).expect("a state"))
    };
    let held = |operation: &str, state, status: u16, body: &Value| {
        let allowed = ASYNC_JOB.transition(operation, state).is_some();
        assert_eq!(status == 200, allowed, "{operation} of {}: {body}", ASYNC_JOB.name(state));
        if !allowed {
            assert_eq!((status, &body["error_code"]), (400, &"DRS.M00304".into()));
        }
    };
    match step {
        Step::Wait(by) => session.now = session.now.plus(*by),
        Step::Back(by) => session.now = session.now.minus(*by),
        Step::Create(kinds) => {
            let jobs: Vec<Value> = kinds.iter().map(|kind| job(&fresh(), *kind)).collect();
            let id = session.create(&jobs);
            assert_eq!(session.status(&id), "ASYNC_JOB_VALIDATING");
            assert_eq!(session.detail(&id).len(), kinds.len());
        }
        Step::CreateBad => {
            let mut bad = job(&fresh(), 0);
            bad["base_info"]["tags"] = "none".into();
            session.create(&[bad]);
        }
        Step::Update(index, kind) => {
            let (id, state) = pick(session, index);
            let types = ["all", "network", "policy", "db_object", "precheck"];
            let mut params = job(&fresh(), *kind);
            params["job_id"] = session.detail(&id)[0]["id"].clone();
            let jobs = json!([{"type": types[*kind], "params": params}]);
            let (status, body, _) = session.update(&id, &jobs);
            held(UPDATE, state, status, &body);
            if status == 200 {
                assert_eq!(body["jobs"][0]["status"], "success", "{body}");
                assert_eq!(session.status(&id), ASYNC_JOB.name(AsyncJobState::Validating));
            }
        }
        Step::Commit(index) => {
            let (id, state) = pick(session, index);
            let (status, body, _) = session.commit(&id);
            held(COMMIT, state, status, &body);
            if status == 200 {
                assert_eq!(body["job"]["status"], ASYNC_JOB.name(AsyncJobState::Committed));
                assert_eq!(session.status(&id), ASYNC_JOB.name(AsyncJobState::Committed));
            }
        }
    }
}

/// Every job that GET /jobs should list, newest first, and its detail, by looking at each
/// batch singly.
fn committed(session: &Session) -> Vec<Value> {
    let batches = session.batches("");
    let ids = batches.iter().filter(|batch| batch["status"] == "COMMIT_SUCCESS");
    ids.flat_map(|batch| {
        let mut jobs = session.detail(text(&batch["async_job_id"]));
        // Those of created batches are listed last one first.
        if text(&jobs[0]["base_info"]["name"]).starts_with("made-") {
            jobs.reverse();
        }
        jobs
    })
    .collect()
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| text(&row["id"])).collect()
}

fn has(job: &Value, member: &str, wanted: &str) -> bool {
    ["source_endpoint", "target_endpoint"]
        .iter()
        .flat_map(|side| job[*side].as_array().expect("endpoints"))
        .any(|end| end["endpoint"][member] == wanted)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn jobs_are_those_of_committed_batches_by_every_filter_and_in_every_order(
        seed: u64, steps in steps(),
    ) {
        let mut session = Session::new(seed, LIVELY);
        take_all(&mut session, &steps);
        let all = committed(&session);
        let base = |job: &Value, key: &str| text(&job["base_info"][key]).to_owned();
        let mut listed = 0;
        for job_type in ["migration", "sync", "cloudDataGuard", "replay"] {
            let rows = session.jobs(&format!("job_type={job_type}"));
            listed += rows.len();
            let of: Vec<&Value> = all.iter().filter(|job| base(job, "job_type") == job_type).collect();
            let expected: Vec<&str> = of.iter().map(|job| text(&job["id"])).collect();
            prop_assert_eq!(ids(&rows), expected);
            for (row, job) in rows.iter().zip(&of) {
                for key in ["id", "status", "create_time"] {
                    prop_assert_eq!(&row[key], &job[key]);
                }
                for key in [
                    "name", "description", "engine_type", "net_type", "charging_mode",
                    "job_direction", "job_type", "task_type", "enterprise_project_id",
                ] {
                    prop_assert_eq!(&row[key], &job["base_info"][key], "{}", key);
                }
            }
            let values = |key: &str| {
                let mut values: Vec<String> =
                    rows.iter().map(|row| text(&row[key]).to_owned()).collect();
                values.sort();
                values.dedup();
                values
            };
            for key in ["status", "engine_type", "net_type", "enterprise_project_id", "name"] {
                for value in values(key).into_iter().take(8) {
                    let query = format!("job_type={job_type}&{key}={}", name(&value));
                    let kept: Vec<&str> = rows.iter().filter(|row| row[key] == *value)
                        .map(|row| text(&row["id"])).collect();
                    let found = session.jobs(&query);
                    prop_assert_eq!(ids(&found), kept, "{}", query);
                }
            }
            for (key, member) in [("instance_ids", "instance_id"), ("instance_ip", "ip")] {
                let sample = of.iter().step_by(9).filter_map(|job| {
                    let sides = ["source_endpoint", "target_endpoint"];
                    sides.iter().find_map(|side| job[*side][0]["endpoint"][member].as_str())
                });
                for value in sample {
                    let kept: Vec<&str> = of.iter().filter(|job| has(job, member, value))
                        .map(|job| text(&job["id"])).collect();
                    let query = format!("job_type={job_type}&{key}={value}");
                    let found = session.jobs(&query);
                    prop_assert_eq!(ids(&found), kept, "{}", query);
                }
            }
            for (sort, key) in [
                ("name", "name"), ("status", "status"), ("net_type", "net_type"),
                ("job_direction", "job_direction"), ("pay_mode", "charging_mode"),
            ] {
                let mut up = rows.clone();
                up.sort_by_key(|row| text(&row[key]).to_owned());
                let mut down = rows.clone();
                down.sort_by_key(|row| std::cmp::Reverse(text(&row[key]).to_owned()));
                let query = format!("job_type={job_type}&sort_key={sort}&sort_dir=");
                prop_assert_eq!(&session.jobs(&format!("{query}asc")), &up, "{}", sort);
                prop_assert_eq!(&session.jobs(&format!("{query}desc")), &down, "{}", sort);
                let vpc = session.jobs(&format!("{query}asc&net_type=vpc"));
                up.retain(|row| row["net_type"] == "vpc");
                prop_assert_eq!(vpc, up, "{}", sort);
            }
            let mut oldest = rows.clone();
            oldest.reverse();
            let ascending = session.jobs(&format!("job_type={job_type}&sort_dir=asc"));
            prop_assert_eq!(ascending, oldest);
            let some: Vec<&Value> = rows.iter().step_by(4).take(10).collect();
            let named: Vec<&str> = some.iter().map(|row| text(&row["id"])).collect();
            let found = session.jobs(&format!("job_type={job_type}&name={}", named.join(",")));
            if !named.is_empty() {
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), some);
            }
            let page = session.get(&format!("jobs?job_type={job_type}&offset=1&limit=2&sort_key=status"));
            let mut by_status = rows.clone();
            by_status.sort_by_key(|row| std::cmp::Reverse(text(&row["status"]).to_owned()));
            let expected: Vec<Value> = by_status.into_iter().skip(1).take(2).collect();
            prop_assert_eq!(page["jobs"].as_array(), Some(&expected));
            prop_assert_eq!(page["total_count"].as_u64(), Some(rows.len() as u64));
        }
        prop_assert_eq!(listed, all.len());
    }

    #[test]
    fn batches_are_at_their_place_in_every_list_whatever_clients_do(seed: u64, steps in steps()) {
        let mut session = Session::new(seed, LIVELY);
        take_all(&mut session, &steps);
        let all = session.batches("");
        let times: Vec<&str> = all.iter().map(|row| text(&row["create_time"])).collect();
        prop_assert!(times.is_sorted_by(|newer, older| newer >= older));
        for row in &all {
            let found = session.batches(&format!("async_job_id={}", text(&row["async_job_id"])));
            prop_assert_eq!(&found, std::slice::from_ref(row));
        }
        for status in STATUSES {
            let kept: Vec<Value> = all.iter().filter(|row| row["status"] == *status).cloned().collect();
            prop_assert_eq!(session.batches(&format!("status={status}")), kept);
        }
        let owner = |row: &Value| (text(&row["domain_name"]).to_owned(), text(&row["user_name"]).to_owned());
        let mut owners: Vec<_> = all.iter().map(owner).collect();
        owners.sort();
        owners.dedup();
        for of in owners {
            let kept: Vec<Value> = all.iter().filter(|row| owner(row) == of).cloned().collect();
            let query = format!("domain_name={}&user_name={}", name(&of.0), name(&of.1));
            prop_assert_eq!(session.batches(&query), kept);
        }
    }

    #[test]
    fn every_transition_is_one_of_the_table(seed: u64, steps in steps()) {
        let mut session = Session::new(seed, LIVELY);
        let mut created = 0;
        let mut fresh = || {
            created += 1;
            format!("made-{created:03}")
        };
        // Forgotten where the clock turns back.
        let (mut batches, mut jobs) = (Seen::new(&ASYNC_JOB), Seen::new(&TRANSFER));
        for step in &steps {
            let before = session.now;
            take(&mut session, step, &mut fresh);
            // Changes made before the clock was turned back happen again.
            let log = session.state.event_log();
            let passed = log.events().any(|event| event.at > before && event.at <= session.now);
            if matches!(step, Step::Back(_)) {
                (batches, jobs) = (Seen::new(&ASYNC_JOB), Seen::new(&TRANSFER));
            }
            let acted = matches!(step, Step::Update(..) | Step::Commit(_));
            for row in session.batches("") {
                batches.hold(&row, text(&row["async_job_id"]), acted, passed);
            }
            for job_type in ["migration", "sync"] {
                for row in session.jobs(&format!("job_type={job_type}")) {
                    jobs.hold(&row, text(&row["id"]), false, passed);
                }
            }
        }
    }

    #[test]
    fn no_body_panics_and_none_gets_a_secret_into_the_event_log(
        keys in prop::collection::vec(prop::sample::select(vec![
            "jobs", "base_info", "name", "tags", "source_endpoint", "endpoint", "db_password",
            "ssl", "tuning_params", "full_sync", "type", "params", "object_info", "user_migration",
        ]), 1..6),
        shape in 0usize..6,
        leaf in prop::sample::select(vec![json!("hidden-secret"), json!(1), json!(null), json!([]), json!({}), json!(true)]),
    ) {
        let session = Session::new(1, LIVELY);
        let mut value = json!({"db_password": "hidden-secret", "password": "hidden-secret", "x": leaf});
        for (i, key) in keys.iter().enumerate() {
            value = match (shape + i) % 3 {
                0 => json!({ *key: value }),
                1 => json!({ *key: [value] }),
                _ => json!([value, { *key: leaf.clone() }]),
            };
        }
        let waiting = session.batches("status=AUTO_PARAM_VALIDATE_SUCCESS");
        let id = text(&waiting[0]["async_job_id"]);
        let entry = |kind: &str, params: &Value| json!([{"type": kind, "params": params}]);
        session.ask("POST", "jobs/batch-async-create", &value);
        session.ask("POST", "jobs/batch-async-create", &json!({"jobs": [value.clone()]}));
        session.ask("POST", "jobs/batch-async-create", &json!({"jobs": [{"base_info": value.clone(), "source_endpoint": value.clone(), "user_migration": value.clone()}]}));
        session.update(id, &value);
        session.update(id, &entry("all", &value));
        session.update(id, &entry("network", &json!({"source_endpoint": value})));
        let log = session.state.event_log();
        let text: String =
            log.events().map(|logged| logged.event.to_json().expect("JSON").to_string()).collect();
        let leaf_is_secret = leaf == json!("hidden-secret");
        let secret = if leaf_is_secret { text.matches("\"db_password\":\"hidden").count() } else { text.matches("hidden-secret").count() };
        prop_assert_eq!(secret, 0, "{}", text);
        session.batches("");
        session.jobs("job_type=sync");
    }
}

#[test]
fn a_batch_is_created_validated_committed_and_transferred() {
    let mut session = Session::new(7, LIVELY);
    let id = session.create(&[job("first-one", 0), job("second_one", 6)]);
    let newest = &session.batches("")[0];
    assert_eq!(newest["async_job_id"], id.as_str());
    let owner = session.plan.of::<Drs>().owner(0);
    assert_eq!(newest["domain_name"], owner.domain_name);
    assert_eq!(newest["user_name"], owner.user_name);
    assert_eq!(session.commit(&id).1["error_code"], "DRS.M00304");
    let detail = session.detail(&id);
    assert_eq!(detail[0]["status"], "CREATING");
    assert_eq!(detail[0]["base_info"]["charging_mode"], "on_demand");
    assert_eq!(detail[0]["base_info"]["expired_days"], 14);
    assert_eq!(detail[0]["source_endpoint"][0]["endpoint"]["db_user"], "repl");
    assert!(!Value::from(detail.clone()).to_string().contains("assword"));

    session.now = session.now.plus(HOUR);
    assert_eq!(session.status(&id), "AUTO_PARAM_VALIDATE_SUCCESS");
    assert!(session.jobs("job_type=sync&name=first-one").is_empty());
    let (status, body, _) = session.commit(&id);
    assert_eq!(status, 200);
    assert_eq!(
        body["job"],
        json!({"async_job_id": id, "status": "COMMIT_SUCCESS", "msg": "success"})
    );
    let both = detail.iter().map(|job| text(&job["id"])).collect::<Vec<_>>().join(",");
    let jobs = session.jobs(&format!("job_type=sync&status=CREATING&name={both}"));
    assert_eq!(ids(&jobs), [text(&detail[1]["id"]), text(&detail[0]["id"])]);
    for row in &jobs {
        assert_eq!(row["job_action"]["current_action"], "CREATE");
        assert_eq!(row["billing_tag"], false);
    }
    let (status, body, hint) = session.commit(&id);
    assert_eq!((status, &body["error_code"]), (400, &"DRS.M00304".into()));
    assert!(hint.contains("AUTO_PARAM_VALIDATE_SUCCESS"), "{hint}");
    let (status, ..) = session.update(&id, &json!([{"type": "precheck"}]));
    assert_eq!(status, 400);
    session.now = session.now.plus(24 * HOUR);
    let status = session.detail(&id)[0]["status"].clone();
    assert!(status != "CREATING" && status != "INCRE_TRANSFER_STARTED", "{status}");
}

#[test]
fn the_validation_finds_violations_that_detail_shows_and_an_update_fixes() {
    let mut session = Session::new(7, LIVELY);
    let mut bad = job("with-fault", 0);
    bad["base_info"]["tags"] = "none".into();
    bad["base_info"]["net_type"] = "lan".into();
    bad["node_info"] = Value::Null;
    let id = session.create(&[job("all-right", 0), bad]);
    assert_eq!(session.detail(&id)[1]["base_info"]["net_type"], "lan");
    session.now = session.now.plus(HOUR);
    assert_eq!(session.status(&id), "ASYNC_JOB_VALIDATE_FAILED");
    let detail = session.detail(&id);
    assert_eq!(detail[0]["base_info"]["net_type"], "vpc");
    let marked = |value: Value, text: &str| json!({"value": value, "error_message": text});
    let base = &detail[1]["base_info"];
    assert_eq!(base["tags"], marked("none".into(), "base_info.tags parse object failed."));
    let invalid = "The value of parameter base_info.net_type is invalid.";
    assert_eq!(base["net_type"], marked("lan".into(), invalid));
    let empty = "The parameter node_info is empty.";
    assert_eq!(detail[1]["node_info"], marked(Value::Null, empty));
    assert_eq!(session.commit(&id).0, 400);

    // The first entry is about the first job; one that fails keeps no other from being done.
    let second = text(&detail[1]["id"]);
    let mut mended = job("with-fault", 1);
    mended["job_id"] = second.into();
    let (status, body, _) = session.update(
        &id,
        &json!([
            {"type": "description", "params": {}},
            {"type": "all", "params": mended},
            {"type": "all", "params": {"job_id": "nobody", "base_info": {}}},
            {"type": "policy", "params": {"job_id": second}},
            {"type": "all", "params": {"job_id": second, "base_info": {"name": "DRS-1234"}}},
        ]),
    );
    assert_eq!(status, 200);
    let outcome = |row: &Value| {
        let text = |key: &str| row.get(key).map_or("", text).to_owned();
        [text("name"), text("status"), text("error_code"), text("error_msg")]
    };
    let outcomes: Vec<_> = body["jobs"].as_array().expect("rows").iter().map(outcome).collect();
    let expected = [
        ["all-right", "failed", "DRS.M00202", "The value of parameter type is invalid."],
        ["with-fault", "success", "", ""],
        ["", "failed", "DRS.10000010", "Job does not exist, please check job ID."],
        ["with-fault", "failed", "DRS.M00201", "The parameter params.policy_config is empty."],
        ["with-fault", "failed", "DRS.M00277", "The task name already exists."],
    ];
    assert_eq!(outcomes, expected.map(|row| row.map(str::to_owned)));
    assert_eq!(session.status(&id), "ASYNC_JOB_VALIDATING");
    session.now = session.now.plus(HOUR);
    assert_eq!(session.status(&id), "AUTO_PARAM_VALIDATE_SUCCESS");
    let detail = session.detail(&id);
    assert_eq!(detail[1]["base_info"]["job_type"], "migration");
    assert!(detail[1]["base_info"].get("tags").is_none(), "a member is replaced as a whole");
}

#[test]
fn generated_and_fixed_batches_are_updated_and_committed_too() {
    let mut session = Session::new(3, LIVELY);
    for status in ["ASYNC_JOB_VALIDATE_FAILED", "AUTO_PARAM_VALIDATE_SUCCESS"] {
        let batch = session.batches(&format!("status={status}&sort_dir=asc"))[0].clone();
        let id = text(&batch["async_job_id"]);
        let before = session.detail(id);
        let marked = Value::from(before.clone()).to_string().contains("error_message");
        assert_eq!(marked, status == "ASYNC_JOB_VALIDATE_FAILED");
        let limit = json!([{"begin": "00:00", "end": "07:59", "speed": "15"}]);
        let policy = json!({"policy_config": {"conflict_policy": "stop"}, "speed_limit": limit});
        assert_eq!(session.update(id, &json!([{"type": "policy", "params": policy}])).0, 200);
        session.now = session.now.plus(HOUR);
        assert_eq!(session.status(id), "AUTO_PARAM_VALIDATE_SUCCESS");
        let after = session.detail(id);
        assert_eq!(after[0]["policy_config"]["conflict_policy"], "stop");
        assert_eq!(after[0]["speed_limit"], limit);
        assert_eq!(after[0]["id"], before[0]["id"]);
        assert_eq!(session.commit(id).0, 200);
        let kind = text(&after[0]["base_info"]["job_type"]);
        let found = session.jobs(&format!("job_type={kind}&name={}", text(&after[0]["id"])));
        assert_eq!(found[0]["status"], "CREATING");
        assert_eq!(found[0]["create_time"], batch["create_time"]);
    }
    let exact = "bd4193aa-072d-4ce6-beec-adffc7252341";
    assert_eq!(session.status(exact), "AUTO_PARAM_VALIDATE_SUCCESS");
    assert_eq!(session.commit(exact).0, 200);
    let mut states = vec![];
    for _ in 0..60 {
        let job =
            session.jobs("job_type=sync&name=c7debc9c-8e09-4a5d-8dd6-cc44f78jb20r")[0].clone();
        if states.last() != Some(&job["status"]) {
            states.push(job["status"].clone());
        }
        session.now = session.now.plus(10 * SECOND);
    }
    assert_eq!(states, ["CREATING", "CONFIGURATION", "STARTJOBING", "FULL_TRANSFER_STARTED"]);
    assert_eq!(session.jobs("job_type=migration&status=PAUSING&net_type=vpn").len(), 1);
}

#[test]
fn paths_of_created_batches_are_taken_in_turn_and_polls_are_counted() {
    let mut session = Session::new(
        1,
        r#"
        [drs.created]
        paths = [
            ["ASYNC_JOB_VALIDATING 2 looks", "ASYNC_JOB_VALIDATE_FAILED"],
            ["ASYNC_JOB_VALIDATING 1 look", "AUTO_PARAM_VALIDATE_SUCCESS"],
        ]
        [drs.transfers.created]
        paths = [
            ["CREATING 1 look", "CONFIGURATION 1 look", "STARTJOBING"],
            ["CREATING 10s", "CREATE_FAILED"],
        ]
        "#,
    );
    let id = session.create(&[job("first", 0), job("second", 0)]);
    let polls = |session: &Session, n: usize| -> Vec<String> {
        (0..n)
            .map(|_| session.batches("")[0]["status"].as_str().expect("text").to_owned())
            .collect()
    };
    let (validating, failed) = ("ASYNC_JOB_VALIDATING", "ASYNC_JOB_VALIDATE_FAILED");
    assert_eq!(polls(&session, 3), [validating, validating, failed]);
    let entries = session.state.event_log().events().len();
    assert_eq!(polls(&session, 2), [failed, failed]);
    assert_eq!(
        session.state.event_log().events().len(),
        entries,
        "nothing is counted in a terminal state"
    );
    let marked = session.detail(&id)[0].to_string();
    assert!(marked.contains("error_message"), "{marked}");
    assert_eq!(session.update(&id, &json!([{"type": "precheck"}])).0, 200);
    assert_eq!(polls(&session, 2), [validating, "AUTO_PARAM_VALIDATE_SUCCESS"]);
    assert_eq!(session.commit(&id).0, 200);
    let statuses = |session: &Session| -> Vec<Value> {
        session.jobs("job_type=sync").iter().map(|row| row["status"].clone()).collect()
    };
    // The last of a batch is listed first.
    assert_eq!(statuses(&session), ["CREATING", "CREATING"]);
    assert_eq!(statuses(&session), ["CREATING", "CONFIGURATION"]);
    session.now = session.now.plus(10 * SECOND);
    assert_eq!(statuses(&session), ["CREATE_FAILED", "STARTJOBING"]);
}

#[test]
fn names_are_unique_and_batches_not_too_large() {
    let session = Session::new(1, LIVELY);
    let create =
        |jobs: Value| session.ask("POST", "jobs/batch-async-create", &json!({"jobs": jobs}));
    let code = |jobs: Value| {
        let (status, body, _) = create(jobs);
        (status, text(&body["error_code"]).to_owned(), text(&body["error_msg"]).to_owned())
    };
    let (_, _, _) = create(json!([job("taken-name", 0)]));
    let generated = session.jobs("job_type=sync")[3]["name"].clone();
    for name in ["TAKEN-name", "drs-1234", text(&generated)] {
        let (status, code, message) = code(json!([job(name, 0)]));
        assert_eq!(
            (status, &*code, &*message),
            (422, "DRS.M00277", "The task name already exists.")
        );
    }
    assert_eq!(code(json!([job("twice", 0), job("Twice", 0)])).1, "DRS.M00277");
    let empty = (400, "DRS.M00201".to_owned(), "The parameter jobs is empty.".to_owned());
    assert_eq!(code(json!([])), empty);
    assert_eq!(code(Value::Null), empty);
    assert_eq!(code(json!("x")).2, "The value of parameter jobs is invalid.");
    assert_eq!(
        code(json!([job("good-one", 0), "x"])).2,
        "The value of parameter jobs[1] is invalid."
    );
    let eleven: Vec<Value> = (0..11).map(|i| job(&format!("many-{i}"), 0)).collect();
    assert_eq!(code(eleven.into()).1, "DRS.M00202");

    let mut session = Session::new(1, LIVELY);
    let id = session.create(&[job("one-of-two", 0), job("two-of-two", 0)]);
    session.now = session.now.plus(HOUR);
    let same = json!({"type": "all", "params": {"base_info": job("both", 0)["base_info"]}});
    let (_, body, _) = session.update(&id, &json!([same, same]));
    assert_eq!(body["jobs"][0]["status"], "success");
    assert_eq!(body["jobs"][1]["error_code"], "DRS.M00277");
}

#[test]
fn checks_at_once_name_what_is_wrong_and_without_any_even_an_empty_job_is_committed() {
    let mut bad = job("with-fault", 0);
    bad["base_info"]["tags"] = "none".into();
    let session = Session::new(1, "[drs.quirks]\nchecks = \"at_once\"");
    let create =
        |body: &Value| session.ask("POST", "jobs/batch-async-create", &json!({"jobs": [body]}));
    let (status, body, hint) = create(&bad);
    let message = "Parameter error:base_info.tags parse object failed.";
    assert_eq!((status, &body), (400, &json!({"error_code": "DRS.M00305", "error_msg": message})));
    assert!(hint.contains("jobs[0]"), "{hint}");
    bad["base_info"]["tags"] = Value::Null;
    bad["base_info"]["name"] = "".into();
    assert_eq!(create(&bad).1["error_msg"], "The parameter base_info.name is empty.");

    let mut session = Session::new(1, "[drs.quirks]\nchecks = \"none\"");
    let id = session.create(&[json!({})]);
    session.now = session.now.plus(HOUR);
    assert_eq!(session.commit(&id).0, 200);
}

#[test]
fn older_statuses_have_paths_of_their_own() {
    let mut session = Session::new(
        1,
        r#"
        [drs.quirks]
        legacy_statuses = true
        [drs.created]
        paths = [["ASYNC_JOB_VALIDATING 5s", "ASYNC_JOB_CREATING 5s", "ASYNC_JOB_CREATE_FAILED"]]
        "#,
    );
    let id = session.create(&[job("older", 0)]);
    let mut states = vec![];
    for _ in 0..3 {
        states.push(session.status(&id));
        session.now = session.now.plus(5 * SECOND);
    }
    let expected = ["ASYNC_JOB_VALIDATING", "ASYNC_JOB_CREATING", "ASYNC_JOB_CREATE_FAILED"];
    assert_eq!(states, expected);
}

#[test]
fn a_million_jobs_are_paged_as_fast_as_a_few() {
    let session = Session::new(7, "[drs.jobs]\ncount = 1_000_000\nevery = \"1m\"");
    let counts: Vec<u64> = ["migration", "sync"]
        .iter()
        .map(|job_type| {
            let page = session.get(&format!("jobs?job_type={job_type}&offset=5&limit=3"));
            assert_eq!(page["jobs"].as_array().map(Vec::len), Some(3));
            page["total_count"].as_u64().expect("a count")
        })
        .collect();
    let committed =
        session.get("batch-async-jobs?status=COMMIT_SUCCESS&limit=1")["total_count"].clone();
    assert_eq!(committed.as_u64(), Some(counts.iter().sum()));
    let by_status: u64 = TRANSFER
        .states
        .iter()
        .map(|row| {
            let page = session.get(&format!("jobs?job_type=sync&limit=1&status={}", row.name));
            page["total_count"].as_u64().expect("a count")
        })
        .sum();
    assert_eq!(by_status, counts[1]);
    let last = session.get(&format!("jobs?job_type=sync&sort_key=name&offset={}", counts[1] - 1));
    let first = session.get("jobs?job_type=sync&sort_key=name&sort_dir=asc&limit=1");
    assert_eq!(last["jobs"], first["jobs"]);
    assert_eq!(session.get("jobs?job_type=sync&offset=2000000")["jobs"], json!([]));
}

#[test]
fn a_bad_parameter_of_list_jobs_is_refused_by_its_name() {
    let session = Session::new(1, LIVELY);
    let eleven = ["x"; 11].join(",");
    for (query, code, name) in [
        (String::new(), "DRS.M00201", "job_type"),
        ("job_type=".into(), "DRS.M00201", "job_type"),
        ("job_type=copy".into(), "DRS.M00202", "job_type"),
        ("job_type=sync&status=LOST".into(), "DRS.M00202", "status"),
        ("job_type=sync&net_type=lan".into(), "DRS.M00202", "net_type"),
        ("job_type=sync&limit=0".into(), "DRS.M00202", "limit"),
        ("job_type=sync&offset=-1".into(), "DRS.M00202", "offset"),
        ("job_type=sync&sort_key=id".into(), "DRS.M00202", "sort_key"),
        ("job_type=sync&sort_dir=up".into(), "DRS.M00202", "sort_dir"),
        (format!("job_type=sync&name={eleven}"), "DRS.M00202", "name"),
        (format!("job_type=sync&instance_ids={eleven}"), "DRS.M00202", "instance_ids"),
        (format!("job_type=sync{}", "&instance_ids=x".repeat(11)), "DRS.M00202", "instance_ids"),
    ] {
        let (status, body, hint) = session.ask("GET", &format!("jobs?{query}"), &Value::Null);
        assert_eq!((status, text(&body["error_code"])), (400, code), "{query}");
        assert!(text(&body["error_msg"]).contains(name) && hint.contains(name), "{query}: {hint}");
    }
    for query in ["limit=0", "offset=x"] {
        let (status, ..) = session.ask("GET", &format!("batch-async-jobs/x?{query}"), &Value::Null);
        assert_eq!(status, 400);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_last_state_of_a_path_lasts_for_ever_in_all_that_is_shown(
        is_created: bool,
        path in 0..TRANSFER.paths.len(),
        step in 0usize..12,
        is_committed: bool,
        first in 60_000u64..100_000,
        later in 0u64..40_000_000_000,
    ) {
        let row = &TRANSFER.paths[path];
        let states: Vec<_> = row.through.iter().chain([&row.terminal]).collect();
        let passed = &states[..step % states.len() + 1];
        let steps: Vec<String> = passed.iter().enumerate().map(|(i, state)| {
            let length = if i + 1 < passed.len() { " 1s" } else { "" };
            format!("\"{}{length}\"", TRANSFER.name(**state))
        }).collect();
        let transfer = format!("[{}]", steps.join(", "));
        let batch = match is_committed {
            true => r#"["ASYNC_JOB_VALIDATING 1s", "AUTO_PARAM_VALIDATE_SUCCESS 1s", "COMMIT_SUCCESS"]"#,
            false => r#"["ASYNC_JOB_VALIDATING"]"#,
        };
        let section = match is_created {
            true => format!(
                "[drs.created]\npaths = [{batch}]\n[drs.transfers.created]\npaths = [{transfer}]\n"
            ),
            false => format!(
                "[[drs.job]]\nasync_job_id = \"hangs\"\npath = {batch}\n[[drs.job.jobs]]\n\
                 job_type = \"sync\"\npath = {transfer}\n"
            ),
        };
        let mut session = Session::new(1, &section);
        let id = match is_created {
            true => session.create(&[job("one", 0)]),
            false => "hangs".to_owned(),
        };
        session.now = session.now.plus(first);
        let all = |session: &Session| {
            json!([session.batches(""), session.jobs("job_type=sync"), session.detail(&id)])
        };
        let before = all(&session);
        let name = TRANSFER.name(**passed.last().expect("a state"));
        let (batch, jobs) = (&before[0][0]["status"], before[1].as_array().unwrap());
        prop_assert_eq!(batch, if is_committed { "COMMIT_SUCCESS" } else { "ASYNC_JOB_VALIDATING" });
        prop_assert_eq!(jobs.len(), usize::from(is_committed));
        prop_assert!(jobs.iter().all(|job| job["status"] == name), "{} {:?}", name, jobs);
        session.now = session.now.plus(later);
        prop_assert_eq!(all(&session), before);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn jobs_that_are_named_come_in_the_order_of_the_whole_list(
        seed: u64,
        sort in proptest::sample::select(vec!["", "create_time", "status", "net_type", "pay_mode", "name"]),
        direction in proptest::sample::select(vec!["", "asc", "desc"]),
        picked in proptest::collection::vec(any::<proptest::sample::Index>(), 1..9),
        late in 0u64..3_600_000,
    ) {
        let batch = "[[drs.job]]\ncreate_time = 2026-03-02T09:50:00Z\n".to_owned()
            + &"[[drs.job.jobs]]\njob_type = \"sync\"\n".repeat(4);
        let section = format!(
            "[drs.jobs]\ncount = 20\nevery = \"2m\"\n{batch}{batch}[drs.created]\npaths = \
             [[\"ASYNC_JOB_VALIDATING 1s\", \"AUTO_PARAM_VALIDATE_SUCCESS 1s\", \"COMMIT_SUCCESS\"]]\n"
        );
        let mut session = Session::new(seed, &section);
        session.create(&[job("one", 0), job("two", 2), job("three", 4)]);
        session.create(&[job("four", 0), job("five", 2)]);
        session.now = session.now.plus(10_000 + late);
        let query = format!("job_type=sync&sort_key={sort}&sort_dir={direction}");
        let whole = session.jobs(&query);
        let ids = |rows: &[Value]| rows.iter().map(|row| text(&row["id"]).to_owned()).collect::<Vec<_>>();
        let mut names: Vec<String> = picked.iter().map(|at| ids(&whole)[at.index(whole.len())].clone()).collect();
        names.sort();
        names.dedup();
        let named = session.jobs(&format!("{query}&name={}", names.join(",")));
        let expected: Vec<String> = ids(&whole).into_iter().filter(|id| names.contains(id)).collect();
        prop_assert_eq!(ids(&named), expected);
    }
}
