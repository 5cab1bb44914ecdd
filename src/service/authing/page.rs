//! Lists in answers: the part that is asked for, and how it is written.
//!
//! Pages count from 1 (vendor's OpenAPI document). That one behind the end is empty and has
//! the same totalCount is inferred; the scenario can have it otherwise.

use serde::Serialize;

use super::asked::Asked;
use super::quirks::{ListShape, Quirks};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::{Refusal, Rule};
use crate::world::pages::Page;

/// A page of a list.
#[derive(Debug)]
pub struct Paged<T> {
    /// What it says of the size of the whole list.
    total: Option<u64>,
    rows: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
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

impl<T: Serialize> Paged<T> {
    /// Of a list of `total` things, of which `row` gives the one at a place, from 0.
    pub fn of(
        quirks: &Quirks,
        asked: Asked,
        total: u64,
        row: impl FnMut(u64) -> Option<T>,
    ) -> Result<Self, Refusal> {
        let page = shown(quirks, asked, total)?;
        let rows = page.rows(total).filter_map(row).collect();
        Ok(Self { total: page.claims(quirks.total, total), rows })
    }

    /// Of a list that has nothing else.
    pub fn single(row: T) -> Self {
        Self { total: Some(1), rows: vec![row] }
    }

    pub fn render(self, call: &Admitted<'_>) -> Result<Granted, Refusal> {
        let list = match call.plan().authing.quirks.list {
            ListShape::Array => List::Array(self.rows),
            ListShape::Object => List::Object(self.rows.into_iter().next().map(Box::new)),
        };
        render(call, &Answer { total_count: self.total, list })
    }
}

/// An answer of the sync endpoints, as the scenario spells it.
pub fn render(call: &Admitted<'_>, data: &impl Serialize) -> Result<Granted, Refusal> {
    call.render_as(call.plan().authing.quirks.spelling(), "list", data)
}

/// The page that stands for the one that is asked for.
fn shown(quirks: &Quirks, asked: Asked, total: u64) -> Result<Page, Refusal> {
    let page = Page::numbered(quirks.pages, asked.number - 1, asked.limit);
    quirks.past_the_end.settle(page, total).map_err(|last| {
        let rule = Rule::AtMost(last.number() as i64 + 1);
        Refusal::parameter("page", rule).hint(format!(
            "the list has {total} rows, and a page behind them is refused here \
             (authing.quirks.past_the_end = \"refuse\")"
        ))
    })
}
