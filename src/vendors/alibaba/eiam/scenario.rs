//! The `[eiam]` part of a scenario file, and the plan it becomes.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::job::{self, FixedJob, JobResult, ROWS, Trigger, synthesize};
use super::quirks::Quirks;
use super::state::{JOB, JobState, PullState};
use super::target::{Direction, SyncTarget, TargetType};
use super::target_table::{TARGETS_CREATED_WITHIN, TargetGenerator, TargetTable};
use crate::scenario::Base;
use crate::scenario::failure_messages::{
    DefaultFailureMessage, FailureMessageTable, failure_messages,
};
use crate::scenario::paging::Paging;
use crate::scenario::path_weights::PathWeights;
use crate::scenario::population::{ArrivalsTable, check_moving, check_weights};
use crate::scenario::prescribed_path::{CreatedTable, PathReader};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::spread::Spread;
use crate::scenario::value::{Length, Moment};
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::failure_messages::FailureMessages;
use crate::world::ids::{BASE32, BASE36, IdCodec, random_text};
use crate::world::lifecycle::{Lifecycle, LifecyclePath, LifecycleStatus};
use crate::world::names::Locale;
use crate::world::population::{FixedRecord, Population, fixed_index};
use crate::world::sampler::StratifiedSampler;
use crate::world::stable_choice::StableChoice;
use crate::world::time::{DAY, Timestamp};

/// Alibaba Cloud IDaaS EIAM: the synchronization jobs of one instance.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EiamSection {
    /// The instance that requests must name. Default: the one of the vendor's pages,
    /// idaas_ue2jvisn35ea5lmthk267xxxxx.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) instance_id: Option<String>,
    pub(crate) instance: InstanceTable,
    pub(crate) jobs: Jobs,
    /// Jobs that clients run.
    pub(crate) created: CreatedTable,
    pub(crate) targets: Targets,
    pub(crate) entities: EntityCounts,
    /// Fixed targets, beside the generated ones. Lists begin with the youngest.
    pub(crate) target: Vec<TargetTable>,
    /// Fixed jobs, among the generated ones.
    pub(crate) job: Vec<FixedJobTable>,
    /// The errors of failed jobs. Default: a handful of believable ones.
    pub(crate) cause: Vec<FailureMessageTable>,
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
}

/// The generated jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Jobs {
    /// How many there are at the start.
    pub(crate) count: u64,
    /// The time between two jobs, before the start and after it. Left out: none arrive after
    /// the start.
    pub(crate) every: Option<Length>,
    /// Without `every`: the time before the start in which all of them begin. It is divided into
    /// as many slots as the next power of two, and the last ones have a job each. Default 7d.
    pub(crate) over: Option<Length>,
    /// The instant at which there are `count` jobs. Default: the start of the clock.
    pub(crate) start: Option<Moment>,
    /// Weights of how jobs end.
    pub(crate) outcomes: Option<PathWeights<JobState>>,
    /// Weights of what started them. Default: auto 8, manual 2.
    pub(crate) triggers: TriggerWeights,
    /// How long a job waits before it runs.
    pub(crate) waiting: Spread,
    /// How long a job runs.
    pub(crate) duration: Spread,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            triggers: TriggerWeights::default(),
            waiting: Spread::default_dwell(&JOB, JobState::Pending),
            duration: Spread::default_dwell(&JOB, JobState::Running),
        }
    }
}

/// A key that is left out keeps its default.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TriggerWeights {
    /// Default 8.
    #[schemars(range(max = 65536))]
    pub(crate) auto: u64,
    /// Default 2.
    #[schemars(range(max = 65536))]
    pub(crate) manual: u64,
}

impl Default for TriggerWeights {
    fn default() -> Self {
        Self { auto: 8, manual: 2 }
    }
}

/// The generated targets of the jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Targets {
    /// Identity providers; jobs pull from them (ingress).
    #[schemars(range(max = 1000))]
    pub(crate) identity_providers: u64,
    /// Applications; jobs push to them (egress).
    #[schemars(range(max = 1000))]
    pub(crate) applications: u64,
    /// Weights of whether identity providers are pulled from.
    pub(crate) pull: Option<PathWeights<PullState>>,
}

