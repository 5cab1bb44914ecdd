//! Micro-benchmarks of the pure core, without a socket.
//!
//! Usage: cargo bench --bench core [-- FILTER]

#![allow(clippy::expect_used, reason = "a benchmark, of what is shipped")]

mod works;

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use md5::{Digest, Md5};
use serde::Serialize;
use syncmock::wire::{json, xml};
use syncmock::world::deck::{Block, Deck};
use syncmock::world::draw::{Seed, Stream};
use syncmock::world::ids::IdCodec;
use syncmock::world::population::Traces;
use syncmock::world::selection::{Filter, Selection};
use works::{NAMES, NOW, World, fresh};

fn main() {
    divan::main();
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

fn path(name: &str) -> String {
    WORLD.path(name).expect("a name of the list")
}

/// An answer to a question that was not asked before.
#[divan::bench(args = NAMES)]
fn answer_worked_out(bencher: Bencher, name: &str) {
    let path = path(name);
    let bytes = WORLD.answer(&fresh(&path, 0)).len();
    let mut number = 0;
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        number += 1;
        WORLD.answer(&fresh(&path, number))
    });
}

/// The answer to the question of just before.
#[divan::bench(args = NAMES)]
fn answer_given_again(bencher: Bencher, name: &str) {
    let request = fresh(&path(name), 0);
    let bytes = WORLD.answer(&request).len();
    bencher.counter(BytesCount::new(bytes)).bench(|| WORLD.answer(&request));
}

/// What no answer of EIAM or DTS can take less time than: its `ETag`.
#[divan::bench(args = ["eiam", "eiam-xml", "dts"])]
fn md5_of_an_answer(bencher: Bencher, name: &str) {
    let body = WORLD.answer(&fresh(&path(name), 0));
    bencher.counter(BytesCount::of_slice(&*body)).bench(|| Md5::digest(&body));
}

/// A row like EIAM's: mostly short numbers.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    synchronization_job_id: String,
    status: &'static str,
    start_time: i64,
    end_time: Option<i64>,
    figures: Vec<Figure>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Figure {
    total: u64,
    success: u64,
    failed: u64,
    skipped: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    rows: Vec<Row>,
}

fn page() -> Page {
    let row = |i: u64| Row {
        synchronization_job_id: format!("sync_0000{i:034}"),
        status: "success",
        start_time: 1_772_445_600_000 + i as i64,
        end_time: (!i.is_multiple_of(3)).then_some(1_772_445_660_000),
        figures: vec![Figure { total: i * i, success: i * 7, failed: 0, skipped: i }; 26],
    };
    Page { rows: (0..100).map(row).collect() }
}

#[divan::bench]
fn json_of_100_rows(bencher: Bencher) {
    let page = page();
    let bytes = json(&page).expect("JSON").len();
    bencher.counter(BytesCount::new(bytes)).bench(|| json(&page));
}

#[divan::bench]
fn json_of_100_rows_by_serde_json(bencher: Bencher) {
    let page = page();
    let bytes = json(&page).expect("JSON").len();
    bencher.counter(BytesCount::new(bytes)).bench(|| serde_json::to_vec(&page));
}

#[divan::bench]
fn xml_of_100_rows(bencher: Bencher) {
    let page = page();
    let bytes = xml("Page", &page).expect("XML").len();
    bencher.counter(BytesCount::new(bytes)).bench(|| xml("Page", &page));
}

#[divan::bench]
fn xml_of_100_rows_by_quick_xml(bencher: Bencher) {
    let page = page();
    let bytes = xml("Page", &page).expect("XML").len();
    let write = || quick_xml::se::to_string_with_root("Page", &page);
    bencher.counter(BytesCount::new(bytes)).bench(write);
}

/// How many of the first n are of a kind, and which is the n-th of them: whatever n is.
#[divan::bench(args = [1_000, 1_000_000, 1_000_000_000])]
fn rank_and_select(bencher: Bencher, n: u64) {
    let deck = Deck::new(Seed(1), Stream::named("bench"), &[vec![90, 6, 4]]);
    let mask = deck.mask(|card| deck.choice(0, card) == 2);
    let select = |k| deck.select(&mask, k, &mut Block::default());
    bencher.bench(|| (deck.rank(&mask, n), select(n / 25)));
}

/// Which jobs have a status, at an instant that was not asked about before.
#[divan::bench]
fn filter_by_status(bencher: Bencher) {
    let jobs = &WORLD.plan.drs.jobs;
    let (state, nobody) = (WORLD.plan.drs.machine.named("COMMIT_SUCCESS"), Traces::default());
    let mut now = NOW;
    bencher.bench_local(|| {
        now = now.plus(1);
        let filter = Filter { card: None, state, from: None, until: None, single: &|_| false };
        Selection::new(jobs, &nobody, &filter, now).total()
    });
}

/// An id from an index, and back.
#[divan::bench]
fn uuid_and_back(bencher: Bencher) {
    let codec = IdCodec::new(Seed(1), Stream::named("bench"));
    let mut index = 0;
    bencher.bench_local(|| {
        index += 1;
        codec.uuid_index(&codec.uuid(index))
    });
}
