//! The states of a synchronization task, how they are spelt, and the courses it can take.

use super::scenario::Spelling;
use crate::world::lifecycle::State;

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

/// As DescribeSynchronizationJobStatusList lists them (doc comments of
/// alibabacloud-dts20200101 5.11.7).
pub const STATES: [&str; 10] = [
    "NotStarted",
    "Prechecking",
    "PrecheckFailed",
    "Initializing",
    "InitializeFailed",
    "Synchronizing",
    "Failed",
    "Suspending",
    "Modifying",
    "Finished",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    StatusList,
    Jobs,
}

pub fn spelt(state: State, operation: Operation, spelling: Spelling) -> &'static str {
    match (state, spelling, operation) {
        // The list of values on the page of DescribeSynchronizationJobs.
        (INITIALIZING, Spelling::Documented, Operation::Jobs) => "Initializating",
        // Older pages (document_detail/49453), and the samples of DescribeSynchronizationJobs.
        (INITIALIZING, Spelling::Older, _) => "Initializating",
        (SYNCHRONIZING, Spelling::Older, _) => "synchronizing",
        _ => STATES.get(state).copied().unwrap_or_default(),
    }
}

/// Whether incremental synchronization runs in this state; that it does not stop while
/// objects are changed is inferred.
pub fn is_incremental(state: State) -> bool {
    matches!(state, SYNCHRONIZING | MODIFYING)
}

/// Whether a task in this state has been synchronizing: all courses to it go through that.
pub fn was_incremental(state: State) -> bool {
    matches!(state, FAILED | SUSPENDING | FINISHED)
}

/// A way through the states.
pub struct Course {
    pub through: &'static [State],
    pub rest: State,
}

/// In the order of the weights in `dts.jobs.outcomes`. Which state follows which is the
/// vendor's where its pages say so (Start and Suspend), else inferred.
pub const COURSES: [Course; 9] = [
    Course { through: &[NOT_STARTED, PRECHECKING, INITIALIZING], rest: SYNCHRONIZING },
    Course {
        through: &[NOT_STARTED, PRECHECKING, INITIALIZING, SYNCHRONIZING, MODIFYING],
        rest: SYNCHRONIZING,
    },
    Course { through: &[NOT_STARTED, PRECHECKING, INITIALIZING, SYNCHRONIZING], rest: MODIFYING },
    Course { through: &[NOT_STARTED, PRECHECKING, INITIALIZING, SYNCHRONIZING], rest: SUSPENDING },
    Course { through: &[NOT_STARTED, PRECHECKING, INITIALIZING, SYNCHRONIZING], rest: FAILED },
    Course { through: &[NOT_STARTED, PRECHECKING, INITIALIZING, SYNCHRONIZING], rest: FINISHED },
    Course { through: &[NOT_STARTED, PRECHECKING], rest: PRECHECK_FAILED },
    Course { through: &[NOT_STARTED, PRECHECKING, INITIALIZING], rest: INITIALIZE_FAILED },
    Course { through: &[], rest: NOT_STARTED },
];

/// What is copied before incremental synchronization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Initialization {
    pub structure: bool,
    pub data: bool,
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

pub fn course_of(path: usize) -> &'static Course {
    &COURSES[path / INITIALIZATIONS.len() % COURSES.len()]
}

pub fn initialization_of(path: usize) -> Initialization {
    let initialization = INITIALIZATIONS[path % INITIALIZATIONS.len()];
    let nothing = !initialization.structure && !initialization.data;
    if nothing && course_of(path).rest == INITIALIZE_FAILED {
        // What fails must have been tried.
        INITIALIZATIONS[0]
    } else {
        initialization
    }
}

/// The states a path passes through: none initializes where there is nothing to initialize
/// (inferred).
pub fn through(path: usize) -> impl Iterator<Item = State> {
    let Initialization { structure, data } = initialization_of(path);
    let skipped = move |state| state == INITIALIZING && !structure && !data;
    course_of(path).through.iter().copied().filter(move |&state| !skipped(state))
}
