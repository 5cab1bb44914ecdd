//! The batch on the wire, how a synthetic one comes by its values, and where each stands.

use std::borrow::Cow;

use serde::Serialize;

use super::View;
use super::state::COMMITTED;
use super::transfer::ExactTransfer;
use crate::scenario::parts::turn;
use crate::world::lifecycle::{Course, Path, Situation};
use crate::world::population::{Member, created_index, pinned_index};

/// Choices of the deck. All but the first two are of the job that the batch creates.
pub const OUTCOME: usize = 0;
pub const OWNER: usize = 1;
pub const COURSE: usize = 2;
pub const INSTANCE: usize = 3;
pub const NET_TYPE: usize = 4;
pub const CHARGING_MODE: usize = 5;
pub const ENTERPRISE_PROJECT: usize = 6;

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

/// A job with exact values from the scenario file.
#[derive(Clone, Debug)]
pub struct Exact {
    pub async_job_id: String,
    /// Without any stays it is as it is written, for ever.
    pub path: Path,
    pub owner: Owner,
    /// At least one.
    pub jobs: Vec<ExactTransfer>,
}

/// The job that a member of the population is, as it stands at the view's instant.
pub fn job<'v>(view: &View<'v>, member: Member) -> Option<Job<'v>> {
    let View { plan, changes, .. } = *view;
    let owner = match member {
        Member::Pinned(place) => &plan.jobs.pins.get(place)?.value.owner,
        Member::Created(number) => &changes.batches.get(&number)?.owner,
        Member::Synthetic(index) => {
            plan.owner(plan.jobs.deck.choice(OWNER, plan.jobs.deck.card(index)))
        }
    };
    Some(Job {
        async_job_id: id(view, member)?,
        status: plan.machine.name(standing(view, member)?.state),
        domain_name: &owner.domain_name,
        user_name: &owner.user_name,
        create_time: plan.jobs.born(member, &changes.jobs)?.iso_seconds(),
    })
}

pub fn id<'v>(view: &View<'v>, member: Member) -> Option<Cow<'v, str>> {
    let plan = view.plan;
    Some(match member {
        Member::Pinned(place) => (&plan.jobs.pins.get(place)?.value.async_job_id).into(),
        Member::Synthetic(index) => plan.ids.uuid(index).into(),
        Member::Created(number) => plan.ids.uuid(created_index(number)).into(),
    })
}

/// The state that a member is in, and since when.
pub fn standing(view: &View<'_>, member: Member) -> Option<Situation> {
    let committed = view.changes.stories.get(&member).and_then(|story| story.committed);
    if let Some(since) = committed {
        return Some(Situation { state: COMMITTED, since, at_rest: true, progress: 1_000 });
    }
    Some(view.plan.jobs.lifecycle.walk(&course(view, member)?, view.now))
}

/// Whether an answer that shows the member has to be counted.
pub fn counts_looks(view: &View<'_>, member: Member) -> bool {
    // Its path is the population's, as long as nobody did anything to it.
    if matches!(member, Member::Synthetic(_)) && !view.changes.stories.contains_key(&member) {
        return false;
    }
    let counts = course(view, member).is_some_and(|course| course.path.counts_looks());
    counts && standing(view, member).is_some_and(|standing| !standing.at_rest)
}

/// The way that a member goes unless somebody commits it.
fn course<'v>(view: &View<'v>, member: Member) -> Option<Course<'v>> {
    let View { plan, changes, .. } = *view;
    let looks = changes.jobs.looks(member);
    if let Some(revision) = changes.stories.get(&member).and_then(|s| s.revision.as_deref()) {
        let path = match member {
            Member::Created(number) => {
                let place = changes.batches.get(&number)?.place;
                turn(&plan.created_paths, place + revision.times).map(AsRef::as_ref)
            }
            _ => None,
        };
        return Some(Course {
            path: path.unwrap_or(plan.verdict(revision.sound)),
            index: created_index(revision.number),
            from: revision.at,
            looks: looks.get(revision.looks..).unwrap_or_default(),
        });
    }
    Some(match member {
        Member::Pinned(place) => {
            let pin = plan.jobs.pins.get(place)?;
            Course { path: &pin.value.path, index: pinned_index(place), from: pin.born, looks }
        }
        Member::Synthetic(index) => {
            let choice = plan.jobs.deck.choice(OUTCOME, plan.jobs.deck.card(index));
            let path = plan.jobs.lifecycle.paths.get(choice)?;
            Course { path, index, from: plan.jobs.arrivals.born(index), looks }
        }
        Member::Created(number) => {
            let batch = changes.batches.get(&number)?;
            let path = turn(&plan.created_paths, batch.place).map(AsRef::as_ref);
            let path = path.unwrap_or(plan.verdict(batch.sound));
            Course { path, index: created_index(number), from: batch.born, looks }
        }
    })
}

/// The job of that id, if there is one.
pub fn find(view: &View<'_>, id: &str) -> Option<Member> {
    let View { plan, changes, now } = *view;
    let mut pins = plan.jobs.pins.iter();
    let pinned = pins.position(|pin| pin.born <= now && pin.value.async_job_id == id);
    pinned.map(Member::Pinned).or_else(|| {
        let index = plan.ids.uuid_index(id)?;
        plan.jobs.member(index, &changes.jobs, now)
    })
}
