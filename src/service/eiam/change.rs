//! What clients can change, and what their changes have come to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::View;
use super::job::{Job, counts_looks, find};
use super::scenario::Plan;
use super::state::{DISABLE, ENABLE};
use super::target::{self, TargetType};
use super::ud_pull;
use crate::world::lifecycle::State;
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<Scope>,
    },
    /// EnableIdentityProviderUdPull.
    EnableUdPull { identity_provider_id: String },
    /// DisableIdentityProviderUdPull.
    DisableUdPull { identity_provider_id: String },
    /// An answer showed jobs whose path counts that.
    Look {
        synchronization_job_ids: Vec<String>,
        /// The one that it was asked with, where such answers may have it again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    },
}

/// `SynchronizationScopeConfig`: what a job is narrowed down to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organizational_unit_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub group_ids: Vec<String>,
}

impl From<Change> for Option<crate::service::Change> {
    fn from(change: Change) -> Self {
        Some(crate::service::Change::Eiam(change))
    }
}

/// The change that an answer makes by showing jobs, asked for with a token that may be
/// repeated.
pub fn looked<'j>(
    view: &View<'_>,
    shown: impl IntoIterator<Item = (Member, &'j Job)>,
    token: Option<&str>,
) -> Option<crate::service::Change> {
    let counted = shown.into_iter().filter(|&(member, _)| counts_looks(view, member));
    let ids: Vec<String> = counted.map(|(_, job)| job.synchronization_job_id.clone()).collect();
    if ids.is_empty() && token.is_none() {
        return None;
    }
    let next_token = token.map(str::to_owned);
    Change::Look { synchronization_job_ids: ids, next_token }.into()
}

#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub jobs: Traces,
    /// The jobs that clients ran, by the number of the change.
    pub runs: BTreeMap<u64, Arc<Run>>,
    /// Of the identity providers whose pull clients switched, by their places in the plan.
    pub pulls: BTreeMap<usize, Pull>,
    /// The tokens that were answered with themselves when they last were asked with.
    pub repeated: BTreeSet<String>,
}

#[derive(Debug)]
pub struct Run {
    pub born: Timestamp,
    /// How many runs there were before it.
    pub place: usize,
    /// The target's place in the plan.
    pub target: usize,
    pub description: Option<String>,
    pub scope: Option<Scope>,
}

#[derive(Clone, Copy, Debug)]
pub struct Pull {
    /// Of [`super::state::PULL`].
    pub state: State,
    pub since: Timestamp,
}

impl Changes {
    pub fn apply(&mut self, plan: &Plan, number: u64, at: Timestamp, change: &Change) {
        let view = View { plan, changes: &*self, now: at };
        match change {
            Change::Run { target_id, description, scope } => {
                let kinds = [TargetType::IdentityProvider, TargetType::Application];
                let found = kinds.into_iter().find_map(|kind| target::find(&view, kind, target_id));
                let Some((target, found)) = found else { return };
                if target::unready(&view, target, found).is_some() {
                    return;
                }
                let run = Run {
                    born: at,
                    place: self.runs.len(),
                    target,
                    description: description.clone(),
                    scope: scope.clone(),
                };
                self.runs.insert(number, Arc::new(run));
                self.jobs.create(number, at);
            }
            Change::EnableUdPull { identity_provider_id } => {
                self.switch(plan, at, identity_provider_id, ENABLE);
            }
            Change::DisableUdPull { identity_provider_id } => {
                self.switch(plan, at, identity_provider_id, DISABLE);
            }
            Change::Look { synchronization_job_ids, next_token } => {
                if let Some(token) = next_token
                    && !self.repeated.remove(token)
                {
                    self.repeated.insert(token.clone());
                }
                for id in synchronization_job_ids {
                    let view = View { plan, changes: &*self, now: at };
                    if let Some(member) = find(&view, id) {
                        self.jobs.look(member, at);
                    }
                }
            }
        }
    }

    fn switch(&mut self, plan: &Plan, at: Timestamp, id: &str, operation: &str) {
        let view = View { plan, changes: &*self, now: at };
        if let Ok((place, Some(state))) = ud_pull::switched(&view, id, operation) {
            self.pulls.insert(place, Pull { state, since: at });
        }
    }
}
