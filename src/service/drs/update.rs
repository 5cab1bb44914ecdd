//! UpdateBatchAsyncJobs: other parameters, which are then validated again.
//!
//! Each entry of the body is about one job and answered for itself; what is wrong with one
//! does not keep the others from being updated (huaweicloudsdkdrs 3.1.219). An entry names
//! its job by `params.job_id`, or by its place in the body (inferred).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::change::Change;
use super::create::taken;
use super::errors::{NAME_TAKEN, PARAMETER_EMPTY, PARAMETER_INVALID, UNKNOWN_JOB};
use super::schema::{kept, text_at};
use super::state::UPDATE;
use super::transfer::{self, MOST_JOBS, Place};
use super::{View, acted_on};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{CatalogueEntry, Refusal, Rule, VendorError};
use crate::wire::{Object, body};
use crate::world::population::Member;

/// Those that concern batches, with the members that each replaces and that must be there
/// (huaweicloudsdkdrs 3.1.219; which members each has is inferred from what it is for).
const TYPES: &[(&str, &[&str], &[&str])] = &[
    ("all", ALL, &["base_info"]),
    ("network", &["source_endpoint", "target_endpoint"], &[]),
    (
        "policy",
        &[
            "alarm_notify",
            "speed_limit",
            "user_migration",
            "policy_config",
            "db_param",
            "tuning_params",
        ],
        &["policy_config"],
    ),
    ("db_object", &["db_object"], &["db_object"]),
    ("precheck", &[], &[]),
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
struct Answer {
    jobs: Vec<Row>,
}

/// Names and their order: huaweicloudsdkdrs 3.1.219.
#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_msg: Option<String>,
}

/// What one entry of the body asks for, as the service keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    pub params: Map<String, Value>,
}

/// What becomes of an entry.
pub struct Outcome {
    pub id: String,
    pub name: String,
    /// None if it was done.
    pub refused: Option<(&'static CatalogueEntry, String)>,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let view = super::view(call);
    super::project(call)?;
    let sent = body(call.exchange().request)?;
    let wishes = wishes(&Object::new(&sent)).map_err(|refusal| {
        refusal.hint(r#"jobs is a list like [{"type": "all", "params": {"job_id": "…"}}]"#)
    })?;
    let (member, id) = acted_on(call, UPDATE)?;
    let (_, outcomes) = revised(&view, member, &wishes);
    let done = outcomes.iter().any(|outcome| outcome.refused.is_none());
    let chinese = call.exchange().wants_chinese();
    let row = |Outcome { id, name, refused }| {
        let error = refused.map(|(entry, value)| VendorError::from_entry(entry, chinese, &value));
        let status = if error.is_some() { "failed" } else { "success" };
        let (error_code, error_msg) =
            error.map(|e| (e.code.into_owned(), e.message.into_owned())).unzip();
        Row { id, name, status, error_code, error_msg }
    };
    let granted = call.render(&Answer { jobs: outcomes.into_iter().map(row).collect() })?;
    if !done {
        return Ok(granted);
    }
    Ok(granted.changing(Change::Update { async_job_id: id, jobs: wishes }))
}

fn wishes(body: &Object<'_>) -> Result<Vec<Wish>, Refusal> {
    let entries = body.objects("jobs")?;
    if entries.is_empty() {
        return Err(body.refuse("jobs", Rule::Required));
    }
    if entries.len() > MOST_JOBS {
        return Err(body.refuse("jobs", Rule::AtMost(MOST_JOBS as i64)));
    }
    let wish = |entry: &Object<'_>| {
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
        Ok(Wish { kind, job_id, params: kept(&members) })
    };
    entries.iter().map(wish).collect()
}

/// An update says `{"name": "value"}` where a creation has a list of objects
/// (huaweicloudsdkdrs 3.1.219: ModifyTuningParams, TuningParamInfo).
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

/// The jobs of the batch as the wishes would have them, and what becomes of each wish.
pub fn revised(
    view: &View<'_>,
    member: Member,
    wishes: &[Wish],
) -> (Vec<Arc<Map<String, Value>>>, Vec<Outcome>) {
    let count = transfer::count(view, member);
    let parameters = |nth| transfer::parameters(view, Place { member, nth }).unwrap_or_default();
    let mut jobs: Vec<Map<String, Value>> = (0..count).map(parameters).collect();
    let mut outcomes = Vec::new();
    for (i, wish) in wishes.iter().enumerate() {
        let place = match &wish.job_id {
            Some(id) => transfer::find(view, id).filter(|place| place.member == member),
            None => (i < count).then_some(Place { member, nth: i }),
        };
        let Some(place) = place else {
            let id = wish.job_id.clone().unwrap_or_default();
            let refused = Some((&UNKNOWN_JOB, String::new()));
            outcomes.push(Outcome { id, name: String::new(), refused });
            continue;
        };
        let refused = revise(view, place, &mut jobs, wish).err();
        let job = jobs.get(place.nth);
        let name = job.map_or("", |job| text_at(job, NAME)).to_owned();
        outcomes.push(Outcome { id: transfer::id(view, place), name, refused });
    }
    (jobs.into_iter().map(Arc::new).collect(), outcomes)
}

const NAME: &str = "base_info.name";

fn revise(
    view: &View<'_>,
    place: Place,
    jobs: &mut [Map<String, Value>],
    wish: &Wish,
) -> Result<(), (&'static CatalogueEntry, String)> {
    let row = TYPES.iter().find(|(kind, ..)| *kind == wish.kind);
    let Some((_, members, required)) = row else {
        return Err((&PARAMETER_INVALID, "type".into()));
    };
    let params = kept(&wish.params);
    if let Some(name) = required.iter().find(|name| !params.contains_key(**name)) {
        return Err((&PARAMETER_EMPTY, format!("params.{name}")));
    }
    if members.contains(&"base_info") {
        let name = text_at(&params, NAME);
        let same = |job: &Map<String, Value>| text_at(job, NAME).eq_ignore_ascii_case(name);
        // An entry before this one may have given it to another job of the batch.
        let mut others = jobs.iter().enumerate().filter(|(nth, _)| *nth != place.nth);
        let given = !name.is_empty() && others.any(|(_, job)| same(job));
        if given || taken(view, name, Some(place)) {
            return Err((&NAME_TAKEN, String::new()));
        }
    }
    let Some(job) = jobs.get_mut(place.nth) else {
        return Err((&UNKNOWN_JOB, String::new()));
    };
    for name in *members {
        if let Some(value) = params.get(*name) {
            job.insert((*name).into(), value.clone());
        }
    }
    Ok(())
}
