//! The credentials of a request, in each of the gateway's forms: V1 (parameters), V3
//! (`Authorization: ACS3-HMAC-SHA256 …`), bearer token. This module reads and checks them; the
//! signatures themselves are in the modules of their generation.

use super::digest::Algorithm;
use super::signature_v3::{Authorization, BODY_HASH};
use super::{signature_v1 as v1, signature_v3 as v3, signing_mistakes};
use crate::engine::credentials::{
    self as checks, SessionTokenError, check_clock, check_nonce, check_session_token,
    credential_error, diagnosed_error, find_key, find_session_token, is_same_signature,
    signature_mismatch, use_nonce,
};
use crate::engine::diagnosis::{TooLarge, diagnose};
use crate::engine::{Redactor, RoutedCall};
use crate::scenario::access::{AccessKey, KeyState};
use crate::wire::error::CredentialProblem::{self, *};
use crate::wire::error::{ApiError, Diagnosis, Signed};
use crate::wire::{field, header};
use crate::world::time::Timestamp;

/// The credentials of a request, not checked yet.
struct Credentials<'a> {
    scheme: Scheme<'a>,
    /// The security token (STS).
    token: Option<&'a str>,
    timestamp: Option<&'a str>,
    nonce: Option<&'a str>,
}

enum Scheme<'a> {
    /// The signature, if there is one, is checked last.
    V1 {
        key: &'a str,
    },
    V3 {
        key: &'a str,
        authorization: Authorization<'a>,
    },
    /// RSA: well formed, but no key of a scenario can check it.
    Unchecked {
        key: &'a str,
    },
    Bearer {
        token: &'a str,
    },
}

fn credentials<'a>(call: &'a RoutedCall<'_>) -> Result<Credentials<'a>, CredentialProblem> {
    let (request, arguments) = (call.context.request, &call.arguments);
    let sent = |name| header(request, name);
    let from_headers = |scheme| Credentials {
        scheme,
        token: sent("x-acs-security-token"),
        timestamp: sent("x-acs-date"),
        nonce: sent("x-acs-signature-nonce"),
    };
    let from_parameters = |scheme| Credentials {
        scheme,
        token: arguments.text("SecurityToken"),
        timestamp: arguments.text("Timestamp"),
        nonce: arguments.text("SignatureNonce"),
    };
    // Both SDK generations mark a bearer token with this parameter (captures).
    if arguments.text("SignatureType") == Some("BEARERTOKEN") {
        let by_header =
            sent("x-acs-bearer-token").map(|t| from_headers(Scheme::Bearer { token: t }));
        let by_parameter = || {
            let token = arguments.text("BearerToken")?;
            Some(from_parameters(Scheme::Bearer { token }))
        };
        return by_header.or_else(by_parameter).ok_or(Missing("BearerToken"));
    }
    match sent("authorization") {
        Some(authorization) => signed_header(authorization).map(from_headers),
        None => match arguments.text("AccessKeyId") {
            Some(key) => Ok(from_parameters(Scheme::V1 { key })),
            None if arguments.text("Signature").is_some() => Err(Missing("AccessKeyId")),
            None => Err(Absent),
        },
    }
}

/// `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`; SM3 and RSA are the other
/// algorithms the SDKs offer.
fn signed_header(authorization: &str) -> Result<Scheme<'_>, CredentialProblem> {
    let (name, fields) = authorization.split_once(' ').ok_or(Malformed("Authorization"))?;
    let algorithm = Algorithm::named(name);
    if algorithm.is_none() && name != "ACS3-RSA-SHA256" {
        return Err(UnknownMethod);
    }
    let key = field(fields, "Credential").ok_or(Missing("AccessKeyId"))?;
    let part = |name| field(fields, name).ok_or(Malformed("Authorization"));
    let (signed_headers, signature) = (part("SignedHeaders")?, part("Signature")?);
    Ok(match algorithm {
        Some(algorithm) => {
            let authorization = Authorization { algorithm, signed_headers, signature };
            Scheme::V3 { key, authorization }
        }
        None => Scheme::Unchecked { key },
    })
}

impl<'a> Credentials<'a> {
    fn date(&self) -> Result<Timestamp, CredentialProblem> {
        instant(self.timestamp.ok_or(Missing("Timestamp"))?).ok_or(DateFormat)
    }

