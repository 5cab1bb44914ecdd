//! The people and departments that tasks synchronize. A task's are the same in every job.

use super::logs::ObjectType;
use super::scenario::Plan;
use crate::world::draw::{Stream, draw, scale};
use crate::world::ids::{HEX, random_text};
use crate::world::names::{Tongue, person};

pub struct Object {
    pub name: String,
    pub id: String,
}

const NAMES: Stream = Stream::named("authing.object.name");
const IDS: Stream = Stream::named("authing.object.id");

const DEPARTMENTS: &[(&str, &str)] = &[
    ("研发部", "Engineering"),
    ("产品部", "Product"),
    ("市场部", "Marketing"),
    ("销售部", "Sales"),
    ("人力资源部", "Human Resources"),
    ("财务部", "Finance"),
    ("法务部", "Legal"),
    ("客户成功部", "Customer Success"),
    ("运维部", "Operations"),
    ("采购部", "Procurement"),
];

/// Who was deleted is counted from here on.
pub const GONE: u64 = 1 << 40;

/// The `index`-th object of a task's directory. Ids have the length of the vendor's sample.
pub fn object(plan: &Plan, task: u64, kind: ObjectType, index: u64) -> Object {
    let stream = |stream: Stream| stream.of(task).of(kind as u64);
    let name = match kind {
        ObjectType::User => person(plan.seed, stream(NAMES), index, plan.tongue),
        ObjectType::Department => {
            let drawn = scale(draw(plan.seed, stream(NAMES), index), DEPARTMENTS.len() as u64);
            let (chinese, english) = DEPARTMENTS.get(drawn as usize).copied().unwrap_or_default();
            let number = index % GONE + 1;
            match plan.tongue {
                Tongue::Chinese => format!("{chinese}{number}组"),
                Tongue::English => format!("{english} {number}"),
            }
        }
    };
    Object { name, id: random_text(plan.seed, stream(IDS), index, HEX, 24) }
}
