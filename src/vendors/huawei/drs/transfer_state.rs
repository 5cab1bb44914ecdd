//! The life-cycle of a job that a commit creates.
//!
//! The states are the vendor's. Which follows which is inferred from their meaning.

use super::async_job_state::{COMMIT, names};
use crate::scenario::path_weights::WeighedLifecycle;
use crate::world::lifecycle::State;
use crate::world::lifecycle_table::{LifecycleTable, PathRow, StateRow, Transition, TypicalDwell};
use crate::world::time::{DAY, HOUR, MINUTE};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TransferState {
    Creating,
    CreateFailed,
    Configuration,
    StartJobing,
    WaitingForStart,
    StartJobFailed,
    Pausing,
    FullStarted,
    FullFailed,
    FullComplete,
    IncreStarted,
    IncreFailed,
    ReleaseStarted,
    ReleaseFailed,
    ReleaseComplete,
    RebuildStarted,
    RebuildFailed,
    ChangeStarted,
    ChangeFailed,
    Deleted,
    ChildStarting,
    ChildStarted,
    ChildComplete,
    ChildFailed,
    ReleaseChildStarted,
    ReleaseChildComplete,
    UpgradeStarted,
    UpgradeComplete,
    UpgradeFailed,
}
use TransferState::*;

impl State for TransferState {
    fn index(self) -> usize {
        self as usize
    }
}

/// None until the job's batch is committed.
impl State for Option<TransferState> {
    fn index(self) -> usize {
        self.map_or(STATES.len(), State::index)
    }
}

const fn row(
    state: TransferState,
    name: &'static str,
    dwell: Option<TypicalDwell>,
) -> StateRow<TransferState> {
    StateRow { state, name, dwell }
}

const fn dwell(key: &'static str, median: u64, p99: u64) -> Option<TypicalDwell> {
    Some(TypicalDwell { median, p99, key })
}

const CHANGE: Option<TypicalDwell> = dwell("transfers.change", 10 * MINUTE, HOUR);

/// huaweicloudsdkdrs 3.1.219 (JobDetailResp).
const STATES: [StateRow<TransferState>; 29] = [
    row(Creating, "CREATING", dwell("transfers.creation", 3 * MINUTE, 10 * MINUTE)),
    row(CreateFailed, "CREATE_FAILED", None),
    row(Configuration, "CONFIGURATION", dwell("transfers.configuration", 2 * MINUTE, 20 * MINUTE)),
    row(StartJobing, "STARTJOBING", dwell("transfers.start", MINUTE, 5 * MINUTE)),
    row(WaitingForStart, "WAITING_FOR_START", dwell("transfers.appointment", HOUR, 12 * HOUR)),
    row(StartJobFailed, "START_JOB_FAILED", None),
    row(Pausing, "PAUSING", None),
    row(FullStarted, "FULL_TRANSFER_STARTED", dwell("transfers.full", 40 * MINUTE, 8 * HOUR)),
    row(FullFailed, "FULL_TRANSFER_FAILED", None),
    row(FullComplete, "FULL_TRANSFER_COMPLETE", None),
    row(IncreStarted, "INCRE_TRANSFER_STARTED", dwell("transfers.increment", 12 * HOUR, 3 * DAY)),
    row(IncreFailed, "INCRE_TRANSFER_FAILED", None),
    row(
        ReleaseStarted,
        "RELEASE_RESOURCE_STARTED",
        dwell("transfers.release", 2 * MINUTE, 10 * MINUTE),
    ),
    row(ReleaseFailed, "RELEASE_RESOURCE_FAILED", None),
    row(ReleaseComplete, "RELEASE_RESOURCE_COMPLETE", dwell("transfers.deletion", DAY, 3 * DAY)),
    row(RebuildStarted, "REBUILD_NODE_STARTED", CHANGE),
    row(RebuildFailed, "REBUILD_NODE_FAILED", None),
    row(ChangeStarted, "CHANGE_JOB_STARTED", CHANGE),
    row(ChangeFailed, "CHANGE_JOB_FAILED", None),
    row(Deleted, "DELETED", None),
    row(ChildStarting, "CHILD_TRANSFER_STARTING", CHANGE),
    row(ChildStarted, "CHILD_TRANSFER_STARTED", CHANGE),
    row(ChildComplete, "CHILD_TRANSFER_COMPLETE", CHANGE),
    row(ChildFailed, "CHILD_TRANSFER_FAILED", None),
    row(ReleaseChildStarted, "RELEASE_CHILD_TRANSFER_STARTED", CHANGE),
    row(ReleaseChildComplete, "RELEASE_CHILD_TRANSFER_COMPLETE", CHANGE),
    row(UpgradeStarted, "NODE_UPGRADE_START", CHANGE),
    row(UpgradeComplete, "NODE_UPGRADE_COMPLETE", CHANGE),
    row(UpgradeFailed, "NODE_UPGRADE_FAILED", None),
];
pub(crate) const STATUSES: &[&str] = &names(&STATES);

