//! UpdateBatchAsyncJobs: other parameters, which are then validated again.
//!
//! Each entry of the body is about one job and is answered for itself: what is wrong with one does
//! not keep the others from being updated (huaweicloudsdkdrs 3.1.219). An entry names its job by
//! `params.job_id`, or by its place in the body (inferred).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::create::is_taken;
use super::errors::{NAME_TAKEN, PARAMETER_EMPTY, PARAMETER_INVALID, UNKNOWN_JOB};
use super::event::{DrsEvent, JobParameters};
use super::schema::{kept, text_at};
use super::subject::{allowed_batch, is_ours};
use super::transfer::{self, MAX_JOBS, TransferKey};
use super::{DrsCall, DrsResult, View};
use crate::wire::error::{ApiError, ErrorEntry, Rule, VendorError};
use crate::wire::{JsonObject, body};
use crate::world::population::Member;

/// The members that an entry of a type replaces.
struct UpdateType {
    name: &'static str,
    members: &'static [&'static str],
    /// The required ones of them.
    required: &'static [&'static str],
}

/// Those that concern batches, with the members that each replaces and that must be there
/// (huaweicloudsdkdrs 3.1.219; which members each has is inferred from what it is for).
const TYPES: &[UpdateType] = &[
    UpdateType { name: "all", members: ALL, required: &["base_info"] },
    UpdateType { name: "network", members: &["source_endpoint", "target_endpoint"], required: &[] },
    UpdateType {
        name: "policy",
        members: &[
            "alarm_notify",
            "speed_limit",
            "user_migration",
            "policy_config",
            "db_param",
            "tuning_params",
        ],
        required: &["policy_config"],
    },
    UpdateType { name: "db_object", members: &["db_object"], required: &["db_object"] },
    UpdateType { name: "precheck", members: &[], required: &[] },
];
const ALL: &[&str] = &[
    "base_info",
    "source_endpoint",
    "target_endpoint",
    "alarm_notify",
    "speed_limit",
    "user_migration",
    "policy_config",
    "db_object",
    "db_param",
    "tuning_params",
    "period_order",
    "node_info",
];

#[derive(Serialize)]
struct UpdateBatchAsyncJobsResponse {
    jobs: Vec<UpdatedJobRow>,
}

/// Names and their order: huaweicloudsdkdrs 3.1.219.
#[derive(Serialize)]
struct UpdatedJobRow {
    id: String,
    name: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_msg: Option<String>,
}

/// One entry of the body, as the service keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateEntry {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) job_id: Option<String>,
    pub(crate) params: JobParameters,
}

/// The result of an entry.
pub(crate) struct UpdatedJob {
    /// As the entry says, if there is no such job in the batch; empty if it says none.
    id: String,
    name: String,
    /// None if it was done.
    pub(crate) refused: Option<EntryError>,
}

