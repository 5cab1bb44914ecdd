//! The `[drs]` part of a scenario file, and the plan it becomes.

use std::collections::HashSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::async_job::{self, FixedAsyncJob, Owner};
use super::async_job_state::{ASYNC_JOB, AsyncJobState, LEGACY_ASYNC_JOB};
use super::fixed_jobs::{FixedJobTable, FixedJobs};
use super::instances::{self, Instance};
use super::names::domain_name;
use super::quirks::Quirks;
use super::transfer::TransferKey;
use super::transfer_state::{TRANSFER, TransferState};
use crate::scenario::Base;
use crate::scenario::paging::Paging;
use crate::scenario::path_weights::PathWeights;
use crate::scenario::population::{ArrivalsTable, check_moving, check_weights, one};
use crate::scenario::prescribed_path::{CreatedTable, PathReader};
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::spread::Spread;
use crate::scenario::value::{Length, Moment};
use crate::world::draw::{Seed, Stream};
use crate::world::ids::IdCodec;
use crate::world::lifecycle::{Lifecycle, LifecyclePath, State};
use crate::world::lifecycle_table::LifecycleTable;
use crate::world::names::account;
use crate::world::population::{FixedRecord, Member, Population};
use crate::world::quantiles::Quantiles;
use crate::world::sampler::StratifiedSampler;

/// Huawei Cloud DRS: the jobs of one project that were created in batches.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DrsSection {
    /// The project that requests must name. Default: the one of the vendor's pages,
    /// 054ba152d480d55b2f5dc0069e7ddef0.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) project_id: Option<String>,
    pub(crate) jobs: JobsTable,
    /// Batches that clients create. Without paths, the validation checks their parameters and
    /// passes if nothing is wrong; only clients commit them. The first path is that of the first
    /// validation; an update goes on with the next one.
    pub(crate) created: CreatedTable,
    pub(crate) transfers: TransfersTable,
    pub(crate) tenants: TenantsTable,
    /// Fixed tenants, before the generated ones.
    pub(crate) tenant: Vec<TenantTable>,
    /// Fixed jobs, among the generated ones.
    pub(crate) job: Vec<FixedJobTable>,
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
}

/// The generated jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct JobsTable {
    /// How many there are at the start.
    pub(crate) count: u64,
    /// One job per this length of time, before the start and after it. Left out: none arrive after
    /// the start.
    pub(crate) every: Option<Length>,
    /// Without `every`: the time before the start in which all of them are created. It is divided
    /// into as many slots as the next power of two, and the last ones have a job each. Default 7d.
    pub(crate) over: Option<Length>,
    /// The instant at which there are `count` of them. Default: the start of the clock.
    pub(crate) start: Option<Moment>,
    /// Weights of the outcomes of jobs.
    pub(crate) outcomes: Option<PathWeights<AsyncJobState>>,
    /// How long the parameters of a job are checked. Default: median 20s, p99 3m.
    pub(crate) validation: Spread,
    /// How long a job with valid parameters waits for its commit. Default: median 10m, p99 2h.
    pub(crate) commit_after: Spread,
}

impl Default for JobsTable {
    fn default() -> Self {
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            validation: Spread::default_dwell(&ASYNC_JOB, AsyncJobState::Validating),
            commit_after: Spread::default_dwell(&ASYNC_JOB, AsyncJobState::Waiting),
        }
    }
}

impl JobsTable {
    /// How long generated batches dwell in a state; None if they do not leave it.
    fn dwell(&self, state: AsyncJobState) -> Option<Quantiles> {
        match state {
            AsyncJobState::Validating => Some(self.validation.quantiles()),
            AsyncJobState::Waiting => Some(self.commit_after.quantiles()),
            AsyncJobState::ValidateFailed
            | AsyncJobState::Committed
            | AsyncJobState::CreateFailed => None,
        }
    }
}

