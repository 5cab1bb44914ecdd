//! What a job did, entity by entity, as a CSV file. The vendor's columns are not known: all
//! of this is inferred but for the figures, which are those of the job's `Result`.

use super::job::{Job, Statistics, Tally, draw_index};
use super::scenario::Plan;
use crate::world::draw::{Stream, mix};
use crate::world::ids::{BASE32, random_text};
use crate::world::names;
use crate::world::population::Member;

const HEADER: &str = "EntityType,Operation,Result,Count,EntityId,Name,ErrorCode,ErrorMessage\r\n";
/// So many entities of one type, operation and result have a row each; one more row counts
/// the others, so that the sum of `Count` is always the job's figure.
const LISTED: u64 = 2_000;
const STREAM: Stream = Stream::named("eiam.report");

#[derive(Clone, Copy)]
struct Entity {
    kind: &'static str,
    /// Of its ids.
    prefix: &'static str,
    /// Of its names, if they are not people's: (Chinese, English).
    called: Option<(&'static str, &'static str)>,
}

const USER: Entity = Entity { kind: "user", prefix: "user", called: None };
const UNIT: Entity =
    Entity { kind: "organizational_unit", prefix: "ou", called: Some(("部门", "Department")) };
const GROUP: Entity = Entity { kind: "group", prefix: "group", called: Some(("组", "Group")) };
const MEMBER: Entity = Entity { kind: "group_member", prefix: "user", called: None };

/// Only its header while the job has not ended.
pub fn csv(plan: &Plan, member: Member, job: &Job) -> Vec<u8> {
    let mut out = String::from(HEADER);
    let Some(result) = &job.result else { return out.into_bytes() };
    let cause = |text: &Option<String>| quoted(text.as_deref().unwrap_or_default());
    let cause = format!("{},{}", cause(&result.error_code), cause(&result.error_message));
    let mut report = Report { plan, job: draw_index(member), cause, written: 0, out: &mut out };
    for (entity, statistics) in [
        (USER, &result.user_statistics),
        (UNIT, &result.organizational_unit_statistics),
        (GROUP, &result.group_statistics),
        (MEMBER, &result.group_member_statistics),
    ] {
        for (operation, tally) in operations(statistics) {
            for (outcome, count) in outcomes(tally) {
                report.rows(entity, operation, outcome, count);
            }
        }
    }
    out.into_bytes()
}

fn operations(statistics: &Statistics) -> [(&'static str, Tally); 6] {
    let Statistics { created, updated, binded, deleted, same, pushed, .. } = *statistics;
    [
        ("created", created),
        ("updated", updated),
        ("binded", binded),
        ("deleted", deleted),
        ("same", same),
        ("pushed", pushed),
    ]
}

fn outcomes(tally: Tally) -> [(&'static str, u64); 3] {
    [("success", tally.success), (FAILED, tally.failed), ("skipped", tally.skipped)]
}

const FAILED: &str = "failed";

struct Report<'r> {
    plan: &'r Plan,
    /// What the job's values are drawn by.
    job: u64,
    /// The last two columns of what failed.
    cause: String,
    /// How many entities there were before.
    written: u64,
    out: &'r mut String,
}

impl Report<'_> {
    fn rows(&mut self, entity: Entity, operation: &str, outcome: &str, count: u64) {
        let listed = count.min(LISTED);
        for _ in 0..listed {
            let (id, name) = self.entity(entity);
            self.row(entity.kind, operation, outcome, 1, &id, &name);
        }
        if count > listed {
            self.row(entity.kind, operation, outcome, count - listed, "", "");
        }
    }

    fn row(
        &mut self,
        kind: &str,
        operation: &str,
        outcome: &str,
        count: u64,
        id: &str,
        name: &str,
    ) {
        let cause = if outcome == FAILED { &self.cause } else { "," };
        let name = quoted(name);
        let row = format!("{kind},{operation},{outcome},{count},{id},{name},{cause}\r\n");
        self.out.push_str(&row);
    }

    /// The next entity's id and name.
    fn entity(&mut self, Entity { prefix, called, .. }: Entity) -> (String, String) {
        let Plan { seed, tongue, .. } = *self.plan;
        self.written += 1;
        let index = mix(self.job) ^ self.written;
        let name = match called {
            None => names::person(seed, STREAM.of(1), index, tongue),
            Some((chinese, english)) => {
                format!("{} {}", tongue.choose(chinese, english), self.written)
            }
        };
        (format!("{prefix}_{}", random_text(seed, STREAM, index, BASE32, 26)), name)
    }
}

/// As RFC 4180 has it.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
