//! syncmock: a mock server that impersonates the sync-job APIs of five cloud services.
//!
//! ```text
//! socket ─► server ─► engine::respond ──────────────────────────────► server ─► socket
//!                     │ gateway: whose request, which operation, who asks
//!                     │ service: what they ask → world at time t → the answer
//!                     └ gateway: the vendor's envelope, or its way of saying no
//! ```
//!
//! Everything below `server` is pure: [`engine::respond`] takes a plan (a checked scenario),
//! a request and an instant, and gives the same bytes wherever it runs.

// From the outside in.
pub mod cli;
pub mod control;
pub mod embed;
pub mod plan;
pub mod scenario;
pub mod server;
// Pure from here on.
pub mod engine;
pub mod fault;
pub mod gateway;
pub mod journal;
pub mod service;
pub mod state;
pub mod wire;
pub mod world;
