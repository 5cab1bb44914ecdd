//! A scenario file, as a person writes it. Its JSON Schema is made from these types and is
//! what files are checked against, so the three can not drift apart.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Length, Moment};
use crate::fault;
use crate::service::{authing, drs, dts, eiam, iam, oms};

/// A syncmock scenario: what the five services are to show.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "syncmock scenario")]
pub struct File {
    /// The version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u64,
    /// What the scenario is called. Default: the name of the file.
    pub name: Option<String>,
    /// One line for lists.
    #[serde(default)]
    pub summary: String,
    /// Everything drawn is drawn from this number. Default 1.
    #[serde(default = "one")]
    pub seed: u64,
    /// The language of generated names and texts.
    #[serde(default)]
    pub language: Language,
    #[serde(default)]
    pub clock: Clock,
    #[serde(default)]
    pub gateway: Gateway,
    /// The access keys there are. Default: testid with the secret testsecret.
    #[serde(default)]
    pub credentials: Vec<AccessKey>,
    /// What goes wrong on purpose.
    #[serde(default)]
    pub fault: Vec<fault::Table>,
    #[serde(default)]
    pub eiam: eiam::Section,
    #[serde(default)]
    pub dts: dts::Section,
    #[serde(default)]
    pub authing: authing::Section,
    #[serde(default)]
    pub drs: drs::Section,
    #[serde(default)]
    pub oms: oms::Section,
    #[serde(default)]
    pub iam: iam::Section,
}

fn one() -> u64 {
    1
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Language {
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
pub struct Clock {
    /// Virtual time when the server starts. Default: the machine's clock.
    pub start: Option<Moment>,
    /// Virtual seconds per real second; 0 is frozen. Default 1.
    #[schemars(range(max = 1_000_000))]
    pub speed: Option<u64>,
}

/// The gateways in front of the services.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Gateway {
    /// What requests must bring.
    pub credentials: Credentials,
    /// With `verified`: how far the date of a request may be from the clock, and how long a
    /// nonce is remembered. Default 15m.
    pub clock_skew: Option<Length>,
    /// Limits on the number of calls.
    pub quota: Vec<Quota>,
    pub alibaba: Alibaba,
    pub huawei: Huawei,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// Nothing; anything is accepted.
    #[default]
    Open,
    /// Credentials that are present and well formed, else the gateway's own refusal.
    Required,
    /// Credentials that verify against the keys of `[[credentials]]`: signature, token, clock
    /// skew and nonce.
    Verified,
}

/// An access key that clients may sign with, on any of the gateways.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    #[schemars(length(min = 1, max = 128))]
    pub id: String,
    #[schemars(length(min = 1, max = 256))]
    pub secret: String,
    /// A temporary key: it has to be used with this token (STS).
    pub session_token: Option<String>,
    /// Default active.
    #[serde(default)]
    pub state: KeyState,
    /// What it may call: `service:Operation`, either part `*`. Default: everything.
    #[serde(default)]
    pub operations: Vec<String>,
    /// Tokens that were issued to it before this instant are revoked.
    pub tokens_valid_from: Option<Moment>,
    /// Huawei: the user who logs in with a password. Default: the id.
    pub user: Option<String>,
    /// Huawei: the password. Default: the secret.
    pub password: Option<String>,
    /// Huawei: the domain (account) of the user. Default: any.
    pub domain: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    #[default]
    Active,
    Inactive,
    Expired,
}

/// So many calls in a window of virtual time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Left out: every service.
    pub service: Option<String>,
    /// Left out: every operation.
    pub operation: Option<String>,
    /// Only the calls of this access key. Left out: each key has a count of its own.
    pub credential: Option<String>,
    /// Count the calls of all access keys together.
    #[serde(default)]
    pub shared: bool,
    pub limit: u64,
    /// Default 1s.
    pub window: Option<Length>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Alibaba {
    /// The format when neither the parameter Format nor the header Accept says (the
    /// vendor's pages disagree).
    pub default_format: Format,
    /// The HTTP status of throttled calls: 400, or 429.
    pub throttling_status: ThrottlingStatus,
}

/// The vendor's pages and SDK tests use 400; 429 is what HTTP says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum ThrottlingStatus {
    #[default]
    #[serde(rename = "400")]
    BadRequest,
    #[serde(rename = "429")]
    TooManyRequests,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Xml,
    Json,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Huawei {
    /// The prefix of the gateway's error codes: APIGW of the public cloud, APIG of a
    /// dedicated gateway.
    pub error_prefix: ErrorPrefix,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ErrorPrefix {
    #[default]
    Apigw,
    Apig,
}
