//! ListSynchronizationJobs.
//!
//! There are two ways to page. With `MaxResults` or `NextToken` the answer has a token for the
//! next page, and none on the last; `PageNumber` and `PageSize` are then ignored (vendor's
//! page). Otherwise pages are numbered from 1. Newest jobs come first (inferred).

use std::collections::BTreeSet;

use serde::Serialize;

use super::event::polled;
use super::job::{FixedJob, SynchronizationJob, TARGET, status_name, synchronization_job, target};
use super::parameters::{NumberedPage, check_instance, id_list, instance_id, page_size};
use super::quirks::Quirks;
use super::scenario::EiamPlan;
use super::state::{JOB, JobState};
use super::traversal::Traversal;
use super::{EiamCall, EiamResult, View, render};
use crate::fault::RequestedPage;
use crate::wire::Arguments;
use crate::wire::error::ApiError;
use crate::world::draw::hash_bytes;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListSynchronizationJobsResponse {
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    synchronization_jobs: Vec<SynchronizationJob>,
}

pub(crate) fn list_synchronization_jobs(call: &EiamCall<'_>) -> EiamResult {
    let instance_id = instance_id(call)?;
    let quirks = &call.plan().quirks;
    let query =
        ListSynchronizationJobsQuery::from_arguments(call.arguments(), instance_id, quirks)?;
    check_instance(call, instance_id)?;
    match query.page {
        PageRequest::Numbered(page) => {
            let snapshot = call.page_snapshot();
            let view = snapshot.view();
            let selection = query.selection(&view);
            let total = selection.total();
            let page = page.page(quirks, total)?;
            let members: Vec<Member> =
                page.rows(total).map(|row| nth_newest(&selection, row)).collect();
            let total_count = page.reported(quirks.total.into(), total);
            respond(call, &view, &members, total_count, None, None)
        }
        PageRequest::AfterToken { token, limit } => {
            let traversal = Traversal::continue_after(call, token, limit, query.hash())?;
            let snapshot = traversal.snapshot(call);
            let view = snapshot.view();
            let selection = query.selection(&view);
            let total = selection.total();
            // The member may not exist (any more): the clock was turned back behind its birth.
            let older_than = |last| {
                let born = view.plan.jobs.born(last, &view.projection.jobs);
                born.map_or(0, |born| selection.older_than(last, born))
            };
            let page = traversal.page(traversal.after.map_or(0, |last| total - older_than(last)));
            let row = |row| nth_newest(&selection, row);
            let members: Vec<Member> = page.rows(total).map(row).collect();
            let next_token = traversal.next_token(page, members.len(), total, row);
            let total_count = page.reported(quirks.total.into(), total);
            respond(call, &view, &members, total_count, next_token, traversal.repeatable())
        }
    }
}

#[expect(clippy::expect_used, reason = "a page's rows are below the total")]
fn nth_newest(selection: &Selection<'_, FixedJob, JobState>, row: u64) -> Member {
    selection.nth_newest(row).expect("the selection has as many members as its total says")
}

/// `repeatable` is the token of the request, if it may also be the next one.
fn respond(
    call: &EiamCall<'_>,
    view: &View<'_>,
    members: &[Member],
    total_count: Option<u64>,
    next_token: Option<String>,
    repeatable: Option<&str>,
) -> EiamResult {
    let jobs: Vec<SynchronizationJob> =
        members.iter().map(|&member| synchronization_job(view, member)).collect();
    let now = call.view();
    let poll = polled(&now, members.iter().copied().zip(&jobs), repeatable);
    let repeated = repeatable.filter(|token| now.projection.repeated.get(*token) != Some(&true));
    let response = ListSynchronizationJobsResponse {
        request_id: call.request_id(),
        total_count,
        next_token: repeated.map(str::to_owned).or(next_token),
        synchronization_jobs: jobs,
    };
    Ok(render(call, "SynchronizationJobs", &response)?.recording(poll))
}

struct ListSynchronizationJobsQuery<'a> {
    instance_id: &'a str,
    page: PageRequest<'a>,
    target_type: Option<&'a str>,
    target_ids: BTreeSet<&'a str>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    direction: Option<&'a str>,
    status: Option<&'a str>,
}

