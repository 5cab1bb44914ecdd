//! Requests that the vendors' SDKs really sent, from `fixtures/*/requests`. Each is granted, or
//! refused for a reason that is listed here.

use std::collections::HashSet;

use serde_json::Value;

use crate::core_tests::asking::{plan, request, text};
use crate::engine::{Answer, Plan, respond_first};
use crate::vendors::VENDORS;
use crate::wire::Request;

/// Adds what the captured requests ask for to the scenario `default`.
const SCENARIO: &[&str] = &[
    r#"eiam.target=[{ id = "idp_111xxxx" }, { id = "idp_222xxxx" }]"#,
    r#"eiam.job=[
        { TargetId = "idp_111xxxx", StartTime = 1649830226000, Status = "running" },
        { TargetId = "idp_222xxxx", StartTime = 1649830226001, Status = "running" }]"#,
    r#"dts.job=[
        { SynchronizationJobId = "dtskfq1149w254abcd" },
        { SynchronizationJobId = "dtsexjk1alb116abcd", SynchronizationDirectionInfoList = [
            { SynchronizationDirection = "Forward", Status = "NotStarted" },
            { SynchronizationDirection = "Reverse", Status = "NotStarted" }] }]"#,
    r#"authing.task=[
        { syncTaskId = 1000, syncFlow = "downstream" },
        { syncTaskId = 1001, syncFlow = "downstream" }]"#,
    "authing.job=[{ syncJobId = 1 }]",
    "authing.risk_operations.outcomes={ pending = 1, others = 0 }",
    r#"drs.job=[{ async_job_id = "bd4193aa-072d-4ce6-beec-adffc7252341",
                  status = "AUTO_PARAM_VALIDATE_SUCCESS" }]"#,
    r#"oms.project_id="054ba152d480d55b2f5dc0069e7ddef0""#,
];

/// Settings that replace one of [`SCENARIO`] for some captures, which need another instance or
/// another state.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    (r#"eiam.instance_id="idaas_x""#, &["eiam py-current-v3-bearer"]),
    (r#"eiam.instance_id="idaas x""#, &["eiam py-legacy-common-form"]),
    (r#"dts.job=[{ SynchronizationJobId = "dtsexjk1alb116abcd" }]"#, &["dts tea-suspend"]),
    (
        r#"oms.task=[{ sync_task_id = "4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb", status = "STOPPED" }]"#,
        &["oms delete-sync-task", "oms js-delete", "oms start-sync-task"],
    ),
];

/// Captures that must be refused: the code, the reason, and the names of the captures.
const REFUSED: &[(&str, &str, &[&str])] = &[
    (
        "InvalidNextToken",
        "the token was made up, to see how the SDKs encode it",
        &[
            "eiam node-pop-core-get",
            "eiam node-pop-core-post-form",
            "eiam py-1x-v3",
            "eiam py-current-v1",
            "eiam py-current-v3",
            "eiam py-current-v3-async",
            "eiam py-current-v3-sts",
            "eiam py-legacy-core",
            "eiam py-legacy-core-noformat",
            "eiam ts-openapi-core-v1",
            "eiam ts-openapi-core-v3",
        ],
    ),
    (
        "MissingStructureInitialization",
        "the parameter is mandatory, and was not given",
        &["dts legacy-configure"],
    ),
    (
        "InvalidParameter",
        "ClientToken has 70 characters, and may have 64",
        &["dts tea-status-list-empty-longtoken"],
    ),
    (
        "MissingSynchronizationJobIdListJsonStr",
        "the parameter is mandatory, and was not given",
        &["dts tea-status-list-missing-ids"],
    ),
    (
        "400",
        "syncTaskId is mandatory, and was not given",
        &["authing node-4.0.1 14", "authing node-4.0.1 17", "authing node-4.0.1 18"],
    ),
    ("400", "syncTrigger has a value that does not exist", &["authing node-4.0.1 15"]),
    ("400", "page is 0, and pages count from 1", &["authing node-4.0.1 16"]),
    ("DRS.M00201", "the list of jobs is empty", &["drs js-create", "drs update-async-jobs"]),
    ("DRS.M00261", "the SDK had no project id to send", &["drs noproject-endpoint-only"]),
    ("OMS.0064", "the times are mandatory, and were not given", &["oms statistics-partial"]),
];

#[derive(Clone)]
struct Capture {
    /// Service, file, and in a file of several requests the number of the request.
    name: String,
    service: String,
    method: String,
    uri: String,
    headers: Vec<(String, String)>,
    body: String,
}

fn captures() -> Vec<Capture> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir("fixtures").unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(files) = std::fs::read_dir(folder.join("requests")) else { continue };
        let service = folder.file_name().unwrap().to_str().unwrap();
        for file in files.map(|entry| entry.unwrap().path()) {
            let text = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
            let name = format!("{service} {}", file.file_stem().unwrap().to_str().unwrap());
            // A file of several requests begins with comments and titles each of them.
            let parts: Vec<&str> = text.split("\n### ").collect();
            if parts.len() == 1 {
                found.push(parse(service, name.clone(), &text));
            }
            for (number, part) in parts.iter().enumerate().skip(1) {
                let (_title, request) = part.split_once('\n').unwrap();
                found.push(parse(service, format!("{name} {number}"), request));
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn parse(service: &str, name: String, text: &str) -> Capture {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let mut words = lines.next().unwrap().split(' ');
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_owned(), value.trim().to_owned())
    };
    Capture {
        name,
        service: service.to_owned(),
        method: words.next().unwrap().to_owned(),
        uri: words.next().unwrap().to_owned(),
        headers: lines.map(header).collect(),
        body: body.trim_end_matches('\n').to_owned(),
    }
}

impl Capture {
    fn plan(&self, credentials: &str) -> Box<Plan> {
        let credentials = format!("gateway.credentials={credentials}");
        let mut settings = SCENARIO.to_vec();
        settings.push(&credentials);
        let exceptions = EXCEPTIONS.iter().filter(|(_, names)| names.contains(&&*self.name));
        settings.extend(exceptions.map(|(setting, _)| setting));
        plan("default", &settings)
    }

    fn request(&self) -> Request {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        request(&self.method, &self.uri, &headers, self.body.as_bytes())
    }

    fn send(&self, plan: &Plan) -> Answer {
        respond_first(plan, &self.request(), plan.clock.start)
    }

    /// A copy with another value of a query or form parameter.
    fn with(&self, parameter: &str, value: &str) -> Self {
        let replace = |text: &str| match text.split_once(&format!("{parameter}=")) {
            None => text.to_owned(),
            Some((before, after)) => {
                let rest = after.find('&').map_or("", |end| &after[end..]);
                format!("{before}{parameter}={value}{rest}")
            }
        };
        Self { uri: replace(&self.uri), body: replace(&self.body), ..self.clone() }
    }

    /// The code that [`REFUSED`] lists.
    fn refusal(&self) -> Option<&'static str> {
        let listed = REFUSED.iter().find(|(_, _, names)| names.contains(&&*self.name));
        listed.map(|(code, ..)| *code)
    }
}

