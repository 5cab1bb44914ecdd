//! The life-cycle of a batch, in the words of today and in those of older SDKs.
//!
//! The states are the vendor's. Which follows which is inferred from the page of CommitAsyncJob.

use crate::scenario::path_weights::WeighedLifecycle;
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::{LifecycleTable, PathRow, StateRow, Transition, TypicalDwell};
use crate::world::time::{HOUR, MINUTE, SECOND};

pub(crate) const CREATE: &str = "BatchCreateJobsAsync";
pub(crate) const UPDATE: &str = "UpdateBatchAsyncJobs";
pub(crate) const COMMIT: &str = "CommitAsyncJob";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AsyncJobState {
    Validating,
    ValidateFailed,
    /// The parameters are right, and the batch waits for its commit.
    Waiting,
    Committed,
    /// In [`LEGACY_ASYNC_JOB`] alone; only a scenario that has it gets a batch there.
    CreateFailed,
}
use AsyncJobState::{Committed, CreateFailed, ValidateFailed, Validating, Waiting};

impl State for AsyncJobState {
    fn index(self) -> usize {
        self as usize
    }
}

const VALIDATION: Option<TypicalDwell> =
    Some(TypicalDwell { median: 20 * SECOND, p99: 3 * MINUTE, key: "jobs.validation" });
const COMMIT_AFTER: Option<TypicalDwell> =
    Some(TypicalDwell { median: 10 * MINUTE, p99: 2 * HOUR, key: "jobs.commit_after" });

const fn row(
    state: AsyncJobState,
    name: &'static str,
    dwell: Option<TypicalDwell>,
) -> StateRow<AsyncJobState> {
    StateRow { state, name, dwell }
}

/// Vendor's page; huaweicloudsdkdrs since 3.1.44.
const STATES: [StateRow<AsyncJobState>; 4] = [
    row(Validating, "ASYNC_JOB_VALIDATING", VALIDATION),
    row(ValidateFailed, "ASYNC_JOB_VALIDATE_FAILED", None),
    row(Waiting, "AUTO_PARAM_VALIDATE_SUCCESS", COMMIT_AFTER),
    row(Committed, "COMMIT_SUCCESS", None),
];
/// huaweicloudsdkdrs before 3.1.44. That a batch that waits for its commit was "creating" then is
/// inferred.
const LEGACY_STATES: [StateRow<AsyncJobState>; 5] = [
    row(Validating, "ASYNC_JOB_VALIDATING", VALIDATION),
    row(ValidateFailed, "ASYNC_JOB_VALIDATE_FAILED", None),
    row(Waiting, "ASYNC_JOB_CREATING", COMMIT_AFTER),
    row(Committed, "ASYNC_JOB_COMPLETED", None),
    row(CreateFailed, "ASYNC_JOB_CREATE_FAILED", None),
];
pub(crate) const STATUSES: &[&str] = &names(&STATES);
pub(crate) const LEGACY_STATUSES: &[&str] = &names(&LEGACY_STATES);

/// The names of states on the wire.
pub(crate) const fn names<S, const N: usize>(rows: &[StateRow<S>; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut i = 0;
    while i < N {
        names[i] = rows[i].name;
        i += 1;
    }
    names
}

const VALIDATE_FAILED_PATH: PathRow<AsyncJobState> = PathRow {
    key: "validate_failed",
    about: "The check failed.",
    through: &[Validating],
    terminal: ValidateFailed,
    weight: 10,
};
const WAITING_PATH: PathRow<AsyncJobState> = PathRow {
    key: "waiting",
    about: "The check passed, and nobody ever commits the job.",
    through: &[Validating],
    terminal: Waiting,
    weight: 15,
};
const COMMITTED_PATH: PathRow<AsyncJobState> = PathRow {
    key: "committed",
    about: "The check passed, and the job was committed.",
    through: &[Validating, Waiting],
    terminal: Committed,
    weight: 75,
};
const CREATE_FAILED_PATH: PathRow<AsyncJobState> = PathRow {
    key: "create_failed",
    about: "",
    through: &[Validating, Waiting],
    terminal: CreateFailed,
    weight: 0,
};

/// Whether the path with that index, in either table, ends with a commit.
pub(crate) fn is_committed_path(index: usize) -> bool {
    LEGACY_ASYNC_JOB.paths.get(index).is_some_and(|path| path.terminal == Committed)
}

const TRANSITIONS: &[Transition<AsyncJobState>] = &[
    Transition { operation: CREATE, from: &[], to: Validating },
    Transition { operation: UPDATE, from: &[ValidateFailed, Waiting], to: Validating },
    Transition { operation: COMMIT, from: &[Waiting], to: Committed },
];

pub(crate) static ASYNC_JOB: LifecycleTable<AsyncJobState> = LifecycleTable {
    entity: "batch",
    states: &STATES,
    paths: &[VALIDATE_FAILED_PATH, WAITING_PATH, COMMITTED_PATH],
    transitions: TRANSITIONS,
};

/// The same life-cycle in the words of older SDKs, with an end that only prescribed paths reach.
pub(crate) static LEGACY_ASYNC_JOB: LifecycleTable<AsyncJobState> = LifecycleTable {
    entity: "batch, older statuses",
    states: &LEGACY_STATES,
    paths: &[VALIDATE_FAILED_PATH, WAITING_PATH, COMMITTED_PATH, CREATE_FAILED_PATH],
    transitions: TRANSITIONS,
};

/// The weights are those of [`ASYNC_JOB`] with the older statuses, too.
impl WeighedLifecycle for AsyncJobState {
    const SCHEMA_NAME: &'static str = "AsyncJobOutcomes";
    const TABLE: &'static LifecycleTable<Self> = &ASYNC_JOB;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_table_has_the_states_and_paths_of_the_other_and_then_its_own() {
        for (row, older) in ASYNC_JOB.states.iter().zip(LEGACY_ASYNC_JOB.states) {
            assert_eq!((row.state, row.dwell), (older.state, older.dwell));
        }
        for (row, older) in ASYNC_JOB.paths.iter().zip(LEGACY_ASYNC_JOB.paths) {
            assert_eq!(
                (row.key, row.terminal, row.weight),
                (older.key, older.terminal, older.weight)
            );
        }
        for table in [&ASYNC_JOB, &LEGACY_ASYNC_JOB] {
            assert!(table.states.iter().enumerate().all(|(i, row)| row.state.index() == i));
        }
        assert_eq!([0, 1, 2, 3].map(is_committed_path), [false, false, true, false]);
    }
}
