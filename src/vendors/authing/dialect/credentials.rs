//! Checking credentials: a management token, or a signature.

use jiff::fmt::rfc2822::DateTimeParser;

use super::jwt::{self, Flaw};
use super::signature::{SignedParts, header_text, string_to_sign, verifies};
use super::signing_mistakes::{Attempt, meaning, redacted, signing_mistakes};
use crate::engine::credentials::{
    ClockSkew, NonceUsed, UnknownKey, check_clock, check_nonce, credential_error, diagnosed_error,
    find_key, signature_mismatch, use_nonce,
};
use crate::engine::diagnosis::{TooLarge, diagnose};
use crate::engine::{Redactor, RoutedCall};
use crate::scenario::access::{AccessKey, KeyState, shortened};
use crate::wire::error::{ApiError, CredentialProblem, Signed};
use crate::wire::header;
use crate::world::time::Timestamp;

/// `Bearer <jwt>` (python, go; captured), the bare jwt (java, and the documentation), or
/// `authing <id>:<signature>` (node; captured). None of the other headers is required: node sends
/// no `x-authing-userpool-id`, go may send it empty.
enum SentCredentials<'a> {
    Signature { id: &'a str, signature: &'a str },
    Token(&'a str),
}

fn sent_credentials<'a>(call: &RoutedCall<'a>) -> Result<SentCredentials<'a>, CredentialProblem> {
    let authorization =
        header(call.context.request, "authorization").ok_or(CredentialProblem::Absent)?;
    let malformed = CredentialProblem::Malformed("authorization");
    if let Some(signed) = authorization.strip_prefix("authing ") {
        return match signed.split_once(':') {
            Some((id, signature)) if !id.is_empty() && !signature.is_empty() => {
                Ok(SentCredentials::Signature { id, signature })
            }
            _ => Err(malformed),
        };
    }
    let token = authorization.strip_prefix("Bearer ").unwrap_or(authorization).trim();
    let mut parts = token.split('.');
    if parts.clone().count() == 3 && parts.all(|part| !part.is_empty()) {
        Ok(SentCredentials::Token(token))
    } else {
        Err(malformed)
    }
}

pub(crate) fn credential_problem(call: &RoutedCall<'_>) -> Option<CredentialProblem> {
    sent_credentials(call).err()
}

pub(crate) fn key_id(call: &RoutedCall<'_>) -> Option<String> {
    match sent_credentials(call).ok()? {
        SentCredentials::Signature { id, .. } => Some(id.to_owned()),
        SentCredentials::Token(token) => jwt::key_id(token),
    }
}

pub(crate) fn authenticate(call: &RoutedCall<'_>) -> Result<usize, ApiError> {
    match sent_credentials(call) {
        Ok(SentCredentials::Signature { id, signature }) => check_signature(call, id, signature),
        Ok(SentCredentials::Token(token)) => check_token(call, token),
        Err(CredentialProblem::Absent) => {
            let hint = "this scenario has gateway.credentials = \"verified\": send authorization, \
                        a management token or a signature";
            Err(credential_error(CredentialProblem::Absent).hint(hint))
        }
        Err(problem) => {
            let authorization = header(call.context.request, "authorization").unwrap_or_default();
            let foreign = ["ACS3-", "acs ", "SDK-HMAC-", "V11-HMAC-", "AWS4-"];
            let cause = if foreign.iter().any(|scheme| authorization.starts_with(scheme)) {
                "wrong-vendor"
            } else {
                "malformed-authorization"
            };
            Err(rejected_for(problem, cause, ""))
        }
    }
}

/// A refusal for a named cause; `more` is particular to this request.
fn rejected_for(problem: CredentialProblem, cause: &'static str, more: &str) -> ApiError {
    let detail = match more {
        "" => meaning(cause).to_owned(),
        more => format!("{}: {more}", meaning(cause)),
    };
    diagnosed_error(problem, cause, detail)
}

