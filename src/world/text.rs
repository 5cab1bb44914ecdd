//! Short texts of digits, put together where they stand: `format!` takes several times as
//! long, and an answer has hundreds of them.

/// An ASCII text of up to `N` bytes; what does not fit is cut.
pub(crate) struct Text<const N: usize> {
    bytes: [u8; N],
    used: usize,
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self { bytes: [0; N], used: 0 }
    }
}

impl<const N: usize> Text<N> {
    #[inline]
    pub(crate) fn put(&mut self, text: &str) -> &mut Self {
        if let Some(into) = self.bytes.get_mut(self.used..self.used + text.len()) {
            into.copy_from_slice(text.as_bytes());
            self.used += text.len();
        }
        self
    }

    /// The last `digits` digits of the value, with leading zeroes.
    #[inline]
    pub(crate) fn decimal(&mut self, value: u64, digits: usize) -> &mut Self {
        self.spelt(value, b"0123456789", digits)
    }

    /// The last `digits` digits of the value in lower-case hexadecimal, with leading zeroes.
    #[inline]
    pub(crate) fn hex(&mut self, value: u64, digits: usize) -> &mut Self {
        self.spelt(value, b"0123456789abcdef", digits)
    }

    /// The last `digits` digits of the value in an alphabet of ASCII, the most significant
    /// first.
    #[inline]
    pub(crate) fn spelt<const B: usize>(
        &mut self,
        mut value: u64,
        alphabet: &[u8; B],
        digits: usize,
    ) -> &mut Self {
        let end = (self.used + digits).min(N);
        for byte in self.bytes[self.used..end].iter_mut().rev() {
            *byte = alphabet[(value % B as u64) as usize];
            value /= B as u64;
        }
        self.used = end;
        self
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.used]).unwrap_or_default()
    }

    pub(crate) fn to_text(&self) -> String {
        self.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_those_that_format_writes(value: u64) {
            let mut text = Text::<60>::default();
            text.put("-").hex(value, 16).put("Ü").decimal(value, 20);
            prop_assert_eq!(text.as_str(), format!("-{value:016x}Ü{value:020}"));
            let mut cut = Text::<4>::default();
            cut.hex(value, 4);
            prop_assert_eq!(cut.as_str(), format!("{:04x}", value & 0xffff));
        }
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        let mut text = Text::<5>::default();
        text.put("abc").decimal(1_234, 4).put("x");
        assert_eq!(text.as_str(), "abc34");
    }
}
