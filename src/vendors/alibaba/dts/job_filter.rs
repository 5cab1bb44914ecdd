//! Which instances a list shows: a filter on the name, tags, region and state of their forward
//! task, and on its databases.

use std::borrow::Cow;

use super::View;
use super::job::{FixedJob, REGION, SUBJECT, TAGS, TOPOLOGY, TWO_WAY, forward_job, is_shown};
use super::page::ShownPage;
use super::scenario::DtsPlan;
use super::state::TaskState;
use super::subject::{ALTERNATIVES, subject_of_alternative};
use crate::world::population::Member;
use crate::world::selection::{Filter, Selection};

#[derive(Default)]
pub(crate) struct JobFilter<'a> {
    /// A part of the name ("fuzzy" in today's pages, "contains" in an older one; that case
    /// matters is inferred).
    pub(crate) name: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    /// An instance must have all of them (inferred).
    pub(crate) tags: Vec<TagFilter<'a>>,
    pub(crate) state: Option<TaskState>,
    /// The id of the source database.
    pub(crate) source: Option<&'a str>,
    /// The id of the destination database.
    pub(crate) destination: Option<&'a str>,
}

/// A tag that an instance must have.
#[derive(Default)]
pub(crate) struct TagFilter<'a> {
    pub(crate) key: Cow<'a, str>,
    /// None: any value.
    pub(crate) value: Option<Cow<'a, str>>,
}

pub(crate) type JobSelection<'p> = Selection<'p, FixedJob, TaskState>;

impl JobFilter<'_> {
    /// The instances that the filter lets through. `source` and `destination` are not applied to
    /// generated ones: who asks for these finds the instance by their ids.
    pub(crate) fn select<'p>(
        &self,
        view: &View<'p>,
        single: &dyn Fn(Member) -> bool,
    ) -> JobSelection<'p> {
        let plan = view.plan;
        let sampler = &plan.jobs.sampler;
        // Names and tags are attributes: each alternative is examined once, not each instance.
        let has_name = [false, true].map(|is_two_way| -> Vec<bool> {
            let name = |alternative| {
                self.matches_name(subject_of_alternative(alternative, is_two_way).name(plan.locale))
            };
            (0..ALTERNATIVES).map(name).collect()
        });
        let is_in_region: Vec<bool> =
            plan.regions.iter().map(|region| self.matches_region(region)).collect();
        let has_tag: Option<Vec<(usize, Vec<bool>)>> =
            self.tags.iter().map(|tag| tag.generated(plan)).collect();
        let matches_row = |row: usize| {
            let is_two_way = sampler.attribute(TOPOLOGY, row) == TWO_WAY;
            has_name[usize::from(is_two_way)][sampler.attribute(SUBJECT, row)]
                && is_in_region[sampler.attribute(REGION, row)]
                && has_tag.as_ref().is_some_and(|has_tag| {
                    has_tag.iter().all(|(i, has)| has[sampler.attribute(TAGS + i, row)])
                })
        };
        let filter = Filter {
            row: if self.lets_all_rows_through() { None } else { Some(&matches_row) },
            state: self.state,
            from: None,
            until: None,
            single,
        };
        Selection::new(&plan.jobs, &view.projection.jobs, &filter, view.now)
    }

    /// Whether the list shows the member, examined alone.
    pub(crate) fn lets_through(&self, view: &View<'_>, member: Member) -> bool {
        if !is_shown(view, member) {
            return false;
        }
        let any_will_do =
            self.state.is_none() && self.source.is_none() && self.destination.is_none();
        if any_will_do && self.lets_all_rows_through() {
            return true;
        }
        let job = forward_job(view, member);
        let is = |wanted: Option<&str>, id: &Option<_>| {
            wanted.is_none_or(|wanted| id.as_deref() == Some(wanted))
        };
        let has =
            |tag: &TagFilter<'_>| job.instance.tags.iter().any(|has| tag.is(has.key, has.value));
        self.matches_name(job.name)
            && self.matches_region(job.instance.region)
            && self.tags.iter().all(has)
            && self.state.is_none_or(|state| state == job.task.state)
            && is(self.source, &job.source.instance_id)
            && is(self.destination, &job.destination.instance_id)
    }

    fn lets_all_rows_through(&self) -> bool {
        self.name.is_none() && self.region.is_none() && self.tags.is_empty()
    }

    fn matches_name(&self, name: &str) -> bool {
        self.name.is_none_or(|part| name.contains(part))
    }

    fn matches_region(&self, region: &str) -> bool {
        self.region.is_none_or(|wanted| wanted == region)
    }
}

impl TagFilter<'_> {
    fn is(&self, key: &str, value: &str) -> bool {
        self.key == key && self.value.as_ref().is_none_or(|wanted| wanted == value)
    }

    /// The index of the generated tag of this key, and which of its alternatives match; None if
    /// no generated instance has the key.
    fn generated(&self, plan: &DtsPlan) -> Option<(usize, Vec<bool>)> {
        let index = plan.tags.iter().position(|tag| tag.key == self.key)?;
        let matches =
            |value: &Option<String>| value.as_ref().is_some_and(|value| self.is(&self.key, value));
        Some((index, plan.tags[index].values.iter().map(matches).collect()))
    }
}

/// The members that a page shows of a selection.
#[expect(clippy::expect_used, reason = "the rows of a page are below the total")]
pub(crate) fn members_on_page(
    page: ShownPage,
    selection: &JobSelection<'_>,
    oldest_first: bool,
) -> Vec<Member> {
    let member = |row| {
        let member =
            if oldest_first { selection.nth_oldest(row) } else { selection.nth_newest(row) };
        member.expect("a row below the total")
    };
    page.rows().map(member).collect()
}
