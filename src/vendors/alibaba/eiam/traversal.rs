//! One page of a traversal by tokens: where it begins, and the token of the next one.

use super::quirks::LastToken;
use super::scenario::EiamPlan;
use super::token::{self, Progress, Token};
use super::{Eiam, EiamCall};
use crate::engine::ReadSnapshot;
use crate::scenario::paging::{PagingAnomalyQuirk, ReportedTotalQuirk};
use crate::wire::error::{ApiError, Rule};
use crate::world::paging::Page;
use crate::world::population::Member;
use crate::world::time::Timestamp;

impl EiamPlan {
    /// True if tokens carry more than the last row.
    fn tokens_carry_progress(&self) -> bool {
        self.paging.is_snapshot()
            || self.quirks.token_lasts.is_some()
            || self.quirks.repeated_token
            || self.quirks.pages != PagingAnomalyQuirk::Exact
            || self.quirks.total == ReportedTotalQuirk::Drifting
    }
}

pub(crate) struct Traversal<'a> {
    plan: &'a EiamPlan,
    now: Timestamp,
    /// The hash of the query that its tokens are bound to.
    query: u64,
    /// As it was sent.
    token: Option<&'a str>,
    /// The last row of the pages before; None on the first page.
    pub(crate) after: Option<Member>,
    progress: Progress,
    limit: u64,
}

impl<'a> Traversal<'a> {
    /// Continues after a token, or begins.
    ///
    /// # Errors
    /// If the token does not belong to this query, or has expired.
    pub(crate) fn continue_after(
        call: &'a EiamCall<'_>,
        token: Option<&'a str>,
        limit: u64,
        query: u64,
    ) -> Result<Self, ApiError> {
        let (plan, now) = (call.plan(), call.now());
        let query = if plan.quirks.token_bound { query } else { 0 };
        let began = now.minus(plan.quirks.stale_reads.map_or(0, |lag| lag.0));
        let none = Progress { pages: 0, began, last_event: call.last_event_number(), given: now };
        let refuse = |hint: String| ApiError::parameter("NextToken", Rule::Token).hint(hint);
        let (after, progress) = match token {
            None => (None, none),
            Some(text) => {
                let found = token::read(plan.token_key, query, text);
                let Token { last, progress } = found.ok_or_else(|| {
                    let hint = if plan.quirks.token_bound {
                        "a NextToken goes with the filters of the request that gave it"
                    } else {
                        "no answer of this scenario had that NextToken"
                    };
                    refuse(hint.to_owned())
                })?;
                // The token of another scenario, whose tokens carry only their row.
                let is_needed = plan.paging.is_snapshot() || plan.quirks.token_lasts.is_some();
                if progress.is_none() && is_needed {
                    return Err(refuse("the NextToken does not say when it was given".to_owned()));
                }
                (Some(last), progress.unwrap_or(Progress { pages: 1, ..none }))
            }
        };
        let lasts = plan.quirks.token_lasts;
        if let Some(lasts) = lasts.filter(|lasts| now.since(progress.given) > lasts.0) {
            return Err(refuse(format!("eiam.quirks.token_lasts = \"{lasts}\" is over")));
        }
        Ok(Self { plan, now, query, token, after, progress, limit })
    }

    /// The world as the traversal sees it.
    pub(crate) fn snapshot<'c>(&self, call: &EiamCall<'c>) -> ReadSnapshot<'c, Eiam> {
        if self.plan.paging.is_snapshot() {
            call.traversal_snapshot(self.progress.began, self.progress.last_event)
        } else {
            call.read_snapshot()
        }
    }

    /// The page that begins at a row.
    pub(crate) fn page(&self, first: u64) -> Page {
        Page::after(self.plan.quirks.pages.into(), self.progress.pages, first, self.limit)
    }

    /// The `NextToken` of a page that shows `shown` of `total` rows; `row` gives the row at an
    /// index.
    pub(crate) fn next_token(
        &self,
        page: Page,
        shown: usize,
        total: u64,
        row: impl Fn(u64) -> Member,
    ) -> Option<String> {
        let last_token = self.plan.quirks.last_token;
        let has_next =
            page.has_more(total) || (last_token == LastToken::LeadsToEmptyPage && shown > 0);
        let last = page.end().min(total).checked_sub(1).filter(|_| has_next);
        let Some(last) = last else {
            return (last_token == LastToken::EmptyString).then(String::new);
        };
        let progress =
            Progress { pages: self.progress.pages + 1, given: self.now, ..self.progress };
        let progress = self.plan.tokens_carry_progress().then_some(progress);
        Some(token::write(self.plan.token_key, self.query, Token { last: row(last), progress }))
    }

    /// The token of the request, if the answer may repeat it.
    pub(crate) fn repeatable(&self) -> Option<&'a str> {
        self.token.filter(|_| self.plan.quirks.repeated_token && self.progress.pages == 1)
    }
}
