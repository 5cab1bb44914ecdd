//! The answers that a plain client of OMS gets with each switch: the successive pages of a list,
//! and the points of a task over time.

use std::fmt::Write;

use crate::world::time::{HOUR, MINUTE, Timestamp};
use serde_json::Value;

use crate::core_tests::asking::text;
use crate::core_tests::life::Session;
use crate::core_tests::traversals::hold;

const TASKS: &str = "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks";
const TASK: &str = "4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb";
const CREATION: &str = r#"{"src_cloud_type":"Aliyun","src_region":"cn-beijing","src_bucket":"src","src_ak":"AKSOURCE","src_sk":"SKSOURCE","dst_ak":"AKTARGET","dst_sk":"SKTARGET","dst_region":"cn-north-4","dst_bucket":"dst"}"#;

/// Seven tasks; the documented one has something to do in every five minutes, and no failures.
const SET: [&str; 5] = [
    "oms.tasks.count=6",
    "oms.series.curve=\"flat\"",
    "oms.series.bursts.factor=1",
    "oms.series.gaps.every=\"3650d\"",
    "oms.series.outcomes={success=9,failure=0,skip=1}",
];

fn session(set: &[&str]) -> Session {
    Session::new("default", &[&SET[..], set].concat())
}

/// Records what `observe` sees with each value of `key`.
fn golden(key: &str, values: &[&str], observe: impl Fn(&mut Session) -> String) {
    let mut all = String::new();
    for value in values {
        let set = format!("oms.quirks.{key}={value}");
        let _ = writeln!(all, "{key} = {value}\n{}", observe(&mut session(&[&set])));
    }
    hold("oms", key, &all);
}

/// The value as it is on the wire, or that it is not there.
fn wire(answer: &Value, name: &str) -> String {
    answer.get(name).map_or("absent".to_owned(), Value::to_string)
}

/// A page of a list in a line: the first digits of the ids, the state, and the total.
fn page(session: &Session, query: &str) -> String {
    let answer = session.ask("GET", &format!("{TASKS}?{query}"), "");
    let body: Value = serde_json::from_str(&text(&answer)).unwrap();
    if !answer.succeeded() {
        return format!("  {query}: {} {}\n", answer.reply.status().as_u16(), body["error_detail"]);
    }
    let short = |row: &Value| {
        let (id, status) = (&row["sync_task_id"].as_str().unwrap()[..4], &row["status"]);
        if status == "STOPPED" { format!("{id}(stopped)") } else { id.to_owned() }
    };
    let tasks = match body["tasks"].as_array() {
        Some(rows) => rows.iter().map(short).collect::<Vec<_>>().join(" "),
        None => wire(&body, "tasks"),
    };
    format!("  {query}: [{tasks}] count {}\n", wire(&body, "count"))
}

/// Four pages of three; nothing happens in between.
fn pages(session: &mut Session) -> String {
    [0, 3, 6, 9].map(|offset| page(session, &format!("limit=3&offset={offset}"))).concat()
}

fn create(session: &Session) {
    session.json("POST", TASKS, CREATION);
}

/// Four pages of three; before the second somebody creates a task, before the third somebody
/// deletes the documented one, which the first page had.
fn busy_pages(session: &mut Session) -> String {
    let mut seen = page(session, "limit=3&offset=0");
    session.advance(1);
    create(session);
    seen += &page(session, "limit=3&offset=3");
    session.advance(1);
    session.ask("POST", &format!("{TASKS}/{TASK}/stop"), "");
    session.ask("DELETE", &format!("{TASKS}/{TASK}"), "");
    seen += &page(session, "limit=3&offset=6");
    session.advance(1);
    seen + &page(session, "limit=3&offset=9")
}

fn clock(stamp: i64) -> String {
    Timestamp::from_millis(stamp).iso_seconds()[11..16].to_owned()
}

