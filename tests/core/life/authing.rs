//! The life of a synchronization job at Authing, and of a risk operation.

use serde_json::{Value, json};

use super::Session;

const V3: &str = "/api/v3";

impl Session {
    fn read(&self, path: &str) -> Value {
        let mut answer = self.json("GET", &format!("{V3}/{path}"), "");
        assert_eq!(answer["statusCode"], 200, "{path}: {answer}");
        answer["data"].take()
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let mut answer = self.json("POST", &format!("{V3}/{path}"), &body.to_string());
        assert_eq!(answer["statusCode"], 200, "{path}: {answer}");
        answer["data"].take()
    }
}

fn id(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("{name} of {value}"))
}

fn lark(name: &str) -> Value {
    json!({
        "syncTaskName": name,
        "syncTaskType": "lark",
        "clientConfig": {"larkConfig": {"app_id": "cli_a1", "app_secret": "verysecretvalue"}},
        "syncTaskFlow": "upstream",
        "syncTaskTrigger": "manually",
        "fieldMapping": [{"expression": "mobile", "targetKey": "phone"}],
    })
}

#[test]
fn a_task_is_created_and_triggered_and_its_job_goes_through_its_states() {
    let mut session = Session::new("default", &[]);
    let mut seen = Vec::new();
    let reads = [
        "list-sync-tasks",
        "get-sync-task?syncTaskId=1000",
        "list-sync-jobs?syncTaskId=1000&limit=3",
        "list-sync-jobs?syncTaskId=1001&syncTrigger=timed",
        "list-sync-risk-operations?syncTaskId=1003&status=PENDING&status=FAILED",
    ]
    .map(|path| ("GET", format!("{V3}/{path}")));
    session.laws_of_time(&reads, &mut seen);

    session.advance(1);
    let created = session.post("create-sync-task", lark("飞书"));
    let task = id(&created, "syncTaskId");
    assert_eq!(created["lastSyncStatus"], "free");
    assert_eq!(session.read("list-sync-tasks?limit=1")["list"][0], created);
    assert_eq!(session.read(&format!("list-sync-jobs?syncTaskId={task}"))["totalCount"], 0);

    session.advance(1000);
    let job = id(&session.post("trigger-sync-task", json!({"syncTaskId": task})), "syncJobId");
    let mut states = vec![];
    let mut lines = 0;
    while states.len() < 3 {
        let found = session.read(&format!("get-sync-job?syncJobId={job}"));
        if states.last() != Some(&found["syncStatus"]) {
            session.laws_of_time(&reads, &mut seen);
            states.push(found["syncStatus"].clone());
        }
        let shown = session.read(&format!("get-sync-task?syncTaskId={task}"));
        assert_eq!(shown["lastSyncStatus"], found["syncStatus"]);
        assert_eq!(shown["lastSyncTime"], found["updatedAt"]);
        let bound = shown["organizationCode"].is_string();
        assert_eq!(bound, states.len() == 3, "an upstream task is bound once it has run");
        let logs = session.read(&format!("list-sync-job-logs?syncJobId={job}&limit=1"));
        assert!(id(&logs, "totalCount") >= lines);
        lines = id(&logs, "totalCount");
        session.advance(500);
    }
    assert_eq!(states[..2], ["pending", "onProgress"]);
    assert!(lines > 1000);
    let list = session.read(&format!("list-sync-jobs?syncTaskId={task}&syncTrigger=manually"));
    assert_eq!(id(&list, "totalCount"), 1);

    let pending = session.read("list-sync-risk-operations?syncTaskId=1003&status=PENDING");
    let ids: Vec<u64> = pending["list"]
        .as_array()
        .expect("a list")
        .iter()
        .take(2)
        .map(|operation| id(operation, "syncRiskOperationId"))
        .collect();
    let body = json!({"syncRiskOperationIds": ids});
    let answer = session.post("trigger-sync-risk-operations", body.clone());
    assert_eq!((&answer["successList"], &answer["faildList"]), (&json!(ids), &json!([])));
    session.laws_of_time(&reads, &mut seen);
    session.advance(600_000);
    session.post("cancel-sync-risk-operation", body);
    session.post(
        "update-sync-task",
        json!({"syncTaskId": 1000, "syncTaskName": "n2", "syncTaskTrigger": "timed",
               "timedScheduler": {"cycle": "twoHours", "startTime": 1_772_445_600_000_u64}}),
    );
    session.laws_of_time(&reads, &mut seen);
    session.advance(8_000_000);
    assert_eq!(session.read("list-sync-jobs?syncTaskId=1000&syncTrigger=timed")["totalCount"], 1);
    session.laws_of_time(&reads, &mut seen);
}

