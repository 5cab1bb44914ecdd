//! The `[dts]` part of a scenario file, and the plan it becomes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::id;
use super::job::{
    CLASSES, PATH, PAY_TYPES, Pinned, STREAM, SUBJECT, class_of, pay_type_of, region_of, tags_of,
};
use super::quirks::Quirks;
use super::state::{
    ALONE, FAILED, FINISHED, INITIALIZATIONS, INITIALIZE_FAILED, INITIALIZING, Initialization,
    MODIFYING, NOT_CONFIGURED, NOT_STARTED, PATHS, PRECHECK_FAILED, PRECHECK_PASS, PRECHECKING,
    RETRYING, SUSPENDING, SYNCHRONIZING, TASK, course_of, initialization_of, through,
};
use super::subject::{self, chosen};
use super::task::{Direction, PinnedTask};
use crate::plan::Base;
use crate::scenario::paging::Paging;
use crate::scenario::parts::{
    CauseTable, Created, Lives, Spread, SpreadTable, UsualCause, When, causes, check_weights, one,
    turn,
};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::{Length, Moment};
use crate::world::causes::Causes;
use crate::world::deck::{Deck, LARGEST_WEIGHT_SUM, Weights};
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::ids::IdCodec;
use crate::world::lifecycle::{Lifecycle, Path, State, Stay};
use crate::world::names::Tongue;
use crate::world::population::{Pin, Population, pinned_index};
use crate::world::quantiles::Quantiles;
use crate::world::time::{DAY, SECOND, Timestamp};

/// Alibaba Cloud DTS: the data synchronization instances of one account.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {
    pub jobs: Jobs,
    /// What clients configure and start. A path begins with Prechecking; it is taken by what
    /// ConfigureSynchronizationJob begins, and StartSynchronizationJob where it leads to
    /// Prechecking. What was paused goes on along its path; what failed synchronizes again
    /// for good. Left out: they do as generated ones do that nobody pauses, changes or ends.
    pub created: Created,
    /// Where the generated jobs are, in equal parts. Default: cn-hangzhou, cn-shanghai,
    /// cn-beijing and cn-shenzhen.
    #[schemars(length(max = 64))]
    pub regions: Vec<String>,
    /// The tags of the generated jobs. Default: a few of the keys env and team.
    #[schemars(length(max = 200))]
    pub tag: Vec<TagTable>,
    /// Exact jobs, among the generated ones.
    pub job: Vec<PinnedJob>,
    /// What failed jobs say. Default: a handful of believable causes.
    pub cause: Vec<CauseTable>,
    pub paging: Paging,
    pub quirks: Quirks,
}

/// The generated jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Jobs {
    /// How many there are at the start.
    pub count: u64,
    /// One job each so often: the spacing before the start, and more arrive after it. Left
    /// out: none arrive later.
    pub every: Option<Length>,
    /// Without `every`: how long before the start the first one was. Default 7d.
    pub over: Option<Length>,
    /// The instant that `count` speaks of. Default: the start of the clock.
    pub start: Option<Moment>,
    /// Weights of the states in which jobs come to rest, each direction for itself.
    pub outcomes: Option<Outcomes>,
    /// Weights of what is copied before incremental synchronization; with nothing to copy
    /// a job is never initializing.
    pub copies: Option<CopyWeights>,
    /// Weights of one-way and two-way jobs.
    pub topology: Option<TopologyWeights>,
    /// Weights of the link specifications.
    pub classes: Option<ClassWeights>,
    /// Weights of the billing methods.
    pub pay_types: Option<PayTypeWeights>,
    /// How long a job is not started. Default: median 30s, p99 10m.
    pub waiting: Spread,
    /// How long a precheck takes. Default: median 90s, p99 8m.
    pub precheck: Spread,
    /// How long the initialization takes. Default: median 20m, p99 6h.
    pub initialization: Spread,
    /// How long a job synchronizes before it is paused, fails, ends or has its objects
    /// changed. Default: median 12h, p99 4d.
    pub synchronization: Spread,
    /// How long objects are being changed, in jobs that then synchronize again. Default:
    /// median 3m, p99 30m.
    pub modification: Spread,
    /// How long a job that has passed its precheck waits for its initialization: those that
    /// clients start, and those of the outcome passed. Default: median 2s, p99 5s.
    pub passed: Spread,
    /// How long jobs of the outcomes retried and given_up try again. Default: median 1m, p99
    /// 30m.
    pub retry: Spread,
    /// How far the checkpoint of a synchronizing job lies behind the clock. Default: median
    /// 1s, p99 6s.
    pub lag: Spread,
    /// How many times as fast as the clock the checkpoint of a job goes that was stopped and
    /// started again, until it has caught up. Default 60.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub catch_up: u64,
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
            copies: None,
            topology: None,
            classes: None,
            pay_types: None,
            waiting: Spread::usual(&TASK, NOT_STARTED),
            precheck: Spread::usual(&TASK, PRECHECKING),
            initialization: Spread::usual(&TASK, INITIALIZING),
            synchronization: Spread::usual(&TASK, SYNCHRONIZING),
            modification: Spread::usual(&TASK, MODIFYING),
            passed: Spread::usual(&TASK, PRECHECK_PASS),
            retry: Spread::usual(&TASK, RETRYING),
            lag: Spread::Spread(lag),
            catch_up: 60,
        }
    }
}

