//! FLV tag bodies as RTMP carries them: legacy tags (Adobe FLV 10.1, Annex E.4.2 and E.4.3) and the
//! extended headers of Enhanced RTMP v2.
//!
//! A parsed [`Tag`] borrows nothing and copies nothing: it says where in the payload the codec's own bytes
//! lie. Of a tag with several tracks (Enhanced RTMP "multitrack") the track with id 0 is described, which
//! the specification names the default; other tracks pass through the house unseen.

mod audio;
mod extended;
mod reader;
mod video;

use std::ops::Range;

use crate::{FrameKind, Track};

/// Why a tag body is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FlvError {
    /// The payload ends before its header does.
    #[error("the tag ends at byte {length}, inside its {field}")]
    Truncated {
        /// What was being read.
        field: &'static str,
        /// Length of the payload.
        length: usize,
    },
    /// The tag belongs to the data track, which carries no codec.
    #[error("script data is not a media tag")]
    ScriptData,
    /// The multitrack type is none of the specified three.
    #[error("multitrack type {0} is reserved")]
    MultitrackReserved(u8),
    /// A packet type inside a multitrack or ModEx wrapper that cannot stand there.
    #[error("packet type {0} cannot stand inside an Enhanced RTMP wrapper")]
    Nested(u8),
}

/// The codec that a tag names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// H.264.
    Avc,
    /// H.265.
    Hevc,
    /// H.266.
    Vvc,
    /// AV1.
    Av1,
    /// VP8.
    Vp8,
    /// VP9.
    Vp9,
    /// AAC of any object type.
    Aac,
    /// MPEG-1 and MPEG-2 audio layer III.
    Mp3,
    /// Opus.
    Opus,
    /// FLAC.
    Flac,
    /// Dolby AC-3.
    Ac3,
    /// Dolby E-AC-3.
    Eac3,
    /// Another `CodecID` of FLV E.4.3.1, such as 2 for Sorenson H.263.
    LegacyVideo(u8),
    /// Another `SoundFormat` of FLV E.4.2.1, such as 11 for Speex.
    LegacyAudio(u8),
    /// Another FourCC of an extended header.
    FourCc([u8; 4]),
}

/// What a tag carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Packet {
    /// The codec's configuration record.
    SequenceStart,
    /// Coded pictures or sound.
    CodedFrames,
    /// The end of a sequence; no body.
    SequenceEnd,
    /// AMF-encoded metadata such as `colorInfo`.
    Metadata,
    /// Speaker layout of the sound that follows.
    MultichannelConfig,
    /// A video command (frame type 5: seek markers); no codec data.
    Command,
    /// A packet type without meaning here.
    Other(u8),
}

/// What one tag body holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its codec.
    pub codec: Codec,
    /// What it carries.
    pub packet: Packet,
    /// Whether a picture decodes alone. Always false for sound.
    pub is_keyframe: bool,
    /// Presentation time minus decode time in milliseconds (SI24, so within ±8 388 608).
    pub composition_offset_ms: i32,
    /// To be added to the presentation time, in nanoseconds (ModEx `TimestampOffsetNano`, below 1 ms).
    pub nanosecond_offset: u32,
    /// Track id inside a multitrack tag; 0 otherwise.
    pub track_id: u8,
    /// Where in the payload the codec's bytes lie.
    pub body: Range<usize>,
}

/// Describes the tag body `payload` of `track`.
///
/// # Errors
/// [`FlvError`] when the header is cut off or contradicts itself. An unknown codec is not an error.
pub fn parse(track: Track, payload: &[u8]) -> Result<Tag, FlvError> {
    match track {
        Track::Video => video::parse(payload),
        Track::Audio => audio::parse(payload),
        Track::Data => Err(FlvError::ScriptData),
    }
}

/// What the tag body `payload` is to a reader that joins or skips. Never fails: what is not understood is
/// [`FrameKind::Delta`], and so is everything of a secondary track, because a reader keeps one header a
/// track and must not take the second camera's for the first's.
pub fn classify(track: Track, payload: &[u8]) -> FrameKind {
    if track == Track::Data {
        return if is_on_metadata(payload) { FrameKind::Header } else { FrameKind::Delta };
    }
    match parse(track, payload) {
        Ok(Tag { packet: Packet::SequenceStart, track_id: 0, .. }) => FrameKind::Header,
        Ok(Tag { packet: Packet::CodedFrames, track_id: 0, is_keyframe: true, .. }) => FrameKind::Key,
        _ => FrameKind::Delta,
    }
}

