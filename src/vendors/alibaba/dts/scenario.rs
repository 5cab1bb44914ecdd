//! The `[dts]` part of a scenario file, and the plan it becomes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ids;
use super::job::{
    CLASSES, FixedJob, PATH, PAY_TYPES, STREAM, SUBJECT, class_in_row, pay_type_in_row,
    region_in_row, tags_in_row,
};
use super::quirks::Quirks;
use super::state::{INITIALIZATIONS, Initialization, PathVariant, TASK, TaskState, UNDISTURBED};
use super::subject::{self, subject_of_alternative};
use super::task::{Direction, FixedTask};
use crate::scenario::Base;
use crate::scenario::failure_messages::{
    DefaultFailureMessage, FailureMessageTable, failure_messages,
};
use crate::scenario::paging::Paging;
use crate::scenario::path_weights::PathWeights;
use crate::scenario::population::{ArrivalsTable, check_moving, check_weights, one};
use crate::scenario::prescribed_path::{CreatedTable, PathReader, created_path};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::spread::{Spread, SpreadTable};
use crate::scenario::value::{Length, Moment};
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::failure_messages::FailureMessages;
use crate::world::ids::IdCodec;
use crate::world::lifecycle::{Dwell, Lifecycle, LifecyclePath, State};
use crate::world::names::Locale;
use crate::world::population::{FixedRecord, Population, fixed_index};
use crate::world::quantiles::Quantiles;
use crate::world::sampler::{MAX_WEIGHT_SUM, StratifiedSampler, Weights};
use crate::world::time::{DAY, SECOND, Timestamp};

type Path = LifecyclePath<TaskState>;

/// Alibaba Cloud DTS: the data synchronization instances of one account.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DtsSection {
    pub(crate) jobs: Jobs,
    /// The tasks that clients configure and start. A path begins with Prechecking. Each
    /// ConfigureSynchronizationJob takes the next one, and so does a StartSynchronizationJob that
    /// leads to Prechecking. A paused task continues its path when it is started; one that
    /// failed synchronizes from then on. Left out: they behave like generated tasks that are not
    /// paused, changed or ended.
    pub(crate) created: CreatedTable,
    /// The regions of the generated jobs, in equal parts. Default: cn-hangzhou, cn-shanghai,
    /// cn-beijing and cn-shenzhen.
    #[schemars(length(max = 64))]
    pub(crate) regions: Vec<String>,
    /// The tags of the generated jobs. Default: a few of the keys env and team.
    #[schemars(length(max = 200))]
    pub(crate) tag: Vec<TagTable>,
    /// Fixed jobs, among the generated ones.
    pub(crate) job: Vec<FixedJobTable>,
    /// The error messages of failed jobs. Default: a few believable ones.
    pub(crate) cause: Vec<FailureMessageTable>,
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
}

/// The generated jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Jobs {
    /// Number of jobs at the start.
    pub(crate) count: u64,
    /// The interval between two jobs: the spacing before the start, and more arrive after it. Left
    /// out: none arrive later.
    pub(crate) every: Option<Length>,
    /// Without `every`: the time before the start in which all of them are created. It is divided
    /// into as many slots as the next power of two, and the last ones have a job each. Default 7d.
    pub(crate) over: Option<Length>,
    /// The instant at which there are `count` jobs. Default: the start of the clock.
    pub(crate) start: Option<Moment>,
    /// Weights of the states that tasks end in; each direction of a job has its own.
    pub(crate) outcomes: Option<PathWeights<TaskState>>,
    /// Weights of what is copied before incremental synchronization. A job with nothing to copy
    /// does not initialize.
    pub(crate) copies: CopyWeights,
    /// Weights of one-way and two-way jobs.
    pub(crate) topology: TopologyWeights,
    /// Weights of the link specifications.
    pub(crate) classes: ClassWeights,
    /// Weights of the billing methods.
    pub(crate) pay_types: PayTypeWeights,
    /// How long a job is not started. Default: median 30s, p99 10m.
    pub(crate) waiting: Spread,
    /// How long a precheck takes. Default: median 90s, p99 8m.
    pub(crate) precheck: Spread,
    /// How long the initialization takes. Default: median 20m, p99 6h.
    pub(crate) initialization: Spread,
    /// How long a job synchronizes before it is paused, fails, ends or has its objects
    /// changed. Default: median 12h, p99 4d.
    pub(crate) synchronization: Spread,
    /// How long objects are being changed, in jobs that then synchronize again. Default:
    /// median 3m, p99 30m.
    pub(crate) modification: Spread,
    /// How long a job waits for its initialization after it passed its precheck, as the jobs do
    /// that clients start, and those of the outcome passed. Default: median 2s, p99 5s.
    pub(crate) passed: Spread,
    /// How long jobs of the outcomes retried and given_up retry. Default: median 1m, p99 30m.
    pub(crate) retry: Spread,
    /// How far the checkpoint of a synchronizing job lags behind the clock. Default: median
    /// 1s, p99 6s.
    pub(crate) lag: Spread,
    /// The speed of the checkpoint of a job that was stopped and started again, relative to the
    /// clock, until it has caught up. Default 60.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) catch_up: u64,
}

