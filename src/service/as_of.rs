//! The world as of an instant that need not be now: reads may be stale, and pages may be of a
//! snapshot.

use std::sync::Arc;

use super::Changes;
use crate::gateway::Admitted;
use crate::plan::Plan;
use crate::scenario::paging::Paging;
use crate::scenario::value::Length;
use crate::world::time::Timestamp;

/// What a view of the instant looks at.
pub struct AsOf<'a> {
    pub plan: &'a Plan,
    pub changes: Arc<Changes>,
    pub at: Timestamp,
}

impl<'a> AsOf<'a> {
    /// Of a read; a stale one does not know the latest.
    pub fn read(call: &Admitted<'a>, stale: Option<Length>) -> Self {
        Self::at(call, call.now().minus(stale.map_or(0, |lag| lag.0)))
    }

    /// Of a page by its number or offset.
    pub fn page(call: &Admitted<'a>, paging: Paging, stale: Option<Length>) -> Self {
        let Self { at, .. } = Self::read(call, stale);
        Self::at(call, paging.instant(at))
    }

    /// Of a walk by tokens that began at an instant when the change of that number was the
    /// last one. A clock that was turned back since shows nothing of what is to come.
    pub fn walk(call: &Admitted<'a>, began: Timestamp, last: u64) -> Self {
        let at = began.min(call.now());
        Self { plan: call.plan(), changes: call.changes_up_to(at, last), at }
    }

    fn at(call: &Admitted<'a>, at: Timestamp) -> Self {
        Self { plan: call.plan(), changes: call.changes_at(at), at }
    }
}
