//! Distributions of durations and sizes: log-normal, given by the median and the 99th percentile,
//! and truncated at both ends.

use super::draw::scale;

const POINTS: usize = 129;

/// A distribution as a table of quantiles; drawing is one interpolation.
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
        let value = |i: usize| {
            let z = normal_quantile((i as f64 + 0.5) / POINTS as f64);
            libm::round(median as f64 * libm::exp(sigma * z)) as u64
        };
        Self((0..POINTS).map(value).collect())
    }

    pub(crate) fn at(&self, draw: u64) -> u64 {
        let [.., last] = &*self.0 else { return 0 };
        let steps = self.0.len() as u64 - 1;
        let place = scale(draw, steps) as usize;
        let within = (draw as u128 * steps as u128) as u64;
        let (Some(low), Some(high)) = (self.0.get(place), self.0.get(place + 1)) else {
            return *last;
        };
        low + scale(within, high - low)
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

    #[test]
    fn half_of_the_draws_lie_below_the_median_and_one_in_a_hundred_above_p99() {
        let shape = Quantiles::log_normal(40_000, 900_000);
        let mut draws = Draws::new(Seed(1), Stream::named("test"), 0);
        let values: Vec<u64> = (0..100_000).map(|_| shape.at(draws.next())).collect();
        let above = |limit| values.iter().filter(|&&v| v > limit).count();
        assert!((49_000..51_000).contains(&above(40_000)), "{}", above(40_000));
        assert!((600..1_400).contains(&above(900_000)), "{}", above(900_000));
        assert!(values.iter().all(|&v| v <= shape.longest()));
    }

    #[test]
    fn a_constant_is_always_itself() {
        assert_eq!(Quantiles::constant(7).at(u64::MAX), 7);
        assert_eq!(Quantiles::log_normal(7, 7).at(0), 7);
        assert_eq!(Quantiles::log_normal(0, 9).longest(), 0);
    }
}
