//! Starting on a port, and stopping without breaking anything off.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;

use crate::control::ControlAccess;
use crate::server::{Limits, Server};

use super::{JOBS, SHORT, SMALL, head, plan, start};
use crate::core_tests::http_client::Client;

fn refuses(authority: &str) -> bool {
    TcpStream::connect(authority).is_err()
}

#[test]
fn a_request_in_flight_is_answered_before_the_server_stops() {
    let mut server = start(SMALL);
    let mut idle = Client::connect(&server.authority);
    assert_eq!(idle.send(head("GET", "/_syncmock/health", "")).reply().status, 200);
    let mut busy = Client::connect(&server.authority);
    let form = "Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n";
    let length = format!("{form}Content-Length: {}\r\n", JOBS.len());
    // Once it asks for the body, the request is in flight.
    assert_eq!(busy.send(head("POST", "/", &length)).head().status, 100);

    server.begin_to_stop();
    assert_eq!(idle.rest(), b"", "an idle connection is closed");
    while !refuses(&server.authority) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(busy.send(JOBS).reply().status, 200);
    assert_eq!(busy.rest(), b"", "it is its connection's last");
    assert!(server.join().is_ok());
}

#[test]
fn a_request_that_does_not_finish_is_cut_off_in_the_end() {
    let patient = Limits { body_time: Duration::from_secs(600), ..SHORT };
    let mut server = start(patient);
    let mut busy = Client::connect(&server.authority);
    busy.send(head("POST", "/", "Expect: 100-continue\r\nContent-Length: 10\r\n"));
    assert_eq!(busy.head().status, 100);
    assert!(server.join().is_ok());
    assert_eq!(busy.rest(), b"");
    assert!(refuses(&server.authority));
}

#[test]
fn a_server_without_clients_stops_at_once() {
    let mut server = start(Limits { drain_time: Duration::from_secs(600), ..SHORT });
    assert!(server.join().is_ok());
}

#[test]
fn a_port_that_is_taken_is_an_error_before_anything_runs() {
    let first =
        Server::bind("127.0.0.1:0", plan(), SHORT, ControlAccess::default()).expect("a free port");
    let second = Server::bind(first.local_addr(), plan(), SHORT, ControlAccess::default());
    assert_eq!(second.err().map(|error| error.kind()), Some(ErrorKind::AddrInUse));
    assert!(
        Server::bind("no.such.host.invalid:0", plan(), SHORT, ControlAccess::default()).is_err()
    );
}