#[derive(Clone, Copy)]
enum PageRequest<'a> {
    AfterToken { token: Option<&'a str>, limit: u64 },
    Numbered(NumberedPage),
}

impl<'a> PageRequest<'a> {
    fn from_arguments(arguments: &'a Arguments, quirks: &Quirks) -> Result<Self, ApiError> {
        let by_token =
            ["MaxResults", "NextToken"].iter().any(|name| arguments.sent(name).is_some());
        Ok(if by_token {
            Self::AfterToken {
                token: arguments.text("NextToken"),
                limit: page_size(arguments, "MaxResults", quirks)?,
            }
        } else {
            Self::Numbered(NumberedPage::from_arguments(arguments, quirks)?)
        })
    }
}

/// The page that a call asks for.
pub(crate) fn requested_page(plan: &EiamPlan, arguments: &Arguments<'_>) -> RequestedPage {
    match PageRequest::from_arguments(arguments, &plan.quirks) {
        Ok(PageRequest::AfterToken { token: Some(_), .. }) => RequestedPage::AfterToken,
        Ok(PageRequest::Numbered(page)) => page.requested(),
        Ok(PageRequest::AfterToken { token: None, .. }) | Err(_) => RequestedPage::FIRST,
    }
}

/// Values of older metadata are accepted, too; no job has them.
const TARGET_TYPES: &[&str] = &["identity_provider", "application", "organizational_unit", "user"];
const DIRECTIONS: &[&str] = &["ingress", "egress"];
const STATUSES: &[&str] =
    &["pending", "running", "failed", "partial_success", "success", "suspending"];

impl<'a> ListSynchronizationJobsQuery<'a> {
    fn from_arguments(
        arguments: &'a Arguments,
        instance_id: &'a str,
        quirks: &Quirks,
    ) -> Result<Self, ApiError> {
        let instant = |name| {
            let millis = arguments.whole(name, i64::MIN..=i64::MAX)?;
            Ok::<_, ApiError>(millis.map(Timestamp::from_millis))
        };
        Ok(Self {
            instance_id,
            page: PageRequest::from_arguments(arguments, quirks)?,
            target_type: arguments.one_of("TargetType", TARGET_TYPES)?,
            target_ids: id_list(arguments, "TargetIds"),
            from: instant("StartTime")?,
            until: instant("EndTime")?,
            direction: arguments.one_of("Direction", DIRECTIONS)?,
            status: arguments.one_of("Status", STATUSES)?,
        })
    }

    fn selection<'v>(&self, view: &View<'v>) -> Selection<'v, FixedJob, JobState> {
        let View { plan, projection, now } = *view;
        let state = self.status.and_then(|status| JOB.named(status));
        let is_known_status = self.status.is_none() || state.is_some();
        let matching: Vec<bool> = plan
            .targets
            .iter()
            .map(|target| {
                let kind = target.target_type().wire();
                is_known_status && self.matches(kind, &target.id, target.direction.wire())
            })
            .collect();
        let row =
            |row: usize| matching.get(plan.jobs.sampler.attribute(TARGET, row)) == Some(&true);
        let single = |member: Member| {
            let (target_type, target_id, direction) = target(view, member);
            self.matches(target_type, target_id, direction)
                && self.status.is_none_or(|status| status == status_name(view, member))
        };
        let any_target = is_known_status && matching.iter().all(|matches| *matches);
        let filter = Filter {
            row: if any_target { None } else { Some(&row) },
            state,
            from: self.from,
            until: self.until,
            single: &single,
        };
        Selection::new(&plan.jobs, &projection.jobs, &filter, now)
    }

    fn matches(&self, target_type: &str, target_id: &str, direction: &str) -> bool {
        self.target_type.is_none_or(|wanted| wanted == target_type)
            && (self.target_ids.is_empty() || self.target_ids.contains(target_id))
            && self.direction.is_none_or(|wanted| wanted == direction)
    }

    /// A hash of everything that determines which rows there are: tokens are bound to it.
    fn hash(&self) -> u64 {
        let ids: Vec<&str> = self.target_ids.iter().copied().collect();
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
