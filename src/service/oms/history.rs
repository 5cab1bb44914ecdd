//! What a task has done until an instant, by five minutes: its series runs while it is
//! synchronizing, and what clients asked for by name comes on top.

use std::collections::BTreeMap;
use std::ops::Range;

use super::View;
use super::life::Life;
use super::task::index_of;
use crate::world::draw::Stream;
use crate::world::population::Member;
use crate::world::series::{BUCKET, Counts, Series, bucket_of, start_of};
use crate::world::time::Timestamp;

pub struct History<'a> {
    series: Figures<'a>,
    /// When the series ran, ascending.
    runs: Vec<Range<Timestamp>>,
    events: Option<&'a BTreeMap<i64, Counts>>,
}

enum Figures<'a> {
    /// Of a bucket there is what comes of the time that the task ran in it.
    Drawn(Series<'a>),
    /// What the file says of a bucket is there as soon as the task runs in it.
    Exact(&'a [(i64, Counts)]),
}

const STREAM: Stream = Stream::named("oms.task.series");

/// The draws of the task with this index.
pub fn stream(index: u64) -> Stream {
    STREAM.of(index)
}

impl<'a> History<'a> {
    /// Of a member with that life.
    pub fn of(view: &View<'a>, member: Member, life: Life) -> Option<Self> {
        let View { plan, changes, .. } = *view;
        let index = index_of(view, member)?;
        let exact = match member {
            Member::Pinned(place) => plan.tasks.pins.get(place)?.value.figures.as_deref(),
            _ => None,
        };
        let Life { born, mut runs, .. } = life;
        let series = match exact {
            Some(counts) => Figures::Exact(counts),
            None => {
                // The first whole bucket of its life is the first one that has something.
                let first = start_of(bucket_of(born.plus(BUCKET - 1)));
                for run in &mut runs {
                    run.start = run.start.max(first);
                }
                runs.retain(|run| run.start <= run.end);
                Figures::Drawn(Series::new(&plan.pattern, plan.seed, stream(index)))
            }
        };
        Some(Self { series, runs, events: changes.events(member) })
    }

    /// The figures by `width` ms (some buckets), from the one that `start` lies in to the one
    /// that `end` lies in, empty ones too; of more than `most` the oldest. `told` says what to
    /// make of the figures of five minutes.
    pub fn between(
        &self,
        start: i64,
        end: i64,
        width: u64,
        most: i64,
        told: impl Fn(i64, Counts) -> Counts,
    ) -> impl Iterator<Item = (i64, Counts)> {
        let (width, buckets) = (width as i64, (width / BUCKET) as i64);
        let from = start.div_euclid(width);
        let to = end.div_euclid(width).min(from.saturating_add(most - 1));
        (from..=to).map(move |n| {
            let sum = (n * buckets..(n + 1) * buckets)
                .fold(Counts::default(), |sum, bucket| sum.plus(told(bucket, self.counts(bucket))));
            (n * width, sum)
        })
    }

    /// All from an instant to another, which both begin a bucket; the second is left out.
    pub fn sum(&self, from: Timestamp, until: Timestamp) -> Counts {
        let Some((first, last)) = self.span() else { return Counts::default() };
        let (from, until) = (from.millis().max(first), (until.millis() - 1).min(last));
        let buckets = self.between(from, until, BUCKET, i64::MAX, |_, counts| counts);
        buckets.fold(Counts::default(), |sum, (_, counts)| sum.plus(counts))
    }

    /// Nothing lies outside these instants (ms).
    pub fn span(&self) -> Option<(i64, i64)> {
        let began = match self.series {
            Figures::Drawn(_) => self.runs.first().map(|run| run.start),
            Figures::Exact(counts) => counts.first().map(|(bucket, _)| start_of(*bucket)),
        };
        let events = self
            .events
            .and_then(|events| Some((*events.first_key_value()?.0, *events.last_key_value()?.0)));
        let events = events.map(|(first, last)| (start_of(first), start_of(last)));
        let series = began.zip(self.runs.last().map(|run| run.end));
        let (first, last) = match (series, events) {
            (Some(one), Some(other)) => (one.0.min(other.0), one.1.max(other.1)),
            (one, other) => one.or(other)?,
        };
        Some((first.millis(), last.millis()))
    }

    fn counts(&self, bucket: i64) -> Counts {
        let start = start_of(bucket);
        let own = match &self.series {
            Figures::Drawn(series) => series.counts(bucket, start.plus(self.ran(start))),
            Figures::Exact(counts) if self.touches(start) => counts
                .binary_search_by_key(&bucket, |(bucket, _)| *bucket)
                .ok()
                .and_then(|at| counts.get(at))
                .map_or(Counts::default(), |(_, counts)| *counts),
            Figures::Exact(_) => Counts::default(),
        };
        match self.events.and_then(|events| events.get(&bucket)) {
            Some(events) => own.plus(*events),
            None => own,
        }
    }

    /// How long it ran in the bucket that starts there (ms).
    fn ran(&self, start: Timestamp) -> u64 {
        let end = start.plus(BUCKET);
        let earlier = self.runs.partition_point(|run| run.end <= start);
        let runs = self.runs.iter().skip(earlier).take_while(|run| run.start < end);
        runs.map(|run| run.end.min(end).since(run.start.max(start))).sum()
    }

    /// Whether it ran, if only for an instant, in the bucket that starts there.
    fn touches(&self, start: Timestamp) -> bool {
        let earlier = self.runs.partition_point(|run| run.end < start);
        let next = self.runs.get(earlier);
        next.is_some_and(|run| bucket_of(run.start) <= bucket_of(start))
    }
}
