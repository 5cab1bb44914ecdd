//! V1, the RPC signature: HMAC-SHA1 over all parameters, wherever they are sent (vendor's
//! documentation; aliyun-python-sdk-core 2.16.1, @alicloud/pop-core 1.8.0).

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::veil::Veil;
use crate::wire::{Arguments, Request};

/// Names and values, decoded.
pub type Pairs = Vec<(String, String)>;

pub type Encoder = fn(&str) -> String;

/// RFC 3986: everything but the unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// What goes into the signature.
pub struct Material {
    pub method: String,
    pub query: Pairs,
    pub form: Pairs,
}

/// How it goes in. [`Way::right`] is the vendor's; a slip is another.
#[derive(Clone)]
pub struct Way {
    pub method: fn(&str) -> String,
    /// Which parameters, in which order.
    pub pairs: fn(&Material) -> Pairs,
    /// Of names and values.
    pub inner: Encoder,
    /// Of all of them, joined.
    pub outer: Encoder,
    /// The path and what ends it.
    pub path: String,
    pub sign: fn(&str, &str) -> String,
}

impl Way {
    pub fn right() -> Self {
        Self {
            method: str::to_owned,
            pairs: |material| sorted(material.all()),
            inner: escaped,
            outer: escaped,
            path: "%2F&".to_owned(),
            sign: super::digest::base64_sha1_mac,
        }
    }
}

impl Material {
    pub fn of(request: &Request) -> Self {
        let signed = |(name, _): &(String, String)| name != "Signature";
        Self {
            method: request.method().as_str().to_owned(),
            query: query(request).into_iter().filter(signed).collect(),
            form: form(request).into_iter().filter(signed).collect(),
        }
    }

    pub fn veiled(&self, veil: &Veil) -> Self {
        Self {
            method: self.method.clone(),
            query: veil.pairs(&self.query),
            form: veil.pairs(&self.form),
        }
    }

    pub fn all(&self) -> Pairs {
        self.query.iter().chain(&self.form).cloned().collect()
    }

    pub fn string_to_sign(&self, way: &Way) -> String {
        let joined = joined(&(way.pairs)(self), way.inner);
        format!("{}&{}{}", (way.method)(&self.method), way.path, (way.outer)(&joined))
    }
}

/// By name, in the order of bytes. Equal names stay in the order sent (inferred: no SDK sends
/// a name twice), so that their order is signed as well.
pub fn sorted(mut pairs: Pairs) -> Pairs {
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    pairs
}

pub fn joined(pairs: &Pairs, encode: Encoder) -> String {
    let pair = |(name, value): &(String, String)| format!("{}={}", encode(name), encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The parameters of the URL alone.
pub fn query(request: &Request) -> Pairs {
    let mut bare = Request::default();
    *bare.uri_mut() = request.uri().clone();
    owned(&Arguments::of(&bare))
}

/// The parameters of the body alone, if it is a form.
pub fn form(request: &Request) -> Pairs {
    let mut bare = Request::new(request.body().clone());
    let kind = request.headers().get(CONTENT_TYPE).cloned();
    bare.headers_mut().insert(CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("")));
    owned(&Arguments::of(&bare))
}

fn owned(arguments: &Arguments) -> Pairs {
    arguments.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
