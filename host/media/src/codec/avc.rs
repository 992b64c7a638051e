//! H.264: the avcC record (ISO/IEC 14496-15, 5.3.3.1) and the sequence parameter set (H.264 7.3.2.1.1).

use bytes::Bytes;

use super::bits::{Bits, unescape};
use super::{ConfigError, PictureSize, malformed};

/// Real sequence parameter sets stay below 100 bytes; with every scaling list about 1 kB.
const MAX_SPS_BYTES: usize = 2048;

/// What an avcC record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvcConfig {
    /// The record as published.
    pub record: Bytes,
    /// `AVCProfileIndication`, such as 100 for High.
    pub profile: u8,
    /// `profile_compatibility`.
    pub compatibility: u8,
    /// `AVCLevelIndication`: ten times the level.
    pub level: u8,
    /// Bytes of the length before each NAL unit: 1, 2 or 4.
    pub nal_length_size: u8,
    /// Length of the record up to and with the picture parameter sets; what follows is an optional
    /// extension that some encoders garble.
    pub parameter_sets_end: usize,
    /// Size of the picture after cropping.
    pub size: PictureSize,
}

impl AvcConfig {
    /// Reads an avcC record.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] when it is cut off, has no sequence parameter set, or one whose picture
    /// size cannot be.
    pub fn parse(record: Bytes) -> Result<Self, ConfigError> {
        let fail = |field| move || malformed("avcC", field);
        let &[version, profile, compatibility, level, sizes, ..] = &record[..] else {
            return Err(malformed("avcC", "header"));
        };
        if version != 1 {
            return Err(malformed("avcC", "configurationVersion"));
        }
        let mut position = 5;
        let sequence_sets =
            parameter_sets(&record, &mut position, 0x1f).ok_or_else(fail("sequence parameter sets"))?;
        parameter_sets(&record, &mut position, 0xff).ok_or_else(fail("picture parameter sets"))?;
        let sps = sequence_sets.ok_or_else(fail("no sequence parameter set"))?;
        let size = picture_size(&record[sps]).ok_or_else(|| malformed("SPS", "picture size"))?;
        Ok(Self {
            profile,
            compatibility,
            level,
            nal_length_size: (sizes & 3) + 1,
            parameter_sets_end: position,
            size,
            record,
        })
    }

    /// Such as `avc1.64001f` (RFC 6381 3.3).
    pub fn codec_string(&self) -> String {
        format!("avc1.{:02x}{:02x}{:02x}", self.profile, self.compatibility, self.level)
    }
}

/// Walks a counted list of parameter sets; returns where the first one lies.
#[expect(clippy::option_option, reason = "the outer one is a cut record, the inner one an empty list")]
fn parameter_sets(
    record: &[u8],
    position: &mut usize,
    count_mask: u8,
) -> Option<Option<std::ops::Range<usize>>> {
    let count = record.get(*position)? & count_mask;
    *position += 1;
    let mut first = None;
    for _ in 0..count {
        let length = record.get(*position..*position + 2)?;
        let start = *position + 2;
        let end = start + usize::from(u16::from_be_bytes([length[0], length[1]]));
        record.get(start..end)?;
        first.get_or_insert(start..end);
        *position = end;
    }
    Some(first)
}

