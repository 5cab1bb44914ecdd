//! Requests that HTTP/1.1 allows, and requests that it does not.

use crate::server::Limits;

use super::{JOBS, head, start};
use crate::core_tests::http_client::{Client, Reply, get};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

#[test]
fn one_connection_carries_many_requests() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    let jobs = client.send(head("GET", &format!("/?{JOBS}"), "")).reply();
    assert_eq!(jobs.status, 200, "{}", jobs.text());
    let nowhere = client.send(head("GET", "/no/such/path", "")).reply();
    assert_eq!(nowhere.status, 404);
    assert!(nowhere.header("x-syncmock-hint").is_some());
    assert_eq!(client.send(head("GET", &format!("/?{JOBS}"), "")).reply().text(), jobs.text());
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    let pair = head("GET", "/_syncmock/health", "") + &head("GET", "/_syncmock/clock", "");
    client.send(pair.repeat(50));
    for _ in 0..50 {
        assert_eq!(client.reply().json()["status"], "ok");
        assert_eq!(client.reply().json()["speed"], 0);
    }
}

#[test]
fn a_form_is_read_in_chunks_of_any_size() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    let whole = client
        .send(head("POST", "/", &format!("{FORM}Content-Length: {}\r\n", JOBS.len())) + JOBS)
        .reply();
    assert_eq!(whole.status, 200, "{}", whole.text());
    client.send(head("POST", "/", &format!("{FORM}Transfer-Encoding: chunked\r\n")));
    for part in JOBS.as_bytes().chunks(7) {
        client.send(format!("{:x};extension=1\r\n", part.len())).send(part).send("\r\n");
    }
    let chunked = client.send("0\r\nTrailer: ignored\r\n\r\n").reply();
    assert_eq!(chunked.status, 200, "{}", chunked.text());
    let jobs =
        |reply: &crate::core_tests::http_client::Reply| reply.json()["SynchronizationJobs"].clone();
    assert_eq!(jobs(&chunked), jobs(&whole));
}

#[test]
fn a_body_that_waits_for_100_continue_gets_it() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    let headers = format!("{FORM}Expect: 100-continue\r\nContent-Length: {}\r\n", JOBS.len());
    assert_eq!(client.send(head("POST", "/", &headers)).head().status, 100);
    assert_eq!(client.send(JOBS).reply().status, 200);
}

#[test]
fn a_client_of_http_1_0_gets_an_answer_and_the_end_of_the_connection() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    let reply = client.send("GET /_syncmock/health HTTP/1.0\r\n\r\n").reply();
    assert_eq!((reply.status, reply.version.as_str()), (200, "HTTP/1.0"));
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_client_may_close_its_sending_side_after_the_request() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    let reply = client.send(head("GET", "/_syncmock/health", "")).finish().reply();
    assert_eq!(reply.status, 200);
    assert_eq!(client.rest(), b"");
}

fn assert_says_what_is_wrong(reply: &Reply) -> String {
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert!(reply.header("date").is_some());
    let problem = reply.json();
    assert_eq!(problem["status"], reply.status);
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(!detail.is_empty() && detail.len() < 200);
    detail.to_owned()
}

#[test]
fn a_client_of_http_2_is_told_so() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    let reply = client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0").reply();
    assert_eq!(reply.status, 505);
    assert!(assert_says_what_is_wrong(&reply).contains("HTTP/2"));
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_malformed_request_after_others_is_told_what_is_wrong() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    client.send(head("GET", "/_syncmock/health", "") + "nonsense\r\n\r\n");
    assert_eq!(client.reply().status, 200);
    let reply = client.reply();
    assert_eq!(reply.status, 400);
    assert_says_what_is_wrong(&reply);
}

#[test]
fn a_request_that_is_not_http_is_refused_with_400() {
    let server = start(Limits::default());
    for request in [
        "hello\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/3.0\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "\u{16}\u{3}\u{1}\0\u{ab}\u{1}\0\0\u{a7}\u{3}\u{3} a TLS client\r\n\r\n",
    ] {
        let mut client = Client::connect(&server.authority);
        let reply = client.send(request).reply();
        assert_eq!(reply.status, 400, "{request:?}");
        assert_eq!(reply.header("connection"), Some("close"));
        let text = assert_says_what_is_wrong(&reply);
        assert_eq!(text.contains("TLS"), request.contains("TLS"), "{text}");
        assert_eq!(client.rest(), b"", "{request:?}");
    }
    assert_eq!(get(&server.authority, "/_syncmock/health").status, 200);
}

#[test]
fn malformed_chunks_are_refused_with_400() {
    let server = start(Limits::default());
    let mut client = Client::connect(&server.authority);
    client.send(head("POST", "/", "Transfer-Encoding: chunked\r\n")).send("what?\r\n\r\n");
    let reply = client.reply();
    assert_eq!((reply.status, reply.header("connection")), (400, Some("close")));
    assert!(reply.text().contains("chunks are malformed"));
    assert_eq!(client.rest(), b"");
}

#[test]
fn unusual_targets_are_answered_like_any_other() {
    let server = start(Limits::default());
    let ask = |line: &str| {
        let request = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Client::connect(&server.authority).send(request).reply().status
    };
    assert_eq!(ask("GET http://example.com/_syncmock/health"), 200);
    assert_eq!(ask("GET /_syncmock"), 404);
    for line in ["OPTIONS *", "CONNECT example.com:443", "BREW /", "GET //", "GET /%", "GET /?%"] {
        let status = ask(line);
        assert!((400..500).contains(&status), "{line}: {status}");
    }
}
