//! ListSyncTaskStatistic.
//!
//! No source says how wide a bucket is for which range, or how long a range may be: see
//! [`BucketWidth`] and [`MAX_BUCKETS`]. Time stamps are the starts of buckets, aligned to the epoch
//! and ascending, and empty buckets are left out (vendor's sample; for hours inferred). The answer
//! includes the bucket of `start_time` and that of `end_time` (inferred).

use serde::Serialize;

use super::quirks::{EmptyBuckets, EmptySeries, OverCap, Quirks, Width};
use super::requested_task::RequestedTask;
use super::settings::{WireName, wire_enum};
use super::statistics_report::{StatisticsReport, statistics_snapshot};
use super::{OmsCall, OmsResult};
use crate::wire::error::{ApiError, Rule};
use crate::wire::{Arguments, EmptyList};
use crate::world::series::{BUCKET, Counts};
use crate::world::time::HOUR;

#[derive(Serialize)]
struct ListSyncTaskStatisticResponse<'a> {
    sync_task_id: &'a str,
    statistic_time_type: &'static str,
    statistic_datas: Vec<Statistic>,
}

#[derive(Serialize)]
struct Statistic {
    data_type: DataType,
    data: Vec<Point>,
}

#[derive(Clone, Serialize)]
struct Point {
    time_stamp: i64,
    statistic_num: u64,
}

/// Maximum length of both arrays (vendor's page). That a longer range is cut to this many buckets
/// is inferred, and so is that the oldest stay: a client can go on where they end.
const MAX_BUCKETS: i64 = 1_000;

/// Maximum length of `data_type` in characters (vendor's page).
const MAX_DATA_TYPE_LENGTH: usize = 255;

pub(crate) fn list_sync_task_statistic(call: &OmsCall<'_>) -> OmsResult {
    let quirks = call.plan().quirks;
    let task = RequestedTask::from_call(call)?;
    let query = StatisticQuery::from_arguments(call.arguments(), quirks)?;
    let (member, _) = task.find(call, &call.view())?;
    let snapshot = statistics_snapshot(call);
    let report = StatisticsReport::new(&snapshot, member);
    let StatisticQuery { data_types, start, end, width } = query;
    let counts = report.between(start, end, width.millis(), MAX_BUCKETS);
    let points = |data_type: DataType| -> Vec<Point> {
        let point = |&(time_stamp, ref counts): &(i64, Counts)| Point {
            time_stamp,
            statistic_num: data_type.number(counts),
        };
        let has_zeroes = quirks.empty_buckets == EmptyBuckets::Zero;
        let is_shown = |point: &Point| has_zeroes || point.statistic_num > 0;
        let points = counts.iter().map(point).filter(is_shown).collect();
        report.arrange(points, |point| point.time_stamp)
    };
    let entries =
        data_types.into_iter().map(|data_type| Statistic { data_type, data: points(data_type) });
    // A type without points has an entry, too (inferred from what Terraform's acceptance test
    // requires), unless the scenario says otherwise.
    let is_shown = |entry: &Statistic| !(quirks.empty_series.leaves_out() && entry.data.is_empty());
    let statistic_datas = entries.filter(is_shown).collect();
    let (list, empty_list) = match quirks.empty_series {
        EmptySeries::EmptyData | EmptySeries::NoEntry => ("data", EmptyList::List),
        EmptySeries::NullData => ("data", EmptyList::Null),
        EmptySeries::NoData => ("data", EmptyList::Absent),
        EmptySeries::NoStatisticDatas => ("statistic_datas", EmptyList::Absent),
    };
    let answer = ListSyncTaskStatisticResponse {
        sync_task_id: task.id,
        statistic_time_type: width.name(),
        statistic_datas,
    };
    call.render_as(quirks.encoding_variant(empty_list), list, &answer)
}

