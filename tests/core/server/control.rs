use crate::server::Limits;
use serde_json::json;

use super::{start, start_with};
use crate::control::ControlAccess;
use crate::core_tests::http_client::{Client, ask, get};
use crate::scenario::access::Secret;

#[test]
fn health_is_answered_with_the_virtual_time() {
    let server = start(Limits::default());
    let reply = get(&server.authority, "/_syncmock/health");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    assert_eq!(reply.header("date"), Some("Sun, 01 Mar 2026 08:00:00 GMT"));
    let health = reply.json();
    assert_eq!((&health["status"], &health["name"]), (&json!("ok"), &json!("syncmock")));
    assert_eq!((&health["scenario"], &health["seed"]), (&json!("default"), &json!(1)));
    assert_eq!(health["now"], "2026-03-01T08:00:00.000Z");
}

#[test]
fn the_clock_is_turned_over_http_and_the_vendors_follow() {
    let server = start(Limits::default());
    let clock = |method, path, body| ask(&server.authority, method, path, body).json();
    let clock_state = |now, speed| json!({ "now": now, "speed": speed });
    let put = |body| clock("PUT", "/_syncmock/clock", body);

    assert_eq!(clock("GET", "/_syncmock/clock", ""), clock_state("2026-03-01T08:00:00.000Z", 0));
    assert_eq!(
        put(r#"{"now":"2027-01-01T00:00:00Z"}"#),
        clock_state("2027-01-01T00:00:00.000Z", 0)
    );
    assert_eq!(
        clock("POST", "/_syncmock/clock/advance", r#"{"by":"1d"}"#),
        clock_state("2027-01-02T00:00:00.000Z", 0)
    );
    assert_eq!(
        put(r#"{"now":"2001-01-01T00:00:00Z"}"#),
        clock_state("2001-01-01T00:00:00.000Z", 0)
    );
    let date = |target| get(&server.authority, target).header("date").map(str::to_owned);
    assert_eq!(date("/").as_deref(), Some("Mon, 01 Jan 2001 00:00:00 GMT"));

    assert_eq!(put(r#"{"speed":1000000}"#)["speed"], 1_000_000);
    while clock("GET", "/_syncmock/clock", "")["now"] == "2001-01-01T00:00:00.000Z" {}
    let frozen = put(r#"{"speed":"frozen"}"#);
    assert_eq!(frozen["speed"], 0);
    assert_eq!(clock("GET", "/_syncmock/clock", ""), frozen);
}

#[test]
fn a_request_the_control_api_does_not_know_is_a_problem_document() {
    let server = start(Limits::default());
    let reply = get(&server.authority, "/_syncmock/clocks");
    assert_eq!(reply.status, 404);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert_eq!(reply.header("x-syncmock-hint"), Some("did you mean /_syncmock/clock?"));

    let reply = ask(&server.authority, "POST", "/_syncmock/clock", "{}");
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, PUT, HEAD")));

    let reply = ask(&server.authority, "PUT", "/_syncmock/clock", r#"{"noww":1}"#);
    assert_eq!((reply.status, &reply.json()["title"]), (400, &json!("Bad Request")));
    assert_eq!(reply.json()["hint"], "did you mean now?");
}

#[test]
fn a_head_request_has_the_headers_and_no_body() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    let reply = client.send(super::head("HEAD", "/_syncmock/health", "")).head();
    assert_eq!(reply.status, 200);
    let length = reply.header("content-length").map(str::to_owned);
    // The next bytes are the next answer, not a body.
    let next = client.send(super::head("GET", "/_syncmock/health", "")).reply();
    assert_eq!(length, Some(next.body.len().to_string()));
}

/// The status of a call of control with those headers.
fn status(authority: &str, method: &str, path: &str, headers: &str, body: &str) -> u16 {
    let mut client = Client::connect(authority);
    let length = body.len();
    client.send(format!(
        "{method} {path} HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    ));
    client.reply().status
}

const CALLS: [(&str, &str, &str); 10] = [
    ("GET", "/_syncmock/health", ""),
    ("GET", "/_syncmock/clock", ""),
    ("PUT", "/_syncmock/clock", r#"{"speed":0}"#),
    ("POST", "/_syncmock/clock/advance", r#"{"by":"1s"}"#),
    ("GET", "/_syncmock/refusals", ""),
    ("GET", "/_syncmock/faults", ""),
    ("PUT", "/_syncmock/faults", r#"{"faults":[]}"#),
    ("GET", "/_syncmock/state", ""),
    ("POST", "/_syncmock/reset", ""),
    ("OPTIONS", "/_syncmock/reset", ""),
];

#[test]
fn no_call_of_control_is_granted_to_a_page_of_another_origin() {
    let server = start(Limits::default());
    let own = format!("Host: {}\r\n", server.authority);
    for (method, path, body) in CALLS {
        let asked = |headers: &str| status(&server.authority, method, path, headers, body);
        for foreign in [
            format!("{own}Origin: http://evil.example\r\n"),
            format!("{own}Origin: null\r\nContent-Type: text/plain\r\n"),
            format!("{own}Sec-Fetch-Site: cross-site\r\nContent-Type: application/json\r\n"),
            format!("{own}Sec-Fetch-Site: same-site\r\n"),
            "Host: rebind.example\r\n".to_owned(),
        ] {
            assert_eq!(asked(&foreign), 403, "{method} {path} with {foreign}");
        }
        let expected = if method == "OPTIONS" { 405 } else { 200 };
        for own in [
            format!("{own}Content-Type: application/x-www-form-urlencoded\r\n"),
            format!("{own}Origin: http://{}\r\n", server.authority),
            format!("{own}Sec-Fetch-Site: none\r\n"),
            "Host: localhost\r\n".to_owned(),
        ] {
            assert_eq!(asked(&own), expected, "{method} {path} with {own}");
        }
    }
}

#[test]
fn who_may_not_use_control_is_refused_before_the_body_is_read() {
    let access =
        ControlAccess { token: Some(Secret::new("the-token")), ..ControlAccess::default() };
    let server = start_with(Limits::default(), access);
    let own = format!("Host: {}\r\n", server.authority);
    for (method, path, _) in CALLS {
        for (headers, expected) in [
            (format!("{own}Origin: http://evil.example\r\n"), 403),
            ("Host: rebind.example\r\n".to_owned(), 403),
            (own.clone(), if method == "OPTIONS" { 405 } else { 401 }),
        ] {
            if (path, expected) == ("/_syncmock/health", 401) {
                continue; // Anybody may ask for it.
            }
            let mut client = Client::connect(&server.authority);
            // A hundred million bytes are announced, and none comes.
            client.send(format!(
                "{method} {path} HTTP/1.1\r\n{headers}Content-Length: 100000000\r\n\r\n"
            ));
            let reply = client.reply();
            assert_eq!(reply.status, expected, "{method} {path} with {headers}");
            assert_eq!(reply.header("connection"), Some("close"));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
    }
}

#[test]
fn files_are_served_under_any_name_that_a_client_used() {
    let server = start(Limits::default());
    let path = "/_syncmock/files/nothing";
    assert_eq!(status(&server.authority, "GET", path, "Host: cloud.example\r\n", ""), 404);
}

#[test]
fn where_control_has_a_token_only_the_life_sign_does_without() {
    let access =
        ControlAccess { token: Some(Secret::new("the-token")), ..ControlAccess::default() };
    let server = start_with(Limits::default(), access);
    let own = format!("Host: {}\r\n", server.authority);
    for (method, path, body) in CALLS {
        let asked = |headers: &str| status(&server.authority, method, path, headers, body);
        let (open, granted) = match (method, path) {
            ("GET", "/_syncmock/health") => (200, 200),
            ("OPTIONS", _) => (405, 405),
            _ => (401, 200),
        };
        assert_eq!(asked(&own), open, "{method} {path}");
        assert_eq!(asked(&format!("{own}Authorization: Bearer another\r\n")), open);
        assert_eq!(asked(&format!("{own}Authorization: Bearer the-token\r\n")), granted);
    }
    let health = get(&server.authority, "/_syncmock/health").json();
    assert_eq!((&health["status"], &health["seed"]), (&json!("ok"), &json!(null)));
}

#[test]
fn a_member_that_is_given_twice_is_refused() {
    let server = start(Limits::default());
    let twice = r#"{"by":"1s","by":"1000d"}"#;
    let reply = ask(&server.authority, "POST", "/_syncmock/clock/advance", twice);
    assert_eq!(reply.status, 400);
    assert!(reply.text().contains("by is given twice"), "{}", reply.text());
}
