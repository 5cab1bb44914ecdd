mod files;
mod lifecycle;
mod paging;
mod quirks;
mod targets;

use std::collections::HashSet;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;

use super::Eiam;
use crate::engine::{Options, Plan, respond_first};
use crate::vendors::load;
use crate::wire::Request;
use crate::world::time::Timestamp;

const INSTANCE: &str = "idaas_ue2jvisn35ea5lmthk267xxxxx";
const NOW: i64 = 1_772_445_600_000;

fn plan(text: &str) -> Box<Plan> {
    let text = format!("version = 1\n{text}");
    let loaded = load("test", &text, &Options::default(), Timestamp::from_millis(NOW)).unwrap();
    loaded.outcome.unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The problems of a scenario: the report, line by line.
fn problems(text: &str) -> Vec<String> {
    let text = format!("version = 1\n{text}");
    let loaded = load("test", &text, &Options::default(), Timestamp::from_millis(NOW)).unwrap();
    match loaded.outcome {
        Ok(_) => vec![],
        Err(_) => loaded.report(false).lines().map(str::to_owned).collect(),
    }
}

fn jobs(count: u64) -> Box<Plan> {
    plan(&format!(
        "[eiam.jobs]\ncount = {count}\nevery = \"1m\"\n[[eiam.job]]\nStatus = \"failed\"\n"
    ))
}

fn ask(plan: &Plan, query: &str, now: i64) -> (u16, Value) {
    call(plan, "ListSynchronizationJobs", query, now)
}

fn request(action: &str, query: &str) -> Request {
    http::Request::builder()
        .method("POST")
        .uri(format!("/?Action={action}&Version=2021-12-01&Format=JSON&{query}"))
        .header("Host", "127.0.0.1:4740")
        .body(Bytes::new())
        .unwrap()
}

fn call(plan: &Plan, action: &str, query: &str, now: i64) -> (u16, Value) {
    let reply = respond_first(plan, &request(action, query), Timestamp::from_millis(now)).reply;
    (reply.status().as_u16(), serde_json::from_slice(reply.body()).unwrap())
}

fn rows(answer: &Value) -> Vec<Value> {
    answer["SynchronizationJobs"].as_array().unwrap().clone()
}

/// All rows, by tokens.
fn traverse(plan: &Plan, filters: &str, size: u64, now: i64) -> (u64, Vec<Value>) {
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let query = format!("InstanceId={INSTANCE}&MaxResults={size}&NextToken={token}&{filters}");
        let (status, answer) = ask(plan, &query, now);
        assert_eq!(status, 200, "{answer}");
        let page = rows(&answer);
        assert!(page.len() as u64 == size || answer.get("NextToken").is_none());
        all.extend(page);
        match answer.get("NextToken") {
            Some(next) => token = next.as_str().unwrap().to_owned(),
            None => return (answer["TotalCount"].as_u64().unwrap(), all),
        }
    }
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["SynchronizationJobId"].as_str().unwrap()).collect()
}

fn leave_out_what_only_the_list_has(row: &mut Value) {
    row.as_object_mut().unwrap().shift_remove("Description");
    if let Some(result) = row.get_mut("Result") {
        for statistics in result.as_object_mut().unwrap().values_mut() {
            if let Some(members) = statistics.as_object_mut() {
                members.shift_remove("Exported");
            }
        }
    }
}

