//! A row of DescribeSynchronizationJobs.
//!
//! Fields are in the order of the sample on the vendor's page; those that only its table
//! and the SDK's model (alibabacloud-dts20200101 5.11.7) have, follow.

use std::borrow::Cow;

use serde::Serialize;

use super::job::{CLASSES, Job, PRE_PAID, Tag, Task};
use super::scenario::{InitializationStatus, Plan};
use super::state::{
    self, FAILED, FINISHED, INITIALIZE_FAILED, INITIALIZING, NOT_STARTED, Operation,
    PRECHECK_FAILED, PRECHECKING, spelt,
};
use super::subject::{Engine, MYSQL};
use crate::world::draw::{Draws, Stream, draw};
use crate::world::time::{CHINA_OFFSET, DAY, MINUTE, SECOND, Timestamp};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Row<'p> {
    status: &'static str,
    synchronization_objects: Vec<Schema>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_initialization_status: Option<Stage>,
    synchronization_job_name: &'p str,
    /// China time.
    create_time: String,
    pay_type: &'static str,
    /// A text of seconds; -1 before incremental synchronization (seen by users).
    delay: String,
    precheck_status: Precheck,
    synchronization_job_id: Cow<'p, str>,
    /// Documented as a text; the sample shows the bare literal, as with `Success` elsewhere.
    data_initialization: bool,
    destination_endpoint: Endpoint,
    source_endpoint: Endpoint,
    structure_initialization: bool,
    /// Subscriptions have it (vendor's page).
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_time: Option<String>,
    performance: Performance,
    synchronization_job_class: &'static str,
    tags: Vec<Tag<'p>>,
    /// Discontinued, and empty in the sample.
    data_synchronization_status: Discontinued,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_initialization_status: Option<Stage>,
    synchronization_direction: &'static str,
    job_create_time: String,
    instance_create_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

