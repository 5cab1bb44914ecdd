//! Injected faults: match a call, decide whether the fault fires, and describe its effect on the
//! answer.
//!
//! Deciding is pure: it depends on the call, its number, the seed and virtual time. Delays and
//! what happens to the bytes on the wire are [`Effects`], which the server carries out. Counting
//! calls is the engine's.

mod corruption;
mod requested_page;
mod table;

pub(crate) use corruption::Corruption;
pub(crate) use requested_page::RequestedPage;
pub(crate) use table::{FaultList, FaultTable, FaultsDocument, plan, section};

use std::fmt;

use http::{StatusCode, header};

use crate::wire::error::{ApiError, ErrorCatalog, Reason};
use crate::wire::{Payload, header_value};
use crate::world::draw::{Seed, Stream, draw, hash_bytes, scale};
use crate::world::quantiles::Quantiles;
use crate::world::time::Timestamp;

/// One fault, as the scenario describes it.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) on: CallFilter,
    pub(crate) action: Action,
    /// Whether the answer names it, in `x-syncmock-fault`.
    pub(crate) announced: bool,
    /// As it was written.
    pub(crate) table: FaultTable,
}

/// The calls that a fault applies to.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallFilter {
    pub(crate) service: Option<String>,
    pub(crate) operation: Option<String>,
    /// The index of an access key in the plan.
    pub(crate) credential: Option<usize>,
    pub(crate) page: Option<RequestedPage>,
    /// From this instant on.
    pub(crate) from: Option<Timestamp>,
    /// Before this instant.
    pub(crate) until: Option<Timestamp>,
    /// Which of the matching calls, counted from 1 for each access key.
    pub(crate) calls: CallNumbers,
    /// Fires for n of every m matching calls, chosen from the seed.
    pub(crate) ratio: Option<(u64, u64)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CallNumbers {
    #[default]
    All,
    From(u64, u64),
    Every(u64),
}

impl CallNumbers {
    fn include(self, call: u64) -> bool {
        match self {
            Self::All => true,
            Self::From(first, last) => (first..=last).contains(&call),
            Self::Every(n) => call.is_multiple_of(n),
        }
    }
}

/// The effect on the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Action {
    pub(crate) replacement: Option<Replacement>,
    pub(crate) corruption: Option<Corruption>,
    /// In real ms, because clients' timeouts are real.
    pub(crate) delay: Option<Quantiles>,
    pub(crate) wire: Wire,
}

/// An answer in place of the one that the call would have had; the world does not change.
#[derive(Clone, Debug)]
pub(crate) enum Replacement {
    /// An error of the vendor's or the service's catalogue, by its code.
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

impl Replacement {
    /// For a call that can be answered with these errors.
    pub(crate) fn answer(&self, errors: ErrorCatalog) -> Result<Payload, ApiError> {
        match self {
            Self::Raw { status, body, content_type } => Ok(Payload {
                status: status.as_u16(),
                headers: vec![(header::CONTENT_TYPE, header_value(content_type))],
                body: body.clone().into_bytes(),
            }),
            Self::Refuse { code, retry_after } => {
                let entry = errors.named(code);
                let error = ApiError::from(entry.map_or(Reason::Internal, Reason::Requested));
                Err(match retry_after {
                    Some(wait) => error.retry_after(*wait),
                    None => error,
                })
            }
        }
    }
}

/// The effect on the bytes of an answer on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wire {
    pub(crate) cut: Option<(Cut, End)>,
    /// Bytes in a second.
    pub(crate) drip: Option<u64>,
    /// Real ms of silence in the middle of the body.
    pub(crate) stall: Option<u64>,
    /// The chunks of the body are malformed.
    pub(crate) bad_chunks: bool,
}

/// Where an answer breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    BeforeResponse,
    MidHeaders,
    MidBody,
}

/// How the connection ends after a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With RST.
    Reset,
    /// With FIN.
    Close,
}

/// Effects that the server carries out on an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Real ms before the first byte.
    pub(crate) delay: u64,
    pub(crate) wire: Wire,
}

/// The effects, separated by commas.
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

/// The facts about a call that a fault can match.
pub(crate) struct CallFacts<'c> {
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    /// The index in the plan of the access key that the call names.
    pub(crate) key: Option<usize>,
    pub(crate) now: Timestamp,
    /// Computed only for a fault that asks for it.
    pub(crate) page: &'c dyn Fn() -> RequestedPage,
    pub(crate) errors: ErrorCatalog,
}

const CHANCE: Stream = Stream::named("fault.ratio");
const DELAY: Stream = Stream::named("fault.delay");

impl Fault {
    /// Whether the fault counts the call.
    pub(crate) fn matches(&self, call: &CallFacts<'_>) -> bool {
        let on = &self.on;
        on.service.as_deref().is_none_or(|service| service == call.service)
            && on.operation.as_deref().is_none_or(|operation| operation == call.operation)
            && on.credential.is_none_or(|credential| call.key == Some(credential))
            && on.from.is_none_or(|from| call.now >= from)
            && on.until.is_none_or(|until| call.now < until)
            && self.can_refuse(call.errors)
            && on.page.is_none_or(|wanted| wanted.includes((call.page)()))
    }

    /// Whether it fires for the matching call of that number, counted from 1.
    pub(crate) fn fires(&self, call: u64, seed: Seed) -> bool {
        let chosen = |(n, m)| scale(draw(seed, CHANCE, self.draw_index(call)), m) < n;
        self.on.calls.include(call) && self.on.ratio.is_none_or(chosen)
    }

    /// The effects on the answer to the matching call of that number.
    pub(crate) fn effects(&self, call: u64, seed: Seed) -> Effects {
        let delay = self.action.delay.as_ref();
        Effects {
            delay: delay.map_or(0, |delay| delay.at(draw(seed, DELAY, self.draw_index(call)))),
            wire: self.action.wire,
        }
    }

    /// Draws depend on the call's number only, so every access key gets the same.
    fn draw_index(&self, call: u64) -> u64 {
        hash_bytes(self.name.as_bytes()).wrapping_add(call)
    }

    /// False if the fault refuses with a code that the call's catalogue lacks.
    fn can_refuse(&self, errors: ErrorCatalog) -> bool {
        match &self.action.replacement {
            Some(Replacement::Refuse { code, .. }) => errors.named(code).is_some(),
            _ => true,
        }
    }
}
