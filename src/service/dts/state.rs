//! The life of a synchronization task, one direction of an instance; how each operation
//! spells its states; and what is copied before incremental synchronization.

use super::quirks::Spelling;
use crate::world::lifecycle::State;
use crate::world::machine::{CourseRow, Machine, Move, StateRow, Typical};
use crate::world::time::{DAY, HOUR, MINUTE, SECOND};

pub const NOT_STARTED: State = 0;
pub const PRECHECKING: State = 1;
pub const PRECHECK_FAILED: State = 2;
pub const INITIALIZING: State = 3;
pub const INITIALIZE_FAILED: State = 4;
pub const SYNCHRONIZING: State = 5;
pub const FAILED: State = 6;
/// "Paused": a state of rest, whatever its name says.
pub const SUSPENDING: State = 7;
pub const MODIFYING: State = 8;
pub const FINISHED: State = 9;
/// The legacy operations have no word for these three.
pub const NOT_CONFIGURED: State = 10;
pub const PRECHECK_PASS: State = 11;
pub const RETRYING: State = 12;

const ALL: &[State] = &[
    NOT_STARTED,
    PRECHECKING,
    PRECHECK_FAILED,
    INITIALIZING,
    INITIALIZE_FAILED,
    SYNCHRONIZING,
    FAILED,
    SUSPENDING,
    MODIFYING,
    FINISHED,
    NOT_CONFIGURED,
    PRECHECK_PASS,
    RETRYING,
];

pub const CREATE: &str = "CreateSynchronizationJob";
pub const CONFIGURE: &str = "ConfigureSynchronizationJob";
pub const START: &str = "StartSynchronizationJob";
pub const SUSPEND: &str = "SuspendSynchronizationJob";
pub const RESET: &str = "ResetSynchronizationJob";
pub const DELETE: &str = "DeleteSynchronizationJob";

/// The first ten states are those that DescribeSynchronizationJobStatusList lists, the last
/// three only DescribeDtsJobs and DescribeDtsJobDetail (doc comments of
/// alibabacloud-dts20200101 5.11.7). Where Start and Suspend are allowed is on the vendor's
/// pages, and that Start also follows a failed precheck; the rest is inferred.
pub static TASK: Machine = Machine {
    thing: "synchronization task",
    states: &[
        stays("NotStarted", 30 * SECOND, 10 * MINUTE, "jobs.waiting"),
        stays("Prechecking", 90 * SECOND, 8 * MINUTE, "jobs.precheck"),
        rests("PrecheckFailed"),
        stays("Initializing", 20 * MINUTE, 6 * HOUR, "jobs.initialization"),
        rests("InitializeFailed"),
        stays("Synchronizing", 12 * HOUR, 4 * DAY, "jobs.synchronization"),
        rests("Failed"),
        rests("Suspending"),
        stays("Modifying", 3 * MINUTE, 30 * MINUTE, "jobs.modification"),
        rests("Finished"),
        rests("NotConfigured"),
        stays("PreCheckPass", 2 * SECOND, 5 * SECOND, "jobs.passed"),
        stays("Retrying", MINUTE, 30 * MINUTE, "jobs.retry"),
    ],
    courses: COURSES,
    moves: &[
        Move { operation: CREATE, from: &[], to: NOT_CONFIGURED },
        Move { operation: CONFIGURE, from: &[NOT_CONFIGURED, NOT_STARTED], to: PRECHECKING },
        Move { operation: START, from: &[NOT_STARTED, PRECHECK_FAILED], to: PRECHECKING },
        Move { operation: START, from: &[FAILED, SUSPENDING], to: SYNCHRONIZING },
        // Where it retries, the legacy operations say that it synchronizes.
        Move { operation: SUSPEND, from: &[SYNCHRONIZING, RETRYING], to: SUSPENDING },
        Move { operation: RESET, from: ALL, to: NOT_CONFIGURED },
        Move { operation: DELETE, from: ALL, to: FINISHED },
    ],
};

const fn rests(name: &'static str) -> StateRow {
    StateRow { name, stay: None }
}

