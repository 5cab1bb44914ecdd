//! The event log of a world: exported, restored and reset.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::members::Members;
use super::{Control, Part, json};
use crate::engine::{RestoreError, WorldExport};
use crate::wire::{Problem, Request};

pub(crate) fn show(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    let export = control.export();
    json(
        &export
            .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?,
    )
}

/// Replaces the event log, and sets the clock to where it was.
pub(crate) fn set(control: &Control, request: &Request) -> Result<Vec<u8>, Problem> {
    let refuse = |refused: RestoreError, hint: &str| {
        let status = match refused {
            RestoreError::Elsewhere(_) => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        Problem::new(status, refused.to_string()).hint(hint)
    };
    let export = WorldExport::read(request.body())
        .map_err(|refused| refuse(refused, "send what GET /_syncmock/state answered"))?;
    let hint = export.hint();
    control.restore(export).map_err(|refused| refuse(refused, &hint))?;
    show(control, request)
}

#[derive(Serialize)]
struct Dropped {
    dropped: usize,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Kept {
    keep: Vec<Part>,
}

/// Brings the world back to its start: all of it, or all but what the body says to keep.
pub(crate) fn reset(control: &Control, request: &Request) -> Result<Vec<u8>, Problem> {
    let body = request.body();
    let Kept { keep } = match body.is_empty() {
        true => Kept::default(),
        false => Members::read(request)
            .and_then(|Members(members)| {
                serde_json::from_value(Value::Object(members)).map_err(|error| {
                    Problem::bad(format!("this is not what a reset keeps: {error}"))
                })
            })
            .map_err(|problem| problem.hint(r#"send nothing, or {"keep": ["clock", "events"]}"#))?,
    };
    json(&Dropped { dropped: control.reset(&keep) })
}