/// # Errors
/// If the key is not active.
pub(crate) fn check_active(key: &AccessKey) -> Result<(), ApiError> {
    let more = format!("{} is {:?}", key.id, key.state).to_lowercase();
    match key.state {
        KeyState::Active => Ok(()),
        KeyState::Inactive => {
            Err(rejected_for(CredentialProblem::InactiveKey, "inactive-key", &more))
        }
        KeyState::Expired => {
            Err(rejected_for(CredentialProblem::ExpiredKey, "inactive-key", &more))
        }
    }
}

const METHOD: &str = "x-authing-signature-method";
const VERSION: &str = "x-authing-signature-version";
const NONCE: &str = "x-authing-signature-nonce";

/// Checks in the order of the vendor's codes, the signature last.
fn check_signature(call: &RoutedCall<'_>, id: &str, signature: &str) -> Result<usize, ApiError> {
    let context = call.context;
    let request = context.request;
    match header(request, METHOD) {
        Some("HMAC-SHA1") => {}
        None => return Err(rejected_for(CredentialProblem::UnknownMethod, MISSING, METHOD)),
        Some(_) => {
            return Err(rejected_for(
                CredentialProblem::UnknownMethod,
                "wrong-signature-method",
                "",
            ));
        }
    }
    match header(request, VERSION) {
        Some("1.0") => {}
        None => return Err(rejected_for(CredentialProblem::Missing(VERSION), MISSING, VERSION)),
        Some(_) => {
            let problem = CredentialProblem::Malformed(VERSION);
            return Err(rejected_for(problem, "wrong-signature-version", ""));
        }
    }
    check_date(call)?;
    let Some(nonce) = header(request, NONCE) else {
        return Err(rejected_for(CredentialProblem::Missing(NONCE), MISSING, NONCE));
    };
    let (index, key) =
        find_key(&context.plan.access, id).map_err(|error| unknown_key(call, &error))?;
    check_nonce(call, index, nonce).map_err(nonce_used)?;
    let Some(parts) = SignedParts::new(request, context.arguments()?) else {
        let problem = CredentialProblem::SignatureMismatch(Signed::default());
        return Err(rejected_for(problem, "body-not-json", ""));
    };
    if !verifies(&parts, key.secret.reveal(), signature) {
        return Err(mismatch(call, &parts, key, signature));
    }
    check_active(key)?;
    use_nonce(call, index, nonce).map_err(nonce_used)?;
    Ok(index)
}

const MISSING: &str = "missing-signature-headers";

fn unknown_key(call: &RoutedCall<'_>, unknown: &UnknownKey<'_>) -> ApiError {
    let more = match unknown.nearest {
        Some(near) => format!("did you mean {near}?"),
        None => "[[credentials]] of the scenario lists them".to_owned(),
    };
    rejected_for(
        CredentialProblem::UnknownKey(Redactor::new(call).text(unknown.id)),
        "unknown-key",
        &more,
    )
}

fn nonce_used(_: NonceUsed) -> ApiError {
    rejected_for(CredentialProblem::NonceUsed, "nonce-reused", "")
}

fn mismatch(call: &RoutedCall<'_>, parts: &SignedParts, key: &AccessKey, sent: &str) -> ApiError {
    if let Some(large) = TooLarge::check(call, false) {
        return signature_mismatch(large.diagnosis());
    }
    let request = call.context.request;
    let shown = redacted(parts, &Redactor::new(call));
    let own = Signed {
        string_to_sign: string_to_sign(&shown, Default::default()),
        canonical_request: String::new(),
    };
    let others: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), header_text(value)))
        .filter(|(name, _)| {
            ["accept", "content-type", "content-length", "host", "user-agent"]
                .contains(&name.as_str())
        })
        .collect();
    let attempt = Attempt {
        parts,
        redacted: &shown,
        key,
        keys: call.context.plan.access.tried_keys(),
        host: call.context.host(),
        content_type: header(request, "content-type").unwrap_or_default(),
        others: &others,
    };
    signature_mismatch(diagnose(own, sent, signing_mistakes(&attempt).into_iter(), &key.id))
}

