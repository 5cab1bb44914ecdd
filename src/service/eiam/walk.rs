//! One page of a walk by tokens: where it begins, and the token of the next one.

use super::Plan;
use super::quirks::LastToken;
use super::token::{self, Behind, Token};
use crate::gateway::Admitted;
use crate::service::AsOf;
use crate::wire::refusal::{Refusal, Rule};
use crate::world::pages::{Page, Seam, Total};
use crate::world::population::Member;
use crate::world::time::Timestamp;

impl Plan {
    /// Whether a token has to tell more than its row.
    fn tokens_tell_what_is_behind(&self) -> bool {
        self.paging.is_snapshot()
            || self.quirks.token_lasts.is_some()
            || self.quirks.repeated_token
            || self.quirks.pages != Seam::Exact
            || self.quirks.total == Total::Drifting
    }
}

pub struct Walk<'a> {
    plan: &'a Plan,
    now: Timestamp,
    /// What its tokens are bound to.
    question: u64,
    /// As it was sent.
    token: Option<&'a str>,
    /// The last row that the walk is done with; at first there is none.
    pub after: Option<Member>,
    behind: Behind,
    limit: u64,
}

impl<'a> Walk<'a> {
    /// Goes on from a token, or begins.
    ///
    /// # Errors
    /// If the token is not one of this question, or has lasted for too long.
    pub fn go_on(
        call: &'a Admitted<'_>,
        token: Option<&'a str>,
        limit: u64,
        question: u64,
    ) -> Result<Self, Refusal> {
        let (plan, now) = (&call.plan().eiam, call.now());
        let question = if plan.quirks.token_bound { question } else { 0 };
        let began = now.minus(plan.quirks.stale_reads.map_or(0, |lag| lag.0));
        let nothing = Behind { pages: 0, began, changes: call.number() - 1, given: now };
        let refuse = |hint: String| Refusal::parameter("NextToken", Rule::Token).hint(hint);
        let (after, behind) = match token {
            None => (None, nothing),
            Some(text) => {
                let found = token::read(plan.token_key, question, text);
                let Token { last, behind } = found.ok_or_else(|| {
                    let hint = if plan.quirks.token_bound {
                        "a NextToken goes with the filters of the request that gave it"
                    } else {
                        "no answer of this scenario had that NextToken"
                    };
                    refuse(hint.to_owned())
                })?;
                // That of another scenario, whose tokens say no more than their row.
                let needed = plan.paging.is_snapshot() || plan.quirks.token_lasts.is_some();
                if behind.is_none() && needed {
                    return Err(refuse("the NextToken does not say when it was given".to_owned()));
                }
                (Some(last), behind.unwrap_or(Behind { pages: 1, ..nothing }))
            }
        };
        let lasts = plan.quirks.token_lasts;
        if let Some(lasts) = lasts.filter(|lasts| now.since(behind.given) > lasts.0) {
            return Err(refuse(format!("eiam.quirks.token_lasts = \"{lasts}\" is over")));
        }
        Ok(Self { plan, now, question, token, after, behind, limit })
    }

    /// What the page is of.
    pub fn as_of(&self, call: &Admitted<'a>) -> AsOf<'a> {
        if self.plan.paging.is_snapshot() {
            AsOf::walk(call, self.behind.began, self.behind.changes)
        } else {
            AsOf::read(call, self.plan.quirks.stale_reads)
        }
    }

    /// The page with so many rows behind it.
    pub fn page(&self, first: u64) -> Page {
        Page::after(self.plan.quirks.pages, self.behind.pages, first, self.limit)
    }

    /// The `NextToken` of a page that shows so many rows of `total`; `row` gives the one at a
    /// place.
    pub fn next(
        &self,
        page: Page,
        shown: usize,
        total: u64,
        row: impl Fn(u64) -> Option<Member>,
    ) -> Option<String> {
        let last_token = self.plan.quirks.last_token;
        let more = page.has_more(total);
        let leads_on = more || (last_token == LastToken::LeadsToEmptyPage && shown > 0);
        let end = page.end().min(total);
        let last = if leads_on { end.checked_sub(1).and_then(row) } else { None };
        let Some(last) = last else {
            return (last_token == LastToken::EmptyString).then(String::new);
        };
        let behind = Behind { pages: self.behind.pages + 1, given: self.now, ..self.behind };
        let behind = self.plan.tokens_tell_what_is_behind().then_some(behind);
        Some(token::write(self.plan.token_key, self.question, Token { last, behind }))
    }

    /// The token, if this is a page that may answer with the one that it was asked with.
    pub fn repeatable(&self) -> Option<&'a str> {
        self.token.filter(|_| self.plan.quirks.repeated_token && self.behind.pages == 1)
    }
}