/// The cropped picture size of a sequence parameter set NAL unit.
fn picture_size(nal: &[u8]) -> Option<PictureSize> {
    let rbsp = unescape(nal.get(1..)?, MAX_SPS_BYTES);
    let mut bits = Bits::new(&rbsp);
    let profile = bits.bits(8)?;
    bits.skip(16)?;
    bits.ue()?; // seq_parameter_set_id
    let mut chroma_format = 1;
    let mut separate_planes = false;
    if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135) {
        chroma_format = bits.ue().filter(|format| *format <= 3)?;
        if chroma_format == 3 {
            separate_planes = bits.bit()?;
        }
        bits.ue()?; // bit_depth_luma_minus8
        bits.ue()?; // bit_depth_chroma_minus8
        bits.bit()?; // qpprime_y_zero_transform_bypass_flag
        if bits.bit()? {
            skip_scaling_lists(&mut bits, if chroma_format == 3 { 12 } else { 8 })?;
        }
    }
    bits.ue()?; // log2_max_frame_num_minus4
    match bits.ue()? {
        0 => {
            bits.ue()?; // log2_max_pic_order_cnt_lsb_minus4
        }
        1 => {
            bits.bit()?; // delta_pic_order_always_zero_flag
            bits.se()?; // offset_for_non_ref_pic
            bits.se()?; // offset_for_top_to_bottom_field
            for _ in 0..bits.ue().filter(|count| *count <= 255)? {
                bits.se()?;
            }
        }
        _ => {}
    }
    bits.ue()?; // max_num_ref_frames
    bits.bit()?; // gaps_in_frame_num_value_allowed_flag
    let width_in_macroblocks = bits.ue()?.checked_add(1)?;
    let height_in_map_units = bits.ue()?.checked_add(1)?;
    let frames_only = bits.bit()?;
    if !frames_only {
        bits.bit()?; // mb_adaptive_frame_field_flag
    }
    bits.bit()?; // direct_8x8_inference_flag
    let field_factor = if frames_only { 1 } else { 2 };
    let full_width = width_in_macroblocks.checked_mul(16)?;
    let full_height = height_in_map_units.checked_mul(16 * field_factor)?;
    let mut crop = [0; 4];
    if bits.bit()? {
        for side in &mut crop {
            *side = bits.ue()?;
        }
    }
    let (unit_x, unit_y) = match (chroma_format, separate_planes) {
        (1, _) => (2, 2),
        (2, _) => (2, 1),
        _ => (1, 1),
    };
    let [left, right, top, bottom] = crop;
    let width = full_width.checked_sub(left.checked_add(right)?.checked_mul(unit_x)?)?;
    let height = full_height.checked_sub(top.checked_add(bottom)?.checked_mul(unit_y * field_factor)?)?;
    PictureSize::new(width, height)
}

/// H.264 7.3.2.1.1.1.
fn skip_scaling_lists(bits: &mut Bits<'_>, count: u32) -> Option<()> {
    for list in 0..count {
        if !bits.bit()? {
            continue;
        }
        let mut next = 8;
        for _ in 0..if list < 6 { 16 } else { 64 } {
            let last = next;
            next = (last + bits.se()?).rem_euclid(256);
            if next == 0 {
                break;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// High profile, level 3.1, 1280x720.
    const RECORD: &[u8] = &[
        1, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0x00, 0x1a, 0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05,
        0xbb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x83, 0x19, 0x60,
        0x01, 0x00, 0x05, 0x68, 0xeb, 0xec, 0xb2, 0x2c, 0xfd, 0xf8, 0xf8, 0x00,
    ];

    #[test]
    fn a_record_tells_codec_and_size() {
        let config = AvcConfig::parse(Bytes::from_static(RECORD)).unwrap();
        assert_eq!(config.codec_string(), "avc1.64001f");
        assert_eq!(config.size, PictureSize { width: 1280, height: 720 });
        assert_eq!(config.nal_length_size, 4);
        assert_eq!(config.parameter_sets_end, RECORD.len() - 4);
    }

    #[test]
    fn every_cut_of_a_record_is_refused_or_read_without_panic() {
        for length in 0..RECORD.len() - 4 {
            assert!(AvcConfig::parse(Bytes::copy_from_slice(&RECORD[..length])).is_err(), "{length}");
        }
    }

    #[test]
    fn a_picture_of_billions_of_pixels_is_refused() {
        // Baseline; every number up to the picture size 0, then width and height of 2^31 macroblocks.
        let mut sps = vec![0x67, 66, 0, 30];
        sps.extend_from_slice(&[
            0b1111_1000,
            0,
            0,
            0,
            0b0100_0000,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0xff,
            0xff,
            0xff,
        ]);
        assert_eq!(picture_size(&sps), None);
        let mut record = vec![1, 66, 0, 30, 0xff, 0xe1, 0, sps.len() as u8];
        record.extend_from_slice(&sps);
        record.push(0);
        let error = AvcConfig::parse(record.into()).unwrap_err();
        assert_eq!(error.to_string(), "malformed SPS: picture size");
    }
}
