//! The answers that a plain client of Authing gets with each switch.

use std::fmt::Write;

use serde_json::{Value, json};

use super::hold;
use crate::core_tests::asking::text;
use crate::core_tests::life::Session;

/// Seven tasks; the first is manual and has seven jobs, the fourth is downstream and has seven
/// risk operations. None comes by itself.
const SET: [&str; 6] = [
    "authing.tasks.count=7",
    "authing.jobs={count=7,outcomes={success=5,failed=2},waiting=\"10s\",duration=\"20s\"}",
    "authing.timed.every=\"3650d\"",
    "authing.automatic.every=\"3650d\"",
    "authing.risk_operations={count=7,outcomes={pending=1,others=0},duration=\"20s\"}",
    "authing.entities={departments=2,accounts=3}",
];

fn session(set: &[&str]) -> Session {
    Session::new("default", &[&SET[..], set].concat())
}

/// Records what `observe` sees with each value of `key`.
fn golden(key: &str, values: &[&str], observe: impl Fn(&mut Session) -> String) {
    let mut all = String::new();
    for value in values {
        let set = format!("authing.quirks.{key}={value}");
        let _ = writeln!(all, "{key} = {value}\n{}", observe(&mut session(&[&set])));
    }
    hold("authing", key, &all);
}

fn answer(session: &Session, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = session.ask(method, &format!("/api/v3/{path}"), &body);
    let status = answer.reply.status().as_u16();
    (status, serde_json::from_str(&text(&answer)).unwrap_or_else(|e| panic!("{path}: {e}")))
}

/// The members by which a row or a thing is distinguished from others, as they are on the wire.
const MEMBERS: [&str; 12] = [
    "syncRiskOperationId",
    "action",
    "objectName",
    "syncJobId",
    "syncTaskId",
    "syncTaskName",
    "syncStatus",
    "lastSyncStatus",
    "status",
    "errMsg",
    "successList",
    "faildList",
];

fn thing(value: &Value) -> String {
    let Some(members) = value.as_object() else { return value.to_string() };
    let shown = MEMBERS.iter().filter_map(|name| Some((name, members.get(*name)?)));
    shown.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}

/// A row in a word: its id and, if it has one, its state.
fn row(value: &Value) -> String {
    let id = ["syncRiskOperationId", "objectName", "syncJobId", "syncTaskId"]
        .iter()
        .find_map(|name| value.get(*name))
        .expect("a distinguishing member");
    match ["status", "syncStatus"].iter().find_map(|name| value[*name].as_str()) {
        Some(state) => format!("{id}({state})"),
        None => id.to_string(),
    }
}

fn data_summary(data: &Value) -> String {
    let Some(members) = data.as_object() else { return data.to_string() };
    let list = match members.get("list") {
        Some(Value::Array(rows)) => {
            format!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join(" "))
        }
        Some(Value::Object(object)) => format!("{{{}}}", row(&Value::Object(object.clone()))),
        Some(other) => other.to_string(),
        None if !data["totalCount"].is_null() => "no list,".to_owned(),
        None => return thing(data),
    };
    match members.get("totalCount") {
        Some(total) => format!("{list} totalCount {total}"),
        None => format!("{list} no totalCount"),
    }
}

/// A request and its answer in a line.
fn line(session: &Session, method: &str, path: &str, body: &Value) -> String {
    let (http, answer) = answer(session, method, path, body);
    let mut summary = format!("  {path}");
    if !body.is_null() {
        let _ = write!(summary, " {body}");
    }
    if http != 200 {
        let _ = write!(summary, ": HTTP {http}");
    }
    if answer["statusCode"] != 200 {
        let _ = write!(summary, ": {} {}", answer["statusCode"], answer["message"]);
    }
    if let Some(data) = answer.get("data") {
        let _ = write!(summary, ": {}", data_summary(data));
    }
    summary + "\n"
}

fn get(session: &Session, path: &str) -> String {
    line(session, "GET", path, &Value::Null)
}

fn post(session: &Session, path: &str, body: &Value) -> String {
    line(session, "POST", path, body)
}

/// Everything of an answer but its data.
fn envelope(session: &Session, path: &str) -> String {
    let (http, mut answer) = answer(session, "GET", path, &Value::Null);
    let members = answer.as_object_mut().expect("an object");
    members.shift_remove("data");
    if let Some(id) = members.get_mut("requestId") {
        *id = json!("…");
    }
    format!("  {path}: HTTP {http}: {answer}\n")
}