impl Default for Targets {
    fn default() -> Self {
        Self { identity_providers: 4, applications: 3, pull: None }
    }
}

/// How ListInstances shows the instance.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct InstanceTable {
    /// Default: none.
    pub(crate) description: Option<String>,
    /// The license; ListInstances filters by it, but does not show it.
    pub(crate) edition: Edition,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Edition {
    Free,
    Trial,
    Scalability,
    #[default]
    Standard,
    Enterprise,
}

impl Edition {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Trial => "trial",
            Self::Scalability => "scalability",
            Self::Standard => "standard",
            Self::Enterprise => "enterprise",
        }
    }
}

/// How much there is to synchronize.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EntityCounts {
    #[schemars(range(max = 1_000_000_000))]
    pub(crate) users: u64,
    #[schemars(range(max = 1_000_000_000))]
    pub(crate) organizational_units: u64,
    #[schemars(range(max = 1_000_000_000))]
    pub(crate) groups: u64,
}

impl Default for EntityCounts {
    fn default() -> Self {
        Self { users: 1_200, organizational_units: 90, groups: 45 }
    }
}

/// One fixed job; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct FixedJobTable {
    pub(crate) synchronization_job_id: Option<String>,
    pub(crate) target_type: Option<TargetType>,
    pub(crate) target_id: Option<String>,
    pub(crate) direction: Option<Direction>,
    /// Unix ms. Default: the start of the clock.
    #[schemars(range(min = 0, max = 253_402_271_999_999_i64))]
    pub(crate) start_time: Option<i64>,
    /// Unix ms. Default: within a minute of the start, if the job has ended.
    #[schemars(range(min = 0, max = 253_402_271_999_999_i64))]
    pub(crate) end_time: Option<i64>,
    pub(crate) trigger_type: Option<Trigger>,
    /// Default: success.
    pub(crate) status: Option<JobState>,
    /// Instead of Status and EndTime: the states that it passes through, like
    /// ["pending", "running 20s", "success"]. A state lasts as long as for generated jobs, or
    /// for the given time, or for a number of answers that show the job ("running 2 looks");
    /// the last one lasts for ever.
    #[serde(rename = "path")]
    pub(crate) path: Option<Vec<String>>,
    pub(crate) result: Option<JobResult>,
    pub(crate) description: Option<String>,
}

#[derive(Debug)]
pub(crate) struct EiamPlan {
    pub(crate) seed: Seed,
    pub(crate) instance_id: String,
    pub(crate) instance: InstanceTable,
    /// The instance's domain.
    pub(crate) endpoint: String,
    /// The creation of the instance: it is older than everything in it.
    pub(crate) created: Timestamp,
    pub(crate) jobs: Population<FixedJob, JobState>,
    /// The paths of jobs that clients run; if empty, they take those of generated ones.
    pub(crate) created_paths: Vec<Arc<LifecyclePath<JobState>>>,
    /// First those that the sampler assigns, then those that only fixed jobs name.
    pub(crate) targets: Vec<SyncTarget>,
    /// Their indexes, as lists show them (inferred: the order of the vendor's lists is not known).
    pub(crate) youngest_first: Vec<usize>,
    pub(crate) entities: EntityCounts,
    pub(crate) ids: IdCodec,
    pub(crate) token_key: u64,
    /// The key that signs download URLs.
    pub(crate) seal_key: u64,
    pub(crate) locale: Locale,
    pub(crate) manual_description: String,
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
    pub(crate) failure_messages: FailureMessages,
    /// The target of jobs in a scenario that has none.
    fallback_target: SyncTarget,
}

impl EiamPlan {
    pub(crate) fn target(&self, index: usize) -> &SyncTarget {
        self.targets.get(index).unwrap_or(&self.fallback_target)
    }
}

const STREAM: Stream = Stream::named("eiam.job");
const YEAR: u64 = 365 * DAY;

