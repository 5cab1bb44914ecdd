//! V3, the signature in the `Authorization` header, `ACS3-…` (vendor's documentation;
//! alibabacloud-tea-openapi 0.3.16 and 0.4.6, @alicloud/openapi-core 1.0.8).

use std::collections::HashSet;

use super::digest::Algorithm;
use super::signature_v1::{Encoder, Pairs, form, joined, query, sorted};
use crate::engine::Redactor;
use crate::wire::error::Signed;
use crate::wire::{Request, percent_encoded};

/// The header that holds the hash of the body, whatever it is hashed with (SDK code).
pub(crate) const BODY_HASH: &str = "x-acs-content-sha256";

/// The parts of `ACS3-… Credential=…,SignedHeaders=…,Signature=…`.
#[derive(Clone, Copy)]
pub(crate) struct Authorization<'a> {
    pub(crate) algorithm: Algorithm,
    /// As sent: the client chooses the signed headers, and SDKs differ.
    pub(crate) signed_headers: &'a str,
    pub(crate) signature: &'a str,
}

/// The parts of the request that are signed.
#[derive(Clone)]
pub(crate) struct Material {
    pub(crate) algorithm: Algorithm,
    pub(crate) method: String,
    pub(crate) query: Pairs,
    pub(crate) form: Pairs,
    /// Those that the client names, in its order; the value of an absent one is empty.
    pub(crate) headers: Pairs,
    pub(crate) signed_headers: String,
    /// The server's own hash of the body.
    pub(crate) body_hash: String,
}

/// The signing rules. [`Signer::correct`] has the vendor's; signing mistakes change some of them.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) method: fn(&str) -> String,
    pub(crate) path: &'static str,
    /// The parameters, in the order in which they are signed.
    pub(crate) pairs: fn(&Material) -> Pairs,
    pub(crate) encode: Encoder,
    /// The headers, in the order in which they are signed.
    pub(crate) headers: fn(&Material) -> Pairs,
    pub(crate) signed_headers: fn(&Material) -> String,
    /// After the headers, each of which ends its own line.
    pub(crate) blank_line: &'static str,
    pub(crate) body_hash: fn(&Material) -> String,
    /// Whether the canonical request is hashed.
    pub(crate) hashed: bool,
    /// Signs a text with a key.
    pub(crate) sign: fn(Algorithm, &str, &str) -> String,
}

impl Signer {
    pub(crate) fn correct() -> Self {
        Self {
            method: str::to_owned,
            path: "/",
            pairs: |material| sorted(material.query.clone()),
            encode: percent_encoded,
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
    /// None if a signed header is not UTF-8: it cannot have been signed as text.
    pub(crate) fn from_request(
        request: &Request,
        authorization: Authorization<'_>,
    ) -> Option<Self> {
        let Authorization { algorithm, signed_headers, .. } = authorization;
        // Each once: a long header that is named very often would make a text out of all
        // proportion to the request.
        let mut seen = HashSet::new();
        let names = signed_headers.split(';').map(str::to_ascii_lowercase);
        let headers = names
            .filter(|name| seen.insert(name.clone()))
            .map(|name| {
                let value = header_value(request, &name)?;
                Some((name, value))
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

    pub(crate) fn redacted(&self, redactor: &Redactor) -> Self {
        Self {
            query: redactor.pairs(&self.query),
            form: redactor.pairs(&self.form),
            headers: redactor.pairs(&self.headers),
            signed_headers: redactor.text(&self.signed_headers),
            ..self.clone()
        }
    }

    pub(crate) fn canonical_request(&self, signer: &Signer) -> String {
        let headers: String = (signer.headers)(self)
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        format!(
            "{}\n{}\n{}\n{headers}{}{}\n{}",
            (signer.method)(&self.method),
            signer.path,
            joined(&(signer.pairs)(self), signer.encode),
            signer.blank_line,
            (signer.signed_headers)(self),
            (signer.body_hash)(self)
        )
    }

    pub(crate) fn string_to_sign(&self, signer: &Signer) -> String {
        let canonical = self.canonical_request(signer);
        let end = if signer.hashed { self.algorithm.hash(canonical.as_bytes()) } else { canonical };
        format!("{}\n{end}", self.algorithm.name())
    }

    /// For display. `real` is the material before it was redacted: the hash in the string to sign
    /// is that of the real request, so that a client can compare it with its own.
    pub(crate) fn signed(&self, real: &Self, signer: &Signer) -> Signed {
        let hashed = if signer.hashed { real } else { self };
        Signed {
            string_to_sign: hashed.string_to_sign(signer),
            canonical_request: self.canonical_request(signer),
        }
    }
}

/// All values of the header, so that none can be added to a signed request.
fn header_value(request: &Request, name: &str) -> Option<String> {
    let values = request.headers().get_all(name).iter();
    let texts = values
        .map(|value| {
            std::str::from_utf8(value.as_bytes()).ok().map(|v| v.trim_matches([' ', '\t']))
        })
        .collect::<Option<Vec<_>>>()?;
    Some(texts.join(","))
}
