//! The crate as its users see it: the command line, and a server inside a test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod cli;
mod embed;
#[allow(dead_code, reason = "the tests inside the crate use the rest of it")]
mod http_client;
mod refusals;
#[cfg(unix)]
mod serve;
