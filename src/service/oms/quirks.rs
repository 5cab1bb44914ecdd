//! `[oms.quirks]`: what the vendor's behaviour may be where it is not known, and what real
//! services of its kind do to their clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::paging::{OverLimit, PastTheEnd, check_lengths};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::Length;
use crate::wire::{EmptyList, Numbers, Spelling};
use crate::world::pages::{Seam, Total};
use crate::world::time::DAY;

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// What happens between two pages of ListSyncTasks. Bites: clients that count rows, or trust
    /// that each comes once; with "short" and "empty_second" those that stop at a page that is
    /// not full, as Terraform's provider does. Evidence: inferred; lists that change between
    /// two pages do all of these.
    pub pages: Seam,
    /// What `count` of ListSyncTasks says. Bites: clients that stop at the total, or make pages
    /// of it; with "missing" the Python SDK has None for it, and no error. Evidence: inferred.
    pub total: Total,
    /// What `tasks` of ListSyncTasks is when there are none. Bites: clients that go through it
    /// without looking: to the Python SDK both null and nothing are None. Evidence: inferred.
    pub empty_list: EmptyList,
    /// What ListSyncTasks makes of a `limit` above 100: 400 OMS.0064, or it is taken as 100.
    /// Bites: clients that ask for more and take a page that is shorter than they asked for to
    /// be the last. Evidence: inferred; the bound is documented, but not what happens beyond.
    pub over_limit: OverLimit,
    /// What ListSyncTasks makes of an `offset`, other than 0, with no task at it or after it: an
    /// empty page, 400 OMS.0064, or the last page. Bites: clients that read on until a page is
    /// not full, when the last one is; with "last" those that read on until one is empty never
    /// end. Evidence: inferred.
    pub past_the_end: PastTheEnd,
    /// ListSyncTasks and ShowSyncTask, its monthly counters, too, are as of so long ago: a task
    /// that was just created is not there yet, one that was deleted still is. Moves and
    /// statistics know at once. Bites: clients that read what they just wrote. Evidence:
    /// inferred; reads from replicas do so.
    pub stale_reads: Option<Length>,
    /// Ranges longer than this are counted by the hour, others by five minutes. Default 24h.
    /// Bites: clients that take all buckets for five minutes. Evidence: inferred; both widths
    /// are documented, but not which range has which.
    pub hourly_after: Option<Length>,
    pub width: Width,
    pub over_cap: OverCap,
    /// The statistics are as of so long ago: the newest points are missing, and the newest
    /// there is still grows. Monthly counters are right at once. Bites: clients that ask for
    /// the last minutes, and go on where they asked to, not where the points ended. Evidence:
    /// inferred.
    pub series_clock_behind: Option<Length>,
    /// A bucket of five minutes appears in the statistics only so long after it ended, and then
    /// as a whole; an hour has those of its five minutes that appeared. Monthly counters are
    /// right at once. Bites: clients that read a bucket once, right after it ended. Evidence:
    /// inferred.
    pub late_points: Option<Length>,
    /// Until so long after it ended, a bucket of five minutes shows fewer objects than it has in
    /// the end. Bites: clients that take a bucket that ended for final: their sums are too
    /// small, as monthly counters, which are right at once, tell. Evidence: inferred; counts
    /// that are gathered from many machines are completed later.
    pub corrected: Option<Corrected>,
    pub points: Points,
    pub empty_buckets: EmptyBuckets,
    pub empty_series: EmptySeries,
    /// How the numbers of granted answers are written. Bites: clients in typed languages; the
    /// Python SDK makes numbers of them again. Evidence: inferred; gateways that fear for 64
    /// bits in JavaScript do so.
    pub numbers: Numbers,
    pub unknown_project: UnknownProject,
    pub unknown_task: UnknownTask,
    pub unknown_task_of_moves: UnknownStatus,
    pub bad_description: BadDescription,
    /// How many objects CreateSyncEvents takes. Default: 10, as its text says; the bound of
    /// the list is 100. Bites: clients that trust the other number. Evidence: documented, both
    /// of them.
    #[schemars(range(min = 1, max = 100))]
    pub most_object_keys: u64,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            pages: Seam::default(),
            total: Total::default(),
            empty_list: EmptyList::default(),
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
            numbers: Numbers::default(),
            unknown_project: UnknownProject::default(),
            unknown_task: UnknownTask::default(),
            unknown_task_of_moves: UnknownStatus::default(),
            bad_description: BadDescription::default(),
            most_object_keys: 10,
        }
    }
}

