//! The `[oms]` part of a scenario file, and the plan it becomes.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::history::stream;
use super::quirks::Quirks;
use super::settings::{
    CloudType, ConsistencyCheck, OverwriteMode, Settings, SourceCdn, StoragePolicy,
};
use super::state::{STOPPED, SYNCHRONIZING, TASK};
use super::task::Exact;
use crate::plan::Base;
use crate::scenario::paging::Paging;
use crate::scenario::parts::{
    Created, Lives, SizeSpread, SizeSpreadTable, Spread, When, check_weights,
};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::{Length, Moment, Size};
use crate::world::deck::Deck;
use crate::world::draw::{Seed, Stream};
use crate::world::ids::IdCodec;
use crate::world::lifecycle::{Lifecycle, Path, Stay};
use crate::world::names::Tongue;
use crate::world::population::{Pin, Population, pinned_index};
use crate::world::quantiles::Quantiles;
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
    /// Tasks that clients create.
    pub created: Created,
    /// Exact tasks, beside the generated ones.
    pub task: Vec<PinnedTask>,
    pub series: SeriesTable,
    /// How ListSyncTasks goes with changes between two of its pages.
    pub paging: Paging,
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
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            duration: Spread::usual(&TASK, SYNCHRONIZING),
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
    /// Unix ms. Default: `create_time`.
    #[schemars(range(min = 0))]
    pub last_start_time: Option<i64>,
    /// From then on nothing happens any more, unless a client starts it. Default, for a
    /// STOPPED one: the start of the clock.
    pub stopped_at: Option<Moment>,
    /// Its whole life from `create_time` on, instead of `status` and `stopped_at`: states and
    /// how long each lasts, as in `["SYNCHRONIZING 2h", "STOPPED 1h", "SYNCHRONIZING"]`, in
    /// time or in looks (answers of ListSyncTasks and ShowSyncTask with it). In the state
    /// DELETED it is gone.
    #[schemars(length(max = 1000))]
    pub path: Option<Vec<String>>,
    pub src_cloud_type: Option<CloudType>,
    #[schemars(length(min = 1, max = 255))]
    pub src_region: Option<String>,
    #[schemars(length(min = 1, max = 255))]
    pub src_bucket: Option<String>,
    #[schemars(length(min = 1, max = 255))]
    pub dst_region: Option<String>,
    #[schemars(length(min = 1, max = 255))]
    pub dst_bucket: Option<String>,
    #[schemars(length(max = 255))]
    pub description: Option<String>,
    /// Left out: answers do not have it, as newer ones.
    pub enable_kms: Option<bool>,
    pub enable_metadata_migration: Option<bool>,
    pub enable_restore: Option<bool>,
    /// Of Tencent alone.
    #[schemars(length(min = 1, max = 255))]
    pub app_id: Option<String>,
    /// Left out: none.
    pub source_cdn: Option<SourceCdn>,
    pub object_overwrite_mode: Option<OverwriteMode>,
    pub dst_storage_policy: Option<StoragePolicy>,
    pub consistency_check: Option<ConsistencyCheck>,
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

#[derive(Debug)]
pub struct Plan {
    pub seed: Seed,
    pub tongue: Tongue,
    pub project_id: String,
    pub tasks: Population<Exact>,
    pub created_paths: Vec<Arc<Path>>,
    pub ids: IdCodec,
    pub pattern: Pattern,
    pub paging: Paging,
    pub quirks: Quirks,
}

const STREAM: Stream = Stream::named("oms.task");

impl Section {
    pub fn plan(self, base: &Base, place: Place, problems: &mut Vec<Problem>) -> Plan {
        self.paging.check(&place, problems);
        self.quirks.check(&place, problems);
        let pattern = self.series.pattern(place.clone().key("series"), problems);
        let ids = IdCodec::new(base.seed, STREAM.of(3));
        let duration = self.tasks.duration.quantiles();
        let usual = |state| (state == SYNCHRONIZING).then(|| duration.clone());
        let lives = Lives { machine: &TASK, usual: &usual };
        let created_paths = self.created.paths(&lives, &TASK.first(), &place, problems);
        let mut taken = HashSet::new();
        let pins = self.task.iter().enumerate().map(|(i, pin)| {
            let place = place.clone().key("task").index(i);
            if let Some(id) = &pin.sync_task_id
                && !taken.insert(id.as_str())
            {
                let text = format!("there is another task {id}");
                problems.push(Problem::value(place.clone().key("sync_task_id"), text));
            }
            pin.check(place.clone(), problems);
            let path = pin
                .path
                .as_ref()
                .and_then(|steps| lives.path(steps, &TASK.first(), &place.key("path"), problems));
            pin.resolve(pinned_index(i), path, base, &ids, &pattern)
        });
        let pins: Vec<Pin<Exact>> = pins.collect();
        let tasks = self.tasks.population(base, &lives, pins, place.key("tasks"), problems);
        let project_id =
            self.project_id.unwrap_or_else(|| "2c0689c860ad4728a497c91ec0844383".to_owned());
        Plan {
            seed: base.seed,
            tongue: base.tongue,
            project_id,
            tasks,
            created_paths,
            ids,
            pattern,
            paging: self.paging,
            quirks: self.quirks,
        }
    }
}

