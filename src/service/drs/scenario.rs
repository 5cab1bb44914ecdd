//! The `[drs]` part of a scenario file, and the plan it becomes.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::job::{
    self, COMMITTED, CREATE_FAILED, Exact, LEGACY_STATUSES, Owner, STATUSES, VALIDATE_FAILED,
    VALIDATING, WAITING, pin_index,
};
use crate::plan::Base;
use crate::scenario::parts::{Spread, SpreadTable, When, check_weights, one};
use crate::scenario::problem::{Place, Problem};
use crate::scenario::value::{Length, Moment};
use crate::world::deck::Deck;
use crate::world::draw::{Stream, draw, scale};
use crate::world::ids::IdCodec;
use crate::world::lifecycle::{Lifecycle, Path, State};
use crate::world::names;
use crate::world::population::{LARGEST_COUNT, Pin, Population};
use crate::world::time::{HOUR, MINUTE, SECOND, Timestamp};

/// Huawei Cloud DRS: the jobs of one project that were created in batches.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Section {
    /// The project that requests must name. Default: the one of the vendor's pages,
    /// 054ba152d480d55b2f5dc0069e7ddef0.
    #[schemars(length(min = 1, max = 64))]
    pub project_id: Option<String>,
    pub jobs: Jobs,
    pub tenants: Tenants,
    /// Exact tenants, before the generated ones.
    pub tenant: Vec<TenantTable>,
    /// Exact jobs, among the generated ones.
    pub job: Vec<PinnedJob>,
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

