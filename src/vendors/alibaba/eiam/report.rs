//! The result of a job per entity, as a CSV file. The vendor's columns are not known: everything
//! is inferred except the figures, which are those of the job's `Result`.

use super::job::{Statistics, SynchronizationJob, Tally, draw_index};
use super::scenario::EiamPlan;
use crate::world::draw::{Stream, mix};
use crate::world::ids::{BASE32, random_text};
use crate::world::names;
use crate::world::population::Member;

const HEADER: &str = "EntityType,Operation,Result,Count,EntityId,Name,ErrorCode,ErrorMessage\r\n";
/// Maximum number of entities of one type, operation and result that have a row each. One more
/// row counts the others, so that the sum of `Count` is always the job's figure.
const MAX_LISTED: u64 = 2_000;
const STREAM: Stream = Stream::named("eiam.report");

#[derive(Clone, Copy)]
struct Entity {
    kind: &'static str,
    id_prefix: &'static str,
    /// The prefix of its names: (Chinese, English). None if its names are people's.
    name_prefix: Option<(&'static str, &'static str)>,
}

const USER: Entity = Entity { kind: "user", id_prefix: "user", name_prefix: None };
const UNIT: Entity = Entity {
    kind: "organizational_unit",
    id_prefix: "ou",
    name_prefix: Some(("部门", "Department")),
};
const GROUP: Entity =
    Entity { kind: "group", id_prefix: "group", name_prefix: Some(("组", "Group")) };
const MEMBER: Entity = Entity { kind: "group_member", id_prefix: "user", name_prefix: None };

/// The file has only its header while the job has not ended.
pub(crate) fn csv(plan: &EiamPlan, member: Member, job: &SynchronizationJob) -> Vec<u8> {
    let mut out = String::from(HEADER);
    let Some(result) = &job.result else { return out.into_bytes() };
    let column = |text: &Option<String>| quoted(text.as_deref().unwrap_or_default());
    let error = format!("{},{}", column(&result.error_code), column(&result.error_message));
    let mut report = Report { plan, job: draw_index(member), error, written: 0, out: &mut out };
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
    plan: &'r EiamPlan,
    /// The index that the job's values are drawn by.
    job: u64,
    /// The last two columns of failed entities.
    error: String,
    /// The number of entities so far.
    written: u64,
    out: &'r mut String,
}

impl Report<'_> {
    fn rows(&mut self, entity: Entity, operation: &str, outcome: &str, count: u64) {
        let listed = count.min(MAX_LISTED);
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
        let error = if outcome == FAILED { &self.error } else { "," };
        let name = quoted(name);
        let row = format!("{kind},{operation},{outcome},{count},{id},{name},{error}\r\n");
        self.out.push_str(&row);
    }

    /// The next entity's id and name.
    fn entity(&mut self, Entity { id_prefix, name_prefix, .. }: Entity) -> (String, String) {
        let EiamPlan { seed, locale, .. } = *self.plan;
        self.written += 1;
        let index = mix(self.job) ^ self.written;
        let name = match name_prefix {
            None => names::person(seed, STREAM.of(1), index, locale),
            Some((chinese, english)) => {
                format!("{} {}", locale.choose(chinese, english), self.written)
            }
        };
        (format!("{id_prefix}_{}", random_text(seed, STREAM, index, BASE32, 26)), name)
    }
}

/// Quoted by the rules of RFC 4180.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
