//! The fixed jobs of the scenario file, and the records they become.

use std::collections::{BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Deserialize;

use super::ids::MAX_ID;
use super::job::{
    Counter, FixedCounter, Flow, NO_FIXED_COUNTERS, Origin, Stage, SyncJobRow, Trigger, counts,
    drawn_row,
};
use super::planned_task::{PlannedTask, instant};
use super::scenario::{AuthingPlan, JOBS};
use super::state::SyncJobStatus;
use crate::scenario::Base;
use crate::scenario::prescribed_path::PathReader;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::value::Moment;
use crate::world::draw::{draw, scale};
use crate::world::lifecycle::LifecyclePath;
use crate::world::population::{FixedRecord, fixed_index};
use crate::world::time::SECOND;

/// One fixed job; what is left out is generated. A timed or automatic one of a task of that
/// kind takes the place of the task's record.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct FixedSyncJobTable {
    /// Default: the first free number from 1 on. Generated jobs have ids from 1001 on.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    sync_job_id: Option<u64>,
    /// Default: the first task.
    sync_task_id: Option<u64>,
    /// Default: up to a minute before `updatedAt`.
    created_at: Option<Moment>,
    /// Default: up to a minute after `createdAt`, or the start of the clock.
    updated_at: Option<Moment>,
    /// Default: success.
    sync_status: Option<SyncJobStatus>,
    /// Instead of syncStatus and updatedAt: the states that it passes through from createdAt on,
    /// like ["pending", "onProgress 20s", "success"]. A state lasts for its default time, or for
    /// the time that is given, or for a number of answers that show the job ("onProgress 2
    /// looks"); the last one lasts for ever. Counters that are given are those it ends with.
    #[serde(rename = "path")]
    path: Option<Vec<String>>,
    /// Default: the task's.
    sync_flow: Option<Flow>,
    /// Default: the task's.
    sync_trigger: Option<Trigger>,
    #[schemars(range(max = 2_147_483_647))]
    department_count_all: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    department_count_succ: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    department_update_count_all: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    department_update_count_succ: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    account_count_all: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    account_count_succ: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    account_update_count_all: Option<u64>,
    #[schemars(range(max = 2_147_483_647))]
    account_update_count_succ: Option<u64>,
    err_msg: Option<String>,
}

/// A fixed job; what the scenario leaves out was generated.
#[derive(Clone, Debug)]
pub(crate) struct FixedJob {
    pub(crate) job: SyncJobRow,
    /// None: the job never changes.
    pub(crate) path: Option<LifecyclePath<SyncJobStatus>>,
    /// The index that its values are drawn by.
    pub(crate) index: u64,
    /// The counters at the end of the path: departments, departments to update, accounts, accounts
    /// to update.
    pub(crate) counters: [FixedCounter; 4],
}

/// The states that a fixed job's path can begin in. A job that a task starts by itself does not
/// wait.
const FIRST_STATES: &[SyncJobStatus] =
    &[SyncJobStatus::Free, SyncJobStatus::Pending, SyncJobStatus::OnProgress];

/// The ids of the fixed jobs, in the order of the file.
pub(super) fn fixed_job_ids(
    tables: &[FixedSyncJobTable],
    place: &DocumentPath,
    problems: &mut Vec<Problem>,
) -> Vec<u64> {
    let mut taken = BTreeSet::new();
    for (i, table) in tables.iter().enumerate() {
        if let Some(id) = table.sync_job_id.filter(|&id| !taken.insert(id)) {
            let place = place.clone().key("job").index(i).key("syncJobId");
            problems.push(Problem::value(place, format!("there is a job {id} already")));
        }
    }
    let mut free = (1..=MAX_ID).filter(|id| !taken.contains(id));
    #[expect(clippy::expect_used, reason = "a file has fewer jobs than there are ids")]
    let mut next = || free.next().expect("a free id");
    tables.iter().map(|table| table.sync_job_id.unwrap_or_else(&mut next)).collect()
}

/// The fixed jobs of each of the tasks.
#[expect(clippy::too_many_arguments, reason = "what a part of the plan depends on")]
pub(super) fn fixed_jobs(
    tables: &[FixedSyncJobTable],
    plan: &AuthingPlan,
    tasks: &[PlannedTask],
    reader: &PathReader<'_, SyncJobStatus>,
    ids: &[u64],
    base: &Base,
    place: &DocumentPath,
    problems: &mut Vec<Problem>,
) -> Vec<Vec<FixedRecord<FixedJob>>> {
    let mut fixed: Vec<Vec<FixedRecord<FixedJob>>> = tasks.iter().map(|_| Vec::new()).collect();
    let places: HashMap<u64, usize> = tasks.iter().map(|task| task.id).zip(0..).collect();
    for (i, (table, &id)) in tables.iter().zip(ids).enumerate() {
        let place = place.clone().key("job").index(i);
        table.check(&place, problems);
        let wanted = match table.sync_task_id {
            Some(id) => places.get(&id).copied(),
            None => (!tasks.is_empty()).then_some(0),
        };
        let Some(at) = wanted else {
            let text = "there is no such task";
            problems.push(
                Problem::value(place.key("syncTaskId"), text)
                    .hint("add it as [[authing.task]], or raise authing.tasks.count"),
            );
            continue;
        };
        let path = table.path.as_ref().and_then(|steps| {
            reader.path(steps, FIRST_STATES, &place.clone().key("path"), problems)
        });
        let task = &tasks[at];
        let origin = Origin {
            id,
            task: task.id,
            flow: table.sync_flow.unwrap_or(task.setup.flow),
            trigger: table.sync_trigger.unwrap_or(task.setup.trigger),
            created: table.created_at.map_or(base.start, instant),
        };
        fixed[at].push(match path {
            Some(path) => table.on_path(plan, origin, path, i),
            None => table.unchanging(plan, origin, base, i),
        });
    }
    fixed
}

