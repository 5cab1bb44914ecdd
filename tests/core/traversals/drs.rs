//! The answers that a plain client of DRS gets with each switch.

use std::fmt::Write;

use serde_json::{Value, json};

use super::hold;
use crate::core_tests::asking::{DRS, text};
use crate::core_tests::life::Session;

const PROJECT: &str = "/v5/054ba152d480d55b2f5dc0069e7ddef0";
const CREATE: &str = "/v5/054ba152d480d55b2f5dc0069e7ddef0/jobs/batch-async-create";

/// Seven batches, of all states; those that clients create wait for their commit at once.
const SET: [&str; 4] = [
    "drs.jobs.count=7",
    "drs.jobs.outcomes={validate_failed=1,waiting=2,committed=4}",
    "drs.transfers.outcomes={increment=1,others=0}",
    "drs.created.paths=[[\"ASYNC_JOB_VALIDATING 1ms\",\"AUTO_PARAM_VALIDATE_SUCCESS\"]]",
];

fn session(set: &[&str]) -> Session {
    Session::new("default", &[&SET[..], set].concat())
}

/// Records what `observe` sees with each value of `key`.
fn golden(key: &str, values: &[&str], observe: impl Fn(&mut Session) -> String) {
    golden_with(key, values, &[], observe);
}

fn golden_with(key: &str, values: &[&str], set: &[&str], observe: impl Fn(&mut Session) -> String) {
    let mut all = String::new();
    for value in values {
        let switch = format!("drs.quirks.{key}={value}");
        let seen = observe(&mut session(&[set, &[&switch]].concat()));
        let _ = writeln!(all, "{key} = {value}\n{seen}");
    }
    hold("drs", key, &all);
}

/// For a switch whose values are words.
fn golden_words(key: &str, values: &[&str], observe: impl Fn(&mut Session) -> String) {
    let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    golden(key, &values.iter().map(String::as_str).collect::<Vec<_>>(), observe);
}

/// The value as it is on the wire, or that it is not there.
fn wire(answer: &Value, name: &str) -> String {
    answer.get(name).map_or("absent".to_owned(), Value::to_string)
}

/// Status and body; an error in one line.
fn ask(session: &Session, method: &str, path: &str, body: &Value) -> (String, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = session.ask(method, path, &body);
    let found: Value = serde_json::from_str(&text(&answer)).unwrap();
    let mut line = format!("{}", answer.reply.status().as_u16());
    if let (Some(code), Some(message)) = (found["error_code"].as_str(), found["error_msg"].as_str())
    {
        let _ = write!(line, " {code} {message}");
    }
    (line, found)
}

/// A page of a list in a line: of each row the id's first digits, and the total.
fn page_of(session: &Session, list: &str, query: &str, row: fn(&Value) -> String) -> String {
    let (line, body) = ask(session, "GET", &format!("{list}?{query}"), &Value::Null);
    if body.get("error_code").is_some() {
        return format!("  {query}: {line}\n");
    }
    let jobs = match body["jobs"].as_array() {
        Some(rows) => format!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join(", ")),
        None => wire(&body, "jobs"),
    };
    format!("  {query}: {jobs} total_count {}\n", wire(&body, "total_count"))
}

fn short(row: &Value) -> String {
    row.get("async_job_id").unwrap_or(&row["id"]).as_str().unwrap()[..4].to_owned()
}

fn with_status(row: &Value) -> String {
    format!("{} {}", short(row), row["status"].as_str().unwrap())
}

fn page(session: &Session, query: &str) -> String {
    page_of(session, DRS, query, short)
}

fn states(session: &Session, query: &str) -> String {
    page_of(session, DRS, query, with_status)
}

/// Four pages of three; nothing happens in between.
fn pages(session: &mut Session) -> String {
    [0, 3, 6, 9].map(|offset| page(session, &format!("limit=3&offset={offset}"))).concat()
}

