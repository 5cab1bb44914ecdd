//! Requests and replies as values, and the encodings the vendors share.
//!
//! `wire` knows no vendor: what a name or a format means is decided above it.

mod arguments;
mod buffer;
mod digits;
mod json;
mod object;
pub mod refusal;
mod render;
mod spelling;
mod xml;

pub use arguments::Arguments;
pub use object::{Object, body};
pub use render::{Format, Payload, json, xml};
pub use spelling::{EmptyList, Numbers, Spelling};

use bytes::Bytes;

/// A whole request, its body read.
pub type Request = http::Request<Bytes>;

/// A whole answer.
pub type Reply = http::Response<Bytes>;

/// A header as text; none if it is absent, empty or not visible ASCII.
pub fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let value = request.headers().get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then_some(value)
}

/// The value of `name` in a list like `Credential=a,SignedHeaders=b;c, Signature=d`.
pub fn field<'f>(fields: &'f str, name: &str) -> Option<&'f str> {
    fields
        .split(',')
        .filter_map(|field| field.trim().split_once('='))
        .find(|&(n, value)| n == name && !value.is_empty())
        .map(|(_, value)| value)
}
