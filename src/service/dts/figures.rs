//! How far a task has come: its precheck, the copying of structure and data table by table,
//! its performance, and what went wrong. Operations spell these differently.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::job::{CLASSES, Job, PRE_PAID};
use super::quirks::InitializationStatus;
use super::scenario::Plan;
use super::state::{
    self, FAILED, FINISHED, INITIALIZE_FAILED, NOT_CONFIGURED, NOT_STARTED, PRECHECK_FAILED,
    PRECHECK_PASS, PRECHECKING, SYNCHRONIZING,
};
use super::subject::MYSQL;
use crate::world::draw::{Draws, Stream, draw};
use crate::world::time::{CHINA_OFFSET, DAY, MINUTE, Timestamp};

const AMOUNTS: Stream = Stream::named("dts.amounts");
const SHARES: Stream = Stream::named("dts.shares");
const CHECKS: Stream = Stream::named("dts.checks");
const CAUSES: Stream = Stream::named("dts.cause");
const PERFORMANCE: Stream = Stream::named("dts.performance");

/// How far the structure or the data is copied.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    pub status: &'static str,
    /// Tables or rows that are done, of `whole`.
    pub done: u64,
    pub whole: u64,
    pub percent: u64,
    pub error_message: Option<String>,
}

/// What a failed task says of itself: what the scenario gave it, or one of the causes.
pub fn error_message(plan: &Plan, job: &Job<'_>) -> Option<String> {
    let failed = matches!(job.task.state, FAILED | INITIALIZE_FAILED);
    let given = job.error_message.map(str::to_owned);
    let cause = || plan.causes.pick(draw(plan.seed, CAUSES, job.task.run)).message.clone();
    given.or_else(|| failed.then(cause))
}

/// The stages of copying the structure and the data, one after the other; none if they are
/// over and the scenario says that they vanish then.
pub fn initialization(plan: &Plan, job: &Job<'_>) -> [Option<Stage>; 2] {
    let state = job.task.phase;
    let gone = plan.quirks.initialization_status == InitializationStatus::Vanish;
    if gone && (state::is_incremental(state) || state::was_incremental(state)) {
        return [None, None];
    }
    stages(plan, job, &Volume::of(plan, job)).map(Some)
}

fn stages(plan: &Plan, job: &Job<'_>, volume: &Volume) -> [Stage; 2] {
    let state = job.task.phase;
    // Copying the structure is a tenth of the work, where there is data too.
    let done = job.task.copied;
    let wanted = job.initialization;
    let (structure, data) = match (wanted.structure, wanted.data) {
        (true, true) => ((done * 10).min(1000), done.saturating_sub(100) * 10 / 9),
        (structure, data) => (done * u64::from(structure), done * u64::from(data)),
    };
    let before = matches!(
        state,
        NOT_CONFIGURED | NOT_STARTED | PRECHECKING | PRECHECK_FAILED | PRECHECK_PASS
    );
    let failed = state == INITIALIZE_FAILED;
    let stage = |wanted: bool, begun: bool, thousandths: u64, whole: u64| {
        let status = match (wanted && begun && !before, thousandths) {
            (false, _) => "NotStarted",
            (true, 1000) => "Finished",
            (true, _) if failed => "Failed",
            (true, _) => "Migrating",
        };
        Stage {
            status,
            done: whole * thousandths / 1000,
            whole,
            percent: thousandths / 10,
            error_message: (status == "Failed").then(|| error_message(plan, job)).flatten(),
        }
    };
    let structure_is_done = !wanted.structure || structure == 1000;
    [
        stage(wanted.structure, true, structure, volume.tables),
        stage(wanted.data, structure_is_done, data, volume.rows),
    ]
}

/// How much there is to copy.
struct Volume {
    tables: u64,
    /// For each schema.
    tables_of: Vec<u64>,
    rows: u64,
}

impl Volume {
    fn of(plan: &Plan, job: &Job<'_>) -> Self {
        let mut amounts = Draws::new(plan.seed, AMOUNTS, job.index);
        let tables_of: Vec<u64> = job
            .schemas
            .iter()
            .map(|schema| match schema.includes.len() as u64 {
                0 => amounts.between(3, 80),
                some => some,
            })
            .collect();
        let tables = tables_of.iter().sum();
        let rows = tables * amounts.between(100, 1_000) * amounts.between(1, 1_000);
        Self { tables, tables_of, rows }
    }
}

/// A table that is synchronized, and how far its copying has got.
pub struct TableFigures<'j> {
    pub schema: &'j str,
    pub new_schema: &'j str,
    pub name: Cow<'j, str>,
    pub structure: &'static str,
    pub data: &'static str,
    /// Rows.
    pub copied: u64,
    pub rows: u64,
    pub error_message: Option<String>,
}