/// How jobs come to rest. Default: synchronizing 70, modified 4, modifying 1, suspending 8,
/// failed 6, finished 4, precheck_failed 3, initialize_failed 2, not_started 2, the others 0.
// In the order of the machine's courses.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Outcomes {
    #[schemars(range(max = 65536))]
    pub synchronizing: u64,
    /// Synchronizing again after its objects were changed.
    #[schemars(range(max = 65536))]
    pub modified: u64,
    /// Its objects are being changed, for ever.
    #[schemars(range(max = 65536))]
    pub modifying: u64,
    /// Paused.
    #[schemars(range(max = 65536))]
    pub suspending: u64,
    #[schemars(range(max = 65536))]
    pub failed: u64,
    #[schemars(range(max = 65536))]
    pub finished: u64,
    #[schemars(range(max = 65536))]
    pub precheck_failed: u64,
    #[schemars(range(max = 65536))]
    pub initialize_failed: u64,
    /// Never started.
    #[schemars(range(max = 65536))]
    pub not_started: u64,
    /// Synchronizing without an initialization, whatever `copies` says.
    #[schemars(range(max = 65536))]
    pub uninitialized: u64,
    /// Synchronizing, with PreCheckPass after the precheck (in DescribeDtsJobs and
    /// DescribeDtsJobDetail; for the others that is the precheck, still).
    #[schemars(range(max = 65536))]
    pub passed: u64,
    /// Synchronizing again after Retrying (in DescribeDtsJobs and DescribeDtsJobDetail; for
    /// the others that is Synchronizing).
    #[schemars(range(max = 65536))]
    pub retried: u64,
    /// Failed after Retrying.
    #[schemars(range(max = 65536))]
    pub given_up: u64,
}

/// What is copied at first. Default: structure_and_data 7, the others 1.
// In the order of `INITIALIZATIONS`.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CopyWeights {
    #[schemars(range(max = 65536))]
    pub structure_and_data: u64,
    #[schemars(range(max = 65536))]
    pub structure: u64,
    #[schemars(range(max = 65536))]
    pub data: u64,
    #[schemars(range(max = 65536))]
    pub none: u64,
}

/// One-way or two-way. Default: oneway 9, bidirectional 1.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TopologyWeights {
    #[schemars(range(max = 65536))]
    pub oneway: u64,
    #[schemars(range(max = 65536))]
    pub bidirectional: u64,
}

/// Link specifications. Default: micro 1, small 5, medium 3, large 1.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClassWeights {
    #[schemars(range(max = 65536))]
    pub micro: u64,
    #[schemars(range(max = 65536))]
    pub small: u64,
    #[schemars(range(max = 65536))]
    pub medium: u64,
    #[schemars(range(max = 65536))]
    pub large: u64,
}

/// Billing methods. Default: pre_paid 3, post_paid 7.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PayTypeWeights {
    #[schemars(range(max = 65536))]
    pub pre_paid: u64,
    #[schemars(range(max = 65536))]
    pub post_paid: u64,
}

