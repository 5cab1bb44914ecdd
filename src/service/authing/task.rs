//! The synchronization task: what clients set it up as, and how it stands at an instant.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::change::History;
use super::job::{Flow, Job, Row, Status, Trigger, iso, job};
use super::list::Listing;
use super::quirks::ErrMsg;
use super::risk::Operations;
use super::scenario::{Pinned, Plan};
use super::schedule::{Beat, Schedule};
use crate::world::draw::Stream;
use crate::world::lifecycle::Lifecycle;
use crate::world::population::Population;
use crate::world::time::{DAY, HOUR, Timestamp};

/// `syncTaskType` (vendor's OpenAPI document).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
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

/// How often a timed task runs (vendor's OpenAPI document).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cycle {
    Month,
    Week,
    Days,
    SixHours,
    TwoHours,
}

impl Cycle {
    const ALL: [Self; 5] = [Self::Month, Self::Week, Self::Days, Self::SixHours, Self::TwoHours];

    pub fn beat(self) -> Beat {
        match self {
            Self::Month => Beat::Month,
            Self::Week => Beat::Every(7 * DAY),
            Self::Days => Beat::Every(DAY),
            Self::SixHours => Beat::Every(6 * HOUR),
            Self::TwoHours => Beat::Every(2 * HOUR),
        }
    }

    pub fn of(beat: Beat) -> Option<Self> {
        Self::ALL.into_iter().find(|cycle| cycle.beat() == beat)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimedScheduler {
    pub cycle: Cycle,
    /// Unix ms.
    pub start_time: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProvisioningScope {
    pub all: bool,
    pub include_new_users: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldMapping {
    pub expression: String,
    pub target_key: String,
}

/// What clients can say of a task. Its clientConfig holds the secrets of a third party: of it
/// only the names of the directories that are configured are kept.
#[derive(Clone, Debug)]
pub struct Setup {
    pub name: String,
    pub kind: Kind,
    pub configs: Vec<String>,
    pub flow: Flow,
    pub trigger: Trigger,
    pub organization_code: Option<String>,
    pub provisioning_scope: Option<ProvisioningScope>,
    pub field_mapping: Vec<FieldMapping>,
    pub timed_scheduler: Option<TimedScheduler>,
}

/// A setup and the instant from which it holds, up to the next one's.
#[derive(Debug)]
pub struct Revision {
    pub from: Timestamp,
    pub setup: Setup,
    /// What the task does by itself; of its runs those that begin later than `from`.
    pub schedule: Option<Arc<Schedule>>,
}

/// A task as it was made, by the scenario or by a client.
#[derive(Debug)]
pub struct Task {
    pub id: u64,
    pub created: Timestamp,
    pub first: Arc<Revision>,
    /// Generated manual runs, and exact jobs.
    pub runs: Arc<Population<Pinned>>,
    /// Its place among the scenario's tasks; those of clients have no generated jobs whose
    /// ids would depend on it.
    pub place: u64,
    /// The job id of the single record of what it does by itself.
    pub record: u64,
    /// Where an upstream task binds to in its first run.
    pub organization: String,
    pub operations: Option<Operations>,
}

const STREAM: Stream = Stream::named("authing.schedule");

/// What a task does by itself that was set up so by the change of that number.
pub fn schedule(
    plan: &Plan,
    task: u64,
    setup: &Setup,
    from: Timestamp,
    number: u64,
) -> Option<Schedule> {
    let rhythm = plan.rhythm(setup.trigger)?;
    let timer = setup.timed_scheduler.as_ref().filter(|_| setup.trigger == Trigger::Timed);
    let (first, beat) = match timer {
        Some(timer) => (Timestamp::from_millis(timer.start_time), timer.cycle.beat()),
        // Nothing says that a timed task must have a scheduler (inferred).
        None => (from, Beat::Every(rhythm.every)),
    };
    let stream = STREAM.of(task).of(number);
    Some(Schedule {
        seed: plan.seed,
        stream: stream.of(0),
        first,
        beat,
        lateness: rhythm.lateness,
        lifecycle: Lifecycle { seed: plan.seed, stream: stream.of(1), paths: rhythm.paths.clone() },
        counts: stream.of(2),
    })
}

/// A task and all that happened to it until now.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    pub plan: &'a Plan,
    pub task: &'a Task,
    pub history: &'a History,
    pub now: Timestamp,
}

/// Something the task did by itself.
pub struct OwnRun<'a> {
    pub revision: &'a Revision,
    pub schedule: &'a Schedule,
    pub number: u64,
}

impl OwnRun<'_> {
    pub fn begins(&self) -> Timestamp {
        self.schedule.begins(self.number)
    }
}

impl<'a> Standing<'a> {
    pub fn of(view: &View<'a>, id: u64) -> Option<Self> {
        let View { plan, changes, now } = *view;
        let task = plan.task(id).or_else(|| changes.tasks.get(&id).map(Arc::as_ref))?;
        Some(Self::with(view, task, now))
    }

