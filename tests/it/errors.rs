//! The catalogues of errors: every entry can be had, and looks as its vendor sends it.

use std::collections::HashSet;

use syncmock::engine::{Answer, respond};
use syncmock::gateway::Gateway;
use syncmock::service::{SERVICES, Service};

use crate::asking::{DRS, DTS_IDS, INSTANCE, OMS, plan, request, text};

/// A request that the service grants.
fn good(service: &Service) -> String {
    match service.name {
        "eiam" => {
            format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}")
        }
        "dts" => format!(
            "/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01&SynchronizationJobIdListJsonStr={DTS_IDS}"
        ),
        "authing" => "/api/v3/list-sync-jobs?syncTaskId=1000".to_owned(),
        "drs" => DRS.to_owned(),
        "oms" => format!("{OMS}?data_type=SIZE&start_time=0&end_time=1"),
        _ => "/v3/projects".to_owned(),
    }
}

fn ask(service: &Service, format: &str, code: &str) -> Answer {
    let plan = plan("default", &[]);
    let headers = [("x-syncmock-refuse", code), ("Accept", format)];
    respond(&plan, &request("GET", &good(service), &headers, b""), plan.clock.start)
}

#[test]
fn every_error_of_every_catalogue_can_be_asked_for() {
    for service in SERVICES {
        for entry in service.catalogue.iter().chain(service.gateway.catalogue()) {
            let code = if entry.code.is_empty() {
                entry.status.to_string()
            } else {
                entry.code.to_owned()
            };
            let answer = ask(service, "application/json", &code);
            let body: serde_json::Value = serde_json::from_slice(answer.reply.body()).unwrap();
            let what = format!("{} {code}: {body}", service.name);
            assert!(!answer.granted(), "{what}");
            let said = match service.gateway {
                Gateway::Alibaba => &body["Code"],
                Gateway::Huawei => &body["error_code"],
                Gateway::Authing => &body["statusCode"],
            };
            match service.gateway {
                Gateway::Authing => {
                    let api_code = body.get("apiCode").map_or(String::new(), ToString::to_string);
                    assert!(code == api_code || *said == entry.status, "{what}");
                }
                // IAM's errors have Keystone's shape, with a number.
                Gateway::Huawei if entry.code.is_empty() => {
                    assert_eq!(body["error"]["code"], entry.status, "{what}");
                }
                _ => assert_eq!(said, &code, "{what}"),
            }
        }
    }
}

#[test]
fn an_error_that_is_in_no_catalogue_is_not_made_up() {
    for service in SERVICES {
        let answer = ask(service, "application/json", "Nonsense.Code");
        assert!(answer.hint().is_some_and(|hint| hint.contains("x-syncmock-refuse")));
    }
}

#[test]
fn alibabas_errors_are_xml_where_xml_is_read() {
    let eiam = SERVICES[0];
    for entry in eiam.gateway.catalogue() {
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
    let lists = SERVICES
        .iter()
        .map(|service| (service.name, service.catalogue))
        .chain(Gateway::ALL.map(|gateway| (gateway.name(), gateway.catalogue())));
    for (name, catalogue) in lists {
        let mut seen = HashSet::new();
        for entry in catalogue {
            assert!(
                seen.insert((entry.code, entry.status, entry.message)),
                "{name} {}",
                entry.code
            );
            assert!(!entry.provoke.is_empty(), "{name} {}", entry.code);
            assert!((200..700).contains(&entry.status), "{name} {}", entry.code);
        }
    }
}
