//! Faults: which calls they happen to, and what then arrives at the other end of a socket.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::embed::{Builder, Server};
use crate::engine::Options;
use crate::engine::{WorldState, respond};
use crate::vendors::load;
use serde_json::{Value, json};

use crate::core_tests::asking::{DRS, INSTANCE, NOW, OMS, plan, request};
use crate::core_tests::http_client::{Client, PATIENCE, ask, get};

fn serve(faults: &str) -> Server {
    let text = format!("version = 1\n[drs.jobs]\ncount = 50\n[eiam.jobs]\ncount = 50\n{faults}");
    let builder = Builder::new().scenario_text(text).now("2026-03-02T10:00:00Z").frozen();
    builder.start().unwrap_or_else(|error| panic!("{error}"))
}

fn fault(on: &str, act: &str) -> String {
    format!("[[fault]]\nname = \"f\"\non = {{ {on} }}\ndo = {{ {act} }}\n")
}

/// The end of a connection.
#[derive(Debug, PartialEq)]
enum End {
    Closed,
    Reset,
}

/// All that arrives after one request, and how the connection ends.
fn received(server: &Server) -> (String, End) {
    let mut stream = TcpStream::connect(server.authority()).expect("a server");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time is not zero");
    let request = format!("GET {DRS} HTTP/1.1\r\nHost: {}\r\n\r\n", server.authority());
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut bytes = Vec::new();
    let end = match stream.read_to_end(&mut bytes) {
        Ok(_) => End::Closed,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => End::Reset,
        Err(error) => panic!("{error}"),
    };
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

/// Head and body of the answer that there would be.
fn whole() -> (String, String) {
    let server = serve("");
    let mut client = Client::connect(server.authority());
    client.send(format!("GET {DRS} HTTP/1.1\r\nHost: {}\r\n\r\n", server.authority()));
    let reply = client.reply();
    (format!("HTTP/1.1 {} OK", reply.status), reply.text())
}

#[test]
fn an_answer_can_be_cut_anywhere_with_a_reset_or_a_close() {
    let (_, body) = whole();
    for (by, end) in [("", End::Reset), (", by = \"close\"", End::Closed)] {
        let cut = |place: &str| received(&serve(&fault("", &format!("cut = \"{place}\"{by}"))));
        assert_eq!(cut("before-response"), (String::new(), end));
        let (head, ended) = cut("mid-headers");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && !head.contains("\r\n\r\n"), "{head}");
        assert_eq!(ended == End::Reset, by.is_empty());
        let (answer, ended) = cut("mid-body");
        let (head, half) = answer.split_once("\r\n\r\n").expect("a whole head");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        assert_eq!(half, &body[..body.len() / 2]);
        assert_eq!(ended == End::Reset, by.is_empty());
    }
}

#[test]
fn a_dripping_or_stalling_answer_arrives_in_full_in_the_end() {
    let (_, body) = whole();
    for act in ["drip = \"20 KB/s\"", "stall = \"50ms\"", "drip = \"1MB/s\", stall = \"1ms\""] {
        let (answer, end) = received(&serve(&fault("", act)));
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        assert_eq!(
            (answer.split_once("\r\n\r\n").map(|(_, body)| body), end),
            (Some(&*body), End::Closed)
        );
    }
}

#[test]
fn a_stall_comes_after_half_of_the_body() {
    let (_, body) = whole();
    let server = serve(&fault("", "stall = \"1h\""));
    let mut client = Client::connect(server.authority());
    client.send(format!("GET {DRS} HTTP/1.1\r\nHost: {}\r\n\r\n", server.authority()));
    let length: usize = client.head().header("content-length").unwrap().parse().unwrap();
    assert_eq!(length, body.len());
    assert_eq!(client.take(length / 2), &body.as_bytes()[..length / 2]);
    // The test does not wait for an hour: the server is stopped, and with it the connection.
    drop(server);
    assert_eq!(client.rest(), b"");
}