/// A tag; of those with the same key, a generated job has one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TagTable {
    #[serde(rename = "Key")]
    #[schemars(length(min = 1, max = 128))]
    pub key: String,
    /// Left out: the jobs that have no tag of this key.
    #[serde(rename = "Value", default)]
    #[schemars(length(max = 128))]
    pub value: Option<String>,
    /// How many of the jobs have it, against the others of the same key.
    #[serde(default = "one")]
    #[schemars(range(max = 65536))]
    pub weight: u64,
}

/// One exact job; what is left out is generated. It stays as it is, whatever the clock says,
/// until a client touches it, unless it is given a path.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct PinnedJob {
    #[schemars(length(min = 1, max = 64))]
    pub synchronization_job_id: Option<String>,
    pub synchronization_job_name: Option<String>,
    pub synchronization_job_class: Option<Class>,
    pub pay_type: Option<PayType>,
    pub region_id: Option<String>,
    /// Default: the start of the clock, or a day before its first checkpoint.
    pub create_time: Option<Moment>,
    pub structure_initialization: Option<bool>,
    pub data_initialization: Option<bool>,
    pub error_message: Option<String>,
    /// Default: generated ones; `[]` for none.
    pub tags: Option<Vec<PinnedTag>>,
    /// Forward, and for two-way jobs Reverse. Default: one-way and Synchronizing.
    #[schemars(length(max = 2))]
    pub synchronization_direction_info_list: Vec<PinnedDirection>,
    /// Instead of Forward above: what becomes of it, like
    /// ["Prechecking 20s", "Initializing 2 looks", "Synchronizing"]. A state lasts as long as
    /// it usually does, or for a time, or for a number of answers that show the job; the last
    /// one lasts for ever, or until a client touches it.
    #[serde(rename = "path")]
    pub path: Option<Vec<String>>,
    /// The same for the reverse task, instead of Reverse above; the job is two-way then.
    #[serde(rename = "reverse_path")]
    pub reverse_path: Option<Vec<String>>,
}

/// A tag of one exact job.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct PinnedTag {
    #[schemars(length(min = 1, max = 128))]
    pub key: String,
    #[serde(default)]
    pub value: String,
}

/// One direction of one exact job.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct PinnedDirection {
    /// Default: Forward.
    pub synchronization_direction: Direction,
    /// Default: Synchronizing.
    pub status: Status,
    /// Unix seconds. Default: with Synchronizing and Modifying it follows the clock, else
    /// there is none.
    pub checkpoint: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Status {
    NotStarted,
    Prechecking,
    PrecheckFailed,
    Initializing,
    InitializeFailed,
    #[default]
    Synchronizing,
    Failed,
    Suspending,
    Modifying,
    Finished,
    /// As NotStarted, but for DescribeDtsJobs and DescribeDtsJobDetail.
    NotConfigured,
    /// As Prechecking, but for DescribeDtsJobs and DescribeDtsJobDetail.
    PreCheckPass,
    /// As Synchronizing, but for DescribeDtsJobs and DescribeDtsJobDetail.
    Retrying,
}

impl Status {
    fn state(self) -> State {
        match self {
            Self::NotStarted => NOT_STARTED,
            Self::Prechecking => PRECHECKING,
            Self::PrecheckFailed => PRECHECK_FAILED,
            Self::Initializing => INITIALIZING,
            Self::InitializeFailed => INITIALIZE_FAILED,
            Self::Synchronizing => SYNCHRONIZING,
            Self::Failed => FAILED,
            Self::Suspending => SUSPENDING,
            Self::Modifying => MODIFYING,
            Self::Finished => FINISHED,
            Self::NotConfigured => NOT_CONFIGURED,
            Self::PreCheckPass => PRECHECK_PASS,
            Self::Retrying => RETRYING,
        }
    }
}

// In the order of `CLASSES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Micro,
    Small,
    Medium,
    Large,
}

// In the order of `PAY_TYPES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum PayType {
    PrePaid,
    PostPaid,
}

