mod lifecycle;
mod paging;
mod quirks;
mod requested_page;
mod soft_errors;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::job;
use super::state::{PathVariant, TASK, TaskState};
use super::task::{Direction, Task, task};
use super::{Dts, DtsProjection, View, ids};
use crate::engine::{Options, Plan, respond_first};
use crate::scenario::problem::Problem;
use crate::vendors::load;
use crate::wire::Request;
use crate::world::population::Member;
use crate::world::time::{DAY, HOUR, MINUTE, Timestamp};

const NOW: i64 = 1_772_445_600_000;

/// The states that the legacy operations know.
const STATES: [&str; 10] = [
    "NotStarted",
    "Prechecking",
    "PrecheckFailed",
    "Initializing",
    "InitializeFailed",
    "Synchronizing",
    "Failed",
    "Suspending",
    "Modifying",
    "Finished",
];

/// The tasks of the n-th generated instance, from the oldest, that nobody touched: forward, and
/// perhaps reverse.
fn tasks(plan: &Plan, ordinal: u64, now: Timestamp) -> Vec<Task> {
    let index = plan.of::<Dts>().jobs.arrivals.nth(ordinal);
    let projection = DtsProjection::default();
    let view = View { plan: plan.of::<Dts>(), projection: &projection, now };
    let directions = [Direction::Forward, Direction::Reverse].into_iter();
    directions.filter_map(|direction| task(&view, Member::Synthetic(index), direction)).collect()
}

/// The id of the n-th generated instance, from the oldest.
fn generated_id(plan: &Plan, ordinal: u64) -> String {
    let plan = plan.of::<Dts>();
    ids::write(&plan.ids, plan.jobs.arrivals.nth(ordinal))
}

fn checked(text: &str) -> Result<Box<Plan>, Vec<Problem>> {
    let text = format!("version = 1\n{text}");
    load("test", &text, &Options::default(), Timestamp::from_millis(NOW)).unwrap().outcome
}

