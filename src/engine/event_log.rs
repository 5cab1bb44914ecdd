//! The event log: what clients changed, and when. It is the part of a world that its scenario does
//! not determine.
//!
//! An event records a request, not its result. The result is a projection: a fold over the events
//! in order of virtual time. So the same event log in another process with the same scenario and
//! seed is the same world, and an instant before the last event shows the world of that instant.
//!
//! Reads are no events, but for a poll: an answer that showed an entity whose present state lasts
//! for a number of answers.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::plan::Plan;
use super::registry::{AnyEvent, AnyProjection};
use super::service::Service;
use crate::world::shared_map::SharedMap;
use crate::world::time::Timestamp;

/// Maximum number of entries in the event log.
pub(crate) const MAX_EVENTS: usize = 1_000_000;
/// Maximum size of all entries, in bytes of an exported document.
pub(crate) const MAX_BYTES: usize = 512 << 20;
/// Maximum size of an entry without its event, in bytes of an exported document.
const ENTRY_BYTES: usize = 192;
/// Polls take at most half of the log, so that changes have room however much is read.
const SHARE_OF_POLLS: usize = 2;
/// Near the end of the log, the projections after each multiple of this number of events are kept.
const SPACING: usize = 16;
/// The further back from the end of the log, the fewer are kept: at a distance of n events, those
/// are at most a quarter of n apart (or [`SPACING`]). So the number of those kept, and with it the
/// memory for what they do not share, grows with the logarithm of the log.
const DENSITY: usize = 8;

#[derive(Clone, Debug)]
pub(crate) struct LoggedEvent {
    /// From 1, in the order of requests.
    pub(crate) number: u64,
    /// The number of changes so far, this event included if it is one: it identifies what a change
    /// creates. Polls are not counted, so ids and draws do not depend on how often clients read.
    pub(crate) ordinal: u64,
    /// Virtual time. If the clock was turned back, a later number can have an earlier time.
    pub(crate) at: Timestamp,
    /// The number of its service in the registry.
    pub(crate) service: usize,
    pub(crate) event: Arc<dyn AnyEvent>,
}

/// It is immutable: recording an event makes another log, which shares nearly everything with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventLog {
    /// In the order of time, those of one instant by number.
    events: SharedMap<(Timestamp, u64), Entry>,
    size: Size,
    /// The part of the size that is polls.
    polls: Size,
    last: u64,
    last_ordinal: u64,
    /// The projections with the last event that was recorded, and none of a later time.
    latest: Option<Snapshot>,
    /// See [`is_kept`]; ascending. None is later than the latest.
    kept: Arc<Vec<Snapshot>>,
    asked: Asked,
}

/// The last projections that took long to make: with a clock that was turned far, nearly the same
/// ones are asked for again and again. A clone starts empty.
#[derive(Debug, Default)]
struct Asked(ArcSwapOption<Snapshot>);

impl Clone for Asked {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What the log has of an event, but for its time and number.
#[derive(Clone, Debug)]
struct Entry {
    ordinal: u64,
    service: usize,
    event: Arc<dyn AnyEvent>,
}

/// The projections of the first events.
#[derive(Clone, Debug)]
struct Snapshot {
    /// The number of events.
    count: usize,
    projections: Arc<Projections>,
}

/// Whether the projections of the first `count` events are kept by a log of `length` events. What
/// is not kept by a log is not kept by a longer one.
fn is_kept(count: usize, length: usize) -> bool {
    let distance = length.saturating_sub(count);
    count.is_multiple_of((distance / DENSITY).max(SPACING).next_power_of_two())
}

/// The event log has no room: see [`MAX_EVENTS`] and [`MAX_BYTES`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// Why events do not make an event log.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidEventLog {
    #[error("it has more than {MAX_EVENTS} entries, or more than {MAX_BYTES} bytes")]
    Full,
    #[error("two entries have the number {0}")]
    Number(u64),
    #[error("an entry has the number {0}; they go from 1 to 2^60")]
    Range(u64),
    #[error("entry {0} is a change and needs an ordinal above those of the changes before it")]
    Ordinal(u64),
}

#[derive(Clone, Copy, Debug, Default)]
struct Size {
    entries: usize,
    bytes: usize,
}

impl Size {
    fn with(self, event: &dyn AnyEvent) -> Self {
        let bytes = ENTRY_BYTES.saturating_add(event.json_size());
        Self { entries: self.entries + 1, bytes: self.bytes.saturating_add(bytes) }
    }

