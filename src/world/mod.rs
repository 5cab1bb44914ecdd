//! What exists, at any instant: a pure function of seed, plan and virtual time.
//!
//! Nothing synthetic is stored. A job is an index; its birth, its fate and its figures are
//! drawn from (seed, stream, index), so any page at any depth costs the same and every
//! process that has the same plan sees the same world. `world` knows no HTTP, no vendor
//! and no clock: time is an argument.

pub mod causes;
pub mod deck;
pub mod draw;
pub mod ids;
pub mod lifecycle;
pub mod machine;
pub mod names;
pub mod pages;
pub mod population;
pub mod quantiles;
pub mod selection;
pub mod series;
pub mod text;
pub mod time;
