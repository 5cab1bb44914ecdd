//! The lives of EIAM's things. The states of a job are the vendor's; that a job waits before
//! it runs, and that nothing ends one before it is done, is inferred: no operation stops
//! one (python SDK 3.0.1).

use crate::world::lifecycle::State;
use crate::world::machine::{CourseRow, Machine, Move, StateRow, Typical};
use crate::world::time::{MINUTE, SECOND};

pub const PENDING: State = 0;
pub const RUNNING: State = 1;
pub const SUCCESS: State = 2;
pub const PARTIAL_SUCCESS: State = 3;
pub const FAILED: State = 4;

pub static JOB: Machine = Machine {
    thing: "synchronization job",
    states: &[
        StateRow {
            name: "pending",
            stay: Some(Typical { median: 2 * SECOND, p99: 10 * SECOND, key: "jobs.waiting" }),
        },
        StateRow {
            name: "running",
            stay: Some(Typical { median: 40 * SECOND, p99: 15 * MINUTE, key: "jobs.duration" }),
        },
        StateRow { name: "success", stay: None },
        StateRow { name: "partial_success", stay: None },
        StateRow { name: "failed", stay: None },
    ],
    courses: &[
        CourseRow { key: "success", through: &[PENDING, RUNNING], rest: SUCCESS, weight: 90 },
        CourseRow {
            key: "partial_success",
            through: &[PENDING, RUNNING],
            rest: PARTIAL_SUCCESS,
            weight: 6,
        },
        CourseRow { key: "failed", through: &[PENDING, RUNNING], rest: FAILED, weight: 4 },
    ],
    moves: &[Move { operation: "RunSynchronizationJob", from: &[], to: PENDING }],
};

pub const ENABLED: State = 0;
pub const DISABLED: State = 1;

pub const ENABLE: &str = "EnableIdentityProviderUdPull";
pub const DISABLE: &str = "DisableIdentityProviderUdPull";

/// Asking for what is so already changes nothing, and is granted (inferred).
pub static PULL: Machine = Machine {
    thing: "inbound synchronization of an identity provider",
    states: &[StateRow { name: "enabled", stay: None }, StateRow { name: "disabled", stay: None }],
    courses: &[
        CourseRow { key: "enabled", through: &[], rest: ENABLED, weight: 1 },
        CourseRow { key: "disabled", through: &[], rest: DISABLED, weight: 0 },
    ],
    moves: &[
        Move { operation: DISABLE, from: &[ENABLED], to: DISABLED },
        Move { operation: ENABLE, from: &[DISABLED], to: ENABLED },
    ],
};
