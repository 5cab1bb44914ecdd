//! Counts per five minutes: a daily curve, noise, bursts and gaps, split into outcomes.
//! Every bucket is computed from its own number, so any range costs its own length.

use super::draw::{Draws, Seed, Stream, draw, scale};
use super::quantiles::Quantiles;
use super::time::{CHINA_OFFSET, DAY, HOUR, MINUTE, Timestamp};

/// The width of a bucket (ms).
pub(crate) const BUCKET: u64 = 5 * MINUTE;
/// Maximum of a figure of one bucket; twelve of them (an hour) fit a signed 64-bit number.
pub(crate) const MAX_COUNT: u64 = i64::MAX as u64 / 12;

/// Buckets are numbered from the epoch on.
pub(crate) fn bucket_of(t: Timestamp) -> i64 {
    t.millis().div_euclid(BUCKET as i64)
}

/// The instant at which a bucket begins.
pub(crate) fn start_of(bucket: i64) -> Timestamp {
    Timestamp::from_millis(bucket.saturating_mul(BUCKET as i64))
}

/// The figures of one bucket, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) request: u64,
    pub(crate) success: u64,
    pub(crate) failure: u64,
    pub(crate) skip: u64,
    /// Bytes of the successes.
    pub(crate) size: u64,
}

impl Counts {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            request: self.request.saturating_add(other.request),
            success: self.success.saturating_add(other.success),
            failure: self.failure.saturating_add(other.failure),
            skip: self.skip.saturating_add(other.skip),
            size: self.size.saturating_add(other.size),
        }
    }

    /// The counts of a whole bucket `elapsed` ms after its start: no count exceeds its final value,
    /// and outcomes lag a little behind their requests.
    pub(crate) fn so_far(self, elapsed: u64) -> Self {
        if elapsed >= BUCKET {
            return self;
        }
        let part =
            |n: u64, time: u64| (u128::from(n) * u128::from(time) / u128::from(BUCKET)) as u64;
        let lagging = elapsed.saturating_sub(BUCKET / 20);
        let success = part(self.success, lagging);
        let size = u128::from(self.size) * u128::from(success) / u128::from(self.success.max(1));
        Self {
            request: part(self.request, elapsed),
            success,
            failure: part(self.failure, lagging),
            skip: part(self.skip, lagging),
            size: size as u64,
        }
    }
}

/// Figures of a bucket that are given and not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) success: Option<u64>,
    pub(crate) failure: Option<u64>,
    pub(crate) skip: Option<u64>,
    pub(crate) size: Option<u64>,
}

/// How many requests are usual, by the hour of the day.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Load {
    /// Thousandths of a request in a bucket of each hour (China time).
    thousandths: [u64; 24],
}

impl Load {
    /// `per_hour` is the average over a day; `curve` has the weight of each hour. All zero
    /// means no requests at all.
    pub(crate) fn new(per_hour: u64, curve: [u64; 24]) -> Self {
        let sum = curve.iter().fold(0u64, |sum, weight| sum.saturating_add(*weight)).max(1);
        let mean = |weight: u64| {
            // 24 hours of 12 buckets: a day's requests times the hour's share, over 12.
            let day = (u128::from(per_hour) * u128::from(weight)).saturating_mul(2_000);
            (day / u128::from(sum)).min(u128::from(MAX_COUNT)) as u64
        };
        Self { thousandths: curve.map(mean) }
    }

    fn at(&self, t: Timestamp) -> u64 {
        let china = t.plus(CHINA_OFFSET).millis().rem_euclid(DAY as i64) as u64;
        self.thousandths[(china / HOUR) as usize % 24]
    }
}

/// Something that happens once in every period of the given length, at a drawn moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recurring {
    /// ms, at least one bucket.
    pub(crate) every: u64,
    /// ms, at most `every`.
    pub(crate) lasts: u64,
}

impl Recurring {
    /// Whether it goes on when a bucket begins.
    fn covers(&self, seed: Seed, stream: Stream, start: Timestamp) -> bool {
        let every = self.every.clamp(BUCKET, i64::MAX as u64);
        let period = start.millis().div_euclid(every as i64);
        let into = start.millis().rem_euclid(every as i64) as u64;
        let room = every.saturating_sub(self.lasts);
        let begins = scale(draw(seed, stream, period as u64), room + 1);
        let begins = begins - begins % BUCKET;
        (begins..begins.saturating_add(self.lasts.max(BUCKET))).contains(&into)
    }
}

/// The parameters shared by all series of one plan.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) load: Load,
    pub(crate) burst: Option<Recurring>,
    /// The factor of a burst over the usual load.
    pub(crate) burst_factor: u64,
    /// A time without requests.
    pub(crate) gap: Option<Recurring>,
    /// Weights of success, failure and skip.
    pub(crate) outcomes: [u64; 3],
    /// Bytes.
    pub(crate) object_size: Quantiles,
}

/// One series: a pattern, and draws of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Series<'p> {
    pattern: &'p Pattern,
    seed: Seed,
    requests: Stream,
    gaps: Stream,
    bursts: Stream,
    outcomes: Stream,
}

