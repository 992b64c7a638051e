//! VP9: the vpcC record (VP Codec ISO Media File Format Binding) and the uncompressed header of a frame.

use bytes::Bytes;

use super::bits::Bits;
use super::{ConfigError, PictureSize, malformed};

/// What a vpcC record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vp9Config {
    /// The record, without the version and flags of its box.
    pub record: Bytes,
    /// Size of the picture, as the first keyframe tells it.
    pub size: Option<PictureSize>,
}

impl Vp9Config {
    /// Reads a vpcC record, with or without the version and flags of its box: encoders disagree. (A record
    /// that begins with 1, 0 would have a level of 0, so the two cannot be mistaken.)
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] when it is cut off or its profile is above 3.
    pub fn parse(record: Bytes) -> Result<Self, ConfigError> {
        let record = if record.starts_with(&[1, 0, 0, 0]) { record.slice(4..) } else { record };
        if record.len() < 8 || record[0] > 3 {
            return Err(malformed("vpcC", "profile"));
        }
        Ok(Self { record, size: None })
    }

    /// Such as `vp09.00.31.08`.
    pub fn codec_string(&self) -> String {
        let (profile, level, depth) = (self.record[0], self.record[1], self.record[2] >> 4);
        format!("vp09.{profile:02}.{level:02}.{depth:02}")
    }
}

/// The picture size in the uncompressed header of a keyframe (VP9 6.2).
pub fn picture_size(frame: &[u8]) -> Option<PictureSize> {
    const SYNC_CODE: u32 = 0x49_83_42;
    const SRGB: u32 = 7;
    let mut bits = Bits::new(frame);
    if bits.bits(2)? != 2 {
        return None;
    }
    let profile = u32::from(bits.bit()?) | u32::from(bits.bit()?) << 1;
    if profile == 3 {
        bits.bit()?;
    }
    let shows_existing = bits.bit()?;
    let is_delta = bits.bit()?;
    if shows_existing || is_delta {
        return None;
    }
    bits.skip(2)?; // show_frame, error_resilient_mode
    if bits.bits(24)? != SYNC_CODE {
        return None;
    }
    if profile >= 2 {
        bits.bit()?; // ten_or_twelve_bit
    }
    let has_subsampling = profile == 1 || profile == 3;
    if bits.bits(3)? == SRGB {
        bits.skip(usize::from(has_subsampling))?;
    } else {
        bits.skip(if has_subsampling { 4 } else { 1 })?;
    }
    PictureSize::new(bits.bits(16)? + 1, bits.bits(16)? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_tells_the_codec_with_and_without_box_head() {
        let bare = Vp9Config::parse(Bytes::from_static(&[0, 31, 0x82, 2, 2, 2, 0, 0])).unwrap();
        assert_eq!(bare.codec_string(), "vp09.00.31.08");
        let boxed = Vp9Config::parse(Bytes::from_static(&[1, 0, 0, 0, 0, 31, 0x82, 2, 2, 2, 0, 0])).unwrap();
        assert_eq!(boxed, bare);
    }

    #[test]
    fn a_keyframe_tells_the_size() {
        // Profile 0 keyframe, BT.601, 1280x720.
        let frame = [0x82, 0x49, 0x83, 0x42, 0x20, 0x4f, 0xf0, 0x2c, 0xf6];
        assert_eq!(picture_size(&frame), Some(PictureSize { width: 1280, height: 720 }));
        assert_eq!(picture_size(&[0x86, 0, 0]), None, "a delta frame says nothing");
    }
}