/// AMF0: marker 2 (string), UI16 length, text.
fn is_on_metadata(payload: &[u8]) -> bool {
    payload.starts_with(b"\x02\x00\x0aonMetaData")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(track: Track, bytes: &[u8]) -> FrameKind {
        classify(track, bytes)
    }

    #[test]
    fn legacy_avc_tags_are_told_apart() {
        assert_eq!(kind(Track::Video, &[0x17, 0, 0, 0, 0, 1, 0x64]), FrameKind::Header);
        assert_eq!(kind(Track::Video, &[0x17, 1, 0, 0, 80, 0, 0, 0, 1]), FrameKind::Key);
        assert_eq!(kind(Track::Video, &[0x27, 1, 0, 0, 80, 0, 0, 0, 1]), FrameKind::Delta);
        assert_eq!(kind(Track::Video, &[0x17, 2, 0, 0, 0]), FrameKind::Delta);
    }

    #[test]
    fn a_legacy_composition_offset_is_signed() {
        let tag = parse(Track::Video, &[0x27, 1, 0xff, 0xff, 0xd8, 9, 9]).unwrap();
        assert_eq!(tag.composition_offset_ms, -40);
        assert_eq!(tag.body, 5..7);
        assert_eq!(tag.codec, Codec::Avc);
    }

    #[test]
    fn legacy_sound_is_told_apart() {
        assert_eq!(kind(Track::Audio, &[0xaf, 0, 0x12, 0x10]), FrameKind::Header);
        assert_eq!(kind(Track::Audio, &[0xaf, 1, 0x21]), FrameKind::Delta);
        let mp3 = parse(Track::Audio, &[0x2f, 0xff, 0xfb]).unwrap();
        assert_eq!((mp3.codec, mp3.packet, mp3.body), (Codec::Mp3, Packet::CodedFrames, 1..3));
        let speex = parse(Track::Audio, &[0xb2, 1]).unwrap();
        assert_eq!(speex.codec, Codec::LegacyAudio(11));
    }

    #[test]
    fn extended_hevc_tags_carry_an_offset_only_in_coded_frames() {
        assert_eq!(kind(Track::Video, b"\x90hvc1\x01"), FrameKind::Header);
        let coded = parse(Track::Video, b"\x91hvc1\x00\x00\x21abc").unwrap();
        assert_eq!((coded.codec, coded.packet, coded.is_keyframe), (Codec::Hevc, Packet::CodedFrames, true));
        assert_eq!((coded.composition_offset_ms, coded.body), (33, 8..11));
        let coded_x = parse(Track::Video, b"\xa3hvc1abc").unwrap();
        assert_eq!((coded_x.is_keyframe, coded_x.composition_offset_ms, coded_x.body), (false, 0, 5..8));
    }

    #[test]
    fn extended_av1_tags_have_no_offset() {
        let tag = parse(Track::Video, b"\x91av01abc").unwrap();
        assert_eq!((tag.codec, tag.body), (Codec::Av1, 5..8));
        assert_eq!(kind(Track::Video, b"\x94av01\x02"), FrameKind::Delta, "metadata is no header");
    }

    #[test]
    fn extended_sound_is_told_apart() {
        assert_eq!(kind(Track::Audio, b"\x90OpusOpusHead"), FrameKind::Header);
        let tag = parse(Track::Audio, b"\x91fLaCxyz").unwrap();
        assert_eq!((tag.codec, tag.packet, tag.body), (Codec::Flac, Packet::CodedFrames, 5..8));
        let layout = parse(Track::Audio, b"\x94mp4a\x01\x02").unwrap();
        assert_eq!(layout.packet, Packet::MultichannelConfig);
    }

    #[test]
    fn nanosecond_offsets_are_read_and_unwrapped() {
        // ModEx of 3 bytes (size - 1 = 2), then type 0 (nanoseconds) and packet type 1 (coded frames).
        let tag = parse(Track::Video, b"\x97\x02\x01\x86\xa0\x01av01abc").unwrap();
        assert_eq!((tag.nanosecond_offset, tag.packet, tag.body), (100_000, Packet::CodedFrames, 10..13));
        // The long form: 255 + 1 = 256 announces a UI16 of size - 1.
        let mut long = vec![0x97, 0xff, 0x00, 0x02, 0, 0, 7, 0x01];
        long.extend_from_slice(b"av01z");
        let tag = parse(Track::Video, &long).unwrap();
        assert_eq!((tag.nanosecond_offset, tag.body), (7, 12..13));
    }

    #[test]
    fn of_many_tracks_the_default_one_is_described() {
        let one = parse(Track::Video, b"\x96\x00av01\x03abc").unwrap();
        assert_eq!((one.packet, one.track_id, one.body), (Packet::SequenceStart, 3, 7..10));
        assert_eq!(kind(Track::Video, b"\x96\x00av01\x03abc"), FrameKind::Delta);
        let many = parse(Track::Video, b"\x96\x11av01\x01\x00\x00\x02XX\x00\x00\x00\x03abc").unwrap();
        assert_eq!((many.track_id, many.body), (0, 16..19));
        let codecs = parse(Track::Audio, b"\x95\x21Opus\x01\x00\x00\x01XmP4a\x00\x00\x00\x01Y").unwrap();
        assert_eq!((codecs.codec, codecs.track_id), (Codec::FourCc(*b"mP4a"), 0));
    }

    #[test]
    fn a_cut_header_names_the_field() {
        let error = parse(Track::Video, &[0x17, 1, 0]).unwrap_err();
        assert_eq!(error.to_string(), "the tag ends at byte 3, inside its composition time offset");
        assert_eq!(kind(Track::Video, &[]), FrameKind::Delta);
        assert_eq!(kind(Track::Audio, b"\x90Op"), FrameKind::Delta);
    }

    #[test]
    fn video_commands_are_no_pictures() {
        let tag = parse(Track::Video, &[0x57, 0]).unwrap();
        assert_eq!(tag.packet, Packet::Command);
        assert_eq!(parse(Track::Video, &[0xd1, 0]).unwrap().packet, Packet::Command);
    }

    #[test]
    fn on_metadata_is_the_header_of_the_data_track() {
        assert_eq!(kind(Track::Data, b"\x02\x00\x0aonMetaData\x08"), FrameKind::Header);
        assert_eq!(kind(Track::Data, b"\x02\x00\x09onCuePoint\x08"), FrameKind::Delta);
    }

    proptest::proptest! {
        #[test]
        fn hostile_bytes_never_panic_and_bodies_stay_inside(bytes: Vec<u8>, first in 0x80u8..0xff) {
            let mut extended = vec![first];
            extended.extend_from_slice(&bytes);
            for payload in [&bytes, &extended] {
                for track in [Track::Video, Track::Audio, Track::Data] {
                    let _ = classify(track, payload);
                    if let Ok(tag) = parse(track, payload) {
                        proptest::prop_assert!(payload.get(tag.body).is_some());
                    }
                }
            }
        }
    }
}
