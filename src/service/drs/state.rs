//! The lives of a batch and of the jobs that its commit creates.
//!
//! The states are the vendor's. Which follows which is inferred: from the page of
//! CommitAsyncJob for the batch, from the meaning of the states for the others.

use crate::world::lifecycle::State;
use crate::world::machine::{CourseRow, Machine, Move, StateRow, Typical};
use crate::world::time::{DAY, HOUR, MINUTE, SECOND};

pub const CREATE: &str = "BatchCreateJobsAsync";
pub const UPDATE: &str = "UpdateBatchAsyncJobs";
pub const COMMIT: &str = "CommitAsyncJob";

pub const VALIDATING: State = 0;
pub const VALIDATE_FAILED: State = 1;
/// The parameters are right; a person has to commit the job.
pub const WAITING: State = 2;
pub const COMMITTED: State = 3;
/// Of the older set alone.
pub const CREATE_FAILED: State = 4;

const VALIDATION: Option<Typical> =
    Some(Typical { median: 20 * SECOND, p99: 3 * MINUTE, key: "jobs.validation" });
const WAIT: Option<Typical> =
    Some(Typical { median: 10 * MINUTE, p99: 2 * HOUR, key: "jobs.commit_after" });

const fn row(name: &'static str, stay: Option<Typical>) -> StateRow {
    StateRow { name, stay }
}

/// Vendor's page; huaweicloudsdkdrs since 3.1.44.
const ASYNC_STATES: [StateRow; 4] = [
    row("ASYNC_JOB_VALIDATING", VALIDATION),
    row("ASYNC_JOB_VALIDATE_FAILED", None),
    row("AUTO_PARAM_VALIDATE_SUCCESS", WAIT),
    row("COMMIT_SUCCESS", None),
];
/// huaweicloudsdkdrs before 3.1.44. That a job waiting for its commit was "creating" then is
/// inferred.
const LEGACY_STATES: [StateRow; 5] = [
    row("ASYNC_JOB_VALIDATING", VALIDATION),
    row("ASYNC_JOB_VALIDATE_FAILED", None),
    row("ASYNC_JOB_CREATING", WAIT),
    row("ASYNC_JOB_COMPLETED", None),
    row("ASYNC_JOB_CREATE_FAILED", None),
];
pub const STATUSES: &[&str] = &names(&ASYNC_STATES);
pub const LEGACY_STATUSES: &[&str] = &names(&LEGACY_STATES);

