//! Chance that is the same for the same seed, on every machine and with every version of every crate.

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough for choosing.
pub(crate) struct Dice(u64);

impl Dice {
    /// The dice of one sample.
    pub(crate) fn new(seed: u64, number: u32) -> Self {
        let mut dice = Self(seed ^ (u64::from(number) << 32));
        dice.next();
        dice
    }

    /// 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From zero to below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// One of `choices`, of which there is at least one.
    pub(crate) fn one_of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// One of `numbers`, of which there is at least one.
    pub(crate) fn number_of(&mut self, numbers: &[u32]) -> u32 {
        numbers[self.below(numbers.len())]
    }

    /// Whether one in `many` came.
    pub(crate) fn is_one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// Bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}