    fn with(view: &View<'a>, task: &'a Task, now: Timestamp) -> Self {
        let history = view.changes.histories.get(&task.id);
        let history = history.map_or(&view.plan.untouched, Arc::as_ref);
        Self { plan: view.plan, task, history, now }
    }

    /// All tasks, the latest first (inferred).
    pub fn all(view: &View<'a>) -> impl Iterator<Item = Self> {
        let View { plan, changes, now } = *view;
        let created = changes.tasks.values().rev().map(Arc::as_ref);
        let view = *view;
        created.chain(plan.tasks.iter().rev()).map(move |task| Self::with(&view, task, now))
    }

    fn revisions(&self) -> impl DoubleEndedIterator<Item = &'a Revision> + use<'a> {
        let later = self.history.revisions.iter();
        std::iter::once(&self.task.first).chain(later).map(Arc::as_ref)
    }

    pub fn revision(&self) -> &'a Revision {
        self.revisions().next_back().unwrap_or(&self.task.first)
    }

    pub fn setup(&self) -> &'a Setup {
        &self.revision().setup
    }

    /// What the task was set up as then.
    pub fn setup_at(&self, instant: Timestamp) -> &'a Setup {
        let then = self.revisions().rev().find(|revision| revision.from <= instant);
        &then.unwrap_or(&self.task.first).setup
    }

    /// The last run of those that the task began by itself.
    pub fn last_own_run(&self) -> Option<OwnRun<'a>> {
        let mut until = self.now;
        for revision in self.revisions().rev() {
            let schedule = revision.schedule.as_deref();
            let run = schedule.and_then(|schedule| {
                let number = schedule.latest(until)?;
                Some(OwnRun { revision, schedule, number })
            });
            if let Some(run) = run.filter(|run| run.begins() > revision.from) {
                return Some(run);
            }
            until = until.min(revision.from);
        }
        None
    }

    /// When the task first began to run by itself, if it ever did.
    pub fn first_own_run(&self) -> Option<Timestamp> {
        let mut revisions = self.revisions().peekable();
        while let Some(revision) = revisions.next() {
            let until = revisions.peek().map_or(self.now, |next| next.from);
            let begins = revision.schedule.as_ref().map(|s| s.begins(s.after(revision.from)));
            if let Some(begins) = begins.filter(|&begins| begins <= until) {
                return Some(begins);
            }
        }
        None
    }

    /// The newest of its jobs, if it ever ran: the one that its list shows first.
    pub fn newest(&self) -> Option<(Row, Job)> {
        let row = Listing::new(self, None).nth_newest(0)?;
        Some((row, job(self, row)?))
    }

    /// Whether there is a directory to synchronize with.
    pub fn configured(&self) -> bool {
        let setup = self.setup();
        let key = setup.kind.config().map(|config| config.key);
        key.is_none_or(|key| setup.configs.iter().any(|given| given == key))
    }

    /// The code of the organization that the task is bound to: an upstream task is once it
    /// has run, if nobody said so before (vendor's OpenAPI document).
    pub fn organization_code(&self) -> Option<&'a str> {
        let setup = self.setup();
        if let Some(code) = &setup.organization_code {
            return Some(code);
        }
        let listing = Listing::new(self, None);
        let oldest = listing.nth_newest(listing.total().checked_sub(1)?)?;
        let ran = job(self, oldest)?.sync_status.is_final();
        (ran && setup.flow == Flow::Upstream).then_some(&*self.task.organization)
    }

    /// The task on the wire, and the row and id of the job whose state it shows.
    pub fn shown(&self) -> (SyncTask<'a>, Option<(Row, u64)>) {
        let setup = self.setup();
        let newest = self.newest();
        let last = newest.as_ref().map(|(_, job)| job);
        let message = match (last.and_then(|job| job.err_msg.clone()), self.plan.quirks.err_msg) {
            (None, ErrMsg::Empty) => Some(String::new()),
            (message, _) => message,
        };
        let task = SyncTask {
            sync_task_id: self.task.id,
            created_at: self.task.created,
            updated_at: self.revision().from.max(self.task.created),
            sync_task_name: &setup.name,
            sync_task_type: setup.kind,
            sync_flow: setup.flow,
            sync_trigger: setup.trigger,
            last_sync_message: message,
            last_sync_rate: last.map_or(0, rate),
            last_sync_status: last.map_or(Status::Free, |job| job.sync_status),
            last_sync_time: last.map(|job| job.updated_at),
            organization_code: self.organization_code(),
            provisioning_scope: setup.provisioning_scope.filter(|_| setup.flow == Flow::Downstream),
            field_mapping: &setup.field_mapping,
            timed_scheduler: setup
                .timed_scheduler
                .as_ref()
                .filter(|_| setup.trigger == Trigger::Timed),
        };
        (task, newest.map(|(row, job)| (row, job.sync_job_id)))
    }
}

