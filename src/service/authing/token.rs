//! get-management-token: a JWT for an access key.

use serde::Serialize;
use serde_json::Value;

use super::jwt::mint;
use crate::gateway::Admitted;
use crate::gateway::nearest::nearest;
use crate::plan::{Credentials, KeyState};
use crate::service::Granted;
use crate::wire::refusal::{CredentialProblem, Explanation, Reason, Refusal, Rule, Violation};

/// Names as on the vendor's page. `expires_in` is in seconds; at 0 the Python SDK fetches a
/// token before every call (run).
#[derive(Serialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let plan = &call.plan().authing;
    let (access_key_id, secret) = keys(call.exchange().request.body())?;
    if call.plan().gateway.credentials == Credentials::Verified {
        check(call, &access_key_id, &secret)?;
    }
    let access_token = mint(&plan.token_key, &access_key_id, call.now(), plan.token_lifetime)?;
    call.render(&Answer { access_token, expires_in: plan.token_lifetime })
}

/// An unknown id and a wrong secret are answered alike (inferred): no answer tells which ids
/// there are.
fn check(call: &Admitted<'_>, id: &str, secret: &str) -> Result<(), Refusal> {
    let no = |problem, cause, detail: String| {
        let hint = format!("{cause}: {detail}");
        let explanation = Explanation { cause, detail, ..Explanation::default() };
        Err(Refusal::from(Reason::Credentials(problem)).hint(hint).explained(Some(explanation)))
    };
    let keys = &call.plan().gateway.keys;
    let Some(key) = keys.iter().find(|key| key.id == id) else {
        let near = nearest(id, keys.iter().map(|key| key.id.as_str()));
        let meant = near.map(|near| format!(": did you mean {near}?")).unwrap_or_default();
        let detail = format!("there is no such access key{meant}");
        return no(CredentialProblem::UnknownKey(id.to_owned()), "unknown-key", detail);
    };
    if !key.secret.is(secret) {
        let problem = CredentialProblem::UnknownKey(id.to_owned());
        let detail = format!("accessKeySecret is not that of {id}");
        return no(problem, "wrong-secret", detail);
    }
    let detail = || format!("{id} is {:?}", key.state).to_lowercase();
    match key.state {
        KeyState::Active => Ok(()),
        KeyState::Inactive => no(CredentialProblem::InactiveKey, "inactive-key", detail()),
        KeyState::Expired => no(CredentialProblem::ExpiredKey, "inactive-key", detail()),
    }
}

/// The id and the secret. The order of the complaints about one field is class-validator's
/// for `@IsString() @IsNotEmpty()` (inferred).
fn keys(body: &[u8]) -> Result<(String, String), Refusal> {
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
    let text = |name| body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
    match (text("accessKeyId"), text("accessKeySecret")) {
        (Some(id), Some(secret)) if violations.is_empty() => Ok((id.into(), secret.into())),
        _ => Err(Refusal::from(Reason::Parameters(violations))
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
            let _ = keys(&body);
        }
    }
}
