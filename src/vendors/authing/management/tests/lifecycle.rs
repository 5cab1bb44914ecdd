//! Whatever clients do, whenever: the world stays one.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::draft::Draft;
use super::super::event::AuthingEvent;
use super::super::state::{JOB, RISK_OPERATION};
use super::{START, get, plan, post};
use crate::engine::{Plan, WorldState, respond};
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::LifecycleTable;
use crate::world::time::{HOUR, MINUTE, SECOND, Timestamp};

pub(crate) struct World {
    pub(crate) plan: Box<Plan>,
    pub(crate) state: WorldState,
    pub(crate) now: Timestamp,
}

impl World {
    pub(crate) fn new(lines: &str) -> Self {
        let plan = plan(lines);
        Self { state: WorldState::new(&plan), plan, now: START }
    }

    fn answer(&self, request: crate::wire::Request) -> Value {
        let answer = respond(&self.plan, &self.state, &request, self.now);
        serde_json::from_slice(answer.reply.body()).expect("JSON")
    }

    pub(crate) fn ask(&self, path: &str) -> Value {
        self.answer(get(&format!("/api/v3/{path}")))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        self.answer(post(&format!("/api/v3/{path}"), body.to_string()))
    }

    /// The data of a successful GET.
    pub(crate) fn read(&self, path: &str) -> Value {
        let mut answer = self.ask(path);
        assert_eq!(answer["statusCode"], 200, "{path}: {answer}");
        answer["data"].take()
    }

    /// Every row of a list.
    pub(crate) fn rows(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for page in 1.. {
            let data = self.read(&format!("{path}limit=7&page={page}"));
            let rows = data["list"].as_array().expect("a list");
            if rows.is_empty() {
                assert_eq!(data["totalCount"], all.len(), "{path}");
                return all;
            }
            all.extend(rows.iter().cloned());
        }
        unreachable!()
    }

    pub(crate) fn total(&self, path: &str) -> u64 {
        self.read(path)["totalCount"].as_u64().expect("a number")
    }
}

pub(crate) fn id(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("{name} of {value}"))
}

pub(crate) const LINES: &str = r#"
    [authing.tasks]
    count = 4
    [authing.jobs]
    count = 9
    every = "11m"
    outcomes = { success = 2, failed = 1 }
    waiting = "20s"
    duration = "90s"
    [authing.timed]
    every = "40m"
    since = "2h"
    [authing.automatic]
    every = "50m"
    since = "2h"
    [authing.entities]
    departments = 7
    accounts = 40
    [authing.risk_operations]
    count = 15
    every = "1h"
    executions = { success = 1, failed = 1 }
    duration = "1m"
    [authing.created]
    paths = [
        ["pending", "onProgress 20s", "failed"],
        ["pending 0s", "onProgress 2 looks", "success"],
        ["pending 1m", "onProgress 90s", "success"],
    ]
    [[authing.job]]
    syncTaskId = 1003
    createdAt = 2026-03-02T09:59:00Z
    path = ["pending 2m", "onProgress 2 looks", "failed"]
    accountCountAll = 10
    accountCountSucc = 4
    [[authing.job]]
    syncTaskId = 1001
    createdAt = 2026-03-02T10:30:00Z
    path = ["onProgress 30m", "success"]
"#;

const LARK: &str = r#"{"larkConfig": {"app_id": "a", "app_secret": "verysecretvalue"}}"#;

pub(crate) fn task(flow: &str, trigger: &str, cycle: &str) -> Value {
    json!({
        "syncTaskName": "n",
        "syncTaskType": "lark",
        "clientConfig": serde_json::from_str::<Value>(LARK).unwrap(),
        "syncTaskFlow": flow,
        "syncTaskTrigger": trigger,
        "fieldMapping": [{"expression": "mobile", "targetKey": "phone"}],
        "organizationCode": "steamory",
        "timedScheduler": {"cycle": cycle, "startTime": START.millis() - 7_000_000},
    })
}

const TRIGGERS: [&str; 3] = ["manually", "timed", "automatic"];

/// One thing that a client does: what, to which task or operation, and how much later.
pub(crate) type Step = (u8, usize, usize, i64);