#[derive(Debug)]
pub struct Plan {
    pub seed: Seed,
    pub tongue: Tongue,
    pub jobs: Population<Pinned>,
    /// Where pinned jobs are in the population.
    pub pinned_ids: BTreeMap<String, usize>,
    /// Of the reverse direction.
    pub reverse: Lifecycle,
    /// The forward life-cycle, cut where incremental synchronization begins.
    pub until_incremental: Lifecycle,
    pub lag: Quantiles,
    pub catch_up: u64,
    /// In ms.
    pub deleted_shown: u64,
    pub ids: IdCodec,
    /// Of tasks whose ids are not those of their instances.
    pub task_ids: IdCodec,
    /// Of what clients begin; empty: as generated ones.
    pub created_paths: Vec<Arc<Path>>,
    /// Of those: for each course that they take, its weight, and its path with an
    /// initialization and without one.
    begun: Vec<(u64, [Arc<Path>; 2])>,
    /// For each state, the path of a task that stays there.
    rests: Vec<Arc<Path>>,
    pub regions: Vec<String>,
    pub tags: Vec<Labels>,
    pub causes: Causes,
    pub paging: Paging,
    pub quirks: Quirks,
}

/// The tags of one key.
#[derive(Clone, Debug)]
pub struct Labels {
    pub key: String,
    /// The alternatives of the deck; one may be to have no tag of this key.
    pub values: Vec<Option<String>>,
    pub weights: Weights,
}

const BEGUN: Stream = Stream::named("dts.begun");

