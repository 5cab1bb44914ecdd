//! Durations and sizes that are constant or spread around a median.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::{DocumentPath, Problem};
use super::value::{Length, Size};
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::{LifecycleTable, TypicalDwell};
use crate::world::quantiles::Quantiles;

/// A duration: constant, or spread around a median.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Spread {
    /// Constant.
    Constant(Length),
    /// Log-normal: half are shorter than the median, one in a hundred longer than p99.
    Spread(SpreadTable),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpreadTable {
    /// Half are shorter.
    pub(crate) median: Length,
    /// One in a hundred is longer. Default: the median.
    pub(crate) p99: Option<Length>,
}

impl From<TypicalDwell> for Spread {
    fn from(typical: TypicalDwell) -> Self {
        let TypicalDwell { median, p99, .. } = typical;
        Self::Spread(SpreadTable { median: Length(median), p99: Some(Length(p99)) })
    }
}

impl Spread {
    /// The default dwell time of a state; zero if nothing leaves it by itself.
    pub(crate) fn default_dwell<S: State>(table: &LifecycleTable<S>, state: S) -> Self {
        table.dwell(state).map_or(Self::Constant(Length(0)), Self::from)
    }

    /// In ms.
    pub(crate) fn quantiles(self) -> Quantiles {
        match self {
            Self::Constant(length) => Quantiles::constant(length.0),
            Self::Spread(SpreadTable { median, p99 }) => {
                Quantiles::log_normal(median.0, p99.map_or(0, |p99| p99.0))
            }
        }
    }

    pub(crate) fn check(self, path: DocumentPath, problems: &mut Vec<Problem>) {
        if let Self::Spread(SpreadTable { median, p99: Some(p99) }) = self
            && p99.0 < median.0
        {
            let text = format!("p99 ({p99}) is below the median ({median})");
            problems.push(Problem::value(path.key("p99"), text));
        }
    }
}

/// A size: constant, or spread around a median.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum SizeSpread {
    /// Constant.
    Constant(Size),
    /// Log-normal: half are smaller than the median, one in a hundred bigger than p99.
    Spread(SizeSpreadTable),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SizeSpreadTable {
    /// Half are smaller.
    pub(crate) median: Size,
    /// One in a hundred is bigger. Default: the median.
    pub p99: Option<Size>,
}

impl SizeSpread {
    /// In bytes.
    pub(crate) fn quantiles(self) -> Quantiles {
        match self {
            Self::Constant(size) => Quantiles::constant(size.0),
            Self::Spread(SizeSpreadTable { median, p99 }) => {
                Quantiles::log_normal(median.0, p99.map_or(0, |p99| p99.0))
            }
        }
    }

    pub(crate) fn check(self, path: DocumentPath, problems: &mut Vec<Problem>) {
        if let Self::Spread(SizeSpreadTable { median, p99: Some(p99) }) = self
            && p99.0 < median.0
        {
            let text = format!("p99 ({p99}) is below the median ({median})");
            problems.push(Problem::value(path.key("p99"), text));
        }
    }
}
