//! A bounded bit reader, most significant bit first.

/// Reads bits until the bytes end; after that every read is `None`.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    pub(super) fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.position / 8)?;
        let bit = byte >> (7 - self.position % 8) & 1;
        self.position += 1;
        Some(bit == 1)
    }

    /// Up to 32 bits as a number.
    pub(super) fn bits(&mut self, count: u32) -> Option<u32> {
        let mut value = 0u32;
        for _ in 0..count {
            value = value << 1 | u32::from(self.bit()?);
        }
        Some(value)
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.position = self.position.checked_add(count)?;
        (self.position <= self.bytes.len() * 8).then_some(())
    }

    /// Exp-Golomb code without sign (H.264 9.1), below 2^32 - 1.
    pub(super) fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.bits(zeros)?;
        Some((1u32 << zeros) - 1 + rest)
    }

    /// Exp-Golomb code with sign (H.264 9.1.1).
    pub(super) fn se(&mut self) -> Option<i64> {
        let code = i64::from(self.ue()?);
        Some(if code % 2 == 0 { -(code / 2) } else { (code + 1) / 2 })
    }
}

/// The first `limit` bytes of a NAL unit's payload without emulation prevention bytes (H.264 7.4.1.1).
pub(super) fn unescape(nal: &[u8], limit: usize) -> Vec<u8> {
    let mut rbsp = Vec::with_capacity(nal.len().min(limit));
    let mut zeros = 0;
    for &byte in nal.iter().take(limit) {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        rbsp.push(byte);
    }
    rbsp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_codes_are_those_of_the_standard() {
        // 1 | 010 | 011 | 00100 | 0001000
        let mut bits = Bits::new(&[0b1010_0110, 0b0100_0001, 0b0000_0000]);
        assert_eq!(
            [bits.ue(), bits.ue(), bits.ue(), bits.ue(), bits.ue()].map(Option::unwrap),
            [0, 1, 2, 3, 7]
        );
        let mut bits = Bits::new(&[0b0100_1100, 0b1000_0000]);
        assert_eq!((bits.se(), bits.se(), bits.se()), (Some(1), Some(-1), Some(2)));
    }

    #[test]
    fn endless_zeros_end() {
        assert_eq!(Bits::new(&[0; 64]).ue(), None);
        assert_eq!(Bits::new(&[]).bit(), None);
    }

    #[test]
    fn emulation_prevention_bytes_are_left_out() {
        assert_eq!(unescape(&[1, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3], 64), [1, 0, 0, 1, 0, 0, 0, 0]);
    }
}
