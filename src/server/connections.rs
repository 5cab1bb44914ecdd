//! The open connections, and making room among them.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::{Id, JoinError, JoinSet};
use tracing::{error, warn};

use super::activity::Activity;

/// How many connections may be open beyond the maximum while those that make room close.
const CLOSING: usize = 16;

#[derive(Debug)]
pub(crate) struct Connections {
    tasks: JoinSet<()>,
    activities: HashMap<Id, Arc<Activity>>,
    max: usize,
    /// Whether the log was told that there are too many.
    is_told: bool,
}

impl Connections {
    pub(crate) fn new(max: usize) -> Self {
        Self { tasks: JoinSet::new(), activities: HashMap::new(), max, is_told: false }
    }

    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.tasks.len() < self.max.saturating_add(CLOSING)
    }

    /// Starts a connection; if there are too many, the longest idle of the others is closed.
    pub(crate) fn start<F>(&mut self, serve: impl FnOnce(Arc<Activity>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if self.tasks.len() >= self.max {
            if !self.is_told {
                let max = self.max;
                warn!("{max} connections are open: the longest idle is closed for each new one");
            }
            self.is_told = true;
            self.close_longest_idle();
        }
        let activity = Arc::new(Activity::new());
        let task = self.tasks.spawn(serve(activity.clone()));
        self.activities.insert(task.id(), activity);
    }

    /// Asks the longest idle connection to close, if one is idle.
    pub(crate) fn close_longest_idle(&self) {
        let idle = self.activities.values().filter_map(|a| a.idle_time().map(|time| (time, a)));
        if let Some((_, longest)) = idle.max_by_key(|(time, _)| *time) {
            longest.ask_to_close();
        }
    }

    /// Ready when one has ended; None if there are none.
    pub(crate) async fn ended(&mut self) -> Option<()> {
        let ended = self.tasks.join_next_with_id().await?;
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, ())| *id);
        self.activities.remove(&id);
        if self.tasks.len() < self.max / 2 {
            self.is_told = false;
        }
        if let Err(error) = ended {
            error!("a connection's task failed: {error}");
        }
        Some(())
    }

    /// Cuts off those that are left.
    pub(crate) async fn cut_off(&mut self) {
        self.tasks.shutdown().await;
    }
}