/// The code of a refusal, or its status where the vendor gives no code. Refusals with the HTTP
/// status 200 count: Authing's have a `statusCode`, others `Success` false or a `faildList`.
fn refusal(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(answer.reply.body()).unwrap_or_default();
    let status = body["statusCode"].as_u64().unwrap_or(answer.reply.status().as_u16().into());
    let done = body["data"]["faildList"].as_array().is_none_or(Vec::is_empty);
    let succeeded = (200..300).contains(&status) && body["Success"] != false && done;
    match &answer.refused {
        None if succeeded => None,
        Some(refused) if !refused.code.is_empty() => Some(refused.code.clone()),
        _ => Some(status.to_string()),
    }
}

#[test]
fn every_captured_request_succeeds_or_fails_as_listed_in_every_credentials_mode() {
    let captures = captures();
    for capture in &captures {
        for credentials in ["open", "required"] {
            let answer = capture.send(&capture.plan(credentials));
            let what = format!("{} ({credentials}): {}", capture.name, text(&answer));
            let operation = answer.operation.unwrap_or_else(|| panic!("no operation of {what}"));
            assert_eq!(operation.service().name(), capture.service, "{what}");
            assert_eq!(refusal(&answer).as_deref(), capture.refusal(), "{what}");
        }
    }
    for found in VENDORS.services() {
        let name = found.service.name();
        let is_captured = captures.iter().any(|capture| capture.service == name);
        assert!(is_captured, "fixtures/{name}/requests has no request");
    }
    let names: HashSet<&str> = captures.iter().map(|capture| &*capture.name).collect();
    let listed = REFUSED.iter().map(|(_, _, names)| names);
    for name in listed.chain(EXCEPTIONS.iter().map(|(_, names)| names)).copied().flatten() {
        assert!(names.contains(name), "there is no capture {name}");
    }
}

/// The captures with a made-up token are right in all other parameters.
#[test]
fn captured_lists_succeed_with_a_next_token_from_an_answer() {
    for capture in captures().iter().filter(|c| c.refusal() == Some("InvalidNextToken")) {
        let plan = capture.plan("open");
        let first = capture.with("NextToken", "").with("MaxResults", "1").with("Format", "JSON");
        let first: Value = serde_json::from_str(&text(&first.send(&plan))).unwrap();
        let token = first["NextToken"].as_str().unwrap_or_else(|| panic!("{}", capture.name));
        let second = capture.with("NextToken", token).send(&plan);
        let what = format!("{}: {}", capture.name, text(&second));
        assert_eq!(refusal(&second), None, "{what}");
        assert!(text(&second).contains("idp_111xxxx"), "{what}");
    }
}

#[test]
fn the_format_each_sdk_can_read_is_the_format_it_gets() {
    for capture in captures() {
        let answer = capture.send(&capture.plan("open"));
        // An old SDK sends None where no format was chosen, and the default is XML.
        let is_xml = ["Format=XML", "Format=None"].iter().any(|xml| capture.uri.contains(xml));
        let (content_type, first) =
            if is_xml { ("text/xml", '<') } else { ("application/json", '{') };
        let found = answer.reply.headers()["content-type"].to_str().unwrap();
        assert!(found.starts_with(content_type), "{}: {found}", capture.name);
        let body = text(&answer);
        assert!(body.is_empty() || body.starts_with(first), "{}: {body}", capture.name);
    }
}

/// A parameter that a row of operations leaves out would be logged as unknown, and be suggested
/// against.
#[test]
fn every_parameter_that_an_sdk_sends_is_known_to_its_operation() {
    for capture in captures() {
        let answer = capture.send(&capture.plan("open"));
        let unknown = answer.unknown_parameters(&capture.request());
        assert!(unknown.is_empty(), "{}: {unknown:?}", capture.name);
    }
}
