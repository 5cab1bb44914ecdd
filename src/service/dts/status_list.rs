//! DescribeSynchronizationJobStatusList.
//!
//! Rows come in the order their ids are asked for (vendor's sample). The answer speaks of
//! pages, but there is only one: the request has no paging parameters.

use std::collections::HashSet;
use std::fmt;

use serde::{Serialize, Serializer};

use super::job::{self, Task};
use super::scenario::{Duplicates, Empty, ErrorForm, OtherRegion, Plan, Unknown};
use super::state::{Operation, spelt};
use super::{client_token, errors};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule, Thing, VendorError};
use crate::world::time::Timestamp;

const IDS: &str = "SynchronizationJobIdListJsonStr";

/// Fields in the order of the vendor's sample.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    total_record_count: usize,
    page_record_count: usize,
    request_id: String,
    page_number: u32,
    synchronization_job_list_status_list: Vec<Row>,
    /// Documented as a text; the sample shows the bare literal.
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    err_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    err_message: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    synchronization_job_id: String,
    synchronization_direction_info_list: Vec<Direction>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Direction {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<Seconds>,
    synchronization_direction: &'static str,
}

/// A text of Unix seconds (vendor's sample).
struct Seconds(i64);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let plan = &call.plan().dts;
    let answer = |rows: Vec<Row>, error: Option<&VendorError>| {
        call.render(&Answer {
            total_record_count: rows.len(),
            page_record_count: rows.len(),
            request_id: call.exchange().alibaba_id(),
            page_number: 1,
            synchronization_job_list_status_list: rows,
            success: error.is_none(),
            err_code: error.map(|error| &*error.code),
            err_message: error.map(|error| &*error.message),
        })
    };
    match rows(plan, call.arguments(), call.now()) {
        Ok(rows) => answer(rows, None),
        Err(refusal) if plan.quirks.form_of(&refusal.reason) == ErrorForm::Soft => {
            let error = errors::errors(call.exchange(), &refusal.reason).unwrap_or_else(missing);
            answer(vec![], Some(&error))
        }
        Err(refusal) => Err(refusal),
    }
}

fn rows(plan: &Plan, arguments: &Arguments, now: Timestamp) -> Result<Vec<Row>, Refusal> {
    let quirks = &plan.quirks;
    let ids = ids(plan, arguments)?;
    let region =
        arguments.text("RegionId").filter(|_| quirks.other_region == OtherRegion::LeaveOut);
    let here = |member| region.is_none_or(|region| region == job::region(plan, member));
    let mut rows = Vec::with_capacity(ids.len());
    let mut nobodys = None;
    for id in ids {
        let member = job::find(plan, &id, now).filter(|&member| here(member));
        match member.and_then(|member| job::tasks(plan, member, now)) {
            Some(tasks) => {
                let forward = Some(direction(plan, "Forward", tasks.forward));
                let reverse = tasks.reverse.map(|task| direction(plan, "Reverse", task));
                rows.push(Row {
                    synchronization_job_id: id,
                    synchronization_direction_info_list: forward
                        .into_iter()
                        .chain(reverse)
                        .collect(),
                });
            }
            None if quirks.unknown == Unknown::Refuse => return Err(unknown(&id)),
            None => nobodys = nobodys.or(Some(id)),
        }
    }
    match nobodys {
        Some(id) if rows.is_empty() && quirks.unknown == Unknown::RefuseIfAll => Err(unknown(&id)),
        _ => Ok(rows),
    }
}

fn ids(plan: &Plan, arguments: &Arguments) -> Result<Vec<String>, Refusal> {
    let quirks = &plan.quirks;
    let expected = || format!("{IDS} is a JSON array of ids, such as [\"dtsexjk1alb116lbf1\"]");
    let refused = |rule| Refusal::parameter(IDS, rule).hint(expected());
    let text = arguments.text(IDS).ok_or_else(|| refused(Rule::Required))?;
    client_token::check(quirks, arguments)?;
    let mut ids: Vec<String> =
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

fn unknown(id: &str) -> Refusal {
    Refusal::unknown(Thing::Job, id)
        .hint(format!("no job {id} is here now; DescribeSynchronizationJobs lists those that are"))
}

fn direction(plan: &Plan, synchronization_direction: &'static str, task: Task) -> Direction {
    Direction {
        status: spelt(task.state, Operation::StatusList, plan.quirks.spelling),
        checkpoint: task.checkpoint.map(Seconds),
        synchronization_direction,
    }
}

/// The gateway's words for a missing parameter, where this service says them itself.
fn missing() -> VendorError {
    VendorError::new(200, format!("Missing{IDS}"), format!("{IDS} is mandatory for this action."))
}