impl Tasks {
    fn population(
        &self,
        base: &Base,
        lives: &Lives<'_>,
        pins: Vec<Pin<Exact>>,
        place: Place,
        problems: &mut Vec<Problem>,
    ) -> Population<Exact> {
        let over = self.over.or(self.every.is_none().then_some(Length(90 * DAY)));
        let when = When { count: self.count, every: self.every, over, start: self.start };
        let arrivals = when.arrivals(base, STREAM, &place, problems);
        self.duration.check(place.clone().key("duration"), problems);
        let written = self.outcomes.map(|o| vec![o.synchronizing, o.stopped]);
        let outcomes = written.unwrap_or_else(|| TASK.weights());
        check_weights(&outcomes, place.key("outcomes"), problems);
        let paths = lives.generated();
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
        if let (Some(created), Some(started)) = (self.create_time, self.last_start_time)
            && started < created
        {
            let text = "last_start_time lies before create_time";
            problems.push(Problem::value(place.clone().key("last_start_time"), text));
        }
        for (name, there) in [
            ("status", self.status.is_some()),
            ("stopped_at", self.stopped_at.is_some()),
            ("last_start_time", self.last_start_time.is_some()),
        ] {
            if there && self.path.is_some() {
                let text = format!("{name} says what path says already");
                problems.push(Problem::key(place.clone().key(name), text));
            }
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

    fn resolve(
        &self,
        index: u64,
        path: Option<Path>,
        base: &Base,
        ids: &IdCodec,
        pattern: &Pattern,
    ) -> Pin<Exact> {
        let stopped = self.stopped_at.map(|at| Timestamp::from_millis(at.0));
        let stopped = stopped.or((self.status == Some(Status::Stopped)).then_some(base.start));
        let series = Series::new(pattern, base.seed, stream(index));
        let figures = self.statistics.as_ref().map(|statistics| statistics.counts(&series));
        let earliest = figures.as_ref().and_then(|counts| counts.first());
        let usual =
            || stopped.map_or(base.start, |stopped| stopped.min(base.start)).minus(30 * DAY);
        let born = match (self.create_time, earliest) {
            (Some(created), _) => Timestamp::from_millis(created),
            (None, Some((bucket, _))) => start_of(*bucket),
            (None, None) => usual(),
        };
        let path = path.unwrap_or_else(|| match stopped {
            Some(stopped) => {
                let length = Quantiles::constant(stopped.since(born));
                Path { stays: vec![(SYNCHRONIZING, Stay::Time(length))], rest: STOPPED }
            }
            None => Path { stays: vec![], rest: SYNCHRONIZING },
        });
        let exact = Exact {
            sync_task_id: self.sync_task_id.clone().unwrap_or_else(|| ids.uuid(index)),
            index,
            path,
            last_start_time: self.last_start_time.map(Timestamp::from_millis),
            settings: self.settings(Settings::drawn(
                base.seed,
                index,
                base.tongue,
                self.src_cloud_type,
            )),
            figures,
        };
        Pin { born, value: exact }
    }

    /// Those that are written, and the drawn ones of those that are left out.
    fn settings(&self, drawn: Settings) -> Settings {
        let text = |written: &Option<String>, drawn: String| written.clone().unwrap_or(drawn);
        Settings {
            src_cloud_type: drawn.src_cloud_type,
            src_region: text(&self.src_region, drawn.src_region),
            src_bucket: text(&self.src_bucket, drawn.src_bucket),
            dst_region: text(&self.dst_region, drawn.dst_region),
            dst_bucket: text(&self.dst_bucket, drawn.dst_bucket),
            description: text(&self.description, drawn.description),
            enable_kms: self.enable_kms,
            enable_metadata_migration: self
                .enable_metadata_migration
                .unwrap_or(drawn.enable_metadata_migration),
            enable_restore: self.enable_restore.unwrap_or(drawn.enable_restore),
            app_id: self.app_id.clone().or(drawn.app_id),
            source_cdn: self.source_cdn.clone(),
            object_overwrite_mode: self
                .object_overwrite_mode
                .unwrap_or(drawn.object_overwrite_mode),
            dst_storage_policy: self.dst_storage_policy.unwrap_or(drawn.dst_storage_policy),
            consistency_check: self.consistency_check.unwrap_or(drawn.consistency_check),
        }
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
