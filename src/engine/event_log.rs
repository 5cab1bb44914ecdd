//! The event log: what clients changed, and when. It is the part of a world that its scenario does
//! not determine.
//!
//! An event records a request, not its result. The result is a projection: a fold over the events
//! in order of virtual time. So the same event log in another process with the same scenario and
//! seed is the same world, and an instant before the last event shows the world of that instant.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use super::plan::Plan;
use super::registry::{AnyEvent, AnyProjection};
use super::service::Service;
use crate::world::time::Timestamp;

/// Maximum number of entries in the event log.
pub(crate) const MAX_EVENTS: usize = 50_000;
/// Number of the latest projections that are kept: a thread that read the clock a moment before
/// another one recorded an event asks for one of them.
const CACHE_SIZE: usize = 16;

#[derive(Clone, Debug)]
pub(crate) struct LoggedEvent {
    /// From 1, in the order of requests; it identifies created entities.
    pub(crate) number: u64,
    /// Virtual time. If the clock was turned back, a later number can have an earlier time.
    pub(crate) at: Timestamp,
    /// The number of its service in the registry.
    pub(crate) service: usize,
    pub(crate) event: Arc<dyn AnyEvent>,
}

/// It is immutable: recording an event makes another log.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventLog {
    /// By time, those of one instant by number.
    events: Vec<Arc<LoggedEvent>>,
    last: u64,
    /// The projections of the first n events, ascending; the last is that of all.
    projections: VecDeque<(usize, Arc<Projections>)>,
}

/// The event log has [`MAX_EVENTS`] entries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// Why events do not make an event log.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidEventLog {
    #[error("it has more than {MAX_EVENTS} entries")]
    Full,
    #[error("two entries have the number {0}")]
    Number(u64),
    #[error("an entry has the number {0}; they go from 1 to 2^60")]
    Range(u64),
}

impl EventLog {
    /// A log of events in any order.
    ///
    /// # Errors
    /// If there are too many, or their numbers are not unique or out of range.
    pub(crate) fn of(plan: &Plan, mut events: Vec<LoggedEvent>) -> Result<Self, InvalidEventLog> {
        if events.len() > MAX_EVENTS {
            return Err(InvalidEventLog::Full);
        }
        events.sort_by_key(|event| event.number);
        for pair in events.windows(2) {
            if let [a, b] = pair
                && a.number == b.number
            {
                return Err(InvalidEventLog::Number(a.number));
            }
        }
        if let Some(event) = events.iter().find(|event| !(1..1 << 60).contains(&event.number)) {
            return Err(InvalidEventLog::Range(event.number));
        }
        let last = events.last().map_or(0, |event| event.number);
        events.sort_by_key(|event| event.at);
        let mut log = Self {
            events: events.into_iter().map(Arc::new).collect(),
            last,
            projections: VecDeque::new(),
        };
        log.keep_latest(plan);
        Ok(log)
    }

    pub(crate) fn events(&self) -> impl ExactSizeIterator<Item = &LoggedEvent> {
        self.events.iter().map(Arc::as_ref)
    }

    /// The number that the next event will have.
    pub(crate) fn next_number(&self) -> u64 {
        self.last + 1
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

    /// The log with one more event, which has [`EventLog::next_number`].
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
        if self.events.len() >= MAX_EVENTS {
            return Err(Full);
        }
        let mut log = self.clone();
        log.last += 1;
        let index = log.events.partition_point(|event| event.at <= at);
        let event = LoggedEvent { number: log.last, at, service, event };
        log.events.insert(index, Arc::new(event));
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
        for event in self.events.iter().take(count).skip(known) {
            projections.apply(plan, event);
        }
        Arc::new(projections)
    }

    fn keep_latest(&mut self, plan: &Plan) {
        let count = self.events.len();
        self.projections.push_back((count, self.after(plan, count)));
        if self.projections.len() > CACHE_SIZE {
            self.projections.pop_front();
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
            found.service.apply(projection, plan, event.number, event.at, &*event.event);
        }
    }
}

impl fmt::Debug for Projections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}
