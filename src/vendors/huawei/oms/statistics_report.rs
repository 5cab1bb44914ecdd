//! The statistics of a task as answers report them: they may be late, behind, or wrong at first.

use super::history::{History, series_stream};
use super::lifecycle_status::TaskStatus;
use super::quirks::{Corrected, EmptyBuckets, Points, Quirks};
use super::task::draw_index;
use super::{Oms, OmsCall};
use crate::engine::ReadSnapshot;
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::population::Member;
use crate::world::series::{BUCKET, Counts, start_of};
use crate::world::time::Timestamp;

/// The reported statistics of a task.
pub(crate) struct StatisticsReport<'a> {
    snapshot: &'a ReadSnapshot<'a, Oms>,
    seed: Seed,
    stream: Stream,
    quirks: Quirks,
    member: Member,
}

/// The snapshot that statistics are taken from.
pub(crate) fn statistics_snapshot<'a>(call: &OmsCall<'a>) -> ReadSnapshot<'a, Oms> {
    call.lagging_snapshot(call.plan().quirks.series_clock_behind)
}

impl<'a> StatisticsReport<'a> {
    pub(crate) fn new(snapshot: &'a ReadSnapshot<'a, Oms>, member: Member) -> Self {
        let view = snapshot.view();
        let (seed, quirks) = (view.plan.seed, view.plan.quirks);
        let stream = series_stream(draw_index(&view, member));
        Self { snapshot, seed, stream, quirks, member }
    }

    /// The counts by intervals of `width` ms: from the interval of `start` to that of `end`,
    /// including empty ones, at most the oldest `max`.
    pub(crate) fn between(&self, start: i64, end: i64, width: u64, max: i64) -> Vec<(i64, Counts)> {
        let view = self.snapshot.view();
        // The lagging snapshot may be from before the task was created.
        let Some(status) = TaskStatus::from_view(&view, self.member) else { return Vec::new() };
        let born = status.born;
        let history = History::new(&view, self.member, status);
        let last = self.last_start(view.now);
        let span = match self.quirks.empty_buckets {
            EmptyBuckets::Omit => history.span(),
            EmptyBuckets::Zero => Some((born.millis(), view.now.millis())),
        };
        let Some((first, end)) = span.map(|(from, to)| (start.max(from), end.min(to).min(last)))
        else {
            return Vec::new();
        };
        let report = |bucket: i64, counts: Counts| {
            if start_of(bucket).millis() > last {
                return Counts::default();
            }
            self.reported(bucket, counts, view.now)
        };
        history.between(first, end, width, max, report).collect()
    }

    /// Buckets that start later (ms) are not reported yet.
    fn last_start(&self, now: Timestamp) -> i64 {
        self.quirks.late_points.map_or(now, |late| now.minus(late.0).minus(BUCKET)).millis()
    }

    /// The counts of a bucket that are reported at that instant.
    fn reported(&self, bucket: i64, counts: Counts, now: Timestamp) -> Counts {
        match self.quirks.corrected {
            Some(Corrected { after, by }) if now.since(start_of(bucket)) < BUCKET + after.0 => {
                let missing = 1 + scale(draw(self.seed, self.stream.of(4), bucket as u64), by);
                percentage(counts, 100 - missing.min(100))
            }
            _ => counts,
        }
    }

    /// Orders and repeats the points of a series, which ascend, as oms.quirks.points says.
    pub(crate) fn arrange<P: Clone>(
        &self,
        mut points: Vec<P>,
        stamp: impl Fn(&P) -> i64,
    ) -> Vec<P> {
        let drawn = |nth: u64, point: &P| draw(self.seed, self.stream.of(nth), stamp(point) as u64);
        match self.quirks.points {
            Points::Sorted => points,
            Points::Unsorted => {
                points.sort_by_key(|point| drawn(5, point));
                if points.is_sorted_by_key(&stamp) {
                    points.reverse();
                }
                points
            }
            Points::Duplicated => {
                let is_drawn = |point: &P| scale(drawn(6, point), 4) == 0;
                let any_drawn = points.iter().any(is_drawn);
                let newest = points.last().map(&stamp);
                let is_repeated =
                    |point: &P| is_drawn(point) || (!any_drawn && newest == Some(stamp(point)));
                let times = |point: &P| if is_repeated(point) { 2 } else { 1 };
                points.into_iter().flat_map(|point| vec![point.clone(); times(&point)]).collect()
            }
        }
    }
}

/// A percentage of the objects, rounded down.
fn percentage(counts: Counts, percent: u64) -> Counts {
    let fraction = |n: u64, numerator: u64, denominator: u64| {
        (u128::from(n) * u128::from(numerator) / u128::from(denominator.max(1))) as u64
    };
    let part = |n: u64| fraction(n, percent, 100);
    let success = part(counts.success);
    Counts {
        request: part(counts.request),
        success,
        failure: part(counts.failure),
        skip: part(counts.skip),
        size: fraction(counts.size, success, counts.success),
    }
}
