//! Scenario files: text → document → structure checked against the schema → [`file::File`]
//! → meaning checked → [`Plan`]. Every step collects all problems it can see.
//!
//! `scenario` reads no files and no clock: text and the machine's time are arguments.

mod check;
pub mod document;
pub mod file;
mod gateway;
pub mod paging;
pub mod parts;
pub mod problem;
pub mod reference;
pub mod report;
mod shipped;
pub mod structure;
pub mod value;

pub use check::{Loaded, Options, load};
pub use gateway::check_target;
pub use shipped::{SHIPPED, Shipped, shipped};

/// The JSON Schema (draft 2020-12) of scenario files.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(file::File).to_value()
}
