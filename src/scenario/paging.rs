//! `[SERVICE.paging]`, and the switches of `[SERVICE.quirks]` that lists of several services
//! have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::{DocumentPath, Problem};
use super::value::Length;
use crate::wire::Arguments;
use crate::wire::error::ApiError;
use crate::world::paging::Page;
use crate::world::time::{MINUTE, Timestamp};

/// How a list that changes between pages looks to a client.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Paging {
    pub(crate) consistency: Consistency,
    /// With snapshot, the length of a window: lists paged by number or offset are as of the start
    /// of the current window. Default 10m.
    pub(crate) snapshot_window: Option<Length>,
}

/// The instant that a page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Consistency {
    /// Each page shows the list at the time of its request: a new row at the head shifts later
    /// pages by one, so that a row is seen twice; a deleted row shifts them back, so that one is
    /// missed.
    #[default]
    Live,
    /// Pages by token show the list as of the first page, each row once; pages by number or offset
    /// show it as of the start of a window of time.
    Snapshot,
}

impl Paging {
    /// `place` is that of the service's section.
    pub(crate) fn check(self, place: &DocumentPath, problems: &mut Vec<Problem>) {
        let place = place.clone().key("paging").key("snapshot_window");
        match self.snapshot_window {
            Some(_) if self.consistency == Consistency::Live => problems.push(
                Problem::key(place, "snapshot_window has no effect on a live list")
                    .hint("write consistency = \"snapshot\" beside it"),
            ),
            Some(Length(0)) => problems.push(Problem::value(place, "must be longer than 0s")),
            _ => {}
        }
    }

    pub(crate) fn is_snapshot(self) -> bool {
        self.consistency == Consistency::Snapshot
    }

    /// The instant that a page by number or offset shows at `now`. An event at the very start of a
    /// window belongs to the next window, because a frozen clock may stand there.
    pub(crate) fn instant(self, now: Timestamp) -> Timestamp {
        match self.consistency {
            Consistency::Live => now,
            Consistency::Snapshot => {
                let window = self.snapshot_window.map_or(10 * MINUTE, |length| length.0).max(1);
                now.minus(now.millis().rem_euclid(window as i64) as u64 + 1)
            }
        }
    }
}

/// The answer to a page size above the maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OverLimit {
    #[default]
    Refuse,
    /// The page has the maximum size.
    Clamp,
}

/// The answer to page 0 where pages count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageZero {
    #[default]
    Refuse,
    /// It is the first page, as page 1 is.
    First,
}

/// The answer to a page after the last one. The first page is never after the last one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PastTheEnd {
    /// It has no rows.
    #[default]
    Empty,
    Refuse,
    /// It is the last page that has rows.
    Last,
}

impl OverLimit {
    /// How many rows the parameter asks for, from 1 to `most`, if it was sent.
    pub(crate) fn size(
        self,
        arguments: &Arguments<'_>,
        name: &'static str,
        most: u64,
    ) -> Result<Option<u64>, ApiError> {
        let bound = match self {
            Self::Refuse => i64::try_from(most).unwrap_or(i64::MAX),
            Self::Clamp => i64::MAX,
        };
        let size = arguments.whole(name, 1..=bound)?;
        Ok(size.map(|size| size.unsigned_abs().min(most)))
    }
}

impl PageZero {
    /// The number of the page that the parameter asks for, from 1 to `most`.
    pub(crate) fn number(
        self,
        arguments: &Arguments<'_>,
        name: &'static str,
        most: i64,
    ) -> Result<u64, ApiError> {
        let least = match self {
            Self::Refuse => 1,
            Self::First => 0,
        };
        let number = arguments.whole(name, least..=most)?;
        Ok(number.map_or(1, i64::unsigned_abs).max(1))
    }
}

impl PastTheEnd {
    /// The page of `total` rows that is shown for the requested one.
    ///
    /// # Errors
    /// If the requested page is refused; with the last page that is not.
    pub(crate) fn settle(self, page: Page, total: u64) -> Result<Page, Page> {
        match self {
            Self::Last if page.is_past(total) => Ok(page.last(total)),
            Self::Refuse if page.is_past(total) => Err(page.last(total)),
            _ => Ok(page),
        }
    }
}

/// Checks the switches of `[SERVICE.quirks]` that are lengths of time and off if left out.
pub(crate) fn check_lengths(
    switches: &[(&str, Option<Length>)],
    place: &DocumentPath,
    problems: &mut Vec<Problem>,
) {
    for (key, length) in switches {
        if *length == Some(Length(0)) {
            problems.push(
                Problem::value(place.clone().key("quirks").key(*key), "must be longer than 0s")
                    .hint(format!("leave out {key} to be without it")),
            );
        }
    }
}

/// Anomalies at page boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PagingAnomalyQuirk {
    #[default]
    Exact,
    /// The last row of a page is the first of the next one, too, as when a row arrives at the
    /// head of the list between any two pages.
    Repeat,
    /// The row that should begin a page is left out, from the second page on, as when a row
    /// that was shown is deleted between any two pages.
    Lose,
    /// A page has one row less than requested, and the next page continues there. (With offsets, a
    /// client that adds the requested size, not the received number, misses that row.)
    Short,
    /// The second page is empty, and its rows come on the third.
    EmptySecond,
    /// The row before the page boundary is shown again after it, in the place of the one that
    /// belongs there, as when a sort has equal keys.
    Unstable,
}

/// The total that a list reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportedTotalQuirk {
    #[default]
    Exact,
    /// One more than there are.
    OffByOne,
    /// 10000 at most.
    Capped,
    /// None.
    Missing,
    /// One more with each page.
    Drifting,
}

/// How the numbers of an answer are written in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NumbersQuirk {
    #[default]
    Number,
    /// "42".
    Text,
}

/// How a list without rows is written in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmptyListQuirk {
    #[default]
    List,
    Null,
    /// It is left out.
    Absent,
}

/// From the mirror in the file to the domain's own type, variant by variant.
macro_rules! same_variants {
    ($($from:ident => $to:path { $($variant:ident),* })*) => {
        $(impl From<$from> for $to {
            fn from(quirk: $from) -> Self {
                match quirk {
                    $($from::$variant => Self::$variant,)*
                }
            }
        })*
    };
}

same_variants! {
    PagingAnomalyQuirk => crate::world::paging::PagingAnomaly {
        Exact, Repeat, Lose, Short, EmptySecond, Unstable
    }
    ReportedTotalQuirk => crate::world::paging::ReportedTotal {
        Exact, OffByOne, Capped, Missing, Drifting
    }
    NumbersQuirk => crate::wire::Numbers { Number, Text }
    EmptyListQuirk => crate::wire::EmptyList { List, Null, Absent }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_window_shows_what_was_before_it(now in -1_000_000i64..1_000_000, window in 1u64..5_000) {
            let paging = Paging {
                consistency: Consistency::Snapshot,
                snapshot_window: Some(Length(window)),
            };
            let at = paging.instant(Timestamp::from_millis(now)).millis();
            prop_assert!(at < now && now - at <= window as i64);
            let next = Timestamp::from_millis(at + 1);
            prop_assert_eq!(paging.instant(next).millis(), at, "it holds from its first instant");
            let last = Timestamp::from_millis(at + window as i64);
            prop_assert_eq!(paging.instant(last).millis(), at, "to its last");
        }
    }
}