fn job(name: &str) -> Value {
    json!({
        "base_info": {
            "name": name, "job_type": "sync", "engine_type": "mysql-to-mysql",
            "job_direction": "up", "task_type": "FULL_INCR_TRANS", "net_type": "eip",
        },
        "source_endpoint": [{
            "db_type": "mysql", "endpoint_type": "offline", "endpoint_role": "so",
            "endpoint": {
                "endpoint_name": "mysql", "ip": "10.0.0.1", "db_port": "3306",
                "db_user": "repl", "db_password": "of-the-source",
            },
        }],
        "target_endpoint": [{
            "db_type": "mysql", "endpoint_type": "cloud", "endpoint_role": "ta",
            "endpoint": {
                "endpoint_name": "cloud_mysql", "db_user": "root",
                "db_password": "of-the-target",
                "instance_id": "c2c7579bc09c490b9d8009db715aeb0ain14",
            },
            "cloud": {"region": "cn-north-4", "project_id": "054ba152d480d55b2f5dc0069e7ddef0"},
        }],
        "policy_config": {},
        "db_object": {"object_scope": "all"}, "node_info": {"spec": {"node_type": "high"}},
    })
}

/// The line of the answer, and the id of the batch if there is one.
fn create(session: &Session, jobs: &[Value]) -> (String, String) {
    let (line, body) = ask(session, "POST", CREATE, &json!({ "jobs": jobs }));
    let id = body["job"]["async_job_id"].as_str().unwrap_or_default().to_owned();
    (line, id)
}

/// The line of the answer.
fn commit(session: &Session, id: &str) -> String {
    let (line, body) = ask(session, "POST", &format!("{DRS}/{id}/commit"), &Value::Null);
    match body["job"]["status"].as_str() {
        Some(status) => format!("{line} {status}"),
        None => line,
    }
}

/// Four pages of three. Before the second somebody creates a batch, before the third somebody
/// commits it.
fn busy_pages(session: &mut Session) -> String {
    let mut seen = states(session, "limit=3&offset=0");
    session.advance(1);
    let (_, id) = create(session, &[job("new-one")]);
    seen += &states(session, "limit=3&offset=3");
    session.advance(1);
    let _ = writeln!(seen, "  commit: {}", commit(session, &id));
    seen += &states(session, "limit=3&offset=6");
    session.advance(1);
    seen += &states(session, "limit=3&offset=9");
    let detail = format!("{DRS}/{id}");
    seen += &page_of(session, &detail, "limit=3&offset=0", with_status);
    seen + &page_of(session, &format!("{PROJECT}/jobs"), "job_type=sync&status=CREATING", short)
}

#[test]
fn pages_and_totals() {
    let anomalies = ["exact", "repeat", "lose", "short", "empty_second", "unstable"];
    golden_words("pages", &anomalies, pages);
    let totals = ["\"exact\"", "\"off_by_one\"", "\"capped\"", "\"missing\"", "\"drifting\""];
    golden_with("total", &totals, &["drs.jobs.count=10001"], |session| {
        [0, 3, 9_999].map(|offset| page(session, &format!("limit=3&offset={offset}"))).concat()
    });
    golden_words("empty_list", &["list", "null", "absent"], pages);
    golden_words("numbers", &["number", "text"], pages);
    golden_words("past_the_end", &["empty", "refuse", "last"], pages);
    let limits = |session: &mut Session| {
        [2, 3, 1_000].map(|limit| page(session, &format!("limit={limit}&offset=1"))).concat()
    };
    golden("max_limit", &["1000", "2"], limits);
    golden_with("over_limit", &["\"refuse\"", "\"clamp\""], &["drs.quirks.max_limit=2"], limits);
}

#[test]
fn consistency() {
    let mut all = String::new();
    for value in ["live", "snapshot"] {
        let set = format!("drs.paging.consistency=\"{value}\"");
        let _ = writeln!(all, "consistency = {value}\n{}", busy_pages(&mut session(&[&set])));
    }
    hold("drs", "consistency", &all);
}

#[test]
fn what_is_read_after_it_was_written() {
    golden_words("stale_reads", &["1ms", "30s"], |session| {
        session.advance(1_000);
        let (line, id) = create(session, &[job("new-one")]);
        let mut seen = format!("  create: {line}\n");
        let mut poll = |session: &Session, after: &str| {
            let found = states(session, &format!("async_job_id={id}")).replace(&id, "new");
            let _ = write!(seen, "  {after} {}", found.trim_start());
        };
        poll(session, "at once,");
        session.advance(1);
        poll(session, "after 1 ms,");
        session.advance(29_999);
        poll(session, "after 30 s,");
        let outcome = commit(session, &id);
        poll(session, &format!("commit {outcome},"));
        session.advance(30_000);
        poll(session, "after 30 s,");
        seen
    });
}