const fn path(
    key: &'static str,
    about: &'static str,
    weight: u64,
    through: &'static [TransferState],
    terminal: TransferState,
) -> PathRow<TransferState> {
    PathRow { key, about, through, terminal, weight }
}

/// Inferred: a job configures and starts itself, with the values of its creation. States that other
/// operations of the vendor lead to are rare or absent, unless the scenario says otherwise.
pub(crate) static TRANSFER: LifecycleTable<TransferState> = LifecycleTable {
    entity: "job of a committed batch",
    states: &STATES,
    paths: &[
        path("create_failed", "CREATE_FAILED", 2, &[Creating], CreateFailed),
        path("configuration", "Stays in CONFIGURATION.", 6, &[Creating], Configuration),
        path(
            "start_failed",
            "START_JOB_FAILED",
            2,
            &[Creating, Configuration, StartJobing],
            StartJobFailed,
        ),
        path(
            "full",
            "A full transfer, and no more.",
            10,
            &[Creating, Configuration, StartJobing, FullStarted],
            FullComplete,
        ),
        path(
            "full_failed",
            "FULL_TRANSFER_FAILED",
            4,
            &[Creating, Configuration, StartJobing, FullStarted],
            FullFailed,
        ),
        path(
            "increment",
            "Goes on incrementally for ever.",
            40,
            &[Creating, Configuration, StartJobing, FullStarted],
            IncreStarted,
        ),
        path(
            "increment_only",
            "Incrementally for ever, without a full transfer before.",
            5,
            &[Creating, Configuration, StartJobing],
            IncreStarted,
        ),
        path(
            "appointed",
            "Starts at an appointed time, and goes on incrementally for ever.",
            3,
            &[Creating, Configuration, WaitingForStart, StartJobing, FullStarted],
            IncreStarted,
        ),
        path(
            "increment_failed",
            "INCRE_TRANSFER_FAILED",
            5,
            &[Creating, Configuration, StartJobing, FullStarted, IncreStarted],
            IncreFailed,
        ),
        path(
            "released",
            "Somebody ends it: RELEASE_RESOURCE_COMPLETE.",
            20,
            &[Creating, Configuration, StartJobing, FullStarted, IncreStarted, ReleaseStarted],
            ReleaseComplete,
        ),
        path(
            "release_failed",
            "RELEASE_RESOURCE_FAILED",
            0,
            &[Creating, Configuration, ReleaseStarted],
            ReleaseFailed,
        ),
        path(
            "deleted",
            "Somebody ends it, and deletes it.",
            0,
            &[Creating, Configuration, ReleaseStarted, ReleaseComplete],
            Deleted,
        ),
        path(
            "paused",
            "Somebody pauses it.",
            2,
            &[Creating, Configuration, StartJobing, FullStarted, IncreStarted],
            Pausing,
        ),
        path(
            "rebuilt",
            "Its node is rebuilt.",
            1,
            &[Creating, Configuration, StartJobing, FullStarted, IncreStarted, RebuildStarted],
            IncreStarted,
        ),
        path(
            "rebuild_failed",
            "REBUILD_NODE_FAILED",
            0,
            &[Creating, Configuration, StartJobing, FullStarted, IncreStarted, RebuildStarted],
            RebuildFailed,
        ),
        path(
            "changed",
            "Somebody changes it.",
            0,
            &[Creating, Configuration, StartJobing, FullStarted, IncreStarted, ChangeStarted],
            IncreStarted,
        ),
        path(
            "change_failed",
            "CHANGE_JOB_FAILED",
            0,
            &[Creating, Configuration, StartJobing, FullStarted, IncreStarted, ChangeStarted],
            ChangeFailed,
        ),
        path(
            "edited",
            "Somebody edits its objects.",
            0,
            &[
                Creating,
                Configuration,
                StartJobing,
                FullStarted,
                IncreStarted,
                ChildStarting,
                ChildStarted,
                ChildComplete,
                ReleaseChildStarted,
                ReleaseChildComplete,
            ],
            IncreStarted,
        ),
        path(
            "edit_failed",
            "CHILD_TRANSFER_FAILED",
            0,
            &[
                Creating,
                Configuration,
                StartJobing,
                FullStarted,
                IncreStarted,
                ChildStarting,
                ChildStarted,
            ],
            ChildFailed,
        ),
        path(
            "upgraded",
            "Its node is upgraded.",
            0,
            &[
                Creating,
                Configuration,
                StartJobing,
                FullStarted,
                IncreStarted,
                UpgradeStarted,
                UpgradeComplete,
            ],
            IncreStarted,
        ),
        path(
            "upgrade_failed",
            "NODE_UPGRADE_FAILED",
            0,
            &[Creating, Configuration, StartJobing, FullStarted, IncreStarted, UpgradeStarted],
            UpgradeFailed,
        ),
    ],
    transitions: &[Transition { operation: COMMIT, from: &[], to: Creating }],
};

