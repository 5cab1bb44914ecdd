//! The life of a synchronization task. That it is synchronizing or stopped, that creating it
//! starts it, and that one that is synchronizing can not be deleted, is the vendor's
//! (huaweicloudsdkoms 3.1.219); that some stop by themselves is ours.

use crate::world::lifecycle::State;
use crate::world::machine::{CourseRow, Machine, Move, StateRow, Typical};
use crate::world::time::DAY;

pub const SYNCHRONIZING: State = 0;
pub const STOPPED: State = 1;
/// No answer shows it: the task is gone.
pub const DELETED: State = 2;

pub const CREATE: &str = "CreateSyncTask";
pub const START: &str = "StartSyncTask";
pub const STOP: &str = "StopSyncTask";
pub const DELETE: &str = "DeleteSyncTask";
pub const EVENTS: &str = "CreateSyncEvents";

pub static TASK: Machine = Machine {
    thing: "synchronization task",
    states: &[
        StateRow {
            name: "SYNCHRONIZING",
            stay: Some(Typical { median: 14 * DAY, p99: 60 * DAY, key: "tasks.duration" }),
        },
        StateRow { name: "STOPPED", stay: None },
        StateRow { name: "DELETED", stay: None },
    ],
    courses: &[
        CourseRow { key: "synchronizing", through: &[], rest: SYNCHRONIZING, weight: 9 },
        CourseRow { key: "stopped", through: &[SYNCHRONIZING], rest: STOPPED, weight: 1 },
    ],
    moves: &[
        Move { operation: CREATE, from: &[], to: SYNCHRONIZING },
        Move { operation: EVENTS, from: &[SYNCHRONIZING], to: SYNCHRONIZING },
        Move { operation: STOP, from: &[SYNCHRONIZING], to: STOPPED },
        Move { operation: START, from: &[STOPPED], to: SYNCHRONIZING },
        Move { operation: DELETE, from: &[STOPPED], to: DELETED },
    ],
};
