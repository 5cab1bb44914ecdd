//! The `[oms]` part of a scenario file, and the plan it becomes.

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::task::{Figures, STOPPED, SYNCHRONIZING, Task, stream};
use crate::plan::Base;
use crate::scenario::parts::{
    SizeSpread, SizeSpreadTable, Spread, SpreadTable, When, check_weights,
};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::{Length, Moment, Size};
use crate::world::deck::Deck;
use crate::world::draw::{Seed, Stream};
use crate::world::ids::IdCodec;
use crate::world::lifecycle::{Lifecycle, Path};
use crate::world::population::{Pin, Population};
use crate::world::series::{
    BUCKET, Counts, Given, LARGEST, Load, Pattern, Recurring, Series, bucket_of, start_of,
};
use crate::world::time::{DAY, Timestamp};

/// Huawei Cloud OMS: the synchronization tasks of one project and what they have done.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {
    /// The project that requests must name. Default: the one of the vendor's page,
    /// 2c0689c860ad4728a497c91ec0844383.
    #[schemars(length(min = 1, max = 64))]
    pub project_id: Option<String>,
    pub tasks: Tasks,
    /// Exact tasks, beside the generated ones.
    pub task: Vec<PinnedTask>,
    pub series: SeriesTable,
    pub quirks: Quirks,
}

/// The generated tasks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tasks {
    /// How many there are at the start.
    pub count: u64,
    /// One task each so often: the spacing before the start, and more arrive after it. Left
    /// out: none arrive later.
    pub every: Option<Length>,
    /// Without `every`: how long before the start the first one was. Default 90d.
    pub over: Option<Length>,
    /// The instant that `count` speaks of. Default: the start of the clock.
    pub start: Option<Moment>,
    /// Weights of what becomes of tasks.
    pub outcomes: Option<TaskOutcomes>,
    /// How long a task runs that stops.
    pub duration: Spread,
}

impl Default for Tasks {
    fn default() -> Self {
        let duration = SpreadTable { median: Length(14 * DAY), p99: Some(Length(60 * DAY)) };
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            duration: Spread::Spread(duration),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaskOutcomes {
    /// Tasks that never stop.
    #[schemars(range(max = 65536))]
    pub synchronizing: u64,
    #[schemars(range(max = 65536))]
    pub stopped: u64,
}

/// One exact task; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PinnedTask {
    #[schemars(length(min = 1, max = 255))]
    pub sync_task_id: Option<String>,
    /// Default: SYNCHRONIZING, or STOPPED if there is a `stopped_at`.
    pub status: Option<Status>,
    /// Unix ms. Default: the first of its `statistics`, or 30 days before the start of the
    /// clock (or before `stopped_at`).
    #[schemars(range(min = 0))]
    pub create_time: Option<i64>,
    /// From then on nothing happens any more. Default, for a STOPPED one: the start of the
    /// clock.
    pub stopped_at: Option<Moment>,
    /// Exactly what the task has done, instead of a generated series.
    pub statistics: Option<Statistics>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Synchronizing,
    Stopped,
}

/// `[time_stamp, statistic_num]`: the start of five minutes (Unix ms), and what they hold.
pub type Point = [u64; 2];

/// Points by five minutes, ascending. What is left out is worked out from REQUEST.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
pub struct Statistics {
    pub request: Vec<Point>,
    pub success: Option<Vec<Point>>,
    pub failure: Option<Vec<Point>>,
    pub skip: Option<Vec<Point>>,
    /// Bytes of the successes; needs SUCCESS.
    pub size: Option<Vec<Point>>,
}

/// What tasks have to do.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SeriesTable {
    /// Objects that a task is asked to synchronize in an average hour.
    #[schemars(range(max = 1_000_000_000))]
    pub requests_per_hour: u64,
    /// How they spread over the day.
    pub curve: Curve,
    /// Times of more requests. Default: none.
    pub bursts: Option<Bursts>,
    /// Times without requests. Default: none.
    pub gaps: Option<Gaps>,
    /// Weights of what becomes of them.
    pub outcomes: Outcomes,
    /// How big an object is.
    pub object_size: SizeSpread,
}

