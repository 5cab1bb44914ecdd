//! The page that a call requests, and the scenario's rules for it.
//!
//! An offset counts records from 0 (vendor's page). At the end or past it the list is empty, which
//! tells Terraform's provider that it has all rows.

use super::quirks::Quirks;
use super::scenario::DrsPlan;
use crate::fault::RequestedPage;
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};
use crate::world::paging::Page;

/// Inferred: the vendor's page gives no default, its sample request asks for as many.
const DEFAULT_LIMIT: u64 = 10;

/// The offset and the limit of a request.
#[derive(Clone, Copy)]
pub(crate) struct PageQuery {
    offset: u64,
    limit: u64,
}

/// The page that a call of any of the lists asks for.
pub(crate) fn requested_page(plan: &DrsPlan, arguments: &Arguments<'_>) -> RequestedPage {
    let query = PageQuery::from_arguments(arguments, &plan.quirks);
    query.map_or(RequestedPage::FIRST, |query| RequestedPage::at_offset(query.offset, query.limit))
}

impl PageQuery {
    pub(crate) fn from_arguments(
        arguments: &Arguments<'_>,
        quirks: &Quirks,
    ) -> Result<Self, ApiError> {
        let offset = arguments.whole("offset", 0..=i64::MAX)?.map_or(0, i64::unsigned_abs);
        // Inferred: 0 is refused, and there is a maximum.
        let limit = quirks.over_limit.size(arguments, "limit", quirks.max_limit)?;
        Ok(Self { offset, limit: limit.unwrap_or(DEFAULT_LIMIT).min(quirks.max_limit) })
    }

    /// The page of a list of `total` rows.
    ///
    /// # Errors
    /// If the page is past the end, and that is refused.
    pub(crate) fn page(self, quirks: &Quirks, total: u64) -> Result<Page, ApiError> {
        let page = Page::at(quirks.pages.into(), self.offset, self.limit);
        quirks.past_the_end.settle(page, total).map_err(|_| {
            let most = i64::try_from(total.saturating_sub(1)).unwrap_or(i64::MAX);
            ApiError::parameter("offset", Rule::AtMost(most)).hint(format!(
                "there are {total} jobs, and an offset past them is refused here \
                 (drs.quirks.past_the_end = \"refuse\")"
            ))
        })
    }
}

/// The rows of a page, taken out of a list of `total` by their places.
#[expect(clippy::expect_used, reason = "a page has no row at `total` or behind it")]
pub(crate) fn rows<T>(page: Page, total: u64, nth: impl Fn(u64) -> Option<T>) -> Vec<T> {
    page.rows(total)
        .map(|place| nth(place).expect("a list has every row below its total"))
        .collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::vendors::huawei::drs::Drs;
    use crate::vendors::huawei::drs::tests::plan;

    fn page(quirks: &str, query: &str) -> RequestedPage {
        let plan = plan(1, &format!("[drs.quirks]\n{quirks}\n"));
        let request = http::Request::get(format!("/v5/p/jobs?{query}")).body(Bytes::new());
        requested_page(plan.of::<Drs>(), &Arguments::of(&request.expect("a request")))
    }

    #[test]
    fn a_limit_that_is_clamped_counts_pages_of_the_clamped_size() {
        let clamping = "over_limit = \"clamp\"";
        assert_eq!(page(clamping, "limit=5000&offset=1000"), RequestedPage::Number(2));
        assert_eq!(page(clamping, "limit=5000&offset=999"), RequestedPage::FIRST);
        let small = "over_limit = \"clamp\"\nmax_limit = 3";
        assert_eq!(page(small, "limit=5000&offset=6"), RequestedPage::Number(3));
        assert_eq!(page("max_limit = 3", "offset=6"), RequestedPage::Number(3));
        assert_eq!(page("", "limit=5000&offset=1000"), RequestedPage::FIRST, "it is refused");
    }

    #[test]
    fn an_offset_alone_counts_pages_of_the_default_size_and_other_parameters_none() {
        assert_eq!(page("", "offset=20"), RequestedPage::Number(3));
        assert_eq!(page("", "offset=40&limit=20"), RequestedPage::Number(3));
        for query in ["", "offset=&limit=", "page=7&PageNumber=3&NextToken=x", "offset=x"] {
            assert_eq!(page("", query), RequestedPage::FIRST, "{query}");
        }
    }
}
