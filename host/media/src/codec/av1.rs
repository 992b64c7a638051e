//! AV1: the av1C record (AV1 in ISO Base Media, 2.3) and the sequence header OBU (AV1 5.5).

use bytes::Bytes;

use super::bits::Bits;
use super::{ConfigError, PictureSize, malformed};

const SEQUENCE_HEADER: u8 = 1;

/// What an av1C record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Av1Config {
    /// The record as published.
    pub record: Bytes,
    /// Largest picture of the sequence, when the record carries a sequence header.
    pub size: Option<PictureSize>,
}

impl Av1Config {
    /// Reads an av1C record.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] when it is shorter than 4 bytes or of another version.
    pub fn parse(record: Bytes) -> Result<Self, ConfigError> {
        match &record[..] {
            [0x81, _, _, _, obus @ ..] => {
                let size = picture_size(obus);
                Ok(Self { record, size })
            }
            _ => Err(malformed("av1C", "marker and version")),
        }
    }

    /// Such as `av01.0.04M.08` (AV1 in ISO Base Media, 5).
    pub fn codec_string(&self) -> String {
        let (profile, level) = (self.record[1] >> 5, self.record[1] & 0x1f);
        let flags = self.record[2];
        let tier = if flags & 0x80 == 0 { 'M' } else { 'H' };
        let depth = match (flags & 0x40 != 0, flags & 0x20 != 0) {
            (false, _) => 8,
            (true, false) => 10,
            (true, true) => 12,
        };
        format!("av01.{profile}.{level:02}{tier}.{depth:02}")
    }
}

/// The picture size that the first sequence header among `obus` tells.
pub fn picture_size(mut obus: &[u8]) -> Option<PictureSize> {
    while let Some((&head, mut rest)) = obus.split_first() {
        if head & 0x04 != 0 {
            rest = rest.get(1..)?;
        }
        let size = if head & 0x02 == 0 { rest.len() } else { leb128(&mut rest)? };
        let body = rest.get(..size)?;
        if head >> 3 & 0x0f == SEQUENCE_HEADER {
            return sequence_size(body);
        }
        obus = &rest[size..];
    }
    None
}

/// AV1 4.10.5.
fn leb128(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0u64;
    for index in 0..8 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return usize::try_from(value).ok();
        }
    }
    None
}

/// AV1 5.5.1, up to `max_frame_height_minus_1`.
fn sequence_size(body: &[u8]) -> Option<PictureSize> {
    let mut bits = Bits::new(body);
    bits.skip(4)?; // seq_profile, still_picture
    if bits.bit()? {
        bits.skip(5)?; // reduced_still_picture_header: seq_level_idx only
    } else {
        skip_operating_points(&mut bits)?;
    }
    let width_bits = bits.bits(4)? + 1;
    let height_bits = bits.bits(4)? + 1;
    let width = bits.bits(width_bits)? + 1;
    let height = bits.bits(height_bits)? + 1;
    PictureSize::new(width, height)
}

fn skip_operating_points(bits: &mut Bits<'_>) -> Option<()> {
    let mut delay_bits = None;
    if bits.bit()? {
        // timing_info
        bits.skip(64)?;
        if bits.bit()? {
            bits.ue()?; // num_ticks_per_picture_minus_1: uvlc codes like Exp-Golomb
        }
        if bits.bit()? {
            // decoder_model_info
            delay_bits = Some(bits.bits(5)? as usize + 1);
            bits.skip(32 + 5 + 5)?;
        }
    }
    let display_delay = bits.bit()?;
    for _ in 0..=bits.bits(5)? {
        bits.skip(12)?; // operating_point_idc
        if bits.bits(5)? > 7 {
            bits.bit()?; // seq_tier
        }
        if let Some(delay_bits) = delay_bits
            && bits.bit()?
        {
            bits.skip(2 * delay_bits + 1)?;
        }
        if display_delay && bits.bit()? {
            bits.skip(4)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Main profile, level 3.1, 8 bit, 1280x720: as SVT-AV1 writes it.
    const RECORD: &[u8] = &[
        0x81, 0x05, 0x0c, 0x00, 0x0a, 0x0b, 0x00, 0x00, 0x00, 0x2d, 0x4c, 0xff, 0xb3, 0xdf, 0xff, 0x98, 0x04,
    ];

    #[test]
    fn a_record_tells_codec_and_size() {
        let config = Av1Config::parse(Bytes::from_static(RECORD)).unwrap();
        assert_eq!(config.codec_string(), "av01.0.05M.08");
        assert_eq!(config.size, Some(PictureSize { width: 1280, height: 720 }));
    }

    #[test]
    fn a_record_without_a_sequence_header_leaves_the_size_open() {
        let config = Av1Config::parse(Bytes::from_static(&RECORD[..4])).unwrap();
        assert_eq!(config.size, None);
        let temporal_unit = [&[0x12, 0x00][..], &RECORD[4..]].concat();
        assert_eq!(picture_size(&temporal_unit), Some(PictureSize { width: 1280, height: 720 }));
    }
}