pub(crate) fn act(world: &World, (what, which, how, _): Step) {
    let tasks = world.rows("list-sync-tasks?");
    let task_id = id(&tasks[which % tasks.len()], "syncTaskId");
    let trigger = TRIGGERS[how % 3];
    let cycle = ["twoHours", "sixHours", "days", "month"][how % 4];
    match what % 6 {
        0 => {
            let flow = if which % 2 == 0 { "upstream" } else { "downstream" };
            let answer = world.post("create-sync-task", &task(flow, trigger, cycle));
            assert_eq!(answer["statusCode"], 200, "{answer}");
            let shown = world
                .read(&format!("get-sync-task?syncTaskId={}", id(&answer["data"], "syncTaskId")));
            assert_eq!(shown, answer["data"], "what is created is what is there");
        }
        1 => {
            let body = json!({"syncTaskId": task_id, "syncTaskTrigger": trigger});
            let answer = world.post("update-sync-task", &body);
            assert_eq!(answer["statusCode"], 200, "{answer}");
            let shown = world.read(&format!("get-sync-task?syncTaskId={task_id}"));
            assert_eq!(shown, answer["data"], "what is updated is what is there");
        }
        2 | 3 => {
            let before = world.read(&format!("get-sync-task?syncTaskId={task_id}"));
            let answer = world.post("trigger-sync-task", &json!({"syncTaskId": task_id}));
            let last = before["lastSyncStatus"].as_str().expect("a status");
            let runs = JOB.dwell(JOB.named(last).expect("a state")).is_some();
            // The answer that shows the task may have been the last one that its newest job counts.
            if runs && answer["statusCode"] != 200 {
                assert_eq!(answer["statusCode"], 422, "{answer}");
            } else {
                let job = id(&answer["data"], "syncJobId");
                let newest =
                    &world.read(&format!("list-sync-jobs?syncTaskId={task_id}"))["list"][0];
                assert_eq!(id(newest, "syncJobId"), job);
                assert_eq!(newest["syncTrigger"], "manually");
            }
        }
        _ => {
            let operations = world.rows("list-sync-risk-operations?syncTaskId=1003&");
            let some: Vec<u64> = operations
                .iter()
                .skip(which % 5)
                .step_by(1 + how % 3)
                .take(4)
                .map(|operation| id(operation, "syncRiskOperationId"))
                .chain([3, 999_999])
                .collect();
            let name = ["cancel-sync-risk-operation", "trigger-sync-risk-operations"];
            let name = name[usize::from(what % 6 == 4)];
            let answer = world.post(name, &json!({"syncRiskOperationIds": some}));
            let list = |name: &str| {
                let ids = answer["data"][name].as_array().expect("ids").iter();
                ids.map(|id| id.as_u64().expect("an id")).collect::<Vec<_>>()
            };
            let (done, failed) = (list("successList"), list("faildList"));
            assert_eq!(done.len() + failed.len(), some.len());
            for operation in &operations {
                let id = id(operation, "syncRiskOperationId");
                let state = RISK_OPERATION.named(operation["status"].as_str().unwrap()).unwrap();
                if some.contains(&id) {
                    let allowed = RISK_OPERATION.transition(name, state).is_some();
                    assert_eq!(done.contains(&id), allowed, "{name} of {operation}");
                }
            }
        }
    }
}

/// The status of every job (true) and risk operation (false), by its id.
type Seen = BTreeMap<(bool, u64), String>;

/// Whether a state can come after another one, by itself or by what clients do.
fn reachable<S: State>(table: &LifecycleTable<S>, from: &str, to: &str) -> bool {
    let (from, to) = (table.named(from).unwrap(), table.named(to).unwrap());
    let mut seen = vec![from];
    let mut next = 0;
    while let Some(&state) = seen.get(next) {
        for after in table.successors(state) {
            if !seen.contains(&after) {
                seen.push(after);
            }
        }
        next += 1;
    }
    seen.contains(&to)
}

