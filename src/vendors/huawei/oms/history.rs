//! The counts of a task until an instant, by five minutes: those of its series, which runs while
//! the task is synchronizing, plus the objects that clients named.

use std::ops::Range;

use super::View;
use super::lifecycle_status::TaskStatus;
use super::task::draw_index;
use crate::world::draw::Stream;
use crate::world::population::Member;
use crate::world::series::{BUCKET, Counts, Series, bucket_of, start_of};
use crate::world::shared_map::SharedMap;
use crate::world::time::Timestamp;

pub(crate) struct History<'a> {
    source: CountsSource<'a>,
    /// When the series ran, ascending.
    runs: Vec<Range<Timestamp>>,
    /// The counts of the objects that clients named, by bucket.
    synchronized: Option<&'a SharedMap<i64, Counts>>,
}

enum CountsSource<'a> {
    /// A bucket has the share of the time that the task ran in it.
    Drawn(Series<'a>),
    /// A bucket has all counts of the file as soon as the task runs in it.
    Fixed(&'a [(i64, Counts)]),
}

const STREAM: Stream = Stream::named("oms.task.series");

/// The stream of the series of the task with this index.
pub(crate) fn series_stream(index: u64) -> Stream {
    STREAM.of(index)
}

impl<'a> History<'a> {
    /// The history of a task with that status in the view.
    pub(crate) fn new(view: &View<'a>, member: Member, status: TaskStatus) -> Self {
        let View { plan, projection, .. } = *view;
        let fixed = match member {
            Member::Fixed(index) => plan.tasks.fixed[index].value.counts.as_deref(),
            Member::Synthetic(_) | Member::Created(_) => None,
        };
        let born = status.born;
        let mut runs = status.runs(view, member);
        let source = match fixed {
            Some(counts) => CountsSource::Fixed(counts),
            None => {
                // The series begins with the first whole bucket.
                let first = start_of(bucket_of(born.plus(BUCKET - 1)));
                for run in &mut runs {
                    run.start = run.start.max(first);
                }
                runs.retain(|run| run.start <= run.end);
                let stream = series_stream(draw_index(view, member));
                CountsSource::Drawn(Series::new(&plan.pattern, plan.seed, stream))
            }
        };
        Self { source, runs, synchronized: projection.synchronized(member) }
    }

    /// The counts by intervals of `width` ms, a multiple of five minutes: from the interval of
    /// `start` to that of `end`, including empty ones, at most the oldest `max`. `report` converts
    /// the counts of five minutes.
    pub(crate) fn between(
        &self,
        start: i64,
        end: i64,
        width: u64,
        max: i64,
        report: impl Fn(i64, Counts) -> Counts,
    ) -> impl Iterator<Item = (i64, Counts)> {
        let (width, buckets) = (width as i64, (width / BUCKET) as i64);
        let from = start.div_euclid(width);
        let to = end.div_euclid(width).min(from.saturating_add(max - 1));
        (from..=to).map(move |n| {
            let counts =
                (n * buckets..(n + 1) * buckets).map(|bucket| report(bucket, self.counts(bucket)));
            let sum = counts.fold(Counts::default(), Counts::plus);
            (n * width, sum)
        })
    }

    /// The sum from one instant to before another; both are starts of buckets.
    pub(crate) fn sum(&self, from: Timestamp, until: Timestamp) -> Counts {
        let Some((first, last)) = self.span() else { return Counts::default() };
        let (from, until) = (from.millis().max(first), (until.millis() - 1).min(last));
        let buckets = self.between(from, until, BUCKET, i64::MAX, |_, counts| counts);
        buckets.fold(Counts::default(), |sum, (_, counts)| sum.plus(counts))
    }

    /// The first and the last instant (ms) that can have counts.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let begin = match self.source {
            CountsSource::Drawn(_) => self.runs.first().map(|run| run.start),
            CountsSource::Fixed(counts) => counts.first().map(|(bucket, _)| start_of(*bucket)),
        };
        let series = begin.zip(self.runs.last().map(|run| run.end));
        let synchronized = self.synchronized.and_then(|counts| {
            let counts = counts.entries();
            let (first, last) = (counts.get(0)?, counts.get(counts.len() - 1)?);
            Some((start_of(first.0), start_of(last.0)))
        });
        let (first, last) = match (series, synchronized) {
            (Some(one), Some(other)) => (one.0.min(other.0), one.1.max(other.1)),
            (one, other) => one.or(other)?,
        };
        Some((first.millis(), last.millis()))
    }

    fn counts(&self, bucket: i64) -> Counts {
        let start = start_of(bucket);
        let own = match &self.source {
            CountsSource::Drawn(series) => series.counts(bucket, start.plus(self.run_time(start))),
            CountsSource::Fixed(counts) if self.has_run(start) => counts
                .binary_search_by_key(&bucket, |(bucket, _)| *bucket)
                .ok()
                .and_then(|at| counts.get(at))
                .map_or(Counts::default(), |(_, counts)| *counts),
            CountsSource::Fixed(_) => Counts::default(),
        };
        match self.synchronized.and_then(|counts| counts.get(&bucket)) {
            Some(synchronized) => own.plus(*synchronized),
            None => own,
        }
    }

    /// The time that the task ran in the bucket that starts there (ms).
    fn run_time(&self, start: Timestamp) -> u64 {
        let end = start.plus(BUCKET);
        let earlier = self.runs.partition_point(|run| run.end <= start);
        let runs = self.runs.iter().skip(earlier).take_while(|run| run.start < end);
        runs.map(|run| run.end.min(end).since(run.start.max(start))).sum()
    }

    /// Whether the task ran in the bucket that starts there, if only for an instant.
    fn has_run(&self, start: Timestamp) -> bool {
        let earlier = self.runs.partition_point(|run| run.end < start);
        let next = self.runs.get(earlier);
        next.is_some_and(|run| bucket_of(run.start) <= bucket_of(start))
    }
}
