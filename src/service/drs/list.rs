//! ListAsyncJobs.
//!
//! Filters are exact (inferred) and combine.

use serde::Serialize;

use super::change::looked;
use super::job::{Job, OWNER, Owner, find, job, standing};
use super::page::Asked;
use super::scenario::Plan;
use super::state::{LEGACY_STATUSES, STATUSES};
use super::{View, page_of, view_as_of};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::Refusal;
use crate::world::lifecycle::State;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

/// Keys in the order of the vendor's sample.
#[derive(Serialize)]
struct Answer<'p> {
    jobs: Vec<Job<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = page_of(call);
    let view = view_as_of(&as_of);
    let quirks = &view.plan.quirks;
    let known = super::project(call)?;
    let question = Question::parse(call.arguments(), view.plan)?;
    let (total, members) = if known { question.answer(&view) } else { (0, Vec::new()) };
    let total_count = question.asked.claimed(quirks, total)?;
    let jobs = members.iter().filter_map(|&member| job(&view, member)).collect();
    let granted = call.render_as(quirks.spelling(), "jobs", &Answer { jobs, total_count })?;
    Ok(granted.changing(looked(&super::view(call), &members, &[])))
}

struct Question<'a> {
    id: Option<&'a str>,
    status: Option<State>,
    domain_name: Option<&'a str>,
    user_name: Option<&'a str>,
    asked: Asked,
    ascending: bool,
}

/// The only documented one.
const SORT_KEYS: &[&str] = &["create_time"];
pub const SORT_DIRECTIONS: &[&str] = &["desc", "asc"];

impl<'a> Question<'a> {
    /// In the order of the vendor's page; the first slip is the one that is refused.
    fn parse(arguments: &'a Arguments, plan: &Plan) -> Result<Self, Refusal> {
        let status = status(arguments, plan)?;
        let asked = Asked::parse(arguments, &plan.quirks)?;
        arguments.one_of("sort_key", SORT_KEYS)?;
        let direction = arguments.one_of("sort_dir", SORT_DIRECTIONS)?;
        Ok(Self {
            id: arguments.text("async_job_id"),
            status,
            domain_name: arguments.text("domain_name"),
            user_name: arguments.text("user_name"),
            asked,
            ascending: direction == Some("asc"),
        })
    }

    /// How many jobs there are, and those of the page.
    fn answer(&self, view: &View<'_>) -> (u64, Vec<Member>) {
        match self.id {
            Some(id) => {
                let found = find(view, id).filter(|member| self.wants(view, *member));
                let total = u64::from(found.is_some());
                let rows = self.asked.page(&view.plan.quirks, total).rows(total);
                (total, rows.filter_map(|_| found).collect())
            }
            None => self.select(view),
        }
    }

    fn select(&self, view: &View<'_>) -> (u64, Vec<Member>) {
        let View { plan, changes, now } = *view;
        let wants = |owner: &Owner| self.is_of(&owner.domain_name, &owner.user_name);
        let wanted: Vec<bool> = plan.owners.iter().map(wants).collect();
        let card = |card: usize| wanted.get(plan.jobs.deck.choice(OWNER, card)) == Some(&true);
        let single = |member: Member| self.wants(view, member);
        let anybody = self.domain_name.is_none() && self.user_name.is_none();
        let filter = Filter {
            card: if anybody { None } else { Some(&card) },
            state: self.status,
            from: None,
            until: None,
            single: &single,
        };
        let selection = Selection::new(&plan.jobs, &changes.jobs, &filter, now);
        let total = selection.total();
        let rows = self.asked.page(&plan.quirks, total).rows(total);
        let members = rows.filter_map(|place| match self.ascending {
            true => selection.nth_oldest(place),
            false => selection.nth_newest(place),
        });
        (total, members.collect())
    }

    fn wants(&self, view: &View<'_>, member: Member) -> bool {
        let state = standing(view, member).map(|standing| standing.state);
        (self.status.is_none() || self.status == state)
            && job(view, member).is_some_and(|job| self.is_of(job.domain_name, job.user_name))
    }

    fn is_of(&self, domain_name: &str, user_name: &str) -> bool {
        self.domain_name.is_none_or(|wanted| wanted == domain_name)
            && self.user_name.is_none_or(|wanted| wanted == user_name)
    }
}

fn status(arguments: &Arguments, plan: &Plan) -> Result<Option<State>, Refusal> {
    let legacy = plan.quirks.legacy_statuses;
    let (ours, others) =
        if legacy { (LEGACY_STATUSES, STATUSES) } else { (STATUSES, LEGACY_STATUSES) };
    let sent =
        arguments.one_of("status", ours).map_err(|refusal| match arguments.text("status") {
            Some(status) if others.contains(&status) => refusal.hint(format!(
                "{status} is of the other set: drs.quirks.legacy_statuses of this scenario is \
                 {legacy}"
            )),
            _ => refusal,
        })?;
    Ok(sent.and_then(|sent| plan.machine.named(sent)))
}