struct StatisticQuery {
    /// In the order of the request, each once (inferred).
    data_types: Vec<DataType>,
    /// ms
    start: i64,
    /// ms
    end: i64,
    width: BucketWidth,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BucketWidth {
    FiveMinutes,
    OneHour,
}

impl StatisticQuery {
    fn from_arguments(arguments: &Arguments<'_>, quirks: Quirks) -> Result<Self, ApiError> {
        let data_types = data_types(arguments)?;
        let (start, end) =
            (unix_millis(arguments, "start_time")?, unix_millis(arguments, "end_time")?);
        if end < start {
            return Err(ApiError::parameter("end_time", Rule::NotBefore("start_time"))
                .hint("end_time lies before start_time"));
        }
        let width = BucketWidth::for_range((end - start) as u64, quirks);
        let first = start / width.millis() as i64;
        if quirks.over_cap == OverCap::Refuse && end / width.millis() as i64 - first >= MAX_BUCKETS
        {
            let last = (first + MAX_BUCKETS).saturating_mul(width.millis() as i64) - 1;
            return Err(ApiError::parameter("end_time", Rule::AtMost(last)).hint(format!(
                "a range has at most {MAX_BUCKETS} buckets here (oms.quirks.over_cap = \"refuse\")"
            )));
        }
        Ok(Self { data_types, start, end, width })
    }
}

impl BucketWidth {
    /// Five minutes up to a range of 24 hours, one hour beyond (inferred from what clients
    /// request), unless the scenario says otherwise.
    fn for_range(range: u64, quirks: Quirks) -> Self {
        match quirks.width {
            Width::ByRange if range > quirks.hourly_after() => Self::OneHour,
            Width::ByRange | Width::AlwaysFiveMinutes => Self::FiveMinutes,
            Width::AlwaysHours => Self::OneHour,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::FiveMinutes => "FIVE_MINUTES",
            Self::OneHour => "ONE_HOUR",
        }
    }

    fn millis(self) -> u64 {
        match self {
            Self::FiveMinutes => BUCKET,
            Self::OneHour => HOUR,
        }
    }
}

wire_enum! {
    /// The quantity that a series counts.
    DataType {
        Request = "REQUEST",
        Success = "SUCCESS",
        Failure = "FAILURE",
        Skip = "SKIP",
        Size = "SIZE",
    }
}

impl DataType {
    fn number(self, counts: &Counts) -> u64 {
        match self {
            Self::Request => counts.request,
            Self::Success => counts.success,
            Self::Failure => counts.failure,
            Self::Skip => counts.skip,
            Self::Size => counts.size,
        }
    }
}

/// Any of the five, separated by commas (vendor's page).
fn data_types(arguments: &Arguments<'_>) -> Result<Vec<DataType>, ApiError> {
    let refuse = |rule| {
        ApiError::parameter("data_type", rule)
            .hint(format!("data_type is a comma list of {}", DataType::NAMES.join(", ")))
    };
    let text = arguments.text("data_type").ok_or_else(|| refuse(Rule::Required))?;
    if text.chars().count() > MAX_DATA_TYPE_LENGTH {
        return Err(refuse(Rule::Length(MAX_DATA_TYPE_LENGTH)));
    }
    let mut found = Vec::new();
    for name in text.split(',') {
        let data_type = DataType::from_name(name);
        let data_type = data_type.ok_or_else(|| refuse(Rule::OneOf(DataType::NAMES)))?;
        if !found.contains(&data_type) {
            found.push(data_type);
        }
    }
    Ok(found)
}

/// A mandatory instant: 0 to 2^63 - 1 in decimal digits (vendor's page). Leading zeroes are
/// allowed, since an older page has a text of up to 1024 characters. The vendor's example of the
/// statistics lacks both times.
pub(crate) fn unix_millis(arguments: &Arguments<'_>, name: &'static str) -> Result<i64, ApiError> {
    let text = arguments.text(name);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let rule = match text.map(|text| (digits(text), text.parse())) {
        None => Rule::Required,
        Some((true, Ok(number))) => return Ok(number),
        Some((true, Err(_))) => Rule::AtMost(i64::MAX),
        _ if text.and_then(|text| text.strip_prefix('-')).is_some_and(digits) => Rule::AtLeast(0),
        _ => Rule::WholeNumber,
    };
    Err(ApiError::parameter(name, rule).hint(format!("{name} is a number of ms since 1970")))
}
