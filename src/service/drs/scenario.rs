//! The `[drs]` part of a scenario file, and the plan it becomes.

use std::collections::HashSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::exact::PinnedJob;
use super::instances::{self, Instance};
use super::job::{self, Exact, Owner};
use super::quirks::Quirks;
use super::state::{ASYNC_JOB, LEGACY_ASYNC_JOB, TRANSFER, VALIDATE_FAILED, VALIDATING, WAITING};
use super::transfer::{MOST_JOBS, Place as Transfer, UNCOMMITTED};
use crate::plan::Base;
use crate::scenario::paging::Paging;
use crate::scenario::parts::{Created, Lives, Spread, When, check_weights, one};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::{Length, Moment};
use crate::world::deck::Deck;
use crate::world::draw::{Seed, Stream};
use crate::world::ids::IdCodec;
use crate::world::lifecycle::{Lifecycle, Path, State};
use crate::world::machine::Machine;
use crate::world::names;
use crate::world::population::{Member, Pin, Population};
use crate::world::quantiles::Quantiles;

/// Huawei Cloud DRS: the jobs of one project that were created in batches.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {
    /// The project that requests must name. Default: the one of the vendor's pages,
    /// 054ba152d480d55b2f5dc0069e7ddef0.
    #[schemars(length(min = 1, max = 64))]
    pub project_id: Option<String>,
    pub jobs: Jobs,
    /// Batches that clients create. Without paths, the validation finds what is wrong with
    /// their parameters, and passes if nothing is; nobody but their clients commits them. The
    /// first path is that of the first validation; an update goes on with the next one.
    pub created: Created,
    pub transfers: Transfers,
    pub tenants: Tenants,
    /// Exact tenants, before the generated ones.
    pub tenant: Vec<TenantTable>,
    /// Exact jobs, among the generated ones.
    pub job: Vec<PinnedJob>,
    pub paging: Paging,
    pub quirks: Quirks,
}

/// The generated jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Jobs {
    /// How many there are at the start.
    pub count: u64,
    /// One job each so often: the spacing before the start, and more arrive after it. Left
    /// out: none arrive later.
    pub every: Option<Length>,
    /// Without `every`: how long before the start the first one was. Default 7d.
    pub over: Option<Length>,
    /// The instant that `count` speaks of. Default: the start of the clock.
    pub start: Option<Moment>,
    /// Weights of what becomes of jobs. Default: 10, 15 and 75.
    pub outcomes: Option<Outcomes>,
    /// How long the parameters of a job are checked. Default: median 20s, p99 3m.
    pub validation: Spread,
    /// How long a job whose parameters are right waits for the person who commits it.
    /// Default: median 10m, p99 2h.
    pub commit_after: Spread,
}

/// The jobs that commits of batches create.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Transfers {
    /// Weights of what becomes of them.
    pub outcomes: Option<TransferOutcomes>,
    /// How long a job is CREATING. Default: median 3m, p99 10m.
    pub creation: Spread,
    /// How long it is in CONFIGURATION. Default: median 2m, p99 20m.
    pub configuration: Spread,
    /// How long it is WAITING_FOR_START, if it is to start at an appointed time. Default:
    /// median 1h, p99 12h.
    pub appointment: Spread,
    /// How long it is STARTJOBING. Default: median 1m, p99 5m.
    pub start: Spread,
    /// How long it is FULL_TRANSFER_STARTED. Default: median 40m, p99 8h.
    pub full: Spread,
    /// How long it is INCRE_TRANSFER_STARTED, if that ends. Default: median 12h, p99 3d.
    pub increment: Spread,
    /// How long it is RELEASE_RESOURCE_STARTED. Default: median 2m, p99 10m.
    pub release: Spread,
    /// How long it is RELEASE_RESOURCE_COMPLETE, if it is deleted. Default: median 1d, p99 3d.
    pub deletion: Spread,
    /// How long it is rebuilt, changed, edited or upgraded. Default: median 10m, p99 1h.
    pub change: Spread,
    /// How many database instances of the cloud the generated jobs share. Default 12.
    #[schemars(range(min = 1, max = 1000))]
    pub instances: u64,
    /// Jobs of batches that clients create. Without paths they do as generated ones do, so
    /// far as their task_type lets them.
    pub created: Created,
}

