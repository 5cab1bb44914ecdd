//! ListSyncTasks.
//!
//! An offset counts records from 0 (vendor's page); at the end or past it the list is empty,
//! unless the scenario wants it refused. Newest tasks come first (inferred).

use serde::Serialize;

use super::change::looked;
use super::quirks::Quirks;
use super::state::{STOPPED, SYNCHRONIZING, TASK};
use super::subject::is_ours;
use super::task::{Exact, Row, living, row};
use super::{View, view_as_of};
use crate::gateway::Admitted;
use crate::service::{AsOf, Granted};
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule};
use crate::world::lifecycle::State;
use crate::world::pages::Page;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

#[derive(Serialize)]
struct Answer {
    tasks: Vec<Row>,
    /// All that match; a quirk may say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

struct Question {
    limit: u64,
    offset: u64,
    status: Option<State>,
}

/// Bounds and default of the vendor's page; that values outside are refused is inferred.
const LARGEST_LIMIT: u64 = 100;
const USUAL_LIMIT: u64 = 10;
const LARGEST_OFFSET: i64 = 10_000;
const STATUSES: &[&str] = &[TASK.states[SYNCHRONIZING].name, TASK.states[STOPPED].name];

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let plan = &call.plan().oms;
    let quirks = plan.quirks;
    let as_of = AsOf::page(call, plan.paging, quirks.stale_reads);
    let view = view_as_of(&as_of);
    let ours = is_ours(call)?;
    let question = Question::parse(call.arguments(), quirks)?;
    let selection = question.selection(&view);
    let total = if ours { selection.total() } else { 0 };
    let page = question.page(quirks, total)?;
    let found: Vec<(Member, Row)> = page
        .rows(total)
        .filter_map(|place| {
            let member = selection.nth_newest(place)?;
            Some((member, row(&view, member, &living(&view, member)?)?))
        })
        .collect();
    let count = page.claims(quirks.total, total);
    let shown = found.iter().map(|(member, row)| (*member, row.sync_task_id.as_str()));
    let look = looked(&super::view(call), shown);
    let tasks = found.into_iter().map(|(_, row)| row).collect();
    let spelling = quirks.spelling(quirks.empty_list);
    Ok(call.render_as(spelling, "tasks", &Answer { tasks, count })?.changing(look))
}

impl Question {
    fn parse(arguments: &Arguments, quirks: Quirks) -> Result<Self, Refusal> {
        let limit = quirks.over_limit.size(arguments, "limit", LARGEST_LIMIT)?;
        let offset = arguments.whole("offset", 0..=LARGEST_OFFSET)?;
        let status = arguments.one_of("status", STATUSES)?;
        Ok(Self {
            limit: limit.unwrap_or(USUAL_LIMIT),
            offset: offset.map_or(0, i64::unsigned_abs),
            status: status.and_then(|status| TASK.named(status)),
        })
    }

    /// The page of so many tasks.
    fn page(&self, quirks: Quirks, total: u64) -> Result<Page, Refusal> {
        let page = Page::at(quirks.pages, self.offset, self.limit);
        quirks.past_the_end.settle(page, total).map_err(|_| {
            let rule = Rule::AtMost(total.saturating_sub(1) as i64);
            Refusal::parameter("offset", rule).hint(format!(
                "there are {total} tasks, and an offset past them is refused here \
                 (oms.quirks.past_the_end = \"refuse\")"
            ))
        })
    }

    fn selection<'v>(&self, view: &View<'v>) -> Selection<'v, Exact> {
        let single = |member: Member| {
            let life = living(view, member);
            life.is_some_and(|life| self.status.is_none_or(|status| status == life.state))
        };
        let filter =
            Filter { card: None, state: self.status, from: None, until: None, single: &single };
        let View { plan, changes, now } = *view;
        Selection::new(&plan.tasks, &changes.tasks, &filter, now)
    }
}