impl<'p> Series<'p> {
    pub(crate) fn new(pattern: &'p Pattern, seed: Seed, stream: Stream) -> Self {
        Self {
            pattern,
            seed,
            requests: stream,
            gaps: stream.of(1),
            bursts: stream.of(2),
            outcomes: stream.of(3),
        }
    }

    /// The figures of a bucket as they stand at `now`.
    pub(crate) fn counts(&self, bucket: i64, now: Timestamp) -> Counts {
        let start = start_of(bucket);
        if now <= start {
            return Counts::default();
        }
        self.split(bucket, self.requests(bucket), Given::default()).so_far(now.since(start))
    }

    /// Requests made in the whole of a bucket.
    pub(crate) fn requests(&self, bucket: i64) -> u64 {
        let start = start_of(bucket);
        let covers = |recurring: &Option<Recurring>, stream| {
            recurring.as_ref().is_some_and(|r| r.covers(self.seed, stream, start))
        };
        if covers(&self.pattern.gap, self.gaps) {
            return 0;
        }
        let bursts = covers(&self.pattern.burst, self.bursts);
        let factor = if bursts { self.pattern.burst_factor } else { 1 };
        let mean = self.pattern.load.at(start).saturating_mul(factor).min(MAX_COUNT);
        // Spread evenly over seven to thirteen tenths of the mean (the steady hours of the
        // vendor's sample), in thousandths, so that a slow series has empty buckets and the
        // mean still holds.
        let mut draws = Draws::new(self.seed, self.requests, bucket as u64);
        let thousandths = mean / 10 * 7 + draws.below(mean / 10 * 6 + mean % 10 * 2 + 1);
        thousandths / 1_000 + u64::from(draws.below(1_000) < thousandths % 1_000)
    }

    /// Splits the requests of a whole bucket by outcome. What is not given is drawn; every
    /// request has exactly one outcome, as far as there are weights for it.
    pub(crate) fn split(&self, bucket: i64, request: u64, given: Given) -> Counts {
        let mut draws = Draws::new(self.seed, self.outcomes, bucket as u64);
        let [success, failure, skip] = self.pattern.outcomes;
        let weigh = |given: Option<u64>, weight: u64| if given.is_some() { 0 } else { weight };
        let weights =
            [weigh(given.failure, failure), weigh(given.skip, skip), weigh(given.success, success)];
        let mut weight_left: u64 = weights.iter().sum();
        let mut left = [given.success, given.failure, given.skip]
            .into_iter()
            .flatten()
            .fold(request, u64::saturating_sub);
        let [failure, skip, success] = weights.map(|weight| {
            let (whole, rest) = divide(left, weight, weight_left.max(1));
            let share = whole + u64::from(draws.below(weight_left) < rest);
            (left, weight_left) = (left - share, weight_left - weight);
            share
        });
        let success = given.success.unwrap_or(success);
        Counts {
            request,
            success,
            failure: given.failure.unwrap_or(failure),
            skip: given.skip.unwrap_or(skip),
            size: given.size.unwrap_or_else(|| self.size(success, &mut draws)),
        }
    }

    /// The objects of a bucket are about as big as four of them.
    fn size(&self, success: u64, draws: &mut Draws) -> u64 {
        let four: u128 =
            (0..4).map(|_| u128::from(self.pattern.object_size.at(draws.next()))).sum();
        let mean = (four / 4).max(1);
        (u128::from(success).saturating_mul(mean)).min(u128::from(MAX_COUNT)) as u64
    }
}

