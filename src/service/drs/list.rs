//! ListAsyncJobs.
//!
//! Filters are exact (inferred) and combine. An offset counts records from 0; at the end or
//! past it the list is empty, which is how Terraform's provider knows that it has them all.

use serde::Serialize;

use super::job::{Job, LEGACY_STATUSES, OWNER, Owner, STATUSES, find, job};
use super::scenario::{Plan, UnknownProject};
use crate::gateway::{Admitted, hint_for_project};
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Thing};
use crate::world::lifecycle::State;
use crate::world::population::{Member, Traces};
use crate::world::selection::{Filter, Selection};
use crate::world::time::Timestamp;

/// Keys in the order of the vendor's sample.
#[derive(Serialize)]
struct Answer<'p> {
    jobs: Vec<Job<'p>>,
    total_count: u64,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let plan = &call.plan().drs;
    let project = call.arguments().text("project_id").unwrap_or_default();
    let known = project == plan.project_id;
    if !known && plan.quirks.unknown_project == UnknownProject::Refuse {
        return Err(Refusal::unknown(Thing::Project, project)
            .hint(hint_for_project(project, &plan.project_id)));
    }
    let question = Question::parse(call.arguments(), plan)?;
    let (total_count, jobs) =
        if known { question.answer(plan, call.now()) } else { (0, Vec::new()) };
    call.render(&Answer { jobs, total_count })
}

struct Question<'a> {
    id: Option<&'a str>,
    status: Option<State>,
    domain_name: Option<&'a str>,
    user_name: Option<&'a str>,
    offset: u64,
    limit: u64,
    ascending: bool,
}

/// The only documented one.
const SORT_KEYS: &[&str] = &["create_time"];
const SORT_DIRECTIONS: &[&str] = &["desc", "asc"];
/// Inferred: the vendor's page gives no default, its sample request asks for as many.
const USUAL_LIMIT: i64 = 10;

impl<'a> Question<'a> {
    /// In the order of the vendor's page; the first slip is the one that is refused.
    fn parse(arguments: &'a Arguments, plan: &Plan) -> Result<Self, Refusal> {
        let status = status(arguments, plan)?;
        let offset = arguments.whole("offset", 0..=i64::MAX)?.map_or(0, i64::unsigned_abs);
        // Inferred, as is the most there can be: a page of nothing is a slip.
        let most = i64::try_from(plan.quirks.max_limit).unwrap_or(i64::MAX);
        let limit = arguments.whole("limit", 1..=most)?;
        arguments.one_of("sort_key", SORT_KEYS)?;
        let direction = arguments.one_of("sort_dir", SORT_DIRECTIONS)?;
        Ok(Self {
            id: arguments.text("async_job_id"),
            status,
            domain_name: arguments.text("domain_name"),
            user_name: arguments.text("user_name"),
            offset,
            limit: limit.unwrap_or(USUAL_LIMIT.min(most)).unsigned_abs(),
            ascending: direction == Some("asc"),
        })
    }

    /// How many jobs there are, and those of the page.
    fn answer<'p>(&self, plan: &'p Plan, now: Timestamp) -> (u64, Vec<Job<'p>>) {
        match self.id {
            Some(id) => {
                let status = self.status.map(|state| plan.status(state));
                let found: Vec<Job<'p>> = find(plan, id, now)
                    .filter(|job| status.is_none_or(|status| status == job.status))
                    .filter(|job| self.is_of(job.domain_name, job.user_name))
                    .collect();
                let total = found.len() as u64;
                let page = self.page(total);
                let jobs = (0..).zip(found).filter(|(place, _)| page.contains(place));
                (total, jobs.map(|(_, job)| job).collect())
            }
            None => self.select(plan, now),
        }
    }

    fn select<'p>(&self, plan: &'p Plan, now: Timestamp) -> (u64, Vec<Job<'p>>) {
        let wants = |owner: &Owner| self.is_of(&owner.domain_name, &owner.user_name);
        let wanted: Vec<bool> = plan.owners.iter().map(wants).collect();
        let card = |card: usize| wanted.get(plan.jobs.deck.choice(OWNER, card)) == Some(&true);
        let single = |member: Member| match member {
            Member::Pinned(place) => plan.jobs.pins.get(place).is_some_and(|pin| {
                let exact = &pin.value;
                wants(&exact.owner) && self.status.is_none_or(|state| state == exact.state)
            }),
            _ => false,
        };
        let anybody = self.domain_name.is_none() && self.user_name.is_none();
        let filter = Filter {
            card: if anybody { None } else { Some(&card) },
            state: self.status,
            from: None,
            until: None,
            single: &single,
        };
        let selection = Selection::new(&plan.jobs, &Traces::default(), &filter, now);
        let total = selection.total();
        let jobs = self
            .page(total)
            .filter_map(|place| match self.ascending {
                true => selection.nth_oldest(place),
                false => selection.nth_newest(place),
            })
            .filter_map(|member| job(plan, member, now))
            .collect();
        (total, jobs)
    }

    fn page(&self, total: u64) -> std::ops::Range<u64> {
        self.offset..self.offset.saturating_add(self.limit).min(total)
    }

    fn is_of(&self, domain_name: &str, user_name: &str) -> bool {
        self.domain_name.is_none_or(|wanted| wanted == domain_name)
            && self.user_name.is_none_or(|wanted| wanted == user_name)
    }
}

fn status(arguments: &Arguments, plan: &Plan) -> Result<Option<State>, Refusal> {
    let sent = arguments.one_of("status", plan.statuses).map_err(|refusal| {
        let legacy = plan.quirks.legacy_statuses;
        let other = if legacy { STATUSES } else { LEGACY_STATUSES };
        match arguments.text("status") {
            Some(status) if other.contains(&status) => refusal.hint(format!(
                "{status} is of the other set: drs.quirks.legacy_statuses of this scenario is \
                 {legacy}"
            )),
            _ => refusal,
        }
    })?;
    Ok(sent.and_then(|sent| plan.statuses.iter().position(|status| *status == sent)))
}
