//! The lives of synchronization jobs and of risk operations. The states are the vendor's
//! (OpenAPI document); that a job that was started by hand waits before it runs, and one
//! that a task starts by itself does not, is inferred, as are all lengths.
//!
//! A job is never `free`: that is what a task is said to be that has never run. No operation
//! ends a job before it is done (python SDK 5.1.0).

use crate::world::lifecycle::State;
use crate::world::machine::{CourseRow, Machine, Move, StateRow, Typical};
use crate::world::time::{DAY, HOUR, MINUTE, SECOND};

pub const FREE: State = 0;
pub const PENDING: State = 1;
pub const ON_PROGRESS: State = 2;
pub const SUCCESS: State = 3;
pub const FAILED: State = 4;

const fn rests(name: &'static str) -> StateRow {
    StateRow { name, stay: None }
}

const fn lasts(name: &'static str, median: u64, p99: u64, key: &'static str) -> StateRow {
    StateRow { name, stay: Some(Typical { median, p99, key }) }
}

const fn course(
    key: &'static str,
    through: &'static [State],
    rest: State,
    weight: u64,
) -> CourseRow {
    CourseRow { key, through, rest, weight }
}

/// A manual run. Every run ends by these weights.
pub static JOB: Machine = Machine {
    thing: "synchronization job",
    states: &[
        rests("free"),
        lasts("pending", 2 * SECOND, 10 * SECOND, "jobs.waiting"),
        lasts("onProgress", 40 * SECOND, 15 * MINUTE, "jobs.duration"),
        rests("success"),
        rests("failed"),
    ],
    courses: &[
        course("success", &[PENDING, ON_PROGRESS], SUCCESS, 94),
        course("failed", &[PENDING, ON_PROGRESS], FAILED, 6),
    ],
    moves: &[Move { operation: "trigger-sync-task", from: &[], to: PENDING }],
};

const BY_ITSELF: &[CourseRow] =
    &[course("success", &[ON_PROGRESS], SUCCESS, 94), course("failed", &[ON_PROGRESS], FAILED, 6)];

/// The record of a timed task, from one tick to the next.
pub static TIMED: Machine = Machine {
    thing: "run of a timed task",
    states: &[
        rests("free"),
        rests("pending"),
        lasts("onProgress", 40 * SECOND, 15 * MINUTE, "timed.duration"),
        rests("success"),
        rests("failed"),
    ],
    courses: BY_ITSELF,
    moves: &[],
};

/// The record of an automatic task, from one event to the next.
pub static AUTOMATIC: Machine = Machine {
    thing: "run of an automatic task",
    states: &[
        rests("free"),
        rests("pending"),
        lasts("onProgress", 3 * SECOND, 20 * SECOND, "automatic.duration"),
        rests("success"),
        rests("failed"),
    ],
    courses: BY_ITSELF,
    moves: &[],
};

pub mod risk {
    use super::*;

    pub const PENDING: State = 0;
    pub const EXECUTING: State = 1;
    pub const SUCCESS: State = 2;
    pub const FAILED: State = 3;
    pub const CANCELED: State = 4;

    pub const TRIGGER: &str = "trigger-sync-risk-operations";
    pub const CANCEL: &str = "cancel-sync-risk-operation";

    /// A deletion that waits for somebody's consent. Pending and failed ones can be executed
    /// or canceled, and canceled ones stay so (vendor's guide). That one can be canceled
    /// while it is executed is what the vendor's SDK tests do; the scenario can forbid it.
    pub static OPERATION: Machine = Machine {
        thing: "risk operation",
        states: &[
            lasts("PENDING", 8 * HOUR, 3 * DAY, "risk_operations.waiting"),
            lasts("EXECUTING", 5 * SECOND, MINUTE, "risk_operations.duration"),
            rests("SUCCESS"),
            rests("FAILED"),
            rests("CANCELED"),
        ],
        // What became of them at the hands of others.
        courses: &[
            course("pending", &[], PENDING, 60),
            course("success", &[PENDING, EXECUTING], SUCCESS, 22),
            course("failed", &[PENDING, EXECUTING], FAILED, 6),
            course("canceled", &[PENDING], CANCELED, 12),
        ],
        moves: &[
            Move { operation: TRIGGER, from: &[PENDING, FAILED], to: EXECUTING },
            Move { operation: CANCEL, from: &[PENDING, EXECUTING, FAILED], to: CANCELED },
        ],
    };
}
