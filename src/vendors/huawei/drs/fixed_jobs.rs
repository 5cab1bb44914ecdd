//! The `[[drs.job]]` tables of a scenario file: fixed batches, and the jobs they create.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::async_job::{FixedAsyncJob, INSTANCE, Owner};
use super::async_job_state::AsyncJobState;
use super::ids::job_id;
use super::instances::{Instance, linked};
use super::scenario::{DrsPlan, STREAM, USERS};
use super::transfer::{FixedTransfer, MAX_JOBS, TransferFields, drawn_path};
use super::transfer_state::{TRANSFER, TransferState, suits, task_type};
use crate::scenario::Base;
use crate::scenario::prescribed_path::PathReader;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::value::Moment;
use crate::world::draw::{Stream, draw, hash_bytes};
use crate::world::lifecycle::LifecyclePath;
use crate::world::names::account;
use crate::world::population::{FixedRecord, MAX_INDEX, fixed_index};
use crate::world::stable_choice::StableChoice;
use crate::world::time::Timestamp;

/// One fixed job; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FixedJobTable {
    /// Default: a UUID.
    #[schemars(length(min = 1, max = 128))]
    pub(crate) async_job_id: Option<String>,
    /// Default: COMMIT_SUCCESS. It keeps the status until a client changes it.
    pub(crate) status: Option<Status>,
    /// Instead of status: its states in order, like ["ASYNC_JOB_VALIDATING 20s",
    /// "AUTO_PARAM_VALIDATE_SUCCESS 2 looks", "COMMIT_SUCCESS"]. A state lasts as long as for
    /// generated jobs, or for a time, or for a number of answers that show the job; the last one
    /// lasts for ever.
    pub(crate) path: Option<Vec<String>>,
    /// Default: a tenant that has the user, or any.
    #[schemars(length(min = 1, max = 128))]
    pub(crate) domain_name: Option<String>,
    /// Default: one of the tenant's users.
    #[schemars(length(min = 1, max = 128))]
    pub(crate) user_name: Option<String>,
    /// Default: the start of the clock.
    pub(crate) create_time: Option<Moment>,
    /// The jobs that it consists of, which its commit creates. Default: a generated one.
    #[schemars(length(max = 16))]
    pub(crate) jobs: Vec<FixedTransferTable>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
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
    fn state(self) -> AsyncJobState {
        match self {
            Self::AsyncJobValidating => AsyncJobState::Validating,
            Self::AsyncJobValidateFailed => AsyncJobState::ValidateFailed,
            Self::AutoParamValidateSuccess | Self::AsyncJobCreating => AsyncJobState::Waiting,
            Self::CommitSuccess | Self::AsyncJobCompleted => AsyncJobState::Committed,
            Self::AsyncJobCreateFailed => AsyncJobState::CreateFailed,
        }
    }

    fn is_legacy(self) -> bool {
        matches!(
            self,
            Self::AsyncJobCreating | Self::AsyncJobCompleted | Self::AsyncJobCreateFailed
        )
    }
}

/// One fixed job of ListJobs; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FixedTransferTable {
    #[schemars(length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub(crate) name: Option<String>,
    #[schemars(length(max = 256))]
    pub(crate) description: Option<String>,
    /// From the commit on. Default: by the weights of transfers.
    pub(crate) status: Option<String>,
    /// Instead of status: its states from the commit on, in order, like ["CREATING 3m",
    /// "CONFIGURATION 1 look", "STARTJOBING", "FULL_TRANSFER_STARTED"].
    pub(crate) path: Option<Vec<String>>,
    #[schemars(length(min = 1, max = 64))]
    pub(crate) job_type: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub(crate) engine_type: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub(crate) job_direction: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub(crate) task_type: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub(crate) net_type: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub(crate) charging_mode: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    pub(crate) enterprise_project_id: Option<String>,
    /// The instance id of the database in the cloud.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) instance_id: Option<String>,
    /// For the database outside the cloud.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) instance_ip: Option<String>,
}

/// Converts tables to records, and reports their problems.
pub(crate) struct FixedJobs<'a> {
    /// Without any fixed records yet.
    plan: &'a DrsPlan,
    base: &'a Base,
    paths: &'a PathReader<'a, AsyncJobState>,
    transfer_paths: &'a PathReader<'a, TransferState>,
    problems: &'a mut Vec<Problem>,
    owners: Owners<'a>,
    used_async_job_ids: HashSet<String>,
    used_ids: HashSet<String>,
    /// In lower case.
    used_names: HashSet<String>,
}

/// The users of a plan, found without a look at all of them.
struct Owners<'a> {
    all: StableChoice<&'a Owner>,
    by_domain: HashMap<&'a str, StableChoice<&'a Owner>>,
    by_user: HashMap<&'a str, StableChoice<&'a Owner>>,
    by_both: HashMap<(&'a str, &'a str), &'a Owner>,
}

