//! Lists in answers.

use serde::Serialize;

use super::scenario::ListShape;

/// A page of a list of `total` things.
pub struct Paged<T> {
    total: u64,
    rows: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer<T> {
    total_count: u64,
    list: List<T>,
}

/// An array in reality: every SDK's types and the vendor's tests have one. The documented
/// samples have a bare thing, which comes from the generator of the pages; without any that
/// is null (inferred).
#[derive(Serialize)]
#[serde(untagged)]
enum List<T> {
    Array(Vec<T>),
    Object(Option<Box<T>>),
}

impl<T> Paged<T> {
    pub fn new(total: u64, rows: Vec<T>) -> Self {
        Self { total, rows }
    }

    pub fn shaped(self, shape: ListShape) -> Answer<T> {
        let list = match shape {
            ListShape::Array => List::Array(self.rows),
            ListShape::Object => List::Object(self.rows.into_iter().next().map(Box::new)),
        };
        Answer { total_count: self.total, list }
    }
}