impl WeighedLifecycle for TransferState {
    const SCHEMA_NAME: &'static str = "TransferOutcomes";
    const TABLE: &'static LifecycleTable<Self> = &TRANSFER;
}

const FULL: &str = "FULL_TRANS";
const INCREMENT: &str = "INCR_TRANS";
const FULL_AND_INCREMENT: &str = "FULL_INCR_TRANS";
pub(crate) const TASK_TYPES: &[&str] = &[FULL, FULL_AND_INCREMENT, INCREMENT];

fn passes(path: &PathRow<TransferState>, state: TransferState) -> bool {
    path.terminal == state || path.through.contains(&state)
}

/// The `task_type` of a generated job on the path.
pub(crate) fn task_type(path: &PathRow<TransferState>) -> &'static str {
    match (passes(path, FullStarted), passes(path, IncreStarted)) {
        (true, _) if path.terminal == FullComplete => FULL,
        (false, true) => INCREMENT,
        _ => FULL_AND_INCREMENT,
    }
}

/// Whether a job of that `task_type` can take the path. A job that starts passes WAITING_FOR_START
/// if, and only if, it has an appointment.
pub(crate) fn suits(path: &PathRow<TransferState>, kind: &str, has_appointment: bool) -> bool {
    let starts = passes(path, StartJobing);
    let fits_appointment = !starts || passes(path, WaitingForStart) == has_appointment;
    let fits_kind = match kind {
        FULL => !passes(path, IncreStarted),
        INCREMENT => !passes(path, FullStarted),
        _ => !starts || task_type(path) == FULL_AND_INCREMENT,
    };
    fits_appointment && fits_kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_type_has_paths_that_suit_it_with_and_without_an_appointment() {
        for kind in TASK_TYPES {
            let suiting = |has_appointment| {
                TRANSFER.paths.iter().filter(|path| suits(path, kind, has_appointment)).count()
            };
            assert!(suiting(false) >= 5, "{kind}");
            assert!(suiting(true) >= 2, "{kind}");
        }
        for path in TRANSFER.paths {
            let waits = path.through.contains(&WaitingForStart);
            assert!(suits(path, task_type(path), waits), "{}", path.key);
        }
    }

    #[test]
    fn every_state_is_on_a_path_and_has_its_own_row() {
        for (index, row) in TRANSFER.states.iter().enumerate() {
            assert_eq!(row.state.index(), index);
            assert_eq!(Some(row.state).index(), index);
            assert!(TRANSFER.paths.iter().any(|path| passes(path, row.state)), "{}", row.name);
        }
        assert_eq!(None::<TransferState>.index(), TRANSFER.states.len());
    }
}
