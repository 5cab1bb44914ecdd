//! The states that a task has been in until an instant. It follows its path by itself until a
//! client starts, stops or deletes it; from then on its state changes only by what clients do.

use std::ops::Range;

use super::View;
use super::state::SyncTaskState;
use crate::scenario::prescribed_path::created_path;
use crate::world::draw::Stream;
use crate::world::lifecycle::PathRun;
use crate::world::population::{Member, created_index};
use crate::world::time::Timestamp;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TaskStatus {
    pub(crate) born: Timestamp,
    pub(crate) state: SyncTaskState,
    /// When it was last started; creating a task starts it.
    pub(crate) started: Timestamp,
    /// The states of the path that it followed by itself, and since when, ascending.
    path: Vec<(Timestamp, SyncTaskState)>,
}

/// The rows of the sampler for created tasks.
const ROWS: Stream = Stream::named("oms.task").of(4);

impl TaskStatus {
    /// The status of a task that was created, even if it has been deleted since; None if the task
    /// is not created yet.
    pub(crate) fn from_view(view: &View<'_>, member: Member) -> Option<Self> {
        let View { plan, projection, now } = *view;
        let run = path_run(view, member)?;
        let born = run.from;
        if born > now {
            return None;
        }
        let transitions = projection.transitions(member);
        let until = transitions.get(0).map_or(now, |&(_, (at, _))| at);
        let own = plan.tasks.lifecycle.follow(&run, until);
        let last = transitions.len().checked_sub(1).and_then(|last| transitions.get(last));
        let state = last.map_or(own.state, |&(_, (_, state))| state);

        let mut earlier = own;
        let mut path = vec![(own.since, own.state)];
        while earlier.since > born {
            earlier = plan.tasks.lifecycle.follow(&run, earlier.since.minus(1));
            path.push((earlier.since, earlier.state));
        }
        path.reverse();

        let changes = transitions.iter().rev().map(|&(_, change)| change);
        let is_run =
            |&(_, state): &(Timestamp, SyncTaskState)| state == SyncTaskState::Synchronizing;
        let latest_first = changes.chain(path.iter().rev().copied());
        let last_run = latest_first.skip_while(|stretch| !is_run(stretch)).take_while(is_run);
        let last_run = last_run.last().map_or(born, |(since, _)| since);
        Some(Self { born, state, started: last_start(view, member, last_run), path })
    }

    /// When the task was synchronizing, ascending. If it still is, the last range ends at the
    /// instant of the view.
    pub(crate) fn runs(self, view: &View<'_>, member: Member) -> Vec<Range<Timestamp>> {
        let mut stretches = self.path;
        let transitions = view.projection.transitions(member);
        stretches.extend(transitions.iter().map(|&(_, transition)| transition));
        stretches.dedup_by_key(|&mut (_, state)| state);

        let ends = stretches.iter().skip(1).map(|&(since, _)| since).chain([view.now]);
        let runs = stretches.iter().zip(ends);
        let runs = runs.filter(|((_, state), _)| *state == SyncTaskState::Synchronizing);
        runs.map(|(&(since, _), end)| since..end).collect()
    }
}

/// When a task was last started, which by its states was at `found`. Until something starts it
/// anew, a fixed task has the instant of its file.
fn last_start(view: &View<'_>, member: Member, found: Timestamp) -> Timestamp {
    let Member::Fixed(index) = member else { return found };
    let record = &view.plan.tasks.fixed[index];
    let written = record.value.last_start_time.filter(|&written| written <= view.now);
    written.filter(|_| record.born == found).unwrap_or(found)
}

/// The task on the path that it follows by itself; None if it is not created yet.
fn path_run<'a>(view: &View<'a>, member: Member) -> Option<PathRun<'a, SyncTaskState>> {
    let View { plan, projection, .. } = *view;
    let tasks = &plan.tasks;
    let sampled = |row| tasks.lifecycle.path(tasks.sampler.attribute(tasks.path_attribute, row));
    let (index, path) = match member {
        Member::Fixed(index) => {
            let task = &tasks.fixed[index].value;
            (task.index, &task.path)
        }
        Member::Synthetic(index) => (index, sampled(tasks.sampler.row(index))),
        Member::Created(number) => {
            let ordinal = projection.created.get(&number)?.ordinal;
            let index = created_index(number);
            let prescribed = created_path(&plan.created_paths, ordinal).map(AsRef::as_ref);
            (index, prescribed.unwrap_or_else(|| sampled(tasks.drawn_row(ROWS, index))))
        }
    };
    let from = tasks.born(member, &projection.tasks)?;
    Some(PathRun { path, index, from, polls: projection.tasks.polls(member) })
}

/// Whether an answer at the view's instant that shows the task changes something; not any more
/// once a client has changed its state.
pub(crate) fn awaits_poll(view: &View<'_>, member: Member) -> bool {
    let lifecycle = &view.plan.tasks.lifecycle;
    path_run(view, member).is_some_and(|run| lifecycle.awaits_poll(&run, view.now))
        && view.projection.transitions(member).is_empty()
}
