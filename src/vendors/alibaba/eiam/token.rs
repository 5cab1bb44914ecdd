//! `NextToken`: opaque to the client. It holds all that any process with the same scenario needs
//! to continue: where the last page ended, bound to the query.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::world::draw::{hash_bytes, mix};
use crate::world::population::Member;
use crate::world::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    /// The last row of the page.
    pub(crate) last: Member,
    /// Only if the scenario needs it.
    pub(crate) progress: Option<Progress>,
}

/// The position of a traversal from page to page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Progress {
    /// The number of pages so far.
    pub(crate) pages: u64,
    /// When its first page was requested.
    pub(crate) began: Timestamp,
    /// The number of the last event at that time.
    pub(crate) last_event: u64,
    /// When its last token was given.
    pub(crate) given: Timestamp,
}

/// The number of bytes of the row: its kind, and its number.
const ROW_SIZE: usize = 9;
/// Added to the kind of the row if the progress follows.
const WITH_PROGRESS: u8 = 8;

pub(crate) fn write(key: u64, query: u64, token: Token) -> String {
    let (kind, value) = match token.last {
        Member::Synthetic(index) => (0, index),
        Member::Fixed(index) => (1, index as u64),
        Member::Created(number) => (2, number),
    };
    let mut bytes = vec![kind];
    bytes.extend(value.to_be_bytes());
    if let Some(Progress { pages, began, last_event, given }) = token.progress {
        bytes[0] += WITH_PROGRESS;
        let (began, given) = (began.millis() as u64, given.millis() as u64);
        for part in [pages, began, last_event, given] {
            bytes.extend(part.to_be_bytes());
        }
    }
    bytes.extend(seal(key, query, &bytes).to_be_bytes());
    format!("NT{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// None if no server with the same scenario wrote it for this query.
pub(crate) fn read(key: u64, query: u64, token: &str) -> Option<Token> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("NT")?).ok()?;
    let (body, found) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
    if found != seal(key, query, body).to_be_bytes() {
        return None;
    }
    let (row, rest) = body.split_at_checked(ROW_SIZE)?;
    let (&kind, value) = row.split_first()?;
    let value = number(value)?;
    let last = match kind % WITH_PROGRESS {
        0 => Member::Synthetic(value),
        1 => Member::Fixed(value as usize),
        _ => Member::Created(value),
    };
    let progress = match kind < WITH_PROGRESS {
        true => None,
        false => {
            let part = |index: usize| number(rest.get(index * 8..(index + 1) * 8)?);
            let instant = |index| Some(Timestamp::from_millis(part(index)? as i64));
            let (pages, last_event) = (part(0)?, part(2)?);
            Some(Progress { pages, began: instant(1)?, last_event, given: instant(3)? })
        }
    };
    Some(Token { last, progress })
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

/// Guards against mistakes and mixed-up filters; it is not cryptography.
fn seal(key: u64, query: u64, body: &[u8]) -> u64 {
    mix(mix(key ^ hash_bytes(body)) ^ query)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn progress() -> impl Strategy<Value = Progress> {
        let instant = || (0i64..1 << 42).prop_map(Timestamp::from_millis);
        (0u64..1 << 40, instant(), 0u64..1 << 60, instant()).prop_map(
            |(pages, began, last_event, given)| Progress { pages, began, last_event, given },
        )
    }

    fn member() -> impl Strategy<Value = Member> {
        prop_oneof![
            (0u64..1 << 40).prop_map(Member::Synthetic),
            (0usize..1 << 20).prop_map(Member::Fixed),
            (0u64..1 << 60).prop_map(Member::Created),
        ]
    }

    proptest! {
        #[test]
        fn a_token_leads_back_to_its_row_and_only_for_its_query(
            key: u64, query: u64, other: u64,
            last in member(), progress in proptest::option::of(progress()),
        ) {
            let token = Token { last, progress };
            let text = write(key, query, token);
            prop_assert_eq!(read(key, query, &text), Some(token));
            prop_assume!(other != query);
            prop_assert_eq!(read(key, other, &text), None);
        }

        #[test]
        fn no_text_is_mistaken_for_a_token(text in "(NT)?[A-Za-z0-9_-]{0,80}") {
            prop_assert_eq!(read(1, 2, &text), None);
        }
    }

    #[test]
    fn tokens_without_progress_are_as_short_as_they_always_were() {
        let token = Token { last: Member::Synthetic(7), progress: None };
        let text = write(1, 2, token);
        assert_eq!(text.len(), "NT".len() + 23, "17 bytes");
        assert_eq!(read(1, 2, &text), Some(token));
    }
}
