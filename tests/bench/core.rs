//! Micro-benchmarks of the pure core, without a socket.
//!
//! Usage: cargo bench --bench core [-- FILTER]

#![allow(clippy::expect_used, reason = "a benchmark, of what is shipped")]

mod works;

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use md5::{Digest, Md5};
use works::{NAMES, World, fresh};

fn main() {
    divan::main();
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

fn path(name: &str) -> String {
    WORLD.path(name).expect("a name of the list")
}

/// An answer to a request that did not come before.
#[divan::bench(args = NAMES)]
fn answer_computed(bencher: Bencher, name: &str) {
    let path = path(name);
    let bytes = WORLD.answer(&fresh(&path, 0)).len();
    let mut number = 0;
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        number += 1;
        WORLD.answer(&fresh(&path, number))
    });
}

/// The cached answer to the request before.
#[divan::bench(args = NAMES)]
fn answer_from_the_cache(bencher: Bencher, name: &str) {
    let request = fresh(&path(name), 0);
    let bytes = WORLD.answer(&request).len();
    bencher.counter(BytesCount::new(bytes)).bench(|| WORLD.answer(&request));
}

/// The lower bound of an answer of EIAM or DTS: its `ETag`.
#[divan::bench(args = ["eiam", "eiam-xml", "dts"])]
fn md5_of_an_answer(bencher: Bencher, name: &str) {
    let body = WORLD.answer(&fresh(&path(name), 0));
    bencher.counter(BytesCount::of_slice(&*body)).bench(|| Md5::digest(&body));
}
