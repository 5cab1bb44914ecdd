//! The synchronization task: its settings, and what it is at an instant.

use std::cmp::Reverse;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::event::{History, ShownJob, TriggeredJob};
use super::fixed_job::FixedJob;
use super::job::{Flow, JobRef, SyncJobRow, Trigger, iso};
use super::jobs::JobList;
use super::risk_operation::RiskOperations;
use super::scenario::AuthingPlan;
use super::schedule::{Period, Schedule};
use super::state::SyncJobStatus;
use crate::world::draw::Stream;
use crate::world::lifecycle::Lifecycle;
use crate::world::population::Population;
use crate::world::time::{DAY, HOUR, Timestamp};

/// `syncTaskType` (vendor's OpenAPI document).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SyncTaskType {
    Lark,
    LarkInternational,
    Wechatwork,
    Dingtalk,
    ActiveDirectory,
    Italent,
    Maycur,
    Ldap,
    Moka,
    Fxiaoke,
    Scim,
    Xiaoshouyi,
    Kayang,
    Custom,
}

/// The interval of a timed task (vendor's OpenAPI document).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Cycle {
    Month,
    Week,
    Days,
    SixHours,
    TwoHours,
}

impl Cycle {
    const ALL: [Self; 5] = [Self::Month, Self::Week, Self::Days, Self::SixHours, Self::TwoHours];

    pub(crate) fn period(self) -> Period {
        match self {
            Self::Month => Period::Month,
            Self::Week => Period::Every(7 * DAY),
            Self::Days => Period::Every(DAY),
            Self::SixHours => Period::Every(6 * HOUR),
            Self::TwoHours => Period::Every(2 * HOUR),
        }
    }

    pub(crate) fn from_period(period: Period) -> Option<Self> {
        Self::ALL.into_iter().find(|cycle| cycle.period() == period)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TimedScheduler {
    pub(crate) cycle: Cycle,
    /// Unix ms.
    pub(crate) start_time: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ProvisioningScope {
    pub(crate) all: bool,
    pub(crate) include_new_users: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FieldMapping {
    pub(crate) expression: String,
    pub(crate) target_key: String,
}

/// The settings of a task that clients can change. Its clientConfig holds the secrets of a third
/// party, so only the names of the configured directories are kept of it.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) name: String,
    pub(crate) sync_task_type: SyncTaskType,
    pub(crate) configs: Vec<String>,
    pub(crate) flow: Flow,
    pub(crate) trigger: Trigger,
    pub(crate) organization_code: Option<String>,
    pub(crate) provisioning_scope: Option<ProvisioningScope>,
    pub(crate) field_mapping: Vec<FieldMapping>,
    pub(crate) timed_scheduler: Option<TimedScheduler>,
}

/// A setup, and the instant from which it is in force until the next revision.
#[derive(Debug)]
pub(crate) struct Revision {
    pub(crate) from: Timestamp,
    pub(crate) setup: Setup,
    /// The task's schedule; only runs that begin after `from` take place.
    pub(crate) schedule: Option<Arc<Schedule>>,
    pub(crate) earlier: EarlierRuns,
}

/// The scheduled runs of the revisions before one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EarlierRuns {
    /// When the first one began.
    first: Option<Timestamp>,
    /// The last one: how many revisions there were then, and its number in their schedule.
    last: Option<(usize, u64)>,
}

/// A task as the scenario or a client created it.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: u64,
    pub(crate) created: Timestamp,
    pub(crate) first: Arc<Revision>,
    /// Generated manual runs, and fixed jobs.
    pub(crate) runs: Arc<Population<FixedJob, SyncJobStatus>>,
    /// Its place among the scenario's tasks, from which the ids of its generated jobs are made; 0
    /// for a task of a client, which has none.
    pub(crate) place: u64,
    /// The job id of the single record of what it does by itself.
    pub(crate) record: u64,
    /// The organization that an upstream task is bound to by its first run.
    pub(crate) organization: String,
    pub(crate) operations: Option<RiskOperations>,
}

const STREAM: Stream = Stream::named("authing.schedule");

/// The schedule of a task that the event of that number set up.
pub(crate) fn schedule(
    plan: &AuthingPlan,
    task: u64,
    setup: &Setup,
    from: Timestamp,
    number: u64,
) -> Option<Schedule> {
    let default = plan.default_schedule(setup.trigger)?;
    let timer = setup.timed_scheduler.as_ref().filter(|_| setup.trigger == Trigger::Timed);
    let (first, period) = match timer {
        Some(timer) => (Timestamp::from_millis(timer.start_time), timer.cycle.period()),
        // Nothing says that a timed task must have a scheduler (inferred).
        None => (from, Period::Every(default.every)),
    };
    let stream = STREAM.of(task).of(number);
    Some(Schedule {
        seed: plan.seed,
        stream: stream.of(0),
        first,
        period,
        lateness: default.lateness,
        lifecycle: Lifecycle::new(plan.seed, stream.of(1), default.paths.clone()),
        counts: stream.of(2),
    })
}

/// A task and everything that happened to it until an instant.
#[derive(Clone, Copy)]
pub(crate) struct TaskView<'a> {
    pub(crate) plan: &'a AuthingPlan,
    pub(crate) task: &'a Task,
    pub(crate) history: &'a History,
    pub(crate) now: Timestamp,
}

