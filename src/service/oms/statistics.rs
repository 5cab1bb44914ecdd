//! ListSyncTaskStatistic.
//!
//! How wide a bucket is when, and how long a range may be, no source says: see [`Width`] and
//! [`MOST`]. Stamps are the starts of buckets, aligned to the epoch and ascending, and empty
//! buckets are left out (vendor's sample; by the hour inferred). The bucket that `start_time`
//! lies in and the one that `end_time` lies in belong to the answer (inferred).

use serde::Serialize;

use super::quirks::{self, EmptyBuckets, EmptySeries, OverCap, Quirks};
use super::reports::{self, Reports};
use super::subject::{is_ours, known, sync_task_id};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Reason, Refusal, Rule};
use crate::wire::{Arguments, EmptyList};
use crate::world::series::{BUCKET, Counts};
use crate::world::time::HOUR;

#[derive(Serialize)]
struct Answer<'a> {
    sync_task_id: &'a str,
    statistic_time_type: &'static str,
    statistic_datas: Vec<Statistic>,
}

#[derive(Serialize)]
struct Statistic {
    data_type: &'static str,
    data: Vec<Point>,
}

#[derive(Clone, Serialize)]
struct Point {
    time_stamp: i64,
    statistic_num: u64,
}

/// The greatest length of both arrays (vendor's page). That a longer range is cut to so many
/// buckets, and to the oldest, so that a client can go on where they end and what it has
/// seen stays, is inferred.
const MOST: i64 = 1_000;

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let quirks = call.plan().oms.quirks;
    let ours = is_ours(call)?;
    let id = sync_task_id(call)?;
    let question = Question::parse(call.arguments(), quirks)?;
    let (member, _) = known(call, ours, id)?;
    let clock = reports::clock(call);
    let reports = Reports::of(&clock, member).ok_or_else(|| Refusal::from(Reason::Internal))?;
    let Question { data_types, start, end, width } = question;
    let counts = reports.between(start, end, width.millis(), MOST);
    let points = |data_type: DataType| -> Vec<Point> {
        let point = |&(time_stamp, ref counts): &(i64, Counts)| Point {
            time_stamp,
            statistic_num: data_type.of(counts),
        };
        let zeroes = quirks.empty_buckets == EmptyBuckets::Zero;
        let told = |point: &Point| zeroes || point.statistic_num > 0;
        let points = counts.iter().map(point).filter(told).collect();
        reports.arrange(points, |point| point.time_stamp)
    };
    let entry =
        |data_type: DataType| Statistic { data_type: data_type.wire(), data: points(data_type) };
    let entries = data_types.into_iter().map(entry);
    // A type without figures has its entry all the same (inferred from what Terraform's
    // acceptance test requires), unless the scenario wants otherwise.
    let told = |entry: &Statistic| !(quirks.empty_series.leaves_out() && entry.data.is_empty());
    let statistic_datas = entries.filter(told).collect();
    let (list, empty_list) = match quirks.empty_series {
        EmptySeries::EmptyData | EmptySeries::NoEntry => ("data", EmptyList::List),
        EmptySeries::NullData => ("data", EmptyList::Null),
        EmptySeries::NoData => ("data", EmptyList::Absent),
        EmptySeries::NoStatisticDatas => ("statistic_datas", EmptyList::Absent),
    };
    let answer = Answer { sync_task_id: id, statistic_time_type: width.wire(), statistic_datas };
    call.render_as(quirks.spelling(empty_list), list, &answer)
}

struct Question {
    /// In the order asked for, each once (inferred).
    data_types: Vec<DataType>,
    /// ms
    start: i64,
    end: i64,
    width: Width,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    FiveMinutes,
    OneHour,
}

impl Question {
    fn parse(arguments: &Arguments, quirks: Quirks) -> Result<Self, Refusal> {
        let data_types = data_types(arguments)?;
        let (start, end) = (long(arguments, "start_time")?, long(arguments, "end_time")?);
        if end < start {
            return Err(Refusal::parameter("end_time", Rule::NotBefore("start_time"))
                .hint("end_time lies before start_time"));
        }
        let width = Width::of((end - start) as u64, quirks);
        let first = start / width.millis() as i64;
        if quirks.over_cap == OverCap::Refuse && end / width.millis() as i64 - first >= MOST {
            let last = (first + MOST).saturating_mul(width.millis() as i64) - 1;
            return Err(Refusal::parameter("end_time", Rule::AtMost(last)).hint(format!(
                "a range has at most {MOST} buckets here (oms.quirks.over_cap = \"refuse\")"
            )));
        }
        Ok(Self { data_types, start, end, width })
    }
}

impl Width {
    /// By five minutes up to a range of 24 hours, by the hour beyond (inferred from what
    /// clients ask for), unless the scenario says otherwise.
    fn of(range: u64, quirks: Quirks) -> Self {
        match quirks.width {
            quirks::Width::ByRange if range > quirks.hourly_after() => Self::OneHour,
            quirks::Width::ByRange | quirks::Width::AlwaysFiveMinutes => Self::FiveMinutes,
            quirks::Width::AlwaysHours => Self::OneHour,
        }
    }

    fn wire(self) -> &'static str {
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DataType {
    Request,
    Success,
    Failure,
    Skip,
    Size,
}

/// In the order of [`DATA_TYPES`].
const ALL: [DataType; 5] =
    [DataType::Request, DataType::Success, DataType::Failure, DataType::Skip, DataType::Size];
const DATA_TYPES: &[&str] = &["REQUEST", "SUCCESS", "FAILURE", "SKIP", "SIZE"];

impl DataType {
    fn wire(self) -> &'static str {
        DATA_TYPES.get(self as usize).copied().unwrap_or_default()
    }

    fn of(self, counts: &Counts) -> u64 {
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
fn data_types(arguments: &Arguments) -> Result<Vec<DataType>, Refusal> {
    let refuse = |rule| {
        Refusal::parameter("data_type", rule)
            .hint(format!("data_type is a comma list of {}", DATA_TYPES.join(", ")))
    };
    let text = arguments.text("data_type").ok_or_else(|| refuse(Rule::Required))?;
    if text.chars().count() > 255 {
        return Err(refuse(Rule::Length(255)));
    }
    let mut found = Vec::new();
    for name in text.split(',') {
        let data_type = ALL.into_iter().find(|data_type| data_type.wire() == name);
        let data_type = data_type.ok_or_else(|| refuse(Rule::OneOf(DATA_TYPES)))?;
        if !found.contains(&data_type) {
            found.push(data_type);
        }
    }
    Ok(found)
}

/// 0 to 2^63 - 1 in decimal digits (vendor's page; an older one has it a text of up to 1024
/// characters, hence leading zeroes). Mandatory, though the vendor's example of the
/// statistics has neither time.
pub fn long(arguments: &Arguments, name: &'static str) -> Result<i64, Refusal> {
    let text = arguments.text(name);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let rule = match text.map(|text| (digits(text), text.parse())) {
        None => Rule::Required,
        Some((true, Ok(number))) => return Ok(number),
        Some((true, Err(_))) => Rule::AtMost(i64::MAX),
        _ if text.and_then(|text| text.strip_prefix('-')).is_some_and(digits) => Rule::AtLeast(0),
        _ => Rule::WholeNumber,
    };
    Err(Refusal::parameter(name, rule).hint(format!("{name} is a number of ms since 1970")))
}