    fn nonce(&self) -> Result<&'a str, CredentialProblem> {
        self.nonce.ok_or(Missing("SignatureNonce"))
    }

    fn is_bearer(&self) -> bool {
        matches!(self.scheme, Scheme::Bearer { .. })
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`, and nothing else that a parser would take.
fn instant(text: &str) -> Option<Timestamp> {
    let form = b"0000-00-00T00:00:00Z";
    let fits = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == *form,
    };
    if text.len() != form.len() || !text.bytes().zip(form).all(fits) {
        return None;
    }
    let parsed: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(parsed.as_millisecond()))
}

/// The signature of V1; HMAC-SHA1 is its only method.
fn v1_signature<'a>(call: &'a RoutedCall<'_>) -> Result<&'a str, CredentialProblem> {
    let text = |name| call.arguments.text(name).ok_or(Missing(name));
    if text("SignatureMethod")? != "HMAC-SHA1" || text("SignatureVersion")? != "1.0" {
        return Err(UnknownMethod);
    }
    text("Signature")
}

/// The hash of the body that the client sent. SM3 has two names for its header: that of
/// tea-openapi, and that of gateway-pop.
fn body_hash<'a>(
    call: &'a RoutedCall<'_>,
    algorithm: Algorithm,
) -> Result<&'a str, CredentialProblem> {
    let sent = |name| header(call.context.request, name);
    let other = || sent("x-acs-content-sm3").filter(|_| algorithm == Algorithm::Sm3);
    sent(BODY_HASH).or_else(other).ok_or(Malformed(BODY_HASH))
}

/// The first problem of the credentials' presence or form, in the gateway's order of checks: access
/// key, time stamp, nonce, signature.
pub(crate) fn credential_problem(call: &RoutedCall<'_>) -> Option<CredentialProblem> {
    check_form(call).err()
}

fn check_form(call: &RoutedCall<'_>) -> Result<(), CredentialProblem> {
    let credentials = credentials(call)?;
    if credentials.is_bearer() {
        return Ok(());
    }
    credentials.date()?;
    credentials.nonce()?;
    match credentials.scheme {
        Scheme::V1 { .. } => v1_signature(call).map(|_| ()),
        Scheme::V3 { authorization, .. } => body_hash(call, authorization.algorithm).map(|_| ()),
        Scheme::Unchecked { .. } => body_hash(call, Algorithm::Sha256).map(|_| ()),
        Scheme::Bearer { .. } => Ok(()),
    }
}

/// The id of the access key that the credentials name.
pub(crate) fn key_id(call: &RoutedCall<'_>) -> Option<String> {
    match credentials(call).ok()?.scheme {
        Scheme::V1 { key } | Scheme::V3 { key, .. } | Scheme::Unchecked { key } => {
            Some(key.to_owned())
        }
        Scheme::Bearer { token } => find_session_token(call, token).map(|(_, key)| key.id.clone()),
    }
}

/// The index of the key that the credentials verify against. The order of checks is inferred from
/// what the vendor's tests expect: access key, token, time stamp, nonce, signature.
pub(crate) fn authenticate(call: &RoutedCall<'_>) -> Result<usize, ApiError> {
    let credentials = credentials(call).map_err(|problem| unreadable(call, problem))?;
    let (index, key) = usable_key(call, &credentials)?;
    if let Scheme::V1 { .. } = credentials.scheme
        && let Some(name) =
            ["Action", "Version"].into_iter().find(|n| call.arguments.text(n).is_none())
    {
        // A header selects the operation then, but V1 signs no headers (inferred refusal).
        return Err(credential_error(Missing(name)).hint(format!(
            "V1 signs parameters only: {name} has to be one, a header of that meaning is not signed"
        )));
    }

    // With a bearer token, time stamp and nonce are not signed, but checked if they are sent.
    if credentials.timestamp.is_some() || !credentials.is_bearer() {
        let sent = credentials.date().map_err(credential_error)?;
        check_clock(call, sent).map_err(|skew| skewed(&skew))?;
    }
    let nonce = match credentials.nonce() {
        Err(_) if credentials.is_bearer() => None,
        nonce => Some(nonce.map_err(credential_error)?),
    };
    if let Some(nonce) = nonce {
        check_nonce(call, index, nonce).map_err(nonce_used)?;
    }

    match credentials.scheme {
        Scheme::V1 { .. } => verify_v1(call, key)?,
        Scheme::V3 { authorization, .. } => verify_v3(call, key, authorization)?,
        Scheme::Unchecked { .. } => return Err(unreadable(call, UnknownMethod)),
        // The token was found when the key was looked up.
        Scheme::Bearer { .. } => {}
    }
    if let Some(nonce) = nonce {
        use_nonce(call, index, nonce).map_err(nonce_used)?;
    }
    Ok(index)
}

/// The key that is named, and its index, if it may be used with the token that was sent.
fn usable_key<'a>(
    call: &RoutedCall<'a>,
    credentials: &Credentials<'a>,
) -> Result<(usize, &'a AccessKey), ApiError> {
    let (index, key) = match credentials.scheme {
        Scheme::V1 { key } | Scheme::V3 { key, .. } | Scheme::Unchecked { key } => {
            find_key(&call.context.plan.access, key)
                .map_err(|unknown| unknown_key(call, &unknown))?
        }
        // The format of the vendor's bearer tokens is not documented; in this server they are
        // session tokens of keys.
        Scheme::Bearer { token } => find_session_token(call, token).ok_or_else(|| {
            let detail = "no key of [[credentials]] has that token".to_owned();
            diagnosed_error(TokenMalformed, "unknown-token", detail)
        })?,
    };
    if key.state == KeyState::Inactive {
        let hint = format!("the key {} is inactive in [[credentials]]", key.id);
        return Err(credential_error(InactiveKey).hint(hint));
    }
    if !credentials.is_bearer() {
        check_session_token(call, key, credentials.token)
            .map_err(|problem| wrong_session_token(key, problem))?;
    }
    if key.state == KeyState::Expired {
        let hint = format!("the key {} has expired in [[credentials]]", key.id);
        // Only tokens of temporary keys expire; the vendor's other keys never do.
        let problem = match key.session_token {
            Some(_) => TokenExpired { at: String::new() },
            None => ExpiredKey,
        };
        return Err(credential_error(problem).hint(hint));
    }
    Ok((index, key))
}

fn wrong_session_token(key: &AccessKey, problem: SessionTokenError<'_>) -> ApiError {
    let id = &key.id;
    let (problem, cause, detail) = match problem {
        SessionTokenError::Missing => {
            let detail = format!("the key {id} is temporary: send its session token");
            (Missing("SecurityToken"), "token-not-sent", detail)
        }
        SessionTokenError::Unexpected => {
            let detail = format!("the key {id} has no session_token");
            (TokenMismatch, "token-of-another-key", detail)
        }
        SessionTokenError::Mismatch { owner: Some(owner) } => {
            let detail = format!("the token is that of {}, not of {id}", owner.id);
            (TokenMismatch, "token-of-another-key", detail)
        }
        SessionTokenError::Mismatch { owner: None } => {
            let detail = format!("the token is not the session_token of {id}");
            (TokenMalformed, "unknown-token", detail)
        }
    };
    diagnosed_error(problem, cause, detail)
}

fn unknown_key(call: &RoutedCall<'_>, unknown: &checks::UnknownKey<'_>) -> ApiError {
    let hint = match (unknown.secret_of, unknown.nearest) {
        (Some(_), _) => "the access key id is the secret of a key: are the two swapped?".to_owned(),
        (None, Some(meant)) => {
            format!("no key of [[credentials]] has that id: did you mean {meant}?")
        }
        (None, None) => "no key of [[credentials]] has that id".to_owned(),
    };
    credential_error(UnknownKey(Redactor::new(call).text(unknown.id))).hint(hint)
}

fn skewed(skew: &checks::ClockSkew) -> ApiError {
    let (sent, server) = (skew.sent.iso_seconds(), skew.server.iso_seconds());
    let detail = format!(
        "{}: the request is of {sent}, the server's clock says {server}; {}",
        signing_mistakes::meaning(skew.cause),
        skew.remedy()
    );
    diagnosed_error(Skewed { sent, server }, skew.cause, detail)
}

fn nonce_used(_: checks::NonceUsed) -> ApiError {
    let cause = "nonce-reused";
    diagnosed_error(NonceUsed, cause, signing_mistakes::meaning(cause).to_owned())
}

fn verify_v1(call: &RoutedCall<'_>, key: &AccessKey) -> Result<(), ApiError> {
    let signature = v1_signature(call).map_err(|problem| unreadable(call, problem))?;
    let material = v1::Material::from_request(call.context.request);
    let signer = v1::Signer::correct();
    let text = material.string_to_sign(&signer);
    let correct = (signer.sign)(&format!("{}&", key.secret.reveal()), &text);
    if is_same_signature(&correct, signature) {
        return Ok(());
    }
    if let Some(large) = TooLarge::check(call, false) {
        return Err(signature_mismatch(large.diagnosis()));
    }
    let shown = material.redacted(&Redactor::new(call));
    let server = Signed { string_to_sign: shown.string_to_sign(&signer), ..Signed::default() };
    let keys = call.context.plan.access.tried_keys();
    let mistakes = signing_mistakes::v1_mistakes(&material, &shown, keys, key);
    Err(signature_mismatch(diagnose(server, signature, mistakes, &key.id)))
}

fn verify_v3(
    call: &RoutedCall<'_>,
    key: &AccessKey,
    authorization: Authorization<'_>,
) -> Result<(), ApiError> {
    let request = call.context.request;
    let algorithm = authorization.algorithm;
    let hash = body_hash(call, algorithm).map_err(|problem| unreadable(call, problem))?;
    let Some(material) = v3::Material::from_request(request, authorization) else {
        let hint = "a signed header is not UTF-8";
        return Err(credential_error(Malformed("SignedHeaders")).hint(hint));
    };
    let is_signed = |name: &str| material.headers.iter().any(|(signed, _)| signed == name);
    let must_be_signed = |name: &str| name == "host" || name.starts_with("x-acs-");
    let unsigned =
        request.headers().keys().map(|n| n.as_str()).find(|n| must_be_signed(n) && !is_signed(n));
    if let Some(name) = unsigned {
        let detail = format!("{name} was sent, but is not one of the SignedHeaders");
        return Err(diagnosed_error(Malformed("SignedHeaders"), "header-not-signed", detail));
    }

    let signer = v3::Signer::correct();
    let redactor = || Redactor::new(call);
    let large = TooLarge::check(call, true);
    let unfit = |cause, detail| {
        let shown = || material.redacted(&redactor()).signed(&material, &signer);
        let signed = large.map_or_else(shown, TooLarge::signed);
        signature_mismatch(Diagnosis { cause, detail, signed, ..Diagnosis::default() })
    };
    let absent = material
        .headers
        .iter()
        .map(|(name, _)| name)
        .find(|name| name.is_empty() || !request.headers().contains_key(name.as_str()));
    if let Some(name) = absent {
        let name = redactor().text(name);
        let detail = format!("{name:?} is one of the SignedHeaders, but was not received");
        return Err(unfit("header-signed-not-sent", detail));
    }
    if !is_same_signature(&material.body_hash, hash) {
        let (cause, detail) = signing_mistakes::diagnose_body_hash(&material, request, hash);
        return Err(unfit(cause, detail));
    }
    let correct = (signer.sign)(algorithm, key.secret.reveal(), &material.string_to_sign(&signer));
    if is_same_signature(&correct, authorization.signature) {
        return Ok(());
    }
    if let Some(large) = large {
        return Err(signature_mismatch(large.diagnosis()));
    }
    let keys = call.context.plan.access.tried_keys();
    let shown = material.redacted(&redactor());
    let mistakes = signing_mistakes::v3_mistakes(&material, &shown, keys, key);
    let server = shown.signed(&material, &signer);
    Err(signature_mismatch(diagnose(server, authorization.signature, mistakes, &key.id)))
}

/// Credentials that are not well formed: perhaps they are another vendor's.
fn unreadable(call: &RoutedCall<'_>, problem: CredentialProblem) -> ApiError {
    let request = call.context.request;
    let authorization = header(request, "authorization").unwrap_or_default();
    let scheme = authorization.split(' ').next().unwrap_or_default();
    let foreign = match scheme {
        "SDK-HMAC-SHA256" | "SDK-HMAC-SM3" | "V11-HMAC-SHA256" | "V11-HMAC-SM3" => Some("Huawei"),
        "authing" => Some("Authing"),
        "AWS4-HMAC-SHA256" => Some("AWS"),
        _ if header(request, "x-auth-token").is_some() => Some("Huawei"),
        _ if header(request, "x-authing-app-id").is_some() => Some("Authing"),
        _ => None,
    };
    if let Some(vendor) = foreign {
        let detail = format!("these are credentials of {vendor}, this is Alibaba's gateway");
        return diagnosed_error(problem, "wrong-vendor", detail);
    }
    let unsupported = match scheme {
        "ACS3-RSA-SHA256" => Some("ACS3-RSA-SHA256 cannot be checked here"),
        "acs" => Some("the ROA signature of `Authorization: acs` cannot be checked here"),
        _ if header(request, "x-acs-zero-trust-idtoken").is_some() => {
            Some("x-acs-zero-trust-idtoken cannot be checked here")
        }
        _ => None,
    };
    if let Some(what) = unsupported {
        let detail = format!("{what}: sign with ACS3-HMAC-SHA256, ACS3-HMAC-SM3 or V1");
        return diagnosed_error(problem, "unsupported-algorithm", detail);
    }
    let bearer = header(request, "x-acs-bearer-token").or(call.arguments.text("BearerToken"));
    let hint = match problem {
        Absent if bearer.is_some() => {
            "a bearer token needs the parameter SignatureType=BEARERTOKEN"
        }
        Absent => {
            "this scenario has gateway.credentials = \"verified\": sign the request; \"open\" needs \
             no credentials"
        }
        UnknownMethod => "V1 is HMAC-SHA1 of version 1.0, V3 is ACS3-HMAC-SHA256 or ACS3-HMAC-SM3",
        Malformed(BODY_HASH) => "V3 needs x-acs-content-sha256, the hash of the body",
        Malformed("Authorization") => {
            "V3 is Authorization: ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…"
        }
        _ => return credential_error(problem),
    };
    credential_error(problem).hint(hint)
}
