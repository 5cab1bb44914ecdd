//! ShowSyncTask: a row of the list, and the task's counters of a month.

use super::event::poll_event;
use super::history::History;
use super::requested_task::RequestedTask;
use super::statistics::unix_millis;
use super::task::{MonthlyCounters, SyncTaskRow};
use super::{OmsCall, OmsResult};
use crate::wire::EmptyList;
use crate::world::time::Timestamp;

pub(crate) fn show_sync_task(call: &OmsCall<'_>) -> OmsResult {
    let quirks = call.plan().quirks;
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let task = RequestedTask::from_call(call)?;
    let query_time = Timestamp::from_millis(unix_millis(call.arguments(), "query_time")?);
    let (member, status) = task.find(call, &view)?;

    let row = SyncTaskRow::new(&view, member, &status);
    let history = History::new(&view, member, status);
    // Inferred: months begin and end by China time.
    let (from, until) = query_time.china_month();
    let sum = history.sum(from, until);
    // A signed number of 64 bits (vendor's page).
    let number = |sum: u64| sum.min(i64::MAX as u64);
    let monthly = MonthlyCounters {
        monthly_acceptance_request: number(sum.request),
        monthly_success_object: number(sum.success),
        monthly_failure_object: number(sum.failure),
        monthly_skip_object: number(sum.skip),
        monthly_size: number(sum.size),
    };
    let poll = poll_event(&call.view(), [(member, task.id)].into_iter());
    let answer = SyncTaskRow { source_cdn: None, monthly: Some(monthly), ..row };
    Ok(call.render_as(quirks.encoding_variant(EmptyList::List), "", &answer)?.recording(poll))
}