fn pages_of(session: &Session, list: &str, numbers: std::ops::RangeInclusive<u64>) -> String {
    numbers.map(|number| get(session, &format!("{list}page={number}&limit=3"))).collect()
}

/// Five pages of three; nothing happens in between.
fn pages(session: &mut Session) -> String {
    pages_of(session, "list-sync-tasks?", 1..=5)
}

const JOBS: &str = "list-sync-jobs?syncTaskId=1000&";
const RISKS: &str = "list-sync-risk-operations?syncTaskId=1003&status=PENDING&";

fn created(session: &Session) -> String {
    let task = json!({
        "syncTaskName": "n",
        "syncTaskType": "active-directory",
        "clientConfig": {"activeDirectoryConfig": {}},
        "syncTaskFlow": "upstream",
        "syncTaskTrigger": "manually",
        "fieldMapping": [{"expression": "mobile", "targetKey": "phone"}],
    });
    let (_, answer) = answer(session, "POST", "create-sync-task", &task);
    format!("  create-sync-task: {}\n", data_summary(&answer["data"]))
}

fn triggered(session: &Session) -> String {
    post(session, "trigger-sync-task", &json!({"syncTaskId": 1000}))
}

/// The ids of the first rows of a page.
fn first(session: &Session, list: &str, name: &str, count: usize) -> Vec<Value> {
    let (_, answer) = answer(session, "GET", list, &Value::Null);
    let rows = answer["data"]["list"].as_array().expect("a list").iter();
    rows.take(count).map(|row| row[name].clone()).collect()
}

fn risks(session: &Session, operation: &str, ids: &[Value]) -> String {
    post(session, operation, &json!({"syncRiskOperationIds": ids}))
}

/// Pages of three of each list, while a job runs. After the first somebody creates a task,
/// triggers one, and cancels the first risk operation of it; the job comes to its end.
fn busy(session: &mut Session) -> String {
    session.advance(3_600_000 - 19_000);
    let mut seen = triggered(session);
    // The only job so far that a client triggered.
    let logs = "list-sync-job-logs?syncJobId=2100000001&";
    session.advance(19_000);
    for number in 1..=4 {
        for list in ["list-sync-tasks?", JOBS, RISKS, logs] {
            seen.push_str(&pages_of(session, list, number..=number));
        }
        session.advance(11_000);
        if number == 1 {
            let some = first(session, RISKS, "syncRiskOperationId", 1);
            seen.push_str(&created(session));
            seen.push_str(&triggered(session));
            seen.push_str(&risks(session, "cancel-sync-risk-operation", &some));
        }
    }
    seen
}

#[test]
fn lists() {
    let anomalies = ["exact", "repeat", "lose", "short", "empty_second", "unstable"];
    golden("pages", &anomalies.map(quoted).each_ref().map(String::as_str), pages);
    let totals = ["exact", "off_by_one", "capped", "missing", "drifting"];
    golden("total", &totals.map(quoted).each_ref().map(String::as_str), pages);
    golden("past_the_end", &["\"empty\"", "\"refuse\"", "\"last\""], pages);
    golden("list", &["\"array\"", "\"object\""], pages);
    golden("page_zero", &["\"refuse\"", "\"first\""], |session| {
        pages_of(session, "list-sync-tasks?", 0..=2)
    });
    golden("empty_list", &["\"list\"", "\"null\"", "\"absent\""], |session| {
        let none = "list-sync-risk-operations?syncTaskId=1000";
        get(session, none) + &get(session, "list-sync-tasks?page=9")
    });
    golden("limit_over_50", &["\"refuse\"", "\"clamp\"", "\"allow\""], |session| {
        for _ in 7..53 {
            created(session);
        }
        [(50, 2), (51, 1), (51, 2), (100, 1)]
            .map(|(limit, page)| count(session, limit, page))
            .concat()
    });
    golden("numbers", &["\"number\"", "\"text\""], |session| {
        let task = "get-sync-task?syncTaskId=1000";
        pages_of(session, JOBS, 1..=1) + &get(session, task) + &triggered(session)
    });
    golden("stale_reads", &["\"1ms\"", "\"30s\""], |session| {
        session.advance(60_000);
        let mut seen = created(session);
        let new = "get-sync-task?syncTaskId=1007";
        for wait in [0, 1, 29_999] {
            session.advance(wait);
            seen += &(get(session, new) + &get(session, "list-sync-tasks?limit=3"));
        }
        seen
    });
}

