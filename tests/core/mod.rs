//! Stories that need more than one room of the crate and its private parts. What can be told
//! through the public API alone is in `tests/it`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod asking;
mod bounds;
mod captures;
mod costs;
mod determinism;
mod edges;
mod engine;
mod errors;
mod faults;
mod goldens;
mod house;
#[path = "../it/http_client.rs"]
mod http_client;
mod large_requests;
mod late;
mod life;
mod paging_promises;
mod promises;
mod readme;
mod reset;
mod retried_codes;
mod samples;
mod scenario_problems;
mod server;
mod siblings;
mod sixth_service;
mod traversals;
mod weights;
