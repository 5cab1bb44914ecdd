//! Draws by (seed, stream, index). There is no shared generator: the order of requests cannot
//! change any result.

use rand_pcg::Pcg64Mcg;

/// The seed of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed(pub u64);

/// One independent sequence of draws, named after what is drawn ("eiam.job.result").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream(u64);

impl Stream {
    pub(crate) const fn named(name: &str) -> Self {
        Self(hash_bytes(name.as_bytes()))
    }

    /// A stream of its own for the `index`-th thing that uses this one.
    pub(crate) const fn of(self, index: u64) -> Self {
        Self(mix(self.0 ^ mix(index.wrapping_add(GOLDEN))))
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of SplitMix64: every bit of the input reaches every bit of the output.
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// FNV-1a, finished with [`mix`]: stable for ever, unlike the standard library's hasher.
pub(crate) const fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    mix(hash)
}

/// One 64-bit draw.
pub(crate) const fn draw(seed: Seed, stream: Stream, index: u64) -> u64 {
    SeededStream::new(seed, stream).draw(index)
}

/// A stream of a seed, for who draws from it again and again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeededStream(u64);

impl SeededStream {
    pub(crate) const fn new(seed: Seed, stream: Stream) -> Self {
        Self(mix(mix(seed.0.wrapping_add(GOLDEN)) ^ stream.0))
    }

    pub(crate) const fn draw(self, index: u64) -> u64 {
        mix(self.0.wrapping_add(index.wrapping_mul(GOLDEN)))
    }
}

/// Scales a 64-bit draw to `0..bound`; 0 when `bound` is 0.
pub(crate) const fn scale(draw: u64, bound: u64) -> u64 {
    ((draw as u128 * bound as u128) >> 64) as u64
}

/// A short sequence of draws that belongs to one thing.
pub(crate) struct Draws(Pcg64Mcg);

impl Draws {
    pub(crate) fn new(seed: Seed, stream: Stream, index: u64) -> Self {
        let high = draw(seed, stream, index);
        let low = mix(high ^ GOLDEN);
        Self(Pcg64Mcg::new((high as u128) << 64 | low as u128))
    }

    pub(crate) fn next(&mut self) -> u64 {
        use rand::Rng;
        self.0.next_u64()
    }

    /// Uniform in `0..bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        scale(self.next(), bound)
    }

    /// Uniform in `low..=high`; `low` when the bounds are crossed.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// True `part` times out of `whole`.
    pub(crate) fn chance(&mut self, part: u64, whole: u64) -> bool {
        self.below(whole) < part
    }

    /// For the crates that want a generator of the `rand` family.
    pub(crate) fn generator(&mut self) -> &mut Pcg64Mcg {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: Stream = Stream::named("test");

    #[test]
    fn draws_depend_on_seed_stream_and_index_alone() {
        let a = draw(Seed(1), STREAM, 5);
        assert_eq!(a, draw(Seed(1), STREAM, 5));
        assert_ne!(a, draw(Seed(2), STREAM, 5));
        assert_ne!(a, draw(Seed(1), Stream::named("other"), 5));
        assert_ne!(a, draw(Seed(1), STREAM, 6));
        assert_ne!(a, draw(Seed(1), STREAM.of(0), 5));
    }

    #[test]
    fn draws_are_the_same_on_every_machine_and_in_every_release() {
        assert_eq!(draw(Seed(7), STREAM, 0), 9_878_712_563_782_247_689);
        assert_eq!(Draws::new(Seed(7), STREAM, 0).next(), 14_102_402_321_974_254_445);
    }

    #[test]
    fn bounds_hold_at_their_edges() {
        let mut d = Draws::new(Seed(0), STREAM, 0);
        for _ in 0..1000 {
            assert!(d.below(3) < 3);
            assert!((5..=7).contains(&d.between(5, 7)));
        }
        assert_eq!(d.below(0), 0);
        assert_eq!(d.between(9, 2), 9);
        assert_eq!(scale(u64::MAX, u64::MAX), u64::MAX - 1);
    }
}