impl Plan {
    /// The path of the `n`-th run that clients begin (from 0), with figures drawn by the index.
    pub fn begun(&self, n: usize, index: u64, wanted: Initialization) -> Option<Arc<Path>> {
        if let Some(path) = turn(&self.created_paths, n) {
            return Some(Arc::clone(path));
        }
        let sum = self.begun.iter().map(|(weight, _)| weight).sum();
        let mut left = scale(draw(self.seed, BEGUN, index), sum);
        let drawn = self.begun.iter().find(|(weight, _)| match left.checked_sub(*weight) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        let (_, paths) = drawn.or(self.begun.first())?;
        paths.get(usize::from(wanted.is_nothing())).cloned()
    }

    /// The path of a task that stays in the state for ever.
    pub fn rest(&self, state: State) -> Arc<Path> {
        let path = self.rests.get(state).cloned();
        path.unwrap_or_else(|| Arc::new(Path { stays: vec![], rest: state }))
    }
}

impl Section {
    pub fn plan(self, base: &Base, place: Place, problems: &mut Vec<Problem>) -> Plan {
        self.paging.check(&place, problems);
        self.quirks.check(&place, problems);
        let jobs_place = place.clone().key("jobs");
        let jobs = &self.jobs;
        let when =
            When { count: jobs.count, every: jobs.every, over: jobs.over, start: jobs.start };
        let arrivals = when.arrivals(base, STREAM, &jobs_place, problems);
        jobs.check_spreads(&jobs_place, problems);
        let outcomes = jobs.outcomes();
        let [paths, topology, classes, pay_types] = jobs.weights(&outcomes, &jobs_place, problems);
        let usual = |state| jobs.stay(state);
        let lives = Lives { machine: &TASK, usual: &usual };
        let created_paths = self.created.paths(&lives, &[PRECHECKING], &place, problems);
        let tags = labels(&self.tag, base.tongue);
        for labels in &tags {
            check_weights(&labels.weights, place.clone().key("tag"), problems);
        }
        let regions = if self.regions.is_empty() {
            USUAL_REGIONS.map(str::to_owned).to_vec()
        } else {
            self.regions
        };

        let mut choices = vec![
            paths.clone(),
            paths,
            vec![1; subject::CHOICES],
            topology,
            vec![1; regions.len()],
            classes,
            pay_types,
        ];
        choices.extend(tags.iter().map(|labels| labels.weights.clone()));
        let deck = Deck::new(base.seed, STREAM.of(1), &choices);
        let cycle = |stream, paths| Lifecycle { seed: base.seed, stream, paths };
        let lifecycle = cycle(STREAM.of(2), (0..PATHS).map(|path| jobs.path(path)).collect());
        let until_incremental = lifecycle.paths.iter().map(until_incremental).collect();
        let mut plan = Plan {
            seed: base.seed,
            tongue: base.tongue,
            pinned_ids: BTreeMap::new(),
            reverse: cycle(STREAM.of(3), lifecycle.paths.clone()),
            until_incremental: cycle(STREAM.of(2), until_incremental),
            lag: jobs.lag.quantiles(),
            catch_up: jobs.catch_up,
            deleted_shown: self.quirks.deleted_shown.0,
            ids: IdCodec::new(base.seed, STREAM.of(4)),
            task_ids: IdCodec::new(base.seed, STREAM.of(6)),
            created_paths,
            begun: jobs.begun(&outcomes),
            rests: (0..TASK.states.len())
                .map(|rest| Arc::new(Path { stays: vec![], rest }))
                .collect(),
            regions,
            tags,
            causes: causes(self.cause, USUAL_CAUSES, base, place.clone().key("cause"), problems),
            paging: self.paging,
            quirks: self.quirks,
            jobs: Population::new(arrivals, deck, PATH, lifecycle, vec![]),
        };
        let pins = self.job.iter().enumerate().map(|(i, pin)| {
            let place = place.clone().key("job").index(i);
            pin.check(place.clone(), problems);
            let [path, reverse_path] = pin.paths(&lives, &place, problems);
            pin.resolve(&plan, base, i, path, reverse_path)
        });
        let pins: Vec<Pin<Pinned>> = pins.collect();
        check_ids(&pins, &place.key("job"), problems);
        let Population { arrivals, deck, path_choice, lifecycle, .. } = plan.jobs;
        plan.jobs = Population::new(arrivals, deck, path_choice, lifecycle, pins);
        plan.pinned_ids = plan.jobs.pins.iter().map(|pin| pin.value.id.clone()).zip(0..).collect();
        plan
    }
}

impl Jobs {
    fn check_spreads(&self, place: &Place, problems: &mut Vec<Problem>) {
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

    fn outcomes(&self) -> Weights {
        self.outcomes.map_or(TASK.weights(), |o| {
            vec![
                o.synchronizing,
                o.modified,
                o.modifying,
                o.suspending,
                o.failed,
                o.finished,
                o.precheck_failed,
                o.initialize_failed,
                o.not_started,
                o.uninitialized,
                o.passed,
                o.retried,
                o.given_up,
            ]
        })
    }

    /// Of the paths, topologies, classes and billing methods.
    fn weights(
        &self,
        outcomes: &[u64],
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> [Weights; 4] {
        let copies = self
            .copies
            .map_or(vec![7, 1, 1, 1], |c| vec![c.structure_and_data, c.structure, c.data, c.none]);
        let topology = self.topology.map_or(vec![9, 1], |t| vec![t.oneway, t.bidirectional]);
        let classes =
            self.classes.map_or(vec![1, 5, 3, 1], |c| vec![c.micro, c.small, c.medium, c.large]);
        let pay_types = self.pay_types.map_or(vec![3, 7], |p| vec![p.pre_paid, p.post_paid]);
        for (key, weights) in [
            ("outcomes", outcomes),
            ("copies", &*copies),
            ("topology", &*topology),
            ("classes", &*classes),
            ("pay_types", &*pay_types),
        ] {
            check_weights(weights, place.clone().key(key), problems);
        }
        [path_weights(outcomes, &copies), topology, classes, pay_types]
    }

    /// How long a task stays in a state that it leaves by itself.
    fn stay(&self, state: State) -> Option<Quantiles> {
        let spread = match state {
            NOT_STARTED => self.waiting,
            PRECHECKING => self.precheck,
            INITIALIZING => self.initialization,
            SYNCHRONIZING => self.synchronization,
            MODIFYING => self.modification,
            PRECHECK_PASS => self.passed,
            RETRYING => self.retry,
            _ => return None,
        };
        Some(spread.quantiles())
    }

    fn stays(&self, states: impl Iterator<Item = State>) -> Vec<(State, Stay)> {
        states.filter_map(|state| Some((state, self.stay(state)?.into()))).collect()
    }

    fn path(&self, path: usize) -> Path {
        Path { stays: self.stays(through(path)), rest: course_of(path).rest }
    }

    /// The courses of what clients begin, with their weights; from the precheck on, and with
    /// PreCheckPass before an initialization. Without one none fails in it.
    fn begun(&self, outcomes: &[u64]) -> Vec<(u64, [Arc<Path>; 2])> {
        let course = |&place: &usize| {
            let row = TASK.courses.get(place)?;
            let path = |nothing: bool| {
                let states = row.through.iter().filter(|&&state| state != NOT_STARTED);
                let states = states.flat_map(|&state| match state {
                    INITIALIZING if nothing => vec![],
                    INITIALIZING => vec![PRECHECK_PASS, INITIALIZING],
                    state => vec![state],
                });
                let fails = nothing && row.rest == INITIALIZE_FAILED;
                let rest = if fails { SYNCHRONIZING } else { row.rest };
                Arc::new(Path { stays: self.stays(states), rest })
            };
            Some((outcomes.get(place).copied()?, [path(false), path(true)]))
        };
        ALONE.iter().filter_map(course).collect()
    }
}

/// Each course with each initialization, in the order of the paths. Exact, unless the deck
/// is too small for the products.
fn path_weights(outcomes: &[u64], copies: &[u64]) -> Weights {
    debug_assert_eq!((outcomes.len(), copies.len()), (TASK.courses.len(), INITIALIZATIONS.len()));
    let products: Weights =
        outcomes.iter().flat_map(|outcome| copies.iter().map(move |copy| outcome * copy)).collect();
    let sum: u64 = products.iter().sum();
    if sum <= LARGEST_WEIGHT_SUM {
        return products;
    }
    let shrunk = |weight: u64| (weight * (LARGEST_WEIGHT_SUM / 2) / sum).max(u64::from(weight > 0));
    products.into_iter().map(shrunk).collect()
}

fn until_incremental(path: &Path) -> Path {
    match path.stays.iter().position(|&(state, _)| state == SYNCHRONIZING) {
        Some(end) => Path { stays: path.stays[..end].to_vec(), rest: SYNCHRONIZING },
        None => path.clone(),
    }
}

fn labels(tables: &[TagTable], tongue: Tongue) -> Vec<Labels> {
    let usual: Vec<TagTable>;
    let tables = if tables.is_empty() {
        usual = usual_tags(tongue);
        &usual
    } else {
        tables
    };
    let mut all: Vec<Labels> = Vec::new();
    for TagTable { key, value, weight } in tables {
        let place = all.iter().position(|labels| labels.key == *key).unwrap_or(all.len());
        if place == all.len() {
            all.push(Labels { key: key.clone(), values: vec![], weights: vec![] });
        }
        if let Some(labels) = all.get_mut(place) {
            labels.values.push(value.clone());
            labels.weights.push(*weight);
        }
    }
    all
}

/// No two exact jobs may have the same id.
fn check_ids(pins: &[Pin<Pinned>], place: &Place, problems: &mut Vec<Problem>) {
    let mut seen = HashMap::new();
    for (i, pin) in pins.iter().enumerate() {
        if let Some(first) = seen.insert(&pin.value.id, i) {
            let place = place.clone().index(i).key("SynchronizationJobId");
            let text = format!("{:?} is the id of dts.job[{first}] already", pin.value.id);
            problems.push(Problem::value(place, text));
        }
    }
}

impl PinnedJob {
    fn directions(&self) -> impl Iterator<Item = (usize, &PinnedDirection)> {
        self.synchronization_direction_info_list.iter().enumerate()
    }

    fn direction(&self, wanted: Direction) -> Option<&PinnedDirection> {
        self.directions()
            .map(|(_, direction)| direction)
            .find(|direction| direction.synchronization_direction == wanted)
    }

    fn check(&self, place: Place, problems: &mut Vec<Problem>) {
        let place = place.key("SynchronizationDirectionInfoList");
        for (i, direction) in self.directions() {
            let place = place.clone().index(i);
            let way = direction.synchronization_direction;
            let mut earlier = self.directions().take(i);
            if earlier.any(|(_, other)| other.synchronization_direction == way) {
                let text = format!("{way:?} is there already");
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
        let listed = |direction| self.direction(direction).is_some();
        let paths = [
            (Direction::Forward, "path", self.path.is_some()),
            (Direction::Reverse, "reverse_path", self.reverse_path.is_some()),
        ];
        for (direction, key, _) in paths.iter().filter(|(way, _, there)| *there && listed(*way)) {
            let text = format!("{direction:?} is in {key} already");
            problems.push(Problem::value(place.clone(), text));
        }
        let reverse = listed(Direction::Reverse) || self.reverse_path.is_some();
        let forward = listed(Direction::Forward) || self.path.is_some();
        if reverse && !forward {
            problems.push(
                Problem::value(place, "there is Reverse, but no Forward")
                    .hint("a two-way job has both directions"),
            );
        }
    }

    /// The forward one and the reverse one. What is exact may begin anywhere.
    fn paths(
        &self,
        lives: &Lives<'_>,
        place: &Place,
        problems: &mut Vec<Problem>,
    ) -> [Option<Arc<Path>>; 2] {
        let anywhere: Vec<State> = (0..TASK.states.len()).collect();
        [("path", &self.path), ("reverse_path", &self.reverse_path)].map(|(key, steps)| {
            let place = place.clone().key(key);
            lives.path(steps.as_ref()?, &anywhere, &place, problems).map(Arc::new)
        })
    }

    fn resolve(
        &self,
        plan: &Plan,
        base: &Base,
        place: usize,
        path: Option<Arc<Path>>,
        reverse_path: Option<Arc<Path>>,
    ) -> Pin<Pinned> {
        let index = pinned_index(place);
        let usual = PinnedDirection::default();
        let forward = self.direction(Direction::Forward).unwrap_or(&usual);
        let reverse = self.direction(Direction::Reverse);
        let first = [Some(forward), reverse].into_iter().flatten();
        let before_all = first
            .filter_map(PinnedDirection::seconds)
            .map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1_000)).minus(DAY))
            .fold(base.start, Timestamp::min);
        let born = self.create_time.map_or(before_all, |t| Timestamp::from_millis(t.0));
        let initializes = match &path {
            Some(path) => path.stays.iter().any(|(state, _)| *state == INITIALIZING),
            None => matches!(forward.status.state(), INITIALIZING | INITIALIZE_FAILED),
        };
        let forward = path.map_or_else(|| forward.task(), PinnedTask::Path);
        let reverse = reverse_path.map(PinnedTask::Path).or(reverse.map(PinnedDirection::task));
        let card = plan.jobs.drawn_card(STREAM.of(5), index);
        let deck = &plan.jobs.deck;
        let initialization = if initializes {
            INITIALIZATIONS[0]
        } else {
            initialization_of(deck.choice(PATH, card))
        };
        let subject = chosen(deck.choice(SUBJECT, card), reverse.is_some());
        let given = |text: &Option<String>, otherwise: &str| {
            text.clone().unwrap_or_else(|| otherwise.to_owned())
        };
        let tags = match &self.tags {
            Some(tags) => tags.iter().map(|t| (t.key.clone(), t.value.clone())).collect(),
            None => tags_of(plan, card)
                .into_iter()
                .map(|tag| (tag.key.to_owned(), tag.value.to_owned()))
                .collect(),
        };
        let value = Pinned {
            index,
            id: given(&self.synchronization_job_id, &id::write(&plan.ids, index)),
            name: given(&self.synchronization_job_name, subject.name(plan.tongue)),
            region: given(&self.region_id, region_of(plan, card)),
            class: self
                .synchronization_job_class
                .map_or(class_of(plan, card), |c| CLASSES[c as usize]),
            pay_type: self.pay_type.map_or(pay_type_of(plan, card), |p| PAY_TYPES[p as usize]),
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
        Pin { born, value }
    }
}

impl PinnedDirection {
    fn seconds(&self) -> Option<i64> {
        self.checkpoint.as_ref()?.parse().ok().filter(|&seconds| seconds >= 0)
    }

    fn task(&self) -> PinnedTask {
        PinnedTask::Still { state: self.status.state(), checkpoint: self.seconds() }
    }
}

const USUAL_REGIONS: [&str; 4] = ["cn-hangzhou", "cn-shanghai", "cn-beijing", "cn-shenzhen"];

fn usual_tags(tongue: Tongue) -> Vec<TagTable> {
    let tag = |key: &str, value: Option<&str>, weight| TagTable {
        key: key.to_owned(),
        value: value.map(str::to_owned),
        weight,
    };
    vec![
        tag("env", Some("production"), 5),
        tag("env", Some("staging"), 2),
        tag("env", None, 3),
        tag("team", Some(tongue.choose("交易", "trade")), 3),
        tag("team", Some(tongue.choose("数据平台", "data-platform")), 2),
        tag("team", None, 5),
    ]
}

/// The vendor's samples, the first of them shortened; there is no code apart from the text.
const USUAL_CAUSES: &[UsualCause] = &[
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
