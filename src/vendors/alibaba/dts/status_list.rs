//! DescribeSynchronizationJobStatusList.
//!
//! Rows come in the order of the requested ids (vendor's sample). The answer speaks of
//! pages, but there is only one: the request has no paging parameters.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize, Serializer};

use super::event::polled_tasks;
use super::job::find;
use super::job_arguments::{is_in_requested_region, unknown_job};
use super::quirks::{Duplicates, Empty, StatusListOrder, Unknown};
use super::response::{Success, render};
use super::scenario::DtsPlan;
use super::state::{ShownBy, spelled};
use super::task::{Direction, Task, forward_task, task};
use super::{DtsCall, DtsResult, View, client_token};
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule, VendorError};
use crate::world::paging::{Page, PagingAnomaly};

pub(crate) const NAME: &str = "DescribeSynchronizationJobStatusList";
/// The list of rows in an answer.
pub(crate) const ROWS: &str = "SynchronizationJobListStatusList";
const IDS: &str = "SynchronizationJobIdListJsonStr";

/// Fields in the order of the vendor's sample.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeSynchronizationJobStatusListResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_record_count: Option<u64>,
    page_record_count: usize,
    request_id: String,
    page_number: u32,
    synchronization_job_list_status_list: Vec<JobStatusRow<'a>>,
    success: Success,
    #[serde(skip_serializing_if = "Option::is_none")]
    err_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    err_message: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct JobStatusRow<'a> {
    synchronization_job_id: &'a str,
    #[serde(serialize_with = "directions")]
    synchronization_direction_info_list: [Option<DirectionInfo>; 2],
}

/// Serializes the directions that the instance has, without a list of its own for each row.
fn directions<S: Serializer>(
    infos: &[Option<DirectionInfo>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(infos.iter().flatten())
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DirectionInfo {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<Seconds>,
    synchronization_direction: &'static str,
}

/// A text of Unix seconds (vendor's sample).
struct Seconds(i64);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

pub(crate) fn describe_synchronization_job_status_list(call: &DtsCall<'_>) -> DtsResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let found = found_jobs(call, &view)?;
    let rows = found.iter().map(|job| row(view.plan, job)).collect();
    let answer = response(view.plan, call.request_id(), rows, None);
    Ok(render(call, ROWS, &answer)?.recording(polled_tasks(&call.view(), tasks(&found))))
}

/// The soft form of an error.
pub(crate) fn error_response<'a>(
    plan: &DtsPlan,
    request_id: String,
    error: &'a VendorError,
) -> DescribeSynchronizationJobStatusListResponse<'a> {
    response(plan, request_id, Vec::new(), Some(error))
}

fn response<'a>(
    plan: &DtsPlan,
    request_id: String,
    rows: Vec<JobStatusRow<'a>>,
    error: Option<&'a VendorError>,
) -> DescribeSynchronizationJobStatusListResponse<'a> {
    let total = rows.len() as u64;
    let page = Page::numbered(PagingAnomaly::Exact, 0, total);
    DescribeSynchronizationJobStatusListResponse {
        total_record_count: page.reported(plan.quirks.total.into(), total),
        page_record_count: rows.len(),
        request_id,
        page_number: 1,
        synchronization_job_list_status_list: rows,
        success: Success::new(plan, error.is_none()),
        err_code: error.map(|error| &*error.code),
        err_message: error.map(|error| &*error.message),
    }
}

/// An instance with its tasks.
struct FoundJob<'a> {
    id: Cow<'a, str>,
    forward: Task,
    reverse: Option<Task>,
}

fn tasks<'s>(found: &'s [FoundJob<'_>]) -> impl Iterator<Item = (&'s str, &'s Task)> {
    found.iter().flat_map(|job| {
        let tasks = std::iter::once(&job.forward).chain(&job.reverse);
        tasks.map(|task| (&*job.id, task))
    })
}

fn found_jobs<'a>(call: &'a DtsCall<'_>, view: &View<'_>) -> Result<Vec<FoundJob<'a>>, ApiError> {
    let quirks = &view.plan.quirks;
    let ids = requested_ids(view.plan, call.arguments())?;
    let mut found = Vec::with_capacity(ids.len());
    let mut first_unknown = None;
    for Id(id) in ids {
        let member = find(view, &id).filter(|&member| is_in_requested_region(call, view, member));
        match member {
            Some(member) => {
                let forward = forward_task(view, member);
                let reverse = task(view, member, Direction::Reverse);
                found.push(FoundJob { id, forward, reverse });
            }
            None if quirks.unknown == Unknown::Refuse => return Err(unknown_job(call, view, &id)),
            None => first_unknown = first_unknown.or(Some(id)),
        }
    }
    match first_unknown {
        Some(id) if found.is_empty() && quirks.unknown == Unknown::RefuseIfAll => {
            return Err(unknown_job(call, view, &id));
        }
        _ => {}
    }
    if quirks.status_list_order == StatusListOrder::Reversed {
        found.reverse();
    }
    Ok(found)
}

fn row<'s>(plan: &DtsPlan, job: &'s FoundJob<'_>) -> JobStatusRow<'s> {
    let info = |task: &Task, direction: Direction| DirectionInfo {
        status: spelled(task.state, ShownBy::StatusList, plan.quirks.spelling),
        checkpoint: task.checkpoint.map(Seconds),
        synchronization_direction: direction.name(),
    };
    JobStatusRow {
        synchronization_job_id: &job.id,
        synchronization_direction_info_list: [
            Some(info(&job.forward, Direction::Forward)),
            job.reverse.as_ref().map(|task| info(task, Direction::Reverse)),
        ],
    }
}

/// A slice of the argument, unless it has escapes.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
struct Id<'a>(#[serde(borrow)] Cow<'a, str>);

fn requested_ids<'a>(
    plan: &DtsPlan,
    arguments: &'a Arguments<'_>,
) -> Result<Vec<Id<'a>>, ApiError> {
    let quirks = &plan.quirks;
    let expected = || format!("{IDS} is a JSON array of ids, such as [\"dtsexjk1alb116lbf1\"]");
    let invalid = |rule| ApiError::parameter(IDS, rule).hint(expected());
    let text = arguments.text(IDS).ok_or_else(|| invalid(Rule::Required))?;
    client_token::check(quirks, arguments)?;
    let mut ids: Vec<Id<'a>> =
        serde_json::from_str(text).map_err(|_| invalid(Rule::JsonArrayOfText))?;
    if ids.is_empty() && quirks.empty == Empty::Refuse {
        return Err(invalid(Rule::AtLeast(1))
            .hint("this scenario has dts.quirks.empty = \"refuse\": name at least one id"));
    }
    if let Some(max) = quirks.max_ids.filter(|&max| ids.len() as u64 > max) {
        return Err(invalid(Rule::AtMost(i64::try_from(max).unwrap_or(i64::MAX))).hint(format!(
            "this scenario has dts.quirks.max_ids = {max}; {} were sent",
            ids.len()
        )));
    }
    if quirks.duplicates == Duplicates::Collapse {
        let mut seen = HashSet::with_capacity(ids.len());
        ids.retain(|id| seen.insert(id.clone()));
    }
    Ok(ids)
}