/// `date` (node, java) or `x-authing-date` (C#), in GMT (node) or in milliseconds since 1970
/// (java, C#, and the page of the vendor's errors).
fn check_date(call: &RoutedCall<'_>) -> Result<(), ApiError> {
    let request = call.context.request;
    let sent = ["x-authing-date", "date"].iter().find_map(|name| header(request, name));
    let Some(sent) = sent else {
        return Err(rejected_for(CredentialProblem::Missing("date"), "missing-date", ""));
    };
    let Some(instant) = instant(sent) else {
        return Err(rejected_for(CredentialProblem::DateFormat, "wrong-date-format", ""));
    };
    check_clock(call, instant).map_err(|skew| skewed(call, sent, &skew))
}

fn skewed(call: &RoutedCall<'_>, date: &str, skew: &ClockSkew) -> ApiError {
    let in_seconds = date.bytes().all(|b| b.is_ascii_digit()) && {
        let millis = skew.sent.millis().saturating_mul(1_000);
        check_clock(call, Timestamp::from_millis(millis)).is_ok()
    };
    let cause = if in_seconds { "date-in-seconds" } else { skew.cause };
    let (sent, server) = (skew.sent.iso_millis(), skew.server.iso_millis());
    let more = format!("it is {sent}, the server's clock {server}; {}", skew.remedy());
    rejected_for(CredentialProblem::Skewed { sent, server }, cause, &more)
}

fn instant(text: &str) -> Option<Timestamp> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Timestamp::from_millis);
    }
    let instant = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// How long (s) a token without a lifetime is accepted: it is meant for one call (python fetches
/// one for each, run).
const ONE_CALL: i64 = 60;

