//! Where all chance comes from: `SplitMix64` (Steele, Lea, Flood 2014), whose stream is fixed by its definition, so that a
//! seed means the same for ever.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Rng(u64);

/// Mixes two numbers into the seed of another stream.
#[must_use]
pub fn mix(one: u64, other: u64) -> u64 {
    Rng(one ^ other.wrapping_mul(0x9e37_79b9_7f4a_7c15)).number()
}

impl Rng {
    /// Starts the stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.number() % end }
    }

    /// A whole number from `first` to `last`.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last.saturating_sub(first)).unwrap_or(0);
        first + i64::try_from(self.below(span.saturating_add(1))).unwrap_or(0)
    }

    /// Yes in so many of a thousand cases.
    pub fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < u64::from(permille)
    }

    /// A place in a list of this length; `None` where it is empty.
    pub fn place(&mut self, len: usize) -> Option<usize> {
        let len = u64::try_from(len).unwrap_or(0);
        (len > 0)
            .then(|| self.below(len))
            .and_then(|at| usize::try_from(at).ok())
    }

    /// One of a list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.place(list.len())?)
    }

    /// Fills bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.number().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }

    /// Ten random bytes, as numbers of orders and refunds need them.
    pub fn ten(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // The first numbers of SplitMix64 from seed 1234567, as published with the algorithm.
        let mut rng = Rng::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| rng.number()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}
