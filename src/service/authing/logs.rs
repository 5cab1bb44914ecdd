//! list-sync-job-logs: a line for each department and account that a job has dealt with.
//!
//! No page or SDK says what a line is made of: the spec declares the answer of another call,
//! by mistake. Its members here are what the call filters by, and those of a risk operation
//! (inferred).
//!
//! Lines stand in the order in which the work is done, so that a job that runs appends to
//! them; which of them are there is what the job's counters say. What has failed is known
//! when the job is over: all that it had to do and has not done. Nothing of it is stored: how
//! many lines there are up to a point of the run, and which is the n-th, are divisions.

use serde::{Deserialize, Serialize};

use super::asked::Query;
use super::directory::object;
use super::get::has_lines;
use super::job::{DEPARTMENTS, Job, Tally, find, iso, job};
use super::page::{Paged, render};
use super::quirks::JobLogs;
use super::scenario::Plan;
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::Refusal;
use crate::world::draw::{Stream, draw};
use crate::world::time::Timestamp;

/// `action` (vendor's OpenAPI document). Nothing here is done to groups: no counter of a job
/// tells of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
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

/// `objectType`: the descriptions have it in lower case, the values are in upper case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ObjectType {
    Department,
    User,
}

impl ObjectType {
    pub fn of(choice: usize) -> Self {
        if choice == 0 { Self::Department } else { Self::User }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub sync_job_id: u64,
    pub sync_task_id: u64,
    /// The job's: the console shows its end with every line (vendor's guide).
    #[serde(serialize_with = "iso")]
    pub updated_at: Timestamp,
    pub action: Action,
    pub object_type: ObjectType,
    pub object_name: String,
    pub object_id: String,
    pub success: bool,
    /// Where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub err_msg: Option<String>,
}

/// The declared answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declared {
    sync_job_id: u64,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let listed = super::listed(call);
    let view = super::view_as_of(&listed);
    let plan = view.plan;
    let mut query = Query::new(call.arguments());
    let id = query.id("syncJobId");
    let page = query.page(&plan.quirks);
    let success = query.flag("success");
    let action = query.choice("action");
    let object_type = query.choice("objectType");
    query.end()?;

    let found = find(&view, id).and_then(|(standing, row)| job(&standing, row));
    let paged = match found {
        Some(job) => {
            let lines = Lines::of(&job, &Wanted { success, action, object_type });
            Paged::of(&plan.quirks, page, lines.total(), |k| lines.line(plan, &job, k))
        }
        None => {
            has_lines(call, id)?;
            Paged::of(&plan.quirks, page, 0, |_| None)
        }
    };
    match plan.quirks.job_logs {
        JobLogs::List => paged?.render(call),
        JobLogs::Declared => render(call, &Declared { sync_job_id: id }),
    }
}

/// Which lines are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub success: Option<bool>,
    pub action: Option<Action>,
    pub object_type: Option<ObjectType>,
}

/// What is done to the first, second, … thing of a column, over and over: most things are as
/// they were.
struct Habit {
    object: ObjectType,
    actions: [Action; 8],
}

use Action::Updateless as Same;

