//! Mutated requests, scenarios, control documents and states: nothing panics, and what an input
//! costs is in proportion to its size.
//!
//! It is a harness of its own and not libFuzzer, so that it runs wherever `cargo test` does, with
//! the toolchain that everything else is built with. In place of coverage it has structure: it
//! starts from what the vendors' SDKs really sent, from the scenarios that are shipped and from
//! states that a world has exported, and mutates them with the words that it finds in them. The
//! same seed makes the same inputs in the same order.
//!
//! `cargo test --test fuzz` takes some seconds. For longer, on one core:
//!
//! ```text
//! SYNCMOCK_FUZZ_SECONDS=3600 cargo test --test fuzz mutated -- --nocapture
//! SYNCMOCK_FUZZ_SEED=7       another sequence (1 unless it is said, or the number in a report)
//! cargo test --test fuzz -- --ignored --nocapture --test-threads=1     how cost grows
//! SYNCMOCK_FUZZ_FAMILY=faults                         only in the families of such a name
//! ```
//!
//! An input that fails is written to `target/fuzz`, and the report names it; put it among the
//! [`corpus`] with the test that mends it. The end of a run reports for each target how many inputs
//! there were, the slowest, and what a byte cost at most.
//!
//! Cost: a clock on the wall measures the machine's other work, so nothing here asserts one. Where
//! cost is asserted (see [`growth`]) it is the CPU time of the thread, the least of several runs,
//! and of that only how it grows when an input does: four times the input may cost ten times as
//! much, where what is quadratic costs sixteen times as much.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(clippy::print_stdout, reason = "reports for a person")]

mod changes;
mod corpus;
mod cpu_time;
mod growth;
mod mutation;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use corpus::Corpus;
use mutation::{Mutator, Random};
use targets::{TARGETS, Target};

/// Inputs are cut to this length (bytes), unless a seed of the corpus is longer.
const MAX_LENGTH: usize = 64 << 10;
/// An input that takes more CPU time than this is a finding: the slowest known takes a hundredth.
const MAX_TIME: Duration = Duration::from_secs(20);

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is a whole number")),
        Err(_) => default,
    }
}

/// What was learnt of one target.
#[derive(Default)]
struct Report {
    inputs: u64,
    bytes: u64,
    slowest: Slowest,
    /// By time for each byte; short inputs are taken for longer ones, which they cost as much as.
    dearest: Slowest,
    failures: Vec<String>,
}

#[derive(Default)]
struct Slowest {
    taken: f64,
    length: usize,
    input: Vec<u8>,
}

impl Slowest {
    fn note(&mut self, taken: f64, input: &[u8]) {
        if taken > self.taken {
            *self = Self { taken, length: input.len(), input: input.to_vec() };
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("fuzz")
}

fn save(name: &str, input: &[u8]) -> PathBuf {
    let folder = folder();
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, input).unwrap();
    path
}

/// A message of a panic.
fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "how long the harness runs")]
fn run(target: &Target, corpus: &Corpus, seed: u64, time: Duration) -> Report {
    let mut report = Report::default();
    let mut mutator = Mutator::new(corpus, (target.seeds)(corpus), Random::new(seed));
    let started = Instant::now();
    // A world is used for many inputs, as a server is, but not for ever: its event log fills up.
    let mut ask = (target.world)(corpus);
    while started.elapsed() < time {
        let input = mutator.next(MAX_LENGTH);
        if report.inputs % 2_000 == 1_999 {
            ask = (target.world)(corpus);
        }
        let mut outcome = Ok(Ok(()));
        let taken = cpu_time::of(|| outcome = catch_unwind(AssertUnwindSafe(|| ask(&input))));
        report.inputs += 1;
        report.bytes += input.len() as u64;
        let nanos = taken.as_nanos() as f64;
        report.slowest.note(nanos, &input);
        report.dearest.note(nanos / (input.len().max(2_048)) as f64, &input);
        let failed = match outcome {
            Err(panic) => Some(format!("panicked: {}", message(&*panic))),
            Ok(Err(wrong)) => Some(wrong),
            Ok(Ok(())) if taken > MAX_TIME => Some(format!("took {taken:?}")),
            Ok(Ok(())) => None,
        };
        if let Some(why) = failed {
            let path = save(&format!("{}-{seed}-{}", target.name, report.inputs), &input);
            report.failures.push(format!(
                "{}: {why}; the input is {}",
                target.name,
                path.display()
            ));
            ask = (target.world)(corpus);
            if report.failures.len() >= 20 {
                break;
            }
        }
    }
    report
}

#[test]
fn mutated_inputs_are_answered_or_refused_and_never_panic() {
    let (seconds, seed) = (number("SYNCMOCK_FUZZ_SECONDS", 6), number("SYNCMOCK_FUZZ_SEED", 1));
    let corpus = Corpus::read();
    let share = Duration::from_secs(seconds) / TARGETS.len() as u32;
    let (mut failures, mut inputs) = (Vec::new(), 0);
    // In turns, so that a long run that is ended early has seen all targets.
    let rounds = (seconds / 600).max(1);
    for round in 0..rounds {
        for target in &TARGETS {
            let seed = seed + 1_000 * round;
            let report = run(target, &corpus, seed, share / rounds as u32);
            let Report { inputs: count, bytes, slowest, dearest, failures: found } = report;
            println!(
                "{:<18} seed {seed:<6} {count:>9} inputs {:>7} MB; slowest {:>7.1} ms of {:>6} bytes; \
                 a byte {:>7.2} us at most, of {:>6} bytes; {} failures",
                target.name,
                bytes >> 20,
                slowest.taken / 1e6,
                slowest.length,
                dearest.taken / 1e3,
                dearest.length,
                found.len(),
            );
            save(&format!("{}-slowest", target.name), &slowest.input);
            save(&format!("{}-dearest", target.name), &dearest.input);
            failures.extend(found);
            inputs += count;
        }
    }
    println!("{inputs} inputs in all, {} failures", failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_same_seed_makes_the_same_inputs() {
    let corpus = Corpus::read();
    let inputs = |seed| -> Vec<Vec<u8>> {
        let mut mutator = Mutator::new(&corpus, (TARGETS[0].seeds)(&corpus), Random::new(seed));
        (0..200).map(|_| mutator.next(MAX_LENGTH)).collect()
    };
    assert_eq!(inputs(3), inputs(3));
    assert_ne!(inputs(3), inputs(4));
}
