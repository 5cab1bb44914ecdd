//! The effect of each switch of `[authing.quirks]`.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::lifecycle::{World, id, task};
use super::{START, body, checked, get, problems, reply};
use crate::world::time::{MINUTE, SECOND};

const SET: &str = "[authing.tasks]\ncount = 7\n[authing.jobs]\ncount = 7\n\
                   [authing.entities]\ndepartments = 3\naccounts = 4\n\
                   [authing.risk_operations]\ncount = 7\n";

fn world(quirks: &str) -> World {
    World::new(&format!("{SET}[authing.quirks]\n{quirks}"))
}

/// The four lists; that of a job's lines is of one that is over.
fn lists() -> [String; 4] {
    let job = id(&world("").read("list-sync-jobs?syncTaskId=1000")["list"][6], "syncJobId");
    [
        "list-sync-tasks?".to_owned(),
        "list-sync-jobs?syncTaskId=1000&".to_owned(),
        "list-sync-risk-operations?syncTaskId=1003&".to_owned(),
        format!("list-sync-job-logs?syncJobId={job}&"),
    ]
}

/// The places of a page's rows in the list, and what it says of its size.
fn places(world: &World, list: &str, exact: &[Value], number: u64) -> (Vec<usize>, Option<u64>) {
    let data = world.read(&format!("{list}page={number}&limit=3"));
    let place = |row| exact.iter().position(|other| other == row).expect("a row of the list");
    let places = data["list"].as_array().expect("a list").iter().map(place).collect();
    (places, data["totalCount"].as_u64())
}

#[test]
fn every_list_has_the_paging_anomalies() {
    for list in lists() {
        let exact = world("").rows(&list);
        assert!(exact.len() >= 7, "{list}");
        let behind: Vec<usize> = (0..exact.len()).collect();
        for (quirk, pages) in [
            ("exact", [&[0, 1, 2][..], &[3, 4, 5]]),
            ("repeat", [&[0, 1, 2], &[2, 3, 4]]),
            ("lose", [&[0, 1, 2], &[4, 5, 6]]),
            ("short", [&[0, 1], &[2, 3]]),
            ("empty_second", [&[0, 1, 2], &[]]),
            ("unstable", [&[0, 1, 2], &[2, 4, 5]]),
        ] {
            let world = world(&format!("pages = \"{quirk}\""));
            for (number, expected) in (1..).zip(pages) {
                let found = places(&world, &list, &exact, number);
                assert_eq!(found, (expected.to_vec(), Some(exact.len() as u64)), "{list} {quirk}");
            }
            let mut seen: Vec<usize> =
                (1..60).flat_map(|number| places(&world, &list, &exact, number).0).collect();
            let all = seen.len();
            seen.sort_unstable();
            seen.dedup();
            match quirk {
                "exact" | "short" | "empty_second" => {
                    assert_eq!((all, &seen), (seen.len(), &behind))
                }
                "repeat" => assert!(all > seen.len() && seen == behind),
                "lose" => assert!(all == seen.len() && all < exact.len()),
                _ => assert!(all == exact.len() && seen.len() < exact.len()),
            }
        }
    }
}

#[test]
fn every_list_has_the_reported_totals() {
    for list in lists() {
        let exact = world("").rows(&list);
        let total = exact.len() as u64;
        for (quirk, actual) in [
            ("exact", [Some(total); 3]),
            ("off_by_one", [Some(total + 1); 3]),
            ("capped", [Some(total); 3]),
            ("missing", [None; 3]),
            ("drifting", [Some(total), Some(total + 1), Some(total + 2)]),
        ] {
            let world = world(&format!("total = \"{quirk}\""));
            assert_eq!([1, 2, 3].map(|n| places(&world, &list, &exact, n).1), actual, "{quirk}");
        }
        let missing = world("total = \"missing\"").read(&list);
        assert_eq!(missing.as_object().map(|data| data.contains_key("totalCount")), Some(false));
    }
    let many = World::new("[authing.jobs]\ncount = 20000\n[authing.quirks]\ntotal = \"capped\"");
    assert_eq!(many.total("list-sync-jobs?syncTaskId=1000"), 10_000);
}

