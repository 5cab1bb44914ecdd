//! What goes wrong on purpose: which calls it happens to, and what then happens to the
//! answer.
//!
//! Deciding is pure: it depends on the call, its number, the seed and virtual time. Delays
//! and what happens to the bytes on the wire are [`Effects`], which the server carries out.

mod garble;
mod log;
mod page;
mod scenario;

pub use garble::Garble;
pub use log::{Faults, Fired};
pub use page::Page;
pub use scenario::{Table, plan};

use std::fmt;

use http::{StatusCode, header};

use crate::gateway::header_value;
use crate::service::Target;
use crate::wire::Payload;
use crate::wire::refusal::{Reason, Refusal};
use crate::world::quantiles::Quantiles;
use crate::world::time::Timestamp;

/// One thing that goes wrong, as the scenario says it.
#[derive(Clone, Debug)]
pub struct Fault {
    pub name: String,
    pub on: On,
    pub act: Act,
    /// Whether the answer names it, in `x-syncmock-fault`.
    pub announced: bool,
    /// As it was written.
    pub table: Table,
}

/// The calls it happens to.
#[derive(Clone, Debug, Default)]
pub struct On {
    pub service: Option<String>,
    pub operation: Option<String>,
    /// The place of an access key in the plan.
    pub credential: Option<usize>,
    pub page: Option<Page>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// Of the calls that all of the above let through, counted from 1 for each access key.
    pub calls: Calls,
    /// Of those, so many in so many, drawn.
    pub ratio: Option<(u64, u64)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Calls {
    #[default]
    All,
    From(u64, u64),
    Every(u64),
}

impl Calls {
    fn include(self, call: u64) -> bool {
        match self {
            Self::All => true,
            Self::From(first, last) => (first..=last).contains(&call),
            Self::Every(n) => call.is_multiple_of(n),
        }
    }
}

/// What happens.
#[derive(Clone, Debug, Default)]
pub struct Act {
    pub instead: Option<Instead>,
    pub garble: Option<Garble>,
    /// In real ms, for clients' timeouts are real.
    pub delay: Option<Quantiles>,
    pub wire: Wire,
}

/// Another answer than the one that the call would have had; the world does not change.
#[derive(Clone, Debug)]
pub enum Instead {
    /// An error of the gateway's or the service's catalogue, by its code.
    Refuse {
        code: String,
        /// In ms.
        retry_after: Option<u64>,
    },
    Raw {
        status: StatusCode,
        body: String,
        content_type: String,
    },
}

impl Instead {
    /// To a call of this operation.
    pub fn answer(&self, target: Target) -> Result<Payload, Refusal> {
        match self {
            Self::Raw { status, body, content_type } => Ok(Payload {
                status: status.as_u16(),
                headers: vec![(header::CONTENT_TYPE, header_value(content_type))],
                body: body.clone().into_bytes(),
            }),
            Self::Refuse { code, retry_after } => {
                let entry = target.catalogued(code);
                let refusal = Refusal::from(entry.map_or(Reason::Internal, Reason::Asked));
                Err(match retry_after {
                    Some(wait) => refusal.retry_after(*wait),
                    None => refusal,
                })
            }
        }
    }
}

/// What happens to the bytes of an answer on their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    pub cut: Option<(Cut, End)>,
    /// Bytes in a second.
    pub drip: Option<u64>,
    /// Real ms of silence in the middle of the body.
    pub stall: Option<u64>,
    /// The chunks of the body do not have the form that HTTP wants.
    pub bad_chunks: bool,
}

/// Where an answer breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    BeforeResponse,
    MidHeaders,
    MidBody,
}

/// How the connection ends then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With RST.
    Reset,
    /// With FIN.
    Close,
}

/// What the server has to do with an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Real ms before the first byte.
    pub delay: u64,
    pub wire: Wire,
}

/// What a server would do, each after a comma.
impl fmt::Display for Effects {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { delay, wire } = self;
        if *delay > 0 {
            write!(out, ", after {delay} ms")?;
        }
        if wire.bad_chunks {
            out.write_str(", in chunks of no size")?;
        }
        if let Some(rate) = wire.drip {
            write!(out, ", at {rate} bytes a second")?;
        }
        if let Some(stall) = wire.stall {
            write!(out, ", silent for {stall} ms in the middle")?;
        }
        let Some((cut, end)) = wire.cut else { return Ok(()) };
        let place = match cut {
            Cut::BeforeResponse => "before the first byte",
            Cut::MidHeaders => "in the middle of the headers",
            Cut::MidBody => "in the middle of the body",
        };
        let end = if end == End::Reset { "reset" } else { "close" };
        write!(out, ", cut {place} by {end}")
    }
}