/// Everything that two answers say of one thing is the same.
fn check(world: &World) -> Seen {
    let mut seen = Seen::new();
    let tasks = world.rows("list-sync-tasks?");
    let mut ids = HashSet::new();
    for task in &tasks {
        let task_id = id(task, "syncTaskId");
        let path = format!("list-sync-jobs?syncTaskId={task_id}&");
        let before = world.state.event_log().events().len();
        let jobs = world.rows(&path);
        // An answer that counts changes the state of some jobs; then the list is read once more.
        let jobs =
            if world.state.event_log().events().len() > before { world.rows(&path) } else { jobs };
        if world.state.event_log().events().len() > before {
            continue;
        }
        for job in &jobs {
            let job_id = id(job, "syncJobId");
            assert!(ids.insert(job_id), "{job_id} twice");
            assert_eq!(&world.read(&format!("get-sync-job?syncJobId={job_id}")), job);
            let record = job["syncTrigger"] != "manually";
            if !record {
                seen.insert((true, job_id), job["syncStatus"].as_str().unwrap().to_owned());
            }
            check_logs(world, job);
        }
        for trigger in TRIGGERS {
            let wanted: Vec<&Value> =
                jobs.iter().filter(|job| job["syncTrigger"] == trigger).collect();
            let found = world.rows(&format!("{path}syncTrigger={trigger}&"));
            assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{trigger}");
        }
        let shown = world.read(&format!("get-sync-task?syncTaskId={task_id}"));
        match jobs.first() {
            Some(newest) => {
                assert_eq!(shown["lastSyncStatus"], newest["syncStatus"]);
                assert_eq!(shown["lastSyncTime"], newest["updatedAt"]);
                assert_eq!(shown.get("lastSyncMessage"), newest.get("errMsg"));
            }
            None => assert_eq!(shown["lastSyncStatus"], "free"),
        }
        assert!(!shown.to_string().contains("verysecretvalue"));
    }
    let path = "list-sync-risk-operations?syncTaskId=1003&";
    let operations = world.rows(path);
    for operation in &operations {
        let status = operation["status"].as_str().unwrap().to_owned();
        seen.insert((false, id(operation, "syncRiskOperationId")), status);
    }
    for wanted in [&["PENDING"][..], &["FAILED", "PENDING"], &["EXECUTING", "CANCELED", "SUCCESS"]]
    {
        let statuses: String = wanted.iter().map(|status| format!("status={status}&")).collect();
        for object in ["", "DEPARTMENT", "USER"] {
            let objects =
                if object.is_empty() { String::new() } else { format!("objectType={object}&") };
            let lets = |o: &&Value| {
                wanted.iter().any(|status| o["status"] == **status)
                    && (object.is_empty() || o["objectType"] == object)
            };
            let brute: Vec<&Value> = operations.iter().filter(lets).collect();
            let found = world.rows(&format!("{path}{statuses}{objects}"));
            assert_eq!(found.iter().collect::<Vec<_>>(), brute, "{statuses}{objects}");
        }
    }
    seen
}

fn check_logs(world: &World, job: &Value) {
    let path = format!("list-sync-job-logs?syncJobId={}&limit=1&", id(job, "syncJobId"));
    let count = |name: &str| id(job, name);
    let columns = ["department", "departmentUpdate", "account", "accountUpdate"];
    let all: u64 = columns.iter().map(|column| count(&format!("{column}CountAll"))).sum();
    let succ: u64 = columns.iter().map(|column| count(&format!("{column}CountSucc"))).sum();
    let over = ["success", "failed"].iter().any(|status| job["syncStatus"] == *status);
    let failures = if over { all - succ } else { 0 };
    assert_eq!(world.total(&format!("{path}success=true")), succ, "{job}");
    assert_eq!(world.total(&format!("{path}success=False")), failures, "{job}");
    assert_eq!(world.total(&path), succ + failures);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_clients_do_all_answers_agree_and_no_state_is_left_but_as_declared(
        steps in proptest::collection::vec(
            (0u8..6, 0usize..40, 0usize..40, prop_oneof![
                4 => 0i64..200_000,
                2 => 0i64..20_000_000,
                1 => -4_000_000i64..0,
            ]),
            1..9,
        ),
    ) {
        let mut world = World::new(LINES);
        let mut before = check(&world);
        for step in steps {
            act(&world, step);
            let later = step.3;
            let by = later.unsigned_abs();
            world.now = if later < 0 { world.now.minus(by) } else { world.now.plus(by) };
            let seen = check(&world);
            for (key, from) in &before {
                let Some(to) = seen.get(key).filter(|_| later >= 0) else { continue };
                let is_reachable = match key {
                    (true, _) => reachable(&JOB, from, to),
                    (false, _) => reachable(&RISK_OPERATION, from, to),
                };
                prop_assert!(is_reachable, "{key:?} from {from} to {to}");
            }
            before = seen;
        }
    }

    #[test]
    fn a_page_of_logs_is_what_filtering_line_by_line_gives(
        late in 0u64..300_000, which in 0usize..12,
        success in proptest::option::of(any::<bool>()),
        object in proptest::option::of(0usize..2),
        action in proptest::option::of(0usize..14),
    ) {
        use super::super::job_logs::{Action, ObjectType};
        use super::super::parameters::WireEnum;
        let mut world = World::new(LINES);
        world.now = START.plus(late);
        let jobs = world.rows("list-sync-jobs?syncTaskId=1000&");
        let job = id(&jobs[which % jobs.len()], "syncJobId");
        let all = world.rows(&format!("list-sync-job-logs?syncJobId={job}&"));
        let (action, object) =
            (action.map(|a| Action::NAMES[a]), object.map(|o| ObjectType::NAMES[o]));
        let lets = |line: &&Value| {
            success.is_none_or(|success| line["success"] == success)
                && action.is_none_or(|action| line["action"] == action)
                && object.is_none_or(|object| line["objectType"] == object)
        };
        let brute: Vec<&Value> = all.iter().filter(lets).collect();
        let mut path = format!("list-sync-job-logs?syncJobId={job}&");
        for (name, value) in [
            ("success", success.map(|s| s.to_string())),
            ("action", action.map(str::to_owned)),
            ("objectType", object.map(str::to_owned)),
        ] {
            if let Some(value) = value {
                path.push_str(&format!("{name}={value}&"));
            }
        }
        let found = world.rows(&path);
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), brute);
    }
}