impl Default for SeriesTable {
    fn default() -> Self {
        let object_size = SizeSpreadTable { median: Size(256_000), p99: Some(Size(50_000_000)) };
        Self {
            requests_per_hour: 120,
            curve: Curve::Named(CurveName::Office),
            bursts: None,
            gaps: None,
            outcomes: Outcomes { success: 95, failure: 3, skip: 2 },
            object_size: SizeSpread::Spread(object_size),
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Curve {
    /// A curve of ours.
    Named(CurveName),
    /// The weights of 24 hours, from midnight on (China time).
    Weights(#[schemars(inner(range(max = 65536)))] [u64; 24]),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CurveName {
    /// Busy from nine to six (China time).
    Office,
    /// Busy from eight in the evening to six in the morning (China time).
    Night,
    /// Always the same.
    Flat,
}

impl Curve {
    fn weights(self) -> [u64; 24] {
        match self {
            Self::Named(CurveName::Office) => {
                [2, 1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 9, 10, 14, 14, 13, 12, 8, 6, 5, 4, 3, 2]
            }
            Self::Named(CurveName::Night) => {
                [14, 14, 14, 13, 12, 10, 6, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 8, 11, 13, 14]
            }
            Self::Named(CurveName::Flat) => [1; 24],
            Self::Weights(weights) => weights,
        }
    }
}

/// Once in every period, at a time of its own for each task.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// The period, at least 5m.
    pub every: Length,
    pub lasts: Length,
    /// How many times the usual load.
    #[schemars(range(min = 1, max = 1000))]
    pub factor: u64,
}

/// Once in every period, at a time of its own for each task.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gaps {
    /// The period, at least 5m.
    pub every: Length,
    pub lasts: Length,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Outcomes {
    #[schemars(range(max = 65536))]
    pub success: u64,
    #[schemars(range(max = 65536))]
    pub failure: u64,
    #[schemars(range(max = 65536))]
    pub skip: u64,
}

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// Ranges longer than this are counted by the hour, others by five minutes. Default 24h.
    pub hourly_after: Length,
    pub over_cap: OverCap,
    pub unknown_project: UnknownProject,
    pub unknown_task: UnknownTask,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            hourly_after: Length(DAY),
            over_cap: OverCap::default(),
            unknown_project: UnknownProject::default(),
            unknown_task: UnknownTask::default(),
        }
    }
}

/// What becomes of a range of more than 1000 buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverCap {
    /// The oldest 1000 since the task was created are shown.
    #[default]
    Clip,
    /// 400 OMS.0064.
    Refuse,
}

/// What a request is told that names another project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownProject {
    /// 403 OMS.0206.
    #[default]
    Refuse,
    /// It has no tasks: 404, as for any unknown task.
    Empty,
}

/// The code in the 404 of an unknown task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum UnknownTask {
    /// No resources found.
    #[default]
    #[serde(rename = "OMS.1009")]
    NoResources,
    /// Invalid task ID. Enter a valid task ID.
    #[serde(rename = "OMS.0054")]
    InvalidId,
}

#[derive(Debug)]
pub struct Plan {
    pub seed: Seed,
    pub project_id: String,
    pub tasks: Population<Task>,
    pub ids: IdCodec,
    pub pattern: Pattern,
    pub quirks: Quirks,
}

const STREAM: Stream = Stream::named("oms.task");

impl Section {
    pub fn plan(self, base: &Base, place: Place, problems: &mut Vec<Problem>) -> Plan {
        let pattern = self.series.pattern(place.clone().key("series"), problems);
        let ids = IdCodec::new(base.seed, STREAM.of(3));
        let mut taken = HashSet::new();
        let pins = self.task.iter().enumerate().map(|(i, pin)| {
            let place = place.clone().key("task").index(i);
            if let Some(id) = &pin.sync_task_id
                && !taken.insert(id.as_str())
            {
                let text = format!("there is another task {id}");
                problems.push(Problem::value(place.clone().key("sync_task_id"), text));
            }
            pin.check(place, problems);
            pin.resolve(pin_index(i), base, &ids, &pattern)
        });
        let pins: Vec<Pin<Task>> = pins.collect();
        let tasks = self.tasks.population(base, pins, place.key("tasks"), problems);
        let project_id =
            self.project_id.unwrap_or_else(|| "2c0689c860ad4728a497c91ec0844383".to_owned());
        Plan { seed: base.seed, project_id, tasks, ids, pattern, quirks: self.quirks }
    }
}

/// The index that an exact task draws with.
fn pin_index(place: usize) -> u64 {
    (1 << 60) + place as u64
}

