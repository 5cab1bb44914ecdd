//! Events that clients cause, and the state projected from the event log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::View;
use super::configuration::Configuration;
use super::create::Order;
use super::job::{Job, PRE_PAID, Purchase, find, forward_job, job_with_task};
use super::scenario::DtsPlan;
use super::state::TaskState::{Finished, NotStarted, Prechecking, Synchronizing};
use super::state::{CONFIGURE, DELETE, RESET, START, SUSPEND, TASK};
use super::task::{Direction, Run, Task, awaits_poll, rest_of_path, task};
use crate::engine::Event;
use crate::world::population::{Member, Traces, created_index};
use crate::world::shared_map::SharedMap;
use crate::world::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum DtsEvent {
    /// CreateSynchronizationJob.
    Create(Arc<Order>),
    /// ConfigureSynchronizationJob.
    Configure {
        task: TaskName,
        configuration: Arc<Configuration>,
    },
    Start(TaskName),
    Suspend(TaskName),
    Reset(TaskName),
    Delete {
        synchronization_job_id: String,
    },
    /// An answer showed jobs whose path counts that.
    #[serde(rename = "look")]
    Poll {
        synchronization_job_ids: Vec<String>,
    },
}

/// A task, as the legacy operations name it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) struct TaskName {
    pub(crate) synchronization_job_id: String,
    pub(crate) synchronization_direction: Direction,
}

impl TaskName {
    pub(crate) fn new(id: &str, synchronization_direction: Direction) -> Self {
        Self { synchronization_job_id: id.to_owned(), synchronization_direction }
    }
}

impl Event for DtsEvent {
    fn is_poll(&self) -> bool {
        matches!(self, Self::Poll { .. })
    }
}

/// The event of an answer that shows jobs, if it changes something.
pub(crate) fn polled<'j, 'a: 'j>(
    now: &View<'_>,
    shown: impl IntoIterator<Item = &'j Job<'a>>,
) -> Option<DtsEvent> {
    polled_tasks(now, shown.into_iter().map(|job| (&*job.instance.id, &job.task)))
}

/// The event of an answer that shows tasks, given with the ids of their jobs, if it changes
/// something. A stale answer shows a task as it was; the poll is one of the task as it is `now`.
pub(crate) fn polled_tasks<'j>(
    now: &View<'_>,
    shown: impl Iterator<Item = (&'j str, &'j Task)>,
) -> Option<DtsEvent> {
    let counted = shown.filter(|(_, task)| task.counts_polls);
    let mut ids: Vec<String> = counted.map(|(id, _)| id.to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| find(now, id).is_some_and(|member| awaits_poll(now, member)));
    (!ids.is_empty()).then_some(DtsEvent::Poll { synchronization_job_ids: ids })
}

#[derive(Clone, Debug, Default)]
pub(crate) struct DtsProjection {
    pub(crate) jobs: Traces,
    /// The instances that clients bought, by the number of the event.
    purchases: SharedMap<u64, Purchase>,
    /// The event that each client token was first sent with.
    tokens: SharedMap<String, u64>,
    /// The instances that clients touched.
    touched: SharedMap<Member, Arc<TouchedJob>>,
    /// The tasks that began with a reset, by the number of the event.
    pub(crate) resets: SharedMap<u64, (Member, Direction)>,
    /// The number of runs that clients have begun with a precheck.
    runs: usize,
}

#[derive(Clone, Debug, Default)]
struct TouchedJob {
    forward: Option<TouchedTask>,
    reverse: Option<Box<TouchedTask>>,
    deleted: Option<Box<Deleted>>,
}

#[derive(Clone, Debug, Default)]
struct TouchedTask {
    /// None: it goes on as before.
    run: Option<Run>,
    setup: Setup,
    /// The number of the event that reset it.
    reset: Option<u64>,
}

impl TouchedJob {
    fn task(&mut self, direction: Direction) -> &mut TouchedTask {
        match direction {
            Direction::Forward => self.forward.get_or_insert_default(),
            Direction::Reverse => self.reverse.get_or_insert_default(),
        }
    }
}