#[test]
fn lines_are_only_ever_added_while_a_job_runs() {
    let mut world = World::new(LINES);
    let job =
        id(&world.post("trigger-sync-task", &json!({"syncTaskId": 1000}))["data"], "syncJobId");
    // The reported progress may change with the job; past changes do not.
    let lines = |world: &World| -> Vec<Value> {
        let mut rows = world.rows(&format!("list-sync-job-logs?syncJobId={job}&"));
        for row in &mut rows {
            row.as_object_mut().unwrap().shift_remove("updatedAt");
        }
        rows
    };
    let mut before = lines(&world);
    let mut grew = 0;
    for _ in 0..60 {
        world.now = world.now.plus(SECOND);
        let after = lines(&world);
        assert!(after.starts_with(&before), "{before:#?} {after:#?}");
        grew += u32::from(after.len() > before.len());
        before = after;
    }
    assert!(grew > 5, "{grew}");
    assert!(before.iter().any(|line| line["success"] == false && line["errMsg"].is_string()));
}

#[test]
fn a_created_task_runs_by_its_own_schedule_and_keeps_one_record() {
    let mut world = World::new(LINES);
    let created = world.post("create-sync-task", &task("upstream", "timed", "twoHours"));
    let task_id = id(&created["data"], "syncTaskId");
    assert!(task_id > 1003);
    assert_eq!(created["data"]["timedScheduler"]["cycle"], "twoHours");
    assert_eq!(created["data"]["lastSyncStatus"], "free");
    let jobs = |world: &World| world.rows(&format!("list-sync-jobs?syncTaskId={task_id}&"));
    assert!(jobs(&world).is_empty());
    // The scheduler began 7000 s before; the next tick is 200 s away.
    world.now = START.plus(200 * SECOND - 1);
    assert!(jobs(&world).is_empty());
    world.now = START.plus(200 * SECOND);
    let first = jobs(&world).remove(0);
    assert_eq!(
        (&first["syncTrigger"], &first["syncStatus"]),
        (&"timed".into(), &"onProgress".into())
    );
    world.now = START.plus(HOUR);
    assert_eq!(jobs(&world).len(), 1);
    assert_ne!(jobs(&world)[0]["syncStatus"], "onProgress");
    world.now = START.plus(200 * SECOND + 2 * HOUR);
    let again = jobs(&world).remove(0);
    assert_eq!(again["syncJobId"], first["syncJobId"]);
    assert_eq!(again["createdAt"], first["createdAt"]);
    assert!(again["updatedAt"].as_str() > first["updatedAt"].as_str());

    // From now on by hand: the record stays as the last run left it.
    let body = json!({"syncTaskId": task_id, "syncTaskTrigger": "manually"});
    let updated = world.post("update-sync-task", &body);
    assert_eq!(updated["data"].get("timedScheduler"), None);
    world.now = START.plus(9 * HOUR);
    let left = jobs(&world).remove(0);
    assert_eq!(left["syncTrigger"], "timed");
    assert!(left["updatedAt"].as_str().unwrap() < "2026-03-02T13");
    assert_eq!(world.read(&format!("get-sync-job?syncJobId={}", first["syncJobId"])), left);
}

#[test]
fn the_paths_of_triggered_jobs_are_those_of_the_scenario_in_turn() {
    let mut world = World::new(LINES);
    let trigger = |world: &World, task: u64| {
        id(&world.post("trigger-sync-task", &json!({"syncTaskId": task}))["data"], "syncJobId")
    };
    let status = |world: &World, job: u64| {
        let job = world.read(&format!("get-sync-job?syncJobId={job}"));
        job["syncStatus"].as_str().unwrap().to_owned()
    };
    let (first, second) = (trigger(&world, 1000), trigger(&world, 1002));
    // Answers count, time does not.
    let polls: Vec<String> = (0..4).map(|_| status(&world, second)).collect();
    assert_eq!(polls, ["onProgress", "onProgress", "success", "success"]);
    assert_eq!(status(&world, first), "pending");
    world.now = world.now.plus(21 * SECOND);
    assert_eq!(status(&world, first), "onProgress");
    world.now = world.now.plus(MINUTE);
    assert_eq!(status(&world, first), "failed");
}

