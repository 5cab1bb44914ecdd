//! Whether credentials are present and well formed, in each of the gateway's forms:
//! V1 (parameters), V3 (`Authorization: ACS3-HMAC-SHA256 …`), bearer token.

use crate::gateway::exchange::Call;
use crate::wire::refusal::CredentialProblem::{self, *};
use crate::wire::{Arguments, field, header};

/// What is wrong with them, in the gateway's order of checks: access key, time stamp,
/// nonce, signature.
pub fn presented(call: &Call<'_>) -> Option<CredentialProblem> {
    let request = call.exchange.request;
    let arguments = &call.arguments;
    let bearer = header(request, "x-acs-bearer-token").or(arguments.text("BearerToken"));
    if bearer.is_some() {
        return None;
    }
    match header(request, "authorization") {
        Some(authorization) => signed_header(authorization).err().or_else(|| {
            let sent = |name| header(request, name);
            match (sent("x-acs-date"), sent("x-acs-signature-nonce")) {
                (None, _) => Some(Missing("Timestamp")),
                (Some(date), _) if !is_timestamp(date) => Some(DateFormat),
                (_, None) => Some(Missing("SignatureNonce")),
                _ => sent("x-acs-content-sha256")
                    .is_none()
                    .then_some(Malformed("x-acs-content-sha256")),
            }
        }),
        None => signed_parameters(arguments).err(),
    }
}

fn signed_parameters(arguments: &Arguments) -> Result<(), CredentialProblem> {
    if arguments.text("AccessKeyId").is_none() {
        return Err(if arguments.text("Signature").is_some() {
            Missing("AccessKeyId")
        } else {
            Absent
        });
    }
    let timestamp = arguments.text("Timestamp").ok_or(Missing("Timestamp"))?;
    if !is_timestamp(timestamp) {
        return Err(DateFormat);
    }
    arguments.text("SignatureNonce").ok_or(Missing("SignatureNonce"))?;
    let method = arguments.text("SignatureMethod").ok_or(Missing("SignatureMethod"))?;
    let version = arguments.text("SignatureVersion").ok_or(Missing("SignatureVersion"))?;
    if method != "HMAC-SHA1" || version != "1.0" {
        return Err(UnknownMethod);
    }
    arguments.text("Signature").ok_or(Missing("Signature")).map(|_| ())
}

/// `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`; SM3 and RSA are the other
/// algorithms the SDKs offer.
fn signed_header(authorization: &str) -> Result<(), CredentialProblem> {
    let (algorithm, fields) = authorization.split_once(' ').ok_or(Malformed("Authorization"))?;
    if !matches!(algorithm, "ACS3-HMAC-SHA256" | "ACS3-HMAC-SM3" | "ACS3-RSA-SHA256") {
        return Err(UnknownMethod);
    }
    let has = |name: &str| field(fields, name).is_some();
    if !has("Credential") {
        Err(Missing("AccessKeyId"))
    } else if has("SignedHeaders") && has("Signature") {
        Ok(())
    } else {
        Err(Malformed("Authorization"))
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`
fn is_timestamp(text: &str) -> bool {
    text.len() == 20 && text.parse::<jiff::Timestamp>().is_ok()
}

pub fn claimed(_call: &Call<'_>) -> Option<String> {
    None
}

pub fn verify(_call: &Call<'_>) -> Result<usize, crate::wire::refusal::Refusal> {
    Err(crate::wire::refusal::Reason::Credentials(CredentialProblem::Absent).into())
}