/// A run that the task began by itself.
#[derive(Clone, Copy)]
pub(crate) struct ScheduledRun<'a> {
    pub(crate) revision: &'a Revision,
    pub(crate) schedule: &'a Schedule,
    pub(crate) number: u64,
    /// The number of revisions up to that one, without the first setup.
    revisions: usize,
}

impl ScheduledRun<'_> {
    pub(crate) fn begins(&self) -> Timestamp {
        self.schedule.begins(self.number)
    }
}

/// The runs that a task has begun by itself; there is at least one.
#[derive(Clone, Copy)]
pub(crate) struct ScheduledRuns<'a> {
    /// When the first one began.
    pub(crate) first: Timestamp,
    pub(crate) last: ScheduledRun<'a>,
}

impl<'a> TaskView<'a> {
    /// The task of that id, if it exists.
    pub(crate) fn find(view: &View<'a>, id: u64) -> Option<Self> {
        let View { plan, projection, .. } = *view;
        let task = plan.task(id).or_else(|| projection.tasks.get(&id).map(Arc::as_ref))?;
        Some(Self::new(view, task))
    }

    pub(crate) fn new(view: &View<'a>, task: &'a Task) -> Self {
        let View { plan, projection, now } = *view;
        let history = projection.histories.get(&task.id).map(Arc::as_ref);
        Self { plan, task, history: history.unwrap_or(&plan.no_history), now }
    }

    /// All tasks, the latest first (inferred). With a clock that was turned back, ids do not say
    /// which that is.
    pub(crate) fn latest_first(view: &View<'a>) -> Vec<Self> {
        let View { plan, projection, .. } = *view;
        let created = projection.tasks.entries().iter().map(|(_, task)| &**task);
        let tasks = created.chain(&plan.tasks).map(|task| Self::new(view, task));
        let mut tasks: Vec<Self> = tasks.collect();
        tasks.sort_unstable_by_key(|view| Reverse((view.task.created, view.task.id)));
        tasks
    }

