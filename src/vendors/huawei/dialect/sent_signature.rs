//! The parsed `Authorization` header of Huawei's signatures, before it is verified.

use std::collections::HashSet;

use crate::wire::error::CredentialProblem::{self, *};
use crate::wire::{Request, field, header};
use crate::world::time::Timestamp;

/// The signature algorithms of huaweicloudsdkcore 3.1.219.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// `SDK-HMAC-SHA256`
    Sha256,
    /// `SDK-HMAC-SM3`
    Sm3,
    /// `V11-HMAC-SHA256`, whose key is derived for a day, a region and a service.
    Derived,
    /// `SDK-ECDSA-P256-SHA256` and `SDK-SM2-SM3`, which this server cannot check.
    PublicKey,
}

/// The well-formed parts of a signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SentSignature<'r> {
    pub(crate) algorithm: Algorithm,
    /// The algorithm's name in the header.
    pub(crate) name: &'r str,
    pub(crate) key_id: &'r str,
    /// `YYYYMMDD/REGION/SERVICE` of a derived key; empty for other algorithms.
    pub(crate) scope: &'r str,
    pub(crate) signed_headers: &'r str,
    pub(crate) signature: &'r str,
    pub(crate) date: &'r str,
    pub(crate) at: Timestamp,
}

impl<'r> SentSignature<'r> {
    pub(crate) fn from_request(request: &'r Request) -> Result<Self, CredentialProblem> {
        let authorization = header(request, "authorization").ok_or(Absent)?;
        let (name, fields) = authorization.split_once(' ').unwrap_or((authorization, ""));
        let algorithm = match name {
            "SDK-HMAC-SHA256" => Algorithm::Sha256,
            "SDK-HMAC-SM3" => Algorithm::Sm3,
            "V11-HMAC-SHA256" => Algorithm::Derived,
            "SDK-ECDSA-P256-SHA256" | "SDK-SM2-SM3" => Algorithm::PublicKey,
            _ => return Err(UnknownMethod),
        };
        let part = |name| field(fields, name).ok_or(Malformed("Authorization"));
        let (key_id, scope) = match algorithm {
            Algorithm::Derived => {
                let credential = part("Credential").or(part("Access"))?;
                credential.split_once('/').unwrap_or((credential, ""))
            }
            _ => (part("Access").or(part("Credential"))?, ""),
        };
        let (signed_headers, signature) = (part("SignedHeaders")?, part("Signature")?);
        let date = header(request, "x-sdk-date").ok_or(Missing("X-Sdk-Date"))?;
        let at = parse_sdk_date(date).ok_or(DateFormat)?;
        Ok(Self { algorithm, name, key_id, scope, signed_headers, signature, date, at })
    }

    /// The names of the signed headers, in the client's order, each once: a long header that is
    /// named very often would make a text out of all proportion to the request.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &'r str> {
        let mut seen = HashSet::new();
        self.signed_headers.split(';').filter(move |name| seen.insert(*name))
    }
}

/// `YYYYMMDDTHHMMSSZ`
fn parse_sdk_date(text: &str) -> Option<Timestamp> {
    let has_form = text.len() == 16
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 => b == b'T',
            15 => b == b'Z',
            _ => b.is_ascii_digit(),
        });
    if !has_form {
        return None;
    }
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

/// The reverse of [`parse_sdk_date`].
pub(crate) fn format_sdk_date(at: Timestamp) -> String {
    at.iso_seconds().replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_parsed_and_formatted_only_in_the_vendors_form() {
        let at = parse_sdk_date("20230101T000000Z").expect("a date");
        assert_eq!((at.seconds(), format_sdk_date(at)), (1_672_531_200, "20230101T000000Z".into()));
        for wrong in ["2023-01-01T00:00:00Z", "20230101T000000", "20231301T000000Z", "", "é"] {
            assert_eq!(parse_sdk_date(wrong), None, "{wrong}");
        }
    }
}