/// `number · weight / of` and its rest; the weight is a part of `of`.
fn divide(number: u64, weight: u64, of: u64) -> (u64, u64) {
    match number.checked_mul(weight) {
        Some(exact) => (exact / of, exact % of),
        None => {
            let (exact, of) = (u128::from(number) * u128::from(weight), u128::from(of));
            ((exact / of) as u64, (exact % of) as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern() -> Pattern {
        let mut curve = [10; 24];
        curve[3] = 1;
        Pattern {
            load: Load::new(1_200, curve),
            burst: Some(Recurring { every: 8 * HOUR, lasts: 15 * MINUTE }),
            burst_factor: 6,
            gap: Some(Recurring { every: DAY, lasts: HOUR }),
            outcomes: [95, 3, 2],
            object_size: Quantiles::log_normal(256_000, 50_000_000),
        }
    }

    fn series(pattern: &Pattern, seed: u64) -> Series<'_> {
        Series::new(pattern, Seed(seed), Stream::named("test"))
    }

    fn whole(series: &Series<'_>, bucket: i64) -> Counts {
        series.split(bucket, series.requests(bucket), Given::default())
    }

    #[test]
    fn a_day_has_the_asked_for_load_one_gap_and_some_bursts() {
        let p = pattern();
        let s = series(&p, 4);
        let first = 1_700_006_400_000 / BUCKET as i64;
        let day: Vec<u64> = (first..first + 288).map(|b| s.requests(b)).collect();
        let sum: u64 = day.iter().sum();
        assert!((24 * 1_000..24 * 1_700).contains(&sum), "{sum}");
        assert!((11..=12).contains(&day.iter().filter(|&&n| n == 0).count()));
        assert!(day.iter().any(|&n| n > 300));
    }

    #[test]
    fn a_slow_series_has_empty_buckets_and_keeps_its_mean() {
        let p = Pattern { load: Load::new(6, [1; 24]), burst: None, gap: None, ..pattern() };
        let s = series(&p, 4);
        let month: Vec<u64> = (0..30 * 288).map(|b| s.requests(b)).collect();
        let sum: u64 = month.iter().sum();
        assert!((4_100..4_550).contains(&sum), "{sum} of 4320");
        assert!(month.iter().filter(|&&n| n == 0).count() > 3_000);
    }

    #[test]
    fn ten_requests_a_bucket_are_seven_to_thirteen_as_in_the_vendors_sample() {
        let p = Pattern { load: Load::new(120, [1; 24]), burst: None, gap: None, ..pattern() };
        let s = series(&p, 4);
        assert!((0..2_000).all(|b| (7..=13).contains(&s.requests(b))));
    }

    #[test]
    fn a_curve_of_zeroes_has_no_requests() {
        let p = Pattern { load: Load::new(1_200, [0; 24]), ..pattern() };
        assert!((0..2_000).all(|b| series(&p, 1).requests(b) == 0));
    }

    #[test]
    fn outcomes_keep_their_weights_on_average() {
        let p = pattern();
        let s = series(&p, 7);
        let sum = (0..5_000).fold(Counts::default(), |sum, b| sum.plus(whole(&s, b)));
        let percent = |n: u64| n * 1_000 / sum.request;
        assert!((945..=955).contains(&percent(sum.success)), "{sum:?}");
        assert!((27..=33).contains(&percent(sum.failure)), "{sum:?}");
        assert!((17..=23).contains(&percent(sum.skip)), "{sum:?}");
    }

    proptest! {
        #[test]
        fn outcomes_add_up_to_requests_and_size_follows_success(seed: u64, bucket in 0i64..10_000_000) {
            let p = pattern();
            let counts = whole(&series(&p, seed), bucket);
            prop_assert_eq!(counts.success + counts.failure + counts.skip, counts.request);
            prop_assert_eq!(counts.size > 0, counts.success > 0);
        }

        #[test]
        fn what_is_given_stays_and_the_rest_shares_what_is_left(
            bucket: i64,
            parts in proptest::array::uniform3(0u64..1_000),
            given in proptest::array::uniform3(any::<bool>()),
            weights in proptest::array::uniform3(0u64..5),
            more in 0u64..1_000,
        ) {
            let p = Pattern { outcomes: weights, ..pattern() };
            let request = parts.iter().sum::<u64>() + more;
            let [success, failure, skip] = [0, 1, 2].map(|i| given[i].then_some(parts[i]));
            let fixed = Given { success, failure, skip, size: None };
            let counts = series(&p, 1).split(bucket, request, fixed);
            let found = [counts.success, counts.failure, counts.skip];
            let free = (0..3).any(|i| !given[i] && weights[i] > 0);
            prop_assert!((0..3).all(|i| !given[i] || found[i] == parts[i]));
            prop_assert!((0..3).all(|i| given[i] || weights[i] > 0 || found[i] == 0));
            let settled: u64 = found.iter().sum();
            prop_assert!(settled == request || (!free && settled <= request));
        }

        #[test]
        fn a_growing_bucket_only_grows_and_never_past_its_end(seed: u64, bucket in 0i64..10_000_000) {
            let p = pattern();
            let s = series(&p, seed);
            let start = start_of(bucket);
            let mut last = Counts::default();
            for elapsed in (0..=BUCKET).step_by(7_001) {
                let now = s.counts(bucket, start.plus(elapsed));
                prop_assert!(now.success + now.failure + now.skip <= now.request);
                prop_assert_eq!(now.size > 0, now.success > 0);
                prop_assert!(now.request >= last.request && now.size >= last.size);
                prop_assert!(now.success >= last.success && now.failure >= last.failure);
                last = now;
            }
            prop_assert_eq!(s.counts(bucket, start), Counts::default());
            prop_assert_eq!(s.counts(bucket, start.plus(BUCKET)), whole(&s, bucket));
            prop_assert_eq!(bucket_of(start.plus(BUCKET - 1)), bucket);
        }

        #[test]
        fn no_bucket_load_or_recurrence_overflows(
            bucket: i64, per_hour: u64, factor: u64, curve in proptest::array::uniform24(any::<u64>()),
            every: u64, lasts: u64, size: u64, request: u64,
        ) {
            let recurring = || Some(Recurring { every, lasts });
            let p = Pattern {
                load: Load::new(per_hour, curve),
                burst: recurring(),
                burst_factor: factor,
                gap: recurring(),
                outcomes: [1, 1, 1],
                object_size: Quantiles::log_normal(size / 2, size),
            };
            let s = series(&p, 1);
            let counts = s.counts(bucket, start_of(bucket).plus(request));
            prop_assert!(counts.request <= MAX_COUNT && counts.size <= MAX_COUNT);
            let _ = s.split(bucket, request, Given { success: Some(size), ..Given::default() });
        }
    }
}