impl<'a> Owners<'a> {
    fn new(owners: &'a [Owner]) -> Self {
        let identified = |owner: &'a Owner| {
            let names = format!("{}/{}", owner.domain_name, owner.user_name);
            (hash_bytes(names.as_bytes()), owner)
        };
        let by = |name: fn(&Owner) -> &str| {
            let mut groups: HashMap<&str, Vec<&Owner>> = HashMap::new();
            for owner in owners {
                groups.entry(name(owner)).or_default().push(owner);
            }
            let choices = groups
                .into_iter()
                .map(|(name, group)| (name, StableChoice::new(group.into_iter().map(identified))));
            choices.collect()
        };
        Self {
            all: StableChoice::new(owners.iter().map(identified)),
            by_domain: by(|owner| &owner.domain_name),
            by_user: by(|owner| &owner.user_name),
            by_both: owners
                .iter()
                .map(|owner| ((&*owner.domain_name, &*owner.user_name), owner))
                .collect(),
        }
    }

    /// One of those that have the names that are given.
    fn pick(&self, domain: Option<&str>, user: Option<&str>, draw: u64) -> Option<&'a Owner> {
        match (domain, user) {
            (None, None) => self.all.pick(draw),
            (Some(domain), None) => self.by_domain.get(domain)?.pick(draw),
            (None, Some(user)) => self.by_user.get(user)?.pick(draw),
            (Some(domain), Some(user)) => self.by_both.get(&(domain, user)).copied(),
        }
    }
}

const ROWS: Stream = Stream::named("drs.job.exact");

impl<'a> FixedJobs<'a> {
    pub(crate) fn new(
        plan: &'a DrsPlan,
        base: &'a Base,
        paths: &'a PathReader<'a, AsyncJobState>,
        transfer_paths: &'a PathReader<'a, TransferState>,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        Self {
            plan,
            base,
            paths,
            transfer_paths,
            problems,
            owners: Owners::new(&plan.owners),
            used_async_job_ids: HashSet::new(),
            used_ids: HashSet::new(),
            used_names: HashSet::new(),
        }
    }

    /// The records, in the order of the tables.
    pub(crate) fn records(
        mut self,
        tables: &[FixedJobTable],
        at: &DocumentPath,
    ) -> Vec<FixedRecord<FixedAsyncJob>> {
        let tables = tables.iter().enumerate();
        tables.map(|(place, table)| self.batch(table, place, &at.clone().index(place))).collect()
    }

    fn batch(
        &mut self,
        table: &FixedJobTable,
        place: usize,
        at: &DocumentPath,
    ) -> FixedRecord<FixedAsyncJob> {
        self.check(table, at);
        let index = fixed_index(place);
        let paths = self.paths;
        let written = table.path.as_ref().and_then(|steps| {
            paths.path(steps, &paths.table.first(), &at.clone().key("path"), self.problems)
        });
        let state = table.status.map_or(AsyncJobState::Committed, Status::state);
        let default = [FixedTransferTable::default()];
        let transfers = if table.jobs.is_empty() { &default[..] } else { &table.jobs };
        let transfers = transfers.iter().enumerate().map(|(nth, table)| {
            self.transfer(table, place, nth, &at.clone().key("jobs").index(nth))
        });
        let jobs = transfers.collect();
        let ids = &self.plan.ids;
        let value = FixedAsyncJob {
            async_job_id: table.async_job_id.clone().unwrap_or_else(|| ids.uuid(index)),
            path: written.unwrap_or_else(|| LifecyclePath::fixed(state)),
            owner: table.owner(self.plan, &self.owners, self.base, index),
            jobs,
        };
        let start = self.base.start;
        let born = table.create_time.map_or(start, |time| Timestamp::from_millis(time.0));
        FixedRecord { born, value }
    }

    fn check(&mut self, table: &FixedJobTable, at: &DocumentPath) {
        if let Some(id) = &table.async_job_id {
            let index = self.plan.ids.uuid_index(id);
            let other = if index.is_some_and(|index| index < MAX_INDEX) {
                Some("a generated job")
            } else {
                (!self.used_async_job_ids.insert(id.clone())).then_some("another fixed job")
            };
            if let Some(other) = other {
                let text = format!("{id} is the id of {other}");
                self.problems.push(
                    Problem::value(at.clone().key("async_job_id"), text)
                        .hint("change a digit, or leave it out"),
                );
            }
        }
        if table.status.is_some_and(Status::is_legacy) && !self.plan.quirks.legacy_statuses {
            self.problems.push(
                Problem::value(at.clone().key("status"), "jobs had this status before SDK 3.1.44")
                    .hint("drs.quirks.legacy_statuses = true has the older statuses"),
            );
        }
        self.check_path_is_alone(table.status.is_some() && table.path.is_some(), at);
    }

