//! ShowSyncTask: a row of the list by its id, and what it did in a month.

use super::change::looked;
use super::history::History;
use super::statistics::long;
use super::subject::{is_ours, known_in, sync_task_id};
use super::task::{Monthly, Row, row};
use super::view_as_of;
use crate::gateway::Admitted;
use crate::service::{AsOf, Granted};
use crate::wire::EmptyList;
use crate::wire::refusal::{Reason, Refusal};
use crate::world::time::Timestamp;

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let quirks = call.plan().oms.quirks;
    let as_of = AsOf::read(call, quirks.stale_reads);
    let view = view_as_of(&as_of);
    let ours = is_ours(call)?;
    let id = sync_task_id(call)?;
    let query_time = Timestamp::from_millis(long(call.arguments(), "query_time")?);
    let (member, life) = known_in(&view, call, ours, id)?;

    let internal = || Refusal::from(Reason::Internal);
    let row = row(&view, member, &life).ok_or_else(internal)?;
    let history = History::of(&view, member, life).ok_or_else(internal)?;
    // That months are China's is inferred.
    let (from, until) = query_time.china_month();
    let sum = history.sum(from, until);
    // A signed number of 64 bits (vendor's page).
    let number = |sum: u64| sum.min(i64::MAX as u64);
    let monthly = Monthly {
        monthly_acceptance_request: number(sum.request),
        monthly_success_object: number(sum.success),
        monthly_failure_object: number(sum.failure),
        monthly_skip_object: number(sum.skip),
        monthly_size: number(sum.size),
    };
    let look = looked(&super::view(call), [(member, id)].into_iter());
    let answer = Row { source_cdn: None, monthly: Some(monthly), ..row };
    Ok(call.render_as(quirks.spelling(EmptyList::List), "", &answer)?.changing(look))
}
