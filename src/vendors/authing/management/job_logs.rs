//! list-sync-job-logs: a line for each department and account that a job has processed.
//!
//! No page or SDK says what a line consists of: the spec declares the answer of another call, by
//! mistake. The members here are those that the call filters by, and those of a risk operation
//! (inferred).
//!
//! Lines are in the order in which the work is done, so that a running job appends lines; how many
//! there are follows from the job's counters. Failures are known once the job has ended: they are
//! everything that it had to do and has not done. No line is stored: how many there are up to a
//! point of the run, and which is the n-th, are divisions.

use serde::{Deserialize, Serialize};

use super::directory::object;
use super::job::{Counter, DEPARTMENTS, SyncJobRow, find, iso};
use super::not_found::has_job_logs;
use super::page::{ListPage, render};
use super::parameters::{self, QueryReader};
use super::quirks::JobLogs;
use super::scenario::AuthingPlan;
use super::{AuthingCall, AuthingResult};
use crate::fault::RequestedPage;
use crate::wire::Arguments;
use crate::world::draw::{Stream, draw};
use crate::world::time::Timestamp;

/// `action` (vendor's OpenAPI document). No line here is about a group, because no counter of a
/// job counts groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    CreateUser,
    UpdateUser,
    DeleteUser,
    UpdateUserIdentifier,
    ChangeUserDepartment,
    CreateDepartment,
    UpdateDepartment,
    DeleteDepartment,
    MoveDepartment,
    UpdateDepartmentLeader,
    CreateGroup,
    UpdateGroup,
    DeleteGroup,
    Updateless,
}

/// `objectType`: lower case in the document's descriptions, upper case in its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ObjectType {
    Department,
    User,
}

impl ObjectType {
    /// The alternatives of the sampler of risk operations, in their order.
    pub(crate) fn from_attribute(alternative: usize) -> Self {
        if alternative == 0 { Self::Department } else { Self::User }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobLogRow {
    pub(crate) sync_job_id: u64,
    pub(crate) sync_task_id: u64,
    /// The job's: the console shows its end with every line (vendor's guide).
    #[serde(serialize_with = "iso")]
    pub(crate) updated_at: Timestamp,
    pub(crate) action: Action,
    pub(crate) object_type: ObjectType,
    pub(crate) object_name: String,
    pub(crate) object_id: String,
    pub(crate) success: bool,
    /// Only of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) err_msg: Option<String>,
}

/// The answer as it is declared.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeclaredResponse {
    sync_job_id: u64,
}

pub(crate) fn list_sync_job_logs(call: &AuthingCall<'_>) -> AuthingResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let plan = view.plan;
    let mut query = QueryReader::new(call.arguments());
    let id = query.id("syncJobId");
    let page = query.page(&plan.quirks);
    let success = query.flag("success");
    let action = query.one_of("action");
    let object_type = query.one_of("objectType");
    query.finish()?;

    let lines = match find(&view, id).map(|(task, job)| job.row(&task)) {
        Some(job) => {
            let lines = JobLog::new(job, &LogFilter { success, action, object_type });
            ListPage::new(&plan.quirks, page, lines.total(), |k| lines.row(plan, k))
        }
        None => {
            has_job_logs(call, id)?;
            ListPage::empty(&plan.quirks, page)
        }
    };
    match plan.quirks.job_logs {
        JobLogs::List => lines?.render(call),
        JobLogs::Declared => render(call, &DeclaredResponse { sync_job_id: id }),
    }
}

/// The page that a call asks for. The answer as it is declared has no pages.
pub(crate) fn requested_page(plan: &AuthingPlan, arguments: &Arguments<'_>) -> RequestedPage {
    match plan.quirks.job_logs {
        JobLogs::List => parameters::requested_page(plan, arguments),
        JobLogs::Declared => RequestedPage::FIRST,
    }
}

/// The filter on lines.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LogFilter {
    pub(crate) success: Option<bool>,
    pub(crate) action: Option<Action>,
    pub(crate) object_type: Option<ObjectType>,
}

/// The actions on the objects of a column, repeated in a cycle. Most objects are unchanged.
struct ActionCycle {
    object: ObjectType,
    actions: [Action; 8],
}

use Action::Updateless as Same;

static ACTION_CYCLES: [ActionCycle; 4] = [
    ActionCycle {
        object: ObjectType::Department,
        actions: [Same, Same, Same, Action::CreateDepartment, Same, Same, Same, Same],
    },
    ActionCycle {
        object: ObjectType::Department,
        actions: [
            Action::UpdateDepartment,
            Action::UpdateDepartmentLeader,
            Action::UpdateDepartment,
            Action::MoveDepartment,
            Action::UpdateDepartment,
            Action::UpdateDepartmentLeader,
            Action::UpdateDepartment,
            Action::DeleteDepartment,
        ],
    },
    ActionCycle {
        object: ObjectType::User,
        actions: [Same, Same, Action::CreateUser, Same, Same, Same, Same, Same],
    },
    ActionCycle {
        object: ObjectType::User,
        actions: [
            Action::UpdateUser,
            Action::ChangeUserDepartment,
            Action::UpdateUser,
            Action::UpdateUserIdentifier,
            Action::UpdateUser,
            Action::ChangeUserDepartment,
            Action::UpdateUser,
            Action::DeleteUser,
        ],
    },
];

/// The lines of one of the job's counters, of which a filter lets some through.
struct Column {
    counter: Counter,
    cycle: &'static ActionCycle,
    /// The actions of the cycle that pass the filter.
    wanted: [bool; 8],
    /// The part of the run, in thousandths, in which it is processed.
    from: u64,
    part: u64,
}

