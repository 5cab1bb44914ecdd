//! Clients that send too much, or too slowly.

#![expect(clippy::disallowed_methods, reason = "what hangs must fail in the end")]

use std::time::{Duration, Instant};

use crate::engine::MAX_EXPORT;
use crate::server::Limits;

use super::{SHORT, SMALL, head, start};
use crate::core_tests::http_client::{Client, PATIENCE, Reply, get};

fn assert_refused(mut client: Client, status: u16) -> Reply {
    let reply = client.reply();
    assert_eq!(reply.status, status, "{}", reply.text());
    assert_eq!(client.rest(), b"", "the connection goes on");
    reply
}

#[test]
fn a_body_of_the_maximum_length_is_read_and_one_byte_more_is_refused() {
    let server = start(SMALL);
    let post = |length: usize| {
        let mut client = Client::connect(&server.authority);
        client.send(head("POST", "/nowhere", &format!("Content-Length: {length}\r\n")));
        client.send("x".repeat(length));
        client
    };
    assert_eq!(post(SMALL.body).reply().status, 404);
    let reply = assert_refused(post(SMALL.body + 1), 413);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert_eq!(reply.header("connection"), Some("close"));
    assert_eq!(reply.json()["detail"], "the body is longer than 100000 bytes");
}

#[test]
fn a_state_may_be_longer_than_any_other_body() {
    let server = start(SMALL);
    let put = |path: &str, length: usize| {
        let mut client = Client::connect(&server.authority);
        client.send(head("PUT", path, &format!("Content-Length: {length}\r\n")));
        client.send("x".repeat(length));
        client
    };
    let reply = put("/_syncmock/state", 20 * SMALL.body).reply();
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert_refused(put("/_syncmock/clock", SMALL.body + 1), 413);
    assert_refused(put("/_syncmock/faults", SMALL.body + 1), 413);
    let mut client = Client::connect(&server.authority);
    client.send(head("PUT", "/_syncmock/state", "Content-Length: 1000000000\r\n"));
    let reply = assert_refused(client, 413);
    assert!(
        reply.json()["detail"]
            .as_str()
            .is_some_and(|why| why.contains(&format!("{MAX_EXPORT} bytes")))
    );
}

#[test]
fn a_client_that_sends_far_too_much_can_still_read_why() {
    let server = start(SMALL);
    let mut client = Client::connect(&server.authority);
    client.send(head("POST", "/", "Content-Length: 50000000\r\n"));
    for _ in 0..50 {
        client.send("x".repeat(1_000_000));
    }
    assert_refused(client, 413);
}

#[test]
fn a_chunked_body_is_refused_when_it_grows_too_long() {
    let server = start(SMALL);
    let mut client = Client::connect(&server.authority);
    client.send(head("POST", "/", "Transfer-Encoding: chunked\r\n"));
    for _ in 0..=SMALL.body / 10_000 {
        client.send("2710\r\n").send("x".repeat(10_000)).send("\r\n");
    }
    assert_refused(client, 413);
}

#[test]
fn a_body_that_is_announced_as_too_long_gets_no_100_continue() {
    let server = start(SMALL);
    let mut client = Client::connect(&server.authority);
    client.send(head("POST", "/", "Expect: 100-continue\r\nContent-Length: 100001\r\n"));
    assert_refused(client, 413);
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let server = start(SMALL);
    let get = |target: &str, headers: &str| {
        let mut client = Client::connect(&server.authority);
        client.send(head("GET", target, headers));
        client
    };
    for (client, status, what) in [
        (get("/", &format!("Long: {}\r\n", "x".repeat(SMALL.head))), 431, "headers"),
        (get("/", &"Another: header\r\n".repeat(101)), 431, "headers"),
        (get(&format!("/{}", "x".repeat(65_534)), ""), 414, "target"),
    ] {
        let problem = assert_refused(client, status).json();
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(what), "{detail}");
    }
    assert_eq!(get(&format!("/{}", "x".repeat(65_533)), "").reply().status, 404);
    assert_eq!(get("/", &"Another: header\r\n".repeat(90)).reply().status, 400);
    // Far more than is ever read into memory.
    let mut client = Client::connect(&server.authority);
    client.send("GET / HTTP/1.1\r\nLong: ");
    for _ in 0..20 {
        client.send("x".repeat(1_000_000));
    }
    assert_refused(client, 431);
}

