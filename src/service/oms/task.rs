//! A synchronization task, as far as its statistics need it.

use super::scenario::Plan;
use crate::world::draw::Stream;
use crate::world::lifecycle::State;
use crate::world::series::{BUCKET, Counts, Series, bucket_of, start_of};
use crate::world::time::Timestamp;

/// The states (python SDK 3.1.219).
pub const SYNCHRONIZING: State = 0;
pub const STOPPED: State = 1;

const STREAM: Stream = Stream::named("oms.task.series");

/// An exact task of the scenario file.
#[derive(Debug)]
pub struct Task {
    pub sync_task_id: String,
    pub stopped: Option<Timestamp>,
    pub figures: Figures,
}

#[derive(Debug)]
pub enum Figures {
    /// Of the task with this index, real or not.
    Drawn(u64),
    /// By bucket, ascending.
    Exact(Vec<(i64, Counts)>),
}

/// The draws of the task with this index.
pub fn stream(index: u64) -> Stream {
    STREAM.of(index)
}

/// All that a task has to show at an instant.
pub enum History<'p> {
    /// From a bucket on, as it stands at an instant.
    Drawn { series: Series<'p>, first: i64, at: Timestamp },
    /// Up to an instant; what the file says of a bucket is there as soon as it begins.
    Exact { counts: &'p [(i64, Counts)], until: Timestamp },
}

/// The history of the task with the id, if there is one at `now`.
pub fn history<'p>(plan: &'p Plan, sync_task_id: &str, now: Timestamp) -> Option<History<'p>> {
    let drawn = |index, born: Timestamp, stopped: Option<Timestamp>| History::Drawn {
        series: Series::new(&plan.pattern, plan.seed, stream(index)),
        // The first whole bucket of its life.
        first: bucket_of(born.plus(BUCKET - 1)),
        at: stopped.map_or(now, |stopped| stopped.min(now)),
    };
    let pins = &plan.tasks.pins;
    if let Some(pin) = pins.iter().find(|pin| pin.value.sync_task_id == sync_task_id) {
        let history = match &pin.value.figures {
            Figures::Drawn(index) => drawn(*index, pin.born, pin.value.stopped),
            Figures::Exact(counts) => History::Exact { counts, until: now },
        };
        return (pin.born <= now).then_some(history);
    }
    let index = plan.ids.uuid_index(sync_task_id)?;
    (index < plan.tasks.arrivals.count_at(now)).then(|| {
        let situation = plan.tasks.situation(index, now);
        let stopped = (situation.state == STOPPED).then_some(situation.since);
        drawn(index, plan.tasks.arrivals.born(index), stopped)
    })
}

/// Some tasks there are at `now`, for who asks after another.
pub fn examples(plan: &Plan, now: Timestamp) -> Vec<String> {
    let exact = plan.tasks.pins.iter().filter(|pin| pin.born <= now);
    let exact = exact.map(|pin| pin.value.sync_task_id.clone());
    let drawn = (0..plan.tasks.arrivals.count_at(now)).map(|index| plan.ids.uuid(index));
    exact.take(2).chain(drawn.take(2)).collect()
}

impl History<'_> {
    /// The figures by `width` ms (some buckets), from the one that `start` lies in to the one
    /// that `end` lies in, empty ones too; of more than `most` the oldest.
    pub fn between(
        &self,
        start: i64,
        end: i64,
        width: u64,
        most: i64,
    ) -> impl Iterator<Item = (i64, Counts)> {
        let (first, last) = self.span();
        let (width, buckets) = (width as i64, (width / BUCKET) as i64);
        let from = start.max(first).div_euclid(width);
        let to = end.min(last).div_euclid(width).min(from.saturating_add(most - 1));
        (from..=to).map(move |n| {
            let sum = (n * buckets..(n + 1) * buckets)
                .fold(Counts::default(), |sum, bucket| sum.plus(self.counts(bucket)));
            (n * width, sum)
        })
    }

    /// Nothing lies outside these instants (ms).
    fn span(&self) -> (i64, i64) {
        match self {
            Self::Drawn { first, at, .. } => (start_of(*first).millis(), at.millis()),
            Self::Exact { counts, until } => {
                let first = counts.first().map_or(*until, |(bucket, _)| start_of(*bucket));
                (first.millis(), until.millis())
            }
        }
    }

    fn counts(&self, bucket: i64) -> Counts {
        match self {
            Self::Drawn { first, .. } if bucket < *first => Counts::default(),
            Self::Drawn { series, at, .. } => series.counts(bucket, *at),
            Self::Exact { until, .. } if start_of(bucket) > *until => Counts::default(),
            Self::Exact { counts, .. } => counts
                .binary_search_by_key(&bucket, |(bucket, _)| *bucket)
                .ok()
                .and_then(|at| counts.get(at))
                .map_or(Counts::default(), |(_, counts)| *counts),
        }
    }
}
