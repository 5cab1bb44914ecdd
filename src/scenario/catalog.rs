//! The names that a scenario may refer to.

use crate::wire::error::ErrorCatalog;

/// One service: its operations and errors.
#[derive(Clone, Debug)]
pub(crate) struct ServiceCatalog {
    pub(crate) name: &'static str,
    pub(crate) vendor: &'static str,
    pub(crate) operations: Vec<&'static str>,
    pub(crate) errors: ErrorCatalog,
}