impl Default for Jobs {
    fn default() -> Self {
        let lag = SpreadTable { median: Length(SECOND), p99: Some(Length(6 * SECOND)) };
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            copies: CopyWeights::default(),
            topology: TopologyWeights::default(),
            classes: ClassWeights::default(),
            pay_types: PayTypeWeights::default(),
            waiting: Spread::default_dwell(&TASK, TaskState::NotStarted),
            precheck: Spread::default_dwell(&TASK, TaskState::Prechecking),
            initialization: Spread::default_dwell(&TASK, TaskState::Initializing),
            synchronization: Spread::default_dwell(&TASK, TaskState::Synchronizing),
            modification: Spread::default_dwell(&TASK, TaskState::Modifying),
            passed: Spread::default_dwell(&TASK, TaskState::PreCheckPass),
            retry: Spread::default_dwell(&TASK, TaskState::Retrying),
            lag: Spread::Spread(lag),
            catch_up: 60,
        }
    }
}

/// The work before incremental synchronization. A key that is left out keeps its default.
// In the order of `INITIALIZATIONS`.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CopyWeights {
    /// Default 7.
    #[schemars(range(max = 65536))]
    pub(crate) structure_and_data: u64,
    /// Default 1.
    #[schemars(range(max = 65536))]
    pub(crate) structure: u64,
    /// Default 1.
    #[schemars(range(max = 65536))]
    pub(crate) data: u64,
    /// Default 1.
    #[schemars(range(max = 65536))]
    pub(crate) none: u64,
}

impl Default for CopyWeights {
    fn default() -> Self {
        Self { structure_and_data: 7, structure: 1, data: 1, none: 1 }
    }
}

/// One-way or two-way. A key that is left out keeps its default.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TopologyWeights {
    /// Default 9.
    #[schemars(range(max = 65536))]
    pub(crate) oneway: u64,
    /// Default 1.
    #[schemars(range(max = 65536))]
    pub(crate) bidirectional: u64,
}

impl Default for TopologyWeights {
    fn default() -> Self {
        Self { oneway: 9, bidirectional: 1 }
    }
}

/// Link specifications. A key that is left out keeps its default.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClassWeights {
    /// Default 1.
    #[schemars(range(max = 65536))]
    pub(crate) micro: u64,
    /// Default 5.
    #[schemars(range(max = 65536))]
    pub(crate) small: u64,
    /// Default 3.
    #[schemars(range(max = 65536))]
    pub(crate) medium: u64,
    /// Default 1.
    #[schemars(range(max = 65536))]
    pub(crate) large: u64,
}

impl Default for ClassWeights {
    fn default() -> Self {
        Self { micro: 1, small: 5, medium: 3, large: 1 }
    }
}

/// Billing methods. A key that is left out keeps its default.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PayTypeWeights {
    /// Default 3.
    #[schemars(range(max = 65536))]
    pub(crate) pre_paid: u64,
    /// Default 7.
    #[schemars(range(max = 65536))]
    pub(crate) post_paid: u64,
}