impl EiamSection {
    pub(crate) fn plan(
        self,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> EiamPlan {
        let jobs_path = path.clone().key("jobs");
        let jobs = &self.jobs;
        let Jobs { count, every, over, start, .. } = *jobs;
        let arrivals = ArrivalsTable { count, every, over, start };
        let arrivals = arrivals.arrivals(base, STREAM, &jobs_path, problems);
        jobs.waiting.check(jobs_path.clone().key("waiting"), problems);
        jobs.duration.check(jobs_path.clone().key("duration"), problems);

        let outcomes = PathWeights::or_default(jobs.outcomes.as_ref());
        check_weights(&outcomes, jobs_path.clone().key("outcomes"), problems);
        let triggers = vec![jobs.triggers.auto, jobs.triggers.manual];
        check_weights(&triggers, jobs_path.key("triggers"), problems);

        for (i, table) in self.target.iter().enumerate() {
            table.check(&path.clone().key("target").index(i), problems);
        }
        let pull = PathWeights::or_default(self.targets.pull.as_ref());
        check_weights(&pull, path.clone().key("targets").key("pull"), problems);
        let weights = self.target_tables(base);
        let weights: Vec<u64> = weights.iter().map(|table| table.weight).collect();
        check_weights(&weights, path.clone().key("target"), problems);
        if weights.is_empty() && jobs.count > 0 {
            problems.push(
                Problem::value(path.clone().key("targets"), "there are jobs, but no targets")
                    .hint("give identity_providers or applications a number above 0"),
            );
        }

        self.paging.check(&path, problems);
        let has_no_jobs = jobs.count == 0 && jobs.every.is_none() && self.job.is_empty();
        let never_has_rows = has_no_jobs && weights.is_empty();
        self.quirks.check(self.paging, never_has_rows, &path, problems);

        let births = self.job.iter().map(|table| table.born(base));
        let generated = arrivals.born(arrivals.first());
        let first = births.chain([generated, base.start]).min().unwrap_or(base.start);
        // In whole years, so that one more job does not change the dates of targets.
        let years = base.start.since(first) / YEAR + 1;
        let before = base.start.minus(years * YEAR);
        let targets = self.all_targets(base, before, &pull);
        let mut youngest_first: Vec<usize> = (0..targets.len()).collect();
        youngest_first.sort_by_key(|&index| Reverse(targets[index].created));

        let sampler =
            StratifiedSampler::new(base.seed, STREAM.of(1), &[outcomes, weights, triggers]);
        let default_dwell = |state| match state {
            JobState::Pending => Some(jobs.waiting.quantiles()),
            JobState::Running => Some(jobs.duration.quantiles()),
            JobState::Success | JobState::PartialSuccess | JobState::Failed => None,
        };
        let reader = PathReader { table: &JOB, default_dwell: &default_dwell };
        let created_paths = self.created.paths(&reader, &JOB.first(), &path, problems);
        let paths = reader.generated();
        let lifecycle = Lifecycle::new(base.seed, STREAM.of(2), paths);
        let mut plan = EiamPlan {
            seed: base.seed,
            instance_id: self
                .instance_id
                .unwrap_or_else(|| "idaas_ue2jvisn35ea5lmthk267xxxxx".to_owned()),
            instance: self.instance,
            endpoint: format!(
                "{}.aliyunidaas.com",
                random_text(base.seed, Stream::named("eiam.endpoint"), 0, BASE36, 8)
            ),
            created: before.minus(TARGETS_CREATED_WITHIN + 2 * DAY),
            jobs: Population::new(arrivals, sampler, job::OUTCOME, lifecycle, vec![]),
            fallback_target: TargetGenerator { base, before, pull: &[1, 0] }
                .target(generated_target(base, 0, TargetType::IdentityProvider)),
            created_paths,
            targets,
            youngest_first,
            entities: self.entities,
            ids: IdCodec::new(base.seed, STREAM.of(3)),
            token_key: draw(base.seed, Stream::named("eiam.token"), 0),
            seal_key: draw(base.seed, Stream::named("eiam.seal"), 0),
            locale: base.locale,
            manual_description: base.locale.choose("手动同步", "Manual synchronization").to_owned(),
            paging: self.paging,
            quirks: self.quirks,
            failure_messages: failure_messages(
                self.cause,
                DEFAULT_FAILURE_MESSAGES,
                base,
                path.clone().key("cause"),
                problems,
            ),
        };
        let targets = TargetIndex::new(&plan.targets);
        let fixed = self.job.iter().enumerate().map(|(i, table)| {
            let path = path.clone().key("job").index(i);
            table.check(path.clone(), problems);
            let steps = table.path.as_ref();
            let lifecycle_path = steps.and_then(|steps| {
                reader.path(steps, &JOB.first(), &path.clone().key("path"), problems)
            });
            let never_ends = lifecycle_path.as_ref().is_some_and(|path| !path.terminal.has_ended());
            if table.result.is_some() && never_ends {
                let text = "a job that never ends has no Result";
                problems.push(Problem::key(path.key("Result"), text));
            }
            table.resolve(&plan, &targets, lifecycle_path, base, i)
        });
        let fixed: Vec<FixedRecord<FixedJob>> = fixed.collect();
        let Population { arrivals, sampler, path_attribute, lifecycle, .. } = plan.jobs;
        plan.jobs = Population::new(arrivals, sampler, path_attribute, lifecycle, fixed);
        check_moving(&plan.jobs, &path.key("jobs"), problems);
        plan
    }

    /// The targets that the sampler assigns.
    fn target_tables(&self, base: &Base) -> Vec<TargetTable> {
        let providers = (0..self.targets.identity_providers)
            .map(|i| generated_target(base, i, TargetType::IdentityProvider));
        let applications = (0..self.targets.applications)
            .map(|i| generated_target(base, i, TargetType::Application));
        self.target.iter().cloned().chain(providers).chain(applications).collect()
    }

    /// The same, and the others that fixed jobs name.
    fn all_targets(&self, base: &Base, before: Timestamp, pull: &[u64]) -> Vec<SyncTarget> {
        let mut tables = self.target_tables(base);
        let mut ids: HashSet<String> = tables.iter().map(|table| table.id.clone()).collect();
        for job in &self.job {
            let Some(id) = &job.target_id else { continue };
            if ids.insert(id.clone()) {
                let table = TargetTable::generated(id.clone(), 0);
                let (kind, direction) = (job.target_type, job.direction);
                tables.push(TargetTable { kind, direction, ..table });
            }
        }
        let generator = TargetGenerator { base, before, pull };
        tables.into_iter().map(|table| generator.target(table)).collect()
    }
}

/// The targets of a plan, found without a look at all of them.
struct TargetIndex<'p> {
    /// The first of each id.
    by_id: HashMap<&'p str, &'p SyncTarget>,
    providers: StableChoice<&'p SyncTarget>,
    applications: StableChoice<&'p SyncTarget>,
}

