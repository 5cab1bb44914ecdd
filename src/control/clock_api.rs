//! Reading and turning the virtual clock.

use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::members::Members;
use super::{Control, json};
use crate::scenario::value::{Length, Moment};
use crate::wire::nearest;
use crate::wire::{Problem, Request};
use crate::world::time::Timestamp;

/// In virtual seconds per real second, as in scenario files.
const MAX_SPEED: u64 = 1_000_000;

const SET: &str = r#"{"now": "2026-03-01T08:00:00Z", "speed": 60}, or one of the two"#;
const ADVANCE: &str = r#"{"by": "5m"}"#;

#[derive(Serialize)]
struct Shown {
    now: String,
    /// A whole number but for servers that were started with a fraction.
    speed: Number,
}

pub(crate) fn show(control: &Control, _: &Request) -> Result<Vec<u8>, Problem> {
    let reading = control.clock.read();
    let fraction = match reading.speed % 1_000 {
        0 => None,
        _ => Number::from_f64(reading.speed as f64 / 1_000.0),
    };
    json(&Shown {
        now: reading.now.iso_millis(),
        speed: fraction.unwrap_or_else(|| Number::from(reading.speed / 1_000)),
    })
}

/// Sets the time, back as well as forward, the speed, or both.
pub(crate) fn set(control: &Control, request: &Request) -> Result<Vec<u8>, Problem> {
    let members = members(request, &["now", "speed"], SET)?;
    let now = members.get("now").map(moment).transpose()?;
    let speed = members.get("speed").map(speed).transpose()?;
    if now.is_none() && speed.is_none() {
        return Err(Problem::bad("neither now nor speed is given").hint(send(SET)));
    }
    control.clock.set(now, speed);
    show(control, request)
}

pub(crate) fn advance(control: &Control, request: &Request) -> Result<Vec<u8>, Problem> {
    let members = members(request, &["by"], ADVANCE)?;
    let by = members
        .get("by")
        .ok_or_else(|| Problem::bad("by is missing").hint(send(ADVANCE)))?
        .as_str()
        .ok_or_else(|| Problem::bad("by is not text").hint(Length::HINT))?;
    let length: Length = by.parse().map_err(malformed("by"))?;
    control.clock.advance(length.0);
    show(control, request)
}

/// The members of the JSON object in the body, all of them known.
fn members(
    request: &Request,
    known: &[&'static str],
    expected: &str,
) -> Result<Map<String, Value>, Problem> {
    let Members(members) =
        Members::read(request).map_err(|problem| problem.hint(send(expected)))?;
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(stranger) => Err(unknown_member(stranger, known)),
        None => Ok(members),
    }
}

fn unknown_member(stranger: &str, known: &[&'static str]) -> Problem {
    let problem = Problem::bad(format!("unknown member {stranger:?}"));
    problem.hint(match nearest(stranger, known.iter().copied()) {
        Some(name) => format!("did you mean {name}?"),
        None => format!("known here: {}", known.join(", ")),
    })
}

fn moment(value: &Value) -> Result<Timestamp, Problem> {
    let text = value.as_str().ok_or_else(|| Problem::bad("now is not text").hint(Moment::HINT))?;
    let moment: Moment = text.parse().map_err(malformed("now"))?;
    Ok(Timestamp::from_millis(moment.0))
}

/// In virtual milliseconds per real second.
fn speed(value: &Value) -> Result<u64, Problem> {
    if value.as_str() == Some("frozen") {
        return Ok(0);
    }
    let whole = value.as_u64().filter(|&speed| speed <= MAX_SPEED);
    whole.map(|speed| speed * 1_000).ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            format!("speed is a whole number from 0 to {MAX_SPEED}, or \"frozen\""),
        )
        .hint("it counts virtual seconds per real second; 1 is the speed of life, 0 is frozen")
    })
}

fn malformed(member: &str) -> impl Fn(crate::scenario::value::InvalidValue) -> Problem {
    move |error| Problem::bad(format!("{member} is {}", error.message)).hint(error.hint)
}

fn send(expected: &str) -> String {
    format!("send {expected}")
}
