//! The kinds of resources whose ids clients send.

use crate::wire::error::ResourceKind;

pub(crate) const JOB: ResourceKind = ResourceKind("synchronization job");
pub(crate) const IDENTITY_PROVIDER: ResourceKind = ResourceKind("identity provider");
pub(crate) const APPLICATION: ResourceKind = ResourceKind("application");
pub(crate) const INSTANCE: ResourceKind = ResourceKind("instance");
