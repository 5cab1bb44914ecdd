//! Ids that carry their index: a keyed bijection makes them look random, and looking one
//! up is undoing it, so no table of ids exists however many jobs there are.

use super::draw::{Seed, Stream, draw, mix};
use super::text::Text;

const HALF: u32 = 31;
const MASK: u64 = (1 << HALF) - 1;

/// A permutation of `0..2^62`, and a checksum per index that fills the rest of an id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdCodec {
    keys: [u64; 4],
    check: u64,
}

impl IdCodec {
    pub(crate) fn new(seed: Seed, stream: Stream) -> Self {
        Self {
            keys: [0, 1, 2, 3].map(|round| draw(seed, stream, round)),
            check: draw(seed, stream, 4),
        }
    }

    /// `index` must be below 2^62 (the populations are bounded far below that).
    pub(crate) fn encode(&self, index: u64) -> u64 {
        let (mut left, mut right) = (index >> HALF & MASK, index & MASK);
        for key in self.keys {
            (left, right) = (right, left ^ (mix(right ^ key) & MASK));
        }
        left << HALF | right
    }

    pub(crate) fn decode(&self, code: u64) -> u64 {
        let (mut left, mut right) = (code >> HALF & MASK, code & MASK);
        for key in self.keys.into_iter().rev() {
            (left, right) = (right ^ (mix(left ^ key) & MASK), left);
        }
        left << HALF | right
    }

    /// 64 bits that only the right index has.
    pub(crate) fn check(&self, index: u64) -> u64 {
        mix(self.check ^ mix(index))
    }

    /// A version 4 UUID for `index`.
    pub(crate) fn uuid(&self, index: u64) -> String {
        let check = self.check(index);
        let code = self.encode(index);
        uuid('4', check, code)
    }

    /// The index whose [`uuid`](Self::uuid) this is, if it is one of ours.
    pub(crate) fn uuid_index(&self, text: &str) -> Option<u64> {
        let mut parts = text.split('-');
        let _ = (parts.next()?, parts.next()?, parts.next()?);
        let high = u64::from_str_radix(parts.next()?, 16).ok()?;
        let low = u64::from_str_radix(parts.next()?, 16).ok()?;
        let index = self.decode((high & 0x3fff) << 48 | low & 0xffff_ffff_ffff);
        (self.uuid(index) == text).then_some(index)
    }
}

/// A UUID of that version, of 60 bits of one number and 62 of another.
pub(crate) fn uuid(version: char, a: u64, b: u64) -> String {
    Text::<36>::default()
        .hex(a >> 32, 8)
        .put("-")
        .hex(a >> 16, 4)
        .put("-")
        .put(version.encode_utf8(&mut [0; 4]))
        .hex(a, 3)
        .put("-")
        .hex(0x8000 | b >> 48 & 0x3fff, 4)
        .put("-")
        .hex(b, 12)
        .to_text()
}

/// The value of digits in the first characters of [`BASE36`]; none if one is another or it
/// overflows.
#[inline]
pub(crate) fn value_of(text: &str, base: u32) -> Option<u64> {
    text.bytes().try_fold(0u64, |value, byte| {
        let digit = char::from(byte).to_digit(base).filter(|_| !byte.is_ascii_uppercase())?;
        value.checked_mul(base.into())?.checked_add(digit.into())
    })
}

/// `0-9a-z`
pub(crate) const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// `0-9a-v`: what EIAM's job ids are spelt in (vendors' samples).
pub(crate) const BASE32_HEX: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
/// `a-z2-7`: what EIAM's other ids are spelt in (vendors' samples).
pub(crate) const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Lower-case hexadecimal.
pub(crate) const HEX: &[u8] = b"0123456789abcdef";

/// `length` characters drawn from the alphabet, for ids that need not be looked up.
pub(crate) fn random_text(
    seed: Seed,
    stream: Stream,
    index: u64,
    alphabet: &[u8],
    length: usize,
) -> String {
    let mut draws = super::draw::Draws::new(seed, stream, index);
    (0..length).map(|_| char::from(alphabet[draws.below(alphabet.len() as u64) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_leads_back_to_its_index(seed: u64, index in 0u64..(1 << 62)) {
            let codec = IdCodec::new(Seed(seed), Stream::named("test"));
            prop_assert_eq!(codec.decode(codec.encode(index)), index);
            prop_assert_eq!(codec.uuid_index(&codec.uuid(index)), Some(index));
        }

        #[test]
        fn no_text_is_mistaken_for_an_id(text in "\\PC{0,40}") {
            let codec = IdCodec::new(Seed(1), Stream::named("test"));
            prop_assert_eq!(codec.uuid_index(&text), None);
        }

        #[test]
        fn digits_and_values_are_inverse(value in 0u64..(1 << 60)) {
            let text = Text::<12>::default().spelt(value, BASE36, 12).to_text();
            prop_assert_eq!(value_of(&text, 36), Some(value));
        }
    }

    #[test]
    fn digits_are_lower_case_and_below_the_base() {
        assert_eq!(
            ["v", "w", "V", "+1"].map(|text| value_of(text, 32)),
            [Some(31), None, None, None]
        );
    }
}