/// The number of rows on a page, and the total.
fn count(session: &Session, limit: u64, page: u64) -> String {
    let path = format!("list-sync-tasks?limit={limit}&page={page}");
    let (_, answer) = answer(session, "GET", &path, &Value::Null);
    match answer["data"]["list"].as_array() {
        Some(rows) => {
            format!("  {path}: {} rows, totalCount {}\n", rows.len(), answer["data"]["totalCount"])
        }
        None => get(session, &path),
    }
}

fn quoted(value: &str) -> String {
    format!("\"{value}\"")
}

#[test]
fn consistency() {
    let mut all = String::new();
    for value in ["live", "snapshot"] {
        let set = format!("authing.paging.consistency=\"{value}\"");
        let _ = writeln!(all, "consistency = {value}\n{}", busy(&mut session(&[&set])));
    }
    hold("authing", "consistency", &all);
}

#[test]
fn answers() {
    let tasks_and_not = |session: &mut Session| {
        envelope(session, "list-sync-tasks") + &envelope(session, "get-sync-task?syncTaskId=77")
    };
    golden("success_message", &["\"\"", "\"操作成功\""], tasks_and_not);
    golden("success_api_code", &["20001"], tasks_and_not);
    golden("request_id", &["\"always\"", "\"never\""], tasks_and_not);
    golden("http_status", &["\"always_200\"", "\"mirror\""], |session| {
        envelope(session, "get-sync-task?syncTaskId=77")
            + &envelope(session, "list-sync-tasks?page=0")
            + &post(session, "trigger-sync-task", &json!({"syncTaskId": 77}))
    });
    golden("unknown_task", &["\"not_found\"", "\"no_provider\"", "\"empty_list\""], |session| {
        get(session, "list-sync-jobs?syncTaskId=77")
            + &get(session, "list-sync-risk-operations?syncTaskId=77")
            + &get(session, "list-sync-job-logs?syncJobId=77")
            + &get(session, "get-sync-task?syncTaskId=77")
            + &get(session, "get-sync-job?syncJobId=77")
            + &post(session, "trigger-sync-task", &json!({"syncTaskId": 77}))
    });
    golden("validation", &["\"english\"", "\"localized\""], |session| {
        get(session, "list-sync-jobs?page=0&limit=51")
            + &get(session, "list-sync-job-logs?syncJobId=x&success=x")
    });
    golden("err_msg", &["\"absent\"", "\"empty\""], |session| {
        let jobs = first(session, JOBS, "syncJobId", 7);
        jobs.iter().map(|id| get(session, &format!("get-sync-job?syncJobId={id}"))).collect()
    });
}

#[test]
fn writes() {
    let ways = ["\"invalid_operation\"", "\"client_error\"", "\"start\""];
    golden("trigger_while_running", &ways, |session| {
        let mut seen = triggered(session) + &triggered(session);
        session.advance(30_000);
        seen.push_str(&triggered(session));
        seen + &pages_of(session, JOBS, 1..=1)
    });
    golden("cancel_executing", &["\"allow\"", "\"refuse\""], |session| {
        let some = first(session, RISKS, "syncRiskOperationId", 2);
        let mut seen = risks(session, "trigger-sync-risk-operations", &some[..1]);
        session.advance(1);
        seen.push_str(&risks(session, "cancel-sync-risk-operation", &some));
        session.advance(60_000);
        seen + &get(session, "list-sync-risk-operations?syncTaskId=1003&limit=3")
    });
    golden("written_task", &["\"single\"", "\"page\""], |session| {
        created(session)
            + &post(session, "update-sync-task", &json!({"syncTaskId": 1000, "syncTaskName": "n2"}))
    });
    golden("job_logs", &["\"list\"", "\"declared\""], |session| {
        let job = first(session, JOBS, "syncJobId", 1);
        pages_of(session, &format!("list-sync-job-logs?syncJobId={}&", job[0]), 1..=2)
    });
}