/// The configuration of a task.
#[derive(Clone, Debug, Default)]
pub(crate) enum Setup {
    /// The scenario's configuration; none if a client bought the instance.
    #[default]
    Original,
    /// Nothing: it was reset.
    Cleared,
    Configured {
        name: Arc<str>,
        configuration: Arc<Configuration>,
    },
}

/// An instance that was deleted, with the last status of its tasks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deleted {
    pub(crate) at: Timestamp,
    pub(crate) forward: Task,
    pub(crate) reverse: Option<Task>,
}

impl DtsProjection {
    /// The purchase of a created member.
    #[expect(clippy::expect_used, reason = "an instance is created together with its purchase")]
    pub(crate) fn purchase(&self, number: u64) -> &Purchase {
        self.purchases.get(&number).expect("the purchase of a created member")
    }

    /// The number of the event that a client token was first sent with, and its purchase.
    pub(crate) fn purchase_with_token(&self, token: &str) -> Option<(u64, &Purchase)> {
        let number = *self.tokens.get(token)?;
        Some((number, self.purchase(number)))
    }

    pub(crate) fn deleted(&self, member: Member) -> Option<&Deleted> {
        self.touched.get(&member)?.deleted.as_deref()
    }

    /// The last run that a client started or stopped.
    pub(crate) fn run(&self, member: Member, direction: Direction) -> Option<&Run> {
        self.task(member, direction)?.run.as_ref()
    }

    pub(crate) fn setup(&self, member: Member, direction: Direction) -> &Setup {
        self.task(member, direction).map_or(&Setup::Original, |task| &task.setup)
    }

    /// The number of the last event that reset the task.
    pub(crate) fn reset(&self, member: Member, direction: Direction) -> Option<u64> {
        self.task(member, direction)?.reset
    }

    fn task(&self, member: Member, direction: Direction) -> Option<&TouchedTask> {
        let touched = self.touched.get(&member)?;
        match direction {
            Direction::Forward => touched.forward.as_ref(),
            Direction::Reverse => touched.reverse.as_deref(),
        }
    }

    fn touch(&mut self, member: Member) -> &mut TouchedJob {
        self.jobs.touch(member);
        Arc::make_mut(self.touched.or_default(member))
    }

    pub(crate) fn apply(&mut self, plan: &DtsPlan, number: u64, at: Timestamp, event: &DtsEvent) {
        match event {
            DtsEvent::Create(order) => self.create(number, at, order),
            DtsEvent::Configure { task, configuration } => {
                self.transition(plan, number, at, CONFIGURE, task, Some(configuration));
            }
            DtsEvent::Start(task) => self.transition(plan, number, at, START, task, None),
            DtsEvent::Suspend(task) => self.transition(plan, number, at, SUSPEND, task, None),
            DtsEvent::Reset(task) => self.transition(plan, number, at, RESET, task, None),
            DtsEvent::Delete { synchronization_job_id } => {
                self.delete(plan, at, synchronization_job_id);
            }
            DtsEvent::Poll { synchronization_job_ids } => {
                for id in synchronization_job_ids {
                    let view = View { plan, projection: &*self, now: at };
                    if let Some(member) = find(&view, id) {
                        self.jobs.poll(member, at);
                    }
                }
            }
        }
    }

    fn create(&mut self, number: u64, at: Timestamp, order: &Arc<Order>) {
        if let Some(token) = &order.client_token {
            if self.tokens.contains_key(token) {
                return;
            }
            self.tokens.insert(token.clone(), number);
        }
        self.purchases.insert(number, Purchase { at, order: order.clone() });
        self.jobs.create(number, at);
    }