impl Default for PayTypeWeights {
    fn default() -> Self {
        Self { pre_paid: 3, post_paid: 7 }
    }
}

/// A tag; of those with the same key, a generated job has one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagTable {
    #[serde(rename = "Key")]
    #[schemars(length(min = 1, max = 128))]
    pub(crate) key: String,
    /// Left out: the jobs that have no tag of this key.
    #[serde(rename = "Value", default)]
    #[schemars(length(max = 128))]
    pub(crate) value: Option<String>,
    /// How many of the jobs have it, against the others of the same key.
    #[serde(default = "one")]
    #[schemars(range(max = 65536))]
    pub(crate) weight: u64,
}

/// One fixed job; values that are left out are generated. Unless it has a path, it does not
/// change until a client touches it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct FixedJobTable {
    #[schemars(length(min = 1, max = 64))]
    pub(crate) synchronization_job_id: Option<String>,
    pub(crate) synchronization_job_name: Option<String>,
    pub(crate) synchronization_job_class: Option<Class>,
    pub(crate) pay_type: Option<PayType>,
    pub(crate) region_id: Option<String>,
    /// Default: the start of the clock, or a day before its first checkpoint.
    pub(crate) create_time: Option<Moment>,
    pub(crate) structure_initialization: Option<bool>,
    pub(crate) data_initialization: Option<bool>,
    pub(crate) error_message: Option<String>,
    /// Default: generated ones; `[]` for none.
    pub(crate) tags: Option<Vec<FixedTagTable>>,
    /// Forward, and for two-way jobs Reverse. Default: one-way and Synchronizing.
    #[schemars(length(max = 2))]
    pub(crate) synchronization_direction_info_list: Vec<FixedDirectionTable>,
    /// The states of the forward task one after the other, instead of Forward above, like
    /// ["Prechecking 20s", "Initializing 2 looks", "Synchronizing"]. A state lasts as long as
    /// it usually does, or for a time, or for a number of answers that show the job; the last
    /// one lasts for ever, or until a client touches the job.
    #[serde(rename = "path")]
    pub(crate) path: Option<Vec<String>>,
    /// The same for the reverse task, instead of Reverse above; the job is two-way then.
    #[serde(rename = "reverse_path")]
    pub(crate) reverse_path: Option<Vec<String>>,
}

/// A tag of one fixed job.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct FixedTagTable {
    #[schemars(length(min = 1, max = 128))]
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// One direction of one fixed job.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct FixedDirectionTable {
    /// Default: Forward.
    pub(crate) synchronization_direction: Direction,
    /// Default: Synchronizing.
    pub(crate) status: TaskState,
    /// Unix seconds. Default: with Synchronizing and Modifying it follows the clock, else
    /// there is none.
    pub(crate) checkpoint: Option<String>,
}

impl Default for FixedDirectionTable {
    fn default() -> Self {
        Self {
            synchronization_direction: Direction::Forward,
            status: TaskState::Synchronizing,
            checkpoint: None,
        }
    }
}

// In the order of `CLASSES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Class {
    Micro,
    Small,
    Medium,
    Large,
}

// In the order of `PAY_TYPES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub(crate) enum PayType {
    PrePaid,
    PostPaid,
}

#[derive(Debug)]
pub(crate) struct DtsPlan {
    pub(crate) seed: Seed,
    pub(crate) locale: Locale,
    pub(crate) jobs: Population<FixedJob, TaskState>,
    /// The places of fixed jobs in the population, by their ids.
    pub(crate) fixed_ids: BTreeMap<String, usize>,
    /// The life-cycle of reverse tasks.
    pub(crate) reverse: Lifecycle<TaskState>,
    /// The life-cycle of forward tasks, cut where incremental synchronization begins.
    pub(crate) until_incremental: Lifecycle<TaskState>,
    pub(crate) lag: Quantiles,
    pub(crate) catch_up: u64,
    /// The places of the fixed jobs by the indexes that they are drawn by.
    pub(crate) fixed_indexes: HashMap<u64, usize>,
    /// In ms.
    pub(crate) deleted_shown: u64,
    pub(crate) ids: IdCodec,
    /// The codec of task ids that are not derived from their instances.
    pub(crate) task_ids: IdCodec,
    /// The paths of the runs that clients begin; empty: `undisturbed` ones.
    created_paths: Vec<Arc<Path>>,
    /// The paths of undisturbed runs.
    undisturbed: [UndisturbedPath; UNDISTURBED.len()],
    /// For each state, the path of a task that stays in it.
    constant_paths: Vec<Arc<Path>>,
    pub(crate) regions: Vec<String>,
    pub(crate) tags: Vec<GeneratedTag>,
    pub(crate) failure_messages: FailureMessages,
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
}

