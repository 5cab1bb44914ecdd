//! The tasks of a scenario while it is planned: fixed ones, and generated ones between them.

use std::collections::HashSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::fixed_job::FixedJob;
use super::ids::MAX_ID;
use super::job::{Flow, Trigger, counts};
use super::risk_operation::RiskOperations;
use super::scenario::{AuthingPlan, AuthingSection, DefaultSchedule, JOBS, TASKS, bounded};
use super::schedule::{Period, Schedule};
use super::state::SyncJobStatus;
use super::task::{
    Cycle, EarlierRuns, FieldMapping, ProvisioningScope, Revision, Setup, SyncTaskType, Task,
    TimedScheduler,
};
use crate::scenario::Base;
use crate::scenario::problem::{DocumentPath, Problem, are_enough};
use crate::scenario::value::{Length, Moment};
use crate::world::draw::{Seed, draw, scale};
use crate::world::lifecycle::Lifecycle;
use crate::world::names::{Locale, account};
use crate::world::population::{FixedRecord, Population};
use crate::world::time::{MINUTE, Timestamp};

/// One fixed task, in the place of a generated one with the same id.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct FixedSyncTaskTable {
    #[schemars(range(min = 1, max = 2_147_483_647))]
    sync_task_id: u64,
    sync_task_name: Option<String>,
    /// Default: lark.
    sync_task_type: Option<SyncTaskType>,
    /// Default: made up. An upstream task shows a made-up code only once it has run.
    organization_code: Option<String>,
    /// Default: some time before its first job; the higher the id, the later.
    created_at: Option<Moment>,
    /// Default: upstream.
    sync_flow: Option<Flow>,
    /// Default: manually.
    sync_trigger: Option<Trigger>,
    /// How many manual runs there are at the start. Default: `authing.jobs.count`.
    jobs: Option<u64>,
    /// The interval between two runs. Default: `every` of `authing.timed` or `authing.automatic`.
    every: Option<Length>,
    /// When a timed or automatic task ran for the first time; later runs follow at intervals of
    /// `every`.
    #[serde(rename = "first_run")]
    first_run: Option<Moment>,
}

/// A task as the scenario gives it, before generated values are added.
pub(super) struct Outline<'s> {
    pub(super) id: u64,
    flow: Flow,
    trigger: Trigger,
    /// The table of a fixed task, and its path in the file.
    fixed: Option<(&'s FixedSyncTaskTable, DocumentPath)>,
}

/// The tasks of the scenario, by id.
pub(super) fn outlines<'s>(
    section: &'s AuthingSection,
    place: &DocumentPath,
    problems: &mut Vec<Problem>,
) -> Vec<Outline<'s>> {
    let mut all: Vec<Outline<'_>> = Vec::new();
    let mut fixed_ids = HashSet::new();
    for (i, table) in section.task.iter().enumerate() {
        let place = place.clone().key("task").index(i);
        if !fixed_ids.insert(table.sync_task_id) {
            let text = format!("there is a task {} already", table.sync_task_id);
            problems.push(Problem::value(place.clone().key("syncTaskId"), text));
            continue;
        }
        let trigger = table.sync_trigger.unwrap_or(Trigger::Manually);
        for (name, is_given) in
            [("every", table.every.is_some()), ("first_run", table.first_run.is_some())]
        {
            if is_given && trigger == Trigger::Manually {
                let text = "a manual task does not run by itself";
                problems.push(
                    Problem::key(place.clone().key(name), text)
                        .hint("set syncTrigger to \"timed\" or \"automatic\""),
                );
            }
        }
        let flow = table.sync_flow.unwrap_or(Flow::Upstream);
        let fixed = Some((table, place));
        all.push(Outline { id: table.sync_task_id, flow, trigger, fixed });
    }
    for i in 0..section.tasks.count {
        let id = section.tasks.first_id.saturating_add(i);
        if !fixed_ids.contains(&id) {
            let flow = if i % 4 == 3 { Flow::Downstream } else { Flow::Upstream };
            let trigger = Trigger::ALL[(i % 3) as usize];
            all.push(Outline { id, flow, trigger, fixed: None });
        }
    }
    all.sort_by_key(|outline| outline.id);
    all
}

