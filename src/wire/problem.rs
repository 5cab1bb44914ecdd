//! Problem details (RFC 9457) of requests that are not for any vendor.

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::{Reply, header_value, shortened_hint};

/// An error of syncmock itself, not of a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// One line of plain English about this very request.
    pub(crate) detail: String,
    /// How to correct the request.
    pub(crate) hint: Option<String>,
    /// The methods allowed on the path, for status 405.
    pub(crate) allow: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), hint: None, allow: None }
    }

    /// Status 400.
    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(shortened_hint(hint.into())), ..self }
    }
}

#[derive(Serialize)]
struct Body<'p> {
    r#type: &'p str,
    title: &'p str,
    status: u16,
    detail: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'p str>,
}

impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        let body = Body {
            r#type: "about:blank",
            title: problem.status.canonical_reason().unwrap_or_default(),
            status: problem.status.as_u16(),
            detail: &problem.detail,
            hint: problem.hint.as_deref(),
        };
        let mut reply = Reply::new(serde_json::to_vec(&body).unwrap_or_default().into());
        *reply.status_mut() = problem.status;
        let headers = reply.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        if problem.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(allow) = &problem.allow {
            headers.insert(header::ALLOW, header_value(allow));
        }
        if let Some(hint) = &problem.hint {
            headers.insert(HeaderName::from_static("x-syncmock-hint"), header_value(hint));
        }
        reply
    }
}
