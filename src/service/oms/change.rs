//! What clients can change, and what their changes have come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::View;
use super::events::synchronized;
use super::life::counts_looks;
use super::scenario::Plan;
use super::settings::Settings;
use super::state::{DELETE, EVENTS, START, STOP, TASK};
use super::task::{find, living};
use crate::world::lifecycle::State;
use crate::world::population::{Member, Traces};
use crate::world::series::{Counts, bucket_of};
use crate::world::time::Timestamp;

/// The keys to both sides of a task are no part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// CreateSyncTask.
    Create(Box<Settings>),
    /// StartSyncTask.
    Start { sync_task_id: String },
    /// StopSyncTask.
    Stop { sync_task_id: String },
    /// DeleteSyncTask.
    Delete { sync_task_id: String },
    /// CreateSyncEvents; the keys as they were sent.
    Events { sync_task_id: String, object_keys: Vec<String> },
    /// An answer showed tasks whose path counts that.
    Look { sync_task_ids: Vec<String> },
}

impl From<Change> for Option<crate::service::Change> {
    fn from(change: Change) -> Self {
        Some(crate::service::Change::Oms(change))
    }
}

/// The change that an answer makes by showing tasks, which may be gone by now.
pub fn looked<'r>(
    view: &View<'_>,
    shown: impl Iterator<Item = (Member, &'r str)>,
) -> Option<crate::service::Change> {
    let counts = |member| counts_looks(view, member) && living(view, member).is_some();
    let counted = shown.filter(|&(member, _)| counts(member));
    let sync_task_ids: Vec<String> = counted.map(|(_, id)| id.to_owned()).collect();
    if sync_task_ids.is_empty() { None } else { Change::Look { sync_task_ids }.into() }
}

#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub tasks: Traces,
    /// The tasks that clients created, by the number of the change.
    pub created: BTreeMap<u64, Arc<Created>>,
    done: BTreeMap<Member, Arc<Done>>,
}

#[derive(Debug)]
pub struct Created {
    /// How many were created before it.
    pub place: usize,
    pub settings: Settings,
}

/// What clients did to a task.
#[derive(Clone, Debug, Default)]
struct Done {
    /// Into which states they put it, and when, ascending.
    moves: Vec<(Timestamp, State)>,
    /// What came of the objects they named, by bucket.
    events: BTreeMap<i64, Counts>,
}

impl Changes {
    /// Into which states clients put the task, and when, ascending.
    pub fn moves(&self, member: Member) -> &[(Timestamp, State)] {
        self.done.get(&member).map_or(&[], |done| &done.moves)
    }

    /// What came of the objects that clients named, by bucket.
    pub fn events(&self, member: Member) -> Option<&BTreeMap<i64, Counts>> {
        self.done.get(&member).map(|done| &done.events)
    }

    pub fn apply(&mut self, plan: &Plan, number: u64, at: Timestamp, change: &Change) {
        match change {
            Change::Create(settings) => {
                let created = Created { place: self.created.len(), settings: (**settings).clone() };
                self.created.insert(number, Arc::new(created));
                self.tasks.create(number, at);
            }
            Change::Start { sync_task_id } => self.put(plan, at, sync_task_id, START),
            Change::Stop { sync_task_id } => self.put(plan, at, sync_task_id, STOP),
            Change::Delete { sync_task_id } => self.put(plan, at, sync_task_id, DELETE),
            Change::Events { sync_task_id, object_keys } => {
                let Some((member, _)) = self.allowed(plan, at, sync_task_id, EVENTS) else {
                    return;
                };
                let done = Arc::make_mut(self.done.entry(member).or_default());
                let events = done.events.entry(bucket_of(at)).or_default();
                *events = events.plus(synchronized(plan, object_keys));
            }
            Change::Look { sync_task_ids } => {
                for id in sync_task_ids {
                    let view = View { plan, changes: &*self, now: at };
                    let found = find(&view, id).filter(|&(member, _)| counts_looks(&view, member));
                    if let Some((member, _)) = found {
                        self.tasks.look(member, at);
                    }
                }
            }
        }
    }

    fn put(&mut self, plan: &Plan, at: Timestamp, id: &str, operation: &str) {
        let Some((member, to)) = self.allowed(plan, at, id, operation) else { return };
        self.tasks.touch(member);
        Arc::make_mut(self.done.entry(member).or_default()).moves.push((at, to));
    }

    /// The task, and the state that the operation leads to, if the state it is in allows it.
    fn allowed(
        &self,
        plan: &Plan,
        at: Timestamp,
        id: &str,
        operation: &str,
    ) -> Option<(Member, State)> {
        let (member, life) = find(&View { plan, changes: self, now: at }, id)?;
        Some((member, TASK.moved(operation, life.state)?))
    }
}