    fn check_path_is_alone(&mut self, has_both: bool, at: &DocumentPath) {
        if has_both {
            let text = "status says what path says already";
            self.problems.push(Problem::key(at.clone().key("status"), text));
        }
    }

    /// The `nth` job of the batch.
    fn transfer(
        &mut self,
        table: &FixedTransferTable,
        place: usize,
        nth: usize,
        at: &DocumentPath,
    ) -> FixedTransfer {
        let plan = self.plan;
        let index = fixed_index(place * MAX_JOBS + nth);
        let row = plan.jobs.drawn_row(ROWS, index);
        let sampled = TransferFields::sampled(plan, row);
        let or = |written: &Option<String>, default: &str| {
            written.clone().unwrap_or_else(|| default.to_owned())
        };
        let kind = table.task_type.as_deref();
        let drawn =
            drawn_path(plan, index, |path| kind.is_none_or(|kind| suits(path, kind, false)));
        let written = self.written_path(table, at);
        let default_kind = match written {
            Some(_) => sampled.task_type,
            None => task_type(&TRANSFER.paths[drawn]),
        };
        let instance = table.instance(plan.instance(plan.jobs.sampler.attribute(INSTANCE, row)));
        let number = 1_000 + place * MAX_JOBS + nth;
        let transfer = FixedTransfer {
            id: table.id.clone().unwrap_or_else(|| job_id(&plan.job_ids, fixed_index(place), nth)),
            path: written.unwrap_or_else(|| plan.transfer_lifecycle.path(drawn).clone()),
            name: table.name.clone().unwrap_or_else(|| format!("DRS-{number}")),
            description: or(&table.description, ""),
            job_type: or(&table.job_type, instance.link.job_type),
            engine_type: or(&table.engine_type, instance.link.engine_type),
            job_direction: or(&table.job_direction, instance.link.job_direction),
            task_type: or(&table.task_type, default_kind),
            net_type: or(&table.net_type, sampled.net_type),
            charging_mode: or(&table.charging_mode, sampled.charging_mode),
            enterprise_project_id: or(&table.enterprise_project_id, sampled.enterprise_project_id),
            instance,
        };
        for (key, text, is_new) in [
            ("id", &transfer.id, self.used_ids.insert(transfer.id.clone())),
            ("name", &transfer.name, self.used_names.insert(transfer.name.to_ascii_lowercase())),
        ] {
            if !is_new {
                let text = format!("{text} is the {key} of another fixed job");
                self.problems.push(Problem::value(at.clone().key(key), text));
            }
        }
        transfer
    }

    /// The path that `path` or `status` prescribes.
    fn written_path(
        &mut self,
        table: &FixedTransferTable,
        at: &DocumentPath,
    ) -> Option<LifecyclePath<TransferState>> {
        self.check_path_is_alone(table.status.is_some() && table.path.is_some(), at);
        if let Some(steps) = &table.path {
            let place = at.clone().key("path");
            return self.transfer_paths.path(steps, &TRANSFER.first(), &place, self.problems);
        }
        let status = table.status.as_ref()?;
        let state = TRANSFER.named(status);
        if state.is_none() {
            let text = format!("there is no state {status:?}");
            let hint = "syncmock states drs lists them";
            self.problems.push(Problem::value(at.clone().key("status"), text).hint(hint));
        }
        state.map(LifecyclePath::fixed)
    }
}

impl FixedJobTable {
    /// Given values are kept; the others come from a matching owner. A tenant that is not known
    /// elsewhere gets a user of its own; a user who is not gets a tenant that is.
    fn owner(&self, plan: &DrsPlan, owners: &Owners<'_>, base: &Base, index: u64) -> Owner {
        let draw = draw(base.seed, STREAM.of(4), index);
        let (domain, user) = (self.domain_name.as_deref(), self.user_name.as_deref());
        let found = owners.pick(domain, user, draw).cloned();
        let found = found.unwrap_or_else(|| {
            let any = owners.pick(None, None, draw).unwrap_or(&plan.default_owner);
            Owner { user_name: account(base.seed, USERS, index), ..any.clone() }
        });
        Owner {
            domain_name: self.domain_name.clone().unwrap_or(found.domain_name),
            user_name: self.user_name.clone().unwrap_or(found.user_name),
        }
    }
}

impl FixedTransferTable {
    /// Given values are kept; the others come from a sampled one.
    fn instance(&self, sampled: &Instance) -> Instance {
        let named = [&self.job_type, &self.engine_type, &self.job_direction];
        let [job_type, engine_type, direction] = named.map(|name| name.as_deref());
        let names_link = named.iter().any(|name| name.is_some());
        let link = linked(job_type, engine_type, direction).filter(|_| names_link);
        Instance {
            link: link.unwrap_or(sampled.link),
            id: self.instance_id.clone().unwrap_or_else(|| sampled.id.clone()),
            ip: self.instance_ip.clone().unwrap_or_else(|| sampled.ip.clone()),
            ..sampled.clone()
        }
    }
}