#[test]
fn a_written_task_in_a_page_is_alone_there_whatever_lists_do() {
    let world = world("written_task = \"page\"\ntotal = \"off_by_one\"\npages = \"short\"");
    let answer = world.post("create-sync-task", &task("upstream", "manually", "days"));
    assert_eq!(answer["data"]["totalCount"], 1);
    assert_eq!(answer["data"]["list"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["data"]["list"][0]["syncTaskType"], "lark");
}

#[test]
fn page_zero_is_refused_or_the_first_page() {
    for list in lists() {
        let zero = format!("{list}page=0&limit=3");
        let refused = world("").ask(&zero);
        assert_eq!(
            (&refused["statusCode"], &refused["message"]),
            (&json!(400), &json!("page must not be less than 1"))
        );
        let first = world("page_zero = \"first\"");
        assert_eq!(first.read(&zero), world("").read(&format!("{list}page=1&limit=3")));
        assert_eq!(first.read(&format!("{list}page=&limit=3")), first.read(&zero));
        let bad = first.ask(&format!("{list}page=-1&limit=0"));
        let message = "page must not be less than 0,limit must not be less than 1";
        assert_eq!(bad["message"], message);
    }
}

#[test]
fn a_page_past_the_end_is_empty_refused_or_the_last() {
    let behind = |world: &World, list: &str, number: u64| {
        let uri = format!("{list}page={number}&limit=3");
        let answer = reply(&world.plan, &get(&format!("/api/v3/{uri}")), START);
        let hint = answer.headers().get("x-syncmock-hint").cloned();
        (body(&answer), hint.map(|hint| hint.to_str().unwrap().to_owned()))
    };
    for list in lists() {
        let total = world("").total(&list);
        let last = total.div_ceil(3);
        let data = |quirk: &str, number: u64| behind(&world(quirk), &list, number).0["data"].take();
        let rows = |quirk: &str, number: u64| data(quirk, number)["list"].take();
        for number in [last + 1, last + 2, 1 << 40] {
            assert_eq!(data("", number), json!({"totalCount": total, "list": []}));
            assert_eq!(data("past_the_end = \"last\"", number), data("", last));
            let (refused, hint) = behind(&world("past_the_end = \"refuse\""), &list, number);
            assert_eq!(refused["statusCode"], 400);
            assert_eq!(refused["message"], format!("page must not be greater than {last}"));
            assert!(hint.is_some_and(|hint| hint.contains(&format!("{total} rows"))));
        }
        for quirk in ["refuse", "last"] {
            let quirk = format!("past_the_end = \"{quirk}\"");
            for number in 1..=last {
                assert_eq!(rows(&quirk, number), rows("", number));
            }
        }
    }
    // The first page is there, even if nothing is on it.
    for quirk in ["empty", "refuse", "last"] {
        let world = world(&format!("past_the_end = \"{quirk}\""));
        let none = "list-sync-risk-operations?syncTaskId=1000&";
        assert_eq!(world.read(none), json!({"totalCount": 0, "list": []}));
    }
    // So are those that a paging anomaly puts behind the others.
    let shifted = world("past_the_end = \"refuse\"\npages = \"empty_second\"");
    let page = |number: u64| shifted.ask(&format!("list-sync-tasks?limit=3&page={number}"));
    let counts = [1, 2, 3, 4].map(|n| page(n)["data"]["list"].as_array().map(Vec::len));
    assert_eq!(counts, [Some(3), Some(0), Some(3), Some(1)]);
    assert_eq!(page(5)["statusCode"], 400);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_last_page_is_the_last_with_rows_and_a_loop_gets_there_without_a_refusal(
        jobs in 0u64..40, limit in 1u64..9,
        anomaly in proptest::sample::select(
            &["exact", "repeat", "lose", "short", "empty_second", "unstable"][..]),
    ) {
        let of = |end: &str| World::new(&format!(
            "[authing.jobs]\ncount = {jobs}\n[authing.quirks]\npages = \"{anomaly}\"\n\
             past_the_end = \"{end}\"\n"
        ));
        let (empty, refuse, last) = (of("empty"), of("refuse"), of("last"));
        let page = |world: &World, number: u64| {
            world.ask(&format!("list-sync-jobs?syncTaskId=1000&limit={limit}&page={number}"))
        };
        let rows = |number: u64| page(&empty, number)["data"]["list"].take();
        // One that has no more than the last row again is none to end with.
        let again = |n: u64| anomaly == "repeat" && n > 1 && {
            let (this, before) = (rows(n), rows(n - 1));
            this.as_array().map(Vec::len) == Some(1)
                && limit > 1
                && this[0] == before[before.as_array().map_or(0, Vec::len) - 1]
        };
        let end = (1..60).rev().find(|&n| rows(n) != json!([]) && !again(n)).unwrap_or(1);
        let ends = (1..60).find(|&n| page(&refuse, n)["statusCode"] == 400).expect("an end") - 1;
        prop_assert_eq!(ends, end);
        for number in 1..60 {
            let actual = page(&last, number);
            prop_assert_eq!(&actual["data"]["list"], &rows(number.min(ends)));
        }
    }
}

#[test]
fn a_list_without_rows_is_empty_null_or_absent() {
    for list in lists() {
        let total = world("").total(&list);
        for (quirk, expected) in [
            ("list", json!({"totalCount": total, "list": []})),
            ("null", json!({"totalCount": total, "list": null})),
            ("absent", json!({"totalCount": total})),
        ] {
            let world = world(&format!("empty_list = \"{quirk}\""));
            assert_eq!(world.read(&format!("{list}page=99")), expected);
            assert_eq!(
                world.read(&format!("{list}limit=1"))["list"].as_array().map(Vec::len),
                Some(1)
            );
        }
    }
    let unknown = world("empty_list = \"null\"\nunknown_task = \"empty_list\"");
    let none = json!({"totalCount": 0, "list": null});
    assert_eq!(unknown.read("list-sync-jobs?syncTaskId=77"), none);
    assert_eq!(unknown.read("list-sync-job-logs?syncJobId=77"), none);
}

/// The same with every number as text.
fn texts(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.to_string()),
        Value::Array(items) => items.iter().map(texts).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), texts(member))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn numbers_of_all_answers_are_texts_and_those_of_the_envelope_and_tokens_are_not() {
    let (plain, text) = (world(""), world("numbers = \"text\""));
    let job = id(&plain.read("list-sync-jobs?syncTaskId=1000")["list"][0], "syncJobId");
    let reads = [&format!("get-sync-job?syncJobId={job}"), "get-sync-task?syncTaskId=1001"];
    for path in lists().iter().map(String::as_str).chain(reads) {
        assert_ne!(text.read(path), plain.read(path));
        assert_eq!(text.read(path), texts(&plain.read(path)), "{path}");
    }
    let created = task("upstream", "timed", "days");
    let one = json!({"syncTaskId": 1000});
    let risks = plain.read(&lists()[2])["list"].take();
    let risks = json!({"syncRiskOperationIds": [id(&risks[0], "syncRiskOperationId"), 7]});
    for (path, body) in [
        ("create-sync-task", &created),
        ("update-sync-task", &one),
        ("trigger-sync-task", &one),
        ("cancel-sync-risk-operation", &risks),
    ] {
        let (actual, right) = (text.post(path, body), plain.post(path, body));
        assert_eq!(actual["statusCode"], 200);
        assert_eq!(actual["data"], texts(&right["data"]), "{path}");
    }
    let keys = json!({"accessKeyId": "testid", "accessKeySecret": "testsecret"});
    let token = text.post("get-management-token", &keys);
    assert_eq!(token["data"]["expires_in"], 7200);
    assert_eq!(text.ask("get-sync-task?syncTaskId=77")["statusCode"], 404);
}