const fn stays(name: &'static str, median: u64, p99: u64, key: &'static str) -> StateRow {
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

/// In the order of the weights in `dts.jobs.outcomes`.
const COURSES: &[CourseRow] = &[
    course("synchronizing", UNTIL_INITIALIZED, SYNCHRONIZING, 70),
    course(
        "modified",
        &[NOT_STARTED, PRECHECKING, INITIALIZING, SYNCHRONIZING, MODIFYING],
        SYNCHRONIZING,
        4,
    ),
    course("modifying", UNTIL_SYNCHRONIZING, MODIFYING, 1),
    course("suspending", UNTIL_SYNCHRONIZING, SUSPENDING, 8),
    course("failed", UNTIL_SYNCHRONIZING, FAILED, 6),
    course("finished", UNTIL_SYNCHRONIZING, FINISHED, 4),
    course("precheck_failed", &[NOT_STARTED, PRECHECKING], PRECHECK_FAILED, 3),
    course("initialize_failed", UNTIL_INITIALIZED, INITIALIZE_FAILED, 2),
    course("not_started", &[], NOT_STARTED, 2),
    course("uninitialized", &[NOT_STARTED, PRECHECKING], SYNCHRONIZING, 0),
    course("passed", &[NOT_STARTED, PRECHECKING, PRECHECK_PASS, INITIALIZING], SYNCHRONIZING, 0),
    course("retried", UNTIL_RETRYING, SYNCHRONIZING, 0),
    course("given_up", UNTIL_RETRYING, FAILED, 0),
];
const UNTIL_INITIALIZED: &[State] = &[NOT_STARTED, PRECHECKING, INITIALIZING];
const UNTIL_SYNCHRONIZING: &[State] = &[NOT_STARTED, PRECHECKING, INITIALIZING, SYNCHRONIZING];
const UNTIL_RETRYING: &[State] = &[NOT_STARTED, PRECHECKING, INITIALIZING, SYNCHRONIZING, RETRYING];

/// A course that passes by the initialization, whatever there is to copy.
const UNINITIALIZED: usize = 9;

/// The courses, by their places, of a task that a client starts and then leaves alone:
/// nobody else pauses it, changes its objects or ends it (inferred).
pub const ALONE: [usize; 4] = [0, 4, 6, 7];

/// Whose answer a state stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    StatusList,
    Jobs,
    Status,
    DtsJobs,
    DtsJobDetail,
}

impl Speaker {
    fn legacy(self) -> bool {
        matches!(self, Self::StatusList | Self::Jobs | Self::Status)
    }
}

/// What the legacy operations call the states that they have no word for (inferred).
fn in_legacy_words(state: State) -> State {
    match state {
        NOT_CONFIGURED => NOT_STARTED,
        PRECHECK_PASS => PRECHECKING,
        RETRYING => SYNCHRONIZING,
        state => state,
    }
}

/// Doc comments of alibabacloud-dts20200101 5.11.7, for each operation; the older spelling
/// is that of older pages (document_detail/49453) and of the samples of
/// DescribeSynchronizationJobs.
pub fn spelt(state: State, speaker: Speaker, spelling: Spelling) -> &'static str {
    let state = if speaker.legacy() { in_legacy_words(state) } else { state };
    match (state, speaker, spelling) {
        (_, _, Spelling::Modern) => TASK.name(state),
        (_, Speaker::Status, _) => in_lower_camel_case(state),
        (INITIALIZING, Speaker::Jobs, _) => "Initializating",
        (SYNCHRONIZING, Speaker::DtsJobDetail, _) => "synchronizing",
        (INITIALIZING, Speaker::StatusList, Spelling::Older) => "Initializating",
        (SYNCHRONIZING, _, Spelling::Older) => "synchronizing",
        _ => TASK.name(state),
    }
}

/// DescribeSynchronizationJobStatus.
fn in_lower_camel_case(state: State) -> &'static str {
    const NAMES: [&str; 10] = [
        "notStarted",
        "prechecking",
        "precheckFailed",
        "initializating",
        "initializeFailed",
        "synchronizing",
        "failed",
        "suspending",
        "modifying",
        "finished",
    ];
    NAMES.get(state).copied().unwrap_or_default()
}

/// Whether incremental synchronization runs in this state; that it does not stop while
/// objects are changed is inferred.
pub fn is_incremental(state: State) -> bool {
    matches!(state, SYNCHRONIZING | MODIFYING)
}

/// Whether a task in this state may have been synchronizing: it has if its way led through
/// that.
pub fn was_incremental(state: State) -> bool {
    matches!(state, FAILED | SUSPENDING | FINISHED | RETRYING)
}

/// What is copied before incremental synchronization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Initialization {
    pub structure: bool,
    pub data: bool,
}

impl Initialization {
    pub fn is_nothing(self) -> bool {
        !self.structure && !self.data
    }
}

/// In the order of the weights in `dts.jobs.copies`.
pub const INITIALIZATIONS: [Initialization; 4] = [
    Initialization { structure: true, data: true },
    Initialization { structure: true, data: false },
    Initialization { structure: false, data: true },
    Initialization { structure: false, data: false },
];

/// A path of the life-cycle is a course with an initialization. Paths are numbered so that
/// one choice of the deck can say both.
pub const PATHS: usize = COURSES.len() * INITIALIZATIONS.len();

pub fn course_of(path: usize) -> &'static CourseRow {
    &COURSES[path / INITIALIZATIONS.len() % COURSES.len()]
}

pub fn initialization_of(path: usize) -> Initialization {
    let initialization = INITIALIZATIONS[path % INITIALIZATIONS.len()];
    if path / INITIALIZATIONS.len() == UNINITIALIZED {
        Initialization::default()
    } else if initialization.is_nothing() && course_of(path).rest == INITIALIZE_FAILED {
        // What fails must have been tried.
        INITIALIZATIONS[0]
    } else {
        initialization
    }
}

/// The states a path passes through: none initializes where there is nothing to initialize
/// (inferred).
pub fn through(path: usize) -> impl Iterator<Item = State> {
    let nothing = initialization_of(path).is_nothing();
    let skipped = move |state| nothing && matches!(state, INITIALIZING | PRECHECK_PASS);
    course_of(path).through.iter().copied().filter(move |&state| !skipped(state))
}