impl Outline<'_> {
    fn setup(&self, base: &Base, schedule: Option<&Schedule>) -> Setup {
        let table = self.fixed.as_ref().map(|(table, _)| *table);
        let sync_task_type = match table {
            Some(table) => table.sync_task_type.unwrap_or(SyncTaskType::Lark),
            None => {
                let drawn = draw(base.seed, TASKS.of(1), self.id);
                GENERATED_TYPES[scale(drawn, GENERATED_TYPES.len() as u64) as usize]
            }
        };
        let is_downstream = self.flow == Flow::Downstream;
        let code = table.and_then(|table| table.organization_code.clone());
        let timer = schedule.filter(|_| self.trigger == Trigger::Timed).and_then(|schedule| {
            let start_time = schedule.first.millis();
            Some(TimedScheduler { cycle: Cycle::from_period(schedule.period)?, start_time })
        });
        let config = sync_task_type.config().map(|config| config.key.to_owned());
        Setup {
            name: table
                .and_then(|table| table.sync_task_name.clone())
                .unwrap_or_else(|| default_name(sync_task_type, self.flow, base.locale)),
            sync_task_type,
            configs: config.into_iter().collect(),
            flow: self.flow,
            trigger: self.trigger,
            organization_code: code
                .or_else(|| is_downstream.then(|| organization(base.seed, self.id))),
            provisioning_scope: is_downstream
                .then_some(ProvisioningScope { all: true, include_new_users: true }),
            field_mapping: default_mapping(),
            timed_scheduler: timer,
        }
    }

    /// The schedule on which the task starts jobs by itself.
    fn schedule(
        &self,
        section: &AuthingSection,
        base: &Base,
        problems: &mut Vec<Problem>,
    ) -> Option<Schedule> {
        let mut settings = match self.trigger {
            Trigger::Manually => return None,
            Trigger::Timed => section.timed.settings(),
            Trigger::Automatic => section.automatic.settings(),
        };
        let fixed = self.fixed.as_ref();
        if let Some((every, place)) = fixed.and_then(|(table, place)| Some((table.every?, place))) {
            settings = settings.every(every);
            settings.check(place.clone(), problems);
        }
        let stream = JOBS.of(self.id);
        let DefaultSchedule { every, lateness, paths } = settings.default_schedule();
        let first = match fixed.and_then(|(table, _)| table.first_run) {
            Some(moment) => instant(moment),
            None => {
                let phase = 1 + scale(draw(base.seed, stream.of(3), 0), every);
                next_whole_minute(base.start.minus(settings.since.0).plus(phase))
            }
        };
        Some(Schedule {
            seed: base.seed,
            stream: stream.of(4),
            first,
            period: Period::Every(every),
            lateness,
            lifecycle: Lifecycle::new(base.seed, stream.of(5), paths),
            counts: counts(self.id),
        })
    }
}

/// A task of the scenario, before all of them are known.
pub(super) struct PlannedTask {
    pub(super) id: u64,
    created: Option<Moment>,
    pub(super) setup: Setup,
    runs: Population<FixedJob, SyncJobStatus>,
    schedule: Option<Schedule>,
}

impl PlannedTask {
    /// `room` is the number of ids for manual runs.
    pub(super) fn new(
        section: &AuthingSection,
        outline: &Outline<'_>,
        room: u64,
        base: &Base,
        place: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let stream = JOBS.of(outline.id);
        let jobs = &section.jobs;
        let fixed = outline.fixed.as_ref();
        let own = fixed.and_then(|(table, place)| Some((table.jobs?, place.clone().key("jobs"))));
        let count = own.as_ref().map_or(jobs.count, |(count, _)| *count);
        let jobs_place = place.clone().key("jobs");
        let mut found = Vec::new();
        let arrivals = jobs.arrivals(count).arrivals(base, stream, &jobs_place, &mut found);
        if count > room {
            let text = format!("{count} jobs for each task would need ids above {MAX_ID}");
            found.push(
                Problem::value(jobs_place.key("count"), text)
                    .hint(format!("there is room for {room}, and more with fewer tasks")),
            );
        }
        if are_enough(problems) {
            found.clear();
        }
        // Problems that the common count does not have are those of the task's own count.
        found.retain(|problem| !problems.contains(problem));
        problems.extend(found.into_iter().map(|problem| match &own {
            Some((_, place)) => Problem { place: place.clone(), ..problem },
            None => problem,
        }));

        let schedule = outline.schedule(section, base, problems);
        Self {
            id: outline.id,
            created: fixed.and_then(|(table, _)| table.created_at),
            setup: outline.setup(base, schedule.as_ref()),
            runs: jobs.runs(base, stream, bounded(arrivals, room)),
            schedule,
        }
    }

