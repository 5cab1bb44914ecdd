//! Reading the body of a request, within the limits.

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use super::limits::Limits;
use crate::wire::Problem;

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    TooLong,
    Stalled,
    /// The client went away, or its chunks are malformed.
    Broken,
}

pub(crate) async fn read(body: Incoming, limits: &Limits) -> Result<Bytes, Unread> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // Known before anything is read: a client that waits for "100 Continue" need not send it.
    if body.size_hint().lower() > limits.body as u64 {
        return Err(Unread::TooLong);
    }
    match timeout(limits.body_time, Limited::new(body, limits.body).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unread::TooLong),
        Ok(Err(_)) => Err(Unread::Broken),
        Err(_) => Err(Unread::Stalled),
    }
}

impl Unread {
    pub(crate) fn problem(self, limits: &Limits) -> Problem {
        match self {
            Self::TooLong => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is longer than {} bytes", limits.body),
            ),
            Self::Stalled => Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                format!("the body did not arrive in full within {:?}", limits.body_time),
            )
            .hint("does Content-Length say more than is sent?"),
            Self::Broken => Problem::new(
                StatusCode::BAD_REQUEST,
                "the body breaks off, or its chunks are malformed",
            ),
        }
    }
}
