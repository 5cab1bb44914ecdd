//! The scenarios inside the binary.

use crate::wire::nearest;

pub(crate) struct Shipped {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$(Shipped {
            name: $name,
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        }),*]
    };
}

/// In the order they are listed.
pub(crate) static SHIPPED: [Shipped; 7] =
    shipped!["default", "docs", "million", "throttled", "edges", "flaky", "late"];

/// The shipped scenario of that name, or the one that was probably meant.
pub(crate) fn shipped(name: &str) -> Result<&'static Shipped, Option<&'static str>> {
    SHIPPED
        .iter()
        .find(|shipped| shipped.name == name)
        .ok_or_else(|| nearest(name, SHIPPED.iter().map(|shipped| shipped.name)))
}