#[test]
fn a_fixed_job_follows_its_path_and_ends_with_the_given_counters() {
    let mut world = World::new(LINES);
    let exact = |world: &World| {
        let rows = world.rows("list-sync-jobs?syncTaskId=1003&");
        rows.into_iter().find(|job| id(job, "syncJobId") == 1).expect("the fixed job")
    };
    assert_eq!(exact(&world)["syncStatus"], "pending");
    assert_eq!(exact(&world)["accountCountAll"], 0);
    world.now = world.now.plus(2 * MINUTE);
    let running = world.read("get-sync-job?syncJobId=1");
    assert_eq!(
        (&running["syncStatus"], &running["accountCountAll"]),
        (&"onProgress".into(), &10.into())
    );
    world.read("get-sync-job?syncJobId=1");
    let ended = exact(&world);
    assert_eq!((&ended["syncStatus"], &ended["accountCountSucc"]), (&"failed".into(), &4.into()));
    assert!(ended["errMsg"].is_string());
    assert_eq!(world.total("list-sync-job-logs?syncJobId=1&success=false&action=CreateUser"), 0);
    let failed = world.total("list-sync-job-logs?syncJobId=1&success=false&objectType=USER");
    assert!(failed >= 6, "{failed}");
}

#[test]
fn an_upstream_task_that_has_run_takes_its_organization_along_downstream() {
    let world = World::new(LINES);
    let bound = world.read("get-sync-task?syncTaskId=1000")["organizationCode"].clone();
    assert!(bound.is_string());
    let body = json!({"syncTaskId": 1000, "syncTaskFlow": "downstream"});
    assert_eq!(world.post("update-sync-task", &body)["data"]["organizationCode"], bound);
    let mut unbound = task("upstream", "manually", "days");
    unbound["organizationCode"] = Value::Null;
    let new = id(&world.post("create-sync-task", &unbound)["data"], "syncTaskId");
    let body = json!({"syncTaskId": new, "syncTaskFlow": "downstream"});
    let refused = world.post("update-sync-task", &body);
    assert_eq!(refused["message"], "organizationCode should not be empty");
}

#[test]
fn no_secret_of_a_directory_is_stored_or_returned() {
    let world = World::new(LINES);
    let mut body = task("upstream", "manually", "days");
    let created = world.post("create-sync-task", &body);
    body["clientConfig"]["larkConfig"]["encrypt_key"] = json!(["verysecretvalue"]);
    body["clientConfig"]["verysecretvalue"] = json!({"verysecretvalue": 1});
    let refused = world.post("create-sync-task", &body);
    assert_eq!(refused["message"], "clientConfig.larkConfig.encrypt_key must be a string");
    let log = world.state.event_log();
    let events: Vec<Value> = log
        .events()
        .map(|event| serde_json::to_value(event.event.to_json().unwrap()).unwrap())
        .collect();
    assert_eq!(events.len(), 1);
    for text in [json!(events).to_string(), created.to_string(), refused.to_string()] {
        assert!(!text.contains("verysecret"), "{text}");
    }
}

#[test]
fn a_task_without_the_directory_of_its_type_cannot_run() {
    let world = World::new(LINES);
    let mut body = task("upstream", "manually", "days");
    body["syncTaskType"] = json!("wechatwork");
    let id = id(&world.post("create-sync-task", &body)["data"], "syncTaskId");
    let trigger = |id: u64| {
        let answer = world.post("trigger-sync-task", &json!({"syncTaskId": id}));
        (answer["statusCode"].as_u64().unwrap(), answer["message"].as_str().unwrap().to_owned())
    };
    let no_provider = (602, "no identity provider config found".to_owned());
    assert_eq!((trigger(id), trigger(0)), (no_provider.clone(), no_provider));
    let config = json!({"wechatworkConfig": {"corpID": "1", "secret": "2"}});
    let body = json!({"syncTaskId": id, "clientConfig": config});
    assert_eq!(world.post("update-sync-task", &body)["statusCode"], 200);
    assert_eq!(trigger(id).0, 200);
}

