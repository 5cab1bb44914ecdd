//! The life-cycle of a synchronization task (one direction of an instance), what is copied before
//! incremental synchronization, and how each operation spells the states.

use schemars::JsonSchema;
use serde::Deserialize;

use super::quirks::StateSpelling;
use crate::scenario::path_weights::WeighedLifecycle;
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::{LifecycleTable, PathRow, StateRow, Transition, TypicalDwell};
use crate::world::time::{DAY, HOUR, MINUTE, SECOND};

// The first ten are those that DescribeSynchronizationJobStatusList lists, the last three only
// DescribeDtsJobs and DescribeDtsJobDetail (doc comments of alibabacloud-dts20200101 5.11.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
pub(crate) enum TaskState {
    NotStarted,
    Prechecking,
    PrecheckFailed,
    Initializing,
    InitializeFailed,
    Synchronizing,
    Failed,
    /// Paused: a task stays in it, whatever its name says.
    Suspending,
    Modifying,
    Finished,
    /// Only DescribeDtsJobs and DescribeDtsJobDetail show it; the other operations show
    /// NotStarted.
    NotConfigured,
    /// Only DescribeDtsJobs and DescribeDtsJobDetail show it; the other operations show
    /// Prechecking.
    PreCheckPass,
    /// Only DescribeDtsJobs and DescribeDtsJobDetail show it; the other operations show
    /// Synchronizing.
    Retrying,
}
use TaskState::{
    Failed, Finished, InitializeFailed, Initializing, Modifying, NotConfigured, NotStarted,
    PreCheckPass, PrecheckFailed, Prechecking, Retrying, Suspending, Synchronizing,
};

impl TaskState {
    pub(crate) const ALL: &'static [Self] = &[
        NotStarted,
        Prechecking,
        PrecheckFailed,
        Initializing,
        InitializeFailed,
        Synchronizing,
        Failed,
        Suspending,
        Modifying,
        Finished,
        NotConfigured,
        PreCheckPass,
        Retrying,
    ];

    /// Whether incremental synchronization runs in this state. That it goes on while objects are
    /// changed is inferred.
    pub(crate) fn is_incremental(self) -> bool {
        matches!(self, Synchronizing | Modifying)
    }

    /// Whether a task can come to this state from incremental synchronization. Whether it did
    /// depends on its path.
    pub(crate) fn can_follow_incremental(self) -> bool {
        matches!(self, Failed | Suspending | Finished | Retrying)
    }

    /// The state that the legacy operations show: they do not know the last three (inferred).
    fn as_legacy(self) -> Self {
        match self {
            NotConfigured => NotStarted,
            PreCheckPass => Prechecking,
            Retrying => Synchronizing,
            state => state,
        }
    }
}

impl State for TaskState {
    fn index(self) -> usize {
        self as usize
    }
}

impl WeighedLifecycle for TaskState {
    const SCHEMA_NAME: &'static str = "SynchronizationTaskOutcomes";
    const TABLE: &'static LifecycleTable<Self> = &TASK;
}

pub(crate) const CREATE: &str = "CreateSynchronizationJob";
pub(crate) const CONFIGURE: &str = "ConfigureSynchronizationJob";
pub(crate) const START: &str = "StartSynchronizationJob";
pub(crate) const SUSPEND: &str = "SuspendSynchronizationJob";
pub(crate) const RESET: &str = "ResetSynchronizationJob";
pub(crate) const DELETE: &str = "DeleteSynchronizationJob";

/// Where Start and Suspend are allowed is on the vendor's pages, and that Start also follows a
/// failed precheck; the rest is inferred.
pub(crate) static TASK: LifecycleTable<TaskState> = LifecycleTable {
    entity: "synchronization task",
    states: &[
        dwelling(NotStarted, "NotStarted", 30 * SECOND, 10 * MINUTE, "jobs.waiting"),
        dwelling(Prechecking, "Prechecking", 90 * SECOND, 8 * MINUTE, "jobs.precheck"),
        without_dwell(PrecheckFailed, "PrecheckFailed"),
        dwelling(Initializing, "Initializing", 20 * MINUTE, 6 * HOUR, "jobs.initialization"),
        without_dwell(InitializeFailed, "InitializeFailed"),
        dwelling(Synchronizing, "Synchronizing", 12 * HOUR, 4 * DAY, "jobs.synchronization"),
        without_dwell(Failed, "Failed"),
        without_dwell(Suspending, "Suspending"),
        dwelling(Modifying, "Modifying", 3 * MINUTE, 30 * MINUTE, "jobs.modification"),
        without_dwell(Finished, "Finished"),
        without_dwell(NotConfigured, "NotConfigured"),
        dwelling(PreCheckPass, "PreCheckPass", 2 * SECOND, 5 * SECOND, "jobs.passed"),
        dwelling(Retrying, "Retrying", MINUTE, 30 * MINUTE, "jobs.retry"),
    ],
    paths: PATHS,
    transitions: &[
        Transition { operation: CREATE, from: &[], to: NotConfigured },
        Transition { operation: CONFIGURE, from: &[NotConfigured, NotStarted], to: Prechecking },
        Transition { operation: START, from: &[NotStarted, PrecheckFailed], to: Prechecking },
        Transition { operation: START, from: &[Failed, Suspending], to: Synchronizing },
        // The legacy operations show a task that retries as synchronizing.
        Transition { operation: SUSPEND, from: &[Synchronizing, Retrying], to: Suspending },
        Transition { operation: RESET, from: TaskState::ALL, to: NotConfigured },
        Transition { operation: DELETE, from: TaskState::ALL, to: Finished },
    ],
};

