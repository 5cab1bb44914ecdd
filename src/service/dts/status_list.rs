//! DescribeSynchronizationJobStatusList.
//!
//! Rows come in the order their ids are asked for (vendor's sample). The answer speaks of
//! pages, but there is only one: the request has no paging parameters.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize, Serializer};

use super::asked::{is_here, unknown};
use super::change::looked_at;
use super::job::find;
use super::quirks::{Duplicates, Empty, ErrorForm, StatusListOrder, Unknown};
use super::scenario::Plan;
use super::state::{Speaker, spelt};
use super::task::{Direction, Task, task};
use super::verdict::{Success, render};
use super::{View, client_token, errors};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule, VendorError};
use crate::world::pages::{Page, Seam};

const IDS: &str = "SynchronizationJobIdListJsonStr";

/// Fields in the order of the vendor's sample.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_record_count: Option<u64>,
    page_record_count: usize,
    request_id: String,
    page_number: u32,
    synchronization_job_list_status_list: Vec<Row<'a>>,
    success: Success,
    #[serde(skip_serializing_if = "Option::is_none")]
    err_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    err_message: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'a> {
    synchronization_job_id: &'a str,
    #[serde(serialize_with = "those_there")]
    synchronization_direction_info_list: [Option<DirectionInfo>; 2],
}

fn those_there<S: Serializer>(
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

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = super::read(call);
    let view = super::view_as_of(&as_of);
    let plan = view.plan;
    let answer = |rows: &[Shown], error: Option<&VendorError>| {
        let total = rows.len() as u64;
        let page = Page::numbered(Seam::Exact, 0, total);
        let answer = Answer {
            total_record_count: page.claims(plan.quirks.total, total),
            page_record_count: rows.len(),
            request_id: call.exchange().alibaba_id(),
            page_number: 1,
            synchronization_job_list_status_list: rows
                .iter()
                .map(|shown| row(plan, shown))
                .collect(),
            success: Success::new(plan, error.is_none()),
            err_code: error.map(|error| &*error.code),
            err_message: error.map(|error| &*error.message),
        };
        render(call, "SynchronizationJobListStatusList", &answer)
    };
    match rows(call, &view) {
        Ok(rows) => Ok(answer(&rows, None)?.changing(looked_at(tasks(&rows)))),
        Err(refusal) if plan.quirks.form_of_list(&refusal.reason) == ErrorForm::Soft => {
            answer(&[], Some(&errors::said(call.exchange(), &refusal.reason)))
        }
        Err(refusal) => Err(refusal),
    }
}

/// An instance with its tasks.
struct Shown<'a> {
    id: Cow<'a, str>,
    tasks: [Option<(Direction, Task)>; 2],
}

fn tasks<'s>(rows: &'s [Shown<'_>]) -> impl Iterator<Item = (&'s str, &'s Task)> {
    rows.iter().flat_map(|shown| shown.tasks.iter().flatten().map(|(_, task)| (&*shown.id, task)))
}

fn rows<'a>(call: &'a Admitted<'_>, view: &View<'_>) -> Result<Vec<Shown<'a>>, Refusal> {
    let quirks = &view.plan.quirks;
    let ids = ids(view.plan, call.arguments())?;
    let mut rows = Vec::with_capacity(ids.len());
    let mut nobodys = None;
    for Id(id) in ids {
        let member = find(view, &id).filter(|&member| is_here(call, view, member));
        let tasks = member.map(|member| {
            [Direction::Forward, Direction::Reverse]
                .map(|direction| Some((direction, task(view, member, direction)?)))
        });
        match tasks {
            Some([None, None]) => {}
            Some(tasks) => rows.push(Shown { id, tasks }),
            None if quirks.unknown == Unknown::Refuse => return Err(unknown(call, view, &id)),
            None => nobodys = nobodys.or(Some(id)),
        }
    }
    match nobodys {
        Some(id) if rows.is_empty() && quirks.unknown == Unknown::RefuseIfAll => {
            Err(unknown(call, view, &id))
        }
        _ => {
            if quirks.status_list_order == StatusListOrder::Reversed {
                rows.reverse();
            }
            Ok(rows)
        }
    }
}

fn row<'s>(plan: &Plan, shown: &'s Shown<'_>) -> Row<'s> {
    let info = |(direction, task): &(Direction, Task)| DirectionInfo {
        status: spelt(task.state, Speaker::StatusList, plan.quirks.spelling),
        checkpoint: task.checkpoint.map(Seconds),
        synchronization_direction: direction.name(),
    };
    Row {
        synchronization_job_id: &shown.id,
        synchronization_direction_info_list: shown
            .tasks
            .each_ref()
            .map(|task| task.as_ref().map(info)),
    }
}

/// Part of the argument, unless it has escapes.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
struct Id<'a>(#[serde(borrow)] Cow<'a, str>);

fn ids<'a>(plan: &Plan, arguments: &'a Arguments) -> Result<Vec<Id<'a>>, Refusal> {
    let quirks = &plan.quirks;
    let expected = || format!("{IDS} is a JSON array of ids, such as [\"dtsexjk1alb116lbf1\"]");
    let refused = |rule| Refusal::parameter(IDS, rule).hint(expected());
    let text = arguments.text(IDS).ok_or_else(|| refused(Rule::Required))?;
    client_token::check(quirks, arguments)?;
    let mut ids: Vec<Id<'a>> =
        serde_json::from_str(text).map_err(|_| refused(Rule::JsonArrayOfText))?;
    if ids.is_empty() && quirks.empty == Empty::Refuse {
        return Err(refused(Rule::AtLeast(1))
            .hint("this scenario has dts.quirks.empty = \"refuse\": name at least one id"));
    }
    if let Some(most) = quirks.max_ids.filter(|&most| ids.len() as u64 > most) {
        return Err(refused(Rule::AtMost(i64::try_from(most).unwrap_or(i64::MAX))).hint(format!(
            "this scenario has dts.quirks.max_ids = {most}; {} were sent",
            ids.len()
        )));
    }
    if quirks.duplicates == Duplicates::Collapse {
        let mut seen = HashSet::with_capacity(ids.len());
        ids.retain(|id| seen.insert(id.clone()));
    }
    Ok(ids)
}
