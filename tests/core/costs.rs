//! What a request or a file may cost is bounded by its size. How the time grows is measured in
//! `tests/fuzz`; here is what can be told without a clock: sizes, and what is no longer looked at.

use std::fmt::Write;

use crate::core_tests::asking::{DTS_IDS, INSTANCE, NOW, get, plan, request};
use crate::engine::{Answer, Options, Plan, respond_first};
use crate::vendors::load;
use crate::wire::MAX_PARAMETERS;

fn hint(answer: &Answer) -> &str {
    answer.hint().unwrap_or_default()
}

fn long(length: usize) -> String {
    "a".repeat(length)
}

/// It used to be filled into each template and compared: 60,000 letters took minutes.
#[test]
fn the_hint_on_a_path_depends_on_no_value_in_it() {
    let plan = plan("default", &[]);
    for (before, after) in [
        ("/v5/", ""),
        ("/v5/", "/batch-async-job"),
        ("/v5/", "/job"),
        ("/v2/", "/sync-tasks/1/statistic"),
        ("/v2/p/sync-tasks/", "/statistic"),
    ] {
        let hint = |value: &str| hint(&get(&plan, &format!("{before}{value}{after}"))).to_owned();
        let short = hint("p");
        assert!(short.starts_with("did you mean "), "{before}p{after}: {short}");
        assert_eq!(hint(&long(60_000)), short);
    }
    let answer = get(&plan, &format!("/api/v3/list-sync-jobs{}", long(60_000)));
    assert_eq!(hint(&answer), "syncmock operations lists the paths that are impersonated");
}

#[test]
fn a_hint_that_quotes_the_client_is_cut() {
    let plan = plan("default", &[]);
    let id = long(60_000);
    for uri in [
        format!(
            "/?Action=DescribeSynchronizationJobStatus&Version=2020-01-01&SynchronizationJobId={id}"
        ),
        format!("/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01&{id}Json=1"),
        format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={id}"),
        format!("/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks/{id}"),
        format!("/v5/{id}/jobs?job_type=sync"),
        format!("/api/v3/get-sync-task?syncTaskId={}", "9".repeat(60_000)),
    ] {
        let answer = get(&plan, &uri);
        let header = answer.reply.headers().get("x-syncmock-hint").map_or(0, |hint| hint.len());
        assert!(header <= 1_003 && hint(&answer).len() <= 1_003, "{uri:.60}: {header}");
    }
}

#[test]
fn a_request_with_too_many_parameters_is_refused_by_every_gateway() {
    let plan = plan("default", &[]);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "a&".repeat(MAX_PARAMETERS);
    for (method, uri) in [
        (
            "POST",
            format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}"),
        ),
        (
            "POST",
            format!(
                "/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01\
                 &SynchronizationJobIdListJsonStr={DTS_IDS}"
            ),
        ),
        ("GET", "/api/v3/list-sync-jobs?syncTaskId=1000".to_owned()),
        ("GET", "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs?limit=1".to_owned()),
        ("GET", "/v2/2c0689c860ad4728a497c91ec0844383/sync-tasks?limit=1".to_owned()),
    ] {
        let answer = respond_first(&plan, &request(method, &uri, &form, body.as_bytes()), NOW);
        assert!(!answer.succeeded(), "{uri}");
        assert_eq!(hint(&answer), "a request has 20000 parameters at most", "{uri}");
    }
}

/// A header of 60 KB that is named 5,000 times made a canonical request of 300 MB.
#[test]
fn a_header_that_is_signed_many_times_is_signed_once() {
    let plan = plan("default", &["gateway.credentials=verified", "gateway.clock_skew=\"1000d\""]);
    let value = long(1_000);
    let names = |name: &str| format!(";{name}").repeat(5_000);
    let drs = "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs";
    let eiam = "/?Action=ListSynchronizationJobs&Version=2021-12-01";
    let v3 = format!(
        "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-date;x-acs-signature-nonce;\
         x-acs-content-sha256{},Signature=0000",
        names("x-acs-long")
    );
    let sdk = format!(
        "SDK-HMAC-SHA256 Access=testid, SignedHeaders=host;x-sdk-date{}, Signature=0000",
        names("x-acs-long")
    );
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (uri, headers) in [
        (
            eiam,
            vec![
                ("authorization", &*v3),
                ("x-acs-date", "2026-03-02T10:00:00Z"),
                ("x-acs-signature-nonce", "n"),
                ("x-acs-content-sha256", hash),
            ],
        ),
        (drs, vec![("authorization", &*sdk), ("x-sdk-date", "20260302T100000Z")]),
    ] {
        let headers = [headers, vec![("x-acs-long", &*value)]].concat();
        let answer = respond_first(&plan, &request("GET", uri, &headers, b""), NOW);
        let refused = answer.refused.expect("a wrong signature");
        let diagnosis = refused.diagnosis.expect("a diagnosis");
        let length = diagnosis.signed.canonical_request.len();
        assert!((1_000..80_000).contains(&length), "{uri}: {length}");
    }
}

