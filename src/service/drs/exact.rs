//! The `[[drs.job]]` tables of a scenario file: exact batches, and the jobs they create.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ids::job_id;
use super::instances::{Instance, linked};
use super::job::{Exact, Owner};
use super::scenario::{Plan, STREAM, USERS};
use super::state::{
    COMMITTED, CREATE_FAILED, TRANSFER, VALIDATE_FAILED, VALIDATING, WAITING, suits, task_type,
};
use super::transfer::{ExactTransfer, MOST_JOBS, Traits, drawn_course};
use crate::plan::Base;
use crate::scenario::parts::Lives;
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::Moment;
use crate::world::draw::{Stream, draw, scale};
use crate::world::lifecycle::{Path, State};
use crate::world::names;
use crate::world::population::{LARGEST_COUNT, Pin, pinned_index};
use crate::world::time::Timestamp;

/// One exact job; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PinnedJob {
    /// Default: a UUID.
    #[schemars(length(min = 1, max = 128))]
    pub async_job_id: Option<String>,
    /// Default: COMMIT_SUCCESS. It stays as it is until a client changes it.
    pub status: Option<Status>,
    /// Instead of status: what becomes of it, like ["ASYNC_JOB_VALIDATING 20s",
    /// "AUTO_PARAM_VALIDATE_SUCCESS 2 looks", "COMMIT_SUCCESS"]. A state lasts as long as it
    /// usually does, or for a time, or for a number of answers that show the job; the last one
    /// lasts for ever.
    pub path: Option<Vec<String>>,
    /// Default: a tenant that has the user, or any.
    #[schemars(length(min = 1, max = 128))]
    pub domain_name: Option<String>,
    /// Default: one of the tenant's users.
    #[schemars(length(min = 1, max = 128))]
    pub user_name: Option<String>,
    /// Default: the start of the clock.
    pub create_time: Option<Moment>,
    /// The jobs that it consists of, which its commit creates. Default: a generated one.
    #[schemars(length(max = 16))]
    pub jobs: Vec<PinnedTransfer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    AsyncJobValidating,
    AsyncJobValidateFailed,
    AutoParamValidateSuccess,
    CommitSuccess,
    /// With quirks.legacy_statuses.
    AsyncJobCreating,
    /// With quirks.legacy_statuses.
    AsyncJobCompleted,
    /// With quirks.legacy_statuses.
    AsyncJobCreateFailed,
}

impl Status {
    fn state(self) -> State {
        match self {
            Self::AsyncJobValidating => VALIDATING,
            Self::AsyncJobValidateFailed => VALIDATE_FAILED,
            Self::AutoParamValidateSuccess | Self::AsyncJobCreating => WAITING,
            Self::CommitSuccess | Self::AsyncJobCompleted => COMMITTED,
            Self::AsyncJobCreateFailed => CREATE_FAILED,
        }
    }

    fn is_legacy(self) -> bool {
        matches!(
            self,
            Self::AsyncJobCreating | Self::AsyncJobCompleted | Self::AsyncJobCreateFailed
        )
    }
}

/// One exact job of GET /jobs; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PinnedTransfer {
    #[schemars(length(min = 1, max = 64))]
    pub id: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub name: Option<String>,
    #[schemars(length(max = 256))]
    pub description: Option<String>,
    /// From the commit on. Default: by the weights of transfers.
    pub status: Option<String>,
    /// Instead of status: what becomes of it from the commit on, like ["CREATING 3m",
    /// "CONFIGURATION 1 look", "STARTJOBING", "FULL_TRANSFER_STARTED"].
    pub path: Option<Vec<String>>,
    #[schemars(length(min = 1, max = 64))]
    pub job_type: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub engine_type: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub job_direction: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub task_type: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub net_type: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub charging_mode: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub enterprise_project_id: Option<String>,
    /// Of the database in the cloud.
    #[schemars(length(min = 1, max = 64))]
    pub instance_id: Option<String>,
    /// Of the database beyond the cloud.
    #[schemars(length(min = 1, max = 64))]
    pub instance_ip: Option<String>,
}

