//! DescribeSynchronizationJobs.
//!
//! Newest instances come first (inferred). A two-way instance is one row, which shows its
//! forward direction (inferred: the row has one `Status`, the total counts instances).

use std::collections::BTreeMap;

use serde::Serialize;

use super::client_token;
use super::job::{self, REGION, TAGS};
use super::row::{Row, row};
use super::scenario::{OtherRegion, Plan};
use super::subject::{CHOICES, chosen};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule, Violation};
use crate::world::population::{Member, Traces};
use crate::world::selection::{Filter, Selection};
use crate::world::time::Timestamp;

/// Fields in the order of the sample on the vendor's page. No `Success` and no `ErrCode`
/// here (model of alibabacloud-dts20200101 5.11.7).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'p> {
    total_record_count: u64,
    synchronization_instances: Vec<Row<'p>>,
    /// What fits on a page, not what is on this one (vendor's page).
    page_record_count: u64,
    request_id: String,
    page_number: u64,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let plan = &call.plan().dts;
    let question = Question::parse(plan, call.arguments())?;
    let (total_record_count, members) = question.answer(plan, call.now());
    call.render(&Answer {
        total_record_count,
        synchronization_instances: members
            .into_iter()
            .filter_map(|member| job::job(plan, member, call.now()))
            .map(|job| row(plan, job, call.now()))
            .collect(),
        page_record_count: question.size,
        request_id: call.exchange().alibaba_id(),
        page_number: question.number,
    })
}

struct Question<'a> {
    number: u64,
    size: u64,
    name: Option<&'a str>,
    region: Option<&'a str>,
    tags: Vec<Wanted<'a>>,
}

/// A tag that an instance must have; without a value, any value will do.
#[derive(Default)]
struct Wanted<'a> {
    key: &'a str,
    value: Option<&'a str>,
}

impl<'a> Question<'a> {
    fn parse(plan: &Plan, arguments: &'a Arguments) -> Result<Self, Refusal> {
        let quirks = &plan.quirks;
        let tags = tags(arguments)?;
        let region = arguments.text("RegionId");
        // The pages give 30 as the most, older ones 100, and callers send up to 200 and get
        // them: what is refused is for the scenario to say.
        let most = quirks.max_page_size;
        let bound = i64::try_from(most).unwrap_or(i64::MAX);
        let size = arguments.whole("PageSize", 1..=bound).map_err(|refusal| {
            refusal.hint(format!("this scenario has dts.quirks.max_page_size = {most}"))
        })?;
        let number = arguments.whole("PageNum", 1..=i64::from(i32::MAX))?;
        client_token::check(quirks, arguments)?;
        Ok(Self {
            number: number.map_or(1, i64::unsigned_abs),
            size: size.map_or(most.min(30), i64::unsigned_abs),
            name: arguments.text("SynchronizationJobName"),
            region: region.filter(|_| quirks.other_region == OtherRegion::LeaveOut),
            tags,
        })
    }

    fn answer(&self, plan: &Plan, now: Timestamp) -> (u64, Vec<Member>) {
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
        let single = |member: Member| {
            let Member::Pinned(place) = member else { return false };
            let Some(job) = plan.jobs.pins.get(place).map(|pin| &pin.value) else { return false };
            self.names(&job.name)
                && self.is_in(&job.region)
                && self
                    .tags
                    .iter()
                    .all(|wanted| job.tags.iter().any(|(key, value)| wanted.is(key, value)))
        };
        let any = self.name.is_none() && self.region.is_none() && self.tags.is_empty();
        let filter = Filter {
            card: if any { None } else { Some(&card) },
            state: None,
            from: None,
            until: None,
            single: &single,
        };
        let selection = Selection::new(&plan.jobs, &Traces::default(), &filter, now);
        let first = (self.number - 1).saturating_mul(self.size);
        let members =
            (first..first.saturating_add(self.size)).map_while(|k| selection.nth_newest(k));
        (selection.total(), members.collect())
    }

    /// Whether the name contains what is asked for ("fuzzy" in today's pages, "contains" in
    /// an older one; that case matters is inferred).
    fn names(&self, name: &str) -> bool {
        self.name.is_none_or(|part| name.contains(part))
    }

    fn is_in(&self, region: &str) -> bool {
        self.region.is_none_or(|wanted| wanted == region)
    }
}

impl Wanted<'_> {
    fn is(&self, key: &str, value: &str) -> bool {
        self.key == key && self.value.is_none_or(|wanted| wanted == value)
    }

    /// The generated tag of this key, and which of its alternatives are right; none if no
    /// generated instance has the key.
    fn among(&self, plan: &Plan) -> Option<(usize, Vec<bool>)> {
        let choice = plan.tags.iter().position(|labels| labels.key == self.key)?;
        let values = &plan.tags.get(choice)?.values;
        let right =
            |value: &Option<String>| value.as_ref().is_some_and(|value| self.is(self.key, value));
        Some((choice, values.iter().map(right).collect()))
    }
}

/// `Tag.N.Key` and `Tag.N.Value`: 1 to 20 of them, the key not empty, the value perhaps
/// (vendor's page). That an instance must have all of them, and that an empty value which
/// is sent is a value, not a wildcard, is inferred.
fn tags(arguments: &Arguments) -> Result<Vec<Wanted<'_>>, Refusal> {
    let mut tags: BTreeMap<u64, Wanted<'_>> = BTreeMap::new();
    for (name, value) in arguments.iter() {
        let Some((number, part)) = name.strip_prefix("Tag.").and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        match (number.parse(), part) {
            (Ok(number), "Key") => tags.entry(number).or_default().key = value,
            (Ok(number), "Value") => tags.entry(number).or_default().value = Some(value),
            _ => {}
        }
    }
    if let Some((number, _)) = tags.iter().find(|(_, tag)| tag.key.is_empty()) {
        let parameter = format!("Tag.{number}.Key").into();
        let refusal = Refusal::from(Violation { parameter, rule: Rule::AtLeast(1) });
        return Err(refusal.hint("each tag has a key, which is not empty"));
    }
    if tags.len() > 20 {
        return Err(Refusal::parameter("Tag", Rule::AtMost(20)).hint("20 tags at most"));
    }
    Ok(tags.into_values().collect())
}
