//! Management tokens: issued by get-management-token, accepted by the gateway. Their key is drawn
//! from the seed, so another process with the same scenario accepts them, too.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

use crate::wire::error::{ApiError, Reason};
use crate::world::draw::{Seed, Stream, draw};
use crate::world::time::Timestamp;

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// The key that tokens are signed with.
pub(crate) fn key(seed: Seed) -> [u8; 32] {
    let mut key = [0; 32];
    for (eight, i) in key.chunks_exact_mut(8).zip(0..) {
        eight.copy_from_slice(&draw(seed, Stream::named("authing.token"), i).to_be_bytes());
    }
    key
}

/// SDKs read only `scoped_userpool_id`, and it must be there and be text: Go panics without it
/// (source). A global key's id is its pool's (vendor's OpenAPI document). The others are
/// inferred.
#[derive(Serialize)]
struct IssuedClaims<'a> {
    scoped_userpool_id: &'a str,
    token_type: &'static str,
    access_key_type: &'static str,
    access_key_id: &'a str,
    iat: i64,
    exp: i64,
}

/// A token for an access key, signed with HS256; `lifetime` is in seconds.
///
/// # Errors
/// If it cannot be serialized, which is a bug.
pub(crate) fn issue(
    key: &[u8],
    id: &str,
    now: Timestamp,
    lifetime: u64,
) -> Result<String, ApiError> {
    let internal = || ApiError::from(Reason::Internal);
    let iat = now.seconds();
    let claims = serde_json::to_string(&IssuedClaims {
        scoped_userpool_id: id,
        token_type: "management_token",
        access_key_type: "userpool",
        access_key_id: id,
        iat,
        exp: iat.saturating_add_unsigned(lifetime),
    })
    .map_err(|_| internal())?;
    let header = URL_SAFE_NO_PAD.encode(HEADER);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(&*for_standard_base64(&claims)));
    let mac = mac(key, &signed).ok_or_else(internal)?;
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Ok(format!("{signed}.{signature}"))
}

/// The same JSON without the characters that give `-` or `_` in base64url. The Python SDK
/// decodes the payload with the standard alphabet (run) and would fail on them.
fn for_standard_base64(json: &str) -> Cow<'_, str> {
    let harmless = |c: char| c.is_ascii() && !matches!(c, '>' | '?' | '~' | '\u{7f}');
    if json.chars().all(harmless) {
        return json.into();
    }
    let mut out = String::with_capacity(json.len() * 2);
    for c in json.chars() {
        if harmless(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out.into()
}

/// The claims of a genuine token.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Claims {
    pub(crate) scoped_userpool_id: String,
    pub(crate) access_key_id: String,
    /// Seconds since 1970.
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

/// Why a token is not genuine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Not HS256.
    Algorithm,
    /// Without the claim that SDKs need.
    NoPool,
    Tampered,
}

/// The claims of the token, if it is genuine, whether or not it has expired.
///
/// # Errors
/// Why it is not genuine.
pub(crate) fn read(key: &[u8], token: &str) -> Result<Claims, Flaw> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Flaw::Tampered)?;
    let (header, payload) = signed.split_once('.').ok_or(Flaw::Tampered)?;
    let header = decoded(header).ok_or(Flaw::Tampered)?;
    if header.get("alg").and_then(Value::as_str) != Some("HS256") {
        return Err(Flaw::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Flaw::Tampered)?;
    let genuine = mac(key, signed).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
    let payload = decoded(payload).ok_or(Flaw::Tampered)?;
    if !genuine {
        let has_pool = payload.get("scoped_userpool_id").is_some_and(Value::is_string);
        return Err(if has_pool { Flaw::Tampered } else { Flaw::NoPool });
    }
    serde_json::from_value(payload).map_err(|_| Flaw::Tampered)
}

/// The id of the access key that a token names, genuine or not.
pub(crate) fn key_id(token: &str) -> Option<String> {
    let payload = decoded(token.split('.').nth(1)?)?;
    payload.get("access_key_id").and_then(Value::as_str).map(str::to_owned)
}

fn decoded(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn mac(key: &[u8], signed: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(signed.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_millis(1_772_445_600_000);

    fn claims(token: &str) -> Value {
        let payload = token.split('.').nth(1).expect("a payload");
        let bytes = STANDARD_NO_PAD.decode(payload).expect("the standard alphabet");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[test]
    fn the_signature_is_that_of_the_key() {
        let token = issue(&[7; 32], "testid", NOW, 60).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        mac.update(signed.as_bytes());
        mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        assert_ne!(token, issue(&[8; 32], "testid", NOW, 60).unwrap());
    }

    #[test]
    fn a_token_of_another_algorithm_is_none() {
        let token = issue(&[7; 32], "testid", NOW, 60).unwrap();
        let (_, rest) = token.split_once('.').unwrap();
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"none","typ":"JWT"}"#, r#"{"alg":"RS256"}"#] {
            let header = URL_SAFE_NO_PAD.encode(header);
            assert_eq!(read(&[7; 32], &format!("{header}.{rest}")), Err(Flaw::Algorithm));
        }
        let claims = URL_SAFE_NO_PAD.encode(r#"{"exp":9999999999,"iat":1}"#);
        let header = URL_SAFE_NO_PAD.encode(HEADER);
        assert_eq!(read(&[7; 32], &format!("{header}.{claims}.YWJj")), Err(Flaw::NoPool));
    }

    proptest! {
        #[test]
        fn no_payload_has_a_character_that_only_base64url_knows(
            id in "[ -\u{7f}]{0,40}|\\PC{1,40}|[>?~\u{7f}𝄞\"\\\\]{1,9}",
        ) {
            let token = issue(&[0; 32], &id, NOW, 7200).unwrap();
            let payload = token.split('.').nth(1).unwrap();
            prop_assert!(!payload.contains(['-', '_']));
            prop_assert_eq!(&claims(&token)["scoped_userpool_id"], &json!(id));
        }

        #[test]
        fn a_token_reads_back_and_nothing_else_does(id in "\\PC{1,40}", bit: usize) {
            let token = issue(&[7; 32], &id, NOW, 7200).unwrap();
            let claims = read(&[7; 32], &token).unwrap();
            prop_assert_eq!((claims.scoped_userpool_id, claims.iat), (id.clone(), NOW.seconds()));
            prop_assert_eq!(claims.exp, NOW.seconds() + 7200);
            prop_assert_eq!(key_id(&token), Some(id));
            prop_assert!(read(&[8; 32], &token).is_err());
            let mut bytes = token.into_bytes();
            let bit = bit % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(changed) = String::from_utf8(bytes) {
                prop_assert!(read(&[7; 32], &changed).is_err());
            }
        }

        #[test]
        fn no_token_panics(token in "\\PC{0,60}|[A-Za-z0-9_-]{0,30}(\\.[A-Za-z0-9_-]{0,30}){0,4}") {
            prop_assert!(read(&[7; 32], &token).is_err());
            let _ = key_id(&token);
        }
    }
}
