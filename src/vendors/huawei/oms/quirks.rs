//! `[oms.quirks]`: switches for behaviour that is not known of the vendor, and for what real
//! services of this kind do to their clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{
    EmptyListQuirk, NumbersQuirk, OverLimit, PagingAnomalyQuirk, PastTheEnd, ReportedTotalQuirk,
    check_lengths,
};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::value::Length;
use crate::wire::{EmptyList, EncodingVariant};
use crate::world::time::DAY;

/// Switches for behaviour of the vendor that is not known, or known to vary.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Quirks {
    /// Anomalies between two pages of ListSyncTasks. Bites: clients that count rows, or rely on
    /// seeing each row once; with "short" and "empty_second" also clients that stop at a page that
    /// is not full, as Terraform's provider does. Evidence: inferred; lists that change between
    /// two pages show all of these.
    pub(crate) pages: PagingAnomalyQuirk,
    /// The `count` of ListSyncTasks. Bites: clients that stop at the total, or compute pages from
    /// it; with "missing" the Python SDK has None for it and reports no error. Evidence: inferred.
    pub(crate) total: ReportedTotalQuirk,
    /// The `tasks` of ListSyncTasks when the list is empty. Bites: clients that iterate over it
    /// without checking: the Python SDK has None for null and for a missing list. Evidence:
    /// inferred.
    pub(crate) empty_list: EmptyListQuirk,
    /// How ListSyncTasks answers a `limit` above 100: with 400 OMS.0064, or as if it were 100.
    /// Bites: clients that send a greater limit, and take a page shorter than their limit for the
    /// last one. Evidence: inferred; the bound is documented, but not what happens beyond it.
    pub(crate) over_limit: OverLimit,
    /// How ListSyncTasks answers an `offset` above 0 that is at the end of the list or past it: with
    /// an empty page, 400 OMS.0064, or the last page. Bites: clients that read until a page is not
    /// full, if the last page is full; with "last" also clients that read until a page is empty:
    /// they never stop. Evidence: inferred.
    pub(crate) past_the_end: PastTheEnd,
    /// How far ListSyncTasks and ShowSyncTask, including its monthly counters, lag behind: a task
    /// that was just created is not there yet, and one that was just deleted still is. Starting,
    /// stopping, deleting and statistics do not lag. Bites: clients that read what they just
    /// wrote. Evidence: inferred; reads from replicas lag like this.
    pub(crate) stale_reads: Option<Length>,
    /// Statistics of a longer range have buckets of an hour, others of five minutes. Default 24h.
    /// Bites: clients that take every bucket for five minutes. Evidence: inferred; both widths are
    /// documented, but not which range has which.
    pub(crate) hourly_after: Option<Length>,
    pub(crate) width: Width,
    pub(crate) over_cap: OverCap,
    /// How far the statistics lag behind: the newest points are missing, and the last one shown
    /// still grows. Monthly counters do not lag. Bites: clients that request the last minutes, and
    /// continue at the end of their range instead of the last point. Evidence: inferred.
    pub(crate) series_clock_behind: Option<Length>,
    /// How long after its end a bucket of five minutes appears in the statistics, complete at once.
    /// An hour has the counts of those of its buckets that have appeared. Monthly counters are not
    /// late. Bites: clients that read a bucket once, right after its end. Evidence: inferred.
    pub(crate) late_points: Option<Length>,
    /// For some time after its end, a bucket of five minutes shows fewer objects than it has in the
    /// end. Bites: clients that take a bucket for final once it has ended: their sums are smaller
    /// than the monthly counters, which are complete at once. Evidence: inferred; counts that are
    /// gathered from many machines are completed later.
    pub(crate) corrected: Option<Corrected>,
    pub(crate) points: Points,
    pub(crate) empty_buckets: EmptyBuckets,
    pub(crate) empty_series: EmptySeries,
    /// The JSON type of numbers in successful answers. Bites: clients in typed languages; the
    /// Python SDK converts texts to numbers again. Evidence: inferred; gateways write texts because
    /// JavaScript loses digits of 64-bit numbers.
    pub(crate) numbers: NumbersQuirk,
    pub(crate) unknown_project: UnknownProject,
    pub(crate) unknown_task: UnknownTask,
    pub(crate) unknown_task_of_moves: UnknownStatus,
    pub(crate) bad_description: BadDescription,
    /// Maximum number of objects of CreateSyncEvents. Default: 10, as its description says; the
    /// bound of the list is 100. Bites: clients that rely on the other number. Evidence: both are
    /// documented.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) most_object_keys: u64,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            pages: PagingAnomalyQuirk::default(),
            total: ReportedTotalQuirk::default(),
            empty_list: EmptyListQuirk::default(),
            over_limit: OverLimit::default(),
            past_the_end: PastTheEnd::default(),
            stale_reads: None,
            hourly_after: None,
            width: Width::default(),
            over_cap: OverCap::default(),
            series_clock_behind: None,
            late_points: None,
            corrected: None,
            points: Points::default(),
            empty_buckets: EmptyBuckets::default(),
            empty_series: EmptySeries::default(),
            numbers: NumbersQuirk::default(),
            unknown_project: UnknownProject::default(),
            unknown_task: UnknownTask::default(),
            unknown_task_of_moves: UnknownStatus::default(),
            bad_description: BadDescription::default(),
            most_object_keys: 10,
        }
    }
}

