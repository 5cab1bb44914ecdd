//! The `[oms]` section of a scenario file, and its plan.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::history::series_stream;
use super::quirks::Quirks;
use super::settings::{
    CloudType, ConsistencyCheck, OverwriteMode, Settings, SourceCdn, StoragePolicy,
};
use super::state::{SyncTaskState, TASK};
use super::task::FixedTask;
use crate::scenario::Base;
use crate::scenario::paging::Paging;
use crate::scenario::path_weights::PathWeights;
use crate::scenario::population::{ArrivalsTable, check_moving, check_weights};
use crate::scenario::prescribed_path::{CreatedTable, PathReader};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::spread::{SizeSpread, SizeSpreadTable, Spread};
use crate::scenario::value::{Length, Moment, Size};
use crate::world::draw::{Seed, Stream};
use crate::world::ids::IdCodec;
use crate::world::lifecycle::{Dwell, Lifecycle, LifecyclePath};
use crate::world::names::Locale;
use crate::world::population::{FixedRecord, Population, fixed_index};
use crate::world::quantiles::Quantiles;
use crate::world::sampler::StratifiedSampler;
use crate::world::series::{
    BUCKET, Counts, Given, Load, MAX_COUNT, Pattern, Recurring, Series, bucket_of, start_of,
};
use crate::world::time::{DAY, Timestamp};

/// Huawei Cloud OMS: the synchronization tasks of one project and what they have done.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OmsSection {
    /// The id of the project, which requests must name. Default: the one of the vendor's page,
    /// 2c0689c860ad4728a497c91ec0844383.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) project_id: Option<String>,
    pub(crate) tasks: Tasks,
    /// Tasks that clients create.
    pub(crate) created: CreatedTable,
    /// Fixed tasks, beside the generated ones.
    pub(crate) task: Vec<FixedTaskTable>,
    pub(crate) series: SeriesTable,
    /// What ListSyncTasks shows when tasks change between two of its pages.
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
}

/// The generated tasks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tasks {
    /// Number of tasks at the start.
    pub(crate) count: u64,
    /// Time between two tasks, before the start and after it. Left out: no tasks arrive after
    /// the start.
    pub(crate) every: Option<Length>,
    /// Without `every`: the time before the start in which all of them are created. It is divided
    /// into as many slots as the next power of two, and the last ones have a task each. Default
    /// 90d.
    pub(crate) over: Option<Length>,
    /// The instant at which there are `count` tasks. Default: the start of the clock.
    pub(crate) start: Option<Moment>,
    /// Weights of the paths that tasks take.
    pub(crate) outcomes: Option<PathWeights<SyncTaskState>>,
    /// How long a task synchronizes before it stops.
    pub(crate) duration: Spread,
}

impl Default for Tasks {
    fn default() -> Self {
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            duration: Spread::default_dwell(&TASK, SyncTaskState::Synchronizing),
        }
    }
}

/// One fixed task; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FixedTaskTable {
    #[schemars(length(min = 1, max = 255))]
    pub(crate) sync_task_id: Option<String>,
    /// Default: SYNCHRONIZING, or STOPPED if there is a `stopped_at`.
    pub(crate) status: Option<Status>,
    /// Unix ms. Default: the first of its `statistics`, or 30 days before the start of the
    /// clock (or before `stopped_at`).
    #[schemars(range(min = 0, max = 253_402_271_999_999_i64))]
    pub(crate) create_time: Option<i64>,
    /// Unix ms. Default: `create_time`.
    #[schemars(range(min = 0, max = 253_402_271_999_999_i64))]
    pub(crate) last_start_time: Option<i64>,
    /// When the task stops; it stays STOPPED until a client starts it. Default for a STOPPED task:
    /// the start of the clock.
    pub(crate) stopped_at: Option<Moment>,
    /// The states from `create_time` on, instead of `status` and `stopped_at`, and how long each
    /// lasts, as in `["SYNCHRONIZING 2h", "STOPPED 1h", "SYNCHRONIZING"]`: in time, or in looks
    /// (answers of ListSyncTasks and ShowSyncTask that show the task). A DELETED task no longer
    /// exists.
    #[schemars(length(max = 1000))]
    pub(crate) path: Option<Vec<String>>,
    pub(crate) src_cloud_type: Option<CloudType>,
    #[schemars(length(min = 1, max = 255))]
    pub(crate) src_region: Option<String>,
    #[schemars(length(min = 1, max = 255))]
    pub(crate) src_bucket: Option<String>,
    #[schemars(length(min = 1, max = 255))]
    pub(crate) dst_region: Option<String>,
    #[schemars(length(min = 1, max = 255))]
    pub(crate) dst_bucket: Option<String>,
    #[schemars(length(max = 255))]
    pub(crate) description: Option<String>,
    /// Left out: answers do not have it, like those of the present service.
    pub(crate) enable_kms: Option<bool>,
    pub(crate) enable_metadata_migration: Option<bool>,
    pub(crate) enable_restore: Option<bool>,
    /// Only for Tencent.
    #[schemars(length(min = 1, max = 255))]
    pub(crate) app_id: Option<String>,
    /// Left out: no CDN.
    pub(crate) source_cdn: Option<SourceCdn>,
    pub(crate) object_overwrite_mode: Option<OverwriteMode>,
    pub(crate) dst_storage_policy: Option<StoragePolicy>,
    pub(crate) consistency_check: Option<ConsistencyCheck>,
    /// The exact statistics of the task, instead of a generated series.
    pub(crate) statistics: Option<Statistics>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Synchronizing,
    Stopped,
}

