//! ListAsyncJobs: the batches.
//!
//! Filters are exact (inferred) and combine.

use serde::Serialize;

use super::async_job::{AsyncJobRow, FixedAsyncJob, OWNER, Owner, find, owner, row, status};
use super::async_job_state::{AsyncJobState, LEGACY_STATUSES, STATUSES};
use super::event::polled;
use super::page::{PageQuery, rows};
use super::scenario::DrsPlan;
use super::subject::is_ours;
use super::{DrsCall, DrsResult, View};
use crate::wire::Arguments;
use crate::wire::error::ApiError;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

/// Keys in the order of the vendor's sample.
#[derive(Serialize)]
struct ListAsyncJobsResponse<'v> {
    jobs: Vec<AsyncJobRow<'v>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
}

pub(crate) fn list_async_jobs(call: &DrsCall<'_>) -> DrsResult {
    let quirks = &call.plan().quirks;
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let ours = is_ours(call)?;
    let query = ListAsyncJobsQuery::from_arguments(call.arguments(), view.plan)?;
    let found = if ours { query.find(&view) } else { FoundBatches::One(None) };
    let total = found.total();
    let page = query.page.page(quirks, total)?;
    let members = rows(page, total, |place| found.nth(place, query.ascending));
    let jobs = members.iter().map(|&member| row(&view, member)).collect();
    let total_count = page.reported(quirks.total.into(), total);
    let response = ListAsyncJobsResponse { jobs, total_count };
    let outcome = call.render_as(quirks.encoding_variant(), "jobs", &response)?;
    Ok(outcome.recording(polled(&call.view(), &members, &[])))
}

struct ListAsyncJobsQuery<'a> {
    id: Option<&'a str>,
    status: Option<AsyncJobState>,
    domain_name: Option<&'a str>,
    user_name: Option<&'a str>,
    page: PageQuery,
    ascending: bool,
}

/// The only documented one.
const SORT_KEYS: &[&str] = &["create_time"];
pub(crate) const SORT_DIRECTIONS: &[&str] = &["desc", "asc"];

impl<'a> ListAsyncJobsQuery<'a> {
    /// In the order of the vendor's page: the first mistake is the one that is refused.
    fn from_arguments(arguments: &'a Arguments<'_>, plan: &DrsPlan) -> Result<Self, ApiError> {
        let status = requested_status(arguments, plan)?;
        let page = PageQuery::from_arguments(arguments, &plan.quirks)?;
        arguments.one_of("sort_key", SORT_KEYS)?;
        let direction = arguments.one_of("sort_dir", SORT_DIRECTIONS)?;
        Ok(Self {
            id: arguments.text("async_job_id"),
            status,
            domain_name: arguments.text("domain_name"),
            user_name: arguments.text("user_name"),
            page,
            ascending: direction == Some("asc"),
        })
    }

    fn find<'v>(&self, view: &View<'v>) -> FoundBatches<'v> {
        match self.id {
            Some(id) => {
                FoundBatches::One(find(view, id).filter(|member| self.matches(view, *member)))
            }
            None => FoundBatches::Selected(Box::new(self.select(view))),
        }
    }

    fn select<'v>(&self, view: &View<'v>) -> Selection<'v, FixedAsyncJob, AsyncJobState> {
        let View { plan, projection, now } = *view;
        let wanted: Vec<bool> =
            plan.owners_or_default().iter().map(|owner| self.is_of(owner)).collect();
        let row = |row: usize| wanted[plan.jobs.sampler.attribute(OWNER, row)];
        let single = |member: Member| self.matches(view, member);
        let anybody = self.domain_name.is_none() && self.user_name.is_none();
        let filter = Filter {
            row: if anybody { None } else { Some(&row) },
            state: self.status,
            from: None,
            until: None,
            single: &single,
        };
        Selection::new(&plan.jobs, &projection.jobs, &filter, now)
    }

    fn matches(&self, view: &View<'_>, member: Member) -> bool {
        self.status.is_none_or(|wanted| wanted == status(view, member).state)
            && self.is_of(owner(view, member))
    }

    fn is_of(&self, owner: &Owner) -> bool {
        self.domain_name.is_none_or(|wanted| wanted == owner.domain_name)
            && self.user_name.is_none_or(|wanted| wanted == owner.user_name)
    }
}

fn requested_status(
    arguments: &Arguments<'_>,
    plan: &DrsPlan,
) -> Result<Option<AsyncJobState>, ApiError> {
    let legacy = plan.quirks.legacy_statuses;
    let (ours, others) =
        if legacy { (LEGACY_STATUSES, STATUSES) } else { (STATUSES, LEGACY_STATUSES) };
    let sent = arguments.one_of("status", ours).map_err(|error| {
        match arguments.text("status") {
        Some(status) if others.contains(&status) => error.hint(format!(
            "{status} is of the other set: drs.quirks.legacy_statuses of this scenario is {legacy}"
        )),
        _ => error,
    }
    })?;
    Ok(sent.and_then(|sent| plan.table.named(sent)))
}

enum FoundBatches<'v> {
    /// The batch of an id, if there is one.
    One(Option<Member>),
    Selected(Box<Selection<'v, FixedAsyncJob, AsyncJobState>>),
}

impl FoundBatches<'_> {
    fn total(&self) -> u64 {
        match self {
            Self::One(found) => u64::from(found.is_some()),
            Self::Selected(selection) => selection.total(),
        }
    }

    fn nth(&self, place: u64, ascending: bool) -> Option<Member> {
        match self {
            Self::One(found) => found.filter(|_| place == 0),
            Self::Selected(selection) if ascending => selection.nth_oldest(place),
            Self::Selected(selection) => selection.nth_newest(place),
        }
    }
}
