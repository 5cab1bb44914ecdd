//! What clients can change, and what their changes have come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::View;
use super::configuration::Configuration;
use super::create::Order;
use super::job::{Job, PRE_PAID, Purchase, find, job};
use super::scenario::Plan;
use super::state::{
    CONFIGURE, DELETE, FINISHED, NOT_STARTED, PRECHECKING, RESET, START, SUSPEND, SYNCHRONIZING,
    TASK,
};
use super::task::{Direction, Run, Task, left, task};
use crate::world::population::{Member, Traces, created_index};
use crate::world::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// CreateSynchronizationJob.
    Create(Box<Order>),
    /// ConfigureSynchronizationJob.
    Configure {
        task: Whom,
        configuration: Box<Configuration>,
    },
    Start(Whom),
    Suspend(Whom),
    Reset(Whom),
    Delete {
        synchronization_job_id: String,
    },
    /// An answer showed jobs whose path counts that.
    Look {
        synchronization_job_ids: Vec<String>,
    },
}

/// A task, as the legacy operations name it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Whom {
    pub synchronization_job_id: String,
    pub synchronization_direction: Direction,
}

impl From<Change> for Option<crate::service::Change> {
    fn from(change: Change) -> Self {
        Some(crate::service::Change::Dts(change))
    }
}

/// The change that an answer makes by showing tasks.
pub fn looked<'j, 'a: 'j>(
    shown: impl IntoIterator<Item = &'j Job<'a>>,
) -> Option<crate::service::Change> {
    looked_at(shown.into_iter().map(|job| (&*job.id, &job.task)))
}

/// The same of the tasks alone, with the ids of their jobs.
pub fn looked_at<'j>(
    shown: impl Iterator<Item = (&'j str, &'j Task)>,
) -> Option<crate::service::Change> {
    let counted = shown.filter(|(_, task)| task.counts_looks);
    let mut ids: Vec<String> = counted.map(|(id, _)| id.to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() { None } else { Change::Look { synchronization_job_ids: ids }.into() }
}

#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub jobs: Traces,
    /// The instances that clients bought, by the number of the change.
    pub purchases: BTreeMap<u64, Arc<Purchase>>,
    /// The change that each client token was first sent with.
    pub tokens: BTreeMap<String, u64>,
    /// What became of the instances that clients touched.
    touched: BTreeMap<Member, Arc<Touched>>,
    /// The tasks that began with a reset, by the number of the change.
    pub resets: BTreeMap<u64, (Member, Direction)>,
    /// How many runs clients have begun with a precheck.
    runs: usize,
}

#[derive(Clone, Debug, Default)]
struct Touched {
    tasks: BTreeMap<Direction, TouchedTask>,
    deleted: Option<Deleted>,
}

#[derive(Clone, Debug, Default)]
struct TouchedTask {
    /// None: it goes on as it did.
    run: Option<Run>,
    setup: Setup,
    /// The change that reset it.
    reset: Option<u64>,
}

/// What a task is to do.
#[derive(Clone, Debug, Default)]
pub enum Setup {
    /// As the scenario has it; what was bought is not configured.
    #[default]
    Original,
    /// Nothing: it was reset.
    Cleared,
    Configured(Arc<Configuration>),
}

/// An instance that was deleted, and what its tasks were like then.
#[derive(Clone, Copy, Debug)]
pub struct Deleted {
    pub at: Timestamp,
    pub forward: Task,
    pub reverse: Option<Task>,
}

impl Changes {
    pub fn deleted(&self, member: Member) -> Option<&Deleted> {
        self.touched.get(&member)?.deleted.as_ref()
    }

    /// What a client started or stopped the task with last.
    pub fn run(&self, member: Member, direction: Direction) -> Option<&Run> {
        self.task(member, direction)?.run.as_ref()
    }

    pub fn setup(&self, member: Member, direction: Direction) -> &Setup {
        self.task(member, direction).map_or(&Setup::Original, |task| &task.setup)
    }

    /// The change that reset the task last.
    pub fn reset(&self, member: Member, direction: Direction) -> Option<u64> {
        self.task(member, direction)?.reset
    }

    fn task(&self, member: Member, direction: Direction) -> Option<&TouchedTask> {
        self.touched.get(&member)?.tasks.get(&direction)
    }

    fn touch(&mut self, member: Member) -> &mut Touched {
        self.jobs.touch(member);
        Arc::make_mut(self.touched.entry(member).or_default())
    }

