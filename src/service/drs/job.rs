//! The job on the wire, and how a synthetic one comes by its values.

use std::borrow::Cow;

use serde::Serialize;

use super::scenario::Plan;
use crate::world::lifecycle::State;
use crate::world::population::Member;
use crate::world::time::Timestamp;

/// The states, in the order of [`STATUSES`] and [`LEGACY_STATUSES`].
pub const VALIDATING: State = 0;
pub const VALIDATE_FAILED: State = 1;
/// The parameters are right; a person has to commit the job.
pub const WAITING: State = 2;
pub const COMMITTED: State = 3;
/// Of the older set alone; only exact jobs are in it.
pub const CREATE_FAILED: State = 4;

/// Vendor's page; huaweicloudsdkdrs since 3.1.44.
pub const STATUSES: &[&str] = &[
    "ASYNC_JOB_VALIDATING",
    "ASYNC_JOB_VALIDATE_FAILED",
    "AUTO_PARAM_VALIDATE_SUCCESS",
    "COMMIT_SUCCESS",
];
/// huaweicloudsdkdrs before 3.1.44. That a job waiting for its commit was "creating" then is
/// inferred.
pub const LEGACY_STATUSES: &[&str] = &[
    "ASYNC_JOB_VALIDATING",
    "ASYNC_JOB_VALIDATE_FAILED",
    "ASYNC_JOB_CREATING",
    "ASYNC_JOB_COMPLETED",
    "ASYNC_JOB_CREATE_FAILED",
];

/// Choices of the deck.
pub const OUTCOME: usize = 0;
pub const OWNER: usize = 1;

/// Field names and their order as in the vendor's sample; all of them are always there (the
/// go SDK has no optional one).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job<'p> {
    pub async_job_id: Cow<'p, str>,
    pub status: &'static str,
    pub domain_name: &'p str,
    pub user_name: &'p str,
    /// `2022-11-07T06:41:08Z`
    pub create_time: String,
}

/// Who created a job. A user belongs to one tenant, so the two are dealt together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub domain_name: String,
    pub user_name: String,
}

/// A job with exact values from the scenario file; it stays as it is written.
#[derive(Clone, Debug)]
pub struct Exact {
    pub async_job_id: String,
    pub state: State,
    pub owner: Owner,
}

/// The job that a member of the population is, as it stands at `now`.
pub fn job(plan: &Plan, member: Member, now: Timestamp) -> Option<Job<'_>> {
    let (id, state, owner, born) = match member {
        Member::Pinned(place) => {
            let pin = plan.jobs.pins.get(place)?;
            let exact = &pin.value;
            (Cow::from(&exact.async_job_id), exact.state, &exact.owner, pin.born)
        }
        Member::Created(_) => return None,
        Member::Synthetic(index) => (
            plan.ids.uuid(index).into(),
            plan.jobs.situation(index, now).state,
            plan.owner(plan.jobs.deck.choice(OWNER, plan.jobs.deck.card(index))),
            plan.jobs.arrivals.born(index),
        ),
    };
    Some(Job {
        async_job_id: id,
        status: plan.status(state),
        domain_name: &owner.domain_name,
        user_name: &owner.user_name,
        create_time: born.iso_seconds(),
    })
}

/// The jobs that bear an id: one at most, if the scenario's exact ids are distinct.
pub fn find<'p>(plan: &'p Plan, id: &str, now: Timestamp) -> impl Iterator<Item = Job<'p>> {
    let pins = plan.jobs.pins.iter().enumerate();
    let exact = pins
        .filter(move |(_, pin)| pin.born <= now && pin.value.async_job_id == id)
        .map(|(place, _)| Member::Pinned(place));
    let exists = |index: &u64| *index < plan.jobs.arrivals.count_at(now);
    let synthetic = plan.ids.uuid_index(id).filter(exists).map(Member::Synthetic);
    synthetic.into_iter().chain(exact).filter_map(move |member| job(plan, member, now))
}

/// The index that a pinned job's unwritten fields are drawn by.
pub fn pin_index(place: usize) -> u64 {
    (1 << 60) + place as u64
}