#[test]
fn reads_are_stale_and_what_writes_knows_at_once() {
    let mut world = world("stale_reads = \"30s\"");
    world.now = START.plus(MINUTE);
    let created = world.post("create-sync-task", &task("upstream", "manually", "days"));
    let new = id(&created["data"], "syncTaskId");
    let known = |world: &World| {
        let asks =
            [format!("get-sync-task?syncTaskId={new}"), format!("list-sync-jobs?syncTaskId={new}")];
        (world.total("list-sync-tasks?"), asks.map(|path| world.ask(&path)["statusCode"].clone()))
    };
    assert_eq!(known(&world), (7, [json!(404), json!(404)]));
    // It is there for who writes.
    let run = world.post("trigger-sync-task", &json!({"syncTaskId": new}));
    let job = format!("get-sync-job?syncJobId={}", id(&run["data"], "syncJobId"));
    let again = world.post("trigger-sync-task", &json!({"syncTaskId": new}));
    assert_eq!(again["statusCode"], 422);
    world.now = world.now.plus(30 * SECOND - 1);
    assert_eq!(known(&world), (7, [json!(404), json!(404)]));
    assert_eq!(world.ask(&job)["statusCode"], 404);
    world.now = world.now.plus(1);
    assert_eq!(known(&world), (8, [json!(200), json!(200)]));
    assert_eq!(world.read(&job)["syncStatus"], "pending", "as it was half a minute ago");

    let list = "list-sync-risk-operations?syncTaskId=1003&status=PENDING&";
    let before = world.rows(list);
    let first = id(&before[0], "syncRiskOperationId");
    let cancel = json!({"syncRiskOperationIds": [first]});
    assert_eq!(
        world.post("cancel-sync-risk-operation", &cancel)["data"]["successList"],
        json!([first])
    );
    assert_eq!(
        world.post("cancel-sync-risk-operation", &cancel)["data"]["faildList"],
        json!([first])
    );
    assert_eq!(world.rows(list), before);
    let set_up = world.post("update-sync-task", &json!({"syncTaskId": new, "syncTaskName": "n2"}));
    assert_eq!(set_up["data"]["syncTaskName"], "n2", "what is written is actual at once");
    let name = |world: &World| {
        world.read(&format!("get-sync-task?syncTaskId={new}"))["syncTaskName"].take()
    };
    assert_eq!(name(&world), "n");
    world.now = world.now.plus(30 * SECOND);
    assert_eq!((world.rows(list), name(&world)), (before[1..].to_vec(), json!("n2")));
}