#[test]
fn corruption_is_as_configured() {
    let (_, body) = whole();
    let garbled = |kind: &str| {
        let server = serve(&fault("", &format!("garble = \"{kind}\"")));
        get(server.authority(), DRS)
    };
    let half = garbled("json");
    assert_eq!((half.status, half.text()), (200, body[..body.len() / 2].to_owned()));
    assert!(std::str::from_utf8(&garbled("utf8").body).is_err());
    assert_eq!(garbled("content-type").header("content-type"), Some("text/plain"));
    assert_eq!(garbled("empty").body, b"");
    let proxy = garbled("html-502");
    assert_eq!((proxy.status, proxy.header("content-type")), (502, Some("text/html")));
    assert!(proxy.header("x-request-id").is_none());

    let (chunks, end) = received(&serve(&fault("", "garble = \"chunk\"")));
    let (head, body) = chunks.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains("transfer-encoding: chunked") && body.contains("\r\nsize\r\n"));
    assert_eq!(end, End::Closed);

    let server = serve(&fault("", "garble = \"xml\""));
    let uri = format!(
        "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=XML&InstanceId={INSTANCE}"
    );
    let xml = get(server.authority(), &uri).text();
    assert!(xml.ends_with("</xListSynchronizationJobsResponse>"), "{xml}");
}

#[test]
fn another_answer_is_the_vendors_or_ones_own() {
    let refuse = "refuse = \"APIGW.0308\", retry_after = \"2s\"";
    let server = serve(&fault("service = \"drs\", call = \"2\"", refuse));
    let ask = || get(server.authority(), DRS);
    assert_eq!(ask().status, 200);
    let refused = ask();
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("2")));
    assert_eq!(refused.json()["error_code"], "APIGW.0308");
    assert_eq!(refused.header("x-syncmock-fault"), Some("f#1"));
    assert_eq!(ask().status, 200);

    let act = "status = 503, body = \"soon\", content_type = \"text/html\"";
    let own = get(serve(&fault("", act)).authority(), DRS);
    assert_eq!((own.status, own.text()), (503, "soon".to_owned()));
    assert_eq!(own.header("content-type"), Some("text/html"));
    let quiet = format!("{}announce = false\n", fault("", act));
    assert_eq!(get(serve(&quiet).authority(), DRS).header("x-syncmock-fault"), None);
}

#[test]
fn calls_are_chosen_by_number_page_window_and_what_they_are() {
    let pattern = |on: &str, uris: &[&str]| -> String {
        let plan = plan("default", &[&format!("fault=[{{on={{{on}}},do={{status=503}}}}]")]);
        let past = WorldState::new(&plan);
        uris.iter()
            .map(|uri| {
                let answer = respond(&plan, &past, &request("GET", uri, &[], b""), NOW);
                if answer.reply.status() == 503 { 'x' } else { '.' }
            })
            .collect()
    };
    let ten = [DRS; 10];
    assert_eq!(pattern("call=\"3..5\"", &ten), "..xxx.....");
    assert_eq!(pattern("call=\"every 4\"", &ten), "...x...x..");
    assert_eq!(pattern("service=\"eiam\"", &ten), "..........");
    assert_eq!(pattern("operation=\"ListAsyncJobs\",call=\"1\"", &ten), "x.........");
    let pages: Vec<String> = (0..4).map(|n| format!("{DRS}?offset={}&limit=5", n * 5)).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    assert_eq!(pattern("page=3", &pages), "..x.");
    assert_eq!(pattern("page=\"later\"", &pages), ".xxx");
    // Only matching calls are counted.
    assert_eq!(pattern("page=\"later\",call=\"2\"", &pages), "..x.");
    assert_eq!(pattern("from=2026-03-02T10:00:00Z", &ten[..2]), "xx");
    assert_eq!(pattern("until=2026-03-02T10:00:00Z", &ten[..2]), "..");
    // Requests that fail without the fault are not changed.
    assert_eq!(pattern("call=\"1\"", &["/v5/x/batch-async-job", DRS]), ".x");
}

