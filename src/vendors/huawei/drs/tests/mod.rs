mod lifecycle;
mod paging;
mod quirks;

use std::collections::HashMap;

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::Value;

use super::Drs;
use super::async_job_state::{LEGACY_STATUSES, STATUSES};
use crate::engine::{Options, Plan, respond_first};
use crate::vendors::load;
use crate::wire::Request;
use crate::world::time::{HOUR, MINUTE, SECOND, Timestamp};

const PROJECT: &str = "054ba152d480d55b2f5dc0069e7ddef0";

/// Some jobs in every state, some owners, and fixed jobs among them.
const BUSY: &str = r#"
    [drs.jobs]
    count = 120
    every = "30s"
    outcomes = { validate_failed = 1, waiting = 1, committed = 2 }
    validation = { median = "1m", p99 = "5m" }
    commit_after = { median = "5m", p99 = "30m" }
    [drs.tenants]
    domains = 2
    users = 2
    [[drs.tenant]]
    domain_name = "domain_name1"
    users = ["user_name1", "user name+1/ü"]
    weight = 3
    [[drs.job]]
    domain_name = "domain_name1"
    status = "ASYNC_JOB_VALIDATING"
    [[drs.job]]
    async_job_id = "bd4193aa-072d-4ce6-beec-adffc7252341"
    domain_name = "domain_name1"
    user_name = "user_name1"
    create_time = 2026-03-02T09:30:00Z
    [[drs.job]]
    domain_name = "elsewhere"
    create_time = 2026-03-02T10:20:00Z
"#;

fn start() -> Timestamp {
    Timestamp::from_millis(1_772_445_600_000)
}

pub(crate) fn plan(seed: u64, section: &str) -> Box<Plan> {
    let text = format!("version = 1\n[clock]\nstart = 2026-03-02T10:00:00Z\n{section}");
    let options = Options { seed: Some(seed), ..Options::default() };
    let loaded = load("test", &text, &options, Timestamp::from_millis(0)).expect("options");
    loaded.outcome.expect("a scenario without problems")
}

fn request(uri: &str, headers: &[(&str, &str)]) -> Option<Request> {
    let mut request = http::Request::builder().uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::new()).ok()
}

/// The status, the body, and the hint.
fn call(plan: &Plan, uri: &str, headers: &[(&str, &str)], now: Timestamp) -> (u16, String, String) {
    let request = request(uri, headers).expect("a request");
    let answer = respond_first(plan, &request, now);
    let body = String::from_utf8(answer.reply.body().to_vec()).expect("UTF-8");
    (answer.reply.status().as_u16(), body, answer.hint().unwrap_or_default().to_owned())
}

fn ask(plan: &Plan, query: &str, now: Timestamp) -> (u16, String, String) {
    call(plan, &format!("/v5/{PROJECT}/batch-async-jobs?{query}"), &[], now)
}

fn list(plan: &Plan, query: &str, now: Timestamp) -> (Vec<Value>, u64) {
    let (status, body, _) = ask(plan, query, now);
    assert_eq!(status, 200, "{query}: {body}");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let jobs = body["jobs"].as_array().expect("jobs").clone();
    (jobs, body["total_count"].as_u64().expect("total_count"))
}

fn everything(plan: &Plan, now: Timestamp) -> Vec<Value> {
    let (jobs, total) = list(plan, "limit=1000", now);
    assert_eq!(jobs.len() as u64, total);
    jobs
}

#[test]
fn empty_parameters_are_as_good_as_none() {
    let plan = plan(1, BUSY);
    let empty = "async_job_id=&status=&domain_name=&user_name=&offset=&limit=&sort_key=&sort_dir=";
    for query in [empty, "offset=&limit="] {
        assert_eq!(ask(&plan, query, start()), ask(&plan, "", start()), "{query}");
    }
}

