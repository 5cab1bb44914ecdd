//! ListSyncTasks.
//!
//! An offset counts records from 0 (vendor's page). A page at the end of the list or past it is
//! empty, unless oms.quirks.past_the_end says otherwise. The newest task comes first (inferred).

use serde::Serialize;

use super::event::poll_event;
use super::quirks::Quirks;
use super::requested_task::is_known_project;
use super::scenario::OmsPlan;
use super::state::{SyncTaskState, TASK};
use super::task::{FixedTask, SyncTaskRow, existing_status};
use super::{OmsCall, OmsResult, View};
use crate::fault::RequestedPage;
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};
use crate::world::paging::Page;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

#[derive(Serialize)]
struct ListSyncTasksResponse {
    tasks: Vec<SyncTaskRow>,
    /// The number of matches; a quirk may change it or leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

struct ListSyncTasksQuery {
    limit: u64,
    offset: u64,
    status: Option<SyncTaskState>,
}

/// Bounds and default of the vendor's page; that values outside are refused is inferred.
const MAX_LIMIT: u64 = 100;
const DEFAULT_LIMIT: u64 = 10;
const MAX_OFFSET: i64 = 10_000;
const STATUSES: &[&str] = &[
    TASK.states[SyncTaskState::Synchronizing as usize].name,
    TASK.states[SyncTaskState::Stopped as usize].name,
];

pub(crate) fn list_sync_tasks(call: &OmsCall<'_>) -> OmsResult {
    let quirks = call.plan().quirks;
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let is_known_project = is_known_project(call)?;
    let query = ListSyncTasksQuery::from_arguments(call.arguments(), quirks)?;
    let selection = query.selection(&view);
    let total = if is_known_project { selection.total() } else { 0 };
    let page = query.page(quirks, total)?;
    let rows: Vec<(Member, SyncTaskRow)> =
        page.rows(total).map(|index| row(&view, &selection, index)).collect();
    let count = page.reported(quirks.total.into(), total);
    let shown = rows.iter().map(|(member, row)| (*member, row.sync_task_id.as_str()));
    let poll = poll_event(&call.view(), shown);
    let tasks = rows.into_iter().map(|(_, row)| row).collect();
    let variant = quirks.encoding_variant(quirks.empty_list.into());
    Ok(call.render_as(variant, "tasks", &ListSyncTasksResponse { tasks, count })?.recording(poll))
}

/// The task with that index in the selection, newest first.
#[expect(clippy::expect_used, reason = "rows of a page lie below the selection's total")]
fn row(
    view: &View<'_>,
    selection: &Selection<'_, FixedTask, SyncTaskState>,
    index: u64,
) -> (Member, SyncTaskRow) {
    let member = selection.nth_newest(index).expect("an index below the total");
    let status = existing_status(view, member).expect("a selected task exists");
    (member, SyncTaskRow::new(view, member, &status))
}

/// The page that a call asks for.
pub(crate) fn requested_page(plan: &OmsPlan, arguments: &Arguments<'_>) -> RequestedPage {
    let query = ListSyncTasksQuery::from_arguments(arguments, plan.quirks);
    query.map_or(RequestedPage::FIRST, |query| RequestedPage::at_offset(query.offset, query.limit))
}

impl ListSyncTasksQuery {
    fn from_arguments(arguments: &Arguments<'_>, quirks: Quirks) -> Result<Self, ApiError> {
        let limit = quirks.over_limit.size(arguments, "limit", MAX_LIMIT)?;
        let offset = arguments.whole("offset", 0..=MAX_OFFSET)?;
        let status = arguments.one_of("status", STATUSES)?;
        Ok(Self {
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            offset: offset.map_or(0, i64::unsigned_abs),
            status: status.and_then(|status| TASK.named(status)),
        })
    }

    /// The page of a list of `total` tasks.
    fn page(&self, quirks: Quirks, total: u64) -> Result<Page, ApiError> {
        let page = Page::at(quirks.pages.into(), self.offset, self.limit);
        quirks.past_the_end.settle(page, total).map_err(|_| {
            let rule = Rule::AtMost(total.saturating_sub(1) as i64);
            ApiError::parameter("offset", rule).hint(format!(
                "there are {total} tasks, and an offset past them is refused here \
                 (oms.quirks.past_the_end = \"refuse\")"
            ))
        })
    }

    fn selection<'v>(&self, view: &View<'v>) -> Selection<'v, FixedTask, SyncTaskState> {
        let single = |member: Member| {
            existing_status(view, member)
                .is_some_and(|found| self.status.is_none_or(|status| status == found.state))
        };
        let filter =
            Filter { row: None, state: self.status, from: None, until: None, single: &single };
        let View { plan, projection, now } = *view;
        Selection::new(&plan.tasks, &projection.tasks, &filter, now)
    }
}