impl Default for Jobs {
    fn default() -> Self {
        let spread = |median, p99| {
            Spread::Spread(SpreadTable { median: Length(median), p99: Some(Length(p99)) })
        };
        Self {
            count: 0,
            every: None,
            over: None,
            start: None,
            outcomes: None,
            validation: spread(20 * SECOND, 3 * MINUTE),
            commit_after: spread(10 * MINUTE, 2 * HOUR),
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

/// One exact job, which stays as it is written; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PinnedJob {
    /// Default: a UUID.
    #[schemars(length(min = 1, max = 128))]
    pub async_job_id: Option<String>,
    /// Default: COMMIT_SUCCESS.
    pub status: Option<Status>,
    /// Default: a tenant that has the user, or any.
    #[schemars(length(min = 1, max = 128))]
    pub domain_name: Option<String>,
    /// Default: one of the tenant's users.
    #[schemars(length(min = 1, max = 128))]
    pub user_name: Option<String>,
    /// Default: the start of the clock.
    pub create_time: Option<Moment>,
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

/// Where the vendor's behaviour is not known, or known to vary.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// How bad parameters are refused.
    pub bad_request: BadRequest,
    /// The largest limit that is granted; the vendor documents none. Default 1000.
    #[schemars(range(min = 1, max = 100_000))]
    pub max_limit: u64,
    /// Show and filter by the statuses of SDKs before 3.1.44: ASYNC_JOB_CREATING for
    /// AUTO_PARAM_VALIDATE_SUCCESS, ASYNC_JOB_COMPLETED for COMMIT_SUCCESS.
    pub legacy_statuses: bool,
    /// What a request for another project gets.
    pub unknown_project: UnknownProject,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            bad_request: BadRequest::Specific,
            // Terraform's provider asks for as many.
            max_limit: 1_000,
            legacy_statuses: false,
            unknown_project: UnknownProject::Refuse,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BadRequest {
    /// DRS.M00202, with the name of the parameter.
    #[default]
    Specific,
    /// DRS.10000001 "Failed.", the sample of the vendor's page, whatever is wrong.
    Generic,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownProject {
    /// 403 DRS.M00261.
    #[default]
    Refuse,
    /// A list without jobs.
    Empty,
}

#[derive(Debug)]
pub struct Plan {
    pub project_id: String,
    pub jobs: Population<Exact>,
    pub owners: Vec<Owner>,
    pub ids: IdCodec,
    /// What each state is called.
    pub statuses: &'static [&'static str],
    pub quirks: Quirks,
    nobody: Owner,
}

impl Plan {
    pub fn owner(&self, choice: usize) -> &Owner {
        self.owners.get(choice).unwrap_or(&self.nobody)
    }

    pub fn status(&self, state: State) -> &'static str {
        self.statuses.get(state).or(self.statuses.last()).copied().unwrap_or_default()
    }
}

const STREAM: Stream = Stream::named("drs.job");
const DOMAINS: Stream = Stream::named("drs.domain");
const USERS: Stream = Stream::named("drs.user");
/// Every one has a card of the deck, and a deck is looked through card by card.
const MOST_OWNERS: usize = 10_000;

impl Section {
    pub fn plan(self, base: &Base, place: Place, problems: &mut Vec<Problem>) -> Plan {
        let jobs_place = place.clone().key("jobs");
        let jobs = &self.jobs;
        let when =
            When { count: jobs.count, every: jobs.every, over: jobs.over, start: jobs.start };
        let arrivals = when.arrivals(base, STREAM, &jobs_place, problems);
        jobs.validation.check(jobs_place.clone().key("validation"), problems);
        jobs.commit_after.check(jobs_place.clone().key("commit_after"), problems);

        let outcomes = jobs
            .outcomes
            .map_or(vec![10, 15, 75], |o| vec![o.validate_failed, o.waiting, o.committed]);
        check_weights(&outcomes, jobs_place.key("outcomes"), problems);

        let (owners, weights): (Vec<Owner>, Vec<u64>) =
            self.all_owners(base, &place, problems).into_iter().unzip();
        check_weights(&weights, place.clone().key("tenant"), problems);
        if owners.is_empty() && jobs.count > 0 {
            problems.push(
                Problem::value(place.clone().key("tenants"), "there are jobs, but no tenants")
                    .hint("give domains a number above 0"),
            );
        }

        let deck = Deck::new(base.seed, STREAM.of(1), &[outcomes, weights]);
        let validation = (VALIDATING, jobs.validation.quantiles().into());
        let waiting = (WAITING, jobs.commit_after.quantiles().into());
        let paths = vec![
            Path { stays: vec![validation.clone()], rest: VALIDATE_FAILED },
            Path { stays: vec![validation.clone()], rest: WAITING },
            Path { stays: vec![validation, waiting], rest: COMMITTED },
        ];
        let lifecycle = Lifecycle { seed: base.seed, stream: STREAM.of(2), paths };
        let mut plan = Plan {
            project_id: self
                .project_id
                .unwrap_or_else(|| "054ba152d480d55b2f5dc0069e7ddef0".to_owned()),
            jobs: Population::new(arrivals, deck, job::OUTCOME, lifecycle, vec![]),
            owners,
            ids: IdCodec::new(base.seed, STREAM.of(3)),
            statuses: if self.quirks.legacy_statuses { LEGACY_STATUSES } else { STATUSES },
            quirks: self.quirks,
            nobody: Owner {
                domain_name: names::tenant(base.seed, DOMAINS, 0),
                user_name: names::account(base.seed, USERS, 0),
            },
        };
        let mut ids = HashSet::new();
        let pins = self.job.iter().enumerate().map(|(i, pin)| {
            pin.check(&plan, &mut ids, place.clone().key("job").index(i), problems);
            pin.resolve(&plan, base, i)
        });
        let pins: Vec<Pin<Exact>> = pins.collect();
        let Population { arrivals, deck, path_choice, lifecycle, .. } = plan.jobs;
        plan.jobs = Population::new(arrivals, deck, path_choice, lifecycle, pins);
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

impl PinnedJob {
    fn check(
        &self,
        plan: &Plan,
        ids: &mut HashSet<String>,
        place: Place,
        problems: &mut Vec<Problem>,
    ) {
        if let Some(id) = &self.async_job_id {
            let generated = plan.ids.uuid_index(id).is_some_and(|index| index < LARGEST_COUNT);
            let text = if generated {
                format!("{id} is the id of a generated job")
            } else if !ids.insert(id.clone()) {
                format!("{id} is the id of another exact job")
            } else {
                String::new()
            };
            if !text.is_empty() {
                problems.push(
                    Problem::value(place.clone().key("async_job_id"), text)
                        .hint("change a digit, or leave it out"),
                );
            }
        }
        if self.status.is_some_and(Status::is_legacy) && !plan.quirks.legacy_statuses {
            problems.push(
                Problem::value(place.key("status"), "jobs had this status before SDK 3.1.44")
                    .hint("drs.quirks.legacy_statuses = true has the older statuses"),
            );
        }
    }

    fn resolve(&self, plan: &Plan, base: &Base, place: usize) -> Pin<Exact> {
        let index = pin_index(place);
        let exact = Exact {
            async_job_id: self.async_job_id.clone().unwrap_or_else(|| plan.ids.uuid(index)),
            state: self.status.map_or(COMMITTED, Status::state),
            owner: self.owner(plan, base, index),
        };
        let born = self.create_time.map_or(base.start, |time| Timestamp::from_millis(time.0));
        Pin { born, value: exact }
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
                ..anybody.unwrap_or_else(|| plan.nobody.clone())
            }
        });
        Owner {
            domain_name: self.domain_name.clone().unwrap_or(found.domain_name),
            user_name: self.user_name.clone().unwrap_or(found.user_name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan;
    use crate::scenario::{Options, load};

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
        assert!(jobs.iter().all(|exact| exact.state == COMMITTED));
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
