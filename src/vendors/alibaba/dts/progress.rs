//! The progress of a task: its precheck, the copying of structure and data table by table, its
//! performance, and its error message. Each operation has its own spelling of these.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::job::{CLASSES, Job, PRE_PAID};
use super::quirks::InitializationStatus;
use super::scenario::DtsPlan;
use super::state::TaskState::*;
use super::subject::MYSQL;
use crate::world::draw::{Draws, Stream, draw};
use crate::world::time::{CHINA_OFFSET, DAY, MINUTE, Timestamp};

const AMOUNTS: Stream = Stream::named("dts.amounts");
const SHARES: Stream = Stream::named("dts.shares");
const CHECKS: Stream = Stream::named("dts.checks");
const FAILURE_MESSAGES: Stream = Stream::named("dts.cause");
const PERFORMANCE: Stream = Stream::named("dts.performance");

/// The copying of the structure, or of the data.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stage {
    pub(crate) status: &'static str,
    /// Tables or rows that are done, of `whole`.
    pub(crate) done: u64,
    pub(crate) whole: u64,
    pub(crate) percent: u64,
    pub(crate) error_message: Option<String>,
}

/// The error message of a failed task: the one that the scenario gives it, or a drawn one.
pub(crate) fn error_message(plan: &DtsPlan, job: &Job<'_>) -> Option<String> {
    let has_failed = matches!(job.task.state, Failed | InitializeFailed);
    let given = job.error_message.map(str::to_owned);
    let drawn = || draw(plan.seed, FAILURE_MESSAGES, job.task.run);
    let message = || plan.failure_messages.pick(drawn()).message.clone();
    given.or_else(|| has_failed.then(message))
}

/// The stages of copying the structure and the data, one after the other. Each is None if it is
/// over and the scenario says that it vanishes then.
pub(crate) fn initialization(plan: &DtsPlan, job: &Job<'_>) -> [Option<Stage>; 2] {
    let state = job.task.phase;
    let vanishes = plan.quirks.initialization_status == InitializationStatus::Vanish;
    if vanishes && (state.is_incremental() || state.can_follow_incremental()) {
        return [None, None];
    }
    stages(plan, job, &Volume::new(plan, job)).map(Some)
}

