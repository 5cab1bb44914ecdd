//! From `[gateway]` and `[[credentials]]` to the plan of the gateways.

use super::file;
use super::problem::{Place, Problem};
use crate::gateway::nearest::nearest;
use crate::plan::{AccessKey, Credentials, Gateway, KeyState, Quota, Secret};
use crate::service::{self, SERVICES};
use crate::wire::Format;
use crate::world::time::{MINUTE, SECOND, Timestamp};

pub fn plan(
    table: file::Gateway,
    keys: Vec<file::AccessKey>,
    problems: &mut Vec<Problem>,
) -> Gateway {
    check_keys(&keys, problems);
    check_quotas(&table.quota, &keys, problems);
    let keys = if keys.is_empty() { vec![usual_key()] } else { keys };
    Gateway {
        credentials: match table.credentials {
            file::Credentials::Open => Credentials::Open,
            file::Credentials::Required => Credentials::Required,
            file::Credentials::Verified => Credentials::Verified,
        },
        keys: keys.into_iter().map(key).collect(),
        clock_skew: table.clock_skew.map_or(15 * MINUTE, |skew| skew.0),
        quotas: table.quota.into_iter().map(quota).collect(),
        default_format: match table.alibaba.default_format {
            file::Format::Xml => Format::Xml,
            file::Format::Json => Format::Json,
        },
        alibaba_throttling_status: match table.alibaba.throttling_status {
            file::ThrottlingStatus::BadRequest => 400,
            file::ThrottlingStatus::TooManyRequests => 429,
        },
        huawei_error_prefix: match table.huawei.error_prefix {
            file::ErrorPrefix::Apigw => "APIGW",
            file::ErrorPrefix::Apig => "APIG",
        },
    }
}

/// The key that every scenario knows unless it names others.
fn usual_key() -> file::AccessKey {
    file::AccessKey {
        id: "testid".into(),
        secret: "testsecret".into(),
        session_token: None,
        state: file::KeyState::Active,
        operations: Vec::new(),
        tokens_valid_from: None,
        user: None,
        password: None,
        domain: None,
    }
}

fn key(table: file::AccessKey) -> AccessKey {
    AccessKey {
        user: table.user.unwrap_or_else(|| table.id.clone()),
        password: Secret::new(table.password.unwrap_or_else(|| table.secret.clone())),
        domain: table.domain.unwrap_or_default(),
        id: table.id,
        secret: Secret::new(table.secret),
        session_token: table.session_token.map(Secret::new),
        state: match table.state {
            file::KeyState::Active => KeyState::Active,
            file::KeyState::Inactive => KeyState::Inactive,
            file::KeyState::Expired => KeyState::Expired,
        },
        operations: table.operations,
        tokens_valid_from: table.tokens_valid_from.map(|at| Timestamp::from_millis(at.0)),
    }
}

fn quota(table: file::Quota) -> Quota {
    Quota {
        service: table.service,
        operation: table.operation,
        credential: table.credential,
        shared: table.shared,
        limit: table.limit,
        window: table.window.map_or(SECOND, |window| window.0).max(1),
    }
}

fn check_keys(keys: &[file::AccessKey], problems: &mut Vec<Problem>) {
    for (i, key) in keys.iter().enumerate() {
        let place = Place::root().key("credentials").index(i);
        if keys[..i].iter().any(|earlier| earlier.id == key.id) {
            let text = format!("there are two keys {}", key.id);
            problems.push(Problem::value(place.clone().key("id"), text));
        }
        for (j, pattern) in key.operations.iter().enumerate() {
            let (service, operation) = pattern.split_once(':').unwrap_or((pattern, "*"));
            let place = place.clone().key("operations").index(j);
            check_target(service, operation, &place, &place, problems);
        }
    }
}

fn check_quotas(quotas: &[file::Quota], keys: &[file::AccessKey], problems: &mut Vec<Problem>) {
    for (i, quota) in quotas.iter().enumerate() {
        let place = Place::root().key("gateway").key("quota").index(i);
        let service = quota.service.as_deref().unwrap_or("*");
        let operation = quota.operation.as_deref().unwrap_or("*");
        let (at, op) = (place.clone().key("service"), place.clone().key("operation"));
        check_target(service, operation, &at, &op, problems);
        if let Some(id) = &quota.credential {
            let known = keys.iter().any(|key| key.id == *id) || (keys.is_empty() && id == "testid");
            if !known {
                let text = format!("there is no key {id} in [[credentials]]");
                problems.push(Problem::value(place.clone().key("credential"), text));
            }
            if quota.shared {
                let text = "shared has no effect on the quota of one credential";
                problems.push(Problem::key(place.clone().key("shared"), text));
            }
        }
        if quota.window.is_some_and(|window| window.0 == 0) {
            problems.push(Problem::value(place.key("window"), "must be longer than 0s"));
        }
    }
}

/// What names no service or operation can never apply.
pub fn check_target(
    service: &str,
    operation: &str,
    service_place: &Place,
    operation_place: &Place,
    problems: &mut Vec<Problem>,
) {
    let found = service::find(service);
    if service != "*" && found.is_none() {
        let names: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
        problems.push(
            Problem::value(service_place.clone(), format!("there is no service {service:?}"))
                .hint(format!("it is one of {}", names.join(", "))),
        );
        return;
    }
    let names: Vec<&str> = SERVICES
        .iter()
        .filter(|candidate| service == "*" || candidate.name == service)
        .flat_map(|candidate| candidate.operations.iter().map(|operation| operation.name))
        .collect();
    if operation != "*" && !names.contains(&operation) {
        let problem =
            Problem::value(operation_place.clone(), format!("there is no operation {operation:?}"));
        problems.push(match nearest(operation, names.into_iter()) {
            Some(name) => problem.hint(format!("did you mean {name:?}?")),
            None => problem.hint("syncmock operations lists them"),
        });
    }
}
