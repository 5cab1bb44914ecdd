//! What clients changed, and when: the part of a world that its scenario does not say.
//!
//! A journal keeps what was asked, not what came of it; that is worked out from the scenario
//! by going through it in order of virtual time. So the same journal on another process that
//! has the same scenario and seed is the same world, and an instant before the last change
//! shows what was there then.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::service::{Change, Changes};
use crate::world::time::Timestamp;

/// A journal has no more entries.
pub const MOST: usize = 50_000;
/// So many of the latest states are kept: a thread that read the clock a moment before
/// somebody else changed something asks for one of them.
const KEPT: usize = 16;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// From 1, in the order in which changes were asked for; created things are known by it.
    pub number: u64,
    /// Virtual time. A clock that was turned back lets a later number have an earlier time.
    #[serde(with = "instant")]
    pub at: Timestamp,
    pub change: Change,
}

/// Virtual time in documents: RFC 3339, with milliseconds.
pub mod instant {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::world::time::Timestamp;

    pub fn serialize<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&instant.iso_millis())
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        let instant: jiff::Timestamp = text.parse().map_err(D::Error::custom)?;
        Ok(Timestamp::from_millis(instant.as_millisecond()))
    }
}

/// A value: a change makes another one.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// By time, those of one instant by number.
    entries: Vec<Arc<Entry>>,
    last: u64,
    /// What the first so many entries have come to, ascending; the last is that of all.
    states: VecDeque<(usize, Arc<Changes>)>,
}

/// The journal has [`MOST`] entries.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// Why entries do not make a journal.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("it has more than {MOST} entries")]
    Full,
    #[error("two entries have the number {0}")]
    Number(u64),
    #[error("an entry has the number {0}; they go from 1 to 2^60")]
    Range(u64),
}

