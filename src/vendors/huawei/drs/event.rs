//! Events that clients cause, and the state projected from the event log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::View;
use super::async_job::{self, Owner};
use super::async_job_state::{COMMIT, UPDATE};
use super::scenario::DrsPlan;
use super::schema::{kept, text_at, violations};
use super::transfer::{self, MAX_JOBS, TransferKey, transfer_number};
use super::update::{UpdateEntry, revise};
use crate::engine::Event;
use crate::world::population::{Member, Traces};
use crate::world::shared_map::SharedMap;
use crate::world::time::Timestamp;

/// The parameters of a job as the service keeps them: without secrets.
pub(crate) type JobParameters = Map<String, Value>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum DrsEvent {
    /// BatchCreateJobsAsync.
    Create { domain_name: String, user_name: String, jobs: Vec<JobParameters> },
    /// UpdateBatchAsyncJobs.
    Update { async_job_id: String, jobs: Vec<UpdateEntry> },
    /// CommitAsyncJob.
    Commit { async_job_id: String },
    /// An answer showed batches or jobs whose path counts that.
    #[serde(rename = "look")]
    Poll {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        async_job_ids: Vec<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        job_ids: Vec<String>,
    },
}

impl Event for DrsEvent {
    fn is_poll(&self) -> bool {
        matches!(self, Self::Poll { .. })
    }
}

/// The event of an answer that shows batches and jobs, if it changes something; the view is of now.
pub(crate) fn polled(
    view: &View<'_>,
    members: &[Member],
    keys: &[TransferKey],
) -> Option<DrsEvent> {
    let members = members.iter().filter(|member| async_job::awaits_poll(view, **member));
    let async_job_ids: Vec<String> =
        members.map(|member| async_job::id(view, *member).into_owned()).collect();
    let keys = keys.iter().filter(|key| transfer::awaits_poll(view, **key));
    let job_ids: Vec<String> = keys.map(|key| transfer::id(view, *key)).collect();
    let shows_some = !async_job_ids.is_empty() || !job_ids.is_empty();
    shows_some.then_some(DrsEvent::Poll { async_job_ids, job_ids })
}

#[derive(Clone, Debug, Default)]
pub(crate) struct DrsProjection {
    /// The changes to batches.
    pub(crate) jobs: Traces,
    /// The changes to the jobs of batches; their members are those of
    /// [`TransferKey::trace_member`].
    pub(crate) transfers: Traces,
    /// The batches that clients created, by the number of the event.
    pub(crate) batches: SharedMap<u64, Arc<CreatedBatch>>,
    /// The names that clients gave to jobs, in lower case, also those that the jobs had before an
    /// update. An entry for each name and job.
    names: SharedMap<(Arc<str>, TransferKey), ()>,
    /// Changes by clients to batches, whoever created them.
    pub(crate) changes: SharedMap<Member, Changes>,
}

/// A batch that a client created.
#[derive(Debug)]
pub(crate) struct CreatedBatch {
    pub(crate) born: Timestamp,
    /// The number of batches created before it.
    pub(crate) place: usize,
    /// The number of jobs in those batches.
    pub(crate) jobs_before: usize,
    pub(crate) owner: Owner,
    /// From 1 to [`MAX_JOBS`].
    pub(crate) jobs: Vec<Arc<JobParameters>>,
    /// Whether the validation finds nothing wrong with any of the jobs.
    pub(crate) is_valid: bool,
}

/// The changes by clients to a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// The last update.
    pub(crate) revision: Option<Arc<Revision>>,
    /// When a client committed it.
    pub(crate) committed: Option<Timestamp>,
}

#[derive(Debug)]
pub(crate) struct Revision {
    /// The number of the event.
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    /// The number of updates, including this one.
    pub(crate) times: usize,
    /// The number of answers that had shown the batch before.
    pub(crate) polls: usize,
    /// All jobs of the batch, those too that were not updated.
    pub(crate) jobs: Vec<Arc<JobParameters>>,
    /// Whether the validation finds nothing wrong with any of the jobs.
    pub(crate) is_valid: bool,
}

impl DrsProjection {
    /// The last update of a batch, if there was one.
    pub(crate) fn revision(&self, member: Member) -> Option<&Revision> {
        self.changes.get(&member)?.revision.as_deref()
    }