    /// Whether it is at most one part in `share` of a whole log.
    fn fits(self, share: usize) -> bool {
        self.entries <= MAX_EVENTS / share && self.bytes <= MAX_BYTES / share
    }
}

impl EventLog {
    /// A log of events in any order.
    ///
    /// # Errors
    /// If there are too many, or their numbers are not unique or out of range, or those of changes
    /// do not ascend.
    pub(crate) fn of(plan: &Plan, mut events: Vec<LoggedEvent>) -> Result<Self, InvalidEventLog> {
        events.sort_by_key(|event| event.number);
        let mut log = Self::default();
        for LoggedEvent { number, ordinal, event, .. } in &mut events {
            if !(1..1 << 60).contains(number) {
                return Err(InvalidEventLog::Range(*number));
            }
            if *number == log.last {
                return Err(InvalidEventLog::Number(*number));
            }
            let is_poll = event.is_poll();
            if is_poll {
                *ordinal = log.last_ordinal;
            } else if !(log.last_ordinal + 1..1 << 60).contains(ordinal) {
                return Err(InvalidEventLog::Ordinal(*number));
            }
            (log.last, log.last_ordinal) = (*number, *ordinal);
            log.size = log.size.with(&**event);
            if is_poll {
                log.polls = log.polls.with(&**event);
            }
        }
        if !log.size.fits(1) {
            return Err(InvalidEventLog::Full);
        }
        events.sort_by_key(|event| event.at);
        let entry = |LoggedEvent { number, ordinal, at, service, event }| {
            ((at, number), Entry { ordinal, service, event })
        };
        log.events = events.into_iter().map(entry).collect();
        let mut kept = Vec::new();
        let all = log.folded(plan, log.snapshot(plan, 0), log.events.len(), &mut kept);
        (log.latest, log.kept) = (Some(all), Arc::new(kept));
        Ok(log)
    }

    /// In the order of time, those of one instant by number.
    pub(crate) fn events(&self) -> impl ExactSizeIterator<Item = LoggedEvent> {
        self.events.entries().iter().map(LoggedEvent::of)
    }

    /// Its size, in bytes of an exported document; the document is not larger but for what comes
    /// before the events.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.size.bytes
    }

    /// The number of the last event in the order of requests; 0 if there is none.
    pub(crate) fn last_number(&self) -> u64 {
        self.last
    }

    /// The ordinal that the next change will have.
    pub(crate) fn next_ordinal(&self) -> u64 {
        self.last_ordinal + 1
    }

    /// The projections of the events up to an instant.
    pub(crate) fn projections(&self, plan: &Plan, now: Timestamp) -> Arc<Projections> {
        self.after(plan, self.events.partition_point(|&(at, _)| at <= now))
    }

    /// The projections at an instant, with no event after that number: on a frozen clock, several
    /// events have the same instant.
    pub(crate) fn projections_up_to(
        &self,
        plan: &Plan,
        at: Timestamp,
        number: u64,
    ) -> Arc<Projections> {
        self.after(plan, self.events.partition_point(|key| *key <= (at, number)))
    }

    /// The log with one more event; a change has [`EventLog::next_ordinal`].
    ///
    /// # Errors
    /// If there is no room for it.
    pub(crate) fn with(
        &self,
        plan: &Plan,
        at: Timestamp,
        service: usize,
        event: Arc<dyn AnyEvent>,
    ) -> Result<Self, Full> {
        let is_poll = event.is_poll();
        let size = self.size.with(&*event);
        let polls = if is_poll { self.polls.with(&*event) } else { self.polls };
        if !size.fits(1) || !polls.fits(SHARE_OF_POLLS) {
            return Err(Full);
        }
        let number = self.last + 1;
        let ordinal = self.last_ordinal + u64::from(!is_poll);
        let index = self.events.partition_point(|&(before, _)| before <= at);
        let mut log = Self { size, polls, last: number, last_ordinal: ordinal, ..self.clone() };
        log.events.insert((at, number), Entry { ordinal, service, event });
        log.latest = log.latest.filter(|latest| latest.count <= index);
        if log.kept.last().is_some_and(|last| last.count > index) {
            Arc::make_mut(&mut log.kept).retain(|kept| kept.count <= index);
        }
        // Not from what was asked for: that would leave a gap between those that are kept.
        let known = log.snapshot(plan, index);
        let mut kept = Vec::new();
        log.latest = Some(log.folded(plan, known, index + 1, &mut kept));
        if !kept.is_empty() {
            let all = Arc::make_mut(&mut log.kept);
            all.append(&mut kept);
            all.retain(|kept| is_kept(kept.count, log.size.entries));
        }
        Ok(log)
    }

    /// The projections of the first `count` events.
    fn after(&self, plan: &Plan, count: usize) -> Arc<Projections> {
        let known = self.snapshot(plan, count);
        if known.count == count {
            return known.projections;
        }
        let asked = self.asked.0.load_full().filter(|asked| asked.count <= count);
        let nearer = asked.filter(|asked| asked.count > known.count);
        let known = nearer.map_or(known, |asked| Snapshot::clone(&asked));
        let events = count - known.count;
        let found = self.folded(plan, known, count, &mut Vec::new());
        if events > SPACING {
            self.asked.0.store(Some(Arc::new(found.clone())));
        }
        found.projections
    }

    /// The last of the latest and those kept that has no more than `count` events.
    fn snapshot(&self, plan: &Plan, count: usize) -> Snapshot {
        let latest = self.latest.as_ref().filter(|latest| latest.count <= count);
        let kept = || self.kept.partition_point(|kept| kept.count <= count).checked_sub(1);
        let found = latest.or_else(|| self.kept.get(kept()?)).cloned();
        found.unwrap_or_else(|| Snapshot { count: 0, projections: plan.no_events.clone() })
    }

    /// The projections of the first `count` events, made from those of fewer. Adds what is to be
    /// kept to `kept`.
    fn folded(
        &self,
        plan: &Plan,
        known: Snapshot,
        count: usize,
        kept: &mut Vec<Snapshot>,
    ) -> Snapshot {
        let mut folded = Projections::clone(&known.projections);
        let events = self.events.entries().slice(known.count..count);
        for (events, event) in (known.count + 1..).zip(events) {
            folded.apply(plan, &LoggedEvent::of(event));
            if is_kept(events, self.size.entries) {
                kept.push(Snapshot { count: events, projections: Arc::new(folded.clone()) });
            }
        }
        Snapshot { count, projections: Arc::new(folded) }
    }
}

