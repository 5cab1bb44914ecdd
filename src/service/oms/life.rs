//! What a task has been through until an instant: the path it takes by itself, until a client
//! starts, stops or deletes it; from then on it stays as clients leave it.

use std::ops::Range;

use super::View;
use super::state::SYNCHRONIZING;
use crate::scenario::parts::turn;
use crate::world::draw::Stream;
use crate::world::lifecycle::{Course, Path, State};
use crate::world::population::{Member, created_index};
use crate::world::time::Timestamp;

#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    pub born: Timestamp,
    pub state: State,
    /// When it was last started; creating a task starts it.
    pub started: Timestamp,
    /// When it was synchronizing, ascending; the last of them ends at the instant if it
    /// still is.
    pub runs: Vec<Range<Timestamp>>,
}

const CARDS: Stream = Stream::named("oms.task").of(4);

impl Life {
    /// None if the member is not born yet; one that was deleted has a life.
    pub fn of(view: &View<'_>, member: Member) -> Option<Self> {
        let View { plan, changes, now } = *view;
        let course = course(view, member)?;
        let born = course.from;
        if born > now {
            return None;
        }
        let moves = changes.moves(member);
        let mut at = moves.first().map_or(now, |&(at, _)| at);
        let mut stretches = Vec::new();
        loop {
            let situation = plan.tasks.lifecycle.walk(&course, at);
            stretches.push((situation.since, situation.state));
            if situation.since <= born {
                break;
            }
            at = situation.since.minus(1);
        }
        stretches.reverse();
        stretches.extend_from_slice(moves);
        stretches.dedup_by_key(|&mut (_, state)| state);

        let ends = stretches.iter().skip(1).map(|&(since, _)| since).chain([now]);
        let stretches = stretches.iter().zip(ends);
        let synchronizing = stretches.clone().filter(|((_, state), _)| *state == SYNCHRONIZING);
        let runs: Vec<_> = synchronizing.map(|(&(since, _), end)| since..end).collect();
        Some(Self {
            born,
            state: stretches.last().map_or(SYNCHRONIZING, |(&(_, state), _)| state),
            started: started(view, member, runs.last().map_or(born, |run| run.start)),
            runs,
        })
    }
}

/// Before anything starts it anew, an exact task was last started when its file says.
fn started(view: &View<'_>, member: Member, found: Timestamp) -> Timestamp {
    let Member::Pinned(place) = member else { return found };
    let written = view.plan.tasks.pins.get(place).filter(|pin| pin.born == found);
    let written = written.and_then(|pin| pin.value.last_start_time);
    written.filter(|&written| written <= view.now).unwrap_or(found)
}

/// What a member does by itself.
fn course<'a>(view: &View<'a>, member: Member) -> Option<Course<'a>> {
    let View { plan, changes, .. } = *view;
    let deck = &plan.tasks.deck;
    let dealt = |card| plan.tasks.lifecycle.paths.get(deck.choice(plan.tasks.path_choice, card));
    let (index, path) = match member {
        Member::Pinned(place) => {
            let exact = &plan.tasks.pins.get(place)?.value;
            (exact.index, &exact.path)
        }
        Member::Synthetic(index) => (index, dealt(deck.card(index))?),
        Member::Created(number) => {
            let created = changes.created.get(&number)?;
            let index = created_index(number);
            let usual = || dealt(plan.tasks.drawn_card(CARDS, index));
            let written = turn(&plan.created_paths, created.place).map(AsRef::as_ref);
            (index, written.or_else(usual)?)
        }
    };
    let from = plan.tasks.born(member, &changes.tasks)?;
    Some(Course { path, index, from, looks: changes.tasks.looks(member) })
}

/// Whether answers that show the member have to be counted: not once a client has put it
/// into a state.
pub fn counts_looks(view: &View<'_>, member: Member) -> bool {
    let path = course(view, member).map(|course| course.path);
    path.is_some_and(Path::counts_looks) && view.changes.moves(member).is_empty()
}