const fn names<const N: usize>(rows: &[StateRow; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut i = 0;
    while i < N {
        names[i] = rows[i].name;
        i += 1;
    }
    names
}

const FAILED_COURSE: CourseRow =
    CourseRow { key: "validate_failed", through: &[VALIDATING], rest: VALIDATE_FAILED, weight: 10 };
const WAITING_COURSE: CourseRow =
    CourseRow { key: "waiting", through: &[VALIDATING], rest: WAITING, weight: 15 };
const COMMITTED_ROW: CourseRow =
    CourseRow { key: "committed", through: &[VALIDATING, WAITING], rest: COMMITTED, weight: 75 };
/// The place of the course that ends with a commit.
pub const COMMITTED_COURSE: usize = 2;

const ASYNC_MOVES: &[Move] = &[
    Move { operation: CREATE, from: &[], to: VALIDATING },
    Move { operation: UPDATE, from: &[VALIDATE_FAILED, WAITING], to: VALIDATING },
    Move { operation: COMMIT, from: &[WAITING], to: COMMITTED },
];

pub static ASYNC_JOB: Machine = Machine {
    thing: "batch",
    states: &ASYNC_STATES,
    courses: &[FAILED_COURSE, WAITING_COURSE, COMMITTED_ROW],
    moves: ASYNC_MOVES,
};

/// The same life in the words of older SDKs, and an end that only exact paths come to.
pub static LEGACY_ASYNC_JOB: Machine = Machine {
    thing: "batch, older statuses",
    states: &LEGACY_STATES,
    courses: &[
        FAILED_COURSE,
        WAITING_COURSE,
        COMMITTED_ROW,
        CourseRow {
            key: "create_failed",
            through: &[VALIDATING, WAITING],
            rest: CREATE_FAILED,
            weight: 0,
        },
    ],
    moves: ASYNC_MOVES,
};

/// The states of the jobs that a commit creates.
pub mod transfer {
    use super::State;

    pub const CREATING: State = 0;
    pub const CREATE_FAILED: State = 1;
    pub const CONFIGURATION: State = 2;
    pub const STARTJOBING: State = 3;
    pub const WAITING_FOR_START: State = 4;
    pub const START_JOB_FAILED: State = 5;
    pub const PAUSING: State = 6;
    pub const FULL_STARTED: State = 7;
    pub const FULL_FAILED: State = 8;
    pub const FULL_COMPLETE: State = 9;
    pub const INCRE_STARTED: State = 10;
    pub const INCRE_FAILED: State = 11;
    pub const RELEASE_STARTED: State = 12;
    pub const RELEASE_FAILED: State = 13;
    pub const RELEASE_COMPLETE: State = 14;
    pub const REBUILD_STARTED: State = 15;
    pub const REBUILD_FAILED: State = 16;
    pub const CHANGE_STARTED: State = 17;
    pub const CHANGE_FAILED: State = 18;
    pub const DELETED: State = 19;
    pub const CHILD_STARTING: State = 20;
    pub const CHILD_STARTED: State = 21;
    pub const CHILD_COMPLETE: State = 22;
    pub const CHILD_FAILED: State = 23;
    pub const RELEASE_CHILD_STARTED: State = 24;
    pub const RELEASE_CHILD_COMPLETE: State = 25;
    pub const UPGRADE_STARTED: State = 26;
    pub const UPGRADE_COMPLETE: State = 27;
    pub const UPGRADE_FAILED: State = 28;
}

use transfer::*;

const fn stay(key: &'static str, median: u64, p99: u64) -> Option<Typical> {
    Some(Typical { median, p99, key })
}

const CHANGE: Option<Typical> = stay("transfers.change", 10 * MINUTE, HOUR);

/// huaweicloudsdkdrs 3.1.219 (JobDetailResp).
const TRANSFER_STATES: [StateRow; 29] = [
    row("CREATING", stay("transfers.creation", 3 * MINUTE, 10 * MINUTE)),
    row("CREATE_FAILED", None),
    row("CONFIGURATION", stay("transfers.configuration", 2 * MINUTE, 20 * MINUTE)),
    row("STARTJOBING", stay("transfers.start", MINUTE, 5 * MINUTE)),
    row("WAITING_FOR_START", stay("transfers.appointment", HOUR, 12 * HOUR)),
    row("START_JOB_FAILED", None),
    row("PAUSING", None),
    row("FULL_TRANSFER_STARTED", stay("transfers.full", 40 * MINUTE, 8 * HOUR)),
    row("FULL_TRANSFER_FAILED", None),
    row("FULL_TRANSFER_COMPLETE", None),
    row("INCRE_TRANSFER_STARTED", stay("transfers.increment", 12 * HOUR, 3 * DAY)),
    row("INCRE_TRANSFER_FAILED", None),
    row("RELEASE_RESOURCE_STARTED", stay("transfers.release", 2 * MINUTE, 10 * MINUTE)),
    row("RELEASE_RESOURCE_FAILED", None),
    row("RELEASE_RESOURCE_COMPLETE", stay("transfers.deletion", DAY, 3 * DAY)),
    row("REBUILD_NODE_STARTED", CHANGE),
    row("REBUILD_NODE_FAILED", None),
    row("CHANGE_JOB_STARTED", CHANGE),
    row("CHANGE_JOB_FAILED", None),
    row("DELETED", None),
    row("CHILD_TRANSFER_STARTING", CHANGE),
    row("CHILD_TRANSFER_STARTED", CHANGE),
    row("CHILD_TRANSFER_COMPLETE", CHANGE),
    row("CHILD_TRANSFER_FAILED", None),
    row("RELEASE_CHILD_TRANSFER_STARTED", CHANGE),
    row("RELEASE_CHILD_TRANSFER_COMPLETE", CHANGE),
    row("NODE_UPGRADE_START", CHANGE),
    row("NODE_UPGRADE_COMPLETE", CHANGE),
    row("NODE_UPGRADE_FAILED", None),
];
pub const TRANSFER_STATUSES: &[&str] = &names(&TRANSFER_STATES);

const fn course(
    key: &'static str,
    weight: u64,
    through: &'static [State],
    rest: State,
) -> CourseRow {
    CourseRow { key, through, rest, weight }
}

/// That a job configures and starts itself, with all that its creator said, is inferred.
/// What other operations of the vendor lead to happens to few or none, unless the scenario
/// says so.
pub static TRANSFER: Machine = Machine {
    thing: "job of a committed batch",
    states: &TRANSFER_STATES,
    courses: &[
        course("create_failed", 2, &[CREATING], transfer::CREATE_FAILED),
        course("configuration", 6, &[CREATING], CONFIGURATION),
        course("start_failed", 2, &[CREATING, CONFIGURATION, STARTJOBING], START_JOB_FAILED),
        course("full", 10, &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED], FULL_COMPLETE),
        course(
            "full_failed",
            4,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED],
            FULL_FAILED,
        ),
        course(
            "increment",
            40,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED],
            INCRE_STARTED,
        ),
        course("increment_only", 5, &[CREATING, CONFIGURATION, STARTJOBING], INCRE_STARTED),
        course(
            "appointed",
            3,
            &[CREATING, CONFIGURATION, WAITING_FOR_START, STARTJOBING, FULL_STARTED],
            INCRE_STARTED,
        ),
        course(
            "increment_failed",
            5,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED, INCRE_STARTED],
            INCRE_FAILED,
        ),
        course(
            "released",
            20,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED, INCRE_STARTED, RELEASE_STARTED],
            RELEASE_COMPLETE,
        ),
        course("release_failed", 0, &[CREATING, CONFIGURATION, RELEASE_STARTED], RELEASE_FAILED),
        course(
            "deleted",
            0,
            &[CREATING, CONFIGURATION, RELEASE_STARTED, RELEASE_COMPLETE],
            DELETED,
        ),
        course(
            "paused",
            2,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED, INCRE_STARTED],
            PAUSING,
        ),
        course(
            "rebuilt",
            1,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED, INCRE_STARTED, REBUILD_STARTED],
            INCRE_STARTED,
        ),
        course(
            "rebuild_failed",
            0,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED, INCRE_STARTED, REBUILD_STARTED],
            REBUILD_FAILED,
        ),
        course(
            "changed",
            0,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED, INCRE_STARTED, CHANGE_STARTED],
            INCRE_STARTED,
        ),
        course(
            "change_failed",
            0,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED, INCRE_STARTED, CHANGE_STARTED],
            CHANGE_FAILED,
        ),
        course(
            "edited",
            0,
            &[
                CREATING,
                CONFIGURATION,
                STARTJOBING,
                FULL_STARTED,
                INCRE_STARTED,
                CHILD_STARTING,
                CHILD_STARTED,
                CHILD_COMPLETE,
                RELEASE_CHILD_STARTED,
                RELEASE_CHILD_COMPLETE,
            ],
            INCRE_STARTED,
        ),
        course(
            "edit_failed",
            0,
            &[
                CREATING,
                CONFIGURATION,
                STARTJOBING,
                FULL_STARTED,
                INCRE_STARTED,
                CHILD_STARTING,
                CHILD_STARTED,
            ],
            CHILD_FAILED,
        ),
        course(
            "upgraded",
            0,
            &[
                CREATING,
                CONFIGURATION,
                STARTJOBING,
                FULL_STARTED,
                INCRE_STARTED,
                UPGRADE_STARTED,
                UPGRADE_COMPLETE,
            ],
            INCRE_STARTED,
        ),
        course(
            "upgrade_failed",
            0,
            &[CREATING, CONFIGURATION, STARTJOBING, FULL_STARTED, INCRE_STARTED, UPGRADE_STARTED],
            UPGRADE_FAILED,
        ),
    ],
    moves: &[Move { operation: COMMIT, from: &[], to: CREATING }],
};

