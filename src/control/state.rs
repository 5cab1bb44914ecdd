//! The journal, out and in, and emptied.

use http::StatusCode;
use serde::Serialize;

use super::{Control, Problem, json};
use crate::state::{Refused, State};
use crate::wire::Request;

pub fn show(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    json(&control.state())
}

/// Puts a journal in the place of the one there is, and the clock where it was.
pub fn set(control: &Control, request: &Request) -> Result<Vec<u8>, Problem> {
    let refuse = |refused: Refused, hint: &str| {
        let status = match refused {
            Refused::Elsewhere(_) => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        Problem::new(status, refused.to_string()).hint(hint)
    };
    let state = State::read(request.body())
        .map_err(|refused| refuse(refused, "send what GET /_syncmock/state answered"))?;
    let hint = state.hint();
    control.restore(state).map_err(|refused| refuse(refused, &hint))?;
    show(control, request)
}

#[derive(Serialize)]
struct Dropped {
    dropped: usize,
}

/// Empties the journal. The clock goes on, and quotas and nonces stay used.
pub fn reset(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    json(&Dropped { dropped: control.reset() })
}
