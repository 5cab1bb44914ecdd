//! The server inside a test, from the outside.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};

use syncmock::embed::{Builder, Server};

use crate::http_client::{Client, ask, get};

const INSTANCE: &str = "idaas_ue2jvisn35ea5lmthk267xxxxx";

const MORNING: &str = "2026-03-01T08:00:00Z";

fn health(server: &Server) -> serde_json::Value {
    get(server.authority(), "/_syncmock/health").json()
}

/// A port that was just freed may go to a server of another test at once, so one closed port out of
/// several is enough: a server that outlived its handle would keep all of them open.
const ATTEMPTS: usize = 20;

fn is_closed(port: u16) -> bool {
    let outcome = TcpStream::connect(("127.0.0.1", port));
    outcome.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

fn a_server_answers_and_then_is_gone() {
    let attempt = || {
        let server = Server::start();
        assert_eq!(health(&server)["status"], "ok");
        let port = server.port();
        drop(server);
        is_closed(port)
    };
    assert!((0..ATTEMPTS).any(|_| attempt()));
}

#[test]
fn a_server_lives_as_long_as_its_handle_in_a_plain_test() {
    a_server_answers_and_then_is_gone();
}

#[tokio::test]
async fn a_server_lives_as_long_as_its_handle_in_an_async_test() {
    a_server_answers_and_then_is_gone();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_lives_as_long_as_its_handle_in_an_async_test_on_many_threads() {
    tokio::task::spawn(async { a_server_answers_and_then_is_gone() }).await.expect("no panic");
}

#[tokio::test]
async fn dropping_a_server_waits_neither_for_idle_nor_for_stalled_clients() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut closed = false;
    for _ in 0..ATTEMPTS {
        let server = Server::start();
        let connect = || tokio::net::TcpStream::connect(server.authority().to_owned());
        let mut stalled = connect().await.expect("accepted");
        stalled
            .write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
            .await
            .unwrap();
        let mut idle = connect().await.expect("accepted");
        idle.write_all(b"GET /_syncmock/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert!(idle.read(&mut [0; 4096]).await.unwrap() > 0);
        let port = server.port();
        drop(server);
        closed |= is_closed(port);
        let mut rest = Vec::new();
        assert_eq!(idle.read_to_end(&mut rest).await.unwrap(), 0);
    }
    assert!(closed);
}

#[test]
fn the_url_is_that_of_the_authority() {
    let server = Server::start();
    assert_eq!(server.authority(), format!("127.0.0.1:{}", server.port()));
    assert_eq!(server.url(), format!("http://{}", server.authority()));
}

#[test]
fn servers_side_by_side_have_their_own_worlds_and_clocks() {
    let start = |seed| Builder::new().seed(seed).now(MORNING).frozen().start().expect("a server");
    let (one, two, twin) = (start(1), start(2), start(1));
    one.clock().advance("5m").expect("a duration");
    assert_eq!(health(&one)["now"], "2026-03-01T08:05:00.000Z");
    assert_eq!(health(&two)["now"], "2026-03-01T08:00:00.000Z");
    twin.clock().set("2026-03-01T08:05:00Z").expect("an instant");

    let jobs = |server: &Server| {
        get(
            server.authority(),
            "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON\
             &InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx",
        )
    };
    assert_eq!(jobs(&one).status, 200, "{}", jobs(&one).text());
    assert_eq!(jobs(&one).text(), jobs(&twin).text());
    assert_ne!(jobs(&one).text(), jobs(&two).text());
    drop(one);
    assert_eq!(health(&two)["status"], "ok");
}

#[test]
fn the_handle_on_the_clock_turns_it_both_ways_and_stops_it() {
    let server = Builder::new().now(MORNING).speed(3_600).start().expect("a server");
    let clock = server.clock().clone();
    let before = clock.now();
    while clock.now() == before {}
    clock.freeze();
    let frozen = clock.now();
    assert!(frozen > before);
    assert_eq!(health(&server)["now"], frozen.to_string());
    clock.set("2020-01-01T00:00:00Z").expect("an instant");
    assert_eq!(health(&server)["now"], "2020-01-01T00:00:00.000Z");
    assert!(clock.advance("soon").is_err());
    assert!(clock.set("now").is_err());
    drop(server);
    assert_eq!(clock.now().to_string(), "2020-01-01T00:00:00.000Z");
}

#[test]
fn a_scenario_comes_by_name_as_text_or_from_a_file() {
    let scenario =
        |builder: Builder| health(&builder.start().expect("a server"))["scenario"].clone();
    assert_eq!(scenario(Builder::new()), "default");
    assert_eq!(scenario(Builder::new().scenario("docs")), "docs");
    assert_eq!(scenario(Builder::new().scenario_text("version = 1\nname = 'mine'")), "mine");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("night.toml");
    std::fs::write(&path, "version = 1\nname = 'night'").expect("a file");
    assert_eq!(scenario(Builder::new().scenario_path(&path)), "night");
}

#[test]
fn an_override_changes_one_value_of_the_scenario() {
    let server = Builder::new()
        .now(MORNING)
        .frozen()
        .set("eiam.jobs.count=3")
        .set("name=\"three\"")
        .start()
        .expect("a server");
    assert_eq!(health(&server)["scenario"], "three");
    let reply = get(
        server.authority(),
        "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON\
         &InstanceId=idaas_ue2jvisn35ea5lmthk267xxxxx&MaxResults=100",
    );
    let jobs = reply.json()["SynchronizationJobs"].as_array().map(Vec::len);
    assert_eq!(jobs, Some(3), "{}", reply.text());
}

#[test]
fn what_can_not_be_started_says_why() {
    let why = |builder: Builder| builder.start().expect_err("not a scenario").to_string();
    assert_eq!(
        why(Builder::new().scenario("dosc")),
        r#"no shipped scenario is called "dosc"; did you mean "docs"?"#
    );
    assert!(why(Builder::new().scenario("zzz")).contains("default, docs, million"));
    assert!(why(Builder::new().scenario_path("/no/such.toml")).contains("/no/such.toml"));
    assert!(why(Builder::new().now("noon")).contains("noon"));
    assert!(why(Builder::new().set("no equals sign")).contains("key=value"));
    let report = why(Builder::new().scenario_text("version = 1\nsede = 7"));
    assert!(report.contains("sede"), "{report}");
    assert!(report.starts_with("the scenario scenario_text has problems:\n"), "{report}");
}

#[test]
fn a_port_is_free_again_once_its_server_is_gone() {
    let attempt = || {
        let server = Server::start();
        let port = server.port();
        let mut client = Client::connect(server.authority());
        client.send("GET /_syncmock/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(client.reply().status, 200);
        drop(server);
        TcpListener::bind(("127.0.0.1", port)).is_ok()
    };
    assert!((0..ATTEMPTS).any(|_| attempt()));
}

#[test]
fn what_clients_change_can_be_taken_back_and_taken_elsewhere() {
    let start = || Builder::new().now(MORNING).frozen().start().expect("a port");
    let (here, there) = (start(), start());
    let eiam = |server: &Server, action: &str, rest: &str| {
        let query = format!("Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}");
        get(server.authority(), &format!("/?Action={action}&{query}{rest}")).json()
    };
    let newest = |server: &Server| {
        eiam(server, "ListSynchronizationJobs", "&TargetType=application&MaxResults=1")
    };
    let before = newest(&here);
    let target = before["SynchronizationJobs"][0]["TargetId"].as_str().expect("a job").to_owned();
    let run = format!(
        "/?Action=RunSynchronizationJob&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}\
         &TargetType=application&TargetId={target}"
    );
    let id = ask(here.authority(), "POST", &run, "").json()["SynchronizationJobId"].clone();
    here.clock().advance("1s").expect("a duration");
    assert_eq!(newest(&here)["SynchronizationJobs"][0]["SynchronizationJobId"], id);
    there.restore(&here.state()).expect("the same world");
    assert_eq!(newest(&there), newest(&here));
    assert_eq!(there.clock().now(), here.clock().now());
    assert_eq!(here.reset(), 1);
    assert_eq!(newest(&here)["TotalCount"], before["TotalCount"]);
    assert!(there.restore("{}").is_err());
    assert_eq!(newest(&there)["SynchronizationJobs"][0]["SynchronizationJobId"], id);
}