/// Names and order of the fields as in the vendor's OpenAPI document. `lastSync…` is the
/// newest job's. The scope is that of downstream tasks alone (document); that the scheduler is
/// that of timed ones, and that updatedAt does not move with jobs, is inferred.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncTask<'a> {
    pub sync_task_id: u64,
    #[serde(serialize_with = "iso")]
    pub created_at: Timestamp,
    #[serde(serialize_with = "iso")]
    pub updated_at: Timestamp,
    pub sync_task_name: &'a str,
    pub sync_task_type: Kind,
    pub sync_flow: Flow,
    pub sync_trigger: Trigger,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sync_message: Option<String>,
    /// 0 to 100.
    pub last_sync_rate: u64,
    pub last_sync_status: Status,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "iso_or_none")]
    pub last_sync_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioning_scope: Option<ProvisioningScope>,
    pub field_mapping: &'a [FieldMapping],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timed_scheduler: Option<&'a TimedScheduler>,
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

/// How much of what a job has to do is done, in hundredths.
fn rate(job: &Job) -> u64 {
    let all: u64 = job.tallies().iter().map(|tally| tally.all).sum();
    let done: u64 = job.tallies().iter().map(|tally| tally.succ).sum();
    match (all, job.sync_status) {
        (_, Status::Success) => 100,
        (0, _) => 0,
        _ => done * 100 / all,
    }
}

/// What a directory's clientConfig holds (vendor's OpenAPI document): texts all of them.
pub struct Config {
    pub key: &'static str,
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
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
pub static CONFIGS: &[(Kind, Config)] = &[
    (Kind::Lark, config("larkConfig", LARK, LARK_EVENTS)),
    (Kind::LarkInternational, config("larkInternationalConfig", LARK, LARK_EVENTS)),
    (
        Kind::Wechatwork,
        config("wechatworkConfig", &["corpID", "secret"], &["token", "encodingAESKey", "agentUrl"]),
    ),
    (
        Kind::Dingtalk,
        config("dingtalkConfig", &["corpId", "appKey", "appSecret"], &["aes_key", "token"]),
    ),
    (
        Kind::Moka,
        config(
            "mokaConfig",
            &["userName", "entCode", "apiCode_employee", "apiCode_department", "privateKey"],
            &[],
        ),
    ),
    (
        Kind::Scim,
        config(
            "scimConfig",
            &["user_url", "token"],
            &["org_url", "root_department_id", "parent_department", "department"],
        ),
    ),
    (
        Kind::ActiveDirectory,
        config("activeDirectoryConfig", &[], &["syncIdentityProviderCode", "ticket_url"]),
    ),
    (
        Kind::Ldap,
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
    (Kind::Italent, config("italentConfig", &["tenant_id", "app_key", "app_secret"], &[])),
    (Kind::Maycur, config("maycurConfig", &["app_code", "app_secret", "endpoint"], &[])),
    (
        Kind::Fxiaoke,
        config("fxiaokeConfig", &["appId", "appSecret", "permanentCode", "currentOpenUserId"], &[]),
    ),
    (
        Kind::Xiaoshouyi,
        config("xiaoshouyiConfig", &["client_id", "client_secret", "username", "password"], &[]),
    ),
    (Kind::Kayang, config("kayangConfig", &["endpoint", "account", "password"], &[])),
];

impl Kind {
    /// None if the task needs none (inferred: the document has none for `custom`).
    pub fn config(self) -> Option<&'static Config> {
        CONFIGS.iter().find(|(kind, _)| *kind == self).map(|(_, config)| config)
    }
}
