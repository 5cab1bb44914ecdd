//! `NextToken`: opaque to the client, and all that any process with the same scenario
//! needs to go on: where the last page ended, bound to what was asked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::world::draw::{hash_bytes, mix};
use crate::world::population::Member;
use crate::world::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token {
    /// The last row of the page.
    pub last: Member,
    /// Only where the scenario asks for something that needs it.
    pub behind: Option<Behind>,
}

/// What a walk from page to page has behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Behind {
    /// How many pages.
    pub pages: u64,
    /// When its first page was asked for.
    pub began: Timestamp,
    /// The number of the last change that there was then.
    pub changes: u64,
    /// When its last token was given.
    pub given: Timestamp,
}

/// Of the row; with a walk there is 8 more to its kind.
const ROW: usize = 9;
const WITH_BEHIND: u8 = 8;

pub fn write(key: u64, question: u64, token: Token) -> String {
    let (kind, value) = match token.last {
        Member::Synthetic(index) => (0, index),
        Member::Pinned(place) => (1, place as u64),
        Member::Created(number) => (2, number),
    };
    let mut bytes = vec![kind];
    bytes.extend(value.to_be_bytes());
    if let Some(Behind { pages, began, changes, given }) = token.behind {
        bytes[0] += WITH_BEHIND;
        let (began, given) = (began.millis() as u64, given.millis() as u64);
        for part in [pages, began, changes, given] {
            bytes.extend(part.to_be_bytes());
        }
    }
    bytes.extend(seal(key, question, &bytes).to_be_bytes());
    format!("NT{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// None if this server, or one of the same scenario, did not write it for this question.
pub fn read(key: u64, question: u64, token: &str) -> Option<Token> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("NT")?).ok()?;
    let (body, found) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
    if found != seal(key, question, body).to_be_bytes() {
        return None;
    }
    let (row, walk) = body.split_at_checked(ROW)?;
    let (&kind, value) = row.split_first()?;
    let value = number(value)?;
    let last = match kind % WITH_BEHIND {
        0 => Member::Synthetic(value),
        1 => Member::Pinned(value as usize),
        _ => Member::Created(value),
    };
    let behind = match kind < WITH_BEHIND {
        true => None,
        false => {
            let part = |place: usize| number(walk.get(place * 8..(place + 1) * 8)?);
            let instant = |place| Some(Timestamp::from_millis(part(place)? as i64));
            let (pages, changes) = (part(0)?, part(2)?);
            Some(Behind { pages, began: instant(1)?, changes, given: instant(3)? })
        }
    };
    Some(Token { last, behind })
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

/// Guards against slips and mixed-up filters; it is not cryptography.
fn seal(key: u64, question: u64, body: &[u8]) -> u64 {
    mix(mix(key ^ hash_bytes(body)) ^ question)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn behind() -> impl Strategy<Value = Behind> {
        let instant = || (0i64..1 << 42).prop_map(Timestamp::from_millis);
        (0u64..1 << 40, instant(), 0u64..1 << 60, instant())
            .prop_map(|(pages, began, changes, given)| Behind { pages, began, changes, given })
    }

    fn member() -> impl Strategy<Value = Member> {
        prop_oneof![
            (0u64..1 << 40).prop_map(Member::Synthetic),
            (0usize..1 << 20).prop_map(Member::Pinned),
            (0u64..1 << 60).prop_map(Member::Created),
        ]
    }

    proptest! {
        #[test]
        fn a_token_leads_back_to_its_row_and_only_for_its_question(
            key: u64, question: u64, other: u64,
            last in member(), behind in proptest::option::of(behind()),
        ) {
            let token = Token { last, behind };
            let text = write(key, question, token);
            prop_assert_eq!(read(key, question, &text), Some(token));
            prop_assume!(other != question);
            prop_assert_eq!(read(key, other, &text), None);
        }

        #[test]
        fn no_text_is_mistaken_for_a_token(text in "(NT)?[A-Za-z0-9_-]{0,80}") {
            prop_assert_eq!(read(1, 2, &text), None);
        }
    }

    #[test]
    fn tokens_without_a_walk_are_those_of_before_there_were_walks() {
        let token = Token { last: Member::Synthetic(7), behind: None };
        let text = write(1, 2, token);
        assert_eq!(text.len(), "NT".len() + 23, "17 bytes");
        assert_eq!(read(1, 2, &text), Some(token));
    }
}