impl Tasks {
    fn population(
        &self,
        base: &Base,
        pins: Vec<Pin<Task>>,
        place: Place,
        problems: &mut Vec<Problem>,
    ) -> Population<Task> {
        let over = self.over.or(self.every.is_none().then_some(Length(90 * DAY)));
        let when = When { count: self.count, every: self.every, over, start: self.start };
        let arrivals = when.arrivals(base, STREAM, &place, problems);
        self.duration.check(place.clone().key("duration"), problems);
        let outcomes = self.outcomes.map_or(vec![9, 1], |o| vec![o.synchronizing, o.stopped]);
        check_weights(&outcomes, place.key("outcomes"), problems);
        let paths = vec![
            Path { stays: vec![], rest: SYNCHRONIZING },
            Path { stays: vec![(SYNCHRONIZING, self.duration.quantiles().into())], rest: STOPPED },
        ];
        let lifecycle = Lifecycle { seed: base.seed, stream: STREAM.of(2), paths };
        let deck = Deck::new(base.seed, STREAM.of(1), &[outcomes]);
        Population::new(arrivals, deck, 0, lifecycle, pins)
    }
}

impl SeriesTable {
    fn pattern(&self, place: Place, problems: &mut Vec<Problem>) -> Pattern {
        let curve = self.curve.weights();
        check_weights(&curve, place.clone().key("curve"), problems);
        let Outcomes { success, failure, skip } = self.outcomes;
        let outcomes = [success, failure, skip];
        check_weights(&outcomes, place.clone().key("outcomes"), problems);
        self.object_size.check(place.clone().key("object_size"), problems);
        let mut recurring =
            |key: &str, every, lasts| recurring(every, lasts, place.clone().key(key), problems);
        Pattern {
            load: Load::new(self.requests_per_hour, curve),
            burst: self.bursts.map(|b| recurring("bursts", b.every, b.lasts)),
            burst_factor: self.bursts.map_or(1, |b| b.factor),
            gap: self.gaps.map(|g| recurring("gaps", g.every, g.lasts)),
            outcomes,
            object_size: self.object_size.quantiles(),
        }
    }
}

fn recurring(every: Length, lasts: Length, place: Place, problems: &mut Vec<Problem>) -> Recurring {
    if every.0 < BUCKET {
        let text = format!("must be at least {}, is {every}", Length(BUCKET));
        problems.push(Problem::value(place.clone().key("every"), text));
    }
    if lasts.0 == 0 || lasts > every {
        let text = format!("must be longer than 0s and at most every ({every}), is {lasts}");
        problems.push(Problem::value(place.key("lasts"), text));
    }
    Recurring { every: every.0, lasts: lasts.0 }
}

impl PinnedTask {
    fn check(&self, place: Place, problems: &mut Vec<Problem>) {
        if let (Some(Status::Synchronizing), Some(_)) = (self.status, self.stopped_at) {
            let text = "a task that is SYNCHRONIZING has no stopped_at";
            problems.push(
                Problem::key(place.clone().key("stopped_at"), text)
                    .hint("with stopped_at alone it is SYNCHRONIZING until then"),
            );
        }
        if let (Some(created), Some(stopped)) = (self.create_time, self.stopped_at)
            && stopped.0 < created
        {
            let text = "stopped_at lies before create_time";
            problems.push(Problem::value(place.clone().key("stopped_at"), text));
        }
        if let Some(statistics) = &self.statistics {
            let place = place.key("statistics");
            for (name, points) in statistics.lists() {
                self.check_points(points, &place.clone().key(name), problems);
            }
            statistics.check_sums(&place, problems);
        }
    }

    fn check_points(&self, points: &[Point], place: &Place, problems: &mut Vec<Problem>) {
        let mut last = None;
        for (i, &[stamp, number]) in points.iter().enumerate() {
            let start = stamp - stamp % BUCKET;
            let bucket = bucket_at(stamp);
            let at = |element| place.clone().index(i).index(element);
            let created = self.create_time.map(Timestamp::from_millis);
            let stopped = self.stopped_at.map(|at| Timestamp::from_millis(at.0));
            if stamp != start {
                problems.push(
                    Problem::value(at(0), format!("no five minutes begin at {stamp}"))
                        .hint(format!("those around it begin at {start}")),
                );
            } else if last.is_some_and(|last| stamp <= last) {
                problems.push(Problem::value(at(0), "time stamps must ascend"));
            } else if created.is_some_and(|created| bucket < bucket_of(created)) {
                problems.push(Problem::value(at(0), format!("{stamp} lies before create_time")));
            } else if stopped.is_some_and(|stopped| bucket > bucket_of(stopped)) {
                problems.push(Problem::value(at(0), format!("{stamp} lies after stopped_at")));
            }
            if number > LARGEST {
                problems.push(Problem::value(at(1), format!("must be at most {LARGEST}")));
            }
            last = Some(stamp);
        }
    }