/// All of them, in the order in which they are copied. Together they are what the stages say.
pub fn tables<'j>(plan: &Plan, job: &'j Job<'_>) -> Vec<TableFigures<'j>> {
    let volume = Volume::of(plan, job);
    let [structure, data] = stages(plan, job, &volume);
    let named = job.schemas.iter().zip(&volume.tables_of).flat_map(|(schema, &count)| {
        (0..count).map(move |i| {
            let included = schema.includes.get(i as usize);
            let name = included.map_or_else(|| invented(i).into(), |table| table.name.clone());
            (&*schema.name, &*schema.new_name, name)
        })
    });
    // Each table has a share of the rows; what does not come out even is the first's.
    let share = |i: u64| 1 + draw(plan.seed, SHARES.of(i), job.index) % 9;
    let shares: u64 = (0..volume.tables).map(share).sum();
    let even = |i: u64| volume.rows / shares.max(1) * share(i);
    let odd = volume.rows - (0..volume.tables).map(even).sum::<u64>();
    let (mut left, mut reached) = (data.done, true);
    named
        .zip(0..)
        .map(|((schema, new_schema, name), i)| {
            let rows = even(i) + if i == 0 { odd } else { 0 };
            let copied = left.min(rows);
            left -= copied;
            // One after the other: what the stage says is said of the first that is not done.
            let data = match (data.status, copied == rows) {
                ("NotStarted", _) => "NotStarted",
                (_, true) => "Finished",
                (status, false) if reached => status,
                _ => "NotStarted",
            };
            reached &= copied == rows;
            let structure = match i.cmp(&structure.done) {
                Ordering::Less => "Finished",
                Ordering::Equal => structure.status,
                Ordering::Greater => "NotStarted",
            };
            let failed = [structure, data].contains(&"Failed");
            let error_message = failed.then(|| error_message(plan, job)).flatten();
            TableFigures { schema, new_schema, name, structure, data, copied, rows, error_message }
        })
        .collect()
}

/// What the tables of a schema are called that is synchronized whole.
fn invented(i: u64) -> String {
    const NAMES: [&str; 16] = [
        "account",
        "address",
        "audit_log",
        "brand",
        "category",
        "comment",
        "customer",
        "invoice",
        "item",
        "order_detail",
        "payment",
        "product",
        "refund",
        "region",
        "stock",
        "user_setting",
    ];
    let count = NAMES.len() as u64;
    let name = NAMES[(i % count) as usize];
    if i < count { name.to_owned() } else { format!("{name}_{}", i / count + 1) }
}

/// `Status` of incremental synchronization: paused, it is not done (inferred).
pub fn incremental(job: &Job<'_>) -> &'static str {
    match (job.task.checkpoint, job.task.state) {
        (None, _) => "NotStarted",
        (_, FAILED) => "Failed",
        (_, FINISHED) => "Finished",
        _ => "Migrating",
    }
}

/// Of that, the Dts* operations say too whether it keeps up: it does within this (ms;
/// inferred).
const KEEPS_UP: i64 = 10_000;

/// The same in the words of the Dts* operations.
pub fn incremental_or_catched(job: &Job<'_>, now: Timestamp) -> &'static str {
    let keeps_up = job.task.delay_millis(now) <= KEEPS_UP;
    if job.task.state == SYNCHRONIZING && keeps_up { "Catched" } else { incremental(job) }
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

pub struct Precheck {
    pub percent: u64,
    /// None before the end.
    pub passed: Option<bool>,
    /// Those that are done.
    pub items: Vec<Item>,
}

pub struct Item {
    pub name: &'static str,
    pub fault: Option<Fault>,
}

pub struct Fault {
    pub message: &'static str,
    pub repair: &'static str,
}

pub fn precheck(plan: &Plan, job: &Job<'_>) -> Precheck {
    let mysql = job.source.engine_name == MYSQL.name;
    let items = || ITEMS.into_iter().filter(|&(_, only_mysql)| mysql || !only_mysql);
    let thousandths = job.task.checked;
    let count = items().count() * thousandths as usize / 1000;
    let choice = Draws::new(plan.seed, CHECKS, job.task.run).below(FAULTS.len() as u64) as usize;
    let failed = job.task.phase == PRECHECK_FAILED;
    let fault = failed.then(|| FAULTS[choice % FAULTS.len()]);
    let item = |(name, _)| {
        let fault = fault.filter(|(item, ..)| *item == name);
        Item { name, fault: fault.map(|(_, message, repair)| Fault { message, repair }) }
    };
    Precheck {
        percent: thousandths / 10,
        passed: (thousandths == 1000).then_some(!failed),
        items: items().take(count).map(item).collect(),
    }
}

/// Records a second that the classes are made for (vendor's page on link specifications).
const RECORDS: [u64; CLASSES.len()] = [200, 2_000, 5_000, 11_000];

/// Statements a second, and `0.00MB/s` as in the sample of DescribeSynchronizationJobs, in
/// spite of its table's plain number. New figures each minute.
pub fn performance(plan: &Plan, job: &Job<'_>, now: Timestamp) -> (u64, String) {
    let class = CLASSES.iter().position(|class| *class == job.class).unwrap_or(0);
    let minute = now.millis().div_euclid(MINUTE as i64) as u64;
    let mut draws = Draws::new(plan.seed, PERFORMANCE.of(minute), job.index);
    let running = state::is_incremental(job.task.state);
    let records = draws.below(RECORDS[class % RECORDS.len()]) * u64::from(running);
    let hundredths = records * draws.between(2, 20) / 100;
    (records, format!("{}.{:02}MB/s", hundredths / 100, hundredths % 100))
}

/// Of a subscription. They end at a Chinese midnight (vendor's sample) and are renewed (so
/// that none has run out).
pub fn expiry(job: &Job<'_>, now: Timestamp) -> Option<Timestamp> {
    if job.pay_type != PRE_PAID {
        return None;
    }
    let periods = now.since(job.bought) / job.period.max(1) + 1;
    let end = job.bought.plus(periods.saturating_mul(job.period)).plus(CHINA_OFFSET).millis();
    let midnight = end.div_euclid(DAY as i64).saturating_add(1).saturating_mul(DAY as i64);
    Some(Timestamp::from_millis(midnight).minus(CHINA_OFFSET))
}
