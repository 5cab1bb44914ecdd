//! The life-cycles of EIAM. The states of a job are the vendor's; that a job waits before it
//! runs, and that nothing ends one before it is done, is inferred: no operation stops one
//! (python SDK 3.0.1).

use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::path_weights::WeighedLifecycle;
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::{LifecycleTable, PathRow, StateRow, Transition, TypicalDwell};
use crate::world::time::{MINUTE, SECOND};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobState {
    Pending,
    Running,
    Success,
    PartialSuccess,
    Failed,
}
use JobState::{Failed, PartialSuccess, Pending, Running, Success};

impl State for JobState {
    fn index(self) -> usize {
        self as usize
    }
}

impl JobState {
    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Success | PartialSuccess | Failed)
    }
}

pub(crate) const RUN: &str = "RunSynchronizationJob";

pub(crate) static JOB: LifecycleTable<JobState> = LifecycleTable {
    entity: "synchronization job",
    states: &[
        StateRow {
            state: Pending,
            name: "pending",
            dwell: Some(TypicalDwell { median: 2 * SECOND, p99: 10 * SECOND, key: "jobs.waiting" }),
        },
        StateRow {
            state: Running,
            name: "running",
            dwell: Some(TypicalDwell {
                median: 40 * SECOND,
                p99: 15 * MINUTE,
                key: "jobs.duration",
            }),
        },
        StateRow { state: Success, name: "success", dwell: None },
        StateRow { state: PartialSuccess, name: "partial_success", dwell: None },
        StateRow { state: Failed, name: "failed", dwell: None },
    ],
    paths: &[
        PathRow {
            key: "success",
            about: "",
            through: &[Pending, Running],
            terminal: Success,
            weight: 90,
        },
        PathRow {
            key: "partial_success",
            about: "",
            through: &[Pending, Running],
            terminal: PartialSuccess,
            weight: 6,
        },
        PathRow {
            key: "failed",
            about: "",
            through: &[Pending, Running],
            terminal: Failed,
            weight: 4,
        },
    ],
    transitions: &[Transition { operation: RUN, from: &[], to: Pending }],
};

impl WeighedLifecycle for JobState {
    const SCHEMA_NAME: &'static str = "SynchronizationJobOutcomes";
    const TABLE: &'static LifecycleTable<Self> = &JOB;
}

/// Whether an identity provider is pulled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PullState {
    Enabled,
    Disabled,
}

impl State for PullState {
    fn index(self) -> usize {
        self as usize
    }
}

pub(crate) const ENABLE: &str = "EnableIdentityProviderUdPull";
pub(crate) const DISABLE: &str = "DisableIdentityProviderUdPull";

/// Enabling what is enabled already changes nothing and succeeds, and so does disabling (inferred).
pub(crate) static PULL: LifecycleTable<PullState> = LifecycleTable {
    entity: "inbound synchronization of an identity provider",
    states: &[
        StateRow { state: PullState::Enabled, name: "enabled", dwell: None },
        StateRow { state: PullState::Disabled, name: "disabled", dwell: None },
    ],
    paths: &[
        PathRow {
            key: "enabled",
            about: "",
            through: &[],
            terminal: PullState::Enabled,
            weight: 1,
        },
        PathRow {
            key: "disabled",
            about: "",
            through: &[],
            terminal: PullState::Disabled,
            weight: 0,
        },
    ],
    transitions: &[
        Transition { operation: DISABLE, from: &[PullState::Enabled], to: PullState::Disabled },
        Transition { operation: ENABLE, from: &[PullState::Disabled], to: PullState::Enabled },
    ],
};

impl WeighedLifecycle for PullState {
    const SCHEMA_NAME: &'static str = "InboundSynchronizationWeights";
    const TABLE: &'static LifecycleTable<Self> = &PULL;
}
