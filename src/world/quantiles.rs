//! Distributions of durations and sizes: log-normal, given by the median and the 99th percentile,
//! and truncated at both ends.

use super::draw::scale;

/// The number of steps between the points of a table. The median and the 99th percentile are
/// points of it, so that interpolation cannot move them.
const STEPS: usize = 200;
const MEDIAN: usize = STEPS / 2;
const P99: usize = STEPS / 100 * 99;
/// The probability of each tail that is cut off: the table ends with the quantiles of this
/// probability and of its complement.
const TAIL: f64 = 1.0 / 258.0;

/// A distribution as a table of its quantiles at equally spaced probabilities from 0 to 1; drawing
/// is one interpolation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantiles(Box<[u64]>);

/// The 99th percentile of the standard normal distribution.
const Z99: f64 = 2.326_347_874;

impl Quantiles {
    pub(crate) fn constant(value: u64) -> Self {
        Self(Box::new([value]))
    }

    /// Values are in the unit of the arguments. `p99` below `median` counts as `median`.
    pub(crate) fn log_normal(median: u64, p99: u64) -> Self {
        if p99 <= median || median == 0 {
            return Self::constant(median);
        }
        // libm's functions give the same bits on every platform, the system's do not.
        let sigma = libm::log(p99 as f64 / median as f64) / Z99;
        let value = |i: usize| match i {
            MEDIAN => median,
            P99 => p99,
            _ => {
                let p = (i as f64 / STEPS as f64).clamp(TAIL, 1.0 - TAIL);
                libm::round(median as f64 * libm::exp(sigma * normal_quantile(p))) as u64
            }
        };
        Self((0..=STEPS).map(value).collect())
    }

    pub(crate) fn at(&self, draw: u64) -> u64 {
        let [.., last] = &*self.0 else { return 0 };
        let steps = self.0.len() as u64 - 1;
        let place = scale(draw, steps) as usize;
        let within = (draw as u128 * steps as u128) as u64;
        let (Some(low), Some(high)) = (self.0.get(place), self.0.get(place + 1)) else {
            return *last;
        };
        low + scale(within, high.saturating_sub(*low))
    }

    /// The maximum of all draws.
    pub(crate) fn longest(&self) -> u64 {
        self.0.last().copied().unwrap_or(0)
    }
}

/// Acklam's rational approximation of the inverse normal distribution (error below 1e-8).
#[expect(clippy::excessive_precision, reason = "the coefficients as published")]
fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e+01,
        2.209460984245205e+02,
        -2.759285104469687e+02,
        1.383577518672690e+02,
        -3.066479806614716e+01,
        2.506628277459239e+00,
    ];
    const B: [f64; 5] = [
        -5.447609879822406e+01,
        1.615858368580409e+02,
        -1.556989798598866e+02,
        6.680131188771972e+01,
        -1.328068155288572e+01,
    ];
    const C: [f64; 6] = [
        -7.784894002430293e-03,
        -3.223964580411365e-01,
        -2.400758277161838e+00,
        -2.549732539343734e+00,
        4.374664141464968e+00,
        2.938163982698783e+00,
    ];
    const D: [f64; 4] = [
        7.784695709041462e-03,
        3.224671290700398e-01,
        2.445134137142996e+00,
        3.754408661907416e+00,
    ];
    let horner = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = libm::sqrt(-2.0 * libm::log(p));
        horner(&C, q) / (horner(&D, q) * q + 1.0)
    };
    if p < 0.02425 {
        tail(p)
    } else if p > 1.0 - 0.02425 {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        let r = q * q;
        horner(&A, r) * q / (horner(&B, r) * r + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::draw::{Draws, Seed, Stream};

    /// How many values lie below and up to a limit.
    fn below_and_up_to(values: &[u64], limit: u64) -> (f64, f64) {
        let below = values.iter().filter(|&&value| value < limit).count();
        let up_to = values.iter().filter(|&&value| value <= limit).count();
        (below as f64, up_to as f64)
    }

    #[test]
    fn the_given_median_and_p99_are_those_of_the_draws_within_five_standard_errors() {
        const COUNT: usize = 400_000;
        let given = [
            (40_000, 900_000),
            (1, 5),
            (1_000, 6_000),
            (7, 8),
            (1_209_600_000, 5_184_000_000),
            (256_000, 50_000_000),
            (8_640_000_000, 17_280_000_000),
        ];
        for (seed, (median, p99)) in (0..).zip(given) {
            let shape = Quantiles::log_normal(median, p99);
            let mut draws = Draws::new(Seed(seed), Stream::named("test"), 0);
            let values: Vec<u64> = (0..COUNT).map(|_| shape.at(draws.next())).collect();
            for (limit, share) in [(median, 0.5), (p99, 0.99)] {
                let expected = share * COUNT as f64;
                let error = 5.0 * (expected * (1.0 - share)).sqrt();
                let (below, up_to) = below_and_up_to(&values, limit);
                let found = format!("{median} {p99}: {below} below and {up_to} up to {limit}");
                assert!(below <= expected + error && up_to >= expected - error, "{found}");
                // Values that are far apart are not drawn twice, so both bounds are one.
                if median >= 1_000 {
                    assert!((up_to - expected).abs() <= error + 200.0, "{found}");
                }
            }
            assert!(values.iter().all(|&value| value <= shape.longest()));
        }
    }

    #[test]
    fn quantiles_ascend_whatever_is_given() {
        for median in [1, 2, 3, 1_000, 1 << 40] {
            for p99 in [median + 1, median * 3, u64::MAX] {
                let Quantiles(points) = Quantiles::log_normal(median, p99);
                assert!(points.is_sorted(), "{median} {p99}");
            }
        }
    }

    #[test]
    fn a_constant_is_always_itself() {
        assert_eq!(Quantiles::constant(7).at(u64::MAX), 7);
        assert_eq!(Quantiles::log_normal(7, 7).at(0), 7);
        assert_eq!(Quantiles::log_normal(0, 9).longest(), 0);
    }
}