#[test]
fn a_bad_value_is_refused_by_the_name_of_its_parameter() {
    let plan = plan(1, BUSY);
    for (query, name) in [
        ("limit=-1", "limit"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.5", "limit"),
        ("offset=-1", "offset"),
        ("offset=+", "offset"),
        ("offset=9223372036854775808", "offset"),
        ("offset=18446744073709551616", "offset"),
        ("sort_key=status", "sort_key"),
        ("sort_dir=DESC", "sort_dir"),
        ("status=LOST", "status"),
        ("status=ASYNC_JOB_CREATING", "status"),
        ("sort_dir=up&status=LOST&limit=x", "status"),
    ] {
        let (status, body, hint) = ask(&plan, query, start());
        let expected = format!(
            r#"{{"error_code":"DRS.M00202","error_msg":"The value of parameter {name} is invalid."}}"#
        );
        assert_eq!((status, body), (400, expected), "{query}");
        assert!(hint.contains(name), "{query}: {hint}");
    }
    let uri = format!("/v5/{PROJECT}/batch-async-jobs?limit=-1");
    let (_, body, _) = call(&plan, &uri, &[("X-Language", "zh-cn")], start());
    assert_eq!(body, r#"{"error_code":"DRS.M00202","error_msg":"limit取值不合法"}"#);
}

#[test]
fn a_client_without_a_project_is_told_so_and_another_project_may_be_empty() {
    let refusing = plan(1, BUSY);
    let refused = r#"{"error_code":"DRS.M00261","error_msg":"Invalid project ID."}"#;
    // Captured from an SDK that was given an endpoint and no project.
    let template = "/v5/%7Bproject_id%7D/batch-async-jobs?limit=1";
    let (status, body, hint) = call(&refusing, template, &[], start());
    assert_eq!((status, body.as_str()), (403, refused));
    assert!(hint.starts_with("the client has no project id"), "{hint}");

    let open = plan(1, &format!("[drs.quirks]\nunknown_project = \"empty\"\n{BUSY}"));
    let (status, body, _) = call(&open, template, &[], start());
    assert_eq!((status, body.as_str()), (200, r#"{"jobs":[],"total_count":0}"#));
    assert_eq!(call(&open, "/v5/x/batch-async-jobs?limit=x", &[], start()).0, 400);
}

#[test]
fn an_id_finds_its_job_and_an_unknown_one_nothing() {
    let plan = plan(1, BUSY);
    let all = everything(&plan, start());
    for job in &all {
        let text = |key: &str| job[key].as_str().expect("text").to_owned();
        let id = text("async_job_id");
        assert_eq!(list(&plan, &format!("async_job_id={id}"), start()), (vec![job.clone()], 1));
        let past = list(&plan, &format!("async_job_id={id}&offset=1"), start());
        assert_eq!(past, (vec![], 1));
        let status = text("status");
        for other in STATUSES {
            let (_, total) = list(&plan, &format!("async_job_id={id}&status={other}"), start());
            assert_eq!(total, u64::from(*other == status));
        }
        let (_, total) = list(&plan, &format!("async_job_id={id}&domain_name=nobody"), start());
        assert_eq!(total, 0);
    }
    let next = plan.of::<Drs>().ids.uuid(plan.of::<Drs>().jobs.arrivals.end_at(start()));
    for id in [next.as_str(), "7b65d750-51e5-4647-a088-663d28152a3d", "x", "----"] {
        let found = list(&plan, &format!("async_job_id={id}"), start());
        assert_eq!(found, (vec![], 0), "{id}");
    }
    assert_eq!(list(&plan, &format!("async_job_id={next}"), start().plus(MINUTE)).1, 1);
}

#[test]
fn without_tenants_the_owner_that_jobs_show_finds_them() {
    let plan = plan(1, "[drs.tenants]\ndomains = 0\n[drs.jobs]\nevery = \"1m\"\n");
    let now = start().plus(9 * MINUTE);
    let all = everything(&plan, now);
    assert!(all.len() >= 8);
    let text = |key: &str| all[0][key].as_str().expect("text");
    let query = format!("domain_name={}&user_name={}", text("domain_name"), text("user_name"));
    assert_eq!(list(&plan, &query, now), (all.clone(), all.len() as u64));
}

#[test]
fn the_last_page_of_a_million_jobs_is_the_beginning_of_their_time() {
    let plan = plan(7, "[drs.jobs]\ncount = 1_000_000\nevery = \"1m\"");
    let (jobs, total) = list(&plan, "offset=999990&limit=100", start());
    assert_eq!((jobs.len(), total), (10, 1_000_000));
    for (place, job) in jobs.iter().enumerate() {
        let index = 9 - place as u64;
        let plan = plan.of::<Drs>();
        assert_eq!(job["async_job_id"], plan.ids.uuid(plan.jobs.arrivals.nth(index)));
        // A million minutes before the start are 2024-04-06T23:20:00Z.
        let time = job["create_time"].as_str().expect("text");
        assert!(time.starts_with(&format!("2024-04-06T23:2{index}:")), "{time}");
    }
    let (oldest, _) = list(&plan, "offset=0&limit=10&sort_dir=asc", start());
    assert!(oldest.iter().eq(jobs.iter().rev()));

    let totals: Vec<u64> =
        STATUSES.iter().map(|status| list(&plan, &format!("status={status}"), start()).1).collect();
    assert_eq!(totals.iter().sum::<u64>(), 1_000_000);
    // 10, 15 and 75 of 100 are 102, 154 and 768 of the sampler's 1024 rows.
    let blocks = 1_000_000 / 1_024;
    assert!((blocks * 102..=(blocks + 1) * 102).contains(&totals[1]), "{totals:?}");
    let (last, _) =
        list(&plan, &format!("status=ASYNC_JOB_VALIDATE_FAILED&offset={}", totals[1] - 1), start());
    assert_eq!(last.len(), 1);
    assert_eq!(list(&plan, "offset=9223372036854775807&limit=1000", start()), (vec![], 1_000_000));
}

#[test]
fn older_statuses_are_shown_and_filtered_by_only_if_the_scenario_says_so() {
    let exact = "[[drs.job]]\nstatus = \"ASYNC_JOB_CREATE_FAILED\"\n";
    let legacy = plan(1, &format!("[drs.quirks]\nlegacy_statuses = true\n{BUSY}\n{exact}"));
    let newer = everything(&plan(1, BUSY), start());
    let older = everything(&legacy, start());
    for job in &newer {
        let same = older.iter().find(|old| old["async_job_id"] == job["async_job_id"]);
        let status = same.map(|old| old["status"].clone()).unwrap_or_default();
        let place = STATUSES.iter().position(|s| job["status"] == *s).expect("a status");
        assert_eq!(status, LEGACY_STATUSES[place]);
    }
    for status in LEGACY_STATUSES {
        let (jobs, total) = list(&legacy, &format!("status={status}&limit=1000"), start());
        assert!(total > 0 && jobs.iter().all(|job| job["status"] == *status));
    }
    let (status, _, hint) = ask(&legacy, "status=COMMIT_SUCCESS", start());
    assert_eq!(status, 400);
    assert!(hint.contains("drs.quirks.legacy_statuses"), "{hint}");
}

#[test]
fn the_list_has_no_other_method_than_get() {
    let plan = plan(1, BUSY);
    for method in ["POST", "DELETE", "PUT"] {
        let uri = format!("/v5/{PROJECT}/batch-async-jobs");
        let mut request = request(&uri, &[]).expect("a request");
        *request.method_mut() = method.parse().expect("a method");
        let reply = respond_first(&plan, &request, start()).reply;
        let body: Value = serde_json::from_slice(reply.body()).expect("JSON");
        assert_eq!((reply.status().as_u16(), &body["error_code"]), (404, &"APIGW.0101".into()));
        assert_eq!(body["error_msg"], "The API does not exist.");
    }
}

fn name(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn pages_of_every_size_show_each_job_once_and_in_order(
        seed: u64, size in 1u64..60, late in 0..2 * HOUR,
    ) {
        let (plan, now) = (plan(seed, BUSY), start().plus(late));
        let all = everything(&plan, now);
        let times: Vec<&str> = all.iter().filter_map(|job| job["create_time"].as_str()).collect();
        prop_assert!(times.is_sorted_by(|newer, older| newer >= older));
        for direction in ["desc", "asc"] {
            let mut paged = Vec::new();
            loop {
                let query = format!(
                    "offset={}&limit={size}&sort_key=create_time&sort_dir={direction}",
                    paged.len()
                );
                let (jobs, total) = list(&plan, &query, now);
                prop_assert_eq!(total, all.len() as u64);
                if jobs.is_empty() {
                    break;
                }
                paged.extend(jobs);
            }
            if direction == "asc" {
                paged.reverse();
            }
            prop_assert_eq!(&paged, &all);
        }
    }

    #[test]
    fn filters_keep_what_checking_each_job_would_keep(seed: u64, late in 0..2 * HOUR) {
        let (plan, now) = (plan(seed, BUSY), start().plus(late));
        let all = everything(&plan, now);
        let values = |key: &str| {
            let mut values: Vec<&str> =
                all.iter().filter_map(|job| job[key].as_str()).chain(["", "nobody"]).collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        let (domains, users) = (values("domain_name"), values("user_name"));
        prop_assert!(domains.len() >= 5 && users.len() >= 7);
        for status in [""].iter().chain(STATUSES) {
            for domain in &domains {
                for user in &users {
                    let kept: Vec<Value> = all
                        .iter()
                        .filter(|job| {
                            [("status", status), ("domain_name", domain), ("user_name", user)]
                                .iter()
                                .all(|(key, wanted)| wanted.is_empty() || job[*key] == **wanted)
                        })
                        .cloned()
                        .collect();
                    let query = format!(
                        "status={status}&domain_name={}&user_name={}&limit=1000",
                        name(domain), name(user)
                    );
                    let total = kept.len() as u64;
                    prop_assert_eq!(list(&plan, &query, now), (kept, total));
                }
            }
        }
    }

    #[test]
    fn a_user_belongs_to_one_tenant(seed: u64) {
        let plan = plan(seed, BUSY);
        for job in everything(&plan, start().plus(HOUR)) {
            let known = plan.of::<Drs>().owners.iter().any(|owner| {
                job["domain_name"] == owner.domain_name && job["user_name"] == owner.user_name
            });
            prop_assert!(known || job["domain_name"] == "elsewhere");
        }
    }

    #[test]
    fn a_job_only_moves_along_its_life_cycle(seed: u64) {
        let plan = plan(seed, BUSY);
        let mut last: HashMap<String, String> = HashMap::new();
        // Only the first dwell time is shorter than a step.
        for late in (0..HOUR / 2).step_by(20 * SECOND as usize) {
            let now = start().plus(late);
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let all = everything(&plan, now);
            prop_assert!(all.len() >= last.len());
            for job in all {
                let (id, status) = (text(&job["async_job_id"]), text(&job["status"]));
                let Some(before) = last.insert(id, status.clone()) else { continue };
                let may = match before.as_str() {
                    "ASYNC_JOB_VALIDATING" => {
                        &["ASYNC_JOB_VALIDATE_FAILED", "AUTO_PARAM_VALIDATE_SUCCESS"][..]
                    }
                    "AUTO_PARAM_VALIDATE_SUCCESS" => &["COMMIT_SUCCESS"][..],
                    _ => &[],
                };
                prop_assert!(before == status || may.contains(&status.as_str()));
            }
        }
    }

    #[test]
    fn the_order_of_requests_changes_no_byte(
        seed: u64,
        reads in proptest::collection::vec((0u64..200, 1u64..40, 0usize..5, 0..HOUR), 1..12),
    ) {
        let answer = |plan: &Plan, &(offset, limit, status, late): &(u64, u64, usize, u64)| {
            let status = STATUSES.get(status).copied().unwrap_or_default();
            ask(plan, &format!("offset={offset}&limit={limit}&status={status}"), start().plus(late))
        };
        let (one, other) = (plan(seed, BUSY), plan(seed, BUSY));
        let forth: Vec<_> = reads.iter().map(|question| answer(&one, question)).collect();
        let mut back: Vec<_> = reads.iter().rev().map(|question| answer(&other, question)).collect();
        back.reverse();
        prop_assert_eq!(forth, back);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_query_panics(
        raw in "[a-z_=&%0-9+éÿ-]{0,40}",
        pairs in proptest::collection::vec((0usize..9, ".{0,24}|-?[0-9]{1,24}|[a-fA-F0-9+-]{30,40}"), 0..6),
        now: i64,
    ) {
        let names = [
            "async_job_id", "status", "domain_name", "user_name", "offset", "limit",
            "sort_key", "sort_dir", "x",
        ];
        let pairs: Vec<String> =
            pairs.iter().map(|(key, value)| format!("{}={}", names[*key], name(value))).collect();
        let plan = plan(1, BUSY);
        for query in [pairs.join("&"), format!("{raw}&{}", pairs.join("&"))] {
            let uri = format!("/v5/{PROJECT}/batch-async-jobs?{query}");
            let Some(request) = request(&uri, &[]) else { continue };
            let reply = respond_first(&plan, &request, Timestamp::from_millis(now)).reply;
            prop_assert!(matches!(reply.status().as_u16(), 200 | 400));
            prop_assert!(serde_json::from_slice::<Value>(reply.body()).is_ok());
        }
    }
}

/// Signatures are shortened; everything else is as the SDKs sent it (huaweicloudsdkdrs
/// 3.1.219, @huaweicloud/huaweicloud-sdk-core 3.1.211).
#[test]
fn the_official_sdks_credentials_are_well_formed_in_every_way_they_send_them() {
    let required = plan(1, &format!("[gateway]\ncredentials = \"required\"\n{BUSY}"));
    let uri = format!("/v5/{PROJECT}/batch-async-jobs?limit=10");
    let date = ("X-Sdk-Date", "20261121T211825Z");
    let names = "SignedHeaders=content-type;host;user-agent;x-project-id;x-sdk-date";
    let signed = |algorithm: &str, key: &str| {
        format!("{algorithm} {key}, {names}, Signature=069e2e6a0e73d159")
    };
    for (algorithm, key) in [
        ("SDK-HMAC-SHA256", "Access=testak"),
        ("SDK-HMAC-SM3", "Access=testak"),
        ("V11-HMAC-SHA256", "Credential=testak/20261121/cn-north-4/drs"),
    ] {
        let authorization = signed(algorithm, key);
        let headers = [("Authorization", authorization.as_str()), date];
        assert_eq!(call(&required, &uri, &headers, start()).0, 200, "{algorithm}");
        let token = [headers[0], headers[1], ("X-Auth-Token", "MIIFAKETOKEN")];
        assert_eq!(call(&required, &uri, &token, start()).0, 200, "{algorithm} and a token");
        assert_eq!(call(&required, &uri, &headers[..1], start()).0, 401, "no date");
    }
    let token = [("X-Auth-Token", "MIIFAKETOKEN"), ("Authorization", "")];
    assert_eq!(call(&required, &uri, &token, start()).0, 200);
    let (status, body, _) = call(&required, &uri, &[("Authorization", "")], start());
    assert_eq!(status, 401);
    let prefix = r#"{"error_msg":"Incorrect IAM authentication information: x-auth-token not found","error_code":"APIGW.0301","request_id":""#;
    assert!(body.starts_with(prefix), "{body}");
}

#[test]
fn answers_bear_the_gateways_headers() {
    let plan = plan(1, BUSY);
    for query in ["", "limit=-1"] {
        let uri = format!("/v5/{PROJECT}/batch-async-jobs?{query}");
        let request = request(&uri, &[]).expect("a request");
        let reply = respond_first(&plan, &request, start()).reply;
        let header = |name: &str| reply.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("content-type"), Some("application/json"));
        assert_eq!(header("server"), Some("api-gateway"));
        assert_eq!(header("date"), Some("Mon, 02 Mar 2026 10:00:00 GMT"));
        let id = header("x-request-id").unwrap_or_default();
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    }
}

/// For the "all" captures: the python SDK sorts the query, the node SDK does not.
#[test]
fn the_official_sdks_queries_are_read_whatever_their_order() {
    let plan = plan(
        1,
        r#"
        [[drs.job]]
        async_job_id = "bd4193aa-072d-4ce6-beec-adffc7252341"
        domain_name = "domain_name1"
        user_name = "user name+1/ü"
        "#,
    );
    for query in [
        "async_job_id=bd4193aa-072d-4ce6-beec-adffc7252341&domain_name=domain_name1&limit=10\
         &offset=0&sort_dir=desc&sort_key=create_time&status=COMMIT_SUCCESS\
         &user_name=user%20name%2B1%2F%C3%BC",
        "async_job_id=&status=COMMIT_SUCCESS&user_name=user%20name%2B1%2F%C3%BC&offset=0\
         &limit=10&sort_key=create_time&sort_dir=desc",
    ] {
        let (jobs, total) = list(&plan, query, start());
        assert_eq!((jobs.len(), total), (1, 1), "{query}");
        assert_eq!(jobs[0]["user_name"], "user name+1/ü");
    }
}
