//! The life-cycle of a synchronization task. From huaweicloudsdkoms 3.1.219: a task is
//! synchronizing or stopped, creating it starts it, and it cannot be deleted while it is
//! synchronizing. Made up: some tasks stop by themselves.

use crate::scenario::path_weights::WeighedLifecycle;
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::{LifecycleTable, PathRow, StateRow, Transition, TypicalDwell};
use crate::world::time::DAY;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SyncTaskState {
    Synchronizing,
    Stopped,
    /// The task no longer exists; no answer shows this state.
    Deleted,
}
use SyncTaskState::{Deleted, Stopped, Synchronizing};

impl State for SyncTaskState {
    fn index(self) -> usize {
        self as usize
    }
}

pub(crate) const CREATE: &str = "CreateSyncTask";
pub(crate) const START: &str = "StartSyncTask";
pub(crate) const STOP: &str = "StopSyncTask";
pub(crate) const DELETE: &str = "DeleteSyncTask";
pub(crate) const EVENTS: &str = "CreateSyncEvents";

pub(crate) static TASK: LifecycleTable<SyncTaskState> = LifecycleTable {
    entity: "synchronization task",
    states: &[
        StateRow {
            state: Synchronizing,
            name: "SYNCHRONIZING",
            dwell: Some(TypicalDwell { median: 14 * DAY, p99: 60 * DAY, key: "tasks.duration" }),
        },
        StateRow { state: Stopped, name: "STOPPED", dwell: None },
        StateRow { state: Deleted, name: "DELETED", dwell: None },
    ],
    paths: &[
        PathRow {
            key: "synchronizing",
            about: "Tasks that never stop by themselves.",
            through: &[],
            terminal: Synchronizing,
            weight: 9,
        },
        PathRow {
            key: "stopped",
            about: "",
            through: &[Synchronizing],
            terminal: Stopped,
            weight: 1,
        },
    ],
    transitions: &[
        Transition { operation: CREATE, from: &[], to: Synchronizing },
        Transition { operation: EVENTS, from: &[Synchronizing], to: Synchronizing },
        Transition { operation: STOP, from: &[Synchronizing], to: Stopped },
        Transition { operation: START, from: &[Stopped], to: Synchronizing },
        Transition { operation: DELETE, from: &[Stopped], to: Deleted },
    ],
};

impl WeighedLifecycle for SyncTaskState {
    const SCHEMA_NAME: &'static str = "TaskOutcomes";
    const TABLE: &'static LifecycleTable<Self> = &TASK;
}
