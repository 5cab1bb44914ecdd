//! Which page of a list is asked for, and what the scenario makes of it.
//!
//! An offset counts records from 0 (vendor's page); at the end or past it the list is empty,
//! which is how Terraform's provider knows that it has them all.

use super::quirks::Quirks;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule};
use crate::world::pages::Page;

/// Inferred: the vendor's page gives no default, its sample request asks for as many.
const USUAL_LIMIT: u64 = 10;

/// The offset and the limit of a request.
#[derive(Clone, Copy)]
pub struct Asked {
    offset: u64,
    limit: u64,
}

impl Asked {
    pub fn parse(arguments: &Arguments, quirks: &Quirks) -> Result<Self, Refusal> {
        let offset = arguments.whole("offset", 0..=i64::MAX)?.map_or(0, i64::unsigned_abs);
        // Inferred, as is the most there can be: a page of nothing is a slip.
        let limit = quirks.over_limit.size(arguments, "limit", quirks.max_limit)?;
        Ok(Self { offset, limit: limit.unwrap_or(USUAL_LIMIT).min(quirks.max_limit) })
    }

    /// The page, if the list has `total` rows.
    pub fn page(self, quirks: &Quirks, total: u64) -> Page {
        self.settled(quirks, total).unwrap_or_else(|last| last)
    }

    /// What total the answer claims, if there is such a page.
    pub fn claimed(self, quirks: &Quirks, total: u64) -> Result<Option<u64>, Refusal> {
        let page = self.settled(quirks, total).map_err(|_| {
            let most = i64::try_from(total.saturating_sub(1)).unwrap_or(i64::MAX);
            Refusal::parameter("offset", Rule::AtMost(most)).hint(format!(
                "there are {total} jobs, and an offset past them is refused here \
                 (drs.quirks.past_the_end = \"refuse\")"
            ))
        })?;
        Ok(page.claims(quirks.total, total))
    }

    fn settled(self, quirks: &Quirks, total: u64) -> Result<Page, Page> {
        let page = Page::at(quirks.pages, self.offset, self.limit);
        quirks.past_the_end.settle(page, total)
    }
}
