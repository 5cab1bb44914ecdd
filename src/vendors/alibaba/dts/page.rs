//! The page of a list that a call asks for, and the page that it is shown.

use super::quirks::Quirks;
use super::scenario::DtsPlan;
use crate::fault::RequestedPage;
use crate::wire::Arguments;
use crate::wire::error::{ApiError, Rule};
use crate::world::paging::Page;

/// The parameter of the page in DescribeSynchronizationJobs and DescribeInitializationStatus.
pub(crate) const PAGE_NUM: &str = "PageNum";
/// The parameter of the page in DescribeDtsJobs.
pub(crate) const PAGE_NUMBER: &str = "PageNumber";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageQuery {
    /// The parameter that says which page it is.
    pub(crate) parameter: &'static str,
    /// From 1.
    pub(crate) number: u64,
    pub(crate) size: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShownPage {
    page: Page,
    total: u64,
}

/// The page that a call with `PageNum` asks for.
pub(crate) fn requested_page_num(plan: &DtsPlan, arguments: &Arguments<'_>) -> RequestedPage {
    requested_page(plan, arguments, PAGE_NUM)
}

/// The page that a call with `PageNumber` asks for.
pub(crate) fn requested_page_number(plan: &DtsPlan, arguments: &Arguments<'_>) -> RequestedPage {
    requested_page(plan, arguments, PAGE_NUMBER)
}

fn requested_page(
    plan: &DtsPlan,
    arguments: &Arguments<'_>,
    parameter: &'static str,
) -> RequestedPage {
    number(&plan.quirks, arguments, parameter).map_or(RequestedPage::FIRST, RequestedPage::Number)
}

/// The number of the page that the parameter asks for, from 1.
pub(crate) fn number(
    quirks: &Quirks,
    arguments: &Arguments<'_>,
    parameter: &'static str,
) -> Result<u64, ApiError> {
    quirks.page_zero.number(arguments, parameter, i64::from(i32::MAX))
}

/// The number of rows that `PageSize` asks for.
pub(crate) fn size(
    quirks: &Quirks,
    arguments: &Arguments<'_>,
    max: u64,
    default: u64,
) -> Result<u64, ApiError> {
    let size = quirks.over_limit.size(arguments, "PageSize", max)?;
    Ok(size.unwrap_or(default).min(max))
}

/// The same for DescribeSynchronizationJobs and DescribeDtsJobs. The vendor's pages give a
/// maximum of 30, older ones of 100, and callers send up to 200 and get them; so the scenario
/// says what is refused.
pub(crate) fn size_of_jobs(
    quirks: &Quirks,
    arguments: &Arguments<'_>,
    default: u64,
) -> Result<u64, ApiError> {
    let max = quirks.max_page_size;
    size(quirks, arguments, max, default)
        .map_err(|error| error.hint(format!("this scenario has dts.quirks.max_page_size = {max}")))
}

impl PageQuery {
    /// The page that is shown of a list of `total` rows.
    pub(crate) fn of(self, quirks: &Quirks, total: u64) -> Result<ShownPage, ApiError> {
        let page = Page::numbered(quirks.pages.into(), self.number - 1, self.size);
        let page = quirks.past_the_end.settle(page, total).map_err(|last| {
            let last = last.number() + 1;
            let hint = format!(
                "page {last} is the last one, and this scenario has \
                 dts.quirks.past_the_end = \"refuse\""
            );
            ApiError::parameter(self.parameter, Rule::AtMost(last as i64)).hint(hint)
        })?;
        Ok(ShownPage { page, total })
    }
}

impl ShownPage {
    /// From 1.
    pub(crate) fn number(self) -> u64 {
        self.page.number() + 1
    }

    /// The places of its rows in the list.
    pub(crate) fn rows(self) -> impl Iterator<Item = u64> {
        self.page.rows(self.total)
    }

    /// The total that the answer reports, if any.
    pub(crate) fn reported_total(self, quirks: &Quirks) -> Option<u64> {
        self.page.reported(quirks.total.into(), self.total)
    }
}