/// The most tags of an instance (vendor's page); each key of them takes 2 KB or more.
pub(crate) const MAX_TAGS: usize = 20;

/// A path of a run that a client begins and then leaves alone.
#[derive(Debug)]
struct UndisturbedPath {
    weight: u64,
    initializing: Arc<Path>,
    without_initialization: Arc<Path>,
}

/// The tags of one key.
#[derive(Clone, Debug)]
pub(crate) struct GeneratedTag {
    pub(crate) key: String,
    /// The alternatives of the sampler's attribute; None is to have no tag of this key.
    pub(crate) values: Vec<Option<String>>,
    weights: Weights,
}

const RUNS: Stream = Stream::named("dts.begun");

impl DtsPlan {
    /// The path of the `n`-th run that clients begin (from 0).
    pub(crate) fn path_of_run(
        &self,
        n: usize,
        index: u64,
        initialization: Initialization,
    ) -> Arc<Path> {
        if let Some(path) = created_path(&self.created_paths, n) {
            return Arc::clone(path);
        }
        let sum = self.undisturbed.iter().map(|path| path.weight).sum();
        let mut left = scale(draw(self.seed, RUNS, index), sum);
        let drawn = self.undisturbed.iter().find(|path| match left.checked_sub(path.weight) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        // None is drawn if all their weights are 0.
        let path = drawn.unwrap_or(&self.undisturbed[0]);
        Arc::clone(match initialization.is_nothing() {
            false => &path.initializing,
            true => &path.without_initialization,
        })
    }

    /// The path of a task that stays in the state for ever.
    pub(crate) fn constant_path(&self, state: TaskState) -> Arc<Path> {
        Arc::clone(&self.constant_paths[state.index()])
    }
}

impl DtsSection {
    pub(crate) fn plan(
        self,
        base: &Base,
        place: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> DtsPlan {
        self.paging.check(&place, problems);
        self.quirks.check(&place, problems);
        let jobs_place = place.clone().key("jobs");
        let jobs = &self.jobs;
        let Jobs { count, every, over, start, .. } = *jobs;
        let arrivals = ArrivalsTable { count, every, over, start };
        let arrivals = arrivals.arrivals(base, STREAM, &jobs_place, problems);
        jobs.check_spreads(&jobs_place, problems);
        let outcomes = PathWeights::or_default(jobs.outcomes.as_ref());
        let [paths, topology, classes, pay_types] = jobs.weights(&outcomes, &jobs_place, problems);
        let default_dwell = |state| jobs.dwell(state);
        let reader = PathReader { table: &TASK, default_dwell: &default_dwell };
        let created_paths =
            self.created.paths(&reader, &[TaskState::Prechecking], &place, problems);
        let mut tags = generated_tags(&self.tag, base.locale);
        if tags.len() > MAX_TAGS {
            let text = format!("there are tags with {} keys", tags.len());
            let hint = format!("a job has {MAX_TAGS} tags at most");
            problems.push(Problem::value(place.clone().key("tag"), text).hint(hint));
            tags.truncate(MAX_TAGS);
        }
        for tag in &tags {
            check_weights(&tag.weights, place.clone().key("tag"), problems);
        }
        let regions = match self.regions.is_empty() {
            true => DEFAULT_REGIONS.map(str::to_owned).to_vec(),
            false => self.regions,
        };

        // In the order of the constants in `job`.
        let mut attributes = vec![
            paths.clone(),
            paths,
            vec![1; subject::ALTERNATIVES],
            topology,
            vec![1; regions.len()],
            classes,
            pay_types,
        ];
        attributes.extend(tags.iter().map(|tag| tag.weights.clone()));
        let sampler = StratifiedSampler::new(base.seed, STREAM.of(1), &attributes);
        let lifecycle = |stream, paths| Lifecycle::new(base.seed, stream, paths);
        let paths: Vec<Path> = PathVariant::all().map(|variant| jobs.path(variant)).collect();
        let until_incremental = paths.iter().map(until_incremental).collect();
        let mut plan = DtsPlan {
            seed: base.seed,
            locale: base.locale,
            fixed_ids: BTreeMap::new(),
            fixed_indexes: HashMap::new(),
            reverse: lifecycle(STREAM.of(3), paths.clone()),
            until_incremental: lifecycle(STREAM.of(2), until_incremental).dealt(sampler.strata),
            lag: jobs.lag.quantiles(),
            catch_up: jobs.catch_up,
            deleted_shown: self.quirks.deleted_shown.0,
            ids: IdCodec::new(base.seed, STREAM.of(4)),
            task_ids: IdCodec::new(base.seed, STREAM.of(6)),
            created_paths,
            undisturbed: UNDISTURBED.map(|path| jobs.undisturbed(path, outcomes[path])),
            constant_paths: TaskState::ALL
                .iter()
                .map(|&state| Arc::new(LifecyclePath::fixed(state)))
                .collect(),
            regions,
            tags,
            failure_messages: failure_messages(
                self.cause,
                DEFAULT_FAILURE_MESSAGES,
                base,
                place.clone().key("cause"),
                problems,
            ),
            paging: self.paging,
            quirks: self.quirks,
            jobs: Population::new(arrivals, sampler, PATH, lifecycle(STREAM.of(2), paths), vec![]),
        };
        let fixed = self.job.iter().enumerate().map(|(i, job)| {
            let place = place.clone().key("job").index(i);
            job.check(place.clone(), problems);
            let [path, reverse_path] = job.paths(&reader, &place, problems);
            job.resolve(&plan, base, i, path, reverse_path)
        });
        let fixed: Vec<FixedRecord<FixedJob>> = fixed.collect();
        check_ids(&fixed, &place.clone().key("job"), problems);
        let Population { arrivals, sampler, path_attribute, lifecycle, .. } = plan.jobs;
        plan.jobs = Population::new(arrivals, sampler, path_attribute, lifecycle, fixed);
        plan.fixed_indexes =
            plan.jobs.fixed.iter().map(|record| record.value.index).zip(0..).collect();
        check_moving(&plan.jobs, &place.key("jobs"), problems);
        plan.fixed_ids =
            plan.jobs.fixed.iter().map(|record| record.value.id.clone()).zip(0..).collect();
        plan
    }
}

impl Jobs {
    fn check_spreads(&self, place: &DocumentPath, problems: &mut Vec<Problem>) {
        for (key, spread) in [
            ("waiting", self.waiting),
            ("precheck", self.precheck),
            ("initialization", self.initialization),
            ("synchronization", self.synchronization),
            ("modification", self.modification),
            ("passed", self.passed),
            ("retry", self.retry),
            ("lag", self.lag),
        ] {
            spread.check(place.clone().key(key), problems);
        }
        if !(1..=1_000_000).contains(&self.catch_up) {
            let text = "from 1 to 1000000 are possible";
            problems.push(Problem::value(place.clone().key("catch_up"), text));
        }
    }