impl<'p> TargetIndex<'p> {
    fn new(targets: &'p [SyncTarget]) -> Self {
        let mut by_id = HashMap::new();
        for target in targets {
            by_id.entry(target.id.as_str()).or_insert(target);
        }
        let of_type = |kind| {
            let fit = targets.iter().filter(move |target| target.target_type() == kind);
            StableChoice::new(fit.map(|target| (target.index, target)))
        };
        Self {
            by_id,
            providers: of_type(TargetType::IdentityProvider),
            applications: of_type(TargetType::Application),
        }
    }
}

/// `idp_` or `app_` and 26 characters of base32 (samples on the vendor's pages).
fn generated_target(base: &Base, index: u64, kind: TargetType) -> TargetTable {
    let (prefix, stream) = match kind {
        TargetType::IdentityProvider => ("idp", Stream::named("eiam.idp")),
        TargetType::Application => ("app", Stream::named("eiam.app")),
    };
    let tail = random_text(base.seed, stream, index, BASE32, 26);
    TargetTable::generated(format!("{prefix}_{tail}"), 1)
}

impl FixedJobTable {
    fn check(&self, path: DocumentPath, problems: &mut Vec<Problem>) {
        if let (Some(start), Some(end)) = (self.start_time, self.end_time)
            && end < start
        {
            let text = "EndTime lies before StartTime";
            problems.push(Problem::value(path.clone().key("EndTime"), text));
        }
        let given = [("Status", self.status.is_some()), ("EndTime", self.end_time.is_some())];
        for (name, _) in given.iter().filter(|(_, is_given)| *is_given && self.path.is_some()) {
            let text = format!("{name} says what path says already");
            problems.push(Problem::key(path.clone().key(*name), text));
        }
        let has_ended = self.status.is_none_or(JobState::has_ended);
        for (name, is_given) in
            [("EndTime", self.end_time.is_some()), ("Result", self.result.is_some())]
        {
            if is_given && !has_ended {
                let text = format!("a job that has not ended has no {name}");
                problems.push(Problem::key(path.clone().key(name), text));
            }
        }
    }

