//! Which instances a list shows: by what their forward task is called and tagged, where
//! they are and how they stand.

use std::borrow::Cow;

use super::View;
use super::job::{self, REGION, TAGS, is_shown, job};
use super::scenario::Plan;
use super::subject::{CHOICES, chosen};
use super::task::Direction;
use crate::world::lifecycle::State;
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

#[derive(Default)]
pub struct Wanted<'a> {
    /// A part of the name ("fuzzy" in today's pages, "contains" in an older one; that case
    /// matters is inferred).
    pub name: Option<&'a str>,
    pub region: Option<&'a str>,
    /// An instance must have all of them (inferred).
    pub tags: Vec<WantedTag<'a>>,
    pub state: Option<State>,
    /// The id of the source database, and of the destination.
    pub source: Option<&'a str>,
    pub destination: Option<&'a str>,
}

/// A tag that an instance must have; without a value, any value will do.
#[derive(Default)]
pub struct WantedTag<'a> {
    pub key: Cow<'a, str>,
    pub value: Option<Cow<'a, str>>,
}

impl Wanted<'_> {
    /// The instances that there are, but for `source` and `destination`, which no arithmetic
    /// can find.
    pub fn select<'p>(
        &self,
        view: &View<'p>,
        single: &dyn Fn(Member) -> bool,
    ) -> Selection<'p, job::Pinned> {
        let plan = view.plan;
        let deck = &plan.jobs.deck;
        // Names and tags are dealt: each is looked at once, not once for each instance.
        let named = [false, true].map(|two_way| -> Vec<bool> {
            (0..CHOICES).map(|i| self.names(chosen(i, two_way).name(plan.tongue))).collect()
        });
        let here: Vec<bool> = plan.regions.iter().map(|region| self.is_in(region)).collect();
        let tagged: Option<Vec<(usize, Vec<bool>)>> =
            self.tags.iter().map(|wanted| wanted.among(plan)).collect();
        let card = |card: usize| {
            let two_way = deck.choice(job::TOPOLOGY, card) == job::TWO_WAY;
            named[usize::from(two_way)].get(deck.choice(job::SUBJECT, card)) == Some(&true)
                && here.get(deck.choice(REGION, card)) == Some(&true)
                && tagged.as_ref().is_some_and(|tagged| {
                    tagged.iter().all(|(choice, right)| {
                        right.get(deck.choice(TAGS + choice, card)) == Some(&true)
                    })
                })
        };
        let any = self.name.is_none() && self.region.is_none() && self.tags.is_empty();
        let filter = Filter {
            card: if any { None } else { Some(&card) },
            state: self.state,
            from: None,
            until: None,
            single,
        };
        Selection::new(&plan.jobs, &view.changes.jobs, &filter, view.now)
    }

    /// Whether the list shows the member, looked at for itself.
    pub fn lets_through(&self, view: &View<'_>, member: Member) -> bool {
        if !is_shown(view, member) {
            return false;
        }
        let Some(job) = job(view, member, Direction::Forward) else { return false };
        let is = |wanted: Option<&str>, id: &Option<_>| {
            wanted.is_none_or(|wanted| id.as_deref() == Some(wanted))
        };
        self.names(job.name)
            && self.is_in(job.region)
            && self.tags.iter().all(|tag| job.tags.iter().any(|has| tag.is(has.key, has.value)))
            && self.state.is_none_or(|state| state == job.task.state)
            && is(self.source, &job.source.instance_id)
            && is(self.destination, &job.destination.instance_id)
    }

    fn names(&self, name: &str) -> bool {
        self.name.is_none_or(|part| name.contains(part))
    }

    fn is_in(&self, region: &str) -> bool {
        self.region.is_none_or(|wanted| wanted == region)
    }
}

impl WantedTag<'_> {
    fn is(&self, key: &str, value: &str) -> bool {
        self.key == key && self.value.as_ref().is_none_or(|wanted| wanted == value)
    }

    /// The generated tag of this key, and which of its alternatives are right; none if no
    /// generated instance has the key.
    fn among(&self, plan: &Plan) -> Option<(usize, Vec<bool>)> {
        let choice = plan.tags.iter().position(|labels| labels.key == self.key)?;
        let values = &plan.tags.get(choice)?.values;
        let right =
            |value: &Option<String>| value.as_ref().is_some_and(|value| self.is(&self.key, value));
        Some((choice, values.iter().map(right).collect()))
    }
}