/// Guessing from the names of parameters was wrong in each of these.
#[test]
fn a_page_of_a_fault_is_the_page_that_the_operation_answers_with() {
    let fires = |settings: &[&str], uri: &str| {
        let fault = "fault=[{on={page=2},do={status=503}}]";
        let plan = plan("default", &[settings, &[fault]].concat());
        let request = request("GET", uri, &[], b"");
        respond(&plan, &WorldState::new(&plan), &request, NOW).reply.status() == 503
    };
    let clamp: &[&str] = &["drs.quirks.over_limit=clamp"];
    assert!(fires(clamp, &format!("{DRS}?limit=5000&offset=1000")));
    assert!(!fires(clamp, &format!("{DRS}?limit=5000&offset=5000")));
    let dts = |action: &str, page: &str| {
        format!("/?Version=2020-01-01&Format=JSON&RegionId=cn-hangzhou&Action={action}&{page}=2")
    };
    for (action, reads, ignores) in [
        ("DescribeSynchronizationJobs", "PageNum", "PageNumber"),
        ("DescribeDtsJobs", "PageNumber", "PageNum"),
    ] {
        assert!(fires(&[], &dts(action, reads)), "{action} {reads}");
        assert!(!fires(&[], &dts(action, ignores)), "{action} {ignores}");
    }
    let authing = |query: &str| format!("/api/v3/list-sync-tasks?{query}");
    assert!(fires(&[], &authing("page=2")) && !fires(&[], &authing("PageNumber=2")));
}

#[test]
fn a_ratio_is_kept_and_the_same_seed_has_the_same_trace_with_any_number_of_connections() {
    let trace = |seed: u64, threads: usize| -> Vec<String> {
        let text = format!(
            "version = 1\nseed = {seed}\n[drs.jobs]\ncount = 50\n[[credentials]]\nid = \"a\"\nsecret = \"a\"\n\
             [[credentials]]\nid = \"b\"\nsecret = \"b\"\n[[fault]]\nname = \"f\"\n\
             on = {{ service = \"drs\", ratio = \"1/4\" }}\ndo = {{ status = 503 }}\n"
        );
        let loaded = load("test", &text, &Options::default(), NOW).expect("options");
        let plan = loaded.outcome.expect("a plan");
        let past = WorldState::new(&plan);
        // Each credential's own calls come one after another, whatever the others do.
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..threads)
                .map(|thread| {
                    let (plan, past) = (&plan, &past);
                    scope.spawn(move || {
                        let key = ["a", "b"][thread % 2];
                        let scheme = format!(
                            "SDK-HMAC-SHA256 Access={key}, SignedHeaders=host, Signature=00"
                        );
                        (0..200)
                            .map(|_| {
                                let headers = [
                                    ("Authorization", scheme.as_str()),
                                    ("X-Sdk-Date", "20260302T100000Z"),
                                ];
                                let request = request("GET", DRS, &headers, b"");
                                let answer = respond(plan, past, &request, NOW);
                                if answer.reply.status() == 503 { 'x' } else { '.' }
                            })
                            .collect::<String>()
                    })
                })
                .collect();
            all.into_iter().map(|thread| thread.join().expect("a trace")).collect()
        })
    };
    let both = trace(1, 2);
    assert_eq!(both, trace(1, 2));
    assert_eq!(both[0], both[1], "every credential meets the same");
    assert_eq!(trace(1, 1)[0], both[0]);
    assert_ne!(trace(2, 1)[0], both[0]);
    let hit = both[0].chars().filter(|c| *c == 'x').count();
    assert!((30..=70).contains(&hit), "{hit} of 200");
}

#[test]
fn faults_are_shown_counted_and_replaced_while_the_server_runs() {
    let server = serve(&fault("call = \"1..2\"", "status = 503"));
    let authority = server.authority();
    for _ in 0..3 {
        get(authority, DRS);
    }
    let shown = get(authority, "/_syncmock/faults").json();
    let expected = json!({ "faults": [{
        "name": "f",
        "fault": { "name": "f", "on": { "call": "1..2" }, "do": { "status": 503 }, "announce": true },
        "calls": 3,
        "happened": 2,
    }]});
    assert_eq!(shown, expected);

    let put = |body: &Value| ask(authority, "PUT", "/_syncmock/faults", &body.to_string());
    let other = json!({ "faults": [{ "on": { "service": "drs" }, "do": { "status": 418 } }] });
    assert_eq!(put(&other).json()["faults"][0]["name"], "fault-1");
    assert_eq!(get(authority, DRS).status, 418);
    let bad = put(&json!({ "faults": [{ "on": { "call": "0" }, "do": { "status": 418 } }] }));
    assert_eq!(bad.status, 400);
    assert_eq!(bad.json()["detail"], "faults[0].on.call: there is no call 0");
    assert_eq!(get(authority, DRS).status, 418, "those that were there are there");
    assert_eq!(put(&json!({ "faults": [] })).status, 200);
    assert_eq!(get(authority, DRS).status, 200);
}