/// The jobs that commits of batches create.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TransfersTable {
    /// Weights of the outcomes of jobs.
    pub(crate) outcomes: Option<PathWeights<TransferState>>,
    /// How long a job is CREATING. Default: median 3m, p99 10m.
    pub(crate) creation: Spread,
    /// How long it is in CONFIGURATION. Default: median 2m, p99 20m.
    pub(crate) configuration: Spread,
    /// How long it is WAITING_FOR_START, if it is to start at an appointed time. Default:
    /// median 1h, p99 12h.
    pub(crate) appointment: Spread,
    /// How long it is STARTJOBING. Default: median 1m, p99 5m.
    pub(crate) start: Spread,
    /// How long it is FULL_TRANSFER_STARTED. Default: median 40m, p99 8h.
    pub(crate) full: Spread,
    /// How long it is INCRE_TRANSFER_STARTED, if that ends. Default: median 12h, p99 3d.
    pub(crate) increment: Spread,
    /// How long it is RELEASE_RESOURCE_STARTED. Default: median 2m, p99 10m.
    pub(crate) release: Spread,
    /// How long it is RELEASE_RESOURCE_COMPLETE, if it is deleted. Default: median 1d, p99 3d.
    pub(crate) deletion: Spread,
    /// How long it is rebuilt, changed, edited or upgraded. Default: median 10m, p99 1h.
    pub(crate) change: Spread,
    /// How many database instances of the cloud the generated jobs share. Default 12.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) instances: u64,
    /// Jobs of batches that clients create. Without paths they take those of generated jobs, as
    /// far as their task_type allows.
    pub(crate) created: CreatedTable,
}

impl Default for TransfersTable {
    fn default() -> Self {
        let dwell = |state| Spread::default_dwell(&TRANSFER, state);
        Self {
            outcomes: None,
            creation: dwell(TransferState::Creating),
            configuration: dwell(TransferState::Configuration),
            appointment: dwell(TransferState::WaitingForStart),
            start: dwell(TransferState::StartJobing),
            full: dwell(TransferState::FullStarted),
            increment: dwell(TransferState::IncreStarted),
            release: dwell(TransferState::ReleaseStarted),
            deletion: dwell(TransferState::ReleaseComplete),
            change: dwell(TransferState::ChangeStarted),
            instances: 12,
            created: CreatedTable::default(),
        }
    }
}

impl TransfersTable {
    fn dwells(&self) -> [(&'static str, Spread); 9] {
        [
            ("creation", self.creation),
            ("configuration", self.configuration),
            ("appointment", self.appointment),
            ("start", self.start),
            ("full", self.full),
            ("increment", self.increment),
            ("release", self.release),
            ("deletion", self.deletion),
            ("change", self.change),
        ]
    }

    /// How long jobs dwell in a state; None if they do not leave it.
    fn dwell(&self, state: TransferState) -> Option<Quantiles> {
        use TransferState::*;
        let spread = match state {
            Creating => self.creation,
            Configuration => self.configuration,
            WaitingForStart => self.appointment,
            StartJobing => self.start,
            FullStarted => self.full,
            IncreStarted => self.increment,
            ReleaseStarted => self.release,
            ReleaseComplete => self.deletion,
            RebuildStarted | ChangeStarted | ChildStarting | ChildStarted | ChildComplete
            | ReleaseChildStarted | ReleaseChildComplete | UpgradeStarted | UpgradeComplete => {
                self.change
            }
            CreateFailed | StartJobFailed | Pausing | FullFailed | FullComplete | IncreFailed
            | ReleaseFailed | RebuildFailed | ChangeFailed | Deleted | ChildFailed
            | UpgradeFailed => return None,
        };
        Some(spread.quantiles())
    }
}

/// Generated tenants of the jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TenantsTable {
    /// How many tenants there are. Default 6.
    #[schemars(range(max = 100))]
    pub(crate) domains: u64,
    /// How many users each of them has. Default 3.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) users: u64,
}

impl Default for TenantsTable {
    fn default() -> Self {
        Self { domains: 6, users: 3 }
    }
}

/// A fixed tenant and its users.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantTable {
    /// Each has one table.
    #[schemars(length(min = 1, max = 128))]
    pub(crate) domain_name: String,
    /// At least one.
    #[schemars(length(min = 1, max = 1000), inner(length(min = 1, max = 128)))]
    pub(crate) users: Vec<String>,
    /// How many of the jobs each of its users has, relative to the users of all tenants; users of
    /// generated tenants have weight 1.
    #[serde(default = "one")]
    #[schemars(range(max = 65536))]
    pub(crate) weight: u64,
}

