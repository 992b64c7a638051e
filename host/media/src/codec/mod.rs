//! Codec configuration records: what a sequence header says about its track.
//!
//! One file per codec. A configuration keeps the record's bytes as published, because players get them
//! unchanged in the codec's configuration box, and the few fields that the house itself needs.

pub mod aac;
pub mod av1;
pub mod avc;
mod bits;
pub mod flac;
pub mod hevc;
pub mod mp3;
pub mod opus;
pub mod vp9;

use bytes::Bytes;

use crate::flv::{self, Codec, FlvError, Packet};
use crate::{Frame, Track};

pub use aac::AacConfig;
pub use av1::Av1Config;
pub use avc::AvcConfig;
pub use flac::FlacConfig;
pub use hevc::HevcConfig;
pub use mp3::Mp3Config;
pub use opus::OpusConfig;
pub use vp9::Vp9Config;

/// Longest record that is read; real ones stay below 1 kB.
pub const MAX_RECORD_BYTES: usize = 64 * 1024;

/// Widest and highest picture that is believed, in pixels.
const MAX_DIMENSION: u32 = 32_768;

/// Why a configuration record is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The tag around the record is broken.
    #[error(transparent)]
    Tag(#[from] FlvError),
    /// No configuration of this codec is known here.
    #[error("{0:?} is not supported")]
    Unsupported(Codec),
    /// The record ends early or claims what cannot be.
    #[error("malformed {record}: {field}")]
    Malformed {
        /// The record's name, such as `avcC`.
        record: &'static str,
        /// The field that is missing or impossible.
        field: &'static str,
    },
}

fn malformed(record: &'static str, field: &'static str) -> ConfigError {
    ConfigError::Malformed { record, field }
}

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureSize {
    /// Width in pixels, 1 to 32768.
    pub width: u32,
    /// Height in pixels, 1 to 32768.
    pub height: u32,
}

impl PictureSize {
    /// A size within the believable range.
    fn new(width: u32, height: u32) -> Option<Self> {
        let possible = 1..=MAX_DIMENSION;
        (possible.contains(&width) && possible.contains(&height)).then_some(Self { width, height })
    }
}

/// The configuration of one codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodecConfig {
    /// H.264, from an avcC record.
    Avc(AvcConfig),
    /// H.265, from an hvcC record.
    Hevc(HevcConfig),
    /// AV1, from an av1C record.
    Av1(Av1Config),
    /// VP9, from a vpcC record.
    Vp9(Vp9Config),
    /// AAC, from an AudioSpecificConfig.
    Aac(AacConfig),
    /// Opus, from an identification header.
    Opus(OpusConfig),
    /// FLAC, from a STREAMINFO block.
    Flac(FlacConfig),
    /// MP3, from the header of any frame.
    Mp3(Mp3Config),
}

impl CodecConfig {
    /// Reads the record of `codec`. For MP3, which has none, `record` is a frame.
    ///
    /// # Errors
    /// [`ConfigError::Unsupported`] for codecs without a configuration here, [`ConfigError::Malformed`] for
    /// hostile or cut records.
    pub fn parse(codec: Codec, record: Bytes) -> Result<Self, ConfigError> {
        if codec != Codec::Mp3 && record.len() > MAX_RECORD_BYTES {
            return Err(malformed("record", "longer than 64 KiB"));
        }
        match codec {
            Codec::Avc => AvcConfig::parse(record).map(Self::Avc),
            Codec::Hevc => HevcConfig::parse(record).map(Self::Hevc),
            Codec::Av1 => Av1Config::parse(record).map(Self::Av1),
            Codec::Vp9 => Vp9Config::parse(record).map(Self::Vp9),
            Codec::Aac => AacConfig::parse(record).map(Self::Aac),
            Codec::Opus => OpusConfig::parse(record).map(Self::Opus),
            Codec::Flac => FlacConfig::parse(&record).map(Self::Flac),
            Codec::Mp3 => Mp3Config::parse(&record).map(Self::Mp3),
            other => Err(ConfigError::Unsupported(other)),
        }
    }

    /// The codec's name in a `CODECS` attribute (RFC 6381), such as `avc1.64001f`.
    pub fn codec_string(&self) -> String {
        match self {
            Self::Avc(config) => config.codec_string(),
            Self::Hevc(config) => config.codec_string(),
            Self::Av1(config) => config.codec_string(),
            Self::Vp9(config) => config.codec_string(),
            Self::Aac(config) => config.codec_string(),
            Self::Opus(_) => "opus".to_owned(),
            Self::Flac(_) => "fLaC".to_owned(),
            Self::Mp3(config) => config.codec_string(),
        }
    }

    /// The track that carries this codec.
    pub fn track(&self) -> Track {
        match self {
            Self::Avc(_) | Self::Hevc(_) | Self::Av1(_) | Self::Vp9(_) => Track::Video,
            Self::Aac(_) | Self::Opus(_) | Self::Flac(_) | Self::Mp3(_) => Track::Audio,
        }
    }

    /// Size of the picture, once known. VP9 records never say it and AV1 records may omit it: then a
    /// keyframe tells, see [`CodecConfig::learn_picture_size`].
    pub fn picture_size(&self) -> Option<PictureSize> {
        match self {
            Self::Avc(config) => Some(config.size),
            Self::Hevc(config) => Some(config.size),
            Self::Av1(config) => config.size,
            Self::Vp9(config) => config.size,
            _ => None,
        }
    }

