//! What changes cost a world that has many already: CPU time of a change and of reads, and memory.
//!
//! A change, and a read of one thing by its id, cost the same whatever was changed before. As in
//! [`crate::growth`] it is CPU time, the least of several runs, and the tests are run alone. For a
//! table of more sizes:
//!
//! ```text
//! SYNCMOCK_CHANGES=0,50000,200000,1000000 cargo test --release --test fuzz changes -- --ignored --nocapture
//! ```

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use syncmock::embed::{Builder, InProcess};

use crate::cpu_time;

/// How many times as much a change or a read may cost in a world with many changes, to one with
/// none.
const ALLOWED: f64 = 2.0;
/// Resident memory (bytes).
const ALLOWED_MEMORY: u64 = 300;
const BATCH: usize = 200;

/// Where there are faults, no answer is kept for a request that comes again.
const SCENARIO: &str = r#"
version = 1
[eiam]
instance_id = "idaas_one"
[[eiam.target]]
id = "app_one"
type = "application"
[[fault]]
on = { call = "100000000" }
do = { status = 503 }
[[eiam.job]]
SynchronizationJobId = "sync_one"
[eiam.jobs]
count = 1000
[eiam.created]
paths = [["pending 1000000 looks", "running 0s", "success"]]
[oms.tasks]
count = 1000
"#;

/// A world, and the ids that its kinds of changes are about.
struct World {
    world: InProcess,
    ids: Vec<String>,
}

impl World {
    fn new() -> Self {
        let builder = Builder::new().scenario_text(SCENARIO).now("2026-03-02T10:00:00Z").frozen();
        let world = builder.in_process().unwrap_or_else(|error| panic!("{error}"));
        Self { world, ids: Vec::new() }
    }

    fn ask(&self, method: Method, target: &str, body: &str) -> String {
        let request = Request::builder().method(method).uri(target).header("host", "127.0.0.1");
        let request = request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        let answer = self.world.answer(&request);
        let body = String::from_utf8(answer.body().to_vec()).unwrap();
        assert!(answer.status().is_success(), "{target}: {body}");
        body
    }

    fn eiam(&self, action: &str, rest: &str) -> String {
        let target =
            format!("/?Action={action}&Version=2021-12-01&Format=JSON&InstanceId=idaas_one{rest}");
        self.ask(Method::POST, &target, "")
    }

    /// An EIAM job more.
    fn run(&mut self) {
        let answer = self.eiam("RunSynchronizationJob", "&TargetType=application&TargetId=app_one");
        if self.ids.len() < 1_000 {
            let id = answer.split("\"SynchronizationJobId\":\"").nth(1).unwrap();
            self.ids.push(id.split('"').next().unwrap().to_owned());
        }
    }

    /// An answer that shows one of the first jobs, which counts.
    fn show(&self, number: usize) {
        let id = &self.ids[number % self.ids.len()];
        self.eiam("GetSynchronizationJob", &format!("&SynchronizationJobId={id}"));
    }

    /// A read that is about nothing that was changed.
    fn read(&self) {
        self.eiam("GetSynchronizationJob", "&SynchronizationJobId=sync_one");
    }

    fn advance(&self, seconds: i64) {
        let at = 1_772_445_600 + seconds;
        let body = format!(r#"{{"now":"{}"}}"#, at_utc(at));
        self.ask(Method::PUT, "/_syncmock/clock", &body);
    }
}

/// RFC 3339, on the second of March 2026 and the days after it.
fn at_utc(at: i64) -> String {
    let after = at - 1_772_409_600;
    let (day, rest) = (2 + after / 86_400, after % 86_400);
    format!("2026-03-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

/// The CPU time of one of many, the least of several batches.
fn each(mut work: impl FnMut(usize)) -> Duration {
    let batch = |from: usize| (from * BATCH..(from + 1) * BATCH).for_each(&mut work);
    let mut batch = batch;
    (0..7).map(|n| cpu_time::of(|| batch(n))).min().unwrap() / BATCH as u32
}

/// Bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}

/// What requests cost in a world with a given number of changes.
struct Costs {
    change: Duration,
    poll: Duration,
    read: Duration,
    /// At an instant a little before the last changes, another one each time.
    back: Duration,
    /// A change each, at an instant before half of the others.
    past: Duration,
    memory: u64,
}

fn costs(changes: usize) -> Costs {
    let before = resident();
    let mut world = World::new();
    // A second of virtual time has a thousand changes.
    for number in 0..changes {
        if number % 1_000 == 0 {
            world.advance(number as i64 / 1_000);
        }
        world.run();
    }
    let memory = resident().saturating_sub(before) / changes.max(1) as u64;
    let end = changes as i64 / 1_000 + 1;
    world.advance(end);
    let change = each(|_| world.run());
    let poll = each(|number| world.show(number));
    let read = each(|_| world.read());
    // Each batch includes one turn of the clock.
    let back = each(|number| {
        if number % BATCH == 0 {
            world.advance((end - 2 - (number / BATCH) as i64).max(0));
        }
        world.read();
    });
    world.advance(end / 2);
    let past = each(|_| world.run());
    Costs { change, poll, read, back, past, memory }
}

#[test]
#[ignore = "measures CPU time: run it alone"]
fn a_change_and_a_read_cost_the_same_whatever_was_changed_before() {
    let sizes = std::env::var("SYNCMOCK_CHANGES").unwrap_or_else(|_| "0,200000".to_owned());
    let sizes = sizes.split(',').map(|size| size.parse().expect("numbers of changes"));
    println!(
        "{:>10} {:>10} {:>10} {:>10} {:>10} {:>10} {:>12}",
        "changes", "a change", "a poll", "a read", "back", "past", "bytes each"
    );
    let mut first: Option<Costs> = None;
    let mut grown = Vec::new();
    for size in sizes {
        let costs = costs(size);
        let Costs { change, poll, read, back, past, memory } = costs;
        println!(
            "{size:>10} {change:>10.1?} {poll:>10.1?} {read:>10.1?} {back:>10.1?} {past:>10.1?} {memory:>12}"
        );
        let Some(none) = &first else {
            first = Some(costs);
            continue;
        };
        for (what, with, without) in [
            ("a change", change, none.change),
            ("a poll", poll, none.poll),
            ("a read", read, none.read),
            ("a read a little back", back, none.back),
            ("a change in the past", past, none.past),
        ] {
            if with.as_secs_f64() > ALLOWED * without.as_secs_f64() {
                grown.push(format!("{what} costs {with:.1?} after {size}, {without:.1?} before"));
            }
        }
        if memory > ALLOWED_MEMORY {
            grown.push(format!("{size} changes take {memory} bytes each"));
        }
    }
    assert!(grown.is_empty(), "{}", grown.join("\n"));
}