#[test]
fn a_delay_is_drawn_for_each_call_and_does_not_hold_up_others() {
    let plan = plan(
        "default",
        &["fault=[{on={service=\"drs\"},do={delay={median=\"80ms\",p99=\"2s\"}}}]"],
    );
    let past = WorldState::new(&plan);
    let delays: Vec<u64> = (0..100)
        .map(|_| respond(&plan, &past, &request("GET", DRS, &[], b""), NOW))
        .map(|answer| answer.fault.expect("a fault").effects.delay)
        .collect();
    let below = delays.iter().filter(|delay| **delay < 80).count();
    assert!((30..70).contains(&below) && delays.iter().any(|delay| *delay > 300), "{delays:?}");

    let server = serve(&fault("call = \"1\"", "delay = \"1h\""));
    let mut slow = Client::connect(server.authority());
    slow.send(format!("GET {DRS} HTTP/1.1\r\nHost: x\r\n\r\n"));
    // Once the first call has been counted, the second one overtakes it.
    while get(server.authority(), "/_syncmock/faults").json()["faults"][0]["calls"] == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(get(server.authority(), DRS).status, 200);
}

#[test]
fn the_scenario_throttled_refuses_each_services_third_call_in_the_vendors_words() {
    let plan = plan("throttled", &[]);
    let past = WorldState::new(&plan);
    let eiam = format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}");
    for (uri, status, header) in [
        (eiam.as_str(), 400, Some(("x-acs-retry-after", "2000"))),
        (
            "/?Action=DescribeSynchronizationJobs&Version=2020-01-01",
            400,
            Some(("x-acs-retry-after", "2000")),
        ),
        ("/api/v3/list-sync-jobs?syncTaskId=1000", 429, None),
        (DRS, 429, Some(("retry-after", "2"))),
        (&format!("{OMS}?data_type=SIZE&start_time=0&end_time=1"), 429, Some(("retry-after", "2"))),
    ] {
        // A second apart, so that no quota is met.
        let ask = |n: u64| {
            let request = request("GET", uri, &[], b"");
            respond(&plan, &past, &request, NOW.plus(n * 1_000))
        };
        let statuses: Vec<u16> = (1..=4).map(|n| ask(n).reply.status().as_u16()).collect();
        assert_eq!(statuses, [200, 200, status, 200], "{uri}");
        let again = WorldState::new(&plan);
        let third = (1..=3)
            .map(|_| respond(&plan, &again, &request("GET", uri, &[], b""), NOW))
            .last()
            .expect("three answers");
        if let Some((name, value)) = header {
            assert_eq!(third.reply.headers()[name], value, "{uri}");
        }
    }
    // And six at once are one more than the quota of a listing.
    let request = request("GET", DRS, &[], b"");
    let later = NOW.plus(3_600_000);
    let succeeded = (0..6).filter(|_| respond(&plan, &past, &request, later).succeeded()).count();
    assert_eq!(succeeded, 5);
}

#[test]
fn the_scenario_flaky_keeps_its_ratios() {
    let plan = plan("flaky", &[]);
    let past = WorldState::new(&plan);
    let request = request("GET", DRS, &[], b"");
    for _ in 0..4_000 {
        respond(&plan, &past, &request, NOW);
    }
    let faults = past.faults();
    let counted: Vec<(String, u64)> =
        faults.counted().map(|(fault, _, happened)| (fault.name.clone(), happened)).collect();
    let of = |name: &str| counted.iter().find(|(n, _)| n == name).map_or(0, |(_, count)| *count);
    for (name, around) in [("reset", 100), ("half-a-body", 100), ("proxy", 100), ("slow", 400)] {
        let happened = of(name);
        assert!((around * 6 / 10..around * 14 / 10).contains(&happened), "{name}: {happened}");
    }
}
