//! The life of a synchronization task at OMS.

use proptest::prelude::*;
use serde_json::Value;

use super::Session;
use crate::core_tests::asking::text;

const TASKS: &str = "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks";
const TASK: &str = "4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb";
const TYPES: &str = "REQUEST,SUCCESS,FAILURE,SKIP,SIZE";
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

const KEYS: &str =
    r#"{"src_ak":"AKSOURCE","src_sk":"SKSOURCE","dst_ak":"AKTARGET","dst_sk":"SKTARGET"}"#;
const CREATION: &str = r#"{"src_cloud_type":"Aliyun","src_region":"cn-beijing","src_bucket":"src","src_ak":"AKSOURCE","src_sk":"SKSOURCE","dst_ak":"AKTARGET","dst_sk":"SKTARGET","dst_region":"cn-north-4","dst_bucket":"dst","description":"Product images"}"#;

fn create(session: &Session) -> String {
    let answer = session.json("POST", TASKS, CREATION);
    answer["sync_task_id"].as_str().expect("an id").to_owned()
}

fn show(session: &Session, id: &str) -> Value {
    session.json("GET", &format!("{TASKS}/{id}?query_time={}", session.now.millis()), "")
}

fn list(session: &Session, query: &str) -> Value {
    session.json("GET", &format!("{TASKS}?{query}"), "")
}

/// The sums of the statistics of the last day, in the order of [`TYPES`].
fn day(session: &Session, id: &str) -> Vec<u64> {
    let end = session.now.millis();
    let query = format!("data_type={TYPES}&start_time={}&end_time={end}", end - 86_400_000);
    let answer = session.json("GET", &format!("{TASKS}/{id}/statistics?{query}"), "");
    let points = |entry: &Value| -> u64 {
        let data = entry["data"].as_array().expect("points");
        data.iter().filter_map(|point| point["statistic_num"].as_u64()).sum()
    };
    answer["statistic_datas"].as_array().expect("entries").iter().map(points).collect()
}