/// Weights. Left out: 0 if any is given, else the usual.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TransferOutcomes {
    /// CREATE_FAILED
    #[schemars(range(max = 65536))]
    pub create_failed: u64,
    /// Stays in CONFIGURATION.
    #[schemars(range(max = 65536))]
    pub configuration: u64,
    /// START_JOB_FAILED
    #[schemars(range(max = 65536))]
    pub start_failed: u64,
    /// A full transfer, and no more.
    #[schemars(range(max = 65536))]
    pub full: u64,
    /// FULL_TRANSFER_FAILED
    #[schemars(range(max = 65536))]
    pub full_failed: u64,
    /// Goes on incrementally for ever.
    #[schemars(range(max = 65536))]
    pub increment: u64,
    /// Incrementally for ever, without a full transfer before.
    #[schemars(range(max = 65536))]
    pub increment_only: u64,
    /// Starts at an appointed time, and goes on incrementally for ever.
    #[schemars(range(max = 65536))]
    pub appointed: u64,
    /// INCRE_TRANSFER_FAILED
    #[schemars(range(max = 65536))]
    pub increment_failed: u64,
    /// Somebody ends it: RELEASE_RESOURCE_COMPLETE.
    #[schemars(range(max = 65536))]
    pub released: u64,
    /// RELEASE_RESOURCE_FAILED
    #[schemars(range(max = 65536))]
    pub release_failed: u64,
    /// Somebody ends it, and deletes it.
    #[schemars(range(max = 65536))]
    pub deleted: u64,
    /// Somebody pauses it.
    #[schemars(range(max = 65536))]
    pub paused: u64,
    /// Its node is rebuilt.
    #[schemars(range(max = 65536))]
    pub rebuilt: u64,
    /// REBUILD_NODE_FAILED
    #[schemars(range(max = 65536))]
    pub rebuild_failed: u64,
    /// Somebody changes it.
    #[schemars(range(max = 65536))]
    pub changed: u64,
    /// CHANGE_JOB_FAILED
    #[schemars(range(max = 65536))]
    pub change_failed: u64,
    /// Somebody edits its objects.
    #[schemars(range(max = 65536))]
    pub edited: u64,
    /// CHILD_TRANSFER_FAILED
    #[schemars(range(max = 65536))]
    pub edit_failed: u64,
    /// Its node is upgraded.
    #[schemars(range(max = 65536))]
    pub upgraded: u64,
    /// NODE_UPGRADE_FAILED
    #[schemars(range(max = 65536))]
    pub upgrade_failed: u64,
}

impl TransferOutcomes {
    /// In the order of the machine's courses.
    fn weights(self) -> Vec<u64> {
        vec![
            self.create_failed,
            self.configuration,
            self.start_failed,
            self.full,
            self.full_failed,
            self.increment,
            self.increment_only,
            self.appointed,
            self.increment_failed,
            self.released,
            self.release_failed,
            self.deleted,
            self.paused,
            self.rebuilt,
            self.rebuild_failed,
            self.changed,
            self.change_failed,
            self.edited,
            self.edit_failed,
            self.upgraded,
            self.upgrade_failed,
        ]
    }
}

impl Default for Transfers {
    fn default() -> Self {
        let usual = |key: &str| {
            let stays = TRANSFER.states.iter().filter_map(|row| row.stay);
            stays
                .filter(|stay| stay.key.strip_prefix("transfers.") == Some(key))
                .map(Spread::from)
                .next()
                .unwrap_or(Spread::Constant(Length(0)))
        };
        Self {
            outcomes: None,
            creation: usual("creation"),
            configuration: usual("configuration"),
            appointment: usual("appointment"),
            start: usual("start"),
            full: usual("full"),
            increment: usual("increment"),
            release: usual("release"),
            deletion: usual("deletion"),
            change: usual("change"),
            instances: 12,
            created: Created::default(),
        }
    }
}

