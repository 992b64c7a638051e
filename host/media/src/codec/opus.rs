//! Opus: the identification header (RFC 7845, 5.1) and packet durations (RFC 6716, 3.1).

use bytes::Bytes;

use super::{ConfigError, malformed};

/// Opus always counts in 48 kHz.
pub const SAMPLE_RATE: u32 = 48_000;

/// What an identification header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpusConfig {
    /// The header as published, with its magic `OpusHead`.
    pub record: Bytes,
    /// Output channels.
    pub channels: u8,
    /// Samples to discard at the start.
    pub pre_skip: u16,
    /// Rate of the original sound; for information only.
    pub input_sample_rate: u32,
    /// Gain to apply, in 1/256 dB.
    pub output_gain: i16,
    /// How channels map; for families other than 0.
    pub mapping: Option<OpusMapping>,
}

/// Channel mapping of a family other than 0 (RFC 7845, 5.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpusMapping {
    /// The mapping family.
    pub family: u8,
    /// Streams in each packet.
    pub stream_count: u8,
    /// How many of them are stereo.
    pub coupled_count: u8,
    /// The decoded channel of each output channel; 255 is silence.
    pub table: Bytes,
}

impl OpusConfig {
    /// Reads an identification header.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] when the magic is missing, it is cut off, or its mapping cannot be.
    pub fn parse(record: Bytes) -> Result<Self, ConfigError> {
        let head = record.strip_prefix(b"OpusHead").ok_or_else(|| malformed("OpusHead", "magic"))?;
        let &[version, channels, skip0, skip1, rate0, rate1, rate2, rate3, gain0, gain1, family, ..] = head
        else {
            return Err(malformed("OpusHead", "header"));
        };
        if version > 15 || channels == 0 {
            return Err(malformed("OpusHead", "version or channel count"));
        }
        let mapping = match family {
            0 if channels > 2 => return Err(malformed("OpusHead", "channel count of family 0")),
            0 => None,
            family => Some(mapping(&record, family, channels)?),
        };
        Ok(Self {
            channels,
            pre_skip: u16::from_le_bytes([skip0, skip1]),
            input_sample_rate: u32::from_le_bytes([rate0, rate1, rate2, rate3]),
            output_gain: i16::from_le_bytes([gain0, gain1]),
            mapping,
            record,
        })
    }
}

fn mapping(record: &Bytes, family: u8, channels: u8) -> Result<OpusMapping, ConfigError> {
    const COUNTS: usize = 19;
    let fail = || malformed("OpusHead", "channel mapping");
    let &[stream_count, coupled_count, ref table @ ..] = &record[COUNTS..] else { return Err(fail()) };
    let table = table.get(..usize::from(channels)).ok_or_else(fail)?;
    let decoded = u16::from(stream_count) + u16::from(coupled_count);
    let exists = |channel: &u8| *channel == 255 || u16::from(*channel) < decoded;
    if stream_count == 0 || coupled_count > stream_count || decoded > 255 || !table.iter().all(exists) {
        return Err(fail());
    }
    Ok(OpusMapping { family, stream_count, coupled_count, table: record.slice_ref(table) })
}

/// Samples at 48 kHz that a packet plays; `None` for packets that no decoder accepts.
pub fn packet_samples(packet: &[u8]) -> Option<u32> {
    /// RFC 6716, 3.2.5: no packet plays longer than 120 ms.
    const MAX_SAMPLES: u32 = 5760;
    let &toc = packet.first()?;
    let config = u32::from(toc >> 3);
    let frame = match config {
        0..=11 => [480, 960, 1920, 2880][(config % 4) as usize],
        12..=15 => [480, 960][(config % 2) as usize],
        _ => 120 << (config % 4),
    };
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3f),
    };
    Some(frame * count).filter(|samples| (1..=MAX_SAMPLES).contains(samples))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stereo_header_is_read() {
        let config =
            OpusConfig::parse(Bytes::from_static(b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00"))
                .unwrap();
        assert_eq!((config.channels, config.pre_skip, config.input_sample_rate), (2, 312, 48_000));
        assert_eq!(config.mapping, None);
    }

    #[test]
    fn a_surround_header_keeps_its_mapping() {
        let head = b"OpusHead\x01\x06\x38\x01\x80\xbb\x00\x00\x00\x00\x01\x04\x02\x00\x04\x01\x02\x03\x05";
        let mapping = OpusConfig::parse(Bytes::from_static(head)).unwrap().mapping.unwrap();
        assert_eq!(
            (mapping.stream_count, mapping.coupled_count, &mapping.table[..]),
            (4, 2, &[0, 4, 1, 2, 3, 5][..])
        );
        let mut hostile = head.to_vec();
        hostile[21] = 9;
        assert!(OpusConfig::parse(hostile.into()).is_err(), "a channel that is not decoded");
    }

    #[test]
    fn packets_tell_their_duration() {
        assert_eq!(packet_samples(&[0xfc, 0]), Some(960), "CELT, 20 ms");
        assert_eq!(packet_samples(&[0x18, 0]), Some(2880), "SILK, 60 ms");
        assert_eq!(packet_samples(&[0xe1, 0]), Some(240), "two of 2.5 ms");
        assert_eq!(packet_samples(&[0xff, 63]), None, "more than 120 ms");
        assert_eq!(packet_samples(&[]), None);
    }
}
