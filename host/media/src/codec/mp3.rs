//! MP3: the header of any frame (ISO/IEC 11172-3, 2.4.1.3; ISO/IEC 13818-3 for the half rates).

use super::{ConfigError, malformed};

/// `Layer` of layer III.
const LAYER_III: u8 = 1;

/// What a frame header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mp3Config {
    /// Whether it is MPEG-1; otherwise MPEG-2 or the unofficial 2.5, at half or quarter rates.
    pub is_mpeg1: bool,
    /// Samples per second.
    pub sample_rate: u32,
    /// Channels: 1 or 2.
    pub channels: u32,
    /// Samples per frame: 1152, or 576 at the half and quarter rates.
    pub frame_samples: u32,
}

impl Mp3Config {
    /// Reads the header of a frame.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] when it is no layer III frame.
    pub fn parse(frame: &[u8]) -> Result<Self, ConfigError> {
        let &[0xff, second, third, fourth, ..] = frame else {
            return Err(malformed("MP3 frame", "sync word"));
        };
        if second & 0xe0 != 0xe0 || second >> 1 & 3 != LAYER_III {
            return Err(malformed("MP3 frame", "sync word and layer"));
        }
        let rate = [44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3));
        let rate: u32 = *rate.ok_or_else(|| malformed("MP3 frame", "sampling frequency"))?;
        let divisor = match second >> 3 & 3 {
            3 => 1,
            2 => 2,
            0 => 4,
            _ => return Err(malformed("MP3 frame", "version")),
        };
        Ok(Self {
            is_mpeg1: divisor == 1,
            sample_rate: rate / divisor,
            channels: if fourth >> 6 == 3 { 1 } else { 2 },
            frame_samples: if divisor == 1 { 1152 } else { 576 },
        })
    }

    /// `objectTypeIndication` in MPEG-4 descriptors: 0x6B for MPEG-1 audio, 0x69 for MPEG-2.
    pub fn object_type_indication(&self) -> u8 {
        if self.is_mpeg1 { 0x6b } else { 0x69 }
    }

    /// `mp4a.6B` or `mp4a.69` (RFC 6381 3.3).
    pub fn codec_string(&self) -> String {
        format!("mp4a.{:X}", self.object_type_indication())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_tells_rate_and_channels() {
        let config = Mp3Config::parse(&[0xff, 0xfb, 0x90, 0x44]).unwrap();
        assert_eq!((config.sample_rate, config.channels, config.frame_samples), (44_100, 2, 1152));
        assert_eq!(config.codec_string(), "mp4a.6B");
        let half = Mp3Config::parse(&[0xff, 0xf3, 0x90, 0xc4]).unwrap();
        assert_eq!((half.sample_rate, half.channels, half.frame_samples), (22_050, 1, 576));
    }

    #[test]
    fn other_layers_are_refused() {
        assert!(Mp3Config::parse(&[0xff, 0xfd, 0x90, 0x44]).is_err());
        assert!(Mp3Config::parse(b"ID3").is_err());
    }
}
