//! The kinds of resources whose ids clients send.

use crate::wire::error::ResourceKind;

pub(crate) const TASK: ResourceKind = ResourceKind("task");
