//! A mock server that impersonates the sync-job APIs of Alibaba IDaaS EIAM, Alibaba DTS, Authing,
//! Huawei DRS and Huawei OMS, so that the vendors' own SDKs cannot tell the difference.
//!
//! To use it in a Rust test, start an [`embed::Server`]: it has its own port, its own world and its
//! own virtual clock. `Cargo.toml` needs `default-features = false` to leave out the command line.
//!
//! ```
//! let server = syncmock::embed::Builder::new().scenario("default").frozen().start()?;
//! let url = server.url();              // point a client here
//! server.clock().advance("5m")?;       // turn the clock
//! server.reset();                      // take back what clients changed
//! # let _ = url;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every other module is private. They stand in the order in which they may know each other: a
//! module may use those below it (`docs/ARCHITECTURE.md`).

#![cfg_attr(
    not(feature = "cli"),
    allow(dead_code, unused_imports, reason = "the command line uses the rest")
)]

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

pub mod embed;

mod server;

mod control;

mod vendors;

// Nothing below this line knows a vendor.

mod engine;

mod fault;

mod scenario;

mod wire;

mod world;

#[cfg(test)]
#[path = "../tests/core/mod.rs"]
mod core_tests;
