//! The synchronization job on the wire, and where the figures of a generated one come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::event::{Run, Scope};
use super::scenario::{EiamPlan, EntityCounts};
use super::state::{JOB, JobState};
use super::target::{SyncTarget, TargetType};
use crate::scenario::prescribed_path::created_path;
use crate::world::draw::{Draws, Stream};
use crate::world::ids::{BASE32_HEX, value_of};
use crate::world::lifecycle::{LifecyclePath, LifecycleStatus, PathRun};
use crate::world::population::{Member, created_index, fixed_index};
use crate::world::text::Text;
use crate::world::time::Timestamp;

/// Attributes of the sampler.
pub(crate) const OUTCOME: usize = 0;
pub(crate) const TARGET: usize = 1;
pub(crate) const TRIGGER: usize = 2;

/// The trigger of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trigger {
    Auto,
    Manual,
}

impl Trigger {
    /// In the order of the sampler's attribute.
    const ALL: [Self; 2] = [Self::Auto, Self::Manual];

    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Manual => "manual",
        }
    }
}

/// Assigns rows of the sampler to created and fixed jobs.
pub(crate) const ROWS: Stream = Stream::named("eiam.job").of(4);

/// Field names and their order as on the vendor's page; `Description` is newer than the
/// page (python SDK 3.0.1).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SynchronizationJob {
    pub(crate) synchronization_job_id: String,
    pub(crate) target_type: &'static str,
    pub(crate) target_id: String,
    pub(crate) direction: &'static str,
    /// Unix ms.
    pub(crate) start_time: i64,
    /// Unix ms; absent while the job has not ended (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<i64>,
    pub(crate) trigger_type: &'static str,
    pub(crate) status: &'static str,
    /// Absent while the job has not ended (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result: Option<Box<JobResult>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

/// `Result` on the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct JobResult {
    #[serde(default)]
    pub(crate) user_statistics: Statistics,
    #[serde(default)]
    pub(crate) organizational_unit_statistics: Statistics,
    #[serde(default)]
    pub(crate) group_statistics: Statistics,
    #[serde(default)]
    pub(crate) group_member_statistics: Statistics,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error_code: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Statistics {
    #[serde(default)]
    pub(crate) created: Tally,
    #[serde(default)]
    pub(crate) updated: Tally,
    /// The vendor's spelling.
    #[serde(default)]
    pub(crate) binded: Tally,
    #[serde(default)]
    pub(crate) deleted: Tally,
    #[serde(default)]
    pub(crate) same: Tally,
    #[serde(default)]
    pub(crate) pushed: Tally,
    /// Only users and organizational units have it, only in the list (python SDK 3.0.1);
    /// the page does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exported: Option<Tally>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tally {
    pub(crate) total: u64,
    pub(crate) success: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

/// A job from the scenario file; values that the file leaves out were generated.
#[derive(Clone, Debug)]
pub(crate) struct FixedJob {
    pub(crate) job: SynchronizationJob,
    /// None: it never changes.
    pub(crate) path: Option<LifecyclePath<JobState>>,
    /// The sampler's row.
    pub(crate) row: usize,
}

/// A member of the population as a job on the wire, at the view's instant.
pub(crate) fn synchronization_job(view: &View<'_>, member: Member) -> SynchronizationJob {
    let View { plan, now, .. } = *view;
    let run = match path_run(view, member) {
        Ok(run) => run,
        Err(job) => return job.clone(),
    };
    let PathRun { index, from: born, .. } = run;
    let status = plan.jobs.lifecycle.follow(&run, now);
    match member {
        Member::Fixed(place) => {
            let FixedJob { job, row, .. } = &plan.jobs.fixed[place].value;
            let drawn = synthesize(plan, index, *row, &status, born);
            SynchronizationJob {
                status: drawn.status,
                end_time: drawn.end_time,
                result: drawn.result.map(|drawn| job.result.clone().unwrap_or(drawn)),
                ..job.clone()
            }
        }
        Member::Synthetic(_) => {
            synthesize(plan, index, plan.jobs.sampler.row(index), &status, born)
        }
        Member::Created(number) => {
            let run = created_run(view, number);
            let target = plan.target(run.target);
            let entities = entities(plan.entities, run.scope.as_deref());
            SynchronizationJob {
                // Inferred.
                trigger_type: Trigger::Manual.wire(),
                description: run.description.as_deref().map(str::to_owned),
                ..drawn_job(plan, index, target, entities, &status, born)
            }
        }
    }
}

#[expect(clippy::expect_used, reason = "a run is added to both in one event")]
fn created_run<'v>(view: &View<'v>, number: u64) -> &'v Run {
    view.projection.runs.get(&number).expect("a created job has its run")
}

