//! The `[eiam]` part of a scenario file, and the plan it becomes.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::job::{self, CARDS, Outcome, Pinned, TRIGGERS, synthesize};
use super::quirks::Quirks;
use super::state::{FAILED, JOB, PARTIAL_SUCCESS, PENDING, PULL, RUNNING, SUCCESS};
use super::target::{Direction, Target, TargetType};
use super::target_table::{Drawn, TargetTable};
use crate::plan::Base;
use crate::scenario::paging::Paging;
use crate::scenario::parts::{
    CauseTable, Created, Lives, Spread, UsualCause, When, causes, check_weights,
};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::{Length, Moment};
use crate::world::causes::Causes;
use crate::world::deck::Deck;
use crate::world::draw::{Seed, Stream, draw, scale};
use crate::world::ids::{BASE32, BASE36, IdCodec, random_text};
use crate::world::lifecycle::{Lifecycle, Path, Situation, State};
use crate::world::names::Tongue;
use crate::world::population::{Pin, Population, pinned_index};
use crate::world::time::{DAY, Timestamp};

/// Alibaba Cloud IDaaS EIAM: the synchronization jobs of one instance.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {
    /// The instance that requests must name. Default: the one of the vendor's pages,
    /// idaas_ue2jvisn35ea5lmthk267xxxxx.
    #[schemars(length(min = 1, max = 64))]
    pub instance_id: Option<String>,
    pub instance: InstanceTable,
    pub jobs: Jobs,
    /// Jobs that clients run.
    pub created: Created,
    pub targets: Targets,
    pub entities: EntityCounts,
    /// Exact targets, before the generated ones.
    pub target: Vec<TargetTable>,
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
    /// Weights of how jobs end.
    pub outcomes: Option<Outcomes>,
    /// Weights of what started them.
    pub triggers: Option<TriggerWeights>,
    /// How long a job waits before it runs.
    pub waiting: Spread,
    /// How long a job runs.
    pub duration: Spread,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            triggers: None,
            waiting: Spread::usual(&JOB, PENDING),
            duration: Spread::usual(&JOB, RUNNING),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Outcomes {
    pub success: u64,
    pub partial_success: u64,
    pub failed: u64,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TriggerWeights {
    pub auto: u64,
    pub manual: u64,
}

/// Generated targets of the jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Targets {
    /// Identity providers; jobs pull from them (ingress).
    #[schemars(range(max = 1000))]
    pub identity_providers: u64,
    /// Applications; jobs push to them (egress).
    #[schemars(range(max = 1000))]
    pub applications: u64,
    /// Weights of whether identity providers are pulled from.
    pub pull: Option<PullWeights>,
}

