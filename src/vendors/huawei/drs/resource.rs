//! The kinds of resources whose ids clients send.

use crate::wire::error::ResourceKind;

/// A batch.
pub(crate) const JOB: ResourceKind = ResourceKind("job");
