//! list-sync-jobs and get-sync-job.
//!
//! Newest first: the console sorts by sync time, latest on top (vendor's guide; that the API
//! does, too, is inferred). A manual run is placed by when it began, and the record of what a task
//! does by itself by when its last run began. So jobs keep their order while somebody pages,
//! except for the record, which moves to the top when its task runs again.

use super::event::{ShownJob, polled};
use super::fixed_job::FixedJob;
use super::job::{JobRef, SyncJobRow, Trigger, find};
use super::not_found::{has_task_lists, unseen_job};
use super::page::{ListPage, render};
use super::parameters::QueryReader;
use super::state::SyncJobStatus;
use super::task::{ScheduledRuns, TaskView};
use super::{AuthingCall, AuthingResult};
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};
use crate::world::time::Timestamp;

pub(crate) fn list_sync_jobs(call: &AuthingCall<'_>) -> AuthingResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let quirks = &view.plan.quirks;
    let mut query = QueryReader::new(call.arguments());
    let id = query.id("syncTaskId");
    let page = query.page(quirks);
    let trigger = query.one_of("syncTrigger");
    query.finish()?;

    let Some(task) = TaskView::find(&view, id) else {
        has_task_lists(call, id)?;
        return ListPage::<SyncJobRow>::empty(quirks, page)?.render(call);
    };
    let list = JobList::new(&task, trigger);
    let mut shown = Vec::new();
    let jobs = ListPage::new(quirks, page, list.total(), |place| {
        #[expect(clippy::expect_used, reason = "a page's places lie within its total")]
        let job = list.nth_newest(place).expect("a job of the list");
        let row = job.row(&task);
        shown.push(ShownJob { task, job, id: row.sync_job_id });
        row
    })?;
    Ok(jobs.render(call)?.recording(polled(&call.view(), shown)))
}

pub(crate) fn get_sync_job(call: &AuthingCall<'_>) -> AuthingResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let mut query = QueryReader::new(call.arguments());
    let id = query.id("syncJobId");
    query.finish()?;
    let (task, job) = find(&view, id).ok_or_else(|| unseen_job(call, id))?;
    let row = job.row(&task);
    Ok(render(call, &row)?.recording(polled(&call.view(), [ShownJob { task, job, id }])))
}

/// The jobs of a task that a filter lets through.
pub(crate) struct JobList<'p> {
    runs: Selection<'p, FixedJob, SyncJobStatus>,
    /// The record, and how many runs are newer.
    record: Option<(u64, ScheduledRuns<'p>)>,
}

impl<'p> JobList<'p> {
    pub(crate) fn new(view: &TaskView<'p>, trigger: Option<Trigger>) -> Self {
        let TaskView { task, history, now, .. } = *view;
        let is_wanted = |of| trigger.is_none_or(|trigger| trigger == of);
        let no_row = |_: usize| false;
        let single = |member: Member| match member {
            Member::Fixed(place) => is_wanted(task.runs.fixed[place].value.job.sync_trigger),
            Member::Synthetic(_) | Member::Created(_) => is_wanted(Trigger::Manually),
        };
        let select = |until: Option<Timestamp>| {
            let filter = Filter {
                row: if is_wanted(Trigger::Manually) { None } else { Some(&no_row) },
                state: None,
                from: None,
                until,
                single: &single,
            };
            Selection::new(&task.runs, &history.runs, &filter, now)
        };
        let runs = select(None);
        let record = view.scheduled_runs().filter(|own| is_wanted(own.last.revision.setup.trigger));
        let record =
            record.map(|own| (runs.total() - select(Some(own.last.begins())).total(), own));
        Self { runs, record }
    }

    pub(crate) fn total(&self) -> u64 {
        self.runs.total() + u64::from(self.record.is_some())
    }

    /// The `k`-th job, counted from the newest, from 0.
    pub(crate) fn nth_newest(&self, k: u64) -> Option<JobRef<'p>> {
        let k = match self.record {
            Some((newer, own)) if k == newer => return Some(JobRef::Record(own)),
            Some((newer, _)) if k > newer => k - 1,
            _ => k,
        };
        self.runs.nth_newest(k).map(JobRef::Run)
    }
}
