//! get-management-token: a JWT for an access key.
//!
//! Nothing but its form is looked at here: any key gets a token.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::Value;
use sha2::Sha256;

use crate::gateway::Admitted;
use crate::wire::Payload;
use crate::wire::refusal::{Reason, Refusal, Rule, Violation};
use crate::world::time::Timestamp;

/// Names as on the vendor's page. `expires_in` is in seconds; at 0 the Python SDK fetches a
/// token before every call (run).
#[derive(Serialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

/// SDKs read `scoped_userpool_id` alone, and it must be there and be text: Go panics without
/// it (source). A global key's id is its pool's (vendor's OpenAPI document). The others are
/// inferred.
#[derive(Serialize)]
struct Claims<'a> {
    scoped_userpool_id: &'a str,
    token_type: &'static str,
    access_key_type: &'static str,
    access_key_id: &'a str,
    iat: i64,
    exp: i64,
}

pub fn handle(call: &Admitted<'_>) -> Result<Payload, Refusal> {
    let plan = &call.plan().authing;
    let access_key_id = key_id(call.exchange().request.body())?;
    let access_token = mint(&plan.token_key, &access_key_id, call.now(), plan.token_lifetime)?;
    call.render(&Answer { access_token, expires_in: plan.token_lifetime })
}

/// The order of the complaints about one field is class-validator's for
/// `@IsString() @IsNotEmpty()` (inferred).
fn key_id(body: &[u8]) -> Result<String, Refusal> {
    let body: Option<Value> = serde_json::from_slice(body).ok();
    let mut violations = Vec::new();
    for name in ["accessKeyId", "accessKeySecret"] {
        let value = body.as_ref().and_then(|body| body.get(name)).unwrap_or(&Value::Null);
        let mut broken = |rule| violations.push(Violation { parameter: name.into(), rule });
        if matches!(value, Value::Null) || value.as_str() == Some("") {
            broken(Rule::Required);
        }
        if !value.is_string() {
            broken(Rule::Text);
        }
    }
    match body.as_ref().and_then(|body| body.get("accessKeyId")).and_then(Value::as_str) {
        Some(id) if violations.is_empty() => Ok(id.to_owned()),
        _ => Err(Refusal::from(Reason::Parameters(violations))
            .hint("the body is JSON: {\"accessKeyId\": \"…\", \"accessKeySecret\": \"…\"}")),
    }
}

/// HS256; `lifetime` in seconds.
fn mint(key: &[u8], id: &str, now: Timestamp, lifetime: u64) -> Result<String, Refusal> {
    let internal = || Refusal::from(Reason::Internal);
    let iat = now.seconds();
    let claims = serde_json::to_string(&Claims {
        scoped_userpool_id: id,
        token_type: "management_token",
        access_key_type: "userpool",
        access_key_id: id,
        iat,
        exp: iat.saturating_add_unsigned(lifetime),
    })
    .map_err(|_| internal())?;
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(&*plain(&claims)));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| internal())?;
    mac.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Ok(format!("{signed}.{signature}"))
}

/// The same JSON without the characters that give `-` or `_` in base64url. The Python SDK
/// decodes the payload with the standard alphabet (run) and would fail on them.
fn plain(json: &str) -> Cow<'_, str> {
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
        let token = mint(&[7; 32], "testid", NOW, 60).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        mac.update(signed.as_bytes());
        mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        assert_ne!(token, mint(&[8; 32], "testid", NOW, 60).unwrap());
    }

    proptest! {
        #[test]
        fn no_payload_has_a_character_that_only_base64url_knows(
            id in "[ -\u{7f}]{0,40}|\\PC{1,40}|[>?~\u{7f}𝄞\"\\\\]{1,9}",
        ) {
            let token = mint(&[0; 32], &id, NOW, 7200).unwrap();
            let payload = token.split('.').nth(1).unwrap();
            prop_assert!(!payload.contains(['-', '_']));
            prop_assert_eq!(&claims(&token)["scoped_userpool_id"], &json!(id));
        }

        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = key_id(&body);
        }
    }
}
