//! AAC: the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).

use bytes::Bytes;

use super::bits::Bits;
use super::{ConfigError, malformed};

const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// Explicit spectral band replication, and the same with parametric stereo.
const SBR: u32 = 5;
const PS: u32 = 29;

/// What an AudioSpecificConfig says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AacConfig {
    /// The record as published.
    pub record: Bytes,
    /// Audio object type as signalled: 2 for AAC-LC, 5 for HE-AAC, 29 for HE-AAC v2.
    pub object_type: u32,
    /// Samples per second of the core coder, in which a frame has [`AacConfig::frame_samples`].
    pub core_rate: u32,
    /// Samples per second that a listener gets: twice the core's with spectral band replication.
    pub output_rate: u32,
    /// Channels; 2 where the layout hides in a program config element.
    pub channels: u32,
    /// Core samples per frame: 1024 or 960, 512 or 480 for low delay.
    pub frame_samples: u32,
}

impl AacConfig {
    /// Reads an AudioSpecificConfig.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] when it is cut off, or its rate or layout are reserved.
    pub fn parse(record: Bytes) -> Result<Self, ConfigError> {
        let fail = |field| move || malformed("AudioSpecificConfig", field);
        let mut bits = Bits::new(&record);
        let object_type = object_type(&mut bits).ok_or_else(fail("object type"))?;
        let core_rate = sample_rate(&mut bits).ok_or_else(fail("sampling frequency"))?;
        let layout = bits.bits(4).ok_or_else(fail("channel configuration"))?;
        let mut core_type = object_type;
        let mut output_rate = core_rate;
        if object_type == SBR || object_type == PS {
            output_rate = sample_rate(&mut bits).ok_or_else(fail("extension sampling frequency"))?;
            core_type = self::object_type(&mut bits).ok_or_else(fail("core object type"))?;
        }
        let short = bits.bit().unwrap_or(false); // frameLengthFlag; absent in cut-down records
        let frame_samples = match (core_type, short) {
            (23 | 39, false) => 512,
            (23 | 39, true) => 480,
            (_, false) => 1024,
            (_, true) => 960,
        };
        let channels = match layout {
            0 => 2,
            1..=6 => layout,
            7 | 12 | 14 => 8,
            11 => 7,
            _ => return Err(malformed("AudioSpecificConfig", "channel configuration")),
        };
        // Parametric stereo makes two channels of one.
        let channels = if object_type == PS { channels.max(2) } else { channels };
        Ok(Self { record, object_type, core_rate, output_rate, channels, frame_samples })
    }

    /// Such as `mp4a.40.2`.
    pub fn codec_string(&self) -> String {
        format!("mp4a.40.{}", self.object_type)
    }
}

fn object_type(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.bits(5)? {
        0 => None,
        31 => Some(32 + bits.bits(6)?),
        object_type => Some(object_type),
    }
}

fn sample_rate(bits: &mut Bits<'_>) -> Option<u32> {
    let rate = match bits.bits(4)? {
        15 => bits.bits(24)?,
        index => *RATES.get(index as usize)?,
    };
    (1_000..=192_000).contains(&rate).then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(record: &'static [u8]) -> AacConfig {
        AacConfig::parse(Bytes::from_static(record)).unwrap()
    }

    #[test]
    fn low_complexity_at_48_khz_stereo() {
        let config = parse(&[0x11, 0x90, 0x56, 0xe5, 0x00]);
        assert_eq!(config.codec_string(), "mp4a.40.2");
        assert_eq!((config.core_rate, config.output_rate, config.channels), (48_000, 48_000, 2));
        assert_eq!(config.frame_samples, 1024);
    }

    #[test]
    fn high_efficiency_doubles_the_rate() {
        let config = parse(&[0x2b, 0x92, 0x08, 0x00]);
        assert_eq!(config.codec_string(), "mp4a.40.5");
        assert_eq!((config.core_rate, config.output_rate), (22_050, 44_100));
    }

    #[test]
    fn short_frames_and_odd_rates() {
        // LC, explicit rate 44056 Hz, mono, frameLengthFlag set.
        let config = parse(&[0x17, 0x80, 0x56, 0x0c, 0x0c]);
        assert_eq!((config.core_rate, config.channels, config.frame_samples), (44_056, 1, 960));
    }

    #[test]
    fn impossible_records_are_refused() {
        for record in [&[][..], &[0x12], &[0x16, 0x90], &[0x17, 0x80, 0, 0, 0x08]] {
            assert!(AacConfig::parse(Bytes::copy_from_slice(record)).is_err(), "{record:x?}");
        }
    }
}
