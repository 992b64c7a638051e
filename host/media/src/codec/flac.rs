//! FLAC: the STREAMINFO block and frame headers (RFC 9639, 8.2 and 9.1).

use bytes::Bytes;

use super::{ConfigError, malformed};

const STREAMINFO_BYTES: usize = 34;

/// What a STREAMINFO block says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlacConfig {
    /// The 34 bytes of STREAMINFO, without block header.
    pub stream_info: Bytes,
    /// Samples per second.
    pub sample_rate: u32,
    /// Channels, 1 to 8.
    pub channels: u32,
    /// Bits per sample.
    pub bits_per_sample: u32,
}

impl FlacConfig {
    /// Reads STREAMINFO out of a stream header (`fLaC`, block header, STREAMINFO, other blocks), or bare.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] when it is cut off or its rate is 0.
    pub fn parse(record: &Bytes) -> Result<Self, ConfigError> {
        let fail = || malformed("STREAMINFO", "block");
        let start = match &record[..] {
            [b'f', b'L', b'a', b'C', kind, 0, 0, 34, ..] if is_stream_info(*kind) => 8,
            [kind, 0, 0, 34, ..] if is_stream_info(*kind) => 4,
            bare if bare.len() == STREAMINFO_BYTES => 0,
            _ => return Err(fail()),
        };
        if record.len() < start + STREAMINFO_BYTES {
            return Err(fail());
        }
        let stream_info = record.slice(start..start + STREAMINFO_BYTES);
        let word = u32::from_be_bytes([stream_info[10], stream_info[11], stream_info[12], stream_info[13]]);
        let sample_rate = word >> 12;
        if sample_rate == 0 {
            return Err(malformed("STREAMINFO", "sample rate"));
        }
        let channels = (word >> 9 & 7) + 1;
        let bits_per_sample = (word >> 4 & 31) + 1;
        Ok(Self { stream_info, sample_rate, channels, bits_per_sample })
    }

    /// Samples per frame, when every frame has the same number.
    pub fn fixed_block_size(&self) -> Option<u32> {
        let smallest = u16::from_be_bytes([self.stream_info[0], self.stream_info[1]]);
        let largest = u16::from_be_bytes([self.stream_info[2], self.stream_info[3]]);
        (smallest == largest && smallest > 0).then_some(u32::from(smallest))
    }
}

/// Block type 0, whether or not the bit for the last block is set.
fn is_stream_info(block_header: u8) -> bool {
    matches!(block_header, 0 | 0x80)
}

/// Samples of each channel in a frame, as its header tells (RFC 9639, 9.1.1 and 9.1.6).
pub fn frame_samples(frame: &[u8]) -> Option<u32> {
    let &[0xff, sync, sizes, _, coded_number, ..] = frame else { return None };
    if sync & 0xfe != 0xf8 {
        return None;
    }
    match sizes >> 4 {
        0 => None,
        1 => Some(192),
        code @ 2..=5 => Some(144 << code),
        code @ (6 | 7) => {
            // The size follows the frame or sample number, which is coded like UTF-8.
            let after_number = match coded_number.leading_ones() {
                0 => 5,
                ones @ 2..=7 => 4 + ones as usize,
                _ => return None,
            };
            let high = u32::from(*frame.get(after_number)?);
            if code == 6 {
                return Some(high + 1);
            }
            Some((high << 8 | u32::from(*frame.get(after_number + 1)?)) + 1)
        }
        code => Some(1 << code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream_info() -> Vec<u8> {
        let mut block = vec![0x12, 0x00, 0x12, 0x00, 0, 0, 0, 0, 0, 0, 0x0b, 0xb8, 0x02, 0xf0];
        block.resize(STREAMINFO_BYTES, 0);
        block
    }

    #[test]
    fn a_stream_header_is_read_in_each_form() {
        let bare = FlacConfig::parse(&stream_info().into()).unwrap();
        assert_eq!((bare.sample_rate, bare.channels, bare.bits_per_sample), (48_000, 2, 16));
        assert_eq!(bare.fixed_block_size(), Some(4608));
        let full = [b"fLaC\x80\x00\x00\x22".to_vec(), stream_info()].concat();
        assert_eq!(FlacConfig::parse(&full.into()), Ok(bare));
        assert!(FlacConfig::parse(&Bytes::from_static(b"fLaC\x80\x00\x00\x22short")).is_err());
    }

    #[test]
    fn frames_tell_their_block_size() {
        assert_eq!(frame_samples(&[0xff, 0xf8, 0x59, 0x18, 0, 0]), Some(4608));
        assert_eq!(frame_samples(&[0xff, 0xf8, 0xc9, 0x18, 0, 0]), Some(4096));
        assert_eq!(frame_samples(&[0xff, 0xf8, 0x79, 0x18, 0xc2, 0x80, 0x03, 0xff]), Some(1024));
        assert_eq!(frame_samples(&[0xff, 0xf8, 0x69, 0x18, 0x00, 0x0f]), Some(16));
        assert_eq!(frame_samples(&[0xff, 0x00, 0x59, 0x18, 0]), None);
    }
}