    /// The weights of the path variants, topologies, classes and billing methods.
    fn weights(
        &self,
        outcomes: &[u64],
        place: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> [Weights; 4] {
        let CopyWeights { structure_and_data, structure, data, none } = self.copies;
        let copies = vec![structure_and_data, structure, data, none];
        let topology = vec![self.topology.oneway, self.topology.bidirectional];
        let ClassWeights { micro, small, medium, large } = self.classes;
        let classes = vec![micro, small, medium, large];
        let pay_types = vec![self.pay_types.pre_paid, self.pay_types.post_paid];
        for (key, weights) in [
            ("outcomes", outcomes),
            ("copies", &*copies),
            ("topology", &*topology),
            ("classes", &*classes),
            ("pay_types", &*pay_types),
        ] {
            check_weights(weights, place.clone().key(key), problems);
        }
        [variant_weights(outcomes, &copies), topology, classes, pay_types]
    }

    /// How long a task dwells in a state that it leaves by itself.
    fn dwell(&self, state: TaskState) -> Option<Quantiles> {
        let spread = match state {
            TaskState::NotStarted => self.waiting,
            TaskState::Prechecking => self.precheck,
            TaskState::Initializing => self.initialization,
            TaskState::Synchronizing => self.synchronization,
            TaskState::Modifying => self.modification,
            TaskState::PreCheckPass => self.passed,
            TaskState::Retrying => self.retry,
            TaskState::PrecheckFailed
            | TaskState::InitializeFailed
            | TaskState::Failed
            | TaskState::Suspending
            | TaskState::Finished
            | TaskState::NotConfigured => return None,
        };
        Some(spread.quantiles())
    }

    fn path_through(&self, states: impl Iterator<Item = TaskState>, terminal: TaskState) -> Path {
        let dwell = |state| Some((state, Dwell::Time(self.dwell(state)?)));
        LifecyclePath { dwells: states.filter_map(dwell).collect(), terminal }
    }

    fn path(&self, variant: PathVariant) -> Path {
        self.path_through(variant.through(), variant.terminal())
    }

    /// A path of the table, as a client begins it: from the precheck on, and with PreCheckPass
    /// before an initialization. Without an initialization none fails.
    fn undisturbed(&self, path: usize, weight: u64) -> UndisturbedPath {
        let row = &TASK.paths[path];
        let path = |initializes: bool| {
            let states = row.through.iter().filter(|&&state| state != TaskState::NotStarted);
            let states = states.flat_map(|&state| match state {
                TaskState::Initializing if initializes => vec![TaskState::PreCheckPass, state],
                TaskState::Initializing => vec![],
                state => vec![state],
            });
            let terminal = match row.terminal {
                TaskState::InitializeFailed if !initializes => TaskState::Synchronizing,
                terminal => terminal,
            };
            Arc::new(self.path_through(states, terminal))
        };
        UndisturbedPath { weight, initializing: path(true), without_initialization: path(false) }
    }
}

/// The weights of each path with each initialization, in the order of [`PathVariant`]. They are
/// exact, unless the sampler is too small for the products.
fn variant_weights(outcomes: &[u64], copies: &[u64]) -> Weights {
    debug_assert_eq!((outcomes.len(), copies.len()), (TASK.paths.len(), INITIALIZATIONS.len()));
    let products: Weights =
        outcomes.iter().flat_map(|outcome| copies.iter().map(move |copy| outcome * copy)).collect();
    let sum: u64 = products.iter().sum();
    if sum <= MAX_WEIGHT_SUM {
        return products;
    }
    let shrunk = |weight: u64| (weight * (MAX_WEIGHT_SUM / 2) / sum).max(u64::from(weight > 0));
    products.into_iter().map(shrunk).collect()
}

fn until_incremental(path: &Path) -> Path {
    let terminal = TaskState::Synchronizing;
    match path.dwells.iter().position(|&(state, _)| state == terminal) {
        Some(end) => LifecyclePath { dwells: path.dwells[..end].to_vec(), terminal },
        None => path.clone(),
    }
}

fn generated_tags(tables: &[TagTable], locale: Locale) -> Vec<GeneratedTag> {
    let default: Vec<TagTable>;
    let tables = if tables.is_empty() {
        default = default_tags(locale);
        &default
    } else {
        tables
    };
    let mut tags: Vec<GeneratedTag> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for TagTable { key, value, weight } in tables {
        let place = *places.entry(key).or_insert(tags.len());
        if place == tags.len() {
            tags.push(GeneratedTag { key: key.clone(), values: vec![], weights: vec![] });
        }
        if let Some(tag) = tags.get_mut(place) {
            tag.values.push(value.clone());
            tag.weights.push(*weight);
        }
    }
    tags
}

/// No two fixed jobs may have the same id.
fn check_ids(jobs: &[FixedRecord<FixedJob>], place: &DocumentPath, problems: &mut Vec<Problem>) {
    let mut seen = HashMap::new();
    for (i, job) in jobs.iter().enumerate() {
        if let Some(first) = seen.insert(&job.value.id, i) {
            let place = place.clone().index(i).key("SynchronizationJobId");
            let text = format!("{:?} is the id of dts.job[{first}] already", job.value.id);
            problems.push(Problem::value(place, text));
        }
    }
}

impl FixedJobTable {
    fn directions(&self) -> impl Iterator<Item = (usize, &FixedDirectionTable)> {
        self.synchronization_direction_info_list.iter().enumerate()
    }

