//! Same seed, scenario and time: same bytes, whoever asks, in whatever order.

use std::thread;

use crate::embed::Builder;
use rand::SeedableRng;
use rand::seq::SliceRandom;

use crate::core_tests::asking::{DRS, INSTANCE, OMS, get, get_json, plan, text};
use crate::core_tests::http_client::Client;

/// 500 requests to all services, good and bad, each a (method, uri).
fn mixed_requests() -> Vec<(&'static str, String)> {
    let eiam = format!("/?Action=ListSynchronizationJobs&Version=2021-12-01&InstanceId={INSTANCE}");
    let status = ["success", "failed", "running", "nonsense"];
    (0..100)
        .flat_map(|i| {
            let format = if i % 3 == 0 { "XML" } else { "JSON" };
            let page = format!("&Format={format}&PageNumber={}&PageSize={}", i % 13, 1 + i % 50);
            [
                ("POST", format!("{eiam}{page}&Status={}", status[i % 4])),
                ("GET", format!("{DRS}?offset={}&limit={}&sort_dir=asc", i * 7, 1 + i % 30)),
                ("GET", format!("/api/v3/list-sync-jobs?syncTaskId={}&page={}", 1000 + i % 4, 1 + i % 9)),
                ("GET", format!("{OMS}?data_type=SIZE,REQUEST&start_time={}&end_time=1772445600000", 1_772_359_200_000 + i * 60_000)),
                ("GET", format!("/?Action=DescribeSynchronizationJobs&Version=2020-01-01&Format=JSON&PageNum={}", i % 12)),
            ]
        })
        .collect()
}

#[test]
fn two_servers_answer_the_same_500_requests_in_different_orders_with_the_same_bytes() {
    let start =
        || Builder::new().scenario("default").now("2026-03-02T10:00:00Z").frozen().start().unwrap();
    let (one, other) = (start(), start());
    let requests = mixed_requests();
    assert_eq!(requests.len(), 500);
    let ask = |authority: &str, order: &[usize]| {
        let mut answers = vec![None; requests.len()];
        let mut client = Client::connect(authority);
        for &i in order {
            let (method, uri) = &requests[i];
            // The host is the same for both, because error answers contain it.
            client.send(format!(
                "{method} {uri} HTTP/1.1\r\nHost: mock\r\nContent-Length: 0\r\n\r\n"
            ));
            let reply = client.reply();
            answers[i] = Some((reply.status, reply.headers, reply.body));
        }
        answers
    };
    let in_order: Vec<usize> = (0..requests.len()).collect();
    let mut shuffled = in_order.clone();
    shuffled.shuffle(&mut rand_pcg::Pcg64Mcg::seed_from_u64(1));
    assert_eq!(ask(one.authority(), &in_order), ask(other.authority(), &shuffled));
}

#[test]
fn several_threads_see_the_same_world() {
    let plan = plan("default", &[]);
    let requests = mixed_requests();
    let all =
        || -> Vec<String> { requests.iter().map(|(_, uri)| text(&get(&plan, uri))).collect() };
    let alone = all();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(all)).collect();
        for thread in threads {
            assert!(thread.join().unwrap() == alone);
        }
    });
}

#[test]
fn another_seed_is_another_world() {
    let (one, other) = (plan("default", &[]), plan("default", &["seed=99"]));
    for (_, uri) in mixed_requests().iter().take(5) {
        assert_ne!(text(&get(&one, uri)), text(&get(&other, uri)), "{uri}");
    }
}

#[test]
fn a_token_of_one_server_goes_on_at_another() {
    let (one, other) = (plan("default", &[]), plan("default", &[]));
    let uri = format!(
        "/?Action=ListSynchronizationJobs&Version=2021-12-01&Format=JSON&InstanceId={INSTANCE}&MaxResults=20"
    );
    let (_, first) = get_json(&one, &uri);
    let next = format!("{uri}&NextToken={}", first["NextToken"].as_str().unwrap());
    let (status, there) = get_json(&other, &next);
    assert_eq!((status, there), get_json(&one, &next));
}