/// The series of a range of minutes around the start of the clock.
fn series(session: &Session, types: &str, from: i64, to: i64) -> String {
    let start = session.plan.clock.start.millis();
    let (from, to) = (start + from * MINUTE as i64, start + to * MINUTE as i64);
    let query = format!("data_type={types}&start_time={from}&end_time={to}");
    let body = session.json("GET", &format!("{TASKS}/{TASK}/statistics?{query}"), "");
    let point = |point: &Value| {
        let stamp = &point["time_stamp"];
        let millis = stamp.as_i64().or_else(|| stamp.as_str()?.parse().ok()).unwrap();
        let quote = if stamp.is_string() { "\"" } else { "" };
        format!("{quote}{}{quote} {}", clock(millis), point["statistic_num"])
    };
    let entry = |entry: &Value| {
        let data = match entry["data"].as_array() {
            Some(data) => data.iter().map(point).collect::<Vec<_>>().join(", "),
            None => wire(entry, "data"),
        };
        format!("    {}: {data}\n", entry["data_type"].as_str().unwrap())
    };
    let entries = match body["statistic_datas"].as_array() {
        Some(entries) if entries.is_empty() => "    []\n".to_owned(),
        Some(entries) => entries.iter().map(entry).collect(),
        None => format!("    statistic_datas {}\n", wire(&body, "statistic_datas")),
    };
    let range = format!("{} to {}", clock(from), clock(to));
    let width = body["statistic_time_type"].as_str().unwrap();
    format!("  at {}, {range}: {width}\n{entries}", &session.now.iso_seconds()[11..19])
}

/// Half an hour, every seven minutes.
fn as_time_goes_by(session: &mut Session) -> String {
    let mut seen = String::new();
    for _ in 0..5 {
        seen += &series(session, "REQUEST,SIZE", 0, 30);
        session.advance(7 * MINUTE);
    }
    seen
}

/// The points of the half hour before.
fn once(session: &mut Session) -> String {
    series(session, "REQUEST,FAILURE", -30, -1)
}

/// The number and the width of the points in half an hour and in two days.
fn widths(session: &mut Session) -> String {
    let end = session.now.millis();
    let range = |range: u64| {
        let query =
            format!("data_type=REQUEST&start_time={}&end_time={}", end - range as i64, end - 1);
        let body = session.json("GET", &format!("{TASKS}/{TASK}/statistics?{query}"), "");
        let points = body["statistic_datas"][0]["data"].as_array().map(Vec::len);
        let width = &body["statistic_time_type"];
        format!("  {} minutes: {width}, {} points\n", range / MINUTE, points.unwrap())
    };
    [HOUR / 2, 48 * HOUR].map(range).concat()
}

#[test]
fn lists() {
    let pages_of = |values: &[&str]| -> Vec<String> {
        values.iter().map(|value| format!("\"{value}\"")).collect()
    };
    let golden = |key, values: &[&str], observe: fn(&mut Session) -> String| {
        let values = pages_of(values);
        golden(key, &values.iter().map(String::as_str).collect::<Vec<_>>(), observe);
    };
    let anomalies = ["exact", "repeat", "lose", "short", "empty_second", "unstable"];
    golden("pages", &anomalies, pages);
    golden("total", &["exact", "off_by_one", "capped", "missing", "drifting"], pages);
    golden("empty_list", &["list", "null", "absent"], pages);
    golden("past_the_end", &["empty", "refuse", "last"], pages);
    golden("over_limit", &["refuse", "clamp"], |session| {
        [100, 101].map(|limit| page(session, &format!("limit={limit}&offset=3"))).concat()
    });
    golden("stale_reads", &["1ms", "30s"], |session| {
        let mut seen = page(session, "limit=3");
        session.advance(1);
        create(session);
        for wait in [0, 1, 29_999] {
            session.advance(wait);
            seen += &page(session, "limit=3");
        }
        seen
    });
}

#[test]
fn consistency() {
    let mut all = String::new();
    for value in ["live", "snapshot"] {
        let set = format!("oms.paging.consistency=\"{value}\"");
        let _ = writeln!(all, "consistency = {value}\n{}", busy_pages(&mut session(&[&set])));
    }
    hold("oms", "consistency", &all);
}

