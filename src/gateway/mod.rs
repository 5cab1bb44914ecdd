//! What a cloud puts in front of its services: recognising the operation, looking at the
//! credentials, and the envelope of every answer.
//!
//! A gateway knows no world. Each of its modules has the same four functions, and each
//! stage hands on a type that only it can make.

mod alibaba;
pub(crate) mod authing;
mod by_path;
mod exchange;
pub mod explain;
mod huawei;
pub mod mac;
mod memory;
pub mod nearest;

pub use exchange::{Admitted, Call, Exchange};
pub use huawei::{Grant, Scope, hint_for_project, is_project, unknown_project};
pub use memory::Memory;

use std::sync::Arc;

use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::journal::Journal;
use crate::service::Target;
use crate::wire::refusal::{CatalogueEntry, CredentialProblem, Reason, Refusal, VendorError};
use crate::wire::{Format, Payload, Reply, Request, header as header_text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    Alibaba,
    Authing,
    Huawei,
}

impl Gateway {
    pub const ALL: [Self; 3] = [Self::Alibaba, Self::Authing, Self::Huawei];

    /// Whose request this is. The three families of paths never meet; a path that is
    /// nobody's goes to the gateway its headers speak of.
    pub fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let speaks =
            |prefix: &str| request.headers().keys().any(|k| k.as_str().starts_with(prefix));
        let signed = |scheme: &str| {
            header_text(request, "authorization").is_some_and(|value| value.starts_with(scheme))
        };
        let versioned =
            path.strip_prefix("/v").is_some_and(|p| p.starts_with(|c: char| c.is_ascii_digit()));
        if path == "/" {
            Self::Alibaba
        } else if path.starts_with("/api/") {
            Self::Authing
        } else if versioned {
            Self::Huawei
        } else if speaks("x-acs-") || signed("ACS3-") || signed("acs ") {
            Self::Alibaba
        } else if speaks("x-authing-") || signed("authing ") {
            Self::Authing
        } else {
            Self::Huawei
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Alibaba => "alibaba",
            Self::Authing => "authing",
            Self::Huawei => "huawei",
        }
    }

    fn format(
        self,
        request: &Request,
        arguments: &crate::wire::Arguments,
        fallback: Format,
    ) -> Format {
        match self {
            Self::Alibaba => alibaba::format(request, arguments, fallback),
            Self::Authing | Self::Huawei => Format::Json,
        }
    }

    /// Which operation, with which arguments.
    pub fn recognise<'a>(self, exchange: &'a Exchange<'a>) -> Result<Call<'a>, Refusal> {
        match self {
            Self::Alibaba => alibaba::recognise(exchange),
            Self::Authing => authing::recognise(exchange),
            Self::Huawei => huawei::recognise(exchange),
        }
    }

    /// Whether the credentials will do, and the quotas are not used up.
    pub fn admit(self, call: Call<'_>, journal: Arc<Journal>) -> Result<Admitted<'_>, Refusal> {
        exchange::admit(call, self, journal)
    }

    /// The id of the access key that the credentials name, right or wrong.
    fn claimed(self, call: &Call<'_>) -> Option<String> {
        match self {
            Self::Alibaba => alibaba::claimed(call),
            Self::Authing => authing::claimed(call),
            Self::Huawei => huawei::claimed(call),
        }
    }

    /// What keeps the credentials from being present and well formed.
    fn presented(self, call: &Call<'_>) -> Option<CredentialProblem> {
        match self {
            Self::Alibaba => alibaba::presented(call),
            Self::Authing => authing::presented(call),
            Self::Huawei => huawei::presented(call),
        }
    }

    /// The place in the plan of the key that the credentials verify against.
    fn verify(self, call: &Call<'_>) -> Result<usize, Refusal> {
        match self {
            Self::Alibaba => alibaba::verify(call),
            Self::Authing => authing::verify(call),
            Self::Huawei => huawei::verify(call),
        }
    }

    /// The envelope of a granted request.
    pub fn grant(self, exchange: &Exchange<'_>, payload: Payload) -> Reply {
        let mut reply = Reply::new(payload.body.into());
        *reply.status_mut() = StatusCode::from_u16(payload.status).unwrap_or(StatusCode::OK);
        match self {
            Self::Alibaba => alibaba::dress(exchange, &mut reply),
            Self::Authing => authing::dress(exchange, &mut reply),
            Self::Huawei => huawei::dress(exchange, &mut reply),
        }
        for (name, value) in payload.headers {
            reply.headers_mut().insert(name, value);
        }
        date(exchange, &mut reply);
        reply
    }

    /// The causes that an explanation of a refusal can name, each with its meaning.
    pub fn causes(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Alibaba => alibaba::CAUSES,
            Self::Authing => authing::CAUSES,
            Self::Huawei => huawei::CAUSES,
        }
    }

    /// The gateway's own errors.
    pub fn catalogue(self) -> &'static [CatalogueEntry] {
        match self {
            Self::Alibaba => alibaba::CATALOGUE,
            Self::Authing => authing::CATALOGUE,
            Self::Huawei => huawei::CATALOGUE,
        }
    }

    /// The vendor's status, code and wording: the service's own, or else the gateway's.
    pub fn word(
        self,
        exchange: &Exchange<'_>,
        target: Option<Target>,
        reason: &Reason,
    ) -> VendorError {
        target
            .and_then(|target| (target.service.errors)(exchange, reason))
            .unwrap_or_else(|| self.error(exchange, reason))
    }

    /// The vendor's own way of saying no.
    pub fn refuse(
        self,
        exchange: &Exchange<'_>,
        target: Option<Target>,
        refusal: &Refusal,
        error: &VendorError,
    ) -> Reply {
        let service = target.map(|target| target.service);
        let mut reply = match self {
            Self::Alibaba => alibaba::refuse(exchange, service, refusal, error),
            Self::Authing => authing::refuse(exchange, error),
            Self::Huawei => huawei::refuse(exchange, refusal, error),
        };
        date(exchange, &mut reply);
        if let Some(hint) = &refusal.hint {
            reply
                .headers_mut()
                .insert(HeaderName::from_static("x-syncmock-hint"), header_value(hint));
        }
        reply
    }

    /// The request id, as the vendor's answer shows it.
    pub fn request_id(self, exchange: &Exchange<'_>) -> String {
        match self {
            Self::Alibaba => exchange.alibaba_id(),
            Self::Authing => exchange.uuid_id(),
            Self::Huawei => exchange.hex_id(),
        }
    }

    fn error(self, exchange: &Exchange<'_>, reason: &Reason) -> VendorError {
        match self {
            Self::Alibaba => alibaba::error(exchange, reason),
            Self::Authing => authing::error(exchange, reason),
            Self::Huawei => huawei::error(exchange, reason),
        }
    }
}

/// The server's clock is the virtual one, for those who check skew against it.
fn date(exchange: &Exchange<'_>, reply: &mut Reply) {
    reply.headers_mut().insert(header::DATE, header_value(&exchange.now.http_date()));
}

/// Text as a header value; what a header can not hold becomes `?`.
pub fn header_value(text: &str) -> HeaderValue {
    let visible = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    let all_visible = text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    if all_visible && let Ok(value) = HeaderValue::from_str(text) {
        return value;
    }
    HeaderValue::try_from(text.chars().map(visible).collect::<String>())
        .unwrap_or(HeaderValue::from_static(""))
}
