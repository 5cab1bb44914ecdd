//! The life-cycles of synchronization jobs and of risk operations.
//!
//! The states are the vendor's (OpenAPI document). That a job that was started by hand waits
//! before it runs, and one that a task starts by itself does not, is inferred, as are all dwell
//! times.
//!
//! A job is never `free`: only a task that has never run is reported so. No operation ends a job
//! before it is done (python SDK 5.1.0).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::path_weights::WeighedLifecycle;
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::{LifecycleTable, PathRow, StateRow, Transition, TypicalDwell};
use crate::world::time::{DAY, HOUR, MINUTE, SECOND};

/// `syncStatus`, and `lastSyncStatus` of a task. A generated job is never free: only a task that
/// never ran is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SyncJobStatus {
    Free,
    Pending,
    OnProgress,
    Success,
    Failed,
}
use SyncJobStatus::{Failed, Free, OnProgress, Pending, Success};

impl State for SyncJobStatus {
    fn index(self) -> usize {
        self as usize
    }
}

impl SyncJobStatus {
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Success | Failed)
    }
}

pub(crate) const TRIGGER_TASK: &str = "trigger-sync-task";
pub(crate) const TRIGGER_RISK_OPERATIONS: &str = "trigger-sync-risk-operations";
pub(crate) const CANCEL_RISK_OPERATION: &str = "cancel-sync-risk-operation";

const fn terminal<S>(state: S, name: &'static str) -> StateRow<S> {
    StateRow { state, name, dwell: None }
}

const fn lasting<S>(
    state: S,
    name: &'static str,
    median: u64,
    p99: u64,
    key: &'static str,
) -> StateRow<S> {
    StateRow { state, name, dwell: Some(TypicalDwell { median, p99, key }) }
}

/// A manual run. The outcome weights of these paths apply to every run.
pub(crate) static JOB: LifecycleTable<SyncJobStatus> = LifecycleTable {
    entity: "synchronization job",
    states: &[
        terminal(Free, "free"),
        lasting(Pending, "pending", 2 * SECOND, 10 * SECOND, "jobs.waiting"),
        lasting(OnProgress, "onProgress", 40 * SECOND, 15 * MINUTE, "jobs.duration"),
        terminal(Success, "success"),
        terminal(Failed, "failed"),
    ],
    paths: &[
        PathRow {
            key: "success",
            about: "",
            through: &[Pending, OnProgress],
            terminal: Success,
            weight: 94,
        },
        PathRow {
            key: "failed",
            about: "",
            through: &[Pending, OnProgress],
            terminal: Failed,
            weight: 6,
        },
    ],
    transitions: &[Transition { operation: TRIGGER_TASK, from: &[], to: Pending }],
};

impl WeighedLifecycle for SyncJobStatus {
    const SCHEMA_NAME: &'static str = "SyncJobOutcomes";
    const TABLE: &'static LifecycleTable<Self> = &JOB;
}

/// The runs that a task starts by itself, which do not wait.
const fn scheduled_runs(
    entity: &'static str,
    states: &'static [StateRow<SyncJobStatus>],
) -> LifecycleTable<SyncJobStatus> {
    LifecycleTable {
        entity,
        states,
        paths: &[
            PathRow {
                key: "success",
                about: "",
                through: &[OnProgress],
                terminal: Success,
                weight: 94,
            },
            PathRow {
                key: "failed",
                about: "",
                through: &[OnProgress],
                terminal: Failed,
                weight: 6,
            },
        ],
        transitions: &[],
    }
}

/// The record of a timed task, from one run to the next.
pub(crate) static TIMED: LifecycleTable<SyncJobStatus> = scheduled_runs(
    "run of a timed task",
    &[
        terminal(Free, "free"),
        terminal(Pending, "pending"),
        lasting(OnProgress, "onProgress", 40 * SECOND, 15 * MINUTE, "timed.duration"),
        terminal(Success, "success"),
        terminal(Failed, "failed"),
    ],
);

/// The record of an automatic task, from one run to the next.
pub(crate) static AUTOMATIC: LifecycleTable<SyncJobStatus> = scheduled_runs(
    "run of an automatic task",
    &[
        terminal(Free, "free"),
        terminal(Pending, "pending"),
        lasting(OnProgress, "onProgress", 3 * SECOND, 20 * SECOND, "automatic.duration"),
        terminal(Success, "success"),
        terminal(Failed, "failed"),
    ],
);

/// `status` of a risk operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum RiskOperationStatus {
    Pending,
    Executing,
    Success,
    Failed,
    Canceled,
}
use RiskOperationStatus as Risk;

impl State for RiskOperationStatus {
    fn index(self) -> usize {
        self as usize
    }
}

/// A deletion that needs somebody's consent. Pending and failed ones can be executed or canceled;
/// canceled ones stay so (vendor's guide). The vendor's SDK tests cancel one while it is executed;
/// the scenario can forbid that.
pub(crate) static RISK_OPERATION: LifecycleTable<RiskOperationStatus> = LifecycleTable {
    entity: "risk operation",
    states: &[
        lasting(Risk::Pending, "PENDING", 8 * HOUR, 3 * DAY, "risk_operations.waiting"),
        lasting(Risk::Executing, "EXECUTING", 5 * SECOND, MINUTE, "risk_operations.duration"),
        terminal(Risk::Success, "SUCCESS"),
        terminal(Risk::Failed, "FAILED"),
        terminal(Risk::Canceled, "CANCELED"),
    ],
    // Changes by other administrators.
    paths: &[
        PathRow {
            key: "pending",
            about: "Nobody has done anything about it.",
            through: &[],
            terminal: Risk::Pending,
            weight: 60,
        },
        PathRow {
            key: "success",
            about: "",
            through: &[Risk::Pending, Risk::Executing],
            terminal: Risk::Success,
            weight: 22,
        },
        PathRow {
            key: "failed",
            about: "",
            through: &[Risk::Pending, Risk::Executing],
            terminal: Risk::Failed,
            weight: 6,
        },
        PathRow {
            key: "canceled",
            about: "",
            through: &[Risk::Pending],
            terminal: Risk::Canceled,
            weight: 12,
        },
    ],
    transitions: &[
        Transition {
            operation: TRIGGER_RISK_OPERATIONS,
            from: &[Risk::Pending, Risk::Failed],
            to: Risk::Executing,
        },
        Transition {
            operation: CANCEL_RISK_OPERATION,
            from: &[Risk::Pending, Risk::Executing, Risk::Failed],
            to: Risk::Canceled,
        },
    ],
};

impl WeighedLifecycle for RiskOperationStatus {
    const SCHEMA_NAME: &'static str = "RiskOperationOutcomes";
    const TABLE: &'static LifecycleTable<Self> = &RISK_OPERATION;
}
