//! The event log of a world: exported, restored and emptied.

use http::StatusCode;
use serde::Serialize;

use super::{Control, Problem, json};
use crate::engine::{RestoreError, WorldExport};
use crate::wire::Request;

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

/// Empties the event log. The clock goes on, and quotas and nonces stay used.
pub(crate) fn reset(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    json(&Dropped { dropped: control.reset() })
}
