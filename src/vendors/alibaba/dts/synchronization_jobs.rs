//! DescribeSynchronizationJobs.
//!
//! Newest instances come first (inferred). A two-way instance is one row, which shows its
//! forward direction (inferred: the row has one `Status`, the total counts instances).

use std::collections::BTreeMap;

use serde::Serialize;

use super::event::polled;
use super::job::{Job, forward_job};
use super::job_filter::{JobFilter, TagFilter, members_on_page};
use super::page::{self, PAGE_NUM, PageQuery};
use super::quirks::OtherRegion;
use super::response::render;
use super::scenario::{DtsPlan, MAX_TAGS};
use super::synchronization_instance_row::{SynchronizationInstanceRow, row};
use super::{DtsCall, DtsResult, client_token};
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule, Violation};
use crate::world::population::Member;

/// Fields in the order of the sample on the vendor's page. There is no `Success` and no `ErrCode`
/// (model of alibabacloud-dts20200101 5.11.7), so errors are never soft.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeSynchronizationJobsResponse<'j> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_record_count: Option<u64>,
    synchronization_instances: Vec<SynchronizationInstanceRow<'j>>,
    /// The number of rows that fit on a page, not that of this page (vendor's page).
    page_record_count: u64,
    request_id: String,
    page_number: u64,
}

pub(crate) fn describe_synchronization_jobs(call: &DtsCall<'_>) -> DtsResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let DescribeSynchronizationJobsQuery { page, filter } =
        DescribeSynchronizationJobsQuery::from_arguments(view.plan, call.arguments())?;
    let size = page.size;
    let single = |member: Member| filter.lets_through(&view, member);
    let selection = filter.select(&view, &single);
    let page = page.of(&view.plan.quirks, selection.total())?;
    let members = members_on_page(page, &selection, false);
    let jobs: Vec<Job<'_>> = members.into_iter().map(|member| forward_job(&view, member)).collect();
    let answer = DescribeSynchronizationJobsResponse {
        total_record_count: page.reported_total(&view.plan.quirks),
        synchronization_instances: jobs.iter().map(|job| row(view.plan, job, view.now)).collect(),
        page_record_count: size,
        request_id: call.request_id(),
        page_number: page.number(),
    };
    Ok(render(call, "SynchronizationInstances", &answer)?.recording(polled(&call.view(), &jobs)))
}

const DEFAULT_PAGE_SIZE: u64 = 30;

struct DescribeSynchronizationJobsQuery<'a> {
    page: PageQuery,
    filter: JobFilter<'a>,
}

impl<'a> DescribeSynchronizationJobsQuery<'a> {
    fn from_arguments(plan: &DtsPlan, arguments: &'a Arguments<'_>) -> Result<Self, ApiError> {
        let quirks = &plan.quirks;
        let tags = tags(arguments)?;
        let region = arguments.text("RegionId");
        let size = page::size_of_jobs(quirks, arguments, DEFAULT_PAGE_SIZE)?;
        let number = page::number(quirks, arguments, PAGE_NUM)?;
        client_token::check(quirks, arguments)?;
        Ok(Self {
            page: PageQuery { parameter: PAGE_NUM, number, size },
            filter: JobFilter {
                name: arguments.text("SynchronizationJobName"),
                region: region.filter(|_| quirks.other_region == OtherRegion::LeaveOut),
                tags,
                ..JobFilter::default()
            },
        })
    }
}

/// `Tag.N.Key` and `Tag.N.Value`: 1 to 20 tags, the key not empty, the value optional
/// (vendor's page). That an empty value that is sent is a value, not a wildcard, is inferred.
fn tags<'a>(arguments: &'a Arguments<'_>) -> Result<Vec<TagFilter<'a>>, ApiError> {
    let mut tags: BTreeMap<u64, TagFilter<'_>> = BTreeMap::new();
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
        let error = ApiError::from(Violation { parameter, rule: Rule::AtLeast(1) });
        return Err(error.hint("each tag has a key, which is not empty"));
    }
    if tags.len() > MAX_TAGS {
        return Err(
            ApiError::parameter("Tag", Rule::AtMost(MAX_TAGS as i64)).hint("20 tags at most")
        );
    }
    Ok(tags.into_values().collect())
}
