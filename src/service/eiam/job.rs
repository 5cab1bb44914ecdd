//! The synchronization job on the wire, and how a synthetic one comes by its figures.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::change::{Run, Scope};
use super::scenario::{EntityCounts, Plan};
use super::state::{self, FAILED, SUCCESS};
use super::target::{Target, TargetType};
use crate::scenario::parts::turn;
use crate::world::draw::{Draws, Stream};
use crate::world::ids::{BASE32_HEX, value_of};
use crate::world::lifecycle::{Course, Path, Situation, State};
use crate::world::population::{Member, created_index, pinned_index};
use crate::world::text::Text;
use crate::world::time::Timestamp;

/// Choices of the deck.
pub const OUTCOME: usize = 0;
pub const TARGET: usize = 1;
pub const TRIGGER: usize = 2;
pub const TRIGGERS: [&str; 2] = ["auto", "manual"];
const MANUAL: &str = TRIGGERS[1];
pub const CARDS: Stream = Stream::named("eiam.job").of(4);

/// Field names and their order as on the vendor's page; `Description` is newer than the
/// page (python SDK 3.0.1).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Job {
    pub synchronization_job_id: String,
    pub target_type: &'static str,
    pub target_id: String,
    pub direction: &'static str,
    /// Unix ms.
    pub start_time: i64,
    /// Unix ms; absent while the job has not ended (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<i64>,
    pub trigger_type: &'static str,
    pub status: &'static str,
    /// Absent while the job has not ended (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Box<Outcome>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `Result` on the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Outcome {
    #[serde(default)]
    pub user_statistics: Statistics,
    #[serde(default)]
    pub organizational_unit_statistics: Statistics,
    #[serde(default)]
    pub group_statistics: Statistics,
    #[serde(default)]
    pub group_member_statistics: Statistics,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Statistics {
    #[serde(default)]
    pub created: Tally,
    #[serde(default)]
    pub updated: Tally,
    /// Spelt so on the wire.
    #[serde(default)]
    pub binded: Tally,
    #[serde(default)]
    pub deleted: Tally,
    #[serde(default)]
    pub same: Tally,
    #[serde(default)]
    pub pushed: Tally,
    /// Only users and organizational units have it, only in the list (python SDK 3.0.1);
    /// the page does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exported: Option<Tally>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tally {
    pub total: u64,
    pub success: u64,
    pub failed: u64,
    pub skipped: u64,
}

/// A job from the scenario file; what it leaves out was generated.
#[derive(Clone, Debug)]
pub struct Pinned {
    pub job: Job,
    /// None: it is and stays as it is written.
    pub path: Option<Path>,
    pub card: usize,
}

/// The job that a member of the population is, as it stands at the view's instant.
pub fn job(view: &View<'_>, member: Member) -> Option<Job> {
    let View { plan, changes, now } = *view;
    let jobs = &plan.jobs;
    match member {
        Member::Pinned(place) => {
            let pin = jobs.pins.get(place)?;
            let Pinned { job, path, card } = &pin.value;
            let Some(path) = path else { return Some(job.clone()) };
            let looks = changes.jobs.looks(member);
            let course = Course { path, index: pinned_index(place), from: pin.born, looks };
            let situation = jobs.lifecycle.walk(&course, now);
            let drawn = synthesize(plan, pinned_index(place), *card, &situation, pin.born);
            Some(Job {
                status: drawn.status,
                end_time: drawn.end_time,
                result: drawn.result.map(|drawn| job.result.clone().unwrap_or(drawn)),
                ..job.clone()
            })
        }
        Member::Synthetic(index) => {
            let situation = jobs.situation(index, now);
            let born = jobs.arrivals.born(index);
            Some(synthesize(plan, index, jobs.deck.card(index), &situation, born))
        }
        Member::Created(number) => {
            let run = changes.runs.get(&number)?;
            let index = created_index(number);
            let card = plan.jobs.drawn_card(CARDS, index);
            let course = Course {
                path: path_of(plan, run, card)?,
                index,
                from: run.born,
                looks: changes.jobs.looks(member),
            };
            let situation = jobs.lifecycle.walk(&course, now);
            let target = plan.target(run.target);
            let entities = entities(plan.entities, run.scope.as_ref());
            let drawn = made_of_draws(plan, index, target, entities, &situation, run.born);
            Some(Job {
                // Inferred.
                trigger_type: MANUAL,
                description: run.description.clone(),
                ..drawn
            })
        }
    }
}

/// Whether answers that show the member have to be counted.
pub fn counts_looks(view: &View<'_>, member: Member) -> bool {
    let path = match member {
        Member::Pinned(place) => {
            view.plan.jobs.pins.get(place).and_then(|pin| pin.value.path.as_ref())
        }
        Member::Synthetic(_) => None,
        Member::Created(number) => view.changes.runs.get(&number).and_then(|run| {
            path_of(view.plan, run, view.plan.jobs.drawn_card(CARDS, created_index(number)))
        }),
    };
    path.is_some_and(Path::counts_looks)
}

fn path_of<'p>(plan: &'p Plan, run: &Run, card: usize) -> Option<&'p Path> {
    let usual = || plan.jobs.lifecycle.paths.get(plan.jobs.deck.choice(OUTCOME, card));
    turn(&plan.created_paths, run.place).map(Arc::as_ref).or_else(usual)
}