impl Column {
    fn new(place: usize, counter: Counter, filter: &LogFilter) -> Self {
        let cycle = &ACTION_CYCLES[place];
        let is_of_type = filter.object_type.is_none_or(|object| object == cycle.object);
        let wanted = cycle
            .actions
            .map(|action| is_of_type && filter.action.is_none_or(|wanted| wanted == action));
        let (from, part) =
            if place < 2 { (0, DEPARTMENTS) } else { (DEPARTMENTS, 1000 - DEPARTMENTS) };
        Self { counter, cycle, wanted, from, part }
    }

    /// The number of the first `count` that pass the filter.
    fn rank(&self, count: u64) -> u64 {
        let each = self.wanted.iter().filter(|wanted| **wanted).count() as u64;
        let rest = self.wanted.iter().take((count % 8) as usize).filter(|wanted| **wanted).count();
        count / 8 * each + rest as u64
    }

    /// The place of the `k`-th that is wanted; None if none is.
    fn select(&self, k: u64) -> Option<u64> {
        let places = || self.wanted.iter().zip(0..).filter(|(wanted, _)| **wanted);
        let each = places().count() as u64;
        let (_, place) = places().nth((k.checked_rem(each)?) as usize)?;
        Some(k / each * 8 + place)
    }

    /// The number of successes after that many thousandths of the run.
    fn done(&self, thousandths: u64) -> u64 {
        let part = thousandths.saturating_sub(self.from).min(self.part);
        let done = u128::from(self.counter.all) * u128::from(part) / u128::from(self.part);
        (done as u64).min(self.counter.succ)
    }

    fn failed(&self) -> u64 {
        self.rank(self.counter.all) - self.rank(self.counter.succ)
    }
}

/// The lines of a job that a filter lets through.
pub(crate) struct JobLog {
    job: SyncJobRow,
    columns: [Column; 4],
    successes: u64,
    failures: u64,
}

impl JobLog {
    pub(crate) fn new(job: SyncJobRow, filter: &LogFilter) -> Self {
        let counters = job.counters();
        let columns = std::array::from_fn(|place| Column::new(place, counters[place], filter));
        let has_ended = job.sync_status.is_final();
        let mut log = Self { job, columns, successes: 0, failures: 0 };
        if filter.success != Some(false) {
            log.successes = log.done(1000);
        }
        if filter.success != Some(true) && has_ended {
            log.failures = log.columns.iter().map(Column::failed).sum();
        }
        log
    }

    pub(crate) fn total(&self) -> u64 {
        self.successes + self.failures
    }

    fn done(&self, thousandths: u64) -> u64 {
        self.columns.iter().map(|column| column.rank(column.done(thousandths))).sum()
    }

    /// The `k`-th line, from 0; `k` must be below the total.
    pub(crate) fn row(&self, plan: &AuthingPlan, k: u64) -> JobLogRow {
        let success = k < self.successes;
        let found = if success { self.success(k) } else { self.failure(k - self.successes) };
        #[expect(clippy::expect_used, reason = "the ranks of the columns add up to the total")]
        let (place, index) = found.expect("a line below the total");
        let ActionCycle { object: object_type, actions } = self.columns[place].cycle;
        let job = &self.job;
        let object = object(plan, job.sync_task_id, *object_type, self.object(plan, place, index));
        let message = || job.err_msg.clone().filter(|text| !text.is_empty());
        JobLogRow {
            sync_job_id: job.sync_job_id,
            sync_task_id: job.sync_task_id,
            updated_at: job.updated_at,
            action: actions[(index % 8) as usize],
            object_type: *object_type,
            object_name: object.name,
            object_id: object.id,
            success,
            err_msg: if success { None } else { message() },
        }
    }

    /// The column of the `k`-th success, and its place there. Successes are ordered by the
    /// thousandth of the run in which they were done, and within that by column.
    fn success(&self, k: u64) -> Option<(usize, u64)> {
        let (mut low, mut high) = (1, 1000);
        while low < high {
            let middle = (low + high) / 2;
            if self.done(middle) > k { high = middle } else { low = middle + 1 }
        }
        let mut k = k.checked_sub(self.done(high - 1))?;
        for (place, column) in self.columns.iter().enumerate() {
            let earlier = column.rank(column.done(high - 1));
            let new = column.rank(column.done(high)) - earlier;
            if k < new {
                return Some((place, column.select(earlier + k)?));
            }
            k -= new;
        }
        None
    }

    /// The column of the `k`-th failure, and its place there.
    fn failure(&self, mut k: u64) -> Option<(usize, u64)> {
        for (place, column) in self.columns.iter().enumerate() {
            let failed = column.failed();
            if k < failed {
                return Some((place, column.select(column.rank(column.counter.succ) + k)?));
            }
            k -= failed;
        }
        None
    }

    /// The index of the object in the directory: every job processes all objects, and updates
    /// other ones each time.
    fn object(&self, plan: &AuthingPlan, place: usize, index: u64) -> u64 {
        let [departments, _, accounts, _] = self.job.counters();
        let all = match place {
            1 => departments.all,
            3 => accounts.all,
            _ => return index,
        };
        let first = draw(plan.seed, UPDATED.of(self.job.sync_task_id), self.job.sync_job_id) >> 1;
        (first + index) % all.max(index + 1)
    }
}

const UPDATED: Stream = Stream::named("authing.log.updated");