    /// The revision that is in force.
    pub(crate) fn revision(&self) -> &'a Revision {
        self.revision_after(self.history.revisions.len())
    }

    pub(crate) fn setup(&self) -> &'a Setup {
        &self.revision().setup
    }

    /// The setup that was in force at an instant; before the task existed, its first one.
    pub(crate) fn setup_at(&self, instant: Timestamp) -> &'a Setup {
        let revisions = self.history.revisions.entries();
        let count = revisions.partition_point(|(_, revision)| revision.from <= instant);
        &self.revision_after(count).setup
    }

    /// The last of the first `count` revisions; the task's first setup if there are none.
    fn revision_after(&self, count: usize) -> &'a Revision {
        let last = count.checked_sub(1).and_then(|last| self.history.revisions.get(&last));
        last.unwrap_or(&self.task.first)
    }

    /// The job that the event of that number triggered, which the runs have as created.
    pub(crate) fn triggered(&self, number: u64) -> &'a TriggeredJob {
        #[expect(clippy::expect_used, reason = "the projection records both at once")]
        self.history.triggered.get(&number).expect("a triggered job for each created run")
    }

    /// The scheduled runs so far; None if none was scheduled.
    pub(crate) fn scheduled_runs(&self) -> Option<ScheduledRuns<'a>> {
        let last = self.last_scheduled_run()?;
        Some(ScheduledRuns { first: self.first_scheduled_run()?, last })
    }

    fn last_scheduled_run(&self) -> Option<ScheduledRun<'a>> {
        let revisions = self.history.revisions.len();
        let run = |revisions, number| {
            let revision = self.revision_after(revisions);
            let schedule = revision.schedule.as_deref()?;
            Some(ScheduledRun { revision, schedule, number, revisions })
        };
        let revision = self.revision();
        let latest = revision.schedule.as_ref().and_then(|schedule| schedule.latest(self.now));
        let latest = latest.and_then(|number| run(revisions, number));
        latest.filter(|run| run.begins() > revision.from).or_else(|| {
            let (revisions, number) = revision.earlier.last?;
            run(revisions, number)
        })
    }

    /// When the first run began.
    fn first_scheduled_run(&self) -> Option<Timestamp> {
        let revision = self.revision();
        revision.earlier.first.or_else(|| {
            let begins = revision.schedule.as_ref().map(|s| s.begins(s.after(revision.from)));
            begins.filter(|&begins| begins <= self.now)
        })
    }

    /// For a revision that is made now.
    pub(crate) fn earlier_runs(&self) -> EarlierRuns {
        let last = self.last_scheduled_run().map(|run| (run.revisions, run.number));
        EarlierRuns { first: self.first_scheduled_run(), last }
    }

    /// The newest of its jobs, which its list shows first; None if it never ran.
    pub(crate) fn newest(&self) -> Option<(JobRef<'a>, SyncJobRow)> {
        let job = JobList::new(self, None).nth_newest(0)?;
        Some((job, job.row(self)))
    }

    /// Whether there is a directory to synchronize with.
    pub(crate) fn is_configured(&self) -> bool {
        let setup = self.setup();
        let key = setup.sync_task_type.config().map(|config| config.key);
        key.is_none_or(|key| setup.configs.iter().any(|given| given == key))
    }

    /// The code of the organization that the task is bound to. An upstream task without a code is
    /// bound to one once it has run (vendor's OpenAPI document).
    pub(crate) fn organization_code(&self) -> Option<&'a str> {
        let setup = self.setup();
        if let Some(code) = &setup.organization_code {
            return Some(code);
        }
        let jobs = JobList::new(self, None);
        let oldest = jobs.nth_newest(jobs.total().checked_sub(1)?)?;
        let has_run = oldest.row(self).sync_status.is_final();
        (has_run && setup.flow == Flow::Upstream).then_some(&*self.task.organization)
    }

    /// The task on the wire, and the job whose state it shows.
    pub(crate) fn row(&self) -> (SyncTaskRow<'a>, Option<ShownJob<'a>>) {
        let setup = self.setup();
        let newest = self.newest();
        let last = newest.as_ref().map(|(_, row)| row);
        // An empty message is only that of a job.
        let message = last.and_then(|row| row.err_msg.as_ref()).filter(|text| !text.is_empty());
        let row = SyncTaskRow {
            sync_task_id: self.task.id,
            created_at: self.task.created,
            updated_at: self.revision().from.max(self.task.created),
            sync_task_name: &setup.name,
            sync_task_type: setup.sync_task_type,
            sync_flow: setup.flow,
            sync_trigger: setup.trigger,
            last_sync_message: message.cloned(),
            last_sync_rate: last.map_or(0, rate),
            last_sync_status: last.map_or(SyncJobStatus::Free, |row| row.sync_status),
            last_sync_time: last.map(|row| row.updated_at),
            organization_code: self.organization_code(),
            provisioning_scope: setup.provisioning_scope.filter(|_| setup.flow == Flow::Downstream),
            field_mapping: &setup.field_mapping,
            timed_scheduler: setup
                .timed_scheduler
                .as_ref()
                .filter(|_| setup.trigger == Trigger::Timed),
        };
        let shown = newest.map(|(job, row)| ShownJob { task: *self, job, id: row.sync_job_id });
        (row, shown)
    }
}

