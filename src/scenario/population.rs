//! When the entities of a population are born, and how weights are checked.

use super::Base;
use super::problem::{DocumentPath, Problem};
use super::value::{Length, Moment};
use crate::world::draw::Stream;
use crate::world::population::{Arrivals, MAX_COUNT};
use crate::world::sampler::MAX_WEIGHT_SUM;
use crate::world::time::{DAY, Timestamp};

/// The default of a weight.
pub(crate) fn one() -> u64 {
    1
}

/// The arrival keys of a population's section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArrivalsTable {
    pub(crate) count: u64,
    pub(crate) every: Option<Length>,
    pub(crate) over: Option<Length>,
    pub(crate) start: Option<Moment>,
}

impl ArrivalsTable {
    /// `every` is the spacing before and after the start. Without it, none arrive later, and those
    /// at the start are spread over `over` (7 days).
    pub(crate) fn arrivals(
        self,
        base: &Base,
        stream: Stream,
        path: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> Arrivals {
        if self.count > MAX_COUNT {
            problems.push(Problem::value(
                path.clone().key("count"),
                format!("at most {MAX_COUNT} are possible"),
            ));
        }
        if let (Some(_), Some(over)) = (self.every, self.over) {
            problems.push(
                Problem::key(path.clone().key("over"), "over has no effect beside every")
                    .hint(format!("leave out over = \"{over}\", or every")),
            );
        }
        if self.every == Some(Length(0)) {
            problems.push(Problem::value(path.clone().key("every"), "must be longer than 0s"));
        }
        let over = self.over.map_or(7 * DAY, |over| over.0);
        let spacing = self.every.map_or(over / self.count.max(1), |every| every.0);
        if spacing == 0 && self.every.is_none() {
            problems.push(
                Problem::value(
                    path.clone().key(if self.over.is_some() { "over" } else { "count" }),
                    format!("{} do not fit: there is room for one a millisecond", self.count),
                )
                .hint("make over longer"),
            );
        }
        Arrivals {
            seed: base.seed,
            stream,
            count: self.count.min(MAX_COUNT),
            start: self.start.map_or(base.start, |start| Timestamp::from_millis(start.0)),
            spacing: spacing.max(1),
            grows: self.every.is_some(),
        }
    }
}

/// Checks that the sum of the weights is within the sampler's bounds.
pub(crate) fn check_weights(weights: &[u64], path: DocumentPath, problems: &mut Vec<Problem>) {
    let sum = weights.iter().fold(0u64, |sum, w| sum.saturating_add(*w));
    if weights.len() as u64 > MAX_WEIGHT_SUM {
        let text = format!("{MAX_WEIGHT_SUM} at most are possible, here are {}", weights.len());
        problems.push(Problem::value(path, text));
        return;
    }
    if sum == 0 && !weights.is_empty() {
        problems.push(
            Problem::value(path, "all weights are 0").hint("give at least one a weight above 0"),
        );
    } else if sum > MAX_WEIGHT_SUM {
        problems.push(
            Problem::value(path, format!("the weights add up to {sum}"))
                .hint(format!("they may add up to {MAX_WEIGHT_SUM} at most")),
        );
    }
}
