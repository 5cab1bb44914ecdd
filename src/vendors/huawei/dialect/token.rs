//! Self-contained tokens of IAM: any process with the same scenario and seed accepts them. They
//! look like the vendor's, a PKCS #7 message in base64 (`MII…`), but hold JSON and an HMAC.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::engine::credentials::{UnknownKey, diagnosed_error, find_key, is_same_signature};
use crate::engine::{Plan, RoutedCall};
use crate::scenario::access::KeyState;
use crate::wire::digest::mac;
use crate::wire::error::{ApiError, CredentialProblem};
use crate::world::draw::Seed;
use crate::world::time::{DAY, Timestamp};

/// 24 hours (vendor's page).
const LIFETIME: u64 = DAY;

/// The limit that OMS's page sets on X-Auth-Token.
const MAX_LENGTH: usize = 16_384;

/// The object identifier of PKCS #7 signed data, which real tokens begin with.
const SIGNED_DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// The content of a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TokenClaims {
    /// The id of the access key whose user logged in.
    pub(crate) key: String,
    pub(crate) user: String,
    pub(crate) scope: TokenScope,
    /// ms since 1970
    issued: i64,
    expires: i64,
}

/// The scope of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenScope {
    /// By id.
    Project(String),
    /// By id.
    Domain(String),
    Unscoped,
}

impl TokenClaims {
    pub(crate) fn new(key: String, user: String, scope: TokenScope, now: Timestamp) -> Self {
        Self { key, user, scope, issued: now.millis(), expires: now.plus(LIFETIME).millis() }
    }

    pub(crate) fn issued(&self) -> Timestamp {
        Timestamp::from_millis(self.issued)
    }

    pub(crate) fn expires(&self) -> Timestamp {
        Timestamp::from_millis(self.expires)
    }

    /// None if the token would be too long.
    pub(crate) fn to_token(&self, plan: &Plan) -> Option<String> {
        let json = serde_json::to_vec(self).ok()?;
        encode(&json, plan.seed).filter(|token| token.len() <= MAX_LENGTH)
    }

    /// The content of a token that this scenario issued, valid or not (any more).
    pub(crate) fn from_token(token: &str, plan: &Plan) -> Option<Self> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let bytes = STANDARD.decode(token.replace('-', "/")).ok()?;
        let json = bytes.get(HEADER_LENGTH..bytes.len().checked_sub(32)?)?;
        let expected = encode(json, plan.seed)?;
        let is_same = is_same_signature(&expected, token);
        is_same.then(|| serde_json::from_slice(json).ok()).flatten()
    }
}

/// A sequence, the identifier, an octet string.
const HEADER_LENGTH: usize = 4 + SIGNED_DATA.len() + 4;

fn encode(json: &[u8], seed: Seed) -> Option<String> {
    let content = json.len() + 32;
    let inner = u16::try_from(content).ok()?.to_be_bytes();
    let outer = u16::try_from(content + HEADER_LENGTH - 4).ok()?.to_be_bytes();
    let mut bytes = vec![0x30, 0x82, outer[0], outer[1]];
    bytes.extend(SIGNED_DATA);
    bytes.extend([0x04, 0x82, inner[0], inner[1]]);
    bytes.extend(json);
    let tag = mac::<Hmac<Sha256>>(&hmac_key(seed), &bytes);
    bytes.extend(tag);
    // Like Keystone's tokens, which have no slash.
    Some(STANDARD.encode(bytes).replace('/', "-"))
}

fn hmac_key(seed: Seed) -> Vec<u8> {
    mac::<Hmac<Sha256>>(b"syncmock huawei token", &seed.0.to_be_bytes())
}