#[test]
fn a_task_is_created_runs_stops_starts_again_and_is_deleted() {
    let mut session = Session::new("default", &["oms.series.gaps.lasts=\"5m\""]);
    let reads = |id: &str| {
        ["", "?status=STOPPED&limit=3", "?status=SYNCHRONIZING&limit=100", "?offset=2"]
            .iter()
            .map(|query| ("GET", format!("{TASKS}{query}")))
            .chain([("GET", format!("{TASKS}/{id}?query_time=1772445600000"))])
            .chain([(
                "GET",
                format!("{TASKS}/{id}/statistics?data_type={TYPES}&start_time=1772445600000&end_time=1772500000000"),
            )])
            .collect::<Vec<_>>()
    };
    let count = |session: &Session, status: &str| {
        list(session, &format!("limit=1&status={status}"))["count"].as_u64().expect("a count")
    };
    let (all, stopped) = (count(&session, ""), count(&session, "STOPPED"));
    session.advance(1);
    let id = create(&session);
    let mut seen = Vec::new();
    session.laws_of_time(&reads(&id), &mut seen);
    let newest = &list(&session, "limit=1")["tasks"][0];
    assert_eq!(
        (&newest["sync_task_id"], &newest["status"]),
        (&id.as_str().into(), &"SYNCHRONIZING".into())
    );
    assert_eq!((count(&session, ""), count(&session, "STOPPED")), (all + 1, stopped));

    session.advance(HOUR);
    let running = day(&session, &id);
    assert!(running[0] > 0 && running[4] > 0);
    session.laws_of_time(&reads(&id), &mut seen);
    session.advance(1);
    session.json("POST", &format!("{TASKS}/{id}/stop"), "");
    assert_eq!(count(&session, "STOPPED"), stopped + 1);
    session.advance(2 * HOUR);
    session.laws_of_time(&reads(&id), &mut seen);
    assert_eq!(day(&session, &id), running);
    assert_eq!(show(&session, &id)["status"], "STOPPED");
    assert_eq!(show(&session, &id)["last_start_time"], show(&session, &id)["create_time"]);

    session.advance(1);
    session.json("POST", &format!("{TASKS}/{id}/start"), KEYS);
    assert_eq!(show(&session, &id)["last_start_time"], session.now.millis());
    let before = day(&session, &id);
    session.json("POST", &format!("{TASKS}/{id}/events"), r#"{"object_keys":["a.png","b.png"]}"#);
    let after = day(&session, &id);
    assert_eq!((after[0], after[1]), (before[0] + 2, before[1] + 2));
    session.advance(HOUR);
    session.laws_of_time(&reads(&id), &mut seen);
    let shown = show(&session, &id);
    let sums = day(&session, &id);
    assert!(sums[0] > after[0]);
    for (name, sum) in [
        ("monthly_acceptance_request", sums[0]),
        ("monthly_success_object", sums[1]),
        ("monthly_failure_object", sums[2]),
        ("monthly_skip_object", sums[3]),
        ("monthly_size", sums[4]),
    ] {
        assert_eq!(shown[name], sum, "{name}: all of its life is of this month");
    }

    session.advance(1);
    session.json("POST", &format!("{TASKS}/{id}/stop"), "");
    session.json("DELETE", &format!("{TASKS}/{id}"), "");
    session.laws_of_time(&reads(&id), &mut seen);
    assert_eq!(count(&session, ""), all);
    assert_eq!(session.ask("GET", &format!("{TASKS}/{id}?query_time=5"), "").reply.status(), 404);
}

#[test]
fn answers_match_the_goldens() {
    let mut session = Session::new("default", &[]);
    let golden = |session: &Session, name: &str, method: &str, rest: &str, body: &str| {
        session.golden("oms", name, method, &format!("{TASKS}{rest}"), body)
    };
    golden(&session, "list", "GET", "?limit=3", "");
    golden(&session, "list-stopped", "GET", "?status=STOPPED&limit=1", "");
    golden(&session, "list-past-the-end", "GET", "?offset=10000", "");
    golden(&session, "list-bad-status", "GET", "?status=RUNNING", "");
    golden(&session, "show", "GET", &format!("/{TASK}?query_time=1772445600000"), "");
    golden(&session, "show-unknown", "GET", "/0?query_time=1772445600000", "");
    golden(&session, "show-missing", "GET", &format!("/{TASK}"), "");
    let created = golden(&session, "create", "POST", "", CREATION);
    let created: Value = serde_json::from_str(&text(&created)).expect("JSON");
    let id = created["sync_task_id"].as_str().expect("an id").to_owned();
    golden(&session, "create-missing", "POST", "", KEYS);
    let special = CREATION.replace("Product images", "a < b");
    golden(&session, "create-bad-description", "POST", "", &special);
    session.advance(7 * MINUTE);
    let keys = r#"{"object_keys":["a/b.txt","%E6%96%87.txt"]}"#;
    golden(&session, "events", "POST", &format!("/{id}/events"), keys);
    golden(&session, "events-none", "POST", &format!("/{id}/events"), "{}");
    golden(&session, "events-unknown", "POST", "/0/events", keys);
    golden(&session, "delete-synchronizing", "DELETE", &format!("/{id}"), "");
    golden(&session, "stop", "POST", &format!("/{id}/stop"), "");
    golden(&session, "stop-stopped", "POST", &format!("/{id}/stop"), "");
    golden(&session, "events-stopped", "POST", &format!("/{id}/events"), keys);
    golden(&session, "start", "POST", &format!("/{id}/start"), KEYS);
    golden(&session, "start-synchronizing", "POST", &format!("/{id}/start"), KEYS);
    golden(&session, "start-missing", "POST", &format!("/{id}/start"), "{}");
    golden(&session, "show-created", "GET", &format!("/{id}?query_time=1772445600000"), "");
    session.json("POST", &format!("{TASKS}/{id}/stop"), "");
    golden(&session, "delete", "DELETE", &format!("/{id}"), "");
    golden(&session, "delete-unknown", "DELETE", &format!("/{id}"), "");
}

#[test]
fn a_fixed_task_of_the_documents_has_its_month() {
    let mut session = Session::new("docs", &[]);
    let shown = show(&session, TASK);
    assert_eq!(shown["monthly_acceptance_request"], 1116);
    assert_eq!(shown["create_time"], 1_700_150_400_000_i64);
    session.advance(30 * 24 * HOUR);
    assert_eq!(show(&session, TASK)["monthly_acceptance_request"], 0);
}

#[test]
fn nothing_in_a_million_tasks_is_slow() {
    let session = Session::new("million", &[]);
    let newest = list(&session, "limit=2");
    assert_eq!(newest["count"], 1_000_001);
    for row in newest["tasks"].as_array().expect("tasks") {
        let id = row["sync_task_id"].as_str().expect("an id");
        assert_eq!(show(&session, id)["create_time"], row["create_time"]);
    }
    let of = |status: &str| list(&session, &format!("status={status}"))["count"].clone();
    let (running, stopped) = (of("SYNCHRONIZING").as_u64(), of("STOPPED").as_u64());
    assert_eq!(running.zip(stopped).map(|(a, b)| a + b), Some(1_000_001));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn past_answers_and_another_process_agree_whatever_clients_do(
        seed in 0u64..1_000,
        steps in proptest::collection::vec((0usize..6, 0usize..8, 1u64..20_000_000), 1..25),
    ) {
        let mut session = Session::new("default", &[&format!("seed={seed}"), "oms.tasks.count=5"]);
        let start = session.now;
        let mut ids = vec![TASK.to_owned()];
        let listed = list(&session, "");
        let tasks = listed["tasks"].as_array().expect("tasks");
        ids.extend(tasks.iter().filter_map(|row| row["sync_task_id"].as_str().map(str::to_owned)));
        let mut reads: Vec<(&str, String)> =
            ["", "?status=STOPPED", "?status=SYNCHRONIZING&limit=2"].map(|q| ("GET", format!("{TASKS}{q}"))).into();
        for id in &ids {
            reads.push(("GET", format!("{TASKS}/{id}?query_time={}", start.millis())));
        }
        let mut seen = Vec::new();
        for (what, which, turn) in steps {
            // Only forward, for a change in the past makes another past.
            session.advance(turn);
            let id = ids[which % ids.len()].clone();
            match what {
                0 => ids.push(create(&session)),
                1 => drop(session.ask("POST", &format!("{TASKS}/{id}/start"), KEYS)),
                2 => drop(session.ask("POST", &format!("{TASKS}/{id}/stop"), "")),
                3 => drop(session.ask("DELETE", &format!("{TASKS}/{id}"), "")),
                4 => drop(session.ask("POST", &format!("{TASKS}/{id}/events"), r#"{"object_keys":["a"]}"#)),
                _ => session.laws_of_time(&reads, &mut seen),
            }
        }
        session.laws_of_time(&reads, &mut seen);
    }
}