impl Transfers {
    fn stays(&self) -> [(&'static str, Spread); 9] {
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

    /// How long jobs stay in a state.
    fn usual(&self, state: State) -> Option<Quantiles> {
        let key = TRANSFER.stay(state)?.key.strip_prefix("transfers.")?;
        let stay = self.stays().into_iter().find(|(name, _)| *name == key);
        stay.map(|(_, spread)| spread.quantiles())
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            validation: Spread::usual(&ASYNC_JOB, VALIDATING),
            commit_after: Spread::usual(&ASYNC_JOB, WAITING),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Outcomes {
    /// The check failed.
    #[schemars(range(max = 65536))]
    pub validate_failed: u64,
    /// The check passed, and nobody ever commits the job.
    #[schemars(range(max = 65536))]
    pub waiting: u64,
    /// The check passed, and the job was committed.
    #[schemars(range(max = 65536))]
    pub committed: u64,
}

/// Generated tenants of the jobs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tenants {
    /// How many tenants there are. Default 6.
    #[schemars(range(max = 100))]
    pub domains: u64,
    /// How many users each of them has. Default 3.
    #[schemars(range(min = 1, max = 100))]
    pub users: u64,
}

impl Default for Tenants {
    fn default() -> Self {
        Self { domains: 6, users: 3 }
    }
}

/// An exact tenant and its users.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantTable {
    /// One table for each.
    #[schemars(length(min = 1, max = 128))]
    pub domain_name: String,
    /// At least one.
    #[schemars(length(min = 1, max = 1000), inner(length(min = 1, max = 128)))]
    pub users: Vec<String>,
    /// How many of the jobs are each of its users', against the users of all tenants; those
    /// of generated tenants weigh 1.
    #[serde(default = "one")]
    #[schemars(range(max = 65536))]
    pub weight: u64,
}

#[derive(Debug)]
pub struct Plan {
    pub seed: Seed,
    pub project_id: String,
    /// The batches.
    pub jobs: Population<Exact>,
    /// The jobs that they consist of, by their states: in [`UNCOMMITTED`] until the commit,
    /// which is that of the batch if its outcome is one.
    pub transfers: Population<Transfer>,
    /// The same jobs by the states of their batches.
    pub commits: Population<Transfer>,
    /// The lives of jobs that went their own way, from the commit on.
    pub courses: Lifecycle,
    pub transfer_weights: Vec<u64>,
    /// Of what clients create; empty: by what is wrong with it, and as generated ones.
    pub created_paths: Vec<Arc<Path>>,
    pub created_transfers: Vec<Arc<Path>>,
    verdicts: [Path; 2],
    pub owners: Vec<Owner>,
    instances: Vec<Instance>,
    pub enterprise_projects: Vec<String>,
    pub ids: IdCodec,
    pub job_ids: IdCodec,
    pub machine: &'static Machine,
    pub paging: Paging,
    pub quirks: Quirks,
    nobody: Owner,
    no_instance: Instance,
}

impl Plan {
    pub fn owner(&self, choice: usize) -> &Owner {
        self.owners.get(choice).unwrap_or(&self.nobody)
    }

    pub fn instance(&self, choice: usize) -> &Instance {
        self.instances.get(choice).unwrap_or(&self.no_instance)
    }

    /// What becomes of parameters by their validation.
    pub fn verdict(&self, sound: bool) -> &Path {
        let [failed, passed] = &self.verdicts;
        if sound { passed } else { failed }
    }
}

pub const STREAM: Stream = Stream::named("drs.job");
const TRANSFERS: Stream = Stream::named("drs.transfer");
const DOMAINS: Stream = Stream::named("drs.domain");
pub const USERS: Stream = Stream::named("drs.user");
/// Every one has a card of the deck, and a deck is looked through card by card.
const MOST_OWNERS: usize = 10_000;

/// Weights of what jobs are dealt (inferred), in the order of their names in `schema`; the
/// first enterprise project is the default one.
const NET_TYPES: [u64; 3] = [5, 3, 2];
const CHARGING_MODES: [u64; 2] = [9, 1];
const ENTERPRISE_PROJECTS: [u64; 3] = [7, 2, 1];

impl Section {
    pub fn plan(self, base: &Base, place: Place, problems: &mut Vec<Problem>) -> Plan {
        self.paging.check(&place, problems);
        self.quirks.check(&place, problems);
        let jobs_place = place.clone().key("jobs");
        let jobs = &self.jobs;
        let when =
            When { count: jobs.count, every: jobs.every, over: jobs.over, start: jobs.start };
        let arrivals = when.arrivals(base, STREAM, &jobs_place, problems);
        jobs.validation.check(jobs_place.clone().key("validation"), problems);
        jobs.commit_after.check(jobs_place.clone().key("commit_after"), problems);
        let machine = if self.quirks.legacy_statuses { &LEGACY_ASYNC_JOB } else { &ASYNC_JOB };
        let outcomes = jobs
            .outcomes
            .map_or(machine.weights(), |o| vec![o.validate_failed, o.waiting, o.committed]);
        check_weights(&outcomes, jobs_place.key("outcomes"), problems);

        let transfers_place = place.clone().key("transfers");
        let transfers = &self.transfers;
        for (key, spread) in transfers.stays() {
            spread.check(transfers_place.clone().key(key), problems);
        }
        let transfer_weights =
            transfers.outcomes.map_or(TRANSFER.weights(), TransferOutcomes::weights);
        check_weights(&transfer_weights, transfers_place.clone().key("outcomes"), problems);

        let (owners, weights): (Vec<Owner>, Vec<u64>) =
            self.all_owners(base, &place, problems).into_iter().unzip();
        check_weights(&weights, place.clone().key("tenant"), problems);
        if owners.is_empty() && jobs.count > 0 {
            problems.push(
                Problem::value(place.clone().key("tenants"), "there are jobs, but no tenants")
                    .hint("give domains a number above 0"),
            );
        }
        let instances = instances::generated(base.seed, transfers.instances);
        let links = instances.iter().map(|instance| instance.link.weight).collect();

        let dealt = [
            outcomes,
            weights,
            transfer_weights.clone(),
            links,
            NET_TYPES.into(),
            CHARGING_MODES.into(),
            ENTERPRISE_PROJECTS.into(),
        ];
        let deck = Deck::new(base.seed, STREAM.of(1), &dealt);
        let usual = |state| match state {
            VALIDATING => Some(jobs.validation.quantiles()),
            WAITING => Some(jobs.commit_after.quantiles()),
            _ => None,
        };
        let lives = Lives { machine, usual: &usual };
        let usual_transfer = |state| transfers.usual(state);
        let transfer_lives = Lives { machine: &TRANSFER, usual: &usual_transfer };
        let created_paths = self.created.paths(&lives, &machine.first(), &place, problems);
        let created_transfers =
            transfers.created.paths(&transfer_lives, &TRANSFER.first(), &transfers_place, problems);
        let lifecycle =
            Lifecycle { seed: base.seed, stream: STREAM.of(2), paths: lives.generated() };
        let courses = Lifecycle {
            seed: base.seed,
            stream: TRANSFERS.of(0),
            paths: transfer_lives.generated(),
        };
        // The first stays are those of the batch, drawn as they are.
        let before = [VALIDATING, WAITING].map(usual).into_iter().flatten();
        let before: Vec<_> = before.map(|stay| (UNCOMMITTED, stay.into())).collect();
        let whole = |path: &Path| Path {
            stays: before.iter().chain(&path.stays).cloned().collect(),
            rest: path.rest,
        };
        let whole =
            Lifecycle { paths: courses.paths.iter().map(whole).collect(), ..lifecycle.clone() };
        let validated =
            |rest| Path { stays: vec![(VALIDATING, jobs.validation.quantiles().into())], rest };
        let empty = |choice, lifecycle| {
            Population::new(arrivals.clone(), deck.clone(), choice, lifecycle, vec![])
        };
        let projects = IdCodec::new(base.seed, STREAM.of(6));
        let mut plan = Plan {
            seed: base.seed,
            project_id: self
                .project_id
                .unwrap_or_else(|| "054ba152d480d55b2f5dc0069e7ddef0".to_owned()),
            commits: empty(job::OUTCOME, lifecycle.clone()),
            transfers: empty(job::COURSE, whole),
            courses,
            transfer_weights,
            created_paths,
            created_transfers,
            verdicts: [validated(VALIDATE_FAILED), validated(WAITING)],
            owners,
            no_instance: instances::instance(base.seed, 0),
            instances,
            enterprise_projects: vec!["0".to_owned(), projects.uuid(0), projects.uuid(1)],
            ids: IdCodec::new(base.seed, STREAM.of(3)),
            job_ids: IdCodec::new(base.seed, STREAM.of(5)),
            machine,
            paging: self.paging,
            quirks: self.quirks,
            nobody: Owner {
                domain_name: names::tenant(base.seed, DOMAINS, 0),
                user_name: names::account(base.seed, USERS, 0),
            },
            jobs: Population::new(arrivals, deck, job::OUTCOME, lifecycle, vec![]),
        };
        let mut taken = super::exact::Taken::default();
        let pins = self.job.iter().enumerate().map(|(i, pin)| {
            let place = place.clone().key("job").index(i);
            let lives = [&lives, &transfer_lives];
            pin.resolve(&plan, lives, base, i, &mut taken, place, problems)
        });
        let pins: Vec<Pin<Exact>> = pins.collect();
        plan.jobs = pinned(plan.jobs, pins);
        // Newest first, as scenario files are written.
        let places = plan.jobs.pins.iter().enumerate().rev();
        let transfers: Vec<Pin<Transfer>> = places
            .flat_map(|(place, pin)| {
                let jobs = 0..pin.value.jobs.len().min(MOST_JOBS);
                let member = Member::Pinned(place);
                jobs.map(move |nth| Pin { born: pin.born, value: Transfer { member, nth } })
            })
            .collect();
        plan.commits = pinned(plan.commits, transfers.clone());
        plan.transfers = pinned(plan.transfers, transfers);
        plan
    }

    /// The users of all tenants, with their weights.
    fn all_owners(
        &self,
        base: &Base,
        place: &Place,
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
            let name = |n| names::tenant(base.seed, DOMAINS.of(n), i);
            let domain_name = fresh(&mut domains, name);
            let mut users = HashSet::new();
            for j in 0..self.tenants.users {
                let name = |n| names::account(base.seed, USERS.of(i).of(n), j);
                owners.push((owner(&domain_name, &fresh(&mut users, name)), 1));
            }
        }
        if owners.len() > MOST_OWNERS {
            let text = format!("there are {} users in all tenants", owners.len());
            problems.push(
                Problem::value(place.clone().key("tenant"), text)
                    .hint(format!("there may be {MOST_OWNERS} at most")),
            );
            owners.truncate(MOST_OWNERS);
        }
        owners
    }
}

fn pinned<T>(population: Population<T>, pins: Vec<Pin<T>>) -> Population<T> {
    let Population { arrivals, deck, path_choice, lifecycle, .. } = population;
    Population::new(arrivals, deck, path_choice, lifecycle, pins)
}

fn owner(domain_name: &str, user_name: &str) -> Owner {
    Owner { domain_name: domain_name.to_owned(), user_name: user_name.to_owned() }
}

/// The first name that is not taken yet.
fn fresh(taken: &mut HashSet<String>, name: impl Fn(u64) -> String) -> String {
    let drawn = (0..100).map(&name).find(|name| !taken.contains(name));
    let name = drawn.unwrap_or_else(|| format!("{}_{}", name(0), taken.len()));
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan;
    use crate::scenario::{Options, load};
    use crate::service::drs::state::COMMITTED;
    use crate::service::drs::state::transfer::{INCRE_STARTED, STARTJOBING};
    use crate::world::time::Timestamp;

    fn outcome(section: &str) -> Result<Box<plan::Plan>, Vec<Problem>> {
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
        plan.drs.owners.iter().map(|o| (o.domain_name.clone(), o.user_name.clone())).collect()
    }

    #[test]
    fn tenants_and_users_are_as_many_as_asked_for_and_distinct() {
        let owners = owners("[drs.tenants]\ndomains = 100\nusers = 100");
        let domains: HashSet<&String> = owners.iter().map(|(domain, _)| domain).collect();
        let distinct: HashSet<&(String, String)> = owners.iter().collect();
        assert_eq!((owners.len(), domains.len(), distinct.len()), (10_000, 100, 10_000));
    }

    #[test]
    fn exact_tenants_come_before_the_generated_ones_and_weigh_what_they_say() {
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
        let plan = outcome(section).expect("no problems").drs;
        let names: Vec<(&str, &str)> =
            plan.owners.iter().map(|o| (&*o.domain_name, &*o.user_name)).collect();
        assert_eq!(names[..3], [("a", "x"), ("a", "y"), ("b", "x")]);
        assert_eq!(names.len(), 4);
        let mut counts = [0; 4];
        for index in 0..1_024 {
            counts[plan.jobs.deck.choice(job::OWNER, plan.jobs.deck.card(index))] += 1;
        }
        assert_eq!(counts, [384, 384, 128, 128]);
    }

    #[test]
    fn what_an_exact_job_leaves_out_agrees_with_what_it_says() {
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
        let plan = outcome(section).expect("no problems").drs;
        // Born together, they are kept last written first.
        let mut jobs: Vec<&Exact> = plan.jobs.pins.iter().map(|pin| &pin.value).collect();
        jobs.reverse();
        let is_known = |owner: &Owner| plan.owners.contains(owner);
        assert!(jobs[0].owner.domain_name == "a" && is_known(&jobs[0].owner));
        assert_eq!(jobs[1].owner, owner("a", "y"));
        assert!(plan.owners.iter().all(|o| o.user_name != jobs[2].owner.user_name));
        assert!(plan.owners.iter().any(|o| o.domain_name == jobs[3].owner.domain_name));
        assert!(is_known(&jobs[4].owner));
        let ids: HashSet<&String> = jobs.iter().map(|exact| &exact.async_job_id).collect();
        assert_eq!(ids.len(), 5);
        assert!(jobs.iter().all(|exact| exact.path.rest == COMMITTED));
    }

    #[test]
    fn what_can_not_be_is_told_where_it_is_written() {
        let generated = outcome("").expect("no problems").drs.ids.uuid(5);
        let section = format!(
            r#"
            [drs.jobs]
            count = 1
            outcomes = {{ waiting = 0 }}
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
            ("drs.job[2].async_job_id", "x is the id of another exact job".to_owned()),
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
    fn every_course_of_a_job_has_its_weight_and_every_stay_its_length() {
        for (place, course) in TRANSFER.courses.iter().enumerate() {
            let section = format!("[drs.transfers]\noutcomes = {{ {} = 7 }}", course.key);
            let weights = outcome(&section).expect("no problems").drs.transfer_weights;
            let mut expected = vec![0; TRANSFER.courses.len()];
            expected[place] = 7;
            assert_eq!(weights, expected, "{}", course.key);
        }
        let usual = Transfers::default();
        for (state, row) in TRANSFER.states.iter().enumerate() {
            assert_eq!(usual.usual(state), row.stay.map(|stay| stay.quantiles()), "{}", row.name);
        }
        let paths = |section: &str| outcome(section).expect("no problems").drs.courses.paths;
        let (bent, straight) = (paths("[drs.transfers]\nfull = \"7s\""), paths(""));
        assert!(bent.iter().zip(&straight).any(|(bent, path)| bent.stays != path.stays));
    }

    #[test]
    fn what_an_exact_job_of_a_batch_leaves_out_agrees_with_what_it_says() {
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
        let plan = outcome(section).expect("no problems").drs;
        let jobs = &plan.jobs.pins[0].value.jobs;
        assert_eq!((&*jobs[0].job_type, &*jobs[0].instance.ip), ("sync", "10.154.217.239"));
        assert_eq!(jobs[1].engine_type, "redis-to-gaussredis");
        assert!(jobs[1].path.stays.iter().all(|(state, _)| *state != INCRE_STARTED));
        assert_eq!((jobs[2].path.rest, jobs[2].path.counts_looks()), (STARTJOBING, true));
        let names: HashSet<&String> = jobs.iter().map(|job| &job.name).collect();
        let ids: HashSet<&String> = jobs.iter().map(|job| &job.id).collect();
        assert_eq!((names.len(), ids.len()), (3, 3));
    }

    #[test]
    fn lives_that_can_not_be_are_told_where_they_are_written() {
        let section = r#"
            [drs.created]
            paths = [["ASYNC_JOB_VALIDATING", "COMMIT_SUCCESS"]]
            [drs.transfers]
            full = { median = "2h", p99 = "1h" }
            outcomes = { full = 0 }
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
            ("drs.job[0].jobs[1].name", "one is the name of another exact job"),
        ];
        let expected = expected.map(|(place, text)| (place.to_owned(), text.to_owned()));
        assert_eq!(problems(section), expected);
    }

    #[test]
    fn switches_without_any_effect_are_told_where_they_are_written() {
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