#[test]
fn errors() {
    let signing_mistakes = |session: &mut Session| {
        let mut seen = String::new();
        for query in ["limit=0", "offset=-1", "status=LOST"] {
            seen += &page(session, query);
        }
        let jobs = format!("{PROJECT}/jobs");
        seen += &page_of(session, &jobs, "limit=3", short);
        seen += &page_of(session, &format!("{DRS}/nobody"), "limit=3", short);
        let (taken, _) = create(session, &[job("same-name"), job("same-name")]);
        let unknown = commit(session, "nobody");
        let (_, id) = create(session, &[job("one-job")]);
        session.advance(1);
        let put = |wish: Value| {
            let body = json!({ "jobs": [wish] });
            let (line, body) = ask(session, "PUT", &format!("{DRS}/{id}"), &body);
            format!(
                "{line} {} {}",
                wire(&body["jobs"][0], "status"),
                wire(&body["jobs"][0], "error_code")
            )
        };
        let updated = put(json!({"type": "all", "params": {"job_id": "nobody"}}));
        let (first, again) = (commit(session, &id), commit(session, &id));
        let gateway = ask(session, "DELETE", DRS, &Value::Null).0;
        seen + &format!(
            "  create two of one name: {taken}\n  commit nobody: {unknown}\n  update: {updated}\n  \
             commit: {first}\n  commit again: {again}\n  the gateway: {gateway}\n"
        )
    };
    golden_words("errors", &["hard", "soft"], signing_mistakes);
    golden_words("bad_request", &["specific", "generic"], |session| {
        ["limit=0", "offset=x", "sort_dir=up", "status=LOST"].map(|q| page(session, q)).concat()
    });
    golden("newer_wording", &["false", "true"], |session| {
        format!("  commit nobody: {}\n", commit(session, "nobody"))
    });
    golden_words("unknown_project", &["refuse", "empty"], |session| {
        let list = page_of(session, "/v5/other/batch-async-jobs", "limit=3", short);
        let jobs = page_of(session, "/v5/other/jobs", "job_type=sync", short);
        list + &jobs + &page_of(session, "/v5/other/batch-async-jobs/nobody", "limit=3", short)
    });
}

#[test]
fn statuses() {
    golden_with("legacy_statuses", &["false", "true"], &["drs.created.paths=[]"], |session| {
        let mut seen = states(session, "limit=7");
        for status in ["COMMIT_SUCCESS", "ASYNC_JOB_COMPLETED"] {
            seen += &states(session, &format!("limit=1&status={status}"));
        }
        seen
    });
}

#[test]
fn creations() {
    let life = |session: &mut Session| {
        let mut bad = job("with-fault");
        bad["base_info"]["net_type"] = "lan".into();
        let (line, id) = create(session, &[bad]);
        let mut seen = format!("  create: {line}\n");
        if id.is_empty() {
            return seen;
        }
        session.advance(600_000);
        seen += &states(session, &format!("async_job_id={id}")).replace(&id, "it");
        let (_, detail) = ask(session, "GET", &format!("{DRS}/{id}"), &Value::Null);
        let found = &detail["jobs"][0];
        let net_type = wire(&found["base_info"], "net_type");
        let _ = writeln!(seen, "  net_type {net_type}, logs {}", wire(found, "logs"));
        seen + &format!("  commit: {}\n", commit(session, &id))
    };
    let set = ["drs.created.paths=[]"];
    golden_with("checks", &["\"later\"", "\"at_once\"", "\"none\""], &set, life);
    golden_with("failed_checks", &["\"inline\"", "\"logs\""], &set, life);
    golden_words("create_status", &["accepted", "ok"], |session| {
        format!("  create: {}\n", create(session, &[job("one-job")]).0)
    });
    golden("max_jobs", &["10", "2"], |session| {
        [2, 3, 11]
            .map(|count| {
                let jobs: Vec<Value> =
                    (0..count).map(|i| job(&format!("of-{count}-{i}"))).collect();
                format!("  create {count}: {}\n", create(session, &jobs).0)
            })
            .concat()
    });
}
