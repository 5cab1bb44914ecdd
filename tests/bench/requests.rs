//! Answers requests of one kind, to have its instructions counted (see `instructions`).
//!
//! Usage: requests NAME COUNT

mod works;

use works::{World, fresh};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = || std::io::Error::other("usage: requests NAME COUNT");
    let name = arguments.next().ok_or_else(usage)?;
    let count: u64 = arguments.next().and_then(|text| text.parse().ok()).ok_or_else(usage)?;
    let world = World::new();
    let works = world.works();
    let (_, path) = works.iter().find(|(known, _)| *known == name).ok_or_else(|| {
        let names: Vec<_> = works.iter().map(|(known, _)| *known).collect();
        std::io::Error::other(format!("{name} is none of {}", names.join(", ")))
    })?;
    for number in 0..count {
        std::hint::black_box(world.answer(&fresh(path, number)));
    }
    Ok(())
}