impl LoggedEvent {
    fn of(((at, number), Entry { ordinal, service, event }): &((Timestamp, u64), Entry)) -> Self {
        let (number, ordinal, at, service) = (*number, *ordinal, *at, *service);
        Self { number, ordinal, at, service, event: event.clone() }
    }
}

/// The projection of each service. It is immutable: the next event makes another one, which shares
/// all unchanged parts.
#[derive(Clone)]
pub(crate) struct Projections(Vec<Arc<dyn AnyProjection>>);

impl Projections {
    /// Those of no events, in the order of the registry.
    pub(super) fn new(projections: Vec<Arc<dyn AnyProjection>>) -> Self {
        Self(projections)
    }

    /// The projection of a service; None if this world does not have it.
    pub(crate) fn get<S: Service>(&self) -> Option<&S::Projection> {
        self.0.iter().find_map(|projection| (&**projection as &dyn Any).downcast_ref())
    }

    /// No event that was applied before is later than this one.
    fn apply(&mut self, plan: &Plan, event: &LoggedEvent) {
        let service = plan.registry.services().nth(event.service);
        let Some((projection, found)) = self.0.get_mut(event.service).zip(service) else { return };
        if Arc::get_mut(projection).is_none() {
            *projection = AnyProjection::shared_clone(&**projection);
        }
        if let Some(projection) = Arc::get_mut(projection) {
            found.service.apply(projection, plan, event.ordinal, event.at, &*event.event);
        }
    }
}

impl fmt::Debug for Projections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_projections_are_kept_and_one_is_never_far_before_an_instant() {
        for length in [0, 1, 15, 16, 100, 5_000, 123_456, MAX_EVENTS] {
            let kept: Vec<usize> = (0..=length).filter(|&count| is_kept(count, length)).collect();
            assert!(kept.len() <= 180, "{} of {length}", kept.len());
            let ends = kept.iter().skip(1).copied().chain([length + 1]);
            for (&count, end) in kept.iter().zip(ends) {
                // The most that is folded for an instant between the two.
                let (folded, back) = (end - 1 - count, length - (end - 1));
                let distance = folded + back;
                assert!(folded < SPACING.max(distance / 4), "{folded}, {back} back");
            }
            let were_kept = |&count: &usize| count == length || is_kept(count, length - 1);
            assert!(kept.iter().all(were_kept));
        }
    }
}