#[test]
fn all_violations_in_a_body_are_reported_at_once() {
    let world = World::new("");
    let message_of = |path: &str, body: Value| {
        let answer = world.post(path, &body);
        let message = answer["message"].as_str().unwrap().to_owned();
        (answer["statusCode"].as_u64().unwrap(), message)
    };
    let kinds = "lark, lark-international, wechatwork, dingtalk, active-directory, italent, \
                 maycur, ldap, moka, fxiaoke, scim, xiaoshouyi, kayang, custom";
    let nothing = format!(
        "syncTaskName should not be empty,syncTaskName must be a string,\
         syncTaskType must be one of the following values: {kinds},\
         syncTaskFlow must be one of the following values: upstream, downstream,\
         syncTaskTrigger must be one of the following values: manually, timed, automatic"
    );
    assert_eq!(message_of("create-sync-task", json!({})), (400, nothing));
    let whole = task("upstream", "manually", "days");
    let with = |name: &str, value: Value| {
        let mut body = whole.clone();
        body[name] = value;
        message_of("create-sync-task", body).1
    };
    let missing = |name: &str| format!("Must contain one of the following fields: {name}");
    assert_eq!(with("clientConfig", Value::Null), missing("clientConfig"));
    assert_eq!(with("fieldMapping", Value::Null), missing("fieldMapping"));
    assert_eq!(
        with("fieldMapping", json!([{"expression": "a", "targetKey": "b"}, {"expression": 7}, 7])),
        "fieldMapping.2 must be an object,fieldMapping.1.expression must be a string,\
         fieldMapping.1.targetKey should not be empty,fieldMapping.1.targetKey must be a string"
    );
    assert_eq!(
        with("timedScheduler", json!({"cycle": "hour"})),
        "timedScheduler.cycle must be one of the following values: month, week, days, sixHours, \
         twoHours,timedScheduler.startTime must be a number conforming to the specified constraints"
    );
    assert_eq!(
        with("clientConfig", json!({"dingtalkConfig": {"corpId": "a"}})),
        "clientConfig.dingtalkConfig.appKey should not be empty,\
         clientConfig.dingtalkConfig.appKey must be a string,\
         clientConfig.dingtalkConfig.appSecret should not be empty,\
         clientConfig.dingtalkConfig.appSecret must be a string"
    );
    let mut downstream = task("downstream", "manually", "days");
    downstream["organizationCode"] = Value::Null;
    let unbound = (400, "organizationCode should not be empty".to_owned());
    assert_eq!(message_of("create-sync-task", downstream), unbound);
    let number = "must be a number conforming to the specified constraints";
    for path in ["update-sync-task", "trigger-sync-task"] {
        let message = format!("syncTaskId {number}");
        assert_eq!(message_of(path, json!({"syncTaskId": "1000"})), (400, message));
    }
    let ids = "syncRiskOperationIds";
    for path in ["trigger-sync-risk-operations", "cancel-sync-risk-operation"] {
        assert_eq!(
            message_of(path, json!({ids: []})).1,
            format!("{ids} must contain at least 1 elements")
        );
        assert_eq!(
            message_of(path, json!({ids: ["a"]})).1,
            format!("each value in {ids} {number}")
        );
        let all = format!(
            "each value in {ids} {number},{ids} must contain at least 1 elements,\
             {ids} must be an array"
        );
        assert_eq!(message_of(path, json!({})).1, all);
    }
}

#[test]
fn all_violations_in_a_query_are_reported_at_once() {
    let world = World::new("");
    let message_of = |path: &str| world.ask(path)["message"].as_str().unwrap().to_owned();
    let id = |name: &str| {
        format!(
            "{name} must not be less than 1,\
             {name} must be a number conforming to the specified constraints"
        )
    };
    assert_eq!(message_of("get-sync-task"), id("syncTaskId"));
    assert_eq!(message_of("get-sync-job?syncJobId=x"), id("syncJobId"));
    assert_eq!(message_of("list-sync-tasks?limit=51&page=0").matches("must not be").count(), 2);
    assert!(
        message_of("list-sync-job-logs?success=maybe&action=Create&objectType=user").ends_with(
            "success must be a boolean value,action must be one of the following values: \
             CreateUser, UpdateUser, DeleteUser, UpdateUserIdentifier, ChangeUserDepartment, \
             CreateDepartment, UpdateDepartment, DeleteDepartment, MoveDepartment, \
             UpdateDepartmentLeader, CreateGroup, UpdateGroup, DeleteGroup, Updateless,\
             objectType must be one of the following values: DEPARTMENT, USER"
        )
    );
    assert_eq!(
        message_of("list-sync-risk-operations?syncTaskId=1000&status=DONE&objectType[]=user"),
        "each value in status must be one of the following values: PENDING, SUCCESS, FAILED, \
         CANCELED, EXECUTING,\
         each value in objectType must be one of the following values: DEPARTMENT, USER"
    );
    let many = "&status=PENDING".repeat(51);
    assert_eq!(
        message_of(&format!("list-sync-risk-operations?syncTaskId=1000{many}")),
        "status must contain no more than 50 elements"
    );
}