/// A state that no task leaves by itself, unless a person prescribes it.
const fn without_dwell(state: TaskState, name: &'static str) -> StateRow<TaskState> {
    StateRow { state, name, dwell: None }
}

const fn dwelling(
    state: TaskState,
    name: &'static str,
    median: u64,
    p99: u64,
    key: &'static str,
) -> StateRow<TaskState> {
    StateRow { state, name, dwell: Some(TypicalDwell { median, p99, key }) }
}

const PATHS: &[PathRow<TaskState>] = &[
    PathRow {
        key: "synchronizing",
        about: "",
        through: &[NotStarted, Prechecking, Initializing],
        terminal: Synchronizing,
        weight: 70,
    },
    PathRow {
        key: "modified",
        about: "Synchronizing again after its objects were changed.",
        through: &[NotStarted, Prechecking, Initializing, Synchronizing, Modifying],
        terminal: Synchronizing,
        weight: 4,
    },
    PathRow {
        key: "modifying",
        about: "Its objects are being changed, for ever.",
        through: UNTIL_SYNCHRONIZING,
        terminal: Modifying,
        weight: 1,
    },
    PathRow {
        key: "suspending",
        about: "Paused.",
        through: UNTIL_SYNCHRONIZING,
        terminal: Suspending,
        weight: 8,
    },
    PathRow { key: "failed", about: "", through: UNTIL_SYNCHRONIZING, terminal: Failed, weight: 6 },
    PathRow {
        key: "finished",
        about: "",
        through: UNTIL_SYNCHRONIZING,
        terminal: Finished,
        weight: 4,
    },
    PathRow {
        key: "precheck_failed",
        about: "",
        through: &[NotStarted, Prechecking],
        terminal: PrecheckFailed,
        weight: 3,
    },
    PathRow {
        key: "initialize_failed",
        about: "",
        through: &[NotStarted, Prechecking, Initializing],
        terminal: InitializeFailed,
        weight: 2,
    },
    PathRow {
        key: "not_started",
        about: "Never started.",
        through: &[],
        terminal: NotStarted,
        weight: 2,
    },
    PathRow {
        key: "uninitialized",
        about: "Synchronizing without an initialization, whatever `copies` says.",
        through: &[NotStarted, Prechecking],
        terminal: Synchronizing,
        weight: 0,
    },
    PathRow {
        key: "passed",
        about: "Synchronizing, with PreCheckPass between the precheck and the initialization. Only \
                DescribeDtsJobs and DescribeDtsJobDetail show PreCheckPass; the other operations \
                show Prechecking.",
        through: &[NotStarted, Prechecking, PreCheckPass, Initializing],
        terminal: Synchronizing,
        weight: 0,
    },
    PathRow {
        key: "retried",
        about: "Synchronizing again after Retrying. Only DescribeDtsJobs and DescribeDtsJobDetail \
                show Retrying; the other operations show Synchronizing.",
        through: UNTIL_RETRYING,
        terminal: Synchronizing,
        weight: 0,
    },
    PathRow {
        key: "given_up",
        about: "Failed after Retrying.",
        through: UNTIL_RETRYING,
        terminal: Failed,
        weight: 0,
    },
];
const UNTIL_SYNCHRONIZING: &[TaskState] = &[NotStarted, Prechecking, Initializing, Synchronizing];
const UNTIL_RETRYING: &[TaskState] =
    &[NotStarted, Prechecking, Initializing, Synchronizing, Retrying];

