//! Alibaba Cloud DTS.

mod scenario;

pub use scenario::{Plan, Section};

use super::Service;
use crate::gateway::{Exchange, Gateway};
use crate::wire::refusal::{Reason, VendorError};

pub static SERVICE: Service = Service {
    name: "dts",
    title: "Alibaba Cloud DTS",
    gateway: Gateway::Alibaba,
    product: "Dts",
    operations: &[],
    errors,
};

fn errors(_: &Exchange<'_>, _: &Reason) -> Option<VendorError> {
    None
}