#[test]
fn answers_match_the_goldens() {
    let mut session = Session::new("default", &[]);
    let get = |session: &Session, name: &str, path: &str| {
        session.golden("authing", name, "GET", &format!("{V3}/{path}"), "");
    };
    let post = |session: &Session, name: &str, path: &str, body: &Value| {
        session.golden("authing", name, "POST", &format!("{V3}/{path}"), &body.to_string());
    };
    get(&session, "list-sync-tasks", "list-sync-tasks?limit=3");
    get(&session, "list-sync-tasks-bad-page", "list-sync-tasks?page=0&limit=51");
    get(&session, "get-sync-task", "get-sync-task?syncTaskId=1000");
    get(&session, "get-sync-task-downstream", "get-sync-task?syncTaskId=1003");
    get(&session, "get-sync-task-timed", "get-sync-task?syncTaskId=1001");
    get(&session, "get-sync-task-missing", "get-sync-task");
    get(&session, "get-sync-task-unknown", "get-sync-task?syncTaskId=77");
    get(&session, "get-sync-job", "get-sync-job?syncJobId=1721");
    get(&session, "get-sync-job-missing", "get-sync-job");
    get(&session, "get-sync-job-unknown", "get-sync-job?syncJobId=77");
    get(&session, "list-sync-job-logs", "list-sync-job-logs?syncJobId=1721&page=30&limit=4");
    get(
        &session,
        "list-sync-job-logs-filtered",
        "list-sync-job-logs?syncJobId=1721&success=True&action=UpdateUser&objectType=USER&limit=2",
    );
    get(&session, "list-sync-job-logs-bad", "list-sync-job-logs?success=x&action=y&objectType=z");
    get(&session, "list-sync-risk-operations", "list-sync-risk-operations?syncTaskId=1003&limit=4");
    get(
        &session,
        "list-sync-risk-operations-bad",
        "list-sync-risk-operations?status=DONE&objectType=GROUP",
    );
    let task = 1000;
    post(&session, "create-sync-task", "create-sync-task", &lark("飞书上游"));
    session.advance(1000);
    post(
        &session,
        "update-sync-task",
        "update-sync-task",
        &json!({"syncTaskId": task, "syncTaskName": "n2"}),
    );
    post(&session, "update-sync-task-unknown", "update-sync-task", &json!({"syncTaskId": 77}));
    let one = json!({"syncTaskId": task});
    post(&session, "trigger-sync-task", "trigger-sync-task", &one);
    post(&session, "trigger-sync-task-running", "trigger-sync-task", &one);
    get(&session, "list-sync-jobs-triggered", "list-sync-jobs?syncTaskId=1000&limit=1");
    post(&session, "trigger-sync-task-no-provider", "trigger-sync-task", &json!({"syncTaskId": 0}));
    post(&session, "trigger-sync-task-missing", "trigger-sync-task", &json!({}));
    let mut without = lark("n");
    without["clientConfig"] = Value::Null;
    post(&session, "create-sync-task-no-config", "create-sync-task", &without);
    without = lark("n");
    without["fieldMapping"] = Value::Null;
    post(&session, "create-sync-task-no-mapping", "create-sync-task", &without);
    without = lark("n");
    without["clientConfig"]["larkConfig"]["app_id"] = Value::Null;
    post(&session, "create-sync-task-half-config", "create-sync-task", &without);
    post(&session, "create-sync-task-empty", "create-sync-task", &json!({}));
    let list =
        session.read("list-sync-risk-operations?syncTaskId=1003&status=PENDING&limit=2")["list"]
            .take();
    let ids = [id(&list[0], "syncRiskOperationId"), id(&list[1], "syncRiskOperationId"), 999_999];
    let ids = json!({"syncRiskOperationIds": ids});
    let risks = "trigger-sync-risk-operations";
    post(&session, risks, risks, &ids);
    post(&session, "trigger-sync-risk-operations-again", risks, &ids);
    post(&session, "trigger-sync-risk-operations-empty", risks, &json!({}));
    get(
        &session,
        "list-sync-risk-operations-executing",
        "list-sync-risk-operations?syncTaskId=1003&status=EXECUTING",
    );
    post(&session, "cancel-sync-risk-operation", "cancel-sync-risk-operation", &ids);
}