#[test]
fn statistics() {
    golden("late_points", &["\"0s\"", "\"10m\""], as_time_goes_by);
    golden("corrected", &["{after=\"15m\",by=50}"], as_time_goes_by);
    golden("series_clock_behind", &["\"7m\""], as_time_goes_by);
    golden("points", &["\"sorted\"", "\"unsorted\"", "\"duplicated\""], once);
    golden("numbers", &["\"number\"", "\"text\""], once);
    let ways = [
        "\"empty_data\"",
        "\"null_data\"",
        "\"no_data\"",
        "\"no_entry\"",
        "\"no_statistic_datas\"",
    ];
    golden("empty_series", &ways, |session| once(session) + &series(session, "FAILURE", -30, -1));
    golden("empty_buckets", &["\"omit\"", "\"zero\""], once);
    golden("width", &["\"by_range\"", "\"always_hours\"", "\"always_five_minutes\""], widths);
}

/// Status, and the code or what was answered instead.
fn outcome_line(session: &Session, method: &str, path: &str, body: &str) -> String {
    let answer = session.ask(method, path, body);
    let text = text(&answer);
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let status = answer.reply.status().as_u16();
    let code = body["error_code"].as_str().map_or(text.clone(), |code| code.to_owned());
    let short: String = code.chars().take(80).collect();
    let path = path.rsplit('/').next().unwrap_or(path).split('?').next().unwrap_or(path);
    format!("  {method} {path}: {status} {short}\n")
}

/// The number of points in four days, or the refusal.
fn four_days(session: &mut Session) -> String {
    let end = session.now.millis() - 1;
    let query = format!("data_type=REQUEST&start_time={}&end_time={end}", end - 96 * HOUR as i64);
    let path = format!("{TASKS}/{TASK}/statistics?{query}");
    if !session.ask("GET", &path, "").succeeded() {
        return outcome_line(session, "GET", &path, "");
    }
    let body = session.json("GET", &path, "");
    let data = body["statistic_datas"][0]["data"].as_array().map_or(0, Vec::len);
    format!("  four days: {} {data} points\n", body["statistic_time_type"])
}

#[test]
fn refusals() {
    let unknown = TASK.replace('4', "5");
    let show = format!("{TASKS}/{unknown}?query_time=1772445600000");
    golden("unknown_task", &["\"OMS.1009\"", "\"OMS.0054\""], |session| {
        outcome_line(session, "GET", &show, "")
            + &outcome_line(session, "DELETE", &format!("{TASKS}/{unknown}"), "")
    });
    golden("unknown_task_of_moves", &["\"bad_request\"", "\"not_found\""], |session| {
        let stop = outcome_line(session, "POST", &format!("{TASKS}/{unknown}/stop"), "");
        stop + &outcome_line(session, "GET", &show, "")
    });
    golden("unknown_project", &["\"refuse\"", "\"empty\""], |session| {
        let other = TASKS.replace("2c06", "3c06");
        let list = outcome_line(session, "GET", &other, "");
        list + &outcome_line(
            session,
            "GET",
            &format!("{other}/{TASK}?query_time=1772445600000"),
            "",
        )
    });
    golden("bad_description", &["\"OMS.0078\"", "\"OMS.0064\""], |session| {
        let body = CREATION.replace('}', ",\"description\":\"<b>\"}");
        outcome_line(session, "POST", TASKS, &body)
    });
    golden("most_object_keys", &["10", "11"], |session| {
        let events = format!("{TASKS}/{TASK}/events");
        let keys =
            |count: usize| format!("{{\"object_keys\":[{}]}}", vec!["\"a\""; count].join(","));
        [10, 11, 12].map(|count| outcome_line(session, "POST", &events, &keys(count))).concat()
    });
    let mut all = String::new();
    for value in ["clip", "refuse"] {
        let set = format!("oms.quirks.over_cap=\"{value}\"");
        let mut session = session(&[&set, "oms.quirks.width=\"always_five_minutes\""]);
        let _ = writeln!(all, "over_cap = {value}\n{}", four_days(&mut session));
    }
    hold("oms", "over_cap", &all);
    golden("hourly_after", &["\"24h\"", "\"10m\""], widths);
}
