//! Golden answers: every operation in each of its formats, with status and headers. Bodies are
//! pretty-printed; `raw-json.snap` and `raw-xml.snap` of each service hold one as it was sent.
//!
//! After an intended change run `INSTA_UPDATE=force cargo test --lib -- goldens life`, and
//! review the diff.

use crate::engine::Plan;
use crate::engine::{Answer, respond_first};
use crate::vendors::VENDORS;
use quick_xml::events::Event;
use serde_json::json;

use crate::core_tests::asking::{DRS, DTS_IDS, INSTANCE, OMS, plan, request, text};

fn golden(service: &str, name: &str, plan: &Plan, method: &str, uri: &str, body: &[u8]) {
    let answer = answer(plan, method, uri, body);
    assert_golden(service, name, &format!("{method} {uri}"), &answer);
}

fn answer(plan: &Plan, method: &str, uri: &str, body: &[u8]) -> Answer {
    let headers: &[(&str, &str)] =
        if body.is_empty() { &[] } else { &[("Content-Type", "application/json")] };
    respond_first(plan, &request(method, uri, headers, body), plan.clock.start)
}

/// Compares an answer with `fixtures/<service>/answers/<name>.snap`.
pub(crate) fn assert_golden(service: &str, name: &str, request: &str, answer: &Answer) {
    assert_snapshot(service, name, request, answer, &pretty(&text(answer)));
}

/// Compares an answer byte by byte.
fn assert_raw_golden(service: &str, name: &str, plan: &Plan, uri: &str) {
    let answer = answer(plan, "GET", uri, b"");
    assert_snapshot(service, name, &format!("GET {uri}"), &answer, &text(&answer));
}

fn assert_snapshot(service: &str, name: &str, request: &str, answer: &Answer, body: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../../fixtures/{service}/answers"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(request);
    settings.set_info(&info(answer));
    settings.bind(|| insta::assert_snapshot!(name, format!("{}\n\n{body}", head(answer))));
}

/// The lines that [`every_operation_has_a_golden_of_success_in_each_of_its_formats`] reads.
fn info(answer: &Answer) -> serde_json::Value {
    let content_type = answer.reply.headers()["content-type"].to_str().unwrap();
    json!({
        "operation": answer.operation.map(|operation| operation.to_string()),
        "format": content_type.split(';').next().unwrap().rsplit('/').next(),
        "outcome": if answer.succeeded() { "granted" } else { "refused" },
    })
}

/// Every operation as goldens name it, with its formats.
fn operations() -> impl Iterator<Item = (String, &'static [&'static str])> {
    VENDORS.services().flat_map(|found| {
        let formats: &[&str] = if found.dialect.has_xml() { &["json", "xml"] } else { &["json"] };
        found.operations().map(move |operation| (operation.to_string(), formats))
    })
}

#[test]
fn every_operation_has_a_golden_of_success_in_each_of_its_formats() {
    let files = VENDORS.services().flat_map(|found| {
        std::fs::read_dir(format!("fixtures/{}/answers", found.service.name())).unwrap()
    });
    let goldens: String =
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let mut missing = String::new();
    for (operation, formats) in operations() {
        for format in formats {
            let info =
                format!("  operation: {operation}\n  format: {format}\n  outcome: granted\n");
            if !goldens.contains(&info) {
                missing += &info;
            }
        }
    }
    assert!(missing.is_empty(), "no golden in fixtures/*/answers has\n{missing}");
}

/// Status and headers.
fn head(answer: &Answer) -> String {
    let reply = &answer.reply;
    let mut headers: Vec<String> = reply
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    format!("{}\n{}", reply.status().as_u16(), headers.join("\n"))
}

/// Adds line breaks and indentation to a body. Fails if anything else would change.
fn pretty(body: &str) -> String {
    match body.chars().next() {
        Some('{') => pretty_json(body),
        Some('<') => pretty_xml(body),
        _ => body.to_owned(),
    }
}

fn pretty_json(body: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(value.to_string(), body, "a number, an escape or an order would be changed");
    serde_json::to_string_pretty(&value).unwrap()
}

