//! Pieces of a scenario file that several services' sections share.

use schemars::JsonSchema;
use serde::Deserialize;

use super::problem::{Place, Problem};
use super::value::{Length, Moment, Size};
use crate::plan::Base;
use crate::world::causes::{Cause, Causes};
use crate::world::deck::LARGEST_WEIGHT_SUM;
use crate::world::draw::Stream;
use crate::world::population::{Arrivals, LARGEST_COUNT};
use crate::world::quantiles::Quantiles;
use crate::world::time::{DAY, Timestamp};

/// How long something takes: always the same, or spread around a median.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Spread {
    /// Always as long.
    Constant(Length),
    /// Log-normal: half take less than the median, one in a hundred longer than p99.
    Spread(SpreadTable),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpreadTable {
    /// Half of all take less.
    pub median: Length,
    /// One in a hundred takes longer; left out: the same as the median.
    pub p99: Option<Length>,
}

impl Spread {
    /// In ms.
    pub fn quantiles(self) -> Quantiles {
        match self {
            Self::Constant(length) => Quantiles::constant(length.0),
            Self::Spread(SpreadTable { median, p99 }) => {
                Quantiles::log_normal(median.0, p99.map_or(0, |p99| p99.0))
            }
        }
    }

    pub fn check(self, place: Place, problems: &mut Vec<Problem>) {
        if let Self::Spread(SpreadTable { median, p99: Some(p99) }) = self
            && p99.0 < median.0
        {
            let text = format!("p99 ({p99}) is below the median ({median})");
            problems.push(Problem::value(place.key("p99"), text));
        }
    }
}

/// How big something is: always the same, or spread around a median.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SizeSpread {
    /// Always as big.
    Constant(Size),
    /// Log-normal: half are smaller than the median, one in a hundred bigger than p99.
    Spread(SizeSpreadTable),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SizeSpreadTable {
    /// Half of all are smaller.
    pub median: Size,
    /// One in a hundred is bigger; left out: the same as the median.
    pub p99: Option<Size>,
}

impl SizeSpread {
    /// In bytes.
    pub fn quantiles(self) -> Quantiles {
        match self {
            Self::Constant(size) => Quantiles::constant(size.0),
            Self::Spread(SizeSpreadTable { median, p99 }) => {
                Quantiles::log_normal(median.0, p99.map_or(0, |p99| p99.0))
            }
        }
    }

    pub fn check(self, place: Place, problems: &mut Vec<Problem>) {
        if let Self::Spread(SizeSpreadTable { median, p99: Some(p99) }) = self
            && p99.0 < median.0
        {
            let text = format!("p99 ({p99}) is below the median ({median})");
            problems.push(Problem::value(place.key("p99"), text));
        }
    }
}

/// An error that failed jobs carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CauseTable {
    /// The code, as on the wire; services without one ignore it.
    #[serde(default)]
    pub code: String,
    /// The text, as on the wire.
    pub message: String,
    /// How often it occurs, against the other causes.
    #[serde(default = "one")]
    #[schemars(range(max = 65536))]
    pub weight: u64,
}

/// (code, Chinese text, English text, weight)
pub type UsualCause = (&'static str, &'static str, &'static str, u64);

/// The causes of the file, or the usual ones in the scenario's language.
pub fn causes(
    tables: Vec<CauseTable>,
    usual: &[UsualCause],
    base: &Base,
    place: Place,
    problems: &mut Vec<Problem>,
) -> Causes {
    let weights: Vec<u64> = tables.iter().map(|table| table.weight).collect();
    check_weights(&weights, place, problems);
    let usual_in_tongue = |&(code, chinese, english, weight): &UsualCause| Cause {
        code: code.to_owned(),
        message: base.tongue.choose(chinese, english).to_owned(),
        weight,
    };
    Causes::new(if tables.is_empty() {
        usual.iter().map(usual_in_tongue).collect()
    } else {
        let cause = |CauseTable { code, message, weight }| Cause { code, message, weight };
        tables.into_iter().map(cause).collect()
    })
}

pub fn one() -> u64 {
    1
}

/// When the things of a population exist: the part of its section that says so.
#[derive(Clone, Copy, Debug)]
pub struct When {
    pub count: u64,
    pub every: Option<Length>,
    pub over: Option<Length>,
    pub start: Option<Moment>,
}

impl When {
    /// With `every`, that is the spacing before the start and after it. Without, none arrive
    /// later, and those that are there are spread over `over` (7 days).
    pub fn arrivals(
        self,
        base: &Base,
        stream: Stream,
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> Arrivals {
        if self.count > LARGEST_COUNT {
            problems.push(Problem::value(
                place.clone().key("count"),
                format!("at most {LARGEST_COUNT} are possible"),
            ));
        }
        if let (Some(_), Some(over)) = (self.every, self.over) {
            problems.push(
                Problem::key(place.clone().key("over"), "over has no effect beside every")
                    .hint(format!("leave out over = \"{over}\", or every")),
            );
        }
        if self.every == Some(Length(0)) {
            problems.push(Problem::value(place.clone().key("every"), "must be longer than 0s"));
        }
        let over = self.over.map_or(7 * DAY, |over| over.0);
        let spacing = self.every.map_or(over / self.count.max(1), |every| every.0);
        if spacing == 0 && self.every.is_none() {
            problems.push(
                Problem::value(
                    place.clone().key(if self.over.is_some() { "over" } else { "count" }),
                    format!("{} do not fit: there is room for one a millisecond", self.count),
                )
                .hint("make over longer"),
            );
        }
        Arrivals {
            seed: base.seed,
            stream,
            count: self.count.min(LARGEST_COUNT),
            start: self.start.map_or(base.start, |start| Timestamp::from_millis(start.0)),
            spacing: spacing.max(1),
            grows: self.every.is_some(),
        }
    }
}

/// Weights must have a sum that a deck can deal.
pub fn check_weights(weights: &[u64], place: Place, problems: &mut Vec<Problem>) {
    let sum = weights.iter().fold(0u64, |sum, w| sum.saturating_add(*w));
    if weights.len() as u64 > LARGEST_WEIGHT_SUM {
        let text = format!("{LARGEST_WEIGHT_SUM} at most are possible, here are {}", weights.len());
        problems.push(Problem::value(place, text));
        return;
    }
    if sum == 0 && !weights.is_empty() {
        problems.push(
            Problem::value(place, "all weights are 0").hint("give at least one a weight above 0"),
        );
    } else if sum > LARGEST_WEIGHT_SUM {
        problems.push(
            Problem::value(place, format!("the weights add up to {sum}"))
                .hint(format!("they may add up to {LARGEST_WEIGHT_SUM} at most")),
        );
    }
}