/// The index of the path with that key; an unknown key does not compile.
const fn path_with_key(key: &str) -> usize {
    let mut index = 0;
    while !is_same(PATHS[index].key.as_bytes(), key.as_bytes()) {
        index += 1;
    }
    index
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// The path without an initialization, whatever there is to copy.
const UNINITIALIZED: usize = path_with_key("uninitialized");

/// The indexes of the paths of a task that a client starts and then leaves alone: nobody else
/// pauses it, changes its objects or ends it (inferred).
pub(crate) const UNDISTURBED: [usize; 4] = [
    path_with_key("synchronizing"),
    path_with_key("failed"),
    path_with_key("precheck_failed"),
    path_with_key("initialize_failed"),
];

/// The operation whose answer shows a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShownBy {
    StatusList,
    Jobs,
    Status,
    DtsJobs,
    DtsJobDetail,
}

/// Doc comments of alibabacloud-dts20200101 5.11.7, for each operation; the older spelling
/// is that of older pages (document_detail/49453) and of the samples of
/// DescribeSynchronizationJobs.
pub(crate) fn spelled(
    state: TaskState,
    shown_by: ShownBy,
    spelling: StateSpelling,
) -> &'static str {
    let state = match shown_by {
        ShownBy::StatusList | ShownBy::Jobs | ShownBy::Status => state.as_legacy(),
        ShownBy::DtsJobs | ShownBy::DtsJobDetail => state,
    };
    match (state, shown_by, spelling) {
        (_, _, StateSpelling::Modern) => TASK.name(state),
        (_, ShownBy::Status, _) => in_lower_camel_case(state),
        (Initializing, ShownBy::Jobs, _) => "Initializating",
        (Synchronizing, ShownBy::DtsJobDetail, _) => "synchronizing",
        (Initializing, ShownBy::StatusList, StateSpelling::Older) => "Initializating",
        (Synchronizing, _, StateSpelling::Older) => "synchronizing",
        _ => TASK.name(state),
    }
}

/// DescribeSynchronizationJobStatus.
fn in_lower_camel_case(state: TaskState) -> &'static str {
    match state {
        NotStarted | NotConfigured => "notStarted",
        Prechecking | PreCheckPass => "prechecking",
        PrecheckFailed => "precheckFailed",
        Initializing => "initializating",
        InitializeFailed => "initializeFailed",
        Synchronizing | Retrying => "synchronizing",
        Failed => "failed",
        Suspending => "suspending",
        Modifying => "modifying",
        Finished => "finished",
    }
}

/// The work before incremental synchronization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Initialization {
    pub(crate) structure: bool,
    pub(crate) data: bool,
}

impl Initialization {
    pub(crate) const EVERYTHING: Self = Self { structure: true, data: true };

    pub(crate) fn is_nothing(self) -> bool {
        !self.structure && !self.data
    }
}

/// In the order of the weights in `dts.jobs.copies`.
pub(crate) const INITIALIZATIONS: [Initialization; 4] = [
    Initialization::EVERYTHING,
    Initialization { structure: true, data: false },
    Initialization { structure: false, data: true },
    Initialization { structure: false, data: false },
];

/// A path of the table together with an initialization. They are numbered, so that one attribute
/// of the sampler can say both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PathVariant(usize);

impl PathVariant {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..PATHS.len() * INITIALIZATIONS.len()).map(Self)
    }

    /// The one that an alternative of the sampler's attribute stands for.
    pub(crate) fn of_alternative(alternative: usize) -> Self {
        Self(alternative)
    }

    fn path_index(self) -> usize {
        self.0 / INITIALIZATIONS.len()
    }

    fn row(self) -> &'static PathRow<TaskState> {
        &PATHS[self.path_index()]
    }

    pub(crate) fn terminal(self) -> TaskState {
        self.row().terminal
    }

    pub(crate) fn initialization(self) -> Initialization {
        let initialization = INITIALIZATIONS[self.0 % INITIALIZATIONS.len()];
        if self.path_index() == UNINITIALIZED {
            Initialization::default()
        } else if initialization.is_nothing() && self.terminal() == InitializeFailed {
            // An initialization that fails has something to copy.
            Initialization::EVERYTHING
        } else {
            initialization
        }
    }

    /// The states that it passes through. A task with nothing to copy does not initialize
    /// (inferred).
    pub(crate) fn through(self) -> impl Iterator<Item = TaskState> {
        let nothing = self.initialization().is_nothing();
        let is_skipped = move |state| nothing && matches!(state, Initializing | PreCheckPass);
        self.row().through.iter().copied().filter(move |&state| !is_skipped(state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_row() {
        assert_eq!(TASK.states.len(), TaskState::ALL.len());
        for (index, (row, &state)) in TASK.states.iter().zip(TaskState::ALL).enumerate() {
            assert_eq!((row.state, row.state.index()), (state, index));
        }
    }
}
