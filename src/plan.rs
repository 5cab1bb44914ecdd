//! A checked scenario: everything the pure core needs, worked out once.

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
}

#[derive(Clone, Debug)]
pub struct Gateway {
    pub credentials: Credentials,
    /// Of Alibaba's gateway, when neither `Format` nor `Accept` says.
    pub default_format: Format,
    /// `APIGW` or `APIG`.
    pub huawei_error_prefix: &'static str,
}

/// What every service's plan is built from.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    pub seed: Seed,
    /// When the scenario's clock starts.
    pub start: Timestamp,
    pub tongue: Tongue,
}
