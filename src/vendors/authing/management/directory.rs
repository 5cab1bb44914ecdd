//! The people and departments that tasks synchronize. A task's are the same in every job.

use super::job_logs::ObjectType;
use super::scenario::AuthingPlan;
use crate::world::draw::{Stream, draw, scale};
use crate::world::ids::{HEX, random_text};
use crate::world::names::{Locale, person};

pub(crate) struct DirectoryObject {
    pub(crate) name: String,
    pub(crate) id: String,
}

const NAMES: Stream = Stream::named("authing.object.name");
const IDS: Stream = Stream::named("authing.object.id");

const DEPARTMENTS: [(&str, &str); 10] = [
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

/// The first index of objects that were deleted upstream.
pub(crate) const FIRST_DELETED: u64 = 1 << 40;

/// The `index`-th object of a task's directory. Ids have the length of the vendor's sample.
pub(crate) fn object(
    plan: &AuthingPlan,
    task: u64,
    object_type: ObjectType,
    index: u64,
) -> DirectoryObject {
    let stream = |stream: Stream| stream.of(task).of(object_type as u64);
    let name = match object_type {
        ObjectType::User => person(plan.seed, stream(NAMES), index, plan.locale),
        ObjectType::Department => {
            let drawn = scale(draw(plan.seed, stream(NAMES), index), DEPARTMENTS.len() as u64);
            let (chinese, english) = DEPARTMENTS[drawn as usize];
            let number = index % FIRST_DELETED + 1;
            match plan.locale {
                Locale::Chinese => format!("{chinese}{number}组"),
                Locale::English => format!("{english} {number}"),
            }
        }
    };
    DirectoryObject { name, id: random_text(plan.seed, stream(IDS), index, HEX, 24) }
}
