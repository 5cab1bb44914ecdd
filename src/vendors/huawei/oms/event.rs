//! Events that clients cause, and the state projected from the event log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::View;
use super::create_events::synchronized_counts;
use super::lifecycle_status::awaits_poll;
use super::scenario::OmsPlan;
use super::settings::Settings;
use super::state::{DELETE, EVENTS, START, STOP, SyncTaskState, TASK};
use super::task::{existing_status, find_task};
use crate::engine::Event;
use crate::world::population::{Member, Traces};
use crate::world::series::{Counts, bucket_of};
use crate::world::shared_map::{Entries, SharedMap};
use crate::world::time::Timestamp;

/// The access keys of both buckets are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum OmsEvent {
    /// CreateSyncTask.
    Create(Arc<Settings>),
    /// StartSyncTask.
    Start { sync_task_id: String },
    /// StopSyncTask.
    Stop { sync_task_id: String },
    /// DeleteSyncTask.
    Delete { sync_task_id: String },
    /// CreateSyncEvents; the keys as they were sent.
    Events { sync_task_id: String, object_keys: Vec<String> },
    /// An answer showed tasks whose paths count polls.
    #[serde(rename = "look")]
    Poll { sync_task_ids: Vec<String> },
}

impl Event for OmsEvent {
    fn is_poll(&self) -> bool {
        matches!(self, Self::Poll { .. })
    }
}

/// The event of an answer that shows tasks, if it changes something. A stale answer may show a
/// task that no longer exists in `view`, which is of now: that poll does not count.
pub(crate) fn poll_event<'r>(
    view: &View<'_>,
    shown: impl Iterator<Item = (Member, &'r str)>,
) -> Option<OmsEvent> {
    let counts = |member| awaits_poll(view, member) && existing_status(view, member).is_some();
    let counted = shown.filter(|&(member, _)| counts(member));
    let sync_task_ids: Vec<String> = counted.map(|(_, id)| id.to_owned()).collect();
    (!sync_task_ids.is_empty()).then_some(OmsEvent::Poll { sync_task_ids })
}

#[derive(Clone, Debug, Default)]
pub(crate) struct OmsProjection {
    pub(crate) tasks: Traces,
    /// The tasks that clients created, by the number of the event.
    pub(crate) created: SharedMap<u64, CreatedTask>,
    actions: SharedMap<Member, ClientActions>,
}

#[derive(Clone, Debug)]
pub(crate) struct CreatedTask {
    /// The number of tasks that were created before it.
    pub(crate) ordinal: usize,
    pub(crate) settings: Arc<Settings>,
}

/// The changes by clients to a task.
#[derive(Clone, Debug, Default)]
struct ClientActions {
    /// The states that clients put it into, ascending by time, by the number of those before.
    transitions: SharedMap<usize, (Timestamp, SyncTaskState)>,
    /// The counts of the objects that clients named, by bucket.
    synchronized: SharedMap<i64, Counts>,
}

/// The states that clients put a task into, ascending by time.
pub(crate) type Transitions<'p> = Entries<'p, usize, (Timestamp, SyncTaskState)>;

impl OmsProjection {
    /// The states that clients put the task into, ascending by time.
    pub(crate) fn transitions(&self, member: Member) -> Transitions<'_> {
        let actions = self.actions.get(&member);
        actions.map(|actions| actions.transitions.entries()).unwrap_or_default()
    }

    /// The settings of a created member.
    #[expect(clippy::expect_used, reason = "a task is created together with its settings")]
    pub(crate) fn settings(&self, number: u64) -> &Settings {
        &self.created.get(&number).expect("the settings of a created member").settings
    }

    /// The counts of the objects that clients named, by bucket.
    pub(crate) fn synchronized(&self, member: Member) -> Option<&SharedMap<i64, Counts>> {
        self.actions.get(&member).map(|actions| &actions.synchronized)
    }

    pub(crate) fn apply(&mut self, plan: &OmsPlan, number: u64, at: Timestamp, event: &OmsEvent) {
        match event {
            OmsEvent::Create(settings) => {
                let task = CreatedTask { ordinal: self.created.len(), settings: settings.clone() };
                self.created.insert(number, task);
                self.tasks.create(number, at);
            }
            OmsEvent::Start { sync_task_id } => self.transition(plan, at, sync_task_id, START),
            OmsEvent::Stop { sync_task_id } => self.transition(plan, at, sync_task_id, STOP),
            OmsEvent::Delete { sync_task_id } => self.transition(plan, at, sync_task_id, DELETE),
            OmsEvent::Events { sync_task_id, object_keys } => {
                let Some((member, _)) = self.find_allowed(plan, at, sync_task_id, EVENTS) else {
                    return;
                };
                let actions = self.actions.or_default(member);
                let counts = actions.synchronized.or_default(bucket_of(at));
                *counts = counts.plus(synchronized_counts(plan, object_keys));
            }
            OmsEvent::Poll { sync_task_ids } => {
                for id in sync_task_ids {
                    let view = View { plan, projection: &*self, now: at };
                    let found =
                        find_task(&view, id).filter(|&(member, _)| awaits_poll(&view, member));
                    if let Some((member, _)) = found {
                        self.tasks.poll(member, at);
                    }
                }
            }
        }
    }

    fn transition(&mut self, plan: &OmsPlan, at: Timestamp, id: &str, operation: &str) {
        let Some((member, to)) = self.find_allowed(plan, at, id, operation) else { return };
        self.tasks.touch(member);
        let transitions = &mut self.actions.or_default(member).transitions;
        transitions.insert(transitions.len(), (at, to));
    }

    /// The task and the state that the operation leads to, if the task's state allows it.
    fn find_allowed(
        &self,
        plan: &OmsPlan,
        at: Timestamp,
        id: &str,
        operation: &str,
    ) -> Option<(Member, SyncTaskState)> {
        let (member, status) = find_task(&View { plan, projection: self, now: at }, id)?;
        Some((member, TASK.transition(operation, status.state)?))
    }
}