fn pretty_xml(body: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(body);
    let (mut lines, mut depth, mut is_leaf, mut start) = (String::new(), 0, false, 0);
    loop {
        let event = reader.read_event().unwrap();
        let begins_line = match event {
            Event::Eof => break,
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => false,
            Event::End(_) => {
                depth -= 1;
                !is_leaf
            }
            _ => start > 0,
        };
        if begins_line {
            lines.push_str(&format!("\n{:1$}", "", 2 * depth));
        }
        let end = usize::try_from(reader.buffer_position()).unwrap();
        lines.push_str(&body[start..end]);
        start = end;
        match event {
            Event::Start(_) => (depth, is_leaf) = (depth + 1, true),
            Event::End(_) | Event::Empty(_) => is_leaf = false,
            _ => {}
        }
    }
    let joined: String = lines.lines().map(str::trim_start).collect();
    assert_eq!(joined, body, "a text would be changed");
    lines
}

#[test]
fn eiam_matches_its_goldens() {
    let plan = plan("default", &[]);
    let uri = |rest: &str| {
        format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}&{rest}")
    };
    let golden = |name, rest| golden("eiam", name, &plan, "POST", &uri(rest), b"");
    golden("list-json", "Format=JSON&MaxResults=3");
    golden("list-xml", "Format=XML&MaxResults=2");
    golden("list-empty-json", "Format=JSON&PageNumber=100000");
    golden("list-empty-xml", "Format=XML&PageNumber=100000");
    golden("list-too-many-json", "Format=JSON&MaxResults=101");
    golden("list-too-many-xml", "Format=XML&MaxResults=101");
    golden("list-bad-format", "Format=YAML");
    let get = |name, format: &str| {
        let id = "sync_00001jimulcba2sdhcta9hvt7fie4dapq50ghp";
        let uri = uri(&format!("Format={format}&SynchronizationJobId={id}"))
            .replace("ListSynchronizationJobs", "GetSynchronizationJob");
        crate::core_tests::goldens::golden("eiam", name, &plan, "GET", &uri, b"");
    };
    get("get-json", "JSON");
    get("get-xml", "XML");
}

#[test]
fn dts_matches_its_goldens() {
    let plan = plan("docs", &[]);
    let uri = |rest: &str| format!("/?Version=2020-01-01&{rest}");
    let golden = |name, rest: &str| golden("dts", name, &plan, "GET", &uri(rest), b"");
    let ids = format!("SynchronizationJobIdListJsonStr={DTS_IDS}");
    golden(
        "status-list-json",
        &format!("Action=DescribeSynchronizationJobStatusList&Format=JSON&{ids}"),
    );
    golden(
        "status-list-xml",
        &format!("Action=DescribeSynchronizationJobStatusList&Format=XML&{ids}"),
    );
    golden("status-list-missing", "Action=DescribeSynchronizationJobStatusList&Format=JSON");
    golden(
        "status-list-malformed",
        "Action=DescribeSynchronizationJobStatusList&Format=JSON&SynchronizationJobIdListJsonStr=x",
    );
}

#[test]
fn dts_with_many_instances_matches_its_goldens() {
    let plan = plan("default", &[]);
    let golden = |name, rest: &str| {
        let uri =
            format!("/?Version=2020-01-01&Action=DescribeSynchronizationJobs&PageSize=2&{rest}");
        golden("dts", name, &plan, "GET", &uri, b"");
    };
    golden("jobs-json", "Format=JSON");
    golden("jobs-xml", "Format=XML&PageNum=2");
}

#[test]
fn authing_matches_its_goldens() {
    let plan = plan("default", &[]);
    let golden = |name, method, path: &str, body: &str| {
        golden("authing", name, &plan, method, &format!("/api/v3/{path}"), body.as_bytes());
    };
    golden("list-sync-jobs", "GET", "list-sync-jobs?syncTaskId=1000&limit=3", "");
    golden("list-sync-jobs-missing", "GET", "list-sync-jobs?page=0&limit=51", "");
    golden("list-sync-jobs-unknown", "GET", "list-sync-jobs?syncTaskId=99999999", "");
    let keys = r#"{"accessKeyId":"testid","accessKeySecret":"testsecret"}"#;
    golden("get-management-token", "POST", "get-management-token", keys);
    golden("get-management-token-empty", "POST", "get-management-token", "{}");
    golden("no-such-path", "GET", "list-sync-job", "");
}

