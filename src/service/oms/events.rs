//! CreateSyncEvents: objects to synchronize, by name. Each is one request at that instant and
//! succeeds at once (inferred).

use percent_encoding::percent_decode_str;

use super::change::Change;
use super::hints::hinted;
use super::moves::done;
use super::scenario::Plan;
use super::subject::{allowed_now, is_ours, sync_task_id};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Refusal, Rule};
use crate::wire::{Object, body};
use crate::world::draw::{Stream, draw, hash_bytes};
use crate::world::series::{Counts, LARGEST};

const KEYS: &str = "object_keys";
/// Of an object's key, decoded (OBS; that OMS looks at it is inferred).
const LONGEST_KEY: usize = 1024;

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let ours = is_ours(call)?;
    let id = sync_task_id(call)?;
    let members = body(call.exchange().request)?;
    let most = call.plan().oms.quirks.most_object_keys as usize;
    let keys = object_keys(&Object::new(&members), most).map_err(hinted)?;
    allowed_now(call, ours, id)?;
    Ok(done(Change::Events {
        sync_task_id: id.to_owned(),
        object_keys: keys.into_iter().map(str::to_owned).collect(),
    }))
}

/// They are URL encoded (vendor's page); that one that is not is refused is inferred.
fn object_keys<'b>(body: &Object<'b>, most: usize) -> Result<Vec<&'b str>, Refusal> {
    let keys = body.texts(KEYS)?;
    if keys.is_empty() {
        return Err(body.refuse(KEYS, Rule::Required).hint("object_keys names 1 object at least"));
    }
    if keys.len() > most {
        return Err(body.refuse(KEYS, Rule::AtMost(most as i64)).hint(format!(
            "object_keys names {most} objects at most (oms.quirks.most_object_keys)"
        )));
    }
    for (i, key) in keys.iter().enumerate() {
        let name = format!("{KEYS}[{i}]");
        let rule = match decoded(key) {
            Some(0) => Rule::Required,
            Some(length) if length > LONGEST_KEY => Rule::Length(LONGEST_KEY),
            Some(_) => continue,
            None => Rule::Text,
        };
        let hint = format!("a key is URL encoded, and has 1 to {LONGEST_KEY} bytes");
        return Err(body.refuse(&name, rule).hint(hint));
    }
    Ok(keys)
}

/// How many bytes the key has that this encodes, if it encodes one.
fn decoded(key: &str) -> Option<usize> {
    let escapes = key.split('%').skip(1);
    let good = |escape: &str| {
        escape.len() >= 2 && escape.bytes().take(2).all(|digit| digit.is_ascii_hexdigit())
    };
    if !escapes.into_iter().all(good) {
        return None;
    }
    percent_decode_str(key).decode_utf8().ok().map(|key| key.len())
}

/// What comes of the keys. An object is always as big, whoever asks for it and when.
pub fn synchronized(plan: &Plan, keys: &[String]) -> Counts {
    let stream = Stream::named("oms.object.size");
    let size = |key: &String| {
        plan.pattern.object_size.at(draw(plan.seed, stream, hash_bytes(key.as_bytes()))).max(1)
    };
    let number = keys.len() as u64;
    let size = keys.iter().map(size).fold(0, u64::saturating_add).min(LARGEST);
    Counts { request: number, success: number, size, ..Counts::default() }
}