    /// The task with its fixed jobs. One of the task's own trigger takes the place of its record.
    pub(super) fn with(self, fixed: Vec<FixedRecord<FixedJob>>) -> Self {
        let Population { arrivals, sampler, path_attribute, lifecycle, .. } = self.runs;
        let is_record =
            |record: &FixedRecord<FixedJob>| record.value.job.sync_trigger == self.setup.trigger;
        let schedule = self.schedule.filter(|_| !fixed.iter().any(is_record));
        let runs = Population::new(arrivals, sampler, path_attribute, lifecycle, fixed);
        Self { runs, schedule, ..self }
    }

    /// When its first job is created.
    pub(super) fn earliest(&self) -> Timestamp {
        let arrivals = &self.runs.arrivals;
        let generated = (arrivals.count > 0).then(|| arrivals.born(arrivals.first()));
        let fixed = self.runs.fixed.iter().map(|record| record.value.job.created_at);
        let own = self.schedule.as_ref().map(|schedule| schedule.begins(0));
        let all = generated.into_iter().chain(fixed).chain(own);
        all.min().unwrap_or(Timestamp::from_millis(i64::MAX))
    }

    pub(super) fn task(
        self,
        plan: &AuthingPlan,
        place: u64,
        created: Timestamp,
        operations: Option<RiskOperations>,
    ) -> Task {
        let revision = Revision {
            from: Timestamp::from_millis(i64::MIN),
            setup: self.setup,
            schedule: self.schedule.map(Arc::new),
            earlier: EarlierRuns::default(),
        };
        Task {
            id: self.id,
            created: self.created.map_or(created, instant),
            first: Arc::new(revision),
            runs: Arc::new(self.runs),
            place,
            record: plan.ids.generated.encode(place, 0),
            organization: organization(plan.seed, self.id),
            operations,
        }
    }
}

pub(super) fn instant(moment: Moment) -> Timestamp {
    Timestamp::from_millis(moment.0)
}

/// The code of an organization, as in the vendor's sample (`steamory`).
pub(super) fn organization(seed: Seed, task: u64) -> String {
    let mut code = account(seed, TASKS.of(2), task);
    code.truncate(code.find('_').unwrap_or(code.len()));
    code
}

const GENERATED_TYPES: [SyncTaskType; 6] = [
    SyncTaskType::Lark,
    SyncTaskType::Wechatwork,
    SyncTaskType::Dingtalk,
    SyncTaskType::ActiveDirectory,
    SyncTaskType::Ldap,
    SyncTaskType::Scim,
];

fn default_name(sync_task_type: SyncTaskType, flow: Flow, locale: Locale) -> String {
    let (chinese, english) = match sync_task_type {
        SyncTaskType::Lark => ("飞书", "Lark"),
        SyncTaskType::Wechatwork => ("企业微信", "WeCom"),
        SyncTaskType::Dingtalk => ("钉钉", "DingTalk"),
        SyncTaskType::ActiveDirectory => ("Windows AD", "Windows AD"),
        SyncTaskType::Ldap => ("LDAP", "LDAP"),
        SyncTaskType::Scim => ("自定义", "Custom"),
        _ => ("通讯录", "Directory"),
    };
    match (locale, flow) {
        (Locale::Chinese, Flow::Upstream) => format!("{chinese}上游同步任务"),
        (Locale::Chinese, Flow::Downstream) => format!("{chinese}下游同步任务"),
        (Locale::English, Flow::Upstream) => format!("Sync from {english}"),
        (Locale::English, Flow::Downstream) => format!("Sync to {english}"),
    }
}

/// As in the vendor's SDK tests.
fn default_mapping() -> Vec<FieldMapping> {
    let pairs = [
        ("name", "name"),
        ("name", "nickname"),
        ("mobile", "phone"),
        ("enterprise_email", "email"),
        ("country", "country"),
        ("city", "city"),
        ("gender", "gender"),
        ("avatar_formatted", "photo"),
        ("user_id", "externalId"),
    ];
    let mapping = |(expression, target_key): (&str, &str)| FieldMapping {
        expression: expression.to_owned(),
        target_key: target_key.to_owned(),
    };
    pairs.into_iter().map(mapping).collect()
}

/// Schedules keep to whole minutes.
fn next_whole_minute(instant: Timestamp) -> Timestamp {
    let over = instant.millis().rem_euclid(MINUTE as i64) as u64;
    instant.plus((MINUTE - over) % MINUTE)
}
