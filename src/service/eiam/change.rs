//! What clients can change, and what their changes have come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::job::{Job, counts_looks, find};
use super::scenario::Plan;
use super::{View, scenario::Target};
use crate::world::population::{Member, Traces};
use crate::world::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// RunSynchronizationJob.
    Run {
        target_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// An answer showed jobs whose path counts that.
    Look { synchronization_job_ids: Vec<String> },
}

impl From<Change> for Option<crate::service::Change> {
    fn from(change: Change) -> Self {
        Some(crate::service::Change::Eiam(change))
    }
}

/// The change that an answer makes by showing jobs.
pub fn looked(view: &View<'_>, shown: &[(Member, &Job)]) -> Option<crate::service::Change> {
    let counted = shown.iter().filter(|(member, _)| counts_looks(view, *member));
    let ids: Vec<String> = counted.map(|(_, job)| job.synchronization_job_id.clone()).collect();
    if ids.is_empty() { None } else { Change::Look { synchronization_job_ids: ids }.into() }
}

#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub jobs: Traces,
    /// The jobs that clients ran, by the number of the change.
    pub runs: BTreeMap<u64, Arc<Run>>,
}

#[derive(Debug)]
pub struct Run {
    pub born: Timestamp,
    /// How many runs there were before it.
    pub place: usize,
    pub target: Target,
    pub description: Option<String>,
}

impl Changes {
    pub fn apply(&mut self, plan: &Plan, number: u64, at: Timestamp, change: &Change) {
        match change {
            Change::Run { target_id, description } => {
                let Some(target) = plan.targets.iter().find(|target| target.id == *target_id)
                else {
                    return;
                };
                let (target, description) = (target.clone(), description.clone());
                let place = self.runs.len();
                self.runs.insert(number, Arc::new(Run { born: at, place, target, description }));
                self.jobs.create(number, at);
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
}
