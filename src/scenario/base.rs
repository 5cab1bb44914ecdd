//! The part of a scenario file that belongs to no vendor and no service, as a person writes it.
//! The JSON Schema is generated from these types, and files are checked against that schema, so
//! the three cannot drift apart.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Length, Moment};
use crate::world::draw::Seed;
use crate::world::names::Locale;
use crate::world::time::{MINUTE, Timestamp};

/// The input of every section's plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base {
    pub(crate) seed: Seed,
    /// When the scenario's clock starts.
    pub(crate) start: Timestamp,
    pub(crate) locale: Locale,
}

/// A syncmock scenario: the data and behaviour of the five services.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "syncmock scenario")]
pub(crate) struct File {
    /// The version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    #[expect(dead_code, reason = "it is checked before the file is deserialized")]
    pub(crate) version: u64,
    /// The name of the scenario. Default: the name of the file.
    pub(crate) name: Option<String>,
    /// A one-line summary for lists.
    #[serde(default)]
    pub(crate) summary: String,
    /// The seed of all generated data. Default 1.
    #[serde(default = "one")]
    pub(crate) seed: u64,
    /// The language of generated names and texts.
    #[serde(default)]
    pub(crate) language: Language,
    #[serde(default)]
    pub(crate) clock: Clock,
    #[serde(default)]
    pub(crate) gateway: Gateway,
    /// The known access keys. Default: testid with the secret testsecret.
    #[serde(default)]
    pub(crate) credentials: Vec<AccessKeyTable>,
}

fn one() -> u64 {
    1
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub(crate) enum Language {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh_CN")]
    Chinese,
    #[serde(rename = "en")]
    English,
}

/// Virtual time.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Clock {
    /// Virtual time when the server starts. Default: the machine's clock.
    pub(crate) start: Option<Moment>,
    /// Virtual seconds per real second; 0 is frozen. Default 1.
    #[schemars(range(max = 1_000_000))]
    pub(crate) speed: Option<u64>,
}

/// The gateways in front of the services.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Gateway {
    /// The credentials that requests must have.
    pub(crate) credentials: CredentialsTable,
    /// With `verified`: how far the date of a request may be from the clock, and how long a
    /// nonce is remembered. With `any`, dates are not checked and nonces are remembered for 15m:
    /// for a clock that is frozen or far from the machine's. Default 15m.
    pub(crate) clock_skew: ClockSkewTable,
    /// Limits on the number of calls.
    pub(crate) quota: Vec<QuotaTable>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ClockSkewTable {
    Within(Length),
    Unchecked(AnySkew),
}

impl Default for ClockSkewTable {
    fn default() -> Self {
        Self::Within(Length(15 * MINUTE))
    }
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AnySkew {
    Any,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CredentialsTable {
    /// None are required, and all are accepted.
    #[default]
    Open,
    /// Credentials must be present and well formed, else the gateway refuses the request.
    Required,
    /// Credentials must verify against the keys of `[[credentials]]`: signature, token, clock skew
    /// and nonce.
    Verified,
}

/// An access key that clients may sign with, on any of the gateways.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKeyTable {
    #[schemars(length(min = 1, max = 128))]
    pub(crate) id: String,
    #[schemars(length(min = 1, max = 256))]
    pub(crate) secret: String,
    /// A temporary key: it has to be used with this token (STS).
    pub(crate) session_token: Option<String>,
    /// Default active.
    #[serde(default)]
    pub(crate) state: KeyStateTable,
    /// The operations that it may call: `service:Operation`, either part `*`. Default: all.
    #[serde(default)]
    pub(crate) operations: Vec<String>,
    /// Tokens that were issued to it before this instant are revoked.
    pub(crate) tokens_valid_from: Option<Moment>,
    /// Huawei: the user who logs in with a password. Default: the id.
    pub(crate) user: Option<String>,
    /// Huawei: the password. Default: the secret.
    pub(crate) password: Option<String>,
    /// Huawei: the domain (account) of the user. Default: any.
    pub(crate) domain: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyStateTable {
    #[default]
    Active,
    Inactive,
    Expired,
}

/// A maximum number of calls in a window of virtual time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuotaTable {
    /// Left out: every service.
    pub(crate) service: Option<String>,
    /// Left out: every operation.
    pub(crate) operation: Option<String>,
    /// Only the calls of this access key. Left out: each key has a count of its own.
    pub(crate) credential: Option<String>,
    /// Count the calls of all access keys together.
    #[serde(default)]
    pub(crate) shared: bool,
    pub(crate) limit: u64,
    /// Default 1s.
    pub(crate) window: Option<Length>,
}
