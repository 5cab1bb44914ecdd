//! What clients can change, and what their changes have come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::View;
use super::job::{self, Owner};
use super::scenario::Plan;
use super::schema::{faults, kept};
use super::state::{COMMIT, UPDATE};
use super::transfer::{self, MOST_JOBS, Place, number_of};
use super::update::{Wish, revised};
use crate::world::population::{Member, Traces};
use crate::world::time::Timestamp;

/// Jobs as the service keeps them: without secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// BatchCreateJobsAsync.
    Create { domain_name: String, user_name: String, jobs: Vec<Map<String, Value>> },
    /// UpdateBatchAsyncJobs.
    Update { async_job_id: String, jobs: Vec<Wish> },
    /// CommitAsyncJob.
    Commit { async_job_id: String },
    /// An answer showed things whose path counts that.
    Look {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        async_job_ids: Vec<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        job_ids: Vec<String>,
    },
}

impl From<Change> for Option<crate::service::Change> {
    fn from(change: Change) -> Self {
        Some(crate::service::Change::Drs(change))
    }
}

/// The change that an answer makes by showing batches, and jobs.
pub fn looked(
    view: &View<'_>,
    members: &[Member],
    places: &[Place],
) -> Option<crate::service::Change> {
    let members = members.iter().filter(|member| job::counts_looks(view, **member));
    let async_job_ids: Vec<String> =
        members.filter_map(|member| Some(job::id(view, *member)?.into_owned())).collect();
    let places = places.iter().filter(|place| transfer::counts_looks(view, **place));
    let job_ids: Vec<String> = places.map(|place| transfer::id(view, *place)).collect();
    if async_job_ids.is_empty() && job_ids.is_empty() {
        return None;
    }
    Change::Look { async_job_ids, job_ids }.into()
}

#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub jobs: Traces,
    /// Of the jobs that the batches consist of, see [`Place::trace`].
    pub transfers: Traces,
    /// What clients created, by the number of the change.
    pub batches: BTreeMap<u64, Arc<Batch>>,
    /// What clients did to batches after they were made.
    pub stories: BTreeMap<Member, Story>,
}

/// A batch that a client created.
#[derive(Debug)]
pub struct Batch {
    pub born: Timestamp,
    /// How many were created before it, and how many jobs they have.
    pub place: usize,
    pub jobs_before: usize,
    pub owner: Owner,
    pub jobs: Vec<Arc<Map<String, Value>>>,
    /// Whether the parameters of all jobs are right.
    pub sound: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Story {
    /// The last update.
    pub revision: Option<Arc<Revision>>,
    /// When a client committed it.
    pub committed: Option<Timestamp>,
}

#[derive(Debug)]
pub struct Revision {
    /// Of the change.
    pub number: u64,
    pub at: Timestamp,
    /// How many updates there were, this one included.
    pub times: usize,
    /// How many answers had shown the batch before.
    pub looks: usize,
    pub jobs: Vec<Arc<Map<String, Value>>>,
    pub sound: bool,
}

impl Changes {
    pub fn apply(&mut self, plan: &Plan, number: u64, at: Timestamp, change: &Change) {
        match change {
            Change::Create { domain_name, user_name, jobs } => {
                let (domain_name, user_name) = (domain_name.clone(), user_name.clone());
                self.create(plan, number, at, Owner { domain_name, user_name }, jobs);
            }
            Change::Update { async_job_id, jobs } => {
                self.update(plan, number, at, async_job_id, jobs);
            }
            Change::Commit { async_job_id } => {
                let Some(member) = self.allowed(plan, at, async_job_id, COMMIT) else { return };
                self.stories.entry(member).or_default().committed = Some(at);
                self.touch(member);
            }
            Change::Look { async_job_ids, job_ids } => {
                let view = View { plan, changes: &*self, now: at };
                let members: Vec<Member> =
                    async_job_ids.iter().filter_map(|id| job::find(&view, id)).collect();
                let places: Vec<Place> =
                    job_ids.iter().filter_map(|id| transfer::find(&view, id)).collect();
                for member in members {
                    self.jobs.look(member, at);
                }
                for place in places {
                    self.transfers.look(place.trace(), at);
                }
            }
        }
    }

    fn create(
        &mut self,
        plan: &Plan,
        number: u64,
        born: Timestamp,
        owner: Owner,
        jobs: &[Map<String, Value>],
    ) {
        if jobs.is_empty() || jobs.len() > MOST_JOBS {
            return;
        }
        let jobs: Vec<Arc<Map<String, Value>>> = jobs.iter().map(kept).map(Arc::new).collect();
        for nth in 0..jobs.len() {
            self.transfers.create(number_of(number, nth), born);
        }
        let place = self.batches.len();
        let last = self.jobs.created().next_back();
        let last = last.and_then(|(_, number)| self.batches.get(&number));
        let jobs_before = last.map_or(0, |last| last.jobs_before + last.jobs.len());
        let sound = plan.finds_sound(&jobs);
        let batch = Batch { born, place, jobs_before, owner, jobs, sound };
        self.batches.insert(number, Arc::new(batch));
        self.jobs.create(number, born);
    }

    fn update(&mut self, plan: &Plan, number: u64, at: Timestamp, id: &str, wishes: &[Wish]) {
        let Some(member) = self.allowed(plan, at, id, UPDATE) else { return };
        let view = View { plan, changes: &*self, now: at };
        let (jobs, outcomes) = revised(&view, member, wishes);
        if !outcomes.iter().any(|outcome| outcome.refused.is_none()) {
            return;
        }
        let before = self.stories.get(&member).and_then(|story| story.revision.as_deref());
        let revision = Revision {
            number,
            at,
            times: before.map_or(1, |before| before.times + 1),
            looks: self.jobs.looks(member).len(),
            sound: plan.finds_sound(&jobs),
            jobs,
        };
        self.stories.entry(member).or_default().revision = Some(Arc::new(revision));
        self.touch(member);
    }

    /// The batch of that id, if the operation is allowed now.
    fn allowed(&self, plan: &Plan, now: Timestamp, id: &str, operation: &str) -> Option<Member> {
        let view = View { plan, changes: self, now };
        let member = job::find(&view, id)?;
        let state = job::standing(&view, member)?.state;
        plan.machine.moved(operation, state).map(|_| member)
    }

    fn touch(&mut self, member: Member) {
        self.jobs.touch(member);
        self.transfers.touch(member);
    }
}

impl Plan {
    /// Whether the validation finds nothing wrong with any of the jobs.
    fn finds_sound(&self, jobs: &[Arc<Map<String, Value>>]) -> bool {
        !self.quirks.checks.look() || jobs.iter().all(|job| faults(job).is_empty())
    }
}