#[test]
fn a_read_that_is_too_early_gets_a_hint_about_stale_reads() {
    let world = world("stale_reads = \"30s\"");
    let created = world.post("create-sync-task", &task("upstream", "manually", "days"));
    let new = id(&created["data"], "syncTaskId");
    let hint = |path: &str| {
        let request = get(&format!("/api/v3/{path}"));
        let answer = crate::engine::respond(&world.plan, &world.state, &request, world.now);
        answer.reply.headers()["x-syncmock-hint"].to_str().unwrap().to_owned()
    };
    assert!(hint(&format!("get-sync-task?syncTaskId={new}")).contains("stale_reads"));
    assert!(hint(&format!("list-sync-risk-operations?syncTaskId={new}")).contains("stale_reads"));
    assert!(hint("get-sync-task?syncTaskId=77").contains("the tasks of this scenario"));
    assert!(hint("get-sync-job?syncJobId=77").contains("list-sync-jobs"));
}

#[test]
fn answers_that_show_a_stale_row_count_from_when_they_happen() {
    let mut world = World::new(
        "[[authing.job]]\nsyncJobId = 5\ncreatedAt = 2026-03-02T09:00:00Z\n\
         path = [\"onProgress 2 looks\", \"success\"]\n\
         [authing.quirks]\nstale_reads = \"10m\"\n",
    );
    let status = |world: &World| world.read("get-sync-job?syncJobId=5")["syncStatus"].take();
    for _ in 0..2 {
        assert_eq!(status(&world), "onProgress");
        world.now = world.now.plus(1);
    }
    world.now = START.plus(10 * MINUTE);
    assert_eq!(status(&world), "onProgress", "of the looks that it had then there was one");
    world.now = START.plus(10 * MINUTE + 1);
    assert_eq!(status(&world), "success");
}

#[test]
fn a_switch_that_says_the_default_changes_nothing() {
    let written = world(
        "list = \"array\"\npages = \"exact\"\ntotal = \"exact\"\nlimit_over_50 = \"refuse\"\n\
         page_zero = \"refuse\"\npast_the_end = \"empty\"\nempty_list = \"list\"\n\
         numbers = \"number\"\nsuccess_message = \"\"\nhttp_status = \"always_200\"\n\
         request_id = \"always\"\nunknown_task = \"not_found\"\nerr_msg = \"absent\"\n\
         validation = \"english\"\ntrigger_while_running = \"invalid_operation\"\n\
         cancel_executing = \"allow\"\nwritten_task = \"single\"\njob_logs = \"list\"\n\
         [authing.paging]\nconsistency = \"live\"\n",
    );
    let plain = World::new(SET);
    for list in lists() {
        for part in ["", "page=2&limit=3", "page=9", "page=0&limit=51", "syncTaskId=77"] {
            assert_eq!(written.ask(&format!("{list}{part}")), plain.ask(&format!("{list}{part}")));
        }
    }
    let one = json!({"syncTaskId": 1000});
    for path in ["trigger-sync-task", "trigger-sync-task", "update-sync-task"] {
        assert_eq!(written.post(path, &one), plain.post(path, &one));
    }
}

#[test]
fn a_switch_without_any_effect_is_a_problem() {
    let of = |lines: &str| problems(&format!("[authing.quirks]\n{lines}"));
    assert!(of("stale_reads = \"0s\"").contains("longer than 0s"));
    let both = "list = \"object\"\nempty_list = \"null\"";
    assert!(of(both).contains("empty_list has no effect"));
    let refuse = "cancel_executing = \"refuse\"\n[authing.risk_operations]\ncount = 0\n";
    assert!(of(refuse).contains("without risk operations"));
    assert!(checked(&format!("[authing.quirks]\n{refuse}every = \"1h\"")).is_ok());
    let upstream = "cancel_executing = \"refuse\"\n[authing.tasks]\ncount = 3\n";
    assert!(of(upstream).contains("without risk operations"));
    let window = "[authing.paging]\nsnapshot_window = \"5m\"";
    assert!(problems(window).contains("no effect on a live list"));
    let none = "[authing.paging]\nconsistency = \"snapshot\"\nsnapshot_window = \"0s\"";
    assert!(problems(none).contains("longer than 0s"));
}