fn created_job_path<'p>(plan: &'p EiamPlan, run: &Run, number: u64) -> &'p LifecyclePath<JobState> {
    match created_path(&plan.created_paths, run.number) {
        Some(path) => path,
        None => {
            let row = plan.jobs.drawn_row(ROWS, created_index(number));
            plan.jobs.lifecycle.path(plan.jobs.sampler.attribute(OUTCOME, row))
        }
    }
}

/// The member on its path, or the job from the scenario file that never changes.
fn path_run<'v>(
    view: &View<'v>,
    member: Member,
) -> Result<PathRun<'v, JobState>, &'v SynchronizationJob> {
    let jobs = &view.plan.jobs;
    let (path, index, from) = match member {
        Member::Synthetic(index) => {
            let path =
                jobs.lifecycle.path(jobs.sampler.attribute(OUTCOME, jobs.sampler.row(index)));
            (path, index, jobs.arrivals.born(index))
        }
        Member::Fixed(place) => {
            let record = &jobs.fixed[place];
            let path = record.value.path.as_ref().ok_or(&record.value.job)?;
            (path, fixed_index(place), record.born)
        }
        Member::Created(number) => {
            let run = created_run(view, number);
            (created_job_path(view.plan, run, number), created_index(number), run.born)
        }
    };
    Ok(PathRun { path, index, from, polls: view.projection.jobs.polls(member) })
}

/// Whether an answer at the view's instant that shows the member changes something.
pub(crate) fn awaits_poll(view: &View<'_>, member: Member) -> bool {
    // The population's life-cycle counts no answers.
    !matches!(member, Member::Synthetic(_))
        && path_run(view, member)
            .is_ok_and(|run| view.plan.jobs.lifecycle.awaits_poll(&run, view.now))
}

/// The status of a member on the wire, without the rest of it.
pub(crate) fn status_name(view: &View<'_>, member: Member) -> &'static str {
    let state = |run| view.plan.jobs.lifecycle.follow(&run, view.now).state;
    path_run(view, member).map_or_else(|job| job.status, |run| JOB.name(state(run)))
}

/// The type and the id of what a member synchronizes, and in which direction.
pub(crate) fn target<'v>(view: &View<'v>, member: Member) -> (&'static str, &'v str, &'static str) {
    let View { plan, .. } = *view;
    let target = match member {
        Member::Fixed(place) => {
            let job = &plan.jobs.fixed[place].value.job;
            return (job.target_type, &job.target_id, job.direction);
        }
        Member::Synthetic(index) => {
            plan.target(plan.jobs.sampler.attribute(TARGET, plan.jobs.sampler.row(index)))
        }
        Member::Created(number) => plan.target(created_run(view, number).target),
    };
    (target.target_type().wire(), &target.id, target.direction.wire())
}

/// The job of that id, if it exists.
pub(crate) fn find_job(view: &View<'_>, id: &str) -> Option<Member> {
    let View { plan, projection, now } = *view;
    let mut fixed = plan.jobs.fixed.iter();
    let fixed = fixed
        .position(|record| record.born <= now && record.value.job.synchronization_job_id == id);
    fixed.map(Member::Fixed).or_else(|| {
        let code = id.strip_prefix("sync_0000")?.get(9..22)?;
        let index = plan.ids.decode(value_of(code, 32)?);
        let member = plan.jobs.member(index, &projection.jobs, now)?;
        let born = plan.jobs.born(member, &projection.jobs)?;
        (job_id(plan, index, born) == id).then_some(member)
    })
}

/// A job with the attributes of a row of the sampler.
pub(crate) fn synthesize(
    plan: &EiamPlan,
    index: u64,
    row: usize,
    status: &LifecycleStatus<JobState>,
    born: Timestamp,
) -> SynchronizationJob {
    let target = plan.target(plan.jobs.sampler.attribute(TARGET, row));
    let trigger = Trigger::ALL[plan.jobs.sampler.attribute(TRIGGER, row)];
    SynchronizationJob {
        trigger_type: trigger.wire(),
        description: (trigger == Trigger::Manual).then(|| plan.manual_description.clone()),
        ..drawn_job(plan, index, target, plan.entities, status, born)
    }
}

fn drawn_job(
    plan: &EiamPlan,
    index: u64,
    target: &SyncTarget,
    entities: EntityCounts,
    status: &LifecycleStatus<JobState>,
    born: Timestamp,
) -> SynchronizationJob {
    let mut draws = Draws::new(plan.seed, Stream::named("eiam.job.result"), index);
    let kind = target.target_type();
    let ended = status.state.has_ended().then_some(status.since);
    SynchronizationJob {
        synchronization_job_id: job_id(plan, index, born),
        target_type: kind.wire(),
        target_id: target.id.clone(),
        direction: target.direction.wire(),
        start_time: born.millis(),
        end_time: ended.map(Timestamp::millis),
        trigger_type: Trigger::Auto.wire(),
        status: JOB.name(status.state),
        result: ended.map(|_| Box::new(result(plan, entities, status.state, kind, &mut draws))),
        description: None,
    }
}

