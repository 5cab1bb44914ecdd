//! The kinds of resources whose ids clients send.

use crate::wire::error::ResourceKind;

/// A data synchronization instance.
pub(crate) const JOB: ResourceKind = ResourceKind("job");
/// One direction of an instance.
pub(crate) const TASK: ResourceKind = ResourceKind("task");
