//! `NextToken`: opaque to the client, and all that any process with the same scenario
//! needs to go on: where the last page ended, bound to what was asked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::world::draw::{hash_bytes, mix};
use crate::world::population::Member;

/// The last row of a page.
pub fn write(key: u64, question: u64, last: Member) -> String {
    let (kind, value) = match last {
        Member::Synthetic(index) => (0, index),
        Member::Pinned(place) => (1, place as u64),
        Member::Created(number) => (2, number),
    };
    let mut bytes = vec![kind];
    bytes.extend(value.to_be_bytes());
    bytes.extend(seal(key, question, &bytes).to_be_bytes());
    format!("NT{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// None if this server, or one of the same scenario, did not write it for this question.
pub fn read(key: u64, question: u64, token: &str) -> Option<Member> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("NT")?).ok()?;
    let (body, found) = bytes.split_at_checked(9)?;
    if found != seal(key, question, body).to_be_bytes() {
        return None;
    }
    let (&kind, value) = body.split_first()?;
    let value = u64::from_be_bytes(value.try_into().ok()?);
    Some(match kind {
        0 => Member::Synthetic(value),
        1 => Member::Pinned(value as usize),
        _ => Member::Created(value),
    })
}

/// Guards against slips and mixed-up filters; it is not cryptography.
fn seal(key: u64, question: u64, body: &[u8]) -> u64 {
    mix(mix(key ^ hash_bytes(body)) ^ question)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_leads_back_to_its_row_and_only_for_its_question(
            key: u64, question: u64, index in 0u64..1 << 40, other: u64,
        ) {
            let token = write(key, question, Member::Synthetic(index));
            prop_assert_eq!(read(key, question, &token), Some(Member::Synthetic(index)));
            prop_assume!(other != question);
            prop_assert_eq!(read(key, other, &token), None);
        }

        #[test]
        fn no_text_is_mistaken_for_a_token(text in "(NT)?[A-Za-z0-9_-]{0,30}") {
            prop_assert_eq!(read(1, 2, &text), None);
        }
    }
}
