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
    /// When it was synchronizing, ascending. If it still is, the last range ends at the instant
    /// of the view.
    pub(crate) runs: Vec<Range<Timestamp>>,
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
        let until = transitions.first().map_or(now, |&(at, _)| at);
        let own = plan.tasks.lifecycle.follow(&run, until);
        let state = transitions.last().map_or(own.state, |&(_, state)| state);

        let mut earlier = own;
        let mut stretches = vec![(own.since, own.state)];
        while earlier.since > born {
            earlier = plan.tasks.lifecycle.follow(&run, earlier.since.minus(1));
            stretches.push((earlier.since, earlier.state));
        }
        stretches.reverse();
        stretches.extend_from_slice(transitions);
        stretches.dedup_by_key(|&mut (_, state)| state);

        let ends = stretches.iter().skip(1).map(|&(since, _)| since).chain([now]);
        let runs: Vec<_> = stretches
            .iter()
            .zip(ends)
            .filter(|((_, state), _)| *state == SyncTaskState::Synchronizing)
            .map(|(&(since, _), end)| since..end)
            .collect();
        let last_run = runs.last().map_or(born, |run| run.start);
        Some(Self { born, state, started: last_start(view, member, last_run), runs })
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