/// The kind of transfer that a course is part of, as on the wire.
pub fn task_type(course: usize) -> &'static str {
    let Some(course) = TRANSFER.courses.get(course) else { return FULL_AND_INCREMENT };
    let passes = |state: State| course.rest == state || course.through.contains(&state);
    match (passes(FULL_STARTED), passes(INCRE_STARTED)) {
        (true, _) if course.rest == FULL_COMPLETE => FULL,
        (false, true) => INCREMENT,
        _ => FULL_AND_INCREMENT,
    }
}

/// Whether a job of that kind can take the course; it waits for its start if it has an
/// appointment, and only then.
pub fn suits(course: usize, kind: &str, appointed: bool) -> bool {
    let Some(row) = TRANSFER.courses.get(course) else { return false };
    let passes = |state: State| row.rest == state || row.through.contains(&state);
    let starts = passes(STARTJOBING);
    let in_time = !starts || passes(WAITING_FOR_START) == appointed;
    let of_kind = match kind {
        FULL => !passes(INCRE_STARTED),
        INCREMENT => !passes(FULL_STARTED),
        _ => !starts || task_type(course) == FULL_AND_INCREMENT,
    };
    in_time && of_kind
}

const FULL: &str = "FULL_TRANS";
const INCREMENT: &str = "INCR_TRANS";
const FULL_AND_INCREMENT: &str = "FULL_INCR_TRANS";
pub const TASK_TYPES: &[&str] = &[FULL, FULL_AND_INCREMENT, INCREMENT];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_transfer_has_courses_with_and_without_an_appointment_that_suit_it() {
        let count = TRANSFER.courses.len();
        for kind in TASK_TYPES {
            let suiting = |appointed| (0..count).filter(|&c| suits(c, kind, appointed)).count();
            assert!(suiting(false) >= 5, "{kind}");
            assert!(suiting(true) >= 2, "{kind}");
        }
        for course in 0..count {
            let row = &TRANSFER.courses[course];
            let waits = row.through.contains(&WAITING_FOR_START);
            assert!(suits(course, task_type(course), waits), "{}", row.key);
        }
    }

    #[test]
    fn every_state_is_on_a_course() {
        for (state, row) in TRANSFER.states.iter().enumerate() {
            let on = |course: &&CourseRow| course.rest == state || course.through.contains(&state);
            assert!(TRANSFER.courses.iter().any(|course| on(&course)), "{}", row.name);
        }
    }
}