    /// Puts one task into another state.
    fn transition(
        &mut self,
        plan: &DtsPlan,
        number: u64,
        at: Timestamp,
        operation: &str,
        name: &TaskName,
        configuration: Option<&Arc<Configuration>>,
    ) {
        let view = View { plan, projection: &*self, now: at };
        let direction = name.synchronization_direction;
        let Some(member) = find(&view, &name.synchronization_job_id) else { return };
        let Some(before) = task(&view, member, direction) else { return };
        let Some(to) = TASK.transition(operation, before.state) else { return };
        if view.projection.deleted(member).is_some() {
            return;
        }
        let job = job_with_task(&view, member, direction, before);

        let setup = match (operation, configuration) {
            (RESET, _) => Setup::Cleared,
            (_, Some(configuration)) => Setup::Configured {
                name: name_of(configuration, &job).into(),
                configuration: configuration.clone(),
            },
            _ => self.setup(member, direction).clone(),
        };
        let path = match to {
            Prechecking => {
                let initialization = match &setup {
                    Setup::Configured { configuration, .. } => configuration.initialization(),
                    _ => job.initialization,
                };
                Some(plan.path_of_run(self.runs, created_index(number), initialization))
            }
            Synchronizing => self.run(member, direction).and_then(|run| run.left.clone()),
            _ => None,
        };
        let run = Run {
            checkpoint: match (to, &setup) {
                // A configured checkpoint that lies in the future counts as now.
                (Prechecking, Setup::Configured { configuration, .. }) => {
                    configuration.checkpoint.map(|from| from.min(at.seconds()))
                }
                (Prechecking, _) => None,
                _ if operation == RESET => None,
                _ => before.checkpoint,
            },
            polls_before: self.jobs.polls(member).len(),
            left: match operation {
                SUSPEND => rest_of_path(&view, member, direction),
                _ => None,
            },
            ..Run::new(path.unwrap_or_else(|| plan.constant_path(to)), number, at)
        };
        let waits = reverse_waits_for_forward(&view, member, direction);
        self.runs += usize::from(to == Prechecking);
        if operation == RESET {
            self.resets.insert(number, (member, direction));
        }
        let touched = self.touch(member);
        if waits {
            let waiting = Run::new(plan.constant_path(NotStarted), number, at);
            touched.task(Direction::Reverse).run = Some(waiting);
        }
        let task = touched.task(direction);
        task.run = Some(run);
        task.setup = setup;
        if operation == RESET {
            task.reset = Some(number);
        }
    }

    fn delete(&mut self, plan: &DtsPlan, at: Timestamp, id: &str) {
        let view = View { plan, projection: &*self, now: at };
        let Some(member) = find(&view, id) else { return };
        let job = forward_job(&view, member);
        let forward = job.task;
        if view.projection.deleted(member).is_some()
            || job.instance.pay_type == PRE_PAID
            || TASK.transition(DELETE, forward.state) != Some(Finished)
        {
            return;
        }
        let reverse = task(&view, member, Direction::Reverse);
        self.touch(member).deleted = Some(Box::new(Deleted { at, forward, reverse }));
    }
}

/// Whether a generated reverse task still waits for its forward task to synchronize. After a
/// client has touched the forward task, the reverse task must be started explicitly.
fn reverse_waits_for_forward(view: &View<'_>, member: Member, direction: Direction) -> bool {
    direction == Direction::Forward
        && matches!(member, Member::Synthetic(_))
        && view.projection.run(member, Direction::Reverse).is_none()
        && task(view, member, Direction::Reverse).is_some_and(|task| task.state == NotStarted)
}

/// A task that is given no name keeps the one it has, or is called like its instance
/// (inferred).
fn name_of<'a>(configuration: &'a Configuration, job: &'a Job<'_>) -> &'a str {
    match (configuration.synchronization_job_name.as_deref(), job.name) {
        (Some(name), _) => name,
        (None, "") => &job.instance.id,
        (None, name) => name,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn exported_documents_name_events_as_they_always_did() {
        let task = TaskName::new("a", Direction::Reverse);
        let name = json!({ "synchronization_job_id": "a", "synchronization_direction": "Reverse" });
        for (event, expected) in [
            (
                DtsEvent::Poll { synchronization_job_ids: vec!["a".to_owned()] },
                json!({ "look": { "synchronization_job_ids": ["a"] } }),
            ),
            (DtsEvent::Start(task), json!({ "start": name })),
            (
                DtsEvent::Delete { synchronization_job_id: "a".to_owned() },
                json!({ "delete": { "synchronization_job_id": "a" } }),
            ),
        ] {
            assert_eq!(serde_json::to_value(&event).unwrap(), expected);
            assert_eq!(serde_json::from_value::<DtsEvent>(expected).unwrap(), event);
        }
    }
}
