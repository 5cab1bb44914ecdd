//! The credentials of a request, in each of the gateway's forms: V1 (parameters), V3
//! (`Authorization: ACS3-HMAC-SHA256 …`), bearer token. Here is what they are and whether
//! they are good; the signatures themselves are in the modules of their generation.

use subtle::ConstantTimeEq;

use super::digest::Algorithm;
use super::signature_v3::{Authorization, BODY_HASH};
use super::veil::Veil;
use super::{signature_v1 as v1, signature_v3 as v3, slips};
use crate::gateway::exchange::Call;
use crate::gateway::explain::{explain, skew_cause};
use crate::gateway::nearest::nearest;
use crate::plan::{AccessKey, KeyState};
use crate::wire::refusal::CredentialProblem::{self, *};
use crate::wire::refusal::{Explanation, Reason, Refusal, Signed};
use crate::wire::{field, header};
use crate::world::time::Timestamp;

/// What a request says about itself, not believed yet.
struct Claim<'a> {
    scheme: Scheme<'a>,
    /// STS.
    token: Option<&'a str>,
    timestamp: Option<&'a str>,
    nonce: Option<&'a str>,
}

enum Scheme<'a> {
    /// The signature, if there is one, is looked at last.
    V1 {
        key: &'a str,
    },
    V3 {
        key: &'a str,
        authorization: Authorization<'a>,
    },
    /// RSA: of good form, but no key of a scenario can check it.
    Unchecked {
        key: &'a str,
    },
    Bearer {
        token: &'a str,
    },
}

