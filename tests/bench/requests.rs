//! Answers requests of one kind, to have its instructions counted (see `instructions`).
//!
//! Usage: requests NAME COUNT

mod cliffs;
mod works;

use std::hint::black_box;
use std::io::{Error, Result};

use cliffs::CLIFFS;
use works::{NAMES, World, fresh};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let names = NAMES.into_iter().chain(CLIFFS.iter().map(|cliff| cliff.name));
    let names = names.collect::<Vec<_>>().join("|");
    let usage = || Error::other(format!("usage: requests {names} COUNT"));
    let name = arguments.next().ok_or_else(usage)?;
    let count: u64 = arguments.next().and_then(|text| text.parse().ok()).ok_or_else(usage)?;
    if let Some(cliff) = CLIFFS.iter().find(|cliff| cliff.name == name) {
        let (world, path) = (cliff.world(), cliff.path());
        for number in 0..count {
            // What is kept for an instant is of no use at the next.
            world.clock().advance("1ms").map_err(Error::other)?;
            let reply = world.answer(&fresh(&path, number));
            assert!(reply.status() == 200, "{name}: {:?}", reply.body());
        }
        return Ok(());
    }
    let world = World::new();
    let path = world.path(&name).ok_or_else(usage)?;
    for number in 0..count {
        black_box(world.answer(&fresh(&path, number)));
    }
    Ok(())
}