    pub fn apply(&mut self, plan: &Plan, number: u64, at: Timestamp, change: &Change) {
        match change {
            Change::Create(order) => self.create(number, at, order),
            Change::Configure { task, configuration } => {
                self.steer(plan, number, at, CONFIGURE, task, Some(configuration));
            }
            Change::Start(whom) => self.steer(plan, number, at, START, whom, None),
            Change::Suspend(whom) => self.steer(plan, number, at, SUSPEND, whom, None),
            Change::Reset(whom) => self.steer(plan, number, at, RESET, whom, None),
            Change::Delete { synchronization_job_id } => {
                self.delete(plan, at, synchronization_job_id);
            }
            Change::Look { synchronization_job_ids } => {
                for id in synchronization_job_ids {
                    let view = View { plan, changes: &*self, now: at };
                    if let Some(member) = find(&view, id) {
                        self.jobs.look(member, at);
                    }
                }
            }
        }
    }

    fn create(&mut self, number: u64, at: Timestamp, order: &Order) {
        if let Some(token) = &order.client_token {
            if self.tokens.contains_key(token) {
                return;
            }
            self.tokens.insert(token.clone(), number);
        }
        self.purchases.insert(number, Arc::new(Purchase { at, order: order.clone() }));
        self.jobs.create(number, at);
    }

    /// What moves one task.
    fn steer(
        &mut self,
        plan: &Plan,
        number: u64,
        at: Timestamp,
        operation: &str,
        whom: &Whom,
        configuration: Option<&Configuration>,
    ) {
        let view = View { plan, changes: &*self, now: at };
        let direction = whom.synchronization_direction;
        let Some(member) = find(&view, &whom.synchronization_job_id) else { return };
        let Some(before) = task(&view, member, direction) else { return };
        let Some(to) = TASK.moved(operation, before.state) else { return };
        if view.changes.deleted(member).is_some() {
            return;
        }
        let Some(job) = job(&view, member, direction) else { return };

        let setup = match (operation, configuration) {
            (RESET, _) => Setup::Cleared,
            (_, Some(configuration)) => Setup::Configured(Arc::new(named(configuration, &job))),
            _ => self.setup(member, direction).clone(),
        };
        let path = match to {
            PRECHECKING => {
                let wanted = match &setup {
                    Setup::Configured(configuration) => configuration.initialization(),
                    _ => job.initialization,
                };
                plan.begun(self.runs, created_index(number), wanted)
            }
            SYNCHRONIZING => self.run(member, direction).and_then(|run| run.left.clone()),
            _ => None,
        };
        let run = Run {
            // What was configured to begin in the past begins there when it begins.
            checkpoint: match (to, &setup) {
                (PRECHECKING, Setup::Configured(configuration)) => {
                    configuration.checkpoint.map(|from| from.min(at.seconds()))
                }
                (PRECHECKING, _) => None,
                _ if operation == RESET => None,
                _ => before.checkpoint,
            },
            looks_before: self.jobs.looks(member).len(),
            left: if operation == SUSPEND { left(&view, member, direction) } else { None },
            ..Run::new(path.unwrap_or_else(|| plan.rest(to)), number, at)
        };
        let waiting = waits_for_forward(&view, member, direction);
        self.runs += usize::from(to == PRECHECKING);
        if operation == RESET {
            self.resets.insert(number, (member, direction));
        }
        let touched = self.touch(member);
        if waiting {
            let still = Run::new(plan.rest(NOT_STARTED), number, at);
            touched.tasks.entry(Direction::Reverse).or_default().run = Some(still);
        }
        let task = touched.tasks.entry(direction).or_default();
        task.run = Some(run);
        task.setup = setup;
        if operation == RESET {
            task.reset = Some(number);
        }
    }

    fn delete(&mut self, plan: &Plan, at: Timestamp, id: &str) {
        let view = View { plan, changes: &*self, now: at };
        let Some(member) = find(&view, id) else { return };
        let Some(job) = job(&view, member, Direction::Forward) else { return };
        let gone = view.changes.deleted(member).is_some() || job.pay_type == PRE_PAID;
        let forward = job.task;
        if gone || TASK.moved(DELETE, forward.state) != Some(FINISHED) {
            return;
        }
        let reverse = task(&view, member, Direction::Reverse);
        self.touch(member).deleted = Some(Deleted { at, forward, reverse });
    }
}

/// A generated reverse task begins when its forward one synchronizes. Once a client has its
/// hands on that one, it waits to be started.
fn waits_for_forward(view: &View<'_>, member: Member, direction: Direction) -> bool {
    direction == Direction::Forward
        && matches!(member, Member::Synthetic(_))
        && view.changes.run(member, Direction::Reverse).is_none()
        && task(view, member, Direction::Reverse).is_some_and(|task| task.state == NOT_STARTED)
}

/// A task that is given no name keeps the one it has, or is called like its instance
/// (inferred).
fn named(configuration: &Configuration, job: &Job<'_>) -> Configuration {
    let mut configuration = configuration.clone();
    configuration.synchronization_job_name.get_or_insert_with(|| match job.name {
        "" => job.id.to_string(),
        name => name.to_owned(),
    });
    configuration
}