    /// The jobs that clients gave the name to, in upper or lower case; some may have another by now.
    pub(crate) fn given_name(&self, name: &str) -> impl Iterator<Item = TransferKey> {
        let name = name.to_ascii_lowercase();
        let before = self.names.partition_point(|(given, _)| **given < *name);
        let names = self.names.entries().skip(before).iter().map(|(name, ())| name);
        names.take_while(move |(given, _)| **given == *name).map(|&(_, key)| key)
    }

    fn give_names(&mut self, member: Member, jobs: &[Arc<JobParameters>]) {
        for (nth, job) in jobs.iter().enumerate() {
            let name = text_at(job, "base_info.name").to_ascii_lowercase();
            self.names.insert((name.into(), TransferKey { member, nth }), ());
        }
    }

    pub(crate) fn apply(&mut self, plan: &DrsPlan, number: u64, at: Timestamp, event: &DrsEvent) {
        match event {
            DrsEvent::Create { domain_name, user_name, jobs } => {
                let (domain_name, user_name) = (domain_name.clone(), user_name.clone());
                self.create(plan, number, at, Owner { domain_name, user_name }, jobs);
            }
            DrsEvent::Update { async_job_id, jobs } => {
                self.update(plan, number, at, async_job_id, jobs);
            }
            DrsEvent::Commit { async_job_id } => {
                let Some(member) = self.allowed(plan, at, async_job_id, COMMIT) else { return };
                self.changes.or_default(member).committed = Some(at);
                self.touch(member);
            }
            DrsEvent::Poll { async_job_ids, job_ids } => {
                let view = View { plan, projection: &*self, now: at };
                let members: Vec<Member> =
                    async_job_ids.iter().filter_map(|id| async_job::find(&view, id)).collect();
                let keys: Vec<TransferKey> =
                    job_ids.iter().filter_map(|id| transfer::find(&view, id)).collect();
                for member in members {
                    self.jobs.poll(member, at);
                }
                for key in keys {
                    self.transfers.poll(key.trace_member(), at);
                }
            }
        }
    }

    fn create(
        &mut self,
        plan: &DrsPlan,
        number: u64,
        born: Timestamp,
        owner: Owner,
        jobs: &[JobParameters],
    ) {
        if jobs.is_empty() || jobs.len() > MAX_JOBS {
            return;
        }
        let jobs: Vec<Arc<JobParameters>> = jobs.iter().map(kept).map(Arc::new).collect();
        for nth in 0..jobs.len() {
            self.transfers.create(transfer_number(number, nth), born);
        }
        let place = self.batches.len();
        let last = self.jobs.created().next_back();
        let last = last.and_then(|(_, number)| self.batches.get(&number));
        let jobs_before = last.map_or(0, |last| last.jobs_before + last.jobs.len());
        let is_valid = plan.finds_valid(&jobs);
        self.give_names(Member::Created(number), &jobs);
        let batch = CreatedBatch { born, place, jobs_before, owner, jobs, is_valid };
        self.batches.insert(number, Arc::new(batch));
        self.jobs.create(number, born);
    }

    fn update(
        &mut self,
        plan: &DrsPlan,
        number: u64,
        at: Timestamp,
        id: &str,
        entries: &[UpdateEntry],
    ) {
        let Some(member) = self.allowed(plan, at, id, UPDATE) else { return };
        let view = View { plan, projection: &*self, now: at };
        let (jobs, updated) = revise(&view, member, entries);
        if updated.iter().all(|updated| updated.refused.is_some()) {
            return;
        }
        let revision = Revision {
            number,
            at,
            times: self.revision(member).map_or(1, |before| before.times + 1),
            polls: self.jobs.polls(member).len(),
            is_valid: plan.finds_valid(&jobs),
            jobs,
        };
        self.give_names(member, &revision.jobs);
        self.changes.or_default(member).revision = Some(Arc::new(revision));
        self.touch(member);
    }

    /// The batch of that id, if the operation is allowed now.
    fn allowed(&self, plan: &DrsPlan, now: Timestamp, id: &str, operation: &str) -> Option<Member> {
        let view = View { plan, projection: self, now };
        let member = async_job::find(&view, id)?;
        let state = async_job::status(&view, member).state;
        plan.table.transition(operation, state).map(|_| member)
    }

    fn touch(&mut self, member: Member) {
        self.jobs.touch(member);
        self.transfers.touch(member);
    }
}

impl DrsPlan {
    /// Whether the validation finds nothing wrong with any of the jobs.
    fn finds_valid(&self, jobs: &[Arc<JobParameters>]) -> bool {
        !self.quirks.checks.by_validation() || jobs.iter().all(|job| violations(job).is_empty())
    }
}
