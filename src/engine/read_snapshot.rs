//! The world as of an instant that need not be now: reads may be stale, and pages may be of a
//! snapshot.

use std::sync::Arc;

use super::event_log::Projections;
use super::service::{Service, View};
use crate::world::time::Timestamp;

/// The data of a view at the instant.
pub(crate) struct ReadSnapshot<'a, S: Service> {
    plan: &'a S::Plan,
    projections: Arc<Projections>,
    at: Timestamp,
}

impl<'a, S: Service> ReadSnapshot<'a, S> {
    pub(super) fn new(plan: &'a S::Plan, projections: Arc<Projections>, at: Timestamp) -> Self {
        Self { plan, projections, at }
    }

    #[expect(clippy::expect_used, reason = "a call exists only where its service is registered")]
    pub(crate) fn view(&self) -> View<'_, S> {
        let projection = self.projections.get::<S>().expect("the projection of the call's service");
        View { plan: self.plan, projection, now: self.at }
    }
}