fn claim<'a>(call: &'a Call<'_>) -> Result<Claim<'a>, CredentialProblem> {
    let (request, arguments) = (call.exchange.request, &call.arguments);
    let sent = |name| header(request, name);
    let of_headers = |scheme| Claim {
        scheme,
        token: sent("x-acs-security-token"),
        timestamp: sent("x-acs-date"),
        nonce: sent("x-acs-signature-nonce"),
    };
    let of_parameters = |scheme| Claim {
        scheme,
        token: arguments.text("SecurityToken"),
        timestamp: arguments.text("Timestamp"),
        nonce: arguments.text("SignatureNonce"),
    };
    // Both SDK generations mark a bearer token with this parameter (captures).
    if arguments.text("SignatureType") == Some("BEARERTOKEN") {
        let by_header = sent("x-acs-bearer-token").map(|t| of_headers(Scheme::Bearer { token: t }));
        let by_parameter = || {
            let token = arguments.text("BearerToken")?;
            Some(of_parameters(Scheme::Bearer { token }))
        };
        return by_header.or_else(by_parameter).ok_or(Missing("BearerToken"));
    }
    match sent("authorization") {
        Some(authorization) => signed_header(authorization).map(of_headers),
        None => match arguments.text("AccessKeyId") {
            Some(key) => Ok(of_parameters(Scheme::V1 { key })),
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

impl<'a> Claim<'a> {
    fn at(&self) -> Result<Timestamp, CredentialProblem> {
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

/// The signature of V1, if it is of the one kind there is.
fn signed_parameters<'a>(call: &'a Call<'_>) -> Result<&'a str, CredentialProblem> {
    let text = |name| call.arguments.text(name).ok_or(Missing(name));
    if text("SignatureMethod")? != "HMAC-SHA1" || text("SignatureVersion")? != "1.0" {
        return Err(UnknownMethod);
    }
    text("Signature")
}

/// The hash of the body, as the client says it is. SM3 has two spellings: that of
/// tea-openapi, and that of gateway-pop.
fn body_hash<'a>(call: &'a Call<'_>, algorithm: Algorithm) -> Result<&'a str, CredentialProblem> {
    let sent = |name| header(call.exchange.request, name);
    let other = || sent("x-acs-content-sm3").filter(|_| algorithm == Algorithm::Sm3);
    sent(BODY_HASH).or_else(other).ok_or(Malformed(BODY_HASH))
}

/// What keeps them from being present and well formed, in the gateway's order of checks:
/// access key, time stamp, nonce, signature.
pub fn presented(call: &Call<'_>) -> Option<CredentialProblem> {
    form(call).err()
}

fn form(call: &Call<'_>) -> Result<(), CredentialProblem> {
    let claim = claim(call)?;
    if claim.is_bearer() {
        return Ok(());
    }
    claim.at()?;
    claim.nonce()?;
    match claim.scheme {
        Scheme::V1 { .. } => signed_parameters(call).map(|_| ()),
        Scheme::V3 { authorization, .. } => body_hash(call, authorization.algorithm).map(|_| ()),
        Scheme::Unchecked { .. } => body_hash(call, Algorithm::Sha256).map(|_| ()),
        Scheme::Bearer { .. } => Ok(()),
    }
}

/// The id of the access key that the credentials name.
pub fn claimed(call: &Call<'_>) -> Option<String> {
    let keys = &call.exchange.plan.gateway.keys;
    match claim(call).ok()?.scheme {
        Scheme::V1 { key } | Scheme::V3 { key, .. } | Scheme::Unchecked { key } => {
            Some(key.to_owned())
        }
        Scheme::Bearer { token } => keys.iter().find(|key| has_token(key, token)).map(id),
    }
}

fn id(key: &AccessKey) -> String {
    key.id.clone()
}

fn has_token(key: &AccessKey, token: &str) -> bool {
    key.session_token.as_ref().is_some_and(|secret| secret.is(token))
}

/// The place of the key they verify against. The order of checks is inferred, from what the
/// vendor's tests expect: access key, token, time stamp, nonce, signature.
pub fn verify(call: &Call<'_>) -> Result<usize, Refusal> {
    let exchange = call.exchange;
    let claim = claim(call).map_err(|problem| unreadable(call, problem))?;
    let (place, key) = key_of(call, &claim)?;
    if let Scheme::V1 { .. } = claim.scheme
        && let Some(name) =
            ["Action", "Version"].into_iter().find(|n| call.arguments.text(n).is_none())
    {
        // A header selects the operation then, and V1 signs none (inferred refusal).
        return Err(without_cause(Missing(name)).hint(format!(
            "V1 signs parameters only: {name} has to be one, a header of that meaning is not signed"
        )));
    }

    // Of a bearer token's request neither is signed; they are held to what they say.
    if claim.timestamp.is_some() || !claim.is_bearer() {
        let sent = claim.at().map_err(without_cause)?;
        skew(call, sent)?;
    }
    let window = exchange.plan.gateway.clock_skew;
    let nonce = match claim.nonce() {
        Err(_) if claim.is_bearer() => None,
        nonce => Some(nonce.map_err(without_cause)?),
    };
    if nonce.is_some_and(|nonce| exchange.memory.knows_nonce(place, nonce, exchange.now, window)) {
        return Err(nonce_used());
    }

    match claim.scheme {
        Scheme::V1 { .. } => verify_v1(call, place, key)?,
        Scheme::V3 { authorization, .. } => verify_v3(call, place, key, authorization)?,
        Scheme::Unchecked { .. } => return Err(unreadable(call, UnknownMethod)),
        // The token was found among those of the keys.
        Scheme::Bearer { .. } => {}
    }
    match nonce {
        Some(nonce) if !exchange.keep_nonce(place, nonce, window) => Err(nonce_used()),
        _ => Ok(place),
    }
}

/// The key, if it may be used, and with this token.
fn key_of<'a>(call: &Call<'a>, claim: &Claim<'_>) -> Result<(usize, &'a AccessKey), Refusal> {
    let keys = &call.exchange.plan.gateway.keys;
    let holder = |token: &str| keys.iter().position(|key| has_token(key, token));
    let place = match claim.scheme {
        Scheme::V1 { key } | Scheme::V3 { key, .. } | Scheme::Unchecked { key } => {
            call.key_named(key).ok_or_else(|| unknown_key(call, key))?
        }
        // That a bearer token is a key's session token is this server's own idea: what the
        // vendor's are made of is not documented.
        Scheme::Bearer { token } => holder(token).ok_or_else(|| {
            caused(TokenMalformed, "unknown-token", "no key of [[credentials]] has that token")
        })?,
    };
    let Some(key) = keys.get(place) else { return Err(Reason::Internal.into()) };
    if key.state == KeyState::Inactive {
        let hint = format!("the key {} is inactive in [[credentials]]", key.id);
        return Err(without_cause(InactiveKey).hint(hint));
    }
    if !claim.is_bearer() {
        match (&key.session_token, claim.token) {
            (None, None) => {}
            (Some(right), Some(sent)) if right.is(sent) => {}
            (Some(_), None) => {
                let detail = format!("the key {} is temporary: send its session token", key.id);
                return Err(caused(Missing("SecurityToken"), "token-not-sent", &detail));
            }
            (None, Some(_)) => {
                let detail = format!("the key {} has no session_token", key.id);
                return Err(caused(TokenMismatch, "token-of-another-key", &detail));
            }
            (Some(_), Some(sent)) => {
                return Err(match holder(sent).and_then(|place| keys.get(place)) {
                    Some(other) => {
                        let detail =
                            format!("the token is that of {}, not of {}", other.id, key.id);
                        caused(TokenMismatch, "token-of-another-key", &detail)
                    }
                    None => {
                        let detail = format!("the token is not the session_token of {}", key.id);
                        caused(TokenMalformed, "unknown-token", &detail)
                    }
                });
            }
        }
    }
    if key.state == KeyState::Expired {
        let hint = format!("the key {} has expired in [[credentials]]", key.id);
        // What expires is the token of a temporary key; the vendor's others never do.
        let problem = match key.session_token {
            Some(_) => TokenExpired { at: String::new() },
            None => ExpiredKey,
        };
        return Err(without_cause(problem).hint(hint));
    }
    Ok((place, key))
}

fn unknown_key(call: &Call<'_>, id: &str) -> Refusal {
    let keys = &call.exchange.plan.gateway.keys;
    let hint = match keys.iter().any(|key| key.secret.is(id)) {
        true => "the access key id is the secret of a key: are the two swapped?".to_owned(),
        false => {
            let meant = nearest(id, keys.iter().map(|key| key.id.as_str()));
            let meant = meant.map(|id| format!(": did you mean {id}?")).unwrap_or_default();
            format!("no key of [[credentials]] has that id{meant}")
        }
    };
    without_cause(UnknownKey(Veil::of(call).text(id))).hint(hint)
}

fn skew(call: &Call<'_>, sent: Timestamp) -> Result<(), Refusal> {
    let (now, most) = (call.exchange.now, call.exchange.plan.gateway.clock_skew);
    let off = sent.millis().abs_diff(now.millis());
    if off <= most {
        return Ok(());
    }
    let (sent_text, server) = (sent.iso_seconds(), now.iso_seconds());
    let cause = skew_cause(sent.millis(), now.millis());
    let detail = format!(
        "{}: the request is of {sent_text}, the server's clock says {server}, {} s may lie between",
        slips::meaning(cause),
        most / 1_000
    );
    Err(caused(Skewed { sent: sent_text, server }, cause, &detail))
}

fn nonce_used() -> Refusal {
    caused(NonceUsed, "nonce-reused", slips::meaning("nonce-reused"))
}

fn verify_v1(call: &Call<'_>, place: usize, key: &AccessKey) -> Result<(), Refusal> {
    let signature = signed_parameters(call).map_err(|problem| unreadable(call, problem))?;
    let material = v1::Material::of(call.exchange.request);
    let way = v1::Way::right();
    let text = material.string_to_sign(&way);
    let right = (way.sign)(&format!("{}&", key.secret.reveal()), &text);
    if same(&right, signature) {
        return Ok(());
    }
    let shown = material.veiled(&Veil::of(call));
    let server = Signed { string_to_sign: shown.string_to_sign(&way), ..Signed::default() };
    let slips = slips::of_v1(&material, &shown, &call.exchange.plan.gateway.keys, place);
    Err(mismatch(explain(server, signature, slips, &key.id)))
}

fn verify_v3(
    call: &Call<'_>,
    place: usize,
    key: &AccessKey,
    authorization: Authorization<'_>,
) -> Result<(), Refusal> {
    let request = call.exchange.request;
    let algorithm = authorization.algorithm;
    let hash = body_hash(call, algorithm).map_err(|problem| unreadable(call, problem))?;
    let Some(material) = v3::Material::of(request, authorization) else {
        let hint = "a signed header is not UTF-8";
        return Err(without_cause(Malformed("SignedHeaders")).hint(hint));
    };
    let is_signed = |name: &str| material.headers.iter().any(|(signed, _)| signed == name);
    let must_be = |name: &str| name == "host" || name.starts_with("x-acs-");
    let unsigned =
        request.headers().keys().map(|n| n.as_str()).find(|n| must_be(n) && !is_signed(n));
    if let Some(name) = unsigned {
        let detail = format!("{name} was sent, but is not one of the SignedHeaders");
        return Err(caused(Malformed("SignedHeaders"), "header-not-signed", &detail));
    }

    let way = v3::Way::right();
    let shown = material.veiled(&Veil::of(call));
    let server = || shown.signed(&material, &way);
    let unfit = |cause, detail| {
        mismatch(Explanation { cause, detail, signed: server(), ..Explanation::default() })
    };
    let absent = shown
        .headers
        .iter()
        .map(|(name, _)| name)
        .find(|name| name.is_empty() || !request.headers().contains_key(name.as_str()));
    if let Some(name) = absent {
        let detail = format!("{name:?} is one of the SignedHeaders, but was not received");
        return Err(unfit("header-signed-not-sent", detail));
    }
    if !same(&material.body_hash, hash) {
        let (cause, detail) = slips::of_body_hash(&material, request, hash);
        return Err(unfit(cause, detail));
    }
    let right = (way.sign)(algorithm, key.secret.reveal(), &material.string_to_sign(&way));
    if same(&right, authorization.signature) {
        return Ok(());
    }
    let slips = slips::of_v3(&material, &shown, &call.exchange.plan.gateway.keys, place);
    Err(mismatch(explain(server(), authorization.signature, slips, &key.id)))
}

/// To the letter, and without telling by its time how much was right. What is empty is like
/// nothing.
fn same(right: &str, sent: &str) -> bool {
    !right.is_empty() && bool::from(right.as_bytes().ct_eq(sent.as_bytes()))
}

fn mismatch(explanation: Explanation) -> Refusal {
    let problem = SignatureMismatch(explanation.signed.clone());
    let hint = format!("{}: {}", explanation.cause, explanation.detail);
    without_cause(problem).hint(hint).explained(Some(explanation))
}

fn without_cause(problem: CredentialProblem) -> Refusal {
    Reason::Credentials(problem).into()
}

fn caused(problem: CredentialProblem, cause: &'static str, detail: &str) -> Refusal {
    let explanation = Explanation { cause, detail: detail.to_owned(), ..Explanation::default() };
    without_cause(problem).hint(format!("{cause}: {detail}")).explained(Some(explanation))
}

/// Credentials that can not even be read as the gateway's: perhaps they are another's.
fn unreadable(call: &Call<'_>, problem: CredentialProblem) -> Refusal {
    let request = call.exchange.request;
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
        return caused(problem, "wrong-vendor", &detail);
    }
    let unsupported = match scheme {
        "ACS3-RSA-SHA256" => Some("ACS3-RSA-SHA256 can not be checked here"),
        "acs" => Some("the ROA signature of `Authorization: acs` can not be checked here"),
        _ if header(request, "x-acs-zero-trust-idtoken").is_some() => {
            Some("x-acs-zero-trust-idtoken can not be checked here")
        }
        _ => None,
    };
    if let Some(what) = unsupported {
        let detail = format!("{what}: sign with ACS3-HMAC-SHA256, ACS3-HMAC-SM3 or V1");
        return caused(problem, "unsupported-algorithm", &detail);
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
        _ => return without_cause(problem),
    };
    without_cause(problem).hint(hint)
}
