//! Which page a call asks for.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestedPage {
    /// From 1. A call without pages asks for the first.
    Number(u64),
    /// Any but the first: a token does not say which.
    AfterToken,
}

impl RequestedPage {
    pub(crate) const FIRST: Self = Self::Number(1);

    /// The page that begins at an offset of rows.
    pub(crate) fn at_offset(offset: u64, limit: u64) -> Self {
        Self::Number(offset / limit.max(1) + 1)
    }

    /// Whether a fault for this page applies to a call for that one.
    pub(crate) fn includes(self, requested: Self) -> bool {
        match (self, requested) {
            (Self::AfterToken, Self::AfterToken) => true,
            (Self::AfterToken, Self::Number(number)) => number > 1,
            (Self::Number(wanted), Self::Number(number)) => wanted == number,
            (Self::Number(_), Self::AfterToken) => false,
        }
    }
}