/// How wide a bucket of the statistics is. Bites: clients that do not look at
/// `statistic_time_type`. Evidence: inferred; no page states the rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Width {
    /// As `hourly_after` says.
    #[default]
    ByRange,
    AlwaysHours,
    /// 1000 of them are three and a half days: see `over_cap`.
    AlwaysFiveMinutes,
}

/// What becomes of a range of more than 1000 buckets. Bites: clients that ask for a month at
/// once, and do not go on where the points end. Evidence: inferred; that arrays have 1000
/// elements at most is documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverCap {
    /// The oldest 1000 since the task was created are shown.
    #[default]
    Clip,
    /// 400 OMS.0064.
    Refuse,
}

/// How much a bucket lacks at first, and for how long.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Corrected {
    /// How long after its end a bucket is right.
    pub after: Length,
    /// Until then it lacks 1 to so many of a hundred objects, drawn from the seed for each
    /// bucket, and at least one of each type that it has.
    #[schemars(range(min = 1, max = 100))]
    pub by: u64,
}

/// In which order and how often the points of a series come. Bites: clients that take the
/// last for the newest, or add up all there are. Evidence: inferred; the vendor's sample is
/// sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Points {
    /// Ascending, each once.
    #[default]
    Sorted,
    /// In an order drawn from the seed, never the ascending one.
    Unsorted,
    /// One in four, drawn from the seed, comes twice; if none is drawn, the newest does. There
    /// may be more than 1000.
    Duplicated,
}

/// What a series has for a bucket in which nothing of its type happened. Bites: clients that
/// take what is missing for late, or 0 for an outage. Evidence: inferred; the vendor's sample
/// has gaps, and no 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmptyBuckets {
    /// No point.
    #[default]
    Omit,
    /// A point with 0, from the bucket on that the task was created in.
    Zero,
}

/// How a series without points is told. Bites: clients that reach into `data` without looking:
/// to the Python SDK null and nothing are None; Terraform's provider wants the entry of
/// each type. Evidence: inferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmptySeries {
    /// Its `data` is an empty list.
    #[default]
    EmptyData,
    /// Its `data` is null.
    NullData,
    /// It has no `data`.
    NoData,
    /// It has no entry.
    NoEntry,
    /// It has no entry, and if none has, there is no `statistic_datas`.
    NoStatisticDatas,
}

/// What a request is told that names another project. Bites: clients that take 404 for "was
/// deleted". Evidence: inferred; the code of the 403 is documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownProject {
    /// 403 OMS.0206.
    #[default]
    Refuse,
    /// It has no tasks: 404, as for any unknown task.
    Empty,
}

/// The code in the answer to an unknown task. Bites: clients that look for one of them.
/// Evidence: inferred; both are documented, but not for which operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UnknownTask {
    /// No resources found.
    #[default]
    #[serde(rename = "OMS.1009")]
    NoResources,
    /// Invalid task ID. Enter a valid task ID.
    #[serde(rename = "OMS.0054")]
    InvalidId,
}

/// The status of the answer to who starts, stops or deletes an unknown task. Bites: clients
/// that take 404 alone for "it is gone", as Terraform's provider does. Evidence: documented,
/// in that the pages of these three have no 404.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownStatus {
    /// 400: the vendor's pages of these three have no 404.
    #[default]
    BadRequest,
    /// 404, as of all others.
    NotFound,
}

/// What a description with special characters is told. Bites: clients that look for one of the
/// codes. Evidence: documented, and a real answer with the other one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BadDescription {
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
    pub fn leaves_out(self) -> bool {
        matches!(self, Self::NoEntry | Self::NoStatisticDatas)
    }
}

impl Quirks {
    /// Longer ranges are counted by the hour (ms), unless the width says otherwise.
    pub fn hourly_after(self) -> u64 {
        self.hourly_after.map_or(DAY, |length| length.0)
    }

    /// How the answers with that list are spelt.
    pub fn spelling(self, empty_list: EmptyList) -> Spelling {
        Spelling { numbers: self.numbers, empty_list, always_xml: false }
    }

    /// `place` is that of the service's section.
    pub fn check(self, place: &Place, problems: &mut Vec<Problem>) {
        let at = |key: &str| place.clone().key("quirks").key(key);
        let lengths =
            [("stale_reads", self.stale_reads), ("series_clock_behind", self.series_clock_behind)];
        check_lengths(&lengths, place, problems);
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
