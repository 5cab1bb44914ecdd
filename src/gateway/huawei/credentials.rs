//! What the `Authorization` header of Huawei's signatures says, before it is believed.

use crate::wire::refusal::CredentialProblem::{self, *};
use crate::wire::{Request, field, header};
use crate::world::time::Timestamp;

/// The algorithms of huaweicloudsdkcore 3.1.219 whose signatures are made with the secret
/// alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `SDK-HMAC-SHA256`
    Sha256,
    /// `SDK-HMAC-SM3`
    Sm3,
    /// `V11-HMAC-SHA256`, with a key derived for a day, a region and a service.
    Derived,
    /// `SDK-ECDSA-P256-SHA256` and `SDK-SM2-SM3`, which are not checked here.
    PublicKey,
}

/// The parts of a signature, well formed.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'r> {
    pub algorithm: Algorithm,
    /// As spelt in the header.
    pub name: &'r str,
    pub key_id: &'r str,
    /// `YYYYMMDD/REGION/SERVICE` of derived keys, else empty.
    pub scope: &'r str,
    pub signed_headers: &'r str,
    pub signature: &'r str,
    pub date: &'r str,
    pub at: Timestamp,
}

impl<'r> Sent<'r> {
    pub fn of(request: &'r Request) -> Result<Self, CredentialProblem> {
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
        let at = sdk_date(date).ok_or(DateFormat)?;
        Ok(Self { algorithm, name, key_id, scope, signed_headers, signature, date, at })
    }

    /// The names of the signed headers, in the client's order.
    pub fn names(&self) -> impl Iterator<Item = &'r str> {
        self.signed_headers.split(';')
    }
}

/// `YYYYMMDDTHHMMSSZ`
fn sdk_date(text: &str) -> Option<Timestamp> {
    let form = text.len() == 16
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 => b == b'T',
            15 => b == b'Z',
            _ => b.is_ascii_digit(),
        });
    if !form {
        return None;
    }
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

/// The reverse of [`sdk_date`].
pub fn in_sdk_form(at: Timestamp) -> String {
    at.iso_seconds().replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written_in_the_vendors_form_alone() {
        let at = sdk_date("20230101T000000Z").expect("a date");
        assert_eq!((at.seconds(), in_sdk_form(at)), (1_672_531_200, "20230101T000000Z".into()));
        for wrong in ["2023-01-01T00:00:00Z", "20230101T000000", "20231301T000000Z", "", "é"] {
            assert_eq!(sdk_date(wrong), None, "{wrong}");
        }
    }
}