#[derive(Debug)]
pub(crate) struct DrsPlan {
    pub(crate) seed: Seed,
    pub(crate) project_id: String,
    /// The batches.
    pub(crate) jobs: Population<FixedAsyncJob, AsyncJobState>,
    /// The jobs that batches consist of, by their states. They are in None until the commit, which
    /// is that of the batch, if its outcome is one.
    pub(crate) transfers: Population<TransferKey, Option<TransferState>>,
    /// The same jobs by the states of their batches.
    pub(crate) commits: Population<TransferKey, AsyncJobState>,
    /// The life-cycle of jobs from the commit on.
    pub(crate) transfer_lifecycle: Lifecycle<TransferState>,
    /// The weights of the paths of [`TRANSFER`], in their order.
    pub(crate) transfer_weights: Vec<u64>,
    /// Prescribed paths of batches that clients create; may be empty.
    pub(crate) created_paths: Vec<Arc<LifecyclePath<AsyncJobState>>>,
    /// Prescribed paths of their jobs; may be empty.
    pub(crate) created_transfers: Vec<Arc<LifecyclePath<TransferState>>>,
    failing_validation: LifecyclePath<AsyncJobState>,
    passing_validation: LifecyclePath<AsyncJobState>,
    /// The users of all tenants; may be empty.
    pub(crate) owners: Vec<Owner>,
    /// The owner of batches in a scenario without tenants.
    pub(crate) default_owner: Owner,
    /// At least one.
    instances: Vec<Instance>,
    pub(crate) enterprise_projects: Vec<String>,
    pub(crate) ids: IdCodec,
    pub(crate) job_ids: IdCodec,
    /// The life-cycle of batches, with the state names that the scenario chooses.
    pub(crate) table: &'static LifecycleTable<AsyncJobState>,
    pub(crate) paging: Paging,
    pub(crate) quirks: Quirks,
}

impl DrsPlan {
    /// The alternatives of the sampler's attribute: at least one.
    pub(crate) fn owners_or_default(&self) -> &[Owner] {
        match self.owners.as_slice() {
            [] => std::slice::from_ref(&self.default_owner),
            owners => owners,
        }
    }

    pub(crate) fn owner(&self, alternative: usize) -> &Owner {
        &self.owners_or_default()[alternative]
    }

    pub(crate) fn instance(&self, alternative: usize) -> &Instance {
        &self.instances[alternative]
    }

    /// The path of a batch whose parameters are validated, unless a path is prescribed.
    pub(crate) fn path_after_validation(&self, is_valid: bool) -> &LifecyclePath<AsyncJobState> {
        if is_valid { &self.passing_validation } else { &self.failing_validation }
    }
}

pub(crate) const STREAM: Stream = Stream::named("drs.job");
const TRANSFERS: Stream = Stream::named("drs.transfer");
const DOMAINS: Stream = Stream::named("drs.domain");
pub(crate) const USERS: Stream = Stream::named("drs.user");
/// Each owner has a row of the sampler, and some requests go through all rows.
const MAX_OWNERS: usize = 10_000;

/// Weights of attributes of jobs (inferred), in the order of their names in `schema`; the first
/// enterprise project is the default one.
const NET_TYPES: [u64; 3] = [5, 3, 2];
const CHARGING_MODES: [u64; 2] = [9, 1];
const ENTERPRISE_PROJECTS: [u64; 3] = [7, 2, 1];