/// Names and order of the fields as in the vendor's OpenAPI document. `lastSync…` is the
/// newest job's. Only downstream tasks have a scope (document); that only timed ones have a
/// scheduler, and that jobs do not change updatedAt, is inferred.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SyncTaskRow<'a> {
    pub(crate) sync_task_id: u64,
    #[serde(serialize_with = "iso")]
    pub(crate) created_at: Timestamp,
    #[serde(serialize_with = "iso")]
    pub(crate) updated_at: Timestamp,
    pub(crate) sync_task_name: &'a str,
    pub(crate) sync_task_type: SyncTaskType,
    pub(crate) sync_flow: Flow,
    pub(crate) sync_trigger: Trigger,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_sync_message: Option<String>,
    /// 0 to 100.
    pub(crate) last_sync_rate: u64,
    pub(crate) last_sync_status: SyncJobStatus,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "iso_or_none")]
    pub(crate) last_sync_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provisioning_scope: Option<ProvisioningScope>,
    pub(crate) field_mapping: &'a [FieldMapping],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timed_scheduler: Option<&'a TimedScheduler>,
}

fn iso_or_none<S: serde::Serializer>(
    instant: &Option<Timestamp>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match instant {
        Some(instant) => iso(instant, to),
        None => to.serialize_none(),
    }
}

/// The completed part of a job's work, in hundredths.
fn rate(job: &SyncJobRow) -> u64 {
    let all: u64 = job.counters().iter().map(|counter| counter.all).sum();
    let done: u64 = job.counters().iter().map(|counter| counter.succ).sum();
    match (all, job.sync_status) {
        (_, SyncJobStatus::Success) => 100,
        (0, _) => 0,
        _ => done * 100 / all,
    }
}

/// The members of a directory's clientConfig (vendor's OpenAPI document). All are texts.
pub(crate) struct Config {
    pub(crate) key: &'static str,
    pub(crate) required: &'static [&'static str],
    pub(crate) optional: &'static [&'static str],
}

const fn config(
    key: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
) -> Config {
    Config { key, required, optional }
}

const LARK: &[&str] = &["app_id", "app_secret"];
const LARK_EVENTS: &[&str] = &["encrypt_key", "verification_token"];

/// In the document's order.
pub(crate) static CONFIGS: &[(SyncTaskType, Config)] = &[
    (SyncTaskType::Lark, config("larkConfig", LARK, LARK_EVENTS)),
    (SyncTaskType::LarkInternational, config("larkInternationalConfig", LARK, LARK_EVENTS)),
    (
        SyncTaskType::Wechatwork,
        config("wechatworkConfig", &["corpID", "secret"], &["token", "encodingAESKey", "agentUrl"]),
    ),
    (
        SyncTaskType::Dingtalk,
        config("dingtalkConfig", &["corpId", "appKey", "appSecret"], &["aes_key", "token"]),
    ),
    (
        SyncTaskType::Moka,
        config(
            "mokaConfig",
            &["userName", "entCode", "apiCode_employee", "apiCode_department", "privateKey"],
            &[],
        ),
    ),
    (
        SyncTaskType::Scim,
        config(
            "scimConfig",
            &["user_url", "token"],
            &["org_url", "root_department_id", "parent_department", "department"],
        ),
    ),
    (
        SyncTaskType::ActiveDirectory,
        config("activeDirectoryConfig", &[], &["syncIdentityProviderCode", "ticket_url"]),
    ),
    (
        SyncTaskType::Ldap,
        config(
            "ldapConfig",
            &[
                "url",
                "bindDn",
                "bindCredentials",
                "usersBaseDn",
                "groupsBaseDn",
                "userQueryCriteria",
                "departmentQueryCriteria",
            ],
            &[],
        ),
    ),
    (SyncTaskType::Italent, config("italentConfig", &["tenant_id", "app_key", "app_secret"], &[])),
    (SyncTaskType::Maycur, config("maycurConfig", &["app_code", "app_secret", "endpoint"], &[])),
    (
        SyncTaskType::Fxiaoke,
        config("fxiaokeConfig", &["appId", "appSecret", "permanentCode", "currentOpenUserId"], &[]),
    ),
    (
        SyncTaskType::Xiaoshouyi,
        config("xiaoshouyiConfig", &["client_id", "client_secret", "username", "password"], &[]),
    ),
    (SyncTaskType::Kayang, config("kayangConfig", &["endpoint", "account", "password"], &[])),
];

impl SyncTaskType {
    /// None if the task needs none (inferred: the document has none for `custom`).
    pub(crate) fn config(self) -> Option<&'static Config> {
        CONFIGS.iter().find(|(of_type, _)| *of_type == self).map(|(_, config)| config)
    }
}