    fn direction(&self, wanted: Direction) -> Option<&FixedDirectionTable> {
        self.directions()
            .map(|(_, direction)| direction)
            .find(|direction| direction.synchronization_direction == wanted)
    }

    fn check(&self, place: DocumentPath, problems: &mut Vec<Problem>) {
        let place = place.key("SynchronizationDirectionInfoList");
        for (i, direction) in self.directions() {
            let place = place.clone().index(i);
            let which = direction.synchronization_direction;
            let mut earlier = self.directions().take(i);
            if earlier.any(|(_, other)| other.synchronization_direction == which) {
                let text = format!("{which:?} is there already");
                let place = place.clone().key("SynchronizationDirection");
                problems.push(Problem::value(place, text));
            }
            if let Some(checkpoint) = &direction.checkpoint
                && direction.seconds().is_none()
            {
                let text = format!("not a Unix timestamp: {checkpoint:?}");
                problems.push(
                    Problem::value(place.key("Checkpoint"), text)
                        .hint("write whole seconds as a text, like \"1610524457\""),
                );
            }
        }
        let is_listed = |direction| self.direction(direction).is_some();
        let paths = [
            (Direction::Forward, "path", self.path.is_some()),
            (Direction::Reverse, "reverse_path", self.reverse_path.is_some()),
        ];
        for (direction, key, is_given) in paths {
            if !is_given || !is_listed(direction) {
                continue;
            }
            let text = format!("{direction:?} is in {key} already");
            problems.push(Problem::value(place.clone(), text));
        }
        let has_reverse = is_listed(Direction::Reverse) || self.reverse_path.is_some();
        let has_forward = is_listed(Direction::Forward) || self.path.is_some();
        if has_reverse && !has_forward {
            problems.push(
                Problem::value(place, "there is Reverse, but no Forward")
                    .hint("a two-way job has both directions"),
            );
        }
    }