/// `[time_stamp, statistic_num]`: the start of a bucket of five minutes (Unix ms), and its number.
pub(crate) type Point = [u64; 2];

/// Points by five minutes, ascending. Types that are left out are derived from REQUEST.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
pub(crate) struct Statistics {
    pub(crate) request: Vec<Point>,
    pub(crate) success: Option<Vec<Point>>,
    pub(crate) failure: Option<Vec<Point>>,
    pub(crate) skip: Option<Vec<Point>>,
    /// Bytes of the successes; needs SUCCESS.
    pub(crate) size: Option<Vec<Point>>,
}

/// The generated statistics of tasks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SeriesTable {
    /// Number of objects that a task is requested to synchronize in an average hour.
    #[schemars(range(max = 1_000_000_000))]
    pub(crate) requests_per_hour: u64,
    /// The distribution of requests over the day.
    pub(crate) curve: Curve,
    /// Periods of more requests. Default: none.
    pub(crate) bursts: Option<Bursts>,
    /// Periods without requests. Default: none.
    pub(crate) gaps: Option<Gaps>,
    /// Weights of the outcomes of requests.
    pub(crate) outcomes: Outcomes,
    /// The sizes of objects.
    pub(crate) object_size: SizeSpread,
}

impl Default for SeriesTable {
    fn default() -> Self {
        let object_size = SizeSpreadTable { median: Size(256_000), p99: Some(Size(50_000_000)) };
        Self {
            requests_per_hour: 120,
            curve: Curve::Named(CurveName::Office),
            bursts: None,
            gaps: None,
            outcomes: Outcomes::default(),
            object_size: SizeSpread::Spread(object_size),
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Curve {
    /// A predefined curve.
    Named(CurveName),
    /// The weights of 24 hours, from midnight on (China time).
    Weights(#[schemars(inner(range(max = 65536)))] [u64; 24]),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CurveName {
    /// Busy from nine to six (China time).
    Office,
    /// Busy from eight in the evening to six in the morning (China time).
    Night,
    /// The same load at any time.
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
pub(crate) struct Bursts {
    /// The period, at least 5m.
    pub(crate) every: Length,
    pub(crate) lasts: Length,
    /// The load as a multiple of the normal one.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) factor: u64,
}

/// Once in every period, at a time of its own for each task.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gaps {
    /// The period, at least 5m.
    pub(crate) every: Length,
    pub(crate) lasts: Length,
}

/// A key that is left out keeps its default.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Outcomes {
    /// Default 95.
    #[schemars(range(max = 65536))]
    pub(crate) success: u64,
    /// Default 3.
    #[schemars(range(max = 65536))]
    pub(crate) failure: u64,
    /// Default 2.
    #[schemars(range(max = 65536))]
    pub(crate) skip: u64,
}

impl Default for Outcomes {
    fn default() -> Self {
        Self { success: 95, failure: 3, skip: 2 }
    }
}

#[derive(Debug)]
pub(crate) struct OmsPlan {
    pub(crate) seed: Seed,
    pub(crate) locale: Locale,
    pub(crate) project_id: String,
    pub(crate) tasks: Population<FixedTask, SyncTaskState>,
    pub(crate) created_paths: Vec<Arc<LifecyclePath<SyncTaskState>>>,
    pub(crate) ids: IdCodec,
    pub(crate) pattern: Pattern,
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
}

const STREAM: Stream = Stream::named("oms.task");

impl OmsSection {
    pub(crate) fn plan(
        self,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> OmsPlan {
        self.paging.check(&path, problems);
        self.quirks.check(&path, problems);
        let pattern = self.series.pattern(path.clone().key("series"), problems);
        let ids = IdCodec::new(base.seed, STREAM.of(3));
        let duration = self.tasks.duration.quantiles();
        let default_dwell =
            |state| (state == SyncTaskState::Synchronizing).then(|| duration.clone());
        let reader = PathReader { table: &TASK, default_dwell: &default_dwell };
        let created_paths = self.created.paths(&reader, &TASK.first(), &path, problems);
        let mut taken_ids = HashSet::new();
        let records = self.task.iter().enumerate().map(|(i, task)| {
            let path = path.clone().key("task").index(i);
            if let Some(id) = &task.sync_task_id
                && !taken_ids.insert(id.as_str())
            {
                let text = format!("there is another task {id}");
                problems.push(Problem::value(path.clone().key("sync_task_id"), text));
            }
            task.check(path.clone(), problems);
            let lifecycle_path = task
                .path
                .as_ref()
                .and_then(|steps| reader.path(steps, &TASK.first(), &path.key("path"), problems));
            task.to_record(fixed_index(i), lifecycle_path, base, &ids, &pattern)
        });
        let records: Vec<FixedRecord<FixedTask>> = records.collect();
        let tasks = self.tasks.population(base, &reader, records, path.key("tasks"), problems);
        let project_id =
            self.project_id.unwrap_or_else(|| "2c0689c860ad4728a497c91ec0844383".to_owned());
        OmsPlan {
            seed: base.seed,
            locale: base.locale,
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
        reader: &PathReader<'_, SyncTaskState>,
        records: Vec<FixedRecord<FixedTask>>,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> Population<FixedTask, SyncTaskState> {
        let over = self.over.or(self.every.is_none().then_some(Length(90 * DAY)));
        let table = ArrivalsTable { count: self.count, every: self.every, over, start: self.start };
        let arrivals = table.arrivals(base, STREAM, &path, problems);
        self.duration.check(path.clone().key("duration"), problems);
        let outcomes = PathWeights::or_default(self.outcomes.as_ref());
        check_weights(&outcomes, path.clone().key("outcomes"), problems);
        let paths = reader.generated();
        let lifecycle = Lifecycle::new(base.seed, STREAM.of(2), paths);
        let sampler = StratifiedSampler::new(base.seed, STREAM.of(1), &[outcomes]);
        let population = Population::new(arrivals, sampler, 0, lifecycle, records);
        check_moving(&population, &path, problems);
        population
    }
}

impl SeriesTable {
    fn pattern(&self, path: DocumentPath, problems: &mut Vec<Problem>) -> Pattern {
        let curve = self.curve.weights();
        check_weights(&curve, path.clone().key("curve"), problems);
        let Outcomes { success, failure, skip } = self.outcomes;
        let outcomes = [success, failure, skip];
        check_weights(&outcomes, path.clone().key("outcomes"), problems);
        self.object_size.check(path.clone().key("object_size"), problems);
        let mut recurring =
            |key: &str, every, lasts| recurring(every, lasts, path.clone().key(key), problems);
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

fn recurring(
    every: Length,
    lasts: Length,
    path: DocumentPath,
    problems: &mut Vec<Problem>,
) -> Recurring {
    if every.0 < BUCKET {
        let text = format!("must be at least {}, is {every}", Length(BUCKET));
        problems.push(Problem::value(path.clone().key("every"), text));
    }
    if lasts.0 == 0 || lasts > every {
        let text = format!("must be longer than 0s and at most every ({every}), is {lasts}");
        problems.push(Problem::value(path.key("lasts"), text));
    }
    Recurring { every: every.0, lasts: lasts.0 }
}

impl FixedTaskTable {
    fn check(&self, path: DocumentPath, problems: &mut Vec<Problem>) {
        if let (Some(Status::Synchronizing), Some(_)) = (self.status, self.stopped_at) {
            let text = "a task that is SYNCHRONIZING has no stopped_at";
            problems.push(
                Problem::key(path.clone().key("stopped_at"), text)
                    .hint("with stopped_at alone it is SYNCHRONIZING until then"),
            );
        }
        if let (Some(created), Some(stopped)) = (self.create_time, self.stopped_at)
            && stopped.0 < created
        {
            let text = "stopped_at lies before create_time";
            problems.push(Problem::value(path.clone().key("stopped_at"), text));
        }
        if let (Some(created), Some(started)) = (self.create_time, self.last_start_time)
            && started < created
        {
            let text = "last_start_time lies before create_time";
            problems.push(Problem::value(path.clone().key("last_start_time"), text));
        }
        for (name, is_written) in [
            ("status", self.status.is_some()),
            ("stopped_at", self.stopped_at.is_some()),
            ("last_start_time", self.last_start_time.is_some()),
        ] {
            if is_written && self.path.is_some() {
                let text = format!("{name} says what path says already");
                problems.push(Problem::key(path.clone().key(name), text));
            }
        }
        if let Some(statistics) = &self.statistics {
            let path = path.key("statistics");
            for (name, points) in statistics.points_by_type() {
                self.check_points(points, &path.clone().key(name), problems);
            }
            statistics.check_sums(&path, problems);
        }
    }

    fn check_points(&self, points: &[Point], path: &DocumentPath, problems: &mut Vec<Problem>) {
        let mut last = None;
        for (i, &[stamp, number]) in points.iter().enumerate() {
            let start = stamp - stamp % BUCKET;
            let bucket = bucket_at(stamp);
            let at = |element| path.clone().index(i).index(element);
            let created = self.create_time.map(Timestamp::from_millis);
            let stopped = self.stopped_at.map(|at| Timestamp::from_millis(at.0));
            if stamp > Timestamp::MAX.millis().unsigned_abs() {
                problems.push(Problem::value(at(0), format!("{stamp} lies after the year 9999")));
            } else if stamp != start {
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
            if number > MAX_COUNT {
                problems.push(Problem::value(at(1), format!("must be at most {MAX_COUNT}")));
            }
            last = Some(stamp);
        }
    }

    /// The record, its unwritten values drawn by the index.
    fn to_record(
        &self,
        index: u64,
        path: Option<LifecyclePath<SyncTaskState>>,
        base: &Base,
        ids: &IdCodec,
        pattern: &Pattern,
    ) -> FixedRecord<FixedTask> {
        let stopped = self.stopped_at.map(|at| Timestamp::from_millis(at.0));
        let stopped = stopped.or((self.status == Some(Status::Stopped)).then_some(base.start));
        let series = Series::new(pattern, base.seed, series_stream(index));
        let counts = self.statistics.as_ref().map(|statistics| statistics.counts(&series));
        let earliest = counts.as_ref().and_then(|counts| counts.first());
        let default =
            || stopped.map_or(base.start, |stopped| stopped.min(base.start)).minus(30 * DAY);
        let born = match (self.create_time, earliest) {
            (Some(created), _) => Timestamp::from_millis(created),
            (None, Some((bucket, _))) => start_of(*bucket),
            (None, None) => default(),
        };
        let path = path.unwrap_or_else(|| match stopped {
            Some(stopped) => {
                let length = Quantiles::constant(stopped.since(born));
                LifecyclePath {
                    dwells: vec![(SyncTaskState::Synchronizing, Dwell::Time(length))],
                    terminal: SyncTaskState::Stopped,
                }
            }
            None => LifecyclePath::fixed(SyncTaskState::Synchronizing),
        });
        let value = FixedTask {
            sync_task_id: self.sync_task_id.clone().unwrap_or_else(|| ids.uuid(index)),
            index,
            path,
            last_start_time: self.last_start_time.map(Timestamp::from_millis),
            settings: self.settings(Settings::drawn(
                base.seed,
                index,
                base.locale,
                self.src_cloud_type,
            )),
            counts,
        };
        FixedRecord { born, value }
    }

    /// The settings of the file; drawn ones where it leaves them out.
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

/// The bucket of a time stamp of the file.
fn bucket_at(stamp: u64) -> i64 {
    (stamp / BUCKET) as i64
}

impl Statistics {
    fn points_by_type(&self) -> impl Iterator<Item = (&'static str, &[Point])> {
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

    fn check_sums(&self, path: &DocumentPath, problems: &mut Vec<Problem>) {
        let requests: BTreeMap<u64, u64> = by_stamp(&self.request);
        let mut outcome_sums: BTreeMap<u64, (u64, DocumentPath)> = BTreeMap::new();
        let outcomes =
            self.points_by_type().filter(|(name, _)| ["SUCCESS", "FAILURE", "SKIP"].contains(name));
        for (name, points) in outcomes {
            for (i, &[stamp, number]) in points.iter().enumerate() {
                let path = path.clone().key(name).index(i);
                let (sum, _) = outcome_sums.entry(stamp).or_insert((0, path));
                *sum = sum.saturating_add(number);
            }
        }
        for (stamp, (sum, path)) in outcome_sums {
            let request = requests.get(&stamp).copied().unwrap_or(0);
            if sum > request {
                let text = format!(
                    "SUCCESS, FAILURE and SKIP of {stamp} add up to {sum}, its REQUEST is {request}"
                );
                problems.push(Problem::value(path, text));
            }
        }
        let successes = self.success.as_deref().map(by_stamp);
        for (i, &[stamp, number]) in self.size.iter().flatten().enumerate() {
            let path = path.clone().key("SIZE");
            let Some(successes) = &successes else {
                let text = "SIZE needs SUCCESS beside it";
                problems.push(Problem::key(path, text));
                break;
            };
            if number > 0 && successes.get(&stamp).is_none_or(|success| *success == 0) {
                let text = format!("there is no SUCCESS of {stamp}");
                problems.push(Problem::value(path.index(i), text));
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
