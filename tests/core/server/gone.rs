//! Clients that go away, whatever their requests wait for.

#![expect(clippy::disallowed_methods, reason = "what hangs must fail in the end")]

use std::net::TcpStream;
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::{JOBS, Running, SMALL, head, start_scenario};
use crate::core_tests::http_client::{Client, PATIENCE};
use crate::server::Limits;

/// Every call takes at least an hour.
const FOREVER: [&str; 5] = [
    "delay = \"1h\"",
    "stall = \"1h\"",
    "drip = \"1 B/s\"",
    "delay = \"1h\", cut = \"before-response\"",
    "delay = \"1h\", stall = \"1h\"",
];

fn faulty(limits: Limits, act: &str) -> Running {
    let fault = format!("[[fault]]\non = {{ service = \"eiam\" }}\ndo = {{ {act} }}");
    start_scenario(limits, &fault)
}

/// How many requests this server has in flight at once shows in its faults.
fn wait_for_calls(server: &Running, calls: u64) {
    let faults = || crate::core_tests::http_client::get(&server.authority, "/_syncmock/faults");
    while faults().json()["faults"][0]["calls"].as_u64() < Some(calls) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A server that drains waits for every request in flight, so it stops only if there is none.
fn assert_stops(mut server: Running) {
    let started = Instant::now();
    assert!(server.join().is_ok());
    assert!(started.elapsed() < PATIENCE, "a request was still waiting");
}

#[test]
fn a_client_that_closes_or_resets_its_connection_ends_its_request() {
    for act in FOREVER {
        let server = faulty(Limits { drain_time: 2 * PATIENCE, ..SMALL }, act);
        let ask = |more: &str| {
            let mut stream = TcpStream::connect(&server.authority).expect("a server");
            let request = head("GET", &format!("/?{JOBS}"), "") + more;
            std::io::Write::write_all(&mut stream, request.as_bytes()).expect("the server reads");
            stream
        };
        let streams = [ask(""), ask(""), ask(&head("GET", "/_syncmock/health", ""))];
        wait_for_calls(&server, 3);
        SockRef::from(&streams[0]).set_linger(Some(Duration::ZERO)).expect("a connected socket");
        drop(streams);
        assert_stops(server);
    }
}

#[test]
fn a_client_that_only_stops_sending_gets_an_answer_that_comes_soon() {
    for act in ["delay = \"100ms\"", "stall = \"100ms\"", "drip = \"1 MB/s\""] {
        let server = faulty(SMALL, act);
        let mut client = Client::connect(&server.authority);
        let reply = client.send(head("GET", &format!("/?{JOBS}"), "")).finish().reply();
        assert!(reply.json()["SynchronizationJobs"].is_array(), "{act}: {}", reply.text());
        assert_eq!(client.rest(), b"");
    }
}

#[test]
fn a_client_that_waits_keeps_its_connection() {
    let server = faulty(SMALL, "delay = \"100ms\"");
    let mut client = Client::connect(&server.authority);
    for _ in 0..3 {
        assert_eq!(client.send(head("GET", &format!("/?{JOBS}"), "")).reply().status, 200);
    }
    // Requests that have arrived already do not look like a client that has gone.
    client.send(head("GET", &format!("/?{JOBS}"), "").repeat(3));
    for _ in 0..3 {
        assert_eq!(client.reply().status, 200);
    }
}
