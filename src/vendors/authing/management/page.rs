//! Lists in answers: which page is shown, and how it is written.
//!
//! Pages count from 1 (vendor's OpenAPI document). That one behind the end is empty and has
//! the same totalCount is inferred; the scenario can change that.

use serde::Serialize;

use super::parameters::PageQuery;
use super::quirks::{ListShape, Quirks};
use super::{AuthingCall, AuthingResult};
use crate::wire::error::{ApiError, Rule};
use crate::world::paging::Page;

/// A page of a list.
#[derive(Debug)]
pub(crate) struct ListPage<T> {
    /// The reported size of the whole list.
    total: Option<u64>,
    rows: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListResponse<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    list: List<T>,
}

/// An array in reality: every SDK's types and the vendor's tests have one. The documented
/// samples have a single object, which comes from the generator of the pages; that it is null
/// without rows is inferred.
#[derive(Serialize)]
#[serde(untagged)]
enum List<T> {
    Array(Vec<T>),
    Object(Option<Box<T>>),
}

impl<T: Serialize> ListPage<T> {
    /// The page of a list of `total` rows. `row` gives the row at a place, from 0.
    ///
    /// # Errors
    /// If the page is past the end, and the scenario has that refused.
    pub(crate) fn new(
        quirks: &Quirks,
        query: PageQuery,
        total: u64,
        row: impl FnMut(u64) -> T,
    ) -> Result<Self, ApiError> {
        let page = shown_page(quirks, query, total)?;
        let rows = page.rows(total).map(row).collect();
        Ok(Self { total: page.reported(quirks.total.into(), total), rows })
    }

    /// The page of a list without rows.
    ///
    /// # Errors
    /// If the page is past the end, and the scenario has that refused.
    pub(crate) fn empty(quirks: &Quirks, query: PageQuery) -> Result<Self, ApiError> {
        let page = shown_page(quirks, query, 0)?;
        Ok(Self { total: page.reported(quirks.total.into(), 0), rows: Vec::new() })
    }

    /// The page of a list that has nothing else.
    pub(crate) fn single(row: T) -> Self {
        Self { total: Some(1), rows: vec![row] }
    }

    pub(crate) fn render(self, call: &AuthingCall<'_>) -> AuthingResult {
        let list = match call.plan().quirks.list {
            ListShape::Array => List::Array(self.rows),
            ListShape::Object => List::Object(self.rows.into_iter().next().map(Box::new)),
        };
        render(call, &ListResponse { total_count: self.total, list })
    }
}

/// An answer of the sync endpoints, encoded as the scenario says.
pub(crate) fn render(call: &AuthingCall<'_>, data: &impl Serialize) -> AuthingResult {
    call.render_as(call.plan().quirks.encoding_variant(), "list", data)
}

/// The page shown for the requested one.
fn shown_page(quirks: &Quirks, query: PageQuery, total: u64) -> Result<Page, ApiError> {
    let page = Page::numbered(quirks.pages.into(), query.number - 1, query.limit);
    quirks.past_the_end.settle(page, total).map_err(|last| {
        let rule = Rule::AtMost(last.number() as i64 + 1);
        ApiError::parameter("page", rule).hint(format!(
            "the list has {total} rows, and a page behind them is refused here \
             (authing.quirks.past_the_end = \"refuse\")"
        ))
    })
}