/// The job of that id, if there is one.
pub fn find(view: &View<'_>, id: &str) -> Option<Member> {
    let View { plan, changes, now } = *view;
    let pinned = plan
        .jobs
        .pins
        .iter()
        .position(|pin| pin.born <= now && pin.value.job.synchronization_job_id == id);
    pinned.map(Member::Pinned).or_else(|| {
        let code = id.strip_prefix("sync_0000")?.get(9..22)?;
        let index = plan.ids.decode(value_of(code, 32)?);
        let member = plan.jobs.member(index, &changes.jobs, now)?;
        let born = plan.jobs.born(member, &changes.jobs)?;
        (job_id(plan, index, born) == id).then_some(member)
    })
}

/// A job that the deck dealt.
pub fn synthesize(
    plan: &Plan,
    index: u64,
    card: usize,
    situation: &Situation,
    born: Timestamp,
) -> Job {
    let target = plan.target(plan.jobs.deck.choice(TARGET, card));
    let trigger = plan.jobs.deck.choice(TRIGGER, card);
    Job {
        trigger_type: TRIGGERS[trigger.min(1)],
        description: (trigger == 1).then(|| plan.manual_description.clone()),
        ..made_of_draws(plan, index, target, plan.entities, situation, born)
    }
}

fn made_of_draws(
    plan: &Plan,
    index: u64,
    target: &Target,
    entities: EntityCounts,
    situation: &Situation,
    born: Timestamp,
) -> Job {
    let mut draws = Draws::new(plan.seed, Stream::named("eiam.job.result"), index);
    let ended = situation.at_rest.then_some(situation.since);
    Job {
        synchronization_job_id: job_id(plan, index, born),
        target_type: target.kind().wire(),
        target_id: target.id.clone(),
        direction: target.direction.wire(),
        start_time: born.millis(),
        end_time: ended.map(Timestamp::millis),
        trigger_type: TRIGGERS[0],
        status: state::JOB.name(situation.state),
        result: ended
            .map(|_| Box::new(outcome(plan, entities, situation.state, target.kind(), &mut draws))),
        description: None,
    }
}

/// `sync_`, four zeroes, the birth, the index in disguise, and a checksum: 38 characters of
/// `0-9a-v` after the prefix, in the order of time (length and alphabet as in the vendor's
/// sample; the order is inferred).
pub fn job_id(plan: &Plan, index: u64, born: Timestamp) -> String {
    Text::<43>::default()
        .put("sync_0000")
        .spelt(born.millis().max(0) as u64, BASE32_HEX, 9)
        .spelt(plan.ids.encode(index), BASE32_HEX, 13)
        .spelt(plan.ids.check(index) >> 4, BASE32_HEX, 12)
        .to_text()
}

/// What there is to synchronize within a scope: the users it names, and those in the units
/// and groups it names, who are as many as in any (inferred).
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

/// The share of the entities that one run touches is small: most are the same as before.
fn outcome(
    plan: &Plan,
    entities: EntityCounts,
    state: State,
    target: TargetType,
    draws: &mut Draws,
) -> Outcome {
    let members = entities.users + entities.users / 2;
    let mut outcome = Outcome {
        user_statistics: statistics(entities.users, target, draws),
        organizational_unit_statistics: statistics(entities.organizational_units, target, draws),
        group_statistics: statistics(entities.groups, target, draws),
        group_member_statistics: statistics(members, target, draws),
        ..Outcome::default()
    };
    outcome.user_statistics.exported = Some(outcome.user_statistics.pushed);
    outcome.organizational_unit_statistics.exported =
        Some(outcome.organizational_unit_statistics.pushed);
    if state != SUCCESS {
        let spoilt = if state == FAILED { 10 } else { 3 };
        fail(&mut outcome.user_statistics, 1, target, spoilt, draws);
        if state == FAILED {
            let units = entities.organizational_units.min(1);
            fail(&mut outcome.organizational_unit_statistics, units, target, spoilt, draws);
        }
        let cause = plan.causes.pick(draws.next());
        outcome.error_code = Some(cause.code.clone());
        outcome.error_message = Some(cause.message.clone());
    }
    outcome
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

/// Makes up to `tenths` of what was to be done fail, and of what was created `at_least` so
/// many.
fn fail(
    statistics: &mut Statistics,
    at_least: u64,
    target: TargetType,
    tenths: u64,
    draws: &mut Draws,
) {
    let mut spoil = |tally: &mut Tally, at_least: u64| {
        tally.total = tally.total.max(at_least);
        tally.skipped = tally.skipped.min(tally.total - at_least);
        let doable = tally.total - tally.skipped;
        tally.failed = draws.between(at_least, (doable * tenths / 10).max(at_least));
        tally.success = doable - tally.failed;
    };
    spoil(&mut statistics.created, at_least);
    spoil(&mut statistics.updated, 0);
    if target == TargetType::Application {
        spoil(&mut statistics.pushed, 0);
    }
    if let Some(exported) = &mut statistics.exported {
        *exported = statistics.pushed;
    }
}

/// What a member's values are drawn by.
pub fn draw_index(member: Member) -> u64 {
    match member {
        Member::Synthetic(index) => index,
        Member::Pinned(place) => pinned_index(place),
        Member::Created(number) => created_index(number),
    }
}
