//! Requests that the vendors' SDKs really sent, read from `fixtures/*/requests`.

use http::Method;
use syncmock::engine::respond;
use syncmock::gateway::Gateway;
use syncmock::service::{Route, SERVICES, find};

use crate::asking::{plan, request, text};

struct Capture {
    service: String,
    name: String,
    method: String,
    uri: String,
    headers: Vec<(String, String)>,
    body: String,
}

fn captures() -> Vec<Capture> {
    let mut found = Vec::new();
    for service in SERVICES {
        let folder = format!("fixtures/{}/requests", service.name);
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            for (i, part) in text.split("\n### ").enumerate() {
                // A file of several requests begins with comments and titles each of them.
                let part = match text.contains("\n### ") {
                    true if i == 0 => continue,
                    true => part.split_once('\n').unwrap().1,
                    false => part,
                };
                found.push(parse(service.name, format!("{name} {i}"), part));
            }
        }
    }
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
        service: service.to_owned(),
        name,
        method: words.next().unwrap().to_owned(),
        uri: words.next().unwrap().to_owned(),
        headers: lines.map(header).collect(),
        body: body.trim_end_matches('\n').to_owned(),
    }
}

/// Whether the operation is one that is impersonated; a file of captures may hold others.
fn impersonated(capture: &Capture) -> bool {
    let service = find(&capture.service).unwrap();
    let path = capture.uri.split('?').next().unwrap();
    service.operations.iter().any(|operation| match &operation.route {
        Route::Action { .. } => true,
        Route::Path { method, .. } => {
            *method == Method::from_bytes(capture.method.as_bytes()).unwrap()
                && operation.route.path_values(path).is_some()
        }
    })
}

#[test]
fn every_captured_request_is_recognised_in_every_credentials_mode() {
    let mut count = 0;
    for mode in ["open", "required"] {
        let plan = plan("default", &[&format!("gateway.credentials={mode}")]);
        for capture in captures().into_iter().filter(impersonated) {
            let headers: Vec<(&str, &str)> =
                capture.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let asked = request(&capture.method, &capture.uri, &headers, capture.body.as_bytes());
            let answer = respond(&plan, &asked, plan.clock.start);
            let what = format!("{mode} {} {}: {}", capture.service, capture.name, text(&answer));
            let target = answer.target.unwrap_or_else(|| panic!("{what}"));
            assert_eq!(target.service.name, capture.service, "{what}");
            let status = answer.reply.status().as_u16();
            let authentication = status == 401
                || text(&answer).contains("Signature")
                || text(&answer).contains("\"statusCode\":401");
            assert!(!authentication, "{what}");
            count += 1;
        }
    }
    assert!(count > 80, "{count} captures");
}

#[test]
fn the_format_each_sdk_can_read_is_the_format_it_gets() {
    let plan = plan("default", &[]);
    for capture in captures().into_iter().filter(impersonated) {
        let headers: Vec<(&str, &str)> =
            capture.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let asked = request(&capture.method, &capture.uri, &headers, capture.body.as_bytes());
        let answer = respond(&plan, &asked, plan.clock.start);
        let gateway = find(&capture.service).unwrap().gateway;
        let xml = gateway == Gateway::Alibaba
            && (capture.uri.contains("Format=XML")
                || capture.uri.contains("Format=None")
                // Neither Format nor a telling Accept: anonymous and bearer calls name none.
                || answer.reply.headers()["content-type"] == "text/xml;charset=utf-8");
        assert_eq!(text(&answer).starts_with('<'), xml, "{}", capture.name);
        if capture
            .headers
            .iter()
            .any(|(n, v)| n.eq_ignore_ascii_case("accept") && v.contains("json"))
        {
            assert!(text(&answer).starts_with('{'), "{}", capture.name);
        }
    }
}