/// The width of the statistics' buckets. Bites: clients that ignore `statistic_time_type`.
/// Evidence: inferred; no page states the rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Width {
    /// Depends on the range: see `hourly_after`.
    #[default]
    ByRange,
    AlwaysHours,
    /// 1000 buckets are three and a half days: see `over_cap`.
    AlwaysFiveMinutes,
}

/// How a range of more than 1000 buckets is answered. Bites: clients that request a month at once,
/// and do not continue where the points end. Evidence: inferred; that arrays have at most 1000
/// elements is documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OverCap {
    /// With the oldest 1000 buckets since the task was created.
    #[default]
    Clip,
    /// 400 OMS.0064.
    Refuse,
}

/// How much a bucket lacks at first, and how long.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Corrected {
    /// How long after its end a bucket is complete.
    pub(crate) after: Length,
    /// Until then it lacks 1 to this many percent of its objects, drawn from the seed for each
    /// bucket, and at least one object of each type that it has.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) by: u64,
}

/// Order and repetition of the points of a series. Bites: clients that take the last point for the
/// newest, or add up all points. Evidence: inferred; the vendor's sample is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Points {
    /// Ascending, each once.
    #[default]
    Sorted,
    /// In an order drawn from the seed, never the ascending one.
    Unsorted,
    /// One point in four, drawn from the seed, comes twice; if none is drawn, the newest does.
    /// There may be more than 1000 points.
    Duplicated,
}

/// The point of a series for a bucket without objects of its type. Bites: clients that take a
/// missing point for a late one, or 0 for an outage. Evidence: inferred; the vendor's sample has
/// gaps and no 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmptyBuckets {
    /// No point.
    #[default]
    Omit,
    /// A point with 0, beginning with the bucket in which the task was created.
    Zero,
}

/// How a series without points is shown. Bites: clients that read `data` without checking: the
/// Python SDK has None for null and for a missing list; Terraform's provider needs the entry of
/// each type. Evidence: inferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmptySeries {
    /// Its `data` is an empty list.
    #[default]
    EmptyData,
    /// Its `data` is null.
    NullData,
    /// It has no `data`.
    NoData,
    /// It has no entry.
    NoEntry,
    /// It has no entry; if no series has one, `statistic_datas` is missing.
    NoStatisticDatas,
}

/// How a request that names another project is answered. Bites: clients that take 404 for "was
/// deleted". Evidence: inferred; the code of the 403 is documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnknownProject {
    /// With 403 OMS.0206.
    #[default]
    Refuse,
    /// As a project without tasks: its list is empty, and every task is unknown. CreateSyncTask is
    /// answered with 403 OMS.0206 all the same.
    Empty,
}

/// The code of the answer to an unknown task. Bites: clients that expect one of the two. Evidence:
/// inferred; both are documented, but not for which operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum UnknownTask {
    /// No resources found.
    #[default]
    #[serde(rename = "OMS.1009")]
    NoResources,
    /// Invalid task ID. Enter a valid task ID.
    #[serde(rename = "OMS.0054")]
    InvalidId,
}

/// The status of the answer to starting, stopping or deleting an unknown task. Bites: clients that
/// take only 404 for "was deleted", as Terraform's provider does. Evidence: documented, in that
/// the pages of these three operations have no 404.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnknownStatus {
    /// 400: the vendor's pages of these operations have no 404.
    #[default]
    BadRequest,
    /// 404, as for all other operations.
    NotFound,
}

/// The code of the answer to a description with special characters. Bites: clients that expect one
/// of the two. Evidence: documented; a real answer has the other one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum BadDescription {
    /// The description cannot contain the following special characters: <>()"'&
    #[default]
    #[serde(rename = "OMS.0078")]
    Special,
    /// Invalid request parameters., with the detail of a real answer.
    #[serde(rename = "OMS.0064")]
    Parameter,
}

impl EmptySeries {
    /// Whether a series without points has no entry.
    pub(crate) fn leaves_out(self) -> bool {
        matches!(self, Self::NoEntry | Self::NoStatisticDatas)
    }
}

impl Quirks {
    /// Longer ranges (ms) have buckets of an hour, unless the width says otherwise.
    pub(crate) fn hourly_after(self) -> u64 {
        self.hourly_after.map_or(DAY, |length| length.0)
    }

    /// The encoding of answers whose list may be empty.
    pub(crate) fn encoding_variant(self, empty_list: EmptyList) -> EncodingVariant {
        EncodingVariant { numbers: self.numbers.into(), empty_list, always_xml: false }
    }

    /// `path` is the path of the service's section.
    pub(crate) fn check(self, path: &DocumentPath, problems: &mut Vec<Problem>) {
        let at = |key: &str| path.clone().key("quirks").key(key);
        let lengths =
            [("stale_reads", self.stale_reads), ("series_clock_behind", self.series_clock_behind)];
        check_lengths(&lengths, path, problems);
        if self.hourly_after.is_some() && self.width != Width::ByRange {
            problems.push(
                Problem::key(at("hourly_after"), "hourly_after has no effect beside this width")
                    .hint("leave it out, or write width = \"by_range\""),
            );
        }
        if let Some(Corrected { after, .. }) = self.corrected {
            let late = self.late_points;
            if late.is_some_and(|late| after <= late) {
                let late = late.unwrap_or_default();
                let text = format!(
                    "has no effect: a bucket appears {late} after it ended (late_points), and is \
                     right by then"
                );
                problems.push(
                    Problem::value(at("corrected").key("after"), text)
                        .hint(format!("make it longer than {late}")),
                );
            }
        }
    }
}
