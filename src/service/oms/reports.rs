//! What the statistics tell of a task's history: it may be late, behind, or wrong at first.

use super::history::{History, stream};
use super::life::Life;
use super::quirks::{Corrected, EmptyBuckets, Points, Quirks};
use super::task::index_of;
use super::view_as_of;
use crate::gateway::Admitted;
use crate::service::AsOf;
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::population::Member;
use crate::world::series::{BUCKET, Counts, start_of};
use crate::world::time::Timestamp;

/// The statistics of a member, as of the clock of its series.
pub struct Reports<'a> {
    as_of: &'a AsOf<'a>,
    seed: Seed,
    stream: Stream,
    quirks: Quirks,
    member: Member,
}

/// The instant that statistics are of.
pub fn clock<'a>(call: &Admitted<'a>) -> AsOf<'a> {
    AsOf::read(call, call.plan().oms.quirks.series_clock_behind)
}

impl<'a> Reports<'a> {
    pub fn of(as_of: &'a AsOf<'a>, member: Member) -> Option<Self> {
        let view = view_as_of(as_of);
        let (seed, quirks) = (view.plan.seed, view.plan.quirks);
        let stream = stream(index_of(&view, member)?);
        Some(Self { as_of, seed, stream, quirks, member })
    }

    /// The figures by `width` ms, from the bucket that `start` lies in to the one that `end`
    /// lies in, empty ones too; of more than `most` the oldest.
    pub fn between(&self, start: i64, end: i64, width: u64, most: i64) -> Vec<(i64, Counts)> {
        let view = view_as_of(self.as_of);
        // Behind the clock of the series there may be no task yet.
        let Some(life) = Life::of(&view, self.member) else { return Vec::new() };
        let born = life.born;
        let Some(history) = History::of(&view, self.member, life) else { return Vec::new() };
        let last = self.newest(view.now);
        let span = match self.quirks.empty_buckets {
            EmptyBuckets::Omit => history.span(),
            EmptyBuckets::Zero => Some((born.millis(), view.now.millis())),
        };
        let Some((first, end)) = span.map(|(from, to)| (start.max(from), end.min(to).min(last)))
        else {
            return Vec::new();
        };
        let told = |bucket: i64, counts: Counts| {
            if start_of(bucket).millis() > last {
                return Counts::default();
            }
            self.told(bucket, counts, view.now)
        };
        history.between(first, end, width, most, told).collect()
    }

    /// No bucket appears that begins later (ms).
    fn newest(&self, now: Timestamp) -> i64 {
        self.quirks.late_points.map_or(now, |late| now.minus(late.0).minus(BUCKET)).millis()
    }

    /// What is told at that instant of the objects of a bucket.
    fn told(&self, bucket: i64, counts: Counts, now: Timestamp) -> Counts {
        match self.quirks.corrected {
            Some(Corrected { after, by }) if now.since(start_of(bucket)) < BUCKET + after.0 => {
                let lacks = 1 + scale(draw(self.seed, self.stream.of(4), bucket as u64), by);
                most_of(counts, 100 - lacks.min(100))
            }
            _ => counts,
        }
    }

    /// Points, ascending by their stamps, in the order, and as often, as those of a series come.
    pub fn arrange<P: Clone>(&self, mut points: Vec<P>, stamp: impl Fn(&P) -> i64) -> Vec<P> {
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
                let twice = |point: &P| scale(drawn(6, point), 4) == 0;
                let none = !points.iter().any(twice);
                let newest = points.last().map(&stamp);
                let again = |point: &P| twice(point) || (none && newest == Some(stamp(point)));
                let times = |point: &P| if again(point) { 2 } else { 1 };
                points.into_iter().flat_map(|point| vec![point.clone(); times(&point)]).collect()
            }
        }
    }
}

/// So many of a hundred objects, rounded down.
fn most_of(counts: Counts, percent: u64) -> Counts {
    let part = |n: u64, of: u64, in_all: u64| {
        (u128::from(n) * u128::from(of) / u128::from(in_all.max(1))) as u64
    };
    let of = |n: u64| part(n, percent, 100);
    let success = of(counts.success);
    Counts {
        request: of(counts.request),
        success,
        failure: of(counts.failure),
        skip: of(counts.skip),
        size: part(counts.size, success, counts.success),
    }
}