    fn resolve(&self, index: u64, base: &Base, ids: &IdCodec, pattern: &Pattern) -> Pin<Task> {
        let stopped = self.stopped_at.map(|at| Timestamp::from_millis(at.0));
        let stopped = stopped.or((self.status == Some(Status::Stopped)).then_some(base.start));
        let figures = match &self.statistics {
            Some(statistics) => {
                let series = Series::new(pattern, base.seed, stream(index));
                Figures::Exact(statistics.counts(&series))
            }
            None => Figures::Drawn(index),
        };
        let born = match (self.create_time, &figures) {
            (Some(created), _) => Timestamp::from_millis(created),
            (None, Figures::Exact(counts)) if !counts.is_empty() => {
                counts.first().map_or(base.start, |(bucket, _)| start_of(*bucket))
            }
            _ => stopped.map_or(base.start, |stopped| stopped.min(base.start)).minus(30 * DAY),
        };
        let sync_task_id = self.sync_task_id.clone().unwrap_or_else(|| ids.uuid(index));
        Pin { born, value: Task { sync_task_id, stopped, figures } }
    }
}

/// The bucket of a stamp of the file.
fn bucket_at(stamp: u64) -> i64 {
    (stamp / BUCKET) as i64
}

impl Statistics {
    fn lists(&self) -> impl Iterator<Item = (&'static str, &[Point])> {
        let optional = [
            ("SUCCESS", &self.success),
            ("FAILURE", &self.failure),
            ("SKIP", &self.skip),
            ("SIZE", &self.size),
        ];
        let optional =
            optional.into_iter().filter_map(|(name, list)| Some((name, list.as_deref()?)));
        std::iter::once(("REQUEST", self.request.as_slice())).chain(optional)
    }

    fn check_sums(&self, place: &Place, problems: &mut Vec<Problem>) {
        let requests: BTreeMap<u64, u64> = by_stamp(&self.request);
        let mut settled: BTreeMap<u64, (u64, Place)> = BTreeMap::new();
        let outcomes =
            self.lists().filter(|(name, _)| ["SUCCESS", "FAILURE", "SKIP"].contains(name));
        for (name, points) in outcomes {
            for (i, &[stamp, number]) in points.iter().enumerate() {
                let place = place.clone().key(name).index(i);
                let (sum, _) = settled.entry(stamp).or_insert((0, place));
                *sum = sum.saturating_add(number);
            }
        }
        for (stamp, (sum, place)) in settled {
            let request = requests.get(&stamp).copied().unwrap_or(0);
            if sum > request {
                let text = format!(
                    "SUCCESS, FAILURE and SKIP of {stamp} add up to {sum}, its REQUEST is {request}"
                );
                problems.push(Problem::value(place, text));
            }
        }
        let successes = self.success.as_deref().map(by_stamp);
        for (i, &[stamp, number]) in self.size.iter().flatten().enumerate() {
            let place = place.clone().key("SIZE");
            let Some(successes) = &successes else {
                let text = "SIZE needs SUCCESS beside it";
                problems.push(Problem::key(place, text));
                break;
            };
            if number > 0 && successes.get(&stamp).is_none_or(|success| *success == 0) {
                let text = format!("there is no SUCCESS of {stamp}");
                problems.push(Problem::value(place.index(i), text));
            }
        }
    }

    fn counts(&self, series: &Series<'_>) -> Vec<(i64, Counts)> {
        let given = |list: &Option<Vec<Point>>| list.as_deref().map(by_stamp);
        let [success, failure, skip, size] =
            [&self.success, &self.failure, &self.skip, &self.size].map(given);
        let at = |map: &Option<BTreeMap<u64, u64>>, stamp| {
            map.as_ref().map(|map| map.get(&stamp).copied().unwrap_or(0))
        };
        by_stamp(&self.request)
            .into_iter()
            .map(|(stamp, request)| {
                let given = Given {
                    success: at(&success, stamp),
                    failure: at(&failure, stamp),
                    skip: at(&skip, stamp),
                    size: at(&size, stamp),
                };
                (bucket_at(stamp), series.split(bucket_at(stamp), request, given))
            })
            .collect()
    }
}

fn by_stamp(points: &[Point]) -> BTreeMap<u64, u64> {
    points.iter().map(|&[stamp, number]| (stamp, number)).collect()
}