#[derive(Serialize)]
struct Discontinued {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Schema {
    table_includes: Vec<Table>,
    table_excludes: Vec<Table>,
    schema_name: &'static str,
    new_schema_name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Table {
    table_name: &'static str,
}

/// All numbers are texts.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Stage {
    status: &'static str,
    progress: String,
    percent: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Precheck {
    /// `Success` or `Failed` by the page's table (its sample has `Finished`); absent before
    /// the end (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    percent: String,
    detail: Vec<Check>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Check {
    check_status: &'static str,
    item_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair_method: Option<&'static str>,
}

/// The sample's endpoints are instances and have no address, port and account.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    instance_id: String,
    instance_type: &'static str,
    engine_name: &'static str,
    #[serde(rename = "IP", skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
struct Performance {
    rps: String,
    /// `0.00MB/s` in the sample, in spite of the table's plain number.
    flow: String,
}

const SOURCE: Stream = Stream::named("dts.source");
const DESTINATION: Stream = Stream::named("dts.destination");
const AMOUNTS: Stream = Stream::named("dts.amounts");
const CHECKS: Stream = Stream::named("dts.checks");
const CAUSES: Stream = Stream::named("dts.cause");
const PERFORMANCE: Stream = Stream::named("dts.performance");
const TIMES: Stream = Stream::named("dts.times");

pub fn row<'p>(plan: &'p Plan, job: Job<'p>, now: Timestamp) -> Row<'p> {
    let task = job.forward;
    let subject = job.subject;
    let table = |&table_name: &&'static str| Table { table_name };
    let [structure, data] = initialization(plan, &job);
    let mut times = Draws::new(plan.seed, TIMES, job.index);
    // The instance is bought first and configured then, so it is the older of the two.
    let bought = job.created.minus(times.between(10 * SECOND, 3 * MINUTE));
    let months = [1, 3, 6, 12][times.below(4) as usize % 4];
    Row {
        status: spelt(task.state, Operation::Jobs, plan.quirks.spelling),
        synchronization_objects: vec![Schema {
            table_includes: subject.tables.iter().map(table).collect(),
            table_excludes: vec![],
            schema_name: subject.schema,
            new_schema_name: subject.schema,
        }],
        data_initialization_status: data,
        synchronization_job_name: job.name,
        create_time: Timestamp::from_millis(job.created.seconds() * 1_000).china_datetime(),
        pay_type: job.pay_type,
        delay: delay(task, now).to_string(),
        precheck_status: precheck(plan, &job),
        data_initialization: job.initialization.data,
        destination_endpoint: endpoint(plan, &subject.destination, DESTINATION, job.index),
        source_endpoint: endpoint(plan, &subject.source, SOURCE, job.index),
        structure_initialization: job.initialization.structure,
        expire_time: (job.pay_type == PRE_PAID)
            .then(|| expiry(bought, months * 30 * DAY, now).iso_seconds()),
        performance: performance(plan, &job, now),
        synchronization_job_class: job.class,
        data_synchronization_status: Discontinued {},
        structure_initialization_status: structure,
        synchronization_direction: "Forward",
        job_create_time: job.created.iso_seconds(),
        instance_create_time: bought.iso_seconds(),
        error_message: error_message(plan, &job),
        synchronization_job_id: job.id,
        tags: job.tags,
    }
}

/// What a failed job says of itself: what the scenario gave it, or one of the causes.
fn error_message(plan: &Plan, job: &Job<'_>) -> Option<String> {
    let failed = matches!(job.forward.state, FAILED | INITIALIZE_FAILED);
    let given = job.error_message.map(str::to_owned);
    let cause = || plan.causes.pick(draw(plan.seed, CAUSES, job.index)).message.clone();
    given.or_else(|| failed.then(cause))
}

/// Seconds. It grows once a job has stopped before its end.
fn delay(task: Task, now: Timestamp) -> i64 {
    match task.checkpoint {
        None => -1,
        Some(_) if task.state == FINISHED => 0,
        Some(checkpoint) => now.seconds().saturating_sub(checkpoint).max(0),
    }
}

/// The states of copying the structure and the data, one after the other.
fn initialization(plan: &Plan, job: &Job<'_>) -> [Option<Stage>; 2] {
    let Task { state, progress, .. } = job.forward;
    let gone = plan.quirks.initialization_status == InitializationStatus::Vanish;
    if gone && (state::is_incremental(state) || state::was_incremental(state)) {
        return [None, None];
    }
    // In thousandths. Copying the structure is a tenth of the work, where there is data too.
    let done = match state {
        NOT_STARTED | PRECHECKING | PRECHECK_FAILED => 0,
        INITIALIZING | INITIALIZE_FAILED => progress,
        _ => 1000,
    };
    let (structure, data) = match (job.initialization.structure, job.initialization.data) {
        (true, true) => ((done * 10).min(1000), done.saturating_sub(100) * 10 / 9),
        (structure, data) => (done * u64::from(structure), done * u64::from(data)),
    };
    let before = matches!(state, NOT_STARTED | PRECHECKING | PRECHECK_FAILED);
    let failed = state == INITIALIZE_FAILED;
    let mut amounts = Draws::new(plan.seed, AMOUNTS, job.index);
    let tables = match job.subject.tables.len() as u64 {
        0 => amounts.between(3, 80),
        some => some,
    };
    let rows = tables * amounts.between(100, 1_000) * amounts.between(1, 1_000);
    let stage = |wanted: bool, begun: bool, thousandths: u64, whole: u64| {
        let status = match (wanted && begun && !before, thousandths) {
            (false, _) => "NotStarted",
            (true, 1000) => "Finished",
            (true, _) if failed => "Failed",
            (true, _) => "Migrating",
        };
        Stage {
            status,
            progress: (whole * thousandths / 1000).to_string(),
            percent: (thousandths / 10).to_string(),
            error_message: (status == "Failed").then(|| error_message(plan, job)).flatten(),
        }
    };
    let structure_is_done = !job.initialization.structure || structure == 1000;
    [
        Some(stage(job.initialization.structure, true, structure, tables)),
        Some(stage(job.initialization.data, structure_is_done, data, rows)),
    ]
}

/// The items of a precheck between two MySQL (sample on the vendor's page, its slip of the
/// pen included), and whether only MySQL has them (inferred).
const ITEMS: [(&str, bool); 16] = [
    ("CHECK_CONN_SRC", false),
    ("CHECK_AUTH_SRC", false),
    ("CHECK_CONN_DEST", false),
    ("CHECK_AUTH_DEST", false),
    ("CHECK_BINLOG_ON", true),
    ("CHECK_BINLOG_MODE", true),
    ("CHECK_BINLOG_ROW_IMAGE", true),
    ("CHECK_SERVER_ID", true),
    ("CHECK_BINLOG_EXIST", true),
    ("CHECK_ENGINE", true),
    ("CHECK_MYSQL_PASSOWRD_FORMAT", true),
    ("CHECK_SRC", false),
    ("CHECK_SAME_OBJ", false),
    ("CHECK_SQL_MODE", true),
    ("CHECK_SAME_USER", false),
    ("CHECK_TOPOLOGY", false),
];

/// The item that fails, what it says, and the repair method. The form of the first two
/// texts and the second repair method are the vendor's samples, the rest is inferred.
const FAULTS: [(&str, &str, &str); 3] = [
    (
        "CHECK_CONN_SRC",
        "Original error: Access denied for user \"dtstest\"@\"100.104.72.15\" (using password: YES)",
        "CHECK_ERROR_SRC_CONN_REPAIR2",
    ),
    (
        "CHECK_CONN_DEST",
        "Original error: Access denied for user \"dtstest\"@\"100.104.72.15\" (using password: YES)",
        "CHECK_ERROR_DEST_CONN_REPAIR2",
    ),
    (
        "CHECK_SAME_OBJ",
        "Objects with the same names exist in the destination database",
        "CHECK_ERROR_SAME_OBJ_REPAIR",
    ),
];

fn precheck(plan: &Plan, job: &Job<'_>) -> Precheck {
    let Task { state, progress, .. } = job.forward;
    let mysql = job.subject.source.name == MYSQL.name;
    let items = || ITEMS.into_iter().filter(|&(_, only_mysql)| mysql || !only_mysql);
    let thousandths = match state {
        NOT_STARTED => 0,
        PRECHECKING => progress.min(999),
        _ => 1000,
    };
    let count = items().count() * thousandths as usize / 1000;
    let choice = Draws::new(plan.seed, CHECKS, job.index).below(FAULTS.len() as u64) as usize;
    let fault = (state == PRECHECK_FAILED).then(|| FAULTS[choice % FAULTS.len()]);
    let check = |(item_name, _)| match fault {
        Some((item, error, repair)) if item == item_name => Check {
            check_status: "Failed",
            item_name,
            error_message: Some(error),
            repair_method: Some(repair),
        },
        _ => Check { check_status: "Success", item_name, error_message: None, repair_method: None },
    };
    Precheck {
        status: (thousandths == 1000).then(|| if fault.is_some() { "Failed" } else { "Success" }),
        percent: (thousandths / 10).to_string(),
        detail: items().take(count).map(check).collect(),
    }
}

fn endpoint(plan: &Plan, engine: &Engine, stream: Stream, index: u64) -> Endpoint {
    let mut draws = Draws::new(plan.seed, stream.of(1), index);
    let own = engine.self_managed;
    Endpoint {
        instance_id: engine.instance_id(plan.seed, stream, index),
        instance_type: engine.instance_type,
        engine_name: engine.name,
        ip: own.then(|| format!("172.16.{}.{}", draws.below(256), draws.between(2, 254))),
        port: own.then_some(engine.port),
        user_name: own.then_some("dtstest"),
    }
}

/// Records a second that the classes are made for (vendor's page on link specifications).
const RECORDS: [u64; CLASSES.len()] = [200, 2_000, 5_000, 11_000];

/// New figures each minute.
fn performance(plan: &Plan, job: &Job<'_>, now: Timestamp) -> Performance {
    let class = CLASSES.iter().position(|class| *class == job.class).unwrap_or(0);
    let minute = now.millis().div_euclid(MINUTE as i64) as u64;
    let mut draws = Draws::new(plan.seed, PERFORMANCE.of(minute), job.index);
    let running = state::is_incremental(job.forward.state);
    let records = draws.below(RECORDS[class % RECORDS.len()]) * u64::from(running);
    let hundredths = records * draws.between(2, 20) / 100;
    Performance {
        rps: records.to_string(),
        flow: format!("{}.{:02}MB/s", hundredths / 100, hundredths % 100),
    }
}

/// Subscriptions end at a Chinese midnight (vendor's sample) and are renewed (so that none
/// has run out).
fn expiry(bought: Timestamp, period: u64, now: Timestamp) -> Timestamp {
    let periods = now.since(bought) / period.max(1) + 1;
    let end = bought.plus(periods.saturating_mul(period)).plus(CHINA_OFFSET).millis();
    let midnight = end.div_euclid(DAY as i64).saturating_add(1).saturating_mul(DAY as i64);
    Timestamp::from_millis(midnight).minus(CHINA_OFFSET)
}