impl DrsSection {
    pub(crate) fn plan(
        self,
        base: &Base,
        place: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> DrsPlan {
        self.paging.check(&place, problems);
        self.quirks.check(&place, problems);
        let Self { jobs, transfers, .. } = &self;
        let jobs_place = place.clone().key("jobs");
        let arrivals = ArrivalsTable {
            count: jobs.count,
            every: jobs.every,
            over: jobs.over,
            start: jobs.start,
        };
        let arrivals = arrivals.arrivals(base, STREAM, &jobs_place, problems);
        jobs.validation.check(jobs_place.clone().key("validation"), problems);
        jobs.commit_after.check(jobs_place.clone().key("commit_after"), problems);
        let outcomes = PathWeights::or_default(jobs.outcomes.as_ref());
        check_weights(&outcomes, jobs_place.key("outcomes"), problems);

        let transfers_place = place.clone().key("transfers");
        for (key, spread) in transfers.dwells() {
            spread.check(transfers_place.clone().key(key), problems);
        }
        let transfer_weights = PathWeights::or_default(transfers.outcomes.as_ref());
        check_weights(&transfer_weights, transfers_place.clone().key("outcomes"), problems);

        let (owners, owner_weights): (Vec<Owner>, Vec<u64>) =
            self.owners(base, &place, problems).into_iter().unzip();
        check_weights(&owner_weights, place.clone().key("tenant"), problems);
        if owners.is_empty() && jobs.count > 0 {
            problems.push(
                Problem::value(place.clone().key("tenants"), "there are jobs, but no tenants")
                    .hint("give domains a number above 0"),
            );
        }
        let instances = instances::generated(base.seed, transfers.instances);
        // In the order of the attributes in `async_job`.
        let attributes = [
            outcomes,
            owner_weights,
            transfer_weights.clone(),
            instances.iter().map(|instance| instance.link.weight).collect(),
            NET_TYPES.into(),
            CHARGING_MODES.into(),
            ENTERPRISE_PROJECTS.into(),
        ];
        let sampler = StratifiedSampler::new(base.seed, STREAM.of(1), &attributes);

        let table = if self.quirks.legacy_statuses { &LEGACY_ASYNC_JOB } else { &ASYNC_JOB };
        let dwell = |state| jobs.dwell(state);
        let paths = PathReader { table, default_dwell: &dwell };
        let transfer_dwell = |state| transfers.dwell(state);
        let transfer_paths = PathReader { table: &TRANSFER, default_dwell: &transfer_dwell };
        let created_paths = self.created.paths(&paths, &table.first(), &place, problems);
        let created_transfers =
            transfers.created.paths(&transfer_paths, &TRANSFER.first(), &transfers_place, problems);
        let lifecycle = Lifecycle::new(base.seed, STREAM.of(2), paths.generated());
        let transfer_lifecycle =
            Lifecycle::new(base.seed, TRANSFERS.of(0), transfer_paths.generated());
        // The first dwells are those of the batch, and drawn like them.
        let (validation, commit_after) =
            (jobs.validation.quantiles(), jobs.commit_after.quantiles());
        let from_birth = |path: &LifecyclePath<TransferState>| {
            let uncommitted =
                [&validation, &commit_after].map(|dwell| (None, dwell.clone().into()));
            let committed = path.dwells.iter().map(|(state, dwell)| (Some(*state), dwell.clone()));
            LifecyclePath {
                dwells: uncommitted.into_iter().chain(committed).collect(),
                terminal: Some(path.terminal),
            }
        };
        let lifecycle_from_birth = Lifecycle::new(
            lifecycle.seed,
            lifecycle.stream,
            transfer_lifecycle.paths.iter().map(from_birth).collect(),
        );
        let validated = |terminal| LifecyclePath {
            dwells: vec![(AsyncJobState::Validating, validation.clone().into())],
            terminal,
        };
        let projects = IdCodec::new(base.seed, STREAM.of(6));
        let mut plan = DrsPlan {
            seed: base.seed,
            project_id: self
                .project_id
                .clone()
                .unwrap_or_else(|| "054ba152d480d55b2f5dc0069e7ddef0".to_owned()),
            commits: Population::new(
                arrivals.clone(),
                sampler.clone(),
                async_job::OUTCOME,
                lifecycle.clone(),
                vec![],
            ),
            transfers: Population::new(
                arrivals.clone(),
                sampler.clone(),
                async_job::PATH,
                lifecycle_from_birth,
                vec![],
            ),
            jobs: Population::new(arrivals, sampler, async_job::OUTCOME, lifecycle, vec![]),
            transfer_lifecycle,
            transfer_weights,
            created_paths,
            created_transfers,
            failing_validation: validated(AsyncJobState::ValidateFailed),
            passing_validation: validated(AsyncJobState::Waiting),
            owners,
            default_owner: Owner {
                domain_name: domain_name(base.seed, DOMAINS, 0),
                user_name: account(base.seed, USERS, 0),
            },
            instances,
            enterprise_projects: vec!["0".to_owned(), projects.uuid(0), projects.uuid(1)],
            ids: IdCodec::new(base.seed, STREAM.of(3)),
            job_ids: IdCodec::new(base.seed, STREAM.of(5)),
            table,
            paging: self.paging,
            quirks: self.quirks,
        };
        let records = FixedJobs::new(&plan, base, &paths, &transfer_paths, problems)
            .records(&self.job, &place.clone().key("job"));
        plan.jobs = with_fixed(plan.jobs, records);
        let keys = transfer_records(&plan.jobs.fixed);
        plan.commits = with_fixed(plan.commits, keys.clone());
        plan.transfers = with_fixed(plan.transfers, keys);
        check_moving(&plan.transfers, &place.key("jobs"), problems);
        plan
    }

    /// The users of all tenants, with their weights.
    fn owners(
        &self,
        base: &Base,
        place: &DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> Vec<(Owner, u64)> {
        let mut owners = Vec::new();
        let mut domains = HashSet::new();
        for (i, table) in self.tenant.iter().enumerate() {
            let place = place.clone().key("tenant").index(i);
            if !domains.insert(table.domain_name.clone()) {
                let text = format!("{} has its table already", table.domain_name);
                problems.push(
                    Problem::value(place.clone().key("domain_name"), text)
                        .hint("write all of its users in one table"),
                );
            }
            let mut users = HashSet::new();
            for (j, user) in table.users.iter().enumerate() {
                if !users.insert(user) {
                    let text = format!("{user} is in the list already");
                    problems.push(Problem::value(place.clone().key("users").index(j), text));
                }
                owners.push((owner(&table.domain_name, user), table.weight));
            }
        }
        for i in 0..self.tenants.domains {
            let name = |n| domain_name(base.seed, DOMAINS.of(n), i);
            let domain_name = unused(&mut domains, name);
            let mut users = HashSet::new();
            for j in 0..self.tenants.users {
                let name = |n| account(base.seed, USERS.of(i).of(n), j);
                owners.push((owner(&domain_name, &unused(&mut users, name)), 1));
            }
        }
        if owners.len() > MAX_OWNERS {
            let text = format!("there are {} users in all tenants", owners.len());
            problems.push(
                Problem::value(place.clone().key("tenant"), text)
                    .hint(format!("there may be {MAX_OWNERS} at most")),
            );
            owners.truncate(MAX_OWNERS);
        }
        owners
    }
}

/// The population with these fixed records.
fn with_fixed<T, S: State>(
    population: Population<T, S>,
    records: Vec<FixedRecord<T>>,
) -> Population<T, S> {
    let Population { arrivals, sampler, path_attribute, lifecycle, .. } = population;
    Population::new(arrivals, sampler, path_attribute, lifecycle, records)
}

/// The jobs of fixed batches, newest first, as scenario files are written.
fn transfer_records(batches: &[FixedRecord<FixedAsyncJob>]) -> Vec<FixedRecord<TransferKey>> {
    let batches = batches.iter().enumerate().rev();
    let transfers = batches.flat_map(|(place, batch)| {
        let member = Member::Fixed(place);
        let keys = (0..batch.value.jobs.len()).map(move |nth| TransferKey { member, nth });
        keys.map(|value| FixedRecord { born: batch.born, value })
    });
    transfers.collect()
}

fn owner(domain_name: &str, user_name: &str) -> Owner {
    Owner { domain_name: domain_name.to_owned(), user_name: user_name.to_owned() }
}

/// The first name that is not taken yet.
fn unused(taken: &mut HashSet<String>, name: impl Fn(u64) -> String) -> String {
    let drawn = (0..100).map(&name).find(|name| !taken.contains(name));
    let name = drawn.unwrap_or_else(|| format!("{}_{}", name(0), taken.len()));
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Options, Plan};
    use crate::vendors::huawei::drs::Drs;
    use crate::vendors::load;
    use crate::world::quantiles::Quantiles;
    use crate::world::time::Timestamp;

    fn outcome(section: &str) -> Result<Box<Plan>, Vec<Problem>> {
        let text = format!("version = 1\n{section}");
        let now = Timestamp::from_millis(1_772_445_600_000);
        load("test", &text, &Options::default(), now).expect("options").outcome
    }

    /// (place, message)
    fn problems(section: &str) -> Vec<(String, String)> {
        let problems = outcome(section).err().unwrap_or_default();
        problems.into_iter().map(|p| (p.place.to_string(), p.message)).collect()
    }

    fn owners(section: &str) -> Vec<(String, String)> {
        let plan = outcome(section).expect("no problems");
        plan.of::<Drs>()
            .owners
            .iter()
            .map(|o| (o.domain_name.clone(), o.user_name.clone()))
            .collect()
    }

    #[test]
    fn tenants_and_users_have_the_requested_number_and_are_distinct() {
        let owners = owners("[drs.tenants]\ndomains = 100\nusers = 100");
        let domains: HashSet<&String> = owners.iter().map(|(domain, _)| domain).collect();
        let distinct: HashSet<&(String, String)> = owners.iter().collect();
        assert_eq!((owners.len(), domains.len(), distinct.len()), (10_000, 100, 10_000));
    }

    #[test]
    fn fixed_tenants_precede_generated_ones_and_have_their_given_weights() {
        let section = r#"
            [drs.jobs]
            count = 1024
            [drs.tenants]
            domains = 1
            users = 1
            [[drs.tenant]]
            domain_name = "a"
            users = ["x", "y"]
            weight = 3
            [[drs.tenant]]
            domain_name = "b"
            users = ["x"]
        "#;
        let plan = outcome(section).expect("no problems");
        let plan = plan.of::<Drs>();
        let names: Vec<(&str, &str)> =
            plan.owners.iter().map(|o| (&*o.domain_name, &*o.user_name)).collect();
        assert_eq!(names[..3], [("a", "x"), ("a", "y"), ("b", "x")]);
        assert_eq!(names.len(), 4);
        let mut counts = [0; 4];
        for index in 0..1_024 {
            counts[plan.jobs.sampler.attribute(async_job::OWNER, plan.jobs.sampler.row(index))] +=
                1;
        }
        assert_eq!(counts, [384, 384, 128, 128]);
    }

    #[test]
    fn omitted_values_of_a_fixed_job_agree_with_the_given_ones() {
        let section = r#"
            [drs.tenants]
            domains = 3
            [[drs.tenant]]
            domain_name = "a"
            users = ["x", "y"]
            [[drs.job]]
            domain_name = "a"
            [[drs.job]]
            user_name = "y"
            [[drs.job]]
            domain_name = "unknown"
            [[drs.job]]
            user_name = "unknown"
            [[drs.job]]
        "#;
        let plan = outcome(section).expect("no problems");
        let plan = plan.of::<Drs>();
        // Born together, they are kept last written first.
        let mut jobs: Vec<&FixedAsyncJob> =
            plan.jobs.fixed.iter().map(|record| &record.value).collect();
        jobs.reverse();
        let is_known = |owner: &Owner| plan.owners.contains(owner);
        assert!(jobs[0].owner.domain_name == "a" && is_known(&jobs[0].owner));
        assert_eq!(jobs[1].owner, owner("a", "y"));
        assert!(plan.owners.iter().all(|o| o.user_name != jobs[2].owner.user_name));
        assert!(plan.owners.iter().any(|o| o.domain_name == jobs[3].owner.domain_name));
        assert!(is_known(&jobs[4].owner));
        let ids: HashSet<&String> = jobs.iter().map(|exact| &exact.async_job_id).collect();
        assert_eq!(ids.len(), 5);
        assert!(jobs.iter().all(|exact| exact.path.terminal == AsyncJobState::Committed));
    }

    #[test]
    fn an_impossible_setting_is_reported_at_its_path() {
        let generated = outcome("").expect("no problems").of::<Drs>().ids.uuid(5);
        let section = format!(
            r#"
            [drs.jobs]
            count = 1
            outcomes = {{ others = 0 }}
            commit_after = {{ median = "2h", p99 = "1h" }}
            [drs.tenants]
            domains = 0
            [[drs.job]]
            async_job_id = "{generated}"
            [[drs.job]]
            async_job_id = "x"
            status = "ASYNC_JOB_COMPLETED"
            [[drs.job]]
            async_job_id = "x"
            "#
        );
        let expected = [
            ("drs.jobs.commit_after.p99", "p99 (1h) is below the median (2h)".to_owned()),
            ("drs.jobs.outcomes", "all weights are 0".to_owned()),
            ("drs.tenants", "there are jobs, but no tenants".to_owned()),
            ("drs.job[0].async_job_id", format!("{generated} is the id of a generated job")),
            ("drs.job[1].status", "jobs had this status before SDK 3.1.44".to_owned()),
            ("drs.job[2].async_job_id", "x is the id of another fixed job".to_owned()),
        ];
        assert_eq!(problems(&section), expected.map(|(place, text)| (place.to_owned(), text)));

        let twice = r#"
            [[drs.tenant]]
            domain_name = "a"
            users = ["x", "x"]
            [[drs.tenant]]
            domain_name = "a"
            users = ["y"]
        "#;
        assert_eq!(
            problems(twice),
            [
                ("drs.tenant[0].users[1]".into(), "x is in the list already".into()),
                ("drs.tenant[1].domain_name".into(), "a has its table already".into()),
            ]
        );
    }

    #[test]
    fn every_path_of_a_job_has_its_weight_and_every_dwell_its_length() {
        for (place, path) in TRANSFER.paths.iter().enumerate() {
            let section = format!("[drs.transfers]\noutcomes = {{ {} = 7, others = 0 }}", path.key);
            let plan = outcome(&section).expect("no problems");
            let mut expected = vec![0; TRANSFER.paths.len()];
            expected[place] = 7;
            assert_eq!(plan.of::<Drs>().transfer_weights, expected, "{}", path.key);
        }
        let default = TransfersTable::default();
        for row in TRANSFER.states {
            let expected = row.dwell.map(|dwell| Quantiles::log_normal(dwell.median, dwell.p99));
            assert_eq!(default.dwell(row.state), expected, "{}", row.name);
        }
        let paths = |section: &str| {
            let plan = outcome(section).expect("no problems");
            plan.of::<Drs>().transfer_lifecycle.paths.clone()
        };
        let (bent, straight) = (paths("[drs.transfers]\nfull = \"7s\""), paths(""));
        assert!(bent.iter().zip(&straight).any(|(bent, path)| bent.dwells != path.dwells));
    }

    #[test]
    fn every_key_of_a_dwell_is_a_key_of_the_file() {
        let keys: Vec<String> = TransfersTable::default()
            .dwells()
            .map(|(key, _)| format!("transfers.{key}"))
            .into_iter()
            .chain(["jobs.validation".to_owned(), "jobs.commit_after".to_owned()])
            .collect();
        let transfers = TRANSFER.states.iter().filter_map(|row| row.dwell);
        let batches = LEGACY_ASYNC_JOB.states.iter().filter_map(|row| row.dwell);
        for dwell in transfers.chain(batches) {
            assert!(keys.iter().any(|key| key == dwell.key), "{}", dwell.key);
        }
    }

    #[test]
    fn omitted_values_of_a_fixed_job_of_a_batch_agree_with_the_given_ones() {
        let section = r#"
            [[drs.job]]
            [[drs.job.jobs]]
            id = "c7debc9c-8e09-4a5d-8dd6-cc44f78jb20r"
            engine_type = "oracle-to-gaussdbv5"
            instance_ip = "10.154.217.239"
            [[drs.job.jobs]]
            job_type = "migration"
            task_type = "FULL_TRANS"
            [[drs.job.jobs]]
            path = ["CREATING 1s", "CONFIGURATION 2 looks", "STARTJOBING"]
        "#;
        let plan = outcome(section).expect("no problems");
        let plan = plan.of::<Drs>();
        let jobs = &plan.jobs.fixed[0].value.jobs;
        assert_eq!((&*jobs[0].job_type, &*jobs[0].instance.ip), ("sync", "10.154.217.239"));
        assert_eq!(jobs[1].engine_type, "redis-to-gaussredis");
        assert!(jobs[1].path.dwells.iter().all(|(state, _)| *state != TransferState::IncreStarted));
        assert_eq!(
            (jobs[2].path.terminal, jobs[2].path.counts_polls()),
            (TransferState::StartJobing, true)
        );
        let names: HashSet<&String> = jobs.iter().map(|job| &job.name).collect();
        let ids: HashSet<&String> = jobs.iter().map(|job| &job.id).collect();
        assert_eq!((names.len(), ids.len()), (3, 3));
    }

    #[test]
    fn impossible_paths_are_reported_at_their_position() {
        let section = r#"
            [drs.created]
            paths = [["ASYNC_JOB_VALIDATING", "COMMIT_SUCCESS"]]
            [drs.transfers]
            full = { median = "2h", p99 = "1h" }
            outcomes = { others = 0 }
            [drs.transfers.created]
            paths = [["CONFIGURATION"]]
            [[drs.job]]
            status = "COMMIT_SUCCESS"
            path = ["ASYNC_JOB_VALIDATING 1s", "ASYNC_JOB_CREATING"]
            [[drs.job.jobs]]
            name = "One"
            status = "RUNNING"
            [[drs.job.jobs]]
            name = "one"
            path = []
        "#;
        let expected = [
            ("drs.transfers.full.p99", "p99 (1h) is below the median (2h)"),
            ("drs.transfers.outcomes", "all weights are 0"),
            ("drs.created.paths[0][1]", "COMMIT_SUCCESS does not follow ASYNC_JOB_VALIDATING"),
            ("drs.transfers.created.paths[0][0]", "no path begins with CONFIGURATION here"),
            ("drs.job[0].status", "status says what path says already"),
            ("drs.job[0].path[1]", "there is no state \"ASYNC_JOB_CREATING\""),
            ("drs.job[0].jobs[0].status", "there is no state \"RUNNING\""),
            ("drs.job[0].jobs[1].path", "a path has one state at least"),
            ("drs.job[0].jobs[1].name", "one is the name of another fixed job"),
        ];
        let expected = expected.map(|(place, text)| (place.to_owned(), text.to_owned()));
        assert_eq!(problems(section), expected);
    }

    #[test]
    fn switches_without_any_effect_are_reported_at_their_position() {
        let section = r#"
            [drs.paging]
            snapshot_window = "1m"
            [drs.quirks]
            stale_reads = "0s"
            max_limit = 1
            pages = "short"
        "#;
        let expected = [
            ("drs.paging.snapshot_window", "snapshot_window has no effect on a live list"),
            ("drs.quirks.stale_reads", "must be longer than 0s"),
            ("drs.quirks.pages", "this has no effect on pages of one row"),
        ];
        let expected = expected.map(|(place, text)| (place.to_owned(), text.to_owned()));
        assert_eq!(problems(section), expected);
        let window = "[drs.paging]\nconsistency = \"snapshot\"\nsnapshot_window = \"0s\"";
        let longer = ("drs.paging.snapshot_window".into(), "must be longer than 0s".into());
        assert_eq!(problems(window), [longer]);
        for pages in ["lose", "empty_second", "unstable"] {
            let section = format!("[drs.quirks]\nmax_limit = 1\npages = \"{pages}\"");
            assert_eq!(problems(&section), [], "{pages}");
        }
    }

    #[test]
    fn numbers_and_names_have_bounds() {
        for section in [
            "[drs]\nproject_id = \"\"",
            "[drs.jobs]\noutcomes = { waiting = 70_000 }",
            "[drs.tenants]\nusers = 0",
            "[drs.tenants]\ndomains = 101",
            "[[drs.tenant]]\ndomain_name = \"a\"\nusers = []",
            "[[drs.tenant]]\ndomain_name = \"a\"\nusers = [\"\"]",
            "[[drs.job]]\nstatus = \"LOST\"",
            "[[drs.job]]\ncreate_time = 2026-03-02",
            "[drs.quirks]\nmax_limit = 0",
            "[drs.quirks]\nmax_jobs = 17",
            "[drs.transfers]\ninstances = 0",
            "[[drs.job]]\n[[drs.job.jobs]]\nname = \"\"",
            "[drs.quirks]\nbad_request = \"vague\"",
            "[drs]\nproject = \"x\"",
        ] {
            assert!(!problems(section).is_empty(), "{section}");
        }
        let users: Vec<String> = (0..1_000).map(|i| format!("\"u{i}\"")).collect();
        let tenant =
            |i| format!("[[drs.tenant]]\ndomain_name = \"d{i}\"\nusers = [{}]\n", users.join(","));
        let tenants: String = (0..11).map(tenant).collect();
        assert_eq!(problems(&tenants)[0].0, "drs.tenant");
    }
}