impl Default for Targets {
    fn default() -> Self {
        Self { identity_providers: 4, applications: 3, pull: None }
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PullWeights {
    #[schemars(range(max = 65536))]
    pub enabled: u64,
    #[schemars(range(max = 65536))]
    pub disabled: u64,
}

/// What ListInstances says of the instance.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceTable {
    /// Default: none.
    pub description: Option<String>,
    /// The license; ListInstances looks for it and does not show it.
    pub edition: Edition,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    Free,
    Trial,
    Scalability,
    #[default]
    Standard,
    Enterprise,
}

impl Edition {
    pub fn wire(self) -> &'static str {
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
pub struct EntityCounts {
    #[schemars(range(max = 1_000_000_000))]
    pub users: u64,
    #[schemars(range(max = 1_000_000_000))]
    pub organizational_units: u64,
    #[schemars(range(max = 1_000_000_000))]
    pub groups: u64,
}

impl Default for EntityCounts {
    fn default() -> Self {
        Self { users: 1_200, organizational_units: 90, groups: 45 }
    }
}

/// One exact job; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct PinnedJob {
    pub synchronization_job_id: Option<String>,
    pub target_type: Option<TargetType>,
    pub target_id: Option<String>,
    pub direction: Option<Direction>,
    /// Unix ms. Default: the start of the clock.
    pub start_time: Option<i64>,
    /// Unix ms. Default: within a minute of the start, if the job has ended.
    pub end_time: Option<i64>,
    pub trigger_type: Option<Trigger>,
    /// Default: success.
    pub status: Option<Status>,
    /// Instead of Status and EndTime: what becomes of it, like
    /// ["pending", "running 20s", "success"]. A state lasts as long as it usually does, or for
    /// a time, or for a number of answers that show the job ("running 2 looks"); the last
    /// one lasts for ever.
    #[serde(rename = "path")]
    pub path: Option<Vec<String>>,
    pub result: Option<Outcome>,
    pub description: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    Auto,
    Manual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Running,
    Success,
    PartialSuccess,
    Failed,
}

impl Status {
    fn state(self) -> State {
        match self {
            Self::Pending => PENDING,
            Self::Running => RUNNING,
            Self::Success => SUCCESS,
            Self::PartialSuccess => PARTIAL_SUCCESS,
            Self::Failed => FAILED,
        }
    }
}

#[derive(Debug)]
pub struct Plan {
    pub seed: Seed,
    pub instance_id: String,
    pub instance: InstanceTable,
    /// The instance's domain.
    pub endpoint: String,
    /// When the instance came into being: it is older than all that is in it.
    pub created: Timestamp,
    pub jobs: Population<Pinned>,
    /// Of the jobs that clients run; empty: as generated ones.
    pub created_paths: Vec<Arc<Path>>,
    /// Those that the deck deals come first, then those that only exact jobs name.
    pub targets: Vec<Target>,
    pub entities: EntityCounts,
    pub ids: IdCodec,
    pub token_key: u64,
    /// What download URLs are sealed with.
    pub seal_key: u64,
    pub tongue: Tongue,
    pub manual_description: String,
    pub paging: Paging,
    pub quirks: Quirks,
    pub causes: Causes,
    no_target: Target,
}

impl Plan {
    pub fn target(&self, place: usize) -> &Target {
        self.targets.get(place).unwrap_or(&self.no_target)
    }
}

const STREAM: Stream = Stream::named("eiam.job");

impl Section {
    pub fn plan(self, base: &Base, place: Place, problems: &mut Vec<Problem>) -> Plan {
        let jobs_place = place.clone().key("jobs");
        let jobs = &self.jobs;
        let when =
            When { count: jobs.count, every: jobs.every, over: jobs.over, start: jobs.start };
        let arrivals = when.arrivals(base, STREAM, &jobs_place, problems);
        jobs.waiting.check(jobs_place.clone().key("waiting"), problems);
        jobs.duration.check(jobs_place.clone().key("duration"), problems);

        let outcomes =
            jobs.outcomes.map_or(JOB.weights(), |o| vec![o.success, o.partial_success, o.failed]);
        check_weights(&outcomes, jobs_place.clone().key("outcomes"), problems);
        let triggers = jobs.triggers.map_or(vec![8, 2], |t| vec![t.auto, t.manual]);
        check_weights(&triggers, jobs_place.key("triggers"), problems);

        for (i, table) in self.target.iter().enumerate() {
            table.check(&place.clone().key("target").index(i), problems);
        }
        let pull = self.targets.pull.map_or(PULL.weights(), |p| vec![p.enabled, p.disabled]);
        check_weights(&pull, place.clone().key("targets").key("pull"), problems);
        let weights = self.target_tables(base);
        let weights: Vec<u64> = weights.iter().map(|table| table.weight).collect();
        check_weights(&weights, place.clone().key("target"), problems);
        if weights.is_empty() && jobs.count > 0 {
            problems.push(
                Problem::value(place.clone().key("targets"), "there are jobs, but no targets")
                    .hint("give identity_providers or applications a number above 0"),
            );
        }

        self.paging.check(&place, problems);
        let jobless = jobs.count == 0 && jobs.every.is_none() && self.job.is_empty();
        self.quirks.check(self.paging, jobless && weights.is_empty(), &place, problems);

        let births = self.job.iter().map(|pin| pin.born(base));
        let first = births.chain([arrivals.born(0), base.start]).min().unwrap_or(base.start);
        let targets = self.all_targets(base, first, &pull);
        let oldest = targets.iter().map(|target| target.created).min().unwrap_or(first);

        let deck = Deck::new(base.seed, STREAM.of(1), &[outcomes, weights, triggers]);
        let usual = |state| match state {
            PENDING => Some(jobs.waiting.quantiles()),
            RUNNING => Some(jobs.duration.quantiles()),
            _ => None,
        };
        let lives = Lives { machine: &JOB, usual: &usual };
        let created_paths = self.created.paths(&lives, &JOB.first(), &place, problems);
        let paths = lives.generated();
        let lifecycle = Lifecycle { seed: base.seed, stream: STREAM.of(2), paths };
        let mut plan = Plan {
            seed: base.seed,
            instance_id: self
                .instance_id
                .unwrap_or_else(|| "idaas_ue2jvisn35ea5lmthk267xxxxx".to_owned()),
            instance: self.instance,
            endpoint: format!(
                "{}.aliyunidaas.com",
                random_text(base.seed, Stream::named("eiam.endpoint"), 0, BASE36, 8)
            ),
            created: oldest.minus(DAY),
            jobs: Population::new(arrivals, deck, job::OUTCOME, lifecycle, vec![]),
            no_target: Drawn { base, before: first, count: 1, pull: [1, 0] }
                .target(generated_target(base, 0, TargetType::IdentityProvider), 0),
            created_paths,
            targets,
            entities: self.entities,
            ids: IdCodec::new(base.seed, STREAM.of(3)),
            token_key: draw(base.seed, Stream::named("eiam.token"), 0),
            seal_key: draw(base.seed, Stream::named("eiam.seal"), 0),
            tongue: base.tongue,
            manual_description: base.tongue.choose("手动同步", "Manual synchronization").to_owned(),
            paging: self.paging,
            quirks: self.quirks,
            causes: causes(self.cause, USUAL_CAUSES, base, place.clone().key("cause"), problems),
        };
        let pins = self.job.iter().enumerate().map(|(i, pin)| {
            let place = place.clone().key("job").index(i);
            pin.check(place.clone(), problems);
            let first = JOB.first();
            let path = pin
                .path
                .as_ref()
                .and_then(|steps| lives.path(steps, &first, &place.key("path"), problems));
            pin.resolve(&plan, path, base, i)
        });
        let pins: Vec<Pin<Pinned>> = pins.collect();
        let Population { arrivals, deck, path_choice, lifecycle, .. } = plan.jobs;
        plan.jobs = Population::new(arrivals, deck, path_choice, lifecycle, pins);
        plan
    }

