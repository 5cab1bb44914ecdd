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
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::plan::Plan;
use super::registry::{AnyEvent, AnyProjection};
use super::service::Service;
use crate::world::time::Timestamp;

/// Maximum number of entries in the event log.
pub(crate) const MAX_EVENTS: usize = 200_000;
/// Maximum size of all entries, in bytes of an exported document.
pub(crate) const MAX_BYTES: usize = 128 << 20;
/// Maximum size of an entry without its event, in bytes of an exported document.
const ENTRY_BYTES: usize = 192;
/// Polls take at most half of the log, so that changes have room however much is read.
const SHARE_OF_POLLS: usize = 2;
/// Number of the latest projections that are kept: a thread that read the clock a moment before
/// another one recorded an event asks for one of them.
const CACHE_SIZE: usize = 16;
/// Maximum number of events in all projections that are kept, but for the last two: what a
/// projection takes grows with its events.
const MAX_CACHED_EVENTS: usize = 1 << 19;
/// Maximum number of events in a chunk: about the square root of [`MAX_EVENTS`], so that recording
/// an event copies as little as possible.
const CHUNK_SIZE: usize = 512;

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

/// It is immutable: recording an event makes another log, which shares all chunks but one.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventLog {
    events: Chunks,
    size: Size,
    /// The part of the size that is polls.
    polls: Size,
    last: u64,
    last_ordinal: u64,
    /// The projections of the first n events, ascending; the last is that of all.
    projections: VecDeque<(usize, Arc<Projections>)>,
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
        log.events = Chunks::of(events);
        log.keep_latest(plan);
        Ok(log)
    }

    /// In the order of time, those of one instant by number.
    pub(crate) fn events(&self) -> impl ExactSizeIterator<Item = &LoggedEvent> {
        self.events.range(0..self.size.entries)
    }

    /// The number of the last event in the order of requests; 0 if there is none.
    pub(crate) fn last_number(&self) -> u64 {
        self.last
    }

    /// The ordinal that the next change will have.
    pub(crate) fn next_ordinal(&self) -> u64 {
        self.last_ordinal + 1
    }

    /// The projections of the events up to an instant. They are cached unless the clock was turned
    /// back past the last few events.
    pub(crate) fn projections(&self, plan: &Plan, now: Timestamp) -> Arc<Projections> {
        self.after(plan, self.events.partition_point(|event| event.at <= now))
    }

    /// The projections at an instant, with no event after that number: on a frozen clock, several
    /// events have the same instant.
    pub(super) fn projections_up_to(
        &self,
        plan: &Plan,
        at: Timestamp,
        number: u64,
    ) -> Arc<Projections> {
        let last = (at, number);
        self.after(plan, self.events.partition_point(|event| (event.at, event.number) <= last))
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
        let mut log = Self { size, polls, last: number, last_ordinal: ordinal, ..self.clone() };
        let index = self.events.partition_point(|event| event.at <= at);
        log.events.insert(index, LoggedEvent { number, ordinal, at, service, event });
        log.projections.retain(|&(count, _)| count <= index);
        log.keep_latest(plan);
        Ok(log)
    }

    /// The projections of the first `count` events.
    fn after(&self, plan: &Plan, count: usize) -> Arc<Projections> {
        let kept = self.projections.iter().rev().find(|&&(kept, _)| kept <= count);
        let (known, projections) = match kept {
            Some((known, projections)) => (*known, projections.clone()),
            None => (0, plan.no_events.clone()),
        };
        if known == count {
            return projections;
        }
        let mut projections = Projections::clone(&projections);
        for event in self.events.range(known..count) {
            projections.apply(plan, event);
        }
        Arc::new(projections)
    }

    fn keep_latest(&mut self, plan: &Plan) {
        let count = self.size.entries;
        self.projections.push_back((count, self.after(plan, count)));
        let most = (MAX_CACHED_EVENTS / count.max(1)).clamp(2, CACHE_SIZE);
        while self.projections.len() > most {
            self.projections.pop_front();
        }
    }
}

/// Events in the order of time, those of one instant by number.
#[derive(Clone, Debug, Default)]
struct Chunks(Vec<Chunk>);

/// Never empty.
#[derive(Clone, Debug)]
struct Chunk {
    /// The number of events before it.
    start: usize,
    events: Arc<Vec<LoggedEvent>>,
}

impl Chunks {
    fn of(events: Vec<LoggedEvent>) -> Self {
        let chunks = events.chunks(CHUNK_SIZE).enumerate();
        let chunk = |(place, events): (usize, &[LoggedEvent])| Chunk {
            start: place * CHUNK_SIZE,
            events: Arc::new(events.to_vec()),
        };
        Self(chunks.map(chunk).collect())
    }

    /// The number of events before the first for which it is false; it must be false for all after
    /// that one.
    fn partition_point(&self, is_before: impl Fn(&LoggedEvent) -> bool) -> usize {
        let whole = |chunk: &Chunk| chunk.events.last().is_some_and(&is_before);
        // Most instants are after all events.
        let place = match self.0.last() {
            Some(last) if whole(last) => return last.start + last.events.len(),
            _ => self.0.partition_point(whole),
        };
        let cut = |chunk: &Chunk| chunk.start + chunk.events.partition_point(&is_before);
        self.0.get(place).map_or(0, cut)
    }

    /// The events with these indexes, which must exist.
    fn range(&self, indexes: Range<usize>) -> impl ExactSizeIterator<Item = &LoggedEvent> {
        indexes.map(|index| {
            let chunk = &self.0[self.0.partition_point(|chunk| chunk.start <= index) - 1];
            &chunk.events[index - chunk.start]
        })
    }

    /// Inserts an event before the one with that index, or after all.
    fn insert(&mut self, index: usize, event: LoggedEvent) {
        let place = self.0.partition_point(|chunk| chunk.start <= index).saturating_sub(1);
        let Some(chunk) = self.0.get_mut(place) else {
            self.0.push(Chunk { start: 0, events: Arc::new(vec![event]) });
            return;
        };
        let (within, length) = (index - chunk.start, chunk.events.len());
        if length < CHUNK_SIZE {
            Arc::make_mut(&mut chunk.events).insert(within, event);
        } else {
            // A chunk that events were only added to at its end stays whole.
            let split = if within == length { length } else { length / 2 };
            let mut later = chunk.events[split..].to_vec();
            if within < split {
                Arc::make_mut(&mut chunk.events).insert(within, event);
            } else {
                later.insert(within - split, event);
            }
            if split < length {
                let kept = split + usize::from(within < split);
                Arc::make_mut(&mut chunk.events).truncate(kept);
            }
            self.0.insert(place + 1, Chunk { start: 0, events: Arc::new(later) });
        }
        let mut start = self.0[place].start;
        for chunk in &mut self.0[place..] {
            chunk.start = start;
            start += chunk.events.len();
        }
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
