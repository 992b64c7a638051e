//! H.265: the hvcC record (ISO/IEC 14496-15, 8.3.3.1) and the sequence parameter set (H.265 7.3.2.2).

use std::fmt::Write;

use bytes::Bytes;

use super::bits::{Bits, unescape};
use super::{ConfigError, PictureSize, malformed};

const MAX_SPS_BYTES: usize = 2048;
const SPS_NAL_TYPE: u8 = 33;

/// What an hvcC record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HevcConfig {
    /// The record as published.
    pub record: Bytes,
    /// Size of the picture inside its conformance window.
    pub size: PictureSize,
}

impl HevcConfig {
    /// Reads an hvcC record.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] when it is cut off, has no sequence parameter set, or one whose picture
    /// size cannot be.
    pub fn parse(record: Bytes) -> Result<Self, ConfigError> {
        // Early drafts wrote version 0; nothing else differs.
        if record.len() < 23 || record[0] > 1 {
            return Err(malformed("hvcC", "header"));
        }
        let sps = first_sps(&record).ok_or_else(|| malformed("hvcC", "parameter set arrays"))?;
        let sps = sps.ok_or_else(|| malformed("hvcC", "no sequence parameter set"))?;
        let size = picture_size(sps).ok_or_else(|| malformed("SPS", "picture size"))?;
        Ok(Self { record, size })
    }

    /// Such as `hvc1.1.6.L93.B0` (ISO/IEC 14496-15, Annex E.3).
    pub fn codec_string(&self) -> String {
        let record = &self.record;
        let space = ["", "A", "B", "C"][usize::from(record[1] >> 6)];
        let profile = record[1] & 0x1f;
        let compatibility = u32::from_be_bytes([record[2], record[3], record[4], record[5]]).reverse_bits();
        let tier = if record[1] & 0x20 == 0 { 'L' } else { 'H' };
        let mut text = format!("hvc1.{space}{profile}.{compatibility:X}.{tier}{}", record[12]);
        let constraints = &record[6..12];
        let told = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        for byte in &constraints[..told] {
            write!(text, ".{byte:X}").expect("writing to a String cannot fail");
        }
        text
    }
}

/// The first sequence parameter set NAL unit; the outer `None` is a cut record.
#[expect(clippy::option_option, reason = "a cut record and a record without the set differ")]
fn first_sps(record: &[u8]) -> Option<Option<&[u8]>> {
    let mut position = 23;
    let mut sps = None;
    for _ in 0..record[22] {
        let head = record.get(position..position + 3)?;
        position += 3;
        for _ in 0..u16::from_be_bytes([head[1], head[2]]) {
            let length = record.get(position..position + 2)?;
            let start = position + 2;
            let end = start + usize::from(u16::from_be_bytes([length[0], length[1]]));
            let nal = record.get(start..end)?;
            if head[0] & 0x3f == SPS_NAL_TYPE {
                sps.get_or_insert(nal);
            }
            position = end;
        }
    }
    Some(sps)
}

fn picture_size(nal: &[u8]) -> Option<PictureSize> {
    let rbsp = unescape(nal.get(2..)?, MAX_SPS_BYTES);
    let mut bits = Bits::new(&rbsp);
    bits.skip(4)?; // sps_video_parameter_set_id
    let sub_layers = bits.bits(3)?; // sps_max_sub_layers_minus1
    bits.bit()?; // sps_temporal_id_nesting_flag
    skip_profile_tier_level(&mut bits, sub_layers)?;
    bits.ue()?; // sps_seq_parameter_set_id
    let chroma_format = bits.ue().filter(|format| *format <= 3)?;
    let separate_planes = chroma_format == 3 && bits.bit()?;
    let full_width = bits.ue()?;
    let full_height = bits.ue()?;
    let mut window = [0; 4];
    if bits.bit()? {
        for side in &mut window {
            *side = bits.ue()?;
        }
    }
    let (unit_x, unit_y) = match (chroma_format, separate_planes) {
        (1, _) => (2, 2),
        (2, _) => (2, 1),
        _ => (1, 1),
    };
    let [left, right, top, bottom] = window;
    let width = full_width.checked_sub(left.checked_add(right)?.checked_mul(unit_x)?)?;
    let height = full_height.checked_sub(top.checked_add(bottom)?.checked_mul(unit_y)?)?;
    PictureSize::new(width, height)
}

/// H.265 7.3.3 with `profilePresentFlag` 1.
fn skip_profile_tier_level(bits: &mut Bits<'_>, sub_layers: u32) -> Option<()> {
    const PROFILE_BITS: usize = 88;
    const LEVEL_BITS: usize = 8;
    bits.skip(PROFILE_BITS + LEVEL_BITS)?;
    let mut present = 0;
    for _ in 0..sub_layers {
        present += if bits.bit()? { PROFILE_BITS } else { 0 };
        present += if bits.bit()? { LEVEL_BITS } else { 0 };
    }
    if sub_layers > 0 {
        bits.skip(2 * (8 - sub_layers as usize))?;
    }
    bits.skip(present)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Main profile, level 3.1, 1280x720: as x265 writes it.
    fn record() -> Vec<u8> {
        let sps: &[u8] = &[
            0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03,
            0x00, 0x5d, 0xa0, 0x02, 0x80, 0x80, 0x2d, 0x16, 0x59, 0x59, 0xa4, 0x93, 0x2b, 0x80, 0x40,
        ];
        let mut record = vec![
            1, 0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0f, 1,
        ];
        record.extend_from_slice(&[0xa1, 0, 1, 0, sps.len() as u8]);
        record.extend_from_slice(sps);
        record
    }

    #[test]
    fn a_record_tells_codec_and_size() {
        let config = HevcConfig::parse(record().into()).unwrap();
        assert_eq!(config.codec_string(), "hvc1.1.6.L93.90");
        assert_eq!(config.size, PictureSize { width: 1280, height: 720 });
    }

    #[test]
    fn every_cut_of_a_record_is_refused() {
        let record = record();
        for length in 0..record.len() {
            assert!(HevcConfig::parse(Bytes::copy_from_slice(&record[..length])).is_err(), "{length}");
        }
    }
}
