//! Answers requests of one kind, to have its instructions counted (see `instructions`).
//!
//! Usage: requests NAME COUNT

mod works;

use std::hint::black_box;
use std::io::{Error, Result};

use works::{NAMES, World, fresh};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = || Error::other(format!("usage: requests {} COUNT", NAMES.join("|")));
    let name = arguments.next().ok_or_else(usage)?;
    let count: u64 = arguments.next().and_then(|text| text.parse().ok()).ok_or_else(usage)?;
    let world = World::new();
    let path = world.path(&name).ok_or_else(usage)?;
    for number in 0..count {
        black_box(world.answer(&fresh(&path, number)));
    }
    Ok(())
}
