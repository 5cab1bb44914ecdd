//! list-sync-jobs.
//!
//! Newest first: the console sorts by sync time, latest on top (vendor's guide; that the API
//! does, too, is inferred). A manual run stands where it began, the record of what a task
//! does by itself where its last run did: then a job never changes places with another while
//! somebody pages, except for the record, which moves to the top when its task runs again.

use super::asked::Query;
use super::change::looked;
use super::get::has_lists;
use super::job::{Job, Row, Trigger, job};
use super::page::Paged;
use super::scenario::Pinned;
use super::task::Standing;
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::Refusal;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};
use crate::world::time::Timestamp;

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let listed = super::listed(call);
    let view = super::view_as_of(&listed);
    let quirks = &view.plan.quirks;
    let mut query = Query::new(call.arguments());
    let id = query.id("syncTaskId");
    let page = query.page(quirks);
    let trigger = query.choice("syncTrigger");
    query.end()?;

    let Some(standing) = Standing::of(&view, id) else {
        has_lists(call, id)?;
        return Paged::<Job>::of(quirks, page, 0, |_| None)?.render(call);
    };
    let listing = Listing::new(&standing, trigger);
    let mut shown = Vec::new();
    let jobs = Paged::of(quirks, page, listing.total(), |place| {
        let row = listing.nth_newest(place)?;
        let job = job(&standing, row)?;
        shown.push((standing, row, job.sync_job_id));
        Some(job)
    })?;
    Ok(jobs.render(call)?.changing(looked(&shown)))
}

/// The jobs of a task that a filter lets through.
pub struct Listing<'p> {
    runs: Selection<'p, Pinned>,
    /// How many runs are newer than the record.
    record: Option<u64>,
}

impl<'p> Listing<'p> {
    pub fn new(standing: &Standing<'p>, trigger: Option<Trigger>) -> Self {
        let Standing { task, history, now, .. } = *standing;
        let wanted = |of| trigger.is_none_or(|trigger| trigger == of);
        let none = |_: usize| false;
        let single = |member: Member| match member {
            Member::Pinned(place) => {
                task.runs.pins.get(place).is_some_and(|pin| wanted(pin.value.job.sync_trigger))
            }
            Member::Synthetic(_) | Member::Created(_) => wanted(Trigger::Manually),
        };
        let select = |until: Option<Timestamp>| {
            let filter = Filter {
                card: if wanted(Trigger::Manually) { None } else { Some(&none) },
                state: None,
                from: None,
                until,
                single: &single,
            };
            Selection::new(&task.runs, &history.runs, &filter, now)
        };
        let runs = select(None);
        let own = standing.last_own_run().filter(|run| wanted(run.revision.setup.trigger));
        let record = own.map(|run| runs.total() - select(Some(run.begins())).total());
        Self { runs, record }
    }

    pub fn total(&self) -> u64 {
        self.runs.total() + u64::from(self.record.is_some())
    }

    /// The `k`-th job, counted from the newest, from 0.
    pub fn nth_newest(&self, k: u64) -> Option<Row> {
        let k = match self.record {
            Some(newer) if k == newer => return Some(Row::Record),
            Some(newer) if k > newer => k - 1,
            _ => k,
        };
        self.runs.nth_newest(k).map(Row::Run)
    }
}
