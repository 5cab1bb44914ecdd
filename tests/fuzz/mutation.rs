//! Inputs made from other inputs.

use crate::corpus::Corpus;

/// SplitMix64: the same numbers for the same seed, on every machine and in every release.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below a bound; 0 if that is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound.max(1) as u64) as usize
    }

    pub(crate) fn one_of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }

    /// Small numbers far more often than large ones.
    fn length(&mut self, most: usize) -> usize {
        let bits = self.below(usize::BITS as usize - most.max(1).leading_zeros() as usize + 1);
        self.below((1 << bits).min(most) + 1)
    }
}

pub(crate) struct Mutator<'c> {
    corpus: &'c Corpus,
    seeds: Vec<Vec<u8>>,
    random: Random,
}

impl<'c> Mutator<'c> {
    pub(crate) fn new(corpus: &'c Corpus, seeds: Vec<Vec<u8>>, random: Random) -> Self {
        assert!(!seeds.is_empty(), "a target has seeds");
        Self { corpus, seeds, random }
    }

    /// A seed with some mutations.
    pub(crate) fn next(&mut self, most: usize) -> Vec<u8> {
        let mut input = self.random.one_of(&self.seeds).clone();
        for _ in 0..1 + self.random.length(12) {
            self.mutate(&mut input);
            input.truncate(most);
        }
        input
    }

    /// A range of the input, as long as it may be.
    fn range(&mut self, input: &[u8], most: usize) -> std::ops::Range<usize> {
        let start = self.random.below(input.len() + 1);
        let length = self.random.length(most.min(input.len() - start));
        start..start + length
    }

    /// A word of the input: a run of letters and digits.
    fn word(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let is_in_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
        let at = self.random.below(input.len());
        let start = input[..at].iter().rposition(|byte| !is_in_word(byte)).map_or(0, |end| end + 1);
        let after = input[at..].iter().position(|byte| !is_in_word(byte));
        start..after.map_or(input.len(), |length| at + length).max(start)
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        if input.is_empty() {
            input.extend_from_slice(self.random.one_of::<Vec<u8>>(&self.corpus.words));
            return;
        }
        match self.random.below(12) {
            0 => {
                let at = self.random.below(input.len());
                input[at] ^= 1 << self.random.below(8);
            }
            1 => {
                let at = self.random.below(input.len());
                input[at] = self.random.number() as u8;
            }
            2 => {
                let range = self.range(input, 64);
                input.drain(range);
            }
            3 => {
                let range = self.range(input, 256);
                let copy = input[range.clone()].to_vec();
                let at = self.random.below(input.len() + 1);
                input.splice(at..at, copy);
            }
            // The same thing very often: what is quadratic shows here.
            4 => {
                let range = self.range(input, 96);
                let times = 1 + self.random.length(2_000);
                let copies = input[range.clone()].repeat(times);
                input.splice(range.end..range.end, copies);
            }
            // The same thing very often, each a little different.
            5 => {
                let range = self.range(input, 96);
                let part = input[range.clone()].to_vec();
                let times = self.random.length(300);
                let mut copies = Vec::new();
                for i in 0..times {
                    copies.extend_from_slice(&part);
                    copies.extend_from_slice(i.to_string().as_bytes());
                }
                input.splice(range.end..range.end, copies);
            }
            6 | 7 => {
                let range = self.word(input);
                let word = self.random.one_of(&self.corpus.words).clone();
                input.splice(range, word);
            }
            8 => {
                let at = self.random.below(input.len() + 1);
                let word = self.random.one_of(&self.corpus.words).clone();
                input.splice(at..at, word);
            }
            9 => {
                let at = self.random.below(input.len() + 1);
                let odd = *self.random.one_of::<&[u8]>(ODD);
                input.splice(at..at, odd.iter().copied());
            }
            10 => {
                let range = self.word(input);
                let odd = *self.random.one_of::<&[u8]>(ODD);
                input.splice(range, odd.iter().copied());
            }
            // The rest of another seed.
            _ => {
                let other = self.random.one_of(&self.seeds).clone();
                let start = self.random.below(other.len() + 1);
                let range = self.range(input, 512);
                let end = start + self.random.length(other.len() - start);
                input.splice(range, other[start..end].iter().copied());
            }
        }
    }
}

/// What parsers have been caught by.
const ODD: &[&[u8]] = &[
    b"0",
    b"-1",
    b"-0",
    b"1e999",
    b"0.1",
    b"1_000",
    b"0x10",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"2147483648",
    b"NaN",
    b"Infinity",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"\"",
    b"[[[[[[[[[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":{\"a\":",
    b"%",
    b"%0",
    b"%00",
    b"%FF",
    b"%2",
    b"%ZZ",
    b"%25%32%35",
    b"+",
    b"&",
    b"=",
    b"&&==&",
    b";",
    b",",
    b"/",
    b"//",
    b"/../",
    b"?",
    b"#",
    b":",
    b"\\u0000",
    b"\\ud800",
    b"\\\"",
    b"\n",
    b"\r\n",
    b"\t",
    b"\0",
    b"\x7f",
    b"\xff\xfe",
    b"\xc3\x28",
    "\u{feff}".as_bytes(),
    "\u{202e}".as_bytes(),
    "é".as_bytes(),
    "日本".as_bytes(),
    "İ".as_bytes(),
    "ſ".as_bytes(),
    "👩\u{200d}👩".as_bytes(),
    b"'''",
    b"\"\"\"",
    b"[[",
    b"]]",
    b"a.b.c.d = 1\n",
    b"1970-01-01T00:00:00Z",
    b"9999-12-31T23:59:59Z",
    b"-009999-01-02T01:59:59Z",
    b"0000-00-00T00:00:00Z",
    b"2026-02-30T00:00:00Z",
    b"253402300799999",
    b"106751991167d",
    b"0s",
    b"1000000h",
    b"../../etc/passwd",
    b"<!DOCTYPE a>",
    b"]]>",
    b"${jndi:ldap://a}",
];
