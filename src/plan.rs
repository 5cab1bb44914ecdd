//! A checked scenario: everything the pure core needs, worked out once.

use std::sync::Arc;

use subtle::ConstantTimeEq;

use crate::fault::Fault;
use crate::service::{authing, drs, dts, eiam, iam, oms};
use crate::wire::Format;
use crate::world::draw::Seed;
use crate::world::names::Tongue;
use crate::world::time::Timestamp;

#[derive(Debug)]
pub struct Plan {
    pub name: String,
    /// One line for lists.
    pub summary: String,
    pub seed: Seed,
    pub clock: Clock,
    pub gateway: Gateway,
    pub faults: Vec<Arc<Fault>>,
    pub eiam: eiam::Plan,
    pub dts: dts::Plan,
    pub authing: authing::Plan,
    pub drs: drs::Plan,
    pub oms: oms::Plan,
    pub iam: iam::Plan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Virtual time when the server starts.
    pub start: Timestamp,
    /// Virtual milliseconds per real second; 0 is frozen.
    pub speed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// None needed, anything accepted.
    Open,
    /// Present and well formed.
    Required,
    /// Signature, token, clock skew and nonce are checked against the keys.
    Verified,
}

#[derive(Clone, Debug)]
pub struct Gateway {
    pub credentials: Credentials,
    /// At least one.
    pub keys: Vec<AccessKey>,
    /// How far a request's date may be from the clock, and how long a nonce is remembered (ms).
    pub clock_skew: u64,
    pub quotas: Vec<Quota>,
    /// Of Alibaba's gateway, when neither `Format` nor `Accept` says.
    pub default_format: Format,
    /// Of Alibaba's gateway: 400 or 429.
    pub alibaba_throttling_status: u16,
    /// `APIGW` or `APIG`.
    pub huawei_error_prefix: &'static str,
}

/// An access key that clients may sign with.
#[derive(Clone, Debug)]
pub struct AccessKey {
    pub id: String,
    pub secret: Secret,
    /// A key that came with a session token must be used with it.
    pub session_token: Option<Secret>,
    pub state: KeyState,
    /// `service:Operation`, either part `*`; empty: everything.
    pub operations: Vec<String>,
    /// Tokens issued before this instant are revoked.
    pub tokens_valid_from: Option<Timestamp>,
    /// Who logs in with a password for a Huawei token.
    pub user: String,
    pub password: Secret,
    pub domain: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    Active,
    Inactive,
    Expired,
}

impl AccessKey {
    pub fn may_call(&self, service: &str, operation: &str) -> bool {
        let allows = |pattern: &String| {
            let (s, o) = pattern.split_once(':').unwrap_or((pattern, "*"));
            (s == "*" || s == service) && (o == "*" || o == operation)
        };
        self.operations.is_empty() || self.operations.iter().any(allows)
    }
}

/// So many calls in a window of virtual time.
#[derive(Clone, Debug)]
pub struct Quota {
    /// None: of every service.
    pub service: Option<String>,
    /// None: of every operation.
    pub operation: Option<String>,
    /// None: each access key has a count of its own.
    pub credential: Option<String>,
    /// Counted over all access keys together.
    pub shared: bool,
    pub limit: u64,
    /// ms, at least 1
    pub window: u64,
}

/// Text that must not be shown: no more than its first four characters are.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Compares without telling by its time how much was right.
    pub fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&shortened(&self.0))
    }
}

/// The first four characters, and that there is more.
pub fn shortened(secret: &str) -> String {
    match secret.char_indices().nth(4) {
        Some((end, _)) => format!("{}…", &secret[..end]),
        None if secret.is_empty() => String::new(),
        None => "…".to_owned(),
    }
}

/// What every service's plan is built from.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    pub seed: Seed,
    /// When the scenario's clock starts.
    pub start: Timestamp,
    pub tongue: Tongue,
}