/// The index of the access key that the token was issued to.
pub(crate) fn authenticate(call: &RoutedCall<'_>, token: &str) -> Result<usize, ApiError> {
    let context = call.context;
    let Some(claims) = TokenClaims::from_token(token, context.plan) else {
        let detail = "the token was not issued by this scenario with this seed".to_owned();
        return Err(malformed("token-malformed", detail));
    };
    let (index, key) =
        find_key(&context.plan.access, &claims.key).map_err(|UnknownKey { id, .. }| {
            let detail = format!("the token was issued to {id}, which is no key here");
            malformed("token-malformed", detail)
        })?;
    if context.now >= claims.expires() {
        let at = claims.expires().iso_seconds();
        let detail = format!("the token expired at {at}; it is {}", context.now.iso_seconds());
        let problem = CredentialProblem::TokenExpired { at };
        return Err(diagnosed_error(problem, "token-expired", detail));
    }
    // Disabling a user revokes tokens (vendor's page: within 30 minutes; here at once).
    if key.state != KeyState::Active {
        let detail = format!("the key {} is not active any more", key.id);
        return Err(malformed("token-revoked", detail));
    }
    if key.tokens_valid_from.is_some_and(|from| claims.issued() < from) {
        let detail =
            format!("tokens issued to {} before its tokens_valid_from are revoked", key.id);
        return Err(malformed("token-revoked", detail));
    }
    check_scope(call, &claims.scope)?;
    Ok(index)
}

/// A token of another region is refused (vendor's error page). That a token of another project or
/// of a domain is refused, too, is inferred.
fn check_scope(call: &RoutedCall<'_>, scope: &TokenScope) -> Result<(), ApiError> {
    let Some(requested) = call.arguments.sent("project_id") else { return Ok(()) };
    let scope = match scope {
        TokenScope::Project(id) if id == requested => return Ok(()),
        TokenScope::Project(id) => format!("the project {id}"),
        TokenScope::Domain(_) => "a domain, not a project".to_owned(),
        TokenScope::Unscoped => "no project".to_owned(),
    };
    let (cause, detail) = if requested == "{project_id}" {
        let detail = "the path holds {project_id} itself: the client has no project id";
        ("unreplaced-project-id", detail.to_owned())
    } else {
        let detail = format!("the token is scoped to {scope}; the path asks for {requested}");
        ("token-of-another-project", detail)
    };
    Err(diagnosed_error(CredentialProblem::TokenElsewhere, cause, detail))
}