    /// The target that the table names, or one of the type that it names.
    fn target<'p>(
        &self,
        targets: &TargetIndex<'p>,
        seed: Seed,
        index: u64,
    ) -> Option<&'p SyncTarget> {
        if let Some(id) = &self.target_id {
            return targets.by_id.get(id.as_str()).copied();
        }
        let fit = match self.target_type? {
            TargetType::IdentityProvider => &targets.providers,
            TargetType::Application => &targets.applications,
        };
        fit.pick(draw(seed, STREAM.of(4), index))
    }

    fn born(&self, base: &Base) -> Timestamp {
        self.start_time.map_or(base.start, Timestamp::from_millis)
    }

    /// `place` is the table's position in the file.
    fn resolve(
        &self,
        plan: &EiamPlan,
        targets: &TargetIndex<'_>,
        path: Option<LifecyclePath<JobState>>,
        base: &Base,
        place: usize,
    ) -> FixedRecord<FixedJob> {
        let index = fixed_index(place);
        let born = self.born(base);
        let state = self.status.unwrap_or(JobState::Success);
        let since = born.plus(1_000 + scale(draw(base.seed, STREAM, index), 59_000));
        let status = LifecycleStatus {
            state,
            since,
            is_terminal: state.has_ended(),
            progress: 0,
            awaits_poll: false,
        };
        let row = plan.jobs.drawn_row(ROWS, index);
        let mut job = synthesize(plan, index, row, &status, born);
        if let Some(id) = &self.synchronization_job_id {
            job.synchronization_job_id.clone_from(id);
        }
        if let Some(target) = self.target(targets, plan.seed, index) {
            job.target_id.clone_from(&target.id);
            job.target_type = self.target_type.unwrap_or(target.target_type()).wire();
            job.direction = target.direction.wire();
        }
        if let Some(direction) = self.direction {
            job.direction = direction.wire();
        }
        if let Some(end) = self.end_time {
            job.end_time = Some(end);
        }
        if let Some(trigger) = self.trigger_type {
            job.trigger_type = trigger.wire();
            job.description = None;
        }
        if self.result.is_some() || path.is_some() {
            job.result = self.result.clone().map(Box::new);
        }
        if let Some(description) = &self.description {
            job.description = Some(description.clone());
        }
        job.status = JOB.name(state);
        FixedRecord { born, value: FixedJob { job, path, row } }
    }
}

/// Codes in the product's pattern; the first is the vendor's own sample, the others are ours.
const DEFAULT_FAILURE_MESSAGES: &[DefaultFailureMessage] = &[
    (
        "MissingParameter.Username",
        "缺少必填参数 Username",
        "The specified parameter Username is required!",
        4,
    ),
    (
        "OperationDenied.UserDeletedThreshold",
        "待删除账户数超过保护阈值",
        "The number of users to delete exceeds the protection threshold.",
        1,
    ),
    ("InvalidParameter.Email", "邮箱格式不正确", "The specified parameter Email is not valid.", 3),
    ("EntityAlreadyExists.Username", "账户名已存在", "The username already exists.", 3),
    (
        "ThirdParty.RequestTimeout",
        "请求第三方接口超时",
        "The request to the identity provider timed out.",
        2,
    ),
    (
        "InternalError",
        "内部错误",
        "The request processing has failed due to some unknown error.",
        1,
    ),
];