fn tallies(row: &Value) -> Vec<&Value> {
    let groups = [
        "UserStatistics",
        "OrganizationalUnitStatistics",
        "GroupStatistics",
        "GroupMemberStatistics",
    ];
    groups.iter().flat_map(|group| row["Result"][group].as_object().unwrap().values()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn both_ways_of_paging_show_each_job_once_and_newest_first(
        count in 0u64..150, size in 1u64..=100, late in 0i64..600_000,
    ) {
        let plan = jobs(count);
        let now = NOW + late;
        let (total, by_token) = traverse(&plan, "", size, now);
        prop_assert_eq!(total as usize, by_token.len());
        prop_assert_eq!(ids(&by_token).iter().collect::<HashSet<_>>().len(), by_token.len());
        prop_assert!(by_token.windows(2).all(|w| w[0]["StartTime"].as_i64() >= w[1]["StartTime"].as_i64()));
        let mut by_number = Vec::new();
        for number in 1.. {
            let query = format!("InstanceId={INSTANCE}&PageNumber={number}&PageSize={size}");
            let (_, answer) = ask(&plan, &query, now);
            prop_assert!(answer.get("NextToken").is_none());
            prop_assert_eq!(answer["TotalCount"].as_u64(), Some(total));
            let page = rows(&answer);
            if page.is_empty() { break }
            by_number.extend(page);
        }
        prop_assert_eq!(by_number, by_token);
    }

    #[test]
    fn every_filter_is_what_filtering_by_hand_gives(
        count in 0u64..150,
        status in proptest::sample::select(vec!["", "pending", "running", "success", "partial_success", "failed", "suspending"]),
        kind in proptest::sample::select(vec!["", "identity_provider", "application", "user"]),
        direction in proptest::sample::select(vec!["", "ingress", "egress"]),
        target in proptest::option::of(0usize..7),
        from in proptest::option::of(0i64..9_000_000),
        until in proptest::option::of(0i64..9_000_000),
        late in 0i64..600_000,
    ) {
        let plan = jobs(count);
        let now = NOW + late;
        let (_, all) = traverse(&plan, "", 100, now);
        let target = target.map(|t| plan.of::<Eiam>().targets[t].id.clone());
        let (from, until) = (from.map(|age| now - age), until.map(|age| now - age));
        let mut filters = format!("Status={status}&TargetType={kind}&Direction={direction}");
        if let Some(id) = &target { filters += &format!("&TargetIds.1=idp_nobody&TargetIds.2={id}"); }
        if let Some(t) = from { filters += &format!("&StartTime={t}"); }
        if let Some(t) = until { filters += &format!("&EndTime={t}"); }
        let (total, found) = traverse(&plan, &filters, 7, now);
        let is = |row: &Value, key: &str, wanted: &str| wanted.is_empty() || row[key] == wanted;
        let brute: Vec<Value> = all.into_iter().filter(|row| {
            let start = row["StartTime"].as_i64().unwrap();
            is(row, "Status", status) && is(row, "TargetType", kind) && is(row, "Direction", direction)
                && target.as_ref().is_none_or(|id| row["TargetId"] == *id)
                && from.is_none_or(|t| start >= t) && until.is_none_or(|t| start <= t)
        }).collect();
        prop_assert_eq!(total as usize, brute.len());
        prop_assert_eq!(found, brute);
    }

    #[test]
    fn the_fields_of_a_job_are_consistent(seed: u64, late in 0i64..600_000) {
        let mut plan = jobs(200);
        plan.seed = crate::world::draw::Seed(seed);
        let plan = plan;
        for row in traverse(&plan, "", 100, NOW + late).1 {
            let status = row["Status"].as_str().unwrap();
            let ended = matches!(status, "success" | "partial_success" | "failed");
            prop_assert_eq!(row.get("EndTime").is_some(), ended);
            prop_assert_eq!(row.get("Result").is_some(), ended);
            if !ended { continue }
            prop_assert!(row["EndTime"].as_i64() >= row["StartTime"].as_i64());
            let number = |tally: &Value, key: &str| tally[key].as_u64().unwrap();
            let mut failures = 0;
            for tally in tallies(&row) {
                let parts = number(tally, "Success") + number(tally, "Failed") + number(tally, "Skipped");
                prop_assert_eq!(number(tally, "Total"), parts);
                failures += number(tally, "Failed");
            }
            prop_assert_eq!(failures > 0, status != "success");
            prop_assert_eq!(row["Result"].get("ErrorCode").is_some(), status != "success");
            prop_assert_eq!(row["Result"].get("ErrorMessage").is_some(), status != "success");
        }
    }

    #[test]
    fn a_job_by_its_id_is_its_row_of_the_list(count in 0u64..80, late in 0i64..600_000) {
        let plan = jobs(count);
        for mut row in traverse(&plan, "", 100, NOW + late).1 {
            let id = row["SynchronizationJobId"].as_str().unwrap();
            let query = format!("InstanceId={INSTANCE}&SynchronizationJobId={id}");
            let (status, found) = call(&plan, "GetSynchronizationJob", &query, NOW + late);
            let born = row["StartTime"].as_i64().unwrap();
            let (before, _) = call(&plan, "GetSynchronizationJob", &query, born - 1);
            prop_assert_eq!((status, before), (200, 404));
            leave_out_what_only_the_list_has(&mut row);
            prop_assert_eq!(&found["SynchronizationJob"], &row);
        }
    }

    #[test]
    fn no_text_is_mistaken_for_a_job(id in "(sync_0000)?[0-9a-v]{0,50}") {
        let query = format!("InstanceId={INSTANCE}&SynchronizationJobId={id}");
        let (status, _) = call(&jobs(30), "GetSynchronizationJob", &query, NOW);
        prop_assert!(status == 404 || status == 400);
    }

    #[test]
    fn no_query_panics_and_none_goes_unanswered(query in "[A-Za-z0-9=&%._+-]{0,60}") {
        let plan = jobs(10);
        let (status, answer) = ask(&plan, &query, NOW);
        prop_assert!(status == 200 || answer.get("Code").is_some());
    }
}

#[test]
fn a_job_never_goes_back_on_its_path() {
    let plan = jobs(3);
    let rank = |status: &str| match status {
        "pending" => 0,
        "running" => 1,
        _ => 2,
    };
    let mut last = 0;
    let mut seen = HashSet::new();
    let query = format!("InstanceId={INSTANCE}&PageSize=100");
    let born_later = NOW + 60_000;
    for tick in 0..2_000 {
        let (_, answer) = ask(&plan, &query, born_later + tick * 1_000);
        let rows = rows(&answer);
        let row = &rows[rows.len() - 5];
        let status = row["Status"].as_str().unwrap().to_owned();
        assert!(rank(&status) >= last);
        last = rank(&status);
        seen.insert(status);
    }
    assert_eq!(last, 2);
    assert!(seen.contains("running"));
}

#[test]
fn a_token_is_refused_for_other_filters_and_holds_on_another_process() {
    let (one, other) = (jobs(50), jobs(50));
    let (_, first) = ask(&one, &format!("InstanceId={INSTANCE}&MaxResults=10"), NOW);
    let token = first["NextToken"].as_str().unwrap();
    let next = format!("InstanceId={INSTANCE}&MaxResults=10&NextToken={token}");
    assert_eq!(ask(&one, &next, NOW), ask(&other, &next, NOW));
    let (status, answer) = ask(&one, &format!("{next}&Status=failed"), NOW);
    assert_eq!((status, &answer["Code"]), (400, &"InvalidNextToken".into()));
}

#[test]
fn bad_bounds_and_encodings_get_the_gateways_messages() {
    let plan = jobs(5);
    let cases = [
        ("MaxResults=0", "InvalidMaxResults"),
        ("MaxResults=101", "InvalidMaxResults"),
        ("MaxResults=ten", "InvalidMaxResults"),
        ("PageSize=101", "InvalidPageSize"),
        ("PageNumber=0", "InvalidPageNumber"),
        ("PageNumber=99999999999999999999", "InvalidPageNumber"),
        ("NextToken=NTxxxexample", "InvalidNextToken"),
        ("Status=done", "InvalidStatus"),
        ("TargetType=idp", "InvalidTargetType"),
        ("Direction=in", "InvalidDirection"),
        ("StartTime=yesterday", "InvalidStartTime"),
    ];
    for (query, code) in cases {
        let (status, answer) = ask(&plan, &format!("InstanceId={INSTANCE}&{query}"), NOW);
        assert_eq!((status, answer["Code"].as_str()), (400, Some(code)), "{query}");
        let name = code.trim_start_matches("Invalid");
        assert_eq!(answer["Message"], format!("Specified parameter {name} is not valid."));
    }
    let (status, answer) = ask(&plan, "PageSize=5", NOW);
    assert_eq!((status, answer["Code"].as_str()), (400, Some("MissingInstanceId")));
    let (status, answer) = ask(&plan, "InstanceId=idaas_nobody", NOW);
    assert_eq!((status, answer["Code"].as_str()), (404, Some("ResourceNotFound.Instance")));
}

#[test]
fn with_a_token_mode_parameter_page_numbers_are_ignored_even_bad_ones() {
    let plan = jobs(30);
    let (status, answer) =
        ask(&plan, &format!("InstanceId={INSTANCE}&MaxResults=5&PageNumber=0"), NOW);
    assert_eq!((status, rows(&answer).len()), (200, 5));
    let (status, answer) = ask(&plan, &format!("InstanceId={INSTANCE}&NextToken="), NOW);
    assert_eq!((status, rows(&answer).len()), (200, 20));
    assert!(answer.get("NextToken").is_some());
}

#[test]
fn the_last_page_of_a_million_jobs_is_as_near_as_the_first() {
    let plan = plan("[eiam.jobs]\ncount = 1000000\nevery = \"1s\"\n");
    let (_, last) =
        ask(&plan, &format!("InstanceId={INSTANCE}&PageNumber=10000&PageSize=100"), NOW);
    let found = rows(&last);
    assert_eq!(found.len(), 100);
    let arrivals = &plan.of::<Eiam>().jobs.arrivals;
    assert_eq!(found[99]["StartTime"], arrivals.born(arrivals.first()).millis());
    let (_, failed) = ask(&plan, &format!("InstanceId={INSTANCE}&Status=failed&PageSize=1"), NOW);
    let total = failed["TotalCount"].as_u64().unwrap();
    assert!((39_000..41_000).contains(&total), "{total}");
}

#[test]
fn a_job_is_requested_by_instance_and_id() {
    let plan = jobs(3);
    let cases = [
        (String::new(), 400, "MissingInstanceId"),
        (format!("InstanceId={INSTANCE}"), 400, "MissingSynchronizationJobId"),
        ("InstanceId=idaas_x&SynchronizationJobId=a".into(), 404, "ResourceNotFound.Instance"),
        (
            format!("InstanceId={INSTANCE}&SynchronizationJobId=sync_x"),
            404,
            "ResourceNotFound.SynchronizationJob",
        ),
        (
            format!("InstanceId={INSTANCE}&SynchronizationJobId={}", "x".repeat(65)),
            400,
            "InvalidSynchronizationJobId",
        ),
    ];
    for (query, status, code) in cases {
        let (found, answer) = call(&plan, "GetSynchronizationJob", &query, NOW);
        assert_eq!((found, answer["Code"].as_str()), (status, Some(code)), "{query}");
    }
}

#[test]
fn the_products_own_error_style_is_a_switch() {
    let plan = plan("[eiam.quirks]\nerror_style = \"product\"\n");
    let (_, answer) = ask(&plan, "", NOW);
    assert_eq!(answer["Code"], "MissingParameter.InstanceId");
}
