//! Everything that needs more than one room of the house, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod asking;
mod captures;
mod cli;
mod determinism;
mod edges;
mod embed;
mod errors;
mod faults;
mod goldens;
mod house;
mod late;
mod life;
mod readme;
mod refusals;
mod samples;
mod server;
mod walks;
mod wire;
