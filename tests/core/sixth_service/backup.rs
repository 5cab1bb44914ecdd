//! A backup service that no vendor has, as docs/adding-a-service.md says to write one.

use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::{
    Call, Event, Evidence, HandlerResult, Operation, OperationInfo, ReadRules, Route, RoutedCall,
    Service,
};
use crate::fault::RequestedPage;
use crate::scenario::Base;
use crate::scenario::path_weights::{PathWeights, WeighedLifecycle};
use crate::scenario::population::{ArrivalsTable, check_weights};
use crate::scenario::prescribed_path::PathReader;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::spread::Spread;
use crate::scenario::value::Length;
use crate::vendors::huawei::Huawei;
use crate::wire::Arguments;
use crate::wire::error::{ApiError, ErrorEntry, Reason, ResourceKind, VendorError};
use crate::world::draw::Stream;
use crate::world::ids::IdCodec;
use crate::world::lifecycle::{Lifecycle, LifecycleStatus, State};
use crate::world::lifecycle_table::{
    DescribeLifecycle, LifecycleTable, PathRow, StateRow, Transition, TypicalDwell,
};
use crate::world::population::{Member, Population, Traces};
use crate::world::sampler::StratifiedSampler;
use crate::world::selection::{Filter, Selection};
use crate::world::shared_map::SharedMap;
use crate::world::time::{MINUTE, Timestamp};

/// A made-up service of Huawei Cloud.
pub(crate) struct Backup;

type BackupCall<'a> = Call<'a, Backup>;
type BackupResult = HandlerResult<Backup>;
type View<'a> = crate::engine::View<'a, Backup>;

const LIST: &str = "ListBackupJobs";
const CANCEL: &str = "CancelBackupJob";
const JOB: ResourceKind = ResourceKind("backup job");

// The life-cycle.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BackupState {
    Running,
    Done,
    Cancelled,
}
use BackupState::{Cancelled, Done, Running};

impl State for BackupState {
    fn index(self) -> usize {
        self as usize
    }
}

static JOBS: LifecycleTable<BackupState> = LifecycleTable {
    entity: "backup job",
    states: &[
        StateRow {
            state: Running,
            name: "RUNNING",
            dwell: Some(TypicalDwell { median: MINUTE, p99: 9 * MINUTE, key: "duration" }),
        },
        StateRow { state: Done, name: "DONE", dwell: None },
        StateRow { state: Cancelled, name: "CANCELLED", dwell: None },
    ],
    paths: &[
        PathRow { key: "done", about: "It ends.", through: &[Running], terminal: Done, weight: 9 },
        PathRow {
            key: "endless",
            about: "It never ends.",
            through: &[],
            terminal: Running,
            weight: 1,
        },
    ],
    transitions: &[Transition { operation: CANCEL, from: &[Running], to: Cancelled }],
};

impl WeighedLifecycle for BackupState {
    const SCHEMA_NAME: &'static str = "BackupOutcomes";
    const TABLE: &'static LifecycleTable<Self> = &JOBS;
}

// The section of the scenario file, and the plan.

/// A backup service: the jobs of one project.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BackupSection {
    /// How many jobs there are at the start.
    count: u64,
    /// One more job each such time.
    every: Option<Length>,
    /// How long a job runs.
    duration: Option<Spread>,
    /// Weights of what becomes of jobs.
    outcomes: Option<PathWeights<BackupState>>,
}

#[derive(Debug)]
pub(crate) struct BackupPlan {
    jobs: Population<(), BackupState>,
    ids: IdCodec,
}

const STREAM: Stream = Stream::named("backup.job");

impl BackupSection {
    fn plan(self, base: &Base, path: DocumentPath, problems: &mut Vec<Problem>) -> BackupPlan {
        let arrivals =
            ArrivalsTable { count: self.count, every: self.every, over: None, start: None };
        let arrivals = arrivals.arrivals(base, STREAM, &path, problems);
        let outcomes = PathWeights::or_default(self.outcomes.as_ref());
        check_weights(&outcomes, path.key("outcomes"), problems);
        let duration = self.duration.unwrap_or(Spread::default_dwell(&JOBS, Running)).quantiles();
        let default_dwell = |state| (state == Running).then(|| duration.clone());
        let reader = PathReader { table: &JOBS, default_dwell: &default_dwell };
        let lifecycle = Lifecycle::new(base.seed, STREAM.of(1), reader.generated());
        let sampler = StratifiedSampler::new(base.seed, STREAM.of(2), &[outcomes]);
        BackupPlan {
            jobs: Population::new(arrivals, sampler, 0, lifecycle, Vec::new()),
            ids: IdCodec::new(base.seed, STREAM.of(3)),
        }
    }
}

// Changes by clients.

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BackupEvent {
    Cancel { job_id: String },
}

impl Event for BackupEvent {}

#[derive(Clone, Debug, Default)]
pub(crate) struct BackupProjection {
    traces: Traces,
    cancelled: SharedMap<Member, Timestamp>,
}

// The job.

#[derive(Serialize)]
struct BackupJobRow {
    job_id: String,
    status: &'static str,
    create_time: String,
}

fn find(view: &View<'_>, id: &str) -> Option<Member> {
    let index = view.plan.ids.uuid_index(id)?;
    view.plan.jobs.member(index, &view.projection.traces, view.now)
}

fn status(view: &View<'_>, member: Member) -> Option<LifecycleStatus<BackupState>> {
    if let Some(&since) = view.projection.cancelled.get(&member) {
        return Some(LifecycleStatus::terminal(Cancelled, since));
    }
    let Member::Synthetic(index) = member else { return None };
    Some(view.plan.jobs.status(index, view.now))
}