fn stages(plan: &DtsPlan, job: &Job<'_>, volume: &Volume) -> [Stage; 2] {
    let state = job.task.phase;
    // Copying the structure is a tenth of the work, where there is data too.
    let done = job.task.copied;
    let wanted = job.initialization;
    let (structure, data) = match (wanted.structure, wanted.data) {
        (true, true) => ((done * 10).min(1000), done.saturating_sub(100) * 10 / 9),
        (structure, data) => (done * u64::from(structure), done * u64::from(data)),
    };
    let is_before =
        matches!(state, NotConfigured | NotStarted | Prechecking | PrecheckFailed | PreCheckPass);
    let has_failed = state == InitializeFailed;
    let stage = |wanted: bool, begun: bool, thousandths: u64, whole: u64| {
        let status = match (wanted && begun && !is_before, thousandths) {
            (false, _) => "NotStarted",
            (true, 1000) => "Finished",
            (true, _) if has_failed => "Failed",
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

/// The amount of data to copy.
struct Volume {
    tables: u64,
    /// For each schema.
    tables_of: Vec<u64>,
    rows: u64,
}

impl Volume {
    fn new(plan: &DtsPlan, job: &Job<'_>) -> Self {
        let mut amounts = Draws::new(plan.seed, AMOUNTS, job.instance.index);
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

/// A table that is synchronized, and the progress of copying it.
pub(crate) struct TableProgress<'j> {
    pub(crate) schema: &'j str,
    pub(crate) new_schema: &'j str,
    pub(crate) name: Cow<'j, str>,
    pub(crate) structure: &'static str,
    pub(crate) data: &'static str,
    /// Rows.
    pub(crate) copied: u64,
    pub(crate) rows: u64,
    pub(crate) error_message: Option<String>,
}

/// All tables, in the order in which they are copied. Their sums are those of the stages.
pub(crate) fn tables<'j>(plan: &DtsPlan, job: &'j Job<'_>) -> Vec<TableProgress<'j>> {
    let volume = Volume::new(plan, job);
    let [structure, data] = stages(plan, job, &volume);
    let named = job.schemas.iter().zip(&volume.tables_of).flat_map(|(schema, &count)| {
        (0..count).map(move |i| {
            let included = schema.includes.get(i as usize);
            let name =
                included.map_or_else(|| generated_name(i).into(), |table| table.name.clone());
            (&*schema.name, &*schema.new_name, name)
        })
    });
    // Each table has a share of the rows; the first one also has the remainder of the division.
    let share = |i: u64| 1 + draw(plan.seed, SHARES.of(i), job.instance.index) % 9;
    let shares: u64 = (0..volume.tables).map(share).sum();
    let part = |i: u64| volume.rows / shares.max(1) * share(i);
    let remainder = volume.rows - (0..volume.tables).map(part).sum::<u64>();
    let (mut left, mut reached) = (data.done, true);
    named
        .zip(0..)
        .map(|((schema, new_schema, name), i)| {
            let rows = part(i) + if i == 0 { remainder } else { 0 };
            let copied = left.min(rows);
            left -= copied;
            // One after the other: the first one that is not done has the status of the stage.
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
            TableProgress { schema, new_schema, name, structure, data, copied, rows, error_message }
        })
        .collect()
}

/// The name of the `i`-th table of a schema that is synchronized whole.
fn generated_name(i: u64) -> String {
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

/// `Status` of incremental synchronization. While it is paused it is `Migrating` (inferred).
pub(crate) fn incremental(job: &Job<'_>) -> &'static str {
    match (job.task.checkpoint, job.task.state) {
        (None, _) => "NotStarted",
        (_, Failed) => "Failed",
        (_, Finished) => "Finished",
        _ => "Migrating",
    }
}

/// The maximum delay of a task that keeps up with its source (ms; inferred).
const MAX_DELAY_OF_CATCHED: i64 = 10_000;

/// The same for the Dts* operations, which also say whether the task keeps up.
pub(crate) fn incremental_or_catched(job: &Job<'_>, now: Timestamp) -> &'static str {
    let keeps_up = job.task.delay_millis(now) <= MAX_DELAY_OF_CATCHED;
    if job.task.state == Synchronizing && keeps_up { "Catched" } else { incremental(job) }
}

/// The items of a precheck between two MySQL databases (sample on the vendor's page, including
/// its misspelled PASSOWRD), and whether only MySQL has them (inferred).
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

/// The item that fails, its message, and the repair method. The form of the first two
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

pub(crate) struct Precheck {
    pub(crate) percent: u64,
    /// None before the end.
    pub(crate) passed: Option<bool>,
    /// Those that are done.
    pub(crate) items: Vec<PrecheckItem>,
}

pub(crate) struct PrecheckItem {
    pub(crate) name: &'static str,
    pub(crate) fault: Option<PrecheckFault>,
}

pub(crate) struct PrecheckFault {
    pub(crate) message: &'static str,
    pub(crate) repair: &'static str,
}

pub(crate) fn precheck(plan: &DtsPlan, job: &Job<'_>) -> Precheck {
    let mysql = job.source.engine_name == MYSQL.name;
    let items = || ITEMS.into_iter().filter(|&(_, only_mysql)| mysql || !only_mysql);
    let thousandths = job.task.checked;
    let count = items().count() * thousandths as usize / 1000;
    let drawn = Draws::new(plan.seed, CHECKS, job.task.run).below(FAULTS.len() as u64) as usize;
    let has_failed = job.task.phase == PrecheckFailed;
    let fault = has_failed.then(|| FAULTS[drawn]);
    let item = |(name, _)| {
        let fault = fault.filter(|(item, ..)| *item == name);
        let fault = fault.map(|(_, message, repair)| PrecheckFault { message, repair });
        PrecheckItem { name, fault }
    };
    Precheck {
        percent: thousandths / 10,
        passed: (thousandths == 1000).then_some(!has_failed),
        items: items().take(count).map(item).collect(),
    }
}

/// The records per second of each class (vendor's page on link specifications).
const RECORDS: [u64; CLASSES.len()] = [200, 2_000, 5_000, 11_000];

/// Statements per second, and `0.00MB/s` as in the sample of DescribeSynchronizationJobs (its
/// table has a plain number). They change every minute.
pub(crate) fn performance(plan: &DtsPlan, job: &Job<'_>, now: Timestamp) -> (u64, String) {
    // An imported event can name another class.
    let class = CLASSES.iter().position(|class| *class == job.instance.class).unwrap_or(0);
    let minute = now.millis().div_euclid(MINUTE as i64) as u64;
    let mut draws = Draws::new(plan.seed, PERFORMANCE.of(minute), job.instance.index);
    let is_running = job.task.state.is_incremental();
    let records = draws.below(RECORDS[class]) * u64::from(is_running);
    let hundredths = records * draws.between(2, 20) / 100;
    (records, format!("{}.{:02}MB/s", hundredths / 100, hundredths % 100))
}

/// When a subscription ends. Subscriptions end at a Chinese midnight (vendor's sample) and are
/// renewed, so that none has run out.
pub(crate) fn expiry(job: &Job<'_>, now: Timestamp) -> Option<Timestamp> {
    let instance = &job.instance;
    if instance.pay_type != PRE_PAID {
        return None;
    }
    let periods = now.since(instance.bought) / instance.period.max(1) + 1;
    let end =
        instance.bought.plus(periods.saturating_mul(instance.period)).plus(CHINA_OFFSET).millis();
    let midnight = end.div_euclid(DAY as i64).saturating_add(1).saturating_mul(DAY as i64);
    Some(Timestamp::from_millis(midnight).minus(CHINA_OFFSET))
}