    /// The paths of the forward and of the reverse task. They may begin with any state.
    fn paths(
        &self,
        reader: &PathReader<'_, TaskState>,
        place: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> [Option<Arc<Path>>; 2] {
        [("path", &self.path), ("reverse_path", &self.reverse_path)].map(|(key, steps)| {
            let place = place.clone().key(key);
            reader.path(steps.as_ref()?, TaskState::ALL, &place, problems).map(Arc::new)
        })
    }

    fn resolve(
        &self,
        plan: &DtsPlan,
        base: &Base,
        place: usize,
        path: Option<Arc<Path>>,
        reverse_path: Option<Arc<Path>>,
    ) -> FixedRecord<FixedJob> {
        let index = fixed_index(place);
        let default = FixedDirectionTable::default();
        let forward = self.direction(Direction::Forward).unwrap_or(&default);
        let reverse = self.direction(Direction::Reverse);
        let day_before_checkpoints = [Some(forward), reverse]
            .into_iter()
            .flatten()
            .filter_map(FixedDirectionTable::seconds)
            .map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1_000)).minus(DAY))
            .fold(base.start, Timestamp::min);
        let born = self.create_time.map_or(day_before_checkpoints, |t| Timestamp::from_millis(t.0));
        let initializes = match &path {
            Some(path) => path.passes(TaskState::Initializing),
            None => {
                matches!(forward.status, TaskState::Initializing | TaskState::InitializeFailed)
            }
        };
        let forward = path.map_or_else(|| forward.task(), FixedTask::Path);
        let reverse = reverse_path.map(FixedTask::Path).or(reverse.map(FixedDirectionTable::task));
        let row = plan.jobs.drawn_row(STREAM.of(5), index);
        let sampler = &plan.jobs.sampler;
        let initialization = if initializes {
            Initialization::EVERYTHING
        } else {
            PathVariant::of_alternative(sampler.attribute(PATH, row)).initialization()
        };
        let subject = subject_of_alternative(sampler.attribute(SUBJECT, row), reverse.is_some());
        let given = |text: &Option<String>, otherwise: &str| {
            text.clone().unwrap_or_else(|| otherwise.to_owned())
        };
        let tags = match &self.tags {
            Some(tags) => tags.iter().map(|t| (t.key.clone(), t.value.clone())).collect(),
            None => tags_in_row(plan, row)
                .into_iter()
                .map(|tag| (tag.key.to_owned(), tag.value.to_owned()))
                .collect(),
        };
        let value = FixedJob {
            index,
            id: given(&self.synchronization_job_id, &ids::write(&plan.ids, index)),
            name: given(&self.synchronization_job_name, subject.name(plan.locale)),
            region: given(&self.region_id, region_in_row(plan, row)),
            class: self
                .synchronization_job_class
                .map_or(class_in_row(plan, row), |c| CLASSES[c as usize]),
            pay_type: self.pay_type.map_or(pay_type_in_row(plan, row), |p| PAY_TYPES[p as usize]),
            initialization: Initialization {
                structure: self.structure_initialization.unwrap_or(initialization.structure),
                data: self.data_initialization.unwrap_or(initialization.data),
            },
            subject,
            tags,
            error_message: self.error_message.clone(),
            forward,
            reverse,
        };
        FixedRecord { born, value }
    }
}

impl FixedDirectionTable {
    fn seconds(&self) -> Option<i64> {
        let seconds = self.checkpoint.as_ref()?.parse().ok()?;
        (0..=Timestamp::MAX.seconds()).contains(&seconds).then_some(seconds)
    }

