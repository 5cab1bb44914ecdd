//! When the entities of a population are born, and how weights are checked.

use super::Base;
use super::problem::{DocumentPath, Problem};
use super::value::{Length, Moment};
use crate::world::draw::Stream;
use crate::world::lifecycle::State;
use crate::world::population::{Arrivals, MAX_COUNT, Population};
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
    /// at the start lie within `over` (7 days) before it.
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
        // As many slots as the next power of two, so that one more entity does not move the others.
        let slots = self.count.clamp(1, MAX_COUNT).next_power_of_two();
        let spacing = self.every.map_or(over / slots, |every| every.0);
        if over < self.count.max(1) && self.every.is_none() {
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
            later: if self.every.is_some() { MAX_COUNT - self.count.min(MAX_COUNT) } else { 0 },
        }
    }
}

/// Maximum number of entities of a population that are on their way at an instant. What a list by
/// state takes grows with the square root of this number.
const MAX_MOVING: u64 = 1 << 32;

/// Checks that not too many entities of the population can be on their way at an instant. `place`
/// is that of its section.
pub(crate) fn check_moving<T, S: State>(
    population: &Population<T, S>,
    place: &DocumentPath,
    problems: &mut Vec<Problem>,
) {
    let most = population.most_moving();
    if most > MAX_MOVING {
        let key = if population.arrivals.later > 0 { "every" } else { "count" };
        let text = format!("up to {most} would be on their way at once");
        problems.push(Problem::value(place.clone().key(key), text).hint(format!(
            "at most {MAX_MOVING} can be: let fewer arrive in the same time, or shorten their states"
        )));
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