impl Journal {
    /// A journal of entries in any order.
    ///
    /// # Errors
    /// If they are too many, or their numbers are not different.
    pub fn of(plan: &Plan, mut entries: Vec<Entry>) -> Result<Self, Unusable> {
        if entries.len() > MOST {
            return Err(Unusable::Full);
        }
        entries.sort_by_key(|entry| entry.number);
        for pair in entries.windows(2) {
            if let [a, b] = pair
                && a.number == b.number
            {
                return Err(Unusable::Number(a.number));
            }
        }
        if let Some(entry) = entries.iter().find(|entry| !(1..1 << 60).contains(&entry.number)) {
            return Err(Unusable::Range(entry.number));
        }
        let last = entries.last().map_or(0, |entry| entry.number);
        entries.sort_by_key(|entry| entry.at);
        let mut journal = Self {
            entries: entries.into_iter().map(Arc::new).collect(),
            last,
            states: VecDeque::new(),
        };
        journal.settle(plan);
        Ok(journal)
    }

    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter().map(Arc::as_ref)
    }

    /// The number that the next change will have.
    pub fn next_number(&self) -> u64 {
        self.last + 1
    }

    /// What the changes up to an instant have come to. Costs nothing unless the clock was
    /// turned back behind the last few of them.
    pub fn changes(&self, plan: &Plan, now: Timestamp) -> Arc<Changes> {
        self.after(plan, self.entries.partition_point(|entry| entry.at <= now))
    }

    /// What there was at an instant when the change of a number was the last one: a clock may
    /// stand still while clients go on.
    pub fn changes_up_to(&self, plan: &Plan, at: Timestamp, number: u64) -> Arc<Changes> {
        let last = (at, number);
        self.after(plan, self.entries.partition_point(|entry| (entry.at, entry.number) <= last))
    }

    /// The journal with one more change, which has [`Journal::next_number`].
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn with(&self, plan: &Plan, at: Timestamp, change: Change) -> Result<Self, Full> {
        if self.entries.len() >= MOST {
            return Err(Full);
        }
        let mut journal = self.clone();
        journal.last += 1;
        let place = journal.entries.partition_point(|entry| entry.at <= at);
        journal.entries.insert(place, Arc::new(Entry { number: journal.last, at, change }));
        journal.states.retain(|&(count, _)| count <= place);
        journal.settle(plan);
        Ok(journal)
    }

    /// What the first `count` entries have come to.
    fn after(&self, plan: &Plan, count: usize) -> Arc<Changes> {
        let kept = self.states.iter().rev().find(|&&(kept, _)| kept <= count);
        let (known, state) = kept.cloned().unwrap_or_else(|| (0, Changes::none()));
        if known == count {
            return state;
        }
        let mut state = Changes::clone(&state);
        for entry in self.entries.iter().take(count).skip(known) {
            state.apply(plan, entry.number, entry.at, &entry.change);
        }
        Arc::new(state)
    }

    fn settle(&mut self, plan: &Plan) {
        let count = self.entries.len();
        self.states.push_back((count, self.after(plan, count)));
        if self.states.len() > KEPT {
            self.states.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::{Options, load};
    use crate::service::eiam;

    fn plan() -> Box<Plan> {
        let start = Timestamp::from_millis(1_772_352_000_000);
        let loaded = load("test", "version = 1", &Options::default(), start).expect("options");
        loaded.outcome.expect("a scenario without problems")
    }

    fn run(plan: &Plan) -> Change {
        let target_id = plan.eiam.targets[0].id.clone();
        Change::Eiam(eiam::Change::Run { target_id, description: None, scope: None })
    }

    fn created(changes: &Changes) -> Vec<(Timestamp, u64)> {
        changes.eiam.jobs.created().collect()
    }

    proptest! {
        #[test]
        fn an_instant_shows_what_was_changed_up_to_it_in_whatever_order(
            times in proptest::collection::vec(0u64..50, 0..40),
        ) {
            let plan = plan();
            let at = |offset| plan.clock.start.plus(offset);
            let mut journal = Journal::default();
            for &time in &times {
                journal = journal.with(&plan, at(time), run(&plan)).expect("room");
            }
            let mut expected: Vec<(Timestamp, u64)> =
                (1..).zip(&times).map(|(number, &time)| (at(time), number)).collect();
            expected.sort_unstable();
            let again = Journal::of(&plan, journal.entries().cloned().collect()).expect("usable");
            prop_assert_eq!(again.next_number(), journal.next_number());
            for now in 0..51 {
                let until: Vec<_> =
                    expected.iter().copied().filter(|&(born, _)| born <= at(now)).collect();
                prop_assert_eq!(created(&journal.changes(&plan, at(now))), until.clone());
                prop_assert_eq!(created(&again.changes(&plan, at(now))), until);
            }
        }
    }

    #[test]
    fn a_full_journal_takes_no_more() {
        let plan = plan();
        let entry = |number| Entry { number, at: plan.clock.start, change: run(&plan) };
        let full = Journal::of(&plan, (1..=MOST as u64).map(entry).collect()).expect("just so");
        assert_eq!(full.with(&plan, plan.clock.start, run(&plan)).map(|_| ()), Err(Full));
        let more = Journal::of(&plan, (1..=MOST as u64 + 1).map(entry).collect());
        assert_eq!(more.map(|_| ()), Err(Unusable::Full));
    }

    #[test]
    fn of_many_who_change_at_once_every_one_is_written_down() {
        let plan = plan();
        let past = crate::engine::Past::new(&plan);
        let target = &plan.eiam.targets[0];
        let uri = format!(
            "/?Action=RunSynchronizationJob&Version=2021-12-01&Format=JSON&InstanceId={}\
             &TargetType={}&TargetId={}",
            plan.eiam.instance_id,
            target.kind().wire(),
            target.id
        );
        let ask = || {
            let request = http::Request::post(&uri).body(bytes::Bytes::new()).expect("a request");
            let answer =
                crate::engine::respond_after(&plan, &past, &request, plan.clock.start).reply;
            let body: serde_json::Value = serde_json::from_slice(answer.body()).expect("JSON");
            body["SynchronizationJobId"].as_str().expect("an id").to_owned()
        };
        let ids = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..25).map(|_| ask()).collect::<Vec<_>>()))
                .collect();
            threads.into_iter().flat_map(|t| t.join().expect("ids")).collect::<Vec<_>>()
        });
        let different: std::collections::HashSet<&String> = ids.iter().collect();
        assert_eq!(different.len(), 200);
        assert_eq!(past.journal().entries().len(), 200);
    }
}
