//! V1, the RPC signature: HMAC-SHA1 over all parameters, wherever they are sent (vendor's
//! documentation; aliyun-python-sdk-core 2.16.1, @alicloud/pop-core 1.8.0).

use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::digest::base64_sha1_mac;
use crate::engine::Redactor;
use crate::wire::{Arguments, Request, percent_encoded};

/// Names and values, decoded.
pub(crate) type Pairs = Vec<(String, String)>;

pub(crate) type Encoder = fn(&str) -> String;

/// The parts of the request that are signed.
pub(crate) struct Material {
    pub(crate) method: String,
    pub(crate) query: Pairs,
    pub(crate) form: Pairs,
}

/// The signing rules. [`Signer::correct`] has the vendor's; signing mistakes change some of them.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) method: fn(&str) -> String,
    /// The parameters, in the order in which they are signed.
    pub(crate) pairs: fn(&Material) -> Pairs,
    /// Encodes each name and value.
    pub(crate) inner: Encoder,
    /// Encodes all pairs once they are joined.
    pub(crate) outer: Encoder,
    /// The encoded path and the `&` after it.
    pub(crate) path: String,
    /// Signs a text with a key.
    pub(crate) sign: fn(&str, &str) -> String,
}

impl Signer {
    pub(crate) fn correct() -> Self {
        Self {
            method: str::to_owned,
            pairs: |material| sorted(material.all()),
            inner: percent_encoded,
            outer: percent_encoded,
            path: "%2F&".to_owned(),
            sign: base64_sha1_mac,
        }
    }
}

impl Material {
    pub(crate) fn from_request(request: &Request) -> Self {
        let signed = |(name, _): &(String, String)| name != "Signature";
        Self {
            method: request.method().as_str().to_owned(),
            query: query(request).into_iter().filter(signed).collect(),
            form: form(request).into_iter().filter(signed).collect(),
        }
    }

    pub(crate) fn redacted(&self, redactor: &Redactor) -> Self {
        Self {
            method: self.method.clone(),
            query: redactor.pairs(&self.query),
            form: redactor.pairs(&self.form),
        }
    }

    pub(crate) fn all(&self) -> Pairs {
        self.query.iter().chain(&self.form).cloned().collect()
    }

    pub(crate) fn string_to_sign(&self, signer: &Signer) -> String {
        let joined = joined(&(signer.pairs)(self), signer.inner);
        format!("{}&{}{}", (signer.method)(&self.method), signer.path, (signer.outer)(&joined))
    }
}

/// Sorted by name, in the order of bytes. Equal names stay in the order sent (inferred: no SDK
/// sends a name twice), so that their order is signed as well.
pub(crate) fn sorted(mut pairs: Pairs) -> Pairs {
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    pairs
}

pub(crate) fn joined(pairs: &Pairs, encode: Encoder) -> String {
    let pair = |(name, value): &(String, String)| format!("{}={}", encode(name), encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The parameters of the URL alone.
pub(crate) fn query(request: &Request) -> Pairs {
    let mut bare = Request::default();
    *bare.uri_mut() = request.uri().clone();
    owned(&Arguments::of(&bare))
}

/// The parameters of the body alone, if it is a form.
pub(crate) fn form(request: &Request) -> Pairs {
    let mut bare = Request::new(request.body().clone());
    let kind = request.headers().get(CONTENT_TYPE).cloned();
    bare.headers_mut().insert(CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("")));
    owned(&Arguments::of(&bare))
}

fn owned(arguments: &Arguments) -> Pairs {
    arguments.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