#[test]
fn lists_in_a_query_are_read_as_each_sdk_writes_them() {
    let world = World::new(&LINES.replace("count = 15", "count = 60"));
    let path = "list-sync-risk-operations?syncTaskId=1003&";
    let wanted = world.rows(&format!("{path}status=PENDING&status=SUCCESS&"));
    assert!(!wanted.is_empty() && wanted.len() < world.rows(path).len());
    for spelling in ["status%5B%5D=PENDING&status%5B%5D=SUCCESS&", "status=%5BPENDING+SUCCESS%5D&"]
    {
        assert_eq!(world.rows(&format!("{path}{spelling}")), wanted, "{spelling}");
    }
}

#[test]
fn only_downstream_tasks_have_risk_operations_and_canceled_is_terminal() {
    let mut world = World::new(LINES);
    assert_eq!(world.total("list-sync-risk-operations?syncTaskId=1000"), 0);
    let first = |world: &World, status: &str| {
        let path = format!("list-sync-risk-operations?syncTaskId=1003&status={status}&");
        world.rows(&path).first().map(|operation| id(operation, "syncRiskOperationId"))
    };
    let operate = |world: &World, name: &str, id: u64| {
        let answer = world.post(name, &json!({"syncRiskOperationIds": [id, id]}));
        (answer["data"]["successList"].clone(), answer["data"]["faildList"].clone())
    };
    let status = |world: &World, wanted: u64| {
        let rows = world.rows("list-sync-risk-operations?syncTaskId=1003&");
        let found = rows.iter().find(|row| id(row, "syncRiskOperationId") == wanted);
        found.expect("the operation")["status"].as_str().unwrap().to_owned()
    };
    let (yes, no) = (|id: u64| (json!([id]), json!([])), |id: u64| (json!([]), json!([id])));
    let id = first(&world, "PENDING").expect("one that is pending");
    assert_eq!(operate(&world, "trigger-sync-risk-operations", id), yes(id));
    assert_eq!(status(&world, id), "EXECUTING");
    assert_eq!(operate(&world, "trigger-sync-risk-operations", id), no(id));
    world.now = world.now.plus(MINUTE);
    assert!(["SUCCESS", "FAILED"].contains(&&*status(&world, id)));
    let id = first(&world, "PENDING").expect("one that is pending");
    assert_eq!(operate(&world, "cancel-sync-risk-operation", id), yes(id));
    world.now = world.now.plus(30 * 24 * HOUR);
    assert_eq!(status(&world, id), "CANCELED");
    assert_eq!(operate(&world, "trigger-sync-risk-operations", id), no(id));
}

#[test]
fn a_huge_job_has_its_deepest_page_of_logs_at_once() {
    let world = World::new(
        "[authing.jobs]\ncount = 1\noutcomes = { failed = 1, others = 0 }\n\
         [authing.entities]\ndepartments = 1_000_000_000\naccounts = 1_000_000_000",
    );
    let job = id(&world.rows("list-sync-jobs?syncTaskId=1000&")[0], "syncJobId");
    let path = format!("list-sync-job-logs?syncJobId={job}&limit=50");
    let total = world.total(&path);
    assert!(total > 1_900_000_000);
    let last = world.read(&format!("{path}&page={}", total.div_ceil(50)));
    assert_eq!(last["list"].as_array().unwrap().len() as u64, (total - 1) % 50 + 1);
    assert_eq!(last["list"][0]["success"], false);
}

