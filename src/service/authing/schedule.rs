//! When a timed or automatic task runs. However often it does, it keeps a single record,
//! which is that of its last run (vendor's guide).

use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::lifecycle::Lifecycle;
use crate::world::time::Timestamp;

#[derive(Clone, Debug)]
pub struct Schedule {
    pub seed: Seed,
    pub stream: Stream,
    pub first: Timestamp,
    /// From one run to the next (ms, at least 1).
    pub every: u64,
    /// A run begins up to so much later than that (ms, below `every`): events keep no time.
    pub lateness: u64,
    /// What becomes of a run; it is over before the next begins.
    pub lifecycle: Lifecycle,
}

impl Schedule {
    pub fn begins(&self, run: u64) -> Timestamp {
        let late = scale(draw(self.seed, self.stream, run), self.lateness);
        self.first.plus(run.saturating_mul(self.every).saturating_add(late))
    }

    /// The last run that has begun; none if the task has never run.
    pub fn latest(&self, now: Timestamp) -> Option<u64> {
        if now < self.first {
            return None;
        }
        let run = now.since(self.first) / self.every.max(1);
        if self.begins(run) <= now { Some(run) } else { run.checked_sub(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_latest_run_is_the_last_of_all_that_have_begun(
            seed: u64, every in 2u64..5_000, punctual: bool, age in -9_000i64..60_000,
        ) {
            let stream = Stream::named("test");
            let schedule = Schedule {
                seed: Seed(seed),
                stream,
                first: Timestamp::from_millis(1_000_000),
                every,
                lateness: if punctual { 0 } else { every / 2 },
                lifecycle: Lifecycle { seed: Seed(seed), stream, paths: vec![] },
            };
            let now = Timestamp::from_millis(1_000_000 + age);
            let begun = (0..).take_while(|&run| schedule.begins(run) <= now).count() as u64;
            prop_assert_eq!(schedule.latest(now), begun.checked_sub(1));
        }
    }
}