#[test]
fn drs_matches_its_goldens() {
    let plan = plan("default", &[]);
    let golden = |name, uri: &str| golden("drs", name, &plan, "GET", uri, b"");
    golden("list", &format!("{DRS}?limit=3"));
    golden("list-past-the-end", &format!("{DRS}?offset=1000000"));
    golden("list-bad-limit", &format!("{DRS}?limit=-1"));
    golden("unknown-project", "/v5/00000000000000000000000000000000/batch-async-jobs");
    golden("no-such-path", "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-job");
}

#[test]
fn oms_matches_its_goldens() {
    let plan = plan("default", &[]);
    let golden = |name, uri: &str| golden("oms", name, &plan, "GET", uri, b"");
    let all = "data_type=REQUEST,SUCCESS,FAILURE,SKIP,SIZE";
    golden("five-minutes", &format!("{OMS}?{all}&start_time=1772443800000&end_time=1772445600000"));
    golden(
        "hours",
        &format!("{OMS}?data_type=SIZE&start_time=1772280000000&end_time=1772445600000"),
    );
    golden("missing-times", &format!("{OMS}?data_type=REQUEST"));
    let unknown = OMS.replace("4fb05cd2", "00000000");
    golden("unknown-task", &format!("{unknown}?{all}&start_time=0&end_time=1"));
}

#[test]
fn iam_matches_its_goldens() {
    let plan = plan("default", &[]);
    golden("iam", "projects", &plan, "GET", "/v3/projects?name=cn-north-4", b"");
    let login = json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "domain": {"name": "domain_name1"}, "name": "user_name1", "password": "fakepassword",
        }}},
        "scope": {"project": {"name": "cn-north-4"}},
    }});
    golden("iam", "token", &plan, "POST", "/v3/auth/tokens", login.to_string().as_bytes());
    golden("iam", "token-no-login", &plan, "POST", "/v3/auth/tokens", b"{}");
}

/// Checks the layout, which pretty-printed goldens do not show.
#[test]
fn raw_answers_match_the_goldens() {
    let (default, docs) = (plan("default", &[]), plan("docs", &[]));
    let eiam = format!(
        "/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}&MaxResults=2"
    );
    assert_raw_golden("eiam", "raw-json", &default, &format!("{eiam}&Format=JSON"));
    assert_raw_golden("eiam", "raw-xml", &default, &format!("{eiam}&Format=XML"));
    let dts = format!(
        "/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01&SynchronizationJobIdListJsonStr={DTS_IDS}"
    );
    assert_raw_golden("dts", "raw-json", &docs, &format!("{dts}&Format=JSON"));
    assert_raw_golden("dts", "raw-xml", &docs, &format!("{dts}&Format=XML"));
    let authing = "/api/v3/list-sync-jobs?syncTaskId=1000&limit=1";
    assert_raw_golden("authing", "raw-json", &default, authing);
    assert_raw_golden("drs", "raw-json", &default, &format!("{DRS}?limit=1"));
    let oms = format!("{OMS}?data_type=SIZE&start_time=1772444700000&end_time=1772445600000");
    assert_raw_golden("oms", "raw-json", &default, &oms);
    assert_raw_golden("iam", "raw-json", &default, "/v3/projects?name=cn-north-4");
}

#[test]
fn requests_without_required_credentials_match_the_goldens() {
    let plan = plan("default", &["gateway.credentials=required"]);
    let eiam = format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}");
    golden("eiam", "no-credentials", &plan, "POST", &eiam, b"");
    golden(
        "authing",
        "no-credentials",
        &plan,
        "GET",
        "/api/v3/list-sync-jobs?syncTaskId=1000",
        b"",
    );
    golden("drs", "no-credentials", &plan, "GET", DRS, b"");
}