fn check_token(call: &RoutedCall<'_>, token: &str) -> Result<usize, ApiError> {
    let context = call.context;
    let claims = jwt::read(&jwt::key(context.plan.seed), token).map_err(|flaw| {
        let problem = CredentialProblem::TokenMalformed;
        match flaw {
            Flaw::Algorithm => rejected_for(problem, "token-algorithm", ""),
            Flaw::NoPool => rejected_for(problem, "token-without-userpool", ""),
            Flaw::Tampered => rejected_for(problem, "token-tampered", ""),
        }
    })?;
    let (index, key) = find_key(&context.plan.access, &claims.access_key_id)
        .map_err(|error| unknown_key(call, &error))?;
    check_active(key)?;
    if key.tokens_valid_from.is_some_and(|from| claims.iat < from.seconds()) {
        return Err(rejected_for(CredentialProblem::TokenMismatch, "token-revoked", ""));
    }
    let end =
        if claims.exp == claims.iat { claims.exp.saturating_add(ONE_CALL) } else { claims.exp };
    if context.now.seconds() >= end {
        let at = Timestamp::from_millis(claims.exp.saturating_mul(1_000)).iso_seconds();
        let more = format!("it was good until {at}");
        return Err(rejected_for(CredentialProblem::TokenExpired { at }, "token-expired", &more));
    }
    match header(context.request, "x-authing-userpool-id") {
        Some(pool) if pool != claims.scoped_userpool_id => {
            let more = format!("{} for a token of {}", shortened(pool), claims.scoped_userpool_id);
            Err(rejected_for(CredentialProblem::TokenElsewhere, "userpool-mismatch", &more))
        }
        _ => Ok(index),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use bytes::Bytes;
    use serde_json::Value;

    use super::*;
    use crate::engine::{
        Answer, Options, Plan, QuotaAndNonceStore, WorldState, respond, respond_first,
    };
    use crate::vendors::authing::dialect::Authing;
    use crate::vendors::authing::dialect::errors::ERRORS;
    use crate::vendors::authing::dialect::signature::sign;
    use crate::vendors::authing::dialect::signing_mistakes::CAUSES;
    use crate::vendors::load;
    use crate::wire::error::Reason;
    use crate::wire::{Arguments, Request};

    const NOW: Timestamp = Timestamp::from_millis(1_772_445_600_000);
    const MODE: &str = "[gateway]\ncredentials = \"verified\"\n";
    const JOBS: &str = "/api/v3/list-sync-jobs?syncTaskId=1000";
    const TOKEN: &str = "/api/v3/get-management-token";

    fn plan(lines: &str) -> Box<Plan> {
        let text = format!("version = 1\n{MODE}{lines}");
        let loaded = load("test", &text, &Options::default(), NOW).expect("a scenario");
        loaded.outcome.expect("a plan")
    }

    fn body(answer: &Answer) -> Value {
        serde_json::from_slice(answer.reply.body()).expect("JSON")
    }

    /// (statusCode, apiCode)
    fn codes(answer: &Answer) -> (u64, u64) {
        let body = body(answer);
        (body["statusCode"].as_u64().unwrap_or(0), body["apiCode"].as_u64().unwrap_or(0))
    }

    fn cause(answer: &Answer) -> &'static str {
        let refused = answer.refused.as_ref();
        let diagnosis = refused.and_then(|refused| refused.diagnosis.as_ref());
        diagnosis.map_or("", |diagnosis| diagnosis.cause)
    }

    fn log_in(plan: &Plan, id: &str, secret: &str, now: Timestamp) -> Answer {
        let keys = json!({"accessKeyId": id, "accessKeySecret": secret}).to_string();
        respond_first(plan, &http::Request::post(TOKEN).body(keys.into()).expect("a request"), now)
    }

    fn token(plan: &Plan, now: Timestamp) -> String {
        let body = body(&log_in(plan, "testid", "testsecret", now));
        body["data"]["access_token"].as_str().expect("a token").to_owned()
    }

    fn with_token(plan: &Plan, token: &str, pool: Option<&str>, now: Timestamp) -> Answer {
        let mut request = http::Request::get(JOBS).header("authorization", token);
        if let Some(pool) = pool {
            request = request.header("x-authing-userpool-id", pool);
        }
        respond_first(plan, &request.body(Bytes::new()).expect("a request"), now)
    }

    #[test]
    fn a_token_is_good_with_and_without_bearer_in_every_process_until_it_expires() {
        let token = token(&plan(""), NOW);
        let other = plan("");
        let code = |token: &str, pool, now| codes(&with_token(&other, token, pool, now));
        assert_eq!(code(&token, None, NOW), (200, 0));
        let bearer = format!("Bearer {token}");
        assert_eq!(code(&bearer, Some("testid"), NOW.plus(7_199_000)), (200, 0));
        assert_eq!(code(&bearer, Some(""), NOW), (200, 0), "go");
        let late = with_token(&other, &token, None, NOW.plus(7_200_000));
        assert_eq!((codes(&late), cause(&late)), ((401, 2020), "token-expired"));
        let elsewhere = with_token(&other, &token, Some("another"), NOW);
        assert_eq!((codes(&elsewhere), cause(&elsewhere)), ((403, 2224), "userpool-mismatch"));
        let seed = "[authing]\n[[credentials]]\nid=\"other\"\nsecret=\"x\"";
        assert_eq!(cause(&with_token(&plan(seed), &token, None, NOW)), "unknown-key");
    }

    #[test]
    fn a_token_of_no_lifetime_is_good_for_a_call() {
        let plan = plan("[authing.tokens]\nlifetime = \"0s\"");
        let token = token(&plan, NOW);
        assert_eq!(codes(&with_token(&plan, &token, None, NOW.plus(5_000))).0, 200);
        let late = with_token(&plan, &token, None, NOW.plus(60_000));
        assert_eq!(cause(&late), "token-expired");
    }

    #[test]
    fn revoked_and_tampered_tokens_and_those_of_inactive_keys_are_refused() {
        let key = "[[credentials]]\nid = \"testid\"\nsecret = \"testsecret\"\n";
        let token = token(&plan(""), NOW);
        let cause_of = |lines: &str, token: &str| {
            let answer = with_token(&plan(lines), token, None, NOW);
            assert_eq!(codes(&answer), (401, 2020), "{lines}");
            let shown = format!("{:?}", answer.refused.as_ref().map(|refused| &refused.hint));
            assert!(!shown.contains(&token[..9]), "{shown}");
            cause(&answer)
        };
        let from = |at: &str| format!("{key}tokens_valid_from = {at}");
        assert_eq!(cause_of(&from("2026-03-02T10:00:01Z"), &token), "token-revoked");
        let valid = plan(&from("2026-03-02T10:00:00Z"));
        assert_eq!(codes(&with_token(&valid, &token, None, NOW)).0, 200);
        for state in ["inactive", "expired"] {
            assert_eq!(cause_of(&format!("{key}state = \"{state}\""), &token), "inactive-key");
        }
        let (rest, signature) = token.rsplit_once('.').expect("a signature");
        let other = if signature.starts_with('A') { "B" } else { "A" };
        let tampered = format!("{rest}.{other}{}", &signature[1..]);
        assert_eq!(cause_of("", &tampered), "token-tampered");
        let mut parts: Vec<&str> = token.split('.').collect();
        // {"alg":"none"}
        parts[0] = "eyJhbGciOiJub25lIn0";
        assert_eq!(cause_of("", &parts.join(".")), "token-algorithm");
        // {"x":"scoped"}
        let made_up = "eyJhbGciOiJIUzI1NiJ9.eyJ4Ijoic2NvcGVkIn0.c2lnbmF0dXJl";
        assert_eq!(cause_of("", made_up), "token-without-userpool");
        let text = format!("version = 1\nseed = 2\n{MODE}");
        let loaded = load("test", &text, &Options::default(), NOW).expect("a scenario");
        let other = loaded.outcome.expect("a plan");
        assert_eq!(cause(&with_token(&other, &token, None, NOW)), "token-tampered");
    }

    #[test]
    fn a_token_is_given_for_a_known_pair_only() {
        let plan = plan(
            "[[credentials]]\nid = \"testid\"\nsecret = \"testsecret\"\n\
             [[credentials]]\nid = \"off\"\nsecret = \"s\"\nstate = \"inactive\"",
        );
        let try_in = |id, secret| {
            let answer = log_in(&plan, id, secret, NOW);
            (codes(&answer), cause(&answer), answer.reply.status().as_u16())
        };
        assert_eq!(try_in("testid", "testsecret"), ((200, 0), "", 200));
        assert_eq!(try_in("testid", "wrong"), ((401, 2020), "wrong-secret", 200));
        assert_eq!(try_in("testld", "testsecret"), ((401, 2020), "unknown-key", 200));
        assert_eq!(try_in("off", "s"), ((401, 2020), "inactive-key", 200));
        assert_eq!(try_in("off", "wrong"), ((401, 2020), "wrong-secret", 200));
    }

    /// The captured requests of operations that there are, at the instant they were sent.
    #[test]
    fn captured_requests_are_accepted_once() {
        let captures = include_str!("../../../../fixtures/authing/requests/node-4.0.1.http");
        let plan = plan(
            "[[credentials]]\nid = \"62bfFAKEpool000000000001\"\n\
             secret = \"fakesecret0123456789abcdef012345\"",
        );
        let now = Timestamp::from_millis(1_795_295_710_000);
        let (mut accepted, mut refused) = (0, 0);
        for capture in captures.split("\n### ").skip(1) {
            let mut lines = capture.lines().skip(1);
            let uri = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a target");
            if !uri.starts_with("/api/v3/list-sync-jobs") {
                continue;
            }
            let mut request = http::Request::get(uri);
            for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
                request = request.header(name, value);
            }
            let request = request.body(Bytes::new()).expect("a request");
            let state = WorldState::new(&plan);
            let answer = respond(&plan, &state, &request, now);
            if capture.contains("null") {
                assert_eq!((codes(&answer).1, cause(&answer)), (1300, "null-parameter-signed"));
                refused += 1;
                continue;
            }
            // One has a syncTrigger that there is not.
            assert!(matches!(codes(&answer), (200 | 400, 0)), "{capture}");
            accepted += 1;
            let again = respond(&plan, &state, &request, now);
            assert_eq!((codes(&again), cause(&again)), ((401, 1306), "nonce-reused"));
            let late = respond_first(&plan, &request, now.plus(16 * 60_000));
            assert_eq!((codes(&late), cause(&late)), ((401, 1305), "clock-skew"));
        }
        assert_eq!((accepted, refused), (4, 1));
    }

    fn entry(value: &Value) -> (Request, Timestamp) {
        let text = |name: &str| value[name].as_str().expect("text").to_owned();
        let mut request = http::Request::builder().method(&*text("method")).uri(text("uri"));
        for pair in value["headers"].as_array().expect("headers") {
            let at = |i: usize| pair[i].as_str().expect("text");
            request = request.header(at(0), at(1));
        }
        let now = Timestamp::from_millis(value["now"].as_i64().expect("ms"));
        (request.body(text("body").into()).expect("a request"), now)
    }

    /// Requests of signers written independently, each with one mistake.
    #[test]
    fn every_wrong_signer_is_told_what_is_wrong() {
        let plan = plan("");
        let mut wrong = Vec::new();
        let corpus = include_str!("../../../../fixtures/wrong-signers/authing.json");
        let entries: Vec<Value> = serde_json::from_str(corpus).expect("JSON");
        for value in entries {
            let name = &value["name"];
            let (request, now) = entry(&value);
            let answer = respond_first(&plan, &request, now);
            let refused = answer.refused.as_ref().expect("a refusal");
            let diagnosis = refused.diagnosis.clone().expect("a diagnosis");
            if diagnosis.cause != value["cause"] {
                wrong.push(format!("{name}: {}, {}", diagnosis.cause, diagnosis.detail));
            }
            assert!(!meaning(diagnosis.cause).is_empty(), "{name}");
            let shown = format!("{:?} {diagnosis:?} {}", refused.hint, body(&answer));
            let authorization = request.headers()["authorization"].to_str().expect("text");
            let signature = authorization.rsplit([':', '=']).find(|s| s.len() > 9);
            for secret in ["testsecret", "verysecretvalue", signature.unwrap_or("testsecret")] {
                assert!(!shown.contains(&secret[..5]), "{name} shows {secret}: {shown}");
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_nonce_is_used_up_by_the_first_request_that_passes_all_other_checks() {
        let key = |lines: &str| {
            plan(&format!("[[credentials]]\nid = \"testid\"\nsecret = \"testsecret\"\n{lines}"))
        };
        let (active, inactive) = (key(""), key("state = \"inactive\""));
        let store = QuotaAndNonceStore::new(&active.access);
        let signed = |id: &str, secret: &str| {
            let unsigned = http::Request::get(JOBS)
                .header("date", NOW.http_date())
                .header(METHOD, "HMAC-SHA1")
                .header(VERSION, "1.0")
                .header(NONCE, "n-1")
                .body(Bytes::new());
            let mut request = unsigned.expect("a request");
            let parts = SignedParts::new(&request, &Arguments::of(&request)).expect("parts");
            let signature = sign(secret, &string_to_sign(&parts, Default::default()));
            let value = format!("authing {id}:{signature}").parse().expect("a value");
            request.headers_mut().insert("authorization", value);
            request
        };
        let check = |plan: &Plan, request: &Request| {
            let checked = crate::engine::authenticate::<Authing>(plan, &store, request, NOW);
            checked.map_err(|error| error.reason)
        };
        let (right, wrong) = (signed("testid", "testsecret"), signed("testid", "wrong"));
        let refused = |problem| Err(Reason::Credentials(problem));
        assert_eq!(
            check(&active, &signed("testld", "testsecret")),
            refused(CredentialProblem::UnknownKey("testld".into()))
        );
        assert!(matches!(
            check(&active, &wrong),
            Err(Reason::Credentials(CredentialProblem::SignatureMismatch(_)))
        ));
        assert_eq!(check(&inactive, &right), refused(CredentialProblem::InactiveKey));
        assert_eq!(check(&active, &right), Ok(0));
        for again in [&right, &wrong] {
            assert_eq!(check(&active, again), refused(CredentialProblem::NonceUsed));
        }
    }

    #[test]
    fn no_key_of_a_directory_is_shown_whatever_its_name() {
        let keys = json!({"userName": "u", "privateKey": "kept-private", "apiCode": ["kept-api"]});
        let body = json!({"syncTaskName": "n", "clientConfig": {"mokaConfig": keys}});
        let request = http::Request::post("/api/v3/create-sync-task")
            .header("authorization", "authing testid:wrong")
            .header("date", NOW.http_date())
            .header(METHOD, "HMAC-SHA1")
            .header(VERSION, "1.0")
            .header(NONCE, "n-1")
            .body(body.to_string().into())
            .expect("a request");
        let answer = respond_first(&plan(""), &request, NOW);
        assert_eq!(codes(&answer), (401, 1300));
        let refused = answer.refused.as_ref().expect("a refusal");
        let shown = format!("{:?} {:?}", refused.hint, refused.diagnosis);
        assert!(shown.contains("mokaConfig") && !shown.contains("kept-"), "{shown}");
    }

    #[test]
    fn every_error_can_be_asked_for_by_its_code_or_else_its_status() {
        let plan = plan("");
        for entry in ERRORS {
            let name =
                if entry.code.is_empty() { entry.status.to_string() } else { entry.code.into() };
            let request = http::Request::get(JOBS)
                .header("x-syncmock-refuse", name)
                .body(Bytes::new())
                .expect("a request");
            let answer = respond_first(&plan, &request, NOW);
            let code = entry.code.parse().unwrap_or(0);
            assert_eq!(codes(&answer), (entry.status.into(), code));
        }
        let mut names: Vec<&str> = CAUSES.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CAUSES.len());
    }

    #[test]
    fn a_throttled_call_has_its_own_status_and_two_members() {
        let plan = plan("[[gateway.quota]]\nlimit = 1\nwindow = \"1s\"");
        let state = WorldState::new(&plan);
        let request = http::Request::get(JOBS)
            .header("authorization", token(&plan, NOW))
            .body(Bytes::new())
            .expect("a request");
        assert_eq!(codes(&respond(&plan, &state, &request, NOW)).0, 200);
        let reply = respond(&plan, &state, &request, NOW).reply;
        let text = std::str::from_utf8(reply.body()).expect("text");
        assert_eq!(reply.status(), 429);
        let said = "{\"statusCode\":429,\"message\":\"您的请求已超过最大数量限制，请稍后重试\"}";
        assert_eq!(text, said);
    }

    #[test]
    fn a_key_that_may_not_call_the_operation_is_forbidden_it() {
        let plan = plan(
            "[[credentials]]\nid = \"testid\"\nsecret = \"testsecret\"\noperations = [\"authing:get-sync-job\"]",
        );
        let answer = with_token(&plan, &token(&plan, NOW), None, NOW);
        assert_eq!((codes(&answer), answer.reply.status().as_u16()), ((403, 0), 200));
    }

    proptest! {
        #[test]
        fn no_credentials_panic(
            authorization in "(authing |Bearer |)[ -~]{0,60}",
            date in "[ -~]{0,40}|[0-9]{1,30}",
            query in "([a-z\\[\\]]{0,4}=?(%[0-9A-F]{2}|[a-z+]){0,4}&){0,6}",
            payload in prop::collection::vec(any::<u8>(), 0..60),
            post: bool,
        ) {
            let plan = plan("");
            let (method, call) =
                if post { ("POST", "create-sync-task") } else { ("GET", "list-sync-jobs") };
            let uri = format!("/api/v3/{call}?{query}");
            let built = |authorization: &str, date: &str| {
                http::Request::builder()
                    .method(method)
                    .uri(&uri)
                    .header("authorization", authorization)
                    .header("date", date)
                    .header("x-authing-signature-method", "HMAC-SHA1")
                    .header("x-authing-signature-version", "1.0")
                    .header("x-authing-signature-nonce", "n")
                    .body(Bytes::from(payload.clone()))
                    .expect("a request")
            };
            prop_assert!(!respond_first(&plan, &built(&authorization, &date), NOW).succeeded());
            let dated = built("authing testid:x", "Mon, 02 Mar 2026 10:00:00 GMT");
            // The status of a wrong signature, or of a query that is not UTF-8.
            let (status, _) = codes(&respond_first(&plan, &dated, NOW));
            prop_assert!(status == 401 || status == 400, "{status}");
        }
    }
}
