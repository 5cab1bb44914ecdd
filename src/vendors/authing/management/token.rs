//! get-management-token: a JWT for an access key.

use serde::Serialize;
use serde_json::Value;

use super::{AuthingCall, AuthingResult};
use crate::engine::credentials::{UnknownKey, diagnosed_error, find_key};
use crate::scenario::access::{CredentialsMode, shortened};
use crate::vendors::authing::dialect::credentials::check_active;
use crate::vendors::authing::dialect::jwt;
use crate::wire::error::{ApiError, CredentialProblem, Reason, Rule, Violation};

/// Names as on the vendor's page. `expires_in` is in seconds; at 0 the Python SDK fetches a
/// token before every call (run).
#[derive(Serialize)]
struct GetManagementTokenResponse {
    access_token: String,
    expires_in: u64,
}

pub(crate) fn get_management_token(call: &AuthingCall<'_>) -> AuthingResult {
    let expires_in = call.plan().token_lifetime;
    let (access_key_id, secret) = access_key(call.context().request.body())?;
    if call.world_plan().access.credentials == CredentialsMode::Verified {
        check(call, &access_key_id, &secret)?;
    }
    let key = jwt::key(call.world_plan().seed);
    let access_token = jwt::issue(&key, &access_key_id, call.now(), expires_in)?;
    call.render(&GetManagementTokenResponse { access_token, expires_in })
}

/// An unknown id and a wrong secret get the same answer (inferred), so that no answer tells which
/// ids exist.
fn check(call: &AuthingCall<'_>, id: &str, secret: &str) -> Result<(), ApiError> {
    let (_, key) = find_key(&call.world_plan().access, id).map_err(unknown_key)?;
    if !key.secret.is(secret) {
        let detail = format!("accessKeySecret is not that of {id}");
        let problem = CredentialProblem::UnknownKey(id.to_owned());
        return Err(diagnosed_error(problem, "wrong-secret", detail));
    }
    check_active(key)
}

fn unknown_key(unknown: UnknownKey<'_>) -> ApiError {
    let (shown, meant) = match (unknown.secret_of, unknown.nearest) {
        (Some(_), _) => (shortened(unknown.id), ": are the id and the secret swapped?".to_owned()),
        (None, Some(near)) => (unknown.id.to_owned(), format!(": did you mean {near}?")),
        (None, None) => (unknown.id.to_owned(), String::new()),
    };
    let detail = format!("there is no such access key{meant}");
    diagnosed_error(CredentialProblem::UnknownKey(shown), "unknown-key", detail)
}

/// The id and the secret. The order of the violations of one member is class-validator's
/// for `@IsString() @IsNotEmpty()` (inferred).
fn access_key(body: &[u8]) -> Result<(String, String), ApiError> {
    let body: Option<Value> = serde_json::from_slice(body).ok();
    let mut violations = Vec::new();
    for name in ["accessKeyId", "accessKeySecret"] {
        let value = body.as_ref().and_then(|body| body.get(name)).unwrap_or(&Value::Null);
        let mut violated = |rule| violations.push(Violation { parameter: name.into(), rule });
        if matches!(value, Value::Null) || value.as_str() == Some("") {
            violated(Rule::Required);
        }
        if !value.is_string() {
            violated(Rule::Text);
        }
    }
    let text = |name| body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
    match (text("accessKeyId"), text("accessKeySecret")) {
        (Some(id), Some(secret)) if violations.is_empty() => Ok((id.into(), secret.into())),
        _ => Err(ApiError::from(Reason::Parameters(violations))
            .hint("the body is JSON: {\"accessKeyId\": \"…\", \"accessKeySecret\": \"…\"}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = access_key(&body);
        }
    }
}
