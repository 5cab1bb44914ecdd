//! Every entry of the error catalogues can be triggered and has the vendor's form.

use std::collections::HashSet;

use serde_json::Value;

use crate::engine::{Answer, ServiceRef, respond_first};
use crate::vendors::VENDORS;

use crate::core_tests::asking::{DRS, DTS_IDS, INSTANCE, OMS, plan, request, text};

/// A request to the service that succeeds.
fn valid_request(service: &str) -> String {
    match service {
        "eiam" => {
            format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}")
        }
        "dts" => format!(
            "/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01&SynchronizationJobIdListJsonStr={DTS_IDS}"
        ),
        "authing" => "/api/v3/list-sync-jobs?syncTaskId=1000".to_owned(),
        "drs" => DRS.to_owned(),
        "oms" => format!("{OMS}?data_type=SIZE&start_time=0&end_time=1"),
        "iam" => "/v3/projects".to_owned(),
        other => panic!("add a request that {other} grants"),
    }
}

pub(crate) fn ask(found: ServiceRef, format: &str, code: &str) -> Answer {
    let plan = plan("default", &[]);
    let headers = [("x-syncmock-refuse", code), ("Accept", format)];
    let uri = valid_request(found.service.name());
    respond_first(&plan, &request("GET", &uri, &headers, b""), plan.clock.start)
}

#[test]
fn every_error_of_every_catalogue_can_be_requested() {
    for found in VENDORS.services() {
        for entry in found.errors().iter() {
            let code = if entry.code.is_empty() {
                entry.status.to_string()
            } else {
                entry.code.to_owned()
            };
            let answer = ask(found, "application/json", &code);
            let body: serde_json::Value = serde_json::from_slice(answer.reply.body()).unwrap();
            let what = format!("{} {code}: {body}", found.service.name());
            assert!(!answer.succeeded(), "{what}");
            match found.dialect.name() {
                "alibaba" => assert_eq!(body["Code"], code, "{what}"),
                "authing" => {
                    let api_code = body.get("apiCode").map_or(String::new(), ToString::to_string);
                    let is_status = body["statusCode"] == entry.status;
                    assert!(code == api_code || is_status, "{what}");
                }
                // IAM's errors have Keystone's shape, with a number.
                "huawei" if entry.code.is_empty() => {
                    assert_eq!(body["error"]["code"], entry.status, "{what}");
                }
                "huawei" => assert_eq!(body["error_code"], code, "{what}"),
                other => panic!("say where errors of {other} have their code"),
            }
        }
    }
}

#[test]
fn an_error_that_is_in_no_catalogue_is_refused_by_syncmock_itself() {
    for found in VENDORS.services() {
        let reply = ask(found, "application/json", "Nonsense.Code").reply;
        assert_eq!(reply.status(), 400);
        assert_eq!(reply.headers()["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_slice(reply.body()).unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("x-syncmock-refuse names no error of"), "{detail}");
        assert!(problem["hint"].is_string(), "{problem}");
    }
}

#[test]
fn alibabas_errors_are_xml_where_xml_is_read() {
    let eiam = VENDORS.service("eiam").unwrap();
    for entry in eiam.dialect.errors() {
        let answer = ask(eiam, "text/xml", entry.code);
        let body = text(&answer);
        assert!(
            body.starts_with("<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>"),
            "{body}"
        );
        assert!(body.contains(&format!("<Code>{}</Code>", entry.code)), "{body}");
    }
}

#[test]
fn no_catalogue_lists_an_error_twice_and_each_says_how_to_meet_it() {
    let services = VENDORS.services().map(|found| (found.service.name(), found.service.errors()));
    let vendors = VENDORS.0.iter().map(|vendor| (vendor.dialect.name(), vendor.dialect.errors()));
    for (name, catalogue) in services.chain(vendors) {
        let mut seen = HashSet::new();
        for entry in catalogue {
            assert!(
                seen.insert((entry.code, entry.status, entry.message)),
                "{name} {}",
                entry.code
            );
            assert!(!entry.trigger.is_empty(), "{name} {}", entry.code);
            assert!((200..700).contains(&entry.status), "{name} {}", entry.code);
        }
    }
}