    fn task(&self) -> FixedTask {
        FixedTask::Constant { state: self.status, checkpoint: self.seconds() }
    }
}

const DEFAULT_REGIONS: [&str; 4] = ["cn-hangzhou", "cn-shanghai", "cn-beijing", "cn-shenzhen"];

fn default_tags(locale: Locale) -> Vec<TagTable> {
    let tag = |key: &str, value: Option<&str>, weight| TagTable {
        key: key.to_owned(),
        value: value.map(str::to_owned),
        weight,
    };
    vec![
        tag("env", Some("production"), 5),
        tag("env", Some("staging"), 2),
        tag("env", None, 3),
        tag("team", Some(locale.choose("交易", "trade")), 3),
        tag("team", Some(locale.choose("数据平台", "data-platform")), 2),
        tag("team", None, 5),
    ]
}

/// The vendor's samples, the first of them shortened. There is no code apart from the text.
const DEFAULT_FAILURE_MESSAGES: &[DefaultFailureMessage] = &[
    ("", SOURCE_LOST, SOURCE_LOST, 4),
    ("", NO_SUCH_TYPE, NO_SUCH_TYPE, 2),
    ("", BAD_NUMBER, BAD_NUMBER, 1),
    (
        "",
        "任务失败太久 无法恢复",
        "The task has failed for too long a time and can not be recovered",
        2,
    ),
];
const SOURCE_LOST: &str = "DTS-070211: Connect Source DB failed. cause by \
    [com.mysql.jdbc.exceptions.jdbc4.CommunicationsException:Communications link failure]\
    [java.net.ConnectException:Connection timed out (Connection timed out)] \
    About more information in [https://yq.aliyun.com/articles/499178].";
const NO_SUCH_TYPE: &str =
    "DTS-1020042 Execute sql error sql: ERROR: type \"geometry\" does not exist;";
const BAD_NUMBER: &str = "java.lang.NumberFormatException: For input string: \"\"";
