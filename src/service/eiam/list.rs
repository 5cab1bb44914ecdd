//! ListSynchronizationJobs.
//!
//! Two ways to page. With `MaxResults` or `NextToken` the answer carries a token for the
//! next page, and none on the last; `PageNumber` and `PageSize` are then ignored (vendor's
//! page). Otherwise pages are numbered from 1. Newest jobs come first (inferred).

use serde::Serialize;

use super::change::looked;
use super::job::{Job, Pinned, TARGET, job};
use super::parameters::{Numbered, instance, known, list, size};
use super::quirks::Quirks;
use super::state::JOB;
use super::walk::Walk;
use super::{View, listed, render, view_as_of};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::Refusal;
use crate::world::draw::hash_bytes;
use crate::world::lifecycle::State;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    synchronization_jobs: Vec<Job>,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let instance_id = instance(call)?;
    let plan = &call.plan().eiam;
    let question = Question::parse(call.arguments(), instance_id, &plan.quirks)?;
    known(call, instance_id)?;
    match question.page {
        Page::Numbered(page) => {
            let as_of = listed(call);
            let view = view_as_of(&as_of);
            let selection = question.selection(&view);
            let total = selection.total();
            let page = page.page(&plan.quirks, total)?;
            let rows = page.rows(total).filter_map(|row| selection.nth_newest(row));
            let claimed = page.claims(plan.quirks.total, total);
            answer(call, &view, rows.collect(), claimed, None, None)
        }
        Page::After { token, limit } => {
            let walk = Walk::go_on(call, token, limit, question.fingerprint())?;
            let as_of = walk.as_of(call);
            let view = view_as_of(&as_of);
            let selection = question.selection(&view);
            let total = selection.total();
            // A job that the clock was turned back behind the birth of: nothing is older.
            let older = |last| {
                let born = view.plan.jobs.born(last, &view.changes.jobs);
                born.map_or(0, |born| selection.older_than(last, born))
            };
            let page = walk.page(walk.after.map_or(0, |last| total - older(last)));
            let rows: Vec<Member> =
                page.rows(total).filter_map(|row| selection.nth_newest(row)).collect();
            let next = walk.next(page, rows.len(), total, |row| selection.nth_newest(row));
            let claimed = page.claims(plan.quirks.total, total);
            answer(call, &view, rows, claimed, next, walk.repeatable())
        }
    }
}

/// `repeatable` is the token that was sent, where that may be the next one, too.
fn answer(
    call: &Admitted<'_>,
    view: &View<'_>,
    members: Vec<Member>,
    total_count: Option<u64>,
    next_token: Option<String>,
    repeatable: Option<&str>,
) -> Result<Granted, Refusal> {
    let shown = members.into_iter().filter_map(|member| Some((member, job(view, member)?)));
    let shown: Vec<(Member, Job)> = shown.collect();
    let jobs = shown.iter().map(|(member, job)| (*member, job));
    let look = looked(&super::view(call), jobs, repeatable);
    let again = repeatable.filter(|token| !call.changes().eiam.repeated.contains(*token));
    let answer = Answer {
        request_id: call.exchange().alibaba_id(),
        total_count,
        next_token: again.map(str::to_owned).or(next_token),
        synchronization_jobs: shown.into_iter().map(|(_, job)| job).collect(),
    };
    Ok(render(call, "SynchronizationJobs", &answer)?.changing(look))
}

struct Question<'a> {
    instance_id: &'a str,
    page: Page<'a>,
    target_type: Option<&'a str>,
    target_ids: Vec<&'a str>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    direction: Option<&'a str>,
    status: Option<&'a str>,
}

enum Page<'a> {
    After { token: Option<&'a str>, limit: u64 },
    Numbered(Numbered),
}

/// Values of older metadata are taken, too; no job has them.
const TARGET_TYPES: &[&str] = &["identity_provider", "application", "organizational_unit", "user"];
const DIRECTIONS: &[&str] = &["ingress", "egress"];
const STATUSES: &[&str] =
    &["pending", "running", "failed", "partial_success", "success", "suspending"];

impl<'a> Question<'a> {
    fn parse(
        arguments: &'a Arguments,
        instance_id: &'a str,
        quirks: &Quirks,
    ) -> Result<Self, Refusal> {
        let by_token =
            ["MaxResults", "NextToken"].iter().any(|name| arguments.sent(name).is_some());
        let page = if by_token {
            Page::After {
                token: arguments.text("NextToken"),
                limit: size(arguments, "MaxResults", quirks)?,
            }
        } else {
            Page::Numbered(Numbered::parse(arguments, quirks)?)
        };
        let instant = |name| {
            let millis = arguments.whole(name, i64::MIN..=i64::MAX)?;
            Ok::<_, Refusal>(millis.map(Timestamp::from_millis))
        };
        Ok(Self {
            instance_id,
            page,
            target_type: arguments.one_of("TargetType", TARGET_TYPES)?,
            target_ids: list(arguments, "TargetIds"),
            from: instant("StartTime")?,
            until: instant("EndTime")?,
            direction: arguments.one_of("Direction", DIRECTIONS)?,
            status: arguments.one_of("Status", STATUSES)?,
        })
    }

    fn selection<'v>(&self, view: &View<'v>) -> Selection<'v, Pinned> {
        let View { plan, changes, now } = *view;
        let state: Option<State> =
            self.status.map(|status| JOB.named(status).unwrap_or(usize::MAX));
        let wanted: Vec<bool> = plan
            .targets
            .iter()
            .map(|t| self.lets_through(t.kind().wire(), &t.id, t.direction.wire()))
            .collect();
        let card = |card: usize| wanted.get(plan.jobs.deck.choice(TARGET, card)) == Some(&true);
        let single = |member: Member| {
            job(view, member).is_some_and(|job| {
                self.lets_through(job.target_type, &job.target_id, job.direction)
                    && self.status.is_none_or(|status| status == job.status)
            })
        };
        let any_target = wanted.iter().all(|wanted| *wanted);
        let filter = Filter {
            card: if any_target { None } else { Some(&card) },
            state,
            from: self.from,
            until: self.until,
            single: &single,
        };
        Selection::new(&plan.jobs, &changes.jobs, &filter, now)
    }

    fn lets_through(&self, target_type: &str, target_id: &str, direction: &str) -> bool {
        self.target_type.is_none_or(|wanted| wanted == target_type)
            && (self.target_ids.is_empty() || self.target_ids.contains(&target_id))
            && self.direction.is_none_or(|wanted| wanted == direction)
    }

    /// What a token is bound to: everything that says which rows there are, in one number.
    fn fingerprint(&self) -> u64 {
        let mut ids = self.target_ids.clone();
        ids.sort_unstable();
        let text = format!(
            "{:?}",
            (
                self.instance_id,
                self.target_type,
                ids,
                self.from,
                self.until,
                self.direction,
                self.status
            )
        );
        hash_bytes(text.as_bytes())
    }
}
