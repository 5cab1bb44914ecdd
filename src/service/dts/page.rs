//! Which page of a list is asked for, and which one is shown.

use super::quirks::Quirks;
use crate::wire::Arguments;
use crate::wire::refusal::{Refusal, Rule};
use crate::world::pages::Page;

/// A page as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The parameter that says which page it is.
    pub parameter: &'static str,
    /// From 1.
    pub number: u64,
    pub size: u64,
}

/// A page as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    page: Page,
    total: u64,
}

/// The number of the page that the parameter asks for, from 1.
pub fn number(
    quirks: &Quirks,
    arguments: &Arguments,
    parameter: &'static str,
) -> Result<u64, Refusal> {
    quirks.page_zero.number(arguments, parameter, i64::from(i32::MAX))
}

/// How many rows `PageSize` asks for; `usual` if it does not say.
pub fn size(quirks: &Quirks, arguments: &Arguments, most: u64, usual: u64) -> Result<u64, Refusal> {
    let size = quirks.over_limit.size(arguments, "PageSize", most)?;
    Ok(size.unwrap_or(usual).min(most))
}

/// The same for DescribeSynchronizationJobs and DescribeDtsJobs. The pages give 30 as the
/// most, older ones 100, and callers send up to 200 and get them: what is refused is for the
/// scenario to say.
pub fn size_of_jobs(quirks: &Quirks, arguments: &Arguments, usual: u64) -> Result<u64, Refusal> {
    let most = quirks.max_page_size;
    size(quirks, arguments, most, usual).map_err(|refusal| {
        refusal.hint(format!("this scenario has dts.quirks.max_page_size = {most}"))
    })
}

impl Asked {
    /// What is shown of a list of `total` rows.
    pub fn of(self, quirks: &Quirks, total: u64) -> Result<Shown, Refusal> {
        let page = Page::numbered(quirks.pages, self.number - 1, self.size);
        let page = quirks.past_the_end.settle(page, total).map_err(|last| {
            let last = last.number() + 1;
            let hint = format!(
                "page {last} is the last one, and this scenario has \
                 dts.quirks.past_the_end = \"refuse\""
            );
            Refusal::parameter(self.parameter, Rule::AtMost(last as i64)).hint(hint)
        })?;
        Ok(Shown { page, total })
    }
}

impl Shown {
    /// From 1.
    pub fn number(self) -> u64 {
        self.page.number() + 1
    }

    /// The places of its rows in the list.
    pub fn rows(self) -> impl Iterator<Item = u64> {
        self.page.rows(self.total)
    }

    /// How many rows it says that the list has, if it does.
    pub fn total(self, quirks: &Quirks) -> Option<u64> {
        self.page.claims(quirks.total, self.total)
    }
}
