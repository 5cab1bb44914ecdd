//! Events that clients cause, and the state projected from the event log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::View;
use super::job::{SynchronizationJob, awaits_poll, find_job};
use super::scenario::EiamPlan;
use super::state::{DISABLE, ENABLE, PullState};
use super::target::{self, TargetType};
use super::ud_pull;
use crate::engine::Event;
use crate::world::population::{Member, Traces};
use crate::world::shared_map::SharedMap;
use crate::world::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum EiamEvent {
    /// RunSynchronizationJob.
    Run {
        target_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<Arc<str>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<Arc<Scope>>,
    },
    /// EnableIdentityProviderUdPull.
    EnableUdPull { identity_provider_id: String },
    /// DisableIdentityProviderUdPull.
    DisableUdPull { identity_provider_id: String },
    /// An answer showed jobs whose path counts that.
    #[serde(rename = "look")]
    Poll {
        synchronization_job_ids: Vec<String>,
        /// The token of the request, if the answer may repeat it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    },
}

/// `SynchronizationScopeConfig`: what a job is restricted to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Scope {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) user_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) organizational_unit_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) group_ids: Vec<String>,
}

impl Event for EiamEvent {
    fn is_poll(&self) -> bool {
        matches!(self, Self::Poll { .. })
    }
}

/// The event of an answer that shows jobs, if it changes something; the view is of now. `token` is
/// that of the request, if the answer may repeat it.
pub(crate) fn polled<'j>(
    view: &View<'_>,
    shown: impl IntoIterator<Item = (Member, &'j SynchronizationJob)>,
    token: Option<&str>,
) -> Option<EiamEvent> {
    let counted = shown.into_iter().filter(|&(member, _)| awaits_poll(view, member));
    let ids: Vec<String> = counted.map(|(_, job)| job.synchronization_job_id.clone()).collect();
    if ids.is_empty() && token.is_none() {
        return None;
    }
    let next_token = token.map(str::to_owned);
    Some(EiamEvent::Poll { synchronization_job_ids: ids, next_token })
}

#[derive(Clone, Debug, Default)]
pub(crate) struct EiamProjection {
    pub(crate) jobs: Traces,
    /// The jobs that clients ran, by the number of the event: the created ones of `jobs`.
    pub(crate) runs: SharedMap<u64, Run>,
    /// The identity providers whose pull clients switched, by their indexes in the plan.
    pub(crate) pulls: SharedMap<usize, Pull>,
    /// Whether the last answer to a token repeated it.
    pub(crate) repeated: SharedMap<String, bool>,
}

#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) born: Timestamp,
    /// The number of runs before it.
    pub(crate) number: usize,
    /// The target's index in the plan.
    pub(crate) target: usize,
    pub(crate) description: Option<Arc<str>>,
    pub(crate) scope: Option<Arc<Scope>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pull {
    pub(crate) state: PullState,
    pub(crate) since: Timestamp,
}

impl EiamProjection {
    pub(crate) fn apply(&mut self, plan: &EiamPlan, number: u64, at: Timestamp, event: &EiamEvent) {
        let view = View { plan, projection: &*self, now: at };
        match event {
            EiamEvent::Run { target_id, description, scope } => {
                let types = [TargetType::IdentityProvider, TargetType::Application];
                let found = types.into_iter().find_map(|kind| target::find(&view, kind, target_id));
                let Some((target, found)) = found else { return };
                if target::unready(&view, target, found).is_some() {
                    return;
                }
                let run = Run {
                    born: at,
                    number: self.runs.len(),
                    target,
                    description: description.clone(),
                    scope: scope.clone(),
                };
                self.runs.insert(number, run);
                self.jobs.create(number, at);
            }
            EiamEvent::EnableUdPull { identity_provider_id } => {
                self.switch_pull(plan, at, identity_provider_id, ENABLE);
            }
            EiamEvent::DisableUdPull { identity_provider_id } => {
                self.switch_pull(plan, at, identity_provider_id, DISABLE);
            }
            EiamEvent::Poll { synchronization_job_ids, next_token } => {
                if let Some(token) = next_token {
                    let repeated = self.repeated.or_default(token.clone());
                    *repeated = !*repeated;
                }
                for id in synchronization_job_ids {
                    let view = View { plan, projection: &*self, now: at };
                    if let Some(member) = find_job(&view, id) {
                        self.jobs.poll(member, at);
                    }
                }
            }
        }
    }

    fn switch_pull(&mut self, plan: &EiamPlan, at: Timestamp, id: &str, operation: &str) {
        let view = View { plan, projection: &*self, now: at };
        if let Ok((provider, Some(state))) = ud_pull::transition(&view, id, operation) {
            self.pulls.insert(provider, Pull { state, since: at });
        }
    }
}
