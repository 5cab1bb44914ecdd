//! A batch: where its values come from, its row on the wire, and its state.

use std::borrow::Cow;

use serde::Serialize;

use super::View;
use super::async_job_state::AsyncJobState;
use super::event::CreatedBatch;
use super::transfer::FixedTransfer;
use crate::scenario::prescribed_path::created_path;
use crate::world::lifecycle::{LifecyclePath, LifecycleStatus, PathRun};
use crate::world::population::{FixedRecord, Member, created_index, fixed_index};
use crate::world::time::Timestamp;

/// Attributes of the sampler. All but the first two are of the job that the batch creates.
pub(crate) const OUTCOME: usize = 0;
pub(crate) const OWNER: usize = 1;
pub(crate) const PATH: usize = 2;
pub(crate) const INSTANCE: usize = 3;
pub(crate) const NET_TYPE: usize = 4;
pub(crate) const CHARGING_MODE: usize = 5;
pub(crate) const ENTERPRISE_PROJECT: usize = 6;

/// A row of ListAsyncJobs. Names and their order are those of the vendor's sample; all of them are
/// always there (the go SDK has no optional one).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct AsyncJobRow<'v> {
    pub(crate) async_job_id: Cow<'v, str>,
    pub(crate) status: &'static str,
    pub(crate) domain_name: &'v str,
    pub(crate) user_name: &'v str,
    /// `2022-11-07T06:41:08Z`
    pub(crate) create_time: String,
}

/// The creator of a batch. A user belongs to one tenant, so the two are sampled together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) domain_name: String,
    pub(crate) user_name: String,
}

/// A batch with values from the scenario file.
#[derive(Clone, Debug)]
pub(crate) struct FixedAsyncJob {
    pub(crate) async_job_id: String,
    /// From its birth on. Without dwells the batch stays in its state until a client acts.
    pub(crate) path: LifecyclePath<AsyncJobState>,
    pub(crate) owner: Owner,
    /// At least one.
    pub(crate) jobs: Vec<FixedTransfer>,
}

/// The source of a batch's values.
#[derive(Clone, Copy)]
pub(crate) enum Batch<'v> {
    /// Drawn by the index.
    Generated(u64),
    /// The scenario file, with the index of the record.
    Fixed(usize, &'v FixedRecord<FixedAsyncJob>),
    /// A client, with the number of its event.
    Created(u64, &'v CreatedBatch),
}

impl<'v> Batch<'v> {
    /// The batch of a member that exists at the instant of the view.
    #[expect(clippy::expect_used, reason = "the only members are those of plan and projection")]
    pub(crate) fn new(view: &View<'v>, member: Member) -> Self {
        let View { plan, projection, .. } = *view;
        match member {
            Member::Synthetic(index) => Self::Generated(index),
            Member::Fixed(place) => {
                let record = plan.jobs.fixed.get(place);
                Self::Fixed(place, record.expect("a fixed member is a record of the plan"))
            }
            Member::Created(number) => {
                let batch = projection.batches.get(&number);
                Self::Created(number, batch.expect("a created member is in the projection"))
            }
        }
    }

    fn owner(self, view: &View<'v>) -> &'v Owner {
        let plan = view.plan;
        match self {
            Self::Generated(index) => {
                plan.owner(plan.jobs.sampler.attribute(OWNER, plan.jobs.sampler.row(index)))
            }
            Self::Fixed(_, record) => &record.value.owner,
            Self::Created(_, batch) => &batch.owner,
        }
    }

    fn id(self, view: &View<'v>) -> Cow<'v, str> {
        match self {
            Self::Generated(index) => view.plan.ids.uuid(index).into(),
            Self::Fixed(_, record) => (&record.value.async_job_id).into(),
            Self::Created(number, _) => view.plan.ids.uuid(created_index(number)).into(),
        }
    }

    fn born(self, view: &View<'_>) -> Timestamp {
        match self {
            Self::Generated(index) => view.plan.jobs.arrivals.born(index),
            Self::Fixed(_, record) => record.born,
            Self::Created(_, batch) => batch.born,
        }
    }
}

pub(crate) fn row<'v>(view: &View<'v>, member: Member) -> AsyncJobRow<'v> {
    let batch = Batch::new(view, member);
    let owner = batch.owner(view);
    AsyncJobRow {
        async_job_id: batch.id(view),
        status: view.plan.table.name(status(view, member).state),
        domain_name: &owner.domain_name,
        user_name: &owner.user_name,
        create_time: batch.born(view).iso_seconds(),
    }
}

pub(crate) fn owner<'v>(view: &View<'v>, member: Member) -> &'v Owner {
    Batch::new(view, member).owner(view)
}

pub(crate) fn id<'v>(view: &View<'v>, member: Member) -> Cow<'v, str> {
    Batch::new(view, member).id(view)
}

pub(crate) fn born(view: &View<'_>, member: Member) -> Timestamp {
    Batch::new(view, member).born(view)
}

/// The state of a batch, and since when it is in it.
pub(crate) fn status(view: &View<'_>, member: Member) -> LifecycleStatus<AsyncJobState> {
    let changes = view.projection.changes.get(&member);
    match changes.and_then(|changes| changes.committed) {
        Some(since) => LifecycleStatus::terminal(AsyncJobState::Committed, since),
        None => view.plan.jobs.lifecycle.follow(&path_run(view, member), view.now),
    }
}

/// Whether an answer at the view's instant that shows the batch changes something.
pub(crate) fn awaits_poll(view: &View<'_>, member: Member) -> bool {
    // Until a client changes it, its path is the population's, which counts none.
    if matches!(member, Member::Synthetic(_)) && !view.projection.changes.contains_key(&member) {
        return false;
    }
    path_run(view, member).path.counts_polls() && status(view, member).awaits_poll
}

/// The path that a batch takes unless a client commits it.
fn path_run<'v>(view: &View<'v>, member: Member) -> PathRun<'v, AsyncJobState> {
    let View { plan, projection, .. } = *view;
    let batch = Batch::new(view, member);
    let polls = projection.jobs.polls(member);
    if let Some(revision) = projection.revision(member) {
        let written = match batch {
            Batch::Created(_, batch) => {
                created_path(&plan.created_paths, batch.place + revision.times)
            }
            Batch::Generated(_) | Batch::Fixed(..) => None,
        };
        return PathRun {
            path: written.map_or(plan.path_after_validation(revision.is_valid), AsRef::as_ref),
            index: created_index(revision.number),
            from: revision.at,
            polls: polls.skip(revision.polls),
        };
    }
    let (path, index) = match batch {
        Batch::Generated(index) => {
            let outcome = plan.jobs.sampler.attribute(OUTCOME, plan.jobs.sampler.row(index));
            (plan.jobs.lifecycle.path(outcome), index)
        }
        Batch::Fixed(place, record) => (&record.value.path, fixed_index(place)),
        Batch::Created(number, batch) => {
            let written = created_path(&plan.created_paths, batch.place);
            let path = written.map_or(plan.path_after_validation(batch.is_valid), AsRef::as_ref);
            (path, created_index(number))
        }
    };
    PathRun { path, index, from: batch.born(view), polls }
}

/// The batch of that id, if there is one.
pub(crate) fn find(view: &View<'_>, id: &str) -> Option<Member> {
    let View { plan, projection, now } = *view;
    let mut records = plan.jobs.fixed.iter();
    let fixed = records.position(|record| record.born <= now && record.value.async_job_id == id);
    fixed.map(Member::Fixed).or_else(|| {
        let index = plan.ids.uuid_index(id)?;
        plan.jobs.member(index, &projection.jobs, now)
    })
}