#[test]
fn a_list_of_the_scenarios_keys_in_a_hint_is_cut() {
    let keys: Vec<String> =
        (0..40).map(|i| format!("{{ id = \"id-{i}\", secret = \"s\" }}")).collect();
    let keys = format!("credentials=[{}]", keys.join(","));
    let plan = plan("default", &["gateway.credentials=verified", &keys]);
    let signature = "SDK-HMAC-SHA256 Access=nobody, SignedHeaders=host;x-sdk-date, Signature=00";
    let headers = [("authorization", signature), ("x-sdk-date", "20260302T100000Z")];
    let drs = "/v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs";
    let answer = respond_first(&plan, &request("GET", drs, &headers, b""), NOW);
    assert!(hint(&answer).ends_with("id-14, id-15 and 24 more"), "{}", hint(&answer));
}

/// The plan of a file, or the report on it.
fn loaded(text: &str) -> Result<Box<Plan>, String> {
    let loaded = load("costs.toml", text, &Options::default(), NOW).expect("no overrides");
    let report = loaded.report(false);
    loaded.outcome.map_err(|_| report)
}

fn each(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

#[test]
fn a_report_is_no_longer_than_what_a_person_reads() {
    let fault = |i| format!("{{ anounce{i} = 1, do = {{ status = 503 }} }},");
    let one_line = format!("version = 1\nfault = [{}]\n", each(3_000, fault));
    let tables =
        |i| format!("[[fault]]\non = {{ operation = \"ListSync{i}\" }}\ndo = {{ status = 503 }}\n");
    let meaning = format!("version = 1\n{}", each(3_000, tables));
    let syntax = format!("version = 1\n{}", "seed\n".repeat(3_000));
    for text in [one_line, meaning, syntax] {
        let report = loaded(&text).expect_err("problems");
        assert!(report.len() < 1_000_000, "{} bytes for {}", report.len(), text.len());
        let last = report.lines().last().unwrap_or_default();
        assert!(last.starts_with("costs.toml: ") && last.contains(" problems at least"), "{last}");
        assert_eq!(report.matches("error: ").count(), 1_000);
    }
}

#[test]
fn of_a_long_line_the_part_concerned_is_shown_with_its_place_in_the_file() {
    let names = each(200, |i| format!("\"name-{i}\", "));
    let text =
        format!("version = 1\nfault = [{names}{{ anounce = true, do = {{ status = 503 }} }}]\n");
    let report = loaded(&text).expect_err("problems");
    let column = text.lines().nth(1).and_then(|line| line.find("anounce")).expect("the key") + 1;
    assert!(report.contains(&format!("\n --> costs.toml:2:{column}\n  |\n2 |")), "{report}");
    assert!(report.contains("{ anounce = tru"), "{report}");
    assert!(report.lines().all(|line| line.chars().count() < 400), "{report}");
}

#[test]
fn counts_for_each_fault_or_quota_and_each_key_have_a_bound() {
    let mut keys = String::new();
    for i in 0..3_000 {
        let _ = write!(keys, "[[credentials]]\nid = \"id-{i}\"\nsecret = \"secret\"\n");
    }
    let faults = "[[fault]]\ndo = { status = 503 }\n".repeat(2_000);
    let quotas = "[[gateway.quota]]\nlimit = 1\n".repeat(2_000);
    assert!(loaded(&format!("version = 1\n{keys}")).is_ok());
    assert!(loaded(&format!("version = 1\n{faults}{quotas}")).is_ok());
    for (what, tables) in [("faults", &faults), ("quotas", &quotas)] {
        let report = loaded(&format!("version = 1\n{keys}{tables}")).expect_err("too many");
        let text = format!("2000 {what} for each of 3000 access keys are more counts than");
        assert!(report.contains(&text), "{report}");
    }
}

#[test]
fn an_instance_cannot_be_given_more_tags_than_the_vendor_allows() {
    let tags = |count| each(count, |i| format!("[[dts.tag]]\nKey = \"k{i}\"\nValue = \"v\"\n"));
    assert!(loaded(&format!("version = 1\n{}", tags(20))).is_ok());
    let report = loaded(&format!("version = 1\n{}", tags(21))).expect_err("too many");
    assert!(report.contains("there are tags with 21 keys"), "{report}");
}