fn plan(text: &str) -> Box<Plan> {
    checked(text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Jobs of all kinds, a third of them two-way, of which many are on their way.
fn jobs(count: u64) -> Box<Plan> {
    plan(&jobs_text(count, ""))
}

fn jobs_text(count: u64, more: &str) -> String {
    format!(
        "[dts.jobs]\ncount = {count}\nevery = \"10m\"\nsynchronization = \"2h\"\n\
         topology = {{ oneway = 2, bidirectional = 1 }}\n\
         [[dts.job]]\nSynchronizationJobName = \"one of a kind\"\nRegionId = \"cn-hangzhou\"\n\
         Tags = [{{ Key = \"env\", Value = \"production\" }}, {{ Key = \"bare\" }}]\n{more}"
    )
}

fn with_quirk(quirk: &str) -> Box<Plan> {
    plan(&format!("[dts.jobs]\ncount = 20\n[dts.quirks]\n{quirk}\n"))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn send(plan: &Plan, query: &str, now: i64) -> (u16, Vec<u8>) {
    let request: Request = http::Request::builder()
        .method("POST")
        .uri(format!("/?Version=2020-01-01&{query}"))
        .header("Host", "127.0.0.1:4740")
        .body(Bytes::new())
        .unwrap();
    let reply = respond_first(plan, &request, Timestamp::from_millis(now)).reply;
    (reply.status().as_u16(), reply.body().to_vec())
}

fn ask(plan: &Plan, action: &str, query: &str, now: i64) -> (u16, Value) {
    let (status, body) = send(plan, &format!("Action={action}&Format=JSON&{query}"), now);
    (status, serde_json::from_slice(&body).unwrap())
}

fn statuses(plan: &Plan, list: &str, more: &str, now: i64) -> (u16, Value) {
    let query = format!("SynchronizationJobIdListJsonStr={}&{more}", encoded(list));
    ask(plan, "DescribeSynchronizationJobStatusList", &query, now)
}

fn status_rows(plan: &Plan, ids: &[String], now: i64) -> Vec<Value> {
    let (status, answer) = statuses(plan, &json!(ids).to_string(), "", now);
    assert_eq!((status, &answer["Success"]), (200, &json!(true)), "{answer}");
    let rows = answer["SynchronizationJobListStatusList"].as_array().unwrap().clone();
    assert_eq!(answer["TotalRecordCount"], rows.len());
    assert_eq!(answer["PageRecordCount"], rows.len());
    rows
}

fn listed(plan: &Plan, query: &str, now: i64) -> (u16, Value) {
    ask(plan, "DescribeSynchronizationJobs", query, now)
}

/// All rows, and the total.
fn all_rows(plan: &Plan, filters: &str, size: u64, now: i64) -> (u64, Vec<Value>) {
    let mut all = Vec::new();
    for number in 1.. {
        let (status, answer) =
            listed(plan, &format!("PageNum={number}&PageSize={size}&{filters}"), now);
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["PageRecordCount"], size);
        assert_eq!(answer["PageNumber"], number);
        let page = answer["SynchronizationInstances"].as_array().unwrap();
        all.extend(page.iter().cloned());
        if (page.len() as u64) < size {
            return (answer["TotalRecordCount"].as_u64().unwrap(), all);
        }
    }
    unreachable!()
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["SynchronizationJobId"].as_str().unwrap().to_owned()).collect()
}

fn code_of((status, answer): (u16, Value)) -> (u16, String) {
    (status, answer["Code"].as_str().unwrap_or_default().to_owned())
}

const DOCUMENTED: &str = r#"
[[dts.job]]
SynchronizationJobId = "dtsexjk1alb116****"
SynchronizationDirectionInfoList = [{ Status = "InitializeFailed" }]

[[dts.job]]
SynchronizationJobId = "dtskfq1149w254****"
SynchronizationDirectionInfoList = [
    { SynchronizationDirection = "Forward", Status = "Failed", Checkpoint = "1610524457" },
]
"#;

#[test]
fn fixed_jobs_are_listed_as_written_and_are_older_than_their_checkpoints() {
    let (total, rows) = all_rows(&plan(DOCUMENTED), "", 30, NOW);
    assert_eq!((total, rows.len()), (2, 2));
    assert_eq!(ids(&rows), ["dtsexjk1alb116****", "dtskfq1149w254****"]);
    let [first, second] = &rows[..] else { panic!("two rows") };
    assert_eq!((&first["Status"], &first["Delay"]), (&json!("InitializeFailed"), &json!("-1")));
    assert_eq!(second["JobCreateTime"], "2021-01-12T07:54:17Z");
    assert_eq!(second["CreateTime"], "2021-01-12 15:54:17.0");
    assert_eq!(second["Delay"], (NOW / 1_000 - 1_610_524_457).to_string());
}

#[test]
fn an_xml_listing_repeats_its_elements_and_drops_empty_ones() {
    let plan = plan("[[dts.job]]\nTags = []\n[[dts.job]]\nTags = [{ Key = \"k\", Value = \"v\" }]");
    let (status, body) = send(&plan, "Action=DescribeSynchronizationJobs&Format=XML", NOW);
    let body = String::from_utf8(body).unwrap();
    assert_eq!(status, 200);
    assert!(body.contains("<DescribeSynchronizationJobsResponse><TotalRecordCount>2<"));
    assert_eq!(body.matches("<SynchronizationInstances>").count(), 2);
    assert_eq!(body.matches("<Tags><Key>k</Key><Value>v</Value></Tags>").count(), 1);
    assert_eq!(body.matches("<Tags>").count(), 1);
    assert!(!body.contains("<TableExcludes"));
}

/// The automatic transitions of the legacy family.
fn declared() -> HashSet<(&'static str, &'static str)> {
    HashSet::from([
        ("NotStarted", "Prechecking"),
        ("Prechecking", "PrecheckFailed"),
        ("Prechecking", "Initializing"),
        ("Prechecking", "Synchronizing"),
        ("Prechecking", "PreCheckPass"),
        ("PreCheckPass", "Initializing"),
        ("Initializing", "InitializeFailed"),
        ("Initializing", "Synchronizing"),
        ("Synchronizing", "Failed"),
        ("Synchronizing", "Suspending"),
        ("Synchronizing", "Modifying"),
        ("Synchronizing", "Finished"),
        ("Synchronizing", "Retrying"),
        ("Retrying", "Synchronizing"),
        ("Retrying", "Failed"),
        ("Modifying", "Synchronizing"),
    ])
}

#[test]
fn every_path_keeps_to_the_table_and_together_they_use_all_of_it() {
    let mut used = HashSet::new();
    for path in PathVariant::all() {
        let mut states: Vec<_> = path.through().collect();
        states.push(path.terminal());
        for pair in states.windows(2) {
            assert!(TASK.after(pair[0]).contains(&pair[1]), "{pair:?}");
            used.insert((TASK.name(pair[0]), TASK.name(pair[1])));
        }
    }
    assert_eq!(used, declared());
    let terminals: BTreeSet<_> = TASK.paths.iter().map(|path| path.terminal).collect();
    assert_eq!(terminals.len(), 8, "{terminals:?}");
}

fn words(tasks: Vec<Task>) -> Vec<(&'static str, Option<i64>)> {
    tasks.into_iter().map(|task| (TASK.name(task.state), task.checkpoint)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_task_moves_along_declared_transitions_and_its_checkpoint_never_goes_back(
        index in 0u64..400, step in 1u64..120,
    ) {
        let plan = jobs(400);
        let arrivals = &plan.of::<Dts>().jobs.arrivals;
        let born = arrivals.born(arrivals.nth(index));
        let mut before: Option<Vec<(&str, Option<i64>)>> = None;
        for tick in 0..2_000 {
            let now = born.plus(tick * step * 1_000);
            let tasks = words(tasks(&plan, index, now));
            for (way, &(state, checkpoint)) in tasks.iter().enumerate() {
                let incremental =
                    ["Synchronizing", "Modifying", "Suspending", "Failed", "Finished"].contains(&state);
                prop_assert_eq!(checkpoint.is_some(), incremental);
                prop_assert!(checkpoint.is_none_or(|c| c >= born.seconds() && c <= now.seconds()));
                let Some(before) = &before else { continue };
                let (was, then) = before[way];
                // Long steps may skip short dwells; what they reach must be reachable.
                prop_assert!(was == state || reachable(was).contains(state), "{was} → {state}");
                prop_assert!(checkpoint >= then, "{then:?} → {checkpoint:?}");
                if was == state && ["Suspending", "Failed", "Finished"].contains(&state) {
                    prop_assert_eq!(checkpoint, then);
                }
            }
            before = Some(tasks);
        }
    }

    #[test]
    fn rows_by_id_say_what_the_listing_says_at_the_same_instant(
        count in 0u64..200, late in 0u64..3 * DAY, size in 1u64..60,
    ) {
        let plan = jobs(count);
        let now = NOW + late as i64;
        let (total, rows) = all_rows(&plan, "", size, now);
        prop_assert_eq!(total as usize, rows.len());
        let ids = ids(&rows);
        prop_assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        let found = status_rows(&plan, &ids, now);
        prop_assert_eq!(found.len(), rows.len());
        for (row, found) in rows.iter().zip(found) {
            prop_assert_eq!(&row["SynchronizationJobId"], &found["SynchronizationJobId"]);
            let directions = found["SynchronizationDirectionInfoList"].as_array().unwrap();
            let forward = &directions[0];
            prop_assert_eq!(&forward["SynchronizationDirection"], "Forward");
            let status = row["Status"].as_str().unwrap().replace("Initializating", "Initializing");
            prop_assert_eq!(&forward["Status"], &json!(status));
            prop_assert_eq!(row["Delay"] == "-1", forward.get("Checkpoint").is_none());
            prop_assert!(directions.len() == 1 || directions[1]["SynchronizationDirection"] == "Reverse");
        }
    }

    #[test]
    fn every_filter_of_the_listing_is_what_filtering_by_hand_gives(
        count in 0u64..200, late in 0u64..DAY,
        name in proptest::sample::select(vec!["", "MySQL", "库", "MySQL同步", "to", "订单", "9"]),
        key in proptest::sample::select(vec!["", "env", "team", "bare", "nobody"]),
        value in proptest::sample::select(vec![None, Some("production"), Some("交易"), Some("")]),
        both: bool, in_hangzhou: bool,
    ) {
        let plan = plan(&jobs_text(count, "[dts.quirks]\nother_region = \"leave_out\"\n"));
        let now = NOW + late as i64;
        let (_, all) = all_rows(&plan, "", 50, now);
        let mut wanted: Vec<(&str, Option<&str>)> = Vec::new();
        if !key.is_empty() { wanted.push((key, value)); }
        if both { wanted.push(("env", None)); }
        let mut filters = format!("SynchronizationJobName={}", encoded(name));
        for (i, (key, value)) in wanted.iter().enumerate() {
            // Numbers need not be in order, nor contiguous.
            let number = 20 - 3 * i;
            filters += &format!("&Tag.{number}.Key={key}");
            if let Some(value) = value { filters += &format!("&Tag.{number}.Value={}", encoded(value)); }
        }
        if in_hangzhou { filters += "&RegionId=cn-hangzhou"; }
        let has = |row: &Value, (key, value): &(&str, Option<&str>)| {
            row["Tags"].as_array().unwrap().iter().any(|tag| {
                tag["Key"] == *key && value.is_none_or(|value| tag["Value"] == value)
            })
        };
        let untouched = DtsProjection::default();
        let region = |row: &Value| {
            let id = row["SynchronizationJobId"].as_str().unwrap();
            let now = Timestamp::from_millis(now);
            let view = View { plan: plan.of::<Dts>(), projection: &untouched, now };
            job::region(&view, job::find(&view, id).unwrap()).to_owned()
        };
        let brute: Vec<Value> = all.into_iter().filter(|row| {
            row["SynchronizationJobName"].as_str().unwrap().contains(name)
                && wanted.iter().all(|wanted| has(row, wanted))
                && (!in_hangzhou || region(row) == "cn-hangzhou")
        }).collect();
        let (total, found) = all_rows(&plan, &filters, 7, now);
        prop_assert_eq!(total as usize, brute.len());
        prop_assert_eq!(found, brute);
    }

    #[test]
    fn the_fields_of_a_row_are_consistent(seed: u64, late in 0u64..DAY) {
        let plan = plan(&format!("seed = {}\n[dts.jobs]\ncount = 60\nover = \"10h\"\n", seed >> 1));
        for row in all_rows(&plan, "", 60, NOW + late as i64).1 {
            let status = row["Status"].as_str().unwrap();
            let part = |name: &str| row[name]["Status"].as_str().unwrap_or("none");
            let (precheck, structure, data) = (
                part("PrecheckStatus"),
                part("StructureInitializationStatus"),
                part("DataInitializationStatus"),
            );
            let (wants_structure, wants_data) =
                (row["StructureInitialization"] == true, row["DataInitialization"] == true);
            prop_assert_eq!(row.get("ExpireTime").is_some(), row["PayType"] == "PrePaid");
            prop_assert_eq!(
                row.get("ErrorMessage").is_some(), matches!(status, "Failed" | "InitializeFailed")
            );
            match status {
                "NotStarted" | "Prechecking" => prop_assert_eq!(precheck, "none"),
                "PrecheckFailed" => prop_assert_eq!(precheck, "Failed"),
                _ => prop_assert_eq!(precheck, "Success"),
            }
            let details = row["PrecheckStatus"]["Detail"].as_array().unwrap();
            let failures = details.iter().filter(|check| check["CheckStatus"] == "Failed").count();
            prop_assert_eq!(failures, usize::from(status == "PrecheckFailed"));
            match status {
                "NotStarted" | "Prechecking" | "PrecheckFailed" => {
                    prop_assert_eq!((structure, data), ("NotStarted", "NotStarted"));
                }
                "Initializating" => {
                    prop_assert!(wants_structure || wants_data);
                    prop_assert!(structure == "Migrating" || data == "Migrating");
                }
                "InitializeFailed" => prop_assert!(structure == "Failed" || data == "Failed"),
                _ => {
                    prop_assert_eq!(structure == "Finished", wants_structure);
                    prop_assert_eq!(data == "Finished", wants_data);
                }
            }
        }
    }

    #[test]
    fn no_id_list_panics_and_none_goes_unanswered(list in "\\PC{0,60}", json in "[\\[\\]\",0-9a-z{}: ]{0,40}") {
        let plan = jobs(10);
        for list in [list, json] {
            let (status, answer) = statuses(&plan, &list, "", NOW);
            prop_assert!((status == 200) != answer.get("Code").is_some());
            prop_assert!(matches!(status, 200 | 400 | 403));
        }
    }

    #[test]
    fn no_query_panics_and_none_goes_unanswered(
        query in "((PageNum|PageSize|Tag\\.[0-9]{1,3}\\.(Key|Value)|SynchronizationJobName|ClientToken)=[0-9a-z%.-]{0,20}&){0,5}",
    ) {
        let (status, answer) = listed(&jobs(10), &query, NOW);
        prop_assert!((status == 200) != answer.get("Code").is_some());
    }
}

fn reachable(state: &str) -> HashSet<&'static str> {
    let declared = declared();
    let mut found = HashSet::new();
    let mut open = vec![state.to_owned()];
    while let Some(state) = open.pop() {
        for (_, next) in declared.iter().filter(|(from, _)| *from == state) {
            if found.insert(*next) {
                open.push((*next).to_owned());
            }
        }
    }
    found
}

#[test]
fn all_ten_states_are_to_be_seen_in_both_operations() {
    let plan = plan("[dts.jobs]\ncount = 1000\nevery = \"1m\"\nprecheck = \"5m\"\n");
    let (_, rows) = all_rows(&plan, "", 1000, NOW);
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &rows {
        *seen.entry(row["Status"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(seen.len(), 10, "{seen:?}");
    assert!(seen.contains_key("Initializating"));
    let found = status_rows(&plan, &ids(&rows), NOW);
    let forward: HashSet<&str> = found
        .iter()
        .map(|row| row["SynchronizationDirectionInfoList"][0]["Status"].as_str().unwrap())
        .collect();
    assert_eq!(forward, HashSet::from(STATES));
}

#[test]
fn a_reverse_task_waits_for_its_forward_one() {
    let plan = jobs(300);
    let mut started = 0;
    for index in 0..300 {
        let arrivals = &plan.of::<Dts>().jobs.arrivals;
        let now = arrivals.born(arrivals.nth(index)).plus(20 * HOUR);
        for age in [0, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 20 * HOUR] {
            let now = now.minus(20 * HOUR).plus(age);
            let tasks = words(tasks(&plan, index, now));
            if let [(_, None), (reverse, _)] = tasks[..] {
                assert_eq!(reverse, "NotStarted");
            } else if let [_, (reverse, _)] = tasks[..] {
                started += u64::from(reverse != "NotStarted");
            }
        }
    }
    assert!(started > 100, "{started}");
}

#[test]
fn without_anything_to_copy_no_job_initializes() {
    let plan = plan(
        "[dts.jobs]\ncount = 300\nevery = \"1m\"\ncopies = { structure_and_data = 0, structure = 0, data = 0 }\n\
         outcomes = { synchronizing = 9, failed = 1, others = 0 }\n",
    );
    for row in all_rows(&plan, "", 300, NOW).1 {
        assert_ne!(row["Status"], "Initializating");
        assert_eq!(
            (&row["DataInitialization"], &row["StructureInitialization"]),
            (&json!(false), &json!(false))
        );
    }
}

#[test]
fn the_weights_of_the_outcomes_hold_at_any_size() {
    let plan = plan(
        "[dts.jobs]\ncount = 4096\nover = \"365d\"\nwaiting = \"0s\"\nprecheck = \"0s\"\n\
         initialization = \"0s\"\nsynchronization = \"0s\"\nmodification = \"0s\"\n\
         outcomes = { synchronizing = 1000, suspending = 1, others = 0 }\n\
         copies = { structure_and_data = 100, structure = 0, data = 0, none = 1 }\n",
    );
    let count = |wanted: &str| {
        (0..4096)
            .map(|i| tasks(&plan, i, Timestamp::from_millis(NOW))[0])
            .filter(|task| TASK.name(task.state) == wanted)
            .count()
    };
    let suspended = count("Suspending");
    assert_eq!(suspended + count("Synchronizing"), 4096);
    assert!((1..=12).contains(&suspended), "{suspended}");
}

#[test]
fn a_page_deep_in_a_million_instances_is_what_counting_by_hand_gives() {
    let plan = plan("[dts.jobs]\ncount = 1000000\nevery = \"1s\"\n");
    let (_, answer) = listed(&plan, "PageNum=33333", NOW);
    assert_eq!(answer["TotalRecordCount"], 1_000_000);
    assert_eq!(answer["PageRecordCount"], 30);
    let rows = answer["SynchronizationInstances"].as_array().unwrap();
    let first = 1_000_000 - 1 - 33_332 * 30;
    let by_hand: Vec<String> =
        (first - 29..=first).rev().map(|ordinal| generated_id(&plan, ordinal)).collect();
    assert_eq!(ids(rows), by_hand);
    assert_eq!(status_rows(&plan, &by_hand, NOW).len(), 30);
    let (_, last) = listed(&plan, "PageNum=33334", NOW);
    assert_eq!(last["SynchronizationInstances"].as_array().unwrap().len(), 10);
    let (_, beyond) = listed(&plan, "PageNum=2147483647", NOW);
    assert_eq!(beyond["SynchronizationInstances"], json!([]));

    let filter =
        format!("Tag.1.Key=env&Tag.1.Value=staging&SynchronizationJobName={}", encoded("双向"));
    let (_, found) = listed(&plan, &filter, NOW);
    let dts = plan.of::<Dts>();
    let sampler = &dts.jobs.sampler;
    let by_hand = (0..1_000_000)
        .map(|ordinal| sampler.row(dts.jobs.arrivals.nth(ordinal)))
        .filter(|&row| job::subject_in_row(dts, row).name(dts.locale).contains("双向"))
        .filter(|&row| job::tags_in_row(dts, row).iter().any(|tag| tag.value == "staging"))
        .count();
    assert_eq!(found["TotalRecordCount"], by_hand);
    assert!(by_hand > 1_000, "{by_hand}");
}

#[test]
fn an_id_is_known_from_the_birth_of_its_job_on() {
    let plan = jobs(50);
    let next = vec![generated_id(&plan, 50)];
    assert_eq!(status_rows(&plan, &next, NOW).len(), 0);
    assert_eq!(status_rows(&plan, &next, NOW + 600_000).len(), 1);
}

#[test]
fn a_list_that_is_missing_can_be_a_hard_error_beside_soft_ones() {
    let plan = with_quirk("errors = \"soft\"\nmissing = \"hard\"");
    let (status, _) = ask(&plan, "DescribeSynchronizationJobStatusList", "", NOW);
    assert_eq!(status, 400);
}

#[test]
fn a_list_that_is_not_a_json_array_of_texts_is_refused_in_either_form() {
    let text = "The Value of Input Parameter SynchronizationJobIdListJsonStr is not valid";
    for list in
        ["dtsexjk1alb116****", "{\"id\":\"a\"}", "[1, 2]", "null", "[\"a\"", "[[\"a\"]]", "\"a\""]
    {
        let (status, answer) = statuses(&with_quirk(""), list, "", NOW);
        assert_eq!((status, &answer["Code"]), (403, &json!("InvalidParameter")), "{list}");
        assert_eq!(answer["Message"], text);
        let (status, answer) = statuses(&with_quirk("malformed = \"soft\""), list, "", NOW);
        assert_eq!((status, &answer["ErrCode"]), (200, &json!("InvalidParameter")), "{list}");
        assert_eq!((&answer["Success"], &answer["ErrMessage"]), (&json!(false), &json!(text)));
        assert_eq!(answer["SynchronizationJobListStatusList"], json!([]));
        assert_eq!(answer["TotalRecordCount"], 0);
    }
}

#[test]
fn the_number_of_ids_is_not_limited_by_default() {
    let many = json!(vec!["dts"; 5_000]).to_string();
    assert_eq!(statuses(&with_quirk(""), &many, "", NOW).0, 200);
}

#[test]
fn an_empty_region_leaves_no_job_out() {
    let plan = with_quirk("other_region = \"leave_out\"");
    let list = format!("[{:?}]", generated_id(&plan, 3));
    let (_, answer) = statuses(&plan, &list, "RegionId=", NOW);
    assert_eq!(answer["TotalRecordCount"], 1);
}

#[test]
fn a_client_token_that_is_long_or_not_ascii_is_refused_or_ignored_by_the_listing_too() {
    let (long, fits) = ("x".repeat(65), "x".repeat(64));
    for (quirk, status) in
        [("", 403), ("client_token = \"bad_request\"", 400), ("client_token = \"ignore\"", 200)]
    {
        let plan = with_quirk(quirk);
        for token in [&long, &encoded("é")] {
            let code = if status == 200 { "" } else { "InvalidParameter" };
            let answer = listed(&plan, &format!("ClientToken={token}"), NOW);
            assert_eq!(code_of(answer), (status, code.into()));
        }
        assert_eq!(listed(&plan, &format!("ClientToken={fits}"), NOW).0, 200);
    }
    let soft =
        statuses(&with_quirk("errors = \"soft\""), "[]", &format!("ClientToken={long}"), NOW);
    assert_eq!((soft.0, &soft.1["ErrCode"]), (200, &json!("InvalidParameter")));
}

#[test]
fn the_initialization_status_may_vanish_when_it_ends() {
    for (quirk, there) in [("", true), ("initialization_status = \"vanish\"", false)] {
        let plan = plan(&format!("[[dts.job]]\n[dts.quirks]\n{quirk}"));
        let (_, rows) = all_rows(&plan, "", 30, NOW);
        assert_eq!(rows[0].get("DataInitializationStatus").is_some(), there);
        assert_eq!(rows[0].get("StructureInitializationStatus").is_some(), there);
    }
}

#[test]
fn pages_are_bounded_and_more_than_30_rows_are_honoured() {
    let plan = plan("[dts.jobs]\ncount = 300\n");
    let (_, answer) = listed(&plan, "PageSize=200", NOW);
    assert_eq!(answer["SynchronizationInstances"].as_array().unwrap().len(), 200);
    for query in [
        "PageNum=0",
        "PageNum=-1",
        "PageNum=one",
        "PageNum=2147483648",
        "PageNum=99999999999999999999",
        "PageSize=0",
        "PageSize=1001",
        "PageSize=x",
        "Tag.1.Value=v",
        "Tag.1.Key=&Tag.1.Value=v",
        &(1..=21).map(|i| format!("Tag.{i}.Key=k&")).collect::<String>(),
    ] {
        let refused = listed(&plan, query, NOW);
        let name = query.split('=').next().unwrap();
        assert_eq!(code_of(refused.clone()), (403, "InvalidParameter".into()), "{query}");
        let text = refused.1["Message"].as_str().unwrap();
        assert!(text.starts_with("The Value of Input Parameter"), "{text}");
        assert!(text.contains(name.split('.').next().unwrap()), "{text}");
    }
}

#[test]
fn a_two_way_job_shows_both_directions_with_a_state_and_checkpoint_each() {
    let plan = plan(
        r#"
        [[dts.job]]
        SynchronizationJobId = "both"
        SynchronizationJobName = "there and back"
        SynchronizationJobClass = "large"
        PayType = "PrePaid"
        CreateTime = 2026-02-01T00:00:00.500Z
        DataInitialization = false
        ErrorMessage = "said so"
        SynchronizationDirectionInfoList = [
            { SynchronizationDirection = "Reverse", Status = "Suspending", Checkpoint = "1770000000" },
            { SynchronizationDirection = "Forward", Status = "Synchronizing" },
        ]
        "#,
    );
    let row = |now| status_rows(&plan, &["both".into()], now).remove(0);
    let directions = row(NOW)["SynchronizationDirectionInfoList"].clone();
    let checkpoint: i64 = directions[0]["Checkpoint"].as_str().unwrap().parse().unwrap();
    assert!((NOW / 1_000 - 60..=NOW / 1_000).contains(&checkpoint));
    assert_eq!(directions[0]["SynchronizationDirection"], "Forward");
    assert_eq!(
        directions[1],
        json!({ "Status": "Suspending", "Checkpoint": "1770000000", "SynchronizationDirection": "Reverse" })
    );
    let later = row(NOW + 3_600_000)["SynchronizationDirectionInfoList"][0]["Checkpoint"].clone();
    assert_eq!(later, (checkpoint + 3_600).to_string());
    let (_, rows) = all_rows(&plan, "", 30, NOW);
    let row = &rows[0];
    assert_eq!(row["SynchronizationJobName"], "there and back");
    assert_eq!(row["CreateTime"], "2026-02-01 08:00:00.0");
    assert_eq!(
        (&row["SynchronizationJobClass"], &row["PayType"]),
        (&json!("large"), &json!("PrePaid"))
    );
    assert_eq!(
        (&row["DataInitialization"], &row["ErrorMessage"]),
        (&json!(false), &json!("said so"))
    );
    let expiry = row["ExpireTime"].as_str().unwrap();
    assert!(expiry.ends_with("T16:00:00Z") && expiry > "2026-03-02", "{expiry}");
}

#[test]
fn a_scenario_that_is_impossible_is_refused_at_its_place() {
    let problem = |text: &str| {
        let problems = checked(text).map(|_| ()).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].place.to_string()
    };
    let twice = "[[dts.job]]\nSynchronizationJobId = \"a\"\n";
    assert_eq!(problem(&format!("{twice}{twice}")), "dts.job[1].SynchronizationJobId");
    let list = |list: &str| format!("[[dts.job]]\nSynchronizationDirectionInfoList = [{list}]\n");
    let reverse = "{ SynchronizationDirection = \"Reverse\" }";
    let at = "dts.job[0].SynchronizationDirectionInfoList";
    assert_eq!(problem(&list(reverse)), at);
    assert_eq!(problem(&list("{}, {}")), format!("{at}[1].SynchronizationDirection"));
    assert_eq!(problem(&list("{ Checkpoint = \"now\" }")), format!("{at}[0].Checkpoint"));
    assert_eq!(problem("[dts.jobs]\noutcomes = { others = 0 }\n"), "dts.jobs.outcomes");
    assert_eq!(
        problem("[dts.jobs]\nlag = { median = \"2s\", p99 = \"1s\" }\n"),
        "dts.jobs.lag.p99"
    );
    assert_eq!(problem("[dts.quirks]\nunknown = \"maybe\"\n"), "dts.quirks.unknown");
}

#[test]
fn refusals_say_what_would_have_helped() {
    let hint = |quirk: &str, list: &str| {
        let query = format!(
            "/?Version=2020-01-01&Action=DescribeSynchronizationJobStatusList\
             &SynchronizationJobIdListJsonStr={}",
            encoded(list)
        );
        let request: Request = http::Request::builder().uri(query).body(Bytes::new()).unwrap();
        let answer = respond_first(&with_quirk(quirk), &request, Timestamp::from_millis(NOW));
        answer.hint().unwrap_or_default().to_owned()
    };
    assert!(hint("", "dtsexjk1alb116").contains("JSON array"));
    assert!(hint("unknown = \"refuse\"", "[\"dtsx\"]").contains("DescribeSynchronizationJobs"));
    assert!(hint("max_ids = 1", "[\"a\",\"b\"]").contains("max_ids = 1"));
}