/// Ids and names that exact jobs have taken.
#[derive(Default)]
pub struct Taken {
    async_job_ids: HashSet<String>,
    ids: HashSet<String>,
    names: HashSet<String>,
}

const CARDS: Stream = Stream::named("drs.job.exact");

impl PinnedJob {
    /// `lives` are those of batches and of jobs.
    #[expect(clippy::too_many_arguments, reason = "they are what all tables are resolved with")]
    pub fn resolve(
        &self,
        plan: &Plan,
        lives: [&Lives<'_>; 2],
        base: &Base,
        place: usize,
        taken: &mut Taken,
        at: Place,
        problems: &mut Vec<Problem>,
    ) -> Pin<Exact> {
        self.check(plan, taken, &at, problems);
        let [lives, transfer_lives] = lives;
        let index = pinned_index(place);
        let path = self.path.as_ref().and_then(|steps| {
            lives.path(steps, &lives.machine.first(), &at.clone().key("path"), problems)
        });
        let fixed = Path { stays: vec![], rest: self.status.map_or(COMMITTED, Status::state) };
        let usual = [PinnedTransfer::default()];
        let tables = if self.jobs.is_empty() { &usual[..] } else { &self.jobs };
        let transfers = tables.iter().enumerate().map(|(nth, table)| {
            let at = at.clone().key("jobs").index(nth);
            table.resolve(plan, transfer_lives, (place, nth), taken, at, problems)
        });
        let exact = Exact {
            async_job_id: self.async_job_id.clone().unwrap_or_else(|| plan.ids.uuid(index)),
            path: path.unwrap_or(fixed),
            jobs: transfers.collect(),
            owner: self.owner(plan, base, index),
        };
        let born = self.create_time.map_or(base.start, |time| Timestamp::from_millis(time.0));
        Pin { born, value: exact }
    }

    fn check(&self, plan: &Plan, taken: &mut Taken, at: &Place, problems: &mut Vec<Problem>) {
        if let Some(id) = &self.async_job_id {
            let generated = plan.ids.uuid_index(id).is_some_and(|index| index < LARGEST_COUNT);
            let text = if generated {
                format!("{id} is the id of a generated job")
            } else if !taken.async_job_ids.insert(id.clone()) {
                format!("{id} is the id of another exact job")
            } else {
                String::new()
            };
            if !text.is_empty() {
                problems.push(
                    Problem::value(at.clone().key("async_job_id"), text)
                        .hint("change a digit, or leave it out"),
                );
            }
        }
        if self.status.is_some_and(Status::is_legacy) && !plan.quirks.legacy_statuses {
            problems.push(
                Problem::value(at.clone().key("status"), "jobs had this status before SDK 3.1.44")
                    .hint("drs.quirks.legacy_statuses = true has the older statuses"),
            );
        }
        said_twice(self.status.is_some() && self.path.is_some(), at, problems);
    }

    /// As it is written, the rest from an owner who agrees with it. A tenant that is not
    /// known elsewhere gets a user of its own; a user who is not, a tenant that is.
    fn owner(&self, plan: &Plan, base: &Base, index: u64) -> Owner {
        let pick = |owners: Vec<&Owner>| {
            let draw = draw(base.seed, STREAM.of(4), index);
            owners.get(scale(draw, owners.len() as u64) as usize).copied().cloned()
        };
        let agrees = |owner: &&Owner| {
            self.domain_name.as_ref().is_none_or(|name| *name == owner.domain_name)
                && self.user_name.as_ref().is_none_or(|name| *name == owner.user_name)
        };
        let found = pick(plan.owners.iter().filter(agrees).collect()).unwrap_or_else(|| {
            let anybody = pick(plan.owners.iter().collect());
            Owner {
                user_name: names::account(base.seed, USERS, index),
                ..anybody.unwrap_or_else(|| plan.owner(usize::MAX).clone())
            }
        });
        Owner {
            domain_name: self.domain_name.clone().unwrap_or(found.domain_name),
            user_name: self.user_name.clone().unwrap_or(found.user_name),
        }
    }
}

fn said_twice(twice: bool, at: &Place, problems: &mut Vec<Problem>) {
    if twice {
        let text = "status says what path says already";
        problems.push(Problem::key(at.clone().key("status"), text));
    }
}

impl PinnedTransfer {
    fn resolve(
        &self,
        plan: &Plan,
        lives: &Lives<'_>,
        (place, nth): (usize, usize),
        taken: &mut Taken,
        at: Place,
        problems: &mut Vec<Problem>,
    ) -> ExactTransfer {
        let index = pinned_index(place * MOST_JOBS + nth);
        let card = plan.jobs.drawn_card(CARDS, index);
        let dealt = Traits::dealt(plan, card);
        let or = |written: &Option<String>, usual: &str| {
            written.clone().unwrap_or_else(|| usual.to_owned())
        };
        let kind = self.task_type.as_deref();
        let course =
            drawn_course(plan, index, |course| kind.is_none_or(|kind| suits(course, kind, false)));
        let path = self.path(lives, &at, problems);
        let usual_kind = if path.is_some() { dealt.task_type } else { task_type(course) };
        let named = [&self.job_type, &self.engine_type, &self.job_direction];
        let [job_type, engine_type, direction] = named.map(|name| name.as_deref());
        let drawn = plan.instance(plan.jobs.deck.choice(super::job::INSTANCE, card)).clone();
        let is_drawn = named.iter().all(|name| name.is_none());
        let link = linked(job_type, engine_type, direction).filter(|_| !is_drawn);
        let instance = Instance {
            link: link.unwrap_or(drawn.link),
            id: or(&self.instance_id, &drawn.id),
            ip: or(&self.instance_ip, &drawn.ip),
            ..drawn
        };
        let number = 1_000 + place * MOST_JOBS + nth;
        let exact = ExactTransfer {
            id: self.id.clone().unwrap_or_else(|| job_id(&plan.job_ids, pinned_index(place), nth)),
            path: path
                .or_else(|| plan.courses.paths.get(course).cloned())
                .unwrap_or(Path { stays: vec![], rest: super::state::transfer::CREATING }),
            name: self.name.clone().unwrap_or_else(|| format!("DRS-{number}")),
            description: or(&self.description, ""),
            job_type: or(&self.job_type, instance.link.job_type),
            engine_type: or(&self.engine_type, instance.link.engine_type),
            job_direction: or(&self.job_direction, instance.link.job_direction),
            task_type: or(&self.task_type, usual_kind),
            net_type: or(&self.net_type, dealt.net_type),
            charging_mode: or(&self.charging_mode, dealt.charging_mode),
            enterprise_project_id: or(&self.enterprise_project_id, dealt.enterprise_project_id),
            instance,
        };
        for (key, text, is_new) in [
            ("id", &exact.id, taken.ids.insert(exact.id.clone())),
            ("name", &exact.name, taken.names.insert(exact.name.to_ascii_lowercase())),
        ] {
            if !is_new {
                let text = format!("{text} is the {key} of another exact job");
                problems.push(Problem::value(at.clone().key(key), text));
            }
        }
        exact
    }

    /// What is written of what becomes of it.
    fn path(&self, lives: &Lives<'_>, at: &Place, problems: &mut Vec<Problem>) -> Option<Path> {
        said_twice(self.status.is_some() && self.path.is_some(), at, problems);
        if let Some(steps) = &self.path {
            return lives.path(steps, &TRANSFER.first(), &at.clone().key("path"), problems);
        }
        let status = self.status.as_ref()?;
        let state = TRANSFER.named(status);
        if state.is_none() {
            let text = format!("there is no state {status:?}");
            let hint = "syncmock states drs lists them";
            problems.push(Problem::value(at.clone().key("status"), text).hint(hint));
        }
        Some(Path { stays: vec![], rest: state? })
    }
}
