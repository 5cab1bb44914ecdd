//! Credentials, permissions and quotas: `[gateway]` and `[[credentials]]`, as written and as
//! planned.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;

use super::base::{
    AccessKeyTable, AnySkew, ClockSkewTable, CredentialsTable, Gateway as GatewayTable,
    KeyStateTable, QuotaTable,
};
use super::catalog::ServiceCatalog;
use super::problem::{DocumentPath, Problem, are_enough};
use super::secret_texts::SecretTexts;
use super::value::Length;
use crate::wire::nearest;
use crate::world::time::{MINUTE, SECOND, Timestamp};

/// The checks that the gateways of all vendors have in common.
#[derive(Clone, Debug)]
pub(crate) struct AccessPlan {
    pub(crate) credentials: CredentialsMode,
    /// At least one.
    pub(crate) keys: Vec<AccessKey>,
    /// The index of each key by its id.
    indexes: HashMap<String, usize>,
    /// The secrets and session tokens of all keys.
    pub(crate) secrets: Arc<SecretTexts>,
    /// How far a request's date may be from the clock (ms); None: not checked.
    pub(crate) clock_skew: Option<u64>,
    /// How long a nonce is remembered (ms).
    pub(crate) nonce_window: u64,
    pub(crate) quotas: Vec<Quota>,
}

impl AccessPlan {
    /// The index of the key of that id.
    pub(crate) fn key_index(&self, id: &str) -> Option<usize> {
        self.indexes.get(id).copied()
    }

    /// The keys that a diagnosis tries in place of the right one: the first, as each is tried on
    /// the whole of a request.
    pub(crate) fn tried_keys(&self) -> &[AccessKey] {
        const TRIED: usize = 64;
        self.keys.get(..TRIED).unwrap_or(&self.keys)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialsMode {
    /// None needed, anything accepted.
    Open,
    /// Present and well formed.
    Required,
    /// Signature, token, clock skew and nonce are checked against the keys.
    Verified,
}

/// An access key that clients may sign with.
#[derive(Clone, Debug)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    /// A key that came with a session token must be used with it.
    pub(crate) session_token: Option<Secret>,
    pub(crate) state: KeyState,
    /// `service:Operation`, either part `*`; empty: everything.
    pub(crate) operations: Vec<String>,
    /// Tokens issued before this instant are revoked.
    pub(crate) tokens_valid_from: Option<Timestamp>,
    /// The user name for the password login of Huawei tokens.
    pub(crate) user: String,
    pub(crate) password: Secret,
    pub(crate) domain: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    Active,
    Inactive,
    Expired,
}

impl AccessKey {
    pub(crate) fn may_call(&self, service: &str, operation: &str) -> bool {
        let allows = |pattern: &String| {
            let (s, o) = pattern.split_once(':').unwrap_or((pattern, "*"));
            (s == "*" || s == service) && (o == "*" || o == operation)
        };
        self.operations.is_empty() || self.operations.iter().any(allows)
    }
}

/// A number of calls in a window of virtual time.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    /// None: of every service.
    pub(crate) service: Option<String>,
    /// None: of every operation.
    pub(crate) operation: Option<String>,
    /// None: each access key has a count of its own.
    pub(crate) credential: Option<String>,
    /// Counted over all access keys together.
    pub(crate) shared: bool,
    pub(crate) limit: u64,
    /// ms, at least 1
    pub(crate) window: u64,
}

/// `10 calls in 1s of dts DescribeDtsJobs by each access key`
impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} calls in {}", self.limit, Length(self.window))?;
        match (&self.service, &self.operation) {
            (None, None) => {}
            (Some(name), None) | (None, Some(name)) => write!(f, " of {name}")?,
            (Some(service), Some(operation)) => write!(f, " of {service} {operation}")?,
        }
        match (&self.credential, self.shared) {
            (Some(key), _) => write!(f, " by access key {key}"),
            (None, true) => f.write_str(" by all access keys together"),
            (None, false) => f.write_str(" by each access key"),
        }
    }
}

/// Text that must not be shown beyond its first four characters.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Constant-time comparison.
    pub(crate) fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shortened(&self.0))
    }
}

/// The first four characters and three dots, which no percent-encoding changes.
pub(crate) fn shortened(secret: &str) -> String {
    match secret.char_indices().nth(4) {
        Some((end, _)) => format!("{}...", &secret[..end]),
        None if secret.is_empty() => String::new(),
        None => "...".to_owned(),
    }
}

