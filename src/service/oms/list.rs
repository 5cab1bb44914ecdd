//! ListSyncTasks.
//!
//! An offset counts records from 0 (vendor's page); at the end or past it the list is empty.
//! Newest tasks come first (inferred).

use serde::Serialize;

use super::View;
use super::change::looked;
use super::state::{STOPPED, SYNCHRONIZING, TASK};
use super::subject::is_ours;
use super::task::{Row, living, row};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::Refusal;
use crate::world::lifecycle::State;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

#[derive(Serialize)]
struct Answer {
    tasks: Vec<Row>,
    /// All that match.
    count: u64,
}

struct Question {
    limit: u64,
    offset: u64,
    status: Option<State>,
}

/// Bounds and default of the vendor's page; that values outside are refused is inferred.
const LARGEST_LIMIT: i64 = 100;
const USUAL_LIMIT: u64 = 10;
const LARGEST_OFFSET: i64 = 10_000;
const STATUSES: &[&str] = &[TASK.states[SYNCHRONIZING].name, TASK.states[STOPPED].name];

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    let ours = is_ours(call)?;
    let question = Question::parse(call.arguments())?;
    let (count, found) = if ours { question.answer(&view) } else { (0, Vec::new()) };
    let shown = found.iter().map(|(member, row)| (*member, row.sync_task_id.as_str()));
    let look = looked(&view, shown);
    let tasks = found.into_iter().map(|(_, row)| row).collect();
    Ok(call.render(&Answer { tasks, count })?.changing(look))
}

impl Question {
    fn parse(arguments: &Arguments) -> Result<Self, Refusal> {
        let limit = arguments.whole("limit", 1..=LARGEST_LIMIT)?;
        let offset = arguments.whole("offset", 0..=LARGEST_OFFSET)?;
        let status = arguments.one_of("status", STATUSES)?;
        Ok(Self {
            limit: limit.map_or(USUAL_LIMIT, i64::unsigned_abs),
            offset: offset.map_or(0, i64::unsigned_abs),
            status: status.and_then(|status| TASK.named(status)),
        })
    }

    fn answer(&self, view: &View<'_>) -> (u64, Vec<(Member, Row)>) {
        let single = |member: Member| {
            let life = living(view, member);
            life.is_some_and(|life| self.status.is_none_or(|status| status == life.state))
        };
        let filter =
            Filter { card: None, state: self.status, from: None, until: None, single: &single };
        let View { plan, changes, now } = *view;
        let selection = Selection::new(&plan.tasks, &changes.tasks, &filter, now);
        let total = selection.total();
        let page = self.offset..self.offset.saturating_add(self.limit).min(total);
        let rows = page.filter_map(|place| {
            let member = selection.nth_newest(place)?;
            Some((member, row(view, member, &living(view, member)?)?))
        });
        (total, rows.collect())
    }
}
