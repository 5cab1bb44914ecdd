//! The entities that exist at any instant: a pure function of seed, plan and virtual time.
//!
//! Nothing synthetic is stored. A job is an index; its birth, its outcome and its figures are
//! drawn from (seed, stream, index), so a page at any depth costs the same, and every process
//! with the same plan sees the same world. `world` knows no HTTP, no vendor and no clock: time
//! is an argument.

pub(crate) mod bit_set;
pub(crate) mod draw;
pub(crate) mod failure_messages;
pub(crate) mod ids;
pub(crate) mod lifecycle;
pub(crate) mod lifecycle_table;
pub(crate) mod moving;
pub(crate) mod names;
pub(crate) mod paging;
pub(crate) mod population;
pub(crate) mod quantiles;
pub(crate) mod sampler;
pub(crate) mod search;
pub(crate) mod selection;
pub(crate) mod series;
pub(crate) mod shared_map;
pub(crate) mod stable_choice;
pub(crate) mod strata;
pub(crate) mod text;
pub(crate) mod time;