fn malformed(cause: &'static str, detail: String) -> ApiError {
    diagnosed_error(CredentialProblem::TokenMalformed, cause, detail)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::engine::{Answer, Options, respond_first};
    use crate::vendors::load;
    use crate::wire::Request;
    use crate::world::time::HOUR;

    const NOW: Timestamp = Timestamp::from_millis(1_772_445_600_000);
    const PROJECT: &str = "054ba152d480d55b2f5dc0069e7ddef0";

    fn plan(seed: u64, rest: &str) -> Box<Plan> {
        let text = format!(
            "version = 1\nseed = {seed}\n[gateway]\ncredentials = \"verified\"\n[[credentials]]\n\
             id = \"testid\"\nsecret = \"testsecret\"\n{rest}\n[drs]\nproject_id = {PROJECT:?}"
        );
        let loaded = load("test", &text, &Options::default(), NOW).expect("options");
        loaded.outcome.expect("a scenario without problems")
    }

    fn login(plan: &Plan, scope: &str) -> String {
        let body = format!(
            r#"{{"auth":{{"identity":{{"methods":["password"],"password":{{"user":{{"name":"testid",
            "password":"testsecret","domain":{{"name":"d"}}}}}}}},"scope":{scope}}}}}"#
        );
        let request = http::Request::post("/v3/auth/tokens").body(Bytes::from(body)).unwrap();
        let answer = respond_first(plan, &request, NOW);
        assert_eq!(answer.reply.status(), 201, "{:?}", answer.hint());
        answer.reply.headers()["x-subject-token"].to_str().expect("ASCII").to_owned()
    }

    fn ask(uri: &str, token: &str) -> Request {
        let request = http::Request::get(uri).header("x-auth-token", token);
        request.header("authorization", "").body(Bytes::new()).expect("a request")
    }

    fn list(plan: &Plan, token: &str, now: Timestamp) -> Answer {
        respond_first(plan, &ask(&format!("/v5/{PROJECT}/batch-async-jobs"), token), now)
    }

    /// The status, the code, the vendor's words, and the cause.
    fn refused(answer: Answer) -> (u16, String, String, &'static str) {
        let body: serde_json::Value = serde_json::from_slice(answer.reply.body()).expect("JSON");
        let refused = answer.refused.expect("a refusal");
        let cause = refused.diagnosis.map_or("", |diagnosis| diagnosis.cause);
        let message = body["error_msg"].as_str().unwrap_or_default().to_owned();
        (answer.reply.status().as_u16(), refused.code, message, cause)
    }

    const BY_NAME: &str = r#"{"project":{"name":"cn-north-4"}}"#;
    const UNREADABLE: &str = "Incorrect IAM authentication information: decrypt token fail";

    #[test]
    fn a_token_opens_its_project_in_any_process_until_it_expires() {
        let issuer = plan(1, "");
        let token = login(&issuer, BY_NAME);
        let other_process = plan(1, "");
        for plan in [&issuer, &other_process] {
            assert!(list(plan, &token, NOW).succeeded());
            assert!(list(plan, &token, NOW.plus(24 * HOUR - 1)).succeeded());
        }
        let (status, code, message, cause) = refused(list(&issuer, &token, NOW.plus(24 * HOUR)));
        assert_eq!((status, &*code, cause), (401, "APIGW.0307", "token-expired"));
        assert_eq!(message, "The token must be updated.");
        let (status, code, message, cause) = refused(list(&plan(2, ""), &token, NOW));
        assert_eq!((status, &*code, cause), (401, "APIGW.0301", "token-malformed"));
        assert_eq!(message, UNREADABLE);
    }

    #[test]
    fn a_token_of_another_scope_is_refused_by_a_project_operation() {
        let plan = plan(1, "");
        for scope in [r#"{"project":{"name":"cn-east-3"}}"#, r#"{"domain":{"name":"d"}}"#, "null"] {
            let token = login(&plan, scope);
            let (status, code, _, cause) = refused(list(&plan, &token, NOW));
            assert_eq!((status, &*code, cause), (401, "APIGW.0307", "token-of-another-project"));
            let projects = respond_first(&plan, &ask("/v3/projects?name=cn-north-4", &token), NOW);
            assert!(projects.succeeded(), "{scope}");
        }
        let token = login(&plan, BY_NAME);
        let unreplaced = ask("/v5/%7Bproject_id%7D/batch-async-jobs", &token);
        assert_eq!(refused(respond_first(&plan, &unreplaced, NOW)).3, "unreplaced-project-id");
    }

    #[test]
    fn tokens_of_keys_that_changed_are_revoked() {
        let token = login(&plan(1, ""), BY_NAME);
        let from = |at: &str| plan(1, &format!("tokens_valid_from = {at}"));
        assert!(list(&from("2026-03-02T10:00:00Z"), &token, NOW).succeeded());
        for plan in [from("2026-03-02T10:00:01Z"), plan(1, "state = \"inactive\"")] {
            let (status, code, message, cause) = refused(list(&plan, &token, NOW));
            assert_eq!((status, &*code, cause), (401, "APIGW.0301", "token-revoked"));
            assert_eq!(message, UNREADABLE);
        }
    }

    #[test]
    fn a_token_looks_like_the_vendors() {
        let token = login(&plan(1, ""), BY_NAME);
        assert!(token.starts_with("MII") && token.contains("YJKoZIhvcNAQcC"), "{token}");
        assert!(!token.contains('/'));
        let (status, code, ..) = refused(list(&plan(1, ""), &format!("{token}="), NOW));
        assert_eq!((status, &*code), (401, "APIGW.0301"));
    }

    proptest! {
        #[test]
        fn a_token_reads_back(key in "\\PC{0,40}", user in "\\PC{0,40}", id in "\\PC{0,9}") {
            let plan = plan(7, "");
            for scope in [TokenScope::Project(id.clone()), TokenScope::Domain(id.clone()), TokenScope::Unscoped] {
                let claims = TokenClaims::new(key.clone(), user.clone(), scope, NOW);
                let token = claims.to_token(&plan).expect("a token");
                prop_assert!(token.starts_with("MII"));
                prop_assert_eq!(TokenClaims::from_token(&token, &plan), Some(claims));
            }
        }

        #[test]
        fn a_token_with_a_flipped_bit_is_none(at: prop::sample::Index, bit in 0u8..7) {
            let plan = plan(1, "");
            let mut token = login(&plan, BY_NAME).into_bytes();
            let at = at.index(token.len());
            token[at] ^= 1 << bit;
            if let Ok(token) = String::from_utf8(token) {
                prop_assert_eq!(TokenClaims::from_token(&token, &plan), None);
            }
        }

        #[test]
        fn no_token_panics(token in "\\PC{0,60}|MII[A-Za-z0-9+/=-]{0,90}") {
            prop_assert_eq!(TokenClaims::from_token(&token, &plan(1, "")), None);
        }
    }
}