    /// The targets that the deck deals.
    fn target_tables(&self, base: &Base) -> Vec<TargetTable> {
        let providers = (0..self.targets.identity_providers)
            .map(|i| generated_target(base, i, TargetType::IdentityProvider));
        let applications = (0..self.targets.applications)
            .map(|i| generated_target(base, i, TargetType::Application));
        self.target.iter().cloned().chain(providers).chain(applications).collect()
    }

    /// Those, and the others that exact jobs name.
    fn all_targets(&self, base: &Base, before: Timestamp, pull: &[u64]) -> Vec<Target> {
        let mut tables = self.target_tables(base);
        for job in &self.job {
            let Some(id) = &job.target_id else { continue };
            if !tables.iter().any(|table| table.id == *id) {
                let table = TargetTable::generated(id.clone(), 0);
                let (kind, direction) = (job.target_type, job.direction);
                tables.push(TargetTable { kind, direction, ..table });
            }
        }
        let pull = match pull {
            [enabled, disabled] => [*enabled, *disabled],
            _ => [1, 0],
        };
        let drawn = Drawn { base, before, count: tables.len() as u64, pull };
        tables.into_iter().zip(0..).map(|(table, place)| drawn.target(table, place)).collect()
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

impl PinnedJob {
    fn check(&self, place: Place, problems: &mut Vec<Problem>) {
        if let (Some(start), Some(end)) = (self.start_time, self.end_time)
            && end < start
        {
            let text = "EndTime lies before StartTime";
            problems.push(Problem::value(place.clone().key("EndTime"), text));
        }
        let there = [("Status", self.status.is_some()), ("EndTime", self.end_time.is_some())];
        for (name, _) in there.iter().filter(|(_, there)| *there && self.path.is_some()) {
            let text = format!("{name} says what path says already");
            problems.push(Problem::key(place.clone().key(*name), text));
        }
        let ended = !matches!(self.status, Some(Status::Pending | Status::Running));
        for (name, there) in
            [("EndTime", self.end_time.is_some()), ("Result", self.result.is_some())]
        {
            if there && !ended {
                let text = format!("a job that has not ended has no {name}");
                problems.push(Problem::key(place.clone().key(name), text));
            }
        }
    }

    /// The target that it names, or one of the type that it names.
    fn target<'p>(&self, plan: &'p Plan, index: u64) -> Option<&'p Target> {
        if let Some(id) = &self.target_id {
            return plan.targets.iter().find(|target| target.id == *id);
        }
        let kind = self.target_type?;
        let fit: Vec<&Target> = plan.targets.iter().filter(|t| t.kind() == kind).collect();
        let choice = scale(draw(plan.seed, STREAM.of(4), index), fit.len() as u64);
        fit.get(choice as usize).copied()
    }

    fn born(&self, base: &Base) -> Timestamp {
        self.start_time.map_or(base.start, Timestamp::from_millis)
    }

    fn resolve(&self, plan: &Plan, path: Option<Path>, base: &Base, place: usize) -> Pin<Pinned> {
        let index = pinned_index(place);
        let born = self.born(base);
        let state = self.status.map_or(SUCCESS, Status::state);
        let at_rest = state >= SUCCESS;
        let since = born.plus(1_000 + scale(draw(base.seed, STREAM, index), 59_000));
        let situation = Situation { state, since, at_rest, progress: 0 };
        let card = plan.jobs.drawn_card(CARDS, index);
        let mut job = synthesize(plan, index, card, &situation, born);
        if let Some(id) = &self.synchronization_job_id {
            job.synchronization_job_id.clone_from(id);
        }
        if let Some(target) = self.target(plan, index) {
            job.target_id.clone_from(&target.id);
            job.target_type = self.target_type.unwrap_or(target.kind()).wire();
            job.direction = target.direction.wire();
        }
        if let Some(direction) = self.direction {
            job.direction = direction.wire();
        }
        if let Some(end) = self.end_time {
            job.end_time = Some(end);
        }
        if let Some(trigger) = self.trigger_type {
            job.trigger_type = TRIGGERS[usize::from(trigger == Trigger::Manual)];
            job.description = None;
        }
        if self.result.is_some() || path.is_some() {
            job.result = self.result.clone().map(Box::new);
        }
        if let Some(description) = &self.description {
            job.description = Some(description.clone());
        }
        job.status = JOB.name(state);
        Pin { born, value: Pinned { job, path, card } }
    }
}

/// Codes in the product's pattern; the first is the vendor's own sample, the others are ours.
const USUAL_CAUSES: &[UsualCause] = &[
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