#[test]
fn a_client_that_stalls_is_dropped() {
    let server = start(SHORT);
    let mut silent = Client::connect(&server.authority);
    let mut in_head = Client::connect(&server.authority);
    in_head.send("GET / HTTP/1.1\r\nHost:");
    let mut idle = Client::connect(&server.authority);
    assert_eq!(idle.send(head("GET", "/_syncmock/health", "")).reply().status, 200);
    let mut in_body = Client::connect(&server.authority);
    in_body.send(head("POST", "/", "Content-Length: 10\r\n")).send("half");
    let mut in_chunk = Client::connect(&server.authority);
    in_chunk.send(head("POST", "/", "Transfer-Encoding: chunked\r\n")).send("a\r\nhalf");

    let started = Instant::now();
    for dropped in [&mut silent, &mut in_head, &mut idle] {
        assert_eq!(dropped.rest(), b"");
    }
    for stalled in [in_body, in_chunk] {
        let reply = assert_refused(stalled, 408);
        assert_eq!(reply.header("connection"), Some("close"));
        assert!(reply.header("x-syncmock-hint").is_some());
    }
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn a_client_that_never_reads_its_answers_is_dropped() {
    let server = start(SHORT);
    let mut client = Client::connect(&server.authority);
    // More answers than any socket holds; so the server stops reading, and then sending fails.
    let requests = head("GET", "/_syncmock/health", "").repeat(10_000);
    let started = Instant::now();
    while client.try_send(&requests).is_ok() {}
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn a_head_that_drips_in_is_not_waited_for() {
    let server = start(SHORT);
    let mut client = Client::connect(&server.authority);
    client.send("GET / HTTP/1.1\r\nHost: x\r\nDrip: ");
    let started = Instant::now();
    while client.try_send("x").is_ok() {
        assert!(started.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(client.rest(), b"");
}

#[test]
fn the_longest_idle_connection_makes_room_for_a_new_one() {
    let server = start(Limits { connections: 3, ..SMALL });
    let mut busy = Client::connect(&server.authority);
    busy.send(head("POST", "/nowhere", "Expect: 100-continue\r\nContent-Length: 4\r\n"));
    assert_eq!(busy.head().status, 100);
    let ask =
        |client: &mut Client| client.send(head("GET", "/_syncmock/health", "")).reply().status;
    let mut idle = [(); 2].map(|()| Client::connect(&server.authority));
    for client in idle.iter_mut().rev() {
        assert_eq!(ask(client), 200);
    }
    let mut new = Client::connect(&server.authority);
    assert_eq!(ask(&mut new), 200);
    let [other, longest] = &mut idle;
    assert_eq!(longest.rest(), b"", "it is closed");
    assert_eq!(ask(other), 200);
    assert_eq!(busy.send("body").reply().status, 404);
}

#[test]
fn clients_that_stall_do_not_hold_up_others() {
    let patient = Limits {
        head_time: Duration::from_secs(600),
        body_time: Duration::from_secs(600),
        ..SHORT
    };
    let server = start(patient);
    let stalled: Vec<Client> = (0..100)
        .map(|number| {
            let mut client = Client::connect(&server.authority);
            match number % 4 {
                0 => client.send(""),
                1 => client.send("GET / HT"),
                2 => client.send(head("POST", "/", "Content-Length: 10\r\n")).send("half"),
                // Asks a lot and never reads an answer.
                _ => client.send(head("GET", "/_syncmock/health", "").repeat(5_000)),
            };
            client
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(get(&server.authority, "/_syncmock/health").status, 200);
    }
    drop(stalled);
}
