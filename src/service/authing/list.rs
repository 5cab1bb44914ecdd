//! list-sync-jobs.
//!
//! Newest first: the console sorts by sync time, latest on top (vendor's guide; that the API
//! does, too, is inferred). A manual run stands where it began, the record of a timed or
//! automatic task where its last run did: then a job never changes places with another while
//! somebody pages, except for the record, which moves to the top when its task runs again.

use serde::Serialize;

use super::job::{Job, Row, Trigger, job};
use super::number::number;
use super::scenario::{LimitOver50, ListShape, Plan, Task, UnknownTask};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::Arguments;
use crate::wire::refusal::{Reason, Refusal, Rule, Thing, Violation};
use crate::world::population::{Member, Traces};
use crate::world::selection::{Filter, Selection};
use crate::world::time::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    total_count: u64,
    list: List,
}

/// An array in reality: every SDK's types and the vendor's tests have one. The documented
/// sample has a bare job, which comes from the generator of the pages; without any job that
/// is null (inferred).
#[derive(Serialize)]
#[serde(untagged)]
enum List {
    Array(Vec<Job>),
    Object(Option<Box<Job>>),
}

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let plan = &call.plan().authing;
    let now = call.now();
    let question = Question::parse(call.arguments(), plan.limit_over_50)?;
    let (total_count, jobs) = match plan.task(question.task_id) {
        Some(task) => question.answer(plan, task, now),
        None if plan.unknown_task == UnknownTask::EmptyList => (0, Vec::new()),
        None => {
            let id = question.task_id.to_string();
            return Err(Refusal::unknown(Thing::Task, &id).hint(known_tasks(plan)));
        }
    };
    let list = match plan.list {
        ListShape::Array => List::Array(jobs),
        ListShape::Object => List::Object(jobs.into_iter().next().map(Box::new)),
    };
    call.render(&Answer { total_count, list })
}

fn known_tasks(plan: &Plan) -> String {
    if plan.tasks.is_empty() {
        return "this scenario has no tasks".to_owned();
    }
    let ids: Vec<String> = plan.tasks.iter().take(8).map(|task| task.id.to_string()).collect();
    let more = if plan.tasks.len() > ids.len() { " and more" } else { "" };
    format!("the tasks of this scenario are {}{more}", ids.join(", "))
}

struct Question {
    task_id: u64,
    page: u64,
    limit: u64,
    trigger: Option<Trigger>,
}

/// More rows than this are not built for one answer, whatever the scenario allows.
const MOST_ROWS: u64 = 10_000;

impl Question {
    /// Bounds are those that the vendor's SDK tests show on this call's siblings; that this
    /// one enforces them, too, is inferred.
    fn parse(arguments: &Arguments, over_50: LimitOver50) -> Result<Self, Refusal> {
        let mut violations = Vec::new();
        let most = (over_50 == LimitOver50::Refuse).then_some(50);
        let task_id = figure(arguments, "syncTaskId", f64::NAN, None, &mut violations);
        let page = figure(arguments, "page", 1.0, None, &mut violations);
        let limit = figure(arguments, "limit", 10.0, most, &mut violations);
        let trigger = arguments.sent("syncTrigger").map(Trigger::named);
        if trigger == Some(None) {
            let rule = Rule::OneOf(Trigger::NAMES);
            violations.push(Violation { parameter: "syncTrigger".into(), rule });
        }
        if !violations.is_empty() {
            return Err(Reason::Parameters(violations).into());
        }
        let limit = match over_50 {
            LimitOver50::Clamp => limit.min(50),
            LimitOver50::Refuse | LimitOver50::Allow => limit.min(MOST_ROWS),
        };
        Ok(Self { task_id, page, limit, trigger: trigger.flatten() })
    }

    fn answer(&self, plan: &Plan, task: &Task, now: Timestamp) -> (u64, Vec<Job>) {
        let listing = Listing::new(task, self.trigger, now);
        let skipped = (self.page - 1).saturating_mul(self.limit);
        let jobs = (skipped..listing.total().min(skipped.saturating_add(self.limit)))
            .filter_map(|place| job(plan, task, listing.nth_newest(place)?, now))
            .collect();
        (listing.total(), jobs)
    }
}

/// A whole number of at least 1, or all that is wrong with it, in the order of
/// class-validator (vendor's SDK tests on get-sync-task; that of the upper bound and that
/// fractions are refused are inferred). A number that is sent empty is 0 to JavaScript.
fn figure(
    arguments: &Arguments,
    name: &'static str,
    unsent: f64,
    most: Option<u32>,
    violations: &mut Vec<Violation>,
) -> u64 {
    let value = arguments.sent(name).map_or(unsent, number);
    let mut broken = |rule| violations.push(Violation { parameter: name.into(), rule });
    if let Some(most) = most.filter(|&most| value.is_nan() || value > f64::from(most)) {
        broken(Rule::AtMost(most.into()));
    }
    if value.is_nan() || value < 1.0 {
        broken(Rule::AtLeast(1));
    }
    if !value.is_finite() {
        broken(Rule::Number);
    } else if value.fract() != 0.0 {
        broken(Rule::WholeNumber);
    }
    value as u64
}

/// The jobs of a task that a filter lets through, at an instant.
pub struct Listing<'p> {
    runs: Selection<'p, Job>,
    /// How many runs are newer than the record, and the record's last run.
    record: Option<(u64, u64)>,
}

impl<'p> Listing<'p> {
    pub fn new(task: &'p Task, trigger: Option<Trigger>, now: Timestamp) -> Self {
        let wanted = |of| trigger.is_none_or(|trigger| trigger == of);
        let none = |_: usize| false;
        let single = |member: Member| match member {
            Member::Pinned(place) => {
                task.runs.pins.get(place).is_some_and(|pin| wanted(pin.value.sync_trigger))
            }
            _ => false,
        };
        let select = |until: Option<Timestamp>| {
            let filter = Filter {
                card: if wanted(Trigger::Manually) { None } else { Some(&none) },
                state: None,
                from: None,
                until,
                single: &single,
            };
            Selection::new(&task.runs, &Traces::default(), &filter, now)
        };
        let runs = select(None);
        let schedule = task.schedule.as_ref().filter(|_| wanted(task.trigger));
        let record = schedule.and_then(|schedule| {
            let run = schedule.latest(now)?;
            Some((runs.total() - select(Some(schedule.begins(run))).total(), run))
        });
        Self { runs, record }
    }

    pub fn total(&self) -> u64 {
        self.runs.total() + u64::from(self.record.is_some())
    }

    /// The `k`-th job, counted from the newest, from 0.
    pub fn nth_newest(&self, k: u64) -> Option<Row> {
        let k = match self.record {
            Some((newer, run)) if k == newer => return Some(Row::Record(run)),
            Some((newer, _)) if k > newer => k - 1,
            _ => k,
        };
        self.runs.nth_newest(k).map(Row::Run)
    }
}