#[test]
fn events_are_written_as_exported_documents_have_them() {
    let draft = || Draft { sync_task_name: Some("n".to_owned()), ..Draft::default() };
    let ids = || vec![1, 2];
    for (event, written) in [
        (AuthingEvent::CreateTask(draft()), json!({"create_task": {"sync_task_name": "n"}})),
        (
            AuthingEvent::UpdateTask { sync_task_id: 7, to: draft() },
            json!({"update_task": {"sync_task_id": 7, "to": {"sync_task_name": "n"}}}),
        ),
        (
            AuthingEvent::TriggerTask { sync_task_id: 7 },
            json!({"trigger_task": {"sync_task_id": 7}}),
        ),
        (
            AuthingEvent::TriggerRiskOperations { sync_risk_operation_ids: ids() },
            json!({"trigger_risk_operations": {"sync_risk_operation_ids": [1, 2]}}),
        ),
        (
            AuthingEvent::CancelRiskOperations { sync_risk_operation_ids: ids() },
            json!({"cancel_risk_operations": {"sync_risk_operation_ids": [1, 2]}}),
        ),
        (AuthingEvent::Poll { sync_job_ids: ids() }, json!({"look": {"sync_job_ids": [1, 2]}})),
    ] {
        assert_eq!(serde_json::to_value(&event).unwrap(), written);
        assert_eq!(serde_json::from_value::<AuthingEvent>(written).unwrap(), event);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_last_state_of_a_path_lasts_for_ever_in_all_that_is_shown(
        is_created: bool,
        last in 0usize..3,
        first in 61_000u64..200_000,
        later in 0u64..40_000_000_000,
        succ in proptest::option::of(0u64..90),
    ) {
        let (path, status) = [
            ("[\"pending\"]", "pending"),
            ("[\"pending 1m\", \"onProgress\"]", "onProgress"),
            ("[\"pending 0s\", \"onProgress\"]", "onProgress"),
        ][last];
        let succ = succ.map_or(String::new(), |succ| format!("accountCountSucc = {succ}\n"));
        let lines = match is_created {
            true => format!("[authing.created]\npaths = [{path}]\n"),
            false => format!(
                "[[authing.job]]\nsyncJobId = 1\nsyncTaskId = 1000\n\
                 createdAt = 2026-03-02T10:00:00Z\n{succ}path = {path}\n"
            ),
        };
        let mut world = World::new(&format!(
            "[authing.tasks]\ncount = 1\n[authing.entities]\ndepartments = 7\naccounts = 40\n{lines}"
        ));
        if is_created {
            let answer = world.post("trigger-sync-task", &json!({ "syncTaskId": 1000 }));
            prop_assert_eq!(&answer["statusCode"], 200, "{}", answer);
        }
        world.now = world.now.plus(first);
        let all = |world: &World| {
            let jobs = world.rows("list-sync-jobs?syncTaskId=1000&");
            let job = id(&jobs[0], "syncJobId");
            let logs = world.rows(&format!("list-sync-job-logs?syncJobId={job}&"));
            let task = world.read("get-sync-task?syncTaskId=1000");
            json!([jobs, logs, task, world.read(&format!("get-sync-job?syncJobId={job}"))])
        };
        let before = all(&world);
        let (job, task) = (&before[0][0], &before[2]);
        prop_assert_eq!(&job["syncStatus"], status);
        prop_assert_eq!(&task["lastSyncStatus"], status);
        prop_assert!(task["lastSyncRate"].as_u64() < Some(100), "{}", task);
        prop_assert!(job.get("errMsg").is_none());
        let failed_lines = before[1].as_array().unwrap().iter().any(|line| line["success"] == false);
        prop_assert!(!failed_lines);
        world.now = world.now.plus(later);
        prop_assert_eq!(all(&world), before);
    }
}

#[test]
fn an_empty_message_is_that_of_a_job_and_not_of_its_task() {
    let world = World::new(
        "[authing.jobs]\ncount = 20\nevery = \"1h\"\noutcomes = { success = 1, failed = 1 }\n\
         [authing.quirks]\nerr_msg = \"empty\"\n",
    );
    for task in world.rows("list-sync-tasks?") {
        let jobs = world.rows(&format!("list-sync-jobs?syncTaskId={}&", task["syncTaskId"]));
        let message = jobs.first().map(|job| job["errMsg"].clone());
        let message = message.filter(|text| text != "");
        assert_eq!(task.get("lastSyncMessage").cloned(), message, "{task}");
        assert!(jobs.iter().any(|job| job["errMsg"] == ""));
    }
}

#[test]
fn tasks_are_listed_newest_first_with_a_clock_that_was_turned_back_too() {
    let mut world = World::new("[authing.tasks]\ncount = 3\n");
    let create = |world: &World| {
        let answer = world.post("create-sync-task", &task("upstream", "manually", "days"));
        id(&answer["data"], "syncTaskId")
    };
    let start = world.now;
    let late = [2 * HOUR, 0, HOUR, HOUR].map(|after| {
        world.now = start.plus(after);
        create(&world)
    });
    world.now = start.plus(3 * HOUR);
    let rows = world.rows("list-sync-tasks?");
    let dates: Vec<&str> = rows.iter().map(|row| row["createdAt"].as_str().unwrap()).collect();
    assert!(dates.iter().rev().is_sorted(), "{dates:?}");
    let ids: Vec<u64> = rows.iter().map(|row| id(row, "syncTaskId")).collect();
    assert_eq!(ids[..4], [late[0], late[3], late[2], late[1]]);
}
