//! DescribeSynchronizationJobs.
//!
//! Newest instances come first (inferred). A two-way instance is one row, which shows its
//! forward direction (inferred: the row has one `Status`, the total counts instances).

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::looked;
use super::client_token;
use super::filter::{Wanted, WantedTag};
use super::job::{Job, job};
use super::page;
use super::quirks::OtherRegion;
use super::row::{Row, row};
use super::scenario::Plan;
use super::task::Direction;
use super::verdict::render;
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule, Violation};
use crate::world::population::Member;

/// Fields in the order of the sample on the vendor's page. No `Success` and no `ErrCode`
/// here (model of alibabacloud-dts20200101 5.11.7), so that there is no soft refusal.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'j> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_record_count: Option<u64>,
    synchronization_instances: Vec<Row<'j>>,
    /// What fits on a page, not what is on this one (vendor's page).
    page_record_count: u64,
    request_id: String,
    page_number: u64,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = super::read_page(call);
    let view = super::view_as_of(&as_of);
    let Question { page, wanted } = Question::parse(view.plan, call.arguments())?;
    let size = page.size;
    let single = |member: Member| wanted.lets_through(&view, member);
    let selection = wanted.select(&view, &single);
    let page = page.of(&view.plan.quirks, selection.total())?;
    let jobs: Vec<Job<'_>> = page
        .rows()
        .filter_map(|k| selection.nth_newest(k))
        .filter_map(|member| job(&view, member, Direction::Forward))
        .collect();
    let answer = Answer {
        total_record_count: page.total(&view.plan.quirks),
        synchronization_instances: jobs.iter().map(|job| row(view.plan, job, view.now)).collect(),
        page_record_count: size,
        request_id: call.exchange().alibaba_id(),
        page_number: page.number(),
    };
    Ok(render(call, "SynchronizationInstances", &answer)?.changing(looked(&jobs)))
}

const PAGE: &str = "PageNum";

struct Question<'a> {
    page: page::Asked,
    wanted: Wanted<'a>,
}

impl<'a> Question<'a> {
    fn parse(plan: &Plan, arguments: &'a Arguments) -> Result<Self, Refusal> {
        let quirks = &plan.quirks;
        let tags = tags(arguments)?;
        let region = arguments.text("RegionId");
        let size = page::size_of_jobs(quirks, arguments, quirks.max_page_size.min(30))?;
        let number = page::number(quirks, arguments, PAGE)?;
        client_token::check(quirks, arguments)?;
        Ok(Self {
            page: page::Asked { parameter: PAGE, number, size },
            wanted: Wanted {
                name: arguments.text("SynchronizationJobName"),
                region: region.filter(|_| quirks.other_region == OtherRegion::LeaveOut),
                tags,
                ..Wanted::default()
            },
        })
    }
}

/// `Tag.N.Key` and `Tag.N.Value`: 1 to 20 of them, the key not empty, the value perhaps
/// (vendor's page). That an empty value which is sent is a value, not a wildcard, is
/// inferred.
fn tags<'a>(arguments: &'a Arguments<'_>) -> Result<Vec<WantedTag<'a>>, Refusal> {
    let mut tags: BTreeMap<u64, WantedTag<'_>> = BTreeMap::new();
    for (name, value) in arguments.iter() {
        let Some((number, part)) = name.strip_prefix("Tag.").and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        match (number.parse(), part) {
            (Ok(number), "Key") => tags.entry(number).or_default().key = value.into(),
            (Ok(number), "Value") => tags.entry(number).or_default().value = Some(value.into()),
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