impl FixedSyncJobTable {
    fn counters(&self) -> [(&'static str, FixedCounter); 4] {
        let counter = |all, succ| FixedCounter { all, succ };
        [
            ("departmentCountSucc", counter(self.department_count_all, self.department_count_succ)),
            (
                "departmentUpdateCountSucc",
                counter(self.department_update_count_all, self.department_update_count_succ),
            ),
            ("accountCountSucc", counter(self.account_count_all, self.account_count_succ)),
            (
                "accountUpdateCountSucc",
                counter(self.account_update_count_all, self.account_update_count_succ),
            ),
        ]
    }

    fn check(&self, place: &DocumentPath, problems: &mut Vec<Problem>) {
        if let (Some(created), Some(updated)) = (self.created_at, self.updated_at)
            && updated < created
        {
            let text = "updatedAt lies before createdAt";
            problems.push(Problem::value(place.clone().key("updatedAt"), text));
        }
        let given =
            [("syncStatus", self.sync_status.is_some()), ("updatedAt", self.updated_at.is_some())];
        for (name, _) in given.iter().filter(|(_, is_given)| *is_given && self.path.is_some()) {
            let text = format!("{name} says what path says already");
            problems.push(Problem::key(place.clone().key(*name), text));
        }
        for (name, FixedCounter { all, succ }) in self.counters() {
            if let (Some(all), Some(succ)) = (all, succ)
                && succ > all
            {
                let text = format!("{succ} of {all} is not possible");
                problems.push(Problem::value(place.clone().key(name), text));
            }
        }
    }

    /// A job that never changes.
    fn unchanging(
        &self,
        plan: &AuthingPlan,
        origin: Origin,
        base: &Base,
        place: usize,
    ) -> FixedRecord<FixedJob> {
        let index = fixed_index(place);
        let status = self.sync_status.unwrap_or(SyncJobStatus::Success);
        let took = if status.is_final() {
            SECOND + scale(draw(base.seed, JOBS, index), 59 * SECOND)
        } else {
            0
        };
        let (created, updated) = match (self.created_at, self.updated_at) {
            (Some(created), Some(updated)) => (instant(created), instant(updated)),
            (Some(created), None) => (instant(created), instant(created).plus(took)),
            (None, updated) => {
                let updated = updated.map_or(base.start, instant);
                (updated.minus(took), updated)
            }
        };
        let progress = if status.is_final() { 1000 } else { 500 };
        let end = if status.is_final() { status } else { SyncJobStatus::Success };
        let stage = Stage { status, end, progress, updated };
        let origin = Origin { created, ..origin };
        let counts = counts(origin.task);
        let mut job = drawn_row(plan, origin, counts, index, &NO_FIXED_COUNTERS, stage);
        if let Some(err_msg) = &self.err_msg {
            job.err_msg = Some(err_msg.clone());
        }
        let (drawn, fixed) = (job.counters(), self.counters());
        job.set_counters(std::array::from_fn(|column| {
            let (drawn, (_, fixed)) = (drawn[column], fixed[column]);
            let is_complete = drawn.succ == drawn.all;
            let all = fixed.all.unwrap_or(drawn.all.max(fixed.succ.unwrap_or(0)));
            let default_succ = if is_complete { all } else { drawn.succ.min(all) };
            Counter { all, succ: fixed.succ.unwrap_or(default_succ) }
        }));
        let born = if origin.trigger == Trigger::Manually { created } else { updated };
        let job = FixedJob { job, path: None, index, counters: NO_FIXED_COUNTERS };
        FixedRecord { born, value: job }
    }

    /// A job on a path of its own.
    fn on_path(
        &self,
        plan: &AuthingPlan,
        origin: Origin,
        path: LifecyclePath<SyncJobStatus>,
        place: usize,
    ) -> FixedRecord<FixedJob> {
        let index = fixed_index(place);
        let counters = self.counters().map(|(_, counter)| counter);
        let created = origin.created;
        let (status, end) = (SyncJobStatus::Free, SyncJobStatus::Free);
        let stage = Stage { status, end, progress: 0, updated: created };
        let mut job = drawn_row(plan, origin, counts(origin.task), index, &counters, stage);
        job.err_msg.clone_from(&self.err_msg);
        FixedRecord { born: created, value: FixedJob { job, path: Some(path), index, counters } }
    }
}