/// `sync_`, four zeroes, the birth, the encoded index, and a checksum: 38 characters of `0-9a-v`
/// after the prefix, in the order of time (length and alphabet as in the vendor's sample; the
/// order is inferred).
pub(crate) fn job_id(plan: &EiamPlan, index: u64, born: Timestamp) -> String {
    Text::<43>::default()
        .put("sync_0000")
        .spelt(born.millis().max(0) as u64, BASE32_HEX, 9)
        .spelt(plan.ids.encode(index), BASE32_HEX, 13)
        .spelt(plan.ids.check(index) >> 4, BASE32_HEX, 12)
        .to_text()
}

/// The entities within a scope: the users that it names, and those in the units and groups that
/// it names. Each unit and group has an average number of users (inferred).
fn entities(all: EntityCounts, scope: Option<&Scope>) -> EntityCounts {
    let Some(Scope { user_ids, organizational_unit_ids, group_ids }) = scope else { return all };
    let (users, units, groups) =
        (user_ids.len() as u64, organizational_unit_ids.len() as u64, group_ids.len() as u64);
    let within = |of: u64, count: u64| (all.users / of.max(1)).saturating_mul(count);
    let members = within(all.organizational_units, units) + within(all.groups, groups);
    EntityCounts {
        users: (users + members).min(all.users),
        organizational_units: units.min(all.organizational_units),
        groups: groups.min(all.groups),
    }
}

/// One run changes only a small share of the entities: most are the same as before.
fn result(
    plan: &EiamPlan,
    entities: EntityCounts,
    state: JobState,
    target: TargetType,
    draws: &mut Draws,
) -> JobResult {
    let members = entities.users + entities.users / 2;
    let mut result = JobResult {
        user_statistics: statistics(entities.users, target, draws),
        organizational_unit_statistics: statistics(entities.organizational_units, target, draws),
        group_statistics: statistics(entities.groups, target, draws),
        group_member_statistics: statistics(members, target, draws),
        ..JobResult::default()
    };
    result.user_statistics.exported = Some(result.user_statistics.pushed);
    result.organizational_unit_statistics.exported =
        Some(result.organizational_unit_statistics.pushed);
    if state != JobState::Success {
        let tenths = if state == JobState::Failed { 10 } else { 3 };
        fail(&mut result.user_statistics, 1, target, tenths, draws);
        if state == JobState::Failed {
            let units = entities.organizational_units.min(1);
            fail(&mut result.organizational_unit_statistics, units, target, tenths, draws);
        }
        let failure = plan.failure_messages.pick(draws.next());
        result.error_code = Some(failure.code.clone());
        result.error_message = Some(failure.message.clone());
    }
    result
}

fn statistics(entities: u64, target: TargetType, draws: &mut Draws) -> Statistics {
    let few = (entities / 50).max(entities.min(1));
    let mut some = |part: u64| {
        let total = draws.below(few / part + 1);
        let skipped = if total > 0 { draws.below(total / 8 + 1) } else { 0 };
        Tally { total, success: total - skipped, failed: 0, skipped }
    };
    let (created, updated, deleted) = (some(2), some(1), some(4));
    let mut statistics = Statistics { created, updated, deleted, ..Statistics::default() };
    match target {
        TargetType::IdentityProvider => statistics.binded = some(8),
        TargetType::Application => statistics.pushed = some(1),
    }
    let touched = updated.total + deleted.total + statistics.binded.total;
    let same = entities.saturating_sub(touched);
    statistics.same = Tally { total: same, success: same, failed: 0, skipped: 0 };
    statistics
}

/// Makes up to `tenths` of the operations fail, and at least `at_least` of those that create.
fn fail(
    statistics: &mut Statistics,
    at_least: u64,
    target: TargetType,
    tenths: u64,
    draws: &mut Draws,
) {
    let mut fail_some = |tally: &mut Tally, at_least: u64| {
        tally.total = tally.total.max(at_least);
        tally.skipped = tally.skipped.min(tally.total - at_least);
        let doable = tally.total - tally.skipped;
        tally.failed = draws.between(at_least, (doable * tenths / 10).max(at_least));
        tally.success = doable - tally.failed;
    };
    fail_some(&mut statistics.created, at_least);
    fail_some(&mut statistics.updated, 0);
    if target == TargetType::Application {
        fail_some(&mut statistics.pushed, 0);
    }
    if let Some(exported) = &mut statistics.exported {
        *exported = statistics.pushed;
    }
}

/// The index that a member's values are drawn by.
pub(crate) fn draw_index(member: Member) -> u64 {
    match member {
        Member::Synthetic(index) => index,
        Member::Fixed(place) => fixed_index(place),
        Member::Created(number) => created_index(number),
    }
}
