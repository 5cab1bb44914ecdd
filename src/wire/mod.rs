//! Requests and replies as values, and the encodings that vendors share.
//!
//! `wire` knows no vendor and no world: what a name or a format means is decided above it.

mod arguments;
mod buffer;
pub(crate) mod digest;
mod digits;
mod encoding_variant;
pub(crate) mod error;
mod json;
mod json_object;
mod nearest;
mod percent_coding;
mod problem;
mod render;
mod xml;

pub(crate) use arguments::{Arguments, MAX_PARAMETERS};
pub(crate) use encoding_variant::{EmptyList, EncodingVariant, Numbers};
pub(crate) use json_object::{JsonObject, body};
pub(crate) use nearest::{nearest, nearest_pair};
pub(crate) use percent_coding::{UNRESERVED_ONLY, percent_encoded};
pub(crate) use problem::Problem;
pub(crate) use render::{Format, Payload, json, xml};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

/// A whole request, its body read.
pub(crate) type Request = http::Request<Bytes>;

/// A whole answer.
pub(crate) type Reply = http::Response<Bytes>;

/// A header as text; None if it is absent, empty or not visible ASCII.
pub(crate) fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    header_in(request.headers(), name)
}

/// [`header`], of a request of which only the head has been read.
pub(crate) fn header_in<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then_some(value)
}

/// Text as a header value; characters that a header cannot hold become `?`.
pub(crate) fn header_value(text: &str) -> HeaderValue {
    let visible = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    let all_visible = text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    if all_visible && let Ok(value) = HeaderValue::from_str(text) {
        return value;
    }
    HeaderValue::try_from(text.chars().map(visible).collect::<String>())
        .unwrap_or(HeaderValue::from_static(""))
}

/// The most characters of a hint: it goes into a header and a log line, and may quote what the
/// client sent.
const MAX_HINT: usize = 1_000;

/// A hint of a length that a header can have.
pub(crate) fn shortened_hint(mut hint: String) -> String {
    if let Some((end, _)) = hint.char_indices().nth(MAX_HINT) {
        hint.truncate(end);
        hint.push_str("...");
    }
    hint
}

/// The value of `name` in a list like `Credential=a,SignedHeaders=b;c, Signature=d`.
pub(crate) fn field<'f>(fields: &'f str, name: &str) -> Option<&'f str> {
    fields
        .split(',')
        .filter_map(|field| field.trim().split_once('='))
        .find(|&(n, value)| n == name && !value.is_empty())
        .map(|(_, value)| value)
}