/// An error, and what replaces each `{…}` in its text.
pub(crate) type EntryError = (&'static ErrorEntry, String);

pub(crate) fn update_batch_async_jobs(call: &DrsCall<'_>) -> DrsResult {
    let ours = is_ours(call)?;
    let sent = body(call.context().request)?;
    let entries = entries(&JsonObject::new(&sent)).map_err(|error| {
        error.hint(r#"jobs is a list like [{"type": "all", "params": {"job_id": "…"}}]"#)
    })?;
    let (member, id) = allowed_batch(call, ours)?;
    let (_, updated) = revise(&call.view(), member, &entries);
    let is_any_done = updated.iter().any(|updated| updated.refused.is_none());
    let chinese = call.context().wants_chinese();
    let jobs = updated.into_iter().map(|updated| row(updated, chinese)).collect();
    let outcome = call.render(&UpdateBatchAsyncJobsResponse { jobs })?;
    let event = DrsEvent::Update { async_job_id: id.to_owned(), jobs: entries };
    Ok(outcome.recording(is_any_done.then_some(event)))
}

fn row(UpdatedJob { id, name, refused }: UpdatedJob, chinese: bool) -> UpdatedJobRow {
    let error = refused.map(|(entry, value)| VendorError::from_entry(entry, chinese, &value));
    let status = if error.is_some() { "failed" } else { "success" };
    let (error_code, error_msg) =
        error.map(|error| (error.code.into_owned(), error.message.into_owned())).unzip();
    UpdatedJobRow { id, name, status, error_code, error_msg }
}

fn entries(body: &JsonObject<'_>) -> Result<Vec<UpdateEntry>, ApiError> {
    let entries = body.objects("jobs")?;
    if entries.is_empty() {
        return Err(body.refuse("jobs", Rule::Required));
    }
    if entries.len() > MAX_JOBS {
        return Err(body.refuse("jobs", Rule::AtMost(MAX_JOBS as i64)));
    }
    entries.iter().map(entry).collect()
}

fn entry(entry: &JsonObject<'_>) -> Result<UpdateEntry, ApiError> {
    let kind = entry.required("type", 64)?.to_owned();
    let params = entry.object("params")?;
    let job_id = params.as_ref().map(|params| params.short("job_id", 64)).transpose()?;
    let mut members = Map::new();
    if let Some(params) = &params {
        for name in ALL {
            if let Some(value) = params.get(name) {
                members.insert((*name).into(), value.clone());
            }
        }
    }
    if let Some(Value::Object(params)) = members.get_mut("tuning_params") {
        list_tuning_params(params);
    }
    let job_id = job_id.flatten().map(str::to_owned);
    Ok(UpdateEntry { kind, job_id, params: kept(&members) })
}

/// An update says `{"name": "value"}` where a creation has a list of objects (huaweicloudsdkdrs
/// 3.1.219: ModifyTuningParams, TuningParamInfo).
fn list_tuning_params(params: &mut Map<String, Value>) {
    for value in params.values_mut() {
        if let Value::Object(entries) = value {
            *value = entries
                .iter()
                .map(|(name, value)| {
                    json!({"param_name": name, "param_value": value, "availability": true})
                })
                .collect();
        }
    }
}

/// The jobs of the batch as the entries would have them, and what becomes of each entry.
pub(crate) fn revise(
    view: &View<'_>,
    member: Member,
    entries: &[UpdateEntry],
) -> (Vec<Arc<JobParameters>>, Vec<UpdatedJob>) {
    let count = transfer::count(view, member);
    let parameters = |nth| transfer::parameters(view, TransferKey { member, nth });
    let mut jobs: Vec<JobParameters> = (0..count).map(parameters).collect();
    let mut updated = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        let key = match &entry.job_id {
            Some(id) => transfer::find(view, id).filter(|key| key.member == member),
            None => (i < count).then_some(TransferKey { member, nth: i }),
        };
        updated.push(match key {
            Some(key) => {
                let refused = revise_job(view, key, &mut jobs, entry).err();
                let name = text_at(&jobs[key.nth], NAME).to_owned();
                UpdatedJob { id: transfer::id(view, key), name, refused }
            }
            None => UpdatedJob {
                id: entry.job_id.clone().unwrap_or_default(),
                name: String::new(),
                refused: Some((&UNKNOWN_JOB, String::new())),
            },
        });
    }
    (jobs.into_iter().map(Arc::new).collect(), updated)
}

const NAME: &str = "base_info.name";

/// Does what an entry says to one of the jobs of its batch.
fn revise_job(
    view: &View<'_>,
    key: TransferKey,
    jobs: &mut [JobParameters],
    entry: &UpdateEntry,
) -> Result<(), EntryError> {
    let Some(kind) = TYPES.iter().find(|kind| kind.name == entry.kind) else {
        return Err((&PARAMETER_INVALID, "type".into()));
    };
    let params = kept(&entry.params);
    if let Some(name) = kind.required.iter().find(|name| !params.contains_key(**name)) {
        return Err((&PARAMETER_EMPTY, format!("params.{name}")));
    }
    if kind.members.contains(&"base_info") {
        let name = text_at(&params, NAME);
        let same = |job: &JobParameters| text_at(job, NAME).eq_ignore_ascii_case(name);
        // An entry before this one may have given it to another job of the batch.
        let mut others = jobs.iter().enumerate().filter(|(nth, _)| *nth != key.nth);
        let is_given = !name.is_empty() && others.any(|(_, job)| same(job));
        if is_given || is_taken(view, name, Some(key)) {
            return Err((&NAME_TAKEN, String::new()));
        }
    }
    for name in kind.members {
        if let Some(value) = params.get(*name) {
            jobs[key.nth].insert((*name).into(), value.clone());
        }
    }
    Ok(())
}
