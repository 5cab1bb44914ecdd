//! When a timed or automatic task runs. However often it runs, it keeps a single record, that of
//! its last run (vendor's guide).

use super::state::SyncJobStatus;
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::lifecycle::Lifecycle;
use crate::world::time::Timestamp;

#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) seed: Seed,
    pub(crate) stream: Stream,
    pub(crate) first: Timestamp,
    pub(crate) period: Period,
    /// The maximum delay of a run (ms, below the period): events that start automatic tasks are
    /// not punctual.
    pub(crate) lateness: u64,
    /// The life-cycle of a run.
    pub(crate) lifecycle: Lifecycle<SyncJobStatus>,
    /// The stream that its counters are drawn from.
    pub(crate) counts: Stream,
}

/// From one run to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    /// ms, at least 1.
    Every(u64),
    /// The same day of each month, in China; the last day if the month is shorter.
    Month,
}

/// The mean length of a month (ms).
const MEAN_MONTH: u64 = 2_629_746_000;

impl Schedule {
    pub(crate) fn begins(&self, run: u64) -> Timestamp {
        let late = scale(draw(self.seed, self.stream, run), self.lateness);
        match self.period {
            Period::Every(every) => self.first.plus(run.saturating_mul(every).saturating_add(late)),
            Period::Month => self.first.plus_months_in_china(run).plus(late),
        }
    }

    /// The last run that has begun, if any has.
    pub(crate) fn latest(&self, now: Timestamp) -> Option<u64> {
        if now < self.first {
            return None;
        }
        let since = now.since(self.first);
        let mut run = match self.period {
            Period::Every(every) => since / every.max(1),
            Period::Month => since / MEAN_MONTH + 1,
        };
        while self.begins(run) > now {
            run = run.checked_sub(1)?;
        }
        Some(run)
    }

    /// The first run that begins later.
    pub(crate) fn after(&self, instant: Timestamp) -> u64 {
        self.latest(instant).map_or(0, |run| run + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn schedule(seed: u64, first: i64, period: Period, lateness: u64) -> Schedule {
        let stream = Stream::named("test");
        Schedule {
            seed: Seed(seed),
            stream,
            first: Timestamp::from_millis(first),
            period,
            lateness,
            lifecycle: Lifecycle::new(Seed(seed), stream, vec![]),
            counts: stream,
        }
    }

    proptest! {
        #[test]
        fn the_latest_run_is_the_last_of_all_that_have_begun(
            seed: u64, every in 2u64..5_000, punctual: bool, age in -9_000i64..60_000,
        ) {
            let lateness = if punctual { 0 } else { every / 2 };
            let schedule = schedule(seed, 1_000_000, Period::Every(every), lateness);
            let now = Timestamp::from_millis(1_000_000 + age);
            let begun = (0..).take_while(|&run| schedule.begins(run) <= now).count() as u64;
            prop_assert_eq!(schedule.latest(now), begun.checked_sub(1));
            prop_assert!(schedule.begins(schedule.after(now)) > now);
        }

        #[test]
        fn months_go_by_one_after_another(
            first in 0i64..4_000_000_000_000, months in 0u64..60_000, more in 0u64..86_400_000,
        ) {
            let schedule = schedule(1, first, Period::Month, 0);
            let now = schedule.begins(months).plus(more);
            prop_assert_eq!(schedule.latest(now), Some(months));
            prop_assert!(schedule.begins(months + 1) > now);
        }
    }

    #[test]
    fn a_month_keeps_its_day_and_the_time_of_day() {
        // 2026-01-31T20:30 in China.
        let schedule = schedule(1, 1_769_862_600_000, Period::Month, 0);
        let shown: Vec<String> = (0..4).map(|run| schedule.begins(run).iso_seconds()).collect();
        let days = ["01-31", "02-28", "03-31", "04-30"].map(|day| format!("2026-{day}T12:30:00Z"));
        assert_eq!(shown, days);
    }
}