fn row(view: &View<'_>, member: Member) -> Option<BackupJobRow> {
    let Member::Synthetic(index) = member else { return None };
    Some(BackupJobRow {
        job_id: view.plan.ids.uuid(index),
        status: JOBS.name(status(view, member)?.state),
        create_time: view.plan.jobs.arrivals.born(index).iso_seconds(),
    })
}

// The operations.

#[derive(Serialize)]
struct ListBackupJobsResponse {
    jobs: Vec<BackupJobRow>,
    total_count: u64,
}

struct ListBackupJobsQuery {
    offset: u64,
    limit: u64,
    status: Option<BackupState>,
}

impl ListBackupJobsQuery {
    fn from_arguments(arguments: &Arguments<'_>) -> Result<Self, ApiError> {
        let offset = arguments.whole("offset", 0..=i64::MAX)?.unwrap_or(0);
        let limit = arguments.whole("limit", 1..=100)?.unwrap_or(10);
        let status = arguments.one_of("status", &["RUNNING", "DONE", "CANCELLED"])?;
        Ok(Self {
            offset: offset.unsigned_abs(),
            limit: limit.unsigned_abs(),
            status: status.and_then(|name| JOBS.named(name)),
        })
    }
}

fn requested_page(_: &BackupPlan, arguments: &Arguments<'_>) -> RequestedPage {
    let query = ListBackupJobsQuery::from_arguments(arguments);
    query.map_or(RequestedPage::FIRST, |query| RequestedPage::at_offset(query.offset, query.limit))
}

fn list_backup_jobs(call: &BackupCall<'_>) -> BackupResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let query = ListBackupJobsQuery::from_arguments(call.arguments())?;
    let single = |member| {
        let state = status(&view, member).map(|status| status.state);
        query.status.is_none() || query.status == state
    };
    let filter =
        Filter { row: None, state: query.status, from: None, until: None, single: &single };
    let jobs = Selection::new(&view.plan.jobs, &view.projection.traces, &filter, view.now);
    let total_count = jobs.total();
    let page = query.offset..query.offset.saturating_add(query.limit).min(total_count);
    let rows = page.filter_map(|index| row(&view, jobs.nth_newest(index)?)).collect();
    call.render(&ListBackupJobsResponse { jobs: rows, total_count })
}

fn cancel_backup_job(call: &BackupCall<'_>) -> BackupResult {
    let view = call.view();
    let id = call.arguments().text("job_id").unwrap_or_default();
    let found = find(&view, id).and_then(|member| Some((member, status(&view, member)?)));
    let (member, status) = found.ok_or_else(|| ApiError::not_found(JOB, id))?;
    if JOBS.transition(CANCEL, status.state).is_none() {
        let allowed = JOBS.allowed(CANCEL);
        return Err(ApiError::wrong_state(JOB, id, JOBS.name(status.state), &allowed));
    }
    let answer = call.render(&row(&view, member))?;
    Ok(answer.recording(BackupEvent::Cancel { job_id: id.to_owned() }))
}

// The service.

const UNKNOWN_JOB: ErrorEntry = ErrorEntry {
    status: 404,
    code: "BACKUP.0404",
    message: "The backup job does not exist.",
    chinese: None,
    trigger: "an unknown job_id",
};
const WRONG_STATE: ErrorEntry = ErrorEntry {
    status: 409,
    code: "BACKUP.0409",
    message: "The backup job has ended.",
    chinese: None,
    trigger: "CancelBackupJob of a job that is done",
};

impl Service for Backup {
    type Dialect = Huawei;
    type Section = BackupSection;
    type Plan = BackupPlan;
    type Event = BackupEvent;
    type Projection = BackupProjection;

    const NAME: &'static str = "backup";
    const TITLE: &'static str = "A backup service";
    const PRODUCT: &'static str = "BACKUP";
    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation::paged(
            OperationInfo {
                name: LIST,
                summary: "Lists backup jobs",
                route: Route::Path {
                    method: Method::GET,
                    template: "/v1/{project_id}/backup-jobs",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "offset", "limit", "status"],
            },
            requested_page,
            list_backup_jobs,
        ),
        Operation::new(
            OperationInfo {
                name: CANCEL,
                summary: "Cancels a backup job",
                route: Route::Path {
                    method: Method::POST,
                    template: "/v1/{project_id}/backup-jobs/{job_id}/cancel",
                },
                evidence: Evidence::Documented,
                public: false,
                parameters: &["project_id", "job_id"],
            },
            cancel_backup_job,
        ),
    ];
    const LIFECYCLES: &'static [&'static dyn DescribeLifecycle] = &[&JOBS];
    const ERRORS: &'static [ErrorEntry] = &[UNKNOWN_JOB, WRONG_STATE];

    fn plan(
        section: BackupSection,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> BackupPlan {
        section.plan(base, path, problems)
    }

    fn apply(
        projection: &mut BackupProjection,
        plan: &BackupPlan,
        _ordinal: u64,
        at: Timestamp,
        BackupEvent::Cancel { job_id }: &BackupEvent,
    ) {
        let view = View { plan, projection: &*projection, now: at };
        if let Some(member) = find(&view, job_id) {
            projection.traces.touch(member);
            projection.cancelled.insert(member, at);
        }
    }

    fn vendor_error(_: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError> {
        match reason {
            Reason::NotFound { kind: JOB, .. } => {
                Some(VendorError::from_entry(&UNKNOWN_JOB, false, ""))
            }
            Reason::WrongState { .. } => Some(VendorError::from_entry(&WRONG_STATE, false, "")),
            _ => None,
        }
    }

    fn read_rules(_: &BackupPlan) -> ReadRules {
        ReadRules::default()
    }
}