    /// Takes the picture size from the body of a keyframe where the record left it open.
    pub fn learn_picture_size(&mut self, keyframe: &[u8]) {
        match self {
            Self::Av1(config) if config.size.is_none() => config.size = av1::picture_size(keyframe),
            Self::Vp9(config) if config.size.is_none() => config.size = vp9::picture_size(keyframe),
            _ => {}
        }
    }

    /// Samples per second and channels that a listener gets.
    pub fn sound(&self) -> Option<(u32, u32)> {
        match self {
            Self::Aac(config) => Some((config.output_rate, config.channels)),
            Self::Opus(config) => Some((opus::SAMPLE_RATE, u32::from(config.channels))),
            Self::Flac(config) => Some((config.sample_rate, config.channels)),
            Self::Mp3(config) => Some((config.sample_rate, config.channels)),
            _ => None,
        }
    }

    /// Ticks per second of the clock in which [`CodecConfig::packet_samples`] counts.
    pub fn sample_clock(&self) -> Option<u32> {
        match self {
            Self::Aac(config) => Some(config.core_rate),
            other => other.sound().map(|(rate, _)| rate),
        }
    }

    /// How long the sound packet `body` plays, in ticks of [`CodecConfig::sample_clock`].
    pub fn packet_samples(&self, body: &[u8]) -> Option<u32> {
        match self {
            Self::Aac(config) => Some(config.frame_samples),
            Self::Opus(_) => opus::packet_samples(body),
            Self::Flac(config) => flac::frame_samples(body).or(config.fixed_block_size()),
            Self::Mp3(config) => Some(config.frame_samples),
            _ => None,
        }
    }
}

/// One track of a stream, described for playlists and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackConfig {
    /// Picture or sound.
    pub track: Track,
    /// The codec and its configuration.
    pub codec: CodecConfig,
    /// RFC 6381 codec string.
    pub codec_string: String,
    /// Picture width in pixels, where known.
    pub width: Option<u32>,
    /// Picture height in pixels, where known.
    pub height: Option<u32>,
    /// Samples per second.
    pub sample_rate: Option<u32>,
    /// Audio channels.
    pub channels: Option<u32>,
}

impl TrackConfig {
    /// The configuration that `frame` carries: that of a sequence header, or of any MP3 frame; `None` when
    /// the frame carries none. Secondary tracks of a multitrack tag carry none here.
    ///
    /// # Errors
    /// When there is a configuration but it is hostile, cut off, or of a codec that is not known here.
    pub fn from_frame(frame: &Frame) -> Result<Option<Self>, ConfigError> {
        if frame.track == Track::Data {
            return Ok(None);
        }
        let tag = flv::parse(frame.track, &frame.payload)?;
        let tells = tag.packet == Packet::SequenceStart
            || (tag.codec == Codec::Mp3 && tag.packet == Packet::CodedFrames);
        if !tells || tag.track_id != 0 {
            return Ok(None);
        }
        CodecConfig::parse(tag.codec, frame.payload.slice(tag.body)).map(Self::from).map(Some)
    }
}

impl From<CodecConfig> for TrackConfig {
    fn from(codec: CodecConfig) -> Self {
        let size = codec.picture_size();
        let sound = codec.sound();
        Self {
            track: codec.track(),
            codec_string: codec.codec_string(),
            width: size.map(|size| size.width),
            height: size.map(|size| size.height),
            sample_rate: sound.map(|(rate, _)| rate),
            channels: sound.map(|(_, channels)| channels),
            codec,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FrameKind;

    const CODECS: [Codec; 9] = [
        Codec::Avc,
        Codec::Hevc,
        Codec::Av1,
        Codec::Vp9,
        Codec::Aac,
        Codec::Opus,
        Codec::Flac,
        Codec::Mp3,
        Codec::Vvc,
    ];

    fn frame(track: Track, payload: &'static [u8]) -> Frame {
        let kind = flv::classify(track, payload);
        Frame { track, kind, timestamp_ms: 0, payload: Bytes::from_static(payload) }
    }

    #[test]
    fn a_sequence_header_describes_its_track() {
        let config = TrackConfig::from_frame(&frame(Track::Audio, &[0xaf, 0, 0x12, 0x10])).unwrap().unwrap();
        assert_eq!(config.codec_string, "mp4a.40.2");
        assert_eq!((config.sample_rate, config.channels), (Some(44_100), Some(2)));
        assert_eq!((config.width, config.track), (None, Track::Audio));
    }

    #[test]
    fn media_and_script_data_carry_no_configuration() {
        assert_eq!(TrackConfig::from_frame(&frame(Track::Audio, &[0xaf, 1, 0x21])), Ok(None));
        let script = Frame {
            track: Track::Data,
            kind: FrameKind::Header,
            timestamp_ms: 0,
            payload: Bytes::from_static(b"\x02\x00\x0aonMetaData"),
        };
        assert_eq!(TrackConfig::from_frame(&script), Ok(None));
    }

    #[test]
    fn an_unknown_codec_is_named() {
        let error = TrackConfig::from_frame(&frame(Track::Video, b"\x90vvc1\x01")).unwrap_err();
        assert_eq!(error.to_string(), "Vvc is not supported");
    }

    proptest::proptest! {
        #[test]
        fn hostile_records_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            for codec in CODECS {
                if let Ok(mut config) = CodecConfig::parse(codec, Bytes::copy_from_slice(&bytes)) {
                    config.learn_picture_size(&bytes);
                    let _ = (config.codec_string(), config.packet_samples(&bytes), config.sample_clock());
                }
            }
            let _ = (av1::picture_size(&bytes), vp9::picture_size(&bytes));
            let _ = (opus::packet_samples(&bytes), flac::frame_samples(&bytes));
        }
    }
}
