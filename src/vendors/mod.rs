//! The one list of vendors and their services. Adding a service is a folder and its line here;
//! adding a vendor is a folder and its lines.
//!
//! Everything above this room may know vendors; nothing below it does.

use crate::engine::{self, ErasedDialect, ErasedService, Loaded, Options, Registry, Vendor};
use crate::world::time::Timestamp;

pub(crate) mod alibaba {
    mod dialect;
    pub(crate) mod dts;
    pub(crate) mod eiam;

    pub(crate) use dialect::Alibaba;
}

pub(crate) mod authing {
    mod dialect;
    pub(crate) mod management;

    pub(crate) use dialect::Authing;
}

pub(crate) mod huawei {
    mod dialect;
    pub(crate) mod drs;
    pub(crate) mod iam;
    pub(crate) mod oms;

    pub(crate) use dialect::Huawei;
}

/// Services are listed to people in this order. A request that no vendor claims goes to the last
/// one.
pub(crate) static VENDORS: Registry = Registry(&[
    Vendor {
        dialect: &ErasedDialect::<alibaba::Alibaba>::NEW,
        services: &[
            &ErasedService::<alibaba::eiam::Eiam>::NEW,
            &ErasedService::<alibaba::dts::Dts>::NEW,
        ],
    },
    Vendor {
        dialect: &ErasedDialect::<authing::Authing>::NEW,
        services: &[&ErasedService::<authing::management::AuthingManagement>::NEW],
    },
    Vendor {
        dialect: &ErasedDialect::<huawei::Huawei>::NEW,
        services: &[
            &ErasedService::<huawei::drs::Drs>::NEW,
            &ErasedService::<huawei::oms::Oms>::NEW,
            &ErasedService::<huawei::iam::Iam>::NEW,
        ],
    },
]);

/// Reads a scenario file for these vendors and services; see [`engine::load`].
///
/// # Errors
/// An override that cannot be applied.
pub(crate) fn load(
    name: &str,
    text: &str,
    options: &Options,
    machine_now: Timestamp,
) -> Result<Loaded, String> {
    engine::load(VENDORS, name, text, options, machine_now)
}

/// The JSON Schema (draft 2020-12) of scenario files.
pub(crate) fn schema() -> serde_json::Value {
    crate::scenario::schema(&VENDORS.sections())
}
