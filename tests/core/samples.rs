//! The vendors' documented answers, from the shipped scenario `docs`.

use serde_json::{Value, json};

use crate::core_tests::asking::{DRS, DTS_IDS, INSTANCE, OMS, get, get_json, plan, text};

fn sample(path: &str) -> Value {
    let text = std::fs::read_to_string(format!("fixtures/{path}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Request ids and page tokens are the server's own.
fn without(mut value: Value, keys: &[&str]) -> Value {
    if let Value::Object(members) = &mut value {
        for key in keys {
            assert!(members.remove(*key).is_some(), "{key} is missing");
        }
    }
    value
}

#[test]
fn eiam_answers_its_documented_sample() {
    let plan = plan("docs", &[]);
    let uri = format!(
        "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}&MaxResults=1"
    );
    let (status, found) = get_json(&plan, &uri);
    assert_eq!(status, 200);
    let mut wanted = sample("eiam/sample.json");
    // The sample's ids end in a stray newline, a mistake of the page.
    for key in ["SynchronizationJobId", "TargetId"] {
        let id = &mut wanted["SynchronizationJobs"][0][key];
        *id = json!(id.as_str().unwrap().trim_end());
    }
    let own = ["RequestId", "NextToken"];
    assert_eq!(without(found, &own), without(wanted, &own));
}

#[test]
fn the_other_ninety_nine_jobs_of_eiams_sample_exist() {
    let plan = plan("docs", &[]);
    let uri = format!(
        "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}&MaxResults=100"
    );
    let (_, found) = get_json(&plan, &uri);
    assert_eq!(found["TotalCount"], 100);
    assert_eq!(found["SynchronizationJobs"].as_array().unwrap().len(), 100);
    assert!(found.get("NextToken").is_none());
}

#[test]
fn dts_answers_its_documented_sample_in_json() {
    let plan = plan("docs", &[]);
    let uri = format!(
        "/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01&Format=JSON&SynchronizationJobIdListJsonStr={DTS_IDS}"
    );
    let (status, found) = get_json(&plan, &uri);
    assert_eq!(status, 200);
    let wanted = sample("dts/sample.json");
    assert_eq!(without(found, &["RequestId"]), without(wanted, &["RequestId"]));
}

#[test]
fn dts_answers_its_documented_sample_in_xml() {
    let plan = plan("docs", &[]);
    let uri = format!(
        "/?Action=DescribeSynchronizationJobStatusList&Version=2020-01-01&Format=XML&SynchronizationJobIdListJsonStr={DTS_IDS}"
    );
    let answer = get(&plan, &uri);
    let wanted = std::fs::read_to_string("fixtures/dts/sample.xml").unwrap();
    let (mut found, mut wanted) = (elements(&text(&answer)), elements(&wanted));
    for side in [&mut found, &mut wanted] {
        side.retain(|(path, _)| !path.ends_with("/RequestId"));
        side.sort();
    }
    assert_eq!(found, wanted);
    assert_eq!(answer.reply.headers()["content-type"], "text/xml;charset=utf-8");
}

/// Every element's path with its text: what an XML answer says, whatever the order of
/// siblings of different names.
fn elements(xml: &str) -> Vec<(String, String)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut path, mut counts, mut found) =
        (String::new(), vec![std::collections::HashMap::new()], vec![]);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                let nth = counts.last_mut().unwrap().entry(name.clone()).or_insert(0);
                path = format!("{path}/{name}");
                if name.ends_with("List") {
                    path = format!("{path}[{nth}]");
                }
                *nth += 1;
                counts.push(std::collections::HashMap::new());
            }
            Event::Text(text) if !text.trim().is_empty() => {
                found.push((path.clone(), text.to_string()));
            }
            Event::End(_) => {
                path.truncate(path.rfind('/').unwrap());
                counts.pop();
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[test]
fn authing_answers_its_documented_sample() {
    let plan = plan("docs", &[]);
    let uri = "/api/v3/list-sync-jobs?syncTaskId=1000&page=1&limit=10&syncTrigger=manually";
    let (status, found) = get_json(&plan, uri);
    assert_eq!(status, 200);
    let wanted = sample("authing/sample.json");
    assert!(found["requestId"].is_string());
    contains(&found, &without(wanted, &["requestId"]), "");
}

fn contains(found: &Value, wanted: &Value, place: &str) {
    match wanted {
        Value::Object(members) => {
            for (key, value) in members {
                contains(&found[key], value, &format!("{place}.{key}"));
            }
        }
        _ => assert_eq!(found, wanted, "{place}"),
    }
}

#[test]
fn drs_answers_its_documented_sample() {
    let plan = plan("docs", &[]);
    let uri = format!(
        "{DRS}?async_job_id=&status=&domain_name=&user_name=&offset=0&limit=10&sort_key=&sort_dir="
    );
    assert_eq!(get_json(&plan, &uri), (200, sample("drs/sample.json")));
}

#[test]
fn drs_refuses_a_negative_limit_as_documented() {
    let plan = plan("docs", &[]);
    let uri = format!(
        "{DRS}?async_job_id=&status=&domain_name=&user_name=&offset=0&limit=-1&sort_key=&sort_dir="
    );
    assert_eq!(get_json(&plan, &uri), (400, sample("drs/sample-bad-request.json")));
}

#[test]
fn oms_answers_its_documented_sample() {
    let plan = plan("docs", &[]);
    let uri = format!("{OMS}?data_type=REQUEST&start_time=1700150400000&end_time=1700188200000");
    let (status, found) = get_json(&plan, &uri);
    assert_eq!(status, 200);
    assert_eq!(found["statistic_datas"][0]["data"].as_array().unwrap().len(), 113);
    assert_eq!(found, sample("oms/sample.json"));
}
