//! V3, the signature in the `Authorization` header, `ACS3-…` (vendor's documentation;
//! alibabacloud-tea-openapi 0.3.16 and 0.4.6, @alicloud/openapi-core 1.0.8).

use super::digest::Algorithm;
use super::signature_v1::{Encoder, Pairs, escaped, form, joined, query, sorted};
use super::veil::Veil;
use crate::wire::Request;
use crate::wire::refusal::Signed;

/// The header that holds the hash of the body, whatever it is hashed with (SDK code).
pub const BODY_HASH: &str = "x-acs-content-sha256";

/// The parts of `ACS3-… Credential=…,SignedHeaders=…,Signature=…`.
#[derive(Clone, Copy)]
pub struct Authorization<'a> {
    pub algorithm: Algorithm,
    /// As sent: which headers are signed is up to the client, and differs between SDKs.
    pub signed_headers: &'a str,
    pub signature: &'a str,
}

/// What goes into the signature.
#[derive(Clone)]
pub struct Material {
    pub algorithm: Algorithm,
    pub method: String,
    pub query: Pairs,
    pub form: Pairs,
    /// Those that the client names, in its order; an absent one is empty.
    pub headers: Pairs,
    pub signed_headers: String,
    /// The server's own hash of the body.
    pub body_hash: String,
}

/// How it goes in. [`Way::right`] is the vendor's; a slip is another.
#[derive(Clone)]
pub struct Way {
    pub method: fn(&str) -> String,
    pub path: &'static str,
    /// Which parameters, in which order.
    pub pairs: fn(&Material) -> Pairs,
    pub encode: Encoder,
    /// Which headers, in which order.
    pub headers: fn(&Material) -> Pairs,
    pub signed_headers: fn(&Material) -> String,
    /// After the headers, each of which ends its own line.
    pub blank_line: &'static str,
    pub body_hash: fn(&Material) -> String,
    /// Whether the canonical request is hashed.
    pub hashed: bool,
    pub sign: fn(Algorithm, &str, &str) -> String,
}

impl Way {
    pub fn right() -> Self {
        Self {
            method: str::to_owned,
            path: "/",
            pairs: |material| sorted(material.query.clone()),
            encode: escaped,
            headers: |material| sorted(material.headers.clone()),
            signed_headers: |material| material.signed_headers.clone(),
            blank_line: "\n",
            body_hash: |material| material.body_hash.clone(),
            hashed: true,
            sign: Algorithm::hex_mac,
        }
    }
}

impl Material {
    /// None if a signed header is not UTF-8: it can not have been signed as text.
    pub fn of(request: &Request, authorization: Authorization<'_>) -> Option<Self> {
        let Authorization { algorithm, signed_headers, .. } = authorization;
        let headers = signed_headers
            .split(';')
            .map(|name| {
                let name = name.to_ascii_lowercase();
                Some((name.clone(), header_value(request, &name)?))
            })
            .collect::<Option<_>>()?;
        Some(Self {
            algorithm,
            method: request.method().as_str().to_owned(),
            query: query(request),
            form: form(request),
            headers,
            signed_headers: signed_headers.to_owned(),
            body_hash: algorithm.hash(request.body()),
        })
    }

    pub fn veiled(&self, veil: &Veil) -> Self {
        Self {
            query: veil.pairs(&self.query),
            form: veil.pairs(&self.form),
            headers: veil.pairs(&self.headers),
            signed_headers: veil.text(&self.signed_headers),
            ..self.clone()
        }
    }

    pub fn canonical_request(&self, way: &Way) -> String {
        let headers: String =
            (way.headers)(self).iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        format!(
            "{}\n{}\n{}\n{headers}{}{}\n{}",
            (way.method)(&self.method),
            way.path,
            joined(&(way.pairs)(self), way.encode),
            way.blank_line,
            (way.signed_headers)(self),
            (way.body_hash)(self)
        )
    }

    pub fn string_to_sign(&self, way: &Way) -> String {
        let canonical = self.canonical_request(way);
        let end = if way.hashed { self.algorithm.hash(canonical.as_bytes()) } else { canonical };
        format!("{}\n{end}", self.algorithm.name())
    }

    /// For display. The hash in the string to sign is that of the request as it is, so that a
    /// client can compare it with its own: `real` is the material before it was veiled.
    pub fn signed(&self, real: &Self, way: &Way) -> Signed {
        let of = if way.hashed { real } else { self };
        Signed {
            string_to_sign: of.string_to_sign(way),
            canonical_request: self.canonical_request(way),
        }
    }
}

/// All values under the name, so that none can be added to a signed request.
fn header_value(request: &Request, name: &str) -> Option<String> {
    let values = request.headers().get_all(name).iter();
    let texts = values
        .map(|value| {
            std::str::from_utf8(value.as_bytes()).ok().map(|v| v.trim_matches([' ', '\t']))
        })
        .collect::<Option<Vec<_>>>()?;
    Some(texts.join(","))
}