const HABITS: [Habit; 4] = [
    Habit {
        object: ObjectType::Department,
        actions: [Same, Same, Same, Action::CreateDepartment, Same, Same, Same, Same],
    },
    Habit {
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
    Habit {
        object: ObjectType::User,
        actions: [Same, Same, Action::CreateUser, Same, Same, Same, Same, Same],
    },
    Habit {
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

/// The lines of one of the job's counters, of which some are wanted.
struct Column {
    tally: Tally,
    habit: &'static Habit,
    wanted: [bool; 8],
    /// The part of the run, in thousandths, in which it is dealt with.
    from: u64,
    part: u64,
}

impl Column {
    fn of(place: usize, tally: Tally, habit: &'static Habit, wanted: &Wanted) -> Self {
        let object = wanted.object_type.is_none_or(|object| object == habit.object);
        let wanted = habit.actions.map(|does| object && wanted.action.is_none_or(|a| a == does));
        let (from, part) =
            if place < 2 { (0, DEPARTMENTS) } else { (DEPARTMENTS, 1000 - DEPARTMENTS) };
        Self { tally, habit, wanted, from, part }
    }

    /// How many of the first `count` are wanted.
    fn rank(&self, count: u64) -> u64 {
        let each = self.wanted.iter().filter(|wanted| **wanted).count() as u64;
        let rest = self.wanted.iter().take((count % 8) as usize).filter(|wanted| **wanted).count();
        count / 8 * each + rest as u64
    }

    /// The place of the `k`-th that is wanted.
    fn select(&self, k: u64) -> Option<u64> {
        let places = || self.wanted.iter().zip(0..).filter(|(wanted, _)| **wanted);
        let each = places().count() as u64;
        let (_, place) = places().nth((k.checked_rem(each)?) as usize)?;
        Some(k / each * 8 + place)
    }

    /// How many are done once so many thousandths of a run are, as far as they are at all.
    fn done(&self, thousandths: u64) -> u64 {
        let part = thousandths.saturating_sub(self.from).min(self.part);
        let done = u128::from(self.tally.all) * u128::from(part) / u128::from(self.part);
        (done as u64).min(self.tally.succ)
    }
}

/// The wanted lines of a job.
pub struct Lines {
    columns: [Column; 4],
    successes: u64,
    /// Whether the job is over.
    over: bool,
    failures: u64,
}

impl Lines {
    pub fn of(job: &Job, wanted: &Wanted) -> Self {
        let mut place = 0;
        let columns = job.tallies().map(|tally| {
            let habit = HABITS.get(place).unwrap_or(&HABITS[0]);
            let column = Column::of(place, tally, habit, wanted);
            place += 1;
            column
        });
        let over = job.sync_status.is_final();
        let mut lines = Self { columns, successes: 0, over, failures: 0 };
        if wanted.success != Some(false) {
            lines.successes = lines.done(1000);
        }
        if wanted.success != Some(true) && over {
            lines.failures = lines.columns.iter().map(failed).sum();
        }
        lines
    }

    pub fn total(&self) -> u64 {
        self.successes + self.failures
    }

    fn done(&self, thousandths: u64) -> u64 {
        self.columns.iter().map(|column| column.rank(column.done(thousandths))).sum()
    }

    /// The `k`-th line, from 0.
    pub fn line(&self, plan: &Plan, job: &Job, k: u64) -> Option<Line> {
        let (place, index, success) = match k.checked_sub(self.successes) {
            None => self.success(k).map(|(place, index)| (place, index, true))?,
            Some(k) => self.failure(k).map(|(place, index)| (place, index, false))?,
        };
        let column = self.columns.get(place)?;
        let object_type = column.habit.object;
        let object = object(plan, job.sync_task_id, object_type, who(plan, job, place, index));
        let said = || job.err_msg.clone().filter(|text| !text.is_empty());
        Some(Line {
            sync_job_id: job.sync_job_id,
            sync_task_id: job.sync_task_id,
            updated_at: job.updated_at,
            action: *column.habit.actions.get((index % 8) as usize)?,
            object_type,
            object_name: object.name,
            object_id: object.id,
            success,
            err_msg: if success { None } else { said() },
        })
    }

    /// The column of the `k`-th success, and its place there: the thousandth of the run in
    /// which it was done, and within that one column after another.
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

    fn failure(&self, mut k: u64) -> Option<(usize, u64)> {
        if !self.over {
            return None;
        }
        for (place, column) in self.columns.iter().enumerate() {
            let failed = failed(column);
            if k < failed {
                return Some((place, column.select(column.rank(column.tally.succ) + k)?));
            }
            k -= failed;
        }
        None
    }
}

fn failed(column: &Column) -> u64 {
    column.rank(column.tally.all) - column.rank(column.tally.succ)
}

const UPDATED: Stream = Stream::named("authing.log.updated");

/// Who stands there: all of the directory in every job, and of those to update others each
/// time.
fn who(plan: &Plan, job: &Job, place: usize, index: u64) -> u64 {
    let [departments, _, accounts, _] = job.tallies();
    let all = match place {
        1 => departments.all,
        3 => accounts.all,
        _ => return index,
    };
    let first = draw(plan.seed, UPDATED.of(job.sync_task_id), job.sync_job_id) >> 1;
    (first + index) % all.max(index + 1)
}