pub(crate) fn plan(
    table: GatewayTable,
    keys: Vec<AccessKeyTable>,
    catalog: &[ServiceCatalog],
    problems: &mut Vec<Problem>,
) -> AccessPlan {
    check_keys(&keys, catalog, problems);
    check_quotas(&table.quota, &keys, catalog, problems);
    let place = DocumentPath::root().key("gateway").key("quota");
    check_counts("quotas", table.quota.len(), keys.len(), place, problems);
    let keys = if keys.is_empty() { vec![default_key()] } else { keys };
    let clock_skew = match table.clock_skew {
        ClockSkewTable::Within(skew) => Some(skew.0),
        ClockSkewTable::Unchecked(AnySkew::Any) => None,
    };
    let keys: Vec<AccessKey> = keys.into_iter().map(key).collect();
    let secrets = keys.iter().map(|key| key.secret.reveal());
    let tokens = keys.iter().filter_map(|key| key.session_token.as_ref()).map(Secret::reveal);
    let secrets = Arc::new(SecretTexts::new(secrets.chain(tokens)));
    AccessPlan {
        // Ids that are given twice are a problem.
        indexes: keys.iter().map(|key| key.id.clone()).zip(0..).collect(),
        secrets,
        credentials: match table.credentials {
            CredentialsTable::Open => CredentialsMode::Open,
            CredentialsTable::Required => CredentialsMode::Required,
            CredentialsTable::Verified => CredentialsMode::Verified,
        },
        keys,
        clock_skew,
        nonce_window: clock_skew.unwrap_or(15 * MINUTE),
        quotas: table.quota.into_iter().map(quota).collect(),
    }
}

/// The access key of scenarios that name none.
fn default_key() -> AccessKeyTable {
    AccessKeyTable {
        id: "testid".into(),
        secret: "testsecret".into(),
        session_token: None,
        state: KeyStateTable::Active,
        operations: Vec::new(),
        tokens_valid_from: None,
        user: None,
        password: None,
        domain: None,
    }
}

fn key(table: AccessKeyTable) -> AccessKey {
    AccessKey {
        user: table.user.unwrap_or_else(|| table.id.clone()),
        password: Secret::new(table.password.unwrap_or_else(|| table.secret.clone())),
        domain: table.domain.unwrap_or_default(),
        id: table.id,
        secret: Secret::new(table.secret),
        session_token: table.session_token.map(Secret::new),
        state: match table.state {
            KeyStateTable::Active => KeyState::Active,
            KeyStateTable::Inactive => KeyState::Inactive,
            KeyStateTable::Expired => KeyState::Expired,
        },
        operations: table.operations,
        tokens_valid_from: table.tokens_valid_from.map(|at| Timestamp::from_millis(at.0)),
    }
}

fn quota(table: QuotaTable) -> Quota {
    Quota {
        service: table.service,
        operation: table.operation,
        credential: table.credential,
        shared: table.shared,
        limit: table.limit,
        window: table.window.map_or(SECOND, |window| window.0).max(1),
    }
}

fn check_keys(keys: &[AccessKeyTable], catalog: &[ServiceCatalog], problems: &mut Vec<Problem>) {
    let mut ids = HashSet::new();
    for (i, key) in keys.iter().enumerate() {
        if are_enough(problems) {
            return;
        }
        let place = DocumentPath::root().key("credentials").index(i);
        if !ids.insert(&key.id) {
            let text = format!("there are two keys {}", key.id);
            problems.push(Problem::value(place.clone().key("id"), text));
        }
        for (j, pattern) in key.operations.iter().enumerate() {
            if are_enough(problems) {
                return;
            }
            let (service, operation) = pattern.split_once(':').unwrap_or((pattern, "*"));
            let place = place.clone().key("operations").index(j);
            check_names(catalog, service, operation, &place, &place, problems);
        }
    }
}

fn check_quotas(
    quotas: &[QuotaTable],
    keys: &[AccessKeyTable],
    catalog: &[ServiceCatalog],
    problems: &mut Vec<Problem>,
) {
    let ids: HashSet<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    for (i, quota) in quotas.iter().enumerate() {
        if are_enough(problems) {
            return;
        }
        let place = DocumentPath::root().key("gateway").key("quota").index(i);
        let service = quota.service.as_deref().unwrap_or("*");
        let operation = quota.operation.as_deref().unwrap_or("*");
        let (at, op) = (place.clone().key("service"), place.clone().key("operation"));
        check_names(catalog, service, operation, &at, &op, problems);
        if let Some(id) = &quota.credential {
            let known = ids.contains(id.as_str()) || (keys.is_empty() && id == "testid");
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

/// The most counts that a scenario may ask for: one for each quota or fault and each access key.
const MAX_COUNTS: usize = 4 << 20;

/// Reports more counts than there is memory for (8 bytes each).
pub(crate) fn check_counts(
    what: &str,
    count: usize,
    keys: usize,
    place: DocumentPath,
    problems: &mut Vec<Problem>,
) {
    if count.saturating_mul(keys) > MAX_COUNTS {
        let text = format!(
            "{count} {what} for each of {keys} access keys are more counts than the {MAX_COUNTS} \
             there may be"
        );
        problems.push(Problem::value(place, text));
    }
}

/// Reports a service or operation that does not exist; `*` stands for all.
pub(crate) fn check_names(
    catalog: &[ServiceCatalog],
    service: &str,
    operation: &str,
    service_place: &DocumentPath,
    operation_place: &DocumentPath,
    problems: &mut Vec<Problem>,
) {
    if service != "*" && !catalog.iter().any(|candidate| candidate.name == service) {
        let names: Vec<&str> = catalog.iter().map(|candidate| candidate.name).collect();
        problems.push(
            Problem::value(service_place.clone(), format!("there is no service {service:?}"))
                .hint(format!("it is one of {}", names.join(", "))),
        );
        return;
    }
    let names: Vec<&str> = catalog
        .iter()
        .filter(|candidate| service == "*" || candidate.name == service)
        .flat_map(|candidate| candidate.operations.iter().copied())
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
