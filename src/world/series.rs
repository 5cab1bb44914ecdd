//! Counts per five minutes: a daily curve, noise, bursts and gaps, split into outcomes.
//! Every bucket is computed from its own number, so any range costs its own length.

use super::draw::{Draws, Seed, Stream, draw, scale};
use super::quantiles::Quantiles;
use super::time::{CHINA_OFFSET, DAY, HOUR, MINUTE, Timestamp};

/// The width of a bucket (ms).
pub const BUCKET: u64 = 5 * MINUTE;

/// Something that happens once in every period of the given length, at a drawn moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurring {
    /// ms, at least one bucket.
    pub every: u64,
    /// ms, at most `every`.
    pub lasts: u64,
}

/// The figures of one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub request: u64,
    pub success: u64,
    pub failure: u64,
    pub skip: u64,
    /// Bytes of the successes.
    pub size: u64,
}

impl Counts {
    pub fn plus(self, other: Self) -> Self {
        Self {
            request: self.request + other.request,
            success: self.success + other.success,
            failure: self.failure + other.failure,
            skip: self.skip + other.skip,
            size: self.size.saturating_add(other.size),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Series {
    pub seed: Seed,
    pub stream: Stream,
    /// Requests in an hour of average business.
    pub per_hour: u64,
    /// The weight of each hour of the day (China time); all zero means no requests at all.
    pub curve: [u64; 24],
    pub burst: Option<Recurring>,
    /// How many times the usual load a burst is.
    pub burst_factor: u64,
    pub gap: Option<Recurring>,
    /// Weights of success, failure and skip.
    pub outcomes: [u64; 3],
    /// Bytes.
    pub object_size: Quantiles,
}

impl Series {
    /// Requests made in the whole of bucket `bucket` (its start divided by [`BUCKET`]).
    pub fn requests(&self, bucket: i64) -> u64 {
        let start = Timestamp::from_millis(bucket.saturating_mul(BUCKET as i64));
        if self.happens(&self.gap, 1, start) {
            return 0;
        }
        let china = start.plus(CHINA_OFFSET).millis().rem_euclid(DAY as i64) as u64;
        let weights: u64 = self.curve.iter().sum();
        let hour = self.curve[(china / HOUR) as usize % 24];
        let factor = if self.happens(&self.burst, 2, start) { self.burst_factor } else { 1 };
        // Thousandths of a request, spread evenly over half to one and a half of the mean,
        // so that a slow series has empty buckets and the mean still holds.
        let mean = u128::from(self.per_hour) * u128::from(hour) * 24 * u128::from(factor) * 1_000
            / 12
            / u128::from(weights.max(1));
        let mean = mean.min(1 << 50) as u64;
        let mut draws = Draws::new(self.seed, self.stream, bucket as u64);
        let thousandths = mean / 2 + draws.below(mean + 1);
        thousandths / 1_000 + u64::from(draws.below(1_000) < thousandths % 1_000)
    }

    /// Splits the requests of a bucket by outcome; every request has exactly one.
    pub fn split(&self, bucket: i64, request: u64) -> Counts {
        let mut draws = Draws::new(self.seed, self.stream.of(3), bucket as u64);
        let [success, failure, skip] = self.outcomes;
        let sum = (success + failure + skip).max(1);
        let mut share = |weight: u64| {
            let exact = u128::from(request) * u128::from(weight);
            let rest = (exact % u128::from(sum)) as u64;
            (exact / u128::from(sum)) as u64 + u64::from(draws.below(sum) < rest)
        };
        let failure = share(failure).min(request);
        let skip = share(skip).min(request - failure);
        let success = request - failure - skip;
        let mean = (0..4).map(|_| self.object_size.at(draws.next())).sum::<u64>() / 4;
        let size = success.saturating_mul(mean.max(u64::from(success > 0)));
        Counts { request, success, failure, skip, size }
    }

    /// The figures of a bucket `elapsed` ms into it: none grows past its final value, and
    /// outcomes lag a little behind their requests.
    pub fn so_far(whole: Counts, elapsed: u64) -> Counts {
        if elapsed >= BUCKET {
            return whole;
        }
        let part =
            |n: u64, time: u64| (u128::from(n) * u128::from(time) / u128::from(BUCKET)) as u64;
        let lagging = elapsed.saturating_sub(BUCKET / 20);
        let success = part(whole.success, lagging);
        let size = u128::from(whole.size) * u128::from(success) / u128::from(whole.success.max(1));
        Counts {
            request: part(whole.request, elapsed),
            success,
            failure: part(whole.failure, lagging),
            skip: part(whole.skip, lagging),
            size: size as u64,
        }
    }

    fn happens(&self, recurring: &Option<Recurring>, which: u64, at: Timestamp) -> bool {
        let Some(Recurring { every, lasts }) = recurring else { return false };
        let every = (*every).max(BUCKET) as i64;
        let period = at.millis().div_euclid(every);
        let room = (every as u64).saturating_sub(*lasts);
        let begins = scale(draw(self.seed, self.stream.of(which), period as u64), room + 1);
        let into = at.millis().rem_euclid(every) as u64;
        // A bucket belongs to the event if the event covers its start, rounded to buckets.
        let begins = begins - begins % BUCKET;
        (begins..begins + lasts.max(&BUCKET)).contains(&into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn series(seed: u64) -> Series {
        let mut curve = [10; 24];
        curve[3] = 1;
        Series {
            seed: Seed(seed),
            stream: Stream::named("test"),
            per_hour: 1_200,
            curve,
            burst: Some(Recurring { every: 8 * HOUR, lasts: 15 * MINUTE }),
            burst_factor: 6,
            gap: Some(Recurring { every: DAY, lasts: HOUR }),
            outcomes: [95, 3, 2],
            object_size: Quantiles::log_normal(256_000, 50_000_000),
        }
    }

    #[test]
    fn a_day_has_the_asked_for_load_one_gap_and_some_bursts() {
        let s = series(4);
        let first = 1_700_006_400_000 / BUCKET as i64;
        let day: Vec<u64> = (first..first + 288).map(|b| s.requests(b)).collect();
        let sum: u64 = day.iter().sum();
        assert!((24 * 1_000..24 * 1_700).contains(&sum), "{sum}");
        assert!((11..=12).contains(&day.iter().filter(|&&n| n == 0).count()));
        assert!(day.iter().any(|&n| n > 300));
    }

    #[test]
    fn a_curve_of_zeroes_has_no_requests() {
        let s = Series { curve: [0; 24], ..series(1) };
        assert!((0..2_000).all(|b| s.requests(b) == 0));
    }

    proptest! {
        #[test]
        fn outcomes_add_up_to_requests_and_size_follows_success(seed: u64, bucket in 0i64..10_000_000) {
            let s = series(seed);
            let counts = s.split(bucket, s.requests(bucket));
            prop_assert_eq!(counts.success + counts.failure + counts.skip, counts.request);
            prop_assert_eq!(counts.size > 0, counts.success > 0);
        }

        #[test]
        fn a_growing_bucket_only_grows_and_never_past_its_end(seed: u64, bucket in 0i64..10_000_000) {
            let s = series(seed);
            let whole = s.split(bucket, s.requests(bucket));
            let mut last = Counts::default();
            for elapsed in (0..=BUCKET).step_by(7_001) {
                let now = Series::so_far(whole, elapsed);
                prop_assert!(now.success + now.failure + now.skip <= now.request);
                prop_assert_eq!(now.size > 0, now.success > 0);
                prop_assert!(now.request >= last.request && now.size >= last.size);
                prop_assert!(now.success >= last.success && now.failure >= last.failure);
                last = now;
            }
            prop_assert_eq!(Series::so_far(whole, BUCKET), whole);
        }

        #[test]
        fn no_bucket_or_load_overflows(bucket: i64, per_hour in 0u64..1 << 40) {
            let s = Series { per_hour, burst_factor: 1_000, ..series(1) };
            let _ = s.split(bucket, s.requests(bucket));
        }
    }
}
