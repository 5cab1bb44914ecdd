//! CreateSyncEvents: synchronizes objects by name. Each counts as one request at that instant,
//! which succeeds at once (inferred).

use percent_encoding::percent_decode_str;

use super::event::OmsEvent;
use super::hints::with_hint;
use super::requested_task::RequestedTask;
use super::scenario::OmsPlan;
use super::transitions::empty_answer;
use super::{OmsCall, OmsResult};
use crate::wire::error::{ApiError, Rule};
use crate::wire::{JsonObject, body};
use crate::world::draw::{Stream, draw, hash_bytes};
use crate::world::series::{Counts, MAX_COUNT};

const KEYS: &str = "object_keys";
/// Maximum length of an object's decoded key in bytes (OBS; that OMS checks it is inferred).
const MAX_KEY_LENGTH: usize = 1024;

pub(crate) fn create_sync_events(call: &OmsCall<'_>) -> OmsResult {
    let task = RequestedTask::from_call(call)?;
    let members = body(call.context().request)?;
    let max_keys = call.plan().quirks.most_object_keys as usize;
    let keys = object_keys(&JsonObject::new(&members), max_keys).map_err(with_hint)?;
    task.check_allowed(call)?;
    Ok(empty_answer(OmsEvent::Events {
        sync_task_id: task.id.to_owned(),
        object_keys: keys.into_iter().map(str::to_owned).collect(),
    }))
}

/// Keys are URL encoded (vendor's page); that others are refused is inferred.
fn object_keys<'b>(body: &JsonObject<'b>, max_keys: usize) -> Result<Vec<&'b str>, ApiError> {
    let keys = body.texts(KEYS)?;
    if keys.is_empty() {
        return Err(body.refuse(KEYS, Rule::Required).hint("object_keys names 1 object at least"));
    }
    if keys.len() > max_keys {
        return Err(body.refuse(KEYS, Rule::AtMost(max_keys as i64)).hint(format!(
            "object_keys names {max_keys} objects at most (oms.quirks.most_object_keys)"
        )));
    }
    for (i, key) in keys.iter().enumerate() {
        let name = format!("{KEYS}[{i}]");
        let rule = match decoded_length(key) {
            Some(0) => Rule::Required,
            Some(length) if length > MAX_KEY_LENGTH => Rule::Length(MAX_KEY_LENGTH),
            Some(_) => continue,
            None => Rule::Text,
        };
        let hint = format!("a key is URL encoded, and has 1 to {MAX_KEY_LENGTH} bytes");
        return Err(body.refuse(&name, rule).hint(hint));
    }
    Ok(keys)
}

/// The length in bytes of the decoded key; None if it cannot be decoded.
fn decoded_length(key: &str) -> Option<usize> {
    let escapes = key.split('%').skip(1);
    let is_escape = |escape: &str| {
        escape.len() >= 2 && escape.bytes().take(2).all(|digit| digit.is_ascii_hexdigit())
    };
    if !escapes.into_iter().all(is_escape) {
        return None;
    }
    percent_decode_str(key).decode_utf8().ok().map(|key| key.len())
}

/// The counts that synchronizing the keys adds. An object has the same size in every task and at
/// any time.
pub(crate) fn synchronized_counts(plan: &OmsPlan, keys: &[String]) -> Counts {
    let stream = Stream::named("oms.object.size");
    let size = |key: &String| {
        plan.pattern.object_size.at(draw(plan.seed, stream, hash_bytes(key.as_bytes()))).max(1)
    };
    let number = keys.len() as u64;
    let size = keys.iter().map(size).fold(0, u64::saturating_add).min(MAX_COUNT);
    Counts { request: number, success: number, size, ..Counts::default() }
}
